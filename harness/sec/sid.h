/* SPDX-License-Identifier: MIT */
#ifndef GU_SID_H
#define GU_SID_H

#include "buf.h"
#include "err.h"

/* Security identifiers, by value. `authority` is the 48-bit identifier
 * authority as a number. Pure; any thread. */
#define GU_SID_MAX_SUBS  15
#define GU_SID_MAX_BYTES (8 + 4 * GU_SID_MAX_SUBS)
#define GU_SID_TEXT_MAX  192

struct gu_sid {
	uint64_t authority;
	uint8_t revision; /* 1; 0 marks an unset SID */
	uint8_t count;    /* of sub, 0..15 */
	uint32_t sub[GU_SID_MAX_SUBS];
};

#define GU_SID_NONE           \
	{                     \
		.revision = 0 \
	}

static inline bool gu_sid_is_set(const struct gu_sid *sid)
{
	return sid->revision != 0;
}

bool gu_sid_equal(const struct gu_sid *a, const struct gu_sid *b);

/* Total order for sorting: authority, then subauthorities. */
int gu_sid_compare(const struct gu_sid *a, const struct gu_sid *b);

/* True when `sid` is `domain` plus exactly one more subauthority. */
bool gu_sid_in_domain(const struct gu_sid *sid, const struct gu_sid *domain);

/* Domain plus RID. False when there is no room for one more. */
GU_MUST_CHECK bool
gu_sid_append(struct gu_sid *out, const struct gu_sid *domain, uint32_t rid);

/* S-1-... in Windows' syntax: authority decimal or 0x hex, subauthorities
 * decimal or hex; exactly `n` bytes. Does not know SDDL codes. */
GU_MUST_CHECK enum gu_rc
gu_sid_parse(struct gu_sid *out, const char *s, size_t n, struct gu_err *err);

/* "S-1-5-32-544"; authorities of 2^32 and above print as 0x hex, as
 * ConvertSidToStringSid does. */
void gu_sid_format(const struct gu_sid *sid, struct gu_buf *out);

/* The same into a fixed array; returns `text`. */
const char *gu_sid_text(const struct gu_sid *sid, char text[GU_SID_TEXT_MAX]);

/* Binary form. decode reads at most `n` bytes and sets `*used`; errors name
 * the offset. */
GU_MUST_CHECK enum gu_rc gu_sid_decode(struct gu_sid *out, const uint8_t *p,
				       size_t n, size_t *used,
				       struct gu_err *err);
void gu_sid_encode(const struct gu_sid *sid, struct gu_buf *out);
size_t gu_sid_size(const struct gu_sid *sid);

/* Well-known SIDs (semantics: SDDL codes and WELL_KNOWN_SID_TYPE). The enum
 * values are Windows' own WELL_KNOWN_SID_TYPE numbers where it has one. */
enum gu_wk {
#define GU_WK(id, value, text, sddl, name) GU_WK_##id = (value),
#include "wellknown.def"
#undef GU_WK
};

/* Borrowed, static. NULL for domain-relative ones: see
 * gu_sid_create_well_known. */
const struct gu_sid *gu_sid_well_known(enum gu_wk wk);

/* CreateWellKnownSid: `type` is a WELL_KNOWN_SID_TYPE number, `domain` may be
 * NULL where the SID does not need one. GU_RC_USAGE when there is no such
 * type or the domain is missing. */
GU_MUST_CHECK enum gu_rc
gu_sid_create_well_known(struct gu_sid *out, uint32_t type,
			 const struct gu_sid *domain, struct gu_err *err);

/* Two-letter SDDL codes. `domain` (NULL: the null domain S-1-5-21-0-0-0)
 * completes the domain-relative ones. */
GU_MUST_CHECK bool gu_sid_from_sddl_code(struct gu_sid *out, const char code[2],
					 const struct gu_sid *domain);

/* The code that SDDL prints for it, or NULL. Borrowed, static. */
const char *
gu_sid_sddl_code(const struct gu_sid *sid, const struct gu_sid *domain);

/* "BUILTIN\\Administrators", "NT AUTHORITY\\SYSTEM", "Everyone"... both ways,
 * case-insensitive; the authority part may be left off where that is
 * unambiguous. NULL or false when unknown. Borrowed, static. */
const char *gu_sid_name(const struct gu_sid *sid);
GU_MUST_CHECK bool gu_sid_from_name(struct gu_sid *out, const char *name);

/* Integrity levels: S-1-16-x. */
enum gu_il {
	GU_IL_UNTRUSTED = 0x0000,
	GU_IL_LOW = 0x1000,
	GU_IL_MEDIUM = 0x2000,
	GU_IL_MEDIUM_PLUS = 0x2100,
	GU_IL_HIGH = 0x3000,
	GU_IL_SYSTEM = 0x4000,
	GU_IL_PROTECTED = 0x5000,
};
void gu_sid_from_il(struct gu_sid *out, uint32_t il);

/* "Low", "Medium" ... for exact levels, else NULL. Borrowed, static. */
const char *gu_il_name(uint32_t il);
GU_MUST_CHECK bool gu_il_from_name(uint32_t *out, const char *name);

#endif
