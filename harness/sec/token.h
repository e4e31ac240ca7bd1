/* SPDX-License-Identifier: MIT */
#ifndef GU_TOKEN_H
#define GU_TOKEN_H

#include "acl.h"
#include "claim.h"

/* Tokens: who a thread acts as, and how far. Counted references; a token that
 * is shared never changes: adjust a copy. This floor never asks the platform.
 * Reference counts are atomic; the rest of a token is read-only once shared,
 * so any thread may read. */
enum gu_level {
	GU_LEVEL_ANONYMOUS = 0,
	GU_LEVEL_IDENTIFICATION = 1,
	GU_LEVEL_IMPERSONATION = 2,
	GU_LEVEL_DELEGATION = 3,
};

/* "Impersonation"; borrowed, static. */
const char *gu_level_name(enum gu_level level);

/* Takes "Impersonation" and "SecurityImpersonation", any case. */
GU_MUST_CHECK bool gu_level_parse(enum gu_level *out, const char *s);

enum gu_token_type { GU_TOKEN_PRIMARY = 1, GU_TOKEN_IMPERSONATION = 2 };

enum {
	GU_GROUP_MANDATORY = 0x1,
	GU_GROUP_ENABLED_BY_DEFAULT = 0x2,
	GU_GROUP_ENABLED = 0x4,
	GU_GROUP_OWNER = 0x8,
	GU_GROUP_DENY_ONLY = 0x10,
	GU_GROUP_INTEGRITY = 0x20,
	GU_GROUP_INTEGRITY_ENABLED = 0x40,
	GU_GROUP_RESOURCE = 0x20000000,
	GU_GROUP_LOGON_ID = (int)0xC0000000,
};

struct gu_group {
	struct gu_sid sid;
	uint32_t attributes;
};

/* Privileges by LUID low part (2..36); the name table is privilege.def. */
enum gu_priv {
#define GU_PRIV(luid, name) GU_PRIV_##name = (luid),
#include "privilege.def"
#undef GU_PRIV
	GU_PRIV_COUNT = 37,
};

/* "SeImpersonatePrivilege"; NULL when there is none. Borrowed, static. */
const char *gu_priv_name(uint32_t luid);

/* Takes the full name, any case. */
GU_MUST_CHECK bool gu_priv_parse(enum gu_priv *out, const char *name);

/* A set of privileges, one bit per LUID. */
typedef uint64_t gu_privset;
#define GU_PRIV_BIT(p) (UINT64_C(1) << (p))

enum {
	GU_TOKEN_POLICY_NO_WRITE_UP = 1,
	GU_TOKEN_POLICY_NEW_PROCESS_MIN = 2,
};

enum {
	GU_TOKEN_SANDBOX_INERT = 0x1,
	GU_TOKEN_WRITE_RESTRICTED = 0x2,
	GU_TOKEN_LPAC = 0x4,
	GU_TOKEN_EFFECTIVE_ONLY = 0x8,    /* disabled parts were removed */
	GU_TOKEN_SYSTEM_ANONYMOUS = 0x10, /* the system's own anonymous token */
	/* Filtered until no restricting SID was left: still restricted. */
	GU_TOKEN_RESTRICTED_TO_NONE = 0x20,
};

enum gu_elevation {
	GU_ELEVATION_DEFAULT = 1,
	GU_ELEVATION_FULL = 2,
	GU_ELEVATION_LIMITED = 3,
};

/* Fixed logon session ids (AuthenticationId). */
#define GU_AUTHID_SYSTEM          UINT64_C(0x3e7)
#define GU_AUTHID_ANONYMOUS       UINT64_C(0x3e6)
#define GU_AUTHID_LOCAL_SERVICE   UINT64_C(0x3e5)
#define GU_AUTHID_NETWORK_SERVICE UINT64_C(0x3e4)

struct gu_token {
	unsigned refs; /* atomic; use ref and unref */
	enum gu_token_type type;
	enum gu_level level; /* impersonation tokens only */
	struct gu_sid user;
	bool user_deny_only;
	uint32_t integrity; /* RID of the label */
	uint32_t policy;    /* GU_TOKEN_POLICY_* */
	uint32_t flags;     /* GU_TOKEN_SANDBOX_INERT ... */
	enum gu_elevation elevation;
	uint32_t session;

	size_t group_count;
	struct gu_group *groups; /* owned; the label is not among them */
	size_t restricted_count; /* >0: a restricted token */
	struct gu_group *restricted;
	size_t capability_count;
	struct gu_group *capabilities;
	struct gu_sid package; /* set: an AppContainer */
	struct gu_sid trust;   /* process trust, S-1-19-type-level, or unset */
	size_t device_group_count;
	struct gu_group *device_groups; /* owned */
	struct gu_claims user_claims;   /* owned */
	struct gu_claims device_claims; /* owned */

	gu_privset present;
	gu_privset enabled;
	gu_privset default_enabled;

	struct gu_sid owner; /* default owner of new objects */
	struct gu_sid primary_group;
	struct gu_acl default_dacl; /* owned */
	bool has_default_dacl;

	uint64_t token_id;       /* unique per token object */
	uint64_t auth_id;        /* logon session it belongs to */
	uint64_t modified_id;    /* changes with every adjustment */
	uint64_t origin_auth_id; /* logon session that made it, or 0 */
};

/* New, one reference, everything zero but refs, primary, Medium integrity,
 * NO_WRITE_UP policy. */
GU_MUST_CHECK enum gu_rc
gu_token_new(struct gu_token **out, struct gu_err *err);

/* New and unshared: a deep copy to adjust, same ids. */
GU_MUST_CHECK enum gu_rc gu_token_copy(const struct gu_token *src,
				       struct gu_token **out,
				       struct gu_err *err);

struct gu_token *gu_token_ref(const struct gu_token *token);
void gu_token_unref(const struct gu_token *token); /* NULL is fine */

/* Builders, for unshared tokens only. */
GU_MUST_CHECK enum gu_rc
gu_token_add_group(struct gu_token *token, const struct gu_sid *sid,
		   uint32_t attributes, struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_token_add_restricted(struct gu_token *token,
						 const struct gu_sid *sid,
						 struct gu_err *err);
GU_MUST_CHECK enum gu_rc gu_token_add_capability(struct gu_token *token,
						 const struct gu_sid *sid,
						 struct gu_err *err);
GU_MUST_CHECK enum gu_rc
gu_token_add_device_group(struct gu_token *token, const struct gu_sid *sid,
			  uint32_t attributes, struct gu_err *err);

/* Removes disabled privileges and disabled groups, for good; deny-only groups
 * stay. */
void gu_token_make_effective_only(struct gu_token *token);

/* A SID in a list of groups, as the access check sees it: disabled groups do
 * not count, deny-only ones for `deny` alone. */
bool gu_groups_have(const struct gu_group *groups, size_t count,
		    const struct gu_sid *sid, bool deny);

/* Group membership as the access check sees it. `deny` asks for a deny ACE,
 * which deny-only SIDs match too. */
bool gu_token_has_sid(const struct gu_token *token, const struct gu_sid *sid,
		      bool deny);

/* The group entry of that SID, or NULL. Borrowed. */
struct gu_group *
gu_token_find_group(const struct gu_token *token, const struct gu_sid *sid);

static inline bool gu_token_is_restricted(const struct gu_token *token)
{
	return token->restricted_count != 0 ||
	       (token->flags & GU_TOKEN_RESTRICTED_TO_NONE);
}

static inline bool
gu_token_has_priv(const struct gu_token *token, enum gu_priv priv)
{
	return (token->enabled & GU_PRIV_BIT(priv)) != 0;
}

/* It impersonates at a level that opens nothing. */
static inline bool gu_token_is_powerless(const struct gu_token *token)
{
	return token->type == GU_TOKEN_IMPERSONATION &&
	       token->level < GU_LEVEL_IMPERSONATION;
}

/* SePrivilegeCheck: a privilege counts for nothing below Impersonation. */
static inline bool
gu_token_privileged(const struct gu_token *token, enum gu_priv priv)
{
	return !gu_token_is_powerless(token) && gu_token_has_priv(token, priv);
}

/* CreateRestrictedToken: a new token from `src`. Unknown SIDs and privileges
 * are ignored; restricting SIDs of an already restricted token are
 * intersected. Keeps type, level, auth_id, origin. The caller sets
 * token_id. */
enum {
	GU_DISABLE_MAX_PRIVILEGE = 0x1,
	GU_SANDBOX_INERT = 0x2,
	GU_LUA_TOKEN = 0x4,
	GU_WRITE_RESTRICTED = 0x8,
};
struct gu_token_filter {
	uint32_t flags;
	const struct gu_sid *disable;
	size_t disable_count;
	gu_privset remove;
	const struct gu_sid *restrict_to;
	size_t restrict_count;
};
GU_MUST_CHECK enum gu_rc gu_token_filter(const struct gu_token *src,
					 const struct gu_token_filter *filter,
					 struct gu_token **out,
					 struct gu_err *err);

#endif
