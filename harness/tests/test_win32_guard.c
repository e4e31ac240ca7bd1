/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <windows.h>

#include "guard.h"

#include "banned.h"

#define OUTER 0xE0000001u
#define INNER 0xE0000002u

static struct w_guard inner;

static void nothing(void *arg)
{
	*(int *)arg = 1;
}

static void raise_inner(void *arg)
{
	(void)arg;
	RaiseException(INNER, 0, 0, NULL);
}

static void touch_nothing(void *arg)
{
	*(volatile int *)arg = 1;
}

static void raise_both(void *arg)
{
	w_guard_call(raise_inner, arg, &inner);
	RaiseException(OUTER, 0, 0, NULL);
}

static void raise_inside_only(void *arg)
{
	w_guard_call(raise_inner, NULL, &inner);
	*(int *)arg = 1;
}

static void raise_after_a_quiet_one(void *arg)
{
	int done = 0;

	(void)arg;
	w_guard_call(nothing, &done, &inner);
	RaiseException(OUTER, 0, 0, NULL);
}

static void a_call_that_raises_nothing_comes_back(void **state)
{
	struct w_guard g;
	int done = 0;

	(void)state;
	w_guard_call(nothing, &done, &g);
	assert_false(g.raised);
	assert_int_equal(done, 1);
}

static void an_exception_is_data(void **state)
{
	struct w_guard g;

	(void)state;
	w_guard_call(raise_inner, NULL, &g);
	assert_true(g.raised);
	assert_int_equal(g.code, INNER);
}

static void what_guise_itself_does_wrong_is_told_apart(void **state)
{
	struct w_guard g;

	(void)state;
	w_guard_call(touch_nothing, NULL, &g);
	assert_true(g.raised);
	assert_true(g.ours);
	assert_int_equal(g.code, EXCEPTION_ACCESS_VIOLATION);
}

static void an_inner_exception_does_not_end_the_outer_call(void **state)
{
	struct w_guard g;
	int done = 0;

	(void)state;
	w_guard_call(raise_inside_only, &done, &g);
	assert_true(inner.raised);
	assert_false(g.raised);
	assert_int_equal(done, 1);
}

static void the_outer_call_is_guarded_after_an_inner_exception(void **state)
{
	struct w_guard g;

	(void)state;
	w_guard_call(raise_both, NULL, &g);
	assert_int_equal(inner.code, INNER);
	assert_true(g.raised);
	assert_int_equal(g.code, OUTER);
}

static void the_outer_call_is_guarded_after_a_quiet_inner_one(void **state)
{
	struct w_guard g;

	(void)state;
	w_guard_call(raise_after_a_quiet_one, NULL, &g);
	assert_true(g.raised);
	assert_int_equal(g.code, OUTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_raises_nothing_comes_back),
		cmocka_unit_test(an_exception_is_data),
		cmocka_unit_test(what_guise_itself_does_wrong_is_told_apart),
		cmocka_unit_test(
			an_inner_exception_does_not_end_the_outer_call),
		cmocka_unit_test(
			the_outer_call_is_guarded_after_an_inner_exception),
		cmocka_unit_test(
			the_outer_call_is_guarded_after_a_quiet_inner_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
