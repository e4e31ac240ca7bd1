/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "banned.h"

/* The spooler's inverted pair: reverting hands out the client's token, and
 * impersonating takes it back and closes its handle. */

enum {
	TOKEN_IMPERSONATE = 0x4,
	TOKEN_QUERY = 0x8,
};

/* What OpenThreadToken would hand out: a private copy where the system put
 * the token there itself. */
static enum gu_rc client_token(struct m_ctx *c, struct m_token **out)
{
	const struct m_slot *slot = &c->thread->slot;

	if (slot->copy_on_open) {
		return m_token_duplicate(
			c->w, slot->token, GU_TOKEN_IMPERSONATION,
			slot->token->data->level, false, out, c->err);
	}
	m_object_ref(&slot->token->obj);
	*out = slot->token;
	return GU_RC_OK;
}

enum gu_rc m_fn_RevertToPrinterSelf(struct m_ctx *c)
{
	const struct m_token *current = c->thread->slot.token;
	struct m_token *token;
	enum gu_rc rc;

	if (!current) {
		return m_answer_nt(c, GU_NT_NO_TOKEN);
	}
	if (current->data->level == GU_LEVEL_ANONYMOUS) {
		return m_answer_nt(c, GU_NT_CANT_OPEN_ANONYMOUS);
	}
	rc = client_token(c, &token);
	if (rc) {
		return rc;
	}
	rc = m_answer_handle(c, &token->obj, TOKEN_IMPERSONATE | TOKEN_QUERY);
	m_token_unref(c->w, token);
	if (!rc) {
		m_slot_set(c->w, c->thread, NULL, false);
	}
	return rc;
}

enum gu_rc m_fn_ImpersonatePrinterClient(struct m_ctx *c)
{
	struct gu_ref ref = m_ref(c, 0);
	struct m_object *obj;
	struct m_token *token;
	uint32_t nt =
		m_reference(c, 0, GU_OBJ_token, TOKEN_IMPERSONATE, &obj, NULL);
	enum gu_rc rc;

	if (!gu_nt_success(nt)) {
		return m_answer_nt(c, nt);
	}
	token = (struct m_token *)obj;
	if (token->data->type != GU_TOKEN_IMPERSONATION) {
		return m_answer_nt(c, GU_NT_BAD_TOKEN_TYPE);
	}
	rc = m_impersonate(c, c->thread, token, false, &nt);
	if (rc) {
		return rc;
	}
	if (gu_nt_success(nt) && ref.kind == GU_REF_HANDLE) {
		m_item_drop(c->w, ref);
	}
	return m_answer_nt(c, nt);
}
