/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "account.h"
#include "tokens.h"

#include "banned.h"

/* The fixture `token`. */

/* The account's own groups make room for those given. */
static enum gu_rc
token_groups(struct m_ctx *c, const struct m_account *a, struct gu_token *t)
{
	size_t first = a->own_groups;
	size_t own = a->token->group_count - first;

	if (!m_has(c, GU_TOKEN_GROUPS)) {
		return GU_RC_OK;
	}
	memmove(&t->groups[first], &t->groups[first + own],
		(t->group_count - first - own) * sizeof(t->groups[0]));
	t->group_count -= own;
	return m_add_groups(c, m_arg(c, GU_TOKEN_GROUPS), t);
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
	const char *package = m_str(c, GU_TOKEN_PACKAGE);
	struct gu_group *list;
	size_t count;
	enum gu_rc rc =
		m_sids(c, m_arg(c, GU_TOKEN_CAPABILITIES), &list, &count);

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
	struct gu_token *filtered;
	bool attributes;
	enum gu_rc rc = m_filter_sids(c, m_arg(c, GU_TOKEN_DISABLE),
				      m_arg(c, GU_TOKEN_RESTRICT), &filter,
				      &attributes);

	if (rc || (!filter.restrict_count && !filter.disable_count)) {
		return rc;
	}
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
	if (m_has(c, GU_TOKEN_ORIGIN)) {
		const struct m_process *p =
			m_fixture_process(c, GU_TOKEN_ORIGIN);

		if (!p) {
			return m_fixture_misused(c, "origin", "a process");
		}
		t->origin_auth_id = p->primary->data->auth_id;
	}
	if (m_has(c, GU_TOKEN_SESSION_OF)) {
		const struct m_process *p =
			m_fixture_process(c, GU_TOKEN_SESSION_OF);

		if (!p) {
			return m_fixture_misused(c, "session_of", "a process");
		}
		join_session(t, p->primary->data);
	}
	return GU_RC_OK;
}

static enum gu_rc token_kind(struct m_ctx *c, struct gu_token *t)
{
	uint32_t type = m_uint(c, GU_TOKEN_TYPE,
			       m_has(c, GU_TOKEN_LEVEL) ? GU_TOKEN_IMPERSONATION
							: GU_TOKEN_PRIMARY);
	uint32_t level = m_uint(c, GU_TOKEN_LEVEL, GU_LEVEL_IMPERSONATION);

	if (type != GU_TOKEN_PRIMARY && type != GU_TOKEN_IMPERSONATION) {
		return m_fixture_misused(c, "type", "a type of token");
	}
	if (level > GU_LEVEL_DELEGATION) {
		return m_fixture_misused(c, "level", "an impersonation level");
	}
	t->type = (enum gu_token_type)type;
	t->level = type == GU_TOKEN_PRIMARY ? GU_LEVEL_ANONYMOUS
					    : (enum gu_level)level;
	return GU_RC_OK;
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
	if (!rc) {
		rc = token_kind(c, t);
	}
	if (rc) {
		return rc;
	}
	gu_principal_privileges(t, m_arg(c, GU_TOKEN_PRIVILEGES),
				m_arg(c, GU_TOKEN_ENABLED));
	t->integrity = m_uint(c, GU_TOKEN_INTEGRITY, t->integrity);
	t->elevation =
		(enum gu_elevation)m_uint(c, GU_TOKEN_ELEVATION, t->elevation);
	rc = token_filtered(c, data);
	return rc ? rc : gu_principal_finish(*data, c->err);
}

/* The half of a split logon that is asked for. */
static struct m_token *choose_half(const struct m_ctx *c, struct m_token *base)
{
	bool full = m_uint(c, GU_TOKEN_ELEVATION, 0) == GU_ELEVATION_FULL;

	return full && base->linked ? base->linked : base;
}

static enum gu_rc token_make(struct m_ctx *c, const struct m_account *a,
			     const struct m_token *base, struct m_token **out)
{
	struct gu_token *data;
	struct gu_sd sd;
	bool secured = m_has(c, GU_TOKEN_SDDL);
	enum gu_rc rc = m_fixture_sddl(c, GU_TOKEN_SDDL, &sd);

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

enum gu_rc m_fn_token(struct m_ctx *c)
{
	struct m_account *a;
	struct m_token *base, *t;
	struct gu_ref ref;
	enum gu_rc rc = m_account_arg(c, m_arg(c, GU_TOKEN_ACCOUNT), &a);

	if (!rc) {
		rc = m_fixture_logon(c, a, &base);
	}
	if (rc) {
		return rc;
	}
	rc = token_make(c, a, choose_half(c, base), &t);
	m_object_unref(c->w, &base->obj);
	if (rc) {
		return rc;
	}
	rc = m_item_add(c->w, GU_REF_TOKEN, t, m_item_unref, &ref, c->err);
	if (rc) {
		m_object_unref(c->w, &t->obj);
		return rc;
	}
	m_token_identity(c->w, t, &c->call->out.identity);
	m_set_ref(c, ref);
	return m_answer_ok(c);
}
