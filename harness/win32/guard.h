/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_GUARD_H
#define GU_WIN32_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/* Calls into the system that may crash. An exception that nobody inside
 * handles ends the call, inner frames unwound, and is data afterwards: a stub
 * or a crash in a DLL never ends the run. What the system raises and handles
 * itself is none of it. Guarded calls may nest. */

/* What a function without a body raises under Wine. */
#define W_GUARD_STUB 0x80000100u

struct w_guard {
	bool raised;
	bool ours; /* raised by guise's own code */
	uint32_t code;
};

/* Any thread. */
void w_guard_call(void (*fn)(void *arg), void *arg, struct w_guard *out);

#endif
