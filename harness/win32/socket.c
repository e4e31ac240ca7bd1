/* SPDX-License-Identifier: MIT */
#include "channel.h"
#include "probe.h"

#include <mstcpip.h>
#include <stdio.h>
#include <ws2tcpip.h>

#include "alloc.h"

#include "banned.h"

/* Sockets of this machine. Who their peer is the system's IPsec policy decides,
 * which guise does not change: `ipsec` asks the system to demand it. */

enum {
	KIND_STREAM = 1,
	KIND_DATAGRAM = 2,

	PEER_NONE = 0,
	PEER_USER = 1,
};

struct sock {
	SOCKET s;
	uint32_t kind;
	uint16_t port; /* of listeners */
	bool ipsec;
	WSAEVENT ready; /* of listeners: a peer is there */
	char label[48]; /* of listeners: KIND IPSEC PORT */
};

static void sock_free(void *p)
{
	struct sock *k = p;

	if (k->s != INVALID_SOCKET) {
		(void)closesocket(k->s);
	}
	if (k->ready) {
		(void)WSACloseEvent(k->ready);
	}
	gu_free(k);
}

static BOOL CALLBACK start_up(INIT_ONCE *once, void *arg, void **context)
{
	WSADATA data;

	(void)once;
	(void)arg;
	(void)context;
	return WSAStartup(MAKEWORD(2, 2), &data) == 0;
}

static struct sock *sock_new(uint32_t kind, SOCKET s)
{
	struct sock *k = gu_calloc(1, sizeof(*k));

	if (k) {
		k->s = s;
		k->kind = kind;
	} else if (s != INVALID_SOCKET) {
		(void)closesocket(s);
	}
	return k;
}

/* A new socket, or INVALID_SOCKET with the WSA error set. */
static SOCKET open_socket(uint32_t kind)
{
	static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

	if (!InitOnceExecuteOnce(&once, start_up, NULL, NULL)) {
		return INVALID_SOCKET;
	}
	switch (kind) {
	case KIND_STREAM:
		return socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	case KIND_DATAGRAM:
		return socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	default:
		return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	}
}

/* Demands an authenticated peer. 0, a WSA error, or WSAEOPNOTSUPP where the
 * system has no such function. */
static int demand_ipsec(SOCKET s)
{
	int(WSAAPI * fn)(SOCKET, const SOCKET_SECURITY_SETTINGS *, ULONG,
			 WSAOVERLAPPED *, LPWSAOVERLAPPED_COMPLETION_ROUTINE) =
		(void *)w_resolve("fwpuclnt.dll", "WSASetSocketSecurity");
	const SOCKET_SECURITY_SETTINGS settings = {
		.SecurityProtocol = SOCKET_SECURITY_PROTOCOL_IPSEC,
		.SecurityFlags = SOCKET_SETTINGS_GUARANTEE_ENCRYPTION,
	};

	if (!fn) {
		return WSAEOPNOTSUPP;
	}
	return fn(s, &settings, sizeof(settings), NULL, NULL)
		       ? WSAGetLastError()
		       : 0;
}

static struct sockaddr_in here(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int listen_on(struct sock *k, uint16_t port)
{
	struct sockaddr_in at = here(port);
	int n = sizeof(at);

	if (bind(k->s, (struct sockaddr *)&at, n) ||
	    getsockname(k->s, (struct sockaddr *)&at, &n) ||
	    (k->kind == KIND_STREAM && listen(k->s, SOMAXCONN))) {
		return WSAGetLastError();
	}
	k->port = ntohs(at.sin_port);
	k->ready = WSACreateEvent();
	if (k->ready == WSA_INVALID_EVENT ||
	    WSAEventSelect(k->s, k->ready, FD_ACCEPT | FD_READ)) {
		return WSAGetLastError();
	}
	return 0;
}

void w_fn_socket_listen(struct w_run *x)
{
	uint32_t port = w_uint(x, 0, 0);
	uint32_t kind = w_uint(x, 2, KIND_STREAM);
	struct sock *k;
	int error = 0;

	if (port > UINT16_MAX) {
		w_answer_code(x, WSAEINVAL);
		return;
	}
	k = sock_new(kind, open_socket(kind));
	if (!k) {
		w_answer_nomem(x);
		return;
	}
	k->ipsec = w_bool(x, 1, true);
	if (k->s == INVALID_SOCKET) {
		error = WSAGetLastError();
	} else if (k->ipsec) {
		error = demand_ipsec(k->s);
	}
	if (!error) {
		error = listen_on(k, (uint16_t)port);
	}
	if (error) {
		sock_free(k);
		w_answer_code(x, (uint32_t)error);
		return;
	}
	(void)snprintf(k->label, sizeof(k->label), "%u %d %u", (unsigned)kind,
		       k->ipsec, (unsigned)k->port);
	w_answer_thing(x, GU_REF_SOCKET,
		       w_thing_new(x, GU_REF_SOCKET, k, sock_free), k->label);
}

static int connect_to(struct sock *k, uint16_t port)
{
	struct sockaddr_in at = here(port);

	if (connect(k->s, (struct sockaddr *)&at, sizeof(at))) {
		return WSAGetLastError();
	}
	/* A datagram socket's peer is whoever sent something. */
	return k->kind == KIND_DATAGRAM && send(k->s, "g", 1, 0) != 1
		       ? WSAGetLastError()
		       : 0;
}

void w_fn_socket_connect(struct w_run *x)
{
	const struct sock *to = w_thing(x, 0, GU_REF_SOCKET);
	const char *label = to ? to->label : w_label(x, 0);
	uint32_t identity = w_uint(x, 1, PEER_USER);
	unsigned kind;
	unsigned port;
	int ipsec;
	struct sock *k;
	int error = 0;

	if (!label || sscanf(label, "%u %d %u", &kind, &ipsec, &port) != 3) {
		w_answer_code(x, WSAENOTSOCK);
		return;
	}
	if (identity > PEER_USER) {
		w_answer_unsupported(x, "a computer's identity is the choice "
					"of IPsec policy");
		return;
	}
	k = sock_new(kind, open_socket(kind));
	if (!k) {
		w_answer_nomem(x);
		return;
	}
	if (k->s == INVALID_SOCKET) {
		error = WSAGetLastError();
	} else if (ipsec && identity == PEER_USER) {
		error = demand_ipsec(k->s);
	}
	if (!error) {
		error = connect_to(k, (uint16_t)port);
	}
	if (error) {
		sock_free(k);
		w_answer_code(x, (uint32_t)error);
		return;
	}
	w_answer_thing(x, GU_REF_SOCKET,
		       w_thing_new(x, GU_REF_SOCKET, k, sock_free), NULL);
}

/* Waits for the next sender, whose datagram stays its last one. */
static int receive_datagram(struct w_run *x, struct sock *k)
{
	char byte;

	while (recv(k->s, &byte, 1, 0) < 0) {
		int error = WSAGetLastError();

		if (error == WSAEMSGSIZE) {
			return 0;
		}
		if (error != WSAEWOULDBLOCK) {
			return error;
		}
		if (!w_wait(x, k->ready)) {
			return WSAEINTR;
		}
		(void)WSAResetEvent(k->ready);
	}
	return 0;
}

static int accept_stream(struct w_run *x, struct sock *k, SOCKET *out)
{
	while ((*out = accept(k->s, NULL, NULL)) == INVALID_SOCKET) {
		int error = WSAGetLastError();

		if (error != WSAEWOULDBLOCK) {
			return error;
		}
		if (!w_wait(x, k->ready)) {
			return WSAEINTR;
		}
		(void)WSAResetEvent(k->ready);
	}
	return 0;
}

void w_fn_socket_accept(struct w_run *x)
{
	struct sock *listener = w_thing(x, 0, GU_REF_SOCKET);
	struct sock *k;
	SOCKET s = INVALID_SOCKET;
	int error;

	if (!listener) {
		w_answer_code(x, WSAENOTSOCK);
		return;
	}
	error = listener->kind == KIND_DATAGRAM
			? receive_datagram(x, listener)
			: accept_stream(x, listener, &s);
	if (error) {
		w_answer_code(x, (uint32_t)error);
		return;
	}
	if (listener->kind == KIND_DATAGRAM) {
		w_answer_thing(x, GU_REF_SOCKET, x->job->args[0].ref.id, NULL);
		return;
	}
	k = sock_new(KIND_STREAM, s);
	if (!k) {
		w_answer_nomem(x);
		return;
	}
	w_answer_thing(x, GU_REF_SOCKET,
		       w_thing_new(x, GU_REF_SOCKET, k, sock_free), NULL);
}

/* the impersonation functions */

/* The address of an argument; false when it is none. */
static bool read_address(const char *text, SOCKADDR_STORAGE *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		return true;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		return true;
	}
	return false;
}

void w_fn_WSAImpersonateSocketPeer(struct w_run *x)
{
	int(WSAAPI * fn)(SOCKET, const struct sockaddr *, ULONG) =
		(void *)x->proc;
	const struct sock *k = w_thing(x, 0, GU_REF_SOCKET);
	const char *peer = w_str(x, 1);
	SOCKADDR_STORAGE address;
	ULONG n = peer ? sizeof(address) : 0;
	int failed;

	/* Text that is no address goes on as an address of no family. */
	(void)read_address(peer ? peer : "", &address);
	failed = fn(k ? k->s : (SOCKET)w_raw(x, 0),
		    peer ? (const struct sockaddr *)&address : NULL, n);
	w_answer_code(x, failed ? (uint32_t)WSAGetLastError() : 0);
}

void w_fn_WSARevertImpersonation(struct w_run *x)
{
	int(WSAAPI * fn)(void) = (void *)x->proc;

	w_answer_code(x, fn() ? (uint32_t)WSAGetLastError() : 0);
}

/* capabilities */

/* A connection within this thread, both of its ends demanding IPsec, whose
 * server end can act as its peer. */
static bool peer_is_known(struct sock *listener, struct sock *client)
{
	int(WSAAPI * fn)(SOCKET, const struct sockaddr *, ULONG) =
		(void *)w_resolve("fwpuclnt.dll", "WSAImpersonateSocketPeer");
	struct w_identity who = { .impersonating = false };
	u_long off = 0;
	SOCKET s;

	if (!fn || demand_ipsec(listener->s) || listen_on(listener, 0) ||
	    demand_ipsec(client->s) || connect_to(client, listener->port)) {
		return false;
	}
	(void)WSAEventSelect(listener->s, NULL, 0);
	(void)ioctlsocket(listener->s, (long)FIONBIO, &off);
	s = accept(listener->s, NULL, NULL);
	if (s == INVALID_SOCKET) {
		return false;
	}
	if (!fn(s, NULL, 0)) {
		w_identity_read(&who);
	}
	(void)closesocket(s);
	return who.impersonating;
}

bool w_probe_socket(void)
{
	struct sock *listener = sock_new(KIND_STREAM, open_socket(KIND_STREAM));
	struct sock *client = sock_new(KIND_STREAM, open_socket(KIND_STREAM));
	bool works = listener && client && peer_is_known(listener, client);

	if (listener) {
		sock_free(listener);
	}
	if (client) {
		sock_free(client);
	}
	return works;
}
