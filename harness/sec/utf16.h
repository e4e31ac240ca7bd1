/* SPDX-License-Identifier: MIT */
#ifndef GU_UTF16_H
#define GU_UTF16_H

#include "buf.h"

/* UTF-16LE as Windows stores it, and UTF-8 as everything else here does. Lone
 * surrogates travel as three bytes, so that any string comes back as it was.
 * Private to this floor. */

/* Appends `n` bytes of UTF-8 as UTF-16LE; false, with the offset, where they
 * are none. */
GU_MUST_CHECK bool
gu_utf16_add(struct gu_buf *out, const char *s, size_t n, size_t *bad);

/* One character of UTF-8; moves `*at` on. False where there is none. */
GU_MUST_CHECK bool
gu_utf8_read(const char **at, const char *end, uint32_t *out);

/* Appends one unit or code point as UTF-16LE. */
void gu_utf16_put(struct gu_buf *out, uint32_t c);

/* The code point at `*at` of `n` bytes; moves on. A lone surrogate is
 * itself. `*at` is even and below `n`. */
uint32_t gu_utf16_read(const uint8_t *p, size_t n, size_t *at);

/* Appends a code point as UTF-8. */
void gu_utf8_put(struct gu_buf *out, uint32_t c);

/* Appends UTF-16LE as UTF-8. */
void gu_utf16_format(const uint8_t *p, size_t n, struct gu_buf *out);

/* The upper-case form as Windows' own table has it (Unicode 5.1). */
uint16_t gu_utf16_upcase(uint16_t unit);

/* Order of two strings, by unit; `fold` ignores case. */
int gu_utf16_compare(const uint8_t *a, size_t a_len, const uint8_t *b,
		     size_t b_len, bool fold);

#endif
