/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "banned.h"

/* Of the steps of one check; Results have them all. */
enum { LINES = 30 };

static void put_small(struct html_page *p, const char *text)
{
	if (*text) {
		html_raw(p, "<small>");
		html_clip(p, text);
		html_raw(p, "</small>");
	}
}

static void put_where(struct html_page *p, const struct gu_row *row)
{
	html_emit(p, "<td><a href=\"#record=%\">", row->col[GU_COL_seq]);
	html_clip(p, row->col[GU_COL_scenario]);
	html_raw(p, "</a><small class=\"path\">");
	html_clip(p, row->col[GU_COL_file]);
	html_emit(p, ":%, step %</small></td>", row->col[GU_COL_line],
		  row->col[GU_COL_step]);
}

static void put_who(struct html_page *p, const struct gu_row *row)
{
	html_raw(p, "<td><bdi>");
	html_clip(p, row->col[GU_COL_identity]);
	html_raw(p, "</bdi>");
	put_small(p, row->col[GU_COL_level]);
	html_raw(p, "</td>");
}

static void put_what(struct html_page *p, const struct gu_row *row)
{
	const char *what = row->col[GU_COL_operation];

	html_raw(p, "<td><code>");
	html_clip(p, *what ? what : row->col[GU_COL_rule]);
	html_raw(p, "</code>");
	put_small(p, row->col[GU_COL_cwe]);
	put_small(p, row->col[GU_COL_object]);
	html_raw(p, "</td>");
}

static void put_lines(struct html_page *p, const char *title,
		      const char *const *lines, size_t count)
{
	size_t shown = count > LINES ? LINES : count;

	if (!count) {
		return;
	}
	html_emit(p, "<small>%</small><ul>", title);
	for (size_t i = 0; i < shown; i++) {
		html_raw(p, "<li><code>");
		html_clip(p, lines[i]);
		html_raw(p, "</code></li>");
	}
	html_raw(p, shown < count ? "<li>\xE2\x80\xA6</li></ul>" : "</ul>");
}

/* The reason, and how a decision fell. */
static enum gu_rc
put_why(struct html_page *p, const struct gu_row *row, struct gu_err *err)
{
	const struct gu_explanation *x = NULL;
	enum gu_rc rc =
		gu_grounds_explain_basis(p->grounds, row->basis, &x, err);

	if (rc) {
		return rc;
	}
	html_raw(p, "<td class=\"why\">");
	html_clip(p, row->col[GU_COL_reason]);
	if (x) {
		html_raw(p, "<details><summary>the access check</summary>");
		put_lines(p, "its steps", x->steps, x->step_count);
		put_lines(p, "it would be otherwise with", x->flips,
			  x->flip_count);
		html_raw(p, "</details>");
	}
	html_raw(p, "</td>");
	return GU_RC_OK;
}

enum gu_rc
html_failure(struct html_page *p, const struct gu_row *row, struct gu_err *err)
{
	enum gu_rc rc;

	html_emit(p, "<tr id=\"f%\" class=\"v-%\"><td>", row->col[GU_COL_seq],
		  row->col[GU_COL_verdict]);
	html_badge(p, row->col[GU_COL_verdict]);
	html_raw(p, "</td>");
	put_where(p, row);
	put_who(p, row);
	put_what(p, row);
	html_raw(p, "<td>");
	html_clip(p, row->col[GU_COL_expected]);
	html_raw(p, "</td><td>");
	html_answer(p, row);
	html_raw(p, "</td>");
	rc = put_why(p, row, err);
	html_raw(p, "</tr>\n");
	return rc;
}

static void put_table(struct html_page *p, const char *rows, size_t n)
{
	html_raw(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Failures\"><table class=\"failures\">\n"
		    "<thead><tr><th scope=\"col\">Verdict</th>"
		    "<th scope=\"col\">Scenario</th>"
		    "<th scope=\"col\">As whom</th><th scope=\"col\">What</th>"
		    "<th scope=\"col\">Expected</th>"
		    "<th scope=\"col\">Answer</th><th scope=\"col\">Why</th>"
		    "</tr></thead>\n<tbody>\n");
	fwrite(rows, 1, n, p->out);
	html_raw(p, "</tbody></table></div>\n");
}

/* A browser that runs scripts keeps what is in here as one text, which costs
 * it nothing. */
static void put_more(struct html_page *p)
{
	uint32_t left = p->attention - p->failures_kept;

	html_emit(p,
		  "<p class=\"note js-only\"><a href=\"#view=results&amp;"
		  "failed=1\">All % in Results</a></p>\n<noscript "
		  "id=\"more-failures\">\n",
		  COUNT(p->attention));
	put_table(p, p->failures.data + p->failures_cut,
		  p->failures.len - p->failures_cut);
	if (left) {
		html_emit(p,
			  "<p class=\"note left\">The first % are listed here. "
			  "% more are in this page's Results, which need "
			  "JavaScript, and in what <code>guise report --run % "
			  "--report csv STORE</code> writes.</p>\n",
			  COUNT(p->failures_kept), COUNT(left),
			  NUM((uint64_t)p->run.id));
	}
	html_raw(p, "</noscript>\n");
}

void html_failures(struct html_page *p)
{
	html_emit(p,
		  "<section id=\"failures\" class=\"card\">\n"
		  "<h2>Needs attention <small>%</small></h2>\n",
		  COUNT(p->attention));
	if (!p->attention) {
		html_emit(p,
			  "<p class=\"calm\">Nothing: no expectation failed, "
			  "no undeclared finding was seen, nothing went "
			  "wrong.</p>\n</section>\n");
		return;
	}
	put_table(p, p->failures.data, p->failures_cut);
	if (p->attention > HTML_FAILURES_FIRST) {
		put_more(p);
	}
	html_raw(p, "</section>\n");
}
