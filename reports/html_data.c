/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "alloc.h"
#include "html_column.h"
#include "banned.h"

/* The run as data for the page's script: blocks of records and of scenarios,
 * each an inert element of base64 (html_column.h has the layout), and a head
 * in JSON that says how to read them. */

enum {
	MAX_COLUMNS = GU_COL_COUNT + 2,
	/* Explanations of a page; numbers above are not remembered, so that
	 * theirs may be written more than once. */
	EXPLANATIONS = 100000,
	BASIS_REMEMBERED = 1 << 23,
};

/* Blocks of one kind in the making. */
struct blocks {
	const char *kind;
	struct html_page *page;
	struct html_pack *pack;
	struct html_column columns[MAX_COLUMNS];
	size_t count;
	uint32_t rows;
	uint32_t first; /* number of the block's first row */
};

/* Columns of a record that are the same for a whole block or known from the
 * scenario's. */
static bool is_kept(size_t col)
{
	return col != GU_COL_run && col != GU_COL_seq &&
	       col != GU_COL_scenario && col != GU_COL_file;
}

static enum html_form form_of(size_t col)
{
	if (col == GU_COL_time_utc) {
		return HTML_TIMES;
	}
	if (col == GU_COL_duration_ns) {
		return HTML_SIZES;
	}
	return col == GU_COL_step || col == GU_COL_line ? HTML_NUMBERS
							: HTML_WORDS;
}

static enum gu_rc add_column(struct blocks *b, const char *name,
			     enum html_form wish, struct gu_err *err)
{
	enum gu_rc rc =
		html_column_init(&b->columns[b->count], name, wish, err);

	b->count += rc == GU_RC_OK;
	return rc;
}

static void blocks_release(struct blocks *b)
{
	for (size_t i = 0; i < b->count; i++) {
		html_column_release(&b->columns[i]);
	}
}

static void blocks_flush(struct blocks *b)
{
	if (!b->rows) {
		return;
	}
	html_emit(b->page,
		  "<script type=\"text/plain\" class=\"data-%\" "
		  "data-first=\"%\" data-rows=\"%\">",
		  b->kind, NUM(b->first), NUM(b->rows));
	for (size_t i = 0; i < b->count; i++) {
		html_column_write(&b->columns[i], b->pack);
	}
	html_pack_end(b->pack);
	html_emit(b->page, "</script>\n");
	b->rows = 0;
}

static bool is_full(const struct blocks *b)
{
	size_t text = 0;

	for (size_t i = 0; i < b->count; i++) {
		text += b->columns[i].text.len;
	}
	return b->rows == HTML_BLOCK_ROWS || text > HTML_BLOCK_TEXT;
}

/* Adds what `values` has for each column; a value that the block cannot hold
 * begins the next, into which the row then goes whole. */
static enum gu_rc blocks_add(struct blocks *b, uint32_t number,
			     const char *const *values, struct gu_err *err)
{
	size_t i = 0;

	if (b->rows && (is_full(b) || number != b->first + b->rows)) {
		blocks_flush(b);
	}
	while (i < b->count && html_column_add(&b->columns[i], values[i])) {
		i++;
	}
	if (i < b->count) {
		while (i) {
			b->columns[--i].rows--;
		}
		blocks_flush(b);
		return blocks_add(b, number, values, err);
	}
	if (!b->rows) {
		b->first = number;
	}
	b->rows++;
	for (i = 0; i < b->count; i++) {
		if (gu_buf_check(&b->columns[i].text, err)) {
			return GU_RC_NOMEM;
		}
	}
	return gu_write_failed(b->page->out)
		       ? gu_write_finish(b->page->out, "html", err)
		       : GU_RC_OK;
}

/* records, and the explanations that they refer to */

struct records {
	struct blocks rows;
	struct blocks explanations;
	uint32_t explained;
	uint8_t *seen; /* a bit per basis */
};

static bool is_new(struct records *r, int64_t basis)
{
	uint8_t bit = (uint8_t)(1u << (basis & 7));

	if (basis <= 0 || basis >= BASIS_REMEMBERED) {
		return basis > 0;
	}
	if (r->seen[basis >> 3] & bit) {
		return false;
	}
	r->seen[basis >> 3] |= bit;
	return true;
}

static void join(struct gu_buf *out, const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		gu_buf_adds(out, i ? "\n" : "");
		gu_buf_adds(out, lines[i]);
	}
}

static enum gu_rc explain(struct records *r, int64_t basis, struct gu_err *err)
{
	const struct html_digits number = html_digits((uint64_t)basis);
	const struct gu_explanation *x = NULL;
	struct gu_buf steps = GU_BUF_INIT;
	struct gu_buf flips = GU_BUF_INIT;
	enum gu_rc rc;

	if (r->explained == EXPLANATIONS || !is_new(r, basis)) {
		return GU_RC_OK;
	}
	rc = gu_grounds_explain_basis(r->rows.page->grounds, basis, &x, err);
	if (rc || !x) {
		return rc;
	}
	join(&steps, x->steps, x->step_count);
	join(&flips, x->flips, x->flip_count);
	rc = steps.oom || flips.oom ? gu_err_nomem(err) : GU_RC_OK;
	if (!rc) {
		const char *const values[] = { number.text, steps.data,
					       flips.data };

		rc = blocks_add(&r->explanations, ++r->explained, values, err);
	}
	gu_buf_release(&steps);
	gu_buf_release(&flips);
	return rc;
}

static enum gu_rc
take_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct records *r = arg;
	const struct html_digits basis = html_digits((uint64_t)row->basis);
	const char *values[MAX_COLUMNS];
	enum gu_rc rc = explain(r, row->basis, err);
	size_t n = 0;

	if (rc) {
		return rc;
	}
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		if (is_kept(i)) {
			values[n++] = row->col[i];
		}
	}
	values[n++] = row->ok < 0 ? "" : row->ok ? "1" : "0";
	values[n] = row->basis > 0 ? basis.text : "";
	return blocks_add(&r->rows,
			  (uint32_t)strtoul(row->col[GU_COL_seq], NULL, 10),
			  values, err);
}

static const struct {
	const char *name;
	enum html_form form;
} explanation_columns[] = {
	{ "basis", HTML_NUMBERS },
	{ "steps", HTML_WORDS },
	{ "flips", HTML_WORDS },
};

static enum gu_rc columns_of_records(struct records *r, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < GU_COL_COUNT; i++) {
		if (is_kept(i)) {
			rc = add_column(&r->rows, gu_column_names[i],
					form_of(i), err);
		}
	}
	if (!rc) {
		rc = add_column(&r->rows, "ok", HTML_WORDS, err);
	}
	if (!rc) {
		rc = add_column(&r->rows, "basis", HTML_NUMBERS, err);
	}
	for (size_t i = 0; !rc && i < 3; i++) {
		rc = add_column(&r->explanations, explanation_columns[i].name,
				explanation_columns[i].form, err);
	}
	return rc;
}

static enum gu_rc
put_records(struct html_page *p, struct html_pack *pack, struct gu_err *err)
{
	struct records r = {
		.rows = { .kind = "records", .page = p, .pack = pack },
		.explanations = { .kind = "explanations",
				  .page = p,
				  .pack = pack },
		.seen = gu_calloc(BASIS_REMEMBERED / 8, 1),
	};
	enum gu_rc rc =
		r.seen ? columns_of_records(&r, err) : gu_err_nomem(err);

	if (!rc) {
		rc = gu_store_rows(p->store, p->run.id, take_row, &r, err);
	}
	if (!rc) {
		blocks_flush(&r.rows);
		blocks_flush(&r.explanations);
	}
	blocks_release(&r.rows);
	blocks_release(&r.explanations);
	gu_free(r.seen);
	return rc;
}

/* scenarios */

static const struct {
	const char *name;
	enum html_form form;
} scenario_columns[] = {
	{ "name", HTML_WORDS },    { "file", HTML_WORDS },
	{ "line", HTML_NUMBERS },  { "tags", HTML_WORDS },
	{ "verdict", HTML_WORDS }, { "records", HTML_SIZES },
};

enum {
	SCENARIO_COLUMNS = sizeof(scenario_columns) / sizeof(*scenario_columns)
};

static enum gu_rc take_scenario(void *arg, const struct gu_stored_scenario *sc,
				struct gu_err *err)
{
	struct blocks *b = arg;
	const struct html_digits line = html_digits((uint64_t)sc->line);
	const struct html_digits records = html_digits(sc->records);
	const char *const values[SCENARIO_COLUMNS] = {
		sc->name, sc->file,    sc->line < 0 ? "" : line.text,
		sc->tags, sc->verdict, records.text
	};

	return blocks_add(b, ++b->page->scenarios, values, err);
}

static enum gu_rc
put_scenarios(struct html_page *p, struct html_pack *pack, struct gu_err *err)
{
	struct blocks scenarios = { .kind = "scenarios",
				    .page = p,
				    .pack = pack };
	struct blocks *b = &scenarios;
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < SCENARIO_COLUMNS; i++) {
		rc = add_column(b, scenario_columns[i].name,
				scenario_columns[i].form, err);
	}
	if (!rc) {
		rc = gu_store_scenarios(p->store, p->run.id, take_scenario, b,
					err);
	}
	if (!rc) {
		blocks_flush(b);
	}
	blocks_release(b);
	return rc;
}

/* head */

static void put_functions(struct html_page *p)
{
	html_raw(p, "\"functions\":{");
	for (int i = 0; i < GU_FN_COUNT; i++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)i);

		html_raw(p, i ? "," : "");
		html_json(p, row->name);
		html_raw(p, ":");
		html_json(p, gu_fn_kind_name(row->kind));
	}
	html_raw(p, "}");
}

static void put_rules(struct html_page *p)
{
	html_raw(p, "\"rules\":{");
	for (int i = 0; i < GU_RULE_COUNT; i++) {
		html_raw(p, i ? "," : "");
		html_json(p, gu_rule_name((enum gu_rule)i));
		html_raw(p, ":");
		html_json(p, gu_rule_doc((enum gu_rule)i));
	}
	html_raw(p, "}");
}

static void put_columns(struct html_page *p)
{
	html_raw(p, "\"scenarioColumns\":[");
	for (size_t i = 0; i < SCENARIO_COLUMNS; i++) {
		html_raw(p, i ? "," : "");
		html_json(p, scenario_columns[i].name);
	}
	html_raw(p, "],\"columns\":[");
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		if (is_kept(i)) {
			html_json(p, gu_column_names[i]);
			html_raw(p, ",");
		}
	}
	html_raw(
		p,
		"\"ok\",\"basis\"],\"explanationColumns\":[\"basis\",\"steps\",\"flips\"]");
}

static void put_data_head(struct html_page *p)
{
	html_raw(p, "<script type=\"application/json\" id=\"head\">{\"run\":");
	html_json(p, html_digits((uint64_t)p->run.id).text);
	html_raw(p, ",\"target\":");
	html_json(p, p->run.target);
	html_raw(p, ",\"records\":");
	html_raw(p, html_digits(p->records).text);
	html_raw(p, ",\"scenarios\":");
	html_raw(p, html_digits(p->run.scenarios).text);
	html_raw(p, ",");
	put_functions(p);
	html_raw(p, ",");
	put_rules(p);
	html_raw(p, ",");
	put_columns(p);
	html_raw(p, "}</script>\n");
}

enum gu_rc html_data(struct html_page *p, struct gu_err *err)
{
	struct html_pack *pack = gu_calloc(1, sizeof(*pack));
	enum gu_rc rc;

	if (!pack) {
		return gu_err_nomem(err);
	}
	rc = html_pack_init(pack, p->out, err);
	if (rc) {
		gu_free(pack);
		return rc;
	}
	put_data_head(p);
	rc = put_scenarios(p, pack, err);
	if (!rc) {
		rc = put_records(p, pack, err);
	}
	html_pack_release(pack);
	gu_free(pack);
	return rc;
}
