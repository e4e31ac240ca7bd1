/* SPDX-License-Identifier: MIT */
#define _CRT_RAND_S
#include <stdlib.h>

#include "exec.h"

#include <rpc.h>

#include "alloc.h"
#include "guard.h"
#include "identity_carry.h"
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
	LONG refs;
	bool closed;
	HANDLE arrived; /* auto-reset: something waits, or closed */
	struct call *first;
	struct call *last;
	char *label; /* "NUMBER PROTSEQ ENDPOINT" */
};

/* One call. Of the pool thread that dispatches it until it is received, then
 * of the thread that receives it. */
struct call {
	struct call *next;
	RPC_BINDING_HANDLE binding;
	HANDLE taken; /* received, or its server closed */
	HANDLE left;  /* its pool thread stands for nobody any more */
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

static void server_unref(struct server *s)
{
	if (InterlockedDecrement(&s->refs) == 0) {
		CloseHandle(s->arrived);
		gu_free(s->label);
		gu_free(s);
	}
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
	s->closed = true;
	for (struct call *c = s->first; c; c = c->next) {
		SetEvent(c->taken);
	}
	s->first = NULL;
	s->last = NULL;
	ReleaseSRWLockExclusive(&lock);
	server_unref(s);
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

void wire_knock(handle_t binding, unsigned long server)
{
	(void)binding;
	(void)server;
}

/* The binding that the stub passes is not the call's under Wine. */
static RPC_BINDING_HANDLE current_binding(handle_t passed)
{
	RPC_BINDING_HANDLE(WINAPI * inquire)(void) =
		(void *)w_resolve("rpcrt4", "I_RpcGetCurrentCallHandle");
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
	status = RpcServerUseProtseqA(seq, RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
				      NULL);
	if (status == RPC_S_OK) {
		*endpoint = tcp_port(x);
	}
	return status == RPC_S_OK && !*endpoint ? RPC_S_NO_BINDINGS : status;
}

static struct server *server_new(uint32_t protseq, const char *endpoint)
{
	struct server *s = gu_calloc(1, sizeof(*s));
	struct gu_buf label = GU_BUF_INIT;
	unsigned number = 0;

	if (!s) {
		return NULL;
	}
	s->refs = 1;
	s->arrived = CreateEventW(NULL, FALSE, FALSE, NULL);
	if (rand_s(&number) || !s->arrived) {
		server_unref(s);
		return NULL;
	}
	s->number = number;
	(void)protseq;
	(void)endpoint;
	(void)label;
	return s;
}
