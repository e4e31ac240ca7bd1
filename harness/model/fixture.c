/* SPDX-License-Identifier: MIT */
#include "account.h"

#include "sddl.h"

#include "open.h"
#include "process.h"
#include "tokens.h"

#include "banned.h"

/* What scenarios set up. Made by the harness: no access is checked. */

/* An SDDL argument; `out` is empty when it was left out. */
static enum gu_rc sddl_arg(struct m_ctx *c, size_t arg, struct gu_sd *out)
{
	const char *text = m_str(c, arg);

	*out = (struct gu_sd)GU_SD_INIT;
	return text ? gu_sddl_parse(out, text, &c->w->machine, c->err)
		    : GU_RC_OK;
}

static struct m_process *process_arg(struct m_ctx *c, size_t arg)
{
	struct m_object *obj = m_object_of(c->w, m_ref(c, arg));

	return obj && obj->type == GU_OBJ_process ? (struct m_process *)obj
						  : NULL;
}

static enum gu_rc need(struct m_ctx *c, const char *arg, const char *what)
{
	return gu_err_set(c->err, GU_RC_USAGE, "%s: \"%s\" must be %s",
			  gu_fn_row(c->call->fn)->name, arg, what);
}

static enum gu_rc
logon_token(struct m_ctx *c, struct m_account *a, struct m_token **out)
{
	const struct m_logon how = {
		.account = a,
		.type = 2,
		.session = m_account_session(c->w, a),
	};

	return m_logon(c->w, &how, out, c->err);
}

/* The primary token of a new process. New. */
static enum gu_rc process_token(struct m_ctx *c, struct m_token **out)
{
	enum { NAME, ACCOUNT, TOKEN };
	struct m_account *a;
	enum gu_rc rc;

	if (m_has(c, TOKEN)) {
		struct m_object *obj = m_object_of(c->w, m_ref(c, TOKEN));

		if (!obj || obj->type != GU_OBJ_token) {
			return need(c, "token", "a token");
		}
		return m_primary_of(c->w, (struct m_token *)obj, out, c->err);
	}
	rc = m_has(c, ACCOUNT) ? m_account_arg(c, m_arg(c, ACCOUNT), &a)
			       : m_account_current(c->w, &a, c->err);
	return rc ? rc : logon_token(c, a, out);
}

enum gu_rc m_fn_process(struct m_ctx *c)
{
	enum { NAME, ACCOUNT, TOKEN, SDDL, JOB_LIMITS };
	struct gu_sd sd;
	struct m_process_desc desc = { .name = m_str(c, NAME), .sd = &sd };
	struct m_process *p;
	enum gu_rc rc = sddl_arg(c, SDDL, &sd);

	if (rc) {
		return rc;
	}
	rc = process_token(c, &desc.primary);
	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	desc.creator = desc.primary->data;
	rc = m_process_new(c, &desc, &p);
	m_object_unref(c->w, &desc.primary->obj);
	if (rc) {
		return rc;
	}
	p->job_limits = m_uint(c, JOB_LIMITS, 0);
	m_token_identity(c->w, p->primary, &c->call->out.identity);
	m_set_ref(c, p->ref);
	return m_answer_ok(c);
}

enum gu_rc m_fn_thread(struct m_ctx *c)
{
	enum { PROCESS, NAME, SDDL };
	struct m_process *p = process_arg(c, PROCESS);
	struct gu_sd sd;
	struct m_thread *t;
	enum gu_rc rc;

	if (!p) {
		return need(c, "process", "a process");
	}
	rc = sddl_arg(c, SDDL, &sd);
	if (!rc) {
		rc = m_thread_new(c, p, m_str(c, NAME), &sd, &t);
	}
	if (rc) {
		return rc;
	}
	m_identity(c->w, t, &c->call->out.identity);
	m_set_ref(c, t->ref);
	return m_answer_ok(c);
}

enum {
	T_ACCOUNT,
	T_TYPE,
	T_LEVEL,
	T_INTEGRITY,
	T_GROUPS,
	T_PRIVILEGES,
	T_ENABLED,
	T_RESTRICT,
	T_DISABLE,
	T_PACKAGE,
	T_CAPABILITIES,
	T_ELEVATION,
	T_ORIGIN,
	T_SESSION_OF,
	T_SDDL,
};

/* The account's own groups make room for those given. */
static enum gu_rc
token_groups(struct m_ctx *c, const struct m_account *a, struct gu_token *t)
{
	size_t first = a->own_groups;
	size_t own = a->token->group_count - first;

	if (!m_has(c, T_GROUPS)) {
		return GU_RC_OK;
	}
	memmove(&t->groups[first], &t->groups[first + own],
		(t->group_count - first - own) * sizeof(t->groups[0]));
	t->group_count -= own;
	return m_add_groups(c, m_arg(c, T_GROUPS), t);
}

/* Windows hashes the name of a package; any numbers that depend on nothing
 * else do. */
static void package_sid(struct gu_sid *out, const char *name)
{
	*out = (struct gu_sid){
		.revision = 1, .authority = 15, .count = 8, .sub = { 2 }
	};
	for (uint32_t i = 1; i < out->count; i++) {
		uint32_t h = 2166136261u + i;

		for (const char *p = name; *p; p++) {
			h = (h ^ (unsigned char)*p) * 16777619u;
		}
		out->sub[i] = h;
	}
}

static enum gu_rc token_container(struct m_ctx *c, struct gu_token *t)
{
	const char *package = m_str(c, T_PACKAGE);
	struct gu_group *list;
	size_t count;
	enum gu_rc rc = m_sids(c, m_arg(c, T_CAPABILITIES), 0, &list, &count);

	for (size_t i = 0; !rc && i < count; i++) {
		rc = gu_token_add_capability(t, &list[i].sid, c->err);
	}
	if (rc || !package) {
		return rc;
	}
	t->integrity = GU_IL_LOW;
	if (gu_sid_parse(&t->package, package, strlen(package), NULL)) {
		package_sid(&t->package, package);
	}
	return GU_RC_OK;
}

/* Restricting and deny-only SIDs: replaces `*t`. */
static enum gu_rc token_filtered(struct m_ctx *c, struct gu_token **t)
{
	struct gu_token_filter filter = { .flags = 0 };
	struct gu_group *list;
	struct gu_sid *restrict_to, *disable;
	struct gu_token *filtered;
	enum gu_rc rc = m_sids(c, m_arg(c, T_RESTRICT), 0, &list,
			       &filter.restrict_count);

	if (!rc) {
		rc = m_bare_sids(c, list, filter.restrict_count, &restrict_to);
	}
	if (!rc) {
		rc = m_sids(c, m_arg(c, T_DISABLE), 0, &list,
			    &filter.disable_count);
	}
	if (!rc) {
		rc = m_bare_sids(c, list, filter.disable_count, &disable);
	}
	if (rc || (!filter.restrict_count && !filter.disable_count)) {
		return rc;
	}
	filter.restrict_to = restrict_to;
	filter.disable = disable;
	rc = gu_token_filter(*t, &filter, &filtered, c->err);
	if (!rc) {
		gu_token_unref(*t);
		*t = filtered;
	}
	return rc;
}

/* In the logon session of a process: its id and its logon SID. */
static void join_session(struct gu_token *t, const struct gu_token *process)
{
	const uint32_t logon = (uint32_t)GU_GROUP_LOGON_ID;

	t->auth_id = process->auth_id;
	for (size_t i = 0; i < t->group_count; i++) {
		if ((t->groups[i].attributes & logon) != logon) {
			continue;
		}
		for (size_t k = 0; k < process->group_count; k++) {
			if ((process->groups[k].attributes & logon) == logon) {
				t->groups[i].sid = process->groups[k].sid;
			}
		}
	}
}

static enum gu_rc token_sessions(struct m_ctx *c, struct gu_token *t)
{
	if (m_has(c, T_ORIGIN)) {
		const struct m_process *p = process_arg(c, T_ORIGIN);

		if (!p) {
			return need(c, "origin", "a process");
		}
		t->origin_auth_id = p->primary->data->auth_id;
	}
	if (m_has(c, T_SESSION_OF)) {
		const struct m_process *p = process_arg(c, T_SESSION_OF);

		if (!p) {
			return need(c, "session_of", "a process");
		}
		join_session(t, p->primary->data);
	}
	return GU_RC_OK;
}

static void token_kind(struct m_ctx *c, struct gu_token *t)
{
	bool impersonation = m_uint(c, T_TYPE,
				    m_has(c, T_LEVEL) ? GU_TOKEN_IMPERSONATION
						      : GU_TOKEN_PRIMARY) ==
			     GU_TOKEN_IMPERSONATION;

	t->type = impersonation ? GU_TOKEN_IMPERSONATION : GU_TOKEN_PRIMARY;
	t->level = impersonation ? (enum gu_level)m_uint(c, T_LEVEL,
							 GU_LEVEL_IMPERSONATION)
				 : GU_LEVEL_ANONYMOUS;
}

/* The fields given, in an order in which none undoes another. */
static enum gu_rc
token_fields(struct m_ctx *c, const struct m_account *a, struct gu_token **data)
{
	struct gu_token *t = *data;
	enum gu_rc rc = token_groups(c, a, t);

	if (!rc) {
		rc = token_container(c, t);
	}
	if (!rc) {
		rc = token_sessions(c, t);
	}
	if (rc) {
		return rc;
	}
	m_set_privileges(t, m_arg(c, T_PRIVILEGES), m_arg(c, T_ENABLED));
	t->integrity = m_uint(c, T_INTEGRITY, t->integrity);
	t->elevation = (enum gu_elevation)m_uint(c, T_ELEVATION, t->elevation);
	token_kind(c, t);
	rc = token_filtered(c, data);
	return rc ? rc : m_pattern_finish(*data, c->err);
}

/* The half of a split logon that is asked for. */
static struct m_token *choose_half(const struct m_ctx *c, struct m_token *base)
{
	bool full = m_uint(c, T_ELEVATION, 0) == GU_ELEVATION_FULL;

	return full && base->linked ? base->linked : base;
}

static enum gu_rc token_make(struct m_ctx *c, const struct m_account *a,
			     const struct m_token *base, struct m_token **out)
{
	struct gu_token *data;
	struct gu_sd sd;
	bool secured = m_has(c, T_SDDL);
	enum gu_rc rc = sddl_arg(c, T_SDDL, &sd);

	if (rc) {
		return rc;
	}
	rc = gu_token_copy(base->data, &data, c->err);
	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	rc = token_fields(c, a, &data);
	if (!rc && secured && !gu_sid_is_set(&sd.owner)) {
		sd.owner = data->owner;
	}
	if (rc) {
		gu_token_unref(data);
		gu_sd_release(&sd);
		return rc;
	}
	data->token_id = 0;
	data->modified_id = 0;
	rc = m_token_new(c->w, data, secured ? &sd : NULL, out, c->err);
	gu_sd_release(&sd);
	if (!rc) {
		m_token_kin(*out, base);
	}
	return rc;
}

static void token_item_free(struct m_world *w, void *p)
{
	m_object_unref(w, p);
}

enum gu_rc m_fn_token(struct m_ctx *c)
{
	struct m_account *a;
	struct m_token *base, *t;
	struct gu_ref ref;
	enum gu_rc rc = m_account_arg(c, m_arg(c, T_ACCOUNT), &a);

	if (!rc) {
		rc = logon_token(c, a, &base);
	}
	if (rc) {
		return rc;
	}
	rc = token_make(c, a, choose_half(c, base), &t);
	m_object_unref(c->w, &base->obj);
	if (rc) {
		return rc;
	}
	rc = m_item_add(c->w, GU_REF_TOKEN, t, token_item_free, &ref, c->err);
	if (rc) {
		m_object_unref(c->w, &t->obj);
		return rc;
	}
	m_token_identity(c->w, t, &c->call->out.identity);
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

/* Owner and group that a descriptor lacks; all of it when there is none. */
static enum gu_rc object_sd(struct m_ctx *c, struct gu_sd *sd, bool given)
{
	struct m_account *system;
	enum gu_rc rc =
		m_account_find(c->w, "NT AUTHORITY\\SYSTEM", &system, c->err);

	if (rc) {
		return rc;
	}
	if (!given) {
		return m_sd_complete(sd, system->token, c->err);
	}
	if (!gu_sid_is_set(&sd->owner)) {
		sd->owner = system->token->owner;
	}
	if (!gu_sid_is_set(&sd->group)) {
		sd->group = system->token->primary_group;
	}
	return GU_RC_OK;
}

static enum gu_rc
check_object(struct m_ctx *c, enum gu_objtype type, const char *name)
{
	const struct gu_objtype_row *row;

	if (type >= GU_OBJ_COUNT ||
	    !(gu_objtype_row(type)->flags & GU_OBJ_FIXTURE)) {
		return need(c, "type",
			    "a type of object that exists by itself");
	}
	row = gu_objtype_row(type);
	if (!name) {
		return gu_err_set(c->err, GU_RC_USAGE, "a %s needs a name",
				  row->doc);
	}
	if (m_object_find(c->w, type, name)) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "there is a %s named \"%s\" already",
				  row->doc, name);
	}
	return GU_RC_OK;
}

enum gu_rc m_fn_object(struct m_ctx *c)
{
	enum { TYPE, NAME, SDDL };
	enum gu_objtype type = (enum gu_objtype)m_uint(c, TYPE, GU_OBJ_COUNT);
	struct m_object *obj;
	struct gu_ref ref;
	struct gu_sd sd;
	enum gu_rc rc = check_object(c, type, m_str(c, NAME));

	if (!rc) {
		rc = sddl_arg(c, SDDL, &sd);
	}
	if (rc) {
		return rc;
	}
	rc = object_sd(c, &sd, m_has(c, SDDL));
	if (!rc) {
		rc = m_plain_new(c, type, m_str(c, NAME), &sd, &obj);
	}
	gu_sd_release(&sd);
	if (rc) {
		return rc;
	}
	rc = m_item_add(c->w, GU_REF_OBJECT, obj, token_item_free, &ref,
			c->err);
	if (rc) {
		m_object_unref(c->w, obj);
		return rc;
	}
	m_decide(c, obj, 0, 0);
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

enum gu_rc m_fn_system(struct m_ctx *c)
{
	struct m_settings *s = &c->w->settings;
	bool everyone = m_uint(c, 0, s->everyone_includes_anonymous) != 0;

	if (everyone != s->everyone_includes_anonymous && c->w->anonymous) {
		m_object_unref(c->w, &c->w->anonymous->obj);
		c->w->anonymous = NULL;
	}
	s->everyone_includes_anonymous = everyone;
	s->impersonation_privilege = m_bool(c, 1, s->impersonation_privilege);
	s->rpc_auto_revert = m_bool(c, 2, s->rpc_auto_revert);
	s->static_pipe_before_read = m_bool(c, 3, s->static_pipe_before_read);
	return m_answer_ok(c);
}

/* The fault decorator answers it before it gets here. */
enum gu_rc m_fn_inject(struct m_ctx *c)
{
	return gu_err_set(c->err, GU_RC_UNSUPPORTED, "%s",
			  gu_cap_name(GU_CAP_faults));
}
