/* SPDX-License-Identifier: MIT */
#ifndef GU_GROUNDS_H
#define GU_GROUNDS_H

#include "explanation.h"
#include "store.h"

/* What a stored run's decisions rest on, for reports: why each fell as it did,
 * and who and what there was. Reads one store, which must outlive it, and
 * keeps what it worked out last, so that equal decisions are explained once;
 * memory does not grow with the run. Not thread-safe.
 *
 * Rows of equal grounds bear the same number, gu_row.basis: a report may write
 * each explanation once and refer to it. */
struct gu_grounds;

GU_MUST_CHECK enum gu_rc
gu_grounds_new(struct gu_grounds **out, struct gu_store *s, struct gu_err *err);
void gu_grounds_free(struct gu_grounds *g); /* NULL is fine */

/* The explanation of a row, by run and seq. `*out` is borrowed until the next
 * call, and NULL when the row is no decision or nothing is known of its
 * grounds. GU_RC_USAGE: there is no such row. */
GU_MUST_CHECK enum gu_rc
gu_grounds_explain(struct gu_grounds *g, int64_t run, uint32_t seq,
		   const struct gu_explanation **out, struct gu_err *err);

/* The same by a row's `basis`, 0 for none: for whoever has the row at hand. */
GU_MUST_CHECK enum gu_rc
gu_grounds_explain_basis(struct gu_grounds *g, int64_t basis,
			 const struct gu_explanation **out, struct gu_err *err);

/* A principal or an object of a scenario, as it was at its end: what a matrix
 * is made of. Borrowed for the call. Things with equal `token_id`, or equal
 * `sd_id`, are alike. */
struct gu_stored_thing {
	int64_t scenario; /* its place in the run, from 1, as
			     gu_store_scenarios goes */
	const char *kind; /* "account", "process", "token"; "object" */
	const char *name;
	enum gu_objtype type;         /* of an object, else NONE */
	const struct gu_token *token; /* of a principal, else NULL */
	int64_t token_id;
	const uint8_t *sd; /* self-relative; of an object, else NULL */
	size_t sd_len;
	int64_t sd_id;
};
typedef enum gu_rc (*gu_thing_fn)(void *arg,
				  const struct gu_stored_thing *thing,
				  struct gu_err *err);

/* Calls `fn` for each of a run, scenario by scenario, in the order of their
 * making; stops at the first rc that is not OK and returns it. */
GU_MUST_CHECK enum gu_rc gu_grounds_things(struct gu_grounds *g, int64_t run,
					   gu_thing_fn fn, void *arg,
					   struct gu_err *err);

#endif
