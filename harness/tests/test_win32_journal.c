/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <string.h>

#include "unit.h"

#include "banned.h"

static void what_is_written_is_read_in_order(void **state)
{
	struct gu_buf text = GU_BUF_INIT;
	enum w_journal_kind kind;
	const char *name;
	size_t at = 0, len;

	(void)state;
	assert_true(w_journal_line(&text, W_JOURNAL_FOLDER, "C:\\T\\guise-1"));
	assert_true(w_journal_line(&text, W_JOURNAL_KEY,
				   "HKLM\\Software\\guise-1"));
	assert_true(
		w_journal_next(text.data, text.len, &at, &kind, &name, &len));
	assert_int_equal(kind, W_JOURNAL_FOLDER);
	assert_int_equal(len, strlen("C:\\T\\guise-1"));
	assert_memory_equal(name, "C:\\T\\guise-1", len);
	assert_true(
		w_journal_next(text.data, text.len, &at, &kind, &name, &len));
	assert_int_equal(kind, W_JOURNAL_KEY);
	assert_false(
		w_journal_next(text.data, text.len, &at, &kind, &name, &len));
	gu_buf_release(&text);
}

static void a_name_with_a_line_end_is_not_written(void **state)
{
	struct gu_buf text = GU_BUF_INIT;

	(void)state;
	assert_false(w_journal_line(&text, W_JOURNAL_FOLDER, "guise-\nx"));
	assert_false(w_journal_line(&text, W_JOURNAL_FOLDER, ""));
	gu_buf_release(&text);
}

static void what_guise_would_not_have_made_is_left_out(void **state)
{
	static const struct {
		const char *name;
		const char *line;
	} rows[] = {
		{ "another folder", "folder\tC:\\Windows\n" },
		{ "the parent", "folder\tC:\\guise-1\\\n" },
		{ "a folder below", "folder\tC:\\guise-1\\x\n" },
		{ "no name", "folder\t\n" },
		{ "the mark alone", "folder\tC:\\guise-\n" },
		{ "another kind", "disk\tguise-1\n" },
		{ "no tab", "folder guise-1\n" },
		{ "cut off", "folder\tC:\\guise-1" },
		{ "empty", "\n" },
	};
	enum w_journal_kind kind;
	const char *name;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t at = 0;

		if (w_journal_next(rows[i].line, strlen(rows[i].line), &at,
				   &kind, &name, &len)) {
			fail_msg("%s is taken", rows[i].name);
		}
	}
}

static void a_bad_line_does_not_hide_the_next(void **state)
{
	static const char text[] = "\x01\tx\nservice\tguise-2-Audit\nkey\tHK";
	enum w_journal_kind kind;
	const char *name;
	size_t at = 0, len;

	(void)state;
	assert_true(w_journal_next(text, sizeof(text) - 1, &at, &kind, &name,
				   &len));
	assert_int_equal(kind, W_JOURNAL_SERVICE);
	assert_false(w_journal_next(text, sizeof(text) - 1, &at, &kind, &name,
				    &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_in_order),
		cmocka_unit_test(a_name_with_a_line_end_is_not_written),
		cmocka_unit_test(what_guise_would_not_have_made_is_left_out),
		cmocka_unit_test(a_bad_line_does_not_hide_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
