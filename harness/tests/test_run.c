/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "run.h"
#include "banned.h"

/* A target that is asked for worlds and for nothing of them. */
static struct {
	unsigned opened;
	unsigned closed;
	bool os_threads;
	uint64_t seed;
} target;

static void fake_close(struct gu_world *w)
{
	target.closed++;
	gu_free(w);
}

static bool fake_supports(enum gu_cap cap)
{
	return cap != GU_CAP_dde;
}

static enum gu_rc fake_open(const struct gu_world_config *config,
			    struct gu_world **out, struct gu_err *err);

static const struct gu_target_ops fake_target = {
	.name = "fake",
	.proof = "nothing",
	.open = fake_open,
	.supports = fake_supports,
	.close = fake_close,
};

static enum gu_rc fake_open(const struct gu_world_config *config,
			    struct gu_world **out, struct gu_err *err)
{
	struct gu_world *w = gu_calloc(1, sizeof(*w));

	if (!w) {
		return gu_err_nomem(err);
	}
	w->ops = &fake_target;
	target.opened++;
	target.os_threads = config->os_threads;
	target.seed = config->seed;
	*out = w;
	return GU_RC_OK;
}

/* An engine whose script is a list of words: each is a scenario of that name,
 * which does what its name says. */
struct gu_script {
	char path[256];
	char words[16][32];
	size_t count;
};

static enum gu_rc fake_load(const char *path, const char *text, size_t len,
			    const struct gu_limits *limits,
			    struct gu_script **out, struct gu_err *err)
{
	struct gu_script *s;
	const char *at = text;
	int used = 0;

	(void)limits;
	if (strncmp(text, "broken", 6) == 0) {
		return gu_err_set(err, GU_RC_USAGE, "%s:3: broken", path);
	}
	s = gu_calloc(1, sizeof(*s));
	if (!s) {
		return gu_err_nomem(err);
	}
	(void)snprintf(s->path, sizeof(s->path), "%s", path);
	while (at < text + len &&
	       sscanf(at, "%31s%n", s->words[s->count], &used) == 1) {
		s->count++;
		at += used;
	}
	*out = s;
	return GU_RC_OK;
}

static size_t fake_count(const struct gu_script *s)
{
	return s->count;
}

static void
fake_describe(const struct gu_script *s, size_t i, struct gu_scenario_desc *out)
{
	static const char *const tags[] = { "odd", "first" };
	static const enum gu_cap needs[] = { GU_CAP_pipe, GU_CAP_dde };

	*out = (struct gu_scenario_desc){
		.name = s->words[i],
		.line = (int)(i + 1) * 10,
		.tags = tags,
		.tag_count = i == 0 ? 2 : i % 2 == 0,
		.needs = needs,
		.need_count = strcmp(s->words[i], "needs-dde") == 0 ? 2 : 0,
	};
}

static void judge(struct gu_stage *stage, int line, enum gu_verdict v)
{
	gu_recorder_judge(stage->recorder, 0, line, v, "a thing", "why");
}

static enum gu_rc fake_run(struct gu_script *s, size_t i,
			   struct gu_stage *stage, struct gu_err *err)
{
	const char *word = s->words[i];

	if (strcmp(word, "pass") == 0 || strcmp(word, "mixed") == 0) {
		judge(stage, 11, GU_VERDICT_PASS);
	}
	if (strcmp(word, "fail") == 0 || strcmp(word, "mixed") == 0) {
		judge(stage, 12, GU_VERDICT_FAIL);
	}
	if (strcmp(word, "mixed") == 0) {
		judge(stage, 13, GU_VERDICT_PASS);
	}
	if (strcmp(word, "finding") == 0) {
		const struct gu_ref nobody = { .kind = GU_REF_NONE };

		(void)gu_recorder_finding(stage->recorder, nobody, NULL,
					  GU_FN_NONE, 14, "prediction",
					  "CWE-863", "why", GU_VERDICT_NONE);
	}
	if (strcmp(word, "unsupported") == 0) {
		return gu_err_set(err, GU_RC_UNSUPPORTED, "fake lacks labels");
	}
	if (strcmp(word, "boom") == 0) {
		return gu_err_set(err, GU_RC_USAGE, "%s:77: boom", s->path);
	}
	if (strcmp(word, "elsewhere") == 0) {
		return gu_err_set(err, GU_RC_USAGE, "guise/x.lua:5: boom");
	}
	if (strcmp(word, "stuck") == 0) {
		return gu_err_set(err, GU_RC_DEADLOCK, "deadlock: a waits");
	}
	if (strcmp(word, "interrupt") == 0) {
		gu_run_interrupt();
	}
	return GU_RC_OK;
}

static void fake_close_script(struct gu_script *s)
{
	gu_free(s);
}

static const struct gu_engine_ops fake_engine = {
	.load = fake_load,
	.count = fake_count,
	.describe = fake_describe,
	.run = fake_run,
	.close = fake_close_script,
};

/* a run and what it left */

static struct {
	struct gu_run_options o;
	struct gu_run_totals totals;
	struct gu_buf diagnostics; /* one a line */
	struct gu_buf progress;
	struct gu_buf stored; /* "FILE NAME VERDICT RECORDS\n" */
	char store[64];
	int64_t run;
} t;

static void on_diagnostic(void *arg, const char *line)
{
	(void)arg;
	gu_buf_addf(&t.diagnostics, "%s\n", line);
}

static void on_progress(void *arg, const struct gu_scenario_info *info,
			enum gu_verdict worst)
{
	(void)arg;
	gu_buf_addf(&t.progress, "%s:%d %s %s\n", info->file, info->line,
		    info->name, gu_verdict_name(worst));
}

static int set_up(void **state)
{
	static const struct gu_run_info info = { .start_utc = "now",
						 .host = "h",
						 .system = "s",
						 .user = "u",
						 .target = "fake",
						 .proof = "",
						 .version = "0",
						 .arguments = "" };
	struct gu_err err = GU_ERR_INIT;
	int fd;

	(void)state;
	memset(&t, 0, sizeof(t));
	memset(&target, 0, sizeof(target));
	gu_buf_init(&t.diagnostics);
	gu_buf_init(&t.progress);
	gu_buf_init(&t.stored);
	(void)snprintf(t.store, sizeof(t.store), "/tmp/guise-run-XXXXXX");
	fd = mkstemp(t.store);
	if (fd < 0) {
		return -1;
	}
	(void)close(fd);
	t.o = (struct gu_run_options){ .target = &fake_target,
				       .engine = &fake_engine,
				       .diagnostic = on_diagnostic,
				       .progress = on_progress };
	if (gu_store_open(&t.o.store, t.store, true, &err) ||
	    gu_store_begin_run(t.o.store, &info, &t.run, &err)) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	char beside[80];

	(void)state;
	gu_store_close(t.o.store);
	(void)remove(t.store);
	(void)snprintf(beside, sizeof(beside), "%s-wal", t.store);
	(void)remove(beside);
	(void)snprintf(beside, sizeof(beside), "%s-shm", t.store);
	(void)remove(beside);
	gu_buf_release(&t.diagnostics);
	gu_buf_release(&t.progress);
	gu_buf_release(&t.stored);
	return 0;
}

static enum gu_rc
note_stored(void *arg, const struct gu_stored_scenario *sc, struct gu_err *err)
{
	(void)arg;
	(void)err;
	gu_buf_addf(&t.stored, "%s %s %s %u [%s]\n", sc->file, sc->name,
		    sc->verdict, (unsigned)sc->records, sc->tags);
	return GU_RC_OK;
}

static void run_texts(const char *a, const char *b)
{
	const struct gu_source sources[] = {
		{ .path = "a.lua", .text = a, .len = strlen(a) },
		{ .path = "b.lua", .text = b, .len = b ? strlen(b) : 0 },
	};
	struct gu_err err = GU_ERR_INIT;

	assert_rc_ok(gu_run(&t.o, sources, b ? 2 : 1, &t.totals, &err));
	assert_rc_ok(gu_store_finish_run(t.o.store, "later", &err));
	assert_rc_ok(
		gu_store_scenarios(t.o.store, t.run, note_stored, NULL, &err));
	assert_int_equal(target.opened, target.closed);
}

static void
run_knowing(const char *text, const char *scenario, const char *differs)
{
	struct gu_divergence row = { .scenario = scenario,
				     .differs = differs,
				     .reason = "because" };
	struct gu_divergences list = { .list = &row, .count = 1 };

	t.o.divergences = &list;
	run_texts(text, NULL);
}

/* tests */

static void a_listed_difference_is_known(void **state)
{
	(void)state;
	run_knowing("mixed fail", "mixed", "a thing");
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_KNOWN], 1);
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_FAIL], 1);
}

static void the_finding_of_a_listed_rule_is_known(void **state)
{
	(void)state;
	run_knowing("finding", "finding", "prediction");
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_KNOWN], 1);
}

static void a_listed_difference_that_is_none_is_a_fail(void **state)
{
	(void)state;
	run_knowing("pass", "pass", "a thing");
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_FAIL], 1);
	assert_non_null(strstr(t.diagnostics.data, "because"));
}

static void another_failure_than_the_listed_one_stays_a_fail(void **state)
{
	(void)state;
	run_knowing("fail", "fail", "another thing");
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_FAIL], 1);
}

static void what_was_skipped_or_broke_off_is_not_held_to_the_list(void **state)
{
	(void)state;
	run_knowing("unsupported", "unsupported", "a thing");
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_SKIP], 1);
	run_knowing("boom", "boom", "a thing");
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_FAIL], 0);
}

static void exit_code_says_the_worst(void **state)
{
	static const struct {
		const char *name;
		struct gu_run_totals totals;
		int expected;
	} rows[] = {
		{ "nothing judged", { .scenarios = 1 }, 0 },
		{ "passes and skips",
		  { .scenario_verdicts = { [GU_VERDICT_PASS] = 3,
					   [GU_VERDICT_SKIP] = 1 } },
		  0 },
		{ "known",
		  { .scenario_verdicts = { [GU_VERDICT_KNOWN] = 1 } },
		  0 },
		{ "a fail",
		  { .scenario_verdicts = { [GU_VERDICT_FAIL] = 1 } },
		  1 },
		{ "an error",
		  { .scenario_verdicts = { [GU_VERDICT_ERROR] = 1 } },
		  3 },
		{ "error beats fail",
		  { .scenario_verdicts = { [GU_VERDICT_FAIL] = 5,
					   [GU_VERDICT_ERROR] = 1 } },
		  3 },
		{ "a file that does not load", { .load_errors = 1 }, 3 },
		{ "interrupted",
		  { .interrupted = true,
		    .scenario_verdicts = { [GU_VERDICT_ERROR] = 1 } },
		  130 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row_check(gu_run_exit_code(&rows[i].totals) == rows[i].expected,
			  rows[i].name);
	}
}

static void worst_row_is_the_scenarios_verdict(void **state)
{
	(void)state;
	run_texts("pass mixed idle", NULL);
	assert_string_equal(t.stored.data, "a.lua pass pass 1 [odd,first]\n"
					   "a.lua mixed fail 3 []\n"
					   "a.lua idle pass 0 [odd]\n");
	assert_int_equal(t.totals.scenarios, 3);
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_PASS], 2);
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_FAIL], 1);
	assert_int_equal(t.totals.rows, 4);
	assert_int_equal(t.totals.judged, 4);
	assert_int_equal(gu_run_exit_code(&t.totals), 1);
}

static void fail_is_named_with_file_and_line(void **state)
{
	(void)state;
	run_texts("fail", NULL);
	assert_ptr_equal(strstr(t.diagnostics.data, "a.lua:12: fail"),
			 t.diagnostics.data);
}

static void a_whole_name_selects_no_longer_one(void **state)
{
	(void)state;
	t.o.name = "pass";
	run_texts("pass passing fail", NULL);
	assert_int_equal(t.totals.scenarios, 1);
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_PASS], 1);
}

static void without_a_store_everything_else_is_the_same(void **state)
{
	const struct gu_source source = { .path = "a.lua",
					  .text = "pass fail",
					  .len = 9 };
	struct gu_store *s = t.o.store;

	(void)state;
	t.o.store = NULL;
	assert_rc_ok(gu_run(&t.o, &source, 1, &t.totals, NULL));
	t.o.store = s;
	assert_int_equal(t.totals.scenarios, 2);
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_FAIL], 1);
	assert_non_null(strstr(t.diagnostics.data, "a.lua:12: fail"));
}

static void every_scenario_gets_a_fresh_world(void **state)
{
	(void)state;
	t.o.seed = 42;
	t.o.os_threads = true;
	run_texts("pass pass", "fail");
	assert_int_equal(target.opened, 3);
	assert_int_equal(target.seed, 42);
	assert_true(target.os_threads);
}

static void unsupported_is_a_skip_with_its_reason(void **state)
{
	(void)state;
	run_texts("unsupported pass", NULL);
	assert_string_equal(t.diagnostics.data,
			    "a.lua:10: skip: fake lacks labels\n");
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_SKIP], 1);
	assert_int_equal(gu_run_exit_code(&t.totals), 0);
}

static void unmet_need_skips_without_running(void **state)
{
	(void)state;
	run_texts("needs-dde", NULL);
	assert_int_equal(target.opened, 0);
	assert_non_null(
		strstr(t.diagnostics.data, "a.lua:10: skip: fake lacks dde"));
}

static void script_error_is_an_error_row_at_its_line(void **state)
{
	(void)state;
	run_texts("boom pass", NULL);
	assert_string_equal(t.diagnostics.data, "a.lua:77: error: boom\n");
	assert_int_equal(t.totals.scenario_verdicts[GU_VERDICT_PASS], 1);
	assert_int_equal(gu_run_exit_code(&t.totals), 3);
}

static void error_in_another_file_keeps_its_place(void **state)
{
	(void)state;
	run_texts("elsewhere", NULL);
	assert_string_equal(t.diagnostics.data,
			    "a.lua:10: error: guise/x.lua:5: boom\n");
}

static void deadlock_is_an_error_row(void **state)
{
	(void)state;
	run_texts("stuck", NULL);
	assert_string_equal(t.diagnostics.data,
			    "a.lua:10: error: deadlock: a waits\n");
}

static void file_that_does_not_load_leaves_the_others(void **state)
{
	(void)state;
	run_texts("broken", "pass");
	assert_string_equal(t.stored.data, "a.lua (file) error 1 []\n"
					   "b.lua pass pass 1 [odd,first]\n");
	assert_string_equal(t.diagnostics.data, "a.lua:3: error: broken\n");
	assert_int_equal(t.totals.load_errors, 1);
	assert_int_equal(t.totals.scenarios, 1);
	assert_int_equal(gu_run_exit_code(&t.totals), 3);
}

static void unreadable_file_is_a_load_error(void **state)
{
	const struct gu_source gone = { .path = "/tmp/guise-no-such.lua" };
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_rc_ok(gu_run(&t.o, &gone, 1, &t.totals, &err));
	assert_int_equal(t.totals.load_errors, 1);
	assert_non_null(strstr(t.diagnostics.data,
			       "/tmp/guise-no-such.lua:1: error: "));
}

static void interrupt_ends_the_run_after_the_scenario(void **state)
{
	(void)state;
	run_texts("interrupt pass", "pass");
	assert_string_equal(t.stored.data,
			    "a.lua interrupt pass 0 [odd,first]\n");
	assert_int_equal(gu_run_exit_code(&t.totals), 130);
}

static void interrupt_does_not_reach_the_next_run(void **state)
{
	(void)state;
	run_texts("interrupt", NULL);
	gu_buf_reset(&t.stored);
	run_texts("pass", NULL);
	assert_int_equal(gu_run_exit_code(&t.totals), 0);
}

static void filter_takes_substrings_and_globs(void **state)
{
	static const struct {
		const char *filter;
		size_t expected;
	} rows[] = {
		{ "pass", 2 },      { "as", 2 },        { "pass*", 2 },
		{ "p*s-two", 1 },   { "pass-?wo", 1 },  { "*", 3 },
		{ "?", 0 },         { "nothing", 0 },   { "*fail", 1 },
		{ "p*a*s*-*o", 1 }, { "pass-two*", 1 }, { "", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t.o.filter = rows[i].filter;
		run_texts("pass pass-two fail", NULL);
		row_check(t.totals.scenarios == rows[i].expected,
			  rows[i].filter);
	}
}

static void any_of_the_tags_selects(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const first[] = { "first", NULL };
	static const char *const both[] = { "nothing", "odd", NULL };
	static const struct {
		const char *name;
		const char *const *tags;
		size_t expected;
	} rows[] = {
		{ "no list", NULL, 3 },
		{ "empty list", none, 3 },
		{ "first", first, 1 },
		{ "nothing or odd", both, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t.o.tags = rows[i].tags;
		run_texts("pass pass pass", NULL);
		row_check(t.totals.scenarios == rows[i].expected, rows[i].name);
	}
}

static void listing_runs_and_stores_nothing(void **state)
{
	const struct gu_source sources[] = {
		{ .path = "a.lua", .text = "broken", .len = 6 },
		{ .path = "b.lua", .text = "pass fail", .len = 9 },
	};
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	t.o.filter = "fail";
	assert_rc_ok(gu_run_list(&t.o, sources, 2, &t.totals, &err));
	assert_string_equal(t.progress.data, "b.lua:20 fail \n");
	assert_string_equal(t.diagnostics.data, "a.lua:3: error: broken\n");
	assert_int_equal(t.totals.scenarios, 1);
	assert_int_equal(t.totals.load_errors, 1);
	assert_int_equal(target.opened, 0);
	assert_rc_ok(
		gu_store_scenarios(t.o.store, t.run, note_stored, NULL, &err));
	assert_string_equal(t.stored.data, "");
}

static enum gu_rc
check_hash(void *arg, const char *path, const char *sha256, struct gu_err *err)
{
	unsigned *seen = arg;

	(void)err;
	assert_string_equal(path, "a.lua");
	/* Of "abc", FIPS 180-4. */
	assert_string_equal(sha256, "ba7816bf8f01cfea414140de5dae2223"
				    "b00361a396177a9cb410ff61f20015ad");
	++*seen;
	return GU_RC_OK;
}

static void store_proves_what_ran(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	unsigned seen = 0;

	(void)state;
	run_texts("abc", NULL);
	assert_rc_ok(gu_store_files(t.o.store, t.run, check_hash, &seen, &err));
	assert_int_equal(seen, 1);
}

/* A failed allocation ends the run or becomes an error row; it never crashes,
 * leaks or passes for a success. */
static void every_allocation_may_fail(void **state)
{
	const struct gu_source source = { .path = "a.lua",
					  .text = "pass fail boom",
					  .len = 14 };
	size_t n = 0;
	bool failed = true;

	(void)state;
	while (failed) {
		struct gu_err err = GU_ERR_INIT;
		enum gu_rc rc;

		gu_alloc_fail_nth(++n);
		rc = gu_run(&t.o, &source, 1, &t.totals, &err);
		failed = gu_alloc_failed();
		gu_alloc_fail_nth(0);
		assert_true(rc == GU_RC_OK || rc == GU_RC_NOMEM);
		assert_true(rc || gu_run_exit_code(&t.totals) == 3);
		assert_int_equal(target.opened, target.closed);
	}
	assert_true(n > 10);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_finding_of_a_listed_rule_is_known),
		cmocka_unit_test(exit_code_says_the_worst),
		TEST(worst_row_is_the_scenarios_verdict),
		TEST(fail_is_named_with_file_and_line),
		TEST(every_scenario_gets_a_fresh_world),
		TEST(a_whole_name_selects_no_longer_one),
		TEST(without_a_store_everything_else_is_the_same),
		TEST(unsupported_is_a_skip_with_its_reason),
		TEST(unmet_need_skips_without_running),
		TEST(script_error_is_an_error_row_at_its_line),
		TEST(error_in_another_file_keeps_its_place),
		TEST(deadlock_is_an_error_row),
		TEST(file_that_does_not_load_leaves_the_others),
		TEST(unreadable_file_is_a_load_error),
		TEST(interrupt_ends_the_run_after_the_scenario),
		TEST(interrupt_does_not_reach_the_next_run),
		TEST(filter_takes_substrings_and_globs),
		TEST(any_of_the_tags_selects),
		TEST(listing_runs_and_stores_nothing),
		TEST(a_listed_difference_is_known),
		TEST(a_listed_difference_that_is_none_is_a_fail),
		TEST(another_failure_than_the_listed_one_stays_a_fail),
		TEST(what_was_skipped_or_broke_off_is_not_held_to_the_list),
		TEST(store_proves_what_ran),
		TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
