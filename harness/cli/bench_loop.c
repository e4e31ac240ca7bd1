/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdio.h>
#include <uv.h>

#include "platform.h"
#include "run.h"
#include "script.h"
#include "banned.h"

#define LOOPS 500

static struct gu_bench_loop *bench;

/* One scenario, then the bare loop: each round has them next to each other. */
static enum gu_rc bench_run(struct gu_script *s, size_t i,
			    struct gu_stage *stage, struct gu_err *err)
{
	uint64_t start = uv_hrtime();
	enum gu_rc rc = gu_engine_lua.run(s, i, stage, err);
	double scenario = (double)(uv_hrtime() - start) / LOOPS;
	struct gu_loop_ns ns;

	if (!rc) {
		rc = gu_platform_loop(LOOPS, &ns, err);
	}
	if (!rc) {
		gu_samples_add(&bench->scenario, scenario);
		gu_samples_add(&bench->bare, ns.bare);
		gu_samples_add(&bench->looked, ns.looked);
		gu_samples_add(&bench->jobs, ns.jobs);
	}
	return rc;
}

static const char script[] =
	"local guise = require 'guise'\n"
	"for i = 1, %zu do\n"
	"  guise.scenario('round ' .. i, {}, function(s)\n"
	"    local t = s:process({ name = 'p' }):thread 't'\n"
	"    local e = s:event { name = [[Local\\bench]] }\n"
	"    t:run(function(t)\n"
	"      for _ = 1, %d do\n"
	"        t:ImpersonateSelf('Impersonation')\n"
	"        t:open(e, 'EVENT_MODIFY_STATE')\n"
	"        t:RevertToSelf()\n"
	"      end\n"
	"    end)\n"
	"    t:join()\n"
	"  end)\n"
	"end\n";

static void print_line(void *arg, const char *line)
{
	(void)arg;
	(void)fprintf(stderr, "%s\n", line);
}

enum gu_rc gu_bench_loop(struct gu_bench_loop *out,
			 const struct gu_target_ops *target, size_t rounds,
			 struct gu_err *err)
{
	struct gu_engine_ops engine = gu_engine_lua;
	const struct gu_run_options o = { .target = target,
					  .engine = &engine,
					  .diagnostic = print_line };
	struct gu_source source = { .path = "bench.lua" };
	struct gu_run_totals totals;
	char text[sizeof(script) + 32];
	enum gu_rc rc;

	*out = (struct gu_bench_loop){ .bare = { .count = 0 } };
	bench = out;
	engine.run = bench_run;
	source.len =
		(size_t)snprintf(text, sizeof(text), script, rounds, LOOPS);
	source.text = text;
	rc = gu_run(&o, &source, 1, &totals, err);
	if (!rc && (gu_run_exit_code(&totals) || out->bare.count != rounds)) {
		rc = gu_err_set(err, GU_RC_INTERNAL,
				"the benchmark's scenario went wrong");
	}
	return rc;
}
