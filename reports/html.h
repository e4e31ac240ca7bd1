/* SPDX-License-Identifier: MIT */
#ifndef GU_HTML_H
#define GU_HTML_H

#include <string.h>

#include "findings.h"
#include "grounds.h"
#include "html_template.h"
#include "write.h"

/* The page in the making, for the files that write its parts. Everything that
 * comes from a run goes through html_emit, html_text or html_json, which
 * escape it. Only counters, a few scenarios and the first failures are kept,
 * whatever the size of the run. */
enum {
	HTML_FAILURES = 1000,     /* shown without a script */
	HTML_FAILURES_FIRST = 25, /* with it: Results has them all */
	HTML_FAILURE_BYTES = 2 << 20,
	HTML_SLOWEST = 10,
	HTML_CLIP = 400, /* bytes of a text in what is kept */
	/* Levels, then: not impersonating. */
	HTML_LEVELS = 5,
	/* Functions that set an identity, then: none of them. */
	HTML_WAYS = GU_FN_IMPERSONATION_COUNT + 1,
};

struct html_tally {
	uint32_t yes;
	uint32_t no;
};

struct html_slow {
	uint64_t ns;
	uint32_t records;
	char name[HTML_CLIP];
	char file[HTML_CLIP];
};

struct html_page {
	FILE *out;
	struct gu_buf *held; /* takes what is written, when not NULL */
	struct gu_store *store;
	struct gu_grounds *grounds;
	struct gu_run_info run;
	const struct gu_report_extras *extras; /* NULL: none */
	struct html_template template;
	struct html_tally calls[GU_FN_COUNT]; /* success, failure */
	/* Access decisions: granted, denied. */
	struct html_tally heat[HTML_WAYS][HTML_LEVELS][GU_OBJ_COUNT];
	uint32_t findings[GU_RULE_COUNT][GU_VERDICT_ERROR + 1];
	struct html_slow slowest[HTML_SLOWEST];
	struct html_slow current; /* the scenario being added up */
	struct gu_buf failures;   /* the first, as table rows */
	size_t failures_cut;      /* bytes of the first few */
	uint32_t failures_kept;
	uint32_t attention;
	uint32_t records;
	uint32_t scenarios;
};

/* Writes markup; each % stands for a string (NULL: nothing), escaped. */
void html_emit(struct html_page *p, const char *markup, ...);

void html_raw(struct html_page *p, const char *text);
void html_text(struct html_page *p, const char *s, size_t n);

/* The first HTML_CLIP bytes of it, with a sign where more was. */
void html_clip(struct html_page *p, const char *s);

/* A value in the query of an address. */
void html_query(struct html_page *p, const char *s);

/* A link to a scenario's timeline. */
void html_scenario(struct html_page *p, const char *name, const char *file);

/* A string of JSON in an element: no < is left. */
void html_json(struct html_page *p, const char *s);

/* Text that may be broken into lines after each `mark`, and nowhere else. */
void html_breakable(struct html_page *p, const char *text, char mark);

struct html_digits {
	char text[40];
};

struct html_digits html_digits(uint64_t v);
#define NUM(v) (html_digits(v).text)

/* With a thin space every three digits. */
struct html_digits html_grouped(uint64_t v);
#define COUNT(v) (html_grouped(v).text)

/* The verdicts in the order of every list. */
#define HTML_VERDICTS 5
extern const enum gu_verdict html_verdicts[HTML_VERDICTS];

/* A verdict's sign beside its colour; "" for none. */
const char *html_mark(const char *verdict);
void html_badge(struct html_page *p, const char *verdict);

/* "succeeded", or the status by name and code. */
void html_answer(struct html_page *p, const struct gu_row *row);

static inline bool
html_is(const struct gu_row *row, enum gu_column col, const char *text)
{
	return strcmp(row->col[col], text) == 0;
}

/* Reads the run once: counts, the slowest scenarios, the first failures. */
GU_MUST_CHECK enum gu_rc html_count(struct html_page *p, struct gu_err *err);

/* A failed record as a row of the table of failures. */
GU_MUST_CHECK enum gu_rc
html_failure(struct html_page *p, const struct gu_row *row, struct gu_err *err);

/* Parts, in the order of the page. */
void html_summary(struct html_page *p);
GU_MUST_CHECK enum gu_rc html_changes(struct html_page *p, struct gu_err *err);
void html_failures(struct html_page *p);
void html_findings(struct html_page *p);
void html_slowest(struct html_page *p);
void html_coverage(struct html_page *p);
GU_MUST_CHECK enum gu_rc html_evidence(struct html_page *p, struct gu_err *err);
GU_MUST_CHECK enum gu_rc html_data(struct html_page *p, struct gu_err *err);

#endif
