/* SPDX-License-Identifier: MIT */
#include "access_pass.h"

#include "banned.h"

#define NOT_FROM_DACL  (GU_ACCESS_SYSTEM_SECURITY | GU_MAXIMUM_ALLOWED)
#define OWNER_IMPLICIT (GU_READ_CONTROL | GU_WRITE_DAC)

static bool
container_has(const struct gu_token *token, const struct gu_sid *sid, bool deny)
{
	uint32_t all = token->flags & GU_TOKEN_LPAC ? 2 : 1;

	if (sid->authority != 15) {
		return false;
	}
	if (sid->count == 2 && sid->sub[0] == 2 && sid->sub[1] == all) {
		return true;
	}
	return gu_sid_equal(&token->package, sid) ||
	       gu_groups_have(token->capabilities, token->capability_count, sid,
			      deny);
}

bool gu_view_has(const struct gu_access_request *req, enum gu_view view,
		 const struct gu_sid *sid, bool deny)
{
	const struct gu_token *token = req->token;

	switch (view) {
	case GU_VIEW_TOKEN:
		return gu_token_has_sid(token, sid, deny);
	case GU_VIEW_RESTRICTED:
		return gu_groups_have(token->restricted,
				      token->restricted_count, sid, deny);
	case GU_VIEW_CONTAINER:
		return container_has(token, sid, deny);
	}
	return false;
}

static bool is_sid(const struct gu_sid *sid, uint64_t authority, uint32_t rid)
{
	return sid->count == 1 && sid->sub[0] == rid &&
	       sid->authority == authority;
}

static bool is_owner_rights(const struct gu_sid *sid)
{
	return is_sid(sid, 3, 4);
}

/* The SID that the token must hold for this ACE, or NULL when nobody can.
 * Creator owner and its kin stand for somebody only when a descriptor is
 * inherited. */
static const struct gu_sid *
trustee(const struct gu_pass *p, const struct gu_ace *ace)
{
	if (ace->sid.authority == 3) {
		return is_owner_rights(&ace->sid) ? &p->req->sd->owner : NULL;
	}
	return is_sid(&ace->sid, 5, 10) ? p->req->self : &ace->sid;
}

static bool
ace_matches(const struct gu_pass *p, const struct gu_ace *ace, bool deny)
{
	const struct gu_sid *sid = trustee(p, ace);

	return sid && gu_view_has(p->req, p->view, sid, deny);
}

enum effect { EFFECT_NONE, EFFECT_ALLOW, EFFECT_DENY };

static enum effect ace_effect(const struct gu_ace *ace)
{
	switch (ace->type) {
	case GU_ACE_ALLOW:
	case GU_ACE_ALLOW_OBJECT:
	case GU_ACE_ALLOW_CALLBACK:
	case GU_ACE_ALLOW_CALLBACK_OBJECT:
		return EFFECT_ALLOW;
	case GU_ACE_DENY:
	case GU_ACE_DENY_OBJECT:
	case GU_ACE_DENY_CALLBACK:
	case GU_ACE_DENY_CALLBACK_OBJECT:
		return EFFECT_DENY;
	}
	return EFFECT_NONE;
}

/* Where in the tree the ACE acts: an ACE without an object type at the root.
 * Without a list, an ACE about a part of the object is not about the object.
 * Returns false when it acts nowhere. */
static bool
ace_node(const struct gu_pass *p, const struct gu_ace *ace, size_t *node)
{
	const struct gu_access_request *req = p->req;

	*node = 0;
	if (!gu_ace_is_object(ace->type) ||
	    !(ace->object_flags & GU_ACE_OBJECT_TYPE_PRESENT)) {
		return true;
	}
	for (size_t i = 0; i < req->type_count; i++) {
		if (memcmp(&req->types[i].guid, &ace->object_type,
			   sizeof(ace->object_type)) == 0) {
			*node = i;
			return true;
		}
	}
	return !req->type_count && (req->flags & GU_CHECK_OBJECT_ACE_PLAIN);
}

static uint32_t open_bits(const struct gu_pass *p, size_t node)
{
	const struct gu_object_node *n = &p->nodes[node];

	return (p->maximum ? UINT32_MAX : p->need) & ~(n->granted | n->denied);
}

static unsigned level_of(const struct gu_pass *p, size_t node)
{
	return p->req->type_count ? p->req->types[node].level : 0;
}

/* One past the last descendant. */
static size_t subtree_end(const struct gu_pass *p, size_t node)
{
	size_t end = node + 1;

	while (end < p->count && level_of(p, end) > level_of(p, node)) {
		end++;
	}
	return end;
}

static size_t parent_of(const struct gu_pass *p, size_t node)
{
	unsigned level = level_of(p, node);

	while (level_of(p, node) >= level) {
		node--;
	}
	return node;
}

/* What all children of `parent` are granted. */
static uint32_t children_granted(const struct gu_pass *p, size_t parent)
{
	size_t end = subtree_end(p, parent);
	uint32_t common = UINT32_MAX;

	for (size_t i = parent + 1; i < end; i++) {
		if (level_of(p, i) == level_of(p, parent) + 1) {
			common &= p->nodes[i].granted;
		}
	}
	return common;
}

static void tree_grant(struct gu_pass *p, size_t node, uint32_t mask)
{
	size_t end = subtree_end(p, node);

	for (size_t i = node; i < end; i++) {
		p->nodes[i].granted |= mask & open_bits(p, i);
	}
	while (node) {
		node = parent_of(p, node);
		p->nodes[node].granted |=
			children_granted(p, node) & open_bits(p, node);
	}
}

static void tree_deny(struct gu_pass *p, size_t node, uint32_t mask)
{
	size_t end = subtree_end(p, node);

	for (size_t i = node; i < end; i++) {
		p->nodes[i].denied |= mask & open_bits(p, i);
	}
	while (node) {
		node = parent_of(p, node);
		p->nodes[node].denied |= mask & open_bits(p, node);
	}
}

static uint32_t bits_left(const struct gu_pass *p)
{
	return p->need & ~p->nodes[0].granted;
}

static void tell(const struct gu_pass *p, const struct gu_ace *ace,
		 enum gu_access_match match, const struct gu_why *what)
{
	const struct gu_access_step step = {
		.stage = p->stage,
		.code = what->code,
		.bits = what->bits,
		.left = bits_left(p),
		.match = match,
		.ace = ace,
		.ace_index = ace ? (uint16_t)(ace - p->dacl->aces) : 0,
	};

	gu_access_tell(p->req, &step);
}

static void tell_miss(const struct gu_pass *p, const struct gu_ace *ace,
		      enum gu_access_match miss)
{
	static const struct gu_why nothing = { .code = GU_REASON_NONE };

	if (p->req->step) {
		tell(p, ace, miss, &nothing);
	}
}

static enum gu_access_match
how_group(const struct gu_pass *p, const struct gu_sid *sid, bool matched)
{
	const struct gu_group *group = gu_token_find_group(p->req->token, sid);

	if (!group) {
		return GU_MISS_SID;
	}
	if (group->attributes & GU_GROUP_DENY_ONLY) {
		return matched ? GU_MATCH_DENY_ONLY : GU_MISS_DENY_ONLY;
	}
	return matched ? GU_MATCH_GROUP : GU_MISS_DISABLED;
}

/* How an ACE's SID came to match, or why it did not. */
static enum gu_access_match
how(const struct gu_pass *p, const struct gu_ace *ace, bool matched)
{
	const struct gu_sid *sid = trustee(p, ace);

	if (!sid) {
		return GU_MISS_SID;
	}
	if (matched && ace->sid.authority == 3) {
		return GU_MATCH_OWNER;
	}
	if (matched && sid != &ace->sid) {
		return GU_MATCH_SELF;
	}
	switch (p->view) {
	case GU_VIEW_TOKEN:
		break;
	case GU_VIEW_RESTRICTED:
		return matched ? GU_MATCH_RESTRICTED : GU_MISS_SID;
	case GU_VIEW_CONTAINER:
		if (!matched) {
			return GU_MISS_SID;
		}
		return sid->count && sid->sub[0] == 3 ? GU_MATCH_CAPABILITY
						      : GU_MATCH_PACKAGE;
	}
	if (!gu_sid_equal(&p->req->token->user, sid)) {
		return how_group(p, sid, matched);
	}
	if (p->req->token->user_deny_only) {
		return matched ? GU_MATCH_DENY_ONLY : GU_MISS_DENY_ONLY;
	}
	return GU_MATCH_USER;
}

static void decided(struct gu_pass *p, uint32_t code, uint32_t bits,
		    const struct gu_ace *ace)
{
	if (!p->refused) {
		p->why = (struct gu_why){ .code = code,
					  .bits = bits,
					  .ace = ace };
	}
}

static void ace_grants(struct gu_pass *p, const struct gu_ace *ace, size_t node,
		       uint32_t mask)
{
	uint32_t root = p->nodes[0].granted;
	uint32_t here = p->nodes[node].granted;

	tree_grant(p, node, mask);
	root ^= p->nodes[0].granted;
	here ^= p->nodes[node].granted;
	if (root) {
		decided(p, GU_REASON_ALLOWED_ACE, root, ace);
	}
	if (p->req->step) {
		const struct gu_why what = { .code = GU_REASON_ALLOWED_ACE,
					     .bits = here };

		tell(p, ace, how(p, ace, true), &what);
	}
}

static void ace_denies(struct gu_pass *p, const struct gu_ace *ace, size_t node,
		       uint32_t mask)
{
	uint32_t root = p->nodes[0].denied;
	uint32_t here = p->nodes[node].denied;

	tree_deny(p, node, mask);
	root ^= p->nodes[0].denied;
	here ^= p->nodes[node].denied;
	if (root & p->need) {
		decided(p, GU_REASON_DENIED_ACE, root & p->need, ace);
		p->refused = true;
	}
	if (p->req->step) {
		const struct gu_why what = { .code = GU_REASON_DENIED_ACE,
					     .bits = here };

		tell(p, ace, how(p, ace, true), &what);
	}
}

/* Whether any node still waits for one of the bits. */
static bool is_open(const struct gu_pass *p, uint32_t mask)
{
	for (size_t i = 0; i < p->count; i++) {
		if (open_bits(p, i) & mask) {
			return true;
		}
	}
	return false;
}

/* A condition that is unknown neither allows nor spares from a denial. */
static bool
condition_holds(struct gu_pass *p, const struct gu_ace *ace, enum effect effect)
{
	enum gu_tri tri;

	if (!gu_ace_is_callback(ace->type)) {
		return true;
	}
	tri = gu_condition_ask(p->conditions, ace, effect == EFFECT_DENY);
	return tri == GU_TRI_TRUE ||
	       (tri == GU_TRI_UNKNOWN && effect == EFFECT_DENY);
}

static void pass_ace(struct gu_pass *p, const struct gu_ace *ace)
{
	uint32_t mask = gu_mask_map(ace->mask, p->req->map) & ~NOT_FROM_DACL;
	enum effect effect = ace_effect(ace);
	bool deny = effect == EFFECT_DENY;
	size_t node;

	if (ace->flags & GU_ACE_INHERIT_ONLY) {
		tell_miss(p, ace, GU_MISS_INHERIT_ONLY);
	} else if (effect == EFFECT_NONE) {
		tell_miss(p, ace, GU_MISS_TYPE);
	} else if (!ace_node(p, ace, &node)) {
		tell_miss(p, ace, GU_MISS_OBJECT_TYPE);
	} else if (!is_open(p, mask)) {
		tell_miss(p, ace, GU_MISS_BITS);
	} else if (!ace_matches(p, ace, deny)) {
		tell_miss(p, ace, how(p, ace, false));
	} else if (!condition_holds(p, ace, effect)) {
		tell_miss(p, ace, GU_MISS_CONDITION);
	} else if (deny) {
		ace_denies(p, ace, node, mask);
	} else {
		ace_grants(p, ace, node, mask);
	}
}

static bool names_owner_rights(const struct gu_acl *dacl)
{
	for (uint32_t i = 0; i < dacl->count; i++) {
		if (is_owner_rights(&dacl->aces[i].sid) &&
		    !(dacl->aces[i].flags & GU_ACE_INHERIT_ONLY)) {
			return true;
		}
	}
	return false;
}

/* An owner may read and change the DACL whatever it says, unless an OWNER
 * RIGHTS entry says what an owner may. */
static void pass_owner(struct gu_pass *p)
{
	uint32_t bits = p->maximum ? OWNER_IMPLICIT : p->need & OWNER_IMPLICIT;

	if (!bits || p->view == GU_VIEW_CONTAINER ||
	    !gu_view_has(p->req, p->view, &p->req->sd->owner, false) ||
	    names_owner_rights(p->dacl)) {
		return;
	}
	tree_grant(p, 0, bits);
	decided(p, GU_REASON_OWNERSHIP, bits, NULL);
	if (p->req->step) {
		tell(p, NULL, GU_MATCH_NONE, &p->why);
	}
}

static bool no_dacl(struct gu_pass *p)
{
	uint32_t all = p->maximum ? p->req->map->all | p->need : p->need;

	tree_grant(p, 0, all);
	decided(p, GU_REASON_NULL_DACL, all, NULL);
	if (p->req->step) {
		tell(p, NULL, GU_MATCH_NONE, &p->why);
	}
	return true;
}

bool gu_pass_run(struct gu_pass *p)
{
	bool all_nodes = p->req->flags & GU_CHECK_ALL_NODES;

	for (size_t i = 0; i < p->count; i++) {
		p->nodes[i].granted = p->nodes[i].denied = 0;
	}
	if (!p->dacl) {
		return no_dacl(p);
	}
	pass_owner(p);
	for (uint32_t i = 0; i < p->dacl->count; i++) {
		if ((!bits_left(p) && !p->maximum) ||
		    (p->refused && !all_nodes)) {
			break;
		}
		pass_ace(p, &p->dacl->aces[i]);
	}
	if (bits_left(p)) {
		decided(p,
			p->dacl->count ? GU_REASON_NO_GRANT
				       : GU_REASON_EMPTY_DACL,
			bits_left(p), NULL);
	}
	return bits_left(p) == 0;
}

static void source_prepare(struct gu_condition_source *s)
{
	if (s->ready) {
		return;
	}
	s->ready = true;
	gu_condition_env_init(&s->env, s->req->token);
	if (gu_sd_has_sacl(s->req->sd)) {
		s->rc = gu_condition_attributes(&s->resource, &s->req->sd->sacl,
						NULL);
	}
	s->env.resource = &s->resource;
}

enum gu_tri gu_condition_ask_bytes(struct gu_condition_source *source,
				   const uint8_t *data, size_t len)
{
	source_prepare(source);
	return gu_condition_eval(data, len, &source->env);
}

enum gu_tri gu_condition_ask(struct gu_condition_source *source,
			     const struct gu_ace *ace, bool deny)
{
	source_prepare(source);
	source->env.deny = deny;
	return gu_condition_eval(ace->data, ace->data_len, &source->env);
}

void gu_condition_source_release(struct gu_condition_source *source)
{
	gu_claims_release(&source->resource);
}
