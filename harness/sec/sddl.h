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

enum {
	GU_SECINFO_OWNER = 0x1,
	GU_SECINFO_GROUP = 0x2,
	GU_SECINFO_DACL = 0x4,
	GU_SECINFO_SACL = 0x8,
	GU_SECINFO_LABEL = 0x10,
	GU_SECINFO_ALL = 0x1F,
};

/* Appends the text of the parts asked for. */
void gu_sddl_format(const struct gu_sd *sd, uint32_t secinfo,
		    const struct gu_sid *domain, struct gu_buf *out);

/* Appends one ACE, "(A;;FA;;;SY)". */
void gu_sddl_format_ace(const struct gu_ace *ace, const struct gu_sid *domain,
			struct gu_buf *out);

/* A SID as SDDL takes it: a two-letter code or S-1-... */
GU_MUST_CHECK enum gu_rc
gu_sddl_parse_sid(struct gu_sid *out, const char *s, size_t n,
		  const struct gu_sid *domain, struct gu_err *err);

#endif
