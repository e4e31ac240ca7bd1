/* SPDX-License-Identifier: MIT */
#ifndef GU_BUILTIN_H
#define GU_BUILTIN_H

#include "arena.h"
#include "run.h"

/* The scenarios built into the program, as sources named scenarios/..., paths
 * from `arena`; files that scenarios read are found among them. */
GU_MUST_CHECK enum gu_rc gu_builtin_add(struct gu_sources *sources,
					struct gu_arena *arena,
					struct gu_err *err);

#endif
