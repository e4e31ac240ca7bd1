/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run.h"
#include "scratch.h"
#include "banned.h"

static char root[64];

static void in_root(char path[256], const char *name)
{
	(void)snprintf(path, 256, "%s/%s", root, name);
}

static const char *const folders[] = { "b", "b/deep", "_private", ".hidden" };
static const char *const files[] = {
	"z.lua",      "a.lua", "_shared.lua",    "divergences.lua",
	"notes.txt",  ".lua",  "b/m.lua",        "b/deep/x.lua",
	"b/deep/lua", "b.lua", "_private/p.lua", ".hidden/h.lua",
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int set_up(void **state)
{
	char path[256];

	(void)state;
	if (scratch_make(root, sizeof(root))) {
		return -1;
	}
	for (size_t i = 0; i < COUNT(folders); i++) {
		in_root(path, folders[i]);
		(void)scratch_folder(path);
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		FILE *f;

		in_root(path, files[i]);
		f = fopen(path, "w");
		if (!f || fclose(f)) {
			return -1;
		}
	}
	return 0;
}

static int tear_down(void **state)
{
	char path[256];

	(void)state;
	for (size_t i = COUNT(files); i-- > 0;) {
		in_root(path, files[i]);
		(void)scratch_remove(path);
	}
	for (size_t i = COUNT(folders); i-- > 0;) {
		in_root(path, folders[i]);
		(void)scratch_remove(path);
	}
	return scratch_remove(root);
}

static void folder_gives_its_scenario_files_in_order(void **state)
{
	static const char *const expected[] = {
		"a.lua", "b.lua", "b/deep/x.lua", "b/m.lua", "z.lua",
	};
	struct gu_sources s = { .list = NULL };
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_rc_ok(gu_sources_add(&s, root, &err));
	assert_int_equal(s.count, COUNT(expected));
	for (size_t i = 0; i < s.count; i++) {
		assert_string_equal(s.list[i].path + strlen(root) + 1,
				    expected[i]);
		assert_null(s.list[i].text);
	}
	gu_sources_free(&s);
}

static void trailing_slash_is_not_doubled(void **state)
{
	struct gu_sources s = { .list = NULL };
	struct gu_err err = GU_ERR_INIT;
	char path[256];

	(void)state;
	in_root(path, "b/deep/");
	assert_rc_ok(gu_sources_add(&s, path, &err));
	assert_int_equal(s.count, 1);
	in_root(path, "b/deep/x.lua");
	assert_string_equal(s.list[0].path, path);
	gu_sources_free(&s);
}

static void named_file_is_taken_whatever_its_name(void **state)
{
	struct gu_sources s = { .list = NULL };
	struct gu_err err = GU_ERR_INIT;
	char path[256];

	(void)state;
	in_root(path, "_shared.lua");
	assert_rc_ok(gu_sources_add(&s, path, &err));
	assert_int_equal(s.count, 1);
	assert_string_equal(s.list[0].path, path);
	gu_sources_free(&s);
}

static void missing_path_is_named(void **state)
{
	struct gu_sources s = { .list = NULL };
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_int_equal(gu_sources_add(&s, "/tmp/guise-none.lua", &err),
			 GU_RC_USAGE);
	assert_non_null(strstr(err.msg, "/tmp/guise-none.lua: "));
	assert_int_equal(s.count, 0);
	gu_sources_free(&s);
}

static void text_is_skipped_where_a_folder_would_skip_it(void **state)
{
	static const struct {
		const char *path;
		size_t count;
	} rows[] = {
		{ "scenarios/pipe/a.lua", 1 },
		{ "scenarios/pipe/_a.lua", 0 },
		{ "scenarios/divergences.lua", 0 },
		{ "scenarios/a.csv", 0 },
	};
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sources s = { .list = NULL };

		assert_rc_ok(
			gu_sources_add_text(&s, rows[i].path, "x", 1, &err));
		row_check(s.count == rows[i].count, rows[i].path);
		gu_sources_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folder_gives_its_scenario_files_in_order),
		cmocka_unit_test(trailing_slash_is_not_doubled),
		cmocka_unit_test(named_file_is_taken_whatever_its_name),
		cmocka_unit_test(missing_path_is_named),
		cmocka_unit_test(text_is_skipped_where_a_folder_would_skip_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
