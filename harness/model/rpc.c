/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "text.h"

#include "banned.h"

/* RPC. What a server can act as depends on the transport and on what the
 * binding negotiated:
 *
 *   ncalrpc       the port's context, authenticated or not
 *   ncacn_np      the pipe client's context, or the package's when the
 *                 binding is authenticated
 *   ncacn_ip_tcp  the package's context; none without authentication
 *
 * RPC_C_AUTHN_LEVEL_NONE and RPC_C_AUTHN_NONE switch the package off and
 * leave what the transport gives by itself. */

enum {
	PROTSEQ_NCALRPC = 0,
	PROTSEQ_TCP = 2,

	LEVEL_DEFAULT = 0,
	LEVEL_NONE = 1,
	LEVEL_CONNECT = 2,
	LEVEL_CALL = 3,
	LEVEL_PKT = 4,
	LEVEL_PRIVACY = 6,

	AUTHN_NONE = 0,
	AUTHN_NEGOTIATE = 9,
	AUTHN_WINNT = 10,
	AUTHN_SCHANNEL = 14,
	AUTHN_KERBEROS = 16,

	RPC_S_DUPLICATE_ENDPOINT = 1740,
	RPC_S_UNKNOWN_AUTHN_SERVICE = 1747,
	RPC_S_UNKNOWN_AUTHN_LEVEL = 1748,
};

struct rpc_server {
	struct m_process *process;
	uint32_t protseq;
	const char *endpoint;
	struct m_queue calls; /* sent, not yet dispatched */
};

struct rpc_binding {
	struct rpc_server *server;
	struct m_process *process;
	bool authenticated;
	bool mutual;
	uint32_t authn_level;
	uint32_t authn_service;
	struct gu_sqos sqos;
	/* Static tracking: the context taken by rpc_bind, or why there is
	 * none; a call reports it, as the first one makes the connection. */
	struct m_token *context; /* counted */
	uint32_t context_nt;
};

struct m_rpc_call {
	struct m_link link;
	struct gu_ref ref;
	const struct rpc_binding *binding;
	struct m_token *context;  /* counted; NULL: nothing to act as */
	struct m_rpc_call *outer; /* which the serving thread goes back to */
	bool impersonated;        /* by the thread that serves it */
};

static void call_free(struct m_world *w, void *p)
{
	struct m_rpc_call *call = p;

	m_token_unref(w, call->context);
	gu_free(call);
}

static void server_free(struct m_world *w, void *p)
{
	struct rpc_server *server = p;
	struct m_rpc_call *call;

	while ((call = m_queue_pop(&server->calls))) {
		call_free(w, call);
	}
	gu_free(server);
}

static void binding_free(struct m_world *w, void *p)
{
	struct rpc_binding *binding = p;

	m_token_unref(w, binding->context);
	gu_free(binding);
}

/* server and binding */

static bool
is_served(const struct m_world *w, uint32_t protseq, const char *endpoint)
{
	for (uint32_t i = 0; i < w->item_count; i++) {
		const struct rpc_server *s = w->items[i].p;

		if (w->items[i].kind == GU_REF_RPC_SERVER && s &&
		    s->protseq == protseq &&
		    !gu_strcasecmp(s->endpoint, endpoint)) {
			return true;
		}
	}
	return false;
}

enum gu_rc m_fn_rpc_serve(struct m_ctx *c)
{
	uint32_t protseq = m_uint(c, 0, PROTSEQ_NCALRPC);
	struct rpc_server *server;
	struct gu_ref ref;
	enum gu_rc rc;

	if (is_served(c->w, protseq, m_str(c, 1))) {
		return m_answer_code(c, RPC_S_DUPLICATE_ENDPOINT);
	}
	server = gu_calloc(1, sizeof(*server));
	if (!server) {
		return gu_err_nomem(c->err);
	}
	server->process = c->thread->process;
	server->protseq = protseq;
	server->endpoint = gu_arena_strdup(&c->w->arena, m_str(c, 1));
	if (!server->endpoint) {
		gu_free(server);
		return gu_err_nomem(c->err);
	}
	rc = m_item_add(c->w, GU_REF_RPC_SERVER, server, server_free, &ref,
			c->err);
	if (rc) {
		gu_free(server);
		return rc;
	}
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

static bool is_service(uint32_t service)
{
	return service == AUTHN_NEGOTIATE || service == AUTHN_WINNT ||
	       service == AUTHN_SCHANNEL || service == AUTHN_KERBEROS;
}

/* The level as the server sees it. Messages of ncalrpc never leave the
 * machine and count as PKT_PRIVACY; connections know no CALL. */
static uint32_t authn_level(uint32_t protseq, uint32_t level)
{
	if (protseq == PROTSEQ_NCALRPC) {
		return LEVEL_PRIVACY;
	}
	if (level == LEVEL_DEFAULT) {
		return LEVEL_CONNECT;
	}
	return level == LEVEL_CALL ? LEVEL_PKT : level;
}

/* Below Impersonation only NTLM over ncalrpc, and the transports themselves,
 * do what the client asked (rpc_security_qos). */
static bool keeps_low_level(const struct rpc_binding *b)
{
	return !b->authenticated || (b->authn_service == AUTHN_WINNT &&
				     b->server->protseq == PROTSEQ_NCALRPC);
}

static uint32_t read_authn(const struct m_ctx *c, struct rpc_binding *b)
{
	uint32_t level = m_uint(c, 1, LEVEL_DEFAULT);
	uint32_t service = m_uint(c, 2, AUTHN_WINNT);

	if (level > LEVEL_PRIVACY) {
		return RPC_S_UNKNOWN_AUTHN_LEVEL;
	}
	if (service != AUTHN_NONE && !is_service(service)) {
		return RPC_S_UNKNOWN_AUTHN_SERVICE;
	}
	b->authenticated = (m_has(c, 1) || m_has(c, 2)) &&
			   level != LEVEL_NONE && service != AUTHN_NONE;
	b->authn_level = authn_level(b->server->protseq, level);
	b->authn_service = b->authenticated ? service : AUTHN_WINNT;
	return GU_RPC_S_OK;
}

/* A package logs the whole client on; a local transport's default is
 * effective only, as for other local channels. */
static void read_sqos(const struct m_ctx *c, struct rpc_binding *b)
{
	b->sqos.present = true;
	b->sqos.level = m_uint(c, 3, GU_LEVEL_IMPERSONATION);
	b->sqos.dynamic = m_uint(c, 4, 0) != 0;
	b->sqos.effective_only = m_bool(c, 5, !b->authenticated);
	b->mutual = m_bool(c, 6, false);
	if (b->sqos.level < GU_LEVEL_IMPERSONATION && !keeps_low_level(b)) {
		b->sqos.level = GU_LEVEL_IMPERSONATION;
	}
}

static bool has_context(const struct rpc_binding *b)
{
	return b->authenticated || b->server->protseq != PROTSEQ_TCP;
}

static enum gu_rc take_context(struct m_ctx *c, const struct rpc_binding *b,
			       struct m_token **out, uint32_t *nt)
{
	enum gu_rc rc;

	*out = NULL;
	*nt = GU_NT_SUCCESS;
	if (!has_context(b)) {
		return GU_RC_OK;
	}
	rc = m_capture(c, c->thread, &b->sqos, out, nt);
	return rc || !b->authenticated
		       ? rc
		       : m_package_token(c, b->server->process, out);
}

enum gu_rc m_fn_rpc_bind(struct m_ctx *c)
{
	struct rpc_server *server = m_item_arg(c, 0, GU_REF_RPC_SERVER);
	struct rpc_binding *b;
	struct gu_ref ref;
	uint32_t code;
	enum gu_rc rc = GU_RC_OK;

	if (!server) {
		return m_wrong_item(c, "no such RPC server");
	}
	b = gu_calloc(1, sizeof(*b));
	if (!b) {
		return gu_err_nomem(c->err);
	}
	b->server = server;
	b->process = c->thread->process;
	code = read_authn(c, b);
	if (code) {
		gu_free(b);
		return m_answer_code(c, code);
	}
	read_sqos(c, b);
	if (!b->sqos.dynamic) {
		rc = take_context(c, b, &b->context, &b->context_nt);
	}
	if (!rc) {
		rc = m_item_add(c->w, GU_REF_RPC_BINDING, b, binding_free, &ref,
				c->err);
	}
	if (rc) {
		binding_free(c->w, b);
		return rc;
	}
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

/* a call */

/* Delegation needs mutual authentication, a package that can delegate and an
 * account that may be; NTLM can on the same machine. */
static bool
delegation_refused(const struct m_ctx *c, const struct rpc_binding *b)
{
	const struct m_token *client =
		b->context ? b->context : m_effective(c->thread);

	return b->authenticated && b->sqos.level == GU_LEVEL_DELEGATION &&
	       (!b->mutual || b->authn_service == AUTHN_SCHANNEL ||
		m_is_sensitive(c->w, &client->data->user));
}

static enum gu_rc
send_call(struct m_ctx *c, struct rpc_binding *b, struct m_token *context)
{
	struct m_rpc_call *call = gu_calloc(1, sizeof(*call));

	if (!call) {
		m_token_unref(c->w, context);
		return gu_err_nomem(c->err);
	}
	call->binding = b;
	call->context = context;
	m_queue_push(&b->server->calls, &call->link);
	return m_answer_ok(c);
}

/* The client binding of an argument, or a status. */
static uint32_t find_binding(const struct m_ctx *c, struct rpc_binding **out)
{
	struct rpc_binding *b = m_item_arg(c, 0, GU_REF_RPC_BINDING);

	if (m_item_arg(c, 0, GU_REF_RPC_CALL)) {
		return GU_RPC_S_WRONG_KIND_OF_BINDING;
	}
	if (!b || b->process != c->thread->process) {
		return GU_RPC_S_INVALID_BINDING;
	}
	*out = b;
	return GU_RPC_S_OK;
}

enum gu_rc m_fn_rpc_call(struct m_ctx *c)
{
	struct rpc_binding *b;
	uint32_t code = find_binding(c, &b);
	struct m_token *context;
	uint32_t nt;

	if (code) {
		return m_answer_code(c, code);
	}
	if (delegation_refused(c, b)) {
		return m_answer_code(c, GU_RPC_S_SEC_PKG_ERROR);
	}
	if (b->sqos.dynamic) {
		enum gu_rc rc = take_context(c, b, &context, &nt);

		if (rc) {
			return rc;
		}
	} else {
		context = b->context;
		nt = b->context_nt;
		if (context) {
			m_object_ref(&context->obj);
		}
	}
	if (!gu_nt_success(nt)) {
		/* A package has no use for a token below Impersonation. */
		return b->authenticated
			       ? m_answer_code(c, GU_RPC_S_SEC_PKG_ERROR)
			       : m_answer_nt(c, nt);
	}
	return send_call(c, b, context);
}

enum gu_rc m_fn_rpc_receive(struct m_ctx *c)
{
	struct rpc_server *server = m_item_arg(c, 0, GU_REF_RPC_SERVER);
	struct m_rpc_call *call;
	enum gu_rc rc;

	if (!server || server->process != c->thread->process) {
		return m_wrong_item(c, "no RPC server of this process");
	}
	call = m_queue_first(&server->calls);
	if (!call) {
		return GU_RC_PENDING;
	}
	rc = m_item_add(c->w, GU_REF_RPC_CALL, call, call_free, &call->ref,
			c->err);
	if (rc) {
		return rc;
	}
	m_queue_pop(&server->calls);
	call->outer = c->thread->rpc_call;
	c->thread->rpc_call = call;
	m_set_ref(c, call->ref);
	return m_answer_ok(c);
}

/* The call that an argument names: left out, the one that this thread
 * serves. Any thread of the server's process may use its binding. */
static uint32_t find_call(const struct m_ctx *c, struct m_rpc_call **out)
{
	struct gu_ref ref = m_ref(c, 0);
	struct m_rpc_call *call;

	if (ref.kind == GU_REF_NONE || ref.id == 0) {
		call = c->thread->rpc_call;
		*out = call;
		return call ? GU_RPC_S_OK : GU_RPC_S_NO_CALL_ACTIVE;
	}
	if (m_item_arg(c, 0, GU_REF_RPC_BINDING)) {
		return GU_RPC_S_WRONG_KIND_OF_BINDING;
	}
	call = m_item_arg(c, 0, GU_REF_RPC_CALL);
	if (!call || call->binding->server->process != c->thread->process) {
		return GU_RPC_S_INVALID_BINDING;
	}
	*out = call;
	return GU_RPC_S_OK;
}

enum gu_rc m_fn_rpc_return(struct m_ctx *c)
{
	struct m_rpc_call *call;
	uint32_t code = find_call(c, &call);

	if (!code && call != c->thread->rpc_call) {
		code = GU_RPC_S_NO_CALL_ACTIVE;
	}
	if (code) {
		return m_answer_code(c, code);
	}
	if (call->impersonated && c->w->settings.rpc_auto_revert) {
		m_slot_set(c->w, c->thread, NULL, false);
	}
	c->thread->rpc_call = call->outer;
	m_item_drop(c->w, call->ref);
	return m_answer_ok(c);
}

/* impersonation */

/* A package's token is the very object that later calls use too; what the
 * kernel captured is copied when someone opens it. */
static enum gu_rc impersonate(struct m_ctx *c, struct m_rpc_call *call)
{
	uint32_t nt;
	enum gu_rc rc = m_impersonate(c, c->thread, call->context,
				      !call->binding->authenticated, &nt);

	if (!rc && gu_nt_success(nt) && call == c->thread->rpc_call) {
		call->impersonated = true;
	}
	return rc ? rc : m_answer_nt(c, nt);
}

static uint32_t find_client(const struct m_ctx *c, struct m_rpc_call **out)
{
	uint32_t code = find_call(c, out);

	if (!code && !(*out)->context) {
		code = GU_RPC_S_NO_CONTEXT_AVAILABLE;
	}
	return code;
}

enum gu_rc m_fn_RpcImpersonateClient(struct m_ctx *c)
{
	struct m_rpc_call *call;
	uint32_t code = find_client(c, &call);

	return code ? m_answer_code(c, code) : impersonate(c, call);
}

enum gu_rc m_fn_RpcImpersonateClient2(struct m_ctx *c)
{
	struct m_rpc_call *call;
	uint32_t code = find_client(c, &call);
	const struct m_token *token;

	if (code) {
		return m_answer_code(c, code);
	}
	token = call->context;
	if (m_gate(c->w, c->thread->process, token) < token->data->level) {
		m_offer(c, token);
		return m_answer_nt(c, GU_NT_ACCESS_DENIED);
	}
	return impersonate(c, call);
}

/* On a transport that carries no identity there is nothing to revert:
 * RPC_S_CANNOT_SUPPORT, "not supported for this transport". */
static enum gu_rc
revert(struct m_ctx *c, uint32_t code, struct m_rpc_call *call)
{
	if (!code && !has_context(call->binding)) {
		code = GU_RPC_S_CANNOT_SUPPORT;
	}
	if (code) {
		return m_answer_code(c, code);
	}
	m_slot_set(c->w, c->thread, NULL, false);
	if (call == c->thread->rpc_call) {
		call->impersonated = false;
	}
	return m_answer_ok(c);
}

enum gu_rc m_fn_RpcRevertToSelf(struct m_ctx *c)
{
	struct m_rpc_call *call = c->thread->rpc_call;

	return revert(c, call ? GU_RPC_S_OK : GU_RPC_S_NO_CALL_ACTIVE, call);
}

enum gu_rc m_fn_RpcRevertToSelfEx(struct m_ctx *c)
{
	struct m_rpc_call *call;
	uint32_t code = find_call(c, &call);

	return revert(c, code, call);
}

/* who called */

static struct gu_value str_value(const char *text)
{
	return (struct gu_value){ .type = GU_V_STR,
				  .str = { text, strlen(text) } };
}

static struct gu_value uint_value(uint64_t v)
{
	return (struct gu_value){ .type = GU_V_UINT, .u = v };
}

enum gu_rc m_fn_RpcBindingInqAuthClient(struct m_ctx *c)
{
	struct m_rpc_call *call;
	uint32_t code = find_call(c, &call);
	const struct rpc_binding *b;
	const struct m_principal *client;
	struct gu_field *fields;

	if (code) {
		return m_answer_code(c, code);
	}
	b = call->binding;
	if (!b->authenticated && b->server->protseq != PROTSEQ_NCALRPC) {
		return m_answer_code(c, GU_RPC_S_BINDING_HAS_NO_AUTH);
	}
	fields = gu_arena_alloc(c->call->arena, 3 * sizeof(*fields));
	client = m_principal(c->w, &call->context->data->user);
	if (!fields || !client) {
		return gu_err_nomem(c->err);
	}
	fields[0] = (struct gu_field){ "name", str_value(client->who) };
	fields[1] =
		(struct gu_field){ "authn_level", uint_value(b->authn_level) };
	fields[2] = (struct gu_field){ "authn_service",
				       uint_value(b->authn_service) };
	c->call->out.value = (struct gu_value){ .type = GU_V_TABLE,
						.count = 3,
						.fields = fields };
	return m_answer_ok(c);
}
