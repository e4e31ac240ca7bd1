/* SPDX-License-Identifier: MIT */
#include "account.h"

#include "banned.h"

/* The fixture `account`. */

enum gu_rc
m_add_groups(struct m_ctx *c, const struct gu_value *v, struct gu_token *token)
{
	const struct gu_sid *admins =
		gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS);
	struct gu_group *groups;
	size_t count;
	enum gu_rc rc = m_sids(c, v, &groups, &count);

	for (size_t i = 0; !rc && i < count; i++) {
		uint32_t attributes = groups[i].attributes;

		if (!attributes) {
			attributes = GU_USUAL_GROUP;
			if (gu_sid_equal(&groups[i].sid, admins)) {
				attributes |= GU_GROUP_OWNER;
			}
		}
		rc = gu_token_add_group(token, &groups[i].sid, attributes,
					c->err);
	}
	return rc;
}

static enum gu_rc apply_fields(struct m_ctx *c, struct m_account *a)
{
	struct gu_token *t = a->token;
	enum gu_rc rc = m_add_groups(c, m_arg(c, GU_ACCOUNT_GROUPS), t);

	if (!rc && m_has(c, GU_ACCOUNT_SID)) {
		rc = m_sid(c, m_arg(c, GU_ACCOUNT_SID), &t->user);
	}
	if (rc) {
		return rc;
	}
	a->sid = t->user;
	if (!a->built_in && gu_principal_is_admin(t)) {
		t->integrity = GU_IL_HIGH;
		t->present = GU_ALL_PRIVS;
		t->enabled = GU_USUAL_PRIVS;
	}
	gu_principal_privileges(t, m_arg(c, GU_ACCOUNT_PRIVILEGES),
				m_arg(c, GU_ACCOUNT_ENABLED));
	t->integrity = m_uint(c, GU_ACCOUNT_INTEGRITY, t->integrity);
	a->denied_logons = m_uint(c, GU_ACCOUNT_DENIED_LOGONS, 0);
	a->disabled = m_bool(c, GU_ACCOUNT_DISABLED, false);
	a->uac = m_bool(c, GU_ACCOUNT_UAC, false);
	a->sensitive = m_bool(c, GU_ACCOUNT_SENSITIVE, false);
	if (m_has(c, GU_ACCOUNT_PASSWORD)) {
		a->password = gu_arena_strdup(&c->w->arena,
					      m_str(c, GU_ACCOUNT_PASSWORD));
		if (!a->password) {
			return gu_err_nomem(c->err);
		}
	}
	return gu_principal_finish(t, c->err);
}

static enum gu_rc make_user(struct m_ctx *c, struct m_account **out)
{
	const char *name = m_str(c, GU_ACCOUNT_NAME);
	struct m_account *a;
	enum gu_rc rc;

	if (!*gu_principal_bare_name(name)) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "an account needs a name");
	}
	rc = m_account_new(c->w, name, &a, c->err);
	if (rc) {
		return rc;
	}
	rc = m_account_fill(c->w, a, c->err);
	if (!rc) {
		rc = apply_fields(c, a);
	}
	if (rc) {
		m_item_drop(c->w, a->ref);
		return rc;
	}
	m_account_publish(c->w, a);
	*out = a;
	return GU_RC_OK;
}

static enum gu_rc account_identity(struct m_ctx *c, const struct m_account *a)
{
	const struct m_principal *p = m_principal(c->w, &a->sid);

	if (!p) {
		return gu_err_nomem(c->err);
	}
	c->call->out.identity = (struct gu_identity){
		.name = p->who,
		.sid = p->text,
		.level = GU_LEVEL_DELEGATION,
		.integrity = a->token->integrity,
		.auth_id = a->session.auth_id,
	};
	return GU_RC_OK;
}

/* A built-in account keeps what it has and gets what is asked on top. */
enum gu_rc m_fn_account(struct m_ctx *c)
{
	const char *name = m_str(c, GU_ACCOUNT_NAME);
	struct m_account *a = m_account_exact(c->w, name);
	enum gu_rc rc = GU_RC_OK;

	if (a && !a->built_in) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "there is an account named \"%s\" already",
				  a->name);
	}
	if (!a && gu_built_in_find(name)) {
		rc = m_account_find(c->w, name, &a, c->err);
	}
	if (rc) {
		return rc;
	}
	rc = a ? apply_fields(c, a) : make_user(c, &a);
	if (!rc) {
		rc = account_identity(c, a);
	}
	if (rc) {
		return rc;
	}
	m_set_ref(c, a->ref);
	return m_answer_ok(c);
}
