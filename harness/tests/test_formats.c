/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report.h"
#include "sample.h"
#include "write.h"

static const struct gu_report_ops *const reports[] = {
	&gu_report_csv,   &gu_report_jsonl, &gu_report_junit,
	&gu_report_sarif, &gu_report_tap,
};

/* The expected files are read by people and, the test formats_valid sees to
 * it, by the formats' own readers. */
static void the_sample_run_is_written_as_expected(void **state)
{
	struct gu_err err = GU_ERR_INIT;

	sample_fill(*state);
	for (size_t i = 0; i < SAMPLE_COUNT(reports); i++) {
		FILE *out = fopen(sample_files.out, "wb");
		char name[64];
		size_t len;
		char *got;

		assert_non_null(out);
		assert_rc_ok(reports[i]->write(*state, 0, out, &err));
		fclose(out);
		got = sample_read(sample_files.out, &len);
		snprintf(name, sizeof(name), "report.%s",
			 reports[i]->extension);
		sample_golden(name, got, len);
		free(got);
	}
}

static void a_run_that_is_not_there_is_an_error(void **state)
{
	struct gu_err err = GU_ERR_INIT;

	for (size_t i = 0; i < SAMPLE_COUNT(reports); i++) {
		FILE *out = fopen(sample_files.out, "wb");

		assert_non_null(out);
		row_check(reports[i]->write(*state, 5, out, &err) ==
				  GU_RC_USAGE,
			  reports[i]->name);
		row_check(ftell(out) == 0, reports[i]->name);
		fclose(out);
	}
}

static void a_full_disk_is_reported(void **state)
{
	sample_fill(*state);
	for (size_t i = 0; i < SAMPLE_COUNT(reports); i++) {
		struct gu_err err = GU_ERR_INIT;
		FILE *out = fopen("/dev/full", "wb");

		assert_non_null(out);
		row_check(reports[i]->write(*state, 0, out, &err) == GU_RC_IO,
			  reports[i]->name);
		row_check(strstr(err.msg, reports[i]->name) != NULL,
			  reports[i]->name);
		row_check(strstr(err.msg, "No space left") != NULL,
			  reports[i]->name);
		fclose(out);
	}
}

typedef void (*put_fn)(struct gu_out *o, const char *s, size_t n);

/* What `put` makes of a text, which is placed so that it ends at each distance
 * from a word's end; the caller frees. */
static char *written(put_fn put, const char *before, const char *text, size_t n)
{
	static struct gu_out o;
	FILE *out = fopen(sample_files.out, "wb");
	char *copy = malloc(strlen(before) + n);
	size_t len;

	assert_non_null(out);
	assert_non_null(copy);
	memcpy(copy, before, strlen(before));
	memcpy(copy + strlen(before), text, n);
	gu_out_init(&o, out, "test");
	put(&o, copy, strlen(before) + n);
	gu_out_flush(&o);
	fclose(out);
	free(copy);
	return sample_read(sample_files.out, &len);
}

struct escape_row {
	const char *name;
	const char *text;
	size_t len;
	const char *json;
	const char *xml;
};

#define ANY_TEXT(text) (text), sizeof(text) - 1

static const struct escape_row escape_rows[] = {
	{ "plain", ANY_TEXT("plain text"), "plain text", "plain text" },
	{ "nothing", ANY_TEXT(""), "", "" },
	{ "a quote", ANY_TEXT("\""), "\\\"", "&quot;" },
	{ "a backslash", ANY_TEXT("C:\\x\\y"), "C:\\\\x\\\\y", "C:\\x\\y" },
	{ "markup", ANY_TEXT("<a b='&'>"), "<a b='&'>", "&lt;a b='&amp;'&gt;" },
	{ "the end of CDATA", ANY_TEXT("]]>"), "]]>", "]]&gt;" },
	{ "line ends", ANY_TEXT("a\r\nb\tc"), "a\\r\\nb\\tc",
	  "a&#13;&#10;b&#9;c" },
	{ "a NUL", ANY_TEXT("a\0b"), "a\\u0000b",
	  "a\xE2\x90\x80"
	  "b" },
	{ "an escape", ANY_TEXT("\x1B[1m"), "\\u001b[1m", "\xE2\x90\x9B[1m" },
	{ "DEL", ANY_TEXT("\x7F"), "\\u007f", "\xE2\x90\xA1" },
	{ "C1", ANY_TEXT("\xC2\x9B"), "\\u009b", "\xC2\x9B" },
	{ "U+00A0", ANY_TEXT("\xC2\xA0"), "\xC2\xA0", "\xC2\xA0" },
	{ "a line separator", ANY_TEXT("\xE2\x80\xA8"), "\\u2028",
	  "\xE2\x80\xA8" },
	{ "U+FFFF", ANY_TEXT("\xEF\xBF\xBF"), "\\uffff", "\xEF\xBF\xBD" },
	{ "four bytes", ANY_TEXT("\xF0\x9F\x94\x92"), "\xF0\x9F\x94\x92",
	  "\xF0\x9F\x94\x92" },
	{ "a stray byte",
	  ANY_TEXT("a\xFF"
		   "b"),
	  "a\xEF\xBF\xBD"
	  "b",
	  "a\xEF\xBF\xBD"
	  "b" },
	{ "a sequence cut short", ANY_TEXT("\xE2\x82"),
	  "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "an overlong slash", ANY_TEXT("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD",
	  "\xEF\xBF\xBD\xEF\xBF\xBD" },
};

/* Text is looked at in words, so that each row is put at every place of one.
 */
static void text_is_escaped_wherever_it_stands(void **state)
{
	static const char *const before[] = {
		"",       "1",       "12",
		"123",    "1234",    "12345",
		"123456", "1234567", "123456789abcdef"
	};

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT(escape_rows); i++) {
		const struct escape_row *row = &escape_rows[i];

		for (size_t k = 0; k < SAMPLE_COUNT(before); k++) {
			char want[128];
			char *json = written(gu_out_json, before[k], row->text,
					     row->len);
			char *xml = written(gu_out_xml, before[k], row->text,
					    row->len);

			snprintf(want, sizeof(want), "\"%s%s\"", before[k],
				 row->json);
			row_check(strcmp(json, want) == 0, row->name);
			snprintf(want, sizeof(want), "%s%s", before[k],
				 row->xml);
			row_check(strcmp(xml, want) == 0, row->name);
			free(json);
			free(xml);
		}
	}
}

static void long_text_is_cut_between_characters(void **state)
{
	size_t n = 300000;
	char *text = malloc(n);
	char *got;

	(void)state;
	assert_non_null(text);
	for (size_t shift = 0; shift < 3; shift++) {
		memset(text, 'x', n);
		for (size_t i = shift; i + 3 <= n; i += 3) {
			memcpy(text + i, "\xE2\x82\xAC", 3);
		}
		got = written(gu_out_xml, "", text, n);
		assert_int_equal(strlen(got), n);
		assert_memory_equal(got, text, n);
		free(got);
	}
	free(text);
}

static void a_number_of_a_record_stays_one_only_if_it_is(void **state)
{
	static const struct {
		const char *line;
		const char *want;
	} rows[] = {
		{ "12", "{\"line\":12}\n" },
		{ "0", "{\"line\":0}\n" },
		{ "012", "{\"line\":\"012\"}\n" },
		{ "-1", "{\"line\":\"-1\"}\n" },
		{ "1e9", "{\"line\":\"1e9\"}\n" },
		{ "9007199254740993", "{\"line\":\"9007199254740993\"}\n" },
	};
	static struct gu_out o;

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT(rows); i++) {
		FILE *out = fopen(sample_files.out, "wb");
		struct gu_row row;
		size_t len;
		char *got;

		assert_non_null(out);
		memset(row.len, 0, sizeof(row.len));
		row.col[GU_COL_line] = rows[i].line;
		row.len[GU_COL_line] = strlen(rows[i].line);
		gu_out_init(&o, out, "test");
		gu_out_jsonl_row(&o, &row);
		gu_out_flush(&o);
		fclose(out);
		got = sample_read(sample_files.out, &len);
		row_check(strcmp(got, rows[i].want) == 0, rows[i].line);
		free(got);
	}
}

int main(void)
{
#define T(name)                                                   \
	cmocka_unit_test_setup_teardown(name, sample_store_setup, \
					sample_store_teardown)
	const struct CMUnitTest tests[] = {
		T(the_sample_run_is_written_as_expected),
		T(a_run_that_is_not_there_is_an_error),
		T(a_full_disk_is_reported),
		T(text_is_escaped_wherever_it_stands),
		T(long_text_is_cut_between_characters),
		T(a_number_of_a_record_stays_one_only_if_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
