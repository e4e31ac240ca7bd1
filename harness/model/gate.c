/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include "account.h"

#include "banned.h"

enum {
	JOB_NO_ADMIN = 0x1,
	JOB_RESTRICTED_TOKEN = 0x2,
	JOB_FILTER_TOKENS = 0x8,
};

void m_slot_set(struct m_world *w, struct m_thread *t, struct m_token *token,
		bool copy_on_open)
{
	struct m_token *old = t->slot.token;

	if (token) {
		m_object_ref(&token->obj);
	}
	t->slot.token = token;
	t->slot.copy_on_open = copy_on_open;
	if (old) {
		m_object_unref(w, &old->obj);
	}
}

/* An AppContainer may use tokens of its own package, or of a child of it. */
static bool same_package(const struct gu_token *p, const struct gu_token *t)
{
	struct gu_sid head = t->package;

	if (!gu_sid_is_set(&t->package) || head.count < p->package.count) {
		return false;
	}
	head.count = p->package.count;
	return gu_sid_equal(&head, &p->package);
}

/* Who may not be more than identified, in the order of the decision list. */
static bool beyond(const struct gu_token *p, const struct gu_token *t)
{
	return t->integrity > p->integrity ||
	       !gu_sid_equal(&t->user, &p->user) ||
	       gu_token_is_restricted(p) != gu_token_is_restricted(t) ||
	       (p->elevation == GU_ELEVATION_LIMITED &&
		t->elevation == GU_ELEVATION_FULL) ||
	       (gu_sid_is_set(&p->package) && !same_package(p, t));
}

enum gu_level m_gate(const struct m_world *w, const struct m_process *process,
		     const struct m_token *token)
{
	const struct gu_token *p = process->primary->data;
	const struct gu_token *t = token->data;

	if (t->level < GU_LEVEL_IMPERSONATION ||
	    gu_token_has_priv(p, GU_PRIV_Impersonate) ||
	    !w->settings.impersonation_privilege) {
		return t->level;
	}
	/* Made with explicit credentials by this logon session. */
	if (t->origin_auth_id && t->origin_auth_id == p->auth_id) {
		return t->level;
	}
	if (t->auth_id == GU_AUTHID_ANONYMOUS) {
		return t->flags & GU_TOKEN_SYSTEM_ANONYMOUS
			       ? t->level
			       : GU_LEVEL_IDENTIFICATION;
	}
	return beyond(p, t) ? GU_LEVEL_IDENTIFICATION : t->level;
}

/* Security limits of the job that the process is in. */
static uint32_t job_check(uint32_t limits, const struct gu_token *t)
{
	if ((limits & JOB_NO_ADMIN) && gu_principal_is_admin(t)) {
		return GU_NT_ACCESS_DENIED;
	}
	if ((limits & JOB_RESTRICTED_TOKEN) && !gu_token_is_restricted(t)) {
		return GU_NT_ACCESS_DENIED;
	}
	return GU_NT_SUCCESS;
}

/* What a job that filters leaves of a token: no administrators, and no
 * privilege but SeChangeNotify. */
static enum gu_rc job_filter(struct m_world *w, const struct m_token *src,
			     struct m_token **out, struct gu_err *err)
{
	const struct gu_token_filter filter = {
		.flags = GU_DISABLE_MAX_PRIVILEGE,
		.disable = gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS),
		.disable_count = 1,
	};
	struct gu_token *data;
	enum gu_rc rc = gu_token_filter(src->data, &filter, &data, err);

	if (rc) {
		return rc;
	}
	data->token_id = 0;
	rc = m_token_new(w, data, NULL, out, err);
	if (!rc) {
		m_token_kin(*out, src);
	}
	return rc;
}

/* Installs a token, or a copy of it when the gate allows less. */
static enum gu_rc install(struct m_ctx *c, struct m_thread *target,
			  struct m_token *token, bool copy_on_open)
{
	enum gu_level level = m_gate(c->w, target->process, token);
	struct m_token *copy;
	enum gu_rc rc;

	if (level == token->data->level) {
		m_slot_set(c->w, target, token, copy_on_open);
		return GU_RC_OK;
	}
	rc = m_token_duplicate(c->w, token, GU_TOKEN_IMPERSONATION, level,
			       false, &copy, c->err);
	if (rc) {
		return rc;
	}
	/* The caller made it, and can open it to see how far it got. */
	rc = m_token_secure(copy, m_effective(c->thread)->data, c->err);
	if (!rc) {
		m_slot_set(c->w, target, copy, copy_on_open);
	}
	m_object_unref(c->w, &copy->obj);
	return rc;
}

enum gu_rc m_impersonate(struct m_ctx *c, struct m_thread *target,
			 struct m_token *token, bool copy_on_open, uint32_t *nt)
{
	uint32_t limits = target->process->job_limits;
	struct m_token *filtered;
	enum gu_rc rc;

	*nt = GU_NT_SUCCESS;
	if (!token) {
		m_slot_set(c->w, target, NULL, false);
		return GU_RC_OK;
	}
	c->call->out.offered_known = true;
	c->call->out.offered = token->data->level;
	if (!limits) {
		return install(c, target, token, copy_on_open);
	}
	*nt = job_check(limits, token->data);
	if (*nt) {
		return GU_RC_OK;
	}
	if (!(limits & JOB_FILTER_TOKENS)) {
		return install(c, target, token, copy_on_open);
	}
	rc = job_filter(c->w, token, &filtered, c->err);
	if (!rc) {
		rc = install(c, target, filtered, copy_on_open);
		m_object_unref(c->w, &filtered->obj);
	}
	return rc;
}

enum gu_rc m_capture(struct m_ctx *c, const struct m_thread *client,
		     const struct gu_sqos *sqos, struct m_token **out,
		     uint32_t *nt)
{
	const struct m_token *src = m_effective(client);

	*nt = GU_NT_SUCCESS;
	if (sqos->level > GU_LEVEL_DELEGATION) {
		*nt = GU_NT_INVALID_PARAMETER;
		return GU_RC_OK;
	}
	if (client->slot.token &&
	    (m_below_impersonation(client) || sqos->level > src->data->level)) {
		*nt = GU_NT_BAD_IMPERSONATION_LEVEL;
		return GU_RC_OK;
	}
	return m_token_duplicate(c->w, src, GU_TOKEN_IMPERSONATION, sqos->level,
				 sqos->effective_only, out, c->err);
}

struct gu_sqos m_sqos_or(const struct gu_value *arg, bool dynamic)
{
	if (arg->type == GU_V_SQOS && arg->sqos.present) {
		return arg->sqos;
	}
	return (struct gu_sqos){
		.present = false,
		.level = GU_LEVEL_IMPERSONATION,
		.dynamic = dynamic,
		.effective_only = true,
	};
}
