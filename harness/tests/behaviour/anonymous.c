/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* The system's anonymous token. */

static struct gu_ref
own_anonymous_token(struct fix *f, struct gu_ref t, uint32_t access)
{
	OK(f, t, FN(ImpersonateAnonymousToken), REF("thread", t));
	return OPENED(f, t, FN(OpenThreadToken), UINT("access", access),
		      BOOL("open_as_self", true));
}

static void user_and_logon_sid(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = own_anonymous_token(f, t, TOKEN_QUERY);

	(void)row;
	assert_string_equal(bh_info(f, t, token, TokenUser).str.p, "S-1-5-7");
	FAILS(f, ERROR_NOT_FOUND, t, FN(GetTokenInformation),
	      REF("token", token), UINT("class", TokenLogonSid));
}

static void opens_with_all_access(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	(void)own_anonymous_token(f, t, TOKEN_ALL_ACCESS);
	assert_int_equal(f->call.out.decision.granted, TOKEN_ALL_ACCESS);
}

static void lacks_everyone_unless_set(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = own_anonymous_token(f, t, TOKEN_QUERY);

	(void)row;
	assert_int_equal(
		bh_sid_attributes(bh_info(f, t, token, TokenGroups), EVERYONE),
		UINT32_MAX);
	OK(f, t, FN(RevertToSelf));
	MAKE(f, FN(system), UINT("EveryoneIncludesAnonymous", 1));
	token = own_anonymous_token(f, t, TOKEN_QUERY);
	assert_int_not_equal(
		bh_sid_attributes(bh_info(f, t, token, TokenGroups), EVERYONE),
		UINT32_MAX);
}

static void refused_to_a_restricted_process(struct fix *f, const void *row)
{
	struct gu_ref jail =
		FIXTURE(f, FN(token), REF("account", bh_alice(f)),
			UINT("type", 1), LIST(f, "restrict", EVERYONE));
	struct gu_ref process = FIXTURE(f, FN(process), STR("name", "jailed"),
					REF("token", jail));
	struct gu_ref t = fix_thread(f, process, "main");

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(ImpersonateAnonymousToken),
	      REF("thread", t));
	fix_reverted(f, t);
}

static void native_weak_handle(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref h = OPENED(f, t, FN(OpenThread),
				 UINT("access", SYNCHRONIZE), REF("thread", t));

	(void)row;
	FAILS(f, GU_NT_ACCESS_DENIED, t, FN(NtImpersonateAnonymousToken),
	      REF("thread", h));
	fix_reverted(f, t);
}

static void native_null_handle(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_NT_INVALID_HANDLE, t, FN(NtImpersonateAnonymousToken),
	      REF("thread", fix_raw_handle(0)));
	fix_reverted(f, t);
}

static void native(struct fix *f, const void *row)
{
	const uint32_t *everyone = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref h =
		OPENED(f, t, FN(OpenThread), UINT("access", THREAD_IMPERSONATE),
		       REF("thread", t));

	MAKE(f, FN(system), UINT("EveryoneIncludesAnonymous", *everyone));
	OK(f, t, FN(NtImpersonateAnonymousToken), REF("thread", h));
	assert_int_equal(f->call.out.status.code, GU_NT_SUCCESS);
	assert_string_equal(fix_identity(f, t).sid, "S-1-5-7");
	OK(f, t, FN(RevertToSelf));
	fix_reverted(f, t);
}

static const struct bh_case cases[] = {
	{ "ib-17402c705a6a", "the anonymous token has no logon SID",
	  user_and_logon_sid, NULL },
	{ "ib-14e179b85aaf", "the anonymous token opens with all access",
	  opens_with_all_access, NULL },
	{ "ib-6a37a9a3e577",
	  "Everyone is in it only if EveryoneIncludesAnonymous is set",
	  lacks_everyone_unless_set, NULL },
	{ "ib-aba35a45c0bf", "a restricted process does not become anonymous",
	  refused_to_a_restricted_process, NULL },
	{ "ib-048be6fdecf2", "SYNCHRONIZE on the thread is not enough",
	  native_weak_handle, NULL },
	{ "ib-4b76060dd3d6", "a NULL thread handle is none", native_null_handle,
	  NULL },
	{ "ib-50b8595d09bb", "THREAD_IMPERSONATE is enough", native,
	  &(const uint32_t){ 0 } },
	{ "ib-812b9d4b1530",
	  "THREAD_IMPERSONATE is enough with EveryoneIncludesAnonymous", native,
	  &(const uint32_t){ 1 } },
};

BH_AREA(anonymous, cases);
