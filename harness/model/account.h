/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_ACCOUNT_H
#define GU_MODEL_ACCOUNT_H

#include "world.h"

/* What account.c shares with the fixtures that make tokens to measure. */

/* Administrators among its enabled groups. */
bool m_is_admin(const struct gu_token *token);

/* Default owner and default DACL, from the user and groups it has now. */
GU_MUST_CHECK enum gu_rc
m_pattern_finish(struct gu_token *token, struct gu_err *err);

/* Adds the groups of a SIDS argument, mandatory and enabled unless an entry
 * says otherwise. */
GU_MUST_CHECK enum gu_rc
m_add_groups(struct m_ctx *c, const struct gu_value *v, struct gu_token *token);

/* The SIDs alone, for the call's time. */
GU_MUST_CHECK enum gu_rc m_bare_sids(struct m_ctx *c,
				     const struct gu_group *groups,
				     size_t count, struct gu_sid **out);

/* The user whose processes those without an account are. */
GU_MUST_CHECK enum gu_rc m_account_current(struct m_world *w,
					   struct m_account **out,
					   struct gu_err *err);

/* From two PRIVS arguments: what is held, and which of it is enabled. */
void m_set_privileges(struct gu_token *token, const struct gu_value *present,
		      const struct gu_value *enabled);

#endif
