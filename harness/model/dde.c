/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "banned.h"

/* DDE. A conversation has two ends, each with an HCONV and a window of its
 * process. The client's context is taken once, when the conversation
 * begins. */

enum { END_CLIENT, END_SERVER };

struct dde_service {
	struct m_process *process;
	struct m_queue begun; /* conversations not yet accepted */
};

struct dde_end {
	struct dde_conv *conv;
	struct m_process *process;
	struct gu_ref hconv;
	struct gu_ref hwnd;
};

struct dde_conv {
	struct m_link link;
	struct m_token *context; /* counted; NULL once it has ended */
	struct dde_end ends[2];  /* the server's is empty until accepted */
};

enum gu_rc m_fn_dde_serve(struct m_ctx *c)
{
	struct dde_service *service =
		gu_arena_alloc(&c->w->arena, sizeof(*service));
	struct gu_ref ref;
	enum gu_rc rc;

	if (!service) {
		return gu_err_nomem(c->err);
	}
	service->process = c->thread->process;
	rc = m_item_add(c->w, GU_REF_DDE_SERVICE, service, NULL, &ref, c->err);
	if (rc) {
		return rc;
	}
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

/* The handle and window of one end. */
static enum gu_rc end_open(struct m_ctx *c, struct dde_conv *conv, int which)
{
	struct dde_end *e = &conv->ends[which];
	enum gu_rc rc =
		m_item_add(c->w, GU_REF_HCONV, e, NULL, &e->hconv, c->err);

	if (rc) {
		return rc;
	}
	rc = m_item_add(c->w, GU_REF_HWND, e, NULL, &e->hwnd, c->err);
	if (rc) {
		m_item_drop(c->w, e->hconv);
		return rc;
	}
	e->conv = conv;
	e->process = c->thread->process;
	return GU_RC_OK;
}

static struct gu_sqos quality(const struct m_thread *t)
{
	return t->dde_qos.present
		       ? t->dde_qos
		       : (struct gu_sqos){ .present = true,
					   .level = GU_LEVEL_IMPERSONATION,
					   .effective_only = true };
}

enum gu_rc m_fn_dde_connect(struct m_ctx *c)
{
	struct dde_service *service = m_item_arg(c, 0, GU_REF_DDE_SERVICE);
	struct gu_sqos qos = quality(c->thread);
	struct dde_conv *conv;
	uint32_t nt;
	enum gu_rc rc;

	if (!service) {
		return m_wrong_item(c, "no such DDE service");
	}
	conv = gu_arena_alloc(&c->w->arena, sizeof(*conv));
	if (!conv) {
		return gu_err_nomem(c->err);
	}
	rc = m_capture(c, c->thread, &qos, &conv->context, &nt);
	if (rc) {
		return rc;
	}
	if (!gu_nt_success(nt)) {
		return m_answer_nt(c, nt);
	}
	rc = end_open(c, conv, END_CLIENT);
	if (rc) {
		m_token_unref(c->w, conv->context);
		return rc;
	}
	m_queue_push(&service->begun, &conv->link);
	m_set_ref(c, conv->ends[END_CLIENT].hconv);
	return m_answer_ok(c);
}

enum gu_rc m_fn_dde_accept(struct m_ctx *c)
{
	struct dde_service *service = m_item_arg(c, 0, GU_REF_DDE_SERVICE);
	struct dde_conv *conv;
	enum gu_rc rc;

	if (!service || service->process != c->thread->process) {
		return m_wrong_item(c, "no DDE service of this process");
	}
	conv = m_queue_first(&service->begun);
	while (conv && !conv->context) {
		m_queue_pop(&service->begun);
		conv = m_queue_first(&service->begun);
	}
	if (!conv) {
		return GU_RC_PENDING;
	}
	rc = end_open(c, conv, END_SERVER);
	if (rc) {
		return rc;
	}
	m_queue_pop(&service->begun);
	m_set_ref(c, conv->ends[END_SERVER].hconv);
	return m_answer_ok(c);
}

/* This process's end of a living conversation, or NULL: answer
 * ERROR_INVALID_PARAMETER then. */
static struct dde_end *find_end(const struct m_ctx *c)
{
	struct dde_end *e = m_item_arg(c, 0, GU_REF_HCONV);

	return e && e->process == c->thread->process ? e : NULL;
}

enum gu_rc m_fn_dde_window(struct m_ctx *c)
{
	const struct dde_end *e = find_end(c);

	if (!e) {
		return m_answer_code(c, GU_ERROR_INVALID_PARAMETER);
	}
	m_set_ref(c, e->hwnd);
	return m_answer_ok(c);
}

enum gu_rc m_fn_DdeSetQualityOfService(struct m_ctx *c)
{
	c->thread->dde_qos = m_arg(c, 0)->sqos;
	c->thread->dde_qos.present = true;
	return m_answer_ok(c);
}

static void end_close(struct m_world *w, struct dde_end *e)
{
	if (e->conv) {
		m_item_drop(w, e->hconv);
		m_item_drop(w, e->hwnd);
		e->conv = NULL;
	}
}

enum gu_rc m_fn_DdeDisconnect(struct m_ctx *c)
{
	struct dde_end *e = find_end(c);
	struct dde_conv *conv;

	if (!e) {
		return m_answer_code(c, GU_ERROR_INVALID_PARAMETER);
	}
	conv = e->conv;
	end_close(c->w, &conv->ends[END_CLIENT]);
	end_close(c->w, &conv->ends[END_SERVER]);
	m_token_unref(c->w, conv->context);
	conv->context = NULL;
	return m_answer_ok(c);
}

static enum gu_rc impersonate(struct m_ctx *c, const struct dde_conv *conv)
{
	uint32_t nt;
	enum gu_rc rc = m_impersonate(c, c->thread, conv->context, true, &nt);

	return rc ? rc : m_answer_nt(c, nt);
}

enum gu_rc m_fn_DdeImpersonateClient(struct m_ctx *c)
{
	const struct dde_end *e = find_end(c);

	if (!e || e != &e->conv->ends[END_SERVER]) {
		return m_answer_code(c, GU_ERROR_INVALID_PARAMETER);
	}
	return impersonate(c, e->conv);
}

/* The windows must be the two ends of one conversation, in their order, and
 * the server's must be the caller's own. */
enum gu_rc m_fn_ImpersonateDdeClientWindow(struct m_ctx *c)
{
	const struct dde_end *client = m_item_arg(c, 0, GU_REF_HWND);
	const struct dde_end *server = m_item_arg(c, 1, GU_REF_HWND);

	if (!client || !server) {
		return m_answer_code(c, GU_ERROR_INVALID_WINDOW_HANDLE);
	}
	if (client != &client->conv->ends[END_CLIENT] ||
	    server != &client->conv->ends[END_SERVER] ||
	    server->process != c->thread->process) {
		return m_answer_code(c, GU_ERROR_INVALID_PARAMETER);
	}
	return impersonate(c, client->conv);
}
