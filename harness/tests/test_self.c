/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "banned.h"

/* The functions that put a token on a thread without a channel: semantics
 * 1.1, 1.3 and 4. */

#define SYSTEM    "NT AUTHORITY\\SYSTEM"
#define ANONYMOUS "NT AUTHORITY\\ANONYMOUS LOGON"
#define ALICE     "MACHINE\\alice"
#define BOB       "MACHINE\\bob"

enum { TOKEN_ALL = 0xF01FF, THREAD_ALL = 0x1FFFFF };

struct world {
	struct fix f;
	struct gu_ref alice, bob;
	struct gu_ref svc; /* SYSTEM's */
	struct gu_ref t, u;
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.alice = fix_account(&w.f, "alice", "BU");
	w.bob = fix_account(&w.f, "bob", "BU");
	w.svc = fix_process(&w.f, "svc", SYSTEM);
	w.t = fix_thread(&w.f, w.svc, "t");
	w.u = fix_thread(&w.f, w.svc, "u");
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

/* A handle with just these rights. */
static struct gu_ref
token_handle(struct world *w, struct gu_ref token, uint32_t access)
{
	return OPENED(&w->f, w->t, FN(DuplicateHandle), REF("handle", token),
		      UINT("access", access));
}

static struct gu_ref thread_handle(struct world *w, uint32_t access)
{
	return OPENED(&w->f, w->t, FN(OpenThread), UINT("access", access),
		      REF("thread", w->u));
}

static void self_duplicates_the_process_token_at_the_level(void **state)
{
	struct world *w = *state;

	for (unsigned level = 0; level <= 3; level++) {
		OK(&w->f, w->t, FN(ImpersonateSelf), UINT("level", level));
		fix_acts_as(&w->f, w->t, SYSTEM, (enum gu_level)level);
		assert_true(w->f.call.out.offered_known);
		assert_int_equal(w->f.call.out.offered, level);
		OK(&w->f, w->t, FN(RevertToSelf));
		fix_reverted(&w->f, w->t);
	}
}

static void self_refuses_a_level_that_is_none(void **state)
{
	struct world *w = *state;

	FAILS(&w->f, 87, w->t, FN(ImpersonateSelf), UINT("level", 4));
	fix_reverted(&w->f, w->t);
}

/* Each time the thread gets a token of its own. */
static void self_gives_a_new_token_each_time(void **state)
{
	struct world *w = *state;
	uint64_t first, second;

	OK(&w->f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	first = fix_identity(&w->f, w->t).token_id;
	OK(&w->f, w->u, FN(ImpersonateSelf), UINT("level", 2));
	assert_int_not_equal(fix_identity(&w->f, w->u).token_id, first);
	assert_int_equal(fix_identity(&w->f, w->t).token_id, first);
	OK(&w->f, w->t, FN(RevertToSelf));
	OK(&w->f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	second = fix_identity(&w->f, w->t).token_id;
	assert_int_not_equal(second, first);
	OK(&w->f, w->t, FN(RevertToSelf));
	OK(&w->f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	assert_int_not_equal(fix_identity(&w->f, w->t).token_id, second);
}

static void
adjusting_the_copy_leaves_the_process_and_later_copies_alone(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	const uint64_t debug = GU_PRIV_BIT(GU_PRIV_Debug);
	struct gu_ref h;

	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 0x28));
	OK(f, w->t, FN(AdjustTokenPrivileges), REF("token", h),
	   UINT("disable", debug));
	assert_int_equal(fix_privilege(f, w->t, h, "SeDebugPrivilege"), 1);
	assert_int_equal(fix_privilege(f, w->t, fix_own_token(f, w->u),
				       "SeDebugPrivilege"),
			 3);
	OK(f, w->t, FN(RevertToSelf));
	OK(f, w->t, FN(CloseHandle), REF("handle", h));
	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 0x8));
	assert_int_equal(fix_privilege(f, w->t, h, "SeDebugPrivilege"), 3);
}

static void an_adjusted_process_token_shows_in_the_next_copy(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h;

	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	OK(f, w->t, FN(RevertToSelf));
	h = fix_own_token(f, w->t);
	OK(f, w->t, FN(AdjustTokenPrivileges), REF("token", h),
	   BOOL("disable_all", true));
	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 0x8));
	assert_int_equal(fix_privilege(f, w->t, h, "SeDebugPrivilege"), 1);
}

/* Someone who still holds the last copy must not see it come back to life. */
static void a_copy_that_is_still_held_is_not_used_again(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	uint64_t held;
	struct gu_ref h;

	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 0x28));
	held = fix_identity(f, w->t).token_id;
	OK(f, w->t, FN(RevertToSelf));
	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	assert_int_not_equal(fix_identity(f, w->t).token_id, held);
	OK(f, w->t, FN(AdjustTokenPrivileges), REF("token", h),
	   BOOL("disable_all", true));
	h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 0x8));
	assert_int_equal(fix_privilege(f, w->t, h, "SeDebugPrivilege"), 3);
}

/* An unlabelled object is Medium: what is written to from below stays shut,
 * however often it was opened before. */
static void self_is_checked_again_when_the_process_token_changes(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref high =
		FIXTURE(f, FN(token), STR("account", SYSTEM), UINT("level", 2));
	struct gu_ref own = fix_own_token(f, w->t);

	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	OK(f, w->t, FN(SetThreadToken), REF("token", high));
	OK(f, w->t, FN(SetTokenInformation), REF("token", own),
	   UINT("class", 25), STR("value", "Low"));
	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	OK(f, w->t, FN(RevertToSelf));
	FAILS(f, 5, w->t, FN(ImpersonateSelf), UINT("level", 2));
	assert_int_equal(f->call.out.decision.reason.code, GU_REASON_INTEGRITY);
}

/* The process's token is opened as whoever the thread is. */
static void self_needs_the_client_to_have_access_to_the_process(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->alice, 2);

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", token));
	FAILS(&w->f, 5, w->t, FN(ImpersonateSelf), UINT("level", 2));
	assert_true(w->f.call.out.decision.made);
	fix_acts_as(&w->f, w->t, ALICE, GU_LEVEL_IMPERSONATION);
}

static void self_fails_below_impersonation(void **state)
{
	struct world *w = *state;

	OK(&w->f, w->t, FN(ImpersonateSelf), UINT("level", 1));
	FAILS(&w->f, 1346, w->t, FN(ImpersonateSelf), UINT("level", 2));
	fix_acts_as(&w->f, w->t, SYSTEM, GU_LEVEL_IDENTIFICATION);
}

static void reverting_twice_is_no_error(void **state)
{
	struct world *w = *state;

	OK(&w->f, w->t, FN(RevertToSelf));
	OK(&w->f, w->t, FN(ImpersonateSelf), UINT("level", 2));
	OK(&w->f, w->t, FN(RevertToSelf));
	OK(&w->f, w->t, FN(RevertToSelf));
	fix_reverted(&w->f, w->t);
}

static void one_revert_ends_nested_impersonations(void **state)
{
	struct world *w = *state;
	struct gu_ref a = fix_imp(&w->f, w->alice, 2);
	struct gu_ref b = fix_imp(&w->f, w->bob, 2);

	OK(&w->f, w->t, FN(ImpersonateLoggedOnUser), REF("token", a));
	OK(&w->f, w->t, FN(ImpersonateLoggedOnUser), REF("token", b));
	fix_acts_as(&w->f, w->t, BOB, GU_LEVEL_IMPERSONATION);
	OK(&w->f, w->t, FN(RevertToSelf));
	fix_reverted(&w->f, w->t);
}

static void threads_have_slots_of_their_own(void **state)
{
	struct world *w = *state;
	struct gu_ref a = fix_imp(&w->f, w->alice, 2);

	OK(&w->f, w->t, FN(ImpersonateLoggedOnUser), REF("token", a));
	fix_reverted(&w->f, w->u);
	OK(&w->f, w->u, FN(RevertToSelf));
	fix_acts_as(&w->f, w->t, ALICE, GU_LEVEL_IMPERSONATION);
}

struct rights_row {
	const char *name;
	uint32_t type;
	uint32_t access;
	bool ok;
};

/* ib-004f7a087377, ib-822c82b7b67c */
static const struct rights_row logged_on_rows[] = {
	{ "primary, QUERY|DUPLICATE", 1, 0xA, true },
	{ "primary, QUERY only", 1, 0x8, false },
	{ "primary, DUPLICATE only", 1, 0x2, false },
	{ "primary, QUERY|IMPERSONATE", 1, 0xC, false },
	{ "impersonation, QUERY|IMPERSONATE", 2, 0xC, true },
	{ "impersonation, QUERY only", 2, 0x8, false },
	{ "impersonation, IMPERSONATE only", 2, 0x4, false },
	{ "impersonation, QUERY|DUPLICATE", 2, 0xA, false },
};

static void logged_on_user_needs_these_rights(void **state)
{
	const size_t n = sizeof(logged_on_rows) / sizeof(logged_on_rows[0]);
	struct world *w = *state;

	for (size_t i = 0; i < n; i++) {
		const struct rights_row *r = &logged_on_rows[i];
		struct gu_ref token = r->type == 1
					      ? fix_primary(&w->f, w->alice)
					      : fix_imp(&w->f, w->alice, 2);
		struct gu_ref h = token_handle(w, token, r->access);
		const struct gu_outcome *out =
			CALL(&w->f, w->t, FN(ImpersonateLoggedOnUser),
			     REF("token", h));

		row_check(out->status.ok == r->ok, r->name);
		row_check(out->status.code == (r->ok ? 0u : 5u), r->name);
		row_check(out->identity.impersonating == r->ok, r->name);
		OK(&w->f, w->t, FN(RevertToSelf));
	}
}

static void a_primary_token_is_duplicated_at_impersonation(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_primary(&w->f, w->alice);
	const uint64_t id = w->f.call.out.identity.token_id;

	OK(&w->f, w->t, FN(ImpersonateLoggedOnUser), REF("token", token));
	fix_acts_as(&w->f, w->t, ALICE, GU_LEVEL_IMPERSONATION);
	assert_int_not_equal(fix_identity(&w->f, w->t).token_id, id);
}

/* The copy is the caller's object: its descriptor is the caller's default. */
static void the_copy_belongs_to_who_made_it(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = fix_primary(f, w->alice);
	struct gu_ref b = fix_run_as(f, "bob");

	OK(f, b, FN(ImpersonateLoggedOnUser), REF("token", token));
	OK(f, b, FN(OpenThreadToken), UINT("access", 0x8),
	   BOOL("open_as_self", true));
	OK(f, b, FN(CloseHandle), REF("handle", f->call.out.value.ref));
	OK(f, b, FN(RevertToSelf));
	OK(f, w->t, FN(ImpersonateLoggedOnUser), REF("token", token));
	FAILS(f, 5, b, FN(OpenThreadToken), REF("thread", w->t),
	      UINT("access", 0x8), BOOL("open_as_self", true));
}

static void an_impersonation_token_keeps_its_own_level(void **state)
{
	struct world *w = *state;

	for (unsigned level = 0; level <= 3; level++) {
		struct gu_ref token =
			fix_imp(&w->f, w->alice, (enum gu_level)level);
		const uint64_t id = w->f.call.out.identity.token_id;

		OK(&w->f, w->t, FN(ImpersonateLoggedOnUser),
		   REF("token", token));
		fix_acts_as(&w->f, w->t, ALICE, (enum gu_level)level);
		assert_int_equal(fix_identity(&w->f, w->t).token_id, id);
	}
}

/* ib-7ca0f6dfb2ad, and semantics G5: success at Identification. */
static void logged_on_user_needs_no_privilege_to_succeed(void **state)
{
	struct world *w = *state;
	struct gu_ref t = fix_run_as(&w->f, "alice");
	struct gu_ref token = fix_primary(&w->f, w->bob);

	OK(&w->f, t, FN(ImpersonateLoggedOnUser), REF("token", token));
	fix_acts_as(&w->f, t, BOB, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(w->f.call.out.offered, GU_LEVEL_IMPERSONATION);
}

static void logged_on_user_fails_with_a_bad_handle(void **state)
{
	struct world *w = *state;
	struct gu_ref a = fix_imp(&w->f, w->alice, 2);

	OK(&w->f, w->t, FN(ImpersonateLoggedOnUser), REF("token", a));
	FAILS(&w->f, 6, w->t, FN(ImpersonateLoggedOnUser),
	      REF("token", fix_raw_handle(0)));
	FAILS(&w->f, 6, w->t, FN(ImpersonateLoggedOnUser),
	      REF("token", fix_raw_handle(12345)));
	fix_acts_as(&w->f, w->t, ALICE, GU_LEVEL_IMPERSONATION);
}

static void set_thread_token_takes_impersonation_tokens_only(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_primary(&w->f, w->alice);

	FAILS(&w->f, 1349, w->t, FN(SetThreadToken), REF("token", token));
	fix_reverted(&w->f, w->t);
}

static void set_thread_token_needs_impersonate_on_the_token(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->alice, 2);

	FAILS(&w->f, 5, w->t, FN(SetThreadToken),
	      REF("token", token_handle(w, token, 0x8)));
	OK(&w->f, w->t, FN(SetThreadToken),
	   REF("token", token_handle(w, token, 0x4)));
	fix_acts_as(&w->f, w->t, ALICE, GU_LEVEL_IMPERSONATION);
}

static void set_thread_token_needs_a_right_to_the_thread(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->alice, 2);

	FAILS(&w->f, 5, w->t, FN(SetThreadToken),
	      REF("thread", thread_handle(w, 0x100)), REF("token", token));
	fix_reverted(&w->f, w->u);
	OK(&w->f, w->t, FN(SetThreadToken),
	   REF("thread", thread_handle(w, 0x80)), REF("token", token));
	fix_acts_as(&w->f, w->u, ALICE, GU_LEVEL_IMPERSONATION);
	fix_reverted(&w->f, w->t);
}

static void set_thread_token_without_a_token_reverts(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->alice, 2);

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", token));
	OK(&w->f, w->t, FN(SetThreadToken));
	fix_reverted(&w->f, w->t);
	assert_false(w->f.call.out.offered_known);
	OK(&w->f, w->t, FN(SetThreadToken), REF("token", token));
	OK(&w->f, w->t, FN(SetThreadToken), REF("token", fix_raw_handle(0)));
	fix_reverted(&w->f, w->t);
	FAILS(&w->f, 5, w->t, FN(SetThreadToken),
	      REF("thread", thread_handle(w, 0x100)));
}

static void two_threads_share_the_token_they_are_given(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = fix_imp(f, w->alice, 2);
	struct gu_ref h;

	OK(f, w->t, FN(SetThreadToken), REF("token", token));
	OK(f, w->t, FN(SetThreadToken), REF("thread", w->u),
	   REF("token", token));
	assert_int_equal(fix_identity(f, w->t).token_id,
			 fix_identity(f, w->u).token_id);
	h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 0x28),
		   BOOL("open_as_self", true));
	OK(f, w->t, FN(AdjustTokenPrivileges), REF("token", h),
	   BOOL("disable_all", true));
	h = OPENED(f, w->t, FN(OpenThreadToken), REF("thread", w->u),
		   UINT("access", 0x8), BOOL("open_as_self", true));
	assert_int_equal(fix_privilege(f, w->t, h, "SeChangeNotifyPrivilege"),
			 1);
}

static void closing_the_handle_does_not_end_it(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->alice, 2);
	struct gu_ref h = token_handle(w, token, 0x4);

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", h));
	OK(&w->f, w->t, FN(CloseHandle), REF("handle", h));
	fix_acts_as(&w->f, w->t, ALICE, GU_LEVEL_IMPERSONATION);
}

static void a_failed_call_leaves_the_slot_as_it_was(void **state)
{
	struct world *w = *state;
	struct gu_ref a = fix_imp(&w->f, w->alice, 2);
	struct gu_ref b = fix_primary(&w->f, w->bob);

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", a));
	FAILS(&w->f, 1349, w->t, FN(SetThreadToken), REF("token", b));
	FAILS(&w->f, 6, w->t, FN(SetThreadToken),
	      REF("token", fix_raw_handle(9999)));
	FAILS(&w->f, 6, w->t, FN(SetThreadToken), REF("token", w->svc));
	fix_acts_as(&w->f, w->t, ALICE, GU_LEVEL_IMPERSONATION);
}

static void anonymous_is_installed_at_impersonation(void **state)
{
	struct world *w = *state;
	struct gu_identity id;

	OK(&w->f, w->t, FN(ImpersonateAnonymousToken));
	fix_acts_as(&w->f, w->t, ANONYMOUS, GU_LEVEL_IMPERSONATION);
	id = fix_identity(&w->f, w->t);
	assert_string_equal(id.sid, "S-1-5-7");
	assert_int_equal(id.auth_id, 0x3e6);
	assert_int_equal(id.integrity, GU_IL_UNTRUSTED);
	OK(&w->f, w->t, FN(RevertToSelf));
	fix_reverted(&w->f, w->t);
}

/* ib-14e179b85aaf */
static void an_anonymous_threads_token_can_be_opened(void **state)
{
	struct world *w = *state;

	for (int as_self = 0; as_self < 2; as_self++) {
		OK(&w->f, w->t, FN(ImpersonateAnonymousToken));
		OK(&w->f, w->t, FN(OpenThreadToken), UINT("access", TOKEN_ALL),
		   BOOL("open_as_self", as_self != 0));
		assert_int_equal(w->f.call.out.decision.granted, TOKEN_ALL);
		OK(&w->f, w->t, FN(RevertToSelf));
	}
}

/* ib-048be6fdecf2, ib-50b8595d09bb, ib-4b76060dd3d6 */
static void anonymous_needs_impersonate_on_the_thread(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	FAILS(f, 0xC0000022, w->t, FN(NtImpersonateAnonymousToken),
	      REF("thread", thread_handle(w, 0x100000)));
	FAILS(f, 0xC0000008, w->t, FN(NtImpersonateAnonymousToken),
	      REF("thread", fix_raw_handle(0)));
	FAILS(f, 6, w->t, FN(ImpersonateAnonymousToken),
	      REF("thread", fix_raw_handle(0)));
	fix_reverted(f, w->u);
	OK(f, w->t, FN(NtImpersonateAnonymousToken),
	   REF("thread", thread_handle(w, 0x100)));
	fix_acts_as(f, w->u, ANONYMOUS, GU_LEVEL_IMPERSONATION);
}

/* ib-812b9d4b1530 */
static void anonymous_with_everyone_reverts_too(void **state)
{
	struct world *w = *state;

	OK(&w->f, fix_no_ref(), FN(system),
	   UINT("EveryoneIncludesAnonymous", 1));
	OK(&w->f, w->t, FN(NtImpersonateAnonymousToken));
	OK(&w->f, w->t, FN(RevertToSelf));
	fix_reverted(&w->f, w->t);
}

/* ib-aba35a45c0bf */
static void a_restricted_process_may_not_become_anonymous(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = FIXTURE(f, FN(token), REF("account", w->alice),
				      LIST(f, "restrict", "WD"));
	struct gu_ref p =
		FIXTURE(f, FN(process), STR("name", "r"), REF("token", token));
	struct gu_ref t = fix_thread(f, p, "t");

	FAILS(f, 5, t, FN(ImpersonateAnonymousToken));
	FAILS(f, 0xC0000022, t, FN(NtImpersonateAnonymousToken));
	fix_reverted(f, t);
}

static void one_thread_takes_on_anothers_identity(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref c = fix_run_as(f, "alice");

	for (unsigned level = 0; level <= 3; level++) {
		OK(f, w->t, FN(NtImpersonateThread), REF("server", w->u),
		   REF("client", c),
		   SQOS("sqos", (enum gu_level)level, false, false));
		fix_acts_as(f, w->u, ALICE, (enum gu_level)level);
	}
	fix_reverted(f, w->t);
	fix_reverted(f, c);
}

/* The client's effective identity counts. */
static void a_client_that_impersonates_passes_that_on(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref b = fix_imp(f, w->bob, 2);

	OK(f, w->u, FN(SetThreadToken), REF("token", b));
	OK(f, w->t, FN(NtImpersonateThread), REF("server", w->t),
	   REF("client", w->u), SQOS("sqos", 2, false, false));
	fix_acts_as(f, w->t, BOB, GU_LEVEL_IMPERSONATION);
}

struct client_row {
	const char *name;
	enum gu_level client, asked;
	uint32_t status;
};

static const struct client_row client_rows[] = {
	{ "as much as the client has", 2, 2, 0 },
	{ "less than the client has", 2, 1, 0 },
	{ "more than the client has", 2, 3, 0xC00000A5 },
	{ "a client at Identification", 1, 1, 0xC00000A5 },
	{ "a client at Anonymous", 0, 0, 0xC00000A5 },
};

static void a_client_passes_on_no_more_than_it_has(void **state)
{
	const size_t n = sizeof(client_rows) / sizeof(client_rows[0]);
	struct world *w = *state;

	for (size_t i = 0; i < n; i++) {
		const struct client_row *r = &client_rows[i];
		struct gu_ref b = fix_imp(&w->f, w->bob, r->client);
		const struct gu_outcome *out;

		OK(&w->f, w->u, FN(SetThreadToken), REF("token", b));
		out = CALL(&w->f, w->t, FN(NtImpersonateThread),
			   REF("server", w->t), REF("client", w->u),
			   SQOS("sqos", r->asked, false, false));
		row_check(out->status.code == r->status, r->name);
		row_check(out->identity.impersonating == !r->status, r->name);
		OK(&w->f, w->t, FN(RevertToSelf));
	}
}

static void impersonating_a_thread_needs_rights_to_both(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	const struct fix_arg sqos = SQOS("sqos", 2, false, false);

	FAILS(f, 0xC0000022, w->t, FN(NtImpersonateThread),
	      REF("server", thread_handle(w, 0x200)), REF("client", w->t),
	      sqos);
	FAILS(f, 0xC0000022, w->t, FN(NtImpersonateThread), REF("server", w->t),
	      REF("client", thread_handle(w, 0x100)), sqos);
	FAILS(f, 0xC0000008, w->t, FN(NtImpersonateThread), REF("server", w->t),
	      REF("client", fix_raw_handle(1)), sqos);
	FAILS(f, 0xC000000D, w->t, FN(NtImpersonateThread), REF("server", w->t),
	      REF("client", w->u),
	      SQOS("sqos", (enum gu_level)4, false, false));
	fix_reverted(f, w->t);
	OK(f, w->t, FN(NtImpersonateThread),
	   REF("server", thread_handle(w, 0x100)),
	   REF("client", thread_handle(w, 0x200)), sqos);
}

static void effective_only_takes_what_is_disabled_away(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h;

	OK(f, w->t, FN(NtImpersonateThread), REF("server", w->t),
	   REF("client", w->u), SQOS("sqos", 2, false, true));
	h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 8),
		   BOOL("open_as_self", true));
	assert_int_equal(fix_privilege(f, w->t, h, "SeBackupPrivilege"),
			 FIX_ABSENT);
	assert_int_equal(fix_privilege(f, w->t, h, "SeImpersonatePrivilege"),
			 3);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(self_duplicates_the_process_token_at_the_level),
		T(self_refuses_a_level_that_is_none),
		T(self_gives_a_new_token_each_time),
		T(adjusting_the_copy_leaves_the_process_and_later_copies_alone),
		T(an_adjusted_process_token_shows_in_the_next_copy),
		T(a_copy_that_is_still_held_is_not_used_again),
		T(self_is_checked_again_when_the_process_token_changes),
		T(self_needs_the_client_to_have_access_to_the_process),
		T(self_fails_below_impersonation),
		T(reverting_twice_is_no_error),
		T(one_revert_ends_nested_impersonations),
		T(threads_have_slots_of_their_own),
		T(logged_on_user_needs_these_rights),
		T(a_primary_token_is_duplicated_at_impersonation),
		T(the_copy_belongs_to_who_made_it),
		T(an_impersonation_token_keeps_its_own_level),
		T(logged_on_user_needs_no_privilege_to_succeed),
		T(logged_on_user_fails_with_a_bad_handle),
		T(set_thread_token_takes_impersonation_tokens_only),
		T(set_thread_token_needs_impersonate_on_the_token),
		T(set_thread_token_needs_a_right_to_the_thread),
		T(set_thread_token_without_a_token_reverts),
		T(two_threads_share_the_token_they_are_given),
		T(closing_the_handle_does_not_end_it),
		T(a_failed_call_leaves_the_slot_as_it_was),
		T(anonymous_is_installed_at_impersonation),
		T(an_anonymous_threads_token_can_be_opened),
		T(anonymous_needs_impersonate_on_the_thread),
		T(anonymous_with_everyone_reverts_too),
		T(a_restricted_process_may_not_become_anonymous),
		T(one_thread_takes_on_anothers_identity),
		T(a_client_that_impersonates_passes_that_on),
		T(a_client_passes_on_no_more_than_it_has),
		T(impersonating_a_thread_needs_rights_to_both),
		T(effective_only_takes_what_is_disabled_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
