/* SPDX-License-Identifier: MIT */
#ifndef GU_KNOWN_H
#define GU_KNOWN_H

#include "command.h"
#include "registry.h"
#include "run.h"

/* What is known to differ where `target` runs: the rows of divergences.lua for
 * this system, "windows", or "wine10" of Wine 10. The list is `path`; when that
 * is NULL the one beside the built-in scenarios, or the one in the first
 * folder among the operands that has one. Empty for the model, which is what
 * the scenarios were written for. The caller releases out->arena. */
GU_MUST_CHECK enum gu_rc
gu_known_read(struct gu_cmdline *cl, const struct gu_target_ops *target,
	      const char *path, struct gu_divergences *out, struct gu_err *err);

#endif
