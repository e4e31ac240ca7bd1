/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <inttypes.h>

#include "embedded.h"
#include "findings.h"
#include "sha256.h"
#include "write.h"
#include "banned.h"

/* The page. Everything that comes from a run goes through emit, which escapes
 * it; the page's own style and script are let in by their hashes and by
 * nothing else. Only counters are kept, whatever the size of the run. */
struct tally {
	uint64_t yes;
	uint64_t no;
};

struct page {
	FILE *out;
	struct gu_store *store;
	struct gu_run_info run;
	struct tally calls[GU_FN_COUNT];      /* success, failure */
	struct tally decisions[GU_OBJ_COUNT]; /* granted, denied */
	struct tally findings[GU_RULE_COUNT]; /* declared, undeclared */
	uint64_t attention;
	uint64_t scenarios; /* listed so far */
	uint32_t seq;       /* of the next scenario's first row */
	struct gu_buf file; /* whose scenarios are being listed */
};

static const char *entity(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

/* Control characters are shown by their Unicode pictures (U+2400...). */
static void put_odd(FILE *out, unsigned char c)
{
	const char *name = entity(c);

	if (name) {
		fputs(name, out);
	} else if (c < 0x20) {
		fprintf(out, "\xE2\x90%c", 0x80 + c);
	} else if (c == 0x7F) {
		fputs("\xE2\x90\xA1", out);
	} else {
		fputs(GU_UTF8_REPLACEMENT, out);
	}
}

static size_t plain_run(const char *s, size_t n)
{
	size_t at = 0;

	while (at < n) {
		unsigned char c = (unsigned char)s[at];
		size_t len = gu_utf8_sequence(s + at, n - at);

		if (len == 0 || c < 0x20 || c == 0x7F || entity(c)) {
			break;
		}
		at += len;
	}
	return at;
}

static void put_text(FILE *out, const char *s, size_t n)
{
	for (;;) {
		size_t run = plain_run(s, n);

		fwrite(s, 1, run, out);
		if (run == n) {
			return;
		}
		put_odd(out, (unsigned char)s[run]);
		s += run + 1;
		n -= run + 1;
	}
}

/* Writes markup; each % stands for a string (NULL: nothing), escaped. */
static void emit(struct page *p, const char *markup, ...)
{
	va_list ap;

	va_start(ap, markup);
	for (;;) {
		size_t run = strcspn(markup, "%");
		const char *text;

		fwrite(markup, 1, run, p->out);
		if (!markup[run]) {
			break;
		}
		text = va_arg(ap, const char *);
		if (text) {
			put_text(p->out, text, strlen(text));
		}
		markup += run + 1;
	}
	va_end(ap);
}

/* Text that may be broken into lines after each `mark`, and nowhere else. */
static void put_breakable(struct page *p, const char *text, char mark)
{
	const char *at;

	while ((at = strchr(text, mark)) != NULL) {
		put_text(p->out, text, (size_t)(at - text) + 1);
		fputs("<wbr>", p->out);
		text = at + 1;
	}
	put_text(p->out, text, strlen(text));
}

struct number {
	char text[24];
};

static struct number number(uint64_t v)
{
	struct number n;

	snprintf(n.text, sizeof(n.text), "%" PRIu64, v);
	return n;
}

#define NUM(v) (number(v).text)

/* --- verdicts */

static const char *verdict_mark(const char *verdict)
{
	static const char *const marks[][2] = {
		{ "pass", "\xE2\x9C\x93" },  { "fail", "\xE2\x9C\x97" },
		{ "skip", "\xE2\x97\x8B" },  { "known", "\xE2\x89\x88" },
		{ "error", "\xE2\x80\xBC" },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (strcmp(verdict, marks[i][0]) == 0) {
			return marks[i][1];
		}
	}
	return "";
}

static void badge(struct page *p, const char *verdict)
{
	if (*verdict) {
		emit(p,
		     "<span class=\"badge v-%\"><b aria-hidden=\"true\">%</b>"
		     " %</span>",
		     verdict, verdict_mark(verdict), verdict);
	}
}

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

/* --- head */

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

static void put_head(struct page *p)
{
	const struct gu_embedded *style = asset("report.css");
	const struct gu_embedded *script = asset("report.js");

	emit(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\""
		"default-src 'none'; base-uri 'none'; form-action 'none'; "
		"style-src ");
	put_csp_hash(p->out, style);
	emit(p, "; script-src ");
	put_csp_hash(p->out, script);
	emit(p,
	     "\">\n<meta name=\"viewport\" content=\"width=device-width, "
	     "initial-scale=1\">\n"
	     "<meta name=\"color-scheme\" content=\"light dark\">\n"
	     "<meta name=\"referrer\" content=\"no-referrer\">\n"
	     "<title>guise: run % on %</title>\n<style>",
	     NUM((uint64_t)p->run.id), p->run.target);
	fwrite(style->data, 1, style->len, p->out);
	emit(p, "</style>\n</head>\n<body>\n");
}

/* The store's "2026-01-31T09:00:00.000000Z" as people write it. */
static void put_moment(struct page *p, const char *utc)
{
	if (strlen(utc) < 19 || utc[10] != 'T') {
		put_text(p->out, utc, strlen(utc));
		return;
	}
	put_text(p->out, utc, 10);
	fputc(' ', p->out);
	put_text(p->out, utc + 11, 8);
	fputs(" UTC", p->out);
}

static void put_header(struct page *p)
{
	const struct gu_run_info *run = &p->run;

	emit(p,
	     "<header>\n<p class=\"brand\">guise</p>\n"
	     "<h1>Impersonation policy audit</h1>\n"
	     "<p class=\"sub\">Run % on target <b>%</b>, ",
	     NUM((uint64_t)run->id), run->target);
	put_moment(p, run->start_utc);
	emit(p, ", guise %</p>\n<p class=\"headline\">", run->version);
	badge(p, run->end_utc ? gu_verdict_name(worst_scenario(run)) : "error");
	emit(p,
	     " %</p>\n<nav aria-label=\"Sections\"><a href=\"#evidence\">"
	     "Evidence</a> <a href=\"#attention\">Attention</a> "
	     "<a href=\"#findings\">Findings</a> <a href=\"#coverage\">"
	     "Coverage</a> <a href=\"#scenarios\">Scenarios</a></nav>\n"
	     "</header>\n<main>\n",
	     headline(run));
}

/* --- summary and evidence */

static const enum gu_verdict shown[] = { GU_VERDICT_PASS, GU_VERDICT_FAIL,
					 GU_VERDICT_ERROR, GU_VERDICT_KNOWN,
					 GU_VERDICT_SKIP };
enum { SHOWN = sizeof(shown) / sizeof(shown[0]) };

/* Shares of the whole as one line. */
static void put_bar(struct page *p)
{
	uint64_t at = 0;

	emit(p,
	     "<svg class=\"bar\" viewBox=\"0 0 % 1\" "
	     "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
	     NUM(p->run.scenarios ? p->run.scenarios : 1));
	for (size_t i = 0; i < SHOWN; i++) {
		uint64_t n = p->run.scenario_verdicts[shown[i]];

		if (n) {
			emit(p,
			     "<rect class=\"f-%\" x=\"%\" width=\"%\" "
			     "height=\"1\"/>",
			     gu_verdict_name(shown[i]), NUM(at), NUM(n));
		}
		at += n;
	}
	emit(p, "</svg>\n");
}

static void put_summary(struct page *p)
{
	emit(p,
	     "<section id=\"summary\" aria-label=\"Summary\">\n"
	     "<div class=\"tiles\">\n<div class=\"tile total\"><b>%</b>"
	     "<span>scenarios</span></div>\n",
	     NUM(p->run.scenarios));
	for (size_t i = 0; i < SHOWN; i++) {
		const char *name = gu_verdict_name(shown[i]);
		uint32_t n = p->run.scenario_verdicts[shown[i]];

		emit(p,
		     "<div class=\"tile v-%%\"><b>%</b><span>"
		     "<i aria-hidden=\"true\">%</i> %</span></div>\n",
		     name, n ? "" : " none", NUM(n), verdict_mark(name), name);
	}
	emit(p, "</div>\n");
	put_bar(p);
	emit(p, "<p class=\"note\">Records: ");
	for (size_t i = 0; i < SHOWN; i++) {
		emit(p, "%% %", i ? ", " : "", NUM(p->run.verdicts[shown[i]]),
		     gu_verdict_name(shown[i]));
	}
	emit(p, ", % not judged.</p>\n</section>\n",
	     NUM(p->run.verdicts[GU_VERDICT_NONE]));
}

static void put_fact(struct page *p, const char *name, const char *value)
{
	emit(p, "<div><dt>%</dt><dd>%</dd></div>\n", name,
	     value && *value ? value : "not known");
}

static enum gu_rc
put_file(void *arg, const char *path, const char *sha256, struct gu_err *err)
{
	struct page *p = arg;

	(void)err;
	emit(p, "<tr><td class=\"path\">%</td><td class=\"hash\">%</td></tr>\n",
	     path, sha256);
	return GU_RC_OK;
}

static enum gu_rc put_evidence(struct page *p, struct gu_err *err)
{
	const struct gu_run_info *run = &p->run;
	enum gu_rc rc;

	emit(p, "<section id=\"evidence\">\n<h2>Evidence</h2>\n"
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
	emit(p, "</dl>\n<details class=\"files\"><summary>Scenario "
		"files and their SHA-256</summary>\n"
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"Files\"><table>\n<thead><tr>"
		"<th scope=\"col\">File</th><th scope=\"col\">SHA-256</th>"
		"</tr></thead>\n<tbody>\n");
	rc = gu_store_files(p->store, run->id, put_file, p, err);
	emit(p, "</tbody></table></div></details>\n</section>\n");
	return rc;
}

/* --- counting and attention */

static bool is(const struct gu_row *row, enum gu_column col, const char *text)
{
	return strcmp(row->col[col], text) == 0;
}

static bool failed(const struct gu_row *row)
{
	return is(row, GU_COL_verdict, "fail") ||
	       is(row, GU_COL_verdict, "error");
}

static void count_finding(struct page *p, const struct gu_row *row)
{
	enum gu_rule rule;

	if (!gu_rule_parse(&rule, row->col[GU_COL_rule])) {
		return;
	}
	if (is(row, GU_COL_verdict, "pass")) {
		p->findings[rule].yes++;
	} else {
		p->findings[rule].no++;
	}
}

static enum gu_rc
count_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct page *p = arg;
	enum gu_objtype type = gu_objtype_find(row->col[GU_COL_object_type]);
	enum gu_fn fn = gu_fn_find(row->col[GU_COL_operation]);
	struct tally *t;

	(void)err;
	p->attention += failed(row);
	if (is(row, GU_COL_kind, "finding")) {
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

static void put_place(struct page *p, const struct gu_row *row)
{
	emit(p,
	     "<a class=\"place\" href=\"#r%\">%</a>"
	     "<span class=\"path\">%:%, step %</span>",
	     row->col[GU_COL_seq], row->col[GU_COL_scenario],
	     row->col[GU_COL_file], row->col[GU_COL_line],
	     row->col[GU_COL_step]);
}

static void put_attention_head(struct page *p)
{
	if (!p->attention) {
		emit(p, "<p class=\"calm\">Nothing: no expectation failed, no "
			"undeclared finding was seen, nothing went wrong.</p>"
			"\n");
		return;
	}
	emit(p, "<ul class=\"cards\">\n");
}

static void put_what(struct page *p, const struct gu_row *row)
{
	const char *who = row->col[GU_COL_identity];

	if (*row->col[GU_COL_rule]) {
		emit(p, "<code>%</code> (%)", row->col[GU_COL_rule],
		     row->col[GU_COL_cwe]);
	} else if (*row->col[GU_COL_operation]) {
		emit(p, "<code>%</code> <span class=\"object\">%</span>",
		     row->col[GU_COL_operation], row->col[GU_COL_object]);
	}
	if (*who) {
		emit(p, " as <bdi>%</bdi>%%", who,
		     *row->col[GU_COL_level] ? " at " : "",
		     row->col[GU_COL_level]);
	}
}

/* "succeeded", or the status by name and code. */
static void put_answer(struct page *p, const struct gu_row *row)
{
	const char *code = row->col[GU_COL_status_code];
	const char *name = row->col[GU_COL_status_name];

	if (row->ok < 0) {
		return;
	}
	emit(p, row->ok ? "<span class=\"answer yes\">"
			: "<span class=\"answer no\">");
	if (row->ok && strspn(code, "0x") == strlen(code)) {
		emit(p, "succeeded</span>");
		return;
	}
	put_breakable(p, *name ? name : code, '_');
	emit(p, "</span>");
	if (*name) {
		emit(p, " <span class=\"code\">(%)</span>", code);
	}
}

static enum gu_rc
put_attention_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct page *p = arg;

	(void)err;
	if (!failed(row)) {
		return GU_RC_OK;
	}
	emit(p, "<li class=\"v-%\"><div class=\"top\">",
	     row->col[GU_COL_verdict]);
	badge(p, row->col[GU_COL_verdict]);
	put_place(p, row);
	emit(p, "</div>\n<dl>");
	if (*row->col[GU_COL_operation] || *row->col[GU_COL_rule]) {
		emit(p, "<dt>What</dt><dd>");
		put_what(p, row);
		emit(p, "</dd>");
	}
	if (*row->col[GU_COL_expected]) {
		emit(p, "<dt>Expected</dt><dd>%</dd>",
		     row->col[GU_COL_expected]);
	}
	if (row->ok >= 0) {
		emit(p, "<dt>Answer</dt><dd>");
		put_answer(p, row);
		emit(p, "</dd>");
	}
	if (*row->col[GU_COL_reason]) {
		emit(p, "<dt>Why</dt><dd>%</dd>", row->col[GU_COL_reason]);
	}
	emit(p, "</dl></li>\n");
	return GU_RC_OK;
}

static enum gu_rc put_attention(struct page *p, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	emit(p,
	     "<section id=\"attention\">\n<h2>Needs attention "
	     "<small>%</small></h2>\n",
	     NUM(p->attention));
	put_attention_head(p);
	if (p->attention) {
		rc = gu_store_rows(p->store, p->run.id, put_attention_row, p,
				   err);
		emit(p, "</ul>\n");
	}
	emit(p, "</section>\n");
	return rc;
}

/* --- findings */

static void put_rules(struct page *p)
{
	emit(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"Rules\"><table>\n<thead><tr>"
		"<th scope=\"col\">Rule</th><th scope=\"col\">Weakness</th>"
		"<th scope=\"col\">Seen when</th>"
		"<th scope=\"col\" class=\"n\">Undeclared</th>"
		"<th scope=\"col\" class=\"n\">Declared</th></tr></thead>\n"
		"<tbody>\n");
	for (int i = 0; i < GU_RULE_COUNT; i++) {
		enum gu_rule rule = (enum gu_rule)i;
		const struct tally *t = &p->findings[i];

		emit(p,
		     "<tr><th scope=\"row\"><code>%</code></th><td>%</td>"
		     "<td>%</td><td class=\"n%\">%</td>"
		     "<td class=\"n%\">%</td></tr>\n",
		     gu_rule_name(rule), gu_rule_cwe(rule), gu_rule_doc(rule),
		     t->no ? " bad" : " zero", NUM(t->no),
		     t->yes ? "" : " zero", NUM(t->yes));
	}
	emit(p, "</tbody></table></div>\n");
}

static enum gu_rc
put_finding_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct page *p = arg;

	(void)err;
	if (!is(row, GU_COL_kind, "finding")) {
		return GU_RC_OK;
	}
	emit(p, "<li class=\"v-%\"><div class=\"top\">",
	     row->col[GU_COL_verdict]);
	badge(p, row->col[GU_COL_verdict]);
	emit(p, "<code>%</code> ", row->col[GU_COL_rule]);
	put_place(p, row);
	emit(p, "</div>\n<p>%</p></li>\n", row->col[GU_COL_reason]);
	return GU_RC_OK;
}

static enum gu_rc put_findings(struct page *p, struct gu_err *err)
{
	uint64_t total = 0;
	enum gu_rc rc;

	for (int i = 0; i < GU_RULE_COUNT; i++) {
		total += p->findings[i].yes + p->findings[i].no;
	}
	emit(p,
	     "<section id=\"findings\">\n<h2>Hygiene findings "
	     "<small>%</small></h2>\n"
	     "<p class=\"note\">Breaches seen by watching every call. One "
	     "that a scenario declares is what it set out to show; an "
	     "undeclared one fails the run.</p>\n",
	     NUM(total));
	put_rules(p);
	if (!total) {
		emit(p, "</section>\n");
		return GU_RC_OK;
	}
	emit(p, "<details class=\"list\"><summary>Each finding</summary>\n"
		"<ul class=\"cards\">\n");
	rc = gu_store_rows(p->store, p->run.id, put_finding_row, p, err);
	emit(p, "</ul></details>\n</section>\n");
	return rc;
}

/* --- coverage */

static void put_tally(struct page *p, const struct tally *t)
{
	emit(p, "<td class=\"n%\">%</td><td class=\"n%\">%</td>",
	     t->yes ? "" : " zero", NUM(t->yes), t->no ? "" : " zero",
	     NUM(t->no));
}

static void put_function(struct page *p, enum gu_fn fn)
{
	const struct gu_fn_row *row = gu_fn_row(fn);

	emit(p, "<tr><th scope=\"row\"><code>%</code></th><td>%</td><td>%</td>",
	     row->name, gu_fn_kind_name(row->kind), row->dll);
	put_tally(p, &p->calls[fn]);
	emit(p, "</tr>\n");
}

static void put_functions_head(struct page *p, const char *label)
{
	emit(p,
	     "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	     "aria-label=\"%\"><table class=\"narrow\">\n<thead><tr>"
	     "<th scope=\"col\">Function</th><th scope=\"col\">Kind</th>"
	     "<th scope=\"col\">Library</th>"
	     "<th scope=\"col\" class=\"n\">Succeeded</th>"
	     "<th scope=\"col\" class=\"n\">Failed</th></tr></thead>\n"
	     "<tbody>\n",
	     label);
}

static void put_other_functions(struct page *p)
{
	emit(p, "<details class=\"list\"><summary>Other calls of this run"
		"</summary>\n");
	put_functions_head(p, "Other calls");
	for (int i = GU_FN_IMPERSONATION_COUNT; i < GU_FN_COUNT; i++) {
		if (p->calls[i].yes || p->calls[i].no) {
			put_function(p, (enum gu_fn)i);
		}
	}
	emit(p, "</tbody></table></div></details>\n");
}

static void put_objects(struct page *p)
{
	emit(p,
	     "<h3>Access decisions</h3>\n"
	     "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	     "aria-label=\"Access decisions\"><table class=\"narrow\">\n<thead><tr>"
	     "<th scope=\"col\">Object type</th>"
	     "<th scope=\"col\" class=\"n\">Granted</th>"
	     "<th scope=\"col\" class=\"n\">Denied</th></tr></thead>\n"
	     "<tbody>\n");
	for (int i = 0; i < GU_OBJ_COUNT; i++) {
		emit(p, "<tr><th scope=\"row\">%</th>",
		     gu_objtype_row((enum gu_objtype)i)->doc);
		put_tally(p, &p->decisions[i]);
		emit(p, "</tr>\n");
	}
	emit(p, "</tbody></table></div>\n");
}

static void put_coverage(struct page *p)
{
	emit(p, "<section id=\"coverage\">\n<h2>Coverage</h2>\n"
		"<p class=\"note\">How often each function that starts or ends "
		"impersonation was called, and how it answered.</p>\n"
		"<div class=\"columns\">\n<div>\n"
		"<h3>Impersonation functions</h3>\n");
	put_functions_head(p, "Impersonation functions");
	for (int i = 0; i < GU_FN_IMPERSONATION_COUNT; i++) {
		put_function(p, (enum gu_fn)i);
	}
	emit(p, "</tbody></table></div>\n");
	put_other_functions(p);
	emit(p, "</div>\n<div>\n");
	put_objects(p);
	emit(p, "</div>\n</div>\n</section>\n");
}

/* --- scenarios */

static void put_thread_cell(struct page *p, const struct gu_row *row)
{
	const char *process = row->col[GU_COL_process];

	emit(p, *process ? "<td>%<small>%</small></td>" : "<td>%</td>",
	     row->col[GU_COL_thread], process);
}

static void put_identity_cell(struct page *p, const struct gu_row *row)
{
	const char *level = row->col[GU_COL_level];

	emit(p, "<td><bdi>%</bdi>", row->col[GU_COL_identity]);
	if (*level) {
		emit(p, "<small><b class=\"level\">%</b>%%</small>", level,
		     *row->col[GU_COL_via] ? " via " : "",
		     row->col[GU_COL_via]);
	}
	if (*row->col[GU_COL_identity_sid]) {
		emit(p, "<small class=\"sid\">%</small>",
		     row->col[GU_COL_identity_sid]);
	}
	emit(p, "</td>");
}

static void put_operation_cell(struct page *p, const struct gu_row *row)
{
	const char *name = row->col[GU_COL_operation];

	if (!*name) {
		name = row->col[GU_COL_rule];
	}
	emit(p, *name ? "<td><code>%</code>" : "<td>", name);
	if (*row->col[GU_COL_cwe]) {
		emit(p, "<small>%</small>", row->col[GU_COL_cwe]);
	}
	if (*row->col[GU_COL_object]) {
		emit(p, "<small><span class=\"object\">%</span></small>",
		     row->col[GU_COL_object]);
	}
	if (*row->col[GU_COL_object_type]) {
		emit(p, "<small>%</small>", row->col[GU_COL_object_type]);
	}
	emit(p, "</td>");
}

static void put_rights_cell(struct page *p, const struct gu_row *row)
{
	const char *asked = row->col[GU_COL_asked];
	const char *granted = row->col[GU_COL_granted];

	emit(p, "<td>");
	if (*asked) {
		emit(p, "<span class=\"label\">asked</span> <code>");
		put_breakable(p, asked, '|');
		emit(p, "</code><br><span class=\"label\">granted</span> ");
		if (strcmp(granted, asked) == 0) {
			emit(p, "all of it");
		} else if (strcmp(granted, "0") == 0) {
			emit(p, "nothing");
		} else {
			emit(p, "<code>");
			put_breakable(p, granted, '|');
			emit(p, "</code>");
		}
	}
	emit(p, "</td>");
}

static void put_verdict_cell(struct page *p, const struct gu_row *row)
{
	emit(p, "<td>");
	badge(p, row->col[GU_COL_verdict]);
	if (*row->col[GU_COL_expected]) {
		emit(p, "<small>expected: %</small>",
		     row->col[GU_COL_expected]);
	}
	emit(p, "</td>");
}

static enum gu_rc
put_record(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct page *p = arg;

	(void)err;
	emit(p,
	     "<tr id=\"r%\" class=\"k-% v-%\"><td>%"
	     "<small>line %</small></td>",
	     row->col[GU_COL_seq], row->col[GU_COL_kind],
	     row->col[GU_COL_verdict], row->col[GU_COL_step],
	     row->col[GU_COL_line]);
	put_thread_cell(p, row);
	put_identity_cell(p, row);
	put_operation_cell(p, row);
	put_rights_cell(p, row);
	emit(p, "<td>");
	put_answer(p, row);
	emit(p, "</td>");
	put_verdict_cell(p, row);
	emit(p, "<td class=\"why\">%</td></tr>\n", row->col[GU_COL_reason]);
	return gu_write_failed(p->out) ? gu_write_finish(p->out, "html", err)
				       : GU_RC_OK;
}

/* A heading before the first scenario of each file. */
static void
put_file_heading(struct page *p, const struct gu_stored_scenario *sc)
{
	if (p->scenarios && strcmp(sc->file, p->file.data) == 0) {
		return;
	}
	emit(p, p->scenarios ? "</div>\n" : "");
	emit(p, "<div class=\"file\">\n<h3 class=\"path\">%</h3>\n", sc->file);
	gu_buf_reset(&p->file);
	gu_buf_adds(&p->file, sc->file);
}

/* "pipe,negative" as one mark each. */
static void put_tags(struct page *p, const char *tags)
{
	emit(p, "<span class=\"tags\">");
	while (*tags) {
		size_t n;

		tags += strspn(tags, ", ");
		n = strcspn(tags, ",");
		if (n) {
			fputs("<i>", p->out);
			put_text(p->out, tags, n);
			fputs("</i> ", p->out);
		}
		tags += n;
	}
	emit(p, "</span>");
}

static void
put_scenario_head(struct page *p, const struct gu_stored_scenario *sc)
{
	bool open = strcmp(sc->verdict, "fail") == 0 ||
		    strcmp(sc->verdict, "error") == 0;

	emit(p, "<details class=\"scenario v-%\" data-verdict=\"%\"",
	     sc->verdict, sc->verdict);
	emit(p, open ? " open><summary>" : "><summary>");
	badge(p, sc->verdict);
	emit(p, "<span class=\"name\">%</span>", sc->name);
	put_tags(p, sc->tags);
	emit(p, "<span class=\"where\">line %, % %</span></summary>\n",
	     NUM((uint64_t)sc->line), NUM(sc->records),
	     sc->records == 1 ? "record" : "records");
}

static enum gu_rc
put_scenario(void *arg, const struct gu_stored_scenario *sc, struct gu_err *err)
{
	struct page *p = arg;
	enum gu_rc rc;

	put_file_heading(p, sc);
	p->scenarios++;
	put_scenario_head(p, sc);
	emit(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
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
	emit(p, "</tbody></table></div></details>\n");
	return rc;
}

static enum gu_rc put_scenarios(struct page *p, struct gu_err *err)
{
	enum gu_rc rc;

	emit(p,
	     "<section id=\"scenarios\">\n<h2>Scenarios <small>%</small>"
	     "</h2>\n<div class=\"tools\" hidden>"
	     "<label class=\"search\">Filter <input id=\"filter\" "
	     "type=\"search\" autocomplete=\"off\" spellcheck=\"false\" "
	     "placeholder=\"name, function, account, status...\"></label>"
	     "<div class=\"verdicts\" role=\"group\" "
	     "aria-label=\"Verdicts\">",
	     NUM(p->run.scenarios));
	for (size_t i = 0; i < SHOWN; i++) {
		const char *name = gu_verdict_name(shown[i]);

		emit(p,
		     "<label class=\"v-%\"><input type=\"checkbox\" "
		     "value=\"%\" checked> % %</label>",
		     name, name, verdict_mark(name), name);
	}
	emit(p, "</div><button type=\"button\" id=\"open\">Open all</button>"
		"<button type=\"button\" id=\"close\">Close all</button>"
		"<output id=\"count\"></output></div>\n");
	p->seq = 1;
	rc = gu_store_scenarios(p->store, p->run.id, put_scenario, p, err);
	emit(p, p->scenarios ? "</div>\n</section>\n" : "</section>\n");
	return rc;
}

static enum gu_rc put_body(struct page *p, struct gu_err *err)
{
	enum gu_rc rc;

	put_header(p);
	put_summary(p);
	rc = put_evidence(p, err);
	if (!rc) {
		rc = gu_store_rows(p->store, p->run.id, count_row, p, err);
	}
	if (!rc) {
		rc = put_attention(p, err);
	}
	if (!rc) {
		rc = put_findings(p, err);
	}
	if (!rc) {
		put_coverage(p);
		rc = put_scenarios(p, err);
	}
	return rc;
}

static void put_foot(struct page *p)
{
	const struct gu_embedded *script = asset("report.js");

	emit(p, "</main>\n<script>");
	fwrite(script->data, 1, script->len, p->out);
	emit(p, "</script>\n</body>\n</html>\n");
}

static enum gu_rc
html_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	struct page p = { .out = out, .store = s, .file = GU_BUF_INIT };
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
