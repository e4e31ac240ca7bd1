/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "banned.h"

static void put_tally(struct html_page *p, const struct html_tally *t)
{
	html_emit(p, "<td class=\"n%\">%</td><td class=\"n%\">%</td>",
		  t->yes ? "" : " zero", NUM(t->yes), t->no ? "" : " zero",
		  NUM(t->no));
}

static void put_function(struct html_page *p, enum gu_fn fn)
{
	const struct gu_fn_row *row = gu_fn_row(fn);

	html_emit(
		p,
		"<tr><th scope=\"row\"><code>%</code></th><td>%</td><td>%</td>",
		row->name, gu_fn_kind_name(row->kind), row->dll);
	put_tally(p, &p->calls[fn]);
	html_emit(p, "</tr>\n");
}

static void put_functions_head(struct html_page *p, const char *label)
{
	html_emit(p,
		  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		  "aria-label=\"%\"><table class=\"narrow\">\n<thead><tr>"
		  "<th scope=\"col\">Function</th><th scope=\"col\">Kind</th>"
		  "<th scope=\"col\">Library</th>"
		  "<th scope=\"col\" class=\"n\">Succeeded</th>"
		  "<th scope=\"col\" class=\"n\">Failed</th></tr></thead>\n"
		  "<tbody>\n",
		  label);
}

static void put_other_functions(struct html_page *p)
{
	html_emit(p, "<details class=\"list\"><summary>Other calls of this run"
		     "</summary>\n");
	put_functions_head(p, "Other calls");
	for (int i = GU_FN_IMPERSONATION_COUNT; i < GU_FN_COUNT; i++) {
		if (p->calls[i].yes || p->calls[i].no) {
			put_function(p, (enum gu_fn)i);
		}
	}
	html_emit(p, "</tbody></table></div></details>\n");
}

static void put_objects(struct html_page *p)
{
	html_emit(
		p,
		"<h3>Access decisions</h3>\n"
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"Access decisions\"><table class=\"narrow\">\n<thead><tr>"
		"<th scope=\"col\">Object type</th>"
		"<th scope=\"col\" class=\"n\">Granted</th>"
		"<th scope=\"col\" class=\"n\">Denied</th></tr></thead>\n"
		"<tbody>\n");
	for (int i = 0; i < GU_OBJ_COUNT; i++) {
		html_emit(p, "<tr><th scope=\"row\">%</th>",
			  gu_objtype_row((enum gu_objtype)i)->doc);
		put_tally(p, &p->decisions[i]);
		html_emit(p, "</tr>\n");
	}
	html_emit(p, "</tbody></table></div>\n");
}

void html_coverage(struct html_page *p)
{
	html_emit(
		p,
		"<section id=\"coverage\">\n<h2>Coverage</h2>\n"
		"<p class=\"note\">How often each function that starts or ends "
		"impersonation was called, and how it answered.</p>\n"
		"<div class=\"columns\">\n<div>\n"
		"<h3>Impersonation functions</h3>\n");
	put_functions_head(p, "Impersonation functions");
	for (int i = 0; i < GU_FN_IMPERSONATION_COUNT; i++) {
		put_function(p, (enum gu_fn)i);
	}
	html_emit(p, "</tbody></table></div>\n");
	put_other_functions(p);
	html_emit(p, "</div>\n<div>\n");
	put_objects(p);
	html_emit(p, "</div>\n</div>\n</section>\n");
}
