/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "write.h"
#include "banned.h"

/* Spreadsheets run a cell that begins so, the full-width forms too in some
 * locales (OWASP, CSV injection). Such a cell gets an apostrophe in front,
 * which spreadsheets show as text. */
static bool is_formula(const char *s, size_t n)
{
	static const char *const wide[] = { "\xEF\xBC\x8B", "\xEF\xBC\x8D",
					    "\xEF\xBC\x9D", "\xEF\xBC\xA0" };

	if (n == 0) {
		return false;
	}
	if (memchr("=+-@\t\r\n", s[0], 7)) {
		return true;
	}
	for (size_t i = 0; n >= 3 && i < sizeof(wide) / sizeof(*wide); i++) {
		if (memcmp(s, wide[i], 3) == 0) {
			return true;
		}
	}
	return false;
}

/* RFC 4180, and the separators that spreadsheets take in other locales. */
static bool needs_quotes(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (memchr("\",\r\n;\t", s[i], 6)) {
			return true;
		}
	}
	return n > 0 && (s[0] == ' ' || s[n - 1] == ' ');
}

/* How many bytes from `s` on can be written as they are. */
static size_t plain_run(const char *s, size_t n)
{
	size_t at = 0;

	while (at < n && s[at] != '"' && s[at] != '\0') {
		size_t len = gu_utf8_sequence(s + at, n - at);

		if (len == 0) {
			break;
		}
		at += len;
	}
	return at;
}

static void write_text(FILE *out, const char *s, size_t n)
{
	for (;;) {
		size_t run = plain_run(s, n);

		fwrite(s, 1, run, out);
		if (run == n) {
			return;
		}
		fputs(s[run] == '"' ? "\"\"" : GU_UTF8_REPLACEMENT, out);
		s += run + 1;
		n -= run + 1;
	}
}

void gu_write_csv_cell(FILE *out, const char *s, size_t n)
{
	bool quotes = needs_quotes(s, n);

	if (quotes) {
		fputc('"', out);
	}
	if (is_formula(s, n)) {
		fputc('\'', out);
	}
	write_text(out, s, n);
	if (quotes) {
		fputc('"', out);
	}
}

static enum gu_rc
write_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	FILE *out = arg;

	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		if (i) {
			fputc(',', out);
		}
		gu_write_csv_cell(out, row->col[i], row->len[i]);
	}
	fputs("\r\n", out);
	return gu_write_failed(out) ? gu_write_finish(out, "csv", err)
				    : GU_RC_OK;
}

static enum gu_rc
csv_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	struct gu_run_info run;
	enum gu_rc rc = gu_store_load_run(s, id, &run, err);

	if (rc) {
		return rc;
	}
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		fprintf(out, "%s%s", i ? "," : "", gu_column_names[i]);
	}
	fputs("\r\n", out);
	rc = gu_store_rows(s, run.id, write_row, out, err);
	return rc ? rc : gu_write_finish(out, "csv", err);
}

const struct gu_report_ops gu_report_csv = {
	.name = "csv",
	.extension = "csv",
	.doc = "one line per record, for spreadsheets and scripts (RFC 4180)",
	.write = csv_write,
};
