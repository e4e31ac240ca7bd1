/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_CHANNEL_H
#define GU_WIN32_CHANNEL_H

#include "exec.h"

/* What the channels share. */

/* Calls that are held open while the scenario goes on: a client's, until its
 * server returns. They are made by OS threads of their own, under the identity
 * that the calling thread has now. */

/* Runs fn(arg) on a new OS thread that first takes up the calling thread's
 * impersonation token, if any. What it raises is its end. The thread belongs
 * to nobody; `arg` is fn's to free. False, with the last error set, when the
 * identity cannot be carried: fn does not run. */
bool w_carry(void (*fn)(void *arg), void *arg);

/* For probes: the calling thread impersonates, at just this level. */
bool w_acts_at(enum gu_level level);

#endif
