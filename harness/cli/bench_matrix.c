/* SPDX-License-Identifier: MIT */
#include "bench_matrix.h"

#include <uv.h>

#include "alloc.h"
#include "matrix.h"
#include "quick.h"
#include "banned.h"

enum {
	ACES = 20,
	DENY_ACES = 2,
	GROUPS = 40,        /* of a principal */
	GROUPS_ALL = 1000,  /* there are */
	GROUPS_NAMED = 300, /* of them in descriptors */
	USERS = 100000,     /* the first RID of a user */
};

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, 0x1F01FF };

struct workload {
	struct gu_bench_matrix *out;
	struct gu_token **tokens; /* owned */
	struct gu_buf *bytes;     /* distinct descriptors */
	uint32_t *sd_of;          /* by object */
	uint32_t *cells;          /* what the loop found */
	uint32_t seed;
};

/* making it */

static uint32_t below(struct workload *w, uint32_t n)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 17;
	w->seed ^= w->seed << 5;
	return w->seed % n;
}

static struct gu_sid domain_sid(uint32_t rid)
{
	return (struct gu_sid){ .revision = 1,
				.authority = 5,
				.count = 5,
				.sub = { 21, 1111, 2222, 3333, rid } };
}

static enum gu_rc
token_make(struct workload *w, size_t i, uint32_t *groups, struct gu_err *err)
{
	struct gu_token *t;
	enum gu_rc rc = gu_token_new(&t, err);

	if (rc) {
		return rc;
	}
	w->tokens[i] = t;
	t->user = domain_sid(USERS + (uint32_t)i);
	for (size_t k = 0; !rc && k < GROUPS; k++) {
		const struct gu_sid sid = domain_sid(1000 + groups[k]);

		rc = gu_token_add_group(t, &sid, GU_GROUP_ENABLED, err);
	}
	return rc;
}

static enum gu_rc tokens_make(struct workload *w, struct gu_err *err)
{
	const size_t n = w->out->memberships;
	uint32_t(*groups)[GROUPS] = gu_calloc(n, sizeof(*groups));
	enum gu_rc rc = groups ? GU_RC_OK : gu_err_nomem(err);

	for (size_t i = 0; !rc && i < n; i++) {
		for (size_t k = 0; k < GROUPS; k++) {
			groups[i][k] = below(w, GROUPS_ALL);
		}
	}
	for (size_t i = 0; !rc && i < w->out->principals; i++) {
		rc = token_make(w, i, groups[i % n], err);
	}
	gu_free(groups);
	return rc;
}

static enum gu_rc
sd_make(struct workload *w, struct gu_buf *out, struct gu_err *err)
{
	static const uint32_t masks[] = { 0x120089, 0x1200A9, 0x1301BF,
					  0x1F01FF };
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = GU_RC_OK;

	sd.control = GU_SE_DACL_PRESENT;
	sd.owner = domain_sid(500);
	for (size_t i = 0; !rc && i < ACES; i++) {
		const struct gu_sid sid =
			domain_sid(1000 + below(w, GROUPS_NAMED));

		rc = gu_acl_add(&sd.dacl,
				i < DENY_ACES ? GU_ACE_DENY : GU_ACE_ALLOW,
				masks[below(w, 4)], &sid, err);
	}
	gu_sd_encode(&sd, out);
	gu_sd_release(&sd);
	return rc ? rc : gu_buf_check(out, err);
}

static enum gu_rc workload_make(struct workload *w, struct gu_err *err)
{
	const struct gu_bench_matrix *o = w->out;
	enum gu_rc rc = GU_RC_OK;

	w->tokens = gu_calloc(o->principals, sizeof(struct gu_token *));
	w->bytes = gu_calloc(o->descriptors, sizeof(*w->bytes));
	w->sd_of = gu_calloc(o->objects, sizeof(*w->sd_of));
	w->cells = gu_calloc(o->principals, o->objects * sizeof(*w->cells));
	if (!w->tokens || !w->bytes || !w->sd_of || !w->cells) {
		return gu_err_nomem(err);
	}
	for (size_t i = 0; i < o->descriptors; i++) {
		gu_buf_init(&w->bytes[i]);
	}
	for (size_t i = 0; !rc && i < o->descriptors; i++) {
		rc = sd_make(w, &w->bytes[i], err);
	}
	for (size_t i = 0; i < o->objects; i++) {
		w->sd_of[i] = (uint32_t)(i % o->descriptors);
	}
	return rc ? rc : tokens_make(w, err);
}

static void workload_release(struct workload *w)
{
	for (size_t i = 0; w->tokens && i < w->out->principals; i++) {
		gu_token_unref(w->tokens[i]);
	}
	for (size_t i = 0; w->bytes && i < w->out->descriptors; i++) {
		if (w->bytes[i].data) {
			gu_buf_release(&w->bytes[i]);
		}
	}
	gu_free(w->tokens);
	gu_free(w->bytes);
	gu_free(w->sd_of);
	gu_free(w->cells);
}

/* the loop */

struct loop {
	struct gu_quick *quick;
	struct gu_quick_token **tokens; /* owned */
	struct gu_quick_sd **sds;       /* by object */
};

static enum gu_rc
loop_make(struct loop *l, const struct workload *w, struct gu_err *err)
{
	enum gu_rc rc = gu_quick_new(&l->quick, err);

	if (rc) {
		return rc;
	}
	l->tokens =
		gu_calloc(w->out->principals, sizeof(struct gu_quick_token *));
	l->sds = gu_calloc(w->out->objects, sizeof(struct gu_quick_sd *));
	if (!l->tokens || !l->sds) {
		return gu_err_nomem(err);
	}
	for (size_t i = 0; !rc && i < w->out->principals; i++) {
		rc = gu_quick_token_new(l->quick, w->tokens[i], &l->tokens[i],
					err);
	}
	for (size_t i = 0; !rc && i < w->out->objects; i++) {
		const struct gu_buf *bytes = &w->bytes[w->sd_of[i]];

		rc = gu_quick_compile(l->quick, (const uint8_t *)bytes->data,
				      bytes->len, &file_map, &l->sds[i], err);
	}
	return rc;
}

static void loop_release(struct loop *l, size_t principals)
{
	for (size_t i = 0; l->tokens && i < principals; i++) {
		gu_quick_token_free(l->tokens[i]);
	}
	gu_free(l->tokens);
	gu_free(l->sds);
	gu_quick_free(l->quick);
}

static enum gu_rc run_loop(struct workload *w, struct gu_err *err)
{
	const size_t width = w->out->objects;
	struct loop l = { .quick = NULL };
	uint64_t start = uv_hrtime();
	enum gu_rc rc = loop_make(&l, w, err);

	for (size_t p = 0; !rc && p < w->out->principals; p++) {
		for (size_t o = 0; o < width; o++) {
			struct gu_quick_answer answer;

			if (gu_quick_check(l.sds[o], l.tokens[p],
					   GU_MAXIMUM_ALLOWED, &answer)) {
				rc = gu_err_nomem(err);
			}
			w->cells[p * width + o] = answer.mask;
		}
	}
	gu_samples_add(&w->out->loop,
		       (double)(uv_hrtime() - start) /
			       (double)(w->out->principals * width));
	loop_release(&l, w->out->principals);
	return rc;
}

/* the matrix */

static enum gu_rc matrix_make(struct gu_matrix **out, const struct workload *w,
			      struct gu_err *err)
{
	enum gu_rc rc = gu_matrix_new(out, err);

	for (size_t i = 0; !rc && i < w->out->principals; i++) {
		rc = gu_matrix_add_principal(*out, w->tokens[i], err);
	}
	for (size_t i = 0; !rc && i < w->out->objects; i++) {
		const struct gu_buf *bytes = &w->bytes[w->sd_of[i]];

		rc = gu_matrix_add_object(*out, (const uint8_t *)bytes->data,
					  bytes->len, &file_map, err);
	}
	return rc ? rc : gu_matrix_decide(*out, err);
}

static uint64_t
count_mismatches(const struct workload *w, const struct gu_matrix *m)
{
	const size_t width = w->out->objects;
	uint64_t wrong = 0;

	for (size_t p = 0; p < w->out->principals; p++) {
		for (size_t o = 0; o < width; o++) {
			wrong += gu_matrix_cell(m, p, o) !=
				 w->cells[p * width + o];
		}
	}
	return wrong;
}

/* After the loop, whose cells it is held against. */
static enum gu_rc run_matrix(struct workload *w, struct gu_err *err)
{
	const double cells =
		(double)w->out->principals * (double)w->out->objects;
	struct gu_matrix *m = NULL;
	uint64_t start = uv_hrtime();
	enum gu_rc rc = matrix_make(&m, w, err);

	if (!rc) {
		gu_samples_add(&w->out->matrix,
			       (double)(uv_hrtime() - start) / cells);
		w->out->mismatches += count_mismatches(w, m);
		gu_samples_add(&w->out->read,
			       (double)(uv_hrtime() - start) / cells);
		w->out->decided = gu_matrix_principal_classes(m) *
				  gu_matrix_object_classes(m);
	}
	gu_matrix_free(m);
	return rc;
}

enum gu_rc gu_bench_matrix(struct gu_bench_matrix *list, size_t n,
			   size_t rounds, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < n; i++) {
		struct workload w = { .out = &list[i], .seed = 12345 };

		rc = workload_make(&w, err);
		for (size_t r = 0; !rc && r < rounds; r++) {
			rc = run_loop(&w, err);
			if (!rc) {
				rc = run_matrix(&w, err);
			}
		}
		workload_release(&w);
	}
	return rc;
}
