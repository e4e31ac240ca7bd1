/* SPDX-License-Identifier: MIT */
#ifndef GU_COVERAGE_H
#define GU_COVERAGE_H

#include "store.h"

/* What a stored run exercised: how often each function of the call table
 * succeeded and failed, and each object type was granted and denied. */
struct gu_tally {
	uint32_t good; /* successes, grants */
	uint32_t bad;  /* failures, denials */
};

struct gu_coverage {
	struct gu_tally fn[GU_FN_COUNT];
	struct gu_tally type[GU_OBJ_COUNT];
};

/* Adds up run `id` (0: the last). */
GU_MUST_CHECK enum gu_rc gu_coverage_read(struct gu_coverage *out,
					  struct gu_store *store, int64_t id,
					  struct gu_err *err);

/* Functions that start, end or hand out impersonation must have been seen
 * both ways; so must every object type. */
bool gu_coverage_wants(enum gu_fn fn);

#endif
