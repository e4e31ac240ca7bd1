/* SPDX-License-Identifier: MIT */
#include "win32.h"

#include "exec.h"
#include "frame.h"
#include "text.h"

#include "banned.h"

/* The child's side: one reader, as many threads as the parent asks for, one
 * pipe for all their answers. */

struct served {
	HANDLE out;
	CRITICAL_SECTION writing;
	struct w_exec *exec;
};

static void answered(void *arg, const struct w_answer *answer)
{
	struct served *s = arg;
	struct gu_buf bytes = GU_BUF_INIT;

	w_answer_encode(answer, &bytes);
	EnterCriticalSection(&s->writing);
	if (!w_frame_write(s->out, bytes.data, bytes.len)) {
		ExitProcess(1); /* nobody is left to answer to */
	}
	LeaveCriticalSection(&s->writing);
	gu_buf_release(&bytes);
}

/* The one job that no thread exists for yet. */
static void make_thread(struct served *s, const struct w_job *job)
{
	struct gu_err err = GU_ERR_INIT;
	struct w_answer answer = { .seq = job->seq,
				   .end = W_END_DONE,
				   .type = GU_OBJ_NONE };
	struct w_exec_thread *made;

	if (w_exec_thread(s->exec, job->thread, &made, &err)) {
		answer.end = W_END_FAILED;
		answer.text = err.msg;
	} else {
		answer.value.type = GU_V_UINT;
		answer.value.u = (uint64_t)(UINT_PTR)made->handle;
	}
	answered(s, &answer);
}

static void
failed(struct served *s, const struct w_job *job, const struct gu_err *err)
{
	const struct w_answer answer = { .seq = job->seq,
					 .end = W_END_FAILED,
					 .type = GU_OBJ_NONE,
					 .text = err->msg };

	answered(s, &answer);
}

static void serve(struct served *s, HANDLE in)
{
	struct gu_buf frame = GU_BUF_INIT;
	struct gu_arena arena = GU_ARENA_INIT;
	struct gu_err err = GU_ERR_INIT;
	struct w_job job;

	while (w_frame_read(in, &frame)) {
		enum gu_rc rc =
			w_job_decode(&job, frame.data, frame.len, &arena, &err);

		if (!rc && job.fn == GU_FN_thread) {
			make_thread(s, &job);
		} else if (!rc) {
			rc = w_exec_post(s->exec, job.thread, frame.data,
					 frame.len, &err);
		}
		if (rc) {
			failed(s, &job, &err);
		}
		gu_arena_reset(&arena);
	}
	gu_buf_release(&frame);
	gu_arena_release(&arena);
}

/* A handle that was inherited, as the command line names it. */
static HANDLE inherited(const char *text)
{
	DWORD flags;
	uint32_t value;
	HANDLE h;

	if (!gu_parse_u32(text, strlen(text), &value)) {
		return NULL;
	}
	h = (HANDLE)(UINT_PTR)value;
	return GetHandleInformation(h, &flags) ? h : NULL;
}

int gu_win32_agent(int argc, char **argv)
{
	const int usage = 2;
	struct served s = { .out = NULL };
	struct gu_err err = GU_ERR_INIT;
	HANDLE in;

	if (argc != 2) {
		return usage;
	}
	in = inherited(argv[0]);
	s.out = inherited(argv[1]);
	if (!in || !s.out || w_exec_new(answered, &s, &s.exec, &err)) {
		return usage;
	}
	InitializeCriticalSection(&s.writing);
	serve(&s, in);
	/* Threads that still wait for something go with the process. */
	ExitProcess(0);
}
