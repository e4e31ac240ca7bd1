/* SPDX-License-Identifier: MIT */
#ifndef GU_ACL_H
#define GU_ACL_H

#include "sid.h"

/* Access control entries and lists, decoded. An ACL owns its entries and
 * each entry its application data. */
enum gu_ace_type {
	GU_ACE_ALLOW = 0x00,
	GU_ACE_DENY = 0x01,
	GU_ACE_AUDIT = 0x02,
	GU_ACE_ALARM = 0x03,
	GU_ACE_ALLOW_COMPOUND = 0x04,
	GU_ACE_ALLOW_OBJECT = 0x05,
	GU_ACE_DENY_OBJECT = 0x06,
	GU_ACE_AUDIT_OBJECT = 0x07,
	GU_ACE_ALARM_OBJECT = 0x08,
	GU_ACE_ALLOW_CALLBACK = 0x09,
	GU_ACE_DENY_CALLBACK = 0x0A,
	GU_ACE_ALLOW_CALLBACK_OBJECT = 0x0B,
	GU_ACE_DENY_CALLBACK_OBJECT = 0x0C,
	GU_ACE_AUDIT_CALLBACK = 0x0D,
	GU_ACE_ALARM_CALLBACK = 0x0E,
	GU_ACE_AUDIT_CALLBACK_OBJECT = 0x0F,
	GU_ACE_ALARM_CALLBACK_OBJECT = 0x10,
	GU_ACE_MANDATORY_LABEL = 0x11,
	GU_ACE_RESOURCE_ATTRIBUTE = 0x12,
	GU_ACE_SCOPED_POLICY_ID = 0x13,
	GU_ACE_PROCESS_TRUST_LABEL = 0x14,
	GU_ACE_ACCESS_FILTER = 0x15,
};

enum {
	GU_ACE_OBJECT_INHERIT = 0x01,
	GU_ACE_CONTAINER_INHERIT = 0x02,
	GU_ACE_NO_PROPAGATE = 0x04,
	GU_ACE_INHERIT_ONLY = 0x08,
	GU_ACE_INHERITED = 0x10,
	GU_ACE_CRITICAL = 0x20,
	GU_ACE_SUCCESSFUL_ACCESS = 0x40,
	GU_ACE_FAILED_ACCESS = 0x80,
};

enum {
	GU_ACE_OBJECT_TYPE_PRESENT = 1,
	GU_ACE_INHERITED_OBJECT_TYPE_PRESENT = 2,
};

/* SYSTEM_MANDATORY_LABEL_ACE masks. */
enum {
	GU_LABEL_NO_WRITE_UP = 1,
	GU_LABEL_NO_READ_UP = 2,
	GU_LABEL_NO_EXECUTE_UP = 4,
};

struct gu_guid {
	uint8_t bytes[16]; /* as stored by Windows: first three fields LE */
};

struct gu_ace {
	uint8_t type; /* enum gu_ace_type, or any byte read from a file */
	uint8_t flags;
	uint32_t mask;
	uint32_t object_flags; /* GU_ACE_*_TYPE_PRESENT, object ACEs only */
	struct gu_guid object_type;
	struct gu_guid inherited_type;
	struct gu_sid sid;
	uint8_t *data; /* owned application data, NULL when data_len is 0 */
	size_t data_len;
};

struct gu_acl {
	uint8_t revision; /* 2, or 4 once it holds an object ACE */
	uint32_t count;
	uint32_t cap;
	uint32_t bytes; /* of the entries in binary form, kept by append */
	struct gu_ace *aces;
};

#define GU_ACL_INIT                                               \
	{                                                         \
		.revision = 2, .count = 0, .cap = 0, .aces = NULL \
	}
#define GU_ACL_HEADER_BYTES 8

/* Bytes in binary form. */
static inline uint32_t gu_acl_size(const struct gu_acl *acl)
{
	return GU_ACL_HEADER_BYTES + acl->bytes;
}

bool gu_ace_is_object(uint8_t type);
bool gu_ace_is_callback(uint8_t type);

void gu_acl_release(struct gu_acl *acl);

/* Copies `ace`, which is not one of `acl`'s own, and its data; raises the
 * revision for an object ACE. Refuses what would make the binary form longer
 * than 64 KiB. */
GU_MUST_CHECK enum gu_rc
gu_acl_append(struct gu_acl *acl, const struct gu_ace *ace, struct gu_err *err);

/* Appends a basic allow or deny. */
GU_MUST_CHECK enum gu_rc gu_acl_add(struct gu_acl *acl, uint8_t type,
				    uint32_t mask, const struct gu_sid *sid,
				    struct gu_err *err);

/* `dst` is initialized or empty; on failure it is empty. */
GU_MUST_CHECK enum gu_rc
gu_acl_copy(struct gu_acl *dst, const struct gu_acl *src, struct gu_err *err);

/* Binary ACL. decode refuses whatever does not fit, with the offset (from
 * `p`) in err; `out` is initialized and empty. encode writes size and count
 * itself. */
GU_MUST_CHECK enum gu_rc gu_acl_decode(struct gu_acl *out, const uint8_t *p,
				       size_t n, struct gu_err *err);
void gu_acl_encode(const struct gu_acl *acl, struct gu_buf *out);

#endif
