/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "plain.h"
#include "banned.h"

/* Spreadsheets run a cell that begins so, the full-width forms too in some
 * locales (OWASP, CSV injection). Such a cell gets an apostrophe in front,
 * which spreadsheets show as text. */
static bool is_formula(const char *s, size_t n)
{
	static const char *const wide[] = { "\xEF\xBC\x8B", "\xEF\xBC\x8D",
					    "\xEF\xBC\x9D", "\xEF\xBC\xA0" };

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
	return s[0] == ' ' || s[n - 1] == ' ';
}

static char *escape_csv(char *at, const char *s, size_t n, size_t *used)
{
	unsigned char c = (unsigned char)*s;

	*used = 1;
	if (c >= 0x80) {
		return gu_put_wide(at, s, n, used);
	}
	if (c == '"') {
		return GU_PUT(at, "\"\"");
	}
	if (c == '\t' || c == '\r' || c == '\n') {
		*at++ = (char)c;
		return at;
	}
	return gu_put_picture(at, c);
}

static void put_odd(struct gu_out *o, const char *s, size_t n)
{
	bool quotes = needs_quotes(s, n);

	if (quotes) {
		gu_out_char(o, '"');
	}
	if (is_formula(s, n)) {
		gu_out_char(o, '\'');
	}
	gu_put_text(o, s, n, (struct gu_care){ { '"', '"', '"', '"' } },
		    escape_csv);
	if (quotes) {
		gu_out_char(o, '"');
	}
}

/* Letters and digits begin no formula and ask for no quotes. */
static inline bool begins_plainly(char c)
{
	return (unsigned)(c - '0') < 10 || (unsigned)((c | 0x20) - 'a') < 26;
}

/* The end of a cell that is written as it is, which most are, or NULL. */
static inline char *put_plain(char *at, const char *s, size_t n)
{
	const struct gu_care care = { { '"', ',', ';', ',' } };

	return begins_plainly(s[0]) && s[n - 1] != ' ' &&
			       gu_copy_plain(at, s, n, care) == n
		       ? at + n
		       : NULL;
}

static void put_cell(struct gu_out *o, const char *s, size_t n)
{
	char *end = NULL;

	if (!n) {
		return;
	}
	if (n <= GU_PIECE) {
		gu_out_room(o, n);
		end = put_plain(o->at, s, n);
	}
	if (end) {
		o->at = end;
	} else {
		put_odd(o, s, n);
	}
}

void gu_write_csv_cell(FILE *out, const char *s, size_t n)
{
	struct gu_out o;

	gu_out_init(&o, out, "csv");
	put_cell(&o, s, n);
	gu_out_flush(&o);
}

/* Room is asked for once a row, and again after a cell that is not plain. */
static void put_short_row(struct gu_out *o, const struct gu_row *row)
{
	char *at;

	gu_out_room(o, GU_PIECE);
	at = o->at;
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		const char *s = row->col[i];
		size_t n = row->len[i];
		char *end = n ? put_plain(at, s, n) : at;

		if (!end) {
			o->at = at;
			put_odd(o, s, n);
			gu_out_room(o, GU_PIECE);
			end = o->at;
		}
		at = end;
		*at++ = ',';
	}
	at[-1] = '\r';
	*at++ = '\n';
	o->at = at;
}

void gu_out_csv_row(struct gu_out *o, const struct gu_row *row)
{
	size_t total = GU_COL_COUNT;

	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		total += row->len[i];
	}
	if (total <= GU_PIECE) {
		put_short_row(o, row);
		return;
	}
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		put_cell(o, row->col[i], row->len[i]);
		gu_out_char(o, ',');
	}
	o->at[-1] = '\r';
	gu_out_char(o, '\n');
}

static enum gu_rc
write_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct gu_out *o = arg;

	gu_out_csv_row(o, row);
	return gu_out_check(o, err);
}

static enum gu_rc
csv_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	struct gu_out o;
	struct gu_run_info run;
	enum gu_rc rc = gu_store_load_run(s, id, &run, err);

	if (rc) {
		return rc;
	}
	gu_out_init(&o, out, "csv");
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		gu_out_str(&o, i ? "," : "");
		gu_out_str(&o, gu_column_names[i]);
	}
	gu_out_str(&o, "\r\n");
	rc = gu_store_rows(s, run.id, write_row, &o, err);
	return rc ? rc : gu_out_finish(&o, err);
}

const struct gu_report_ops gu_report_csv = {
	.name = "csv",
	.extension = "csv",
	.doc = "one line per record, for spreadsheets and scripts (RFC 4180)",
	.write = csv_write,
};
