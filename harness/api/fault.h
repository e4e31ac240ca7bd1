/* SPDX-License-Identifier: MIT */
#ifndef GU_FAULT_H
#define GU_FAULT_H

#include "target.h"

/* The fault decorator: makes chosen calls fail with a status of their own
 * convention, without reaching the target. Serves the `inject` fixture and
 * whoever wants to sweep. Conductor thread only. */

/* New: takes over `inner`. On failure the caller keeps `inner`. */
GU_MUST_CHECK enum gu_rc
gu_fault_new(struct gu_world *inner, struct gu_world **out, struct gu_err *err);

/* The next `times` calls of `fn` on `thread` answer `code` (a code of the
 * row's convention) and fail. A thread of kind NONE means any. */
GU_MUST_CHECK enum gu_rc gu_fault_add(struct gu_world *w, struct gu_ref thread,
				      enum gu_fn fn, uint32_t code,
				      uint32_t times, struct gu_err *err);

#endif
