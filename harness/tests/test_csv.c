/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report.h"
#include "sample.h"

/* The report as a string; the caller frees. */
static char *csv_of(struct gu_store *s, size_t *len)
{
	struct gu_err err = GU_ERR_INIT;
	FILE *out = fopen(sample_files.out, "wb");

	assert_non_null(out);
	assert_rc_ok(gu_report_csv.write(s, 0, out, &err));
	fclose(out);
	return sample_read(sample_files.out, len);
}

/* A run of one row whose reason is `text`. */
static void fill_with_reason(struct gu_store *s, const char *text)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_record row = sample_second[1];
	int64_t id;

	row.reason = text;
	assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, &err));
	assert_rc_ok(gu_store_add_scenario(
		s, &sample_scenarios[2],
		&(struct gu_scenario_result){ .tags = "",
					      .worst = GU_VERDICT_ERROR,
					      .rows = &row,
					      .count = 1 },
		&err));
}

static void cells_hold_any_text(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *cell;
	} rows[] = {
		{ "plain", "plain", "plain" },
		{ "empty", "", "" },
		{ "comma", "a,b", "\"a,b\"" },
		{ "quotes", "a \"b\"", "\"a \"\"b\"\"\"" },
		{ "a lone quote", "\"", "\"\"\"\"" },
		{ "newlines", "a\r\nb\nc", "\"a\r\nb\nc\"" },
		{ "semicolon", "a;b", "\"a;b\"" },
		{ "tab inside", "a\tb", "\"a\tb\"" },
		{ "blank before", " a", "\" a\"" },
		{ "blank after", "a ", "\"a \"" },
		{ "formula =", "=1+1", "'=1+1" },
		{ "formula +", "+1", "'+1" },
		{ "formula -", "-1", "'-1" },
		{ "formula @", "@SUM(A1)", "'@SUM(A1)" },
		{ "formula after a tab", "\t=1", "\"'\t=1\"" },
		{ "formula after a return", "\r=1", "\"'\r=1\"" },
		{ "formula after a newline", "\n=1", "\"'\n=1\"" },
		{ "formula with a quote", "=cmd|'/c \"x\"'!A1",
		  "\"'=cmd|'/c \"\"x\"\"'!A1\"" },
		{ "full-width formula",
		  "\xEF\xBC\x9D"
		  "1",
		  "'\xEF\xBC\x9D"
		  "1" },
		{ "an equals sign later", "a=1", "a=1" },
		{ "UTF-8", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\x92",
		  "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\x92" },
		{ "a stray byte",
		  "a\xFF"
		  "b",
		  "a\xEF\xBF\xBD"
		  "b" },
		{ "a sequence cut short", "a\xE2\x82",
		  "a\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "an overlong slash", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "a surrogate", "\xED\xA0\x80",
		  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "above U+10FFFF", "\xF4\x90\x80\x80",
		  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
	};

	for (size_t i = 0; i < SAMPLE_COUNT(rows); i++) {
		char want[256];
		size_t len, n;
		char *got;

		fill_with_reason(*state, rows[i].text);
		got = csv_of(*state, &len);
		n = (size_t)snprintf(want, sizeof(want), ",error,,,%s,\r\n",
				     rows[i].cell);
		row_check(len > n && memcmp(got + len - n, want, n) == 0,
			  rows[i].name);
		free(got);
	}
}

/* Cells are looked at in words: each character is put at every place of one.
 */
static void a_separator_is_seen_wherever_it_stands(void **state)
{
	static const char separators[] = ",\"\r\n;\t";

	for (size_t i = 1; i < 20; i++) {
		for (size_t k = 0; separators[k]; k++) {
			char text[] = "xxxxxxxxxxxxxxxxxxxx";
			size_t len;
			char *got;

			text[i] = separators[k];
			fill_with_reason(*state, text);
			got = csv_of(*state, &len);
			/* Behind the last quote stand a comma and CR LF. */
			row_check(got[len - 4] == '"', text);
			free(got);
		}
	}
}

static void a_run_is_chosen_by_number(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	FILE *out = fopen(sample_files.out, "wb");
	size_t len;
	char *got;

	fill_with_reason(*state, "the first");
	fill_with_reason(*state, "the second");
	assert_rc_ok(gu_report_csv.write(*state, 1, out, &err));
	fclose(out);
	got = sample_read(sample_files.out, &len);
	assert_non_null(strstr(got, "the first"));
	assert_null(strstr(got, "the second"));
	free(got);
}

int main(void)
{
#define T(name)                                                   \
	cmocka_unit_test_setup_teardown(name, sample_store_setup, \
					sample_store_teardown)
	const struct CMUnitTest tests[] = {
		T(cells_hold_any_text),
		T(a_separator_is_seen_wherever_it_stands),
		T(a_run_is_chosen_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
