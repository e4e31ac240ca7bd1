/* SPDX-License-Identifier: MIT */
#include "buf.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "banned.h"

char gu_buf_empty[1];

void gu_buf_init(struct gu_buf *b)
{
	*b = (struct gu_buf)GU_BUF_INIT;
}

void gu_buf_release(struct gu_buf *b)
{
	if (b->cap) {
		gu_free(b->data);
	}
	gu_buf_init(b);
}

void gu_buf_reset(struct gu_buf *b)
{
	b->len = 0;
	b->oom = false;
	if (b->cap) {
		b->data[0] = '\0';
	}
}

void gu_buf_grow(struct gu_buf *b, size_t extra)
{
	size_t want, cap;
	char *data;

	if (b->oom) {
		return;
	}
	if (__builtin_add_overflow(b->len, extra, &want) || want + 1 < want) {
		b->oom = true;
		return;
	}
	if (want < b->cap) {
		return;
	}
	cap = b->cap ? b->cap * 2 : 64;
	if (cap < want + 1) {
		cap = want + 1;
	}
	data = gu_realloc(b->cap ? b->data : NULL, cap, 1);
	if (!data) {
		b->oom = true;
		return;
	}
	b->data = data;
	b->cap = cap;
	b->data[b->len] = '\0';
}

void gu_buf_add(struct gu_buf *b, const void *p, size_t n)
{
	gu_buf_grow(b, n);
	if (b->oom || n == 0) {
		return;
	}
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void gu_buf_adds(struct gu_buf *b, const char *s)
{
	gu_buf_add(b, s, strlen(s));
}

void gu_buf_addc(struct gu_buf *b, char c)
{
	gu_buf_add(b, &c, 1);
}

void gu_buf_addf(struct gu_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->oom = true;
		return;
	}
	gu_buf_grow(b, (size_t)n);
	if (b->oom) {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void gu_buf_add_u16(struct gu_buf *b, uint16_t v)
{
	uint8_t le[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

	gu_buf_add(b, le, sizeof(le));
}

void gu_buf_add_u32(struct gu_buf *b, uint32_t v)
{
	uint8_t le[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
			  (uint8_t)(v >> 24) };

	gu_buf_add(b, le, sizeof(le));
}

enum gu_rc gu_buf_check(const struct gu_buf *b, struct gu_err *err)
{
	return b->oom ? gu_err_nomem(err) : GU_RC_OK;
}

char *gu_buf_detach(struct gu_buf *b)
{
	char *data;

	gu_buf_grow(b, 0);
	if (b->oom) {
		gu_buf_release(b);
		return NULL;
	}
	data = b->data;
	gu_buf_init(b);
	return data;
}
