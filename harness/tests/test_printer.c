/* SPDX-License-Identifier: MIT */
#include "chan_fix.h"

/* semantics 1.2 row 14; ddi: reverttoprinterself, impersonateprinterclient. */

static void reverting_hands_out_the_clients_token(void **state)
{
	struct chan s;
	struct gu_ref token;

	(void)state;
	chan_open(&s);
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	token = OPENED(&s.f, s.server, FN(RevertToPrinterSelf));
	assert_int_equal(token.kind, GU_REF_HANDLE);
	assert_int_equal(s.f.call.out.decision.type, GU_OBJ_token);
	assert_int_equal(s.f.call.out.decision.granted, 0xC);
	fix_reverted(&s.f, s.server);
	chan_close(&s);
}

static void impersonating_takes_the_token_back_and_closes_it(void **state)
{
	struct chan s;
	struct gu_ref token;

	(void)state;
	chan_open(&s);
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	token = OPENED(&s.f, s.server, FN(RevertToPrinterSelf));
	OK(&s.f, s.server, FN(ImpersonatePrinterClient), REF("token", token));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, 6, s.server, FN(CloseHandle), REF("handle", token));
	FAILS(&s.f, 6, s.server, FN(ImpersonatePrinterClient),
	      REF("token", token));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void there_is_no_token_to_hand_out_without_impersonation(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	FAILS(&s.f, 1008, s.server, FN(RevertToPrinterSelf));
	assert_int_equal(s.f.call.out.value.type, GU_V_NONE);
	chan_close(&s);
}

static void an_anonymous_level_token_cannot_be_handed_out(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	chan_put(&s, s.server, GU_LEVEL_ANONYMOUS);
	FAILS(&s.f, 1347, s.server, FN(RevertToPrinterSelf));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_ANONYMOUS);
	chan_close(&s);
}

static void a_captured_context_is_handed_out_as_a_copy(void **state)
{
	struct chan s;
	uint64_t before;
	struct gu_ref token;

	(void)state;
	chan_open(&s);
	OK(&s.f, s.server, FN(ImpersonateAnonymousToken));
	before = fix_identity(&s.f, s.server).token_id;
	token = OPENED(&s.f, s.server, FN(RevertToPrinterSelf));
	OK(&s.f, s.server, FN(ImpersonatePrinterClient), REF("token", token));
	assert_int_not_equal(fix_identity(&s.f, s.server).token_id, before);
	chan_close(&s);
}

static struct gu_ref primary(struct chan *s)
{
	return fix_primary(&s->f, s->alice);
}

static struct gu_ref not_for_impersonation(struct chan *s)
{
	struct gu_ref token = OPENED(
		&s->f, s->server, FN(DuplicateTokenEx),
		REF("token", fix_imp(&s->f, s->alice, GU_LEVEL_IMPERSONATION)),
		UINT("access", 0x8), UINT("level", 2), UINT("type", 2));

	return token;
}

static struct gu_ref not_a_token(struct chan *s)
{
	return OPENED(&s->f, s->server, FN(CreateEvent));
}

static struct gu_ref raw(struct chan *s)
{
	(void)s;
	return fix_raw_handle(0x7FFF);
}

static struct gu_ref none(struct chan *s)
{
	(void)s;
	return fix_no_ref();
}

static const struct refusal {
	const char *name;
	struct gu_ref (*make)(struct chan *s);
	uint32_t error;
} refusals[] = {
	{ "a primary token", primary, 1349 },
	{ "without TOKEN_IMPERSONATE", not_for_impersonation, 5 },
	{ "not a token", not_a_token, 6 },
	{ "no handle", raw, 6 },
	{ "NULL", none, 6 },
};

static void a_refused_impersonation_leaves_the_slot_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		const struct gu_outcome *out;
		struct gu_ref token;
		struct chan s;

		chan_open(&s);
		token = r->make(&s);
		chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
		out = CALL(&s.f, s.server, FN(ImpersonatePrinterClient),
			   REF("token", token));
		row_check(!out->status.ok, r->name);
		row_check(out->status.code == r->error, r->name);
		fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
		chan_close(&s);
	}
}

static void a_handle_that_was_refused_stays_open(void **state)
{
	struct chan s;
	struct gu_ref token;

	(void)state;
	chan_open(&s);
	token = not_for_impersonation(&s);
	FAILS(&s.f, 5, s.server, FN(ImpersonatePrinterClient),
	      REF("token", token));
	OK(&s.f, s.server, FN(CloseHandle), REF("handle", token));
	chan_close(&s);
}

static void without_the_privilege_another_user_is_only_identified(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	OK(&s.f, s.weak, FN(ImpersonatePrinterClient),
	   REF("token", fix_imp(&s.f, s.alice, GU_LEVEL_IMPERSONATION)));
	fix_acts_as(&s.f, s.weak, ALICE, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void printing_survives_a_lack_of_memory(void **state)
{
	struct chan s;
	struct gu_ref token;

	(void)state;
	chan_open(&s);
	OK(&s.f, s.server, FN(ImpersonateAnonymousToken));
	token = SURVIVES(&s.f, s.server, FN(RevertToPrinterSelf))->value.ref;
	SURVIVES(&s.f, s.server, FN(ImpersonatePrinterClient),
		 REF("token", token));
	chan_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reverting_hands_out_the_clients_token),
		cmocka_unit_test(
			impersonating_takes_the_token_back_and_closes_it),
		cmocka_unit_test(
			there_is_no_token_to_hand_out_without_impersonation),
		cmocka_unit_test(an_anonymous_level_token_cannot_be_handed_out),
		cmocka_unit_test(a_captured_context_is_handed_out_as_a_copy),
		cmocka_unit_test(a_refused_impersonation_leaves_the_slot_alone),
		cmocka_unit_test(a_handle_that_was_refused_stays_open),
		cmocka_unit_test(
			without_the_privilege_another_user_is_only_identified),
		cmocka_unit_test(printing_survives_a_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
