/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "sddl.h"

#include "banned.h"

void m_decide(struct m_ctx *c, const struct m_object *obj, uint32_t asked,
	      uint32_t granted)
{
	struct gu_decision *d = &c->call->out.decision;

	d->type = obj->type;
	d->object = obj->name;
	d->asked = asked;
	d->granted = granted;
}

/* SeDebugPrivilege opens processes and threads past their descriptors. */
static bool
debug_opens(const struct gu_token *token, const struct m_object *obj)
{
	return (obj->type == GU_OBJ_process || obj->type == GU_OBJ_thread) &&
	       gu_token_has_priv(token, GU_PRIV_Debug);
}

static void debug_open(struct gu_decision *d, uint32_t desired,
		       const struct gu_generic_mapping *map)
{
	d->granted = desired & GU_MAXIMUM_ALLOWED ? map->all
						  : gu_mask_map(desired, map);
	d->reason = (struct gu_reason){
		.code = GU_REASON_FROM_PRIVILEGE,
		.bits = d->granted,
		.detail = GU_PRIV_Debug,
	};
}

uint32_t m_open_check_as(struct m_ctx *c, const struct gu_token *token,
			 struct m_object *obj, uint32_t desired,
			 uint32_t check_flags, uint32_t *granted)
{
	const struct gu_generic_mapping *map = &gu_objtype_row(obj->type)->map;
	struct gu_decision *d = &c->call->out.decision;
	struct gu_access_request request;
	struct gu_access_result result;

	m_decide(c, obj, desired, 0);
	m_rest_on(c, token, &obj->sd, desired, check_flags);
	d->made = true;
	if (token->type == GU_TOKEN_IMPERSONATION &&
	    token->level < GU_LEVEL_IMPERSONATION) {
		d->reason = (struct gu_reason){
			.code = GU_REASON_LEVEL,
			.level = (uint8_t)token->level,
			.bits = desired,
		};
		c->call->out.basis.below_level = true;
		return GU_NT_BAD_IMPERSONATION_LEVEL;
	}
	if (desired && debug_opens(token, obj)) {
		debug_open(d, desired, map);
		c->call->out.basis = (struct gu_basis){ .token = NULL };
		*granted = d->granted;
		return GU_NT_SUCCESS;
	}
	request = (struct gu_access_request){
		.sd = &obj->sd,
		.token = token,
		.map = map,
		.desired = desired,
		.flags = check_flags,
	};
	gu_access_check(&request, &result);
	d->reason = result.reason;
	if (!result.granted) {
		return result.status;
	}
	d->granted = result.mask;
	*granted = result.mask;
	return GU_NT_SUCCESS;
}

uint32_t m_open_check(struct m_ctx *c, struct m_object *obj, uint32_t desired,
		      uint32_t check_flags, uint32_t *granted)
{
	return m_open_check_as(c, m_effective(c->thread)->data, obj, desired,
			       check_flags, granted);
}

/* Objects of a creator below Medium carry its label, or the creator could not
 * write to what it made. */
static enum gu_rc
add_label(struct gu_sd *sd, const struct gu_token *creator, struct gu_err *err)
{
	struct gu_sid sid;
	enum gu_rc rc;

	if (creator->integrity >= GU_IL_MEDIUM ||
	    (sd->control & GU_SE_SACL_PRESENT)) {
		return GU_RC_OK;
	}
	gu_sid_from_il(&sid, creator->integrity);
	rc = gu_acl_add(&sd->sacl, GU_ACE_MANDATORY_LABEL, GU_LABEL_NO_WRITE_UP,
			&sid, err);
	if (!rc) {
		sd->control |= GU_SE_SACL_PRESENT;
	}
	return rc;
}

enum gu_rc m_sd_complete(struct gu_sd *sd, const struct gu_token *creator,
			 struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	if (!gu_sid_is_set(&sd->owner)) {
		sd->owner = creator->owner;
	}
	if (!gu_sid_is_set(&sd->group)) {
		sd->group = creator->primary_group;
	}
	if (!(sd->control & GU_SE_DACL_PRESENT) && creator->has_default_dacl) {
		rc = gu_acl_copy(&sd->dacl, &creator->default_dacl, err);
		if (rc) {
			return rc;
		}
		sd->control |= GU_SE_DACL_PRESENT;
	}
	return add_label(sd, creator, err);
}

/* Pipes without a descriptor may be read by everyone, and written to by their
 * owner and administrators. */
static enum gu_rc
pipe_dacl(struct gu_sd *sd, const struct gu_token *creator, struct gu_err *err)
{
	const struct {
		const struct gu_sid *sid;
		uint32_t mask;
	} rows[] = {
		{ gu_sid_well_known(GU_WK_LOCAL_SYSTEM), GU_GENERIC_ALL },
		{ gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS),
		  GU_GENERIC_ALL },
		{ &creator->owner, GU_GENERIC_ALL },
		{ gu_sid_well_known(GU_WK_WORLD), GU_GENERIC_READ },
		{ gu_sid_well_known(GU_WK_ANONYMOUS), GU_GENERIC_READ },
	};
	enum gu_rc rc = GU_RC_OK;

	if (sd->control & GU_SE_DACL_PRESENT) {
		return GU_RC_OK;
	}
	for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = gu_acl_add(&sd->dacl, GU_ACE_ALLOW, rows[i].mask,
				rows[i].sid, err);
	}
	sd->control |= GU_SE_DACL_PRESENT;
	return rc;
}

bool m_may_own(const struct gu_token *token, const struct gu_sid *sid)
{
	const struct gu_group *g = gu_token_find_group(token, sid);

	return gu_sid_equal(&token->user, sid) ||
	       (g && (g->attributes & GU_GROUP_OWNER) &&
		!(g->attributes & GU_GROUP_DENY_ONLY));
}

/* Labels belong to the integrity check, attributes to conditions: neither
 * takes the privilege that entries for the audit take. */
static bool has_audit(const struct gu_acl *sacl)
{
	for (uint32_t i = 0; i < sacl->count; i++) {
		if (sacl->aces[i].type != GU_ACE_MANDATORY_LABEL &&
		    sacl->aces[i].type != GU_ACE_RESOURCE_ATTRIBUTE) {
			return true;
		}
	}
	return false;
}

/* Whether a thread may give a new object that descriptor. */
static uint32_t may_assign(const struct m_thread *t, const struct gu_sd *sd)
{
	const struct gu_token *creator = m_effective(t)->data;
	uint32_t il, policy;

	if (gu_sid_is_set(&sd->owner) && !m_may_own(creator, &sd->owner) &&
	    !m_privileged(t, GU_PRIV_Restore)) {
		return GU_NT_INVALID_OWNER;
	}
	if (gu_sd_label(sd, &il, &policy) && il > creator->integrity &&
	    !m_privileged(t, GU_PRIV_Relabel)) {
		return GU_NT_PRIVILEGE_NOT_HELD;
	}
	return has_audit(&sd->sacl) && !m_privileged(t, GU_PRIV_Security)
		       ? GU_NT_PRIVILEGE_NOT_HELD
		       : GU_NT_SUCCESS;
}

enum gu_rc m_sd_for_new(struct m_ctx *c, const char *sddl, enum gu_objtype type,
			struct gu_sd *out, uint32_t *nt)
{
	const struct gu_token *creator = m_effective(c->thread)->data;
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = GU_RC_OK;

	*out = (struct gu_sd)GU_SD_INIT;
	*nt = GU_NT_SUCCESS;
	if (sddl) {
		rc = gu_sddl_parse(&sd, sddl, &c->w->machine, c->err);
	}
	if (!rc) {
		*nt = may_assign(c->thread, &sd);
	}
	if (*nt) {
		gu_sd_release(&sd);
		return GU_RC_OK;
	}
	if (!rc && type == GU_OBJ_pipe) {
		rc = pipe_dacl(&sd, creator, c->err);
	}
	if (!rc) {
		rc = m_sd_complete(&sd, creator, c->err);
	}
	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	*out = sd;
	return GU_RC_OK;
}
