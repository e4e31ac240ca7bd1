/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include "banned.h"

/* The functions that put a token on a thread without a channel. */
enum {
	THREAD_SET_THREAD_TOKEN = 0x80,
	THREAD_IMPERSONATE = 0x100,
	THREAD_DIRECT_IMPERSONATION = 0x200,
};

/* Installs and answers. */
static enum gu_rc put(struct m_ctx *c, struct m_thread *target,
		      struct m_token *token, bool copy_on_open)
{
	uint32_t nt;
	enum gu_rc rc = m_impersonate(c, target, token, copy_on_open, &nt);

	return rc ? rc : m_answer_nt(c, nt);
}

/* The process's token is opened as whoever the thread is now. */
static uint32_t may_duplicate_self(struct m_ctx *c)
{
	struct m_process *p = c->thread->process;
	struct m_token *primary = p->primary;
	uint32_t granted;
	uint32_t nt;

	if (!c->thread->slot.token &&
	    p->self_checked == primary->data->modified_id) {
		return GU_NT_SUCCESS;
	}
	nt = m_open_check(c, &primary->obj, TOKEN_DUPLICATE, 0, &granted);
	if (!nt && !c->thread->slot.token) {
		p->self_checked = primary->data->modified_id;
	}
	return nt;
}

enum gu_rc m_fn_ImpersonateSelf(struct m_ctx *c)
{
	uint32_t level = m_uint(c, 0, 0);
	struct m_token *primary = c->thread->process->primary;
	struct m_token *copy;
	uint32_t nt;
	enum gu_rc rc;

	if (level > GU_LEVEL_DELEGATION) {
		return m_answer_nt(c, GU_NT_INVALID_PARAMETER);
	}
	nt = may_duplicate_self(c);
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = m_token_spare(c->w, primary, (enum gu_level)level,
			   m_effective(c->thread)->data, &copy, c->err);
	return rc ? rc : put(c, c->thread, copy, false);
}

enum gu_rc m_fn_ImpersonateLoggedOnUser(struct m_ctx *c)
{
	struct m_object *obj;
	struct m_token *token;
	uint32_t granted, needed;
	uint32_t nt =
		m_reference(c, 0, GU_OBJ_token, TOKEN_QUERY, &obj, &granted);
	enum gu_rc rc;

	if (nt) {
		return m_answer_nt(c, nt);
	}
	token = (struct m_token *)obj;
	needed = token->data->type == GU_TOKEN_PRIMARY ? TOKEN_DUPLICATE
						       : TOKEN_IMPERSONATE;
	if (!(granted & needed)) {
		return m_answer_nt(c, GU_NT_ACCESS_DENIED);
	}
	if (token->data->type == GU_TOKEN_IMPERSONATION) {
		return put(c, c->thread, token, false);
	}
	rc = m_token_spare(c->w, token, GU_LEVEL_IMPERSONATION,
			   m_effective(c->thread)->data, &token, c->err);
	return rc ? rc : put(c, c->thread, token, false);
}

enum gu_rc m_fn_SetThreadToken(struct m_ctx *c)
{
	enum { THREAD, TOKEN };
	struct m_object *thread, *token = NULL;
	uint32_t nt = m_reference(c, THREAD, GU_OBJ_thread,
				  THREAD_SET_THREAD_TOKEN, &thread, NULL);

	/* A zero handle is no token. */
	if (!nt && m_ref(c, TOKEN).id) {
		nt = m_reference(c, TOKEN, GU_OBJ_token, TOKEN_IMPERSONATE,
				 &token, NULL);
	}
	if (!nt && token &&
	    ((struct m_token *)token)->data->type == GU_TOKEN_PRIMARY) {
		nt = GU_NT_BAD_TOKEN_TYPE;
	}
	if (nt) {
		return m_answer_nt(c, nt);
	}
	return put(c, (struct m_thread *)thread, (struct m_token *)token,
		   false);
}

enum gu_rc m_fn_RevertToSelf(struct m_ctx *c)
{
	if (c->thread->slot.token) {
		m_slot_set(c->w, c->thread, NULL, false);
	}
	return m_answer_ok(c);
}

static enum gu_rc impersonate_anonymous(struct m_ctx *c)
{
	struct m_object *obj;
	struct m_thread *target;
	struct m_token *token;
	uint32_t nt = m_reference(c, 0, GU_OBJ_thread, THREAD_IMPERSONATE, &obj,
				  NULL);
	enum gu_rc rc;

	if (nt) {
		return m_answer_nt(c, nt);
	}
	target = (struct m_thread *)obj;
	/* It would be a way out of the restriction. */
	if (gu_token_is_restricted(target->process->primary->data)) {
		return m_answer_nt(c, GU_NT_ACCESS_DENIED);
	}
	rc = m_token_anonymous(c->w, &token, c->err);
	return rc ? rc : put(c, target, token, true);
}

enum gu_rc m_fn_ImpersonateAnonymousToken(struct m_ctx *c)
{
	return impersonate_anonymous(c);
}

enum gu_rc m_fn_NtImpersonateAnonymousToken(struct m_ctx *c)
{
	return impersonate_anonymous(c);
}

enum gu_rc m_fn_NtImpersonateThread(struct m_ctx *c)
{
	enum { SERVER, CLIENT, SQOS };
	struct m_object *server, *client;
	struct m_token *token;
	uint32_t nt = m_reference(c, SERVER, GU_OBJ_thread, THREAD_IMPERSONATE,
				  &server, NULL);
	enum gu_rc rc;

	if (!nt) {
		nt = m_reference(c, CLIENT, GU_OBJ_thread,
				 THREAD_DIRECT_IMPERSONATION, &client, NULL);
	}
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = m_capture(c, (struct m_thread *)client, &m_arg(c, SQOS)->sqos,
		       &token, &nt);
	if (rc) {
		return rc;
	}
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = put(c, (struct m_thread *)server, token, true);
	m_object_unref(c->w, &token->obj);
	return rc;
}
