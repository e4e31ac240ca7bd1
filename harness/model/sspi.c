/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "banned.h"

/* SSPI. A client context and a server context are made apart and joined by
 * sspi_accept; sspi_complete exchanges the legs that are left, after which
 * the server context holds the client's token. Every package offered here
 * can impersonate; Schannel only a client that was asked for a certificate. */

enum {
	PACKAGE_NEGOTIATE = 9,
	PACKAGE_NTLM = 10,
	PACKAGE_SCHANNEL = 14,
	PACKAGE_KERBEROS = 16,

	ISC_DELEGATE = 0x1,
	ISC_MUTUAL_AUTH = 0x2,
	ISC_IDENTIFY = 0x20000,
	ISC_NULL_SESSION = 0x40000,
	ASC_MUTUAL_AUTH = 0x2,
	ASC_IDENTIFY = 0x80000,
	ASC_ALLOW_NULL_SESSION = 0x100000,
};

#define SEC_I_CONTINUE_NEEDED    0x00090312u
#define SEC_E_INVALID_TOKEN      0x80090308u
#define SEC_E_LOGON_DENIED       0x8009030Cu
#define SEC_E_NO_CREDENTIALS     0x8009030Eu
#define SEC_E_INCOMPLETE_MESSAGE 0x80090318u

struct sspi_ctx {
	struct gu_ref ref;
	struct m_process *process;
	bool server;
	bool accepted; /* the client's first token was used */
	bool complete;
	bool null_session;
	uint32_t package;
	uint32_t flags; /* as this side asked */
	/* Client: who it is; server: what it can act as. Counted; NULL for
	 * null sessions, and on servers until complete. */
	struct m_token *token;
	struct sspi_ctx *peer; /* NULL before accept and once deleted */
};

static void ctx_free(struct m_world *w, void *p)
{
	struct sspi_ctx *ctx = p;

	if (ctx->peer) {
		ctx->peer->peer = NULL;
	}
	m_token_unref(w, ctx->token);
	gu_free(ctx);
}

/* Adds `ctx` as the call's result; frees it on failure. */
static enum gu_rc give_ctx(struct m_ctx *c, struct sspi_ctx *ctx)
{
	enum gu_rc rc;

	ctx->process = c->thread->process;
	rc = m_item_add(c->w, GU_REF_CTXT, ctx, ctx_free, &ctx->ref, c->err);
	if (rc) {
		ctx_free(c->w, ctx);
		return rc;
	}
	m_set_ref(c, ctx->ref);
	return m_answer_ok_with(c, SEC_I_CONTINUE_NEEDED);
}

static struct sspi_ctx *find_ctx(const struct m_ctx *c)
{
	return m_item_arg(c, 0, GU_REF_CTXT);
}

/* A server context of this process, or NULL: SEC_E_INVALID_HANDLE. */
static struct sspi_ctx *find_server(const struct m_ctx *c)
{
	struct sspi_ctx *ctx = find_ctx(c);

	return ctx && ctx->server && ctx->process == c->thread->process ? ctx
									: NULL;
}

/* handshake */

/* Kerberos delegates only with mutual authentication (context-requirements),
 * as does Negotiate, which prefers it; NTLM reports mutual authentication
 * and delegates on the same machine; Schannel and Digest never. A token
 * below Delegation has no credentials to pass on. */
static bool
is_delegated(const struct m_ctx *c, uint32_t package, uint32_t flags)
{
	const struct m_token *token = m_effective(c->thread);
	uint32_t needed = ISC_DELEGATE | ISC_MUTUAL_AUTH;

	if ((flags & needed) != needed || (flags & ISC_IDENTIFY) ||
	    m_is_sensitive(c->w, &token->data->user)) {
		return false;
	}
	if (token->data->type == GU_TOKEN_IMPERSONATION &&
	    token->data->level < GU_LEVEL_DELEGATION) {
		return false;
	}
	return package == PACKAGE_NEGOTIATE || package == PACKAGE_NTLM ||
	       package == PACKAGE_KERBEROS;
}

static struct gu_sqos
requested(const struct m_ctx *c, uint32_t package, uint32_t flags)
{
	struct gu_sqos qos = { .present = true,
			       .level = GU_LEVEL_IMPERSONATION };

	if (is_delegated(c, package, flags)) {
		qos.level = GU_LEVEL_DELEGATION;
	} else if (flags & ISC_IDENTIFY) {
		qos.level = GU_LEVEL_IDENTIFICATION;
	}
	return qos;
}

enum gu_rc m_fn_sspi_client(struct m_ctx *c)
{
	uint32_t package = m_uint(c, 0, PACKAGE_NEGOTIATE);
	uint32_t flags = m_uint(c, 1, 0);
	struct gu_sqos qos = requested(c, package, flags);
	struct sspi_ctx *ctx = gu_calloc(1, sizeof(*ctx));
	uint32_t nt = GU_NT_SUCCESS;
	enum gu_rc rc = GU_RC_OK;

	if (!ctx) {
		return gu_err_nomem(c->err);
	}
	ctx->package = package;
	ctx->flags = flags;
	ctx->null_session =
		(flags & ISC_NULL_SESSION) ||
		m_effective(c->thread)->data->auth_id == GU_AUTHID_ANONYMOUS;
	if (!ctx->null_session) {
		rc = m_capture(c, c->thread, &qos, &ctx->token, &nt);
	}
	if (rc || !gu_nt_success(nt)) {
		gu_free(ctx);
		return rc ? rc : m_answer_code(c, SEC_E_NO_CREDENTIALS);
	}
	return give_ctx(c, ctx);
}

enum gu_rc m_fn_sspi_accept(struct m_ctx *c)
{
	struct sspi_ctx *client = find_ctx(c);
	uint32_t flags = m_uint(c, 1, 0);
	struct sspi_ctx *ctx;
	enum gu_rc rc;

	if (!client || client->server) {
		return m_answer_code(c, GU_SEC_E_INVALID_HANDLE);
	}
	if (client->accepted) {
		return m_answer_code(c, SEC_E_INVALID_TOKEN);
	}
	if (client->null_session && !(flags & ASC_ALLOW_NULL_SESSION)) {
		return m_answer_code(c, SEC_E_LOGON_DENIED);
	}
	ctx = gu_calloc(1, sizeof(*ctx));
	if (!ctx) {
		return gu_err_nomem(c->err);
	}
	ctx->server = true;
	ctx->package = client->package;
	ctx->flags = flags;
	rc = give_ctx(c, ctx);
	if (!rc) {
		client->accepted = true;
		client->peer = ctx;
		ctx->peer = client;
	}
	return rc;
}

/* The client's token as the server gets it. Schannel knows the client only
 * by its certificate, for which ASC_REQ_MUTUAL_AUTH asks. */
static enum gu_rc server_token(struct m_ctx *c, const struct sspi_ctx *server,
			       struct m_token **out)
{
	const struct sspi_ctx *client = server->peer;
	struct m_token *src = client->token;
	enum gu_level level;
	enum gu_rc rc = GU_RC_OK;

	if (server->package == PACKAGE_SCHANNEL &&
	    !(server->flags & ASC_MUTUAL_AUTH)) {
		*out = NULL;
		return GU_RC_OK;
	}
	if (client->null_session) {
		rc = m_token_anonymous(c->w, &src, c->err);
	}
	if (rc) {
		return rc;
	}
	level = src->data->level;
	if ((server->flags & ASC_IDENTIFY) || (client->flags & ISC_IDENTIFY)) {
		level = GU_LEVEL_IDENTIFICATION;
	}
	rc = m_token_duplicate(c->w, src, GU_TOKEN_IMPERSONATION, level, false,
			       out, c->err);
	return rc ? rc : m_package_token(c, server->process, out);
}

enum gu_rc m_fn_sspi_complete(struct m_ctx *c)
{
	struct sspi_ctx *ctx = find_ctx(c);
	enum gu_rc rc = GU_RC_OK;

	if (ctx && !ctx->server && !ctx->accepted) {
		return m_answer_code(c, SEC_E_INCOMPLETE_MESSAGE);
	}
	if (ctx && !ctx->server) {
		ctx = ctx->peer;
	}
	if (!ctx || (!ctx->complete && !ctx->peer)) {
		return m_answer_code(c, GU_SEC_E_INVALID_HANDLE);
	}
	if (!ctx->complete) {
		rc = server_token(c, ctx, &ctx->token);
	}
	if (rc) {
		return rc;
	}
	ctx->complete = true;
	return m_answer_ok(c);
}

enum gu_rc m_fn_DeleteSecurityContext(struct m_ctx *c)
{
	struct sspi_ctx *ctx = find_ctx(c);

	if (!ctx || ctx->process != c->thread->process) {
		return m_answer_code(c, GU_SEC_E_INVALID_HANDLE);
	}
	m_item_drop(c->w, ctx->ref);
	return m_answer_ok(c);
}

/* impersonation */

enum gu_rc m_fn_ImpersonateSecurityContext(struct m_ctx *c)
{
	const struct sspi_ctx *ctx = find_server(c);
	uint32_t nt;
	enum gu_rc rc;

	if (!ctx) {
		return m_answer_code(c, GU_SEC_E_INVALID_HANDLE);
	}
	if (!ctx->token) {
		return m_answer_code(c, GU_SEC_E_NO_IMPERSONATION);
	}
	rc = m_impersonate(c, c->thread, ctx->token, false, &nt);
	if (rc) {
		return rc;
	}
	return gu_nt_success(nt) ? m_answer_ok(c)
				 : m_answer_code(c, GU_SEC_E_NO_IMPERSONATION);
}

/* Any server context will do: what ends is the thread's impersonation. */
enum gu_rc m_fn_RevertSecurityContext(struct m_ctx *c)
{
	if (!find_server(c)) {
		return m_answer_code(c, GU_SEC_E_INVALID_HANDLE);
	}
	m_slot_set(c->w, c->thread, NULL, false);
	return m_answer_ok(c);
}

enum gu_rc m_fn_QuerySecurityContextToken(struct m_ctx *c)
{
	const struct sspi_ctx *ctx = find_server(c);

	if (!ctx || !ctx->complete) {
		return m_answer_code(c, GU_SEC_E_INVALID_HANDLE);
	}
	if (!ctx->token) {
		return m_answer_code(c, GU_SEC_E_NO_IMPERSONATION);
	}
	return m_answer_handle(c, &ctx->token->obj, GU_TOKEN_ALL_ACCESS);
}
