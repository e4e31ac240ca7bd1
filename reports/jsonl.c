/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "plain.h"
#include "walk.h"
#include "banned.h"

/* What manual/records.md calls the schema; raised when a reader of the one
 * before would misread the new. */
#define SCHEMA 1

/* Bytes that a column takes besides its text. */
#define KEY_MAX 24

struct key {
	const char *text; /* ,"name": */
	size_t len;
};

static const struct key keys[GU_COL_COUNT] = {
#define X(name) [GU_COL_##name] = { ",\"" #name "\":", sizeof(#name) + 3 },
	GU_COLUMNS(X)
#undef X
};

static bool is_number(size_t col)
{
	return col == GU_COL_run || col == GU_COL_seq || col == GU_COL_line ||
	       col == GU_COL_step || col == GU_COL_duration_ns;
}

/* An integer of JSON that no reader rounds (RFC 7493, 2.2). */
static bool is_integer(const char *s, size_t n)
{
	if (n == 0 || n > 15 || (s[0] == '0' && n > 1)) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if ((unsigned)(s[i] - '0') > 9) {
			return false;
		}
	}
	return true;
}

/* A member behind its comma. */
static inline char *put_member(char *at, size_t col, const char *s, size_t n)
{
	at = gu_put(at, keys[col].text, keys[col].len);
	if (is_number(col) && is_integer(s, n)) {
		return gu_put(at, s, n);
	}
	*at++ = '"';
	at = gu_put_json(at, s, n);
	*at++ = '"';
	return at;
}

/* Room is asked for once a row. */
static void put_short_row(struct gu_out *o, const struct gu_row *row)
{
	char *at;

	gu_out_room(o, GU_PIECE * GU_WIDEST + GU_COL_COUNT * KEY_MAX);
	at = o->at;
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		if (row->len[i]) {
			at = put_member(at, i, row->col[i], row->len[i]);
		}
	}
	*o->at = '{';
	o->at = at;
}

static void put_long_row(struct gu_out *o, const struct gu_row *row)
{
	size_t skip = 1;

	gu_out_char(o, '{');
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		if (!row->len[i]) {
			continue;
		}
		gu_out_bytes(o, keys[i].text + skip, keys[i].len - skip);
		if (is_number(i) && is_integer(row->col[i], row->len[i])) {
			gu_out_bytes(o, row->col[i], row->len[i]);
		} else {
			gu_out_json(o, row->col[i], row->len[i]);
		}
		skip = 0;
	}
}

/* Empty columns are left out; the first of all is never empty. */
void gu_out_jsonl_row(struct gu_out *o, const struct gu_row *row)
{
	size_t total = 0;

	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		total += row->len[i];
	}
	if (total <= GU_PIECE) {
		put_short_row(o, row);
	} else {
		put_long_row(o, row);
	}
	gu_out_bytes(o, "}\n", 2);
}

static enum gu_rc
write_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct gu_out *o = arg;

	gu_out_jsonl_row(o, row);
	return gu_out_check(o, err);
}

struct files {
	struct gu_out *o;
	bool any;
};

static enum gu_rc
write_file(void *arg, const char *path, const char *sha256, struct gu_err *err)
{
	struct files *f = arg;

	(void)err;
	gu_out_str(f->o, f->any ? ",{\"path\":" : "{\"path\":");
	gu_out_json_str(f->o, path);
	gu_out_str(f->o, ",\"sha256\":");
	gu_out_json_str(f->o, sha256);
	gu_out_char(f->o, '}');
	f->any = true;
	return GU_RC_OK;
}

/* The scenarios by verdict, those that have none left out. */
static void write_counts(struct gu_out *o, const struct gu_run_info *run)
{
	gu_out_str(o, ",\"scenarios\":{\"total\":");
	gu_out_number(o, run->scenarios);
	for (int v = GU_VERDICT_PASS; v <= GU_VERDICT_ERROR; v++) {
		gu_out_char(o, ',');
		gu_out_json_str(o, gu_verdict_name((enum gu_verdict)v));
		gu_out_char(o, ':');
		gu_out_number(o, run->scenario_verdicts[v]);
	}
	gu_out_char(o, '}');
}

/* The first line: the run, told from a record by its kind. */
static enum gu_rc write_run(struct gu_out *o, struct gu_store *s,
			    const struct gu_run_info *run, struct gu_err *err)
{
	struct files files = { .o = o };
	struct gu_facts facts;
	enum gu_rc rc;

	gu_facts_of(&facts, run);
	gu_out_str(o, "{\"kind\":\"run\",\"schema\":");
	gu_out_number(o, SCHEMA);
	gu_out_str(o, ",\"run\":");
	gu_out_number(o, (uint64_t)run->id);
	for (size_t i = 1; i < GU_FACT_COUNT; i++) {
		if (*facts.list[i].text && i != GU_FACT_ELEVATED) {
			gu_out_char(o, ',');
			gu_out_json_str(o, facts.list[i].name);
			gu_out_char(o, ':');
			gu_out_json_str(o, facts.list[i].text);
		}
	}
	gu_out_str(o, run->elevated ? ",\"elevated\":true"
				    : ",\"elevated\":false");
	write_counts(o, run);
	gu_out_str(o, ",\"files\":[");
	rc = gu_store_files(s, run->id, write_file, &files, err);
	gu_out_str(o, "]}\n");
	return rc;
}

static enum gu_rc
jsonl_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	struct gu_out o;
	struct gu_run_info run;
	enum gu_rc rc = gu_store_load_run(s, id, &run, err);

	if (rc) {
		return rc;
	}
	gu_out_init(&o, out, "jsonl");
	rc = write_run(&o, s, &run, err);
	if (!rc) {
		rc = gu_store_rows(s, run.id, write_row, &o, err);
	}
	return rc ? rc : gu_out_finish(&o, err);
}

const struct gu_report_ops gu_report_jsonl = {
	.name = "jsonl",
	.extension = "jsonl",
	.doc = "the run and then each record as a JSON object on a line",
	.write = jsonl_write,
};
