/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include "alloc.h"
#include "frame.h"

#include "banned.h"

/* The parent's end of a child that runs jobs. */

struct w_agent {
	struct w_inbox *inbox;
	HANDLE to;   /* jobs go in here */
	HANDLE from; /* answers come out here */
	HANDLE child_in;
	HANDLE child_out;
	HANDLE reader;
};

static void shut(HANDLE *h)
{
	if (*h) {
		(void)CloseHandle(*h);
		*h = NULL;
	}
}

enum gu_rc
w_agent_new(struct w_inbox *inbox, struct w_agent **out, struct gu_err *err)
{
	struct w_agent *a = gu_calloc(1, sizeof(*a));

	if (!a) {
		return gu_err_nomem(err);
	}
	a->inbox = inbox;
	if (!CreatePipe(&a->child_in, &a->to, NULL, 65536) ||
	    !CreatePipe(&a->from, &a->child_out, NULL, 65536) ||
	    !SetHandleInformation(a->child_in, HANDLE_FLAG_INHERIT, 1) ||
	    !SetHandleInformation(a->child_out, HANDLE_FLAG_INHERIT, 1)) {
		DWORD last = GetLastError();

		w_agent_close(a, NULL);
		return gu_err_set(err, GU_RC_IO,
				  "no pipes for a child process: error %lu",
				  last);
	}
	*out = a;
	return GU_RC_OK;
}

HANDLE w_agent_child_in(const struct w_agent *a)
{
	return a->child_in;
}

HANDLE w_agent_child_out(const struct w_agent *a)
{
	return a->child_out;
}

static DWORD WINAPI read_answers(void *arg)
{
	struct w_agent *a = arg;
	struct gu_buf frame = GU_BUF_INIT;

	while (w_frame_read(a->from, &frame)) {
		w_inbox_put(a->inbox, frame.data, frame.len);
	}
	gu_buf_release(&frame);
	return 0;
}

enum gu_rc w_agent_started(struct w_agent *a, struct gu_err *err)
{
	shut(&a->child_in);
	shut(&a->child_out);
	a->reader = CreateThread(NULL, 0, read_answers, a, 0, NULL);
	if (!a->reader) {
		return gu_err_set(err, GU_RC_IO, "no OS thread: error %lu",
				  GetLastError());
	}
	return GU_RC_OK;
}

enum gu_rc
w_agent_send(struct w_agent *a, const void *p, size_t n, struct gu_err *err)
{
	if (!w_frame_write(a->to, p, n)) {
		return gu_err_set(err, GU_RC_IO,
				  "a child process is gone: error %lu",
				  GetLastError());
	}
	return GU_RC_OK;
}

void w_agent_close(struct w_agent *a, HANDLE process)
{
	const DWORD polite_ms = 500;

	if (!a) {
		return;
	}
	shut(&a->to);
	shut(&a->child_in);
	shut(&a->child_out);
	if (process &&
	    WaitForSingleObject(process, polite_ms) != WAIT_OBJECT_0) {
		(void)TerminateProcess(process, 1);
		(void)WaitForSingleObject(process, polite_ms);
	}
	if (a->reader) {
		(void)CancelSynchronousIo(a->reader);
		(void)WaitForSingleObject(a->reader, INFINITE);
		shut(&a->reader);
	}
	shut(&a->from);
	gu_free(a);
}
