/* SPDX-License-Identifier: MIT */
#ifndef GU_ALLOC_H
#define GU_ALLOC_H

#include "err.h"

/* The heap, with a switch that makes the nth allocation fail, so that tests
 * can walk every out-of-memory path. Any thread may allocate; the switch is
 * for single-threaded tests. */

/* New, zeroed, or NULL. `n` elements of `size` bytes; overflow gives NULL. */
void *gu_calloc(size_t n, size_t size);

/* As realloc, for `n` elements of `size` bytes; on NULL `old` is still
 * valid. */
void *gu_realloc(void *old, size_t n, size_t size);

/* Room for one more in an array of `count` elements: the array, moved and
 * `*cap` raised if need be. On NULL `old` is still valid. */
void *gu_grow(void *old, size_t count, size_t *cap, size_t size);

/* NULL is fine. Debug builds fill the block before it goes. */
void gu_free(void *p);

/* New copy of `n` bytes plus a terminating NUL, or NULL. */
char *gu_strndup(const char *s, size_t n);
char *gu_strdup(const char *s);

/* Makes the nth allocation from now (1 is the next) return NULL, once.
 * 0 switches it off. */
void gu_alloc_fail_nth(size_t n);

/* True when a failure asked for has happened since. */
bool gu_alloc_failed(void);

#endif
