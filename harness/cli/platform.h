/* SPDX-License-Identifier: MIT */
#ifndef GU_PLATFORM_H
#define GU_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "look.h"

/* What a program has to ask its system for in a way of its own:
 * platform_posix.c, platform_win32.c. Texts are UTF-8. */

/* The program; the platform's own main calls it with UTF-8 arguments and
 * streams that pass bytes on as they are. */
int gu_main(int argc, char **argv);

/* Standard error is a terminal that understands ANSI sequences. */
bool gu_terminal_ansi(void);

/* `fn` is called, perhaps on another thread, when the user wants the program
 * to stop; the next time the process ends at once. */
void gu_on_interrupt(void (*fn)(void));

/* The folder for what programs keep between runs, absolute. False without a
 * home; a longer path than `size` counts as none. */
bool gu_state_folder(char *buf, size_t size);

/* Administrator or root. */
bool gu_is_elevated(void);

/* What stands in for the system that it says it is ("Wine 8.0"), or NULL.
 * Borrowed for the life of the process. */
const char *gu_emulator(void);

/* Whether this system can be looked at; UNSUPPORTED says what can. */
GU_MUST_CHECK enum gu_rc gu_platform_can_look(struct gu_err *err);
/* See look.h. */
GU_MUST_CHECK enum gu_rc gu_platform_look(const struct gu_look *what,
					  gu_found_fn fn, void *arg,
					  struct gu_err *err);

/* Impersonate, open, close and revert on a thread of the real system, `loops`
 * times; nanoseconds per round of the calls alone, of them with the queries
 * that show their effect, and of them as the harness's jobs, which make these
 * queries, without a hand-over. UNSUPPORTED where there is no such system. */
struct gu_loop_ns {
	double bare;
	double looked;
	double jobs;
};
GU_MUST_CHECK enum gu_rc
gu_platform_loop(unsigned loops, struct gu_loop_ns *out, struct gu_err *err);

/* The largest peak of the child processes so far, in KiB; 0: unknown. */
uint64_t gu_children_peak_kib(void);

/* This process's own peak, in KiB; 0: unknown. It starts anew at a reset where
 * the system can do that. */
void gu_peak_reset(void);
uint64_t gu_peak_kib(void);

#endif
