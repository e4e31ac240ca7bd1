/* SPDX-License-Identifier: MIT */
#include "alloc.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "banned.h"

static atomic_size_t fail_countdown;
static atomic_bool fail_happened;

static bool must_fail(void)
{
	if (atomic_load_explicit(&fail_countdown, memory_order_relaxed) == 0) {
		return false;
	}
	if (atomic_fetch_sub(&fail_countdown, 1) != 1) {
		return false;
	}
	atomic_store(&fail_happened, true);
	return true;
}

void *gu_calloc(size_t n, size_t size)
{
	if (must_fail()) {
		return NULL;
	}
	return calloc(n ? n : 1, size ? size : 1);
}

void *gu_realloc(void *old, size_t n, size_t size)
{
	size_t total;

	if (must_fail() || __builtin_mul_overflow(n, size, &total)) {
		return NULL;
	}
	return realloc(old, total ? total : 1);
}

void *gu_grow(void *old, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *bigger;

	if (count < *cap) {
		return old;
	}
	bigger = gu_realloc(old, more, size);
	if (bigger) {
		*cap = more;
	}
	return bigger;
}

void gu_free(void *p)
{
#if !defined(NDEBUG) && defined(__GLIBC__)
	if (p) {
		memset(p, 0xDD, malloc_usable_size(p));
	}
#endif
	free(p);
}

char *gu_strndup(const char *s, size_t n)
{
	char *copy = gu_calloc(n + 1, 1);

	if (copy && n) {
		memcpy(copy, s, n);
	}
	return copy;
}

char *gu_strdup(const char *s)
{
	return gu_strndup(s, strlen(s));
}

void gu_alloc_fail_nth(size_t n)
{
	atomic_store(&fail_happened, false);
	atomic_store(&fail_countdown, n);
}

bool gu_alloc_failed(void)
{
	return atomic_load(&fail_happened);
}
