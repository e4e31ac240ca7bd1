/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "alloc.h"
#include "embedded.h"
#include "html_pack.h"
#include "sha256.h"
#include "banned.h"

/* The page's frame. Its own style and script are let
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

/* All assets of that kind, one behind the other, in the order of their names:
 * one inline element each, so that one hash lets it in. */
static void add_assets(struct gu_buf *out, const char *extension)
{
	for (const struct gu_embedded *a = report_assets; a->path; a++) {
		const char *dot = strrchr(a->path, '.');

		if (dot && strcmp(dot, extension) == 0) {
			gu_buf_add(out, a->data, a->len);
		}
	}
}

/* 'sha256-...' of an inline element's text, as CSP wants it. */
static void put_csp_hash(struct html_page *p, const struct gu_buf *text)
{
	uint8_t sum[GU_SHA256_BYTES];

	gu_sha256(text->data, text->len, sum);
	html_raw(p, "'sha256-");
	html_base64(p->out, sum, sizeof(sum));
	html_raw(p, "'");
}

static void put_head(struct html_page *p, const struct gu_buf *style,
		     const struct gu_buf *script)
{
	html_raw(p,
		 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		 "<meta charset=\"utf-8\">\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\""
		 "default-src 'none'; base-uri 'none'; form-action 'none'; ");
	html_raw(p, p->template.logo_type ? "img-src data:; style-src "
					  : "style-src ");
	put_csp_hash(p, style);
	html_raw(p, "; script-src ");
	put_csp_hash(p, script);
	html_emit(p,
		  "\">\n<meta name=\"viewport\" content=\"width=device-width, "
		  "initial-scale=1\">\n"
		  "<meta name=\"color-scheme\" content=\"light dark\">\n"
		  "<meta name=\"referrer\" content=\"no-referrer\">\n"
		  "<title>%: run % on %</title>\n<style>",
		  p->template.title.len ? p->template.title.data : "guise",
		  NUM((uint64_t)p->run.id), p->run.target);
	html_raw(p, style->data);
	html_raw(p, "</style>\n</head>\n<body>\n");
}

/* The store's "2026-01-31T09:00:00.000000Z" as people write it. */
static void put_moment(struct html_page *p, const char *utc)
{
	if (strlen(utc) < 19 || utc[10] != 'T') {
		html_text(p, utc, strlen(utc));
		return;
	}
	html_text(p, utc, 10);
	html_raw(p, " ");
	html_text(p, utc + 11, 8);
	html_raw(p, " UTC");
}

static void put_brand(struct html_page *p)
{
	const struct html_template *t = &p->template;

	if (!t->logo_type) {
		html_raw(p, "<p class=\"brand\">guise</p>\n");
		return;
	}
	html_emit(p, "<img class=\"logo\" alt=\"\" src=\"data:%;base64,",
		  t->logo_type);
	html_base64(p->out, (const unsigned char *)t->logo.data, t->logo.len);
	html_raw(p, "\">\n");
}

static void put_header(struct html_page *p)
{
	const struct gu_run_info *run = &p->run;

	html_raw(p, "<a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
		    "<header>\n");
	put_brand(p);
	html_emit(p,
		  "<div class=\"about\"><h1>%</h1>\n"
		  "<p class=\"sub\">Run % on <b>%</b>, ",
		  p->template.title.len ? p->template.title.data
					: "Impersonation policy audit",
		  NUM((uint64_t)run->id), run->target);
	put_moment(p, run->start_utc);
	html_emit(p,
		  ", guise %</p></div>\n"
		  "<nav id=\"views\" aria-label=\"Views\" hidden>"
		  "<a href=\"#view=overview\">Overview</a>"
		  "<a href=\"#view=timeline\">Timeline</a>"
		  "<a href=\"#view=matrix\">Matrix</a>"
		  "<a href=\"#view=results\">Results</a></nav>\n</header>\n"
		  "<main id=\"main\" tabindex=\"-1\">\n",
		  run->version);
}

static void put_headline(struct html_page *p)
{
	const struct gu_run_info *run = &p->run;

	html_raw(p, "<p class=\"headline\">");
	html_badge(p, run->end_utc ? gu_verdict_name(worst_scenario(run))
				   : "error");
	html_emit(p,
		  " %</p>\n<noscript><p class=\"note\">Timeline, matrix and "
		  "the table of all % records need JavaScript. What this page "
		  "says without it: the counts, the first failures, findings, "
		  "coverage and evidence.</p></noscript>\n",
		  headline(run), COUNT(p->records));
}

static enum gu_rc put_overview(struct html_page *p, struct gu_err *err)
{
	enum gu_rc rc;

	html_raw(p, "<div class=\"view\" id=\"view-overview\">\n");
	put_headline(p);
	html_summary(p);
	rc = html_changes(p, err);
	if (rc) {
		return rc;
	}
	html_failures(p);
	html_findings(p);
	html_coverage(p);
	html_slowest(p);
	rc = html_evidence(p, err);
	html_raw(p, "</div>\n");
	return rc;
}

static void put_views(struct html_page *p)
{
	static const char *const names[][2] = { { "timeline", "Timeline" },
						{ "matrix", "Matrix" },
						{ "results", "Results" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		html_emit(p,
			  "<section class=\"view\" id=\"view-%\" "
			  "aria-label=\"%\" hidden></section>\n",
			  names[i][0], names[i][1]);
	}
	html_raw(p, "</main>\n<p id=\"status\" role=\"status\"></p>\n");
}

static enum gu_rc put_page(struct html_page *p, struct gu_err *err)
{
	struct gu_buf style = GU_BUF_INIT;
	struct gu_buf script = GU_BUF_INIT;
	enum gu_rc rc;

	add_assets(&style, ".css");
	gu_buf_add(&style, p->template.css.data, p->template.css.len);
	add_assets(&script, ".js");
	rc = gu_buf_check(&style, err);
	if (!rc) {
		rc = gu_buf_check(&script, err);
	}
	if (rc) {
		goto out;
	}
	put_head(p, &style, &script);
	put_header(p);
	rc = put_overview(p, err);
	put_views(p);
	if (!rc) {
		rc = html_data(p, err);
	}
	html_raw(p, "<script type=\"module\">");
	html_raw(p, script.data);
	html_raw(p, "</script>\n</body>\n</html>\n");
out:
	gu_buf_release(&style);
	gu_buf_release(&script);
	return rc;
}

static enum gu_rc
write_page(struct html_page *p, int64_t id, struct gu_err *err)
{
	enum gu_rc rc = gu_store_load_run(p->store, id, &p->run, err);

	if (!rc && p->extras && p->extras->template_path) {
		rc = html_template_read(&p->template, p->extras->template_path,
					err);
	}
	if (!rc) {
		rc = gu_grounds_new(&p->grounds, p->store, err);
	}
	if (!rc) {
		rc = html_count(p, err);
	}
	if (!rc) {
		rc = put_page(p, err);
	}
	gu_grounds_free(p->grounds);
	return rc ? rc : gu_write_finish(p->out, "html", err);
}

static enum gu_rc html_write_with(struct gu_store *s, int64_t id,
				  const struct gu_report_extras *extras,
				  FILE *out, struct gu_err *err)
{
	struct html_page *p = gu_calloc(1, sizeof(*p));
	enum gu_rc rc;

	if (!p) {
		return gu_err_nomem(err);
	}
	p->out = out;
	p->store = s;
	p->extras = extras;
	gu_buf_init(&p->failures);
	html_template_init(&p->template);
	rc = write_page(p, id, err);
	html_template_release(&p->template);
	gu_buf_release(&p->failures);
	gu_free(p);
	return rc;
}

static enum gu_rc
html_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	return html_write_with(s, id, NULL, out, err);
}

const struct gu_report_ops gu_report_html = {
	.name = "html",
	.extension = "html",
	.doc = "one self-contained page to read, filter and print",
	.write = html_write,
	.write_with = html_write_with,
};
