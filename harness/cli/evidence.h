/* SPDX-License-Identifier: MIT */
#ifndef GU_EVIDENCE_H
#define GU_EVIDENCE_H

#include "command.h"
#include "store.h"

/* Who ran what, when and where: the part of a run's row that the command line
 * knows. Strings come from `cl->arena`. */
GU_MUST_CHECK enum gu_rc
gu_evidence(struct gu_run_info *out, struct gu_cmdline *cl,
	    const struct gu_target_ops *target, struct gu_err *err);

/* Now, as the store keeps it. From `arena`, or NULL. */
const char *gu_evidence_now(struct gu_arena *arena);

#endif
