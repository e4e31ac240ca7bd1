/* SPDX-License-Identifier: MIT */
#include "inherit.h"

#include "banned.h"

#define STATUS_INVALID_OWNER      0xC000005Au
#define STATUS_PRIVILEGE_NOT_HELD 0xC0000061u

/* Semantics 5.7. */
uint32_t gu_secinfo_read_access(uint32_t secinfo)
{
	uint32_t mask = 0;

	if (secinfo & (GU_SECINFO_OWNER | GU_SECINFO_GROUP | GU_SECINFO_DACL |
		       GU_SECINFO_LABEL | GU_SECINFO_ATTRIBUTE |
		       GU_SECINFO_SCOPE | GU_SECINFO_BACKUP)) {
		mask |= GU_READ_CONTROL;
	}
	if (secinfo & (GU_SECINFO_SACL | GU_SECINFO_BACKUP)) {
		mask |= GU_ACCESS_SYSTEM_SECURITY;
	}
	return mask;
}

uint32_t gu_secinfo_write_access(uint32_t secinfo)
{
	uint32_t mask = 0;

	if (secinfo & (GU_SECINFO_OWNER | GU_SECINFO_GROUP | GU_SECINFO_LABEL |
		       GU_SECINFO_BACKUP)) {
		mask |= GU_WRITE_OWNER;
	}
	if (secinfo &
	    (GU_SECINFO_DACL | GU_SECINFO_ATTRIBUTE | GU_SECINFO_BACKUP |
	     GU_SECINFO_PROTECTED_DACL | GU_SECINFO_UNPROTECTED_DACL)) {
		mask |= GU_WRITE_DAC;
	}
	if (secinfo &
	    (GU_SECINFO_SACL | GU_SECINFO_SCOPE | GU_SECINFO_BACKUP |
	     GU_SECINFO_PROTECTED_SACL | GU_SECINFO_UNPROTECTED_SACL)) {
		mask |= GU_ACCESS_SYSTEM_SECURITY;
	}
	return mask;
}

static uint32_t set_refuse(const struct gu_set_request *req)
{
	uint32_t il, policy;

	if ((req->secinfo & GU_SECINFO_OWNER) &&
	    (!gu_sid_is_set(&req->from->owner) ||
	     !gu_owner_allowed(req->token, &req->from->owner))) {
		return STATUS_INVALID_OWNER;
	}
	if ((req->secinfo & GU_SECINFO_LABEL) &&
	    gu_sd_label(req->from, &il, &policy) &&
	    il > req->token->integrity &&
	    !gu_token_has_priv(req->token, GU_PRIV_Relabel)) {
		return STATUS_PRIVILEGE_NOT_HELD;
	}
	return 0;
}

/* Which part of a SACL an entry belongs to. */
static uint32_t ace_part(const struct gu_ace *ace)
{
	switch (ace->type) {
	case GU_ACE_MANDATORY_LABEL:
		return GU_SECINFO_LABEL;
	case GU_ACE_RESOURCE_ATTRIBUTE:
		return GU_SECINFO_ATTRIBUTE;
	case GU_ACE_SCOPED_POLICY_ID:
		return GU_SECINFO_SCOPE;
	}
	return GU_SECINFO_SACL;
}

static enum gu_rc parts_copy(struct gu_acl *out, const struct gu_acl *from,
			     uint32_t parts, struct gu_err *err)
{
	for (uint32_t i = 0; i < from->count; i++) {
		if (ace_part(&from->aces[i]) & parts) {
			enum gu_rc rc = gu_acl_append(out, &from->aces[i], err);

			if (rc) {
				return rc;
			}
		}
	}
	return GU_RC_OK;
}

/* A SACL is set part by part: the parts not named stay. */
static enum gu_rc
set_sacl(struct gu_sd *sd, const struct gu_set_request *req, struct gu_err *err)
{
	uint32_t parts =
		req->secinfo & (GU_SECINFO_SACL | GU_SECINFO_LABEL |
				GU_SECINFO_ATTRIBUTE | GU_SECINFO_SCOPE);
	struct gu_acl made = GU_ACL_INIT;
	enum gu_rc rc;

	if (!parts) {
		return GU_RC_OK;
	}
	rc = parts_copy(&made, &req->from->sacl, parts, err);
	if (!rc) {
		rc = parts_copy(&made, &sd->sacl, ~parts, err);
	}
	if (rc) {
		gu_acl_release(&made);
		return rc;
	}
	gu_acl_release(&sd->sacl);
	sd->sacl = made;
	sd->null_sacl = false;
	sd->control &= (uint16_t)~GU_SE_SACL_PRESENT;
	if (made.count || (req->from->control & GU_SE_SACL_PRESENT)) {
		sd->control |= GU_SE_SACL_PRESENT;
	}
	return GU_RC_OK;
}

static enum gu_rc
set_dacl(struct gu_sd *sd, const struct gu_set_request *req, struct gu_err *err)
{
	const struct gu_sd *from = req->from;
	struct gu_acl made = GU_ACL_INIT;
	const uint16_t kept = GU_SE_DACL_PRESENT | GU_SE_DACL_PROTECTED;
	const uint16_t asked =
		GU_SE_DACL_AUTO_INHERIT_REQ | GU_SE_DACL_AUTO_INHERITED;
	enum gu_rc rc;

	if (!(req->secinfo & GU_SECINFO_DACL)) {
		return GU_RC_OK;
	}
	rc = gu_acl_copy(&made, &from->dacl, err);
	if (rc) {
		return rc;
	}
	for (uint32_t i = 0; i < made.count; i++) {
		if (!(made.aces[i].flags & GU_ACE_INHERIT_ONLY)) {
			made.aces[i].mask =
				gu_mask_map(made.aces[i].mask, req->map);
		}
	}
	gu_acl_release(&sd->dacl);
	sd->dacl = made;
	sd->null_dacl = from->null_dacl;
	sd->control &= (uint16_t) ~(kept | asked | GU_SE_DACL_DEFAULTED);
	sd->control |= from->control & kept;
	/* AUTO_INHERITED is taken over only from who asks to handle it. */
	if ((from->control & asked) == asked) {
		sd->control |= GU_SE_DACL_AUTO_INHERITED;
	}
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
	struct gu_sd made = GU_SD_INIT;
	enum gu_rc rc;

	*status = set_refuse(request);
	if (*status) {
		return GU_RC_OK;
	}
	rc = gu_sd_copy(&made, sd, err);
	if (!rc) {
		rc = set_dacl(&made, request, err);
	}
	if (!rc) {
		rc = set_sacl(&made, request, err);
	}
	if (rc) {
		gu_sd_release(&made);
		return rc;
	}
	if (request->secinfo & GU_SECINFO_OWNER) {
		made.owner = request->from->owner;
		made.control &= (uint16_t)~GU_SE_OWNER_DEFAULTED;
	}
	if (request->secinfo & GU_SECINFO_GROUP) {
		made.group = request->from->group;
		made.control &= (uint16_t)~GU_SE_GROUP_DEFAULTED;
	}
	set_protection(&made, request->secinfo);
	gu_sd_release(sd);
	*sd = made;
	return GU_RC_OK;
}
