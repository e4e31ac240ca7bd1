/* SPDX-License-Identifier: MIT */
#include "acl.h"

#include <string.h>

#include "alloc.h"
#include "le.h"
#include "banned.h"

enum {
	ACL_HEADER = GU_ACL_HEADER_BYTES,
	ACE_HEADER = 4,
	ACL_MAX_BYTES = 0xFFFC, /* AclSize is 16 bits wide, ACEs are aligned */
	REVISION = 2,
	REVISION_DS = 4,
};

enum layout {
	LAYOUT_PLAIN,  /* mask, SID, data */
	LAYOUT_OBJECT, /* mask, flags, GUIDs, SID, data */
	LAYOUT_OPAQUE, /* data only */
};

bool gu_ace_is_object(uint8_t type)
{
	return (type >= GU_ACE_ALLOW_OBJECT && type <= GU_ACE_ALARM_OBJECT) ||
	       type == GU_ACE_ALLOW_CALLBACK_OBJECT ||
	       type == GU_ACE_DENY_CALLBACK_OBJECT ||
	       type == GU_ACE_AUDIT_CALLBACK_OBJECT ||
	       type == GU_ACE_ALARM_CALLBACK_OBJECT;
}

bool gu_ace_is_callback(uint8_t type)
{
	return type >= GU_ACE_ALLOW_CALLBACK &&
	       type <= GU_ACE_ALARM_CALLBACK_OBJECT;
}

static enum layout ace_layout(uint8_t type)
{
	if (gu_ace_is_object(type)) {
		return LAYOUT_OBJECT;
	}
	if (type == GU_ACE_ALLOW_COMPOUND || type > GU_ACE_ACCESS_FILTER) {
		return LAYOUT_OPAQUE;
	}
	return LAYOUT_PLAIN;
}

static size_t guid_bytes(const struct gu_ace *ace)
{
	size_t n = 0;

	if (ace->object_flags & GU_ACE_OBJECT_TYPE_PRESENT) {
		n += sizeof(struct gu_guid);
	}
	if (ace->object_flags & GU_ACE_INHERITED_OBJECT_TYPE_PRESENT) {
		n += sizeof(struct gu_guid);
	}
	return n;
}

/* In binary form, padded to 4 bytes. */
static size_t ace_bytes(const struct gu_ace *ace)
{
	size_t n = ACE_HEADER + ace->data_len;

	switch (ace_layout(ace->type)) {
	case LAYOUT_PLAIN:
		n += 4 + gu_sid_size(&ace->sid);
		break;
	case LAYOUT_OBJECT:
		n += 8 + guid_bytes(ace) + gu_sid_size(&ace->sid);
		break;
	case LAYOUT_OPAQUE:
		break;
	}
	return (n + 3) & ~(size_t)3;
}

void gu_acl_release(struct gu_acl *acl)
{
	for (uint32_t i = 0; i < acl->count; i++) {
		gu_free(acl->aces[i].data);
	}
	gu_free(acl->aces);
	*acl = (struct gu_acl)GU_ACL_INIT;
}

static bool acl_reserve(struct gu_acl *acl)
{
	uint32_t cap = acl->cap ? acl->cap * 2 : 8;
	struct gu_ace *aces;

	if (acl->count < acl->cap) {
		return true;
	}
	aces = gu_realloc(acl->aces, cap, sizeof(*aces));
	if (!aces) {
		return false;
	}
	acl->aces = aces;
	acl->cap = cap;
	return true;
}

enum gu_rc
gu_acl_append(struct gu_acl *acl, const struct gu_ace *ace, struct gu_err *err)
{
	size_t bytes = ace_bytes(ace);
	uint8_t *data = NULL;

	if (gu_acl_size(acl) + bytes > ACL_MAX_BYTES) {
		return gu_err_set(err, GU_RC_USAGE,
				  "an ACL holds less than 64 KiB");
	}
	if (!acl_reserve(acl)) {
		return gu_err_nomem(err);
	}
	if (ace->data_len) {
		data = (uint8_t *)gu_strndup((const char *)ace->data,
					     ace->data_len);
		if (!data) {
			return gu_err_nomem(err);
		}
	}
	if (gu_ace_is_object(ace->type)) {
		acl->revision = REVISION_DS;
	}
	acl->aces[acl->count] = *ace;
	acl->aces[acl->count++].data = data;
	acl->bytes += (uint32_t)bytes;
	return GU_RC_OK;
}

enum gu_rc gu_acl_add(struct gu_acl *acl, uint8_t type, uint32_t mask,
		      const struct gu_sid *sid, struct gu_err *err)
{
	struct gu_ace ace = { .type = type, .mask = mask, .sid = *sid };

	return gu_acl_append(acl, &ace, err);
}

enum gu_rc
gu_acl_copy(struct gu_acl *dst, const struct gu_acl *src, struct gu_err *err)
{
	enum gu_rc rc;

	gu_acl_release(dst);
	for (uint32_t i = 0; i < src->count; i++) {
		rc = gu_acl_append(dst, &src->aces[i], err);
		if (rc) {
			gu_acl_release(dst);
			return rc;
		}
	}
	dst->revision = src->revision ? src->revision : REVISION;
	return GU_RC_OK;
}

/* A cursor over one ACE; offsets in errors count from the ACL's start. */
struct reader {
	const uint8_t *base;
	size_t at;
	size_t end;
};

static bool read_u32(struct reader *r, uint32_t *out)
{
	if (r->end - r->at < 4) {
		return false;
	}
	*out = gu_le_u32(r->base + r->at);
	r->at += 4;
	return true;
}

static bool read_guid(struct reader *r, struct gu_guid *out)
{
	if (r->end - r->at < sizeof(out->bytes)) {
		return false;
	}
	memcpy(out->bytes, r->base + r->at, sizeof(out->bytes));
	r->at += sizeof(out->bytes);
	return true;
}

static bool read_object(struct reader *r, struct gu_ace *ace)
{
	if (!read_u32(r, &ace->object_flags)) {
		return false;
	}
	if ((ace->object_flags & GU_ACE_OBJECT_TYPE_PRESENT) &&
	    !read_guid(r, &ace->object_type)) {
		return false;
	}
	return !(ace->object_flags & GU_ACE_INHERITED_OBJECT_TYPE_PRESENT) ||
	       read_guid(r, &ace->inherited_type);
}

static enum gu_rc
read_sid(struct reader *r, struct gu_sid *sid, struct gu_err *err)
{
	size_t used;
	enum gu_rc rc =
		gu_sid_decode(sid, r->base + r->at, r->end - r->at, &used, err);

	if (rc) {
		if (err) {
			err->offset += r->at;
		}
		return rc;
	}
	r->at += used;
	return GU_RC_OK;
}

static enum gu_rc
ace_decode(struct gu_acl *acl, struct reader *r, struct gu_err *err)
{
	struct gu_ace ace = { .type = r->base[r->at],
			      .flags = r->base[r->at + 1] };
	enum layout layout = ace_layout(ace.type);
	enum gu_rc rc;

	r->at += ACE_HEADER;
	if (layout != LAYOUT_OPAQUE &&
	    (!read_u32(r, &ace.mask) ||
	     (layout == LAYOUT_OBJECT && !read_object(r, &ace)))) {
		return gu_err_at(err, r->at, "the ACE is too short");
	}
	if (layout != LAYOUT_OPAQUE) {
		rc = read_sid(r, &ace.sid, err);
		if (rc) {
			return rc;
		}
	}
	ace.data_len = r->end - r->at;
	/* Only read: append copies it. */
	ace.data = (uint8_t *)(r->base + r->at);
	return gu_acl_append(acl, &ace, err);
}

static enum gu_rc
aces_decode(struct gu_acl *acl, const uint8_t *p, struct gu_err *err)
{
	size_t size = gu_le_u16(p + 2);
	struct reader r = { .base = p, .at = ACL_HEADER };

	for (uint32_t i = gu_le_u16(p + 4); i; i--) {
		size_t len;
		enum gu_rc rc;

		if (size - r.at < ACE_HEADER) {
			return gu_err_at(err, r.at,
					 "the ACL ends before its last ACE");
		}
		len = gu_le_u16(p + r.at + 2);
		if (len < ACE_HEADER || len % 4 || len > size - r.at) {
			return gu_err_at(err, r.at + 2,
					 "an ACE of %zu bytes does not fit",
					 len);
		}
		r.end = r.at + len;
		rc = ace_decode(acl, &r, err);
		if (rc) {
			return rc;
		}
		r.at = r.end;
	}
	return GU_RC_OK;
}

enum gu_rc gu_acl_decode(struct gu_acl *out, const uint8_t *p, size_t n,
			 struct gu_err *err)
{
	struct gu_acl acl = GU_ACL_INIT;
	enum gu_rc rc;

	if (n < ACL_HEADER) {
		return gu_err_at(err, n, "an ACL needs 8 bytes and more");
	}
	if (p[0] < REVISION || p[0] > REVISION_DS) {
		return gu_err_at(err, 0, "an ACL's revision is 2 to 4, not %u",
				 p[0]);
	}
	if (gu_le_u16(p + 2) < ACL_HEADER || gu_le_u16(p + 2) > n) {
		return gu_err_at(err, 2, "an ACL of %u bytes does not fit",
				 gu_le_u16(p + 2));
	}
	rc = aces_decode(&acl, p, err);
	if (rc) {
		gu_acl_release(&acl);
		return rc;
	}
	acl.revision = p[0];
	*out = acl;
	return GU_RC_OK;
}

static void guid_encode(const struct gu_guid *guid, struct gu_buf *out)
{
	gu_buf_add(out, guid->bytes, sizeof(guid->bytes));
}

static void ace_encode(const struct gu_ace *ace, struct gu_buf *out)
{
	static const uint8_t zeros[4];
	enum layout layout = ace_layout(ace->type);

	gu_buf_addc(out, (char)ace->type);
	gu_buf_addc(out, (char)ace->flags);
	gu_buf_add_u16(out, (uint16_t)ace_bytes(ace));
	if (layout != LAYOUT_OPAQUE) {
		gu_buf_add_u32(out, ace->mask);
	}
	if (layout == LAYOUT_OBJECT) {
		gu_buf_add_u32(out, ace->object_flags);
		if (ace->object_flags & GU_ACE_OBJECT_TYPE_PRESENT) {
			guid_encode(&ace->object_type, out);
		}
		if (ace->object_flags & GU_ACE_INHERITED_OBJECT_TYPE_PRESENT) {
			guid_encode(&ace->inherited_type, out);
		}
	}
	if (layout != LAYOUT_OPAQUE) {
		gu_sid_encode(&ace->sid, out);
	}
	gu_buf_add(out, ace->data, ace->data_len);
	gu_buf_add(out, zeros, -ace->data_len & 3);
}

void gu_acl_encode(const struct gu_acl *acl, struct gu_buf *out)
{
	gu_buf_addc(out, (char)acl->revision);
	gu_buf_addc(out, 0);
	gu_buf_add_u16(out, (uint16_t)gu_acl_size(acl));
	gu_buf_add_u16(out, (uint16_t)acl->count);
	gu_buf_add_u16(out, 0);
	for (uint32_t i = 0; i < acl->count; i++) {
		ace_encode(&acl->aces[i], out);
	}
}
