/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "record.h"
#include "sddl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct gu_ref nobody = { .kind = GU_REF_NONE };
static const struct gu_ref svc = { .kind = GU_REF_PROCESS, .id = 1 };
static const struct gu_ref server = { .kind = GU_REF_THREAD, .id = 2 };
static const struct gu_ref handle = { .kind = GU_REF_HANDLE, .id = 3 };
static const struct gu_ref token = { .kind = GU_REF_TOKEN, .id = 4 };

static const struct gu_identity system_self = {
	.name = "NT AUTHORITY\\SYSTEM",
	.sid = "S-1-5-18",
	.level = GU_LEVEL_DELEGATION,
	.token_id = 7,
};
static const struct gu_identity as_alice = {
	.name = "MACHINE\\alice",
	.sid = "S-1-5-21-1-2-3-1001",
	.level = GU_LEVEL_IMPERSONATION,
	.impersonating = true,
	.token_id = 8,
};

static const struct gu_scenario_info scenario = { .name = "a scenario",
						  .file = "a.lua",
						  .line = 3 };

static int recorder_setup(void **state)
{
	struct gu_recorder *r = NULL;

	if (gu_recorder_new(&r, NULL)) {
		return -1;
	}
	gu_recorder_begin(r, &scenario);
	gu_recorder_name(r, svc, "svc", nobody);
	gu_recorder_name(r, server, "server", svc);
	*state = r;
	return 0;
}

static int recorder_teardown(void **state)
{
	gu_recorder_free(*state);
	return 0;
}

/* Shows the recorder a call of `server`, as a trace would. */
static void show(struct gu_recorder *r, enum gu_fn fn,
		 const struct gu_outcome *out, const struct gu_value *args,
		 uint64_t ns)
{
	static const struct gu_value none[GU_ARGS_MAX];
	const struct gu_call call = { .fn = fn,
				      .thread = server,
				      .args = args ? args : none,
				      .out = *out,
				      .line = 42 };
	const struct gu_event event = { .call = &call,
					.before = as_alice,
					.after = as_alice,
					.via = GU_FN_ImpersonateNamedPipeClient,
					.subject = server,
					.subject_after = as_alice,
					.duration_ns = ns,
					.injected = out->injected };
	struct gu_observer *o = gu_recorder_observer(r);

	o->call(o, &event);
}

static const struct gu_outcome succeeded = { .status = { .conv = GU_CONV_BOOL,
							 .ok = true } };
static const struct gu_outcome denied = {
	.status = { .conv = GU_CONV_BOOL, .code = GU_ERROR_ACCESS_DENIED },
	.decision = { .made = true,
		      .type = GU_OBJ_file,
		      .object = "C:\\audit\\secret.txt",
		      .asked = 0x2,
		      .granted = 0,
		      .reason = { .code = GU_REASON_EMPTY_DACL, .bits = 0x2 } }
};

static const struct gu_record *only_row(struct gu_recorder *r)
{
	size_t count;
	const struct gu_record *rows = gu_recorder_rows(r, &count);

	assert_int_equal(count, 1);
	return rows;
}

static void
assert_column(const struct gu_record *row, enum gu_column col, const char *want)
{
	struct gu_buf b = GU_BUF_INIT;

	gu_record_format(row, col, &b);
	if (strcmp(b.data, want) != 0) {
		fail_msg("column %s: \"%s\", not \"%s\"", gu_column_names[col],
			 b.data, want);
	}
	gu_buf_release(&b);
}

static void each_kind_of_call_makes_its_kind_of_row(void **state)
{
	static const struct {
		enum gu_fn fn;
		const char *kind; /* NULL: no row */
	} rows[] = {
		{ GU_FN_open, "attempt" },
		{ GU_FN_use, "attempt" },
		{ GU_FN_whoami, "identity" },
		{ GU_FN_RevertToSelf, "call" },
		{ GU_FN_ImpersonateSelf, "call" },
		{ GU_FN_CreateFile, "call" },
		{ GU_FN_rpc_serve, "call" },
		{ GU_FN_account, NULL },
		{ GU_FN_object, NULL },
		{ GU_FN_inject, NULL },
	};
	struct gu_recorder *r = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = gu_fn_row(rows[i].fn)->name;
		size_t count;
		const struct gu_record *row;

		gu_recorder_begin(r, &scenario);
		show(r, rows[i].fn, &succeeded, NULL, 1);
		row = gu_recorder_rows(r, &count);
		row_check(count == (rows[i].kind ? 1 : 0), name);
		row_check(gu_recorder_step(r) == count, name);
		row_check(!count || strcmp(gu_record_kind_name(row->kind),
					   rows[i].kind) == 0,
			  name);
	}
}

static void
the_step_is_of_the_last_call_whatever_was_appended_since(void **state)
{
	struct gu_recorder *r = *state;

	show(r, GU_FN_RevertToSelf, &succeeded, NULL, 1);
	show(r, GU_FN_open, &denied, NULL, 1);
	assert_int_equal(gu_recorder_finding(r, server, &as_alice, GU_FN_NONE,
					     9, "leak", "CWE-271", "why",
					     GU_VERDICT_FAIL),
			 3);
	assert_int_equal(gu_recorder_step(r), 2);
	assert_int_equal(gu_recorder_row(r, 2)->fn, GU_FN_open);
	show(r, GU_FN_account, &succeeded, NULL, 1);
	assert_int_equal(gu_recorder_step(r), 0);
}

static void a_success_without_its_effect_is_hollow_and_says_why(void **state)
{
	struct gu_outcome out = succeeded;

	out.remark = "claims success, but the thread does not impersonate";
	show(*state, GU_FN_ImpersonateSelf, &out, NULL, 1);
	assert_true(only_row(*state)->status.ok);
	assert_true(only_row(*state)->hollow);
	assert_column(only_row(*state), GU_COL_reason, out.remark);
}

static void a_refusal_with_a_remark_is_not_hollow(void **state)
{
	struct gu_outcome out = denied;

	out.remark = "raised 0xC0000005 inside the system";
	show(*state, GU_FN_ImpersonateSelf, &out, NULL, 1);
	assert_false(only_row(*state)->hollow);
	assert_column(only_row(*state), GU_COL_reason, out.remark);
}

static void a_known_difference_is_known_and_says_why(void **state)
{
	show(*state, GU_FN_ImpersonateSelf, &succeeded, NULL, 1);
	gu_recorder_judge(*state, 1, 43, GU_VERDICT_FAIL, "fails", "one");
	gu_recorder_known(*state, 1, "two");
	assert_int_equal(only_row(*state)->verdict, GU_VERDICT_KNOWN);
	assert_column(only_row(*state), GU_COL_reason, "one; two");
}

static void begin_forgets_rows_and_names(void **state)
{
	struct gu_recorder *r = *state;
	size_t count = 99;

	show(r, GU_FN_RevertToSelf, &succeeded, NULL, 1);
	gu_recorder_begin(r, &scenario);
	(void)gu_recorder_rows(r, &count);
	assert_int_equal(count, 0);
	assert_int_equal(gu_recorder_step(r), 0);
	assert_null(gu_recorder_name_of(r, server));
}

static void every_column_of_a_denied_attempt(void **state)
{
	static const struct {
		enum gu_column col;
		const char *want;
	} rows[] = {
		{ GU_COL_run, "" },
		{ GU_COL_seq, "" },
		{ GU_COL_scenario, "" },
		{ GU_COL_file, "" },
		{ GU_COL_line, "42" },
		{ GU_COL_step, "1" },
		{ GU_COL_kind, "attempt" },
		{ GU_COL_process, "svc" },
		{ GU_COL_thread, "server" },
		{ GU_COL_identity, "MACHINE\\alice" },
		{ GU_COL_identity_sid, "S-1-5-21-1-2-3-1001" },
		{ GU_COL_level, "Impersonation" },
		{ GU_COL_via, "ImpersonateNamedPipeClient" },
		{ GU_COL_operation, "open" },
		{ GU_COL_object_type, "file" },
		{ GU_COL_object, "C:\\audit\\secret.txt" },
		{ GU_COL_asked, "FILE_WRITE_DATA" },
		{ GU_COL_granted, "0" },
		{ GU_COL_status_code, "5" },
		{ GU_COL_status_name, "ERROR_ACCESS_DENIED" },
		{ GU_COL_expected, "denied" },
		{ GU_COL_verdict, "pass" },
		{ GU_COL_rule, "" },
		{ GU_COL_cwe, "" },
		{ GU_COL_duration_ns, "250" },
	};
	struct gu_recorder *r = *state;
	struct gu_buf reason = GU_BUF_INIT;

	show(r, GU_FN_open, &denied, NULL, 250);
	gu_recorder_judge(r, 1, 50, GU_VERDICT_PASS, "denied", NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_column(only_row(r), rows[i].col, rows[i].want);
	}
	gu_reason_format(&denied.decision.reason, &reason);
	assert_column(only_row(r), GU_COL_reason, reason.data);
	gu_buf_release(&reason);
}

static void a_thread_as_itself_has_no_level(void **state)
{
	struct gu_recorder *r = *state;

	(void)gu_recorder_identity(r, server, &system_self, GU_FN_NONE, 5);
	assert_column(only_row(r), GU_COL_operation, "whoami");
	assert_column(only_row(r), GU_COL_identity, "NT AUTHORITY\\SYSTEM");
	assert_column(only_row(r), GU_COL_level, "");
	assert_column(only_row(r), GU_COL_via, "");
	assert_column(only_row(r), GU_COL_status_code, "");
	assert_column(only_row(r), GU_COL_duration_ns, "");
}

static void codes_are_written_as_their_convention_reads_them(void **state)
{
	static const struct {
		const char *name;
		struct gu_status status;
		const char *code;
		const char *text;
	} rows[] = {
		{ "BOOL",
		  { GU_CONV_BOOL, false, 1368 },
		  "1368",
		  "ERROR_CANNOT_IMPERSONATE" },
		{ "LSTATUS",
		  { GU_CONV_LSTATUS, false, 5 },
		  "5",
		  "ERROR_ACCESS_DENIED" },
		{ "RPC",
		  { GU_CONV_RPC, false, 1725 },
		  "1725",
		  "RPC_S_NO_CALL_ACTIVE" },
		{ "WSA",
		  { GU_CONV_WSA, false, 10038 },
		  "10038",
		  "WSAENOTSOCK" },
		{ "NTSTATUS",
		  { GU_CONV_NTSTATUS, false, 0xC0000022 },
		  "0xC0000022",
		  "STATUS_ACCESS_DENIED" },
		{ "SECURITY",
		  { GU_CONV_SECURITY, false, 0x80090301 },
		  "0x80090301",
		  "SEC_E_INVALID_HANDLE" },
		{ "HRESULT",
		  { GU_CONV_HRESULT, false, 0x80004005 },
		  "0x80004005",
		  "E_FAIL" },
		{ "NTSTATUS 0",
		  { GU_CONV_NTSTATUS, true, 0 },
		  "0x00000000",
		  "STATUS_SUCCESS" },
		{ "unknown",
		  { GU_CONV_BOOL, false, 3999999999u },
		  "3999999999",
		  "" },
	};
	struct gu_recorder *r = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_outcome out = { .status = rows[i].status };
		struct gu_buf b = GU_BUF_INIT;

		gu_recorder_begin(r, &scenario);
		show(r, GU_FN_RevertToSelf, &out, NULL, 1);
		gu_record_format(only_row(r), GU_COL_status_code, &b);
		row_check(strcmp(b.data, rows[i].code) == 0, rows[i].name);
		gu_buf_reset(&b);
		gu_record_format(only_row(r), GU_COL_status_name, &b);
		row_check(strcmp(b.data, rows[i].text) == 0, rows[i].name);
		gu_buf_release(&b);
	}
}

/* Expected texts: date -u -d @SECONDS. */
static void times_are_iso_8601_in_utc(void **state)
{
	static const struct {
		int64_t us;
		const char *want;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ INT64_C(951782400000001), "2000-02-29T00:00:00.000001Z" },
		{ INT64_C(1709251199999999), "2024-02-29T23:59:59.999999Z" },
		{ INT64_C(1735689600000000), "2025-01-01T00:00:00.000000Z" },
		{ INT64_C(4107542400000000), "2100-03-01T00:00:00.000000Z" },
		{ INT64_C(4107456000000000), "2100-02-28T00:00:00.000000Z" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf b = GU_BUF_INIT;

		gu_utc_format(rows[i].us, &b);
		row_check(strcmp(b.data, rows[i].want) == 0, rows[i].want);
		gu_buf_release(&b);
	}
}

static void rows_are_timed_by_their_durations_and_never_step_back(void **state)
{
	struct gu_recorder *r = *state;
	int64_t begun = gu_utc_now();
	size_t count;
	const struct gu_record *rows;

	for (int i = 0; i < 200; i++) {
		show(r, GU_FN_RevertToSelf, &succeeded, NULL,
		     i % 50 == 49 ? 2000000 : 1000);
	}
	rows = gu_recorder_rows(r, &count);
	assert_int_equal(count, 200);
	assert_true(rows[0].time_us <= begun + 1000000);
	for (size_t i = 1; i < count; i++) {
		int64_t step = rows[i].time_us - rows[i - 1].time_us;

		assert_true(step >= (i % 50 == 49 ? 2000 : 1));
	}
}

static void a_call_without_a_decision_shows_what_it_handled(void **state)
{
	struct gu_recorder *r = *state;
	struct gu_outcome opened = succeeded;
	struct gu_value args[GU_ARGS_MAX] = { { .type = GU_V_REF,
						.ref = handle } };
	const struct gu_record *rows;
	size_t count;

	opened.value = (struct gu_value){ .type = GU_V_REF, .ref = handle };
	opened.decision = (struct gu_decision){ .type = GU_OBJ_pipe,
						.object = "\\\\.\\pipe\\a" };
	show(r, GU_FN_CreateNamedPipe, &opened, NULL, 1);
	show(r, GU_FN_ReadFile, &succeeded, args, 1);
	rows = gu_recorder_rows(r, &count);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++) {
		assert_column(&rows[i], GU_COL_object, "\\\\.\\pipe\\a");
		assert_column(&rows[i], GU_COL_object_type, "pipe");
		assert_column(&rows[i], GU_COL_asked, "");
		assert_column(&rows[i], GU_COL_granted, "");
	}
}

static void fixtures_are_shown_by_the_names_they_were_given(void **state)
{
	struct gu_recorder *r = *state;
	struct gu_value args[GU_ARGS_MAX] = {
		{ .type = GU_V_NONE }, { .type = GU_V_REF, .ref = token }
	};

	gu_recorder_name(r, token, "alice's token", nobody);
	show(r, GU_FN_SetThreadToken, &succeeded, args, 1);
	assert_column(only_row(r), GU_COL_object, "alice's token");
	assert_column(only_row(r), GU_COL_object_type, "token");
}

static void names_are_found_however_many_there_are(void **state)
{
	struct gu_recorder *r = *state;

	for (uint32_t i = 10; i < 1010; i++) {
		const struct gu_ref ref = { .kind = GU_REF_OBJECT, .id = i };
		char name[16];

		snprintf(name, sizeof(name), "object %u", (unsigned)i);
		gu_recorder_name(r, ref, name, nobody);
	}
	for (uint32_t i = 10; i < 1010; i++) {
		const struct gu_ref ref = { .kind = GU_REF_OBJECT, .id = i };
		char name[16];

		snprintf(name, sizeof(name), "object %u", (unsigned)i);
		assert_string_equal(gu_recorder_name_of(r, ref), name);
	}
	assert_string_equal(gu_recorder_name_of(r, server), "server");
	assert_null(gu_recorder_name_of(r, handle));
}

static void an_injected_failure_says_so(void **state)
{
	struct gu_recorder *r = *state;
	struct gu_outcome out = { .status = { GU_CONV_BOOL, false, 5 },
				  .injected = true };

	show(r, GU_FN_RevertToSelf, &out, NULL, 1);
	assert_column(only_row(r), GU_COL_reason,
		      "the scenario made this call fail");
}

static void the_worse_verdict_wins(void **state)
{
	static const struct {
		const char *name;
		enum gu_verdict first;
		enum gu_verdict second;
		enum gu_verdict want;
		int line;
	} rows[] = {
		{ "pass, pass", GU_VERDICT_PASS, GU_VERDICT_PASS,
		  GU_VERDICT_PASS, 10 },
		{ "pass, fail", GU_VERDICT_PASS, GU_VERDICT_FAIL,
		  GU_VERDICT_FAIL, 20 },
		{ "fail, pass", GU_VERDICT_FAIL, GU_VERDICT_PASS,
		  GU_VERDICT_FAIL, 10 },
		{ "known, pass", GU_VERDICT_KNOWN, GU_VERDICT_PASS,
		  GU_VERDICT_KNOWN, 10 },
		{ "known, fail", GU_VERDICT_KNOWN, GU_VERDICT_FAIL,
		  GU_VERDICT_FAIL, 20 },
		{ "fail, error", GU_VERDICT_FAIL, GU_VERDICT_ERROR,
		  GU_VERDICT_ERROR, 20 },
		{ "skip, pass", GU_VERDICT_SKIP, GU_VERDICT_PASS,
		  GU_VERDICT_SKIP, 10 },
	};
	struct gu_recorder *r = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct gu_record *row;

		gu_recorder_begin(r, &scenario);
		show(r, GU_FN_open, &denied, NULL, 1);
		gu_recorder_judge(r, 1, 10, rows[i].first, "one", NULL);
		gu_recorder_judge(r, 1, 20, rows[i].second, "two", "why");
		row = only_row(r);
		row_check(row->verdict == rows[i].want, rows[i].name);
		row_check(row->judged_line == rows[i].line, rows[i].name);
		row_check(strcmp(row->expected, "one; two") == 0, rows[i].name);
		row_check(strcmp(row->reason, "why") == 0, rows[i].name);
	}
}

static void the_same_text_is_not_said_twice(void **state)
{
	struct gu_recorder *r = *state;

	show(r, GU_FN_open, &denied, NULL, 1);
	gu_recorder_judge(r, 1, 10, GU_VERDICT_PASS, "denied", "why");
	gu_recorder_judge(r, 1, 11, GU_VERDICT_PASS, "denied", "why");
	assert_string_equal(only_row(r)->expected, "denied");
	assert_string_equal(only_row(r)->reason, "why");
}

static void judging_nothing_appends_an_expect_row(void **state)
{
	struct gu_recorder *r = *state;

	gu_recorder_judge(r, 0, 17, GU_VERDICT_FAIL, "a privilege", "none");
	assert_column(only_row(r), GU_COL_kind, "expect");
	assert_column(only_row(r), GU_COL_line, "17");
	assert_column(only_row(r), GU_COL_verdict, "fail");
	assert_column(only_row(r), GU_COL_operation, "");
}

static void a_note_without_a_line_is_about_the_scenario(void **state)
{
	struct gu_recorder *r = *state;

	gu_recorder_note(r, 0, GU_VERDICT_SKIP, "capability rpc is missing");
	assert_int_equal(only_row(r)->line, scenario.line);
	assert_column(only_row(r), GU_COL_verdict, "skip");
	assert_column(only_row(r), GU_COL_reason, "capability rpc is missing");
}

static void diagnostics_say_where_what_and_why(void **state)
{
	static const struct {
		const char *name;
		struct gu_record row;
		const char *want;
	} rows[] = {
		{ "granted instead of denied",
		  { .kind = GU_RECORD_ATTEMPT,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 3,
		    .judged_line = 4,
		    .has_status = true,
		    .status = { GU_CONV_BOOL, true, 0 },
		    .decision = { .made = true,
				  .type = GU_OBJ_file,
				  .granted = 1 },
		    .expected = "denied",
		    .reason = "the DACL is NULL" },
		  "a.lua:4: fail: expected denied, observed granted "
		  "FILE_READ_DATA, because the DACL is NULL" },
		{ "denied instead of granted",
		  { .kind = GU_RECORD_ATTEMPT,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 3,
		    .judged_line = 4,
		    .has_status = true,
		    .status = { GU_CONV_BOOL, false, 5 },
		    .decision = { .made = true, .type = GU_OBJ_file },
		    .expected = "granted" },
		  "a.lua:4: fail: expected granted, observed denied with "
		  "ERROR_ACCESS_DENIED (5)" },
		{ "there was no such file",
		  { .kind = GU_RECORD_ATTEMPT,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 3,
		    .judged_line = 4,
		    .has_status = true,
		    .status = { GU_CONV_BOOL, false, 2 },
		    .decision = { .type = GU_OBJ_NONE },
		    .expected = "granted" },
		  "a.lua:4: fail: expected granted, observed failed with "
		  "ERROR_FILE_NOT_FOUND (2)" },
		{ "a call that succeeded, though",
		  { .kind = GU_RECORD_CALL,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 3,
		    .judged_line = 3,
		    .has_status = true,
		    .status = { GU_CONV_HANDLE, true, 183 },
		    .expected = "failure" },
		  "a.lua:3: fail: expected failure, observed succeeded with "
		  "ERROR_ALREADY_EXISTS (183)" },
		{ "a native failure",
		  { .kind = GU_RECORD_CALL,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 3,
		    .judged_line = 3,
		    .has_status = true,
		    .status = { GU_CONV_NTSTATUS, false, 0xC0000022 },
		    .expected = "success" },
		  "a.lua:3: fail: expected success, observed failed with "
		  "STATUS_ACCESS_DENIED (0xC0000022)" },
		{ "another identity",
		  { .kind = GU_RECORD_IDENTITY,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 3,
		    .judged_line = 3,
		    .has_who = true,
		    .who = { .name = "MACHINE\\alice",
			     .level = GU_LEVEL_IDENTIFICATION,
			     .impersonating = true },
		    .expected = "MACHINE\\alice at Impersonation" },
		  "a.lua:3: fail: expected MACHINE\\alice at Impersonation, "
		  "observed MACHINE\\alice at Identification" },
		{ "an expectation of its own",
		  { .kind = GU_RECORD_EXPECT,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 3,
		    .judged_line = 3,
		    .expected = "SeDebugPrivilege",
		    .reason = "the token lacks it" },
		  "a.lua:3: fail: expected SeDebugPrivilege, but the token "
		  "lacks it" },
		{ "an expectation without a reason",
		  { .kind = GU_RECORD_EXPECT,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 3,
		    .judged_line = 3,
		    .expected = "SeDebugPrivilege" },
		  "a.lua:3: fail: expected SeDebugPrivilege" },
		{ "a script error",
		  { .kind = GU_RECORD_EXPECT,
		    .verdict = GU_VERDICT_ERROR,
		    .line = 9,
		    .reason = "attempt to call a nil value" },
		  "a.lua:9: error: attempt to call a nil value" },
		{ "no line",
		  { .kind = GU_RECORD_EXPECT,
		    .verdict = GU_VERDICT_ERROR,
		    .reason = "out of memory" },
		  "a.lua: error: out of memory" },
		{ "a finding",
		  { .kind = GU_RECORD_FINDING,
		    .verdict = GU_VERDICT_FAIL,
		    .line = 9,
		    .judged_line = 9,
		    .rule = "leak",
		    .cwe = "CWE-271",
		    .expected = "no finding",
		    .reason = "thread t still impersonates" },
		  "a.lua:9: fail: leak (CWE-271): thread t still "
		  "impersonates" },
		{ "a hostile text",
		  { .kind = GU_RECORD_EXPECT,
		    .verdict = GU_VERDICT_ERROR,
		    .line = 1,
		    .reason = "one\ntwo\r\t\x1b[31mred\x7f \xC2\x9B"
			      "31m \xC3\xA4" },
		  "a.lua:1: error: one two? ?[31mred? ??31m \xC3\xA4" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf b = GU_BUF_INIT;

		gu_record_diagnostic(&rows[i].row, "a.lua", &b);
		if (strcmp(b.data, rows[i].want) != 0) {
			fail_msg("row \"%s\": %s", rows[i].name, b.data);
		}
		gu_buf_release(&b);
	}
}

static void all_of_it(struct gu_recorder *r)
{
	gu_recorder_begin(r, &scenario);
	gu_recorder_name(r, svc, "svc", nobody);
	gu_recorder_name(r, server, "server", svc);
	for (int i = 0; i < 100; i++) {
		show(r, GU_FN_open, &denied, NULL, 1);
		gu_recorder_judge(r, gu_recorder_step(r), 1, GU_VERDICT_PASS,
				  "denied", "because");
		gu_recorder_judge(r, gu_recorder_step(r), 1, GU_VERDICT_FAIL,
				  "granted", NULL);
	}
	(void)gu_recorder_identity(r, server, &as_alice, GU_FN_NONE, 1);
	(void)gu_recorder_finding(r, server, &as_alice, GU_FN_NONE, 1, "leak",
				  "CWE-271", "why", GU_VERDICT_NONE);
	gu_recorder_note(r, 1, GU_VERDICT_ERROR, "note");
}

static void nothing_is_allocated_once_warm(void **state)
{
	struct gu_recorder *r = *state;

	for (int i = 0; i < 200; i++) {
		gu_recorder_begin(r, &scenario);
		gu_recorder_name(r, svc, "svc", nobody);
		gu_recorder_name(r, server, "server", svc);
		for (int k = 0; k < 50; k++) {
			show(r, GU_FN_open, &denied, NULL, 1);
		}
		gu_recorder_judge(r, 1, 1, GU_VERDICT_PASS, "denied", NULL);
		if (i == 0) {
			gu_alloc_fail_nth(1);
		}
	}
	assert_false(gu_alloc_failed());
	gu_alloc_fail_nth(0);
}

static void lost_memory_is_remembered_and_nothing_breaks(void **state)
{
	bool failed = true;

	(void)state;
	for (size_t n = 1; failed; n++) {
		struct gu_recorder *r = NULL;
		struct gu_err err = GU_ERR_INIT;
		enum gu_rc rc;

		gu_alloc_fail_nth(n);
		rc = gu_recorder_new(&r, &err);
		if (!rc) {
			all_of_it(r);
			rc = gu_recorder_check(r, &err);
		}
		failed = gu_alloc_failed();
		gu_alloc_fail_nth(0);
		assert_int_equal(rc, failed ? GU_RC_NOMEM : GU_RC_OK);
		gu_recorder_free(r);
		assert_true(n < 1000);
	}
}

/* what decisions rest on */

static struct gu_token *alice_token(void)
{
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	assert_rc_ok(gu_sid_parse(&t->user, as_alice.sid, strlen(as_alice.sid),
				  NULL));
	return t;
}

/* A denial of `t` by an empty DACL; token and descriptor go at once. */
static void show_denial(struct gu_recorder *r, struct gu_token *t)
{
	struct gu_outcome out = denied;
	struct gu_sd sd = GU_SD_INIT;

	assert_rc_ok(gu_sddl_parse(&sd, "O:SYG:SYD:", NULL, NULL));
	out.basis = (struct gu_basis){ .token = t, .sd = &sd, .desired = 0x2 };
	show(r, GU_FN_open, &out, NULL, 0);
	gu_sd_release(&sd);
}

static void a_row_keeps_what_its_decision_rests_on(void **state)
{
	struct gu_recorder *r = *state;
	struct gu_token *t = alice_token();
	const struct gu_record *rows;
	size_t count;

	show_denial(r, t);
	show_denial(r, t);
	gu_token_unref(t);
	show(r, GU_FN_RevertToSelf, &succeeded, NULL, 0);
	rows = gu_recorder_rows(r, &count);
	assert_int_equal(count, 3);
	assert_non_null(rows[0].basis);
	assert_string_equal(as_alice.sid, rows[0].who.sid);
	assert_int_equal(rows[0].basis->token->user.sub[4], 1001);
	assert_true(gu_sd_has_dacl(rows[0].basis->sd));
	assert_ptr_equal(rows[1].basis, rows[0].basis);
	assert_null(rows[2].basis);
}

static void explained(const struct gu_record *row, const char *want)
{
	struct gu_buf out = GU_BUF_INIT;

	assert_rc_ok(gu_record_explain(row, &out, NULL));
	assert_string_equal(out.data, want);
	gu_buf_release(&out);
}

static void only_a_failed_decision_is_explained(void **state)
{
	struct gu_recorder *r = *state;
	struct gu_token *t = alice_token();

	show_denial(r, t);
	gu_token_unref(t);
	explained(only_row(r), "");
	gu_recorder_judge(r, 1, 50, GU_VERDICT_PASS, "denied", NULL);
	explained(only_row(r), "");
	gu_recorder_judge(r, 1, 51, GU_VERDICT_FAIL, "granted", NULL);
	explained(only_row(r),
		  "  the access check for MACHINE\\alice "
		  "(S-1-5-21-1-2-3-1001):\n"
		  "    result: denied on 0x2\n"
		  "  it would be otherwise with:\n"
		  "    a first ACE (A;;0x2;;;S-1-5-21-1-2-3-1001)\n");
}

/* A world of two things: an account with a token, an object that is `sd`. */
static const struct gu_ref account = { .kind = GU_REF_ACCOUNT, .id = 1 };
static const struct gu_ref object = { .kind = GU_REF_OBJECT, .id = 2 };

struct showroom {
	struct gu_world base;
	struct gu_basis account;
	struct gu_basis object;
};

static enum gu_rc showroom_basis(struct gu_world *w, struct gu_ref thing,
				 struct gu_basis *out, struct gu_err *err)
{
	const struct showroom *room = (struct showroom *)w;

	(void)err;
	*out = thing.kind == GU_REF_ACCOUNT ? room->account : room->object;
	return GU_RC_OK;
}

static const struct gu_target_ops showroom_ops = { .name = "showroom",
						   .basis = showroom_basis };

static void show_fixture(struct gu_recorder *r, enum gu_fn fn,
			 struct gu_ref made, const char *name)
{
	struct gu_outcome out = succeeded;

	out.value = (struct gu_value){ .type = GU_V_REF, .ref = made };
	out.decision.type =
		made.kind == GU_REF_OBJECT ? GU_OBJ_event : GU_OBJ_NONE;
	show(r, fn, &out, NULL, 0);
	if (name) {
		gu_recorder_name(r, made, name, nobody);
	}
}

static void fixtures_are_looked_at_when_asked(void **state)
{
	struct gu_recorder *r = *state;
	struct gu_token *t = alice_token();
	struct gu_sd sd = GU_SD_INIT;
	struct showroom room = { .base.ops = &showroom_ops };
	const struct gu_thing *things;
	size_t count;

	show_fixture(r, GU_FN_account, account, "alice");
	show_fixture(r, GU_FN_object, object, "x");
	show_fixture(r, GU_FN_existing, object, "x");
	show_fixture(r, GU_FN_token, token, NULL);
	(void)gu_recorder_things(r, &count);
	assert_int_equal(count, 0);
	room.account.token = t;
	room.object.sd = &sd;
	assert_rc_ok(gu_recorder_look(r, &room.base, NULL));
	things = gu_recorder_things(r, &count);
	assert_int_equal(count, 2);
	assert_int_equal(things[0].kind, GU_REF_ACCOUNT);
	assert_string_equal(things[0].name, "alice");
	assert_ptr_equal(things[0].basis->token, t);
	assert_int_equal(things[1].kind, GU_REF_OBJECT);
	assert_int_equal(things[1].type, GU_OBJ_event);
	assert_string_equal(things[1].name, "x");
	assert_non_null(things[1].basis->sd);
	gu_token_unref(t);
	gu_recorder_begin(r, &scenario);
	assert_rc_ok(gu_recorder_look(r, &room.base, NULL));
	(void)gu_recorder_things(r, &count);
	assert_int_equal(count, 0);
}

static void a_target_that_cannot_tell_shows_nothing(void **state)
{
	static const struct gu_target_ops mute = { .name = "mute" };
	struct gu_world w = { .ops = &mute };
	struct gu_recorder *r = *state;
	size_t count;

	show_fixture(r, GU_FN_account, account, "alice");
	assert_rc_ok(gu_recorder_look(r, &w, NULL));
	(void)gu_recorder_things(r, &count);
	assert_int_equal(count, 0);
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, recorder_setup, recorder_teardown)
	const struct CMUnitTest tests[] = {
		T(each_kind_of_call_makes_its_kind_of_row),
		T(the_step_is_of_the_last_call_whatever_was_appended_since),
		T(a_success_without_its_effect_is_hollow_and_says_why),
		T(a_refusal_with_a_remark_is_not_hollow),
		T(a_known_difference_is_known_and_says_why),
		T(begin_forgets_rows_and_names),
		T(every_column_of_a_denied_attempt),
		T(a_thread_as_itself_has_no_level),
		T(codes_are_written_as_their_convention_reads_them),
		T(times_are_iso_8601_in_utc),
		T(rows_are_timed_by_their_durations_and_never_step_back),
		T(a_call_without_a_decision_shows_what_it_handled),
		T(fixtures_are_shown_by_the_names_they_were_given),
		T(names_are_found_however_many_there_are),
		T(an_injected_failure_says_so),
		T(the_worse_verdict_wins),
		T(the_same_text_is_not_said_twice),
		T(judging_nothing_appends_an_expect_row),
		T(a_note_without_a_line_is_about_the_scenario),
		T(diagnostics_say_where_what_and_why),
		T(a_row_keeps_what_its_decision_rests_on),
		T(only_a_failed_decision_is_explained),
		T(fixtures_are_looked_at_when_asked),
		T(a_target_that_cannot_tell_shows_nothing),
		T(nothing_is_allocated_once_warm),
		T(lost_memory_is_remembered_and_nothing_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
