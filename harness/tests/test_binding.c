/* SPDX-License-Identifier: MIT */
#include "script_fix.h"

/* Rows of a table: the body of a scenario, and what it is refused with; NULL
 * means that it plays without a failure. */
struct row {
	const char *name;
	const char *body;
	const char *refused;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct play p;

		play_text(&p, rows[i].body);
		if (rows[i].refused) {
			row_check(p.rc == GU_RC_USAGE, rows[i].name);
			if (!strstr(p.err.msg, rows[i].refused)) {
				fail_msg("row \"%s\": %s", rows[i].name,
					 p.err.msg);
			}
			row_check(strncmp(p.err.msg, "t.lua:1: ", 9) == 0,
				  rows[i].name);
		} else if (p.rc || p.failures.len) {
			fail_msg("row \"%s\": rc %d: %s%s", rows[i].name,
				 (int)p.rc, p.err.msg, p.failures.data);
		}
		play_close(&p);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static const struct row spellings[] = {
	{ "by place", "s:expect(t:open(f, 'FILE_READ_DATA')):granted()", NULL },
	{ "by name",
	  "s:expect(t:open{access='FILE_READ_DATA', object=f})"
	  ":granted()",
	  NULL },
	{ "both", "s:expect(t:open(f, {access='FILE_READ_DATA'})):granted()",
	  NULL },
	{ "nil leaves out",
	  "s:expect(t:OpenProcessToken(nil, 'TOKEN_QUERY'))"
	  ":succeeds()",
	  NULL },
	{ "a list in its place",
	  "local h = t:OpenProcessToken(nil, 'TOKEN_ALL_ACCESS') "
	  "s:expect(t:AdjustTokenPrivileges(h, "
	  "{'SeDebugPrivilege'})):succeeds()",
	  NULL },
	{ "a list in its place and fields in the next",
	  "local h = t:OpenProcessToken(nil, 'TOKEN_ALL_ACCESS') "
	  "s:expect(t:AdjustTokenPrivileges(h, "
	  "{'SeDebugPrivilege'}, {remove={'SeTcbPrivilege'}}))"
	  ":succeeds()",
	  NULL },
	{ "fields where a list could be",
	  "local h = t:OpenProcessToken(nil, 'TOKEN_ALL_ACCESS') "
	  "s:expect(t:AdjustTokenPrivileges(h, "
	  "{disable_all=true})):succeeds()",
	  NULL },
	{ "a quality of service in its place",
	  "s:expect(u:NtImpersonateThread(u, u, "
	  "{level='Identification'})):succeeds() "
	  "u:RevertToSelf()",
	  NULL },
	{ "fields where a quality of service could be",
	  "s:expect(u:DdeSetQualityOfService{sqos={"
	  "level='Identification', tracking='static', "
	  "effective_only=true}}):succeeds()",
	  NULL },
	{ "a level of quality that Windows judges",
	  "s:expect(u:NtImpersonateThread(u, u, {level=7}))"
	  ":fails('STATUS_INVALID_PARAMETER')",
	  NULL },
	{ "path is the name of a file",
	  "local k = s:key{path='HKLM\\\\x'} "
	  "s:expect(t:open(k, 'KEY_READ')):granted()",
	  NULL },
	{ "a fixture by its name alone",
	  "local e = s:event 'e' "
	  "s:expect(t:open(e, 'EVENT_MODIFY_STATE')):granted()",
	  NULL },
	{ "an object that a thread made",
	  "local h <close> = t:CreateEvent 'made' "
	  "local e = s:existing{type='event', name='made'} "
	  "s:expect(t:open(e, 'EVENT_MODIFY_STATE')):granted()",
	  NULL },
	{ "an object that nobody made", "s:existing('event', 'x')",
	  "existing: there is no event named \"x\"" },
	{ "unknown field", "t:open{object=f, acess='FILE_READ_DATA'}",
	  "open has no argument 'acess', did you mean 'access'?" },
	{ "unknown field of a fixture", "s:account{nam='x'}",
	  "account has no argument 'nam', did you mean 'name'?" },
	{ "only what has a path", "s:event{path='e'}",
	  "event has no argument 'path'" },
	{ "given twice", "t:open(f, {object=f, access=1})",
	  "open: 'object' is given twice" },
	{ "missing", "t:open(f)",
	  "open: 'access' is missing (rights, by name or number): "
	  "open(object, access [, backup])" },
	{ "missing by name", "s:account{}", "account: 'name' is missing" },
	{ "too many", "t:RevertToSelf(1)",
	  "too many arguments: RevertToSelf()" },
};

static void arguments_come_by_place_by_name_or_both(void **state)
{
	(void)state;
	CHECK_ROWS(spellings);
}

static const struct row wrong_kinds[] = {
	{ "number for rights", "t:open(f, {})", "open: 'access' is missing" },
	{ "boolean for rights", "t:open(f, true)",
	  "open: 'access' is to be rights, by name or number, not a "
	  "boolean" },
	{ "misspelt right", "t:open(f, 'FILE_RAED_DATA')",
	  "did you mean FILE_READ_DATA?" },
	{ "right of another type", "t:open(f, 'KEY_READ')", "KEY_READ" },
	{ "rights out of range", "t:open(f, -1)",
	  "open: 'access' is out of range: -1" },
	{ "fraction", "t:open(f, 1.5)", "'access' is to be rights" },
	{ "account for a token", "t:ImpersonateLoggedOnUser(alice)",
	  "'token' is to be a token or a token handle, not an "
	  "account" },
	{ "object for a handle", "t:ReadFile(f)",
	  "'handle' is to be a handle, not an object" },
	{ "string for a handle", "t:ReadFile('x')",
	  "'handle' is to be a handle, not a string" },
	{ "a refusal for a handle", "t:ReadFile(select(3, t:ReadFile(0)))",
	  "'handle' is to be a handle, not a status" },
	{ "misspelt level", "t:ImpersonateSelf('Impersonate')",
	  "unknown level \"Impersonate\"" },
	{ "misspelt privilege",
	  "s:account{name='x', privileges={'SeDebugPrivilge'}}",
	  "unknown privilege \"SeDebugPrivilge\", did you mean "
	  "SeDebugPrivilege?" },
	{ "misspelt constant",
	  "t:DuplicateTokenEx{token=tok, type='TokenPrimry'}",
	  "did you mean TokenPrimary?" },
	{ "a list of lists",
	  "local x = {} x[1] = x t:SetTokenInformation(tok, 'TokenOwner', x)",
	  "'value' is to be a number, string, boolean or list, not a table" },
	{ "misspelt integrity", "s:account{name='x', integrity='Hig'}",
	  "unknown integrity level \"Hig\"" },
	{ "two words where one goes",
	  "t:rpc_serve{endpoint='e', protseq='ncalrpc|ncacn_np'}",
	  "is to be one word" },
	{ "number for a string", "s:account(5)",
	  "'name' is to be a string, not a number" },
	{ "string for a boolean", "s:account{name='x', disabled='no'}",
	  "'disabled' is to be true or false, not a string" },
	{ "quality of service without a level",
	  "u:NtImpersonateThread(u, u, {tracking='static'})",
	  "'sqos' needs a level" },
	{ "misspelt field of a quality of service",
	  "u:NtImpersonateThread(u, u, {levl='Impersonation'})",
	  "a quality of service has no field 'levl', did you mean "
	  "'level'?" },
	{ "object of an unknown type", "s:object{type='evnt', name='e'}",
	  "unknown object type \"evnt\", did you mean event?" },
	{ "entry without a SID", "s:account{name='x', groups={{attributes=4}}}",
	  "an entry that is a table needs a field 'sid'" },
	{ "fields for a list", "s:account{name='x', groups={a='S-1-1-0'}}",
	  "'groups' is a list, it has no 'a'" },
	{ "fields for privileges",
	  "s:account{name='x', privileges={SeDebugPrivilege=true}}",
	  "'privileges' is a list, it has no 'SeDebugPrivilege'" },
	{ "an entry for a list", "s:account{name='x', groups={sid='S-1-1-0'}}",
	  "'groups' is a list, it has no 'sid'" },
	{ "misspelt field of an entry",
	  "s:account{name='x', groups={{sid='S-1-1-0', atributes=16}}}",
	  "it has no 'atributes'" },
	{ "number for a boolean of a quality of service",
	  "u:NtImpersonateThread(u, u, {level=2, effective_only=0})",
	  "effective_only is to be true or false, not a number" },
	{ "bad SDDL", "s:file{path='C:\\\\x', sddl='D:(A;;QQ;;;WD)'}",
	  "at offset 6: 'QQ;;;WD)'" },
	{ "a message that names its call once",
	  "s:inject{thread=t, call='RevertToSel', status='x'}",
	  "t.lua:1: inject: unknown call" },
	{ "unknown account", "s:process{name='p', account='nobody'}",
	  "process: " },
};

static void arguments_of_a_wrong_kind_are_refused(void **state)
{
	(void)state;
	CHECK_ROWS(wrong_kinds);
}

static void methods_and_fields_that_do_not_exist_are_named(void **state)
{
	static const struct row rows[] = {
		{ "thread method", "t:RevertToSlf()",
		  "a thread has no method 'RevertToSlf', did you mean "
		  "'RevertToSelf'?" },
		{ "scenario method", "s:acount 'x'",
		  "a scenario has no method 'acount', did you mean "
		  "'account'?" },
		{ "guise function", "guise.scenrio()",
		  "guise has no method 'scenrio', did you mean 'scenario'?" },
		{ "attempt field", "return t:open(f, 1).grantd",
		  "an attempt has no field 'grantd', did you mean "
		  "'granted'?" },
		{ "status field", "return select(3, t:ReadFile(0)).cod",
		  "a status has no field 'cod', did you mean 'code'?" },
		{ "handle field", "return t:OpenProcessToken(nil, 8).grantd",
		  "a handle has no field 'grantd', did you mean 'granted'?" },
		{ "no constant", "return guise.constants.FILE_REED",
		  "guise.constants has no 'FILE_REED'" },
		{ "method without its thread",
		  "local open = t.open open(f, 'FILE_READ_DATA')",
		  "needs its thread before the colon, not an object" },
		{ "scenario method without the scenario",
		  "local file = s.file file 'x'",
		  "needs the scenario before the colon, not a string" },
		{ "assignment to a thread", "t.name = 'x'",
		  "a thread cannot be changed" },
		{ "assignment to a result", "t:RevertToSelf().ok = false",
		  "a result cannot be changed" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static const struct row answers[] = {
	{ "result",
	  "local r = t:RevertToSelf() "
	  "assert(r and r.ok and r.code == 0 and "
	  "r.name == 'ERROR_SUCCESS' and r.convention == 'BOOL') "
	  "assert(select('#', t:RevertToSelf()) == 1)",
	  NULL },
	{ "handle",
	  "local h = t:OpenProcessToken(nil, 'TOKEN_QUERY') "
	  "assert(h.type == 'token' and h.granted == 8)",
	  NULL },
	{ "data and result",
	  "local v, r = t:GetTokenInformation(tok, 'TokenType') "
	  "assert(v == 2 and r.ok)",
	  NULL },
	{ "false is data too",
	  "local v, r = t:CheckTokenMembership(tok, 'BA') "
	  "assert(v == false and r.ok)",
	  NULL },
	{ "a list",
	  "local v = t:GetTokenInformation(tok, 'TokenGroups') "
	  "assert(#v > 0 and v[1].sid:match '^S%-1%-')",
	  NULL },
	{ "a thread of a call",
	  "local w = t:CreateThread 'w' "
	  "s:expect(w):reverted() "
	  "s:expect(w:open(f, 'FILE_READ_DATA')):granted()",
	  NULL },
	{ "success with a last error",
	  "t:CreateEvent 'e' local h = t:CreateEvent 'e' "
	  "assert(h.status.code == 183)",
	  NULL },
	{ "step and line",
	  "local r = t:RevertToSelf() assert(r.line == 1) "
	  "assert(t:RevertToSelf().step == r.step + 1)",
	  NULL },
	{ "refusal",
	  "local r, msg, st = t:ImpersonateLoggedOnUser(0) "
	  "assert(r == nil) "
	  "assert(msg == 'ImpersonateLoggedOnUser: "
	  "ERROR_INVALID_HANDLE (6)') "
	  "assert(st.code == 6 and not st.ok and "
	  "st.name == 'ERROR_INVALID_HANDLE')",
	  NULL },
	{ "refusal of another convention",
	  "local _, msg, st = t:NtImpersonateThread(0, 0, "
	  "'Impersonation') "
	  "assert(st.convention == 'NTSTATUS' and "
	  "st.code == 0xC0000008) "
	  "assert(msg == 'NtImpersonateThread: "
	  "STATUS_INVALID_HANDLE (0xC0000008)')",
	  NULL },
	{ "attempt",
	  "local a = u:open(f, 'FILE_WRITE_DATA') "
	  "assert(a.granted == false and a.granted_mask == 0) "
	  "assert(a.asked == 0x100082 and a.status.code == 5) "
	  "assert(a.object == 'C:\\\\f' and type(a.reason) == "
	  "'string')",
	  NULL },
	{ "numbers are names",
	  "assert(t:open(f, 1).asked == "
	  "t:open(f, 'FILE_READ_DATA').asked) "
	  "assert(guise.constants.FILE_READ_DATA == 1 and "
	  "guise.constants.ERROR_ACCESS_DENIED == 5 and "
	  "guise.constants.SECURITY_IDENTIFICATION == 0x10000)",
	  NULL },
	{ "equal things are equal",
	  "assert(svc:thread 'x' ~= t and t == t and f ~= t)", NULL },
	{ "text",
	  "assert(tostring(t) == 'thread t') "
	  "assert(tostring(t:RevertToSelf()) == 'result: succeeded')",
	  NULL },
};

static void a_success_is_a_handle_or_a_truthy_result(void **state)
{
	(void)state;
	CHECK_ROWS(answers);
}

static void a_closed_handle_goes_to_the_target(void **state)
{
	static const struct row rows[] = {
		{ "used after CloseHandle",
		  "local h = t:OpenProcessToken(nil, 'TOKEN_ALL_ACCESS') "
		  "s:expect(t:CloseHandle(h)):succeeds() "
		  "s:expect(t:ImpersonateLoggedOnUser(h)):fails(6)",
		  NULL },
		{ "closed twice",
		  "local h = t:OpenProcessToken(nil, 'TOKEN_ALL_ACCESS') "
		  "t:CloseHandle(h) s:expect(t:CloseHandle(h)):fails(6)",
		  NULL },
		{ "closed by its block",
		  "local kept do local h <close> = "
		  "t:OpenProcessToken(nil, 'TOKEN_ALL_ACCESS') kept = h end "
		  "s:expect(t:ImpersonateLoggedOnUser(kept)):fails(6)",
		  NULL },
		{ "closed before its block ends",
		  "do local h <close> = t:OpenProcessToken(nil, 8) "
		  "t:CloseHandle(h) end",
		  NULL },
		{ "the collector closes nothing",
		  "local raw do local h = t:OpenProcessToken(nil, 8) "
		  "raw = t:DuplicateHandle(h) end "
		  "collectgarbage() collectgarbage() "
		  "s:expect(t:GetTokenInformation(raw, 'TokenType'))"
		  ":succeeds()",
		  NULL },
		{ "a number is a raw handle",
		  "s:expect(t:ImpersonateLoggedOnUser(0xdead)):fails(6)",
		  NULL },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void levels_and_qualities_of_service_have_several_spellings(void **state)
{
	static const struct row rows[] = {
		{ "short",
		  "t:ImpersonateSelf 'Identification' "
		  "s:expect(t):acts_as('SYSTEM', 'Identification') "
		  "t:RevertToSelf()",
		  NULL },
		{ "long",
		  "t:ImpersonateSelf 'SecurityIdentification' "
		  "s:expect(t):acts_as('SYSTEM', "
		  "'SecurityIdentification') t:RevertToSelf()",
		  NULL },
		{ "number",
		  "t:ImpersonateSelf(1) "
		  "s:expect(t):acts_as('SYSTEM', 1) "
		  "t:RevertToSelf()",
		  NULL },
		{ "flags",
		  "u:NtImpersonateThread(u, u, "
		  "'SECURITY_SQOS_PRESENT|SECURITY_IDENTIFICATION') "
		  "s:expect(u):acts_as(alice, 'Identification') "
		  "u:RevertToSelf()",
		  NULL },
		{ "flags as a number",
		  "u:NtImpersonateThread(u, u, 0x120000) "
		  "s:expect(u):acts_as(alice, 'Impersonation') "
		  "u:RevertToSelf()",
		  NULL },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void set_thread_token_takes_a_thread_and_a_token(void **state)
{
	static const struct row rows[] = {
		{ "on itself",
		  "s:expect(t:SetThreadToken{token=tok}):succeeds() "
		  "s:expect(t):acts_as(alice) "
		  "s:expect(t:SetThreadToken{}):succeeds() "
		  "s:expect(t):reverted()",
		  NULL },
		{ "on another",
		  "s:expect(t:SetThreadToken{thread=u, token=tok})"
		  ":succeeds() s:expect(t):reverted() "
		  "s:expect(u):acts_as(alice, 'Impersonation') "
		  "u:RevertToSelf()",
		  NULL },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void whoami_is_a_table(void **state)
{
	static const struct row rows[] = {
		{ "plain",
		  "local w = t:whoami() "
		  "assert(w.name == 'NT AUTHORITY\\\\SYSTEM' and "
		  "w.sid == 'S-1-5-18' and not w.impersonating and "
		  "w.level == nil and w.via == nil)",
		  NULL },
		{ "impersonating",
		  "t:ImpersonateLoggedOnUser(tok) local w = t:whoami() "
		  "assert(w.impersonating and w.level == 'Impersonation' and "
		  "w.via == 'ImpersonateLoggedOnUser' and "
		  "w.integrity == 'Medium') t:RevertToSelf()",
		  NULL },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void impersonating_reverts_whatever_happens(void **state)
{
	static const struct row rows[] = {
		{ "plain",
		  "local r, v = t:impersonating('ImpersonateLoggedOnUser', "
		  "tok, function(x) assert(x == t) "
		  "s:expect(x):acts_as(alice) return 7 end) "
		  "assert(r.ok and v == 7) s:expect(t):reverted()",
		  NULL },
		{ "an error comes after the revert",
		  "local ok, msg = pcall(t.impersonating, t, "
		  "'ImpersonateSelf', 'Impersonation', "
		  "function() error 'oops' end) "
		  "assert(not ok and msg == 't.lua:1: oops', msg) "
		  "s:expect(t):reverted()",
		  NULL },
		{ "no body without impersonation",
		  "local r, msg, st = t:impersonating("
		  "'ImpersonateLoggedOnUser', 0, "
		  "function() s:fail 'ran' end) "
		  "assert(r == nil and st.code == 6)",
		  NULL },
		{ "by its own revert",
		  "local sc, cc = s:sspi_handshake{client=u, server=t} "
		  "t:impersonating('ImpersonateSecurityContext', sc, "
		  "function(x) s:expect(x):acts_as(alice) end) "
		  "s:expect(t):reverted()",
		  NULL },
		{ "misspelt",
		  "t:impersonating('ImpersonateSlf', function() end)",
		  "'ImpersonateSlf' is no impersonation, did you mean "
		  "'ImpersonateSelf'?" },
		{ "no impersonation",
		  "t:impersonating('RevertToSelf', function() end)",
		  "'RevertToSelf' is no impersonation" },
		{ "no body", "t:impersonating('ImpersonateSelf', 2)",
		  "needs the function to run as its last argument, got a "
		  "number" },
		{ "another thread",
		  "t:impersonating('SetThreadToken', u, tok, "
		  "function() end)",
		  "'thread' is to be the thread itself" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void a_failed_require_within_impersonating_still_reverts(void **state)
{
	struct play p;
	const struct gu_record *rows;
	size_t count;

	(void)state;
	play_text(&p, "t:impersonating('ImpersonateLoggedOnUser', tok, "
		      "function(x) pcall(function() "
		      "s:require(x:open(f, 'FILE_WRITE_DATA')):granted() end) "
		      "s:fail 'went on' end) s:fail 'went on'");
	assert_int_equal(p.rc, GU_RC_OK);
	assert_true(p.cut_short);
	assert_null(strstr(p.failures.data, "went on"));
	rows = gu_recorder_rows(p.recorder, &count);
	assert_int_equal(count, 3);
	assert_int_equal(rows[2].fn, GU_FN_RevertToSelf);
	assert_int_equal(rows[2].verdict, GU_VERDICT_PASS);
	play_close(&p);
}

static void a_fault_may_be_a_number(void **state)
{
	struct play p;

	(void)state;
	play_text(&p, "s:inject{thread=t, call='RevertToSelf', status=5} "
		      "s:inject{thread=t, call='NtImpersonateThread', "
		      "status=0xC0000022} "
		      "s:expect(t:RevertToSelf()):fails('ERROR_ACCESS_DENIED') "
		      "t:RevertToSelf() "
		      "s:expect(t:NtImpersonateThread(t, t, 'Impersonation'))"
		      ":fails('STATUS_ACCESS_DENIED') t:RevertToSelf()");
	assert_plays(&p);
	play_close(&p);
}

static void a_failed_revert_ends_the_scenario(void **state)
{
	struct play p;

	(void)state;
	play_text(&p, "s:inject{thread=t, call='RevertToSelf', "
		      "status='ERROR_ACCESS_DENIED'} "
		      "t:impersonating('ImpersonateSelf', 'Impersonation', "
		      "function() end) s:fail 'went on'");
	assert_int_equal(p.rc, GU_RC_OK);
	assert_true(p.cut_short);
	assert_non_null(
		strstr(p.failures.data, "t.lua:1: fail: expected succeeds"));
	assert_null(strstr(p.failures.data, "went on"));
	play_close(&p);
}

static void rows_show_the_names_of_fixtures(void **state)
{
	struct play p;
	const struct gu_record *rows;
	size_t count;

	(void)state;
	play_text(&p, "t:ImpersonateLoggedOnUser(tok) t:RevertToSelf()");
	assert_plays(&p);
	rows = gu_recorder_rows(p.recorder, &count);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].process, "svc");
	assert_string_equal(rows[0].thread, "t");
	assert_string_equal(rows[0].object, "MACHINE\\alice");
	assert_int_equal(rows[0].line, 1);
	play_close(&p);
}

static void a_handle_is_closed_once(void **state)
{
	static const char *const bodies[] = {
		"do local h <close> = t:OpenProcessToken(nil, 8) end",
		"do local h <close> = t:OpenProcessToken(nil, 8) "
		"t:CloseHandle(h) end",
		"do local h <close> = t:OpenProcessToken(nil, 8) "
		"t:CloseHandle{handle=h} end",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct play p;
		const struct gu_record *rows;
		size_t count;

		play_text(&p, bodies[i]);
		assert_plays(&p);
		rows = gu_recorder_rows(p.recorder, &count);
		assert_int_equal(count, 2);
		assert_int_equal(rows[1].fn, GU_FN_CloseHandle);
		assert_true(rows[1].status.ok);
		play_close(&p);
	}
}

/* The same name must not be read from the cache as something else. */
static void cached_names_keep_their_kinds(void **state)
{
	static const struct row rows[] = {
		{ "a name of two groups",
		  "for _ = 1, 3 do "
		  "assert(t:rpc_serve{endpoint='e' .. _, protseq='ncalrpc'}) "
		  "u:NtImpersonateThread(u, u, {level='Impersonation', "
		  "tracking='static'}) u:RevertToSelf() "
		  "local p = t:com_serve() "
		  "assert(u:com_bind{server=p, cloaking='static'}) end",
		  NULL },
		{ "more names than the cache holds",
		  "for i = 1, 3000 do local a = t:open(f, "
		  "'FILE_READ_DATA|' .. i .. (' '):rep(i % 50)) "
		  "assert(a.asked == (1 | i | 0x100080)) end",
		  NULL },
	};

	(void)state;
	CHECK_ROWS(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_come_by_place_by_name_or_both),
		cmocka_unit_test(arguments_of_a_wrong_kind_are_refused),
		cmocka_unit_test(
			methods_and_fields_that_do_not_exist_are_named),
		cmocka_unit_test(a_success_is_a_handle_or_a_truthy_result),
		cmocka_unit_test(a_closed_handle_goes_to_the_target),
		cmocka_unit_test(a_handle_is_closed_once),
		cmocka_unit_test(
			levels_and_qualities_of_service_have_several_spellings),
		cmocka_unit_test(set_thread_token_takes_a_thread_and_a_token),
		cmocka_unit_test(whoami_is_a_table),
		cmocka_unit_test(impersonating_reverts_whatever_happens),
		cmocka_unit_test(
			a_failed_require_within_impersonating_still_reverts),
		cmocka_unit_test(a_fault_may_be_a_number),
		cmocka_unit_test(a_failed_revert_ends_the_scenario),
		cmocka_unit_test(rows_show_the_names_of_fixtures),
		cmocka_unit_test(cached_names_keep_their_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
