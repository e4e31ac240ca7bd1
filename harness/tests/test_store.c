/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "sample.h"
#include "buf.h"

static char dir[64];
static char path[96];

static int folder_setup(void **state)
{
	(void)state;
	if (sample_dir(dir)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/s.db", dir);
	return 0;
}

static int folder_teardown(void **state)
{
	(void)state;
	sample_dir_remove(dir);
	return 0;
}

static struct gu_store *open_new(void)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_store *s = NULL;

	if (gu_store_open(&s, path, true, &err)) {
		fail_msg("%s", err.msg);
	}
	return s;
}

static struct gu_store *open_again(void)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_store *s = NULL;

	if (gu_store_open_read(&s, path, &err)) {
		fail_msg("%s", err.msg);
	}
	return s;
}

static enum gu_rc
join_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct gu_buf *out = arg;

	(void)err;
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		assert_int_equal(row->len[i], strlen(row->col[i]));
		gu_buf_addf(out, "%s%s", i ? "|" : "", row->col[i]);
	}
	gu_buf_addf(out, "|ok=%d\n", row->ok);
	return GU_RC_OK;
}

static void rows_come_back_as_they_were_written(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf got = GU_BUF_INIT;

	(void)state;
	sample_fill(s);
	gu_store_close(s);
	s = open_again();
	assert_rc_ok(gu_store_rows(s, 1, join_row, &got, &err));
	assert_string_equal(
		got.data,
		"1|1|2026-01-31T09:00:01.000000Z|a pipe server, its client|"
		"pipe.lua|12|1|call|svc|server|NT AUTHORITY\\SYSTEM|S-1-5-18|"
		"||ImpersonateNamedPipeClient|pipe|\\\\.\\pipe\\audit|||0|"
		"ERROR_SUCCESS|success|pass||||840|ok=1\n"
		"1|2|2026-01-31T09:00:01.000001Z|a pipe server, its client|"
		"pipe.lua|13|2|attempt|svc|server|MACHINE\\alice|"
		"S-1-5-21-1-2-3-1001|Impersonation|ImpersonateNamedPipeClient|"
		"open|file|C:\\audit\\secret.txt|FILE_WRITE_DATA|0|5|"
		"ERROR_ACCESS_DENIED|denied|pass|||no ACE grants it|250|ok=0\n"
		"1|3|2026-01-31T09:00:01.000002Z|a pipe server, its client|"
		"pipe.lua|14|3|attempt|svc|server|MACHINE\\alice|"
		"S-1-5-21-1-2-3-1001|Impersonation|ImpersonateNamedPipeClient|"
		"open|file|C:\\audit\\secret.txt|FILE_READ_DATA|"
		"FILE_READ_DATA|0|ERROR_SUCCESS|denied|fail|||"
		"allowed by ACE 1, \"everyone\"; read|310|ok=1\n"
		"1|4|2026-01-31T09:00:01.000002Z|a pipe server, its client|"
		"pipe.lua|12|4|finding|svc|server|MACHINE\\alice|"
		"S-1-5-21-1-2-3-1001|Impersonation|ImpersonateNamedPipeClient|"
		"|||||||no finding|fail|leak|CWE-271|"
		"thread server still impersonates MACHINE\\alice||ok=-1\n"
		"1|5|2026-01-31T09:00:01.001000Z|a broken one|rpc.lua|30|1|"
		"call|svc|server|NT AUTHORITY\\SYSTEM|S-1-5-18|||"
		"RpcRevertToSelf|||||1725|RPC_S_NO_CALL_ACTIVE||||||95|ok=0\n"
		"1|6|2026-01-31T09:00:01.001001Z|a broken one|rpc.lua|31|2|"
		"expect|||||||||||||||error|||attempt to call a nil value||"
		"ok=-1\n");
	gu_buf_release(&got);
	gu_store_close(s);
}

static void a_runs_evidence_comes_back(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_run_info run = { .id = 77 };

	(void)state;
	sample_fill(s);
	gu_store_close(s);
	s = open_again();
	assert_rc_ok(gu_store_load_run(s, 0, &run, &err));
	assert_int_equal(run.id, 1);
	assert_string_equal(run.start_utc, sample_run.start_utc);
	assert_string_equal(run.end_utc, "2026-01-31T09:00:02.000000Z");
	assert_string_equal(run.host, sample_run.host);
	assert_string_equal(run.system, sample_run.system);
	assert_string_equal(run.user, sample_run.user);
	assert_false(run.elevated);
	assert_string_equal(run.target, sample_run.target);
	assert_string_equal(run.proof, sample_run.proof);
	assert_string_equal(run.version, sample_run.version);
	assert_string_equal(run.arguments, sample_run.arguments);
	assert_true(run.seed == sample_run.seed);
	gu_store_close(s);
}

static void verdicts_are_counted_by_rows_and_by_scenarios(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_run_info run;

	(void)state;
	sample_fill(s);
	assert_rc_ok(gu_store_load_run(s, 1, &run, &err));
	assert_int_equal(run.scenarios, 3);
	assert_int_equal(run.verdicts[GU_VERDICT_NONE], 1);
	assert_int_equal(run.verdicts[GU_VERDICT_PASS], 2);
	assert_int_equal(run.verdicts[GU_VERDICT_FAIL], 2);
	assert_int_equal(run.verdicts[GU_VERDICT_ERROR], 1);
	assert_int_equal(run.verdicts[GU_VERDICT_SKIP], 0);
	assert_int_equal(run.scenario_verdicts[GU_VERDICT_PASS], 1);
	assert_int_equal(run.scenario_verdicts[GU_VERDICT_FAIL], 1);
	assert_int_equal(run.scenario_verdicts[GU_VERDICT_ERROR], 1);
	gu_store_close(s);
}

static void a_run_that_was_cut_off_has_no_end(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_run_info run;
	int64_t id;

	(void)state;
	assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, &err));
	assert_rc_ok(gu_store_load_run(s, id, &run, &err));
	assert_null(run.end_utc);
	assert_int_equal(run.scenarios, 0);
	gu_store_close(s);
}

static enum gu_rc join_scenario(void *arg, const struct gu_stored_scenario *sc,
				struct gu_err *err)
{
	(void)err;
	gu_buf_addf(arg, "%s|%s|%d|%s|%s|%u\n", sc->name, sc->file, sc->line,
		    sc->tags, sc->verdict, (unsigned)sc->records);
	return GU_RC_OK;
}

static enum gu_rc
join_file(void *arg, const char *file, const char *sha256, struct gu_err *err)
{
	(void)err;
	gu_buf_addf(arg, "%s=%s\n", file, sha256);
	return GU_RC_OK;
}

static void scenarios_and_files_come_back_in_order(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf got = GU_BUF_INIT;

	(void)state;
	sample_fill(s);
	assert_rc_ok(gu_store_scenarios(s, 1, join_scenario, &got, &err));
	assert_rc_ok(gu_store_files(s, 1, join_file, &got, &err));
	assert_string_equal(
		got.data,
		"a pipe server, its client|pipe.lua|3|pipe, negative|fail|4\n"
		"an empty one|pipe.lua|20||pass|0\n"
		"a broken one|rpc.lua|25|rpc|error|2\n"
		"pipe.lua=aa11\nrpc.lua=bb22\n");
	gu_buf_release(&got);
	gu_store_close(s);
}

static enum gu_rc
count_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	(void)row;
	(void)err;
	++*(int *)arg;
	return GU_RC_OK;
}

static int rows_of(struct gu_store *s, int64_t run)
{
	struct gu_err err = GU_ERR_INIT;
	int n = 0;

	assert_rc_ok(gu_store_rows(s, run, count_row, &n, &err));
	return n;
}

static enum gu_rc
take_seq(void *arg, const struct gu_row *row, struct gu_err *err)
{
	(void)err;
	gu_buf_addf(arg, "%s ", row->col[GU_COL_seq]);
	return GU_RC_OK;
}

static void a_stretch_of_rows_can_be_read_alone(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf got = GU_BUF_INIT;

	(void)state;
	sample_fill(s);
	assert_rc_ok(gu_store_rows_from(s, 1, 5, 2, take_seq, &got, &err));
	assert_string_equal(got.data, "5 6 ");
	assert_rc_ok(gu_store_rows_from(s, 1, 5, 0, take_seq, &got, &err));
	assert_string_equal(got.data, "5 6 ");
	gu_buf_release(&got);
	gu_store_close(s);
}

static void a_second_run_is_appended_and_counts_from_one(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf got = GU_BUF_INIT;
	struct gu_run_info run;

	(void)state;
	sample_fill(s);
	gu_store_close(s);
	assert_rc_ok(gu_store_open(&s, path, false, &err));
	sample_fill(s);
	assert_rc_ok(gu_store_load_run(s, 0, &run, &err));
	assert_int_equal(run.id, 2);
	assert_rc_ok(gu_store_load_run(s, 1, &run, &err));
	assert_int_equal(run.id, 1);
	assert_int_equal(rows_of(s, 1), 6);
	sample_fill(s);
	assert_rc_ok(gu_store_rows(s, 2, take_seq, &got, &err));
	assert_rc_ok(gu_store_rows(s, 3, take_seq, &got, &err));
	assert_string_equal(got.data, "1 2 3 4 5 6 1 2 3 4 5 6 ");
	gu_buf_release(&got);
	gu_store_close(s);
}

static void replacing_starts_anew(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_run_info run;

	(void)state;
	sample_fill(s);
	sample_fill(s);
	gu_store_close(s);
	s = open_new();
	sample_fill(s);
	assert_rc_ok(gu_store_load_run(s, 0, &run, &err));
	assert_int_equal(run.id, 1);
	gu_store_close(s);
}

static void a_run_that_is_not_there_is_named(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_run_info run = { .id = 77 };

	(void)state;
	assert_int_equal(gu_store_load_run(s, 0, &run, &err), GU_RC_USAGE);
	assert_non_null(strstr(err.msg, "has no run"));
	sample_fill(s);
	assert_int_equal(gu_store_load_run(s, 9, &run, &err), GU_RC_USAGE);
	assert_non_null(strstr(err.msg, "has no run 9"));
	assert_int_equal(run.id, 77);
	gu_store_close(s);
}

static enum gu_rc
stop_at_second(void *arg, const struct gu_row *row, struct gu_err *err)
{
	(void)row;
	return ++*(int *)arg == 2 ? gu_err_set(err, GU_RC_IO, "enough")
				  : GU_RC_OK;
}

static void reading_stops_where_the_reader_says(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	int n = 0;

	(void)state;
	sample_fill(s);
	assert_int_equal(gu_store_rows(s, 1, stop_at_second, &n, &err),
			 GU_RC_IO);
	assert_int_equal(n, 2);
	assert_string_equal(err.msg, "enough");
	gu_store_close(s);
}

/* as other programs see it */

static void join_sql(const char *sql, struct gu_buf *out)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		gu_buf_addf(out, "%s ",
			    (const char *)sqlite3_column_text(stmt, 0));
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static void anyone_can_query_the_documented_columns(void **state)
{
	struct gu_store *s = open_new();
	struct gu_buf got = GU_BUF_INIT;

	(void)state;
	sample_fill(s);
	gu_store_close(s);
	join_sql("SELECT name FROM pragma_table_info('record')", &got);
	assert_string_equal(
		got.data,
		"run seq time_utc scenario file line step kind process thread "
		"identity identity_sid level via operation object_type object "
		"asked granted status_code status_name expected verdict rule "
		"cwe reason duration_ns ");
	gu_buf_reset(&got);
	join_sql("SELECT count(*) FROM record WHERE run = 1 AND line > 12 AND "
		 "verdict = 'fail'",
		 &got);
	join_sql("SELECT count(*) FROM run", &got);
	join_sql("SELECT count(*) FROM file", &got);
	join_sql("SELECT count(*) FROM scenario", &got);
	join_sql("PRAGMA journal_mode", &got);
	assert_string_equal(got.data, "1 1 2 3 wal ");
	gu_buf_release(&got);
}

static void vacuum_changes_nothing(void **state)
{
	struct gu_store *s = open_new();
	struct gu_buf got = GU_BUF_INIT;

	(void)state;
	sample_fill(s);
	sample_fill(s);
	gu_store_close(s);
	join_sql("VACUUM", &got);
	s = open_again();
	assert_int_equal(rows_of(s, 1), 6);
	assert_int_equal(rows_of(s, 2), 6);
	gu_buf_release(&got);
	gu_store_close(s);
}

/* what is not a store */

static void write_file(const char *text, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void assert_file_is(const char *name, const char *text, size_t n)
{
	char got[8192];
	FILE *f = fopen(path, "rb");
	size_t len;

	row_check(f, name);
	len = fread(got, 1, sizeof(got), f);
	fclose(f);
	row_check(len == n && memcmp(got, text, n) == 0, name);
}

static void refuse_all_ways(const char *name, const char *text, size_t n)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_store *s = NULL;
	char beside[112];

	write_file(text, n);
	row_check(gu_store_open(&s, path, false, &err) == GU_RC_USAGE, name);
	row_check(gu_store_open(&s, path, true, &err) == GU_RC_USAGE, name);
	row_check(gu_store_open_read(&s, path, &err) == GU_RC_USAGE, name);
	row_check(strstr(err.msg, "is not a guise store"), name);
	row_check(!s, name);
	assert_file_is(name, text, n);
	snprintf(beside, sizeof(beside), "%s-wal", path);
	row_check(access(beside, F_OK) != 0, name);
}

static void a_foreign_file_is_refused_and_left_alone(void **state)
{
	static const char poem[] = "Not a database, but of some worth.\n";
	char other[4096] = "SQLite format 3";

	(void)state;
	refuse_all_ways("a text", poem, sizeof(poem) - 1);
	refuse_all_ways("one byte", "x", 1);
	refuse_all_ways("a header cut short", other, 64);
	refuse_all_ways("another program's database", other, sizeof(other));
}

static void another_versions_store_is_refused(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf none = GU_BUF_INIT;

	(void)state;
	gu_store_close(s);
	s = NULL;
	join_sql("PRAGMA user_version = 99", &none);
	join_sql("PRAGMA wal_checkpoint(TRUNCATE)", &none);
	gu_buf_release(&none);
	assert_int_equal(gu_store_open(&s, path, false, &err), GU_RC_USAGE);
	assert_non_null(strstr(err.msg, "another version of guise"));
	assert_int_equal(gu_store_open_read(&s, path, &err), GU_RC_USAGE);
	assert_null(s);
}

static void what_cannot_be_opened_says_why(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_store *s = NULL;

	(void)state;
	assert_int_equal(gu_store_open_read(&s, path, &err), GU_RC_USAGE);
	assert_non_null(strstr(err.msg, "there is no store at"));
	assert_int_equal(gu_store_open(&s, dir, false, &err), GU_RC_IO);
	assert_non_null(strstr(err.msg, "Is a directory"));
	assert_int_equal(gu_store_open(&s, "/nowhere/at/all/s.db", false, &err),
			 GU_RC_IO);
	assert_non_null(strstr(err.msg, "/nowhere/at/all/s.db"));
	assert_null(s);
}

static void an_empty_file_becomes_a_store(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_store *s = NULL;

	(void)state;
	write_file("", 0);
	assert_rc_ok(gu_store_open(&s, path, false, &err));
	sample_fill(s);
	assert_int_equal(rows_of(s, 1), 6);
	gu_store_close(s);
}

/* when things go wrong */

static void a_crash_keeps_every_finished_scenario(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_run_info run;
	struct gu_store *s;
	int status = -1;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		int64_t id;

		s = NULL;
		if (gu_store_open(&s, path, true, &err) ||
		    gu_store_begin_run(s, &sample_run, &id, &err) ||
		    gu_store_add_scenario(
			    s, &sample_scenarios[0],
			    &(struct gu_scenario_result){
				    .tags = "",
				    .worst = GU_VERDICT_FAIL,
				    .rows = sample_first,
				    .count = SAMPLE_COUNT(sample_first) },
			    &err)) {
			_exit(1);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	s = open_again();
	assert_rc_ok(gu_store_load_run(s, 0, &run, &err));
	assert_int_equal(run.scenarios, 1);
	assert_int_equal(rows_of(s, 1), 4);
	gu_store_close(s);
}

static void a_full_disk_costs_that_scenario_alone(void **state)
{
	struct gu_buf last = GU_BUF_INIT;
	char want[16];
	struct rlimit old, small;
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	int64_t id;
	enum gu_rc rc = GU_RC_OK;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, &err));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 120000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; !rc && i < 1000; i++) {
		rc = gu_store_add_scenario(
			s, &sample_scenarios[0],
			&(struct gu_scenario_result){
				.tags = "",
				.worst = GU_VERDICT_FAIL,
				.rows = sample_first,
				.count = SAMPLE_COUNT(sample_first) },
			&err);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(rc, GU_RC_IO);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(rows_of(s, 1) % 4, 0);
	assert_rc_ok(gu_store_add_scenario(
		s, &sample_scenarios[2],
		&(struct gu_scenario_result){
			.tags = "",
			.worst = GU_VERDICT_ERROR,
			.rows = sample_second,
			.count = SAMPLE_COUNT(sample_second) },
		&err));
	assert_int_equal(rows_of(s, 1) % 4, 2);
	snprintf(want, sizeof(want), "%d ", rows_of(s, 1));
	assert_rc_ok(gu_store_rows_from(s, 1, (uint32_t)rows_of(s, 1), 9,
					take_seq, &last, &err));
	assert_string_equal(last.data, want);
	gu_buf_release(&last);
	gu_store_close(s);
}

static void lost_memory_costs_that_scenario_alone(void **state)
{
	struct gu_store *s = open_new();
	struct gu_err err = GU_ERR_INIT;
	int64_t id;

	(void)state;
	assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, &err));
	gu_alloc_fail_nth(1);
	assert_int_equal(gu_store_add_scenario(
				 s, &sample_scenarios[0],
				 &(struct gu_scenario_result){
					 .tags = "",
					 .worst = GU_VERDICT_FAIL,
					 .rows = sample_first,
					 .count = SAMPLE_COUNT(sample_first) },
				 &err),
			 GU_RC_NOMEM);
	gu_alloc_fail_nth(0);
	assert_int_equal(rows_of(s, 1), 0);
	assert_rc_ok(gu_store_add_scenario(
		s, &sample_scenarios[0],
		&(struct gu_scenario_result){
			.tags = "",
			.worst = GU_VERDICT_FAIL,
			.rows = sample_first,
			.count = SAMPLE_COUNT(sample_first) },
		&err));
	assert_int_equal(rows_of(s, 1), 4);
	gu_store_close(s);
}

static void a_store_replaced_meanwhile_leaves_the_new_one_whole(void **state)
{
	struct gu_store *old = open_new();
	struct gu_store *reader;
	struct gu_store *s;

	(void)state;
	sample_fill(old);
	s = open_new();
	sample_fill(s);
	gu_store_close(old);
	reader = open_again();
	assert_int_equal(rows_of(reader, 1), 6);
	gu_store_close(reader);
	sample_fill(s);
	gu_store_close(s);
	s = open_again();
	assert_int_equal(rows_of(s, 1), 6);
	assert_int_equal(rows_of(s, 2), 6);
	gu_store_close(s);
}

static void a_store_can_be_read_while_it_is_written(void **state)
{
	struct gu_store *s = open_new();
	struct gu_store *reader;

	(void)state;
	sample_fill(s);
	reader = open_again();
	assert_int_equal(rows_of(reader, 1), 6);
	sample_fill(s);
	assert_int_equal(rows_of(reader, 2), 6);
	gu_store_close(reader);
	gu_store_close(s);
}

static void a_store_can_be_read_where_nothing_can_be_written(void **state)
{
	struct gu_store *s = open_new();
	int status = -1;
	pid_t pid;

	(void)state;
	sample_fill(s);
	gu_store_close(s);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(dir, 0555), 0);
	pid = fork();
	if (pid == 0) {
		struct gu_run_info run;

		if (getuid() == 0 && setuid(65534) != 0) {
			_exit(2);
		}
		s = NULL;
		_exit(access(dir, W_OK) == 0 ||
		      gu_store_open_read(&s, path, NULL) ||
		      gu_store_load_run(s, 0, &run, NULL) ||
		      run.scenarios != 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(status, 0);
}

/* A record may hold any text that a script can make. */
static void hostile_texts_are_kept_as_they_are(void **state)
{
	static const char *const texts[] = {
		"'; DROP TABLE run; --", "\"",           "%s%n", "\xFF\xFE\x80",
		"line\nline\r\n",        "\x01\x1b[31m", "=1+1",
	};
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT(texts); i++) {
		struct gu_scenario_info info = { texts[i], texts[i], 1 };
		struct gu_record row = sample_second[1];
		struct gu_store *s = open_new();
		struct gu_buf got = GU_BUF_INIT;
		int64_t id;

		row.reason = texts[i];
		assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, &err));
		assert_rc_ok(gu_store_add_scenario(
			s, &info,
			&(struct gu_scenario_result){ .tags = texts[i],
						      .worst = GU_VERDICT_ERROR,
						      .rows = &row,
						      .count = 1 },
			&err));
		assert_rc_ok(gu_store_rows(s, 1, join_row, &got, &err));
		row_check(strstr(got.data, texts[i]), texts[i]);
		gu_buf_release(&got);
		gu_store_close(s);
	}
}

static enum gu_rc
add_a_scenario(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct gu_store *other = arg;

	if (strcmp(row->col[GU_COL_seq], "1") != 0) {
		return GU_RC_OK;
	}
	return gu_store_add_scenario(
		other, &sample_scenarios[1],
		&(struct gu_scenario_result){ .tags = "",
					      .worst = GU_VERDICT_PASS },
		err);
}

static void scenarios_come_one_at_a_time_beside_records(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_scenario_cursor *cursor = NULL;
	struct gu_store *s = open_new();
	struct gu_store *reader;
	struct gu_stored_scenario sc;
	bool more = false;
	size_t count = 0;

	(void)state;
	sample_fill(s);
	reader = open_again();
	assert_rc_ok(gu_scenario_cursor_new(reader, 1, &cursor, &err));
	assert_rc_ok(gu_scenario_cursor_next(cursor, &sc, &more, &err));
	/* What is added meanwhile is of another state of the store. */
	assert_rc_ok(gu_store_rows(reader, 1, add_a_scenario, s, &err));
	for (; more; count++) {
		assert_string_equal(sc.name, sample_scenarios[count].name);
		assert_rc_ok(gu_scenario_cursor_next(cursor, &sc, &more, &err));
	}
	assert_int_equal(count, SAMPLE_COUNT(sample_scenarios));
	gu_scenario_cursor_free(cursor);
	gu_store_close(reader);
	gu_store_close(s);
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		T(rows_come_back_as_they_were_written),
		T(a_runs_evidence_comes_back),
		T(verdicts_are_counted_by_rows_and_by_scenarios),
		T(a_run_that_was_cut_off_has_no_end),
		T(scenarios_and_files_come_back_in_order),
		T(a_stretch_of_rows_can_be_read_alone),
		T(a_second_run_is_appended_and_counts_from_one),
		T(replacing_starts_anew),
		T(a_run_that_is_not_there_is_named),
		T(reading_stops_where_the_reader_says),
		T(anyone_can_query_the_documented_columns),
		T(vacuum_changes_nothing),
		T(a_foreign_file_is_refused_and_left_alone),
		T(another_versions_store_is_refused),
		T(what_cannot_be_opened_says_why),
		T(an_empty_file_becomes_a_store),
		T(a_crash_keeps_every_finished_scenario),
		T(a_full_disk_costs_that_scenario_alone),
		T(lost_memory_costs_that_scenario_alone),
		T(a_store_replaced_meanwhile_leaves_the_new_one_whole),
		T(a_store_can_be_read_while_it_is_written),
		T(a_store_can_be_read_where_nothing_can_be_written),
		T(hostile_texts_are_kept_as_they_are),
		T(scenarios_come_one_at_a_time_beside_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
