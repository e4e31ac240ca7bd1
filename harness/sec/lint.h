/* SPDX-License-Identifier: MIT */
#ifndef GU_LINT_H
#define GU_LINT_H

#include "sd.h"

/* What is legal in a descriptor and yet surprises: entries out of order,
 * entries that open an object to all, entries that can do nothing. Looks at
 * the descriptor alone; asks nobody who a SID is. */
enum gu_lint {
	GU_LINT_ORDER,
	GU_LINT_NULL_DACL,
	GU_LINT_EMPTY_DACL,
	GU_LINT_DENY_OWNER,
	GU_LINT_EVERYONE_WRITE,
	GU_LINT_ANONYMOUS,
	GU_LINT_UNRESOLVED,
	GU_LINT_NO_RIGHTS,
	GU_LINT_NO_EFFECT,
	GU_LINT_BAD_DATA,
	GU_LINT_NO_OWNER,
	GU_LINT_COUNT,
};

/* "non-canonical-order" and its like: stable, for scripts. Static. */
const char *gu_lint_name(enum gu_lint lint);

#define GU_LINT_NO_ACE UINT32_MAX

/* One warning. The sentence is valid during the call only. */
struct gu_lint_warning {
	enum gu_lint lint;
	bool sacl;    /* where the ACE stands */
	uint32_t ace; /* index there, or GU_LINT_NO_ACE */
	const char *sentence;
};

typedef void (*gu_lint_fn)(void *arg, const struct gu_lint_warning *warning);

/* Tells every warning to `tell`: the descriptor's own, then the DACL's, then
 * the SACL's, in order. SIDs of `domain` (or NULL) count as known. */
GU_MUST_CHECK enum gu_rc
gu_lint_sd(const struct gu_sd *sd, const struct gu_sid *domain, gu_lint_fn tell,
	   void *arg, struct gu_err *err);

#endif
