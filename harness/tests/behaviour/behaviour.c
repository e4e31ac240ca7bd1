/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include <jansson.h>

#include "buf.h"

#include "banned.h"

/* Runs every case as a test of its own, after comparing the cases with the
 * records. An argument selects tests by name: 'ib-0d*'. */

static const struct bh_area *const areas[] = {
	&bh_token,        &bh_duplicate, &bh_pipe,       &bh_pipe_tracking,
	&bh_gate,         &bh_anonymous, &bh_restricted, &bh_handles,
	&bh_rpc,          &bh_channels,  &bh_process,    &bh_elevation,
	&bh_access_check,
};
enum { AREA_COUNT = sizeof(areas) / sizeof(areas[0]) };

/* Areas of which every record needs a case or a reason for having none. */
static const char *const covered[] = {
	"token",   "pipe", "gate", "anonymous", "privileges", "restricted",
	"handles", "rpc",  "sspi", "dde",       "com",
};

/* one case */

struct bh_state {
	struct fix fix;
	const struct bh_case *row;
};

static int set_up(void **state)
{
	struct bh_state *s = calloc(1, sizeof(*s));

	if (!s) {
		return -1;
	}
	s->row = *state;
	*state = s;
	fix_open(&s->fix);
	return 0;
}

static int tear_down(void **state)
{
	struct bh_state *s = *state;

	fix_close(&s->fix);
	free(s);
	return 0;
}

static void run_case(void **state)
{
	struct bh_state *s = *state;

	s->row->run(&s->fix, s->row->row);
}

/* cases and records */

static size_t case_count(const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < AREA_COUNT; i++) {
		for (size_t j = 0; j < areas[i]->count; j++) {
			n += !strcmp(areas[i]->cases[j].id, id);
		}
	}
	return n;
}

static size_t exclusion_count(const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < bh_out_of_scope_count; i++) {
		n += !strcmp(bh_out_of_scope[i].id, id);
	}
	return n;
}

static void no_id_is_used_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < AREA_COUNT; i++) {
		for (size_t j = 0; j < areas[i]->count; j++) {
			const char *id = areas[i]->cases[j].id;

			row_check(case_count(id) == 1, id);
			row_check(exclusion_count(id) == 0, id);
		}
	}
	for (size_t i = 0; i < bh_out_of_scope_count; i++) {
		row_check(exclusion_count(bh_out_of_scope[i].id) == 1,
			  bh_out_of_scope[i].id);
	}
}

static FILE *open_records(void)
{
	const char *dir = getenv("GUISE_VECTORS");
	struct gu_buf path = GU_BUF_INIT;
	FILE *file;

	gu_buf_addf(&path, "%s/impersonation_behaviour.jsonl",
		    dir ? dir : GUISE_SOURCE_DIR "/../shared/vectors");
	file = fopen(path.data, "r");
	if (!file) {
		print_message("skipped: no records at %s\n", path.data);
	}
	gu_buf_release(&path);
	return file;
}

static bool is_covered(const char *area)
{
	for (size_t i = 0; i < sizeof(covered) / sizeof(covered[0]); i++) {
		if (!strcmp(covered[i], area)) {
			return true;
		}
	}
	return false;
}

/* What of the tables a record accounts for; says so when it is nothing. */
static size_t account_for(const json_t *record, size_t *missing)
{
	const char *id = json_string_value(json_object_get(record, "id"));
	const char *area = json_string_value(json_object_get(record, "area"));
	size_t n;

	assert_non_null(id);
	assert_non_null(area);
	n = case_count(id) + exclusion_count(id);
	if (!n && is_covered(area)) {
		print_error(
			"%s (%s, %s): no case\n", id, area,
			json_string_value(json_object_get(record, "function")));
		++*missing;
	}
	return n;
}

static void every_record_has_a_case_or_a_reason(void **state)
{
	FILE *file = open_records();
	size_t known = 0;
	size_t total = bh_out_of_scope_count;
	size_t missing = 0;
	json_t *record;

	(void)state;
	if (!file) {
		skip();
	}
	while ((record = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
		known += account_for(record, &missing);
		json_decref(record);
	}
	assert_true(feof(file));
	fclose(file);
	for (size_t i = 0; i < AREA_COUNT; i++) {
		total += areas[i]->count;
	}
	assert_int_equal(missing, 0);
	/* Each id of the tables is a record's. */
	assert_int_equal(known, total);
}

/* all of them */

static void add_cases(struct CMUnitTest *tests, struct gu_arena *names)
{
	size_t n = 0;

	for (size_t i = 0; i < AREA_COUNT; i++) {
		for (size_t j = 0; j < areas[i]->count; j++) {
			const struct bh_case *row = &areas[i]->cases[j];

			tests[n++] = (struct CMUnitTest){
				.name = gu_arena_printf(names, "%s: %s",
							row->id, row->fact),
				.test_func = run_case,
				.setup_func = set_up,
				.teardown_func = tear_down,
				.initial_state = (void *)row,
			};
		}
	}
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[256] = {
		cmocka_unit_test(no_id_is_used_twice),
		cmocka_unit_test(every_record_has_a_case_or_a_reason),
	};
	struct gu_arena names = GU_ARENA_INIT;
	size_t n = 2;
	int failed;

	for (size_t i = 0; i < AREA_COUNT; i++) {
		n += areas[i]->count;
	}
	if (n > sizeof(tests) / sizeof(tests[0])) {
		print_error("more cases than tests: %zu\n", n);
		return 1;
	}
	add_cases(tests + 2, &names);
	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	failed = _cmocka_run_group_tests("behaviour", tests, n, NULL, NULL);
	gu_arena_release(&names);
	return failed;
}
