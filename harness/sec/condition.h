/* SPDX-License-Identifier: MIT */
#ifndef GU_CONDITION_H
#define GU_CONDITION_H

#include "token.h"

/* Conditional expressions: the application data of callback ACEs, "artx" and
 * a postfix program. Evaluated without allocating, text both ways. Pure. */
enum gu_tri { GU_TRI_FALSE, GU_TRI_TRUE, GU_TRI_UNKNOWN };

/* What a condition may ask about. All borrowed; a NULL list is empty. */
struct gu_condition_env {
	const struct gu_sid *user; /* NULL: the groups are all there is */
	bool user_deny_only;
	bool deny; /* for a deny ACE: deny-only SIDs count as members */
	const struct gu_group *groups;
	size_t group_count;
	const struct gu_group *device_groups;
	size_t device_group_count;
	const struct gu_claims *user_claims;
	const struct gu_claims *device_claims;
	const struct gu_claims *resource; /* gu_condition_attributes */
	const struct gu_claims *local;    /* names without a prefix */
};

/* The token's user, groups and claims; resource and local stay NULL. */
void gu_condition_env_init(struct gu_condition_env *env,
			   const struct gu_token *token);

/* The resource attributes of a SACL, appended to `out`; inherit-only and
 * malformed ones are left out. */
GU_MUST_CHECK enum gu_rc gu_condition_attributes(struct gu_claims *out,
						 const struct gu_acl *sacl,
						 struct gu_err *err);

/* Takes any bytes; what is malformed is unknown. */
enum gu_tri gu_condition_eval(const uint8_t *data, size_t len,
			      const struct gu_condition_env *env);

/* Text to bytes: `text` holds one condition in parentheses, blanks around it
 * allowed, and may go on behind it; `used` is where it ends. Appends the bytes,
 * unpadded. Errors carry the offset from `text`. */
GU_MUST_CHECK enum gu_rc gu_condition_parse(struct gu_buf *out,
					    const char *text, size_t n,
					    const struct gu_sid *domain,
					    size_t *used, struct gu_err *err);

/* Bytes to text, as Windows prints it. Nothing is appended when they are
 * malformed; the offset in err counts from `data`. */
GU_MUST_CHECK enum gu_rc gu_condition_format(const uint8_t *data, size_t len,
					     const struct gu_sid *domain,
					     struct gu_buf *out,
					     struct gu_err *err);

/* The same for the data of a resource attribute ACE,
 * ("name",TS,0x0,"value"). */
GU_MUST_CHECK enum gu_rc gu_attribute_parse(struct gu_buf *out,
					    const char *text, size_t n,
					    const struct gu_sid *domain,
					    size_t *used, struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_attribute_format(const uint8_t *data, size_t len,
					     const struct gu_sid *domain,
					     struct gu_buf *out,
					     struct gu_err *err);

/* False when `data` does not start like a condition ("artx"). */
bool gu_condition_is(const uint8_t *data, size_t len);

#endif
