/* SPDX-License-Identifier: MIT */
#ifndef GU_SD_H
#define GU_SD_H

#include "acl.h"

/* Security descriptors. Control bits are Windows' SE_* values. A DACL that is
 * present with null_dacl set grants all; a present DACL without entries
 * grants nothing. */
enum {
	GU_SE_OWNER_DEFAULTED = 0x0001,
	GU_SE_GROUP_DEFAULTED = 0x0002,
	GU_SE_DACL_PRESENT = 0x0004,
	GU_SE_DACL_DEFAULTED = 0x0008,
	GU_SE_SACL_PRESENT = 0x0010,
	GU_SE_SACL_DEFAULTED = 0x0020,
	GU_SE_DACL_AUTO_INHERIT_REQ = 0x0100,
	GU_SE_SACL_AUTO_INHERIT_REQ = 0x0200,
	GU_SE_DACL_AUTO_INHERITED = 0x0400,
	GU_SE_SACL_AUTO_INHERITED = 0x0800,
	GU_SE_DACL_PROTECTED = 0x1000,
	GU_SE_SACL_PROTECTED = 0x2000,
	GU_SE_RM_CONTROL_VALID = 0x4000,
	GU_SE_SELF_RELATIVE = 0x8000,
};

struct gu_sd {
	uint16_t control;
	uint8_t rm_control; /* the Sbz1 byte */
	bool null_dacl;     /* SE_DACL_PRESENT with a NULL pointer */
	bool null_sacl;
	struct gu_sid owner; /* revision 0: absent */
	struct gu_sid group;
	struct gu_acl dacl; /* owned */
	struct gu_acl sacl;
};

#define GU_SD_INIT                                                     \
	{                                                              \
		.control = 0, .dacl = GU_ACL_INIT, .sacl = GU_ACL_INIT \
	}

void gu_sd_release(struct gu_sd *sd);

/* `dst` is initialized and empty; on failure it stays so. */
GU_MUST_CHECK enum gu_rc
gu_sd_copy(struct gu_sd *dst, const struct gu_sd *src, struct gu_err *err);

/* True when there is a DACL with entries that are to be looked at. */
static inline bool gu_sd_has_dacl(const struct gu_sd *sd)
{
	return (sd->control & GU_SE_DACL_PRESENT) && !sd->null_dacl;
}

static inline bool gu_sd_has_sacl(const struct gu_sd *sd)
{
	return (sd->control & GU_SE_SACL_PRESENT) && !sd->null_sacl;
}

/* The mandatory label: the first label ACE of the SACL that is not
 * inherit-only. Without one: Medium and no-write-up (returns false). */
bool gu_sd_label(const struct gu_sd *sd, uint32_t *il, uint32_t *policy);

/* That ACE itself, or NULL. Borrowed from `sd`. */
const struct gu_ace *gu_sd_label_ace(const struct gu_sd *sd);

/* Self-relative form. decode takes any bytes: either a valid descriptor or an
 * error with the offset. `out` is initialized and empty; its control bits do
 * not keep SELF_RELATIVE. encode lays out header, SACL, DACL, owner, group. */
GU_MUST_CHECK enum gu_rc
gu_sd_decode(struct gu_sd *out, const uint8_t *p, size_t n, struct gu_err *err);
void gu_sd_encode(const struct gu_sd *sd, struct gu_buf *out);

#endif
