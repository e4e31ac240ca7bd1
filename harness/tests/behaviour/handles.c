/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* What opens and creations are checked against, privileges included. */

#define EVENT_SDDL "D:(A;;0x100000;;;WD)(A;;0x2;;;S-1-2-0)"

/* A user's thread, beside an event that LOCAL may modify, that impersonates
 * a token of that user in which LOCAL is deny-only. */
struct local_event {
	struct gu_ref t;
	struct gu_ref event;
};

static struct local_event restricted_beside_event(struct fix *f)
{
	struct local_event e = { .t = bh_plain_thread(f) };
	struct gu_ref own = bh_own_token(f, e.t, TOKEN_DUPLICATE);
	struct gu_ref weak =
		OPENED(f, e.t, FN(CreateRestrictedToken), REF("token", own),
		       LIST(f, "disable", LOCAL));

	e.event = fix_object(f, GU_OBJ_event, "Global\\local", EVENT_SDDL);
	weak = bh_impersonation(f, e.t, weak, GU_LEVEL_IMPERSONATION,
				TOKEN_QUERY | TOKEN_IMPERSONATE);
	OK(f, e.t, FN(SetThreadToken), REF("token", weak));
	assert_int_equal(fix_identity(f, e.t).level, GU_LEVEL_IMPERSONATION);
	return e;
}

static void restricted_synchronizes(struct fix *f, const void *row)
{
	struct local_event e = restricted_beside_event(f);

	(void)row;
	OK(f, e.t, FN(OpenEvent), UINT("access", SYNCHRONIZE),
	   REF("name", e.event));
}

static void restricted_cannot_modify(struct fix *f, const void *row)
{
	struct local_event e = restricted_beside_event(f);

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, e.t, FN(OpenEvent),
	      UINT("access", EVENT_MODIFY_STATE), REF("name", e.event));
}

static void new_thread_runs_as_the_process(struct fix *f, const void *row)
{
	struct local_event e = restricted_beside_event(f);
	struct gu_ref fresh = OPENED(f, e.t, FN(CreateThread));

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, e.t, FN(OpenEvent),
	      UINT("access", EVENT_MODIFY_STATE), REF("name", e.event));
	fix_reverted(f, fresh);
	OK(f, fresh, FN(OpenEvent), UINT("access", EVENT_MODIFY_STATE),
	   REF("name", e.event));
}

static void event_opened_for_nothing(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref event = fix_object(f, GU_OBJ_event, "Global\\open",
					 "D:NO_ACCESS_CONTROL");

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(OpenEvent), UINT("access", 0),
	      REF("name", event));
}

static void created_whatever_its_dacl(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	OK(f, t, FN(CreateEvent), STR("name", "Global\\fresh"),
	   UINT("access", MAXIMUM_ALLOWED | 0x4), STR("sddl", "D:"));
	assert_int_equal(f->call.out.value.ref.kind, GU_REF_HANDLE);
	assert_int_equal(f->call.out.decision.granted, EVENT_ALL_ACCESS);
}

static void process_created_with_all_access(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	OK(f, t, FN(CreateProcess), STR("name", "child"));
	assert_int_equal(f->call.out.decision.type, GU_OBJ_process);
	assert_int_equal(f->call.out.decision.granted, PROCESS_ALL_ACCESS);
}

static void process_denied_to_itself(struct fix *f, const void *row)
{
	struct gu_ref process, t;

	(void)row;
	(void)bh_alice(f);
	process = FIXTURE(f, FN(process), STR("name", "shut"),
			  STR("account", "alice"),
			  STR("sddl", "D:(D;;0x10;;;WD)(A;;0x1FFFFF;;;WD)"));
	t = fix_thread(f, process, "main");
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(OpenProcess),
	      UINT("access", PROCESS_VM_READ), REF("process", process));
	assert_int_equal(f->call.out.value.type, GU_V_NONE);
	OK(f, t, FN(OpenProcess), UINT("access", PROCESS_TERMINATE),
	   REF("process", process));
}

/* ACCESS_SYSTEM_SECURITY of a key that is there, and of one that is not, by a
 * user who holds the privilege. */
static void system_security(struct fix *f, const void *row)
{
	static const char *const paths[] = { "HKLM\\Software\\Old",
					     "HKLM\\Software\\Old\\New" };
	const bool *enabled = row;
	const uint32_t access = KEY_READ | ACCESS_SYSTEM_SECURITY;
	struct gu_ref t = bh_privileged_thread(f, GU_PRIV_BIT(GU_PRIV_Security),
					       *enabled);

	fix_object(f, GU_OBJ_key, paths[0], "O:SYG:SYD:(A;;GA;;;WD)");
	for (size_t i = 0; i < 2; i++) {
		if (*enabled) {
			OK(f, t, FN(RegCreateKeyEx), STR("path", paths[i]),
			   UINT("access", access));
			assert_int_equal(f->call.out.decision.granted, access);
		} else {
			FAILS(f, ERROR_PRIVILEGE_NOT_HELD, t,
			      FN(RegCreateKeyEx), STR("path", paths[i]),
			      UINT("access", access));
		}
	}
}

static const struct bh_case cases[] = {
	{ "ib-670ba3e516b5", "a restricted token may do what Everyone may",
	  restricted_synchronizes, NULL },
	{ "ib-785846db434d", "a deny-only SID grants nothing",
	  restricted_cannot_modify, NULL },
	{ "ib-574e64b5c01e", "a thread created under impersonation is itself",
	  new_thread_runs_as_the_process, NULL },
	{ "ib-2f9ad4e0191b", "desired access 0 opens no event",
	  event_opened_for_nothing, NULL },
	{ "ib-06016f439366", "a creator's access is not checked",
	  created_whatever_its_dacl, NULL },
	{ "ib-b5adb0f35177", "a new process's creator has all access",
	  process_created_with_all_access, NULL },
	{ "ib-4482f1ad9b4c", "a process's DACL may deny the process itself",
	  process_denied_to_itself, NULL },
	{ "ib-8190db2d0698",
	  "ACCESS_SYSTEM_SECURITY needs SeSecurityPrivilege enabled",
	  system_security, &(const bool){ false } },
	{ "ib-8c506d093477", "SeSecurityPrivilege gives ACCESS_SYSTEM_SECURITY",
	  system_security, &(const bool){ true } },
};

BH_AREA(handles, cases);
