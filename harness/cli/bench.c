/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <assert.h>

#include "banned.h"

void gu_samples_add(struct gu_samples *s, double ns)
{
	assert(s->count < GU_BENCH_ROUNDS_MAX);
	s->ns[s->count++] = ns;
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

double gu_samples_min(const struct gu_samples *s)
{
	double min = s->count ? s->ns[0] : 0;

	for (size_t i = 1; i < s->count; i++) {
		min = s->ns[i] < min ? s->ns[i] : min;
	}
	return min;
}

double gu_samples_median(const struct gu_samples *s)
{
	struct gu_samples sorted = *s;

	if (!s->count) {
		return 0;
	}
	qsort(sorted.ns, sorted.count, sizeof(sorted.ns[0]), by_value);
	return sorted.ns[sorted.count / 2];
}
