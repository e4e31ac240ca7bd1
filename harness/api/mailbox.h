/* SPDX-License-Identifier: MIT */
#ifndef GU_MAILBOX_H
#define GU_MAILBOX_H

#include "target.h"

/* The mailbox decorator: every thread of the world gets an OS thread of its
 * own, and a call is carried out on the OS thread of its caller while the
 * conductor stands still. So the target is entered by one thread at a time,
 * calls happen in the order they would without, and results are the same. A
 * call that the target leaves pending is finished by wait, on the conductor.
 * For targets that never block in submit. Conductor thread only. */

/* New: takes over `inner`. On failure the caller keeps `inner`. */
GU_MUST_CHECK enum gu_rc gu_mailbox_new(struct gu_world *inner,
					struct gu_world **out,
					struct gu_err *err);

#endif
