/* SPDX-License-Identifier: MIT */
#include "win32.h"

#include <winsock2.h>
#include <windows.h>

#include "arena.h"
#include "unit.h"

#include "banned.h"

/* The target on the system that the test runs on, as whoever runs it. */

static struct {
	struct gu_world *world;
	struct gu_arena arena;
	struct gu_err err;
	struct gu_call calls[8];
	struct gu_value args[8][GU_ARGS_MAX];
} t;

static int set_up(void **state)
{
	const struct gu_world_config config = { .prefix = "guise-test" };

	(void)state;
	memset(&t, 0, sizeof(t));
	return gu_target_win32.open(&config, &t.world, &t.err);
}

static int tear_down(void **state)
{
	(void)state;
	gu_world_close(t.world);
	gu_arena_release(&t.arena);
	return 0;
}

/* Starts call `i`, whose arguments are in t.args[i]. */
static enum gu_rc start(size_t i, enum gu_fn fn, struct gu_ref thread)
{
	t.calls[i] = (struct gu_call){
		.fn = fn, .thread = thread, .args = t.args[i], .arena = &t.arena
	};
	return gu_world_submit(t.world, &t.calls[i], &t.err);
}

static const struct gu_outcome *done(enum gu_fn fn, struct gu_ref thread)
{
	enum gu_rc rc = start(0, fn, thread);
	struct gu_call *call = NULL;

	if (rc == GU_RC_PENDING) {
		rc = gu_world_wait(t.world, 10000, &call, &t.err);
	}
	if (rc) {
		fail_msg("%s: %s", gu_fn_row(fn)->name, t.err.msg);
	}
	memset(t.args[0], 0, sizeof(t.args[0]));
	return &t.calls[0].out;
}

static void arg_str(size_t i, size_t arg, const char *s)
{
	t.args[i][arg] =
		(struct gu_value){ .type = GU_V_STR,
				   .str = { .p = s, .len = strlen(s) } };
}

static void arg_uint(size_t i, size_t arg, uint64_t v)
{
	t.args[i][arg] = (struct gu_value){ .type = GU_V_UINT, .u = v };
}

static void arg_ref(size_t i, size_t arg, struct gu_ref ref)
{
	t.args[i][arg] = (struct gu_value){ .type = GU_V_REF, .ref = ref };
}

static const struct gu_ref nobody = { .kind = GU_REF_NONE };

static struct gu_ref new_process(void)
{
	arg_str(0, 0, "own");
	return done(GU_FN_process, nobody)->value.ref;
}

static struct gu_ref new_thread(struct gu_ref process)
{
	arg_ref(0, 0, process);
	arg_str(0, 1, "worker");
	return done(GU_FN_thread, nobody)->value.ref;
}

static void every_level_of_oneself_is_taken_and_given_back(void **state)
{
	struct gu_ref thread = new_thread(new_process());

	(void)state;
	for (uint32_t level = 0; level <= GU_LEVEL_DELEGATION; level++) {
		const struct gu_outcome *out;

		arg_uint(0, 0, level);
		out = done(GU_FN_ImpersonateSelf, thread);
		assert_true(out->status.ok);
		assert_true(out->identity.impersonating);
		assert_int_equal(out->identity.level, level);
		assert_null(out->remark);
		out = done(GU_FN_RevertToSelf, thread);
		assert_true(out->status.ok);
		assert_false(out->identity.impersonating);
	}
}

static void the_conductor_never_impersonates(void **state)
{
	struct gu_ref thread = new_thread(new_process());
	HANDLE token = NULL;

	(void)state;
	arg_uint(0, 0, GU_LEVEL_IMPERSONATION);
	(void)done(GU_FN_ImpersonateSelf, thread);
	assert_false(
		OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token));
}

static void an_open_says_what_it_rests_on(void **state)
{
	struct gu_ref thread = new_thread(new_process());
	struct gu_ref event;
	const struct gu_outcome *out;

	(void)state;
	arg_uint(0, 0, GU_OBJ_event);
	arg_str(0, 1, "Local\\basis");
	arg_str(0, 2, "O:SYG:SYD:P(A;;0x1;;;WD)");
	event = done(GU_FN_object, nobody)->value.ref;
	arg_ref(0, 0, event);
	arg_uint(0, 1, 2);
	out = done(GU_FN_open, thread);
	assert_false(out->status.ok);
	assert_int_equal(out->status.code, GU_ERROR_ACCESS_DENIED);
	assert_true(out->decision.made);
	assert_string_equal(out->decision.object, "Local\\basis");
	assert_non_null(out->basis.token);
	assert_non_null(out->basis.sd);
	assert_int_equal(out->basis.sd->dacl.count, 1);
	assert_int_equal(out->basis.desired, 2);
	assert_true(gu_sid_is_set(&out->basis.token->user));
}

static void a_handle_is_closed_once(void **state)
{
	struct gu_ref thread = new_thread(new_process());
	struct gu_ref handle;

	(void)state;
	arg_str(0, 0, "Local\\once");
	handle = done(GU_FN_CreateEvent, thread)->value.ref;
	assert_int_equal(handle.kind, GU_REF_HANDLE);
	arg_ref(0, 0, handle);
	assert_true(done(GU_FN_CloseHandle, thread)->status.ok);
	arg_ref(0, 0, handle);
	assert_int_equal(done(GU_FN_CloseHandle, thread)->status.code,
			 GU_ERROR_INVALID_HANDLE);
}

static void a_raw_number_is_no_handle(void **state)
{
	struct gu_ref thread = new_thread(new_process());
	const struct gu_ref raw = { GU_REF_HANDLE, 0x0DDBA11 };

	(void)state;
	arg_ref(0, 0, raw);
	assert_int_equal(
		done(GU_FN_ImpersonateLoggedOnUser, thread)->status.code,
		GU_ERROR_INVALID_HANDLE);
}

static void what_is_the_machines_is_opened_and_never_changed(void **state)
{
	struct gu_ref thread = new_thread(new_process());
	struct gu_ref key;

	(void)state;
	arg_uint(0, 0, GU_OBJ_key);
	arg_str(0, 1, "HKLM\\Software\\Microsoft");
	key = done(GU_FN_existing, nobody)->value.ref;
	arg_ref(0, 0, key);
	arg_uint(0, 1, 1);
	assert_true(done(GU_FN_open, thread)->status.ok);
	arg_ref(0, 0, key);
	arg_uint(0, 1, 4);
	arg_str(0, 2, "D:(A;;GA;;;WD)");
	assert_int_equal(start(0, GU_FN_SetNamedSecurityInfo, thread),
			 GU_RC_USAGE);
	memset(t.args[0], 0, sizeof(t.args[0]));
}

static void with_existing_only_nothing_is_made(void **state)
{
	const struct gu_world_config config = { .prefix = "guise-test",
						.existing_only = true };
	struct gu_ref thread;

	gu_world_close(t.world);
	assert_int_equal(gu_target_win32.open(&config, &t.world, &t.err), 0);
	thread = new_thread(new_process());
	arg_str(0, 0, "Local\\made");
	assert_int_equal(start(0, GU_FN_CreateEvent, thread),
			 GU_RC_UNSUPPORTED);
	assert_int_equal(start(0, GU_FN_RegCreateKeyEx, thread),
			 GU_RC_UNSUPPORTED);
	memset(t.args[0], 0, sizeof(t.args[0]));
	(void)state;
}

/* A pipe that nobody writes to, as a handle of the world. */
static struct gu_ref empty_pipe(struct gu_ref thread)
{
	HANDLE pipe = CreateNamedPipeW(
		L"\\\\.\\pipe\\guise-test-empty", PIPE_ACCESS_DUPLEX,
		PIPE_TYPE_MESSAGE | PIPE_WAIT, 1, 64, 64, 0, NULL);
	const struct gu_ref raw = { GU_REF_HANDLE, (uint32_t)(UINT_PTR)pipe };

	(void)thread;
	assert_true(pipe != INVALID_HANDLE_VALUE);
	assert_true(CreateFileW(L"\\\\.\\pipe\\guise-test-empty",
				GENERIC_READ | GENERIC_WRITE, 0, NULL,
				OPEN_EXISTING, 0,
				NULL) != INVALID_HANDLE_VALUE);
	return raw;
}

static void who_waits_for_nothing_times_out_and_hinders_nobody(void **state)
{
	struct gu_ref process = new_process();
	struct gu_ref waiting = new_thread(process);
	struct gu_ref other = new_thread(process);
	struct gu_call *call = NULL;
	ULONGLONG begun;

	(void)state;
	arg_ref(1, 0, empty_pipe(waiting));
	assert_int_equal(start(1, GU_FN_ReadFile, waiting), GU_RC_PENDING);
	arg_uint(0, 0, GU_LEVEL_IDENTIFICATION);
	assert_true(done(GU_FN_ImpersonateSelf, other)->status.ok);
	assert_int_equal(gu_world_wait(t.world, 200, &call, &t.err),
			 GU_RC_TIMEOUT);
	begun = GetTickCount64();
	gu_world_close(t.world);
	assert_true(GetTickCount64() - begun < 5000);
	assert_int_equal(set_up(state), 0);
}

/* Each thread has an identity of its own, whatever the others do. */
static void threads_do_not_see_each_others_identity(void **state)
{
	enum { THREADS = 8, ROUNDS = 200 };
	struct gu_ref process = new_process();
	struct gu_ref threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		threads[i] = new_thread(process);
	}
	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < THREADS; i++) {
			arg_uint(0, 0, (round + i) % 4);
			(void)done(GU_FN_ImpersonateSelf, threads[i]);
		}
		for (size_t i = 0; i < THREADS; i++) {
			struct gu_identity who;

			assert_int_equal(gu_world_identity(t.world, threads[i],
							   &who, &t.err),
					 0);
			assert_true(who.impersonating);
			assert_int_equal(who.level, (round + i) % 4);
			(void)done(GU_FN_RevertToSelf, threads[i]);
		}
		gu_arena_reset(&t.arena);
	}
}

static void who_has_no_accounts_says_so(void **state)
{
	(void)state;
	if (gu_target_win32.supports(GU_CAP_accounts)) {
		skip();
	}
	arg_str(0, 0, "alice");
	assert_int_equal(start(0, GU_FN_account, nobody), GU_RC_UNSUPPORTED);
}

static void a_child_process_acts_as_its_own_user(void **state)
{
	const struct gu_outcome *out;
	struct gu_ref child, thread;

	(void)state;
	if (!gu_target_win32.supports(GU_CAP_accounts)) {
		skip();
	}
	arg_str(0, 0, "child");
	arg_str(0, 1, "NT AUTHORITY\\SYSTEM");
	child = done(GU_FN_process, nobody)->value.ref;
	thread = new_thread(child);
	out = done(GU_FN_whoami, thread);
	assert_string_equal(out->identity.sid, "S-1-5-18");
	assert_false(out->identity.impersonating);
	arg_uint(0, 0, GU_LEVEL_DELEGATION);
	out = done(GU_FN_ImpersonateSelf, thread);
	assert_string_equal(out->identity.sid, "S-1-5-18");
	assert_int_equal(out->identity.level, GU_LEVEL_DELEGATION);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(every_level_of_oneself_is_taken_and_given_back),
		TEST(the_conductor_never_impersonates),
		TEST(an_open_says_what_it_rests_on),
		TEST(a_handle_is_closed_once),
		TEST(a_raw_number_is_no_handle),
		TEST(what_is_the_machines_is_opened_and_never_changed),
		TEST(with_existing_only_nothing_is_made),
		TEST(who_waits_for_nothing_times_out_and_hinders_nobody),
		TEST(threads_do_not_see_each_others_identity),
		TEST(who_has_no_accounts_says_so),
		TEST(a_child_process_acts_as_its_own_user),
	};

	/* Its children are this program once more. */
	if (argc > 1 && strcmp(argv[1], "agent") == 0) {
		return gu_win32_agent(argc - 2, argv + 2);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
