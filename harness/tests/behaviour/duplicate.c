/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* Duplicating tokens, and what tokens and their duplicates say. */

static void level_from_primary(struct fix *f, const void *row)
{
	const enum gu_level *level = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = bh_impersonation(
		f, t, bh_own_token(f, t, TOKEN_DUPLICATE), *level, TOKEN_QUERY);

	assert_int_equal(bh_number(f, t, token, TokenType),
			 GU_TOKEN_IMPERSONATION);
	assert_int_equal(bh_number(f, t, token, TokenImpersonationLevel),
			 *level);
}

static void level_is_not_raised(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token =
		bh_impersonation(f, t, bh_own_token(f, t, TOKEN_DUPLICATE),
				 GU_LEVEL_IDENTIFICATION, TOKEN_DUPLICATE);

	(void)row;
	FAILS(f, GU_ERROR_BAD_IMPERSONATION_LEVEL, t, FN(DuplicateTokenEx),
	      REF("token", token), UINT("access", TOKEN_QUERY),
	      UINT("level", GU_LEVEL_IMPERSONATION), UINT("type", 2));
}

static void source_without_duplicate(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(DuplicateTokenEx),
	      REF("token", bh_own_token(f, t, TOKEN_QUERY)),
	      UINT("access", TOKEN_QUERY),
	      UINT("level", GU_LEVEL_IMPERSONATION), UINT("type", 2));
}

struct copy {
	enum gu_token_type type;
	enum gu_level level;
	uint32_t source_access;
	uint32_t asked;
	uint32_t granted;
};

static void granted_access(struct fix *f, const void *row)
{
	const struct copy *want = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref copy =
		OPENED(f, t, FN(DuplicateTokenEx),
		       REF("token", bh_own_token(f, t, want->source_access)),
		       UINT("access", want->asked), UINT("level", want->level),
		       UINT("type", want->type));

	assert_int_equal(f->call.out.decision.type, GU_OBJ_token);
	assert_int_equal(f->call.out.decision.granted, want->granted);
	if (want->granted & TOKEN_QUERY) {
		assert_int_equal(bh_number(f, t, copy, TokenType), want->type);
	}
	if (want->granted & TOKEN_QUERY &&
	    want->type == GU_TOKEN_IMPERSONATION) {
		assert_int_equal(bh_number(f, t, copy, TokenImpersonationLevel),
				 want->level);
	}
}

static void disabled_privilege_stays(struct fix *f, const void *row)
{
	static const struct copy copies[] = {
		{ .type = GU_TOKEN_PRIMARY, .level = GU_LEVEL_ANONYMOUS },
		{ .type = GU_TOKEN_IMPERSONATION,
		  .level = GU_LEVEL_IDENTIFICATION },
		{ .type = GU_TOKEN_IMPERSONATION,
		  .level = GU_LEVEL_IMPERSONATION },
	};
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref own = bh_own_token(
		f, t, TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES);

	(void)row;
	assert_int_equal(bh_priv(f, t, own, GU_PRIV_ChangeNotify), 3);
	OK(f, t, FN(AdjustTokenPrivileges), REF("token", own),
	   UINT("disable", GU_PRIV_BIT(GU_PRIV_ChangeNotify)));
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		struct gu_ref copy =
			OPENED(f, t, FN(DuplicateTokenEx), REF("token", own),
			       UINT("level", copies[i].level),
			       UINT("type", copies[i].type));

		/* Enabled by default, and not enabled. */
		assert_int_equal(bh_priv(f, t, copy, GU_PRIV_ChangeNotify), 1);
	}
}

/* A handle with TOKEN_DUPLICATE alone to a token whose DACL is empty. */
static struct gu_ref shut_token(struct fix *f, struct gu_ref t)
{
	return OPENED(f, t, FN(DuplicateTokenEx),
		      REF("token", bh_own_token(f, t, TOKEN_DUPLICATE)),
		      UINT("access", TOKEN_DUPLICATE),
		      UINT("level", GU_LEVEL_IMPERSONATION), UINT("type", 2),
		      STR("sddl", "D:"));
}

static void more_access_from_an_empty_dacl(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(DuplicateHandle),
	      REF("handle", shut_token(f, t)),
	      UINT("access", TOKEN_DUPLICATE | TOKEN_QUERY));
}

static void default_dacl_not_the_source_s(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref copy =
		bh_impersonation(f, t, shut_token(f, t), GU_LEVEL_IMPERSONATION,
				 TOKEN_DUPLICATE);

	(void)row;
	OK(f, t, FN(DuplicateHandle), REF("handle", copy),
	   UINT("access", TOKEN_QUERY));
}

static void explicit_descriptor(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref copy =
		OPENED(f, t, FN(DuplicateTokenEx),
		       REF("token", bh_own_token(f, t, TOKEN_DUPLICATE)),
		       UINT("access", TOKEN_QUERY), UINT("type", 1),
		       STR("sddl", "D:(A;NP;0x8;;;WD)"));
	const struct gu_acl *dacl = &bh_descriptor(f, copy)->dacl;

	(void)row;
	assert_int_equal(dacl->count, 1);
	assert_int_equal(dacl->aces[0].flags, GU_ACE_NO_PROPAGATE);
	assert_int_equal(dacl->aces[0].mask, TOKEN_QUERY);
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(DuplicateHandle),
	      REF("handle", copy), UINT("access", TOKEN_DUPLICATE));
}

static void native_bad_handle(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_NT_INVALID_HANDLE, t, FN(NtDuplicateToken),
	      REF("token", fix_raw_handle(0xDEADBEEF)),
	      UINT("access", TOKEN_QUERY), UINT("type", 1));
	assert_int_equal(f->call.out.value.type, GU_V_NONE);
}

static void native_primary(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref copy =
		OPENED(f, t, FN(NtDuplicateToken),
		       REF("token", bh_own_token(f, t, TOKEN_DUPLICATE)),
		       UINT("access", TOKEN_QUERY), UINT("type", 1));

	(void)row;
	assert_int_equal(f->call.out.status.code, GU_NT_SUCCESS);
	assert_int_equal(bh_number(f, t, copy, TokenType), GU_TOKEN_PRIMARY);
}

static void native_effective_only(struct fix *f, const void *row)
{
	struct gu_ref t = fix_run_as(f, SYSTEM);
	struct gu_ref own = bh_own_token(
		f, t, TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES);
	struct gu_ref copy;

	(void)row;
	assert_int_equal(bh_priv(f, t, own, GU_PRIV_Impersonate), 3);
	OK(f, t, FN(AdjustTokenPrivileges), REF("token", own),
	   UINT("disable", GU_PRIV_BIT(GU_PRIV_Impersonate)));
	copy = OPENED(f, t, FN(NtDuplicateToken), REF("token", own),
		      UINT("access", TOKEN_QUERY), BOOL("effective_only", true),
		      UINT("type", 1));
	assert_int_equal(f->call.out.status.code, GU_NT_SUCCESS);
	assert_int_equal(bh_priv(f, t, copy, GU_PRIV_Impersonate), UINT32_MAX);
}

static void native_without_sqos(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref copy =
		OPENED(f, t, FN(NtDuplicateToken),
		       REF("token", bh_own_token(f, t, TOKEN_DUPLICATE)),
		       UINT("access", TOKEN_QUERY), UINT("type", 2));

	(void)row;
	assert_int_equal(bh_number(f, t, copy, TokenImpersonationLevel),
			 GU_LEVEL_ANONYMOUS);
}

static void level_of_a_primary_token(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, gu_ntstatus_to_win32(GU_NT_INVALID_INFO_CLASS), t,
	      FN(GetTokenInformation),
	      REF("token", bh_own_token(f, t, TOKEN_QUERY)),
	      UINT("class", TokenImpersonationLevel));
}

static void sandbox_inert(struct fix *f, const void *row)
{
	const bool *filtered = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = bh_own_token(f, t, TOKEN_DUPLICATE | TOKEN_QUERY);

	if (*filtered) {
		token = OPENED(f, t, FN(CreateRestrictedToken),
			       REF("token", token),
			       UINT("flags", GU_SANDBOX_INERT));
	}
	assert_int_equal(bh_number(f, t, token, TokenSandBoxInert), *filtered);
}

static void restricted_sid_count(struct fix *f, const void *row)
{
	const uint32_t *count = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = bh_own_token(f, t, TOKEN_DUPLICATE | TOKEN_QUERY);

	if (*count) {
		token = OPENED(f, t, FN(CreateRestrictedToken),
			       REF("token", token),
			       LIST(f, "restrict", EVERYONE));
	}
	assert_int_equal(bh_info(f, t, token, TokenRestrictedSids).count,
			 *count);
}

#define LEVEL(l)  (&(const enum gu_level){ GU_LEVEL_##l })
#define COPY(...) (&(const struct copy){ __VA_ARGS__ })

static const struct bh_case cases[] = {
	{ "ib-4c2505d02dc2", "a primary token duplicates to Anonymous",
	  level_from_primary, LEVEL(ANONYMOUS) },
	{ "ib-7a07638e1f53", "a primary token duplicates to Identification",
	  level_from_primary, LEVEL(IDENTIFICATION) },
	{ "ib-ba96d98f4a45", "a primary token duplicates to Impersonation",
	  level_from_primary, LEVEL(IMPERSONATION) },
	{ "ib-6ce7fef2f98d", "a primary token duplicates to Delegation",
	  level_from_primary, LEVEL(DELEGATION) },
	{ "ib-b91f75ed1d2e", "Identification is not raised to Impersonation",
	  level_is_not_raised, NULL },
	{ "ib-dd7485a39b06", "a source handle without TOKEN_DUPLICATE fails",
	  source_without_duplicate, NULL },
	{ "ib-de5e9a485d9e",
	  "access 0 gives a primary copy the source handle's access",
	  granted_access,
	  COPY(.type = GU_TOKEN_PRIMARY,
	       .source_access = TOKEN_DUPLICATE | TOKEN_QUERY,
	       .granted = TOKEN_DUPLICATE | TOKEN_QUERY) },
	{ "ib-bb1ea9ccd320",
	  "access 0 gives an impersonation copy the source handle's access",
	  granted_access,
	  COPY(.type = GU_TOKEN_IMPERSONATION, .level = GU_LEVEL_IDENTIFICATION,
	       .source_access = TOKEN_DUPLICATE | TOKEN_QUERY,
	       .granted = TOKEN_DUPLICATE | TOKEN_QUERY) },
	{ "ib-ae53064f8e53",
	  "a copy is opened with just the access asked, had or not",
	  granted_access,
	  COPY(.type = GU_TOKEN_PRIMARY,
	       .source_access = TOKEN_DUPLICATE | TOKEN_QUERY,
	       .asked = TOKEN_QUERY_SOURCE, .granted = TOKEN_QUERY_SOURCE) },
	{ "ib-c2f9efbf4cd9", "MAXIMUM_ALLOWED on a copy is TOKEN_ALL_ACCESS",
	  granted_access,
	  COPY(.type = GU_TOKEN_PRIMARY,
	       .source_access = TOKEN_DUPLICATE | TOKEN_QUERY,
	       .asked = MAXIMUM_ALLOWED, .granted = TOKEN_ALL_ACCESS) },
	{ "ib-352f4b19a6c3",
	  "a disabled default privilege stays in a copy, disabled",
	  disabled_privilege_stays, NULL },
	{ "ib-fada072b9176",
	  "an empty DACL keeps DuplicateHandle from adding access",
	  more_access_from_an_empty_dacl, NULL },
	{ "ib-de59a4bc956e",
	  "a copy without a descriptor gets a default DACL, not its source's",
	  default_dacl_not_the_source_s, NULL },
	{ "ib-656231815fd5", "a copy's descriptor is used as it is given",
	  explicit_descriptor, NULL },
	{ "ib-9284c4df4709", "NtDuplicateToken refuses a bad handle",
	  native_bad_handle, NULL },
	{ "ib-3ae18ce9e913",
	  "NtDuplicateToken makes a primary token without attributes",
	  native_primary, NULL },
	{ "ib-d3b1e9ed8632",
	  "an effective-only primary copy lacks what was disabled",
	  native_effective_only, NULL },
	{ "ib-bfca9eac8e9e",
	  "an impersonation copy made without QoS is Anonymous",
	  native_without_sqos, NULL },
	{ "ib-300aaa2ab6a9", "a primary token has no impersonation level",
	  level_of_a_primary_token, NULL },
	{ "ib-bbac32973087", "a token is not sandbox-inert by itself",
	  sandbox_inert, &(const bool){ false } },
	{ "ib-17320512d617", "SANDBOX_INERT makes a token sandbox-inert",
	  sandbox_inert, &(const bool){ true } },
	{ "ib-6e66dbcf41a9", "an unrestricted token has no restricting SIDs",
	  restricted_sid_count, &(const uint32_t){ 0 } },
	{ "ib-f29e9f25a248", "one restricting SID shows as one",
	  restricted_sid_count, &(const uint32_t){ 1 } },
};

BH_AREA(duplicate, cases);
