/* SPDX-License-Identifier: MIT */
#ifndef GU_WRITE_H
#define GU_WRITE_H

#include "report.h"

/* What the writers of reports share. Names come from scripts and file
 * systems and may hold any bytes; every format is UTF-8. */

/* U+FFFD, for a byte that belongs to no sequence. */
#define GU_UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* The length of the well-formed UTF-8 sequence at `s`, or 0 when its first
 * byte begins none. `n` is not 0. */
size_t gu_utf8_sequence(const char *s, size_t n);

/* One cell of a CSV file (RFC 4180), no formula to any spreadsheet. */
void gu_write_csv_cell(FILE *out, const char *s, size_t n);

/* Flushes; GU_RC_IO when anything written since the file was opened got
 * lost. */
GU_MUST_CHECK enum gu_rc
gu_write_finish(FILE *out, const char *format, struct gu_err *err);

/* True once a write has failed: the rest need not be read. */
static inline bool gu_write_failed(FILE *out)
{
	return ferror(out) != 0;
}

#endif
