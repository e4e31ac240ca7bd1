/* SPDX-License-Identifier: MIT */
#ifndef GU_BENCH_HANDOFF_H
#define GU_BENCH_HANDOFF_H

#include "target.h"

/* A world whose calls are each handed to one worker thread through a mutex
 * and a condition variable: what `guise bench` measures the model against.
 * Calls that stay pending are not for it. */

/* New: takes over `inner`. On failure the caller keeps `inner`. */
GU_MUST_CHECK enum gu_rc gu_handoff_new(struct gu_world *inner,
					struct gu_world **out,
					struct gu_err *err);

#endif
