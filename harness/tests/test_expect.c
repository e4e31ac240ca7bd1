/* SPDX-License-Identifier: MIT */
#include "script_fix.h"

/* Rows of a table: an expectation, and the start of its one failure; NULL
 * where it holds. */
struct row {
	const char *name;
	const char *body;
	const char *failure;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct play p;
		const char *want = rows[i].failure;

		play_text(&p, rows[i].body);
		if (p.rc) {
			fail_msg("row \"%s\": %s", rows[i].name, p.err.msg);
		}
		if (want ? !strstr(p.failures.data, want) : p.failures.len) {
			fail_msg("row \"%s\": %s", rows[i].name,
				 p.failures.data);
		}
		play_close(&p);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* The same for what is refused as misuse. */
static void check_misuse(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct play p;

		play_text(&p, rows[i].body);
		row_check(p.rc == GU_RC_USAGE, rows[i].name);
		if (!strstr(p.err.msg, rows[i].failure)) {
			fail_msg("row \"%s\": %s", rows[i].name, p.err.msg);
		}
		play_close(&p);
	}
}

#define CHECK_MISUSE(rows) check_misuse(rows, sizeof(rows) / sizeof((rows)[0]))

static const struct row opens[] = {
	{ "granted", "s:expect(t:open(f, 'FILE_READ_DATA')):granted()", NULL },
	{ "granted, but it was not",
	  "s:expect(u:open(f, 'FILE_WRITE_DATA')):granted()",
	  "t.lua:1: fail: expected granted, observed denied with "
	  "ERROR_ACCESS_DENIED (5), because " },
	{ "granted these rights",
	  "s:expect(t:open(f, 'MAXIMUM_ALLOWED'))"
	  ":granted('FILE_WRITE_DATA')",
	  NULL },
	{ "granted others",
	  "s:expect(u:open(f, 'MAXIMUM_ALLOWED'))"
	  ":granted('FILE_WRITE_DATA|FILE_READ_DATA')",
	  "expected granted FILE_WRITE_DATA|FILE_READ_DATA, " },
	{ "denied", "s:expect(u:open(f, 'FILE_WRITE_DATA')):denied()", NULL },
	{ "denied, but it was not",
	  "s:expect(u:open(f, 'FILE_READ_DATA')):denied()",
	  "expected denied, observed granted " },
	{ "denied with a name",
	  "s:expect(u:open(f, 'FILE_WRITE_DATA'))"
	  ":denied('ERROR_ACCESS_DENIED')",
	  NULL },
	{ "denied with a number",
	  "s:expect(u:open(f, 'FILE_WRITE_DATA')):denied(5)", NULL },
	{ "denied with another",
	  "s:expect(u:open(f, 'FILE_WRITE_DATA'))"
	  ":denied('ERROR_BAD_IMPERSONATION_LEVEL')",
	  "expected denied with ERROR_BAD_IMPERSONATION_LEVEL, "
	  "observed denied with ERROR_ACCESS_DENIED (5)" },
	{ "what does not exist is not denied",
	  "s:expect(u:open('C:\\\\none', 'FILE_READ_DATA')):denied()",
	  "it failed for another reason than access" },
	{ "unless one says so",
	  "s:expect(u:open('C:\\\\none', 'FILE_READ_DATA'))"
	  ":denied('ERROR_FILE_NOT_FOUND')",
	  NULL },
	{ "an opening call",
	  "s:expect(u:CreateFile(f, 'FILE_READ_DATA')):granted() "
	  "s:expect(u:CreateFile(f, 'FILE_WRITE_DATA')):denied()",
	  NULL },
	{ "an opening call, by its convention",
	  "s:expect(u:NtOpenFile(f, 'FILE_WRITE_DATA'))"
	  ":denied('STATUS_ACCESS_DENIED')",
	  NULL },
	{ "use of a handle",
	  "local h = u:CreateFile(f, 'FILE_READ_DATA') "
	  "s:expect(u:use(h, 'FILE_READ_DATA')):granted() "
	  "s:expect(u:use(h, 'FILE_WRITE_DATA')):denied()",
	  NULL },
};

static void opens_are_granted_or_denied(void **state)
{
	(void)state;
	CHECK_ROWS(opens);
}

static void calls_succeed_or_fail(void **state)
{
	static const struct row rows[] = {
		{ "succeeds", "s:expect(t:RevertToSelf()):succeeds()", NULL },
		{ "succeeds, but it failed",
		  "s:expect(t:ImpersonateLoggedOnUser(0)):succeeds()",
		  "expected succeeds, observed " },
		{ "fails", "s:expect(t:ImpersonateLoggedOnUser(0)):fails()",
		  NULL },
		{ "fails with",
		  "s:expect(t:ImpersonateLoggedOnUser(0))"
		  ":fails('ERROR_INVALID_HANDLE')",
		  NULL },
		{ "fails, but it succeeded",
		  "s:expect(t:RevertToSelf()):fails(6)",
		  "expected fails with ERROR_INVALID_HANDLE, observed " },
		{ "a handle", "s:expect(t:OpenProcessToken(nil, 8)):succeeds()",
		  NULL },
		{ "data",
		  "s:expect(t:GetTokenInformation(tok, 'TokenType'))"
		  ":succeeds()",
		  NULL },
		{ "false is no failure",
		  "s:expect(t:CheckTokenMembership(tok, 'BA')):succeeds()",
		  NULL },
		{ "a value kept for later",
		  "local h = t:OpenProcessToken(nil, 8) t:CloseHandle(h) "
		  "s:expect(h):succeeds()",
		  NULL },
		{ "only the status",
		  "local _, _, st = t:ReadFile(0) "
		  "s:expect(nil, 'x', st):fails(6) s:expect(st):fails(6)",
		  NULL },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void threads_act_as_somebody(void **state)
{
	static const struct row rows[] = {
		{ "account", "s:expect(u):acts_as(alice)", NULL },
		{ "bare name", "s:expect(u):acts_as 'alice'", NULL },
		{ "whole name, any case",
		  "s:expect(u):acts_as 'machine\\\\ALICE'", NULL },
		{ "SID", "s:expect(t):acts_as 'S-1-5-18'", NULL },
		{ "code", "s:expect(t):acts_as 'SY'", NULL },
		{ "token",
		  "t:ImpersonateLoggedOnUser(tok) s:expect(t):acts_as(tok) "
		  "t:RevertToSelf()",
		  NULL },
		{ "another", "s:expect(t):acts_as(alice)",
		  "expected alice, observed NT AUTHORITY\\SYSTEM" },
		{ "at a level",
		  "t:ImpersonateSelf 'Identification' "
		  "s:expect(t):acts_as('SYSTEM', 'Identification') "
		  "t:RevertToSelf()",
		  NULL },
		{ "at another level",
		  "t:ImpersonateSelf 'Identification' "
		  "s:expect(t):acts_as('SYSTEM', 'Impersonation') "
		  "t:RevertToSelf()",
		  "expected SYSTEM at Impersonation, observed NT "
		  "AUTHORITY\\SYSTEM at Identification" },
		{ "at a level without impersonation",
		  "s:expect(u):acts_as(alice, 'Delegation')",
		  "the thread does not impersonate" },
		{ "reverted", "s:expect(t):reverted()", NULL },
		{ "not reverted",
		  "t:ImpersonateLoggedOnUser(tok) s:expect(t):reverted() "
		  "t:RevertToSelf()",
		  "expected reverted, observed MACHINE\\alice at "
		  "Impersonation" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static const struct row holdings[] = {
	{ "rights of a handle",
	  "local h = u:CreateFile(f, 'FILE_READ_DATA') "
	  "s:expect(h):has 'FILE_READ_DATA|SYNCHRONIZE' "
	  "s:expect(h):lacks 'FILE_WRITE_DATA|DELETE'",
	  NULL },
	{ "one of them is missing",
	  "s:expect(u:CreateFile(f, 'FILE_READ_DATA'))"
	  ":has 'FILE_READ_DATA|DELETE'",
	  "expected has FILE_READ_DATA|DELETE" },
	{ "one of them is there",
	  "s:expect(u:CreateFile(f, 'FILE_READ_DATA'))"
	  ":lacks 'FILE_READ_DATA|DELETE'",
	  "expected lacks FILE_READ_DATA|DELETE" },
	{ "rights of an attempt",
	  "s:expect(u:open(f, 'MAXIMUM_ALLOWED'))"
	  ":lacks 'FILE_WRITE_DATA'",
	  NULL },
	{ "rights of a token handle",
	  "s:expect(t:OpenProcessToken(nil, 'TOKEN_QUERY'))"
	  ":has 'TOKEN_QUERY'",
	  NULL },
	{ "parts of a token handle",
	  "local h = t:OpenProcessToken(nil, 'TOKEN_QUERY') "
	  "s:expect(h):has 'SeTcbPrivilege' "
	  "s:expect(h):has 'BUILTIN\\\\Administrators' "
	  "s:expect(h):lacks 'BUILTIN\\\\Users'",
	  NULL },
	{ "a token that cannot be asked",
	  "s:expect(t:OpenProcessToken(nil, 'TOKEN_DUPLICATE'))"
	  ":lacks 'SeTcbPrivilege'",
	  "the token cannot be asked: ERROR_ACCESS_DENIED" },
	{ "a token fixture",
	  "s:expect(tok):has 'BU' s:expect(tok):has(alice) "
	  "s:expect(tok):lacks 'SeDebugPrivilege'",
	  NULL },
	{ "a thread",
	  "s:expect(t):has 'SeTcbPrivilege' "
	  "s:expect(t):has 'S-1-5-18' s:expect(t):lacks(alice) "
	  "t:ImpersonateLoggedOnUser(tok) "
	  "s:expect(t):lacks 'SeTcbPrivilege' "
	  "s:expect(t):has(alice) t:RevertToSelf()",
	  NULL },
	{ "held, but only to deny",
	  "s:expect(s:token{account=alice, disable={'BU'}}):lacks 'BU'", NULL },
	{ "held but not enabled",
	  "s:expect(t):has 'SeAssignPrimaryTokenPrivilege'",
	  "it lacks SeAssignPrimaryTokenPrivilege" },
};

static void handles_have_rights_and_tokens_have_parts(void **state)
{
	(void)state;
	CHECK_ROWS(holdings);
}

static const struct row misuses[] = {
	{ "nothing", "s:expect()", "expect needs what a call" },
	{ "nil", "s:expect(nil)",
	  "expect cannot judge nothing by itself: pass all values of "
	  "a call, as in s:expect(t:call())" },
	{ "boolean", "s:expect(true)", "cannot judge a boolean" },
	{ "number", "s:require(1)", "require cannot judge a number" },
	{ "the first value of data",
	  "s:expect((t:GetTokenInformation(tok, 'TokenType')))",
	  "cannot judge a number" },
	{ "an account", "s:expect(alice)", "cannot judge an account" },
	{ "a check of something else", "s:expect(t:open(f, 1)):acts_as(alice)",
	  "an expectation of an attempt has no check 'acts_as'; it "
	  "offers: granted denied has lacks" },
	{ "a check of a call", "s:expect(t:RevertToSelf()):granted()",
	  "an expectation of a call has no check 'granted'; it "
	  "offers: succeeds fails" },
	{ "a check of a thread", "s:expect(t):granted()",
	  "it offers: acts_as reverted has lacks" },
	{ "misspelt", "s:expect(t):revrted()", "no check 'revrted'" },
	{ "without the expectation", "s:expect(t).reverted()",
	  "needs its expectation before the colon" },
	{ "never checked", "\ns:expect(t)", "t.lua:2: expect without a check" },
	{ "misspelt status",
	  "s:expect(t:open(f, 1)):denied('ERROR_ACCES_DENIED')",
	  "unknown status \"ERROR_ACCES_DENIED\", did you mean "
	  "ERROR_ACCESS_DENIED?" },
	{ "status of another convention",
	  "s:expect(t:open(f, 1)):denied('STATUS_ACCESS_DENIED')",
	  "STATUS_ACCESS_DENIED is an NTSTATUS, but this call "
	  "answers with a Win32 error" },
	{ "misspelt right", "s:expect(t:open(f, 1)):granted('FILE_RAED_DATA')",
	  "did you mean FILE_READ_DATA?" },
	{ "no account", "s:expect(t):acts_as(f)",
	  "acts_as needs an account, a token or a name, not an "
	  "object" },
	{ "no level", "s:expect(t):acts_as(alice, 'High')",
	  "unknown level \"High\"" },
	{ "no part", "s:expect(t):has('Sausage')",
	  "'Sausage' is no privilege" },
	{ "has what", "s:expect(t):has()", "has needs to be told" },
};

static void what_cannot_be_judged_is_misuse(void **state)
{
	(void)state;
	CHECK_MISUSE(misuses);
}

static void require_ends_the_scenario_and_cannot_be_caught(void **state)
{
	struct play p;

	(void)state;
	play_text(&p, "s:require(t:RevertToSelf()):succeeds() "
		      "local function f2() "
		      "s:require(t:open(f, 1)):denied() s:fail 'a' end "
		      "pcall(f2) s:fail 'b' "
		      "pcall(f2) coroutine.wrap(f2)() s:fail 'c'");
	assert_int_equal(p.rc, GU_RC_OK);
	assert_true(p.cut_short);
	assert_non_null(strstr(p.failures.data, "expected denied"));
	assert_null(strstr(p.failures.data, "fail is not called"));
	play_close(&p);
}

static void a_check_hands_back_what_it_judged(void **state)
{
	struct play p;

	(void)state;
	play_text(&p,
		  "local h = s:require(t:OpenProcessToken(nil, 8)):succeeds() "
		  "assert(h.type == 'token') "
		  "assert(s:expect(t:open(f, 1)):granted().granted) "
		  "assert(s:expect(t:ReadFile(0)):fails() == true)");
	assert_plays(&p);
	play_close(&p);
}

static void a_row_carries_its_judgement(void **state)
{
	struct play p;
	const struct gu_record *rows;
	size_t count;

	(void)state;
	play_text(&p, "local a = t:open(f, 'FILE_READ_DATA')\n"
		      "s:expect(a):granted()\n"
		      "s:expect(t):reverted()");
	assert_plays(&p);
	rows = gu_recorder_rows(p.recorder, &count);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].line, 1);
	assert_int_equal(rows[0].judged_line, 2);
	assert_string_equal(rows[0].expected, "granted");
	assert_int_equal(rows[0].verdict, GU_VERDICT_PASS);
	assert_int_equal(rows[1].kind, GU_RECORD_IDENTITY);
	assert_int_equal(rows[1].judged_line, 3);
	play_close(&p);
}

static void findings_are_expected_by_rule(void **state)
{
	static const struct row rows[] = {
		{ "declared",
		  "s:expect_finding 'leak' t:ImpersonateLoggedOnUser(tok)",
		  NULL },
		{ "undeclared", "t:ImpersonateLoggedOnUser(tok)",
		  "leak (CWE-271)" },
		{ "not seen", "s:expect_finding 'leak'", "not seen" },
	};
	static const struct row misuse[] = {
		{ "misspelt", "s:expect_finding 'leek'",
		  "expect_finding has no rule 'leek', did you mean 'leak'?" },
	};

	(void)state;
	CHECK_ROWS(rows);
	CHECK_MISUSE(misuse);
}

static void fail_and_skip_say_why(void **state)
{
	struct play p;

	(void)state;
	play_text(&p, "s:fail 'not like this'");
	assert_int_equal(p.rc, GU_RC_OK);
	assert_non_null(strstr(p.failures.data, "t.lua:1: fail: "));
	assert_non_null(strstr(p.failures.data, "not like this"));
	play_close(&p);

	play_text(&p, "pcall(function() s:skip 'no such thing here' end) "
		      "s:fail 'went on'");
	assert_ends(&p, GU_RC_UNSUPPORTED, "t.lua:1: no such thing here");
	assert_int_equal(p.failures.len, 0);
	play_close(&p);
}

#define BOB                            \
	"local bob = s:account 'bob' " \
	"local g = s:event{name='g', sddl='D:(A;;GA;;;SY)'} "

static const struct row matrices[] = {
	{ "as expected",
	  BOB "s:matrix{thread=t, subjects={alice, bob}, objects={f}, "
	      "rights={'FILE_READ_DATA', 'FILE_WRITE_DATA'}, "
	      "expect={[alice]={[f]='FILE_READ_DATA'}}}",
	  NULL },
	{ "by name, on a thread of its own",
	  BOB "s:matrix{subjects={alice, bob}, objects={f}, "
	      "expect={alice={['C:\\\\f']='FILE_READ_DATA'}}}",
	  NULL },
	{ "with levels",
	  BOB "s:matrix{subjects={{alice, 'Identification'}, "
	      "{account=alice, label='plain'}}, objects={f}, "
	      "expect={['plain']={[f]='FILE_READ_DATA'}}}",
	  NULL },
	{ "too much is granted",
	  BOB "s:matrix{thread=t, subjects={alice}, objects={f}, "
	      "rights={'FILE_READ_DATA'}, expect={}}",
	  "expected alice on C:\\f, FILE_READ_DATA: denied" },
	{ "too little is granted",
	  BOB "s:matrix{thread=t, subjects={bob}, objects={g}, "
	      "expect={[bob]={[g]='EVENT_MODIFY_STATE'}}}",
	  "expected bob on g, EVENT_MODIFY_STATE: granted" },
};

static const struct row bad_matrices[] = {
	{ "no table", "s:matrix(1)", "matrix needs a table" },
	{ "misspelt field", "s:matrix{subject={}}",
	  "matrix has no field 'subject'" },
	{ "misspelt subject",
	  "s:matrix{subjects={alice}, objects={f}, "
	  "rights={'FILE_READ_DATA'}, expect={alce={}}}",
	  "expect names 'alce', which is none of the subjects, did "
	  "you mean 'alice'?" },
	{ "misspelt right",
	  "s:matrix{subjects={alice}, objects={f}, "
	  "expect={alice={[f]='FILE_RAED_DATA'}}}",
	  "t.lua:1: open: 'access': unknown right" },
	{ "right that is not tried",
	  "s:matrix{subjects={alice}, objects={f}, "
	  "rights={'FILE_READ_DATA'}, "
	  "expect={alice={[f]='FILE_WRITE_DATA'}}}",
	  "which is none of the rights tried" },
	{ "nothing to try",
	  "s:matrix{subjects={alice}, objects={f}, expect={}}",
	  "there are no rights to try" },
};

static void a_matrix_judges_every_cell(void **state)
{
	(void)state;
	CHECK_ROWS(matrices);
}

static void a_matrix_that_makes_no_sense_is_refused(void **state)
{
	(void)state;
	CHECK_MISUSE(bad_matrices);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_are_granted_or_denied),
		cmocka_unit_test(calls_succeed_or_fail),
		cmocka_unit_test(threads_act_as_somebody),
		cmocka_unit_test(handles_have_rights_and_tokens_have_parts),
		cmocka_unit_test(what_cannot_be_judged_is_misuse),
		cmocka_unit_test(
			require_ends_the_scenario_and_cannot_be_caught),
		cmocka_unit_test(a_check_hands_back_what_it_judged),
		cmocka_unit_test(a_row_carries_its_judgement),
		cmocka_unit_test(findings_are_expected_by_rule),
		cmocka_unit_test(fail_and_skip_say_why),
		cmocka_unit_test(a_matrix_judges_every_cell),
		cmocka_unit_test(a_matrix_that_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
