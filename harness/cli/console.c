/* SPDX-License-Identifier: MIT */
#include "console.h"

#include <uv.h>

#include "platform.h"
#include "banned.h"

#define REDRAW_NS UINT64_C(50000000)

void gu_console_init(struct gu_console *c, bool quiet, bool verbose)
{
	const char *no_color = getenv("NO_COLOR");

	*c = (struct gu_console){ .quiet = quiet, .verbose = verbose };
	c->tty = gu_terminal_ansi();
	c->color = c->tty && !(no_color && *no_color);
	c->started_ns = uv_hrtime();
}

static void clear_progress(struct gu_console *c)
{
	if (c->showing) {
		(void)fputs("\r\033[K", stderr);
		c->showing = false;
	}
}

static const char *paint(const struct gu_console *c, enum gu_verdict v)
{
	if (!c->color) {
		return "";
	}
	switch (v) {
	case GU_VERDICT_NONE:
		return "\033[0m";
	case GU_VERDICT_PASS:
		return "\033[32m";
	case GU_VERDICT_FAIL:
	case GU_VERDICT_ERROR:
		return "\033[31m";
	case GU_VERDICT_SKIP:
	case GU_VERDICT_KNOWN:
		return "\033[33m";
	}
	return "";
}

void gu_console_line(struct gu_console *c, const char *line)
{
	clear_progress(c);
	(void)fprintf(stderr, "%s\n", line);
}

/* A name may hold line breaks, or a terminal's commands. */
void gu_console_name(FILE *out, const char *name)
{
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		(void)fputc(c < 0x20 || c == 0x7F ? '?' : c, out);
	}
	(void)fputc('\n', out);
}

void gu_console_scenario(struct gu_console *c,
			 const struct gu_scenario_info *info,
			 enum gu_verdict worst)
{
	uint64_t now;

	c->done++;
	if (c->verbose) {
		clear_progress(c);
		(void)fprintf(stderr, "%s:%d: %s%s%s: ", info->file, info->line,
			      paint(c, worst), gu_verdict_name(worst),
			      paint(c, GU_VERDICT_NONE));
		gu_console_name(stderr, info->name);
		return;
	}
	if (c->quiet || !c->tty) {
		return;
	}
	now = uv_hrtime();
	if (now - c->shown_ns < REDRAW_NS) {
		return;
	}
	c->shown_ns = now;
	c->showing = true;
	(void)fprintf(stderr, "\r\033[K%zu scenarios, %s", c->done, info->file);
}

static void show_count(const struct gu_console *c, enum gu_verdict v,
		       size_t count, bool always)
{
	if (count || always) {
		(void)fprintf(stderr, "%s %s%zu %s%s", always ? ":" : ",",
			      count ? paint(c, v) : "", count,
			      gu_verdict_name(v), paint(c, GU_VERDICT_NONE));
	}
}

void gu_console_summary(struct gu_console *c,
			const struct gu_run_totals *totals)
{
	const size_t *n = totals->scenario_verdicts;
	double seconds = (double)(uv_hrtime() - c->started_ns) / 1e9;

	clear_progress(c);
	if (c->quiet) {
		return;
	}
	(void)fprintf(stderr, "guise: %zu scenario%s", totals->scenarios,
		      totals->scenarios == 1 ? "" : "s");
	show_count(c, GU_VERDICT_PASS, n[GU_VERDICT_PASS], true);
	show_count(c, GU_VERDICT_FAIL, n[GU_VERDICT_FAIL], false);
	show_count(c, GU_VERDICT_KNOWN, n[GU_VERDICT_KNOWN], false);
	show_count(c, GU_VERDICT_SKIP, n[GU_VERDICT_SKIP], false);
	show_count(c, GU_VERDICT_ERROR, n[GU_VERDICT_ERROR], false);
	if (totals->load_errors) {
		(void)fprintf(stderr, " (%zu file%s did not load)",
			      totals->load_errors,
			      totals->load_errors == 1 ? "" : "s");
	}
	(void)fprintf(stderr, "; %zu rows, %zu judged, in %.2f s%s\n",
		      totals->rows, totals->judged, seconds,
		      totals->interrupted ? "; interrupted" : "");
}
