/* SPDX-License-Identifier: MIT */
#include "sd.h"

#include "le.h"
#include "banned.h"

enum { SD_HEADER = 20 };

void gu_sd_release(struct gu_sd *sd)
{
	gu_acl_release(&sd->dacl);
	gu_acl_release(&sd->sacl);
	*sd = (struct gu_sd)GU_SD_INIT;
}

enum gu_rc
gu_sd_copy(struct gu_sd *dst, const struct gu_sd *src, struct gu_err *err)
{
	struct gu_sd sd = *src;
	enum gu_rc rc;

	sd.dacl = (struct gu_acl)GU_ACL_INIT;
	sd.sacl = (struct gu_acl)GU_ACL_INIT;
	rc = gu_acl_copy(&sd.dacl, &src->dacl, err);
	if (!rc) {
		rc = gu_acl_copy(&sd.sacl, &src->sacl, err);
	}
	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	*dst = sd;
	return GU_RC_OK;
}

const struct gu_ace *gu_sd_label_ace(const struct gu_sd *sd)
{
	if (!(sd->control & GU_SE_SACL_PRESENT)) {
		return NULL;
	}
	for (uint32_t i = 0; i < sd->sacl.count; i++) {
		const struct gu_ace *ace = &sd->sacl.aces[i];

		if (ace->type == GU_ACE_MANDATORY_LABEL &&
		    !(ace->flags & GU_ACE_INHERIT_ONLY) && ace->sid.count) {
			return ace;
		}
	}
	return NULL;
}

bool gu_sd_label(const struct gu_sd *sd, uint32_t *il, uint32_t *policy)
{
	const struct gu_ace *ace = gu_sd_label_ace(sd);

	*il = ace ? ace->sid.sub[ace->sid.count - 1] : GU_IL_MEDIUM;
	*policy = ace ? ace->mask : GU_LABEL_NO_WRITE_UP;
	return ace != NULL;
}

/* Checks one offset field of the header. Sets `*at` to 0 when it is empty. */
static enum gu_rc offset_decode(const uint8_t *p, size_t n, size_t field,
				size_t *at, struct gu_err *err)
{
	*at = gu_le_u32(p + field);
	if (*at && (*at < SD_HEADER || *at >= n)) {
		return gu_err_at(err, field, "offset %zu is out of range", *at);
	}
	return GU_RC_OK;
}

static enum gu_rc shifted(enum gu_rc rc, size_t at, struct gu_err *err)
{
	if (rc && err && err->offset != GU_ERR_NO_OFFSET) {
		err->offset += at;
	}
	return rc;
}

static enum gu_rc sid_decode(struct gu_sid *out, const uint8_t *p, size_t n,
			     size_t field, struct gu_err *err)
{
	size_t at, used;
	enum gu_rc rc = offset_decode(p, n, field, &at, err);

	if (rc || !at) {
		return rc;
	}
	return shifted(gu_sid_decode(out, p + at, n - at, &used, err), at, err);
}

struct acl_field {
	size_t offset;
	uint16_t present;
};

static enum gu_rc acl_decode(struct gu_sd *sd, const uint8_t *p, size_t n,
			     const struct acl_field *field, struct gu_err *err)
{
	bool dacl = field->present == GU_SE_DACL_PRESENT;
	struct gu_acl *acl = dacl ? &sd->dacl : &sd->sacl;
	size_t at;
	enum gu_rc rc;

	if (!(sd->control & field->present)) {
		return GU_RC_OK;
	}
	rc = offset_decode(p, n, field->offset, &at, err);
	if (rc) {
		return rc;
	}
	if (!at) {
		*(dacl ? &sd->null_dacl : &sd->null_sacl) = true;
		return GU_RC_OK;
	}
	return shifted(gu_acl_decode(acl, p + at, n - at, err), at, err);
}

enum gu_rc
gu_sd_decode(struct gu_sd *out, const uint8_t *p, size_t n, struct gu_err *err)
{
	static const struct acl_field sacl = { 12, GU_SE_SACL_PRESENT };
	static const struct acl_field dacl = { 16, GU_SE_DACL_PRESENT };
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc;

	if (n < SD_HEADER) {
		return gu_err_at(err, n,
				 "a descriptor needs 20 bytes and more");
	}
	if (p[0] != 1) {
		return gu_err_at(err, 0, "a descriptor's revision is 1, not %u",
				 p[0]);
	}
	sd.rm_control = p[1];
	sd.control = (uint16_t)(p[2] | p[3] << 8);
	if (!(sd.control & GU_SE_SELF_RELATIVE)) {
		return gu_err_at(err, 2, "the descriptor is not self-relative");
	}
	sd.control &= (uint16_t)~GU_SE_SELF_RELATIVE;
	rc = sid_decode(&sd.owner, p, n, 4, err);
	if (!rc) {
		rc = sid_decode(&sd.group, p, n, 8, err);
	}
	if (!rc) {
		rc = acl_decode(&sd, p, n, &sacl, err);
	}
	if (!rc) {
		rc = acl_decode(&sd, p, n, &dacl, err);
	}
	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	*out = sd;
	return GU_RC_OK;
}

void gu_sd_encode(const struct gu_sd *sd, struct gu_buf *out)
{
	bool sacl = gu_sd_has_sacl(sd);
	bool dacl = gu_sd_has_dacl(sd);
	uint32_t sacl_at = SD_HEADER;
	uint32_t dacl_at = sacl_at + (sacl ? gu_acl_size(&sd->sacl) : 0);
	uint32_t owner_at = dacl_at + (dacl ? gu_acl_size(&sd->dacl) : 0);
	bool owner = gu_sid_is_set(&sd->owner);
	bool group = gu_sid_is_set(&sd->group);
	uint32_t group_at =
		owner_at + (owner ? (uint32_t)gu_sid_size(&sd->owner) : 0);

	gu_buf_addc(out, 1);
	gu_buf_addc(out, (char)sd->rm_control);
	gu_buf_add_u16(out, sd->control | GU_SE_SELF_RELATIVE);
	gu_buf_add_u32(out, owner ? owner_at : 0);
	gu_buf_add_u32(out, group ? group_at : 0);
	gu_buf_add_u32(out, sacl ? sacl_at : 0);
	gu_buf_add_u32(out, dacl ? dacl_at : 0);
	if (sacl) {
		gu_acl_encode(&sd->sacl, out);
	}
	if (dacl) {
		gu_acl_encode(&sd->dacl, out);
	}
	if (owner) {
		gu_sid_encode(&sd->owner, out);
	}
	if (group) {
		gu_sid_encode(&sd->group, out);
	}
}
