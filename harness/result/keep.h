/* SPDX-License-Identifier: MIT */
#ifndef GU_KEEP_H
#define GU_KEEP_H

#include "arena.h"
#include "target.h"

/* Keeps what decisions rest on while a scenario lasts: tokens by reference,
 * each descriptor copied once however often it is met, and equal bases once,
 * so that within a scenario a pointer stands for the content. Starts zeroed.
 * Conductor thread only. */
#define GU_KEEP_BUCKETS 256

struct keep_sd;
struct keep_basis;

struct gu_keep {
	struct gu_arena arena;
	struct keep_sd *sds[GU_KEEP_BUCKETS];
	struct keep_basis *bases[GU_KEEP_BUCKETS];
	const struct gu_basis *last;
	bool used;
};

void gu_keep_release(struct gu_keep *k);

/* Forgets everything. */
void gu_keep_reset(struct gu_keep *k);

/* The same basis, with a token and a descriptor that stay until the reset.
 * Borrowed until then. NULL: out of memory. */
const struct gu_basis *
gu_keep_basis(struct gu_keep *k, const struct gu_basis *basis);

#endif
