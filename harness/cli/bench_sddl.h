/* SPDX-License-Identifier: MIT */
#ifndef GU_BENCH_SDDL_H
#define GU_BENCH_SDDL_H

#include "bench.h"

/* Reading SDDL into a descriptor and printing it, per text. */
struct gu_bench_sddl {
	const char *name;        /* static: what the texts have in common */
	size_t bytes;            /* of a text, on average */
	struct gu_samples parse; /* and releasing the descriptor */
	struct gu_samples format;
	uint64_t mismatches; /* texts whose print reads as something else */
};

#define GU_BENCH_SDDL_KINDS 5

/* Fills `list` and `*count`: with one row for the texts of the workload at
 * `path`, whose list "sddl" is read, or with a row for each kind of text that
 * is built in when `path` is NULL. Errors name the text that is bad. */
GU_MUST_CHECK enum gu_rc
gu_bench_sddl(struct gu_bench_sddl list[GU_BENCH_SDDL_KINDS], size_t *count,
	      const char *path, size_t rounds, struct gu_err *err);

#endif
