/* SPDX-License-Identifier: MIT */
#define _CRT_RAND_S
#include "exec.h"

#include <rpc.h>
#include <stdio.h>

#include "alloc.h"
#include "channel.h"
#include "guard.h"
#include "probe.h"
#include "wire.h"

#include "banned.h"

/* RPC. The runtime dispatches calls on threads of its own. A call that comes in
 * waits on its pool thread until rpc_receive takes it; from then on the pool
 * thread stands for the thread that received it, until rpc_return: so that
 * RpcImpersonateClient(0) is asked where Windows would be asked.
 *
 * A client's call has to go on while the server serves it. The caller knocks
 * first, itself and under its own identity, which makes the connection and
 * gives the answer; the call that is then held open is made by a thread that
 * carries the caller's identity. */

enum {
	PROTSEQ_NCALRPC = 0,
	PROTSEQ_NP = 1,
	PROTSEQ_TCP = 2,
	PROTSEQ_COUNT = 3,
	/* Unauthenticated callers are part of what scenarios show. */
	IF_ALLOW_CALLBACKS_WITH_NO_AUTH = 0x10,
	MAX_CALLS = 1234, /* RPC_C_LISTEN_MAX_CALLS_DEFAULT */
};

static const char *const protseqs[PROTSEQ_COUNT] = { "ncalrpc", "ncacn_np",
						     "ncacn_ip_tcp" };

struct server {
	struct server *next; /* of all of this process */
	uint32_t number;
	HANDLE arrived; /* auto-reset: a call waits */
	struct call *first;
	struct call *last;
	char *label; /* "NUMBER PROTSEQ ENDPOINT" */
};

/* One call. Of the pool thread that dispatches it until it is received, then
 * of the thread that receives it. */
struct call {
	struct call *next;
	RPC_BINDING_HANDLE binding;
	HANDLE taken;           /* received, or its server closed */
	HANDLE left;            /* its pool thread stands for nobody any more */
	struct w_run *receiver; /* the run of its rpc_receive; NULL: closed */
	struct w_run *returner; /* of its rpc_return; NULL: cancelled */
	uint32_t thing;
	struct call *outer; /* which the thread goes back to */
};

struct binding {
	RPC_BINDING_HANDLE handle;
	uint32_t server;
	LONG refs;
};

static SRWLOCK lock = SRWLOCK_INIT; /* servers and their queues */
static struct server *servers;

/* The runtime wants these; the interface passes nothing that needs them. */
void *__RPC_USER MIDL_user_allocate(size_t n)
{
	return gu_calloc(1, n);
}

void __RPC_USER MIDL_user_free(void *p)
{
	gu_free(p);
}

/* servers */

static void server_free(struct server *s)
{
	if (s->arrived) {
		(void)CloseHandle(s->arrived);
	}
	gu_free(s->label);
	gu_free(s);
}

/* Sends home what nobody has received. */
static void server_close(void *p)
{
	struct server *s = p;
	struct server **at = &servers;

	AcquireSRWLockExclusive(&lock);
	while (*at && *at != s) {
		at = &(*at)->next;
	}
	if (*at) {
		*at = s->next;
	}
	for (struct call *c = s->first, *next; c; c = next) {
		next = c->next;
		(void)SetEvent(c->taken);
	}
	ReleaseSRWLockExclusive(&lock);
	server_free(s);
}

static bool server_queue(uint32_t number, struct call *call)
{
	struct server *s;

	AcquireSRWLockExclusive(&lock);
	for (s = servers; s && s->number != number; s = s->next) {
	}
	if (s && s->last) {
		s->last->next = call;
		s->last = call;
	} else if (s) {
		s->first = call;
		s->last = call;
	}
	if (s) {
		SetEvent(s->arrived);
	}
	ReleaseSRWLockExclusive(&lock);
	return s != NULL;
}

static struct call *server_next(struct server *s, struct w_run *receiver)
{
	struct call *call;

	AcquireSRWLockExclusive(&lock);
	call = s->first;
	if (call) {
		s->first = call->next;
		call->receiver = receiver;
	}
	if (!s->first) {
		s->last = NULL;
	} else {
		SetEvent(s->arrived);
	}
	ReleaseSRWLockExclusive(&lock);
	return call;
}

/* what the runtime dispatches */

/* A knock with this number is a probe: does the client's level arrive? */
static struct {
	volatile LONG number;
	volatile LONG identifies;
} probed;

void wire_knock(handle_t binding, unsigned long server)
{
	(void)binding;
	if (!probed.number || server != (unsigned long)probed.number ||
	    RpcImpersonateClient(NULL)) {
		return;
	}
	probed.identifies = w_acts_at(GU_LEVEL_IDENTIFICATION);
	(void)RpcRevertToSelf();
}

/* The binding that the stub passes is not the call's under Wine. */
static RPC_BINDING_HANDLE current_binding(handle_t passed)
{
	RPC_BINDING_HANDLE(WINAPI * inquire)
	(void) = (void *)w_resolve("rpcrt4", "I_RpcGetCurrentCallHandle");
	RPC_BINDING_HANDLE current = inquire ? inquire() : NULL;

	return current ? current : passed;
}

static void call_free(struct call *call)
{
	if (call->taken) {
		CloseHandle(call->taken);
	}
	if (call->left) {
		CloseHandle(call->left);
	}
	gu_free(call);
}

static struct call *call_new(handle_t binding)
{
	struct call *call = gu_calloc(1, sizeof(*call));

	if (!call) {
		return NULL;
	}
	call->binding = current_binding(binding);
	call->taken = CreateEventW(NULL, TRUE, FALSE, NULL);
	call->left = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!call->taken || !call->left) {
		call_free(call);
		return NULL;
	}
	return call;
}

void wire_call(handle_t binding, unsigned long server)
{
	struct call *call = call_new(binding);

	if (!call) {
		return;
	}
	if (!server_queue(server, call)) {
		call_free(call);
		return;
	}
	(void)WaitForSingleObject(call->taken, INFINITE);
	if (!call->receiver) {
		call_free(call);
		return;
	}
	call->returner = w_serve(call->receiver);
	SetEvent(call->left);
}

/* serving */

static BOOL CALLBACK register_interface(INIT_ONCE *once, void *arg,
					void **context)
{
	static const unsigned long services[] = {
		RPC_C_AUTHN_WINNT,
		RPC_C_AUTHN_GSS_NEGOTIATE,
		RPC_C_AUTHN_GSS_KERBEROS,
	};
	RPC_STATUS *status = arg;

	(void)once;
	(void)context;
	*status = RpcServerRegisterIf2(guise_wire_v1_0_s_ifspec, NULL, NULL,
				       IF_ALLOW_CALLBACKS_WITH_NO_AUTH,
				       MAX_CALLS, (unsigned)-1, NULL);
	/* A package that this system lacks shows when a client asks for it. */
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++) {
		(void)RpcServerRegisterAuthInfoW(NULL, services[i], NULL, NULL);
	}
	if (*status == RPC_S_OK) {
		*status = RpcServerListen(1, MAX_CALLS, TRUE);
	}
	return *status == RPC_S_OK || *status == RPC_S_ALREADY_LISTENING;
}

static RPC_STATUS serve_interface(void)
{
	static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
	RPC_STATUS status = RPC_S_OK;

	return InitOnceExecuteOnce(&once, register_interface, &status, NULL)
		       ? RPC_S_OK
		       : status;
}

/* The port that the system chose, in the arena, or NULL. */
static const char *tcp_port(struct w_run *x)
{
	RPC_BINDING_VECTOR *all;
	const char *port = NULL;

	if (RpcServerInqBindings(&all) != RPC_S_OK) {
		return NULL;
	}
	for (unsigned long i = 0; i < all->Count && !port; i++) {
		RPC_CSTR text;
		RPC_CSTR protseq = NULL;
		RPC_CSTR endpoint = NULL;

		if (RpcBindingToStringBindingA(all->BindingH[i], &text)) {
			continue;
		}
		if (!RpcStringBindingParseA(text, NULL, &protseq, NULL,
					    &endpoint, NULL)) {
			if (!strcmp((char *)protseq, protseqs[PROTSEQ_TCP])) {
				port = gu_arena_strdup(x->arena,
						       (char *)endpoint);
			}
			(void)RpcStringFreeA(&protseq);
			(void)RpcStringFreeA(&endpoint);
		}
		(void)RpcStringFreeA(&text);
	}
	(void)RpcBindingVectorFree(&all);
	return port;
}

/* An endpoint as the protocol sequence writes it, in the arena. TCP knows
 * numbers only: any other name gets a port of the system's choice. */
static const char *
endpoint_text(struct w_run *x, uint32_t protseq, const char *name)
{
	if (protseq == PROTSEQ_NP && name[0] != '\\') {
		return gu_arena_printf(x->arena, "\\pipe\\%s", name);
	}
	if (protseq == PROTSEQ_TCP &&
	    name[strspn(name, "0123456789")] != '\0') {
		return NULL;
	}
	return name;
}

static RPC_STATUS
use_endpoint(struct w_run *x, uint32_t protseq, const char **endpoint)
{
	RPC_CSTR seq = (RPC_CSTR)protseqs[protseq];
	RPC_STATUS status;

	if (*endpoint) {
		return RpcServerUseProtseqEpA(seq,
					      RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
					      (RPC_CSTR)*endpoint, NULL);
	}
	status =
		RpcServerUseProtseqA(seq, RPC_C_PROTSEQ_MAX_REQS_DEFAULT, NULL);
	if (status == RPC_S_OK) {
		*endpoint = tcp_port(x);
	}
	return status == RPC_S_OK && !*endpoint ? RPC_S_NO_BINDINGS : status;
}

static struct server *server_new(uint32_t protseq, const char *endpoint)
{
	struct server *s = gu_calloc(1, sizeof(*s));
	struct gu_buf label = GU_BUF_INIT;

	if (!s) {
		return NULL;
	}
	s->arrived = CreateEventW(NULL, FALSE, FALSE, NULL);
	if (s->arrived && !rand_s(&s->number)) {
		gu_buf_addf(&label, "%u %s %s", s->number, protseqs[protseq],
			    endpoint);
		s->label = gu_buf_detach(&label);
	}
	if (!s->label) {
		server_free(s);
		return NULL;
	}
	AcquireSRWLockExclusive(&lock);
	s->next = servers;
	servers = s;
	ReleaseSRWLockExclusive(&lock);
	return s;
}

void w_fn_rpc_serve(struct w_run *x)
{
	uint32_t protseq = w_uint(x, 0, PROTSEQ_NCALRPC);
	const char *endpoint = endpoint_text(x, protseq, w_str(x, 1));
	RPC_STATUS status = use_endpoint(x, protseq, &endpoint);
	struct server *s;
	uint32_t id;

	if (status == RPC_S_OK) {
		status = serve_interface();
	}
	if (status != RPC_S_OK) {
		w_answer_code(x, (uint32_t)status);
		return;
	}
	s = server_new(protseq, endpoint);
	if (!s) {
		w_answer_nomem(x);
		return;
	}
	id = w_thing_new(x, GU_REF_RPC_SERVER, s, server_close);
	w_answer_thing(x, GU_REF_RPC_SERVER, id, s->label);
}

/* bindings */

static void binding_unref(void *p)
{
	struct binding *b = p;

	if (InterlockedDecrement(&b->refs) == 0) {
		(void)RpcBindingFree(&b->handle);
		gu_free(b);
	}
}

static const char *flag(bool v)
{
	return v ? "True" : "False";
}

/* What a local transport gives by itself, as its network options say it. */
static const char *transport_options(struct w_run *x, const char *protseq)
{
	static const char *const levels[] = { "Anonymous", "Identification",
					      "Impersonation", "Delegation" };
	uint32_t level = w_uint(x, 3, GU_LEVEL_IMPERSONATION);
	bool dynamic = w_uint(x, 4, 0) != 0;

	if (!strcmp(protseq, protseqs[PROTSEQ_TCP]) ||
	    level > GU_LEVEL_DELEGATION ||
	    (!w_has(x, 3) && !w_has(x, 4) && !w_has(x, 5))) {
		return NULL;
	}
	return gu_arena_printf(x->arena, "Security=%s %s %s", levels[level],
			       dynamic ? "Dynamic" : "Static",
			       flag(w_bool(x, 5, true)));
}

static RPC_STATUS connect_to(struct w_run *x, const char *protseq,
			     const char *endpoint, RPC_BINDING_HANDLE *out)
{
	bool tcp = !strcmp(protseq, protseqs[PROTSEQ_TCP]);
	const char *options = transport_options(x, protseq);
	RPC_CSTR text;
	RPC_STATUS status = RpcStringBindingComposeA(
		NULL, (RPC_CSTR)protseq, (RPC_CSTR)(tcp ? "127.0.0.1" : NULL),
		(RPC_CSTR)endpoint, (RPC_CSTR)options, &text);

	if (status != RPC_S_OK) {
		return status;
	}
	status = RpcBindingFromStringBindingA(text, out);
	(void)RpcStringFreeA(&text);
	return status;
}

static RPC_STATUS authenticate(struct w_run *x, RPC_BINDING_HANDLE binding)
{
	bool mutual = w_bool(x, 6, false);
	bool dynamic = w_uint(x, 4, 0) != 0;
	RPC_SECURITY_QOS qos = {
		.Version = RPC_C_SECURITY_QOS_VERSION,
		.Capabilities = mutual ? RPC_C_QOS_CAPABILITIES_MUTUAL_AUTH
				       : RPC_C_QOS_CAPABILITIES_DEFAULT,
		.IdentityTracking = dynamic ? RPC_C_QOS_IDENTITY_DYNAMIC
					    : RPC_C_QOS_IDENTITY_STATIC,
		.ImpersonationType = w_uint(x, 3, GU_LEVEL_IMPERSONATION) +
				     RPC_C_IMP_LEVEL_ANONYMOUS,
	};

	if (!w_has(x, 1) && !w_has(x, 2)) {
		return RPC_S_OK;
	}
	return RpcBindingSetAuthInfoExW(
		binding, NULL, w_uint(x, 1, RPC_C_AUTHN_LEVEL_DEFAULT),
		w_uint(x, 2, RPC_C_AUTHN_WINNT), NULL, RPC_C_AUTHZ_NONE, &qos);
}

static struct binding *binding_new(RPC_BINDING_HANDLE handle, uint32_t server)
{
	struct binding *b = gu_calloc(1, sizeof(*b));

	if (b) {
		b->handle = handle;
		b->server = server;
		b->refs = 1;
	}
	return b;
}

void w_fn_rpc_bind(struct w_run *x)
{
	const struct server *s = w_thing(x, 0, GU_REF_RPC_SERVER);
	const char *label = s ? s->label : w_label(x, 0);
	unsigned number = 0;
	char protseq[16];
	int endpoint = 0;
	RPC_BINDING_HANDLE handle;
	struct binding *b;
	RPC_STATUS status;

	if (!label ||
	    sscanf(label, "%u %15s %n", &number, protseq, &endpoint) != 2) {
		w_answer_usage(x, "no such RPC server");
		return;
	}
	status = connect_to(x, protseq, label + endpoint, &handle);
	if (status == RPC_S_OK) {
		status = authenticate(x, handle);
		if (status != RPC_S_OK) {
			(void)RpcBindingFree(&handle);
		}
	}
	if (status != RPC_S_OK) {
		w_answer_code(x, (uint32_t)status);
		return;
	}
	b = binding_new(handle, number);
	if (!b) {
		(void)RpcBindingFree(&handle);
		w_answer_nomem(x);
		return;
	}
	w_answer_thing(x, GU_REF_RPC_BINDING,
		       w_thing_new(x, GU_REF_RPC_BINDING, b, binding_unref),
		       NULL);
}

/* calls */

static void knock(void *arg)
{
	const struct binding *b = arg;

	c_wire_knock(b->handle, b->server);
}

static void call(void *arg)
{
	const struct binding *b = arg;

	c_wire_call(b->handle, b->server);
}

static void held_call(void *arg)
{
	struct w_guard guard;

	w_guard_call(call, arg, &guard);
	binding_unref(arg);
}

/* The binding that a call goes out over, or a status. */
static uint32_t client_binding(struct w_run *x, struct binding **out)
{
	*out = w_thing(x, 0, GU_REF_RPC_BINDING);
	if (*out) {
		return RPC_S_OK;
	}
	return w_thing(x, 0, GU_REF_RPC_CALL) ? RPC_S_WRONG_KIND_OF_BINDING
					      : RPC_S_INVALID_BINDING;
}

void w_fn_rpc_call(struct w_run *x)
{
	struct w_guard guard;
	struct binding *b;
	uint32_t code = client_binding(x, &b);

	if (!code) {
		w_guard_call(knock, b, &guard);
		code = guard.raised ? guard.code : RPC_S_OK;
	}
	if (code) {
		w_answer_code(x, code);
		return;
	}
	(void)InterlockedIncrement(&b->refs);
	if (!w_carry(held_call, b)) {
		w_answer_code(x, GetLastError());
		binding_unref(b);
		return;
	}
	w_answer_code(x, RPC_S_OK);
}

/* While the call is served its pool thread runs this thread's jobs; what
 * returns from it is answered here, where the thread is itself again. */
static void serve_call(struct w_run *x, struct call *call)
{
	struct w_run *returner;

	call->outer = x->thread->channel[W_CHANNEL_RPC];
	x->thread->channel[W_CHANNEL_RPC] = call;
	(void)SetEvent(call->taken);
	if (!w_wait(x, call->left)) {
		(void)WaitForSingleObject(call->left, INFINITE);
	}
	x->thread->channel[W_CHANNEL_RPC] = call->outer;
	returner = call->returner;
	call_free(call);
	if (returner) {
		w_finish(returner);
	}
}

void w_fn_rpc_receive(struct w_run *x)
{
	struct server *s = w_thing(x, 0, GU_REF_RPC_SERVER);
	struct call *call;

	if (!s) {
		w_answer_usage(x, "no RPC server of this process");
		return;
	}
	while (!(call = server_next(s, x))) {
		if (!w_wait(x, s->arrived)) {
			w_answer_cancelled(x);
			return;
		}
	}
	call->thing = w_thing_new(x, GU_REF_RPC_CALL, call, NULL);
	w_answer_thing(x, GU_REF_RPC_CALL, call->thing, NULL);
	serve_call(x, call);
}

void w_fn_rpc_return(struct w_run *x)
{
	const struct call *current = x->thread->channel[W_CHANNEL_RPC];
	const struct call *named = w_thing(x, 0, GU_REF_RPC_CALL);

	if (!current || (w_raw(x, 0) && named != current)) {
		w_answer_code(x, RPC_S_NO_CALL_ACTIVE);
		return;
	}
	w_thing_forget(x, GU_REF_RPC_CALL, current->thing);
	w_answer_code(x, RPC_S_OK);
	w_leave(x);
}

/* the impersonation functions */

/* What an argument names. A call that has ended, or that another process
 * serves, is no binding any more: the system is not asked about freed
 * memory. */
static bool find_binding(struct w_run *x, RPC_BINDING_HANDLE *out)
{
	const struct call *served = w_thing(x, 0, GU_REF_RPC_CALL);
	const struct binding *b = w_thing(x, 0, GU_REF_RPC_BINDING);

	*out = NULL;
	if (served) {
		*out = served->binding;
	} else if (b) {
		*out = b->handle;
	} else if (w_is_raw(x, 0)) {
		*out = (RPC_BINDING_HANDLE)(UINT_PTR)w_raw(x, 0);
	} else {
		return !w_has(x, 0);
	}
	return true;
}

static void with_binding(struct w_run *x)
{
	RPC_STATUS(RPC_ENTRY * fn)(RPC_BINDING_HANDLE) = (void *)x->proc;
	RPC_BINDING_HANDLE binding;

	if (!find_binding(x, &binding)) {
		w_answer_code(x, RPC_S_INVALID_BINDING);
		return;
	}
	w_answer_code(x, (uint32_t)fn(binding));
}

void w_fn_RpcImpersonateClient(struct w_run *x)
{
	with_binding(x);
}

void w_fn_RpcImpersonateClient2(struct w_run *x)
{
	with_binding(x);
}

void w_fn_RpcRevertToSelfEx(struct w_run *x)
{
	with_binding(x);
}

void w_fn_RpcRevertToSelf(struct w_run *x)
{
	RPC_STATUS(RPC_ENTRY * fn)(void) = (void *)x->proc;

	w_answer_code(x, (uint32_t)fn());
}

/* name, authn_level, authn_service */
static void set_client(struct w_run *x, RPC_WSTR name, unsigned long level,
		       unsigned long service)
{
	struct gu_field *fields = gu_arena_alloc(x->arena, 3 * sizeof(*fields));
	const char *text = w_narrow(x->arena, name ? name : L"");

	if (!fields || !text) {
		w_answer_nomem(x);
		return;
	}
	fields[0] = (struct gu_field){
		"name",
		{ .type = GU_V_STR, .str = { text, strlen(text) } },
	};
	fields[1] = (struct gu_field){ "authn_level",
				       { .type = GU_V_UINT, .u = level } };
	fields[2] = (struct gu_field){ "authn_service",
				       { .type = GU_V_UINT, .u = service } };
	w_set_table(x, fields, 3);
}

void w_fn_RpcBindingInqAuthClient(struct w_run *x)
{
	RPC_STATUS(RPC_ENTRY * fn)
	(RPC_BINDING_HANDLE, RPC_AUTHZ_HANDLE *, RPC_WSTR *, unsigned long *,
	 unsigned long *, unsigned long *) = (void *)x->proc;
	RPC_BINDING_HANDLE binding;
	RPC_AUTHZ_HANDLE privileges = NULL;
	RPC_WSTR name = NULL;
	unsigned long level = 0;
	unsigned long service = 0;
	RPC_STATUS status = RPC_S_INVALID_BINDING;

	if (find_binding(x, &binding)) {
		status =
			fn(binding, &privileges, &name, &level, &service, NULL);
	}
	w_answer_code(x, (uint32_t)status);
	if (status == RPC_S_OK) {
		set_client(x, name, level, service);
	}
	if (name) {
		(void)RpcStringFreeW(&name);
	}
}

/* capabilities */

static void probe_knock(void *arg)
{
	c_wire_knock(arg, (unsigned long)probed.number);
}

/* One call to ourselves whose client allows Identification. */
static bool probe(void)
{
	struct w_guard guard = { .raised = true };
	RPC_BINDING_HANDLE handle;
	RPC_CSTR text;
	char endpoint[64];
	unsigned number = 0;

	(void)snprintf(endpoint, sizeof(endpoint), "guise-probe-%lu-%lu",
		       GetCurrentProcessId(), GetCurrentThreadId());
	if (rand_s(&number) ||
	    RpcServerUseProtseqEpA((RPC_CSTR)protseqs[PROTSEQ_NCALRPC],
				   RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
				   (RPC_CSTR)endpoint, NULL) ||
	    serve_interface() ||
	    RpcStringBindingComposeA(
		    NULL, (RPC_CSTR)protseqs[PROTSEQ_NCALRPC], NULL,
		    (RPC_CSTR)endpoint,
		    (RPC_CSTR) "Security=Identification Static True", &text)) {
		return false;
	}
	probed.number = (LONG)number;
	if (!RpcBindingFromStringBindingA(text, &handle)) {
		w_guard_call(probe_knock, handle, &guard);
		(void)RpcBindingFree(&handle);
	}
	(void)RpcStringFreeA(&text);
	probed.number = 0;
	return !guard.raised;
}

bool w_probe_rpc(void)
{
	return probe();
}

bool w_probe_rpc_identity(void)
{
	probed.identifies = false;
	return probe() && probed.identifies;
}
