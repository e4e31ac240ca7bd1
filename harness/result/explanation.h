/* SPDX-License-Identifier: MIT */
#ifndef GU_EXPLANATION_H
#define GU_EXPLANATION_H

#include "target.h"

/* A decision told in lines of text, from what it rests on: the steps of the
 * access check in order, and the single changes that would turn it round, each
 * to be read after "it would be otherwise with". Each is one line of plain
 * text, to be escaped where that needs it. Any thread. */
struct gu_explanation {
	const char *const *steps; /* owned */
	size_t step_count;
	const char *const *flips; /* owned */
	size_t flip_count;
	void *memory; /* of all of it */
};

/* New: release it. `type` is the object's, whose generic mapping counts. There
 * are no lines when the basis has no descriptor. */
GU_MUST_CHECK enum gu_rc
gu_explanation_make(struct gu_explanation *out, const struct gu_basis *basis,
		    enum gu_objtype type, struct gu_err *err);
void gu_explanation_release(struct gu_explanation *x);

/* Appends it for a terminal, each line ended and indented; of many steps the
 * first and the last. */
void gu_explanation_format(const struct gu_explanation *x, struct gu_buf *out);

#endif
