/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "embedded.h"
#include "sha256.h"
#include "banned.h"

/* The page's frame: head, summary, evidence. Its own style and script are let
 * in by their hashes, and nothing else is. */

static enum gu_verdict worst_scenario(const struct gu_run_info *run)
{
	enum gu_verdict worst = GU_VERDICT_NONE;

	for (int v = 0; v <= GU_VERDICT_ERROR; v++) {
		if (run->scenario_verdicts[v]) {
			worst = gu_verdict_worse(worst, (enum gu_verdict)v);
		}
	}
	return worst;
}

static const char *headline(const struct gu_run_info *run)
{
	if (!run->end_utc) {
		return "The run was cut off before its end.";
	}
	switch (worst_scenario(run)) {
	case GU_VERDICT_NONE:
		return "No scenario ran.";
	case GU_VERDICT_PASS:
		return "Every expectation held.";
	case GU_VERDICT_SKIP:
		return "Every expectation held; some scenarios could not run "
		       "on this target.";
	case GU_VERDICT_KNOWN:
		return "Every expectation held, but for known divergences.";
	case GU_VERDICT_FAIL:
		return "Some expectations did not hold.";
	case GU_VERDICT_ERROR:
		return "Some scenarios could not be carried out.";
	}
	return "";
}

/* head */

static const struct gu_embedded *asset(const char *path)
{
	const struct gu_embedded *a = report_assets;

	while (a->path && strcmp(a->path, path) != 0) {
		a++;
	}
	return a;
}

/* 'sha256-...' of an inline element's text, as CSP wants it. */
static void put_csp_hash(FILE *out, const struct gu_embedded *a)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t sum[GU_SHA256_BYTES + 1] = { 0 };

	gu_sha256(a->data, a->len, sum);
	fputs("'sha256-", out);
	for (size_t i = 0; i < GU_SHA256_BYTES; i += 3) {
		uint32_t v = (uint32_t)sum[i] << 16 | (uint32_t)sum[i + 1] << 8;

		v |= i + 2 < GU_SHA256_BYTES ? sum[i + 2] : 0;
		fputc(digits[v >> 18 & 63], out);
		fputc(digits[v >> 12 & 63], out);
		fputc(digits[v >> 6 & 63], out);
		fputc(i + 2 < GU_SHA256_BYTES ? digits[v & 63] : '=', out);
	}
	fputc('\'', out);
}

static void put_head(struct html_page *p)
{
	const struct gu_embedded *style = asset("report.css");
	const struct gu_embedded *script = asset("report.js");

	html_emit(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		     "<meta charset=\"utf-8\">\n"
		     "<meta http-equiv=\"Content-Security-Policy\" content=\""
		     "default-src 'none'; base-uri 'none'; form-action 'none'; "
		     "style-src ");
	put_csp_hash(p->out, style);
	html_emit(p, "; script-src ");
	put_csp_hash(p->out, script);
	html_emit(p,
		  "\">\n<meta name=\"viewport\" content=\"width=device-width, "
		  "initial-scale=1\">\n"
		  "<meta name=\"color-scheme\" content=\"light dark\">\n"
		  "<meta name=\"referrer\" content=\"no-referrer\">\n"
		  "<title>guise: run % on %</title>\n<style>",
		  NUM((uint64_t)p->run.id), p->run.target);
	fwrite(style->data, 1, style->len, p->out);
	html_emit(p, "</style>\n</head>\n<body>\n");
}

/* The store's "2026-01-31T09:00:00.000000Z" as people write it. */
static void put_moment(struct html_page *p, const char *utc)
{
	if (strlen(utc) < 19 || utc[10] != 'T') {
		html_text(p, utc, strlen(utc));
		return;
	}
	html_text(p, utc, 10);
	fputc(' ', p->out);
	html_text(p, utc + 11, 8);
	fputs(" UTC", p->out);
}

static void put_header(struct html_page *p)
{
	const struct gu_run_info *run = &p->run;

	html_emit(p,
		  "<header>\n<p class=\"brand\">guise</p>\n"
		  "<h1>Impersonation policy audit</h1>\n"
		  "<p class=\"sub\">Run % on target <b>%</b>, ",
		  NUM((uint64_t)run->id), run->target);
	put_moment(p, run->start_utc);
	html_emit(p, ", guise %</p>\n<p class=\"headline\">", run->version);
	html_badge(p, run->end_utc ? gu_verdict_name(worst_scenario(run))
				   : "error");
	html_emit(p,
		  " %</p>\n<nav aria-label=\"Sections\"><a href=\"#evidence\">"
		  "Evidence</a> <a href=\"#attention\">Attention</a> "
		  "<a href=\"#findings\">Findings</a> <a href=\"#coverage\">"
		  "Coverage</a> <a href=\"#scenarios\">Scenarios</a></nav>\n"
		  "</header>\n<main>\n",
		  headline(run));
}

/* summary and evidence */

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
	html_emit(p, "</svg>\n");
}

static void put_summary(struct html_page *p)
{
	html_emit(p,
		  "<section id=\"summary\" aria-label=\"Summary\">\n"
		  "<div class=\"tiles\">\n<div class=\"tile total\"><b>%</b>"
		  "<span>scenarios</span></div>\n",
		  NUM(p->run.scenarios));
	for (size_t i = 0; i < HTML_VERDICTS; i++) {
		const char *name = gu_verdict_name(html_verdicts[i]);
		uint32_t n = p->run.scenario_verdicts[html_verdicts[i]];

		html_emit(p,
			  "<div class=\"tile v-%%\"><b>%</b><span>"
			  "<i aria-hidden=\"true\">%</i> %</span></div>\n",
			  name, n ? "" : " none", NUM(n), html_mark(name),
			  name);
	}
	html_emit(p, "</div>\n");
	put_bar(p);
	html_emit(p, "<p class=\"note\">Records: ");
	for (size_t i = 0; i < HTML_VERDICTS; i++) {
		html_emit(p, "%% %", i ? ", " : "",
			  NUM(p->run.verdicts[html_verdicts[i]]),
			  gu_verdict_name(html_verdicts[i]));
	}
	html_emit(p, ", % not judged.</p>\n</section>\n",
		  NUM(p->run.verdicts[GU_VERDICT_NONE]));
}

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

static enum gu_rc put_evidence(struct html_page *p, struct gu_err *err)
{
	const struct gu_run_info *run = &p->run;
	enum gu_rc rc;

	html_emit(p, "<section id=\"evidence\">\n<h2>Evidence</h2>\n"
		     "<dl class=\"facts\">\n");
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
	html_emit(p, "</dl>\n<details class=\"files\"><summary>Scenario "
		     "files and their SHA-256</summary>\n"
		     "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		     "aria-label=\"Files\"><table>\n<thead><tr>"
		     "<th scope=\"col\">File</th><th scope=\"col\">SHA-256</th>"
		     "</tr></thead>\n<tbody>\n");
	rc = gu_store_files(p->store, run->id, put_file, p, err);
	html_emit(p, "</tbody></table></div></details>\n</section>\n");
	return rc;
}

/* counting */

static void count_finding(struct html_page *p, const struct gu_row *row)
{
	enum gu_rule rule;

	if (!gu_rule_parse(&rule, row->col[GU_COL_rule])) {
		return;
	}
	if (html_is(row, GU_COL_verdict, "pass")) {
		p->findings[rule].yes++;
	} else {
		p->findings[rule].no++;
	}
}

static enum gu_rc
count_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct html_page *p = arg;
	enum gu_objtype type = gu_objtype_find(row->col[GU_COL_object_type]);
	enum gu_fn fn = gu_fn_find(row->col[GU_COL_operation]);
	struct html_tally *t;

	(void)err;
	p->attention += html_failed(row);
	if (html_is(row, GU_COL_kind, "finding")) {
		count_finding(p, row);
	}
	if (fn != GU_FN_NONE && row->ok >= 0) {
		t = &p->calls[fn];
		*(row->ok ? &t->yes : &t->no) += 1;
	}
	if (*row->col[GU_COL_asked] && type != GU_OBJ_NONE) {
		t = &p->decisions[type];
		*(row->ok ? &t->yes : &t->no) += 1;
	}
	return GU_RC_OK;
}

static enum gu_rc put_body(struct html_page *p, struct gu_err *err)
{
	enum gu_rc rc;

	put_header(p);
	put_summary(p);
	rc = put_evidence(p, err);
	if (!rc) {
		rc = gu_store_rows(p->store, p->run.id, count_row, p, err);
	}
	if (!rc) {
		rc = html_attention(p, err);
	}
	if (!rc) {
		rc = html_findings(p, err);
	}
	if (!rc) {
		html_coverage(p);
		rc = html_scenarios(p, err);
	}
	return rc;
}

static void put_foot(struct html_page *p)
{
	const struct gu_embedded *script = asset("report.js");

	html_emit(p, "</main>\n<script>");
	fwrite(script->data, 1, script->len, p->out);
	html_emit(p, "</script>\n</body>\n</html>\n");
}

static enum gu_rc
html_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	struct html_page p = { .out = out, .store = s, .file = GU_BUF_INIT };
	enum gu_rc rc = gu_store_load_run(s, id, &p.run, err);

	if (rc) {
		return rc;
	}
	put_head(&p);
	rc = put_body(&p, err);
	put_foot(&p);
	if (!rc) {
		rc = gu_buf_check(&p.file, err);
	}
	gu_buf_release(&p.file);
	return rc ? rc : gu_write_finish(out, "html", err);
}

const struct gu_report_ops gu_report_html = {
	.name = "html",
	.extension = "html",
	.doc = "one self-contained page to read, filter and print",
	.write = html_write,
};
