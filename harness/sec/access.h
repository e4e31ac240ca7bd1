/* SPDX-License-Identifier: MIT */
#ifndef GU_ACCESS_H
#define GU_ACCESS_H

#include "sd.h"
#include "token.h"

/* The access check: one descriptor, one token, one mask, a decision and why.
 * Pure: it asks nobody and keeps nothing. Rules: shared semantics 5.2. */
enum {
	GU_DELETE = 0x00010000,
	GU_READ_CONTROL = 0x00020000,
	GU_WRITE_DAC = 0x00040000,
	GU_WRITE_OWNER = 0x00080000,
	GU_SYNCHRONIZE = 0x00100000,
	GU_ACCESS_SYSTEM_SECURITY = 0x01000000,
	GU_MAXIMUM_ALLOWED = 0x02000000,
	GU_GENERIC_ALL = 0x10000000,
	GU_GENERIC_EXECUTE = 0x20000000,
	GU_GENERIC_WRITE = 0x40000000,
};
#define GU_GENERIC_READ 0x80000000u
#define GU_GENERIC_BITS 0xF0000000u

struct gu_generic_mapping {
	uint32_t read;
	uint32_t write;
	uint32_t execute;
	uint32_t all;
};

uint32_t gu_mask_map(uint32_t mask, const struct gu_generic_mapping *map);

/* Why a decision fell: Windows' ACCESS_REASON_TYPE values. */
enum gu_reason_code {
	GU_REASON_NONE = 0,
	GU_REASON_ALLOWED_ACE = 0x10000,
	GU_REASON_DENIED_ACE = 0x20000,
	GU_REASON_ALLOWED_PARENT_ACE = 0x30000, /* by the object's parent */
	GU_REASON_DENIED_PARENT_ACE = 0x40000,
	GU_REASON_NOT_GRANTED_BY_CAPE = 0x50000, /* a central access rule */
	GU_REASON_NOT_GRANTED_TO_APPCONTAINER = 0x70000,
	GU_REASON_MISSING_PRIVILEGE = 0x100000,
	GU_REASON_FROM_PRIVILEGE = 0x200000,
	GU_REASON_INTEGRITY = 0x300000,
	GU_REASON_OWNERSHIP = 0x400000,
	GU_REASON_NULL_DACL = 0x500000,
	GU_REASON_EMPTY_DACL = 0x600000,
	GU_REASON_NO_SD = 0x700000,
	GU_REASON_NO_GRANT = 0x800000,
	GU_REASON_TRUST_LABEL = 0x900000,
	GU_REASON_FILTER_ACE = 0xA00000,
	/* Ours, above Windows' range: decisions taken before the check. */
	GU_REASON_LEVEL = 0x1000000,         /* the token's level is too low */
	GU_REASON_RESTRICTED = 0x1010000,    /* the restricted pass refused */
	GU_REASON_HANDLE_RIGHTS = 0x1020000, /* decided by a handle's rights */
	GU_REASON_NO_ACCESS_ASKED = 0x1030000, /* desired access 0 */
	GU_REASON_NO_MEMORY = 0x1040000,       /* result.rc says so too */
};

/* A decision's reason as plain data, so that it costs nothing until someone
 * wants the text. */
struct gu_reason {
	uint32_t code;      /* enum gu_reason_code */
	uint16_t ace_index; /* in the DACL (or SACL for integrity) */
	uint8_t ace_type;
	uint8_t ace_flags;
	uint8_t level; /* GU_REASON_LEVEL: the token's */
	uint32_t bits; /* the bits this reason decided or found missing */
	uint32_t ace_mask;
	uint32_t detail;   /* privilege LUID, or integrity of the object */
	uint32_t detail2;  /* integrity of the token */
	struct gu_sid sid; /* of the ACE, or the owner */
};

/* Appends one line: "denied by ACE 0 (D;;FW;;;BU) on 0x2: S-1-5-32-545
 * (BUILTIN\Users) matched". */
void gu_reason_format(const struct gu_reason *reason, struct gu_buf *out);

/* One entry of an object type list: a tree in preorder, the root at level 0,
 * each next level at most one deeper. */
enum { GU_OBJECT_TYPE_LEVEL_MAX = 4 };
struct gu_object_type {
	uint16_t level;
	struct gu_guid guid;
};

/* What the check works out for one entry. */
struct gu_object_node {
	uint32_t granted; /* of the entry; 0 when refused */
	uint32_t status;  /* NTSTATUS */
	/* Kept while the check runs. */
	uint32_t allowed;
	uint32_t denied;
};

/* Central access policies: what SCOPED POLICY ID entries name. All borrowed.
 * A policy that is not known is replaced by the recovery policy, which leaves
 * the object to administrators, SYSTEM and its owner. */
struct gu_central_rule {
	const uint8_t *condition; /* of the resource; NULL: always */
	size_t condition_len;
	const struct gu_acl *dacl;
};
struct gu_central_policy {
	struct gu_sid id; /* S-1-17-... */
	const struct gu_central_rule *rules;
	size_t rule_count;
};

/* One step of a decision, for whoever wants to tell how it came about. All
 * pointers are borrowed for the call. */
enum gu_access_stage {
	GU_STAGE_TRUST,
	GU_STAGE_FILTER,
	GU_STAGE_INTEGRITY,
	GU_STAGE_PRIVILEGE,
	GU_STAGE_DACL,
	GU_STAGE_RESTRICTED,
	GU_STAGE_CONTAINER,
	GU_STAGE_POLICY,
	GU_STAGE_RESULT,
};

/* How an ACE came to apply, or why it did not. */
enum gu_access_match {
	GU_MATCH_NONE, /* the step is not about an ACE */
	GU_MATCH_USER,
	GU_MATCH_GROUP,
	GU_MATCH_DENY_ONLY,
	GU_MATCH_OWNER, /* S-1-3-4 and the caller is the owner */
	GU_MATCH_SELF,
	GU_MATCH_RESTRICTED,
	GU_MATCH_PACKAGE,
	GU_MATCH_CAPABILITY,
	GU_MISS_SID,
	GU_MISS_DISABLED,     /* the group is disabled */
	GU_MISS_DENY_ONLY,    /* the group only counts for denials */
	GU_MISS_INHERIT_ONLY, /* for children alone */
	GU_MISS_TYPE,         /* no type that grants or denies */
	GU_MISS_OBJECT_TYPE,  /* about another part of the object */
	GU_MISS_BITS,         /* all its bits were decided before */
	GU_MISS_CONDITION,    /* FALSE or, to allow, unknown */
};

struct gu_access_step {
	enum gu_access_stage stage;
	uint32_t code; /* enum gu_reason_code, of what the step did */
	uint32_t bits; /* granted, denied or withheld here */
	uint32_t left; /* asked for and not granted yet */
	uint32_t detail;
	enum gu_access_match match;
	const struct gu_ace *ace;
	uint16_t ace_index;
};
typedef void (*gu_access_step_fn)(void *ctx, const struct gu_access_step *step);

enum {
	GU_CHECK_BACKUP_INTENT = 0x1, /* files and keys opened for backup */
	/* Go on after a denial until every node is decided. */
	GU_CHECK_ALL_NODES = 0x2,
	/* Without an object type list, an ACE with an object type counts as one
	 * without; sources differ, the default is to skip it. */
	GU_CHECK_OBJECT_ACE_PLAIN = 0x4,
};

struct gu_access_request {
	const struct gu_sd *sd; /* NULL: no descriptor */
	const struct gu_token *token;
	const struct gu_generic_mapping *map;
	const struct gu_sid *self; /* PRINCIPAL_SELF, or NULL */
	uint32_t desired;
	uint32_t flags; /* GU_CHECK_* */

	/* An object type list, or none; `nodes` has as many entries and gets
	 * the answer of each under GU_CHECK_ALL_NODES. The list must be valid
	 * (access_api.h looks). */
	const struct gu_object_type *types;
	size_t type_count;
	struct gu_object_node *nodes;

	const struct gu_central_policy *policies;
	size_t policy_count;

	gu_access_step_fn step; /* NULL: nobody listens */
	void *step_ctx;
};

struct gu_access_result {
	bool granted;
	uint32_t mask;   /* granted rights; 0 when denied */
	uint32_t status; /* NTSTATUS: 0, 0xC0000022 or 0xC0000061 */
	gu_privset privileges_used;
	struct gu_reason reason;
	/* GU_RC_NOMEM: the resource attributes that a condition asks for could
	 * not be read, and the answer is a denial. */
	enum gu_rc rc;
};

/* A malformed input (a generic bit that maps to nothing) is decided as Windows
 * does. No descriptor and desired access 0 are denials. Nothing is asked of
 * the token's type or level. Allocates only where a condition meets resource
 * attributes. With an object type list the answer is the root's. */
void gu_access_check(const struct gu_access_request *request,
		     struct gu_access_result *result);

/* Which entries of the SACL audit that decision: writes their indices, at
 * most `cap`, and returns how many there are. Whether the subcategory is
 * audited at all is the system's to say. */
size_t gu_access_audit(const struct gu_access_request *request,
		       const struct gu_access_result *result, uint16_t *fired,
		       size_t cap);

#endif
