/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include "sddl.h"

#include "banned.h"

/* Calls that look at a token and change nothing. */

enum class {
	TOKEN_USER = 1,
	TOKEN_GROUPS = 2,
	TOKEN_PRIVILEGES = 3,
	TOKEN_OWNER = 4,
	TOKEN_PRIMARY_GROUP = 5,
	TOKEN_DEFAULT_DACL = 6,
	TOKEN_TYPE = 8,
	TOKEN_IMPERSONATION_LEVEL = 9,
	TOKEN_STATISTICS = 10,
	TOKEN_RESTRICTED_SIDS = 11,
	TOKEN_SESSION_ID = 12,
	TOKEN_SANDBOX_INERT = 15,
	TOKEN_ORIGIN = 17,
	TOKEN_ELEVATION_TYPE = 18,
	TOKEN_LINKED_TOKEN = 19,
	TOKEN_ELEVATION = 20,
	TOKEN_HAS_RESTRICTIONS = 21,
	TOKEN_INTEGRITY_LEVEL = 25,
	TOKEN_MANDATORY_POLICY = 27,
	TOKEN_LOGON_SID = 28,
	TOKEN_IS_APP_CONTAINER = 29,
	TOKEN_CAPABILITIES = 30,
	TOKEN_APP_CONTAINER_SID = 31,
	TOKEN_IS_RESTRICTED = 40,
};

static struct gu_value text_value(const char *s)
{
	return (struct gu_value){ .type = GU_V_STR,
				  .str = { .p = s, .len = strlen(s) } };
}

static struct gu_value number(uint64_t v)
{
	return (struct gu_value){ .type = GU_V_UINT, .u = v };
}

/* A table of two fields, in the call's arena; false: no memory. */
static bool pair(struct m_ctx *c, struct gu_value *out, const char *name,
		 struct gu_value value, uint32_t attributes)
{
	struct gu_field *f = gu_arena_alloc(c->call->arena, 2 * sizeof(*f));

	if (!f) {
		return false;
	}
	f[0] = (struct gu_field){ .name = name, .value = value };
	f[1] = (struct gu_field){ .name = "attributes",
				  .value = number(attributes) };
	*out = (struct gu_value){ .type = GU_V_TABLE, .count = 2, .fields = f };
	return true;
}

static enum gu_rc
set_list(struct m_ctx *c, const struct gu_value *list, size_t count)
{
	c->call->out.value = (struct gu_value){ .type = GU_V_LIST,
						.count = (uint32_t)count,
						.list = list };
	return GU_RC_OK;
}

static enum gu_rc set_sid(struct m_ctx *c, const struct gu_sid *sid)
{
	const struct m_principal *p = m_principal(c->w, sid);

	if (!p) {
		return gu_err_nomem(c->err);
	}
	m_set_str(c, p->text);
	return GU_RC_OK;
}

static enum gu_rc
set_groups(struct m_ctx *c, const struct gu_group *groups, size_t count)
{
	struct gu_value *list =
		gu_arena_alloc(c->call->arena, (count + 1) * sizeof(*list));

	if (!list) {
		return gu_err_nomem(c->err);
	}
	for (size_t i = 0; i < count; i++) {
		const struct m_principal *p = m_principal(c->w, &groups[i].sid);

		if (!p || !pair(c, &list[i], "sid", text_value(p->text),
				groups[i].attributes)) {
			return gu_err_nomem(c->err);
		}
	}
	return set_list(c, list, count);
}

/* ENABLED_BY_DEFAULT 1, ENABLED 2. */
static uint32_t priv_attributes(const struct gu_token *t, uint32_t luid)
{
	uint64_t bit = GU_PRIV_BIT(luid);

	return (t->default_enabled & bit ? 1u : 0u) |
	       (t->enabled & bit ? 2u : 0u);
}

static enum gu_rc set_privileges(struct m_ctx *c, const struct gu_token *t)
{
	struct gu_value *list =
		gu_arena_alloc(c->call->arena, GU_PRIV_COUNT * sizeof(*list));
	size_t n = 0;

	if (!list) {
		return gu_err_nomem(c->err);
	}
	for (uint32_t luid = 0; luid < GU_PRIV_COUNT; luid++) {
		const char *name = gu_priv_name(luid);

		if (!name || !(t->present & GU_PRIV_BIT(luid))) {
			continue;
		}
		if (!pair(c, &list[n++], "name", text_value(name),
			  priv_attributes(t, luid))) {
			return gu_err_nomem(c->err);
		}
	}
	return set_list(c, list, n);
}

static enum gu_rc set_dacl(struct m_ctx *c, const struct gu_token *t)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf text = GU_BUF_INIT;
	enum gu_rc rc;

	if (!t->has_default_dacl) {
		return GU_RC_OK;
	}
	sd.control = GU_SE_DACL_PRESENT;
	rc = gu_acl_copy(&sd.dacl, &t->default_dacl, c->err);
	if (!rc) {
		gu_sddl_format(&sd, GU_SECINFO_DACL, &c->w->machine, &text);
		rc = gu_buf_check(&text, c->err);
	}
	if (!rc) {
		rc = m_set_text(c, text.data, text.len);
	}
	gu_buf_release(&text);
	gu_sd_release(&sd);
	return rc;
}

static uint32_t count_bits(uint64_t v)
{
	uint32_t n = 0;

	for (; v; v &= v - 1) {
		n++;
	}
	return n;
}

static enum gu_rc set_statistics(struct m_ctx *c, const struct gu_token *t)
{
	const struct gu_field fields[] = {
		{ "token_id", number(t->token_id) },
		{ "auth_id", number(t->auth_id) },
		{ "modified_id", number(t->modified_id) },
		{ "type", number(t->type) },
		{ "level", number(t->level) },
		{ "group_count", number(t->group_count) },
		{ "privilege_count", number(count_bits(t->present)) },
	};
	struct gu_field *copy = gu_arena_alloc(c->call->arena, sizeof(fields));

	if (!copy) {
		return gu_err_nomem(c->err);
	}
	memcpy(copy, fields, sizeof(fields));
	c->call->out.value = (struct gu_value){
		.type = GU_V_TABLE,
		.count = sizeof(fields) / sizeof(fields[0]),
		.fields = copy,
	};
	return GU_RC_OK;
}

/* The other half, as a new token each time: to look at, unless the caller is
 * part of the system. */
static enum gu_rc
set_linked(struct m_ctx *c, const struct m_token *t, uint32_t *nt)
{
	bool tcb = gu_token_has_priv(c->thread->process->primary->data,
				     GU_PRIV_Tcb);
	struct m_token *copy;
	enum gu_rc rc;

	if (!t->linked) {
		*nt = GU_NT_NO_SUCH_LOGON_SESSION;
		return GU_RC_OK;
	}
	rc = m_token_duplicate(c->w, t->linked,
			       tcb ? GU_TOKEN_PRIMARY : GU_TOKEN_IMPERSONATION,
			       GU_LEVEL_IDENTIFICATION, false, &copy, c->err);
	if (!rc) {
		rc = m_answer_handle(c, &copy->obj, GU_TOKEN_ALL_ACCESS);
		m_object_unref(c->w, &copy->obj);
	}
	return rc;
}

static enum gu_rc
set_logon_sid(struct m_ctx *c, const struct gu_token *t, uint32_t *nt)
{
	const uint32_t logon = (uint32_t)GU_GROUP_LOGON_ID;

	for (size_t i = 0; i < t->group_count; i++) {
		if ((t->groups[i].attributes & logon) == logon) {
			return set_sid(c, &t->groups[i].sid);
		}
	}
	*nt = GU_NT_NOT_FOUND;
	return GU_RC_OK;
}

/* Anything that makes it less than a full token of its user. */
static bool has_restrictions(const struct gu_token *t)
{
	bool deny_only = t->user_deny_only;

	for (size_t i = 0; i < t->group_count; i++) {
		deny_only |=
			(t->groups[i].attributes & GU_GROUP_DENY_ONLY) != 0;
	}
	return deny_only || gu_token_is_restricted(t);
}

/* Classes whose value is one number; false: another kind. */
static bool
number_class(const struct gu_token *t, uint32_t class, uint64_t *out)
{
	switch (class) {
	case TOKEN_TYPE:
		*out = t->type;
		return true;
	case TOKEN_SESSION_ID:
		*out = t->session;
		return true;
	case TOKEN_SANDBOX_INERT:
		*out = (t->flags & GU_TOKEN_SANDBOX_INERT) != 0;
		return true;
	case TOKEN_ORIGIN:
		*out = t->origin_auth_id;
		return true;
	case TOKEN_ELEVATION_TYPE:
		*out = t->elevation ? t->elevation : GU_ELEVATION_DEFAULT;
		return true;
	case TOKEN_ELEVATION:
		*out = t->elevation == GU_ELEVATION_FULL;
		return true;
	case TOKEN_HAS_RESTRICTIONS:
		*out = has_restrictions(t);
		return true;
	case TOKEN_INTEGRITY_LEVEL:
		*out = t->integrity;
		return true;
	case TOKEN_MANDATORY_POLICY:
		*out = t->policy;
		return true;
	case TOKEN_IS_APP_CONTAINER:
		*out = gu_sid_is_set(&t->package);
		return true;
	case TOKEN_IS_RESTRICTED:
		*out = gu_token_is_restricted(t);
		return true;
	}
	return false;
}

static enum gu_rc set_class(struct m_ctx *c, const struct m_token *token,
			    uint32_t class, uint32_t *nt)
{
	const struct gu_token *t = token->data;

	switch (class) {
	case TOKEN_USER:
		return set_sid(c, &t->user);
	case TOKEN_GROUPS:
		return set_groups(c, t->groups, t->group_count);
	case TOKEN_PRIVILEGES:
		return set_privileges(c, t);
	case TOKEN_OWNER:
		return set_sid(c, &t->owner);
	case TOKEN_PRIMARY_GROUP:
		return set_sid(c, &t->primary_group);
	case TOKEN_DEFAULT_DACL:
		return set_dacl(c, t);
	case TOKEN_STATISTICS:
		return set_statistics(c, t);
	case TOKEN_RESTRICTED_SIDS:
		return set_groups(c, t->restricted, t->restricted_count);
	case TOKEN_LINKED_TOKEN:
		return set_linked(c, token, nt);
	case TOKEN_LOGON_SID:
		return set_logon_sid(c, t, nt);
	case TOKEN_CAPABILITIES:
		return set_groups(c, t->capabilities, t->capability_count);
	case TOKEN_APP_CONTAINER_SID:
		return gu_sid_is_set(&t->package) ? set_sid(c, &t->package)
						  : GU_RC_OK;
	case TOKEN_IMPERSONATION_LEVEL:
		if (t->type == GU_TOKEN_IMPERSONATION) {
			m_set_uint(c, t->level);
			return GU_RC_OK;
		}
		break;
	}
	*nt = GU_NT_INVALID_INFO_CLASS;
	return GU_RC_OK;
}

enum gu_rc m_fn_GetTokenInformation(struct m_ctx *c)
{
	uint32_t class = m_uint(c, 1, 0);
	struct m_object *obj;
	uint64_t v;
	uint32_t nt = m_reference(c, 0, GU_OBJ_token, TOKEN_QUERY, &obj, NULL);
	enum gu_rc rc = GU_RC_OK;

	if (nt) {
		return m_answer_nt(c, nt);
	}
	if (number_class(((struct m_token *)obj)->data, class, &v)) {
		m_set_uint(c, v);
	} else {
		rc = set_class(c, (struct m_token *)obj, class, &nt);
	}
	return rc ? rc : m_answer_nt(c, nt);
}

/* The identity is in every outcome; the value adds what it holds, as
 * GetTokenInformation tells it, but of the token in effect and without opening
 * that. */
enum gu_rc m_fn_whoami(struct m_ctx *c)
{
	const struct gu_token *t = m_effective(c->thread)->data;
	struct gu_value *value = &c->call->out.value;
	struct gu_field *f = gu_arena_alloc(c->call->arena, 2 * sizeof(*f));
	enum gu_rc rc;

	if (!f) {
		return gu_err_nomem(c->err);
	}
	rc = set_groups(c, t->groups, t->group_count);
	if (rc) {
		return rc;
	}
	f[0] = (struct gu_field){ .name = "groups", .value = *value };
	rc = set_privileges(c, t);
	if (rc) {
		return rc;
	}
	f[1] = (struct gu_field){ .name = "privileges", .value = *value };
	*value = (struct gu_value){ .type = GU_V_TABLE,
				    .count = 2,
				    .fields = f };
	return m_answer_ok(c);
}

/* Membership is an access check on a descriptor that grants to that SID
 * alone: deny-only SIDs do not count, and restricting SIDs must agree. */
static bool is_member(const struct gu_token *t, const struct gu_sid *sid)
{
	if (!gu_token_has_sid(t, sid, false)) {
		return false;
	}
	if (!gu_token_is_restricted(t)) {
		return true;
	}
	for (size_t i = 0; i < t->restricted_count; i++) {
		if (gu_sid_equal(&t->restricted[i].sid, sid)) {
			return true;
		}
	}
	return false;
}

enum gu_rc m_fn_CheckTokenMembership(struct m_ctx *c)
{
	const struct gu_token *t = m_effective(c->thread)->data;
	struct gu_sid sid;
	struct m_object *obj;
	uint32_t nt = GU_NT_SUCCESS;
	enum gu_rc rc = m_sid(c, m_arg(c, 1), &sid);

	if (rc) {
		return rc;
	}
	if (m_has(c, 0)) {
		nt = m_reference(c, 0, GU_OBJ_token, TOKEN_QUERY, &obj, NULL);
		t = nt ? t : ((struct m_token *)obj)->data;
		if (!nt && t->type == GU_TOKEN_PRIMARY) {
			nt = GU_NT_NO_IMPERSONATION_TOKEN;
		} else if (!nt && t->level == GU_LEVEL_ANONYMOUS) {
			nt = GU_NT_BAD_IMPERSONATION_LEVEL;
		}
	} else if (c->thread->slot.token && t->level == GU_LEVEL_ANONYMOUS) {
		/* It opens the thread's token. */
		nt = GU_NT_CANT_OPEN_ANONYMOUS;
	}
	if (!nt) {
		m_set_bool(c, is_member(t, &sid));
	}
	return m_answer_nt(c, nt);
}

enum gu_rc m_fn_PrivilegeCheck(struct m_ctx *c)
{
	gu_privset asked = m_arg(c, 1)->u;
	const struct gu_token *t;
	struct m_object *obj;
	uint32_t nt = m_reference(c, 0, GU_OBJ_token, TOKEN_QUERY, &obj, NULL);

	if (nt) {
		return m_answer_nt(c, nt);
	}
	t = ((struct m_token *)obj)->data;
	if (t->type == GU_TOKEN_IMPERSONATION &&
	    t->level == GU_LEVEL_ANONYMOUS) {
		return m_answer_nt(c, GU_NT_BAD_IMPERSONATION_LEVEL);
	}
	m_set_bool(c, (asked & ~t->enabled) == 0);
	return m_answer_ok(c);
}

/* The checks that AccessCheck makes before it looks at the descriptor's ACL,
 * in its order. */
static uint32_t access_check_shell(struct m_ctx *c, uint32_t desired,
				   const struct gu_sd *sd,
				   const struct gu_token **token)
{
	struct m_object *obj;
	uint32_t nt;

	if (desired & GU_GENERIC_BITS) {
		return GU_NT_GENERIC_NOT_MAPPED;
	}
	nt = m_reference(c, 1, GU_OBJ_token, TOKEN_QUERY, &obj, NULL);
	if (nt) {
		return nt;
	}
	*token = ((struct m_token *)obj)->data;
	if ((*token)->type != GU_TOKEN_IMPERSONATION) {
		return GU_NT_NO_IMPERSONATION_TOKEN;
	}
	if ((*token)->level == GU_LEVEL_ANONYMOUS) {
		return GU_NT_BAD_IMPERSONATION_LEVEL;
	}
	if (!gu_sid_is_set(&sd->owner) || !gu_sid_is_set(&sd->group)) {
		return GU_NT_INVALID_SECURITY_DESCR;
	}
	return GU_NT_SUCCESS;
}

/* The decision is the answer of a call that succeeded. */
static enum gu_rc answer_decision(struct m_ctx *c,
				  const struct gu_access_result *result,
				  uint32_t desired)
{
	struct gu_decision *d = &c->call->out.decision;
	struct gu_field *f = gu_arena_alloc(c->call->arena, 2 * sizeof(*f));

	if (!f) {
		return gu_err_nomem(c->err);
	}
	f[0] = (struct gu_field){ .name = "access_status",
				  .value = { .type = GU_V_BOOL,
					     .b = result->granted } };
	f[1] = (struct gu_field){ .name = "granted",
				  .value = number(result->mask) };
	c->call->out.value = (struct gu_value){ .type = GU_V_TABLE,
						.count = 2,
						.fields = f };
	d->made = true;
	d->type = GU_OBJ_file;
	d->asked = desired;
	d->granted = result->mask;
	d->reason = result->reason;
	return m_answer_ok_with(c, gu_ntstatus_to_win32(result->status));
}

enum gu_rc m_fn_AccessCheck(struct m_ctx *c)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_request request = {
		.sd = &sd,
		.map = &gu_objtype_row(GU_OBJ_file)->map,
		.desired = m_uint(c, 2, 0),
	};
	struct gu_access_result result;
	uint32_t nt;
	enum gu_rc rc = gu_sddl_parse(&sd, m_str(c, 0), &c->w->machine, c->err);

	if (rc) {
		return rc;
	}
	nt = access_check_shell(c, request.desired, &sd, &request.token);
	if (nt) {
		rc = m_answer_nt(c, nt);
	} else {
		gu_access_check(&request, &result);
		m_rest_on(c, request.token, &sd, request.desired, 0);
		m_rest_keep(c, &sd);
		rc = answer_decision(c, &result, request.desired);
	}
	gu_sd_release(&sd);
	return rc;
}
