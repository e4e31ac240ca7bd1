/* SPDX-License-Identifier: MIT */
#ifndef GU_WALK_H
#define GU_WALK_H

#include <string.h>

#include "findings.h"
#include "store.h"

/* What the formats that go scenario by scenario share: a walk through a run
 * in one pass, its evidence as a list, and what its rows complain of. */

/* The scenarios of a run in order, those without rows too, each with its
 * rows. Strings live until the call returns, those of a scenario until its
 * `end` does. */
struct gu_walk {
	GU_MUST_CHECK enum gu_rc (*begin)(void *arg,
					  const struct gu_stored_scenario *sc,
					  struct gu_err *err);
	gu_row_fn row;
	GU_MUST_CHECK enum gu_rc (*end)(void *arg,
					const struct gu_stored_scenario *sc,
					struct gu_err *err);
};
GU_MUST_CHECK enum gu_rc gu_walk_run(struct gu_store *s, int64_t run,
				     const struct gu_walk *walk, void *arg,
				     struct gu_err *err);

/* The evidence of a run by name and text, "" where it is not known: the end
 * of a run that was cut off. Borrows from `run` and from itself. */
#define GU_FACT_COUNT    12
#define GU_FACT_ELEVATED 6 /* "true" or "false" */
struct gu_facts {
	struct {
		const char *name;
		const char *text;
	} list[GU_FACT_COUNT];
	char id[24];
	char seed[24];
};
void gu_facts_of(struct gu_facts *f, const struct gu_run_info *run);

/* What can be wrong with a row: a breach of a hygiene rule, an expectation
 * that did not hold, by what was observed instead, or an error. */
struct gu_complaint {
	const char *id;  /* "leak", "unexpected-access" */
	const char *cwe; /* "CWE-271", or NULL */
	const char *doc;
};

/* All of them, the hygiene rules first; NULL past the last. */
const struct gu_complaint *gu_complaint_at(size_t i);
/* Which one a row is, if it failed; its rank. */
size_t gu_complaint_of(const struct gu_row *row);

static inline bool
gu_row_is(const struct gu_row *row, enum gu_column col, const char *text)
{
	return strcmp(row->col[col], text) == 0;
}

/* "expected granted, observed denied with ERROR_ACCESS_DENIED (5), because
 * ...", as the run's diagnostics have it. */
void gu_row_explain(const struct gu_row *row, struct gu_buf *out);

#endif
