/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "alloc.h"
#include "guard.h"

#include "banned.h"

struct carried {
	void (*fn)(void *arg);
	void *arg;
	HANDLE token; /* NULL: the caller did not impersonate */
	HANDLE ready; /* the token has been taken up, or not: `error` */
	DWORD error;
};

static DWORD WINAPI carried_main(void *p)
{
	struct carried *c = p;
	struct w_guard guard;
	void (*fn)(void *arg) = c->fn;
	void *arg = c->arg;

	if (c->token && !SetThreadToken(NULL, c->token)) {
		c->error = GetLastError();
		(void)SetEvent(c->ready);
		return 0;
	}
	(void)SetEvent(c->ready); /* `c` is gone from here on */
	w_guard_call(fn, arg, &guard);
	return 0;
}

/* Its own copy, so that what the caller does to its token later does not
 * reach this thread. */
static DWORD own_token(HANDLE *out)
{
	HANDLE token;
	DWORD error = ERROR_SUCCESS;

	*out = NULL;
	if (!OpenThreadToken(GetCurrentThread(),
			     TOKEN_DUPLICATE | TOKEN_IMPERSONATE | TOKEN_QUERY,
			     TRUE, &token)) {
		error = GetLastError();
		return error == ERROR_NO_TOKEN ? ERROR_SUCCESS : error;
	}
	*out = token;
	return ERROR_SUCCESS;
}

static DWORD start(struct carried *c)
{
	HANDLE thread;

	c->ready = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!c->ready) {
		return GetLastError();
	}
	thread = CreateThread(NULL, 0, carried_main, c, 0, NULL);
	if (!thread) {
		return GetLastError();
	}
	(void)WaitForSingleObject(c->ready, INFINITE);
	(void)CloseHandle(thread);
	return c->error;
}

bool w_carry(void (*fn)(void *arg), void *arg)
{
	struct carried c = { .fn = fn, .arg = arg };
	DWORD error = own_token(&c.token);

	if (!error) {
		error = start(&c);
	}
	if (c.ready) {
		(void)CloseHandle(c.ready);
	}
	if (c.token) {
		(void)CloseHandle(c.token);
	}
	SetLastError(error);
	return error == ERROR_SUCCESS;
}

bool w_acts_at(enum gu_level level)
{
	struct w_identity who;

	w_identity_read(&who);
	return who.impersonating && who.known && who.level == level;
}
