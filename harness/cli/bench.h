/* SPDX-License-Identifier: MIT */
#ifndef GU_BENCH_H
#define GU_BENCH_H

#include <jansson.h>

#include "err.h"

/* Measurements behind `guise bench`. Peers take turns, round after round, so
 * that a noisy neighbour hits all of them alike; only ratios of one run mean
 * anything. Single-threaded but for the worker that is measured. */
#define GU_BENCH_ROUNDS_MAX 101

struct gu_samples {
	size_t count;
	double ns[GU_BENCH_ROUNDS_MAX];
};

void gu_samples_add(struct gu_samples *s, double ns);
double gu_samples_min(const struct gu_samples *s);
double gu_samples_median(const struct gu_samples *s);

/* Something to measure: `run` does it `ops` times. What it returns is so that
 * nothing can be left out. `ops` is found by gu_bench_take_turns, and fills
 * some ten milliseconds. */
struct gu_measure {
	uint64_t (*run)(void *arg, uint64_t ops);
	void *arg;
	struct gu_samples *samples; /* per operation */
	uint64_t ops;
};
void gu_bench_take_turns(struct gu_measure *all, size_t n, size_t rounds);

/* The JSON file of a workload, new; errors name file and line. */
GU_MUST_CHECK enum gu_rc
gu_bench_load(const char *path, json_t **out, struct gu_err *err);

/* Impersonate, open, revert from Lua: per three calls, on the model and with
 * each call handed to a worker thread through a condition variable. `folder`
 * is for scratch files. */
struct gu_bench_calls {
	struct gu_samples model;
	struct gu_samples handed_over;
};
GU_MUST_CHECK enum gu_rc gu_bench_calls(struct gu_bench_calls *out,
					size_t rounds, const char *folder,
					struct gu_err *err);

/* Impersonate, open, close, revert on a target of real threads: per round, the
 * calls alone, with the queries that show their effect, as jobs on their
 * thread, and from a scenario's thread body. */
struct gu_bench_loop {
	struct gu_samples bare;
	struct gu_samples looked;
	struct gu_samples jobs;
	struct gu_samples scenario;
};
struct gu_target_ops;
GU_MUST_CHECK enum gu_rc gu_bench_loop(struct gu_bench_loop *out,
				       const struct gu_target_ops *target,
				       size_t rounds, struct gu_err *err);

/* Whole processes, guise against the plain Lua interpreter. */
struct gu_bench_pair {
	struct gu_samples guise;
	struct gu_samples lua;
	bool no_lua; /* lua5.4 is not installed */
};

/* One empty scenario against an empty chunk. */
GU_MUST_CHECK enum gu_rc gu_bench_startup(struct gu_bench_pair *out,
					  size_t rounds, const char *folder,
					  struct gu_err *err);

/* 1,000 trivial scenarios with 10,000 expectations against a loop that writes
 * the same table. `peak_kib` is the most memory a guise process took. */
GU_MUST_CHECK enum gu_rc gu_bench_suite(struct gu_bench_pair *out,
					uint64_t *peak_kib, size_t rounds,
					const char *folder, struct gu_err *err);

/* Runs a program to its end and adds the wall time. `*missing` when there is
 * no such program. */
GU_MUST_CHECK enum gu_rc gu_bench_child(const char **argv,
					struct gu_samples *out, bool *missing,
					struct gu_err *err);

#endif
