/* SPDX-License-Identifier: MIT */
#ifndef GU_RUN_H
#define GU_RUN_H

#include "engine.h"
#include "store.h"

/* The runner: files to scenarios, each in a fresh world, rows to the store.
 * Knows the contract of a target, never a target; an engine, never Lua. */
struct gu_source {
	const char *path; /* as given, what messages and rows show */
	const char *text; /* built-in scenarios; NULL: read the file */
	size_t len;
};

struct gu_run_options {
	const struct gu_target_ops *target;
	const struct gu_engine_ops *engine;
	struct gu_store *store;  /* NULL: nothing is stored */
	const char *filter;      /* substring or glob of a name, or NULL */
	const char *name;        /* a whole name, or NULL */
	const char *const *tags; /* any of them, NULL-terminated, or NULL */
	bool os_threads;
	uint64_t seed;
	bool existing_only; /* as in gu_world_config */
	struct gu_limits limits;
	struct gu_divergences *divergences; /* NULL: nothing is known */
	/* A line about a failed, skipped or erroneous row: "FILE:LINE: ...".
	 * Lines that begin with a blank explain the one before. */
	void (*diagnostic)(void *arg, const char *line);
	/* After each scenario; gu_run_list: for each, not judged. */
	void (*progress)(void *arg, const struct gu_scenario_info *info,
			 enum gu_verdict worst);
	/* Before that: what the scenario set up, as it was at its end, unless
	 * it did not begin. NULL: not asked for. Borrowed for the call. */
	void (*things)(void *arg, const struct gu_scenario_info *info,
		       const struct gu_thing *things, size_t count);
	void *arg;
};

struct gu_run_totals {
	size_t files;
	size_t scenarios;
	size_t scenario_verdicts[6]; /* by enum gu_verdict */
	size_t rows;
	size_t judged;      /* expectations and findings */
	size_t load_errors; /* files that could not be loaded */
	bool interrupted;
};

/* Runs everything selected, into the run that the caller has begun in the
 * store, if any, and will finish. Only what keeps the run itself from going on
 * (the store, memory) is an error; a file that does not load becomes an error
 * row of a scenario "(file)". Sources run in the order given. */
GU_MUST_CHECK enum gu_rc
gu_run(const struct gu_run_options *o, const struct gu_source *sources,
       size_t count, struct gu_run_totals *totals, struct gu_err *err);

/* Loads and selects, runs nothing, needs no store or target. Files that do not
 * load are diagnosed and counted. */
GU_MUST_CHECK enum gu_rc
gu_run_list(const struct gu_run_options *o, const struct gu_source *sources,
	    size_t count, struct gu_run_totals *totals, struct gu_err *err);

/* Asks a run to stop after the current scenario. Async-signal-safe. */
void gu_run_interrupt(void);

/* The exit code of the design: 0, 1 or 3; 130 when interrupted. */
int gu_run_exit_code(const struct gu_run_totals *totals);

/* Paths to sources: a file as given, a folder's *.lua recursively and sorted
 * by path, but for divergences.lua and names that start with _. Paths are
 * copied; release with gu_sources_free. A missing path is GU_RC_USAGE. */
struct gu_sources {
	struct gu_source *list;
	size_t count;
	size_t cap;
};
GU_MUST_CHECK enum gu_rc
gu_sources_add(struct gu_sources *s, const char *path, struct gu_err *err);
/* One file from memory; the text is borrowed. Skips what a folder would. */
GU_MUST_CHECK enum gu_rc gu_sources_add_text(struct gu_sources *s,
					     const char *path, const char *text,
					     size_t len, struct gu_err *err);
void gu_sources_free(struct gu_sources *s);

#endif
