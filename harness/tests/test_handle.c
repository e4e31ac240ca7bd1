/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "banned.h"

/* Handles: per process, with rights fixed at the open (semantics 4). */

#define SYSTEM "NT AUTHORITY\\SYSTEM"

struct two {
	struct fix f;
	struct gu_ref p, q; /* processes */
	struct gu_ref a, b; /* a thread of each */
};

static int set_up(void **state)
{
	static struct two two;

	fix_open(&two.f);
	two.p = fix_process(&two.f, "p", SYSTEM);
	two.q = fix_process(&two.f, "q", SYSTEM);
	two.a = fix_thread(&two.f, two.p, "a");
	two.b = fix_thread(&two.f, two.q, "b");
	*state = &two;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct two *)*state)->f);
	return 0;
}

static struct gu_ref event(struct two *w, uint32_t access)
{
	return OPENED(&w->f, w->a, FN(CreateEvent), STR("name", "e"),
		      UINT("access", access));
}

static void a_closed_handle_is_invalid(void **state)
{
	struct two *w = *state;
	struct gu_ref h = event(w, 0x1F0003);

	OK(&w->f, w->a, FN(CloseHandle), REF("handle", h));
	FAILS(&w->f, 6, w->a, FN(CloseHandle), REF("handle", h));
	FAILS(&w->f, 6, w->a, FN(use), REF("handle", h), UINT("access", 1));
	FAILS(&w->f, 6, w->a, FN(DuplicateHandle), REF("handle", h));
}

static void a_handle_is_good_in_its_process_only(void **state)
{
	struct two *w = *state;
	struct gu_ref h = event(w, 0x1F0003);

	FAILS(&w->f, 6, w->b, FN(use), REF("handle", h), UINT("access", 1));
	FAILS(&w->f, 6, w->b, FN(CloseHandle), REF("handle", h));
	OK(&w->f, w->a, FN(use), REF("handle", h), UINT("access", 1));
}

static void values_that_are_no_handle_are_invalid(void **state)
{
	struct two *w = *state;
	const uint32_t values[] = { 0, 0xDEAD, 0xFFFFFFFF };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		FAILS(&w->f, 6, w->a, FN(CloseHandle),
		      REF("handle", fix_raw_handle(values[i])));
	}
}

static void a_handle_of_another_type_is_invalid(void **state)
{
	struct two *w = *state;
	struct gu_ref h = event(w, 0x1F0003);

	FAILS(&w->f, 6, w->a, FN(ImpersonateLoggedOnUser), REF("token", h));
	FAILS(&w->f, 6, w->a, FN(ReadFile), REF("handle", h));
}

static void use_asks_the_rights_of_the_handle(void **state)
{
	static const struct {
		const char *name;
		uint32_t granted, used;
		bool ok;
	} rows[] = {
		{ "all it has", 0x100002, 0x100002, true },
		{ "part of it", 0x100002, 0x2, true },
		{ "one right more", 0x100002, 0x3, false },
		{ "a generic right it has", 0x20002, 0x40000000, true },
		{ "a generic right it lacks", 0x20001, 0x40000000, false },
	};
	struct two *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gu_ref h = OPENED(&w->f, w->a, FN(CreateEvent),
					 UINT("access", rows[i].granted));
		const struct gu_outcome *out =
			CALL(&w->f, w->a, FN(use), REF("handle", h),
			     UINT("access", rows[i].used));

		row_check(out->status.ok == rows[i].ok, rows[i].name);
		row_check(out->status.code == (rows[i].ok ? 0u : 5u),
			  rows[i].name);
		row_check(out->decision.made, rows[i].name);
		row_check(out->decision.reason.code == GU_REASON_HANDLE_RIGHTS,
			  rows[i].name);
	}
}

/* Semantics 4, open handles: not evaluated again after a revert. */
static void rights_outlive_the_impersonation(void **state)
{
	struct two *w = *state;
	struct fix *f = &w->f;
	struct gu_ref alice = fix_account(f, "alice", NULL);
	struct gu_ref token = fix_primary(f, alice);
	struct gu_ref h;

	fix_object(f, GU_OBJ_event, "alices", "D:(A;;0x1F0003;;;AU)");
	OK(f, w->a, FN(ImpersonateLoggedOnUser), REF("token", token));
	h = OPENED(f, w->a, FN(OpenEvent), UINT("access", 2),
		   STR("name", "alices"));
	OK(f, w->a, FN(RevertToSelf));
	OK(f, w->a, FN(use), REF("handle", h), UINT("access", 2));
	OK(f, w->a, FN(ImpersonateAnonymousToken));
	OK(f, w->a, FN(use), REF("handle", h), UINT("access", 2));
}

static void a_duplicate_is_good_in_its_own_process(void **state)
{
	struct two *w = *state;
	struct gu_ref h = event(w, 0x1F0003);
	struct gu_ref d = OPENED(&w->f, w->a, FN(DuplicateHandle),
				 REF("handle", h), REF("process", w->q));

	assert_int_equal(w->f.call.out.decision.type, GU_OBJ_event);
	assert_int_equal(w->f.call.out.decision.granted, 0x1F0003);
	OK(&w->f, w->b, FN(use), REF("handle", d), UINT("access", 2));
	FAILS(&w->f, 6, w->a, FN(use), REF("handle", d), UINT("access", 2));
}

static void a_duplicate_may_have_fewer_rights(void **state)
{
	struct two *w = *state;
	struct gu_ref h = event(w, 0x1F0003);
	struct gu_ref d = OPENED(&w->f, w->a, FN(DuplicateHandle),
				 REF("handle", h), UINT("access", 0x100000));

	OK(&w->f, w->a, FN(use), REF("handle", d), UINT("access", 0x100000));
	FAILS(&w->f, 5, w->a, FN(use), REF("handle", d), UINT("access", 2));
}

static void more_rights_for_a_duplicate_take_an_access_check(void **state)
{
	struct two *w = *state;
	struct fix *f = &w->f;
	struct gu_ref open, shut, h;

	open = fix_object(f, GU_OBJ_event, "open", "D:(A;;GA;;;SY)");
	shut = fix_object(f, GU_OBJ_event, "shut", "D:(A;;0x100000;;;SY)");
	h = OPENED(f, w->a, FN(OpenEvent), UINT("access", 0x100000),
		   REF("name", open));
	OK(f, w->a, FN(DuplicateHandle), REF("handle", h), UINT("access", 2));
	h = OPENED(f, w->a, FN(OpenEvent), UINT("access", 0x100000),
		   REF("name", shut));
	FAILS(f, 5, w->a, FN(DuplicateHandle), REF("handle", h),
	      UINT("access", 2));
}

/* ib-fada072b9176 */
static void an_empty_token_dacl_grants_a_duplicate_nothing_more(void **state)
{
	struct two *w = *state;
	struct gu_ref own = fix_own_token(&w->f, w->a);
	struct gu_ref h =
		OPENED(&w->f, w->a, FN(DuplicateTokenEx), REF("token", own),
		       UINT("access", 0x2), UINT("type", 1), STR("sddl", "D:"));

	FAILS(&w->f, 5, w->a, FN(DuplicateHandle), REF("handle", h),
	      UINT("access", 0x8));
	OK(&w->f, w->a, FN(DuplicateHandle), REF("handle", h),
	   UINT("access", 0x2));
}

static void duplicating_into_a_process_takes_a_right_to_it(void **state)
{
	struct two *w = *state;
	struct gu_ref h = event(w, 0x1F0003);
	struct gu_ref q = OPENED(&w->f, w->a, FN(OpenProcess),
				 UINT("access", 0x1000), REF("process", w->q));

	FAILS(&w->f, 5, w->a, FN(DuplicateHandle), REF("handle", h),
	      REF("process", q));
}

static void query_rights_imply_the_limited_ones(void **state)
{
	struct two *w = *state;
	struct gu_ref p, t;

	p = OPENED(&w->f, w->a, FN(OpenProcess), UINT("access", 0x400),
		   REF("process", w->q));
	t = OPENED(&w->f, w->a, FN(OpenThread), UINT("access", 0x40),
		   REF("thread", w->b));
	OK(&w->f, w->a, FN(use), REF("handle", p), UINT("access", 0x1000));
	OK(&w->f, w->a, FN(use), REF("handle", t), UINT("access", 0x800));
}

static void a_kernel_object_lives_as_long_as_its_handles(void **state)
{
	struct two *w = *state;
	struct gu_ref h = event(w, 0x1F0003);
	struct gu_ref d =
		OPENED(&w->f, w->a, FN(DuplicateHandle), REF("handle", h));

	OK(&w->f, w->a, FN(CloseHandle), REF("handle", h));
	OK(&w->f, w->a, FN(OpenEvent), UINT("access", 2), STR("name", "e"));
	OK(&w->f, w->a, FN(CloseHandle),
	   REF("handle", w->f.call.out.value.ref));
	OK(&w->f, w->a, FN(CloseHandle), REF("handle", d));
	FAILS(&w->f, 2, w->a, FN(OpenEvent), UINT("access", 2),
	      STR("name", "e"));
}

/* A pipe ends with the last handle to its end. */
static void an_end_of_a_pipe_lasts_as_long_as_its_handles(void **state)
{
	struct two *w = *state;
	struct fix *f = &w->f;
	struct gu_ref pipe, copy, peer;

	pipe = OPENED(f, w->a, FN(CreateNamedPipe),
		      STR("name", "\\\\.\\pipe\\p"));
	copy = OPENED(f, w->a, FN(DuplicateHandle), REF("handle", pipe));
	peer = OPENED(f, w->b, FN(CreateFile), REF("path", pipe),
		      UINT("access", 0x3));
	OK(f, w->a, FN(CloseHandle), REF("handle", pipe));
	OK(f, w->b, FN(WriteFile), REF("handle", peer), STR("data", "x"));
	OK(f, w->a, FN(CloseHandle), REF("handle", copy));
	FAILS(f, 232, w->b, FN(WriteFile), REF("handle", peer),
	      STR("data", "x"));
}

/* And a port, even while requests keep it. */
static void a_port_lasts_as_long_as_its_handles(void **state)
{
	struct two *w = *state;
	struct fix *f = &w->f;
	struct gu_ref port, copy, client;

	port = OPENED(f, w->a, FN(alpc_create_port), STR("name", "\\p"));
	copy = OPENED(f, w->a, FN(DuplicateHandle), REF("handle", port));
	client = OPENED(f, w->b, FN(alpc_connect), REF("port", port));
	OK(f, w->a, FN(CloseHandle), REF("handle", port));
	OK(f, w->b, FN(alpc_send), REF("port", client));
	OK(f, w->a, FN(CloseHandle), REF("handle", copy));
	FAILS(f, 0xC0000037, w->b, FN(alpc_send), REF("port", client));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_closed_handle_is_invalid),
		T(a_handle_is_good_in_its_process_only),
		T(values_that_are_no_handle_are_invalid),
		T(a_handle_of_another_type_is_invalid),
		T(use_asks_the_rights_of_the_handle),
		T(rights_outlive_the_impersonation),
		T(a_duplicate_is_good_in_its_own_process),
		T(a_duplicate_may_have_fewer_rights),
		T(more_rights_for_a_duplicate_take_an_access_check),
		T(an_empty_token_dacl_grants_a_duplicate_nothing_more),
		T(duplicating_into_a_process_takes_a_right_to_it),
		T(query_rights_imply_the_limited_ones),
		T(a_kernel_object_lives_as_long_as_its_handles),
		T(an_end_of_a_pipe_lasts_as_long_as_its_handles),
		T(a_port_lasts_as_long_as_its_handles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
