/* SPDX-License-Identifier: MIT */
#include "access.h"

#include "banned.h"

#define STATUS_SUCCESS   0u
#define STATUS_DENIED    0xC0000022u
#define STATUS_PRIVILEGE 0xC0000061u
#define NOT_FROM_DACL    (GU_ACCESS_SYSTEM_SECURITY | GU_MAXIMUM_ALLOWED)
#define OWNER_IMPLICIT   (GU_READ_CONTROL | GU_WRITE_DAC)

/* What privileges give to an open for backup, next to the type's own generic
 * rights. Keys know no FILE_TRAVERSE: there the bit is another right. */
#define BACKUP_GIVES (GU_READ_CONTROL | GU_ACCESS_SYSTEM_SECURITY)
#define RESTORE_GIVES \
	(GU_WRITE_DAC | GU_WRITE_OWNER | GU_ACCESS_SYSTEM_SECURITY | GU_DELETE)
#define FILE_TRAVERSE 0x20u

/* The SIDs that one pass over the DACL goes by. */
enum view {
	VIEW_TOKEN,
	VIEW_RESTRICTED,
	VIEW_CONTAINER,
};

/* What decided last; a struct gu_reason is made of it once, at the end. */
struct why {
	uint32_t code; /* enum gu_reason_code */
	uint32_t bits;
	uint32_t detail;
	const struct gu_ace *ace;
};

struct check {
	const struct gu_access_request *req;
	bool maximum;
	uint32_t need;    /* bits asked for by name and not granted yet */
	uint32_t granted; /* so far */
	uint32_t allowed; /* what the mandatory label leaves */
	uint32_t status;
	gu_privset used;
	struct why why;
};

struct pass {
	const struct gu_access_request *req;
	enum view view;
	bool maximum;
	uint32_t need;
	uint32_t granted;
	uint32_t denied; /* under maximum: decided by a deny ACE */
	struct why why;
};

uint32_t gu_mask_map(uint32_t mask, const struct gu_generic_mapping *map)
{
	if (!(mask & GU_GENERIC_BITS)) {
		return mask;
	}
	if (mask & GU_GENERIC_READ) {
		mask |= map->read;
	}
	if (mask & GU_GENERIC_WRITE) {
		mask |= map->write;
	}
	if (mask & GU_GENERIC_EXECUTE) {
		mask |= map->execute;
	}
	if (mask & GU_GENERIC_ALL) {
		mask |= map->all;
	}
	return mask & ~GU_GENERIC_BITS;
}

static bool deny(struct check *c, uint32_t code, uint32_t bits)
{
	c->status = STATUS_DENIED;
	c->why = (struct why){ .code = code, .bits = bits };
	return false;
}

/* Marks `bits` as given by a privilege. */
static void grant_privilege(struct check *c, enum gu_priv priv, uint32_t bits)
{
	uint32_t hit = c->need & bits;

	if (c->maximum) {
		hit |= bits & ~(uint32_t)GU_ACCESS_SYSTEM_SECURITY;
	}
	if (!hit) {
		return;
	}
	c->need &= ~hit;
	c->granted |= hit;
	c->used |= GU_PRIV_BIT(priv);
	c->why = (struct why){ .code = GU_REASON_FROM_PRIVILEGE,
			       .bits = hit,
			       .detail = priv };
}

static void check_backup(struct check *c)
{
	const struct gu_token *token = c->req->token;
	const struct gu_generic_mapping *map = c->req->map;
	uint32_t traverse = map->execute & FILE_TRAVERSE;

	if (!(c->req->flags & GU_CHECK_BACKUP_INTENT)) {
		return;
	}
	if (gu_token_has_priv(token, GU_PRIV_Backup)) {
		grant_privilege(c, GU_PRIV_Backup,
				BACKUP_GIVES | map->read | traverse);
	}
	if (gu_token_has_priv(token, GU_PRIV_Restore)) {
		grant_privilege(c, GU_PRIV_Restore, RESTORE_GIVES | map->write);
	}
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

static bool check_integrity(struct check *c)
{
	const struct gu_token *token = c->req->token;
	uint32_t il, policy;

	c->allowed = UINT32_MAX;
	if (!(token->policy & GU_TOKEN_POLICY_NO_WRITE_UP)) {
		return true;
	}
	gu_sd_label(c->req->sd, &il, &policy);
	if (token->integrity >= il) {
		return true;
	}
	c->allowed = label_leaves(c->req, policy);
	return !(c->need & ~c->allowed) ||
	       deny(c, GU_REASON_INTEGRITY, c->need & ~c->allowed);
}

static bool check_privileges(struct check *c)
{
	const struct gu_token *token = c->req->token;

	if (c->need & GU_ACCESS_SYSTEM_SECURITY) {
		if (!gu_token_has_priv(token, GU_PRIV_Security)) {
			deny(c, GU_REASON_MISSING_PRIVILEGE,
			     GU_ACCESS_SYSTEM_SECURITY);
			c->status = STATUS_PRIVILEGE;
			c->why.detail = GU_PRIV_Security;
			return false;
		}
		grant_privilege(c, GU_PRIV_Security, GU_ACCESS_SYSTEM_SECURITY);
	}
	if (c->need & GU_WRITE_OWNER) {
		if (gu_token_has_priv(token, GU_PRIV_TakeOwnership)) {
			grant_privilege(c, GU_PRIV_TakeOwnership,
					GU_WRITE_OWNER);
		} else if (gu_token_has_priv(token, GU_PRIV_Relabel)) {
			grant_privilege(c, GU_PRIV_Relabel, GU_WRITE_OWNER);
		}
	}
	return true;
}

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

static bool view_has(const struct pass *p, const struct gu_sid *sid, bool deny)
{
	const struct gu_token *token = p->req->token;

	switch (p->view) {
	case VIEW_TOKEN:
		return gu_token_has_sid(token, sid, deny);
	case VIEW_RESTRICTED:
		return gu_groups_have(token->restricted,
				      token->restricted_count, sid, deny);
	case VIEW_CONTAINER:
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

static bool
ace_matches(const struct pass *p, const struct gu_ace *ace, bool deny)
{
	const struct gu_access_request *req = p->req;

	if (ace->sid.authority == 3) {
		/* Creator owner and its kin stand for somebody only when a
		 * descriptor is inherited. */
		return is_owner_rights(&ace->sid) &&
		       view_has(p, &req->sd->owner, deny);
	}
	if (is_sid(&ace->sid, 5, 10)) {
		return req->self && view_has(p, req->self, deny);
	}
	return view_has(p, &ace->sid, deny);
}

enum effect { EFFECT_NONE, EFFECT_ALLOW, EFFECT_DENY };

/* Without an object type list an ACE about a part of the object is not about
 * the object. A condition that cannot be evaluated neither allows nor spares
 * from a denial. */
static enum effect ace_effect(const struct gu_ace *ace)
{
	if (ace->flags & GU_ACE_INHERIT_ONLY) {
		return EFFECT_NONE;
	}
	switch (ace->type) {
	case GU_ACE_ALLOW:
		return EFFECT_ALLOW;
	case GU_ACE_DENY:
	case GU_ACE_DENY_CALLBACK:
		return EFFECT_DENY;
	case GU_ACE_ALLOW_OBJECT:
		return ace->object_flags & GU_ACE_OBJECT_TYPE_PRESENT
			       ? EFFECT_NONE
			       : EFFECT_ALLOW;
	case GU_ACE_DENY_OBJECT:
	case GU_ACE_DENY_CALLBACK_OBJECT:
		return ace->object_flags & GU_ACE_OBJECT_TYPE_PRESENT
			       ? EFFECT_NONE
			       : EFFECT_DENY;
	}
	return EFFECT_NONE;
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

static void pass_decided(struct pass *p, uint32_t code, uint32_t bits,
			 const struct gu_ace *ace)
{
	p->why = (struct why){ .code = code, .bits = bits, .ace = ace };
}

/* An owner may read and change the DACL whatever it says, unless an OWNER
 * RIGHTS entry says what an owner may. */
static void pass_owner(struct pass *p)
{
	uint32_t bits = p->maximum ? OWNER_IMPLICIT : p->need & OWNER_IMPLICIT;

	if (!bits || p->view == VIEW_CONTAINER ||
	    !view_has(p, &p->req->sd->owner, false) ||
	    names_owner_rights(&p->req->sd->dacl)) {
		return;
	}
	p->need &= ~bits;
	p->granted |= bits;
	pass_decided(p, GU_REASON_OWNERSHIP, bits, NULL);
}

/* False when the ACE denies a bit that is needed. */
static bool
pass_ace(struct pass *p, const struct gu_ace *ace, enum effect effect)
{
	uint32_t mask = gu_mask_map(ace->mask, p->req->map) & ~NOT_FROM_DACL;
	uint32_t open = p->maximum ? ~(p->granted | p->denied) : p->need;

	if (!(mask & open) || !ace_matches(p, ace, effect == EFFECT_DENY)) {
		return true;
	}
	mask &= open;
	if (effect == EFFECT_DENY) {
		p->denied |= mask;
		if (mask & p->need) {
			pass_decided(p, GU_REASON_DENIED_ACE, mask & p->need,
				     ace);
			return false;
		}
		return true;
	}
	p->granted |= mask;
	p->need &= ~mask;
	pass_decided(p, GU_REASON_ALLOWED_ACE, mask, ace);
	return true;
}

/* Semantics 5.2, steps 6 to 10. True when all needed bits are granted. */
static bool pass_run(struct pass *p)
{
	const struct gu_sd *sd = p->req->sd;

	if (!gu_sd_has_dacl(sd)) {
		p->granted = p->maximum ? p->req->map->all | p->need : p->need;
		p->need = 0;
		pass_decided(p, GU_REASON_NULL_DACL, p->granted, NULL);
		return true;
	}
	pass_owner(p);
	for (uint32_t i = 0; i < sd->dacl.count; i++) {
		const struct gu_ace *ace = &sd->dacl.aces[i];
		enum effect effect = ace_effect(ace);

		if (!p->need && !p->maximum) {
			return true;
		}
		if (effect != EFFECT_NONE && !pass_ace(p, ace, effect)) {
			return false;
		}
	}
	if (p->need) {
		pass_decided(p,
			     sd->dacl.count ? GU_REASON_NO_GRANT
					    : GU_REASON_EMPTY_DACL,
			     p->need, NULL);
	}
	return p->need == 0;
}

/* The extra pass of a restricted token or of an AppContainer: it can only take
 * away from what is granted. `spared` bits need no second grant. */
static bool check_again(struct check *c, enum view view, uint32_t spared)
{
	struct pass p = { .req = c->req,
			  .view = view,
			  .maximum = c->maximum,
			  .need = c->need & ~spared };
	uint32_t code = view == VIEW_RESTRICTED
				? GU_REASON_RESTRICTED
				: GU_REASON_NOT_GRANTED_TO_APPCONTAINER;

	if (!pass_run(&p)) {
		deny(c, code, p.why.bits);
		c->why.ace = p.why.ace;
		return false;
	}
	if (c->maximum && c->granted && !(c->granted & (p.granted | spared))) {
		return deny(c, code, c->granted);
	}
	c->granted &= p.granted | spared;
	return true;
}

static bool check_dacl(struct check *c)
{
	const struct gu_token *token = c->req->token;
	struct pass p = { .req = c->req,
			  .view = VIEW_TOKEN,
			  .maximum = c->maximum,
			  .need = c->need };

	if (!pass_run(&p)) {
		c->status = STATUS_DENIED;
		c->why = p.why;
		return false;
	}
	if (p.why.code) {
		c->why = p.why;
	}
	c->granted = p.granted;
	if (gu_token_is_restricted(token)) {
		uint32_t reads = c->req->map->read | c->req->map->execute;
		bool writes_only = token->flags & GU_TOKEN_WRITE_RESTRICTED;

		if (!check_again(c, VIEW_RESTRICTED, writes_only ? reads : 0)) {
			return false;
		}
	}
	return !gu_sid_is_set(&token->package) ||
	       check_again(c, VIEW_CONTAINER, 0);
}

/* MAXIMUM_ALLOWED that comes to nothing is a denial. */
static bool check_something(struct check *c, uint32_t granted)
{
	bool empty = c->req->sd->dacl.count == 0;

	if (granted) {
		return true;
	}
	if (c->granted) {
		return deny(c, GU_REASON_INTEGRITY, c->granted);
	}
	return deny(c, empty ? GU_REASON_EMPTY_DACL : GU_REASON_NO_GRANT,
		    GU_MAXIMUM_ALLOWED);
}

/* The granted rights, or 0 when the answer is no. */
static uint32_t check_run(struct check *c)
{
	uint32_t desired = gu_mask_map(c->req->desired, c->req->map);
	uint32_t by_privilege, granted;

	c->maximum = desired & GU_MAXIMUM_ALLOWED;
	c->need = desired & ~(uint32_t)GU_MAXIMUM_ALLOWED;
	if (!desired) {
		deny(c, GU_REASON_NO_ACCESS_ASKED, 0);
		return 0;
	}
	if (!c->req->sd) {
		deny(c, GU_REASON_NO_SD, desired);
		return 0;
	}
	check_backup(c);
	if (!check_integrity(c) || !check_privileges(c)) {
		return 0;
	}
	by_privilege = c->granted;
	if ((c->need || c->maximum) && !check_dacl(c)) {
		return 0;
	}
	granted = (c->granted & c->allowed) | by_privilege;
	return check_something(c, granted) ? granted : 0;
}

static void reason_fill(struct gu_reason *reason, const struct check *c)
{
	const struct gu_sd *sd = c->req->sd;
	const struct gu_ace *ace = c->why.ace;
	const struct gu_acl *acl = sd ? &sd->dacl : NULL;
	uint32_t policy;

	*reason = (struct gu_reason){ .code = c->why.code,
				      .bits = c->why.bits,
				      .detail = c->why.detail };
	if (c->why.code == GU_REASON_INTEGRITY) {
		gu_sd_label(sd, &reason->detail, &policy);
		reason->detail2 = c->req->token->integrity;
		ace = gu_sd_label_ace(sd);
		acl = &sd->sacl;
	} else if (c->why.code == GU_REASON_OWNERSHIP) {
		reason->sid = sd->owner;
	}
	if (ace) {
		reason->ace_index = (uint16_t)(ace - acl->aces);
		reason->ace_type = ace->type;
		reason->ace_flags = ace->flags;
		reason->ace_mask = ace->mask;
		reason->sid = ace->sid;
	}
}

void gu_access_check(const struct gu_access_request *request,
		     struct gu_access_result *result)
{
	struct check c = { .req = request };

	result->mask = check_run(&c);
	result->granted = c.status == STATUS_SUCCESS;
	result->status = c.status;
	result->privileges_used = result->granted ? c.used : 0;
	reason_fill(&result->reason, &c);
}
