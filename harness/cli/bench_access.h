/* SPDX-License-Identifier: MIT */
#ifndef GU_BENCH_ACCESS_H
#define GU_BENCH_ACCESS_H

#include "bench.h"

/* The access check on a workload in JSON: tokens as lists of SIDs, the user
 * first; descriptors in SDDL; the order of [token, descriptor] pairs and what
 * each is expected to decide for FILE_GENERIC_READ. Per operation. */
struct gu_bench_access {
	struct gu_samples decide; /* the decision alone */
	struct gu_samples why;    /* and the deciding ACE of each right */
	struct gu_samples cold;   /* a raw descriptor and one check */
	struct gu_samples sddl;   /* parsing the text */
	uint64_t mismatches;      /* decisions other than expected */
};
GU_MUST_CHECK enum gu_rc gu_bench_access(struct gu_bench_access *out,
					 const char *path, size_t rounds,
					 struct gu_err *err);

#endif
