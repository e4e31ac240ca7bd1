/* SPDX-License-Identifier: MIT */
#include "access_gate.h"

#include "banned.h"

enum { TRUST_AUTHORITY = 19 };

static bool is_trust(const struct gu_sid *sid)
{
	return sid->authority == TRUST_AUTHORITY && sid->count == 2;
}

/* S-1-19-type-level: both must be at least the label's. */
static bool dominates(const struct gu_sid *token, const struct gu_sid *label)
{
	return gu_sid_is_set(token) && is_trust(token) &&
	       token->sub[0] >= label->sub[0] && token->sub[1] >= label->sub[1];
}

static const struct gu_ace *trust_ace(const struct gu_sd *sd)
{
	for (uint32_t i = 0; gu_sd_has_sacl(sd) && i < sd->sacl.count; i++) {
		const struct gu_ace *ace = &sd->sacl.aces[i];

		if (ace->type == GU_ACE_PROCESS_TRUST_LABEL &&
		    !(ace->flags & GU_ACE_INHERIT_ONLY) &&
		    is_trust(&ace->sid)) {
			return ace;
		}
	}
	return NULL;
}

/* Step 2. */
void gu_gate_trust(const struct gu_access_request *req, struct gu_gate *gate)
{
	const struct gu_ace *ace = trust_ace(req->sd);

	*gate = (struct gu_gate){ .open = true };
	if (!ace || dominates(&req->token->trust, &ace->sid)) {
		return;
	}
	*gate = (struct gu_gate){ .code = GU_REASON_TRUST_LABEL,
				  .leaves = gu_mask_map(ace->mask, req->map),
				  .ace = ace };
}

/* Step 3: without a condition there is nothing that could be TRUE. */
void gu_gate_filter(const struct gu_access_request *req,
		    struct gu_condition_source *conditions,
		    const struct gu_ace *ace, struct gu_gate *gate)
{
	*gate = (struct gu_gate){ .open = true };
	if (gu_condition_ask(conditions, ace, false) == GU_TRI_TRUE) {
		return;
	}
	*gate = (struct gu_gate){ .code = GU_REASON_FILTER_ACE,
				  .leaves = gu_mask_map(ace->mask, req->map),
				  .ace = ace };
}

/* What is left by the formula of MS-DTYP 2.5.3.1: only the generic rights
 * that the label does not withhold. */
static uint32_t
label_leaves(const struct gu_access_request *req, uint32_t policy)
{
	uint32_t left = GU_ACCESS_SYSTEM_SECURITY;

	if (!(policy & GU_LABEL_NO_READ_UP)) {
		left |= req->map->read;
	}
	if (!(policy & GU_LABEL_NO_WRITE_UP)) {
		left |= req->map->write;
	}
	if (!(policy & GU_LABEL_NO_EXECUTE_UP)) {
		left |= req->map->execute;
	}
	if (gu_token_has_priv(req->token, GU_PRIV_Relabel)) {
		left |= GU_WRITE_OWNER;
	}
	return left;
}

/* Step 4. */
void gu_gate_integrity(const struct gu_access_request *req,
		       struct gu_gate *gate)
{
	const struct gu_token *token = req->token;
	uint32_t il, policy;

	*gate = (struct gu_gate){ .open = true };
	if (!(token->policy & GU_TOKEN_POLICY_NO_WRITE_UP)) {
		return;
	}
	gu_sd_label(req->sd, &il, &policy);
	if (token->integrity >= il) {
		return;
	}
	*gate = (struct gu_gate){ .code = GU_REASON_INTEGRITY,
				  .leaves = label_leaves(req, policy),
				  .ace = gu_sd_label_ace(req->sd) };
}

static const struct gu_central_policy *
recovery_init(struct gu_central_recovery *r,
	      const struct gu_access_request *req)
{
	static const enum gu_wk who[] = { GU_WK_BUILTIN_ADMINISTRATORS,
					  GU_WK_LOCAL_SYSTEM };
	const size_t known = sizeof(who) / sizeof(who[0]);

	for (size_t i = 0; i < known; i++) {
		r->aces[i] =
			(struct gu_ace){ .type = GU_ACE_ALLOW,
					 .mask = req->map->all,
					 .sid = *gu_sid_well_known(who[i]) };
	}
	r->aces[known] = (struct gu_ace){
		.type = GU_ACE_ALLOW,
		.mask = req->map->all,
		.sid = { .revision = 1,
			 .authority = 3,
			 .count = 1,
			 .sub = { 4 } },
	};
	r->dacl = (struct gu_acl){ .revision = 2,
				   .count = (uint32_t)known + 1,
				   .aces = r->aces };
	r->rule = (struct gu_central_rule){ .dacl = &r->dacl };
	r->cap = (struct gu_central_policy){ .rules = &r->rule,
					     .rule_count = 1 };
	return &r->cap;
}

const struct gu_central_policy *
gu_central_find(const struct gu_access_request *req, const struct gu_sid *id,
		struct gu_central_recovery *recovery)
{
	for (size_t i = 0; i < req->policy_count; i++) {
		if (gu_sid_equal(&req->policies[i].id, id)) {
			return &req->policies[i];
		}
	}
	return recovery_init(recovery, req);
}
