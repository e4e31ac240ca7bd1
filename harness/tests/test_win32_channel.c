/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "channel.h"

#include "banned.h"

#define PATIENCE_MS 10000

struct seen {
	HANDLE done;
	DWORD os_thread;
	struct w_identity who;
};

static void look(void *arg)
{
	struct seen *s = arg;

	s->os_thread = GetCurrentThreadId();
	w_identity_read(&s->who);
	(void)SetEvent(s->done);
}

static struct seen carried(void)
{
	struct seen s = { .done = CreateEventW(NULL, TRUE, FALSE, NULL) };

	assert_true(w_carry(look, &s));
	assert_int_equal(WaitForSingleObject(s.done, PATIENCE_MS),
			 WAIT_OBJECT_0);
	(void)CloseHandle(s.done);
	return s;
}

static void what_is_carried_runs_on_a_thread_of_its_own(void **state)
{
	(void)state;
	assert_int_not_equal(carried().os_thread, GetCurrentThreadId());
}

static void a_caller_that_is_itself_carries_no_token(void **state)
{
	(void)state;
	assert_false(carried().who.impersonating);
}

static void a_caller_that_impersonates_carries_its_level(void **state)
{
	struct seen s;

	(void)state;
	assert_true(ImpersonateSelf(SecurityIdentification));
	s = carried();
	assert_true(RevertToSelf());
	assert_true(s.who.impersonating);
	assert_int_equal(s.who.level, GU_LEVEL_IDENTIFICATION);
}

static void an_anonymous_level_cannot_be_carried(void **state)
{
	bool carries;
	DWORD error;

	(void)state;
	assert_true(ImpersonateSelf(SecurityAnonymous));
	carries = w_carry(look, NULL);
	error = GetLastError();
	assert_true(RevertToSelf());
	assert_false(carries);
	assert_int_equal(error, ERROR_CANT_OPEN_ANONYMOUS);
}

static void raise(void *arg)
{
	(void)SetEvent(arg);
	RaiseException(0xE0001234, 0, 0, NULL);
}

static void what_a_carried_function_raises_is_its_own_end(void **state)
{
	HANDLE raised = CreateEventW(NULL, TRUE, FALSE, NULL);

	(void)state;
	assert_true(w_carry(raise, raised));
	assert_int_equal(WaitForSingleObject(raised, PATIENCE_MS),
			 WAIT_OBJECT_0);
	(void)carried();
	(void)CloseHandle(raised);
}

static void w_acts_at_wants_just_this_level(void **state)
{
	(void)state;
	assert_false(w_acts_at(GU_LEVEL_IMPERSONATION));
	assert_true(ImpersonateSelf(SecurityImpersonation));
	assert_true(w_acts_at(GU_LEVEL_IMPERSONATION));
	assert_false(w_acts_at(GU_LEVEL_IDENTIFICATION));
	assert_true(RevertToSelf());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_carried_runs_on_a_thread_of_its_own),
		cmocka_unit_test(a_caller_that_is_itself_carries_no_token),
		cmocka_unit_test(a_caller_that_impersonates_carries_its_level),
		cmocka_unit_test(an_anonymous_level_cannot_be_carried),
		cmocka_unit_test(what_a_carried_function_raises_is_its_own_end),
		cmocka_unit_test(w_acts_at_wants_just_this_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
