/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "text.h"

#include "banned.h"

static uv_once_t once = UV_ONCE_INIT;
static uv_mutex_t lock;

static size_t name_hash(const char *s, size_t len)
{
	uint32_t h = 0x811C9DC5u;

	for (size_t i = 0; i < len; i++) {
		h = (h ^ (uint8_t)s[i]) * 0x01000193u;
	}
	return h ^ h >> 15;
}

static void build(const struct gu_index *x)
{
	size_t mask = x->slot_count - 1;

	for (size_t row = 0; row < x->count; row++) {
		const char *name = x->name(row);
		size_t at = name_hash(name, strlen(name)) & mask;

		while (x->slots[at]) {
			at = (at + 1) & mask;
		}
		x->slots[at] = (uint16_t)(row + 1);
	}
}

static void lock_init(void)
{
	if (uv_mutex_init(&lock) != 0) {
		abort();
	}
}

static void make_ready(struct gu_index *x)
{
	if (atomic_load_explicit(&x->built, memory_order_acquire)) {
		return;
	}
	uv_once(&once, lock_init);
	uv_mutex_lock(&lock);
	if (!atomic_load_explicit(&x->built, memory_order_relaxed)) {
		build(x);
		atomic_store_explicit(&x->built, true, memory_order_release);
	}
	uv_mutex_unlock(&lock);
}

bool gu_index_next(struct gu_index *x, const char *name, size_t len, size_t *at,
		   size_t *row)
{
	size_t mask = x->slot_count - 1;
	size_t start = name_hash(name, len);

	make_ready(x);
	for (;;) {
		uint16_t slot = x->slots[(start + *at) & mask];
		const char *found;

		if (!slot) {
			return false;
		}
		(*at)++;
		*row = slot - 1u;
		found = x->name(*row);
		if (strncmp(found, name, len) == 0 && found[len] == '\0') {
			return true;
		}
	}
}

void gu_nearest_try(struct gu_nearest *n, const char *wanted, const char *name)
{
	size_t distance = gu_edit_distance(wanted, name);

	if (!n->name || distance < n->distance) {
		n->name = name;
		n->distance = distance;
	}
}

const char *gu_nearest_name(const struct gu_nearest *n, const char *wanted)
{
	const char *const names[] = { n->name, NULL };

	return gu_suggest(wanted, names);
}

static bool in_scope(const struct gu_scope *scope, const struct gu_word *w)
{
	return w->group == scope->group || w->group == scope->also;
}

static const struct gu_word *
scope_find(const struct gu_scope *scope, const char *name, size_t len)
{
	size_t at = 0;
	size_t row;

	while (gu_index_next(scope->index, name, len, &at, &row)) {
		if (in_scope(scope, &scope->words[row])) {
			return &scope->words[row];
		}
	}
	return NULL;
}

static enum gu_rc refuse(const struct gu_scope *scope, const char *name,
			 size_t len, size_t offset, struct gu_err *err)
{
	char copy[64];

	if (len == 0) {
		return gu_err_at(err, offset, "a name or number is missing");
	}
	snprintf(copy, sizeof(copy), "%.*s", (int)len, name);
	return scope->refuse(scope, copy, offset, err);
}

enum gu_rc gu_scope_parse(const struct gu_scope *scope, const char *text,
			  uint32_t *out, struct gu_err *err)
{
	const char *p = text;
	uint32_t mask = 0;

	for (;; p++) {
		const struct gu_word *w;
		uint32_t number;
		size_t len;

		p += strspn(p, " \t");
		len = strcspn(p, "| \t");
		w = scope_find(scope, p, len);
		if (w) {
			mask |= w->value;
		} else if (gu_parse_u32(p, len, &number)) {
			mask |= number;
		} else {
			return refuse(scope, p, len, (size_t)(p - text), err);
		}
		p += len;
		p += strspn(p, " \t");
		if (*p == '\0') {
			break;
		}
		if (*p != '|') {
			return gu_err_at(err, (size_t)(p - text),
					 "a | is missing before \"%s\"", p);
		}
	}
	*out = mask;
	return GU_RC_OK;
}

const char *gu_scope_suggest(const struct gu_scope *scope, const char *name)
{
	struct gu_nearest nearest = { .name = NULL };

	for (size_t i = 0; i < scope->count; i++) {
		if (in_scope(scope, &scope->words[i])) {
			gu_nearest_try(&nearest, name, scope->words[i].name);
		}
	}
	return gu_nearest_name(&nearest, name);
}
