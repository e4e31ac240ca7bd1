/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* CreateRestrictedToken, and the same facts of the kernel's SeFilterToken. */

/* A thread of a user with groups and privileges to lose. */
static struct gu_ref rich_thread(struct fix *f)
{
	const gu_privset privs = GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
				 GU_PRIV_BIT(GU_PRIV_Shutdown) |
				 GU_PRIV_BIT(GU_PRIV_SystemEnvironment);

	return bh_privileged_thread(f, privs, true);
}

static struct gu_ref rich_token(struct fix *f, struct gu_ref t)
{
	return bh_own_token(f, t, TOKEN_DUPLICATE | TOKEN_QUERY);
}

/* Every SID of the token's groups. */
static struct gu_value
group_sids(struct fix *f, struct gu_ref t, struct gu_ref token)
{
	struct gu_value groups = bh_info(f, t, token, TokenGroups);
	const char **sids =
		gu_arena_alloc(&f->arena, (groups.count + 1) * sizeof(*sids));
	struct bh_sid entry;

	assert_non_null(sids);
	for (size_t i = 0; bh_sid_at(groups, i, &entry); i++) {
		sids[i] = entry.sid;
	}
	return fix_list(f, sids);
}

static void restricting_sids_get_attributes(struct fix *f, const void *row)
{
	struct gu_ref t = rich_thread(f);
	struct gu_ref token = OPENED(
		f, t, FN(CreateRestrictedToken), REF("token", rich_token(f, t)),
		LIST(f, "restrict", "S-1-5-12", "S-1-5-32-545"));
	struct gu_value sids = bh_info(f, t, token, TokenRestrictedSids);

	(void)row;
	assert_int_equal(sids.count, 2);
	assert_int_equal(bh_sid_attributes(sids, "S-1-5-12"), 7);
	assert_int_equal(bh_sid_attributes(sids, "S-1-5-32-545"), 7);
}

static void restricting_sids_keep_their_order(struct fix *f, const void *row)
{
	struct gu_ref t = rich_thread(f);
	struct gu_ref source = rich_token(f, t);
	struct gu_value groups = group_sids(f, t, source);
	struct gu_ref token =
		OPENED(f, t, FN(CreateRestrictedToken), REF("token", source),
		       VALUE("restrict", groups));
	struct gu_value sids = bh_info(f, t, token, TokenRestrictedSids);
	struct bh_sid entry;

	(void)row;
	assert_int_not_equal(groups.count, 0);
	assert_int_equal(sids.count, groups.count);
	for (size_t i = 0; bh_sid_at(sids, i, &entry); i++) {
		assert_string_equal(entry.sid, groups.list[i].str.p);
	}
	assert_true(bh_number(f, t, token, TokenIsRestricted));
}

static void max_privilege_disabled(struct fix *f, const void *row)
{
	struct gu_ref t = rich_thread(f);
	struct gu_ref token = OPENED(f, t, FN(CreateRestrictedToken),
				     REF("token", rich_token(f, t)),
				     UINT("flags", GU_DISABLE_MAX_PRIVILEGE));

	(void)row;
	assert_int_equal(bh_privs(f, t, token).present, 1);
	assert_int_not_equal(bh_priv(f, t, token, GU_PRIV_ChangeNotify),
			     UINT32_MAX);
	assert_false(bh_number(f, t, token, TokenIsRestricted));
}

static void every_privilege_deleted(struct fix *f, const void *row)
{
	const gu_privset all = ~(gu_privset)0 >> (64 - GU_PRIV_COUNT);
	struct gu_ref t = rich_thread(f);
	struct gu_ref token = OPENED(f, t, FN(CreateRestrictedToken),
				     REF("token", rich_token(f, t)),
				     UINT("delete", all & ~(gu_privset)3));

	(void)row;
	assert_int_equal(bh_privs(f, t, token).present, 0);
	assert_false(bh_number(f, t, token, TokenIsRestricted));
}

static void one_privilege_deleted(struct fix *f, const void *row)
{
	const enum gu_priv *priv = row;
	struct gu_ref t = rich_thread(f);
	struct gu_ref source = rich_token(f, t);
	struct gu_ref token;

	assert_int_equal(bh_priv(f, t, source, *priv) & 2, 2);
	token = OPENED(f, t, FN(CreateRestrictedToken), REF("token", source),
		       UINT("delete", GU_PRIV_BIT(*priv)));
	assert_int_equal(bh_priv(f, t, token, *priv), UINT32_MAX);
	assert_int_equal(bh_privs(f, t, token).present, 2);
}

static void deleted_privilege_checks_false(struct fix *f, const void *row)
{
	const gu_privset gone = GU_PRIV_BIT(GU_PRIV_Shutdown);
	struct gu_ref t = rich_thread(f);
	struct gu_ref source =
		bh_impersonation(f, t, rich_token(f, t), GU_LEVEL_IMPERSONATION,
				 TOKEN_DUPLICATE | TOKEN_QUERY);
	struct gu_ref token =
		OPENED(f, t, FN(CreateRestrictedToken), REF("token", source),
		       UINT("delete", gone));

	(void)row;
	OK(f, t, FN(PrivilegeCheck), REF("token", source),
	   UINT("privileges", gone));
	assert_true(f->call.out.value.b);
	OK(f, t, FN(PrivilegeCheck), REF("token", token),
	   UINT("privileges", gone));
	assert_false(f->call.out.value.b);
}

static void all_groups_deny_only(struct fix *f, const void *row)
{
	struct gu_ref t = rich_thread(f);
	struct gu_ref source = rich_token(f, t);
	struct gu_ref token =
		OPENED(f, t, FN(CreateRestrictedToken), REF("token", source),
		       VALUE("disable", group_sids(f, t, source)));
	struct gu_value groups = bh_info(f, t, token, TokenGroups);
	struct bh_sid entry;

	(void)row;
	assert_int_not_equal(groups.count, 0);
	for (size_t i = 0; bh_sid_at(groups, i, &entry); i++) {
		if (entry.attributes & GU_GROUP_INTEGRITY) {
			continue;
		}
		row_check(entry.attributes & GU_GROUP_DENY_ONLY, entry.sid);
	}
	assert_false(bh_number(f, t, token, TokenIsRestricted));
}

static void a_disabled_group(struct fix *f, const void *row)
{
	const char *sid = row;
	struct gu_ref t = rich_thread(f);
	struct gu_ref source = rich_token(f, t);
	struct gu_ref token;
	uint32_t attributes;

	assert_int_equal(
		bh_sid_attributes(bh_info(f, t, source, TokenGroups), sid) &
			GU_GROUP_ENABLED,
		GU_GROUP_ENABLED);
	token = OPENED(f, t, FN(CreateRestrictedToken), REF("token", source),
		       LIST(f, "disable", sid));
	attributes = bh_sid_attributes(bh_info(f, t, token, TokenGroups), sid);
	assert_int_equal(attributes & (GU_GROUP_DENY_ONLY | GU_GROUP_ENABLED),
			 GU_GROUP_DENY_ONLY);
	token = bh_impersonation(f, t, token, GU_LEVEL_IMPERSONATION,
				 TOKEN_QUERY);
	assert_false(bh_is_member(f, t, token, sid));
}

static void unknown_ones_are_ignored(struct fix *f, const void *row)
{
	struct gu_ref t = rich_thread(f);
	struct gu_ref source = rich_token(f, t);
	struct gu_ref token =
		OPENED(f, t, FN(CreateRestrictedToken), REF("token", source),
		       LIST(f, "disable", "S-1-5-21-9-9-9-9"),
		       UINT("delete", UINT64_C(1) << 63));

	(void)row;
	assert_int_equal(bh_info(f, t, token, TokenGroups).count,
			 bh_info(f, t, source, TokenGroups).count);
	assert_int_equal(bh_privs(f, t, token).present,
			 bh_privs(f, t, source).present);
}

static void handle_without_duplicate(struct fix *f, const void *row)
{
	struct gu_ref t = rich_thread(f);

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(CreateRestrictedToken),
	      REF("token", bh_own_token(f, t, TOKEN_QUERY)));
}

static void primary_stays_primary(struct fix *f, const void *row)
{
	struct gu_ref t = rich_thread(f);
	struct gu_ref token = OPENED(f, t, FN(CreateRestrictedToken),
				     REF("token", rich_token(f, t)));

	(void)row;
	assert_int_equal(bh_number(f, t, token, TokenType), GU_TOKEN_PRIMARY);
}

static void impersonation_keeps_its_level(struct fix *f, const void *row)
{
	struct gu_ref t = rich_thread(f);
	struct gu_ref source =
		bh_impersonation(f, t, rich_token(f, t), GU_LEVEL_IMPERSONATION,
				 TOKEN_DUPLICATE | TOKEN_QUERY);
	struct gu_ref token =
		OPENED(f, t, FN(CreateRestrictedToken), REF("token", source));

	(void)row;
	assert_int_equal(bh_number(f, t, token, TokenType),
			 GU_TOKEN_IMPERSONATION);
	assert_int_equal(bh_number(f, t, token, TokenImpersonationLevel),
			 GU_LEVEL_IMPERSONATION);
}

/* A list of one {sid=, attributes=}. */
static struct gu_value sid_with_attributes(const struct gu_field fields[2])
{
	static struct gu_value entry;

	entry = (struct gu_value){ .type = GU_V_TABLE,
				   .count = 2,
				   .fields = fields };
	return (struct gu_value){ .type = GU_V_LIST,
				  .count = 1,
				  .list = &entry };
}

static void restricting_attributes(struct fix *f, const void *row)
{
	const uint32_t *attributes = row;
	const struct gu_field fields[] = {
		{ .name = "sid", .value = fix_str("S-1-5-1") },
		{ .name = "attributes", .value = fix_uint(*attributes) },
	};
	struct gu_ref t = rich_thread(f);
	struct gu_ref source = rich_token(f, t);
	struct gu_ref token;

	assert_int_equal(bh_sid_attributes(bh_info(f, t, source, TokenGroups),
					   "S-1-5-1"),
			 UINT32_MAX);
	if (*attributes) {
		FAILS(f, gu_ntstatus_to_win32(GU_NT_INVALID_PARAMETER), t,
		      FN(CreateRestrictedToken), REF("token", source),
		      VALUE("restrict", sid_with_attributes(fields)));
		return;
	}
	token = OPENED(f, t, FN(CreateRestrictedToken), REF("token", source),
		       VALUE("restrict", sid_with_attributes(fields)));
	assert_int_equal(bh_info(f, t, token, TokenRestrictedSids).count, 1);
}

static const struct bh_case cases[] = {
	{ "ib-819bfc9fe539", "restricting SIDs come back with attributes 7",
	  restricting_sids_get_attributes, NULL },
	{ "ib-b733832c7faa", "restricting SIDs keep their order",
	  restricting_sids_keep_their_order, NULL },
	{ "ib-8ad0183466de",
	  "DISABLE_MAX_PRIVILEGE leaves SeChangeNotifyPrivilege",
	  max_privilege_disabled, NULL },
	{ "ib-23b0649cb78a", "SeFilterToken takes DISABLE_MAX_PRIVILEGE",
	  max_privilege_disabled, NULL },
	{ "ib-dceffa9ed986", "all privileges by name leave none",
	  every_privilege_deleted, NULL },
	{ "ib-972422a2d588", "a deleted privilege is gone",
	  one_privilege_deleted, &(const enum gu_priv){ GU_PRIV_Shutdown } },
	{ "ib-7abb5a970131", "SeFilterToken deletes one privilege",
	  one_privilege_deleted,
	  &(const enum gu_priv){ GU_PRIV_SystemEnvironment } },
	{ "ib-fb2cf1916515", "PrivilegeCheck of a deleted privilege is false",
	  deleted_privilege_checks_false, NULL },
	{ "ib-dcf2456d4849", "all groups disabled are deny-only, all of them",
	  all_groups_deny_only, NULL },
	{ "ib-0f54e4fbe844", "a disabled group is deny-only and no member",
	  a_disabled_group, "S-1-5-32-545" },
	{ "ib-a691ebb8f6bf", "SeFilterToken disables Everyone",
	  a_disabled_group, EVERYONE },
	{ "ib-0b9ad20e8711", "unknown SIDs and privileges are ignored",
	  unknown_ones_are_ignored, NULL },
	{ "ib-9421b04f89c8", "a handle without TOKEN_DUPLICATE is refused",
	  handle_without_duplicate, NULL },
	{ "ib-64528b4aba4c", "a primary token stays primary",
	  primary_stays_primary, NULL },
	{ "ib-e36bc9a3f66c", "an impersonation token keeps type and level",
	  impersonation_keeps_its_level, NULL },
	{ "ib-374fb8e36500", "a restricting SID with attributes is refused",
	  restricting_attributes, &(const uint32_t){ GU_GROUP_ENABLED } },
	{ "ib-3754de63cc88", "a restricting SID need not be in the token",
	  restricting_attributes, &(const uint32_t){ 0 } },
};

BH_AREA(restricted, cases);
