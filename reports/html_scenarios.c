/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "banned.h"

static void put_thread_cell(struct html_page *p, const struct gu_row *row)
{
	const char *process = row->col[GU_COL_process];

	html_emit(p, *process ? "<td>%<small>%</small></td>" : "<td>%</td>",
		  row->col[GU_COL_thread], process);
}

static void put_identity_cell(struct html_page *p, const struct gu_row *row)
{
	const char *level = row->col[GU_COL_level];

	html_emit(p, "<td><bdi>%</bdi>", row->col[GU_COL_identity]);
	if (*level) {
		html_emit(p, "<small><b class=\"level\">%</b>%%</small>", level,
			  *row->col[GU_COL_via] ? " via " : "",
			  row->col[GU_COL_via]);
	}
	if (*row->col[GU_COL_identity_sid]) {
		html_emit(p, "<small class=\"sid\">%</small>",
			  row->col[GU_COL_identity_sid]);
	}
	html_emit(p, "</td>");
}

static void put_operation_cell(struct html_page *p, const struct gu_row *row)
{
	const char *name = row->col[GU_COL_operation];

	if (!*name) {
		name = row->col[GU_COL_rule];
	}
	html_emit(p, *name ? "<td><code>%</code>" : "<td>", name);
	if (*row->col[GU_COL_cwe]) {
		html_emit(p, "<small>%</small>", row->col[GU_COL_cwe]);
	}
	if (*row->col[GU_COL_object]) {
		html_emit(p, "<small><span class=\"object\">%</span></small>",
			  row->col[GU_COL_object]);
	}
	if (*row->col[GU_COL_object_type]) {
		html_emit(p, "<small>%</small>", row->col[GU_COL_object_type]);
	}
	html_emit(p, "</td>");
}

static void put_rights_cell(struct html_page *p, const struct gu_row *row)
{
	const char *asked = row->col[GU_COL_asked];
	const char *granted = row->col[GU_COL_granted];

	html_emit(p, "<td>");
	if (*asked) {
		html_emit(p, "<span class=\"label\">asked</span> <code>");
		html_breakable(p, asked, '|');
		html_emit(p,
			  "</code><br><span class=\"label\">granted</span> ");
		if (strcmp(granted, asked) == 0) {
			html_emit(p, "all of it");
		} else if (strcmp(granted, "0") == 0) {
			html_emit(p, "nothing");
		} else {
			html_emit(p, "<code>");
			html_breakable(p, granted, '|');
			html_emit(p, "</code>");
		}
	}
	html_emit(p, "</td>");
}

static void put_verdict_cell(struct html_page *p, const struct gu_row *row)
{
	html_emit(p, "<td>");
	html_badge(p, row->col[GU_COL_verdict]);
	if (*row->col[GU_COL_expected]) {
		html_emit(p, "<small>expected: %</small>",
			  row->col[GU_COL_expected]);
	}
	html_emit(p, "</td>");
}

static void put_lines(struct html_page *p, const char *title,
		      const char *const *lines, size_t count)
{
	if (!count) {
		return;
	}
	html_emit(p, "<small>%</small><ul>", title);
	for (size_t i = 0; i < count; i++) {
		html_emit(p, "<li><code>%</code></li>", lines[i]);
	}
	html_emit(p, "</ul>");
}

/* The reason, and for a decision that was not as expected how it fell. */
static enum gu_rc
put_why_cell(struct html_page *p, const struct gu_row *row, struct gu_err *err)
{
	const struct gu_explanation *x = NULL;
	enum gu_rc rc = GU_RC_OK;

	if (html_failed(row)) {
		rc = gu_grounds_explain_basis(p->grounds, row->basis, &x, err);
	}
	html_emit(p, "<td class=\"why\">%", row->col[GU_COL_reason]);
	if (x) {
		html_emit(p, "<details><summary>the access check</summary>");
		put_lines(p, "its steps", x->steps, x->step_count);
		put_lines(p, "it would be otherwise with", x->flips,
			  x->flip_count);
		html_emit(p, "</details>");
	}
	html_emit(p, "</td></tr>\n");
	return rc;
}

static enum gu_rc
put_record(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct html_page *p = arg;
	enum gu_rc rc;

	html_emit(p,
		  "<tr id=\"r%\" class=\"k-% v-%\"><td>%"
		  "<small>line %</small></td>",
		  row->col[GU_COL_seq], row->col[GU_COL_kind],
		  row->col[GU_COL_verdict], row->col[GU_COL_step],
		  row->col[GU_COL_line]);
	put_thread_cell(p, row);
	put_identity_cell(p, row);
	put_operation_cell(p, row);
	put_rights_cell(p, row);
	html_emit(p, "<td>");
	html_answer(p, row);
	html_emit(p, "</td>");
	put_verdict_cell(p, row);
	rc = put_why_cell(p, row, err);
	if (!rc && gu_write_failed(p->out)) {
		rc = gu_write_finish(p->out, "html", err);
	}
	return rc;
}

/* A heading before the first scenario of each file. */
static void
put_file_heading(struct html_page *p, const struct gu_stored_scenario *sc)
{
	if (p->scenarios && strcmp(sc->file, p->file.data) == 0) {
		return;
	}
	html_emit(p, p->scenarios ? "</div>\n" : "");
	html_emit(p, "<div class=\"file\">\n<h3 class=\"path\">%</h3>\n",
		  sc->file);
	gu_buf_reset(&p->file);
	gu_buf_adds(&p->file, sc->file);
}

/* "pipe,negative" as one mark each. */
static void put_tags(struct html_page *p, const char *tags)
{
	html_emit(p, "<span class=\"tags\">");
	while (*tags) {
		size_t n;

		tags += strspn(tags, ", ");
		n = strcspn(tags, ",");
		if (n) {
			fputs("<i>", p->out);
			html_text(p, tags, n);
			fputs("</i> ", p->out);
		}
		tags += n;
	}
	html_emit(p, "</span>");
}

static void
put_scenario_head(struct html_page *p, const struct gu_stored_scenario *sc)
{
	bool open = strcmp(sc->verdict, "fail") == 0 ||
		    strcmp(sc->verdict, "error") == 0;

	html_emit(p, "<details class=\"scenario v-%\" data-verdict=\"%\"",
		  sc->verdict, sc->verdict);
	html_emit(p, open ? " open><summary>" : "><summary>");
	html_badge(p, sc->verdict);
	html_emit(p, "<span class=\"name\">%</span>", sc->name);
	put_tags(p, sc->tags);
	html_emit(p, "<span class=\"where\">line %, % %</span></summary>\n",
		  NUM((uint64_t)sc->line), NUM(sc->records),
		  sc->records == 1 ? "record" : "records");
}

static enum gu_rc
put_scenario(void *arg, const struct gu_stored_scenario *sc, struct gu_err *err)
{
	struct html_page *p = arg;
	enum gu_rc rc;

	put_file_heading(p, sc);
	p->scenarios++;
	put_scenario_head(p, sc);
	html_emit(
		p,
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"Records\"><table class=\"records\">\n"
		"<colgroup><col class=\"c1\"><col class=\"c2\">"
		"<col class=\"c3\"><col class=\"c4\"><col class=\"c5\">"
		"<col class=\"c6\"><col class=\"c7\"><col></colgroup>\n"
		"<thead><tr>"
		"<th scope=\"col\">Step</th><th scope=\"col\">Thread</th>"
		"<th scope=\"col\">Identity in effect</th>"
		"<th scope=\"col\">Operation</th><th scope=\"col\">Rights</th>"
		"<th scope=\"col\">Answer</th><th scope=\"col\">Verdict</th>"
		"<th scope=\"col\">Why</th></tr></thead>\n<tbody>\n");
	rc = gu_store_rows_from(p->store, p->run.id, p->seq, sc->records,
				put_record, p, err);
	p->seq += sc->records;
	html_emit(p, "</tbody></table></div></details>\n");
	return rc;
}

enum gu_rc html_scenarios(struct html_page *p, struct gu_err *err)
{
	enum gu_rc rc = gu_grounds_new(&p->grounds, p->store, err);

	if (rc) {
		return rc;
	}
	html_emit(p,
		  "<section id=\"scenarios\">\n<h2>Scenarios <small>%</small>"
		  "</h2>\n<div class=\"tools\" hidden>"
		  "<label class=\"search\">Filter <input id=\"filter\" "
		  "type=\"search\" autocomplete=\"off\" spellcheck=\"false\" "
		  "placeholder=\"name, function, account, status...\"></label>"
		  "<div class=\"verdicts\" role=\"group\" "
		  "aria-label=\"Verdicts\">",
		  NUM(p->run.scenarios));
	for (size_t i = 0; i < HTML_VERDICTS; i++) {
		const char *name = gu_verdict_name(html_verdicts[i]);

		html_emit(p,
			  "<label class=\"v-%\"><input type=\"checkbox\" "
			  "value=\"%\" checked> % %</label>",
			  name, name, html_mark(name), name);
	}
	html_emit(p,
		  "</div><button type=\"button\" id=\"open\">Open all</button>"
		  "<button type=\"button\" id=\"close\">Close all</button>"
		  "<output id=\"count\"></output></div>\n");
	p->seq = 1;
	rc = gu_store_scenarios(p->store, p->run.id, put_scenario, p, err);
	gu_grounds_free(p->grounds);
	p->grounds = NULL;
	html_emit(p, p->scenarios ? "</div>\n</section>\n" : "</section>\n");
	return rc;
}
