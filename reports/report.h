/* SPDX-License-Identifier: MIT */
#ifndef GU_REPORT_H
#define GU_REPORT_H

#include "store.h"

#include <stdio.h>

/* Writers of reports: each turns one stored run into one format, by
 * streaming. They read the store and know no target. */
struct gu_report_ops {
	const char *name;      /* "csv" */
	const char *extension; /* "csv": guise-report.csv */
	const char *doc;
	/* Writes run `id` (0: the last) to `out`, which stays open. */
	GU_MUST_CHECK enum gu_rc (*write)(struct gu_store *s, int64_t id,
					  FILE *out, struct gu_err *err);
};

extern const struct gu_report_ops gu_report_csv;
extern const struct gu_report_ops gu_report_html;
extern const struct gu_report_ops gu_report_jsonl;
extern const struct gu_report_ops gu_report_junit;
extern const struct gu_report_ops gu_report_sarif;
extern const struct gu_report_ops gu_report_tap;

#endif
