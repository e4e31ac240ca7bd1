/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <assert.h>
#include <uv.h>

#include "banned.h"

enum {
	/* Four measurements of 30 rounds take some two seconds. */
	BLOCK_NS = 10 * 1000 * 1000,
	BLOCK_OPS_MAX = 1 << 24,
};

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

/* Operations that fill one block of time. */
static uint64_t calibrate(const struct gu_measure *m)
{
	for (uint64_t ops = 64;; ops *= 4) {
		uint64_t start = uv_hrtime();
		uint64_t ns;

		(void)m->run(m->arg, ops);
		ns = uv_hrtime() - start;
		if (ns > BLOCK_NS / 8 || ops >= BLOCK_OPS_MAX) {
			return ops * BLOCK_NS / (ns + 1) + 1;
		}
	}
}

void gu_bench_take_turns(struct gu_measure *all, size_t n, size_t rounds)
{
	for (size_t i = 0; i < n; i++) {
		all[i].ops = calibrate(&all[i]);
	}
	for (size_t r = 0; r < rounds; r++) {
		for (size_t i = 0; i < n; i++) {
			uint64_t start = uv_hrtime();

			(void)all[i].run(all[i].arg, all[i].ops);
			gu_samples_add(all[i].samples,
				       (double)(uv_hrtime() - start) /
					       (double)all[i].ops);
		}
	}
}

enum gu_rc gu_bench_load(const char *path, json_t **out, struct gu_err *err)
{
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error);

	if (!json) {
		return gu_err_set(err, GU_RC_USAGE, "%s:%d: %s", path,
				  error.line, error.text);
	}
	*out = json;
	return GU_RC_OK;
}
