/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "banned.h"

/* attention */

static void put_place(struct html_page *p, const struct gu_row *row)
{
	html_emit(p,
		  "<a class=\"place\" href=\"#r%\">%</a>"
		  "<span class=\"path\">%:%, step %</span>",
		  row->col[GU_COL_seq], row->col[GU_COL_scenario],
		  row->col[GU_COL_file], row->col[GU_COL_line],
		  row->col[GU_COL_step]);
}

static void put_attention_head(struct html_page *p)
{
	if (!p->attention) {
		html_emit(
			p,
			"<p class=\"calm\">Nothing: no expectation failed, no "
			"undeclared finding was seen, nothing went wrong.</p>"
			"\n");
		return;
	}
	html_emit(p, "<ul class=\"cards\">\n");
}

static void put_what(struct html_page *p, const struct gu_row *row)
{
	const char *who = row->col[GU_COL_identity];

	if (*row->col[GU_COL_rule]) {
		html_emit(p, "<code>%</code> (%)", row->col[GU_COL_rule],
			  row->col[GU_COL_cwe]);
	} else if (*row->col[GU_COL_operation]) {
		html_emit(p, "<code>%</code> <span class=\"object\">%</span>",
			  row->col[GU_COL_operation], row->col[GU_COL_object]);
	}
	if (*who) {
		html_emit(p, " as <bdi>%</bdi>%%", who,
			  *row->col[GU_COL_level] ? " at " : "",
			  row->col[GU_COL_level]);
	}
}

static enum gu_rc
put_attention_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct html_page *p = arg;

	(void)err;
	if (!html_failed(row)) {
		return GU_RC_OK;
	}
	html_emit(p, "<li class=\"v-%\"><div class=\"top\">",
		  row->col[GU_COL_verdict]);
	html_badge(p, row->col[GU_COL_verdict]);
	put_place(p, row);
	html_emit(p, "</div>\n<dl>");
	if (*row->col[GU_COL_operation] || *row->col[GU_COL_rule]) {
		html_emit(p, "<dt>What</dt><dd>");
		put_what(p, row);
		html_emit(p, "</dd>");
	}
	if (*row->col[GU_COL_expected]) {
		html_emit(p, "<dt>Expected</dt><dd>%</dd>",
			  row->col[GU_COL_expected]);
	}
	if (row->ok >= 0) {
		html_emit(p, "<dt>Answer</dt><dd>");
		html_answer(p, row);
		html_emit(p, "</dd>");
	}
	if (*row->col[GU_COL_reason]) {
		html_emit(p, "<dt>Why</dt><dd>%</dd>", row->col[GU_COL_reason]);
	}
	html_emit(p, "</dl></li>\n");
	return GU_RC_OK;
}

enum gu_rc html_attention(struct html_page *p, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	html_emit(p,
		  "<section id=\"attention\">\n<h2>Needs attention "
		  "<small>%</small></h2>\n",
		  NUM(p->attention));
	put_attention_head(p);
	if (p->attention) {
		rc = gu_store_rows(p->store, p->run.id, put_attention_row, p,
				   err);
		html_emit(p, "</ul>\n");
	}
	html_emit(p, "</section>\n");
	return rc;
}

/* findings */

static void put_rules(struct html_page *p)
{
	html_emit(p,
		  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		  "aria-label=\"Rules\"><table>\n<thead><tr>"
		  "<th scope=\"col\">Rule</th><th scope=\"col\">Weakness</th>"
		  "<th scope=\"col\">Seen when</th>"
		  "<th scope=\"col\" class=\"n\">Undeclared</th>"
		  "<th scope=\"col\" class=\"n\">Declared</th></tr></thead>\n"
		  "<tbody>\n");
	for (int i = 0; i < GU_RULE_COUNT; i++) {
		enum gu_rule rule = (enum gu_rule)i;
		const struct html_tally *t = &p->findings[i];

		html_emit(p,
			  "<tr><th scope=\"row\"><code>%</code></th><td>%</td>"
			  "<td>%</td><td class=\"n%\">%</td>"
			  "<td class=\"n%\">%</td></tr>\n",
			  gu_rule_name(rule), gu_rule_cwe(rule),
			  gu_rule_doc(rule), t->no ? " bad" : " zero",
			  NUM(t->no), t->yes ? "" : " zero", NUM(t->yes));
	}
	html_emit(p, "</tbody></table></div>\n");
}

static enum gu_rc
put_finding_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct html_page *p = arg;

	(void)err;
	if (!html_is(row, GU_COL_kind, "finding")) {
		return GU_RC_OK;
	}
	html_emit(p, "<li class=\"v-%\"><div class=\"top\">",
		  row->col[GU_COL_verdict]);
	html_badge(p, row->col[GU_COL_verdict]);
	html_emit(p, "<code>%</code> ", row->col[GU_COL_rule]);
	put_place(p, row);
	html_emit(p, "</div>\n<p>%</p></li>\n", row->col[GU_COL_reason]);
	return GU_RC_OK;
}

enum gu_rc html_findings(struct html_page *p, struct gu_err *err)
{
	uint64_t total = 0;
	enum gu_rc rc;

	for (int i = 0; i < GU_RULE_COUNT; i++) {
		total += p->findings[i].yes + p->findings[i].no;
	}
	html_emit(p,
		  "<section id=\"findings\">\n<h2>Hygiene findings "
		  "<small>%</small></h2>\n"
		  "<p class=\"note\">Breaches seen by watching every call. One "
		  "that a scenario declares is what it set out to show; an "
		  "undeclared one fails the run.</p>\n",
		  NUM(total));
	put_rules(p);
	if (!total) {
		html_emit(p, "</section>\n");
		return GU_RC_OK;
	}
	html_emit(p, "<details class=\"list\"><summary>Each finding</summary>\n"
		     "<ul class=\"cards\">\n");
	rc = gu_store_rows(p->store, p->run.id, put_finding_row, p, err);
	html_emit(p, "</ul></details>\n</section>\n");
	return rc;
}
