/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "banned.h"

/* What decisions rest on and things are made of, for whoever wants to explain
 * them. */

/* Most calls ask as the same token as the one before. */
static void keep_token(struct m_world *w, const struct gu_token *token)
{
	if (w->basis_token != token) {
		gu_token_unref(w->basis_token);
		w->basis_token = token ? gu_token_ref(token) : NULL;
	}
}

void m_rest_on(struct m_ctx *c, const struct gu_token *token,
	       const struct gu_sd *sd, uint32_t desired, uint32_t check_flags)
{
	keep_token(c->w, token);
	c->call->out.basis = (struct gu_basis){
		.token = token,
		.sd = sd,
		.desired = desired,
		.flags = check_flags,
	};
}

void m_rest_keep(struct m_ctx *c, struct gu_sd *sd)
{
	struct gu_basis *basis = &c->call->out.basis;

	gu_sd_release(&c->w->basis_sd);
	c->w->basis_sd = *sd;
	*sd = (struct gu_sd)GU_SD_INIT;
	if (basis->sd == sd) {
		basis->sd = &c->w->basis_sd;
	}
}

enum gu_rc m_rest_freeze(struct m_ctx *c)
{
	struct gu_basis *basis = &c->call->out.basis;
	struct gu_sd copy = GU_SD_INIT;
	enum gu_rc rc = GU_RC_OK;

	if (basis->sd) {
		rc = gu_sd_copy(&copy, basis->sd, c->err);
	}
	if (!rc && basis->sd) {
		m_rest_keep(c, &copy);
		basis->sd = &c->w->basis_sd;
	}
	return rc;
}

static enum gu_rc account_basis(struct m_world *w, struct m_account *a,
				struct gu_basis *out, struct gu_err *err)
{
	struct gu_token *token;
	enum gu_rc rc = m_logon_preview(a, &token, err);

	if (rc) {
		return rc;
	}
	keep_token(w, token);
	gu_token_unref(token);
	out->token = token;
	return GU_RC_OK;
}

enum gu_rc m_basis(struct gu_world *gw, struct gu_ref thing,
		   struct gu_basis *out, struct gu_err *err)
{
	struct m_world *w = (struct m_world *)gw;
	struct m_object *obj = m_object_of(w, thing);
	const struct m_token *token = NULL;

	*out = (struct gu_basis){ .token = NULL };
	if (thing.kind == GU_REF_ACCOUNT && m_item(w, thing)) {
		return account_basis(w, m_item(w, thing), out, err);
	}
	if (!obj) {
		return GU_RC_OK;
	}
	if (obj->type == GU_OBJ_token) {
		token = (struct m_token *)obj;
	} else if (obj->type == GU_OBJ_process) {
		token = ((struct m_process *)obj)->primary;
	} else if (obj->type == GU_OBJ_thread) {
		token = m_effective((struct m_thread *)obj);
	}
	out->sd = &obj->sd;
	if (token) {
		keep_token(w, token->data);
		out->token = token->data;
	}
	return GU_RC_OK;
}
