/* SPDX-License-Identifier: MIT */
#ifndef GU_COVERAGE_H
#define GU_COVERAGE_H

#include "store.h"

/* What a stored run exercised. */
struct gu_tally {
	uint32_t good;
	uint32_t bad;
};

struct gu_coverage {
	struct gu_tally answers[GU_FN_COUNT]; /* success, failure */
	/* Decided while acting by an impersonation function: granted, denied.
	 */
	struct gu_tally under[GU_FN_COUNT];
	/* Of a revert function: ended an impersonation that it belongs to; met
	 * another's, or none and said so. Of an impersonation: ended by a
	 * revert of its own. */
	struct gu_tally reverts[GU_FN_COUNT];
	struct gu_tally types[GU_OBJ_COUNT]; /* granted, denied */
};

/* Adds up run `id`. */
GU_MUST_CHECK enum gu_rc gu_coverage_read(struct gu_coverage *out,
					  struct gu_store *store, int64_t id,
					  struct gu_err *err);

#endif
