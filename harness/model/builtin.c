/* SPDX-License-Identifier: MIT */
#include "account.h"

#include "text.h"

#include "banned.h"

#define SYSTEM_PRIVS                                                         \
	(M_USUAL_PRIVS | GU_PRIV_BIT(GU_PRIV_Tcb) |                          \
	 GU_PRIV_BIT(GU_PRIV_LockMemory) |                                   \
	 GU_PRIV_BIT(GU_PRIV_ProfileSingleProcess) |                         \
	 GU_PRIV_BIT(GU_PRIV_IncreaseBasePriority) |                         \
	 GU_PRIV_BIT(GU_PRIV_CreatePagefile) |                               \
	 GU_PRIV_BIT(GU_PRIV_CreatePermanent) | GU_PRIV_BIT(GU_PRIV_Debug) | \
	 GU_PRIV_BIT(GU_PRIV_Audit) |                                        \
	 GU_PRIV_BIT(GU_PRIV_IncreaseWorkingSet) |                           \
	 GU_PRIV_BIT(GU_PRIV_TimeZone) |                                     \
	 GU_PRIV_BIT(GU_PRIV_CreateSymbolicLink))

#define SERVICE_PRIVS                                                      \
	(M_USUAL_PRIVS | GU_PRIV_BIT(GU_PRIV_AssignPrimaryToken) |         \
	 GU_PRIV_BIT(GU_PRIV_IncreaseQuota) | GU_PRIV_BIT(GU_PRIV_Audit) | \
	 GU_PRIV_BIT(GU_PRIV_Systemtime) | GU_PRIV_BIT(GU_PRIV_Shutdown) | \
	 GU_PRIV_BIT(GU_PRIV_Undock) |                                     \
	 GU_PRIV_BIT(GU_PRIV_IncreaseWorkingSet) |                         \
	 GU_PRIV_BIT(GU_PRIV_TimeZone))

static const struct m_built_in built_ins[] = {
	{
		.name = "NT AUTHORITY\\SYSTEM",
		.alias = "LocalSystem",
		.sid = GU_WK_LOCAL_SYSTEM,
		.auth_id = GU_AUTHID_SYSTEM,
		.integrity = GU_IL_SYSTEM,
		.present = M_ALL_PRIVS,
		.enabled = SYSTEM_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, M_USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, M_USUAL_GROUP },
			    { GU_WK_BUILTIN_ADMINISTRATORS,
			      GU_GROUP_ENABLED_BY_DEFAULT | GU_GROUP_ENABLED |
				      GU_GROUP_OWNER } },
	},
	{
		.name = "NT AUTHORITY\\LOCAL SERVICE",
		.alias = "LocalService",
		.sid = GU_WK_LOCAL_SERVICE,
		.auth_id = GU_AUTHID_LOCAL_SERVICE,
		.integrity = GU_IL_SYSTEM,
		.present = SERVICE_PRIVS,
		.enabled = M_USUAL_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, M_USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, M_USUAL_GROUP },
			    { GU_WK_BUILTIN_USERS, M_USUAL_GROUP },
			    { GU_WK_SERVICE, M_USUAL_GROUP } },
	},
	{
		.name = "NT AUTHORITY\\NETWORK SERVICE",
		.alias = "NetworkService",
		.sid = GU_WK_NETWORK_SERVICE,
		.auth_id = GU_AUTHID_NETWORK_SERVICE,
		.integrity = GU_IL_SYSTEM,
		.present = SERVICE_PRIVS,
		.enabled = M_USUAL_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, M_USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, M_USUAL_GROUP },
			    { GU_WK_BUILTIN_USERS, M_USUAL_GROUP },
			    { GU_WK_SERVICE, M_USUAL_GROUP } },
	},
	{
		.name = "NT AUTHORITY\\ANONYMOUS LOGON",
		.alias = "ANONYMOUS",
		.sid = GU_WK_ANONYMOUS,
		.auth_id = GU_AUTHID_ANONYMOUS,
		.integrity = GU_IL_UNTRUSTED,
	},
};

const struct m_built_in *m_built_in_find(const char *name)
{
	const size_t n = sizeof(built_ins) / sizeof(built_ins[0]);

	for (size_t i = 0; i < n; i++) {
		const struct m_built_in *b = &built_ins[i];

		if (!gu_strcasecmp(name, b->name) ||
		    !gu_strcasecmp(name, b->alias) ||
		    !gu_strcasecmp(name, m_bare_name(b->name))) {
			return b;
		}
	}
	return NULL;
}

enum gu_rc m_built_in_fill(struct gu_token *t, const struct m_built_in *b,
			   struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	t->user = *gu_sid_well_known(b->sid);
	t->primary_group = t->user;
	t->integrity = b->integrity;
	t->present = b->present;
	t->enabled = b->enabled;
	t->default_enabled = b->enabled;
	t->auth_id = b->auth_id;
	for (size_t i = 0; !rc && b->groups[i].attributes; i++) {
		rc = gu_token_add_group(t, gu_sid_well_known(b->groups[i].sid),
					b->groups[i].attributes, err);
	}
	return rc ? rc : m_pattern_finish(t, err);
}
