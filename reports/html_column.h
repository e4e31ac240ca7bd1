/* SPDX-License-Identifier: MIT */
#ifndef GU_HTML_COLUMN_H
#define GU_HTML_COLUMN_H

#include "buf.h"
#include "html_pack.h"

/* One column of one block of a page's data: at most HTML_BLOCK_ROWS values,
 * as numbers where all of them are, else as references into a dictionary of
 * the block's own. A block is forgotten as soon as it is written, so that
 * memory does not grow with the run.
 *
 * Written as (little-endian)
 *   words:   u8 0, u32 entries, u32 bytes, the entries each ended by a NUL,
 *            u8 width, then `width` planes of one byte a row, low bytes first:
 *            0 is the next entry never referred to before, n + 1 is entry n
 *   numbers: u8 1, u32 bytes, per row the difference to the row before
 *            (the first: to 0) in zigzag LEB128, of the value + 1; 0 is an
 *            empty cell
 *   sizes:   u8 2, u32 bytes, per row the value + 1 itself in LEB128
 *   times:   u8 3, as numbers, microseconds since the epoch */
enum {
	HTML_BLOCK_ROWS = 16384,
	/* A block ends early when its dictionary is this large. */
	HTML_BLOCK_TEXT = 1 << 20,
};

enum html_form {
	HTML_WORDS,
	HTML_NUMBERS,
	HTML_SIZES,
	HTML_TIMES,
};

struct html_column {
	const char *name;
	enum html_form wish; /* what its values usually are */
	enum html_form form; /* of this block */
	uint32_t rows;
	/* words */
	struct gu_buf text;
	uint32_t count;
	uint32_t *starts; /* in text, HTML_BLOCK_ROWS of them */
	uint16_t *ids;
	uint16_t *slots; /* entry + 1 by hash; 0 is free */
	/* numbers */
	uint64_t *numbers; /* value + 1 */
};

/* `name` is borrowed. */
GU_MUST_CHECK enum gu_rc html_column_init(struct html_column *c,
					  const char *name, enum html_form wish,
					  struct gu_err *err);
void html_column_release(struct html_column *c);

/* Adds a value. False, and nothing added, when the block has to end before
 * it: it is no number and the block holds numbers. An empty block takes any
 * value. */
GU_MUST_CHECK bool html_column_add(struct html_column *c, const char *value);

/* Writes the block's column and empties it. */
void html_column_write(struct html_column *c, struct html_pack *p);

#endif
