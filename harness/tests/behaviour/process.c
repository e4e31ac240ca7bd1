/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* CreateProcessAsUser and AdjustTokenGroups. */

static void weak_handle(struct fix *f, const void *row)
{
	const uint32_t *access = row;
	struct gu_ref t = bh_plain_thread(f);

	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(CreateProcessAsUser),
	      REF("token", bh_own_token(f, t, *access)));
}

static void own_token(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	OK(f, t, FN(CreateProcessAsUser),
	   REF("token",
	       bh_own_token(f, t, TOKEN_QUERY | TOKEN_ASSIGN_PRIMARY)));
}

static void no_token(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	OK(f, t, FN(CreateProcessAsUser));
	assert_int_equal(f->call.out.decision.type, GU_OBJ_process);
}

static void pseudo_handle(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_ERROR_INVALID_HANDLE, t, FN(CreateProcessAsUser),
	      REF("token", fix_raw_handle((uint32_t)-4)));
}

static void impersonation_token(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token =
		bh_impersonation(f, t, bh_own_token(f, t, TOKEN_DUPLICATE),
				 GU_LEVEL_IMPERSONATION, TOKEN_ALL_ACCESS);

	(void)row;
	OK(f, t, FN(CreateProcessAsUser), REF("token", token));
}

static void restricted_child(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref own = bh_own_token(
		f, t, TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ASSIGN_PRIMARY);
	struct gu_ref weak =
		OPENED(f, t, FN(CreateRestrictedToken), REF("token", own),
		       LIST(f, "disable", LOCAL));
	struct gu_ref event = fix_object(f, GU_OBJ_event, "Global\\local",
					 "D:(A;;GA;;;S-1-2-0)");
	struct gu_ref child = fix_thread(
		f, OPENED(f, t, FN(CreateProcessAsUser), REF("token", weak)),
		"main");

	(void)row;
	OK(f, t, FN(OpenEvent), UINT("access", EVENT_MODIFY_STATE),
	   REF("name", event));
	FAILS(f, GU_ERROR_ACCESS_DENIED, child, FN(OpenEvent),
	      UINT("access", EVENT_MODIFY_STATE), REF("name", event));
}

static void groups_of_a_null_handle(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, gu_ntstatus_to_win32(GU_NT_INVALID_HANDLE), t,
	      FN(AdjustTokenGroups), REF("token", fix_raw_handle(0)),
	      BOOL("reset", true));
}

static void groups_by_a_weak_handle(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, gu_ntstatus_to_win32(GU_NT_ACCESS_DENIED), t,
	      FN(AdjustTokenGroups),
	      REF("token", bh_own_token(f, t, TOKEN_DUPLICATE)),
	      BOOL("reset", true));
}

static void groups_without_a_list(struct fix *f, const void *row)
{
	const bool *reset = row;
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref token = bh_own_token(f, t, TOKEN_ADJUST_GROUPS);

	if (*reset) {
		OK(f, t, FN(AdjustTokenGroups), REF("token", token),
		   BOOL("reset", true));
	} else {
		FAILS(f, gu_ntstatus_to_win32(GU_NT_INVALID_PARAMETER), t,
		      FN(AdjustTokenGroups), REF("token", token),
		      BOOL("reset", false));
	}
}

static const struct bh_case cases[] = {
	{ "ib-561adc88f861", "TOKEN_QUERY alone makes no process", weak_handle,
	  &(const uint32_t){ TOKEN_QUERY } },
	{ "ib-6d9f39731f6b", "TOKEN_ASSIGN_PRIMARY alone makes no process",
	  weak_handle, &(const uint32_t){ TOKEN_ASSIGN_PRIMARY } },
	{ "ib-ed9ee4a15e28", "QUERY and ASSIGN_PRIMARY of one's own token do",
	  own_token, NULL },
	{ "ib-9a7b963b2905", "a NULL token is CreateProcess", no_token, NULL },
	{ "ib-f7de71025a74", "a pseudo token handle is refused", pseudo_handle,
	  NULL },
	{ "ib-3da8f1f176e7", "an impersonation token is taken",
	  impersonation_token, NULL },
	{ "ib-1543f6ce8083", "a restricted child is restricted",
	  restricted_child, NULL },
	{ "ib-4427d134141f", "groups of a NULL handle are not adjusted",
	  groups_of_a_null_handle, NULL },
	{ "ib-8041c0ab7584", "groups need TOKEN_ADJUST_GROUPS",
	  groups_by_a_weak_handle, NULL },
	{ "ib-5829214ec536", "groups reset without a list",
	  groups_without_a_list, &(const bool){ true } },
	{ "ib-84caeb4d42f3", "groups do not change without a list",
	  groups_without_a_list, &(const bool){ false } },
};

BH_AREA(process, cases);
