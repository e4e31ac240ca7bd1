/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "banned.h"

/* The heat map: functions down, object types across; a cell has a column per
 * level, grants above and denials below. What was never tried stays an empty
 * box. */
enum {
	SQUARE = 11,
	STEP = SQUARE + 1,
	CELL_W = HTML_LEVELS * STEP + 5,
	CELL_H = 2 * STEP + 5,
	LABEL_W = 208,
	HEAD_H = 34,
};

static const char *level_name(size_t level)
{
	return level < HTML_LEVELS - 1 ? gu_level_name((enum gu_level)level)
				       : "not impersonating";
}

static bool is_row(size_t way)
{
	return way == GU_FN_IMPERSONATION_COUNT ||
	       gu_fn_row((enum gu_fn)way)->kind == GU_KIND_IMPERSONATE;
}

static const char *way_name(size_t way)
{
	return way == GU_FN_IMPERSONATION_COUNT
		       ? "no impersonation function"
		       : gu_fn_row((enum gu_fn)way)->name;
}

static size_t row_count(void)
{
	size_t n = 0;

	for (size_t way = 0; way < HTML_WAYS; way++) {
		n += is_row(way);
	}
	return n;
}

/* 1, few, dozens, hundreds. */
static const char *shade(uint32_t n)
{
	static const char *const shades[] = { "1", "2", "3", "4" };

	return shades[(n > 1) + (n > 9) + (n > 99)];
}

struct square {
	size_t way;
	size_t level;
	size_t type;
	bool denied;
	size_t x;
	size_t y;
};

static void put_square(struct html_page *p, const struct square *s, uint32_t n)
{
	const bool own = s->way == GU_FN_IMPERSONATION_COUNT;

	html_emit(p,
		  "<a tabindex=\"-1\" href=\"#view=results&amp;via=%&amp;"
		  "level=%&amp;object_type=%&amp;answer=%\">",
		  own ? "" : way_name(s->way),
		  s->level < HTML_LEVELS - 1 ? level_name(s->level) : "",
		  gu_objtype_row((enum gu_objtype)s->type)->name,
		  s->denied ? "no" : "yes");
	html_emit(p,
		  "<rect class=\"%%\" x=\"%\" y=\"%\" width=\"%\" "
		  "height=\"%\"><title>%, %, %: % %</title></rect></a>\n",
		  s->denied ? "d" : "g", shade(n), NUM(s->x), NUM(s->y),
		  NUM(SQUARE), NUM(SQUARE), way_name(s->way),
		  level_name(s->level),
		  gu_objtype_row((enum gu_objtype)s->type)->doc, COUNT(n),
		  s->denied ? "denied" : "granted");
}

static void put_cell(struct html_page *p, size_t way, size_t type, size_t y)
{
	size_t x = LABEL_W + type * CELL_W;

	html_emit(p, "<use href=\"#heat-empty\" x=\"%\" y=\"%\"/>", NUM(x),
		  NUM(y));
	for (size_t level = 0; level < HTML_LEVELS; level++) {
		const struct html_tally *t = &p->heat[way][level][type];
		struct square s = { .way = way,
				    .level = level,
				    .type = type,
				    .x = x + level * STEP,
				    .y = y };

		if (t->yes) {
			put_square(p, &s, t->yes);
		}
		s.denied = true;
		s.y = y + STEP;
		if (t->no) {
			put_square(p, &s, t->no);
		}
	}
}

static void put_empty_symbol(struct html_page *p)
{
	html_raw(p, "<defs><g id=\"heat-empty\" class=\"e\">");
	for (size_t i = 0; i < HTML_LEVELS * 2; i++) {
		html_emit(p,
			  "<rect x=\"%.5\" y=\"%.5\" width=\"%\" "
			  "height=\"%\"/>",
			  NUM(i / 2 * STEP), NUM(i % 2 * STEP), NUM(SQUARE - 1),
			  NUM(SQUARE - 1));
	}
	html_raw(p, "</g></defs>\n");
}

static void put_heads(struct html_page *p)
{
	for (size_t type = 0; type < GU_OBJ_COUNT; type++) {
		html_emit(p, "<text class=\"type\" x=\"%\" y=\"%\">%</text>\n",
			  NUM(LABEL_W + type * CELL_W), NUM(HEAD_H - 8),
			  gu_objtype_row((enum gu_objtype)type)->name);
	}
}

static void put_map(struct html_page *p)
{
	size_t y = HEAD_H;

	html_emit(
		p,
		"<svg class=\"heat\" width=\"%\" height=\"%\" viewBox=\"0 0 % %\" role=\"group\" "
		"aria-label=\"Heat map: functions by object types; the table "
		"below has its numbers\">\n",
		NUM(LABEL_W + GU_OBJ_COUNT * CELL_W),
		NUM(HEAD_H + row_count() * CELL_H),
		NUM(LABEL_W + GU_OBJ_COUNT * CELL_W),
		NUM(HEAD_H + row_count() * CELL_H));
	put_empty_symbol(p);
	put_heads(p);
	for (size_t way = 0; way < HTML_WAYS; way++) {
		if (!is_row(way)) {
			continue;
		}
		html_emit(p, "<text x=\"0\" y=\"%\">%</text>", NUM(y + 16),
			  way_name(way));
		for (size_t type = 0; type < GU_OBJ_COUNT; type++) {
			put_cell(p, way, type, y);
		}
		html_raw(p, "\n");
		y += CELL_H;
	}
	html_raw(p, "</svg>\n");
}

/* The same as numbers */

static void put_number(struct html_page *p, uint32_t n)
{
	html_emit(p, "<td class=\"n%\">%</td>", n ? "" : " zero", COUNT(n));
}

static void put_numbers_of(struct html_page *p, enum gu_fn fn)
{
	put_number(p, p->calls[fn].yes);
	put_number(p, p->calls[fn].no);
	for (size_t level = 0; level < HTML_LEVELS - 1; level++) {
		struct html_tally sum = { 0 };

		for (size_t type = 0; type < GU_OBJ_COUNT; type++) {
			sum.yes += p->heat[fn][level][type].yes;
			sum.no += p->heat[fn][level][type].no;
		}
		put_number(p, sum.yes);
		put_number(p, sum.no);
	}
}

static void put_functions_head(struct html_page *p)
{
	html_raw(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Coverage in numbers\">"
		    "<table class=\"numbers\">\n<thead><tr>"
		    "<th scope=\"col\" rowspan=\"2\">Function</th>"
		    "<th scope=\"col\" rowspan=\"2\">Kind</th>"
		    "<th scope=\"colgroup\" colspan=\"2\">Calls</th>");
	for (size_t level = 0; level < HTML_LEVELS - 1; level++) {
		html_emit(p, "<th scope=\"colgroup\" colspan=\"2\">%</th>",
			  level_name(level));
	}
	html_raw(p, "</tr>\n<tr><th scope=\"col\" class=\"n\">succeeded</th>"
		    "<th scope=\"col\" class=\"n\">failed</th>");
	for (size_t level = 0; level < HTML_LEVELS - 1; level++) {
		html_raw(p, "<th scope=\"col\" class=\"n\">granted</th>"
			    "<th scope=\"col\" class=\"n\">denied</th>");
	}
	html_raw(p, "</tr></thead>\n<tbody>\n");
}

static void put_numbers(struct html_page *p)
{
	html_raw(p, "<details><summary>The same in numbers, with every call"
		    "</summary>\n");
	put_functions_head(p);
	for (int i = 0; i < GU_FN_COUNT; i++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)i);

		if (i >= GU_FN_IMPERSONATION_COUNT && !p->calls[i].yes &&
		    !p->calls[i].no) {
			continue;
		}
		html_emit(p,
			  "<tr><th scope=\"row\"><code>%</code></th><td>%</td>",
			  row->name, gu_fn_kind_name(row->kind));
		if (i < GU_FN_IMPERSONATION_COUNT) {
			put_numbers_of(p, (enum gu_fn)i);
		} else {
			put_number(p, p->calls[i].yes);
			put_number(p, p->calls[i].no);
			html_emit(p, "<td colspan=\"%\"></td>",
				  NUM(2 * (HTML_LEVELS - 1)));
		}
		html_raw(p, "</tr>\n");
	}
	html_raw(p, "</tbody></table></div></details>\n");
}

/* The shades of one outcome, `letter` being that of their classes. */
static void put_shades(struct html_page *p, const char *letter)
{
	html_raw(p, "<svg class=\"heat key\" width=\"48\" height=\"11\" "
		    "viewBox=\"0 0 48 11\" aria-hidden=\"true\">");
	for (size_t i = 0; i < 4; i++) {
		html_emit(p,
			  "<rect class=\"%%\" x=\"%\" width=\"%\" "
			  "height=\"%\"/>",
			  letter, NUM(i + 1), NUM(i * STEP), NUM(SQUARE),
			  NUM(SQUARE));
	}
	html_raw(p, "</svg> ");
}

static void put_legend(struct html_page *p)
{
	html_raw(p, "<ul class=\"legend\" aria-label=\"Legend\">\n"
		    "<li><svg class=\"heat key\" width=\"60\" height=\"23\" "
		    "viewBox=\"0 0 60 23\" aria-hidden=\"true\">"
		    "<use href=\"#heat-empty\"/></svg> a column per level: "
		    "Anonymous, Identification, Impersonation, Delegation, "
		    "not impersonating</li>\n<li>");
	put_shades(p, "g");
	html_raw(p, "above: granted once, more, 10 times, 100 times</li>\n"
		    "<li>");
	put_shades(p, "d");
	html_raw(p, "below: denied</li>\n<li>an empty box: never tried</li>\n"
		    "</ul>\n");
}

void html_coverage(struct html_page *p)
{
	html_raw(p,
		 "<section id=\"coverage\" class=\"card\">\n<h2>Coverage</h2>\n"
		 "<p class=\"note\">Access decisions by the function that set "
		 "the identity, its level, the type of object and the "
		 "outcome.</p>\n");
	put_legend(p);
	html_raw(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Coverage\">\n");
	put_map(p);
	html_raw(p, "</div>\n");
	put_numbers(p);
	html_raw(p, "</section>\n");
}
