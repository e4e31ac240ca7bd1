/* SPDX-License-Identifier: MIT */
#ifndef GU_TEXT_H
#define GU_TEXT_H

#include "buf.h"

/* Small text helpers that do not depend on the locale. */

/* ASCII case-insensitive; Windows names compare so. */
int gu_strcasecmp(const char *a, const char *b);
int gu_strncasecmp(const char *a, const char *b, size_t n);

/* Whole-string integers: decimal, 0x hex. Refuses signs, blanks, overflow
 * and trailing bytes. `out` changes on success only. */
GU_MUST_CHECK bool gu_parse_u32(const char *s, size_t n, uint32_t *out);
GU_MUST_CHECK bool gu_parse_u64(const char *s, size_t n, uint64_t *out);

/* The decimal digits of `v`, written so that they end before `end`; returns
 * the first. At most GU_DIGITS. */
#define GU_DIGITS 20
char *gu_digits(char *end, uint64_t v);

/* Decodes hex digits (either case, no blanks) and appends the bytes. On a bad
 * digit or an odd count returns false, `*bad` its offset. */
GU_MUST_CHECK bool
gu_hex_decode(struct gu_buf *out, const char *s, size_t n, size_t *bad);
void gu_hex_encode(struct gu_buf *out, const void *p, size_t n);

/* How unlike two names are (edits, ASCII case-insensitive), for "did you
 * mean". */
size_t gu_edit_distance(const char *a, const char *b);

/* A candidate near enough to `name` to be worth suggesting, or NULL.
 * Borrowed from `names`, which ends in NULL. */
const char *gu_suggest(const char *name, const char *const *names);

#endif
