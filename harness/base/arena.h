/* SPDX-License-Identifier: MIT */
#ifndef GU_ARENA_H
#define GU_ARENA_H

#include "err.h"

/* Memory with one common end of life: bump allocation in chunks, freed all
 * at once. Used for what a call returns and for the strings of one world.
 * Not thread-safe. */
struct gu_arena_chunk;
struct gu_arena {
	struct gu_arena_chunk *head;
	char *at;
	size_t left;
};

#define GU_ARENA_INIT                               \
	{                                           \
		.head = NULL, .at = NULL, .left = 0 \
	}

void gu_arena_release(struct gu_arena *a);

/* Forgets every allocation and keeps one chunk for reuse. */
void gu_arena_reset(struct gu_arena *a);

/* Zeroed, aligned for any type, or NULL. */
void *gu_arena_alloc(struct gu_arena *a, size_t size);

/* NUL-terminated copies, or NULL. */
char *gu_arena_strndup(struct gu_arena *a, const char *s, size_t n);
char *gu_arena_strdup(struct gu_arena *a, const char *s);
char *gu_arena_printf(struct gu_arena *a, const char *fmt, ...) GU_PRINTF(2, 3);

#endif
