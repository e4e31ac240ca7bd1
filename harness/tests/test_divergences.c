/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <string.h>

#include "arena.h"
#include "unit.h"

#include "banned.h"

/* divergences.lua is data: rows for the system at hand, or an error. */

static const char two_rows[] =
	"return {\n"
	"  { systems = { 'wine8', 'wine10' }, scenario = 'a', differs = 'leak',"
	"    reason = 'one' },\n"
	"  { systems = { 'windows' }, scenario = 'b', differs = 'granted',"
	"    reason = 'two' },\n"
	"}\n";

static enum gu_rc read_text(const char *text, const char *system,
			    struct gu_divergences *out, struct gu_err *err)
{
	return gu_engine_lua.divergences("d.lua", text, strlen(text), system,
					 out, err);
}

static void rows_of_the_system_are_taken(void **state)
{
	struct gu_divergences d;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_int_equal(read_text(two_rows, "wine10", &d, &err), 0);
	assert_int_equal(d.count, 1);
	assert_string_equal(d.list[0].scenario, "a");
	assert_string_equal(d.list[0].differs, "leak");
	assert_string_equal(d.list[0].reason, "one");
	gu_arena_release(&d.arena);
}

static void a_system_that_no_row_names_has_none(void **state)
{
	struct gu_divergences d;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_int_equal(read_text(two_rows, "wine1", &d, &err), 0);
	assert_int_equal(d.count, 0);
	gu_arena_release(&d.arena);
}

static const struct {
	const char *name;
	const char *text;
	const char *says;
} refused[] = {
	{ "no Lua", "return {", "d.lua:1" },
	{ "no list", "return 7", "list of rows" },
	{ "nothing", "", "list of rows" },
	{ "a row that is none", "return { 7 }", "must be a table" },
	{ "no systems", "return { { scenario = 'a' } }", "systems" },
	{ "no reason",
	  "return { { systems = { 'x' }, scenario = 'a', differs = 'b' } }",
	  "reason" },
	{ "a library", "return require 'os'", "require" },
	{ "bytecode", "\033Lua", "binary chunk" },
};

static void what_is_no_list_is_refused(void **state)
{
	struct gu_divergences d;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		enum gu_rc rc = read_text(refused[i].text, "x", &d, &err);

		if (rc != GU_RC_USAGE || !strstr(err.msg, refused[i].says)) {
			fail_msg("%s: %d %s", refused[i].name, (int)rc,
				 err.msg);
		}
		gu_arena_release(&d.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_the_system_are_taken),
		cmocka_unit_test(a_system_that_no_row_names_has_none),
		cmocka_unit_test(what_is_no_list_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
