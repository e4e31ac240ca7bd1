/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include "unit.h"

#include "banned.h"

/* Eight threads that impersonate at the same time, each somebody else: what one
 * does is never seen on another. */

enum { THREADS = 8, ROUNDS = 100000 };

static struct {
	struct w_exec *exec;
	HANDLE tokens[THREADS];
	uint64_t ids[THREADS]; /* of the tokens */
	struct w_answer answers[THREADS];
	LONG volatile left;
	HANDLE all;
	struct gu_err err;
} t;

/* On the thread that did the work. */
static void answered(void *arg, const struct w_answer *answer)
{
	(void)arg;
	t.answers[answer->seq] = *answer;
	if (InterlockedDecrement(&t.left) == 0) {
		(void)SetEvent(t.all);
	}
}

static uint64_t id_of(HANDLE token)
{
	TOKEN_STATISTICS s;
	DWORD got;

	assert_true(GetTokenInformation(token, TokenStatistics, &s, sizeof(s),
					&got));
	return (uint64_t)(uint32_t)s.TokenId.HighPart << 32 | s.TokenId.LowPart;
}

static SECURITY_IMPERSONATION_LEVEL level_of(unsigned i)
{
	static const SECURITY_IMPERSONATION_LEVEL levels[] = {
		SecurityIdentification, SecurityImpersonation,
		SecurityDelegation
	};

	return levels[i % 3];
}

static void make_tokens(void)
{
	HANDLE own;

	assert_true(
		OpenProcessToken(GetCurrentProcess(), TOKEN_DUPLICATE, &own));
	for (unsigned i = 0; i < THREADS; i++) {
		assert_true(DuplicateTokenEx(own, TOKEN_ALL_ACCESS, NULL,
					     level_of(i), TokenImpersonation,
					     &t.tokens[i]));
		t.ids[i] = id_of(t.tokens[i]);
		for (unsigned j = 0; j < i; j++) {
			assert_true(t.ids[i] != t.ids[j]);
		}
	}
	(void)CloseHandle(own);
}

static int set_up(void **state)
{
	(void)state;
	t.all = CreateEventW(NULL, FALSE, FALSE, NULL);
	assert_non_null(t.all);
	assert_rc_ok(w_exec_new(answered, NULL, &t.exec, &t.err));
	for (uint32_t i = 0; i < THREADS; i++) {
		struct w_exec_thread *thread;

		assert_rc_ok(w_exec_thread(t.exec, i + 1, &thread, &t.err));
	}
	make_tokens();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(w_exec_close(t.exec, 10000), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		(void)CloseHandle(t.tokens[i]);
	}
	(void)CloseHandle(t.all);
	return 0;
}

/* One job for each thread, all at once; comes back when all are answered. */
static void all_do(const struct w_job jobs[THREADS])
{
	struct gu_buf bytes = GU_BUF_INIT;

	t.left = THREADS;
	for (uint32_t i = 0; i < THREADS; i++) {
		struct w_job job = jobs[i];

		job.seq = i;
		job.thread = i + 1;
		gu_buf_reset(&bytes);
		w_job_encode(&job, &bytes);
		assert_rc_ok(w_exec_post(t.exec, i + 1, bytes.data, bytes.len,
					 &t.err));
	}
	assert_int_equal(WaitForSingleObject(t.all, 60000), WAIT_OBJECT_0);
	gu_buf_release(&bytes);
	for (unsigned i = 0; i < THREADS; i++) {
		assert_int_equal(t.answers[i].end, W_END_DONE);
		assert_true(t.answers[i].status.ok);
	}
}

static struct w_job with_token(unsigned i)
{
	struct w_job job = { .fn = GU_FN_SetThreadToken, .arg_count = 2 };
	int token = gu_fn_arg(GU_FN_SetThreadToken, "token");

	job.args[token] =
		(struct gu_value){ .type = GU_V_REF,
				   .ref = { GU_REF_HANDLE,
					    (uint32_t)(UINT_PTR)t.tokens[i] } };
	return job;
}

static struct w_job as_self(unsigned i)
{
	return (struct w_job){ .fn = GU_FN_ImpersonateSelf,
			       .arg_count = 1,
			       .args = { { .type = GU_V_UINT,
					   .u = level_of(i) } } };
}

static void check_impersonating(unsigned round, unsigned i, bool own_token)
{
	const struct w_identity *now = &t.answers[i].identity;

	if (!now->impersonating || now->level != (enum gu_level)level_of(i) ||
	    (own_token && now->token_id != t.ids[i])) {
		fail_msg("round %u: thread %u acts with token %llx at level "
			 "%d",
			 round, i, (unsigned long long)now->token_id,
			 (int)now->level);
	}
}

static void eight_threads_never_take_each_others_identity(void **state)
{
	const struct w_job revert = { .fn = GU_FN_RevertToSelf };

	(void)state;
	for (unsigned round = 0; round < ROUNDS / THREADS; round++) {
		struct w_job jobs[THREADS];

		/* Each next to threads that do it in the other way. */
		for (unsigned i = 0; i < THREADS; i++) {
			jobs[i] = (round + i) % 2 ? with_token(i) : as_self(i);
		}
		all_do(jobs);
		for (unsigned i = 0; i < THREADS; i++) {
			check_impersonating(round, i, (round + i) % 2);
			/* Half of them go back while the others stay. */
			jobs[i] =
				(round + i) % 4 < 2
					? revert
					: (struct w_job){ .fn = GU_FN_whoami };
		}
		all_do(jobs);
		for (unsigned i = 0; i < THREADS; i++) {
			if ((round + i) % 4 < 2) {
				assert_false(
					t.answers[i].identity.impersonating);
			} else {
				check_impersonating(round, i, (round + i) % 2);
			}
			jobs[i] = revert;
		}
		all_do(jobs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			eight_threads_never_take_each_others_identity, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
