/* SPDX-License-Identifier: MIT */
#ifndef GU_WORDS_H
#define GU_WORDS_H

#include <stdatomic.h>

#include "err.h"

/* Rows of static tables found by name, and the language of masks:
 * "A|B|0x10". For the files of this floor. Any thread. */

/* A hash over the names of a table, built by the first look-up. */
struct gu_index {
	const char *(*name)(size_t row);
	size_t count;
	uint16_t *slots;   /* row + 1; 0 is free; zeroed */
	size_t slot_count; /* a power of two, at least twice `count` */
	atomic_bool built;
};

/* Walks the rows of that name in their order. `*at` starts as 0. False when
 * there are no more. */
bool gu_index_next(struct gu_index *x, const char *name, size_t len, size_t *at,
		   size_t *row);

/* Searches for the name spelt most alike. Starts as { .name = NULL }. */
struct gu_nearest {
	const char *name;
	size_t distance;
};
void gu_nearest_try(struct gu_nearest *n, const char *wanted, const char *name);

/* The nearest tried, or NULL when it is too far to be meant. */
const char *gu_nearest_name(const struct gu_nearest *n, const char *wanted);

/* A named value of a group: a right of a type, a constant of an argument. */
struct gu_word {
	const char *name;
	uint32_t group;
	uint32_t value;
};

/* Where the names of one mask are looked for. */
struct gu_scope {
	const struct gu_word *words;
	size_t count;
	struct gu_index *index; /* of `words` */
	uint32_t group;
	uint32_t also; /* a second group, or the same again */
	/* Says what is wrong with a name that is in neither group. */
	enum gu_rc (*refuse)(const struct gu_scope *scope, const char *name,
			     size_t offset, struct gu_err *err);
};

/* Names and numbers joined by |, with blanks around, ORed. */
GU_MUST_CHECK enum gu_rc gu_scope_parse(const struct gu_scope *scope,
					const char *text, uint32_t *out,
					struct gu_err *err);

/* The name in the scope that is spelt alike, or NULL. */
const char *gu_scope_suggest(const struct gu_scope *scope, const char *name);

#endif
