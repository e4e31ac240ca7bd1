/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include "row.h"
#include "win32.h"

#include "banned.h"

/* What a loop of impersonate, open, close and revert costs on one thread: bare,
 * with what it takes to see their effect, and as the jobs that a scenario's
 * thread runs, one after another. */

#define EVENT_NAME "Local\\guise-bench"
#define TURN       20

struct bench {
	unsigned loops;
	struct gu_win32_loop *out;
	bool failed;
};

static double now_ns(void)
{
	LARGE_INTEGER frequency, count;

	QueryPerformanceFrequency(&frequency);
	QueryPerformanceCounter(&count);
	return (double)count.QuadPart * 1e9 / (double)frequency.QuadPart;
}

static bool plain_loop(unsigned loops, bool looks)
{
	struct w_identity who;
	HANDLE h = NULL;

	for (unsigned i = 0; i < loops; i++) {
		if (!ImpersonateSelf(SecurityImpersonation)) {
			return false;
		}
		if (looks) {
			w_identity_read(&who);
		}
		h = OpenEventW(EVENT_MODIFY_STATE, FALSE, L"" EVENT_NAME);
		if (h && looks) {
			(void)w_granted(h);
		}
		if (h) {
			(void)CloseHandle(h);
		}
		if (looks) {
			w_identity_read(&who);
		}
		if (!RevertToSelf() || !h) {
			return false;
		}
		if (looks) {
			w_identity_read(&who);
		}
	}
	return true;
}

/* A job as it travels: written, read, run, answered; the answer read. */
static bool run_one(const struct w_job *lowered, struct gu_arena *arena)
{
	struct w_exec_thread nobody = { .exec = NULL };
	struct gu_buf bytes = GU_BUF_INIT;
	struct w_answer answer = { .end = W_END_DONE }, read;
	struct w_job job;
	struct w_run x = {
		.thread = &nobody, .job = &job, .out = &answer, .arena = arena
	};
	bool ok;

	w_job_encode(lowered, &bytes);
	ok = !bytes.oom &&
	     !w_job_decode(&job, bytes.data, bytes.len, arena, NULL);
	if (ok) {
		w_run_job(&x);
		gu_buf_reset(&bytes);
		w_answer_encode(&answer, &bytes);
		ok = answer.end == W_END_DONE && answer.status.ok &&
		     !bytes.oom &&
		     !w_answer_decode(&read, bytes.data, bytes.len, arena,
				      NULL);
	}
	gu_buf_release(&bytes);
	gu_arena_reset(arena);
	return ok;
}

static bool jobs_loop(unsigned loops)
{
	const struct w_job jobs[] = {
		{ .fn = GU_FN_ImpersonateSelf,
		  .arg_count = 1,
		  .args = { { .type = GU_V_UINT,
			      .u = GU_LEVEL_IMPERSONATION } } },
		{ .fn = GU_FN_open,
		  .type = GU_OBJ_event,
		  .arg_count = 2,
		  .args = { { .type = GU_V_STR,
			      .str = { EVENT_NAME, sizeof(EVENT_NAME) - 1 } },
			    { .type = GU_V_UINT, .u = EVENT_MODIFY_STATE } } },
		{ .fn = GU_FN_RevertToSelf },
	};
	struct gu_arena arena = GU_ARENA_INIT;
	bool ok = true;

	for (unsigned i = 0; ok && i < loops; i++) {
		for (size_t j = 0; ok && j < 3; j++) {
			ok = run_one(&jobs[j], &arena);
		}
	}
	gu_arena_release(&arena);
	return ok;
}

/* In short turns, so that a noisy neighbour hits all alike. */
static DWORD WINAPI bench_thread(void *arg)
{
	struct bench *b = arg;
	struct gu_win32_loop sum = { .bare_ns = 0 };

	for (unsigned i = 0; !b->failed && i < b->loops; i += TURN) {
		double at[4];

		at[0] = now_ns();
		b->failed = !plain_loop(TURN, false);
		at[1] = now_ns();
		b->failed |= !plain_loop(TURN, true);
		at[2] = now_ns();
		b->failed |= !jobs_loop(TURN);
		at[3] = now_ns();
		sum.bare_ns += at[1] - at[0];
		sum.looked_ns += at[2] - at[1];
		sum.jobs_ns += at[3] - at[2];
	}
	*b->out = (struct gu_win32_loop){ sum.bare_ns / b->loops,
					  sum.looked_ns / b->loops,
					  sum.jobs_ns / b->loops };
	return 0;
}

enum gu_rc
gu_win32_loop(unsigned loops, struct gu_win32_loop *out, struct gu_err *err)
{
	struct bench b = { .loops = (loops + TURN - 1) / TURN * TURN,
			   .out = out };
	HANDLE event = CreateEventW(NULL, TRUE, FALSE, L"" EVENT_NAME);
	HANDLE thread =
		event ? CreateThread(NULL, 0, bench_thread, &b, 0, NULL) : NULL;

	if (thread) {
		(void)WaitForSingleObject(thread, INFINITE);
		(void)CloseHandle(thread);
	}
	if (event) {
		(void)CloseHandle(event);
	}
	if (!thread || b.failed) {
		return gu_err_set(err, GU_RC_INTERNAL,
				  "the loop to be measured went wrong");
	}
	return GU_RC_OK;
}
