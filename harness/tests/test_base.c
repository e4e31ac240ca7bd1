/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "arena.h"
#include "buf.h"
#include "text.h"

static void buf_is_a_string_at_every_moment(void **state)
{
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	assert_string_equal(b.data, "");
	gu_buf_addf(&b, "%d", 42);
	gu_buf_adds(&b, " is enough");
	assert_string_equal(b.data, "42 is enough");
	assert_int_equal(b.len, strlen("42 is enough"));
	gu_buf_reset(&b);
	assert_string_equal(b.data, "");
	gu_buf_release(&b);
}

static void buf_remembers_a_lost_append(void **state)
{
	struct gu_buf b = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	gu_alloc_fail_nth(1);
	gu_buf_adds(&b, "lost");
	gu_alloc_fail_nth(0);
	gu_buf_adds(&b, "late");
	assert_int_equal(b.len, 0);
	assert_int_equal(gu_buf_check(&b, &err), GU_RC_NOMEM);
	assert_string_equal(err.msg, "out of memory");
	gu_buf_release(&b);
}

static void arena_keeps_what_it_gave_until_reset(void **state)
{
	struct gu_arena a = GU_ARENA_INIT;
	char *first = gu_arena_strdup(&a, "first");
	char *big;

	(void)state;
	big = gu_arena_alloc(&a, 100000);
	assert_non_null(big);
	memset(big, 'x', 100000);
	assert_string_equal(first, "first");
	assert_string_equal(gu_arena_printf(&a, "%s-%d", "n", 7), "n-7");
	gu_arena_reset(&a);
	assert_non_null(gu_arena_alloc(&a, 10));
	gu_arena_release(&a);
}

static void numbers_parse_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint32_t value;
	} rows[] = {
		{ "0", true, 0 },
		{ "4294967295", true, 0xFFFFFFFF },
		{ "0xFFFFFFFF", true, 0xFFFFFFFF },
		{ "4294967296", false, 0 },
		{ "0x", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ " 1", false, 0 },
		{ "1x", false, 0 },
		{ "12a", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t v = 0xDEADBEEF;
		bool ok = gu_parse_u32(rows[i].text, strlen(rows[i].text), &v);

		row_check(ok == rows[i].ok, rows[i].text);
		row_check(v == (ok ? rows[i].value : 0xDEADBEEF), rows[i].text);
	}
}

static void hex_decodes_and_names_the_bad_digit(void **state)
{
	struct gu_buf b = GU_BUF_INIT;
	size_t bad = 99;

	(void)state;
	assert_true(gu_hex_decode(&b, "00fF", 4, &bad));
	assert_memory_equal(b.data, "\x00\xff", 2);
	assert_false(gu_hex_decode(&b, "0g", 2, &bad));
	assert_int_equal(bad, 1);
	assert_false(gu_hex_decode(&b, "012", 3, &bad));
	assert_int_equal(bad, 3);
	gu_buf_release(&b);
}

static void suggestions_are_near_or_absent(void **state)
{
	static const char *const names[] = { "FILE_READ_DATA",
					     "FILE_WRITE_DATA", NULL };

	(void)state;
	assert_string_equal(gu_suggest("FILE_READ_DAT", names),
			    "FILE_READ_DATA");
	assert_string_equal(gu_suggest("file_write_dta", names),
			    "FILE_WRITE_DATA");
	assert_null(gu_suggest("KEY_READ", names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_is_a_string_at_every_moment),
		cmocka_unit_test(buf_remembers_a_lost_append),
		cmocka_unit_test(arena_keeps_what_it_gave_until_reset),
		cmocka_unit_test(numbers_parse_whole_or_not_at_all),
		cmocka_unit_test(hex_decodes_and_names_the_bad_digit),
		cmocka_unit_test(suggestions_are_near_or_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
