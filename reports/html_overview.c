/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "banned.h"

/* counts */

/* Shares of the whole as one line. */
static void put_bar(struct html_page *p)
{
	uint64_t at = 0;

	html_emit(p,
		  "<svg class=\"bar\" viewBox=\"0 0 % 1\" "
		  "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
		  NUM(p->run.scenarios ? p->run.scenarios : 1));
	for (size_t i = 0; i < HTML_VERDICTS; i++) {
		uint64_t n = p->run.scenario_verdicts[html_verdicts[i]];

		if (n) {
			html_emit(p,
				  "<rect class=\"f-%\" x=\"%\" width=\"%\" "
				  "height=\"1\"/>",
				  gu_verdict_name(html_verdicts[i]), NUM(at),
				  NUM(n));
		}
		at += n;
	}
	html_raw(p, "</svg>\n");
}

static void put_tile(struct html_page *p, enum gu_verdict verdict)
{
	const char *name = gu_verdict_name(verdict);
	uint32_t n = p->run.scenario_verdicts[verdict];

	html_emit(p,
		  "<div class=\"tile v-%%\"><b>%</b><span>"
		  "<i aria-hidden=\"true\">%</i> %</span>"
		  "<small>% record%</small></div>\n",
		  name, n ? "" : " none", COUNT(n), html_mark(name), name,
		  COUNT(p->run.verdicts[verdict]),
		  p->run.verdicts[verdict] == 1 ? "" : "s");
}

void html_summary(struct html_page *p)
{
	html_emit(
		p,
		"<section id=\"summary\" aria-label=\"Summary\">\n"
		"<div class=\"tiles\">\n<div class=\"tile total\"><b>%</b>"
		"<span>%</span><small>% records, % not judged</small></div>\n",
		COUNT(p->run.scenarios),
		p->run.scenarios == 1 ? "scenario" : "scenarios",
		COUNT(p->records), COUNT(p->run.verdicts[GU_VERDICT_NONE]));
	for (size_t i = 0; i < HTML_VERDICTS; i++) {
		put_tile(p, html_verdicts[i]);
	}
	html_raw(p, "</div>\n");
	put_bar(p);
	html_raw(p, "</section>\n");
}

/* findings */

static void put_count(struct html_page *p, uint32_t n, const char *mark)
{
	html_emit(p, "<td class=\"n %\">%</td>", n ? mark : "zero", COUNT(n));
}

static void put_rule(struct html_page *p, enum gu_rule rule)
{
	const uint32_t *by = p->findings[rule];

	html_emit(p,
		  "<tr><th scope=\"row\"><a href=\"#view=results&amp;rule=%\">"
		  "<code>%</code></a></th><td>%</td><td>%</td>",
		  gu_rule_name(rule), gu_rule_name(rule), gu_rule_cwe(rule),
		  gu_rule_doc(rule));
	put_count(p, by[GU_VERDICT_FAIL] + by[GU_VERDICT_ERROR], "bad");
	put_count(p, by[GU_VERDICT_KNOWN], "");
	put_count(p, by[GU_VERDICT_PASS], "");
	html_raw(p, "</tr>\n");
}

void html_findings(struct html_page *p)
{
	html_raw(
		p,
		"<section id=\"findings\" class=\"card\">\n"
		"<h2>Hygiene findings</h2>\n"
		"<p class=\"note\">Breaches seen by watching every call. One "
		"that a scenario declares is what it set out to show; an "
		"undeclared one fails the run.</p>\n"
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"Rules\"><table>\n<thead><tr>"
		"<th scope=\"col\">Rule</th><th scope=\"col\">Weakness</th>"
		"<th scope=\"col\">Seen when</th>"
		"<th scope=\"col\" class=\"n\">Error<small>undeclared</small></th>"
		"<th scope=\"col\" class=\"n\">Warning<small>known</small></th>"
		"<th scope=\"col\" class=\"n\">Note<small>declared</small></th></tr></thead>\n"
		"<tbody>\n");
	for (int i = 0; i < GU_RULE_COUNT; i++) {
		put_rule(p, (enum gu_rule)i);
	}
	html_raw(p, "</tbody></table></div>\n</section>\n");
}

/* slowest scenarios */

static void put_time(struct html_page *p, uint64_t ns)
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = {
		{ 1000000000, "s" },
		{ 1000000, "ms" },
		{ 1000, "\xC2\xB5s" },
		{ 1, "ns" },
	};
	char text[40];
	size_t i = 0;

	while (i < 3 && ns < units[i].unit) {
		i++;
	}
	snprintf(text, sizeof(text), i == 3 ? "%.0f %s" : "%.2f %s",
		 (double)ns / (double)units[i].unit, units[i].name);
	html_emit(p, "<td class=\"n\">%</td>", text);
}

static void put_slow(struct html_page *p, const struct html_slow *s)
{
	double share = (double)s->ns / (double)p->slowest[0].ns;

	html_raw(p, "<tr><th scope=\"row\">");
	html_scenario(p, s->name, s->file);
	html_emit(p, "</th><td class=\"n\">%</td>", COUNT(s->records));
	put_time(p, s->ns);
	html_emit(p,
		  "<td class=\"share\"><svg viewBox=\"0 0 100 1\" "
		  "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect "
		  "width=\"%\" height=\"1\"/></svg></td></tr>\n",
		  NUM((uint64_t)(share * 100 + 0.5)));
}

void html_slowest(struct html_page *p)
{
	html_raw(p,
		 "<section id=\"slowest\" class=\"card\">\n"
		 "<h2>Slowest scenarios <small>time in calls</small></h2>\n");
	if (!p->slowest[0].ns) {
		html_raw(p, "<p class=\"note\">No call was timed.</p>\n"
			    "</section>\n");
		return;
	}
	html_raw(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Slowest scenarios\"><table>\n<thead><tr>"
		    "<th scope=\"col\">Scenario</th>"
		    "<th scope=\"col\" class=\"n\">Records</th>"
		    "<th scope=\"col\" class=\"n\">Time</th>"
		    "<td></td></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < HTML_SLOWEST && p->slowest[i].ns; i++) {
		put_slow(p, &p->slowest[i]);
	}
	html_raw(p, "</tbody></table></div>\n</section>\n");
}

/* evidence */

static void put_fact(struct html_page *p, const char *name, const char *value)
{
	html_emit(p, "<div><dt>%</dt><dd>%</dd></div>\n", name,
		  value && *value ? value : "not known");
}

static enum gu_rc
put_file(void *arg, const char *path, const char *sha256, struct gu_err *err)
{
	struct html_page *p = arg;

	(void)err;
	html_emit(
		p,
		"<tr><td class=\"path\">%</td><td class=\"hash\">%</td></tr>\n",
		path, sha256);
	return GU_RC_OK;
}

enum gu_rc html_evidence(struct html_page *p, struct gu_err *err)
{
	const struct gu_run_info *run = &p->run;
	enum gu_rc rc;

	html_raw(p, "<section id=\"evidence\" class=\"card\">\n"
		    "<h2>Evidence</h2>\n<dl class=\"facts\">\n");
	put_fact(p, "Run", NUM((uint64_t)run->id));
	put_fact(p, "Started (UTC)", run->start_utc);
	put_fact(p, "Ended (UTC)",
		 run->end_utc ? run->end_utc : "cut off before its end");
	put_fact(p, "Target", run->target);
	put_fact(p, "Proven to", run->proof);
	put_fact(p, "Host", run->host);
	put_fact(p, "System", run->system);
	put_fact(p, "User", run->user);
	put_fact(p, "Elevated", run->elevated ? "yes" : "no");
	put_fact(p, "guise version", run->version);
	put_fact(p, "Arguments", run->arguments);
	put_fact(p, "Seed", NUM(run->seed));
	html_raw(p, "</dl>\n<details class=\"files\"><summary>Scenario "
		    "files and their SHA-256</summary>\n"
		    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Files\"><table>\n<thead><tr>"
		    "<th scope=\"col\">File</th><th scope=\"col\">SHA-256</th>"
		    "</tr></thead>\n<tbody>\n");
	rc = gu_store_files(p->store, run->id, put_file, p, err);
	html_raw(p, "</tbody></table></div></details>\n</section>\n");
	return rc;
}
