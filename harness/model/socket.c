/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "banned.h"

/* Sockets whose peers IPsec authenticates. A stream is connected and
 * accepted; a datagram socket receives with socket_accept, which hands out
 * the same socket: its peer is then the sender. */

enum {
	KIND_STREAM = 1,
	KIND_DATAGRAM = 2,

	PEER_NONE = 0,
	PEER_USER = 1,
	PEER_COMPUTER = 2,

	ADDRESS_MIN = 2,    /* "::" */
	COMPUTER_RID = 999, /* below every account's */
};

#define WSAEACCES     10013u
#define WSAEINVAL     10022u
#define WSAEOPNOTSUPP 10045u
#define WSAENOTCONN   10057u
#define WSAETIMEDOUT  10060u

struct peer {
	struct m_link link;
	struct m_token *token; /* counted; NULL: not authenticated */
};

struct sock {
	struct gu_ref ref;
	struct m_process *process;
	uint32_t kind;
	bool ipsec;
	bool listening;       /* streams that accept */
	struct m_queue queue; /* peers not yet accepted or received */
	struct peer *peer;    /* owned; NULL: none yet */
};

static void peer_free(struct m_world *w, struct peer *peer)
{
	if (peer) {
		m_token_unref(w, peer->token);
		gu_free(peer);
	}
}

static void sock_free(struct m_world *w, void *p)
{
	struct sock *s = p;
	struct peer *peer;

	while ((peer = m_queue_pop(&s->queue))) {
		peer_free(w, peer);
	}
	peer_free(w, s->peer);
	gu_free(s);
}

static struct sock *find_sock(const struct m_ctx *c)
{
	return m_item_arg(c, 0, GU_REF_SOCKET);
}

static enum gu_rc sock_new(struct m_ctx *c, uint32_t kind, struct sock **out)
{
	struct sock *s = gu_calloc(1, sizeof(*s));
	enum gu_rc rc;

	if (!s) {
		return gu_err_nomem(c->err);
	}
	s->process = c->thread->process;
	s->kind = kind;
	rc = m_item_add(c->w, GU_REF_SOCKET, s, sock_free, &s->ref, c->err);
	if (rc) {
		gu_free(s);
		return rc;
	}
	m_set_ref(c, s->ref);
	*out = s;
	return GU_RC_OK;
}

enum gu_rc m_fn_socket_listen(struct m_ctx *c)
{
	uint32_t kind = m_uint(c, 2, KIND_STREAM);
	struct sock *s;
	enum gu_rc rc;

	if (m_uint(c, 0, 0) > UINT16_MAX) {
		return m_answer_code(c, WSAEINVAL);
	}
	rc = sock_new(c, kind, &s);
	if (rc) {
		return rc;
	}
	s->ipsec = m_bool(c, 1, true);
	s->listening = kind == KIND_STREAM;
	return m_answer_ok(c);
}

/* identities */

static enum gu_rc add_codes(struct gu_token *data, struct gu_err *err)
{
	static const char codes[][3] = { "WD", "AU", "NU" };
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < 3; i++) {
		struct gu_sid sid;

		if (!gu_sid_from_sddl_code(&sid, codes[i], NULL)) {
			return gu_err_set(err, GU_RC_INTERNAL,
					  "no SDDL code %s", codes[i]);
		}
		rc = gu_token_add_group(data, &sid,
					GU_GROUP_MANDATORY |
						GU_GROUP_ENABLED_BY_DEFAULT |
						GU_GROUP_ENABLED,
					err);
	}
	return rc;
}

/* A network logon of the machine's own account. */
static enum gu_rc computer_token(struct m_ctx *c, struct m_token **out)
{
	struct gu_token *data;
	enum gu_rc rc = gu_token_new(&data, c->err);

	if (rc) {
		return rc;
	}
	data->type = GU_TOKEN_IMPERSONATION;
	data->level = GU_LEVEL_IMPERSONATION;
	data->auth_id = m_luid(c->w);
	rc = add_codes(data, c->err);
	if (!rc && !gu_sid_append(&data->user, &c->w->machine, COMPUTER_RID)) {
		rc = gu_err_set(c->err, GU_RC_INTERNAL, "machine SID too long");
	}
	if (rc) {
		gu_token_unref(data);
		return rc;
	}
	data->owner = data->user;
	data->primary_group = data->user;
	return m_token_new(c->w, data, NULL, out, c->err);
}

static enum gu_rc
user_token(struct m_ctx *c, struct m_token **out, uint32_t *nt)
{
	struct gu_sqos qos = { .present = true,
			       .level = GU_LEVEL_IMPERSONATION };

	return m_capture(c, c->thread, &qos, out, nt);
}

/* connections */

/* The caller as `identity`, or WSAEACCES when its own token is too weak to
 * be authenticated with. */
static enum gu_rc
peer_new(struct m_ctx *c, uint32_t identity, struct peer **out, uint32_t *code)
{
	struct peer *peer = gu_calloc(1, sizeof(*peer));
	uint32_t nt = GU_NT_SUCCESS;
	enum gu_rc rc = GU_RC_OK;

	if (!peer) {
		return gu_err_nomem(c->err);
	}
	if (identity == PEER_USER) {
		rc = user_token(c, &peer->token, &nt);
	} else if (identity == PEER_COMPUTER) {
		rc = computer_token(c, &peer->token);
	}
	*code = gu_nt_success(nt) ? 0 : WSAEACCES;
	if (rc || *code) {
		gu_free(peer);
		return rc;
	}
	*out = peer;
	return GU_RC_OK;
}

/* Without IPsec nobody is authenticated; with it, negotiation with a client
 * that has nothing to show gets nowhere. */
enum gu_rc m_fn_socket_connect(struct m_ctx *c)
{
	struct sock *server = find_sock(c);
	uint32_t identity = m_uint(c, 1, PEER_USER);
	struct peer *peer;
	struct sock *s;
	uint32_t code;
	enum gu_rc rc;

	if (!server) {
		return m_answer_code(c, GU_WSAENOTSOCK);
	}
	if (server->peer && server->kind == KIND_STREAM) {
		return m_answer_code(c, WSAEOPNOTSUPP);
	}
	if (server->ipsec && identity == PEER_NONE) {
		return m_answer_code(c, WSAETIMEDOUT);
	}
	rc = peer_new(c, server->ipsec ? identity : PEER_NONE, &peer, &code);
	if (rc || code) {
		return rc ? rc : m_answer_code(c, code);
	}
	rc = sock_new(c, server->kind, &s);
	if (rc) {
		peer_free(c->w, peer);
		return rc;
	}
	m_queue_push(&server->queue, &peer->link);
	return m_answer_ok(c);
}

static enum gu_rc receive_datagram(struct m_ctx *c, struct sock *s)
{
	peer_free(c->w, s->peer);
	s->peer = m_queue_pop(&s->queue);
	m_set_ref(c, s->ref);
	return m_answer_ok(c);
}

enum gu_rc m_fn_socket_accept(struct m_ctx *c)
{
	struct sock *listener = find_sock(c);
	struct sock *s;
	enum gu_rc rc;

	if (!listener || listener->process != c->thread->process) {
		return m_answer_code(c, GU_WSAENOTSOCK);
	}
	if (listener->kind != KIND_STREAM && listener->kind != KIND_DATAGRAM) {
		return m_answer_code(c, WSAEOPNOTSUPP);
	}
	if (listener->kind == KIND_STREAM && !listener->listening) {
		return m_answer_code(c, WSAEINVAL);
	}
	if (!m_queue_first(&listener->queue)) {
		return GU_RC_PENDING;
	}
	if (listener->kind == KIND_DATAGRAM) {
		return receive_datagram(c, listener);
	}
	rc = sock_new(c, KIND_STREAM, &s);
	if (rc) {
		return rc;
	}
	s->ipsec = listener->ipsec;
	s->peer = m_queue_pop(&listener->queue);
	return m_answer_ok(c);
}

/* impersonation */

/* An address is demanded of connectionless sockets only. */
static uint32_t check_address(const struct m_ctx *c, const struct sock *s)
{
	const char *peer = m_str(c, 1);
	size_t len;

	if (s->kind != KIND_DATAGRAM) {
		return 0;
	}
	if (!peer) {
		return GU_WSAEFAULT;
	}
	len = strlen(peer);
	if (len < ADDRESS_MIN) {
		return GU_WSAEMSGSIZE;
	}
	return strspn(peer, "0123456789abcdefABCDEF.:[]%") == len
		       ? 0
		       : GU_WSAEAFNOSUPPORT;
}

static uint32_t check_socket(const struct m_ctx *c, const struct sock *s)
{
	uint32_t code;

	if (!s || s->process != c->thread->process) {
		return GU_WSAENOTSOCK;
	}
	if (s->kind != KIND_STREAM && s->kind != KIND_DATAGRAM) {
		return GU_WSAEAFNOSUPPORT;
	}
	code = check_address(c, s);
	if (code) {
		return code;
	}
	if (!s->peer) {
		return WSAENOTCONN;
	}
	return s->peer->token ? 0 : WSAEACCES;
}

enum gu_rc m_fn_WSAImpersonateSocketPeer(struct m_ctx *c)
{
	const struct sock *s = find_sock(c);
	uint32_t code = check_socket(c, s);
	uint32_t nt;
	enum gu_rc rc;

	if (code) {
		return m_answer_code(c, code);
	}
	rc = m_impersonate(c, c->thread, s->peer->token, true, &nt);
	if (rc) {
		return rc;
	}
	return m_answer_code(c, gu_nt_success(nt) ? 0 : WSAEACCES);
}

enum gu_rc m_fn_WSARevertImpersonation(struct m_ctx *c)
{
	m_slot_set(c->w, c->thread, NULL, false);
	return m_answer_ok(c);
}
