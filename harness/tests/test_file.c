/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>

#include "alloc.h"
#include "file.h"
#include "scratch.h"
#include "banned.h"

#ifdef _WIN32
#define ON_WINDOWS true
#else
#define ON_WINDOWS false
#endif

static char dir[64];

static int enter(void **state)
{
	(void)state;
	return scratch_make(dir, sizeof(dir));
}

static int leave(void **state)
{
	(void)state;
	return scratch_remove(dir);
}

static void the_base_follows_the_last_separator(void **state)
{
	static const struct {
		const char *path;
		const char *posix;
		const char *windows;
	} rows[] = {
		{ "a.lua", "a.lua", "a.lua" },
		{ "x/y/a.lua", "a.lua", "a.lua" },
		{ "x/", "", "" },
		{ "x\\a.lua", "x\\a.lua", "a.lua" },
		{ "x/y\\a.lua", "y\\a.lua", "a.lua" },
		{ "x\\y/a.lua", "a.lua", "a.lua" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(gu_path_base(rows[i].path),
				    ON_WINDOWS ? rows[i].windows
					       : rows[i].posix);
	}
}

static void a_short_path_stays_as_it_is(void **state)
{
	char *path = gu_path_long("a/b.lua");

	(void)state;
	assert_string_equal(path, "a/b.lua");
	gu_free(path);
}

/* MAX_PATH is 260; the prefix \\?\ lifts it, and takes absolute paths with
 * backslashes only ("Maximum Path Length Limitation", Windows' manual). */
static void a_long_path_is_prefixed_on_windows_only(void **state)
{
	char given[401];
	char *path;

	(void)state;
	for (size_t i = 0; i < sizeof(given); i++) {
		given[i] = i % 50 ? 'x' : '/';
	}
	given[400] = '\0';
	path = gu_path_long(given);
	assert_non_null(path);
	if (ON_WINDOWS) {
		assert_memory_equal(path, "\\\\?\\", 4);
		assert_int_equal(path[5], ':');
		assert_null(strchr(path, '/'));
		assert_int_equal(strlen(path), 4 + 2 + 400);
	} else {
		assert_string_equal(path, given);
	}
	gu_free(path);
}

static void names_are_utf8(void **state)
{
	static const char *const names[] = { "\xC5\x81\xC3\xB3\xC5\xBA",
					     "\xE6\x97\xA5\xE6\x9C\xAC",
					     "\xF0\x9F\x8E\xAD" };
	char path[128];
	uv_fs_t req;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		f = gu_file_open(path, "wb");
		row_check(f != NULL, names[i]);
		assert_int_equal(fclose(f), 0);
		row_check(uv_fs_access(NULL, &req, path, 0, NULL) == 0,
			  names[i]);
		uv_fs_req_cleanup(&req);
		assert_int_equal(scratch_remove(path), 0);
	}
}

static void a_missing_file_is_enoent(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/none", dir);
	errno = 0;
	assert_null(gu_file_open(path, "rb"));
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_base_follows_the_last_separator),
		cmocka_unit_test(a_short_path_stays_as_it_is),
		cmocka_unit_test(a_long_path_is_prefixed_on_windows_only),
		cmocka_unit_test(names_are_utf8),
		cmocka_unit_test(a_missing_file_is_enoent),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
