/* SPDX-License-Identifier: MIT */
#include "world.h"

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
