/* SPDX-License-Identifier: MIT */
#include "guard.h"

#include <winsock2.h>
#include <windows.h>

#include "unit.h"

#include "banned.h"

/* What goes wrong inside the system is data, and the program goes on. */

static void do_nothing(void *arg)
{
	*(int *)arg = 7;
}

static void touch_nothing(void *arg)
{
	/* So that the compiler does not see through it. */
	volatile uintptr_t nowhere = 8;

	(void)arg;
	*(volatile int *)nowhere = 1;
}

static void raise_code(void *arg)
{
	RaiseException(*(DWORD *)arg, 0, 0, NULL);
}

static void jump_nowhere(void *arg)
{
	void (*nowhere)(void) = NULL;

	(void)arg;
	__asm__ volatile("" : "+r"(nowhere));
	nowhere();
}

static void a_call_that_is_fine_runs(void **state)
{
	struct w_guard guard;
	int ran = 0;

	(void)state;
	w_guard_call(do_nothing, &ran, &guard);
	assert_int_equal(ran, 7);
	assert_false(guard.raised);
}

static void an_access_violation_of_ours_is_told_as_ours(void **state)
{
	struct w_guard guard;

	(void)state;
	w_guard_call(touch_nothing, NULL, &guard);
	assert_true(guard.raised);
	assert_true(guard.ours);
	assert_int_equal(guard.code, EXCEPTION_ACCESS_VIOLATION);
}

static void an_exception_of_the_system_is_not_ours(void **state)
{
	static DWORD codes[] = { 0xE0001234, EXCEPTION_ACCESS_VIOLATION,
				 W_GUARD_STUB };
	struct w_guard guard;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		w_guard_call(raise_code, &codes[i], &guard);
		assert_true(guard.raised);
		assert_false(guard.ours);
		assert_int_equal(guard.code, codes[i]);
	}
}

static void a_call_to_nowhere_is_caught(void **state)
{
	struct w_guard guard;

	(void)state;
	w_guard_call(jump_nowhere, NULL, &guard);
	assert_true(guard.raised);
	assert_int_equal(guard.code, EXCEPTION_ACCESS_VIOLATION);
}

/* Guarded calls inside others: an RPC or COM method is served in one, and runs
 * jobs that are guarded themselves. */

static struct w_guard inner;
static DWORD inner_code = 0xE0000001;
static DWORD outer_code = 0xE0000002;

static void raise_inside(void *arg)
{
	w_guard_call(raise_code, &inner_code, &inner);
	*(int *)arg = 7;
}

static void raise_inside_and_after(void *arg)
{
	(void)arg;
	w_guard_call(raise_code, &inner_code, &inner);
	raise_code(&outer_code);
}

static void raise_after_a_quiet_one(void *arg)
{
	int ran;

	(void)arg;
	w_guard_call(do_nothing, &ran, &inner);
	raise_code(&outer_code);
}

static void an_inner_exception_does_not_end_the_outer_call(void **state)
{
	struct w_guard guard;
	int ran = 0;

	(void)state;
	w_guard_call(raise_inside, &ran, &guard);
	assert_true(inner.raised);
	assert_false(guard.raised);
	assert_int_equal(ran, 7);
}

static void the_outer_call_is_guarded_after_an_inner_exception(void **state)
{
	struct w_guard guard;

	(void)state;
	w_guard_call(raise_inside_and_after, NULL, &guard);
	assert_int_equal(inner.code, inner_code);
	assert_int_equal(guard.code, outer_code);
}

static void the_outer_call_is_guarded_after_a_quiet_inner_one(void **state)
{
	struct w_guard guard;

	(void)state;
	w_guard_call(raise_after_a_quiet_one, NULL, &guard);
	assert_true(guard.raised);
	assert_int_equal(guard.code, outer_code);
}

static DWORD WINAPI crash_often(void *arg)
{
	struct w_guard guard;
	DWORD caught = 0;

	(void)arg;
	for (int i = 0; i < 1000; i++) {
		w_guard_call(touch_nothing, NULL, &guard);
		caught += guard.raised;
	}
	return caught;
}

static void threads_crash_apart_from_each_other(void **state)
{
	HANDLE threads[4];
	DWORD caught;

	(void)state;
	for (int i = 0; i < 4; i++) {
		threads[i] = CreateThread(NULL, 0, crash_often, NULL, 0, NULL);
		assert_non_null(threads[i]);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(WaitForSingleObject(threads[i], 60000),
				 WAIT_OBJECT_0);
		assert_true(GetExitCodeThread(threads[i], &caught));
		assert_int_equal(caught, 1000);
		(void)CloseHandle(threads[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_is_fine_runs),
		cmocka_unit_test(an_access_violation_of_ours_is_told_as_ours),
		cmocka_unit_test(an_exception_of_the_system_is_not_ours),
		cmocka_unit_test(a_call_to_nowhere_is_caught),
		cmocka_unit_test(
			an_inner_exception_does_not_end_the_outer_call),
		cmocka_unit_test(
			the_outer_call_is_guarded_after_an_inner_exception),
		cmocka_unit_test(
			the_outer_call_is_guarded_after_a_quiet_inner_one),
		cmocka_unit_test(threads_crash_apart_from_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
