/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* Opening tokens, impersonating with them, asking them. */

struct member {
	const char *sid;
	bool is_member;
};
#define MEMBER(sid, yes) (&(const struct member){ (sid), (yes) })

/* Whether a handle with that access will do. */
struct by_handle {
	uint32_t access;
	bool opens;
};
#define BY_HANDLE(access, opens) \
	(&(const struct by_handle){ (access), (opens) })

static void membership(struct fix *f, const void *row)
{
	const struct member *want = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token =
		bh_impersonation(f, t, bh_own_token(f, t, TOKEN_DUPLICATE),
				 GU_LEVEL_IDENTIFICATION, TOKEN_QUERY);

	assert_int_equal(bh_is_member(f, t, token, want->sid), want->is_member);
}

static void membership_of_a_primary_token(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = bh_own_token(f, t, TOKEN_QUERY | TOKEN_DUPLICATE);

	(void)row;
	FAILS(f, ERROR_NO_IMPERSONATION_TOKEN, t, FN(CheckTokenMembership),
	      REF("token", token), STR("sid", EVERYONE));
}

static void open_process_token(struct fix *f, const void *row)
{
	const struct by_handle *want = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref other = fix_process(f, "other", "alice");
	struct gu_ref process =
		OPENED(f, t, FN(OpenProcess), UINT("access", want->access),
		       REF("process", other));

	if (want->opens) {
		OK(f, t, FN(OpenProcessToken), REF("process", process),
		   UINT("access", TOKEN_QUERY));
		assert_int_equal(f->call.out.decision.granted, TOKEN_QUERY);
	} else {
		FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(OpenProcessToken),
		      REF("process", process), UINT("access", TOKEN_QUERY));
	}
}

static void open_process_token_of_a_bad_handle(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_ERROR_INVALID_HANDLE, t, FN(OpenProcessToken),
	      REF("process", fix_raw_handle(0xDEADBEEF)),
	      UINT("access", TOKEN_QUERY));
	assert_int_equal(f->call.out.value.type, GU_V_NONE);
}

static void open_thread_token_without_one(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_ERROR_NO_TOKEN, t, FN(OpenThreadToken),
	      UINT("access", TOKEN_QUERY));
}

static void open_thread_token_of_a_bad_handle(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_ERROR_INVALID_HANDLE, t, FN(OpenThreadToken),
	      REF("thread", fix_raw_handle(0xDEADBEEF)),
	      UINT("access", TOKEN_QUERY));
	assert_int_equal(f->call.out.value.type, GU_V_NONE);
}

static void open_identification_token(struct fix *f, const void *row)
{
	const bool *as_self = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token;

	OK(f, t, FN(ImpersonateSelf), UINT("level", GU_LEVEL_IDENTIFICATION));
	if (!*as_self) {
		FAILS(f, GU_ERROR_BAD_IMPERSONATION_LEVEL, t,
		      FN(OpenThreadToken), UINT("access", TOKEN_QUERY),
		      BOOL("open_as_self", false));
		return;
	}
	token = OPENED(f, t, FN(OpenThreadToken), UINT("access", TOKEN_QUERY),
		       BOOL("open_as_self", true));
	assert_int_equal(bh_number(f, t, token, TokenImpersonationLevel),
			 GU_LEVEL_IDENTIFICATION);
}

static void open_thread_token_by_handle(struct fix *f, const void *row)
{
	const struct by_handle *want = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref thread, token;

	OK(f, t, FN(ImpersonateSelf), UINT("level", GU_LEVEL_IMPERSONATION));
	thread = OPENED(f, t, FN(OpenThread), UINT("access", want->access),
			REF("thread", t));
	if (!want->opens) {
		FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(OpenThreadToken),
		      REF("thread", thread), UINT("access", TOKEN_QUERY));
		return;
	}
	token = OPENED(f, t, FN(OpenThreadToken), REF("thread", thread),
		       UINT("access", TOKEN_QUERY));
	assert_int_equal(bh_number(f, t, token, TokenImpersonationLevel),
			 GU_LEVEL_IMPERSONATION);
}

static void set_default_dacl_without_the_right(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = bh_own_token(f, t, TOKEN_QUERY);

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(SetTokenInformation),
	      REF("token", token), UINT("class", TokenDefaultDacl),
	      STR("value", "D:(A;;GA;;;WD)"));
}

/* Each of these is too little; IMPERSONATE does not stand for DUPLICATE. */
static void impersonate_primary(struct fix *f, const void *row)
{
	static const uint32_t too_little[] = {
		TOKEN_QUERY,
		TOKEN_DUPLICATE,
		TOKEN_QUERY | TOKEN_IMPERSONATE,
	};
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	for (size_t i = 0; i < 3; i++) {
		FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(ImpersonateLoggedOnUser),
		      REF("token", bh_own_token(f, t, too_little[i])));
		fix_reverted(f, t);
	}
	OK(f, t, FN(ImpersonateLoggedOnUser),
	   REF("token", bh_own_token(f, t, TOKEN_QUERY | TOKEN_DUPLICATE)));
	assert_int_equal(fix_identity(f, t).level, GU_LEVEL_IMPERSONATION);
}

static void impersonate_impersonation(struct fix *f, const void *row)
{
	static const uint32_t too_little[] = {
		TOKEN_QUERY,
		TOKEN_IMPERSONATE,
		TOKEN_QUERY | TOKEN_DUPLICATE,
	};
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref own = bh_own_token(f, t, TOKEN_DUPLICATE);
	const enum gu_level level = GU_LEVEL_IMPERSONATION;

	(void)row;
	for (size_t i = 0; i < 3; i++) {
		struct gu_ref token =
			bh_impersonation(f, t, own, level, too_little[i]);

		FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(ImpersonateLoggedOnUser),
		      REF("token", token));
		fix_reverted(f, t);
	}
	OK(f, t, FN(ImpersonateLoggedOnUser),
	   REF("token", bh_impersonation(f, t, own, level,
					 TOKEN_QUERY | TOKEN_IMPERSONATE)));
	assert_true(fix_identity(f, t).impersonating);
}

static void impersonate_without_privileges(struct fix *f, const void *row)
{
	struct gu_ref bare = FIXTURE(f, FN(token), REF("account", bh_alice(f)),
				     UINT("type", 1), UINT("privileges", 0));
	struct gu_ref process = FIXTURE(f, FN(process), STR("name", "bare"),
					REF("token", bare));
	struct gu_ref t = fix_thread(f, process, "main");
	struct gu_ref bob = fix_account(f, "bob", NULL);

	(void)row;
	assert_int_equal(
		bh_privs(f, t, bh_own_token(f, t, TOKEN_QUERY)).present, 0);
	OK(f, t, FN(ImpersonateLoggedOnUser),
	   REF("token", fix_primary(f, bob)));
	assert_true(fix_identity(f, t).impersonating);
}

static void query_of_an_anonymous_token(struct fix *f, const void *row)
{
	const unsigned *class = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token =
		bh_impersonation(f, t, bh_own_token(f, t, TOKEN_DUPLICATE),
				 GU_LEVEL_ANONYMOUS, TOKEN_QUERY);

	assert_int_not_equal(bh_info(f, t, token, *class).type, GU_V_NONE);
}

static void impersonate_self_at_anonymous(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	OK(f, t, FN(ImpersonateSelf), UINT("level", GU_LEVEL_ANONYMOUS));
	assert_int_equal(fix_identity(f, t).level, GU_LEVEL_ANONYMOUS);
	/* What it succeeds in is of little use. */
	FAILS(f, ERROR_CANT_OPEN_ANONYMOUS, t, FN(OpenThreadToken),
	      UINT("access", TOKEN_QUERY), BOOL("open_as_self", true));
}

static void impersonate_self_at_identification(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	OK(f, t, FN(ImpersonateSelf), UINT("level", GU_LEVEL_IDENTIFICATION));
	OK(f, t, FN(OpenThreadToken), UINT("access", TOKEN_QUERY),
	   BOOL("open_as_self", true));
}

static void adjust_without_previous_state(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = bh_own_token(f, t, TOKEN_ADJUST_PRIVILEGES);

	(void)row;
	OK(f, t, FN(AdjustTokenPrivileges), REF("token", token),
	   BOOL("disable_all", true));
	/* Nothing about the state before, no length, comes back. */
	assert_int_equal(f->call.out.value.type, GU_V_NONE);
}

static const struct bh_case cases[] = {
	{ "ib-0da6fc0cb838", "an Identification token's user is a member of it",
	  membership, MEMBER(ALICE_SID, true) },
	{ "ib-a797ef10c38c", "Everyone is a member of an Identification token",
	  membership, MEMBER(EVERYONE, true) },
	{ "ib-8209f4b3d3e1", "an unknown SID is no member", membership,
	  MEMBER("S-1-1-2-3-4-5-6-7-8", false) },
	{ "ib-faa28c0239a3", "the null SID is no member", membership,
	  MEMBER("S-1-0-0", false) },
	{ "ib-6cc4b06d2ed4", "CheckTokenMembership refuses a primary token",
	  membership_of_a_primary_token, NULL },
	{ "ib-cfc1abde154c",
	  "OpenProcessToken is content with QUERY_LIMITED_INFORMATION",
	  open_process_token,
	  BY_HANDLE(PROCESS_QUERY_LIMITED_INFORMATION, true) },
	{ "ib-da75e7813574",
	  "OpenProcessToken refuses a process handle that can only terminate",
	  open_process_token, BY_HANDLE(PROCESS_TERMINATE, false) },
	{ "ib-500657582389", "OpenProcessToken refuses a bad process handle",
	  open_process_token_of_a_bad_handle, NULL },
	{ "ib-4e5a3c252c11",
	  "OpenThreadToken finds no token on a thread that does not impersonate",
	  open_thread_token_without_one, NULL },
	{ "ib-25b8af14131e", "OpenThreadToken refuses a bad thread handle",
	  open_thread_token_of_a_bad_handle, NULL },
	{ "ib-602153992fef",
	  "at Identification OpenThreadToken fails unless as self",
	  open_identification_token, &(const bool){ false } },
	{ "ib-51a4957c01e8",
	  "at Identification OpenThreadToken succeeds as self",
	  open_identification_token, &(const bool){ true } },
	{ "ib-632013b4f0c3",
	  "OpenThreadToken refuses a thread handle that can only terminate",
	  open_thread_token_by_handle, BY_HANDLE(THREAD_TERMINATE, false) },
	{ "ib-f85aa80c7d6c",
	  "OpenThreadToken is content with QUERY_LIMITED_INFORMATION",
	  open_thread_token_by_handle,
	  BY_HANDLE(THREAD_QUERY_LIMITED_INFORMATION, true) },
	{ "ib-dd18ebfc549a",
	  "the default DACL is not set without TOKEN_ADJUST_DEFAULT",
	  set_default_dacl_without_the_right, NULL },
	{ "ib-004f7a087377",
	  "ImpersonateLoggedOnUser needs QUERY and DUPLICATE of a primary token",
	  impersonate_primary, NULL },
	{ "ib-822c82b7b67c",
	  "ImpersonateLoggedOnUser needs QUERY and IMPERSONATE of an "
	  "impersonation token",
	  impersonate_impersonation, NULL },
	{ "ib-7ca0f6dfb2ad", "ImpersonateLoggedOnUser needs no privilege",
	  impersonate_without_privileges, NULL },
	{ "ib-59c7e0cf62c6",
	  "TokenUser can be read from an Anonymous-level token",
	  query_of_an_anonymous_token, &(const unsigned){ TokenUser } },
	{ "ib-a36d2ccf6023",
	  "TokenPrivileges can be read from an Anonymous-level token",
	  query_of_an_anonymous_token, &(const unsigned){ TokenPrivileges } },
	{ "ib-b9641505aaa1", "ImpersonateSelf succeeds at Anonymous",
	  impersonate_self_at_anonymous, NULL },
	{ "ib-16a1b43be593",
	  "ImpersonateSelf at Identification leaves a token to open as self",
	  impersonate_self_at_identification, NULL },
	{ "ib-8cfa5652927d",
	  "AdjustTokenPrivileges that asks for no previous state gets none",
	  adjust_without_previous_state, NULL },
};

BH_AREA(token, cases);
