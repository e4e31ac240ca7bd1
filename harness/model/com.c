/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "banned.h"

/* COM. Each call has a context of its own: the first impersonation in it
 * saves the token on the thread, one revert restores that, and the end of
 * the call reverts what the method forgot. */

enum {
	AUTHN_DEFAULT = 0,
	AUTHN_NONE = 1,
	AUTHN_CONNECT = 2,
	AUTHN_PRIVACY = 6,

	CLOAKING_NONE = 0,
	CLOAKING_STATIC = 0x20,
	CLOAKING_DYNAMIC = 0x40,
};

#define E_INVALIDARG              0x80070057u
#define HRESULT_RPC_SEC_PKG_ERROR 0x80070721u

struct com_server {
	struct m_process *process;
	struct m_queue calls; /* made, not yet entered */
};

struct com_proxy {
	struct com_server *server;
	struct m_process *process;
	uint32_t authn_level;
	uint32_t cloaking;
	struct gu_sqos sqos;
	/* Static cloaking: the identity of com_bind, or why there is none. */
	struct m_token *frozen; /* counted */
	uint32_t frozen_nt;
};

struct m_com_call {
	struct m_link link;
	struct gu_ref ref;
	struct m_process *process; /* that serves it */
	struct m_token *client;    /* counted; NULL: not authenticated */
	struct m_com_call *outer;
	bool impersonating;
	struct m_slot saved; /* while impersonating; counted */
	struct m_slot entry; /* of the thread when a nested call came in */
};

static void call_free(struct m_world *w, void *p)
{
	struct m_com_call *call = p;

	m_token_unref(w, call->client);
	m_token_unref(w, call->saved.token);
	m_token_unref(w, call->entry.token);
	gu_free(call);
}

static void server_free(struct m_world *w, void *p)
{
	struct com_server *server = p;
	struct m_com_call *call;

	while ((call = m_queue_pop(&server->calls))) {
		call_free(w, call);
	}
	gu_free(server);
}

static void proxy_free(struct m_world *w, void *p)
{
	struct com_proxy *proxy = p;

	m_token_unref(w, proxy->frozen);
	gu_free(proxy);
}

/* server and proxy */

enum gu_rc m_fn_com_serve(struct m_ctx *c)
{
	struct com_server *server = gu_calloc(1, sizeof(*server));
	struct gu_ref ref;
	enum gu_rc rc;

	if (!server) {
		return gu_err_nomem(c->err);
	}
	server->process = c->thread->process;
	rc = m_item_add(c->w, GU_REF_COM_SERVER, server, server_free, &ref,
			c->err);
	if (rc) {
		gu_free(server);
		return rc;
	}
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

static enum gu_rc capture(struct m_ctx *c, const struct com_proxy *proxy,
			  struct m_token **out, uint32_t *nt)
{
	enum gu_rc rc = m_capture(c, c->thread, &proxy->sqos, out, nt);

	return rc ? rc : m_package_token(c, proxy->server->process, out);
}

enum gu_rc m_fn_com_bind(struct m_ctx *c)
{
	struct com_server *server = m_item_arg(c, 0, GU_REF_COM_SERVER);
	uint32_t authn = m_uint(c, 1, AUTHN_DEFAULT);
	struct com_proxy *proxy;
	struct gu_ref ref;
	enum gu_rc rc = GU_RC_OK;

	if (!server) {
		return m_wrong_item(c, "no such COM server");
	}
	if (authn > AUTHN_PRIVACY ||
	    m_uint(c, 2, GU_LEVEL_IDENTIFICATION) > GU_LEVEL_DELEGATION) {
		return m_answer_code(c, E_INVALIDARG);
	}
	proxy = gu_calloc(1, sizeof(*proxy));
	if (!proxy) {
		return gu_err_nomem(c->err);
	}
	proxy->server = server;
	proxy->process = c->thread->process;
	proxy->authn_level = authn == AUTHN_DEFAULT ? AUTHN_CONNECT : authn;
	proxy->cloaking = m_uint(c, 3, CLOAKING_NONE);
	proxy->sqos.present = true;
	proxy->sqos.level = m_uint(c, 2, GU_LEVEL_IDENTIFICATION);
	if (proxy->cloaking == CLOAKING_STATIC) {
		rc = capture(c, proxy, &proxy->frozen, &proxy->frozen_nt);
	}
	if (!rc) {
		rc = m_item_add(c->w, GU_REF_COM_PROXY, proxy, proxy_free, &ref,
				c->err);
	}
	if (rc) {
		proxy_free(c->w, proxy);
		return rc;
	}
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

/* a call */

/* Whom the server will see: w32 com/cloaking. */
static enum gu_rc take_identity(struct m_ctx *c, struct com_proxy *proxy,
				struct m_token **out, uint32_t *nt)
{
	enum gu_rc rc;

	*out = NULL;
	*nt = GU_NT_SUCCESS;
	if (proxy->authn_level == AUTHN_NONE) {
		return GU_RC_OK;
	}
	if (proxy->cloaking == CLOAKING_DYNAMIC) {
		return capture(c, proxy, out, nt);
	}
	if (proxy->cloaking == CLOAKING_STATIC) {
		*out = proxy->frozen;
		*nt = proxy->frozen_nt;
		if (*out) {
			m_object_ref(&(*out)->obj);
		}
		return GU_RC_OK;
	}
	rc = m_process_context(c, proxy->sqos.level, out);
	return rc ? rc : m_package_token(c, proxy->server->process, out);
}

enum gu_rc m_fn_com_call(struct m_ctx *c)
{
	struct com_proxy *proxy = m_item_arg(c, 0, GU_REF_COM_PROXY);
	struct m_com_call *call;
	uint32_t nt;
	enum gu_rc rc;

	if (!proxy || proxy->process != c->thread->process) {
		return m_wrong_item(c, "no COM proxy of this process");
	}
	call = gu_calloc(1, sizeof(*call));
	if (!call) {
		return gu_err_nomem(c->err);
	}
	call->process = proxy->server->process;
	rc = take_identity(c, proxy, &call->client, &nt);
	if (rc || !gu_nt_success(nt)) {
		call_free(c->w, call);
		return rc ? rc : m_answer_nt(c, nt);
	}
	if (call->client && proxy->sqos.level == GU_LEVEL_DELEGATION &&
	    m_is_sensitive(c->w, &call->client->data->user)) {
		call_free(c->w, call);
		return m_answer_code(c, HRESULT_RPC_SEC_PKG_ERROR);
	}
	m_queue_push(&proxy->server->calls, &call->link);
	return m_answer_ok(c);
}

/* Keeps a thread's slot for later; slot_restore puts it back. */
static void slot_save(const struct m_thread *t, struct m_slot *out)
{
	*out = t->slot;
	if (out->token) {
		m_object_ref(&out->token->obj);
	}
}

static void
slot_restore(struct m_world *w, struct m_thread *t, struct m_slot *saved)
{
	m_slot_set(w, t, saved->token, saved->copy_on_open);
	m_token_unref(w, saved->token);
	saved->token = NULL;
}

enum gu_rc m_fn_com_receive(struct m_ctx *c)
{
	struct com_server *server = m_item_arg(c, 0, GU_REF_COM_SERVER);
	struct m_thread *t = c->thread;
	struct m_com_call *call;
	enum gu_rc rc;

	if (!server || server->process != t->process) {
		return m_wrong_item(c, "no COM server of this process");
	}
	call = m_queue_first(&server->calls);
	if (!call) {
		return GU_RC_PENDING;
	}
	rc = m_item_add(c->w, GU_REF_COM_CALL, call, call_free, &call->ref,
			c->err);
	if (rc) {
		return rc;
	}
	m_queue_pop(&server->calls);
	call->outer = t->com_call;
	if (call->outer) {
		slot_save(t, &call->entry);
		m_slot_set(c->w, t, NULL, false);
	}
	t->com_call = call;
	m_set_ref(c, call->ref);
	return m_answer_ok(c);
}

static void
revert(struct m_world *w, struct m_thread *t, struct m_com_call *call)
{
	if (call->impersonating) {
		call->impersonating = false;
		slot_restore(w, t, &call->saved);
	}
}

enum gu_rc m_fn_com_return(struct m_ctx *c)
{
	struct m_thread *t = c->thread;
	struct m_com_call *call = t->com_call;
	struct gu_ref ref = m_ref(c, 0);

	if (!call) {
		return m_answer_code(c, GU_RPC_E_CALL_COMPLETE);
	}
	if (ref.id && !gu_ref_equal(ref, call->ref)) {
		return m_answer_code(c, m_item(c->w, ref)
						? E_INVALIDARG
						: GU_RPC_E_CALL_COMPLETE);
	}
	revert(c->w, t, call);
	if (call->outer) {
		slot_restore(c->w, t, &call->entry);
	}
	t->com_call = call->outer;
	m_item_drop(c->w, call->ref);
	return m_answer_ok(c);
}

/* impersonation */

enum gu_rc m_fn_CoImpersonateClient(struct m_ctx *c)
{
	struct m_thread *t = c->thread;
	struct m_com_call *call = t->com_call;
	struct m_slot before;
	uint32_t nt;
	enum gu_rc rc;

	if (!call) {
		return m_answer_code(c, GU_RPC_E_CALL_COMPLETE);
	}
	if (!call->client) {
		return m_answer_code(c, GU_E_FAIL);
	}
	slot_save(t, &before);
	rc = m_impersonate(c, t, call->client, false, &nt);
	if (!rc && gu_nt_success(nt) && !call->impersonating) {
		call->impersonating = true;
		call->saved = before;
		before.token = NULL;
	}
	m_token_unref(c->w, before.token);
	return rc ? rc : m_answer_nt(c, nt);
}

enum gu_rc m_fn_CoRevertToSelf(struct m_ctx *c)
{
	struct m_com_call *call = c->thread->com_call;

	if (!call) {
		return m_answer_code(c, GU_RPC_E_CALL_COMPLETE);
	}
	if (!call->impersonating) {
		return m_answer_code(c, GU_E_FAIL);
	}
	revert(c->w, c->thread, call);
	return m_answer_ok(c);
}
