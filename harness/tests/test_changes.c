/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "changes.h"
#include "sample.h"

static int64_t begin(struct gu_store *s)
{
	struct gu_err err = GU_ERR_INIT;
	int64_t id;

	assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, &err));
	return id;
}

static void add(struct gu_store *s, const char *name, enum gu_verdict worst,
		const struct gu_record *rows, size_t count)
{
	const struct gu_scenario_info info = { name, "a.lua", 1 };
	const struct gu_scenario_result result = {
		.tags = "", .worst = worst, .rows = rows, .count = count
	};
	struct gu_err err = GU_ERR_INIT;

	assert_rc_ok(gu_store_add_scenario(s, &info, &result, &err));
}

/* The changes in one line each. */
static enum gu_rc
note_change(void *arg, const struct gu_change *c, struct gu_err *err)
{
	(void)err;
	gu_buf_addf(arg, "%s %s: %s -> %s, %u\n", c->file, c->name,
		    c->before ? c->before : "none", c->now ? c->now : "none",
		    (unsigned)c->records);
	return GU_RC_OK;
}

static void assert_changes(struct gu_store *s, const char *want)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf got = GU_BUF_INIT;

	assert_rc_ok(gu_changes_read(
		&(struct gu_change_runs){
			.before = s, .before_run = 1, .now = s, .now_run = 2 },
		note_change, &got, &err));
	assert_string_equal(got.data, want);
	gu_buf_release(&got);
}

static void equal_runs_do_not_differ(void **state)
{
	sample_fill(*state);
	sample_fill(*state);
	assert_changes(*state, "");
}

static void times_do_not_count(void **state)
{
	struct gu_record late = sample_first[1];

	late.time_us += 5000000;
	late.duration_ns += 77;
	begin(*state);
	add(*state, "x", GU_VERDICT_PASS, &sample_first[1], 1);
	begin(*state);
	add(*state, "x", GU_VERDICT_PASS, &late, 1);
	assert_changes(*state, "");
}

static void scenarios_come_go_and_turn(void **state)
{
	/* Three of the first run, three of the second, one of them as it was.
	 */
	begin(*state);
	add(*state, "turns", GU_VERDICT_PASS, NULL, 0);
	add(*state, "goes", GU_VERDICT_SKIP, NULL, 0);
	add(*state, "stays", GU_VERDICT_FAIL, sample_first, 4);
	begin(*state);
	add(*state, "stays", GU_VERDICT_FAIL, sample_first, 4);
	add(*state, "comes", GU_VERDICT_PASS, NULL, 0);
	add(*state, "turns", GU_VERDICT_FAIL, NULL, 0);
	assert_changes(*state, "a.lua comes: none -> pass, 0\n"
			       "a.lua goes: skip -> none, 0\n"
			       "a.lua turns: pass -> fail, 0\n");
}

/* One record is granted now, one step is gone, one is new. */
static void records_are_told_apart_by_step(void **state)
{
	struct gu_record rows[4];

	memcpy(rows, sample_first, sizeof(rows));
	begin(*state);
	add(*state, "before it", GU_VERDICT_PASS, sample_first, 2);
	add(*state, "x", GU_VERDICT_FAIL, rows, 3);
	rows[1].status = (struct gu_status){ GU_CONV_BOOL, true, 0 };
	rows[1].decision.granted = rows[1].decision.asked;
	rows[2] = rows[3];
	rows[2].step = 9;
	begin(*state);
	add(*state, "x", GU_VERDICT_FAIL, rows, 3);
	add(*state, "before it", GU_VERDICT_PASS, sample_first, 2);
	assert_changes(*state, "a.lua x: fail -> fail, 3\n");
}

static void scenarios_of_one_name_are_matched_in_order(void **state)
{
	begin(*state);
	add(*state, "x", GU_VERDICT_PASS, NULL, 0);
	add(*state, "x", GU_VERDICT_FAIL, NULL, 0);
	begin(*state);
	add(*state, "x", GU_VERDICT_PASS, NULL, 0);
	add(*state, "x", GU_VERDICT_PASS, NULL, 0);
	add(*state, "x", GU_VERDICT_SKIP, NULL, 0);
	assert_changes(*state, "a.lua x: fail -> pass, 0\n"
			       "a.lua x: none -> skip, 0\n");
}

int main(void)
{
#define T(name)                                                   \
	cmocka_unit_test_setup_teardown(name, sample_store_setup, \
					sample_store_teardown)
	const struct CMUnitTest tests[] = {
		T(equal_runs_do_not_differ),
		T(times_do_not_count),
		T(scenarios_come_go_and_turn),
		T(records_are_told_apart_by_step),
		T(scenarios_of_one_name_are_matched_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
