/* SPDX-License-Identifier: MIT */
#define SECURITY_WIN32
#include <windows.h>

#include <security.h>
#include <stdbool.h>
#include <string.h>

/* A security package for tests: three legs, each a word, and the client is
 * whoever the process is. Wine has none that can impersonate. It goes by a name
 * that Wine leaves free. */

#define PACKAGE L"WDigest"

static const char *const words[] = { "hello", "who goes there", "me" };

struct context {
	bool server;
	unsigned heard; /* words taken from the other side */
	bool complete;
};

static SecPkgInfoW package_info = {
	.fCapabilities = SECPKG_FLAG_CONNECTION | SECPKG_FLAG_IMPERSONATION,
	.wVersion = 1,
	.wRPCID = RPC_C_AUTHN_DIGEST,
	.cbMaxToken = 64,
	.Name = (wchar_t *)PACKAGE,
	.Comment = (wchar_t *)L"for tests",
};

static SECURITY_STATUS SEC_ENTRY enumerate(ULONG *count, SecPkgInfoW **out)
{
	*count = 1;
	*out = &package_info;
	return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY query(wchar_t *name, SecPkgInfoW **out)
{
	(void)name;
	*out = &package_info;
	return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY acquire(wchar_t *principal, wchar_t *package,
					 ULONG use, void *logon, void *data,
					 SEC_GET_KEY_FN key, void *key_arg,
					 CredHandle *out, TimeStamp *expiry)
{
	(void)principal;
	(void)package;
	(void)logon;
	(void)data;
	(void)key;
	(void)key_arg;
	*out = (CredHandle){ use, 1 };
	expiry->QuadPart = 0;
	return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY release(CredHandle *credentials)
{
	(void)credentials;
	return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY free_buffer(void *p)
{
	if (p && p != &package_info) {
		HeapFree(GetProcessHeap(), 0, p);
	}
	return SEC_E_OK;
}

static struct context *context_of(CtxtHandle *handle)
{
	return (struct context *)handle->dwLower;
}

static void context_new(CtxtHandle *out, bool server)
{
	struct context *c =
		HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*c));

	c->server = server;
	*out = (CtxtHandle){ (ULONG_PTR)c, 1 };
}

static void say(SecBufferDesc *out, const char *word)
{
	SecBuffer *b = &out->pBuffers[0];

	b->cbBuffer = (ULONG)strlen(word);
	b->pvBuffer = HeapAlloc(GetProcessHeap(), 0, b->cbBuffer + 1);
	memcpy(b->pvBuffer, word, b->cbBuffer);
}

static bool hears(const SecBufferDesc *in, const char *word)
{
	const SecBuffer *b = &in->pBuffers[0];

	return b->cbBuffer == strlen(word) &&
	       !memcmp(b->pvBuffer, word, b->cbBuffer);
}

static SECURITY_STATUS SEC_ENTRY
initialize(CredHandle *credentials, CtxtHandle *context, wchar_t *target,
	   ULONG flags, ULONG reserved, ULONG representation, SecBufferDesc *in,
	   ULONG reserved2, CtxtHandle *out, SecBufferDesc *token,
	   ULONG *granted, TimeStamp *expiry)
{
	(void)credentials;
	(void)target;
	(void)reserved;
	(void)representation;
	(void)reserved2;
	*granted = flags;
	expiry->QuadPart = 0;
	if (!context) {
		context_new(out, false);
		say(token, words[0]);
		return SEC_I_CONTINUE_NEEDED;
	}
	if (!hears(in, words[1])) {
		return SEC_E_INVALID_TOKEN;
	}
	context_of(context)->complete = true;
	say(token, words[2]);
	return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY
accept_token(CredHandle *credentials, CtxtHandle *context, SecBufferDesc *in,
	     ULONG flags, ULONG representation, CtxtHandle *out,
	     SecBufferDesc *token, ULONG *granted, TimeStamp *expiry)
{
	struct context *c;

	(void)credentials;
	(void)representation;
	*granted = flags;
	expiry->QuadPart = 0;
	if (!hears(in, words[context ? 2 : 0])) {
		return SEC_E_INVALID_TOKEN;
	}
	if (!context) {
		context_new(out, true);
		say(token, words[1]);
		return SEC_I_CONTINUE_NEEDED;
	}
	c = context_of(context);
	c->complete = true;
	token->pBuffers[0].cbBuffer = 0;
	return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY delete_context(CtxtHandle *context)
{
	HeapFree(GetProcessHeap(), 0, context_of(context));
	return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY impersonate(CtxtHandle *context)
{
	const struct context *c = context_of(context);

	if (!c->server || !c->complete) {
		return SEC_E_INVALID_HANDLE;
	}
	return ImpersonateSelf(SecurityImpersonation) ? SEC_E_OK
						      : SEC_E_NO_IMPERSONATION;
}

static SECURITY_STATUS SEC_ENTRY revert(CtxtHandle *context)
{
	(void)context;
	return RevertToSelf() ? SEC_E_OK : SEC_E_INVALID_HANDLE;
}

static SecurityFunctionTableW table = {
	.dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
	.EnumerateSecurityPackagesW = enumerate,
	.AcquireCredentialsHandleW = acquire,
	.FreeCredentialsHandle = release,
	.InitializeSecurityContextW = initialize,
	.AcceptSecurityContext = accept_token,
	.DeleteSecurityContext = delete_context,
	.ImpersonateSecurityContext = impersonate,
	.RevertSecurityContext = revert,
	.FreeContextBuffer = free_buffer,
	.QuerySecurityPackageInfoW = query,
};

/* Exported as InitSecurityInterfaceW, which the headers import. */
SecurityFunctionTableW *SEC_ENTRY win32_ssp(void);

SecurityFunctionTableW *SEC_ENTRY win32_ssp(void)
{
	return &table;
}
