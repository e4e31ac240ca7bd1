/* SPDX-License-Identifier: MIT */
#ifndef GU_CONDITION_TEXT_H
#define GU_CONDITION_TEXT_H

#include "sid.h"

/* What conditions and resource attributes have in common as text. Private to
 * this floor. */
struct gu_scan {
	const char *text;
	const char *at;
	const char *end;
	const struct gu_sid *domain;
	struct gu_err *err;
};

/* Back to a length it had, where it still holds anything. */
void gu_buf_cut(struct gu_buf *b, size_t len);

/* Past blanks: space, tab, line ends. */
void gu_scan_blanks(struct gu_scan *s);

/* Past `c`, blanks before it; false when something else stands there. */
bool gu_scan_char(struct gu_scan *s, char c);

/* Fails where the scan is. */
enum gu_rc gu_scan_expected(const struct gu_scan *s, const char *what);

/* An integer as C writes it, with a sign. `sign` and `base` are
 * GU_COND_SIGN_* and GU_COND_BASE_*. */
struct gu_scan_number {
	uint64_t value;
	uint8_t sign;
	uint8_t base;
};
GU_MUST_CHECK enum gu_rc
gu_scan_integer(struct gu_scan *s, struct gu_scan_number *out);

/* SID(...), a code or S-1-... within. */
GU_MUST_CHECK enum gu_rc gu_scan_sid(struct gu_scan *s, struct gu_sid *out);

/* "...", appended as UTF-16LE; a quote cannot be within. */
GU_MUST_CHECK enum gu_rc gu_scan_string(struct gu_scan *s, struct gu_buf *out);

/* Pairs of hex digits, as bytes; in conditions '#' may stand for 0. */
GU_MUST_CHECK enum gu_rc gu_scan_octets(struct gu_scan *s, struct gu_buf *out);

/* How a character of an attribute's name is written. */
enum gu_name_char {
	GU_NAME_SIMPLE, /* itself, everywhere */
	GU_NAME_FULL,   /* itself behind @User. and its like */
	GU_NAME_CODED,  /* %XXXX */
};
enum gu_name_char gu_name_char(uint32_t c);

/* A name as far as it goes, appended as UTF-16LE. `full` is for names with a
 * prefix. */
GU_MUST_CHECK enum gu_rc
gu_scan_name(struct gu_scan *s, bool full, struct gu_buf *out);

/* Appends a name, coded where needed. */
void gu_name_format(const uint8_t *p, size_t n, struct gu_buf *out);

/* Appends SID(...), or fails when the bytes are none. */
GU_MUST_CHECK bool gu_sid_item_format(const uint8_t *p, size_t n,
				      const struct gu_sid *domain,
				      struct gu_buf *out);

#endif
