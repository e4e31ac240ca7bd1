/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_ACCOUNT_H
#define GU_MODEL_ACCOUNT_H

#include "principal.h"
#include "world.h"

/* What the files that make accounts and tokens share. */

/* The account of that very name, a machine's where it has no domain; NULL when
 * it was not made yet. */
struct m_account *m_account_exact(const struct m_world *w, const char *name);

/* An account with a name and an empty pattern. Publishing it, once it has its
 * SID, lets others find it; m_item_drop throws away one that failed. */
GU_MUST_CHECK enum gu_rc m_account_new(struct m_world *w, const char *name,
				       struct m_account **out,
				       struct gu_err *err);
void m_account_publish(struct m_world *w, struct m_account *a);

/* What every account of the machine has: a SID, groups, privileges. */
GU_MUST_CHECK enum gu_rc
m_account_fill(struct m_world *w, struct m_account *a, struct gu_err *err);

/* Adds the groups of a SIDS argument, mandatory and enabled unless an entry
 * says otherwise. */
GU_MUST_CHECK enum gu_rc
m_add_groups(struct m_ctx *c, const struct gu_value *v, struct gu_token *token);

/* The user whose processes those without an account are. */
GU_MUST_CHECK enum gu_rc m_account_current(struct m_world *w,
					   struct m_account **out,
					   struct gu_err *err);

#endif
