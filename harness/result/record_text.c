/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "explanation.h"
#include "text.h"
#include "banned.h"

/* Rows as text: columns for the store, sentences for diagnostics. */

/* clang-format off */
const char *const gu_column_names[GU_COL_COUNT] = {
#define X(name) #name,
	GU_COLUMNS(X)
#undef X
};
/* clang-format on */

static void add_or_empty(struct gu_buf *out, const char *s)
{
	if (s) {
		gu_buf_adds(out, s);
	}
}

static void add_number(struct gu_buf *out, uint64_t v)
{
	char digits[GU_DIGITS];
	char *end = digits + GU_DIGITS;
	char *at = gu_digits(end, v);

	gu_buf_add(out, at, (size_t)(end - at));
}

static void put_digits(char *at, int width, unsigned v)
{
	for (; width; width--, v /= 10) {
		at[width - 1] = (char)('0' + v % 10);
	}
}

struct date {
	int64_t year;
	unsigned month;
	unsigned day;
};

/* Days since 1970-01-01 to a Gregorian date. Years are counted from March,
 * so that the leap day is the last of its year. */
static struct date date_of_days(int64_t days)
{
	const int64_t per_era = 146097; /* days in 400 years */
	int64_t since = days + 719468;  /* from 0000-03-01 */
	int64_t era = (since >= 0 ? since : since - (per_era - 1)) / per_era;
	int64_t in_era = since - era * per_era;
	int64_t year = (in_era - in_era / 1460 + in_era / 36524 -
			in_era / (per_era - 1)) /
		       365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t from_march = (5 * in_year + 2) / 153;
	unsigned month =
		(unsigned)(from_march < 10 ? from_march + 3 : from_march - 9);

	return (struct date){
		.year = year + era * 400 + (month <= 2),
		.month = month,
		.day = (unsigned)(in_year - (153 * from_march + 2) / 5 + 1),
	};
}

void gu_utc_format(int64_t time_us, struct gu_buf *out)
{
	const int64_t per_day = INT64_C(86400000000);
	int64_t days = time_us / per_day - (time_us % per_day < 0);
	int64_t us = time_us - days * per_day;
	struct date d = date_of_days(days);
	char text[] = "0000-00-00T00:00:00.000000Z";

	put_digits(text, 4, (unsigned)d.year);
	put_digits(text + 5, 2, d.month);
	put_digits(text + 8, 2, d.day);
	put_digits(text + 11, 2, (unsigned)(us / 3600000000));
	put_digits(text + 14, 2, (unsigned)(us / 60000000 % 60));
	put_digits(text + 17, 2, (unsigned)(us / 1000000 % 60));
	put_digits(text + 20, 6, (unsigned)(us % 1000000));
	gu_buf_add(out, text, sizeof(text) - 1);
}

/* Win32 codes are read as decimal numbers, the others as hex. */
static void add_code(struct gu_buf *out, const struct gu_status *status)
{
	if (gu_conv_code_kind(status->conv) == GU_CODE_WIN32) {
		add_number(out, status->code);
	} else {
		gu_buf_addf(out, "0x%08X", (unsigned)status->code);
	}
}

static bool has_reason(const struct gu_record *row)
{
	return row->reason || (row->decision.made &&
			       row->decision.reason.code != GU_REASON_NONE);
}

static void add_reason(struct gu_buf *out, const struct gu_record *row)
{
	if (row->reason) {
		gu_buf_adds(out, row->reason);
	} else if (has_reason(row)) {
		gu_reason_format(&row->decision.reason, out);
	}
}

static void add_object_type(struct gu_buf *out, const struct gu_record *row)
{
	if (row->decision.type != GU_OBJ_NONE) {
		gu_buf_adds(out, gu_objtype_row(row->decision.type)->name);
	}
}

static void
add_rights(struct gu_buf *out, const struct gu_record *row, uint32_t mask)
{
	if (row->decision.made) {
		gu_rights_format(mask, row->decision.type, out);
	}
}

static void add_fn(struct gu_buf *out, enum gu_fn fn)
{
	if (fn != GU_FN_NONE) {
		gu_buf_adds(out, gu_fn_row(fn)->name);
	}
}

static void add_object(struct gu_buf *out, const struct gu_record *row)
{
	add_or_empty(out,
		     row->decision.made ? row->decision.object : row->object);
}

static void format_status(const struct gu_record *row, enum gu_column col,
			  struct gu_buf *out)
{
	if (!row->has_status) {
		return;
	}
	if (col == GU_COL_duration_ns) {
		add_number(out, row->duration_ns);
	} else if (col == GU_COL_status_code) {
		add_code(out, &row->status);
	} else {
		add_or_empty(out, gu_status_name(row->status.conv,
						 row->status.code));
	}
}

static void
format_who(const struct gu_record *row, enum gu_column col, struct gu_buf *out)
{
	if (!row->has_who) {
		return;
	}
	if (col == GU_COL_identity) {
		add_or_empty(out, row->who.name);
	} else if (col == GU_COL_identity_sid) {
		add_or_empty(out, row->who.sid);
	} else if (row->who.impersonating) {
		gu_buf_adds(out, gu_level_name(row->who.level));
	}
}

void gu_record_format(const struct gu_record *row, enum gu_column col,
		      struct gu_buf *out)
{
	switch (col) {
	case GU_COL_run:
	case GU_COL_seq:
	case GU_COL_scenario:
	case GU_COL_file:
	case GU_COL_COUNT:
		return;
	case GU_COL_time_utc:
		gu_utc_format(row->time_us, out);
		return;
	case GU_COL_line:
	case GU_COL_step:
		add_number(out, col == GU_COL_line ? (unsigned)row->line
						   : row->step);
		return;
	case GU_COL_kind:
		gu_buf_adds(out, gu_record_kind_name(row->kind));
		return;
	case GU_COL_process:
	case GU_COL_thread:
		add_or_empty(out, col == GU_COL_process ? row->process
							: row->thread);
		return;
	case GU_COL_identity:
	case GU_COL_identity_sid:
	case GU_COL_level:
		format_who(row, col, out);
		return;
	case GU_COL_via:
	case GU_COL_operation:
		add_fn(out, col == GU_COL_via ? row->via : row->fn);
		return;
	case GU_COL_object_type:
		add_object_type(out, row);
		return;
	case GU_COL_object:
		add_object(out, row);
		return;
	case GU_COL_asked:
	case GU_COL_granted:
		add_rights(out, row,
			   col == GU_COL_asked ? row->decision.asked
					       : row->decision.granted);
		return;
	case GU_COL_status_code:
	case GU_COL_status_name:
	case GU_COL_duration_ns:
		format_status(row, col, out);
		return;
	case GU_COL_expected:
		add_or_empty(out, row->expected);
		return;
	case GU_COL_verdict:
		gu_buf_adds(out, gu_verdict_name(row->verdict));
		return;
	case GU_COL_rule:
	case GU_COL_cwe:
		add_or_empty(out, col == GU_COL_rule ? row->rule : row->cwe);
		return;
	case GU_COL_reason:
		add_reason(out, row);
		return;
	}
}

void gu_record_status(const struct gu_status *status, struct gu_buf *out)
{
	const char *name = gu_status_name(status->conv, status->code);

	if (!name) {
		add_code(out, status);
		return;
	}
	gu_buf_addf(out, "%s (", name);
	add_code(out, status);
	gu_buf_addc(out, ')');
}

static void observed_identity(const struct gu_record *row, struct gu_buf *out)
{
	add_or_empty(out, row->who.name);
	if (row->who.impersonating) {
		gu_buf_addf(out, " at %s", gu_level_name(row->who.level));
	} else {
		gu_buf_adds(out, ", not impersonating");
	}
}

static void observed_call(const struct gu_record *row, struct gu_buf *out)
{
	if (!row->status.ok) {
		gu_buf_adds(out, "failed with ");
		gu_record_status(&row->status, out);
		return;
	}
	gu_buf_adds(out, "succeeded");
	if (row->status.code) {
		gu_buf_adds(out, " with ");
		gu_record_status(&row->status, out);
	}
}

/* An attempt that never came to a check (no such file) failed; it was not
 * denied. */
static void observed_attempt(const struct gu_record *row, struct gu_buf *out)
{
	if (row->status.ok) {
		gu_buf_adds(out, "granted ");
		add_rights(out, row, row->decision.granted);
	} else if (row->decision.made) {
		gu_buf_adds(out, "denied with ");
		gu_record_status(&row->status, out);
	} else {
		observed_call(row, out);
	}
}

void gu_record_observed(const struct gu_record *row, struct gu_buf *out)
{
	switch (row->kind) {
	case GU_RECORD_CALL:
		observed_call(row, out);
		return;
	case GU_RECORD_ATTEMPT:
		observed_attempt(row, out);
		return;
	case GU_RECORD_IDENTITY:
		observed_identity(row, out);
		return;
	case GU_RECORD_EXPECT:
		return;
	case GU_RECORD_FINDING:
		gu_buf_addf(out, "%s (%s)", row->rule, row->cwe);
		return;
	}
}

static void diagnostic_judged(const struct gu_record *row, struct gu_buf *out)
{
	bool observed = row->kind != GU_RECORD_EXPECT;

	if (row->expected) {
		gu_buf_addf(out, "expected %s%s", row->expected,
			    observed || has_reason(row) ? ", " : "");
	}
	if (observed) {
		gu_buf_adds(out, "observed ");
		gu_record_observed(row, out);
	}
	if (!has_reason(row)) {
		return;
	}
	if (observed) {
		gu_buf_adds(out, ", because ");
	} else if (row->expected) {
		gu_buf_adds(out, "but ");
	}
	add_reason(out, row);
}

/* C0, DEL, and C1 as UTF-8 has it: C2 80 to C2 9F. */
void gu_record_one_line(struct gu_buf *out, size_t from)
{
	unsigned char before = 0;

	for (size_t i = from; i < out->len; i++) {
		unsigned char c = (unsigned char)out->data[i];

		if (c == '\n' || c == '\t') {
			out->data[i] = ' ';
		} else if (c < 0x20 || c == 0x7F ||
			   (before == 0xC2 && c < 0xA0)) {
			out->data[i] = '?';
		}
		if (before == 0xC2 && c >= 0x80 && c < 0xA0) {
			out->data[i - 1] = '?';
		}
		before = c;
	}
}

void gu_record_diagnostic(const struct gu_record *row, const char *file,
			  struct gu_buf *out)
{
	size_t from = out->len;
	int line = row->judged_line ? row->judged_line : row->line;

	gu_buf_adds(out, file);
	if (line > 0) {
		gu_buf_addf(out, ":%d", line);
	}
	gu_buf_addf(out, ": %s: ", gu_verdict_name(row->verdict));
	if (row->kind == GU_RECORD_FINDING) {
		gu_record_observed(row, out);
		gu_buf_addf(out, ": %s", row->reason ? row->reason : "");
	} else {
		diagnostic_judged(row, out);
	}
	gu_record_one_line(out, from);
}

/* Whose check it was: SIDs of accounts mean nothing to a reader. */
static void add_subject(const struct gu_record *row, struct gu_buf *out)
{
	size_t from = out->len;
	char sid[GU_SID_TEXT_MAX];

	gu_sid_text(&row->basis->token->user, sid);
	gu_buf_adds(out, "  the access check for ");
	if (row->has_who && row->who.sid && strcmp(row->who.sid, sid) == 0) {
		gu_buf_addf(out, "%s (%s):", row->who.name, sid);
	} else {
		gu_buf_addf(out, "%s:", sid);
	}
	gu_record_one_line(out, from);
	gu_buf_addc(out, '\n');
}

enum gu_rc gu_record_explain(const struct gu_record *row, struct gu_buf *out,
			     struct gu_err *err)
{
	struct gu_explanation x;
	enum gu_rc rc;

	if (row->verdict != GU_VERDICT_FAIL || !row->basis) {
		return GU_RC_OK;
	}
	rc = gu_explanation_make(&x, row->basis, row->decision.type, err);
	if (rc) {
		return rc;
	}
	if (x.step_count) {
		add_subject(row, out);
		gu_explanation_format(&x, out);
	}
	gu_explanation_release(&x);
	return gu_buf_check(out, err);
}
