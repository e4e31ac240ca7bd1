/* SPDX-License-Identifier: MIT */
#include "channel.h"
#include "probe.h"

#include <stdio.h>

#include "banned.h"

/* Named pipes: their own functions. A client's end is a file like others:
 * CreateFile, ReadFile and WriteFile are in file.c. */

enum {
	BUFFER = 64 * 1024, /* more than a scenario writes before it reads */
};

void w_fn_CreateNamedPipe(struct w_run *x)
{
	HANDLE(WINAPI * fn)
	(const wchar_t *, DWORD, DWORD, DWORD, DWORD, DWORD, DWORD,
	 SECURITY_ATTRIBUTES *) = (void *)x->proc;
	uint32_t open_mode = w_uint(x, 2, PIPE_ACCESS_DUPLEX);
	uint32_t mode = w_uint(x, 3, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
	const wchar_t *name = w_wide(x, 0);
	SECURITY_ATTRIBUTES *attributes = w_attributes(x, 1);
	uint32_t max = w_uint(x, 4, PIPE_UNLIMITED_INSTANCES);

	SetLastError(ERROR_SUCCESS);
	w_answer_handle(
		x,
		fn(name, open_mode, mode, max, BUFFER, BUFFER, 0, attributes),
		GU_OBJ_pipe);
}

void w_fn_ConnectNamedPipe(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE, OVERLAPPED *) = (void *)x->proc;

	w_answer_bool(x, fn(w_handle(x, 0), NULL));
}

static void with_pipe(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE) = (void *)x->proc;

	w_answer_bool(x, fn(w_handle(x, 0)));
}

void w_fn_DisconnectNamedPipe(struct w_run *x)
{
	with_pipe(x);
}

void w_fn_ImpersonateNamedPipeClient(struct w_run *x)
{
	with_pipe(x);
}

/* capabilities */

struct ends {
	HANDLE server;
	HANDLE client;
};

static void ends_close(struct ends *e)
{
	if (e->client != INVALID_HANDLE_VALUE) {
		(void)CloseHandle(e->client);
	}
	if (e->server != INVALID_HANDLE_VALUE) {
		(void)CloseHandle(e->server);
	}
}

/* A byte from a client that allows Identification, read by its server. */
static bool ends_open(struct ends *e)
{
	wchar_t name[64];
	char byte = 0;
	DWORD n;

	(void)swprintf(name, sizeof(name) / sizeof(*name),
		       L"\\\\.\\pipe\\guise-probe-%lu-%lu",
		       GetCurrentProcessId(), GetCurrentThreadId());
	e->client = INVALID_HANDLE_VALUE;
	e->server = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX,
				     PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE,
				     1, BUFFER, BUFFER, 0, NULL);
	if (e->server == INVALID_HANDLE_VALUE) {
		return false;
	}
	e->client = CreateFileW(
		name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
		SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
	return e->client != INVALID_HANDLE_VALUE &&
	       WriteFile(e->client, "g", 1, &n, NULL) &&
	       ReadFile(e->server, &byte, 1, &n, NULL) && byte == 'g';
}

bool w_probe_pipe(void)
{
	struct ends e;
	bool ok = ends_open(&e);

	ends_close(&e);
	return ok;
}

bool w_probe_pipe_identity(void)
{
	struct ends e;
	bool ok = ends_open(&e) && ImpersonateNamedPipeClient(e.server) &&
		  w_acts_at(GU_LEVEL_IDENTIFICATION);

	ends_close(&e);
	return ok;
}
