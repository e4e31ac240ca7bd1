/* SPDX-License-Identifier: MIT */
#ifndef GU_EXPLAIN_H
#define GU_EXPLAIN_H

#include "access.h"

/* Telling people how a decision came about: its steps in words, and which
 * single changes would turn it round. Pure. */

/* "dacl", "integrity"; borrowed, static. */
const char *gu_access_stage_name(enum gu_access_stage stage);

/* "user", "group", "no such SID"; "" for GU_MATCH_NONE. Borrowed, static. */
const char *gu_access_match_name(enum gu_access_match match);

/* One line: "dacl: ACE 1 (A;;FR;;;BU) grants 0x1 to S-1-5-32-545
 * (BUILTIN\Users), a group; left 0x2". */
void gu_access_step_format(const struct gu_access_step *step,
			   struct gu_buf *out);

/* A single change that turns a decision round. */
enum gu_flip_kind {
	GU_FLIP_ENABLE_PRIVILEGE,
	GU_FLIP_DISABLE_PRIVILEGE,
	GU_FLIP_ENABLE_SID, /* which the token holds, disabled or deny-only */
	GU_FLIP_JOIN,       /* a group it is not in */
	GU_FLIP_LEAVE,
	GU_FLIP_INTEGRITY,  /* of the token */
	GU_FLIP_UNRESTRICT, /* without its restricting SIDs */
	GU_FLIP_UNCONTAIN,  /* outside its AppContainer */
	GU_FLIP_ADD_CAPABILITY,
	GU_FLIP_REMOVE_ACE,
	GU_FLIP_REMOVE_SACL_ACE, /* a label, filter or policy */
	GU_FLIP_LABEL,           /* of the object */
	GU_FLIP_ALLOW_USER,      /* by an ACE put first */
	GU_FLIP_DENY_USER,
	GU_FLIP_OWN, /* the token's user as the owner */
};

struct gu_flip {
	enum gu_flip_kind kind;
	enum gu_priv priv;
	struct gu_sid sid;
	uint32_t integrity;
	uint32_t mask;            /* of an ACE to add */
	uint16_t ace_index;       /* of an ACE to remove */
	const struct gu_ace *ace; /* the same; borrowed from the descriptor */
};

/* Tries single changes of token and descriptor and hands those that turn the
 * decision round to `found`, in the order of the enum. The decision is granted
 * or denied; a smaller MAXIMUM_ALLOWED is no other one. Without a descriptor,
 * and under an object type list, nothing is tried. */
typedef void (*gu_flip_fn)(void *ctx, const struct gu_flip *flip);
GU_MUST_CHECK enum gu_rc gu_access_flips(const struct gu_access_request *req,
					 gu_flip_fn found, void *ctx,
					 struct gu_err *err);

/* One line, "the token in S-1-5-32-544 (BUILTIN\\Administrators)", to be read
 * after "it would be otherwise with". */
void gu_flip_format(const struct gu_flip *flip, struct gu_buf *out);

#endif
