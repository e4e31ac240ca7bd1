/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "command.h"
#include "banned.h"

struct options {
	const char *text;
	struct gu_texts list;
	uint64_t number;
	uint64_t duration;
	size_t size;
	bool flag;
};

static const struct gu_option options[] = {
	{ "flag", 'f', GU_OPTION_FLAG, offsetof(struct options, flag), NULL,
	  "" },
	{ "text", 't', GU_OPTION_TEXT, offsetof(struct options, text), "T",
	  "" },
	{ "list", 0, GU_OPTION_LIST, offsetof(struct options, list), "L", "" },
	{ "number", 0, GU_OPTION_NUMBER, offsetof(struct options, number), "N",
	  "" },
	{ "duration", 0, GU_OPTION_DURATION, offsetof(struct options, duration),
	  "D", "" },
	{ "size", 0, GU_OPTION_SIZE, offsetof(struct options, size), "S", "" },
	{ 0 },
};

static const struct gu_command command = {
	.name = "test",
	.operands = "[PATH]",
	.operand_max = 1,
	.doc = "",
	.options = options,
};

static struct gu_cmdline cl;
static struct options o;
static int exit_code;

static bool parse(const char *const *args)
{
	int n = 0;

	gu_arena_release(&cl.arena);
	while (args[n]) {
		n++;
	}
	cl = (struct gu_cmdline){ .command = &command,
				  .argc = n,
				  .argv = (char **)args };
	o = (struct options){ .number = 99 };
	exit_code = 99;
	return gu_cmdline_parse(&cl, &o, &exit_code);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static int release(void **state)
{
	(void)state;
	gu_arena_release(&cl.arena);
	return 0;
}

static void values_come_attached_or_apart(void **state)
{
	(void)state;
	assert_true(PARSE("--text=a", "-f", "--number", "0x10"));
	assert_string_equal(o.text, "a");
	assert_true(o.flag);
	assert_int_equal(o.number, 16);
	assert_true(PARSE("-t", "b"));
	assert_string_equal(o.text, "b");
	assert_int_equal(o.number, 99);
}

static void list_keeps_order_and_ends_in_null(void **state)
{
	(void)state;
	assert_true(PARSE("--list", "a", "--list=b=c"));
	assert_int_equal(o.list.count, 2);
	assert_string_equal(o.list.list[0], "a");
	assert_string_equal(o.list.list[1], "b=c");
	assert_null(o.list.list[2]);
}

static void operands_may_stand_anywhere(void **state)
{
	(void)state;
	assert_true(PARSE("path", "-f"));
	assert_string_equal(cl.operands.list[0], "path");
	assert_true(o.flag);
	assert_true(PARSE("--", "--flag"));
	assert_string_equal(cl.operands.list[0], "--flag");
	assert_false(o.flag);
	assert_true(PARSE("-"));
	assert_string_equal(cl.operands.list[0], "-");
}

static void durations_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} rows[] = { { "10", 10000 },
		     { "10s", 10000 },
		     { "250ms", 250 },
		     { "2m", 120000 },
		     { "0", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row_check(PARSE("--duration", rows[i].text), rows[i].text);
		row_check(o.duration == rows[i].ms, rows[i].text);
	}
}

static void sizes_have_units(void **state)
{
	static const struct {
		const char *text;
		size_t bytes;
	} rows[] = { { "4096", 4096 },
		     { "2K", 2048 },
		     { "64M", (size_t)64 << 20 },
		     { "1G", (size_t)1 << 30 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row_check(PARSE("--size", rows[i].text), rows[i].text);
		row_check(o.size == rows[i].bytes, rows[i].text);
	}
}

static void what_is_wrong_is_refused_with_exit_code_2(void **state)
{
	static const struct {
		const char *name;
		const char *args[3];
	} rows[] = {
		{ "unknown option", { "--nothing" } },
		{ "prefix of an option", { "--fla" } },
		{ "unknown letter", { "-x" } },
		{ "letters run together", { "-ft" } },
		{ "missing value", { "--text" } },
		{ "value for a flag", { "--flag=1" } },
		{ "no number", { "--number", "ten" } },
		{ "negative number", { "--number", "-1" } },
		{ "no duration", { "--duration", "fast" } },
		{ "unknown unit", { "--duration", "5h" } },
		{ "duration too long",
		  { "--duration", "18446744073709551615" } },
		{ "size too large", { "--size", "99999999999999G" } },
		{ "empty size", { "--size", "" } },
		{ "one operand too many", { "a", "b" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *args[4] = { rows[i].args[0], rows[i].args[1], NULL,
					NULL };

		row_check(!parse(args), rows[i].name);
		row_check(exit_code == GU_EXIT_USAGE, rows[i].name);
	}
}

static void help_is_no_failure(void **state)
{
	(void)state;
	assert_false(PARSE("--help"));
	assert_int_equal(exit_code, GU_EXIT_OK);
}

#define TEST(f) cmocka_unit_test_teardown(f, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_come_attached_or_apart),
		TEST(list_keeps_order_and_ends_in_null),
		TEST(operands_may_stand_anywhere),
		TEST(durations_have_units),
		TEST(sizes_have_units),
		TEST(what_is_wrong_is_refused_with_exit_code_2),
		TEST(help_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
