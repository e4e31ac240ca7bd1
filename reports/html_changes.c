/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "changes.h"
#include "banned.h"

/* What changed since another run: counts, then the first changes, what fails
 * now before the rest. All are known only when everything was compared, so the
 * lists are held until then. */
enum { LISTED = 200, LISTED_BYTES = 1 << 20 };

enum kind { WORSE, BETTER, OTHER, NEW, GONE, SAME_VERDICT, KINDS };

struct changes {
	struct html_page *page;
	struct gu_buf lists[2]; /* what fails now; the rest */
	uint32_t counts[KINDS];
	uint32_t listed[2];
	uint32_t total;
};

static bool is_bad(const char *verdict)
{
	return strcmp(verdict, "fail") == 0 || strcmp(verdict, "error") == 0;
}

static enum kind kind_of(const struct gu_change *c)
{
	if (!c->before) {
		return NEW;
	}
	if (!c->now) {
		return GONE;
	}
	if (strcmp(c->before, c->now) == 0) {
		return SAME_VERDICT;
	}
	if (is_bad(c->before) == is_bad(c->now)) {
		return OTHER;
	}
	return is_bad(c->now) ? WORSE : BETTER;
}

static void
put_verdict(struct html_page *p, const char *verdict, const char *absent)
{
	html_raw(p, "<td>");
	if (verdict) {
		html_badge(p, verdict);
	} else {
		html_emit(p, "<span class=\"zero\">%</span>", absent);
	}
	html_raw(p, "</td>");
}

/* A scenario that is gone has no timeline here. */
static void put_name(struct html_page *p, const struct gu_change *c)
{
	html_raw(p, "<tr><th scope=\"row\">");
	if (c->now) {
		html_scenario(p, c->name, c->file);
	} else {
		html_clip(p, c->name);
		html_raw(p, "<small class=\"path\">");
		html_clip(p, c->file);
		html_raw(p, "</small>");
	}
	html_raw(p, "</th>");
}

static enum gu_rc
take_change(void *arg, const struct gu_change *c, struct gu_err *err)
{
	struct changes *all = arg;
	struct html_page *p = all->page;
	enum kind kind = kind_of(c);
	struct gu_buf *list = &all->lists[kind != WORSE];

	all->counts[kind]++;
	all->total++;
	if (all->listed[kind != WORSE] == LISTED || list->len > LISTED_BYTES) {
		return GU_RC_OK;
	}
	all->listed[kind != WORSE]++;
	p->held = list;
	put_name(p, c);
	put_verdict(p, c->before, "not there");
	put_verdict(p, c->now, "gone");
	html_emit(p, "<td class=\"n\">%</td></tr>\n",
		  c->records ? COUNT(c->records) : "");
	p->held = NULL;
	return gu_buf_check(list, err);
}

static void put_counts(struct html_page *p, const struct changes *all)
{
	static const struct {
		const char *text;
		const char *class;
	} kinds[KINDS] = {
		[WORSE] = { "now fail", "v-fail" },
		[BETTER] = { "no longer fail", "v-pass" },
		[OTHER] = { "other verdict", "" },
		[NEW] = { "new", "" },
		[GONE] = { "gone", "" },
		[SAME_VERDICT] = { "same verdict, other records", "" },
	};

	html_raw(p, "<ul class=\"changes\">\n");
	for (int i = 0; i < KINDS; i++) {
		html_emit(p, "<li class=\"%\"><b>%</b> %</li>\n",
			  all->counts[i] ? kinds[i].class : "zero",
			  COUNT(all->counts[i]), kinds[i].text);
	}
	html_raw(p, "</ul>\n");
}

static void put_list(struct html_page *p, const struct changes *all)
{
	uint32_t listed = all->listed[0] + all->listed[1];

	html_raw(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Changes\"><table>\n<thead><tr>"
		    "<th scope=\"col\">Scenario</th>"
		    "<th scope=\"col\">Then</th><th scope=\"col\">Now</th>"
		    "<th scope=\"col\" class=\"n\">Records that differ</th>"
		    "</tr></thead>\n<tbody>\n");
	html_raw(p, all->lists[0].data);
	html_raw(p, all->lists[1].data);
	html_raw(p, "</tbody></table></div>\n");
	if (listed < all->total) {
		html_emit(p,
			  "<p class=\"note\">% are listed; % more scenarios "
			  "differ.</p>\n",
			  COUNT(listed), COUNT(all->total - listed));
	}
}

static void put_baseline(struct html_page *p, const struct gu_run_info *base)
{
	html_emit(p,
		  "<section id=\"changes\" class=\"card\">\n<h2>Changes "
		  "<small>since run % of %, %, on %, guise %</small></h2>\n",
		  NUM((uint64_t)base->id), p->extras->baseline_path,
		  base->start_utc, base->target, base->version);
}

enum gu_rc html_changes(struct html_page *p, struct gu_err *err)
{
	struct changes all = { .page = p,
			       .lists = { GU_BUF_INIT, GU_BUF_INIT } };
	struct gu_run_info base;
	enum gu_rc rc;

	if (!p->extras || !p->extras->baseline) {
		return GU_RC_OK;
	}
	rc = gu_store_load_run(p->extras->baseline, p->extras->baseline_run,
			       &base, err);
	if (rc) {
		return rc;
	}
	put_baseline(p, &base);
	rc = gu_changes_read(
		&(struct gu_change_runs){ .before = p->extras->baseline,
					  .before_run = base.id,
					  .now = p->store,
					  .now_run = p->run.id },
		take_change, &all, err);
	if (!rc && all.total) {
		put_counts(p, &all);
		put_list(p, &all);
	} else if (!rc) {
		html_raw(p, "<p class=\"calm\">Nothing changed.</p>\n");
	}
	html_raw(p, "</section>\n");
	gu_buf_release(&all.lists[0]);
	gu_buf_release(&all.lists[1]);
	return rc;
}
