/* SPDX-License-Identifier: MIT */
#ifndef GU_SDDL_H
#define GU_SDDL_H

#include "sd.h"

/* Security descriptor definition language, both ways. `domain` resolves the
 * domain-relative codes (LA, DA...); NULL means S-1-5-21-0-0-0. Parse errors
 * carry the byte offset and say what was expected. */
GU_MUST_CHECK enum gu_rc gu_sddl_parse(struct gu_sd *out, const char *text,
				       const struct gu_sid *domain,
				       struct gu_err *err);

/* The same as ConvertStringSecurityDescriptorToSecurityDescriptor sees it:
 * with a revision, which must be 1, and its last error when it refuses. */
enum {
	GU_SDDL_REVISION = 1,
	GU_SDDL_INVALID_PARAMETER = 87,
	GU_SDDL_UNKNOWN_REVISION = 1305,
	GU_SDDL_INVALID_ACL = 1336,
	GU_SDDL_INVALID_SID = 1337,
};
struct gu_sddl_reading {
	const struct gu_sid *domain;
	uint32_t revision;
	uint32_t last_error; /* set on refusal */
};
GU_MUST_CHECK enum gu_rc gu_sddl_read(struct gu_sd *out, const char *text,
				      struct gu_sddl_reading *reading,
				      struct gu_err *err);

enum {
	GU_SECINFO_OWNER = 0x1,
	GU_SECINFO_GROUP = 0x2,
	GU_SECINFO_DACL = 0x4,
	GU_SECINFO_SACL = 0x8,
	GU_SECINFO_LABEL = 0x10,
	GU_SECINFO_ATTRIBUTE = 0x20,
	GU_SECINFO_SCOPE = 0x40,
	GU_SECINFO_TRUST_LABEL = 0x80,
	GU_SECINFO_FILTER = 0x100,
	GU_SECINFO_ALL = 0x1FF,
	GU_SECINFO_SACL_PARTS = 0x1F8, /* the SACL and what it holds */
};

/* Which of GU_SECINFO_SACL_PARTS an entry of a SACL is, each read and set apart
 * from the others; GU_SECINFO_SACL: an entry for the audit. */
uint32_t gu_ace_secinfo(const struct gu_ace *ace);

/* Appends the text of the parts asked for. False when some of it is for human
 * eyes only: an ACE of a type without a name (0x4), or with data that does not
 * parse (#hex). */
bool gu_sddl_format(const struct gu_sd *sd, uint32_t secinfo,
		    const struct gu_sid *domain, struct gu_buf *out);

/* Appends one ACE, "(A;;FA;;;SY)". */
bool gu_sddl_format_ace(const struct gu_ace *ace, const struct gu_sid *domain,
			struct gu_buf *out);

/* A SID as SDDL takes it: a two-letter code or S-1-... */
GU_MUST_CHECK enum gu_rc
gu_sddl_parse_sid(struct gu_sid *out, const char *s, size_t n,
		  const struct gu_sid *domain, struct gu_err *err);

#endif
