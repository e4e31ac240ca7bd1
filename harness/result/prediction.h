/* SPDX-License-Identifier: MIT */
#ifndef GU_PREDICTION_H
#define GU_PREDICTION_H

#include "findings.h"

/* Predictions: each decision is taken once more by guise's own access check,
 * from the token and the descriptor that it rests on. Where the two differ, a
 * finding of the rule `prediction` tells both answers and why it was to be
 * otherwise. A target that decides by the same check never differs.
 *
 * Nothing is predicted where too little is known: no descriptor could be read,
 * a descriptor was replaced by the call itself, or a directory above may have
 * decided. */
struct gu_predictions; /* is also a gu_observer */

/* `r` is borrowed, and must observe the same world before it: its rows are what
 * is predicted, and where findings go. */
GU_MUST_CHECK enum gu_rc gu_predictions_new(struct gu_recorder *r,
					    struct gu_predictions **out,
					    struct gu_err *err);
void gu_predictions_free(struct gu_predictions *p); /* NULL is fine */
struct gu_observer *gu_predictions_observer(struct gu_predictions *p);

/* Forgets the scenario before. */
void gu_predictions_begin(struct gu_predictions *p);

/* What a decision on an object of `type` should have been. `desired` is the
 * basis's own. A token below Impersonation opens nothing where `opens`. */
struct gu_prediction {
	bool granted;
	uint32_t mask; /* 0 when denied */
	struct gu_reason reason;
};
GU_MUST_CHECK enum gu_rc
gu_predict(const struct gu_basis *basis, enum gu_objtype type, bool opens,
	   struct gu_prediction *out, struct gu_err *err);

#endif
