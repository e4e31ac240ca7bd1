/* SPDX-License-Identifier: MIT */
#include "quick_private.h"

#include "alloc.h"
#include "banned.h"

#define STATUS_DENIED 0xC0000022u

bool gu_quick_token_grow(struct gu_quick_token *t, uint32_t keys)
{
	uint32_t words = (keys + 63) / 64 * 2;
	uint64_t *bits;

	if (keys <= t->keys) {
		return true;
	}
	bits = gu_realloc(t->bits, words, sizeof(*bits));
	if (!bits) {
		return false;
	}
	memset(bits + t->keys / 64, 0, (words - t->keys / 64) * sizeof(*bits));
	t->bits = bits;
	t->keys = words * 64;
	return true;
}

static enum gu_rc token_add(struct gu_quick_token *t, struct gu_quick *quick,
			    const struct gu_group *group, struct gu_err *err)
{
	uint32_t id;
	enum gu_rc rc = gu_intern_sid(&quick->intern, &group->sid, &id, err);

	if (rc) {
		return rc;
	}
	if (!gu_quick_token_grow(t, 2 * id + 2)) {
		return gu_err_nomem(err);
	}
	if (gu_groups_have(group, 1, &group->sid, false)) {
		t->bits[id / 32] |= UINT64_C(1) << (2 * id % 64);
	}
	if (gu_groups_have(group, 1, &group->sid, true)) {
		t->bits[id / 32] |= UINT64_C(2) << (2 * id % 64);
	}
	return GU_RC_OK;
}

static enum gu_rc
token_fill(struct gu_quick_token *t, struct gu_quick *quick, struct gu_err *err)
{
	const struct gu_token *token = t->token;
	const struct gu_group user = { .sid = token->user,
				       .attributes =
					       token->user_deny_only
						       ? GU_GROUP_DENY_ONLY
						       : GU_GROUP_ENABLED };
	bool mic = token->policy & GU_TOKEN_POLICY_NO_WRITE_UP;
	enum gu_rc rc = token_add(t, quick, &user, err);

	for (size_t i = 0; !rc && i < token->group_count; i++) {
		rc = token_add(t, quick, &token->groups[i], err);
	}
	t->il = mic ? token->integrity : UINT32_MAX;
	t->rare =
		gu_token_is_restricted(token) || gu_sid_is_set(&token->package);
	t->relabels = gu_token_has_priv(token, GU_PRIV_Relabel);
	t->owns =
		t->relabels || gu_token_has_priv(token, GU_PRIV_TakeOwnership);
	return rc;
}

enum gu_rc gu_quick_token_new(struct gu_quick *quick,
			      const struct gu_token *token,
			      struct gu_quick_token **out, struct gu_err *err)
{
	struct gu_quick_token *t = gu_calloc(1, sizeof(*t));
	enum gu_rc rc;

	if (!t) {
		return gu_err_nomem(err);
	}
	t->token = gu_token_ref(token);
	rc = token_fill(t, quick, err);
	if (rc) {
		gu_quick_token_free(t);
		return rc;
	}
	*out = t;
	return GU_RC_OK;
}

void gu_quick_token_free(struct gu_quick_token *t)
{
	if (!t) {
		return;
	}
	gu_token_unref(t->token);
	gu_free(t->bits);
	gu_free(t);
}

enum gu_rc gu_quick_ask(const struct gu_access_request *request,
			struct gu_quick_answer *answer)
{
	struct gu_access_result result;

	gu_access_check(request, &result);
	answer->mask = result.mask;
	answer->status = result.status;
	return result.rc;
}

static struct gu_access_request request_of(const struct gu_quick_sd *sd,
					   const struct gu_quick_token *token,
					   uint32_t desired)
{
	return (struct gu_access_request){ .sd = &sd->sd,
					   .token = token->token,
					   .map = &sd->map,
					   .desired = desired };
}

static void answer_set(struct gu_quick_answer *answer, uint32_t mask)
{
	answer->mask = mask;
	answer->status = mask ? 0 : STATUS_DENIED;
}

/* What the label leaves of all rights. */
static inline uint32_t
label_leaves(const struct gu_quick_sd *sd, const struct gu_quick_token *token)
{
	if (token->il >= sd->il) {
		return UINT32_MAX;
	}
	return sd->leaves | (token->relabels ? GU_WRITE_OWNER : 0);
}

/* Rights asked for by name: the mask, or 0 when one is refused. */
static inline uint32_t walk_named(const struct gu_quick_sd *sd,
				  const struct gu_quick_token *token,
				  uint32_t need, struct gu_quick_why *why)
{
	uint32_t left = need;

	if (sd->owner_bits & left && gu_quick_has(token, sd->owner_key)) {
		uint32_t hit = sd->owner_bits & left;

		left &= ~hit;
		for (; why && hit; hit &= hit - 1) {
			why->ace[__builtin_ctz(hit)] = GU_WHY_OWNER;
		}
	}
	for (uint32_t i = 0; left && i < sd->count; i++) {
		uint32_t key = sd->entries[i].key;
		uint32_t hit = sd->entries[i].mask & left;

		if (!gu_quick_has(token, key) || !hit) {
			continue;
		}
		for (uint32_t m = hit; why && m; m &= m - 1) {
			why->ace[__builtin_ctz(m)] = sd->index[i];
		}
		if (key & 1) {
			return 0;
		}
		left &= ~hit;
	}
	return left ? 0 : need;
}

/* Everything there is to get. */
static inline uint32_t walk_maximum(const struct gu_quick_sd *sd,
				    const struct gu_quick_token *token,
				    uint32_t need, struct gu_quick_why *why)
{
	uint32_t granted = 0, denied = 0;

	if (sd->owner_bits && gu_quick_has(token, sd->owner_key)) {
		granted = sd->owner_bits;
		for (uint32_t m = granted; why && m; m &= m - 1) {
			why->ace[__builtin_ctz(m)] = GU_WHY_OWNER;
		}
	}
	for (uint32_t i = 0; i < sd->count; i++) {
		uint32_t key = sd->entries[i].key;
		uint32_t hit = sd->entries[i].mask & ~(granted | denied);

		if (!gu_quick_has(token, key) || !hit) {
			continue;
		}
		for (uint32_t m = hit; why && m; m &= m - 1) {
			why->ace[__builtin_ctz(m)] = sd->index[i];
		}
		*(key & 1 ? &denied : &granted) |= hit;
	}
	return need & ~granted ? 0 : granted;
}

static void explain_gate(struct gu_quick_why *why, uint32_t withheld)
{
	for (; why && withheld; withheld &= withheld - 1) {
		why->ace[__builtin_ctz(withheld)] = GU_WHY_GATE;
	}
}

static uint32_t no_dacl(const struct gu_quick_sd *sd, uint32_t desired,
			uint32_t need, struct gu_quick_why *why)
{
	uint32_t all = need;

	if (desired & GU_MAXIMUM_ALLOWED) {
		all |= sd->map.all;
	}
	for (uint32_t m = all; why && m; m &= m - 1) {
		why->ace[__builtin_ctz(m)] = GU_WHY_NULL_DACL;
	}
	return all;
}

static inline void decide(const struct gu_quick_sd *sd,
			  const struct gu_quick_token *token, uint32_t desired,
			  struct gu_quick_answer *answer,
			  struct gu_quick_why *why)
{
	uint32_t need = desired & ~(uint32_t)GU_MAXIMUM_ALLOWED;
	uint32_t leaves = label_leaves(sd, token);
	uint32_t mask;

	if (need & ~leaves) {
		explain_gate(why, need & ~leaves);
		answer_set(answer, 0);
		return;
	}
	if (sd->null_dacl) {
		mask = no_dacl(sd, desired, need, why);
	} else if (desired & GU_MAXIMUM_ALLOWED) {
		mask = walk_maximum(sd, token, need, why);
	} else {
		mask = walk_named(sd, token, need, why);
	}
	explain_gate(why, mask & ~leaves);
	answer_set(answer, mask & leaves);
}

/* Keys that a descriptor compiled later brought are not in the token. */
static inline bool is_slow(const struct gu_quick_sd *sd,
			   struct gu_quick_token *token, uint32_t desired)
{
	return sd->rare || gu_quick_is_rare(token, desired) ||
	       (sd->keys > token->keys &&
		!gu_quick_token_grow(token, sd->keys));
}

enum gu_rc gu_quick_check(const struct gu_quick_sd *sd,
			  struct gu_quick_token *token, uint32_t desired,
			  struct gu_quick_answer *answer)
{
	uint32_t mapped = gu_mask_map(desired, &sd->map);

	if (is_slow(sd, token, mapped)) {
		const struct gu_access_request request =
			request_of(sd, token, desired);

		return gu_quick_ask(&request, answer);
	}
	decide(sd, token, mapped, answer, NULL);
	return GU_RC_OK;
}

static uint16_t why_of(const struct gu_access_step *step)
{
	switch (step->code) {
	case GU_REASON_ALLOWED_ACE:
	case GU_REASON_DENIED_ACE:
		return step->ace_index;
	case GU_REASON_OWNERSHIP:
		return GU_WHY_OWNER;
	case GU_REASON_NULL_DACL:
		return GU_WHY_NULL_DACL;
	case GU_REASON_FROM_PRIVILEGE:
	case GU_REASON_MISSING_PRIVILEGE:
		return GU_WHY_PRIVILEGE;
	case GU_REASON_INTEGRITY:
	case GU_REASON_TRUST_LABEL:
	case GU_REASON_FILTER_ACE:
		return GU_WHY_GATE;
	}
	return GU_WHY_NOBODY;
}

/* The steps of the slow check as the fast one tells them; a second pass does
 * not take the credit from the first. */
static void why_step(void *ctx, const struct gu_access_step *step)
{
	struct gu_quick_why *why = ctx;
	uint16_t what = why_of(step);

	if (step->stage > GU_STAGE_DACL || what == GU_WHY_NOBODY) {
		return;
	}
	for (uint32_t m = step->bits; m; m &= m - 1) {
		why->ace[__builtin_ctz(m)] = what;
	}
}

enum gu_rc gu_quick_explain(const struct gu_quick_sd *sd,
			    struct gu_quick_token *token, uint32_t desired,
			    struct gu_quick_answer *answer,
			    struct gu_quick_why *why)
{
	uint32_t mapped = gu_mask_map(desired, &sd->map);

	memset(why, 0xFF, sizeof(*why));
	if (is_slow(sd, token, mapped)) {
		struct gu_access_request request =
			request_of(sd, token, desired);

		request.step = why_step;
		request.step_ctx = why;
		return gu_quick_ask(&request, answer);
	}
	decide(sd, token, mapped, answer, why);
	return GU_RC_OK;
}
