/* SPDX-License-Identifier: MIT */
#ifndef GU_MAILBOX_H
#define GU_MAILBOX_H

#include "target.h"

/* The mailbox decorator: every thread of the world gets an OS thread of its
 * own, and a call is carried out on the OS thread of its caller. The
 * conductor waits for calls of the main function one by one, so results are
 * the same as without. `inner` must take submit, wait and identity from any
 * thread, one at a time (the decorator serialises them for a target that is
 * not `concurrent`). */

/* New: takes over `inner`. On failure the caller keeps `inner`. */
GU_MUST_CHECK enum gu_rc gu_mailbox_new(struct gu_world *inner,
					struct gu_world **out,
					struct gu_err *err);

#endif
