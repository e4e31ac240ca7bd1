/* SPDX-License-Identifier: MIT */
#ifndef GU_CHANGES_H
#define GU_CHANGES_H

#include "store.h"

/* What is different between two stored runs, scenario by scenario. Scenarios
 * are the same when file and name are; records when their step is. Memory does
 * not grow with the runs: SQLite sorts, on disk where it has to. */
struct gu_change {
	const char *name;
	const char *file;
	const char *before; /* the verdict; NULL: the scenario is new */
	const char *now;    /* NULL: the scenario is gone */
	/* Records that are not as they were: who did what to what, how it was
	 * answered or judged, or there was no such step. Times do not count. */
	uint32_t records;
};
typedef enum gu_rc (*gu_change_fn)(void *arg, const struct gu_change *change,
				   struct gu_err *err);

/* Calls `fn` for each scenario that differs, by file and name; stops at the
 * first rc that is not OK and returns it. The stores may be the same. */
struct gu_change_runs {
	struct gu_store *before;
	int64_t before_run;
	struct gu_store *now;
	int64_t now_run;
};
GU_MUST_CHECK enum gu_rc gu_changes_read(const struct gu_change_runs *runs,
					 gu_change_fn fn, void *arg,
					 struct gu_err *err);

#endif
