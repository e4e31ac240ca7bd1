/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>

#include "builtin.h"
#include "console.h"
#include "evidence.h"
#include "known.h"
#include "outputs.h"
#include "platform.h"
#include "script.h"
#include "banned.h"

struct options {
	const char *target;
	const char *filter;
	const char *store;
	const char *lib;
	const char *divergences;
	struct gu_texts tags;
	struct gu_texts reports;
	uint64_t timeout_ms;
	uint64_t seed;
	size_t memory;
	bool list;
	bool os_threads;
	bool existing_only;
	bool quiet;
	bool verbose;
};

/* One run from the command line to its exit code. */
struct session {
	struct gu_cmdline *cl;
	struct options o;
	struct gu_outputs outputs;
	struct gu_sources sources;
	struct gu_run_options run;
	struct gu_console console;
	struct gu_divergences known;
	const char *store_path;
	int64_t run_id;
};

/* what is to be run */

static enum gu_rc add_sources(struct session *s, struct gu_err *err)
{
	const struct gu_texts *paths = &s->cl->operands;
	enum gu_rc rc = GU_RC_OK;

	if (!paths->count) {
		return gu_builtin_add(&s->sources, &s->cl->arena, err);
	}
	for (size_t i = 0; !rc && i < paths->count; i++) {
		rc = gu_sources_add(&s->sources, paths->list[i], err);
	}
	return rc;
}

static enum gu_rc prepare(struct session *s, struct gu_err *err)
{
	enum gu_rc rc;

	s->run = (struct gu_run_options){
		.target = gu_target_find(s->o.target, err),
		.engine = &gu_engine_lua,
		.filter = s->o.filter,
		.tags = s->o.tags.list,
		.os_threads = s->o.os_threads,
		.existing_only = s->o.existing_only,
		.seed = s->o.seed,
		.limits = { .timeout_ms = s->o.timeout_ms,
			    .memory = s->o.memory },
	};
	if (!s->run.target) {
		return GU_RC_USAGE;
	}
	if (s->o.lib) {
		gu_script_set_lib(s->o.lib);
	}
	rc = gu_known_read(s->cl, s->run.target, s->o.divergences, &s->known,
			   err);
	s->run.divergences = &s->known;
	if (!rc) {
		rc = gu_outputs_parse(&s->outputs, &s->o.reports, &s->cl->arena,
				      err);
	}
	return rc ? rc : add_sources(s, err);
}

/* callbacks of the runner */

static void on_diagnostic(void *arg, const char *line)
{
	struct session *s = arg;

	gu_console_line(&s->console, line);
}

static void on_progress(void *arg, const struct gu_scenario_info *info,
			enum gu_verdict worst)
{
	struct session *s = arg;

	gu_console_scenario(&s->console, info, worst);
}

static void print_name(void *arg, const struct gu_scenario_info *info,
		       enum gu_verdict worst)
{
	(void)arg;
	(void)worst;
	printf("%s:%d\t", info->file, info->line);
	gu_console_name(stdout, info->name);
}

/* listing and running */

static int list(struct session *s)
{
	struct gu_run_totals totals;
	struct gu_err err = GU_ERR_INIT;

	s->run.diagnostic = on_diagnostic;
	s->run.progress = print_name;
	s->run.arg = s;
	if (gu_run_list(&s->run, s->sources.list, s->sources.count, &totals,
			&err)) {
		return gu_complain_err(s->cl, &err);
	}
	if (!totals.scenarios && !totals.load_errors) {
		return gu_complain(s->cl, "no scenario is selected");
	}
	return totals.load_errors ? GU_EXIT_HARNESS : GU_EXIT_OK;
}

/* Asked before the store is touched, so that a filter with a slip of the
 * finger does not cost the results of the last run. */
static enum gu_rc check_selection(const struct session *s, struct gu_err *err)
{
	struct gu_run_totals totals = { .scenarios = s->sources.count };
	enum gu_rc rc = GU_RC_OK;

	if (s->o.filter || s->o.tags.count) {
		rc = gu_run_list(&s->run, s->sources.list, s->sources.count,
				 &totals, err);
	}
	if (rc || totals.scenarios || totals.load_errors) {
		return rc;
	}
	return gu_err_set(err, GU_RC_USAGE, "no scenario is selected");
}

static enum gu_rc open_store(struct session *s, struct gu_err *err)
{
	struct gu_run_info info;
	enum gu_rc rc = GU_RC_OK;

	s->store_path = s->o.store;
	if (!s->store_path) {
		rc = gu_default_store(&s->store_path, &s->cl->arena, err);
	}
	if (!rc) {
		rc = gu_store_open(&s->run.store, s->store_path, !s->o.store,
				   err);
	}
	if (!rc) {
		rc = gu_evidence(&info, s->cl, s->run.target, err);
	}
	if (rc) {
		return rc;
	}
	info.seed = s->o.seed;
	return gu_store_begin_run(s->run.store, &info, &s->run_id, err);
}

static enum gu_rc finish(struct session *s, struct gu_err *err)
{
	const char *now = gu_evidence_now(&s->cl->arena);

	return now ? gu_store_finish_run(s->run.store, now, err)
		   : gu_err_nomem(err);
}

static void show_results(const struct session *s)
{
	if (s->o.quiet) {
		return;
	}
	(void)fprintf(stderr, "guise: results in %s", s->store_path);
	for (size_t i = 0; i < s->outputs.count; i++) {
		const char *path = s->outputs.list[i].path;

		(void)fprintf(stderr, ", %s",
			      strcmp(path, "-") == 0 ? "standard output"
						     : path);
	}
	(void)fputc('\n', stderr);
}

static enum gu_rc
execute(struct session *s, struct gu_run_totals *totals, struct gu_err *err)
{
	enum gu_rc rc = check_selection(s, err);

	if (!rc) {
		rc = open_store(s, err);
	}
	if (rc) {
		return rc;
	}
	gu_console_init(&s->console, s->o.quiet, s->o.verbose);
	s->run.diagnostic = on_diagnostic;
	s->run.progress = on_progress;
	s->run.arg = s;
	gu_on_interrupt(gu_run_interrupt);
	rc = gu_run(&s->run, s->sources.list, s->sources.count, totals, err);
	/* Without an end, every report says that the run was cut off. */
	if (!rc && !totals->interrupted) {
		rc = finish(s, err);
	}
	if (rc) {
		return rc;
	}
	gu_console_summary(&s->console, totals);
	rc = gu_outputs_write(&s->outputs, s->run.store, s->run_id, err);
	if (!rc) {
		show_results(s);
	}
	return rc;
}

static int run(struct gu_cmdline *cl)
{
	struct session s = { .cl = cl,
			     .o = { .timeout_ms = 10000,
				    .memory = (size_t)256 << 20 } };
	struct gu_run_totals totals;
	struct gu_err err = GU_ERR_INIT;
	int exit_code;

	s.o.target = gu_targets[0]->name;
	if (!gu_cmdline_parse(cl, &s.o, &exit_code)) {
		return exit_code;
	}
	if (prepare(&s, &err)) {
		exit_code = gu_complain_err(cl, &err);
	} else if (s.o.list) {
		exit_code = list(&s);
	} else if (execute(&s, &totals, &err)) {
		exit_code = gu_complain_err(cl, &err);
	} else {
		exit_code = gu_run_exit_code(&totals);
	}
	gu_store_close(s.run.store);
	gu_sources_free(&s.sources);
	gu_arena_release(&s.known.arena);
	return exit_code;
}

#define OPTION(type, field, letter, name, value, doc)               \
	{                                                           \
		name, letter, GU_OPTION_##type,                     \
			offsetof(struct options, field), value, doc \
	}

static const struct gu_option options[] = {
	OPTION(TEXT, target, 't', "target", "NAME",
	       "what answers the calls (default: model)"),
	OPTION(TEXT, filter, 'f', "filter", "TEXT",
	       "scenarios whose name contains TEXT, or fits it with * or ?"),
	OPTION(LIST, tags, 0, "tag", "TAG",
	       "scenarios with this tag; may be repeated"),
	OPTION(FLAG, list, 'l', "list", NULL,
	       "list what would run: FILE:LINE, tab, name"),
	OPTION(DURATION, timeout_ms, 0, "timeout", "TIME",
	       "of each scenario: 10, 500ms, 2m; 0 for none (default: 10s)"),
	OPTION(SIZE, memory, 0, "memory", "SIZE",
	       "of each file's script: 64M, 1G; 0 for none (default: 256M)"),
	OPTION(TEXT, store, 's', "store", "FILE",
	       "add the run to this store (default: last.db, replaced)"),
	OPTION(LIST, reports, 'r', "report", "FORMAT[=PATH]",
	       "write a report: html, csv, junit, sarif, tap, jsonl"),
	OPTION(TEXT, divergences, 0, "divergences", "FILE",
	       "what is known to differ on this system"),
	OPTION(FLAG, os_threads, 0, "os-threads", NULL,
	       "give each thread of a scenario an OS thread"),
	OPTION(NUMBER, seed, 0, "seed", "N",
	       "of generated ids; same seed, same run (default: 0)"),
	OPTION(FLAG, existing_only, 0, "existing-only", NULL,
	       "on a real system make nothing but processes and threads"),
	OPTION(FLAG, quiet, 'q', "quiet", NULL, "no progress, no summary"),
	OPTION(FLAG, verbose, 'v', "verbose", NULL, "a line for each scenario"),
	OPTION(TEXT, lib, 0, "lib", "DIR",
	       "read the Lua library from DIR, for developing it"),
	{ 0 },
};

const struct gu_command gu_command_run = {
	.name = "run",
	.operands = "[PATH...]",
	.operand_max = SIZE_MAX,
	.doc = "run scenarios (built-in ones if no path)",
	.more = "A folder means its *.lua files, recursively, but for "
		"divergences.lua and\nnames that start with _. A report goes to "
		"guise-report.EXT\nunless PATH says where; - is standard output, "
		"once. Exit code: 0 "
		"all as expected, 1 a fail, 2 bad command\nline, 3 an error, "
		"130 interrupted.\n",
	.options = options,
	.run = run,
};
