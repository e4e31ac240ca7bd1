/* SPDX-License-Identifier: MIT */
#ifndef GU_CLAIM_H
#define GU_CLAIM_H

#include "sid.h"

/* Claims and resource attributes: a name and a list of values of one type, as
 * tokens and resource attribute ACEs hold them and conditions ask for them.
 * Pure; a list owns everything in it. Strings are UTF-16LE inside, as on
 * Windows, so that any recorded bytes survive; the builders take UTF-8. */
enum gu_claim_type {
	GU_CLAIM_INT64 = 1,
	GU_CLAIM_UINT64 = 2,
	GU_CLAIM_STRING = 3,
	GU_CLAIM_FQBN = 4,
	GU_CLAIM_SID = 5,
	GU_CLAIM_BOOLEAN = 6,
	GU_CLAIM_OCTET = 0x10,
};

enum {
	GU_CLAIM_NON_INHERITABLE = 0x1,
	GU_CLAIM_CASE_SENSITIVE = 0x2,
	GU_CLAIM_DENY_ONLY = 0x4,
	GU_CLAIM_DISABLED_BY_DEFAULT = 0x8,
	GU_CLAIM_DISABLED = 0x10,
	GU_CLAIM_MANDATORY = 0x20,
};

/* Numbers stand in `number` (INT64 as two's complement); strings (UTF-16LE
 * without terminator), binary SIDs and octets in `data`. */
struct gu_claim_value {
	uint64_t number;
	uint8_t *data; /* owned, NULL when len is 0 */
	size_t len;
};

struct gu_claim {
	uint8_t *name;   /* owned, UTF-16LE, not terminated */
	size_t name_len; /* in bytes */
	uint16_t type;   /* enum gu_claim_type */
	uint32_t flags;  /* GU_CLAIM_* and 16 bits of the owner's own */
	size_t count;
	struct gu_claim_value *values; /* owned */
};

struct gu_claims {
	size_t count;
	struct gu_claim *items; /* owned */
};

#define GU_CLAIMS_INIT                    \
	{                                 \
		.count = 0, .items = NULL \
	}

void gu_claims_release(struct gu_claims *claims);

/* `dst` is empty; on failure it stays so. */
GU_MUST_CHECK enum gu_rc gu_claims_copy(struct gu_claims *dst,
					const struct gu_claims *src,
					struct gu_err *err);

/* Appends a claim without values. The name is UTF-8. */
GU_MUST_CHECK enum gu_rc gu_claims_add(struct gu_claims *claims,
				       const char *name, uint16_t type,
				       uint32_t flags, struct gu_err *err);

/* Removes the claim at `i`. */
void gu_claims_drop(struct gu_claims *claims, size_t i);

/* Append a value to the last claim of the list. */
GU_MUST_CHECK enum gu_rc gu_claims_add_number(struct gu_claims *claims,
					      uint64_t number,
					      struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_claims_add_string(struct gu_claims *claims,
					      const char *text,
					      struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_claims_add_sid(struct gu_claims *claims,
					   const struct gu_sid *sid,
					   struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_claims_add_bytes(struct gu_claims *claims,
					     const void *p, size_t n,
					     struct gu_err *err);

/* Whether a token can be made with these claims: Windows refuses one that
 * holds the same value twice in one claim. GU_RC_USAGE names the claim. */
GU_MUST_CHECK enum gu_rc
gu_claims_check(const struct gu_claims *claims, struct gu_err *err);

/* The last claim of that name, ignoring case, or NULL. Borrowed. */
const struct gu_claim *gu_claims_find(const struct gu_claims *claims,
				      const uint8_t *name, size_t name_len);

/* Decodes the application data of a resource attribute ACE
 * (CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1) and appends it. Takes any bytes:
 * either a claim or an error with the offset. */
GU_MUST_CHECK enum gu_rc gu_claims_add_attribute(struct gu_claims *claims,
						 const uint8_t *p, size_t n,
						 struct gu_err *err);

/* Decodes a CLAIMS_SET in NDR, as a Kerberos ticket carries it, and appends
 * what Windows makes of it: claims of other sources than the directory and
 * certificates do not count, nor do those without values, and a later claim
 * takes the place of an earlier one of its name. Takes any bytes. */
GU_MUST_CHECK enum gu_rc gu_claims_add_ndr(struct gu_claims *claims,
					   const uint8_t *p, size_t n,
					   struct gu_err *err);

/* Appends one claim as a resource attribute, unpadded. */
void gu_claim_encode(const struct gu_claim *claim, struct gu_buf *out);

#endif
