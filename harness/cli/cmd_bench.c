/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <uv.h>

#include "bench.h"
#include "bench_access.h"
#include "bench_matrix.h"
#include "bench_report.h"
#include "bench_sddl.h"
#include "registry.h"
#include "banned.h"

struct options {
	uint64_t rounds;
	uint64_t rows;
	const char *format;
	const char *workload;
	const char *target;
	bool json;
};

struct results {
	struct gu_bench_calls calls;
	struct gu_bench_pair startup;
	struct gu_bench_pair suite;
	uint64_t peak_kib;
};

/* The suite comes first: a child's peak counts what its parent held when it
 * was started. */
static enum gu_rc measure(struct results *r, size_t rounds, const char *folder,
			  struct gu_err *err)
{
	enum gu_rc rc =
		gu_bench_suite(&r->suite, &r->peak_kib, rounds, folder, err);

	if (!rc) {
		rc = gu_bench_startup(&r->startup, rounds, folder, err);
	}
	return rc ? rc : gu_bench_calls(&r->calls, rounds, folder, err);
}

static double ratio(const struct gu_samples *a, const struct gu_samples *b)
{
	double below = gu_samples_median(b);

	return below > 0 ? gu_samples_median(a) / below : 0;
}

/* text */

static void show_samples(const char *name, const struct gu_samples *s,
			 double unit, const char *unit_name)
{
	printf("  %-42s %9.3f %9.3f %s\n", name, gu_samples_min(s) / unit,
	       gu_samples_median(s) / unit, unit_name);
}

static void show_pair(const struct gu_bench_pair *p, const char *goal)
{
	show_samples("guise", &p->guise, 1e6, "ms");
	if (p->no_lua) {
		printf("  lua5.4 is not installed: no comparison\n");
		return;
	}
	show_samples("lua5.4", &p->lua, 1e6, "ms");
	printf("  %-52s %9.2f (goal: %s)\n", "ratio", ratio(&p->guise, &p->lua),
	       goal);
}

static int show_text(const struct results *r, size_t rounds)
{
	printf("%zu rounds, interleaved                             "
	       "min    median\n\n",
	       rounds);
	printf("impersonate, open, revert from Lua\n");
	show_samples("model", &r->calls.model, 1e3, "us");
	show_samples("each call handed to a worker (condvar)",
		     &r->calls.handed_over, 1e3, "us");
	printf("  %-52s %9.2f (goal: at least 50)\n", "ratio",
	       ratio(&r->calls.handed_over, &r->calls.model));
	printf("\nstart-up: one empty scenario, and lua5.4 -e ''\n");
	show_pair(&r->startup, "at most 3");
	printf("\n1,000 scenarios, 10,000 expectations, and a bare Lua loop "
	       "writing the table\n");
	show_pair(&r->suite, "at most 2.5");
	if (r->peak_kib) {
		printf("  %-52s %9.2f MiB (goal: under 16)\n",
		       "guise's peak memory", (double)r->peak_kib / 1024);
	} else {
		printf("  guise's peak memory is not known on this system\n");
	}
	return GU_EXIT_OK;
}

/* JSON */

static int print_json(json_t *out, size_t flags)
{
	int lost = json_dumpf(out, stdout, flags);

	putchar('\n');
	json_decref(out);
	return lost ? GU_EXIT_HARNESS : GU_EXIT_OK;
}

static json_t *samples_json(const struct gu_samples *s)
{
	return json_pack("{s:f, s:f}", "min_ns", gu_samples_min(s), "median_ns",
			 gu_samples_median(s));
}

static json_t *pair_json(const struct gu_bench_pair *p)
{
	if (p->no_lua) {
		return json_pack("{s:o, s:n}", "guise", samples_json(&p->guise),
				 "lua");
	}
	return json_pack("{s:o, s:o, s:f}", "guise", samples_json(&p->guise),
			 "lua", samples_json(&p->lua), "ratio",
			 ratio(&p->guise, &p->lua));
}

static int show_json(const struct results *r, size_t rounds)
{
	json_t *calls = json_pack(
		"{s:o, s:o, s:f}", "model", samples_json(&r->calls.model),
		"handed_over", samples_json(&r->calls.handed_over), "ratio",
		ratio(&r->calls.handed_over, &r->calls.model));
	json_t *out = json_pack(
		"{s:I, s:o, s:o, s:o, s:o}", "rounds", (json_int_t)rounds,
		"calls", calls, "startup", pair_json(&r->startup), "suite",
		pair_json(&r->suite), "suite_peak_kib",
		r->peak_kib ? json_integer((json_int_t)r->peak_kib)
			    : json_null());

	return print_json(out, JSON_INDENT(2));
}

/* scratch folder */

static enum gu_rc make_scratch(char *path, size_t size, struct gu_err *err)
{
	char temp[2048];
	size_t len = sizeof(temp);
	uv_fs_t req;
	int code = uv_os_tmpdir(temp, &len);

	if (!code) {
		(void)snprintf(path, size, "%s/guise-bench-XXXXXX", temp);
		code = uv_fs_mkdtemp(NULL, &req, path, NULL);
	}
	if (code) {
		return gu_err_set(err, GU_RC_IO, "%s: %s", path,
				  uv_strerror(code));
	}
	(void)snprintf(path, size, "%s", req.path);
	uv_fs_req_cleanup(&req);
	return GU_RC_OK;
}

static void remove_folder(const char *folder)
{
	char path[4096];
	uv_dirent_t entry;
	uv_fs_t req;

	if (uv_fs_scandir(NULL, &req, folder, 0, NULL) >= 0) {
		while (uv_fs_scandir_next(&req, &entry) != UV_EOF) {
			(void)snprintf(path, sizeof(path), "%s/%s", folder,
				       entry.name);
			(void)remove(path);
		}
	}
	uv_fs_req_cleanup(&req);
	(void)remove(folder);
}

/* The default store lies in a folder of its own. */
static void remove_scratch(const char *folder)
{
	char state[4096];

	(void)snprintf(state, sizeof(state), "%s/guise", folder);
	remove_folder(state);
	remove_folder(folder);
}

/* access */

static json_t *min_median(const struct gu_samples *s)
{
	return json_pack("{s:f, s:f}", "min", gu_samples_min(s), "median",
			 gu_samples_median(s));
}

static int access_json(const struct gu_bench_access *a)
{
	json_t *out = json_pack(
		"{s:o, s:o, s:o, s:o, s:I}", "decide_ns",
		min_median(&a->decide), "why_ns", min_median(&a->why),
		"cold_ns", min_median(&a->cold), "sddl_ns",
		min_median(&a->sddl), "mismatches", (json_int_t)a->mismatches);

	return print_json(out, 0);
}

static int access_text(const struct gu_bench_access *a, size_t rounds)
{
	printf("%zu rounds, interleaved                             "
	       "min    median\n\n",
	       rounds);
	show_samples("one decision", &a->decide, 1, "ns");
	show_samples("with the deciding ACE of each right", &a->why, 1, "ns");
	show_samples("raw descriptor and one check", &a->cold, 1, "ns");
	show_samples("parsing the SDDL", &a->sddl, 1, "ns");
	printf("  %" PRIu64 " decisions other than expected\n", a->mismatches);
	return GU_EXIT_OK;
}

static int run_access(struct gu_cmdline *cl, const struct options *o)
{
	static struct gu_bench_access result;
	struct gu_err err = GU_ERR_INIT;

	if (!o->workload) {
		return gu_complain(cl, "access needs --workload FILE");
	}
	if (gu_bench_access(&result, o->workload, (size_t)o->rounds, &err)) {
		return gu_complain_err(cl, &err);
	}
	return o->json ? access_json(&result)
		       : access_text(&result, (size_t)o->rounds);
}

/* SDDL */

static int sddl_json(const struct gu_bench_sddl *list, size_t n, size_t rounds)
{
	json_t *rows = json_array();
	json_t *out = json_pack("{s:I, s:o}", "rounds", (json_int_t)rounds,
				"sddl", rows);

	for (size_t i = 0; i < n; i++) {
		const struct gu_bench_sddl *b = &list[i];

		json_array_append_new(
			rows,
			json_pack("{s:s, s:I, s:o, s:o, s:I}", "name", b->name,
				  "bytes", (json_int_t)b->bytes, "parse",
				  samples_json(&b->parse), "format",
				  samples_json(&b->format), "mismatches",
				  (json_int_t)b->mismatches));
	}
	return print_json(out, JSON_INDENT(2));
}

static int sddl_text(const struct gu_bench_sddl *list, size_t n, size_t rounds)
{
	printf("%zu rounds, interleaved; per text                   "
	       "min    median\n",
	       rounds);
	for (size_t i = 0; i < n; i++) {
		const struct gu_bench_sddl *b = &list[i];

		printf("\n%s: %zu bytes\n", b->name, b->bytes);
		show_samples("parse", &b->parse, 1, "ns");
		show_samples("format", &b->format, 1, "ns");
		printf("  %" PRIu64 " texts print as something else\n",
		       b->mismatches);
	}
	return GU_EXIT_OK;
}

static int run_sddl(struct gu_cmdline *cl, const struct options *o)
{
	static struct gu_bench_sddl list[GU_BENCH_SDDL_KINDS];
	struct gu_err err = GU_ERR_INIT;
	size_t n;

	if (gu_bench_sddl(list, &n, o->workload, (size_t)o->rounds, &err)) {
		return gu_complain_err(cl, &err);
	}
	return o->json ? sddl_json(list, n, (size_t)o->rounds)
		       : sddl_text(list, n, (size_t)o->rounds);
}

/* matrix */

/* The loop's time in the matrix's, or for `most` the other way round. */
struct goal {
	const char *name;
	double ratio; /* 0: no goal */
	bool most;
};

#define MATRICES 4
static const struct goal matrix_goals[MATRICES] = {
	{ "1,000 x 10,000, 200 descriptors", 20, false },
	{ "1,000 x 1,000, 200 descriptors", 4, false },
	{ "1,000 x 10,000, all descriptors distinct", 1.1, true },
	{ "1,000 x 10,000, 200 descriptors, 200 memberships", 0, false },
};

static double matrix_ratio(const struct gu_bench_matrix *m, size_t i)
{
	return matrix_goals[i].most ? ratio(&m->matrix, &m->loop)
				    : ratio(&m->loop, &m->matrix);
}

static int matrix_json(const struct gu_bench_matrix *list, size_t rounds)
{
	json_t *rows = json_array();
	json_t *out = json_pack("{s:I, s:o}", "rounds", (json_int_t)rounds,
				"matrix", rows);

	for (size_t i = 0; i < MATRICES; i++) {
		const struct gu_bench_matrix *m = &list[i];
		json_t *row = json_pack(
			"{s:s, s:o, s:o, s:o, s:f, s:I, s:I}", "name",
			matrix_goals[i].name, "loop", samples_json(&m->loop),
			"matrix", samples_json(&m->matrix), "matrix_read",
			samples_json(&m->read), "ratio", matrix_ratio(m, i),
			"decided", (json_int_t)m->decided, "mismatches",
			(json_int_t)m->mismatches);

		if (matrix_goals[i].ratio > 0) {
			json_object_set_new(row,
					    matrix_goals[i].most
						    ? "goal_at_most"
						    : "goal_at_least",
					    json_real(matrix_goals[i].ratio));
		}
		json_array_append_new(rows, row);
	}
	return print_json(out, JSON_INDENT(2));
}

static int matrix_text(const struct gu_bench_matrix *list, size_t rounds)
{
	printf("%zu rounds, interleaved; per cell                   "
	       "min    median\n",
	       rounds);
	for (size_t i = 0; i < MATRICES; i++) {
		const struct gu_bench_matrix *m = &list[i];
		const struct goal *goal = &matrix_goals[i];

		printf("\n%s: %zu of %zu cells decided\n", goal->name,
		       m->decided, m->principals * m->objects);
		show_samples("a check for each cell", &m->loop, 1, "ns");
		show_samples("matrix", &m->matrix, 1, "ns");
		show_samples("matrix, and every cell read", &m->read, 1, "ns");
		printf("  %-52s %9.2f",
		       goal->most ? "matrix / loop" : "loop / matrix",
		       matrix_ratio(m, i));
		if (goal->ratio > 0) {
			printf(" (goal: at %s %g)",
			       goal->most ? "most" : "least", goal->ratio);
		}
		printf("\n  %" PRIu64 " cells differ\n", m->mismatches);
	}
	return GU_EXIT_OK;
}

static int run_matrix(struct gu_cmdline *cl, const struct options *o)
{
	static struct gu_bench_matrix list[MATRICES] = {
		{ 1000, 10000, 200, 1000, .decided = 0 },
		{ 1000, 1000, 200, 1000, .decided = 0 },
		{ 1000, 10000, 10000, 1000, .decided = 0 },
		{ 1000, 10000, 200, 200, .decided = 0 },
	};
	struct gu_err err = GU_ERR_INIT;

	if (gu_bench_matrix(list, MATRICES, (size_t)o->rounds, &err)) {
		return gu_complain_err(cl, &err);
	}
	return o->json ? matrix_json(list, (size_t)o->rounds)
		       : matrix_text(list, (size_t)o->rounds);
}

/* the loop of real calls */

/* Of the best rounds: what a real system's server is busy with besides falls on
 * one peer as easily as on another, and makes rounds ten times as long. */
static double min_ratio(const struct gu_samples *a, const struct gu_samples *b)
{
	double below = gu_samples_min(b);

	return below > 0 ? gu_samples_min(a) / below : 0;
}

static int loop_json(const struct gu_bench_loop *l, size_t rounds)
{
	return print_json(
		json_pack("{s:I, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:f}",
			  "rounds", (json_int_t)rounds, "bare",
			  samples_json(&l->bare), "looked",
			  samples_json(&l->looked), "jobs",
			  samples_json(&l->jobs), "scenario",
			  samples_json(&l->scenario), "jobs_ratio",
			  min_ratio(&l->jobs, &l->bare), "jobs_looked_ratio",
			  min_ratio(&l->jobs, &l->looked), "scenario_ratio",
			  min_ratio(&l->scenario, &l->bare), "goal_at_most",
			  1.1),
		JSON_INDENT(2));
}

static int loop_text(const struct gu_bench_loop *l, size_t rounds)
{
	printf("%zu rounds, interleaved                             "
	       "min    median\n\n",
	       rounds);
	printf("impersonate, open, close, revert on one thread\n");
	show_samples("the calls alone", &l->bare, 1e3, "us");
	show_samples("with the queries that show their effect", &l->looked, 1e3,
		     "us");
	show_samples("as jobs, one after another", &l->jobs, 1e3, "us");
	show_samples("from a scenario's thread", &l->scenario, 1e3, "us");
	printf("  %-52s %9.2f (goal: at most 1.1)\n",
	       "jobs / calls, of the best rounds",
	       min_ratio(&l->jobs, &l->bare));
	printf("  %-52s %9.2f\n", "jobs / calls with queries",
	       min_ratio(&l->jobs, &l->looked));
	printf("  %-52s %9.2f\n", "scenario / calls, of the best rounds",
	       min_ratio(&l->scenario, &l->bare));
	return GU_EXIT_OK;
}

static int run_loop(struct gu_cmdline *cl, const struct options *o,
		    const struct gu_target_ops *target)
{
	static struct gu_bench_loop result;
	struct gu_err err = GU_ERR_INIT;

	if (gu_bench_loop(&result, target, (size_t)o->rounds, &err)) {
		return gu_complain_err(cl, &err);
	}
	return o->json ? loop_json(&result, (size_t)o->rounds)
		       : loop_text(&result, (size_t)o->rounds);
}

/* calls */

static int run_calls(struct gu_cmdline *cl, const struct options *o)
{
	static struct results results;
	struct gu_err err = GU_ERR_INIT;
	char folder[2100];
	const struct gu_target_ops *target = gu_target_find(o->target, &err);
	enum gu_rc rc;

	if (!target) {
		return gu_complain_err(cl, &err);
	}
	if (target != gu_targets[0]) {
		return run_loop(cl, o, target);
	}
	rc = make_scratch(folder, sizeof(folder), &err);
	if (rc) {
		return gu_complain_err(cl, &err);
	}
	rc = measure(&results, (size_t)o->rounds, folder, &err);
	remove_scratch(folder);
	if (rc) {
		return gu_complain_err(cl, &err);
	}
	return o->json ? show_json(&results, (size_t)o->rounds)
		       : show_text(&results, (size_t)o->rounds);
}

/* report */

static int run_report(struct gu_cmdline *cl, const struct options *o)
{
	char folder[2100];
	const struct gu_bench_report report = { .rounds = (size_t)o->rounds,
						.rows = o->rows,
						.format = o->format,
						.folder = folder,
						.json = o->json };
	struct gu_err err = GU_ERR_INIT;
	int exit_code;

	if (make_scratch(folder, sizeof(folder), &err)) {
		return gu_complain_err(cl, &err);
	}
	exit_code = gu_bench_report(cl, &report);
	remove_scratch(folder);
	return exit_code;
}

static const struct benchmark {
	const char *name;
	int (*run)(struct gu_cmdline *cl, const struct options *o);
	uint64_t rounds; /* unless it is told */
} benchmarks[] = {
	{ "calls", run_calls, 15 },  { "access", run_access, 15 },
	{ "sddl", run_sddl, 15 },    { "matrix", run_matrix, 15 },
	{ "report", run_report, 3 },
};

static const struct benchmark *find_benchmark(const struct gu_cmdline *cl)
{
	for (size_t i = 0; i < sizeof(benchmarks) / sizeof(benchmarks[0]);
	     i++) {
		if (cl->operands.count == 1 &&
		    strcmp(cl->operands.list[0], benchmarks[i].name) == 0) {
			return &benchmarks[i];
		}
	}
	return NULL;
}

static int run(struct gu_cmdline *cl)
{
	struct options o = { .rounds = UINT64_MAX,
			     .rows = 1000000,
			     .target = gu_targets[0]->name };
	const struct benchmark *b;
	int exit_code;

	if (!gu_cmdline_parse(cl, &o, &exit_code)) {
		return exit_code;
	}
	b = find_benchmark(cl);
	if (!b) {
		return gu_complain(cl, "which benchmark? there are: calls, "
				       "access, sddl, matrix, report");
	}
	if (o.rounds == UINT64_MAX) {
		o.rounds = b->rounds;
	}
	if (!o.rounds || o.rounds > GU_BENCH_ROUNDS_MAX) {
		return gu_complain(cl, "--rounds goes from 1 to %d",
				   GU_BENCH_ROUNDS_MAX);
	}
	return b->run(cl, &o);
}

static const struct gu_option options[] = {
	{ "rounds", 0, GU_OPTION_NUMBER, offsetof(struct options, rounds), "N",
	  "how often each peer has its turn (default: 15; report: 3)" },
	{ "workload", 0, GU_OPTION_TEXT, offsetof(struct options, workload),
	  "FILE", "access, sddl: tokens, descriptors and pairs as JSON" },
	{ "target", 't', GU_OPTION_TEXT, offsetof(struct options, target),
	  "NAME", "calls: win32 against the bare calls (default: model)" },
	{ "rows", 0, GU_OPTION_NUMBER, offsetof(struct options, rows), "N",
	  "report: how many (default: 1000000)" },
	{ "format", 0, GU_OPTION_TEXT, offsetof(struct options, format),
	  "FORMAT", "report: only this one; sqlite is the store" },
	{ "json", 0, GU_OPTION_FLAG, offsetof(struct options, json), NULL,
	  "the figures as JSON" },
	{ 0 },
};

const struct gu_command gu_command_bench = {
	.name = "bench",
	.operands = "calls|access|sddl|matrix|report",
	.operand_max = 1,
	.doc = "measure guise against its peers on this machine",
	.options = options,
	.run = run,
};
