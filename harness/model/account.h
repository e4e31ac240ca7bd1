/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_ACCOUNT_H
#define GU_MODEL_ACCOUNT_H

#include "world.h"

/* What the files that make accounts and tokens share. */

#define M_USUAL_PRIVS                        \
	(GU_PRIV_BIT(GU_PRIV_ChangeNotify) | \
	 GU_PRIV_BIT(GU_PRIV_Impersonate) | GU_PRIV_BIT(GU_PRIV_CreateGlobal))

/* 2 to 36, every privilege there is. */
#define M_ALL_PRIVS (((UINT64_C(1) << GU_PRIV_COUNT) - 1) & ~UINT64_C(3))

enum {
	M_USUAL_GROUP = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
			GU_GROUP_ENABLED
};

struct built_in_group {
	enum gu_wk sid;
	uint32_t attributes; /* 0 ends the list */
};

struct m_built_in {
	const char *name;
	const char *alias;
	enum gu_wk sid;
	uint64_t auth_id;
	uint32_t integrity;
	gu_privset present;
	gu_privset enabled;
	size_t own_groups;
	struct built_in_group groups[5];
};

/* By full name, bare name or alias; NULL when there is none. Static. */
const struct m_built_in *m_built_in_find(const char *name);

/* Fills an empty pattern. */
GU_MUST_CHECK enum gu_rc m_built_in_fill(struct gu_token *t,
					 const struct m_built_in *b,
					 struct gu_err *err);

/* What comes after the domain. Borrowed from `name`. */
const char *m_bare_name(const char *name);

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

/* Administrators among its enabled groups. */
bool m_is_admin(const struct gu_token *token);

/* Default owner and default DACL, from the user and groups it has now. */
GU_MUST_CHECK enum gu_rc
m_pattern_finish(struct gu_token *token, struct gu_err *err);

/* Adds the groups of a SIDS argument, mandatory and enabled unless an entry
 * says otherwise. */
GU_MUST_CHECK enum gu_rc
m_add_groups(struct m_ctx *c, const struct gu_value *v, struct gu_token *token);

/* The user whose processes those without an account are. */
GU_MUST_CHECK enum gu_rc m_account_current(struct m_world *w,
					   struct m_account **out,
					   struct gu_err *err);

/* From two PRIVS arguments: what is held, and which of it is enabled. */
void m_set_privileges(struct gu_token *token, const struct gu_value *present,
		      const struct gu_value *enabled);

#endif
