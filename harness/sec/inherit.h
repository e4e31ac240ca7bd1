/* SPDX-License-Identifier: MIT */
#ifndef GU_INHERIT_H
#define GU_INHERIT_H

#include "access.h"
#include "sddl.h"

/* The descriptor of a new object, from its parent's, its creator's wishes and
 * its creator's token; and what happens when a descriptor is set. Pure. */

/* SEF_* flags of CreatePrivateObjectSecurityEx. */
enum {
	GU_SEF_DACL_AUTO_INHERIT = 0x1,
	GU_SEF_SACL_AUTO_INHERIT = 0x2,
	GU_SEF_DEFAULT_DESCRIPTOR = 0x4, /* the wishes are mere defaults */
	GU_SEF_AVOID_PRIVILEGE_CHECK = 0x8,
	GU_SEF_AVOID_OWNER_CHECK = 0x10,
	GU_SEF_OWNER_FROM_PARENT = 0x20,
	GU_SEF_GROUP_FROM_PARENT = 0x40,
};

struct gu_inherit_request {
	const struct gu_sd *parent;  /* NULL: none */
	const struct gu_sd *creator; /* what the creator asks for, or NULL */
	const struct gu_token *token;
	const struct gu_generic_mapping *map;
	bool container;
	uint32_t flags; /* GU_SEF_* */
	/* What the new object is, for entries that only some types inherit. */
	const struct gu_guid *types;
	size_t type_count;
};

/* SeAssignSecurity. `out` is initialized and empty, and stays so unless
 * *status is 0: STATUS_INVALID_OWNER, STATUS_INVALID_PRIMARY_GROUP or
 * STATUS_PRIVILEGE_NOT_HELD otherwise. */
GU_MUST_CHECK enum gu_rc gu_inherit(struct gu_sd *out,
				    const struct gu_inherit_request *request,
				    uint32_t *status, struct gu_err *err);

/* What setting parts of a descriptor needs; reading them is next to it. The
 * masks are GU_SECINFO_*. */
enum {
	GU_SECINFO_BACKUP = 0x10000,
	GU_SECINFO_UNPROTECTED_SACL = 0x10000000,
	GU_SECINFO_UNPROTECTED_DACL = 0x20000000,
	GU_SECINFO_PROTECTED_SACL = 0x40000000,
};
#define GU_SECINFO_PROTECTED_DACL 0x80000000u

uint32_t gu_secinfo_read_access(uint32_t secinfo);
uint32_t gu_secinfo_write_access(uint32_t secinfo);

/* Whether the token may make `owner` the owner: its user, an enabled group
 * with the owner attribute, or anybody with SeRestorePrivilege. */
bool gu_owner_allowed(const struct gu_token *token, const struct gu_sid *owner);

/* NtSetSecurityObject on a handle that has the rights: replaces the parts of
 * `sd` that `secinfo` names. A label above the token's own level needs
 * SeRelabelPrivilege. `sd` is changed when *status is 0 only. */
struct gu_set_request {
	uint32_t secinfo;
	const struct gu_sd *from;
	const struct gu_token *token;
	const struct gu_generic_mapping *map;
};
GU_MUST_CHECK enum gu_rc gu_sd_set(struct gu_sd *sd,
				   const struct gu_set_request *request,
				   uint32_t *status, struct gu_err *err);

/* What SetSecurityInfo does to each child when a parent has changed: keeps the
 * child's own entries, replaces its inherited ones. A protected list stays. */
GU_MUST_CHECK enum gu_rc
gu_sd_propagate(struct gu_sd *child, const struct gu_sd *parent, bool container,
		const struct gu_generic_mapping *map, struct gu_err *err);

#endif
