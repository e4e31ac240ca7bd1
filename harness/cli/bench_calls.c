/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdio.h>
#include <uv.h>

#include "mailbox.h"
#include "registry.h"
#include "run.h"
#include "script.h"
#include "banned.h"

#define TRIPLES 500

/* Scenarios take turns: odd ones run on the target as it is, even ones have
 * their calls handed over by the mailbox. The engine and target below are the
 * real ones with a stopwatch and a switch in front, so that a round is all that
 * a run is, but for the store, which is left out of the time. */
static struct {
	struct gu_bench_calls *out;
	size_t worlds;
} bench;

static bool handed_over(void)
{
	return bench.worlds % 2 == 0;
}

static enum gu_rc bench_open(const struct gu_world_config *config,
			     struct gu_world **out, struct gu_err *err)
{
	struct gu_world *w = NULL;
	enum gu_rc rc = gu_targets[0]->open(config, &w, err);

	bench.worlds++;
	if (!rc && handed_over()) {
		rc = gu_mailbox_new(w, &w, err);
	}
	if (rc) {
		gu_world_close(w);
		return rc;
	}
	*out = w;
	return GU_RC_OK;
}

static enum gu_rc bench_run(struct gu_script *s, size_t i,
			    struct gu_stage *stage, struct gu_err *err)
{
	uint64_t start = uv_hrtime();
	enum gu_rc rc = gu_engine_lua.run(s, i, stage, err);
	double ns = (double)(uv_hrtime() - start) / TRIPLES;

	gu_samples_add(handed_over() ? &bench.out->handed_over
				     : &bench.out->model,
		       ns);
	return rc;
}

static const char script[] =
	"local guise = require 'guise'\n"
	"for i = 1, %zu do\n"
	"  guise.scenario('round ' .. i, function(s)\n"
	"    local p = s:process { name = 'p', account = 'SYSTEM' }\n"
	"    local t = p:thread 't'\n"
	"    local f = s:file { path = [[C:\\bench]], sddl = "
	"'O:SYG:SYD:(A;;FA;;;SY)' }\n"
	"    for _ = 1, %d do\n"
	"      t:ImpersonateSelf('Impersonation')\n"
	"      t:open(f, 'FILE_READ_DATA')\n"
	"      t:RevertToSelf()\n"
	"    end\n"
	"  end)\n"
	"end\n";

static void print_line(void *arg, const char *line)
{
	(void)arg;
	(void)fprintf(stderr, "%s\n", line);
}

static enum gu_rc
run_rounds(struct gu_store *store, size_t rounds, struct gu_err *err)
{
	struct gu_target_ops target = *gu_targets[0];
	struct gu_engine_ops engine = gu_engine_lua;
	const struct gu_run_options o = { .target = &target,
					  .engine = &engine,
					  .store = store,
					  .diagnostic = print_line };
	struct gu_run_totals totals;
	struct gu_source source = { .path = "bench.lua" };
	char text[sizeof(script) + 32];
	enum gu_rc rc;

	target.open = bench_open;
	engine.run = bench_run;
	source.len = (size_t)snprintf(text, sizeof(text), script, rounds * 2,
				      TRIPLES);
	source.text = text;
	rc = gu_run(&o, &source, 1, &totals, err);
	if (!rc && gu_run_exit_code(&totals)) {
		rc = gu_err_set(err, GU_RC_INTERNAL,
				"the benchmark's scenario went wrong");
	}
	return rc;
}

enum gu_rc gu_bench_calls(struct gu_bench_calls *out, size_t rounds,
			  const char *folder, struct gu_err *err)
{
	const struct gu_run_info info = { .target = gu_targets[0]->name };
	struct gu_store *store = NULL;
	char path[4096];
	int64_t id;
	enum gu_rc rc;

	*out = (struct gu_bench_calls){ .model = { .count = 0 } };
	bench.out = out;
	bench.worlds = 0;
	(void)snprintf(path, sizeof(path), "%s/calls.db", folder);
	rc = gu_store_open(&store, path, true, err);
	if (!rc) {
		rc = gu_store_begin_run(store, &info, &id, err);
	}
	if (!rc) {
		rc = run_rounds(store, rounds, err);
	}
	gu_store_close(store);
	return rc;
}
