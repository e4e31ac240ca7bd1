/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include "banned.h"

/* Functions that put a token on a thread, or take it off, by themselves. */

void w_fn_ImpersonateSelf(struct w_run *x)
{
	BOOL(WINAPI * fn)(SECURITY_IMPERSONATION_LEVEL) = (void *)x->proc;

	w_answer_bool(x, fn((SECURITY_IMPERSONATION_LEVEL)w_uint(x, 0, 0)));
}

void w_fn_ImpersonateLoggedOnUser(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE) = (void *)x->proc;

	w_answer_bool(x, fn(w_handle(x, 0)));
}

void w_fn_SetThreadToken(struct w_run *x)
{
	BOOL(WINAPI * fn)(PHANDLE, HANDLE) = (void *)x->proc;
	HANDLE thread = w_handle(x, 0);

	w_answer_bool(x, fn(w_has(x, 0) ? &thread : NULL, w_handle(x, 1)));
}

void w_fn_RevertToSelf(struct w_run *x)
{
	BOOL(WINAPI * fn)(void) = (void *)x->proc;

	w_answer_bool(x, fn());
}

static HANDLE thread_or_self(const struct w_run *x, size_t i)
{
	return w_has(x, i) ? w_handle(x, i) : GetCurrentThread();
}

void w_fn_ImpersonateAnonymousToken(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE) = (void *)x->proc;

	w_answer_bool(x, fn(thread_or_self(x, 0)));
}

void w_fn_NtImpersonateAnonymousToken(struct w_run *x)
{
	LONG(WINAPI * fn)(HANDLE) = (void *)x->proc;

	w_answer_code(x, (uint32_t)fn(thread_or_self(x, 0)));
}

void w_fn_NtImpersonateThread(struct w_run *x)
{
	LONG(WINAPI * fn)
	(HANDLE, HANDLE, SECURITY_QUALITY_OF_SERVICE *) = (void *)x->proc;

	w_answer_code(x, (uint32_t)fn(w_handle(x, 0), w_handle(x, 1),
				      w_native_sqos(x, 2)));
}
