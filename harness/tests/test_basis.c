/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "fault.h"
#include "mailbox.h"
#include "sddl.h"
#include "trace.h"

#include "banned.h"

#define SYSTEM "NT AUTHORITY\\SYSTEM"

enum { READ = 0x1, WRITE = 0x2, DELETE = 0x10000, QUERY = 0x8 };

struct world {
	struct fix f;
	struct gu_ref alice; /* an account */
	struct gu_ref a;     /* a thread of hers */
	struct gu_ref s;     /* one of SYSTEM's */
};

static int set_up(void **state)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	fix_open(&w.f);
	w.alice = fix_account(&w.f, "alice", "BUILTIN\\Users");
	w.a = fix_run_as(&w.f, "alice");
	w.s = fix_run_as(&w.f, SYSTEM);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static const struct gu_outcome *open_as(struct world *w, struct gu_ref thread,
					const char *path, uint32_t access)
{
	return CALL(&w->f, thread, FN(NtOpenFile), STR("path", path),
		    UINT("access", access));
}

/* Asking again from the basis gives the answer that the call gave. */
static void check_tells(const struct gu_outcome *out)
{
	const struct gu_basis *b = &out->basis;
	struct gu_access_request request = {
		.sd = b->sd,
		.token = b->token,
		.map = &gu_objtype_row(out->decision.type)->map,
		.desired = b->desired,
		.flags = b->flags,
	};
	struct gu_access_result result;

	assert_true(out->decision.made);
	assert_non_null(b->token);
	assert_non_null(b->sd);
	assert_false(b->below_level);
	gu_access_check(&request, &result);
	assert_int_equal(result.granted, out->status.ok);
}

static void check_empty(const struct gu_basis *b)
{
	assert_null(b->token);
	assert_null(b->sd);
	assert_false(b->below_level);
}

static void check_sddl(const struct gu_sd *sd, const char *expected)
{
	struct gu_buf text = GU_BUF_INIT;

	assert_non_null(sd);
	assert_true(gu_sddl_format(sd, GU_SECINFO_ALL, NULL, &text));
	assert_string_equal(text.data, expected);
	gu_buf_release(&text);
}

static void a_decision_rests_on_the_caller_and_the_object(void **state)
{
	struct world *w = *state;
	const struct gu_outcome *out;

	fix_object(&w->f, GU_OBJ_file, "C:\\x", "O:SYG:SYD:(A;;0x1;;;BU)");
	out = open_as(w, w->a, "C:\\x", READ);
	assert_true(out->status.ok);
	check_tells(out);
	assert_int_equal(out->basis.desired, READ);
	check_sddl(out->basis.sd, "O:SYG:SYD:(A;;CC;;;BU)");
	assert_true(gu_token_has_sid(out->basis.token,
				     gu_sid_well_known(GU_WK_BUILTIN_USERS),
				     false));
	out = open_as(w, w->a, "C:\\x", WRITE);
	assert_false(out->status.ok);
	check_tells(out);
}

static void a_call_without_a_check_rests_on_nothing(void **state)
{
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_file, "C:\\x", "O:SYG:SYD:(A;;0x1;;;BU)");
	(void)open_as(w, w->a, "C:\\x", READ);
	check_empty(&CALL(&w->f, w->a, FN(RevertToSelf))->basis);
}

static void what_a_handle_allows_rests_on_nothing(void **state)
{
	struct world *w = *state;
	struct gu_ref h;

	fix_object(&w->f, GU_OBJ_file, "C:\\x", "O:SYG:SYD:(A;;0x1;;;BU)");
	h = OPENED(&w->f, w->a, FN(NtOpenFile), STR("path", "C:\\x"),
		   UINT("access", READ));
	check_empty(&CALL(&w->f, w->a, FN(use), REF("handle", h),
			  UINT("access", WRITE))
			     ->basis);
}

static void a_level_too_low_is_told_apart_from_a_check(void **state)
{
	struct world *w = *state;
	const struct gu_basis *b;

	fix_object(&w->f, GU_OBJ_file, "C:\\x", "O:SYG:SYD:(A;;FA;;;WD)");
	OK(&w->f, w->a, FN(ImpersonateSelf),
	   UINT("level", GU_LEVEL_IDENTIFICATION));
	b = &open_as(w, w->a, "C:\\x", READ)->basis;
	assert_true(b->below_level);
	assert_int_equal(b->token->level, GU_LEVEL_IDENTIFICATION);
	assert_non_null(b->sd);
}

static void a_right_of_the_directory_rests_on_the_directory(void **state)
{
	struct world *w = *state;
	const struct gu_outcome *out;

	fix_object(&w->f, GU_OBJ_directory, "C:\\d", "O:SYG:SYD:(A;;DT;;;BU)");
	fix_object(&w->f, GU_OBJ_file, "C:\\d\\x", "O:SYG:SYD:(A;;FR;;;SY)");
	out = open_as(w, w->a, "C:\\d\\x", DELETE);
	assert_true(out->status.ok);
	check_tells(out);
	check_sddl(out->basis.sd, "O:SYG:SYD:(A;;DT;;;BU)");
}

static void
a_refusal_that_the_directory_cannot_turn_rests_on_the_file(void **state)
{
	struct world *w = *state;
	const struct gu_outcome *out;

	fix_object(&w->f, GU_OBJ_directory, "C:\\d", "O:SYG:SYD:(A;;DT;;;BU)");
	fix_object(&w->f, GU_OBJ_file, "C:\\d\\x", "O:SYG:SYD:(A;;FR;;;SY)");
	out = open_as(w, w->a, "C:\\d\\x", DELETE | WRITE);
	assert_false(out->status.ok);
	check_tells(out);
	assert_int_equal(out->basis.desired, DELETE | WRITE);
	check_sddl(out->basis.sd, "O:SYG:SYD:(A;;FR;;;SY)");
}

/* The thread's token goes in the very call that was checked against it. */
static void a_token_that_the_call_drops_can_still_be_read(void **state)
{
	struct world *w = *state;
	const struct gu_outcome *out;

	OK(&w->f, w->a, FN(ImpersonateSelf),
	   UINT("level", GU_LEVEL_IMPERSONATION));
	out = OK(&w->f, w->a, FN(ImpersonateSelf),
		 UINT("level", GU_LEVEL_IMPERSONATION));
	check_tells(out);
	assert_int_equal(out->basis.token->level, GU_LEVEL_IMPERSONATION);
}

static void a_descriptor_that_the_call_drops_can_still_be_read(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref pipe, end;
	const struct gu_outcome *out;

	pipe = OPENED(f, w->s, FN(CreateNamedPipe),
		      STR("name", "\\\\.\\pipe\\p"),
		      STR("sddl", "D:(A;;FA;;;WD)"));
	end = OPENED(f, w->a, FN(CreateFile), STR("path", "\\\\.\\pipe\\p"),
		     UINT("access", 0xC0000000));
	OK(f, w->a, FN(WriteFile), REF("handle", end), STR("data", "x"));
	OK(f, w->s, FN(ReadFile), REF("handle", pipe));
	OK(f, w->s, FN(ImpersonateNamedPipeClient), REF("pipe", pipe));
	out = CALL(f, w->s, FN(OpenThreadToken),
		   UINT("access", GU_ACCESS_SYSTEM_SECURITY));
	assert_false(out->status.ok);
	check_tells(out);
}

/* Nor is it what the call makes of the objects below. */
static void a_descriptor_that_the_call_changes_is_shown_as_it_was(void **state)
{
	struct world *w = *state;
	const struct gu_outcome *out;

	fix_object(&w->f, GU_OBJ_directory, "C:\\d",
		   "O:SYG:SYD:(A;;WDRCSD;;;BU)");
	fix_object(&w->f, GU_OBJ_file, "C:\\d\\x", "O:SYG:SYD:(A;;FA;;;BU)");
	out = OK(&w->f, w->a, FN(SetNamedSecurityInfo), STR("object", "C:\\d"),
		 UINT("information", 4), STR("sddl", "D:(A;;GA;;;SY)"));
	check_tells(out);
	check_sddl(out->basis.sd, "O:SYG:SYD:(A;;SDRCWD;;;BU)");
}

static void access_check_rests_on_what_it_was_given(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->alice, GU_LEVEL_IDENTIFICATION);
	const struct gu_outcome *out =
		OK(&w->f, w->s, FN(AccessCheck),
		   STR("sddl", "O:SYG:SYD:(A;;0x1;;;BU)"), REF("token", token),
		   UINT("access", READ));

	check_tells(out);
	check_sddl(out->basis.sd, "O:SYG:SYD:(A;;CC;;;BU)");
}

static struct gu_basis basis_of(struct fix *f, struct gu_ref thing)
{
	struct gu_basis b = { .desired = 0xDEADBEEF };

	assert_rc_ok(gu_world_basis(f->w, thing, &b, &f->err));
	assert_int_equal(b.desired, 0);
	return b;
}

static void an_account_shows_the_token_of_its_logon(void **state)
{
	struct world *w = *state;
	struct gu_ref admin = FIXTURE(&w->f, FN(account), STR("name", "bob"),
				      LIST(&w->f, "groups", "S-1-5-32-544"),
				      BOOL("uac", true));
	struct gu_basis account = basis_of(&w->f, admin);
	struct gu_token *shown = gu_token_ref(account.token);
	struct gu_basis process =
		basis_of(&w->f, fix_process(&w->f, "p", "bob"));

	assert_null(account.sd);
	assert_true(gu_sid_equal(&shown->user, &process.token->user));
	assert_int_equal(shown->integrity, process.token->integrity);
	assert_int_equal(shown->elevation, GU_ELEVATION_LIMITED);
	assert_int_equal(shown->present, process.token->present);
	/* All but the logon's own SID. */
	assert_int_equal(shown->group_count + 1, process.token->group_count);
	assert_non_null(gu_token_find_group(
		shown, gu_sid_well_known(GU_WK_INTERACTIVE)));
	gu_token_unref(shown);
}

static void a_thread_shows_the_token_that_it_acts_with(void **state)
{
	struct world *w = *state;

	assert_int_equal(basis_of(&w->f, w->a).token->type, GU_TOKEN_PRIMARY);
	OK(&w->f, w->a, FN(ImpersonateSelf),
	   UINT("level", GU_LEVEL_IDENTIFICATION));
	assert_int_equal(basis_of(&w->f, w->a).token->level,
			 GU_LEVEL_IDENTIFICATION);
}

static void an_object_shows_its_descriptor(void **state)
{
	struct world *w = *state;
	struct gu_ref x =
		fix_object(&w->f, GU_OBJ_event, "x", "O:SYG:SYD:(A;;0x2;;;BU)");
	struct gu_basis b = basis_of(&w->f, x);

	assert_null(b.token);
	check_sddl(b.sd, "O:SYG:SYD:(A;;DC;;;BU)");
}

static void what_is_not_there_shows_nothing(void **state)
{
	struct world *w = *state;
	struct gu_basis b = basis_of(&w->f, fix_raw_handle(4711));

	check_empty(&b);
}

static void decorators_pass_it_on(void **state)
{
	struct world *w = *state;
	const struct gu_outcome *out;

	assert_rc_ok(gu_mailbox_new(w->f.w, &w->f.w, NULL));
	assert_rc_ok(gu_fault_new(w->f.w, &w->f.w, NULL));
	assert_rc_ok(gu_trace_new(w->f.w, NULL, 0, &w->f.w, NULL));
	assert_non_null(basis_of(&w->f, w->a).token);
	fix_object(&w->f, GU_OBJ_file, "C:\\x", "O:SYG:SYD:(A;;0x1;;;BU)");
	out = open_as(w, w->a, "C:\\x", READ);
	check_tells(out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_decision_rests_on_the_caller_and_the_object),
		TEST(a_call_without_a_check_rests_on_nothing),
		TEST(what_a_handle_allows_rests_on_nothing),
		TEST(a_level_too_low_is_told_apart_from_a_check),
		TEST(a_right_of_the_directory_rests_on_the_directory),
		TEST(a_refusal_that_the_directory_cannot_turn_rests_on_the_file),
		TEST(a_token_that_the_call_drops_can_still_be_read),
		TEST(a_descriptor_that_the_call_drops_can_still_be_read),
		TEST(a_descriptor_that_the_call_changes_is_shown_as_it_was),
		TEST(access_check_rests_on_what_it_was_given),
		TEST(an_account_shows_the_token_of_its_logon),
		TEST(a_thread_shows_the_token_that_it_acts_with),
		TEST(an_object_shows_its_descriptor),
		TEST(what_is_not_there_shows_nothing),
		TEST(decorators_pass_it_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
