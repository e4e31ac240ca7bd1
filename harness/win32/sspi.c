/* SPDX-License-Identifier: MIT */
#define SECURITY_WIN32
#include "channel.h"
#include "probe.h"

#include <security.h>
#include <stdio.h>

#include "alloc.h"

#include "banned.h"

/* SSPI. The two ends of a handshake may live in two processes, and the client's
 * has to be stepped under the client's identity. So each client context has an
 * OS thread of its own that carries this identity and answers the server's
 * tokens over a private pipe; sspi_complete of the server is the other end.
 *
 * A message on the pipe is a status (of the sender's last step) and a token. */

enum {
	PACKAGE_NEGOTIATE = 9,
	PACKAGE_NTLM = 10,
	PACKAGE_SCHANNEL = 14,
	PACKAGE_KERBEROS = 16,
	PACKAGE_DIGEST = 21,

	MESSAGE_MAX = 64 * 1024,
	LEGS_MAX = 16,
};

struct context {
	LONG refs;
	bool server;
	bool accepted; /* client: its first token was used */
	bool complete;
	bool have_cred;
	bool have_ctxt;
	uint32_t package;
	uint32_t flags;
	CredHandle cred;
	CtxtHandle ctxt;
	HANDLE pipe;         /* client: the server end of its pipe */
	struct gu_buf token; /* what the other side is to be told next */
	char *label; /* client: "PACKAGE FLAGS PIPE TOKEN", the token in hex */
	char *path;  /* of the client's pipe */
};

static const wchar_t *package_name(uint32_t package)
{
	switch (package) {
	case PACKAGE_NTLM:
		return L"NTLM";
	case PACKAGE_SCHANNEL:
		return L"Schannel";
	case PACKAGE_KERBEROS:
		return L"Kerberos";
	case PACKAGE_DIGEST:
		return L"WDigest";
	case PACKAGE_NEGOTIATE:
	default:
		return L"Negotiate";
	}
}

static void context_unref(void *p)
{
	struct context *c = p;

	if (InterlockedDecrement(&c->refs) != 0) {
		return;
	}
	if (c->have_ctxt) {
		(void)DeleteSecurityContext(&c->ctxt);
	}
	if (c->have_cred) {
		(void)FreeCredentialsHandle(&c->cred);
	}
	if (c->pipe) {
		(void)CloseHandle(c->pipe);
	}
	gu_buf_release(&c->token);
	gu_free(c->label);
	gu_free(c->path);
	gu_free(c);
}

static struct context *context_new(uint32_t package, uint32_t flags)
{
	struct context *c = gu_calloc(1, sizeof(*c));

	if (c) {
		c->refs = 1;
		c->package = package;
		c->flags = flags;
		gu_buf_init(&c->token);
	}
	return c;
}

static SECURITY_STATUS credentials(struct context *c, ULONG use)
{
	TimeStamp expiry;
	SECURITY_STATUS status = AcquireCredentialsHandleW(
		NULL, (wchar_t *)package_name(c->package), use, NULL, NULL,
		NULL, NULL, &c->cred, &expiry);

	c->have_cred = status == SEC_E_OK;
	return status;
}

/* steps */

struct buffers {
	SecBuffer in[2];
	SecBuffer out;
	SecBufferDesc in_desc;
	SecBufferDesc out_desc;
};

static void buffers_init(struct buffers *b, const void *p, size_t n)
{
	*b = (struct buffers){
		.in = { { (ULONG)n, SECBUFFER_TOKEN, (void *)p },
			{ 0, SECBUFFER_EMPTY, NULL } },
		.out = { 0, SECBUFFER_TOKEN, NULL },
	};
	b->in_desc = (SecBufferDesc){ SECBUFFER_VERSION, 2, b->in };
	b->out_desc = (SecBufferDesc){ SECBUFFER_VERSION, 1, &b->out };
}

/* Keeps what the package made for the other side. */
static SECURITY_STATUS
stepped(struct context *c, SECURITY_STATUS status, struct buffers *b)
{
	if (status == SEC_I_COMPLETE_NEEDED ||
	    status == SEC_I_COMPLETE_AND_CONTINUE) {
		(void)CompleteAuthToken(&c->ctxt, &b->out_desc);
		status = status == SEC_I_COMPLETE_NEEDED
				 ? SEC_E_OK
				 : SEC_I_CONTINUE_NEEDED;
	}
	gu_buf_reset(&c->token);
	gu_buf_add(&c->token, b->out.pvBuffer, b->out.cbBuffer);
	if (b->out.pvBuffer) {
		(void)FreeContextBuffer(b->out.pvBuffer);
	}
	c->have_ctxt = c->have_ctxt || status >= 0;
	c->complete = status == SEC_E_OK;
	return status;
}

/* What Kerberos would know a service of this machine by. */
static const wchar_t *local_target(wchar_t name[280])
{
	wchar_t host[256] = L"localhost";
	DWORD n = sizeof(host) / sizeof(*host);

	(void)GetComputerNameExW(ComputerNamePhysicalDnsFullyQualified, host,
				 &n);
	(void)swprintf(name, 280, L"host/%ls", host);
	return name;
}

static SECURITY_STATUS step_client(struct context *c, const void *p, size_t n)
{
	wchar_t target[280];
	struct buffers b;
	ULONG granted;
	TimeStamp expiry;
	SECURITY_STATUS status;

	buffers_init(&b, p, n);
	status = InitializeSecurityContextW(
		&c->cred, c->have_ctxt ? &c->ctxt : NULL,
		(wchar_t *)local_target(target),
		c->flags | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONNECTION, 0,
		SECURITY_NATIVE_DREP, c->have_ctxt ? &b.in_desc : NULL, 0,
		&c->ctxt, &b.out_desc, &granted, &expiry);
	return stepped(c, status, &b);
}

static SECURITY_STATUS step_server(struct context *c, const void *p, size_t n)
{
	struct buffers b;
	ULONG granted;
	TimeStamp expiry;
	SECURITY_STATUS status;

	buffers_init(&b, p, n);
	status = AcceptSecurityContext(
		&c->cred, c->have_ctxt ? &c->ctxt : NULL, &b.in_desc,
		c->flags | ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_CONNECTION,
		SECURITY_NATIVE_DREP, &c->ctxt, &b.out_desc, &granted, &expiry);
	return stepped(c, status, &b);
}

/* the client's pipe */

static bool
send_step(HANDLE pipe, SECURITY_STATUS status, const struct gu_buf *token)
{
	struct gu_buf message = GU_BUF_INIT;
	DWORD n;
	bool ok;

	gu_buf_add_u32(&message, (uint32_t)status);
	gu_buf_add(&message, token->data, token->len);
	ok = !message.oom &&
	     WriteFile(pipe, message.data, (DWORD)message.len, &n, NULL);
	gu_buf_release(&message);
	return ok;
}

/* The status is the first four bytes; false when there is no more. */
static bool receive_step(HANDLE pipe, char message[MESSAGE_MAX], DWORD *n,
			 SECURITY_STATUS *status)
{
	if (!ReadFile(pipe, message, MESSAGE_MAX, n, NULL) || *n < 4) {
		return false;
	}
	memcpy(status, message, 4);
	return true;
}

/* Anonymous: the client's thread is not to act as its server. */
static HANDLE peer_open(const char *name)
{
	return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL,
			   OPEN_EXISTING,
			   SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, NULL);
}

/* The client's own thread, until its server has hung up. */
static void client_main(void *arg)
{
	struct context *c = arg;
	char *message = gu_calloc(1, MESSAGE_MAX);
	SECURITY_STATUS status = SEC_E_OK;
	DWORD n;

	if (message && (ConnectNamedPipe(c->pipe, NULL) ||
			GetLastError() == ERROR_PIPE_CONNECTED)) {
		while (receive_step(c->pipe, message, &n, &status)) {
			status = step_client(c, message + 4, n - 4);
			if (!send_step(c->pipe, status, &c->token)) {
				break;
			}
		}
	}
	gu_free(message);
	context_unref(c);
}

static const wchar_t *pipe_name(struct w_run *x)
{
	static LONG last;
	wchar_t *name = gu_arena_alloc(x->arena, 80 * sizeof(*name));

	if (name) {
		(void)swprintf(name, 80, L"\\\\.\\pipe\\guise-sspi-%lu-%ld",
			       GetCurrentProcessId(),
			       InterlockedIncrement(&last));
	}
	return name;
}

/* Whoever serves may connect: what goes over it is meant for a server. */
static HANDLE pipe_new(const wchar_t *name)
{
	SECURITY_DESCRIPTOR open_to_all;
	SECURITY_ATTRIBUTES attributes = { sizeof(attributes), &open_to_all,
					   FALSE };

	if (!InitializeSecurityDescriptor(&open_to_all,
					  SECURITY_DESCRIPTOR_REVISION) ||
	    !SetSecurityDescriptorDacl(&open_to_all, TRUE, NULL, FALSE)) {
		return INVALID_HANDLE_VALUE;
	}
	return CreateNamedPipeW(
		name, PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE,
		PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE |
			PIPE_REJECT_REMOTE_CLIENTS,
		1, MESSAGE_MAX, MESSAGE_MAX, 0, &attributes);
}

static char *client_label(const struct context *c)
{
	struct gu_buf text = GU_BUF_INIT;

	gu_buf_addf(&text, "%u %u %s ", c->package, c->flags, c->path);
	for (size_t i = 0; i < c->token.len; i++) {
		gu_buf_addf(&text, "%02x", (unsigned char)c->token.data[i]);
	}
	return gu_buf_detach(&text);
}

/* Gives the client its pipe and thread; 0 or a Win32 error. */
static DWORD client_start(struct w_run *x, struct context *c)
{
	const wchar_t *name = pipe_name(x);
	HANDLE pipe = pipe_new(name);

	if (pipe == INVALID_HANDLE_VALUE) {
		return GetLastError();
	}
	c->pipe = pipe;
	c->path = gu_strdup(w_narrow(x->arena, name));
	c->label = c->path ? client_label(c) : NULL;
	if (!c->label) {
		return ERROR_NOT_ENOUGH_MEMORY;
	}
	(void)InterlockedIncrement(&c->refs);
	if (!w_carry(client_main, c)) {
		DWORD error = GetLastError();

		context_unref(c);
		return error;
	}
	return ERROR_SUCCESS;
}

/* Hangs up on the client's thread, which may still wait for its server. */
static void client_drop(void *p)
{
	struct context *c = p;
	HANDLE pipe = peer_open(c->path);

	if (pipe != INVALID_HANDLE_VALUE) {
		(void)CloseHandle(pipe);
	}
	context_unref(c);
}

/* helpers of the table */

void w_fn_sspi_client(struct w_run *x)
{
	struct context *c =
		context_new(w_uint(x, 0, PACKAGE_NEGOTIATE), w_uint(x, 1, 0));
	SECURITY_STATUS status;
	DWORD error = ERROR_SUCCESS;

	if (!c) {
		w_answer_nomem(x);
		return;
	}
	status = credentials(c, SECPKG_CRED_OUTBOUND);
	if (status == SEC_E_OK) {
		status = step_client(c, NULL, 0);
	}
	if (status >= 0) {
		error = client_start(x, c);
	}
	if (status < 0 || error) {
		context_unref(c);
		w_answer_code(x, error ? error : (uint32_t)status);
		return;
	}
	w_answer_thing(x, GU_REF_CTXT,
		       w_thing_new(x, GU_REF_CTXT, c, client_drop), c->label);
	x->out->status.code = (uint32_t)status;
}

/* A client's label taken apart. */
struct offer {
	unsigned package;
	char pipe[80];
	struct gu_buf token;
};

static bool offer_parse(const char *label, struct offer *out)
{
	unsigned flags;
	unsigned byte;
	int at = 0;

	gu_buf_init(&out->token);
	if (!label || sscanf(label, "%u %u %79s %n", &out->package, &flags,
			     out->pipe, &at) != 3) {
		return false;
	}
	for (const char *hex = label + at; sscanf(hex, "%2x", &byte) == 1;
	     hex += 2) {
		gu_buf_addc(&out->token, (char)byte);
	}
	return true;
}

static SECURITY_STATUS
accept_offer(struct w_run *x, const struct offer *offer, struct context **out)
{
	struct context *c = context_new(offer->package, w_uint(x, 1, 0));
	SECURITY_STATUS status;

	if (!c) {
		return SEC_E_INSUFFICIENT_MEMORY;
	}
	c->server = true;
	c->path = gu_strdup(offer->pipe);
	status = c->path ? credentials(c, SECPKG_CRED_INBOUND)
			 : SEC_E_INSUFFICIENT_MEMORY;
	if (status == SEC_E_OK) {
		status = step_server(c, offer->token.data, offer->token.len);
	}
	if (status < 0) {
		context_unref(c);
		return status;
	}
	*out = c;
	return status;
}

void w_fn_sspi_accept(struct w_run *x)
{
	struct context *client = w_thing(x, 0, GU_REF_CTXT);
	const char *label = client ? client->label : w_label(x, 0);
	struct offer offer;
	struct context *c = NULL;
	SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

	if (offer_parse(label, &offer)) {
		status = client && client->accepted
				 ? SEC_E_INVALID_TOKEN
				 : accept_offer(x, &offer, &c);
	}
	gu_buf_release(&offer.token);
	if (!c) {
		w_answer_code(x, (uint32_t)status);
		return;
	}
	if (client) {
		client->accepted = true;
	}
	w_answer_thing(x, GU_REF_CTXT,
		       w_thing_new(x, GU_REF_CTXT, c, context_unref), NULL);
	x->out->status.code = (uint32_t)status;
}

/* Whether there is anything left that the client has to hear. */
static bool goes_on(const struct context *c, SECURITY_STATUS status)
{
	return status == SEC_I_CONTINUE_NEEDED ||
	       (status == SEC_E_OK && c->token.len > 0);
}

static SECURITY_STATUS exchange(struct context *c, HANDLE pipe, char *message)
{
	SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
	SECURITY_STATUS theirs;
	DWORD n;

	for (int leg = 0; leg < LEGS_MAX && goes_on(c, status); leg++) {
		if (!send_step(pipe, status, &c->token) ||
		    !receive_step(pipe, message, &n, &theirs)) {
			return SEC_E_INCOMPLETE_MESSAGE;
		}
		if (theirs < 0) {
			return theirs;
		}
		if (c->complete) {
			return SEC_E_OK;
		}
		status = step_server(c, message + 4, n - 4);
	}
	return status;
}

static SECURITY_STATUS complete(struct context *c)
{
	DWORD mode = PIPE_READMODE_MESSAGE;
	HANDLE pipe = peer_open(c->path);
	char *message = gu_calloc(1, MESSAGE_MAX);
	SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;

	if (pipe != INVALID_HANDLE_VALUE && message &&
	    SetNamedPipeHandleState(pipe, &mode, NULL, NULL)) {
		status = exchange(c, pipe, message);
	}
	if (pipe != INVALID_HANDLE_VALUE) {
		(void)CloseHandle(pipe);
	}
	gu_free(message);
	return status;
}

void w_fn_sspi_complete(struct w_run *x)
{
	struct context *c = w_thing(x, 0, GU_REF_CTXT);
	SECURITY_STATUS status = SEC_E_OK;

	if (c && !c->server) {
		w_answer_usage(x, "complete a handshake with the server's "
				  "context, on the server's side");
		return;
	}
	if (!c) {
		w_answer_code(x, (uint32_t)SEC_E_INVALID_HANDLE);
		return;
	}
	if (!c->complete || c->token.len) {
		status = complete(c);
	}
	w_answer_code(x, (uint32_t)status);
}

/* the impersonation functions */

/* What an argument names, as the system knows it. A number becomes the handle
 * of that value; a context that was deleted, an empty one. */
static CtxtHandle *ctxt_of(struct w_run *x, CtxtHandle *room)
{
	struct context *c = w_thing(x, 0, GU_REF_CTXT);

	if (c) {
		return &c->ctxt;
	}
	*room = (CtxtHandle){ w_raw(x, 0), w_raw(x, 0) };
	return room;
}

static void with_context(struct w_run *x)
{
	SECURITY_STATUS(SEC_ENTRY * fn)(CtxtHandle *) = (void *)x->proc;
	CtxtHandle room;

	w_answer_code(x, (uint32_t)fn(ctxt_of(x, &room)));
}

void w_fn_ImpersonateSecurityContext(struct w_run *x)
{
	with_context(x);
}

void w_fn_RevertSecurityContext(struct w_run *x)
{
	with_context(x);
}

void w_fn_QuerySecurityContextToken(struct w_run *x)
{
	SECURITY_STATUS(SEC_ENTRY * fn)
	(CtxtHandle *, HANDLE *) = (void *)x->proc;
	CtxtHandle room;
	HANDLE token = NULL;
	SECURITY_STATUS status = fn(ctxt_of(x, &room), &token);

	if (status == SEC_E_OK) {
		w_answer_handle(x, token, GU_OBJ_token);
	}
	w_answer_code(x, (uint32_t)status);
}

void w_fn_DeleteSecurityContext(struct w_run *x)
{
	struct context *c = w_thing(x, 0, GU_REF_CTXT);

	with_context(x);
	if (c) {
		c->have_ctxt = false;
		w_thing_drop(x, 0);
	}
}

/* capabilities */

/* One process talks to itself, both ends on this thread. */
static bool shake_hands(struct context *client, struct context *server)
{
	SECURITY_STATUS status;

	if (credentials(client, SECPKG_CRED_OUTBOUND) ||
	    credentials(server, SECPKG_CRED_INBOUND)) {
		return false;
	}
	status = step_client(client, NULL, 0);
	for (int leg = 0; leg < LEGS_MAX && status >= 0; leg++) {
		status = step_server(server, client->token.data,
				     client->token.len);
		if (status < 0 || server->complete) {
			break;
		}
		status = step_client(client, server->token.data,
				     server->token.len);
	}
	return status >= 0 && server->complete;
}

bool w_probe_sspi(void)
{
	struct context *client = context_new(PACKAGE_NEGOTIATE, 0);
	struct context *server = context_new(PACKAGE_NEGOTIATE, 0);
	struct w_identity who = { .impersonating = false };

	if (client && server && shake_hands(client, server) &&
	    ImpersonateSecurityContext(&server->ctxt) == SEC_E_OK) {
		w_identity_read(&who);
	}
	if (client) {
		context_unref(client);
	}
	if (server) {
		context_unref(server);
	}
	return who.impersonating;
}
