/* SPDX-License-Identifier: MIT */
#include "token.h"

#include <string.h>

#include "alloc.h"
#include "text.h"
#include "banned.h"

static const char *const level_names[] = {
	[GU_LEVEL_ANONYMOUS] = "Anonymous",
	[GU_LEVEL_IDENTIFICATION] = "Identification",
	[GU_LEVEL_IMPERSONATION] = "Impersonation",
	[GU_LEVEL_DELEGATION] = "Delegation",
};

static const char *const priv_names[GU_PRIV_COUNT] = {
#define GU_PRIV(luid, name) [luid] = "Se" #name "Privilege",
#include "privilege.def"
#undef GU_PRIV
};

const char *gu_level_name(enum gu_level level)
{
	return (unsigned)level <= GU_LEVEL_DELEGATION ? level_names[level]
						      : "Unknown";
}

bool gu_level_parse(enum gu_level *out, const char *s)
{
	if (gu_strncasecmp(s, "Security", 8) == 0) {
		s += 8;
	}
	for (int i = GU_LEVEL_ANONYMOUS; i <= GU_LEVEL_DELEGATION; i++) {
		if (gu_strcasecmp(s, level_names[i]) == 0) {
			*out = (enum gu_level)i;
			return true;
		}
	}
	return false;
}

const char *gu_priv_name(uint32_t luid)
{
	return luid < GU_PRIV_COUNT ? priv_names[luid] : NULL;
}

bool gu_priv_parse(enum gu_priv *out, const char *name)
{
	for (int i = 0; i < GU_PRIV_COUNT; i++) {
		if (priv_names[i] && gu_strcasecmp(name, priv_names[i]) == 0) {
			*out = (enum gu_priv)i;
			return true;
		}
	}
	return false;
}

enum gu_rc gu_token_new(struct gu_token **out, struct gu_err *err)
{
	struct gu_token *token = gu_calloc(1, sizeof(*token));

	if (!token) {
		return gu_err_nomem(err);
	}
	token->refs = 1;
	token->type = GU_TOKEN_PRIMARY;
	token->integrity = GU_IL_MEDIUM;
	token->policy = GU_TOKEN_POLICY_NO_WRITE_UP;
	token->elevation = GU_ELEVATION_DEFAULT;
	token->default_dacl = (struct gu_acl)GU_ACL_INIT;
	*out = token;
	return GU_RC_OK;
}

struct gu_token *gu_token_ref(const struct gu_token *token)
{
	/* Counting is the one change a shared token allows. */
	struct gu_token *t = (struct gu_token *)token;

	__atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
	return t;
}

void gu_token_unref(const struct gu_token *token)
{
	struct gu_token *t = (struct gu_token *)token;

	if (!t || __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL)) {
		return;
	}
	gu_free(t->groups);
	gu_free(t->restricted);
	gu_free(t->capabilities);
	gu_free(t->device_groups);
	gu_claims_release(&t->user_claims);
	gu_claims_release(&t->device_claims);
	gu_acl_release(&t->default_dacl);
	gu_free(t);
}

static bool
groups_copy(struct gu_group **dst, const struct gu_group *src, size_t n)
{
	*dst = NULL;
	if (n == 0) {
		return true;
	}
	*dst = gu_calloc(n, sizeof(**dst));
	if (!*dst) {
		return false;
	}
	memcpy(*dst, src, n * sizeof(**dst));
	return true;
}

enum gu_rc gu_token_copy(const struct gu_token *src, struct gu_token **out,
			 struct gu_err *err)
{
	struct gu_token *t = gu_calloc(1, sizeof(*t));
	enum gu_rc rc;

	if (!t) {
		return gu_err_nomem(err);
	}
	*t = *src;
	t->refs = 1;
	t->groups = t->restricted = t->capabilities = NULL;
	t->device_groups = NULL;
	t->user_claims = (struct gu_claims)GU_CLAIMS_INIT;
	t->device_claims = (struct gu_claims)GU_CLAIMS_INIT;
	t->default_dacl = (struct gu_acl)GU_ACL_INIT;
	if (!groups_copy(&t->groups, src->groups, src->group_count) ||
	    !groups_copy(&t->restricted, src->restricted,
			 src->restricted_count) ||
	    !groups_copy(&t->capabilities, src->capabilities,
			 src->capability_count) ||
	    !groups_copy(&t->device_groups, src->device_groups,
			 src->device_group_count)) {
		rc = gu_err_nomem(err);
		goto out;
	}
	rc = gu_claims_copy(&t->user_claims, &src->user_claims, err);
	if (!rc) {
		rc = gu_claims_copy(&t->device_claims, &src->device_claims,
				    err);
	}
	if (!rc) {
		rc = gu_acl_copy(&t->default_dacl, &src->default_dacl, err);
	}
out:
	if (rc) {
		gu_token_unref(t);
		return rc;
	}
	*out = t;
	return GU_RC_OK;
}

static enum gu_rc groups_add(struct gu_group **list, size_t *count,
			     const struct gu_group *group, struct gu_err *err)
{
	struct gu_group *grown = gu_realloc(*list, *count + 1, sizeof(**list));

	if (!grown) {
		return gu_err_nomem(err);
	}
	*list = grown;
	grown[(*count)++] = *group;
	return GU_RC_OK;
}

enum gu_rc gu_token_add_group(struct gu_token *token, const struct gu_sid *sid,
			      uint32_t attributes, struct gu_err *err)
{
	struct gu_group group = { .sid = *sid, .attributes = attributes };

	return groups_add(&token->groups, &token->group_count, &group, err);
}

enum {
	ATTRIBUTES_FIXED = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
			   GU_GROUP_ENABLED,
};

enum gu_rc gu_token_add_restricted(struct gu_token *token,
				   const struct gu_sid *sid, struct gu_err *err)
{
	struct gu_group group = { .sid = *sid, .attributes = ATTRIBUTES_FIXED };

	return groups_add(&token->restricted, &token->restricted_count, &group,
			  err);
}

enum gu_rc gu_token_add_capability(struct gu_token *token,
				   const struct gu_sid *sid, struct gu_err *err)
{
	struct gu_group group = { .sid = *sid, .attributes = GU_GROUP_ENABLED };

	return groups_add(&token->capabilities, &token->capability_count,
			  &group, err);
}

enum gu_rc gu_token_add_device_group(struct gu_token *token,
				     const struct gu_sid *sid,
				     uint32_t attributes, struct gu_err *err)
{
	struct gu_group group = { .sid = *sid, .attributes = attributes };

	return groups_add(&token->device_groups, &token->device_group_count,
			  &group, err);
}

void gu_token_make_effective_only(struct gu_token *token)
{
	size_t kept = 0;

	for (size_t i = 0; i < token->group_count; i++) {
		/* A deny-only group takes rights away: dropping it would
		 * widen access. */
		if (token->groups[i].attributes &
		    (GU_GROUP_ENABLED | GU_GROUP_DENY_ONLY)) {
			token->groups[kept++] = token->groups[i];
		}
	}
	token->group_count = kept;
	token->present = token->enabled;
	token->default_enabled &= token->enabled;
	token->flags |= GU_TOKEN_EFFECTIVE_ONLY;
}

static bool group_counts(const struct gu_group *group, bool deny)
{
	uint32_t state =
		group->attributes & (GU_GROUP_ENABLED | GU_GROUP_DENY_ONLY);

	return deny ? state != 0 : state == GU_GROUP_ENABLED;
}

bool gu_groups_have(const struct gu_group *groups, size_t count,
		    const struct gu_sid *sid, bool deny)
{
	for (size_t i = 0; i < count; i++) {
		if (gu_sid_equal(&groups[i].sid, sid) &&
		    group_counts(&groups[i], deny)) {
			return true;
		}
	}
	return false;
}

bool gu_token_has_sid(const struct gu_token *token, const struct gu_sid *sid,
		      bool deny)
{
	if (gu_sid_equal(&token->user, sid) &&
	    (deny || !token->user_deny_only)) {
		return true;
	}
	return gu_groups_have(token->groups, token->group_count, sid, deny);
}

struct gu_group *
gu_token_find_group(const struct gu_token *token, const struct gu_sid *sid)
{
	for (size_t i = 0; i < token->group_count; i++) {
		if (gu_sid_equal(&token->groups[i].sid, sid)) {
			return &token->groups[i];
		}
	}
	return NULL;
}

static void sid_disable(struct gu_token *token, const struct gu_sid *sid)
{
	if (gu_sid_equal(&token->user, sid)) {
		token->user_deny_only = true;
	}
	for (size_t i = 0; i < token->group_count; i++) {
		if (gu_sid_equal(&token->groups[i].sid, sid)) {
			token->groups[i].attributes &=
				~(uint32_t)(GU_GROUP_ENABLED |
					    GU_GROUP_ENABLED_BY_DEFAULT);
			token->groups[i].attributes |= GU_GROUP_DENY_ONLY;
		}
	}
}

static void privs_keep(struct gu_token *token, gu_privset keep)
{
	token->present &= keep;
	token->enabled &= keep;
	token->default_enabled &= keep;
}

/* The token UAC gives an administrator for everyday use. */
static void filter_lua(struct gu_token *token)
{
	sid_disable(token, gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS));
	privs_keep(token, GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
				  GU_PRIV_BIT(GU_PRIV_Shutdown) |
				  GU_PRIV_BIT(GU_PRIV_Undock) |
				  GU_PRIV_BIT(GU_PRIV_IncreaseWorkingSet) |
				  GU_PRIV_BIT(GU_PRIV_TimeZone));
	token->elevation = GU_ELEVATION_LIMITED;
	if (token->integrity > GU_IL_MEDIUM) {
		token->integrity = GU_IL_MEDIUM;
	}
}

static bool
is_listed(const struct gu_sid *list, size_t n, const struct gu_sid *sid)
{
	for (size_t i = 0; i < n; i++) {
		if (gu_sid_equal(&list[i], sid)) {
			return true;
		}
	}
	return false;
}

static void restricted_intersect(struct gu_token *token,
				 const struct gu_token_filter *filter)
{
	size_t kept = 0;

	for (size_t i = 0; i < token->restricted_count; i++) {
		if (is_listed(filter->restrict_to, filter->restrict_count,
			      &token->restricted[i].sid)) {
			token->restricted[kept++] = token->restricted[i];
		}
	}
	token->restricted_count = kept;
	if (kept == 0) {
		token->flags |= GU_TOKEN_RESTRICTED_TO_NONE;
	}
}

static enum gu_rc filter_restrict(struct gu_token *token,
				  const struct gu_token_filter *filter,
				  struct gu_err *err)
{
	bool write_only = filter->flags & GU_WRITE_RESTRICTED;

	if (filter->restrict_count == 0) {
		return GU_RC_OK;
	}
	if (gu_token_is_restricted(token)) {
		restricted_intersect(token, filter);
		/* Filtering again must not widen what reads are checked. */
		if (!write_only) {
			token->flags &= ~(uint32_t)GU_TOKEN_WRITE_RESTRICTED;
		}
		return GU_RC_OK;
	}
	for (size_t i = 0; i < filter->restrict_count; i++) {
		enum gu_rc rc = gu_token_add_restricted(
			token, &filter->restrict_to[i], err);

		if (rc) {
			return rc;
		}
	}
	if (write_only) {
		token->flags |= GU_TOKEN_WRITE_RESTRICTED;
	}
	return GU_RC_OK;
}

enum gu_rc gu_token_filter(const struct gu_token *src,
			   const struct gu_token_filter *filter,
			   struct gu_token **out, struct gu_err *err)
{
	struct gu_token *token;
	enum gu_rc rc = gu_token_copy(src, &token, err);

	if (rc) {
		return rc;
	}
	if (filter->flags & GU_LUA_TOKEN) {
		filter_lua(token);
	}
	for (size_t i = 0; i < filter->disable_count; i++) {
		sid_disable(token, &filter->disable[i]);
	}
	if (filter->flags & GU_DISABLE_MAX_PRIVILEGE) {
		privs_keep(token, GU_PRIV_BIT(GU_PRIV_ChangeNotify));
	} else {
		privs_keep(token, ~filter->remove);
	}
	if (filter->flags & GU_SANDBOX_INERT) {
		token->flags |= GU_TOKEN_SANDBOX_INERT;
	}
	rc = filter_restrict(token, filter, err);
	if (rc) {
		gu_token_unref(token);
		return rc;
	}
	*out = token;
	return GU_RC_OK;
}
