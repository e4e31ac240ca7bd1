/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "banned.h"

#define CHUNK 4096

struct gu_arena_chunk {
	struct gu_arena_chunk *next;
	size_t size;
	_Alignas(max_align_t) char data[];
};

static void chunks_free(struct gu_arena_chunk *c)
{
	while (c) {
		struct gu_arena_chunk *next = c->next;

		gu_free(c);
		c = next;
	}
}

void gu_arena_release(struct gu_arena *a)
{
	chunks_free(a->head);
	*a = (struct gu_arena)GU_ARENA_INIT;
}

void gu_arena_reset(struct gu_arena *a)
{
	if (!a->head) {
		return;
	}
	chunks_free(a->head->next);
	a->head->next = NULL;
	a->at = a->head->data;
	a->left = a->head->size;
}

static bool arena_grow(struct gu_arena *a, size_t size)
{
	size_t room = size > CHUNK ? size : CHUNK;
	struct gu_arena_chunk *c = gu_calloc(1, sizeof(*c) + room);

	if (!c) {
		return false;
	}
	c->size = room;
	c->next = a->head;
	a->head = c;
	a->at = c->data;
	a->left = room;
	return true;
}

void *gu_arena_alloc(struct gu_arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	void *p;

	if (size > SIZE_MAX / 2) {
		return NULL;
	}
	size = (size + align - 1) / align * align;
	if (size > a->left && !arena_grow(a, size)) {
		return NULL;
	}
	p = a->at;
	a->at += size;
	a->left -= size;
	memset(p, 0, size);
	return p;
}

char *gu_arena_strndup(struct gu_arena *a, const char *s, size_t n)
{
	char *copy = gu_arena_alloc(a, n + 1);

	if (copy && n) {
		memcpy(copy, s, n);
	}
	return copy;
}

char *gu_arena_strdup(struct gu_arena *a, const char *s)
{
	return gu_arena_strndup(a, s, strlen(s));
}

char *gu_arena_printf(struct gu_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		return NULL;
	}
	s = gu_arena_alloc(a, (size_t)n + 1);
	if (!s) {
		return NULL;
	}
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}
