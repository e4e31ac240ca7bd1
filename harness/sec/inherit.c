/* SPDX-License-Identifier: MIT */
#include "inherit.h"

#include "banned.h"

#define STATUS_INVALID_OWNER         0xC000005Au
#define STATUS_INVALID_PRIMARY_GROUP 0xC000005Bu
#define STATUS_PRIVILEGE_NOT_HELD    0xC0000061u

enum {
	TO_CHILDREN = GU_ACE_OBJECT_INHERIT | GU_ACE_CONTAINER_INHERIT,
	INHERITANCE = TO_CHILDREN | GU_ACE_NO_PROPAGATE | GU_ACE_INHERIT_ONLY |
		      GU_ACE_INHERITED,
};

/* One list of the new descriptor in the making. */
struct list {
	const struct gu_inherit_request *req;
	const struct gu_sd *made; /* whose owner and group creators become */
	bool mark;                /* inherited entries say that they are */
	uint32_t parts;           /* entries that are inherited anew */
	struct gu_acl *out;
};

static bool is_creator(const struct gu_sid *sid)
{
	return sid->authority == 3 && sid->count == 1 && sid->sub[0] <= 3;
}

/* CREATOR OWNER and CREATOR GROUP; the server forms stand for the same where
 * no server acts for a client. */
static const struct gu_sid *
creator_of(const struct list *list, const struct gu_sid *sid)
{
	if (!is_creator(sid)) {
		return sid;
	}
	return sid->sub[0] & 1 ? &list->made->group : &list->made->owner;
}

static bool is_about(const struct list *list, const struct gu_ace *ace)
{
	const struct gu_inherit_request *req = list->req;

	if (!gu_ace_is_object(ace->type) ||
	    !(ace->object_flags & GU_ACE_INHERITED_OBJECT_TYPE_PRESENT)) {
		return true;
	}
	for (size_t i = 0; i < req->type_count; i++) {
		if (memcmp(&req->types[i], &ace->inherited_type,
			   sizeof(ace->inherited_type)) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether the entry takes effect on the new object itself. */
static bool is_effective(const struct list *list, const struct gu_ace *ace)
{
	uint8_t wanted = list->req->container ? GU_ACE_CONTAINER_INHERIT
					      : GU_ACE_OBJECT_INHERIT;

	return (ace->flags & wanted) && is_about(list, ace);
}

/* Whether the new object hands the entry on in turn. */
static bool is_handed_on(const struct list *list, const struct gu_ace *ace)
{
	return list->req->container && (ace->flags & TO_CHILDREN) &&
	       !(ace->flags & GU_ACE_NO_PROPAGATE);
}

static enum gu_rc
list_add(struct list *list, const struct gu_ace *ace, struct gu_err *err)
{
	struct gu_ace copy = *ace;

	if (list->mark) {
		copy.flags |= GU_ACE_INHERITED;
	}
	return gu_acl_append(list->out, &copy, err);
}

/* Recorded: what generic rights become in a stored entry is cut to the type's
 * GENERIC_ALL, even where GENERIC_READ maps to more. Labels and what comes
 * after hold no rights. */
uint32_t gu_ace_stored_mask(const struct gu_ace *ace,
			    const struct gu_generic_mapping *map)
{
	if (!(ace->mask & GU_GENERIC_BITS) ||
	    (ace->flags & GU_ACE_INHERIT_ONLY) ||
	    ace->type >= GU_ACE_MANDATORY_LABEL) {
		return ace->mask;
	}
	return (gu_mask_map(ace->mask, map) & map->all) |
	       (ace->mask & GU_ACCESS_SYSTEM_SECURITY);
}

/* An entry of the parent's list. Where the new object both obeys the entry and
 * hands it on, one entry does, unless the form it is obeyed in differs: then
 * that form comes first, and the original follows for children only. */
static enum gu_rc
inherit_ace(struct list *list, const struct gu_ace *ace, struct gu_err *err)
{
	struct gu_ace obeyed = *ace;
	struct gu_ace handed = *ace;
	bool effective = is_effective(list, ace);
	bool on = is_handed_on(list, ace);
	enum gu_rc rc = GU_RC_OK;
	bool differs;

	obeyed.sid = *creator_of(list, &ace->sid);
	obeyed.flags &= (uint8_t)~INHERITANCE;
	obeyed.mask = gu_ace_stored_mask(&obeyed, list->req->map);
	differs = obeyed.mask != ace->mask || is_creator(&ace->sid);
	handed.flags &= (uint8_t) ~(GU_ACE_INHERIT_ONLY | GU_ACE_INHERITED);
	if (!effective || differs) {
		handed.flags |= GU_ACE_INHERIT_ONLY;
	}
	if (effective && (differs || !on)) {
		rc = list_add(list, &obeyed, err);
	}
	return !rc && on ? list_add(list, &handed, err) : rc;
}

static enum gu_rc
inherit_acl(struct list *list, const struct gu_acl *parent, struct gu_err *err)
{
	for (uint32_t i = 0; i < parent->count; i++) {
		const struct gu_ace *ace = &parent->aces[i];
		enum gu_rc rc = GU_RC_OK;

		if (gu_ace_secinfo(ace) & list->parts) {
			rc = inherit_ace(list, ace, err);
		}
		if (rc) {
			return rc;
		}
	}
	return GU_RC_OK;
}

/* Entries that somebody wrote down for this very object: generic rights are
 * mapped where they take effect, nothing else changes. */
static enum gu_rc own_acl(struct list *list, const struct gu_acl *own,
			  bool drop_inherited, struct gu_err *err)
{
	for (uint32_t i = 0; i < own->count; i++) {
		struct gu_ace ace = own->aces[i];
		enum gu_rc rc;

		if (drop_inherited && (ace.flags & GU_ACE_INHERITED) &&
		    (gu_ace_secinfo(&ace) & list->parts)) {
			continue;
		}
		ace.mask = gu_ace_stored_mask(&ace, list->req->map);
		rc = gu_acl_append(list->out, &ace, err);
		if (rc) {
			return rc;
		}
	}
	return GU_RC_OK;
}

/* Where the two lists of a descriptor differ. */
struct section {
	uint16_t present;
	uint16_t defaulted;
	uint16_t auto_inherited;
	uint16_t is_protected;
	uint32_t auto_inherit; /* GU_SEF_* */
	bool dacl;
};

static const struct section sections[] = {
	{ GU_SE_SACL_PRESENT, GU_SE_SACL_DEFAULTED, GU_SE_SACL_AUTO_INHERITED,
	  GU_SE_SACL_PROTECTED, GU_SEF_SACL_AUTO_INHERIT, false },
	{ GU_SE_DACL_PRESENT, GU_SE_DACL_DEFAULTED, GU_SE_DACL_AUTO_INHERITED,
	  GU_SE_DACL_PROTECTED, GU_SEF_DACL_AUTO_INHERIT, true },
};

/* The list itself, or NULL when it is absent or a NULL list. */
static const struct gu_acl *
acl_of(const struct gu_sd *sd, const struct section *s)
{
	if (!sd) {
		return NULL;
	}
	if (s->dacl) {
		return gu_sd_has_dacl(sd) ? &sd->dacl : NULL;
	}
	return gu_sd_has_sacl(sd) ? &sd->sacl : NULL;
}

static bool is_null(const struct gu_sd *sd, const struct section *s)
{
	return sd && (sd->control & s->present) && !acl_of(sd, s);
}

static void set_null(struct gu_sd *sd, const struct section *s)
{
	sd->control |= s->present;
	*(s->dacl ? &sd->null_dacl : &sd->null_sacl) = true;
}

/* Explicit wishes first, then what is inherited: the canonical order. */
static enum gu_rc section_wished(struct list *list, struct gu_sd *out,
				 const struct section *s, struct gu_err *err)
{
	const struct gu_inherit_request *req = list->req;
	const struct gu_acl *own = acl_of(req->creator, s);
	const struct gu_acl *parent = acl_of(req->parent, s);
	bool automatic = req->flags & s->auto_inherit;
	enum gu_rc rc;

	out->control |= req->creator->control & s->is_protected;
	if (!own) {
		set_null(out, s);
		return GU_RC_OK;
	}
	out->control |= s->present;
	rc = own_acl(list, own, automatic && !(out->control & s->is_protected),
		     err);
	if (!rc && automatic && parent && !(out->control & s->is_protected)) {
		rc = inherit_acl(list, parent, err);
	}
	return rc;
}

/* Nothing was asked for, or defaults only: the parent decides, then the
 * defaults, then the token. */
static enum gu_rc section_default(struct list *list, struct gu_sd *out,
				  const struct section *s, struct gu_err *err)
{
	const struct gu_inherit_request *req = list->req;
	const struct gu_acl *parent = acl_of(req->parent, s);
	const struct gu_acl *own = acl_of(req->creator, s);
	enum gu_rc rc = parent ? inherit_acl(list, parent, err) : GU_RC_OK;

	if (rc || list->out->count) {
		out->control |= rc ? 0 : s->present;
		return rc;
	}
	if (is_null(req->creator, s)) {
		set_null(out, s);
		return GU_RC_OK;
	}
	if (!own && s->dacl && req->token->has_default_dacl) {
		own = &req->token->default_dacl;
	}
	if (!own) {
		return GU_RC_OK;
	}
	out->control |= s->present;
	return own_acl(list, own, false, err);
}

static enum gu_rc section_make(struct gu_sd *out,
			       const struct gu_inherit_request *req,
			       const struct section *s, struct gu_err *err)
{
	const struct gu_sd *creator = req->creator;
	bool wished = creator && (creator->control & s->present) &&
		      !(creator->control & s->defaulted) &&
		      !(req->flags & GU_SEF_DEFAULT_DESCRIPTOR);
	struct list list = { .req = req,
			     .made = out,
			     .mark = req->flags & s->auto_inherit,
			     .parts = UINT32_MAX,
			     .out = s->dacl ? &out->dacl : &out->sacl };
	enum gu_rc rc = wished ? section_wished(&list, out, s, err)
			       : section_default(&list, out, s, err);

	if (!rc && list.mark && (out->control & s->present)) {
		out->control |= s->auto_inherited;
	}
	return rc;
}

bool gu_token_can_own(const struct gu_token *token, const struct gu_sid *sid)
{
	const struct gu_group *group = gu_token_find_group(token, sid);

	return (gu_sid_equal(&token->user, sid) && !token->user_deny_only) ||
	       (group && (group->attributes & GU_GROUP_OWNER) &&
		gu_groups_have(group, 1, sid, false));
}

bool gu_owner_allowed(const struct gu_token *token, const struct gu_sid *owner)
{
	return gu_token_can_own(token, owner) ||
	       gu_token_privileged(token, GU_PRIV_Restore);
}

bool gu_label_allowed(const struct gu_token *token, const struct gu_sd *sd)
{
	uint32_t il, policy;

	return !gu_sd_label(sd, &il, &policy) || il <= token->integrity ||
	       gu_token_privileged(token, GU_PRIV_Relabel);
}

/* A SACL needs SeSecurityPrivilege, but for labels, resource attributes and
 * the like, which have rights of their own. */
static bool audits(const struct gu_sd *sd)
{
	if (!(sd->control & GU_SE_SACL_PRESENT)) {
		return false;
	}
	for (uint32_t i = 0; i < sd->sacl.count; i++) {
		if (gu_ace_secinfo(&sd->sacl.aces[i]) == GU_SECINFO_SACL) {
			return true;
		}
	}
	return sd->sacl.count == 0;
}

static uint32_t make_refuse(const struct gu_inherit_request *req)
{
	const struct gu_sd *creator = req->creator;

	if (creator && gu_sid_is_set(&creator->owner) &&
	    !(req->flags & GU_SEF_AVOID_OWNER_CHECK) &&
	    !gu_owner_allowed(req->token, &creator->owner)) {
		return STATUS_INVALID_OWNER;
	}
	if (!creator || (req->flags & GU_SEF_AVOID_PRIVILEGE_CHECK)) {
		return 0;
	}
	return gu_label_allowed(req->token, creator) &&
			       (!audits(creator) ||
				gu_token_privileged(req->token,
						    GU_PRIV_Security))
		       ? 0
		       : STATUS_PRIVILEGE_NOT_HELD;
}

static const struct gu_sid *first_set(const struct gu_sid *a,
				      const struct gu_sid *b,
				      const struct gu_sid *c)
{
	if (a && gu_sid_is_set(a)) {
		return a;
	}
	return b && gu_sid_is_set(b) ? b : c;
}

static void make_owner(struct gu_sd *sd, const struct gu_inherit_request *req)
{
	const struct gu_sd *creator = req->creator;
	bool owner_up = req->parent && (req->flags & GU_SEF_OWNER_FROM_PARENT);
	bool group_up = req->parent && (req->flags & GU_SEF_GROUP_FROM_PARENT);

	sd->owner = *first_set(creator ? &creator->owner : NULL,
			       owner_up ? &req->parent->owner : NULL,
			       &req->token->owner);
	sd->group = *first_set(creator ? &creator->group : NULL,
			       group_up ? &req->parent->group : NULL,
			       &req->token->primary_group);
}

static enum gu_rc add_low_label(struct gu_sd *sd, const struct gu_token *token,
				struct gu_err *err)
{
	struct gu_sid sid;

	if (token->integrity >= GU_IL_MEDIUM || gu_sd_label_ace(sd)) {
		return GU_RC_OK;
	}
	sd->control |= GU_SE_SACL_PRESENT;
	sd->null_sacl = false;
	gu_sid_from_il(&sid, token->integrity);
	return gu_acl_add(&sd->sacl, GU_ACE_MANDATORY_LABEL,
			  GU_LABEL_NO_WRITE_UP, &sid, err);
}

enum gu_rc gu_inherit(struct gu_sd *out, const struct gu_inherit_request *req,
		      uint32_t *status, struct gu_err *err)
{
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = GU_RC_OK;

	*status = make_refuse(req);
	if (*status) {
		return GU_RC_OK;
	}
	make_owner(&sd, req);
	if (!gu_sid_is_set(&sd.group)) {
		*status = STATUS_INVALID_PRIMARY_GROUP;
		return GU_RC_OK;
	}
	for (size_t i = 0; !rc && i < 2; i++) {
		rc = section_make(&sd, req, &sections[i], err);
	}
	if (!rc) {
		rc = add_low_label(&sd, req->token, err);
	}
	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	*out = sd;
	return GU_RC_OK;
}

static void
acl_replace(struct gu_sd *sd, const struct section *s, struct gu_acl *made)
{
	struct gu_acl *acl = s->dacl ? &sd->dacl : &sd->sacl;

	gu_acl_release(acl);
	*acl = *made;
	*(s->dacl ? &sd->null_dacl : &sd->null_sacl) = false;
	sd->control |= s->present | s->auto_inherited;
}

static enum gu_rc
propagate_section(struct gu_sd *child, const struct section *s, uint32_t parts,
		  const struct gu_inherit_request *req, struct gu_err *err)
{
	const struct gu_acl *own = acl_of(child, s);
	const struct gu_acl *parent = acl_of(req->parent, s);
	struct gu_acl made = GU_ACL_INIT;
	struct list list = { .req = req,
			     .made = child,
			     .mark = true,
			     .parts = parts,
			     .out = &made };
	enum gu_rc rc = GU_RC_OK;

	if (!parts || (child->control & s->is_protected)) {
		return GU_RC_OK;
	}
	if (own) {
		rc = own_acl(&list, own, true, err);
	}
	if (!rc && parent) {
		rc = inherit_acl(&list, parent, err);
	}
	if (rc) {
		gu_acl_release(&made);
		return rc;
	}
	if (made.count || own) {
		acl_replace(child, s, &made);
	}
	return GU_RC_OK;
}

enum gu_rc gu_sd_propagate(struct gu_sd *child,
			   const struct gu_propagation *how, struct gu_err *err)
{
	const uint32_t named = gu_secinfo_parts(how->secinfo);
	const struct gu_inherit_request req = { .parent = how->parent,
						.map = how->map,
						.container = how->container };
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < 2; i++) {
		const struct section *s = &sections[i];
		uint32_t parts = named & GU_SECINFO_SACL_PARTS;

		if (s->dacl) {
			parts = named & GU_SECINFO_DACL ? UINT32_MAX : 0;
		}
		rc = propagate_section(child, s, parts, &req, err);
	}
	return rc;
}
