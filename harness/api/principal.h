/* SPDX-License-Identifier: MIT */
#ifndef GU_PRINCIPAL_H
#define GU_PRINCIPAL_H

#include "value.h"

/* What the tokens of accounts look like: the same on every target that makes
 * accounts by itself. Pure; any thread. */

#define GU_USUAL_PRIVS                       \
	(GU_PRIV_BIT(GU_PRIV_ChangeNotify) | \
	 GU_PRIV_BIT(GU_PRIV_Impersonate) | GU_PRIV_BIT(GU_PRIV_CreateGlobal))

/* 2 to 36, every privilege there is. */
#define GU_ALL_PRIVS (((UINT64_C(1) << GU_PRIV_COUNT) - 1) & ~UINT64_C(3))

enum {
	GU_USUAL_GROUP = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
			 GU_GROUP_ENABLED
};

struct gu_built_in_group {
	enum gu_wk sid;
	uint32_t attributes; /* 0 ends the list */
};

struct gu_built_in {
	const char *name;
	const char *alias;
	enum gu_wk sid;
	uint64_t auth_id;
	uint32_t integrity;
	gu_privset present;
	gu_privset enabled;
	size_t own_groups;
	struct gu_built_in_group groups[5];
};

/* By full name, bare name or alias; NULL when there is none. Static. */
const struct gu_built_in *gu_built_in_find(const char *name);

/* Fills an empty pattern. */
GU_MUST_CHECK enum gu_rc gu_built_in_fill(struct gu_token *t,
					  const struct gu_built_in *b,
					  struct gu_err *err);

/* The pattern of a new user of a machine: what every account of it has, but
 * not what a logon adds. The first `*own_groups` groups are those that
 * everyone has. */
GU_MUST_CHECK enum gu_rc
gu_principal_user(struct gu_token *t, const struct gu_sid *machine,
		  uint32_t rid, size_t *own_groups, struct gu_err *err);

/* What comes after the domain. Borrowed from `name`. */
const char *gu_principal_bare_name(const char *name);

/* Administrators among its enabled groups. */
bool gu_principal_is_admin(const struct gu_token *token);

/* Default owner and default DACL, from the user and groups it has now. */
GU_MUST_CHECK enum gu_rc
gu_principal_finish(struct gu_token *token, struct gu_err *err);

/* From two PRIVS arguments: what is held, and which of it is enabled. */
void gu_principal_privileges(struct gu_token *token,
			     const struct gu_value *present,
			     const struct gu_value *enabled);

/* Positions of the arguments of the fixtures `account` and `token`. */
enum {
	GU_ACCOUNT_NAME,
	GU_ACCOUNT_SID,
	GU_ACCOUNT_GROUPS,
	GU_ACCOUNT_PRIVILEGES,
	GU_ACCOUNT_ENABLED,
	GU_ACCOUNT_INTEGRITY,
	GU_ACCOUNT_PASSWORD,
	GU_ACCOUNT_DENIED_LOGONS,
	GU_ACCOUNT_DISABLED,
	GU_ACCOUNT_UAC,
	GU_ACCOUNT_SENSITIVE,
};
enum {
	GU_TOKEN_ACCOUNT,
	GU_TOKEN_TYPE,
	GU_TOKEN_LEVEL,
	GU_TOKEN_INTEGRITY,
	GU_TOKEN_GROUPS,
	GU_TOKEN_PRIVILEGES,
	GU_TOKEN_ENABLED,
	GU_TOKEN_RESTRICT,
	GU_TOKEN_DISABLE,
	GU_TOKEN_PACKAGE,
	GU_TOKEN_CAPABILITIES,
	GU_TOKEN_ELEVATION,
	GU_TOKEN_ORIGIN,
	GU_TOKEN_SESSION_OF,
	GU_TOKEN_SDDL,
};

#endif
