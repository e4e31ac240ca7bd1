/* SPDX-License-Identifier: MIT */
#ifndef GU_HTML_H
#define GU_HTML_H

#include <string.h>

#include "findings.h"
#include "grounds.h"
#include "write.h"

/* The page in the making, for the files that write its parts. Everything that
 * comes from a run goes through html_emit or html_text, which escape it. Only
 * counters are kept, whatever the size of the run. */
struct html_tally {
	uint64_t yes;
	uint64_t no;
};

struct html_page {
	FILE *out;
	struct gu_store *store;
	struct gu_grounds *grounds; /* while scenarios are listed */
	struct gu_run_info run;
	struct html_tally calls[GU_FN_COUNT];      /* success, failure */
	struct html_tally decisions[GU_OBJ_COUNT]; /* granted, denied */
	struct html_tally findings[GU_RULE_COUNT]; /* declared, undeclared */
	uint64_t attention;
	uint64_t scenarios; /* listed so far */
	uint32_t seq;       /* of the next scenario's first row */
	struct gu_buf file; /* whose scenarios are being listed */
};

/* Writes markup; each % stands for a string (NULL: nothing), escaped. */
void html_emit(struct html_page *p, const char *markup, ...);

void html_text(struct html_page *p, const char *s, size_t n);

/* Text that may be broken into lines after each `mark`, and nowhere else. */
void html_breakable(struct html_page *p, const char *text, char mark);

struct html_digits {
	char text[24];
};

struct html_digits html_digits(uint64_t v);
#define NUM(v) (html_digits(v).text)

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

static inline bool html_failed(const struct gu_row *row)
{
	return html_is(row, GU_COL_verdict, "fail") ||
	       html_is(row, GU_COL_verdict, "error");
}

/* Sections, in the order of the page. */
GU_MUST_CHECK enum gu_rc
html_attention(struct html_page *p, struct gu_err *err);
GU_MUST_CHECK enum gu_rc html_findings(struct html_page *p, struct gu_err *err);
void html_coverage(struct html_page *p);
GU_MUST_CHECK enum gu_rc
html_scenarios(struct html_page *p, struct gu_err *err);

#endif
