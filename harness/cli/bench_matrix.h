/* SPDX-License-Identifier: MIT */
#ifndef GU_BENCH_MATRIX_H
#define GU_BENCH_MATRIX_H

#include "bench.h"

/* The access matrix against the loop that asks the quick check for each of its
 * cells; both start from tokens and raw descriptors. The loop writes its cells
 * into memory that is already there. Per cell. */
struct gu_bench_matrix {
	size_t principals;
	size_t objects;
	size_t descriptors; /* distinct ones */
	size_t memberships; /* distinct ones */
	struct gu_samples loop;
	struct gu_samples matrix; /* until every cell can be read */
	struct gu_samples read;   /* and every one is */
	size_t decided;
	uint64_t mismatches; /* cells that differ */
};

/* Takes the four sizes, fills the rest. */
GU_MUST_CHECK enum gu_rc gu_bench_matrix(struct gu_bench_matrix *list, size_t n,
					 size_t rounds, struct gu_err *err);

#endif
