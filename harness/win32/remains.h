/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_REMAINS_H
#define GU_WIN32_REMAINS_H

#include "journal.h"

/* What a run made that outlives a process: written down before it is made, in
 * a file that only this process writes, and removed again by this process or,
 * when it did not come to that, by another. Conductor thread only. */

/* Writes it down. The first time it also removes what dead runs left. */
GU_MUST_CHECK enum gu_rc
w_remains_note(enum w_journal_kind kind, const char *name, struct gu_err *err);

/* Removes all that was noted by this process. What resists stays noted. */
void w_remains_remove(void);

/* Removes what dead runs left; a line to `out` for each thing. Runs that are
 * alive keep theirs. `*left`: how many things are still there. */
GU_MUST_CHECK enum gu_rc
w_remains_replay(struct gu_buf *out, size_t *left, struct gu_err *err);

#endif
