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
	GU_REASON_NOT_GRANTED_TO_APPCONTAINER = 0x70000,
	GU_REASON_MISSING_PRIVILEGE = 0x100000,
	GU_REASON_FROM_PRIVILEGE = 0x200000,
	GU_REASON_INTEGRITY = 0x300000,
	GU_REASON_OWNERSHIP = 0x400000,
	GU_REASON_NULL_DACL = 0x500000,
	GU_REASON_EMPTY_DACL = 0x600000,
	GU_REASON_NO_SD = 0x700000,
	GU_REASON_NO_GRANT = 0x800000,
	/* Ours, above Windows' range: decisions taken before the check. */
	GU_REASON_LEVEL = 0x1000000,         /* the token's level is too low */
	GU_REASON_RESTRICTED = 0x1010000,    /* the restricted pass refused */
	GU_REASON_HANDLE_RIGHTS = 0x1020000, /* decided by a handle's rights */
	GU_REASON_NO_ACCESS_ASKED = 0x1030000, /* desired access 0 */
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

enum {
	GU_CHECK_BACKUP_INTENT = 0x1, /* files and keys opened for backup */
};

struct gu_access_request {
	const struct gu_sd *sd; /* NULL: no descriptor */
	const struct gu_token *token;
	const struct gu_generic_mapping *map;
	const struct gu_sid *self; /* PRINCIPAL_SELF, or NULL */
	uint32_t desired;
	uint32_t flags; /* GU_CHECK_* */
};

struct gu_access_result {
	bool granted;
	uint32_t mask;   /* granted rights; 0 when denied */
	uint32_t status; /* NTSTATUS: 0, 0xC0000022 or 0xC0000061 */
	gu_privset privileges_used;
	struct gu_reason reason;
};

/* Never fails and never allocates: a malformed input (a generic bit that maps
 * to nothing) is decided as Windows does. No descriptor and desired access 0
 * are denials. Nothing is asked of the token's type or level. */
void gu_access_check(const struct gu_access_request *request,
		     struct gu_access_result *result);

#endif
