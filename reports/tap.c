/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "plain.h"
#include "walk.h"
#include "banned.h"

/* TAP 14: a test point for each scenario; what went wrong in it follows as
 * YAML, its strings in the double-quoted style that JSON is part of. */
struct tap {
	struct gu_out o;
	uint64_t number; /* of the test point */
	bool rows;       /* the point has a list of them */
	bool skip;       /* its directive waits for a reason */
	struct gu_buf text;
};

static char *escape_line(char *at, const char *s, size_t n, size_t *used)
{
	unsigned char c = (unsigned char)*s;
	size_t len = gu_utf8_sequence(s, n);

	*used = 1;
	if (c == '#' || c == '\\') {
		*at++ = '\\';
		*at++ = (char)c;
		return at;
	}
	if (c < 0x80) {
		return gu_put_picture(at, c);
	}
	if (!len || !gu_troublesome(s, len)) {
		return gu_put_wide(at, s, n, used);
	}
	*used = len;
	return GU_PUT(at, GU_UTF8_REPLACEMENT);
}

/* A description or a reason: on one line, whatever a reader takes for its
 * end, its # and \ escaped so that none starts a directive. */
static void put_line(struct gu_out *o, const char *s)
{
	gu_put_text(o, s, strlen(s),
		    (struct gu_care){ { '#', '\\', '#', '\\' } }, escape_line);
}

static void put_comment(struct gu_out *o, const char *name, const char *text)
{
	gu_out_str(o, "# ");
	gu_out_str(o, name);
	gu_out_str(o, ": ");
	put_line(o, text);
	gu_out_char(o, '\n');
}

static enum gu_rc
put_file(void *arg, const char *path, const char *sha256, struct gu_err *err)
{
	struct gu_out *o = arg;

	(void)err;
	gu_out_str(o, "# sha256: ");
	put_line(o, sha256);
	gu_out_char(o, ' ');
	put_line(o, path);
	gu_out_char(o, '\n');
	return GU_RC_OK;
}

static bool is(const char *verdict, const char *name)
{
	return strcmp(verdict, name) == 0;
}

/* The place tells scenarios of one name apart, and keeps a name that ends in
 * a brace from opening what some parsers take for a block. The line of a skip
 * stays open for the reason. */
static enum gu_rc
tap_begin(void *arg, const struct gu_stored_scenario *sc, struct gu_err *err)
{
	struct tap *t = arg;
	bool ok = is(sc->verdict, "pass") || is(sc->verdict, "skip");

	(void)err;
	gu_out_str(&t->o, ok ? "ok " : "not ok ");
	gu_out_number(&t->o, ++t->number);
	gu_out_str(&t->o, " - ");
	put_line(&t->o, sc->name);
	gu_out_str(&t->o, " (");
	put_line(&t->o, sc->file);
	gu_out_char(&t->o, ':');
	gu_out_number(&t->o, (uint64_t)sc->line);
	gu_out_char(&t->o, ')');
	t->rows = false;
	t->skip = is(sc->verdict, "skip");
	if (t->skip) {
		gu_out_str(&t->o, " # SKIP");
	} else {
		gu_out_str(&t->o, is(sc->verdict, "known")
					  ? " # TODO known divergence\n"
					  : "\n");
	}
	return GU_RC_OK;
}

static void
put_field(struct gu_out *o, const struct gu_row *row, enum gu_column col)
{
	if (row->len[col]) {
		gu_out_str(o, "      ");
		gu_out_str(o, gu_column_names[col]);
		gu_out_str(o, ": ");
		gu_out_json(o, row->col[col], row->len[col]);
		gu_out_char(o, '\n');
	}
}

/* A row that is not as expected, as one entry of the list. */
static void put_row(struct tap *t, const struct gu_row *row)
{
	static const enum gu_column shown[] = {
		GU_COL_kind,     GU_COL_thread,      GU_COL_identity,
		GU_COL_level,    GU_COL_via,         GU_COL_operation,
		GU_COL_object,   GU_COL_asked,       GU_COL_granted,
		GU_COL_expected, GU_COL_status_code, GU_COL_status_name,
		GU_COL_reason,   GU_COL_rule,        GU_COL_cwe,
		GU_COL_file,     GU_COL_line,        GU_COL_step,
	};

	if (!t->rows) {
		gu_out_str(&t->o, "  ---\n  rows:\n");
		t->rows = true;
	}
	gu_buf_reset(&t->text);
	gu_row_explain(row, &t->text);
	gu_out_str(&t->o, "    - message: ");
	gu_out_json(&t->o, t->text.data, t->text.len);
	gu_out_str(&t->o, "\n      severity: ");
	gu_out_json_str(&t->o, row->col[GU_COL_verdict]);
	gu_out_char(&t->o, '\n');
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		put_field(&t->o, row, shown[i]);
	}
}

static enum gu_rc
tap_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct tap *t = arg;
	const char *verdict = row->col[GU_COL_verdict];

	if (t->skip && is(verdict, "skip")) {
		gu_out_char(&t->o, ' ');
		put_line(&t->o, row->col[GU_COL_reason]);
		gu_out_char(&t->o, '\n');
		t->skip = false;
	} else if (is(verdict, "fail") || is(verdict, "error") ||
		   is(verdict, "known")) {
		put_row(t, row);
	}
	if (gu_out_check(&t->o, err)) {
		return GU_RC_IO;
	}
	return gu_buf_check(&t->text, err);
}

static enum gu_rc
tap_end(void *arg, const struct gu_stored_scenario *sc, struct gu_err *err)
{
	struct tap *t = arg;

	(void)sc;
	(void)err;
	if (t->skip) {
		gu_out_char(&t->o, '\n');
	}
	if (t->rows) {
		gu_out_str(&t->o, "  ...\n");
	}
	return GU_RC_OK;
}

/* The plan and the evidence. A plan of nothing is a skip of all. */
static enum gu_rc put_head(struct gu_out *o, struct gu_store *s,
			   const struct gu_run_info *run, struct gu_err *err)
{
	struct gu_facts facts;

	gu_facts_of(&facts, run);
	gu_out_str(o, "TAP version 14\n1..");
	gu_out_number(o, run->scenarios);
	gu_out_str(o, run->scenarios ? "\n" : " # no scenario ran\n");
	for (size_t i = 0; i < GU_FACT_COUNT; i++) {
		put_comment(o, facts.list[i].name, facts.list[i].text);
	}
	return gu_store_files(s, run->id, put_file, o, err);
}

static enum gu_rc
tap_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	static const struct gu_walk walk = { tap_begin, tap_row, tap_end };
	struct tap t = { .text = GU_BUF_INIT };
	struct gu_run_info run;
	enum gu_rc rc = gu_store_load_run(s, id, &run, err);

	if (rc) {
		return rc;
	}
	gu_out_init(&t.o, out, "tap");
	rc = put_head(&t.o, s, &run, err);
	if (!rc) {
		rc = gu_walk_run(s, run.id, &walk, &t, err);
	}
	if (!rc && !run.end_utc) {
		gu_out_str(&t.o, "Bail out! the run was cut off\n");
	}
	gu_buf_release(&t.text);
	return rc ? rc : gu_out_finish(&t.o, err);
}

const struct gu_report_ops gu_report_tap = {
	.name = "tap",
	.extension = "tap",
	.doc = "a test point per scenario, Test Anything Protocol 14",
	.write = tap_write,
};
