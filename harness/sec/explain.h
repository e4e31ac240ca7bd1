/* SPDX-License-Identifier: MIT */
#ifndef GU_EXPLAIN_H
#define GU_EXPLAIN_H

#include "access.h"

/* Telling people how a decision came about: its steps in words. Pure. */

/* "dacl", "integrity"; borrowed, static. */
const char *gu_access_stage_name(enum gu_access_stage stage);

/* "user", "group", "no such SID"; "" for GU_MATCH_NONE. Borrowed, static. */
const char *gu_access_match_name(enum gu_access_match match);

/* One line: "dacl: ACE 1 (A;;FR;;;BU) grants 0x1 to S-1-5-32-545
 * (BUILTIN\Users), a group; left 0x2". */
void gu_access_step_format(const struct gu_access_step *step,
			   struct gu_buf *out);

#endif
