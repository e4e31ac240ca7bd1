/* SPDX-License-Identifier: MIT */
#include "inherit.h"

#include "banned.h"

#define STATUS_INVALID_OWNER      0xC000005Au
#define STATUS_PRIVILEGE_NOT_HELD 0xC0000061u

uint32_t gu_secinfo_parts(uint32_t secinfo)
{
	return secinfo & GU_SECINFO_BACKUP ? (uint32_t)GU_SECINFO_ALL
					   : secinfo & GU_SECINFO_ALL;
}

/* Semantics 5.7. */
uint32_t gu_secinfo_read_access(uint32_t secinfo)
{
	uint32_t parts = gu_secinfo_parts(secinfo);
	uint32_t mask = 0;

	if (parts & ~(uint32_t)GU_SECINFO_SACL) {
		mask |= GU_READ_CONTROL;
	}
	if (parts & GU_SECINFO_SACL) {
		mask |= GU_ACCESS_SYSTEM_SECURITY;
	}
	return mask;
}

uint32_t gu_secinfo_write_access(uint32_t secinfo)
{
	uint32_t parts = gu_secinfo_parts(secinfo);
	uint32_t mask = 0;

	if (parts & (GU_SECINFO_OWNER | GU_SECINFO_GROUP | GU_SECINFO_LABEL)) {
		mask |= GU_WRITE_OWNER;
	}
	if ((parts & (GU_SECINFO_DACL | GU_SECINFO_ATTRIBUTE |
		      GU_SECINFO_TRUST_LABEL | GU_SECINFO_FILTER)) ||
	    (secinfo &
	     (GU_SECINFO_PROTECTED_DACL | GU_SECINFO_UNPROTECTED_DACL))) {
		mask |= GU_WRITE_DAC;
	}
	if ((parts & (GU_SECINFO_SACL | GU_SECINFO_SCOPE)) ||
	    (secinfo &
	     (GU_SECINFO_PROTECTED_SACL | GU_SECINFO_UNPROTECTED_SACL))) {
		mask |= GU_ACCESS_SYSTEM_SECURITY;
	}
	return mask;
}

/* One call to set, its parts made plain. */
struct setting {
	const struct gu_set_request *req;
	uint32_t parts;
};

static uint32_t set_refuse(const struct setting *set)
{
	const struct gu_set_request *req = set->req;

	if ((set->parts & GU_SECINFO_OWNER) &&
	    (!gu_sid_is_set(&req->from->owner) ||
	     !gu_owner_allowed(req->token, &req->from->owner))) {
		return STATUS_INVALID_OWNER;
	}
	return (set->parts & GU_SECINFO_LABEL) &&
			       !gu_label_allowed(req->token, req->from)
		       ? STATUS_PRIVILEGE_NOT_HELD
		       : 0;
}

/* The protection comes with the list. AUTO_INHERITED is taken over only from
 * who asks to handle it. The SACL's bits stand one above the DACL's. */
static void take_control(struct gu_sd *sd, uint16_t from, unsigned shift)
{
	const unsigned inherited = GU_SE_DACL_AUTO_INHERITED << shift;
	const unsigned asked = GU_SE_DACL_AUTO_INHERIT_REQ << shift | inherited;
	const unsigned is_protected = GU_SE_DACL_PROTECTED << shift;

	sd->control &= (uint16_t) ~(asked | is_protected);
	sd->control |= (uint16_t)(from & is_protected);
	if ((from & asked) == asked) {
		sd->control |= (uint16_t)inherited;
	}
}

static enum gu_rc stored_add(struct gu_acl *out, const struct gu_ace *ace,
			     const struct gu_generic_mapping *map,
			     struct gu_err *err)
{
	struct gu_ace stored = *ace;

	stored.mask = gu_ace_stored_mask(ace, map);
	return gu_acl_append(out, &stored, err);
}

/* The entries of `from` that are of these parts. */
static enum gu_rc
parts_copy(struct gu_acl *out, const struct gu_acl *from, uint32_t parts,
	   const struct gu_generic_mapping *map, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (uint32_t i = 0; !rc && i < from->count; i++) {
		if (gu_ace_secinfo(&from->aces[i]) & parts) {
			rc = stored_add(out, &from->aces[i], map, err);
		}
	}
	return rc;
}

/* A SACL is set part by part: the parts not named stay. */
static enum gu_rc
set_sacl(struct gu_sd *sd, const struct setting *set, struct gu_err *err)
{
	const struct gu_set_request *req = set->req;
	uint32_t parts = set->parts & GU_SECINFO_SACL_PARTS;
	struct gu_acl made = GU_ACL_INIT;
	enum gu_rc rc;

	if (!parts) {
		return GU_RC_OK;
	}
	rc = parts_copy(&made, &req->from->sacl, parts, req->map, err);
	if (!rc) {
		rc = parts_copy(&made, &sd->sacl, ~parts, req->map, err);
	}
	if (rc) {
		gu_acl_release(&made);
		return rc;
	}
	gu_acl_release(&sd->sacl);
	sd->sacl = made;
	sd->null_sacl = false;
	if (parts & GU_SECINFO_SACL) {
		take_control(sd, req->from->control, 1);
	}
	sd->control &= (uint16_t) ~(GU_SE_SACL_PRESENT | GU_SE_SACL_DEFAULTED);
	if (made.count || (req->from->control & GU_SE_SACL_PRESENT)) {
		sd->control |= GU_SE_SACL_PRESENT;
	}
	return GU_RC_OK;
}

static enum gu_rc
set_dacl(struct gu_sd *sd, const struct setting *set, struct gu_err *err)
{
	const struct gu_sd *from = set->req->from;
	struct gu_acl made = GU_ACL_INIT;
	enum gu_rc rc;

	if (!(set->parts & GU_SECINFO_DACL)) {
		return GU_RC_OK;
	}
	rc = parts_copy(&made, &from->dacl, UINT32_MAX, set->req->map, err);
	if (rc) {
		gu_acl_release(&made);
		return rc;
	}
	gu_acl_release(&sd->dacl);
	sd->dacl = made;
	sd->null_dacl = from->null_dacl;
	sd->control &= (uint16_t) ~(GU_SE_DACL_PRESENT | GU_SE_DACL_DEFAULTED);
	sd->control |= from->control & GU_SE_DACL_PRESENT;
	take_control(sd, from->control, 0);
	return GU_RC_OK;
}

static void set_protection(struct gu_sd *sd, uint32_t secinfo)
{
	if (secinfo & GU_SECINFO_PROTECTED_DACL) {
		sd->control |= GU_SE_DACL_PROTECTED;
	} else if (secinfo & GU_SECINFO_UNPROTECTED_DACL) {
		sd->control &= (uint16_t)~GU_SE_DACL_PROTECTED;
	}
	if (secinfo & GU_SECINFO_PROTECTED_SACL) {
		sd->control |= GU_SE_SACL_PROTECTED;
	} else if (secinfo & GU_SECINFO_UNPROTECTED_SACL) {
		sd->control &= (uint16_t)~GU_SE_SACL_PROTECTED;
	}
}

enum gu_rc gu_sd_set(struct gu_sd *sd, const struct gu_set_request *request,
		     uint32_t *status, struct gu_err *err)
{
	const struct setting set = {
		.req = request,
		.parts = gu_secinfo_parts(request->secinfo),
	};
	struct gu_sd made = GU_SD_INIT;
	enum gu_rc rc;

	*status = set_refuse(&set);
	if (*status) {
		return GU_RC_OK;
	}
	rc = gu_sd_copy(&made, sd, err);
	if (!rc) {
		rc = set_dacl(&made, &set, err);
	}
	if (!rc) {
		rc = set_sacl(&made, &set, err);
	}
	if (rc) {
		gu_sd_release(&made);
		return rc;
	}
	if (set.parts & GU_SECINFO_OWNER) {
		made.owner = request->from->owner;
		made.control &= (uint16_t)~GU_SE_OWNER_DEFAULTED;
	}
	if (set.parts & GU_SECINFO_GROUP) {
		made.group = request->from->group;
		made.control &= (uint16_t)~GU_SE_GROUP_DEFAULTED;
	}
	set_protection(&made, request->secinfo);
	gu_sd_release(sd);
	*sd = made;
	return GU_RC_OK;
}
