/* SPDX-License-Identifier: MIT */
#ifndef GU_BUF_H
#define GU_BUF_H

#include "err.h"

/* A growing byte buffer, always NUL-terminated, so that `data` is also a C
 * string. Appending never returns an error: a failed allocation sets `oom`,
 * later appends do nothing, and the owner looks once at the end with
 * gu_buf_check. */
struct gu_buf {
	char *data; /* never NULL; owned by the buffer */
	size_t len;
	size_t cap;
	bool oom;
};

extern char gu_buf_empty[1];
#define GU_BUF_INIT                                                    \
	{                                                              \
		.data = gu_buf_empty, .len = 0, .cap = 0, .oom = false \
	}

void gu_buf_init(struct gu_buf *b);
void gu_buf_release(struct gu_buf *b);

/* Empties it and keeps the memory. Clears `oom`. */
void gu_buf_reset(struct gu_buf *b);

/* Makes room for `extra` more bytes. */
void gu_buf_grow(struct gu_buf *b, size_t extra);

void gu_buf_add(struct gu_buf *b, const void *p, size_t n);
void gu_buf_adds(struct gu_buf *b, const char *s);
void gu_buf_addc(struct gu_buf *b, char c);
void gu_buf_addf(struct gu_buf *b, const char *fmt, ...) GU_PRINTF(2, 3);

/* Little-endian integers. */
void gu_buf_add_u16(struct gu_buf *b, uint16_t v);
void gu_buf_add_u32(struct gu_buf *b, uint32_t v);

/* GU_RC_NOMEM when an append was lost since the last reset. */
GU_MUST_CHECK enum gu_rc
gu_buf_check(const struct gu_buf *b, struct gu_err *err);

/* New: hands the bytes over to the caller, who calls gu_free; the buffer is
 * empty after. NULL when out of memory. */
char *gu_buf_detach(struct gu_buf *b);

#endif
