/* SPDX-License-Identifier: MIT */
#ifndef GU_STORE_H
#define GU_STORE_H

#include "record.h"

/* The store: a SQLite file of runs and their records, WAL, one transaction
 * per scenario. Tables run, file, scenario; `record` has the columns of
 * GU_COLUMNS. What decisions rest on is read through grounds.h. Not
 * thread-safe.
 *
 * A crash of guise costs the scenario it was in. A power failure costs an
 * appended store what came after the last checkpoint, and may cost a replaced
 * one everything: it is not synced, having nothing older to protect. */
struct gu_store;

/* The run's row: the evidence every report shows. Borrowed strings. */
struct gu_run_info {
	int64_t id;
	const char *start_utc;
	const char *end_utc; /* NULL while it runs, or when it was cut off */
	const char *host;
	const char *system; /* uname or Windows version and build */
	const char *user;
	bool elevated;
	const char *target;
	const char *proof;
	const char *version;
	const char *arguments;
	uint64_t seed;
	uint32_t scenarios;
	uint32_t verdicts[6];          /* rows by enum gu_verdict */
	uint32_t scenario_verdicts[6]; /* scenarios by worst verdict */
};

/* Opens or creates. `replace` removes what was there, also while another
 * process still writes it: that run goes on unseen. A file that is not a guise
 * store is refused (GU_RC_USAGE) and left alone. */
GU_MUST_CHECK enum gu_rc gu_store_open(struct gu_store **out, const char *path,
				       bool replace, struct gu_err *err);
/* Opens an existing store to read. */
GU_MUST_CHECK enum gu_rc
gu_store_open_read(struct gu_store **out, const char *path, struct gu_err *err);
void gu_store_close(struct gu_store *s); /* NULL is fine */

/* A new run; its number in *id. end_utc and counts come with finish. */
GU_MUST_CHECK enum gu_rc gu_store_begin_run(struct gu_store *s,
					    const struct gu_run_info *info,
					    int64_t *id, struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_store_add_file(struct gu_store *s, const char *path,
					   const char *sha256,
					   struct gu_err *err);
/* One scenario, in one transaction: its rows, and what it had set up. */
struct gu_scenario_result {
	const char *tags;      /* "pipe,negative" */
	enum gu_verdict worst; /* its verdict */
	const struct gu_record *rows;
	size_t count;
	const struct gu_thing *things;
	size_t thing_count;
};
GU_MUST_CHECK enum gu_rc
gu_store_add_scenario(struct gu_store *s, const struct gu_scenario_info *info,
		      const struct gu_scenario_result *result,
		      struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_store_finish_run(struct gu_store *s,
					     const char *end_utc,
					     struct gu_err *err);

/* Reading. `id` 0 is the last run. Strings live until the store closes or
 * another run is loaded. */
GU_MUST_CHECK enum gu_rc gu_store_load_run(struct gu_store *s, int64_t id,
					   struct gu_run_info *out,
					   struct gu_err *err);

/* A row as text, in GU_COLUMNS order; borrowed for the call. */
struct gu_row {
	const char *col[GU_COL_COUNT]; /* never NULL */
	size_t len[GU_COL_COUNT];
	/* What the status says by its own convention, which its code alone
	 * does not: 1 success, 0 failure, -1 there is no status. */
	int ok;
	/* What the decision rests on, by number (grounds.h); 0: none. */
	int64_t basis;
};
typedef enum gu_rc (*gu_row_fn)(void *arg, const struct gu_row *row,
				struct gu_err *err);

/* Calls `fn` for each row of a run, in order; stops at the first rc that is
 * not OK and returns it. */
GU_MUST_CHECK enum gu_rc gu_store_rows(struct gu_store *s, int64_t run,
				       gu_row_fn fn, void *arg,
				       struct gu_err *err);

/* The same for `count` rows from `seq` on: a scenario's, when the records of
 * those before it were added up. */
GU_MUST_CHECK enum gu_rc
gu_store_rows_from(struct gu_store *s, int64_t run, uint32_t seq,
		   uint32_t count, gu_row_fn fn, void *arg, struct gu_err *err);

/* The scenarios of a run in order. */
struct gu_stored_scenario {
	const char *name;
	const char *file;
	int line;
	const char *tags;
	const char *verdict;
	uint32_t records;
};
typedef enum gu_rc (*gu_scenario_fn)(void *arg,
				     const struct gu_stored_scenario *sc,
				     struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_store_scenarios(struct gu_store *s, int64_t run,
					    gu_scenario_fn fn, void *arg,
					    struct gu_err *err);
/* The same, one at a time, for those who read records beside them: while both
 * are under way they belong to one state of the store. Ends with `*more`
 * false; the strings live until the next step. */
struct gu_scenario_cursor;
GU_MUST_CHECK enum gu_rc gu_scenario_cursor_new(struct gu_store *s, int64_t run,
						struct gu_scenario_cursor **out,
						struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_scenario_cursor_next(struct gu_scenario_cursor *c,
						 struct gu_stored_scenario *out,
						 bool *more,
						 struct gu_err *err);
void gu_scenario_cursor_free(struct gu_scenario_cursor *c); /* NULL is fine */

typedef enum gu_rc (*gu_file_fn)(void *arg, const char *path,
				 const char *sha256, struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_store_files(struct gu_store *s, int64_t run,
					gu_file_fn fn, void *arg,
					struct gu_err *err);

#endif
