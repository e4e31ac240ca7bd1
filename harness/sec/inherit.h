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

/* SeAssignSecurity. What a creator below Medium makes carries its label,
 * unless one was asked for or inherited: it could not write to it otherwise.
 * `out` is initialized and empty, and stays so unless *status is 0:
 * STATUS_INVALID_OWNER, STATUS_INVALID_PRIMARY_GROUP or
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

/* The parts that `secinfo` names: GU_SECINFO_BACKUP is all of them. */
uint32_t gu_secinfo_parts(uint32_t secinfo);

/* Whether an object of the token's can belong to `sid`: the token's user, or
 * an enabled group with the owner attribute. */
bool gu_token_can_own(const struct gu_token *token, const struct gu_sid *sid);

/* Whether the token may make `owner` the owner: whom it can own as, or anybody
 * with SeRestorePrivilege. */
bool gu_owner_allowed(const struct gu_token *token, const struct gu_sid *owner);

/* Whether the token may give an object the label of `sd`: one up to its own
 * level, or any with SeRelabelPrivilege. */
bool gu_label_allowed(const struct gu_token *token, const struct gu_sd *sd);

/* An entry's mask as it is stored: generic rights become the type's own,
 * unless the entry is for children only. */
uint32_t gu_ace_stored_mask(const struct gu_ace *ace,
			    const struct gu_generic_mapping *map);

/* NtSetSecurityObject on a handle that has the rights: replaces the parts of
 * `sd` that `secinfo` names and keeps the others. *status is
 * STATUS_INVALID_OWNER or STATUS_PRIVILEGE_NOT_HELD when the token may not
 * give that owner or label; `sd` is changed when it is 0 only. */
struct gu_set_request {
	uint32_t secinfo;
	const struct gu_sd *from;
	const struct gu_token *token;
	const struct gu_generic_mapping *map;
};
GU_MUST_CHECK enum gu_rc gu_sd_set(struct gu_sd *sd,
				   const struct gu_set_request *request,
				   uint32_t *status, struct gu_err *err);

/* What SetSecurityInfo does to each child when a parent has changed, and to
 * the object itself: keeps its own entries, replaces its inherited ones. A
 * protected list stays; one without a DACL gets one if it inherits entries. */
struct gu_propagation {
	const struct gu_sd *parent;
	const struct gu_generic_mapping *map;
	uint32_t secinfo; /* the parts that are inherited anew */
	bool container;   /* the child is one */
};
GU_MUST_CHECK enum gu_rc gu_sd_propagate(struct gu_sd *child,
					 const struct gu_propagation *how,
					 struct gu_err *err);

#endif
