/* SPDX-License-Identifier: MIT */
#ifndef GU_WRITE_H
#define GU_WRITE_H

#include "report.h"

/* What the writers of reports share. Names come from scripts and file
 * systems and may hold any bytes; every format is UTF-8. A byte that belongs
 * to no sequence becomes U+FFFD; a control character that a format has no
 * place for is shown by its picture (U+2400 and following). */

/* U+FFFD, for a byte that belongs to no sequence. */
#define GU_UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* The length of the well-formed UTF-8 sequence at `s`, or 0 when its first
 * byte begins none. `n` is not 0. */
size_t gu_utf8_sequence(const char *s, size_t n);

/* A file behind one buffer. No call fails: what was lost is asked for once,
 * at the end (gu_out_finish). */
#define GU_OUT_SIZE ((size_t)64 * 1024)

struct gu_out {
	FILE *file;
	const char *format; /* for messages */
	int error;          /* errno of the first write that failed, or 0 */
	char *at;
	char *end; /* GU_OUT_SPARE bytes before the end of `buf` */
	char buf[GU_OUT_SIZE];
};

/* Room that is there after each gu_out_room, on top of what was asked for. */
#define GU_OUT_SPARE 64

/* `file` stays open, and its owner's. */
void gu_out_init(struct gu_out *o, FILE *file, const char *format);
void gu_out_flush(struct gu_out *o);

/* Flushes; GU_RC_IO when anything written since the file was opened got
 * lost. */
GU_MUST_CHECK enum gu_rc gu_out_finish(struct gu_out *o, struct gu_err *err);

/* The same once a write has failed: the rest need not be read. */
GU_MUST_CHECK enum gu_rc gu_out_check(struct gu_out *o, struct gu_err *err);

/* Room for `n` bytes and the spare ones; `n` is below half of the buffer. */
static inline void gu_out_room(struct gu_out *o, size_t n)
{
	if ((size_t)(o->end - o->at) < n) {
		gu_out_flush(o);
	}
}

static inline void gu_out_char(struct gu_out *o, char c)
{
	gu_out_room(o, 1);
	*o->at++ = c;
}

/* Bytes as they are. */
void gu_out_bytes(struct gu_out *o, const char *s, size_t n);
void gu_out_str(struct gu_out *o, const char *s);
void gu_out_number(struct gu_out *o, uint64_t v);

/* A JSON string with its quotes (RFC 8259). What is no printable character
 * (C0, DEL, C1) or ends a line in JavaScript is escaped, so that the string
 * is one for YAML too, and does nothing to a terminal. */
void gu_out_json(struct gu_out *o, const char *s, size_t n);
void gu_out_json_str(struct gu_out *o, const char *s);

/* Character data or a quoted attribute of XML 1.0. */
void gu_out_xml(struct gu_out *o, const char *s, size_t n);
void gu_out_xml_str(struct gu_out *o, const char *s);

/* One record as its line of CSV or JSON Lines. */
void gu_out_csv_row(struct gu_out *o, const struct gu_row *row);
void gu_out_jsonl_row(struct gu_out *o, const struct gu_row *row);

/* A cell of CSV straight to a file. */
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
