/* SPDX-License-Identifier: MIT */
#include "principal.h"

#include "access.h"
#include "text.h"

#include "banned.h"

#define SYSTEM_PRIVS                                                         \
	(GU_USUAL_PRIVS | GU_PRIV_BIT(GU_PRIV_Tcb) |                         \
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
	(GU_USUAL_PRIVS | GU_PRIV_BIT(GU_PRIV_AssignPrimaryToken) |        \
	 GU_PRIV_BIT(GU_PRIV_IncreaseQuota) | GU_PRIV_BIT(GU_PRIV_Audit) | \
	 GU_PRIV_BIT(GU_PRIV_Systemtime) | GU_PRIV_BIT(GU_PRIV_Shutdown) | \
	 GU_PRIV_BIT(GU_PRIV_Undock) |                                     \
	 GU_PRIV_BIT(GU_PRIV_IncreaseWorkingSet) |                         \
	 GU_PRIV_BIT(GU_PRIV_TimeZone))

static const struct gu_built_in built_ins[] = {
	{
		.name = "NT AUTHORITY\\SYSTEM",
		.alias = "LocalSystem",
		.sid = GU_WK_LOCAL_SYSTEM,
		.auth_id = GU_AUTHID_SYSTEM,
		.integrity = GU_IL_SYSTEM,
		.present = GU_ALL_PRIVS,
		.enabled = SYSTEM_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, GU_USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, GU_USUAL_GROUP },
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
		.enabled = GU_USUAL_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, GU_USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, GU_USUAL_GROUP },
			    { GU_WK_BUILTIN_USERS, GU_USUAL_GROUP },
			    { GU_WK_SERVICE, GU_USUAL_GROUP } },
	},
	{
		.name = "NT AUTHORITY\\NETWORK SERVICE",
		.alias = "NetworkService",
		.sid = GU_WK_NETWORK_SERVICE,
		.auth_id = GU_AUTHID_NETWORK_SERVICE,
		.integrity = GU_IL_SYSTEM,
		.present = SERVICE_PRIVS,
		.enabled = GU_USUAL_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, GU_USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, GU_USUAL_GROUP },
			    { GU_WK_BUILTIN_USERS, GU_USUAL_GROUP },
			    { GU_WK_SERVICE, GU_USUAL_GROUP } },
	},
	{
		.name = "NT AUTHORITY\\ANONYMOUS LOGON",
		.alias = "ANONYMOUS",
		.sid = GU_WK_ANONYMOUS,
		.auth_id = GU_AUTHID_ANONYMOUS,
		.integrity = GU_IL_UNTRUSTED,
	},
};

const struct gu_built_in *gu_built_in_find(const char *name)
{
	const size_t n = sizeof(built_ins) / sizeof(built_ins[0]);

	for (size_t i = 0; i < n; i++) {
		const struct gu_built_in *b = &built_ins[i];

		if (!gu_strcasecmp(name, b->name) ||
		    !gu_strcasecmp(name, b->alias) ||
		    !gu_strcasecmp(name, gu_principal_bare_name(b->name))) {
			return b;
		}
	}
	return NULL;
}

enum gu_rc gu_built_in_fill(struct gu_token *t, const struct gu_built_in *b,
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
	return rc ? rc : gu_principal_finish(t, err);
}

const char *gu_principal_bare_name(const char *name)
{
	const char *slash = strchr(name, '\\');

	return slash ? slash + 1 : name;
}

bool gu_principal_is_admin(const struct gu_token *token)
{
	return gu_token_has_sid(
		token, gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS), false);
}

/* What its objects get: full control for the user, SYSTEM and, where the user
 * is one, the administrators. */
static enum gu_rc set_default_dacl(struct gu_token *token, struct gu_err *err)
{
	const struct gu_sid *system = gu_sid_well_known(GU_WK_LOCAL_SYSTEM);
	const struct gu_sid *admins =
		gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS);
	struct gu_acl acl = GU_ACL_INIT;
	enum gu_rc rc = gu_acl_add(&acl, GU_ACE_ALLOW, GU_GENERIC_ALL,
				   &token->user, err);

	if (!rc && !gu_sid_equal(&token->user, system)) {
		rc = gu_acl_add(&acl, GU_ACE_ALLOW, GU_GENERIC_ALL, system,
				err);
	}
	if (!rc && gu_principal_is_admin(token)) {
		rc = gu_acl_add(&acl, GU_ACE_ALLOW, GU_GENERIC_ALL, admins,
				err);
	}
	if (rc) {
		gu_acl_release(&acl);
		return rc;
	}
	gu_acl_release(&token->default_dacl);
	token->default_dacl = acl;
	token->has_default_dacl = true;
	return GU_RC_OK;
}

enum gu_rc gu_principal_finish(struct gu_token *token, struct gu_err *err)
{
	token->owner = token->user;
	if (gu_principal_is_admin(token)) {
		token->owner = *gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS);
	}
	return set_default_dacl(token, err);
}

enum gu_rc gu_principal_user(struct gu_token *t, const struct gu_sid *machine,
			     uint32_t rid, size_t *own_groups,
			     struct gu_err *err)
{
	static const enum gu_wk everybody[] = {
		GU_WK_WORLD,
		GU_WK_AUTHENTICATED_USER,
		GU_WK_LOCAL,
	};
	enum gu_rc rc = GU_RC_OK;

	*own_groups = sizeof(everybody) / sizeof(everybody[0]);
	for (size_t i = 0; !rc && i < *own_groups; i++) {
		rc = gu_token_add_group(t, gu_sid_well_known(everybody[i]),
					GU_USUAL_GROUP, err);
	}
	/* RID 513 is "None", the primary group of local accounts. */
	if (!rc && (!gu_sid_append(&t->user, machine, rid) ||
		    !gu_sid_append(&t->primary_group, machine, 513))) {
		rc = gu_err_set(err, GU_RC_INTERNAL, "no room for a RID");
	}
	t->present = GU_PRIV_BIT(GU_PRIV_ChangeNotify);
	t->enabled = t->present;
	t->default_enabled = t->present;
	return rc;
}

void gu_principal_privileges(struct gu_token *token,
			     const struct gu_value *present,
			     const struct gu_value *enabled)
{
	if (present->type == GU_V_UINT) {
		token->present = present->u & GU_ALL_PRIVS;
		token->enabled = token->present & GU_USUAL_PRIVS;
	}
	if (enabled->type == GU_V_UINT) {
		token->enabled = enabled->u & GU_ALL_PRIVS;
		token->present |= token->enabled;
	}
	token->default_enabled = token->enabled;
}
