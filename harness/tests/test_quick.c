/* SPDX-License-Identifier: MIT */
#include "sec_fix.h"

#include "alloc.h"
#include "quick.h"

enum {
	TOKENS = 24,
	ROUNDS = 3000,
	MAX = GU_MAXIMUM_ALLOWED,
};

static uint32_t any_desired(void)
{
	uint32_t mask = any_mask();

	if (one_in(3)) {
		mask = one_in(2) ? MAX : MAX | mask;
	}
	return mask | (one_in(30) ? GU_ACCESS_SYSTEM_SECURITY : 0);
}

static struct gu_access_result judge(const struct gu_buf *bytes,
				     const struct gu_token *token,
				     uint32_t desired)
{
	struct gu_sd sd = GU_SD_INIT;
	const struct gu_access_request req = {
		.sd = &sd, .token = token, .map = &file_map, .desired = desired
	};
	struct gu_access_result res;

	assert_rc_ok(gu_sd_decode(&sd, (const uint8_t *)bytes->data, bytes->len,
				  NULL));
	gu_access_check(&req, &res);
	gu_sd_release(&sd);
	return res;
}

static void agree(const struct gu_access_result *want,
		  const struct gu_quick_answer *got, const char *which,
		  uint32_t round)
{
	if (want->mask != got->mask || want->status != got->status) {
		fail_msg("round %u, %s: mask 0x%x, not 0x%x; status 0x%x",
			 round, which, got->mask, want->mask, got->status);
	}
}

struct world {
	struct gu_quick *quick;
	struct gu_token *tokens[TOKENS];
	struct gu_quick_token *fast[TOKENS];
};

static void world_init(struct world *w)
{
	assert_rc_ok(gu_quick_new(&w->quick, NULL));
	for (size_t i = 0; i < TOKENS; i++) {
		w->tokens[i] = any_token();
		assert_rc_ok(gu_quick_token_new(w->quick, w->tokens[i],
						&w->fast[i], NULL));
	}
}

static void world_release(struct world *w)
{
	for (size_t i = 0; i < TOKENS; i++) {
		gu_quick_token_free(w->fast[i]);
		gu_token_unref(w->tokens[i]);
	}
	gu_quick_free(w->quick);
}

static void compare(struct world *w, const struct gu_buf *bytes, uint32_t round)
{
	const uint8_t *p = (const uint8_t *)bytes->data;
	struct gu_quick_sd *sd = NULL;
	uint32_t desired = any_desired();

	/* Some are asked about before the quick check has seen their SIDs. */
	for (size_t i = 0; i < TOKENS; i++) {
		struct gu_access_result want =
			judge(bytes, w->tokens[i], desired);
		struct gu_quick_answer got = { 0xA5, 0xA5 };
		struct gu_quick_why why;

		assert_rc_ok(gu_quick_check_bytes(w->quick, p, bytes->len,
						  &file_map, w->fast[i],
						  desired, &got, NULL));
		agree(&want, &got, "bytes", round);
		assert_rc_ok(gu_quick_compile(w->quick, p, bytes->len,
					      &file_map, &sd, NULL));
		assert_rc_ok(gu_quick_check(sd, w->fast[i], desired, &got));
		agree(&want, &got, "check", round);
		assert_rc_ok(
			gu_quick_explain(sd, w->fast[i], desired, &got, &why));
		agree(&want, &got, "explain", round);
	}
}

static void fast_and_slow_always_agree(void **state)
{
	struct world w;
	struct gu_buf bytes = GU_BUF_INIT;

	(void)state;
	seed = 0x2545F491;
	world_init(&w);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		any_sd(&bytes);
		compare(&w, &bytes, round);
	}
	gu_buf_release(&bytes);
	world_release(&w);
}

static struct gu_access_result
judge_sd(const struct gu_sd *sd, const struct gu_token *token, uint32_t desired)
{
	const struct gu_access_request req = {
		.sd = sd, .token = token, .map = &file_map, .desired = desired
	};
	struct gu_access_result res;

	gu_access_check(&req, &res);
	return res;
}

/* With one more entry, before the one at `at`. */
static struct gu_access_result
judge_with(const struct gu_sd *sd, const struct gu_token *token,
	   uint32_t desired, const struct gu_ace *ace, uint32_t at)
{
	struct gu_sd more = *sd;
	struct gu_access_result res;

	more.dacl = (struct gu_acl)GU_ACL_INIT;
	for (uint32_t i = 0; i <= sd->dacl.count; i++) {
		if (i == at) {
			assert_rc_ok(gu_acl_append(&more.dacl, ace, NULL));
		}
		if (i < sd->dacl.count) {
			assert_rc_ok(gu_acl_append(&more.dacl,
						   &sd->dacl.aces[i], NULL));
		}
	}
	res = judge_sd(&more, token, desired);
	gu_acl_release(&more.dacl);
	return res;
}

static void check_monotone(const struct gu_sd *sd, const struct gu_token *token)
{
	const uint32_t asked[] = { MAX, any_desired() };
	const uint32_t at = below(sd->dacl.count + 1);
	struct gu_ace ace = { .mask = any_mask(), .sid = any_sid() };
	/* Such an entry ends what the owner has implicitly. */
	const bool owner_rights = gu_sid_equal(
		&ace.sid, gu_sid_well_known(GU_WK_CREATOR_OWNER_RIGHTS));

	for (size_t i = 0; i < COUNT(asked); i++) {
		uint32_t before = judge_sd(sd, token, asked[i]).mask;
		uint32_t after;

		ace.type = GU_ACE_DENY;
		after = judge_with(sd, token, asked[i], &ace, at).mask;
		assert_int_equal(after & ~before, 0);
		ace.type = GU_ACE_ALLOW;
		after = judge_with(sd, token, asked[i], &ace, at).mask;
		assert_true(owner_rights || !(before & ~after));
	}
}

static void allows_never_take_and_denials_never_give(void **state)
{
	struct gu_buf bytes = GU_BUF_INIT;

	(void)state;
	seed = 0x1234567;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct gu_token *token = any_token();
		struct gu_sd sd = GU_SD_INIT;

		any_sd(&bytes);
		assert_rc_ok(gu_sd_decode(&sd, (const uint8_t *)bytes.data,
					  bytes.len, NULL));
		if (gu_sd_has_dacl(&sd)) {
			check_monotone(&sd, token);
		}
		gu_sd_release(&sd);
		gu_token_unref(token);
	}
	gu_buf_release(&bytes);
}

static void encode(struct gu_buf *bytes, const char *sddl)
{
	struct gu_sd sd = GU_SD_INIT;

	assert_rc_ok(gu_sddl_parse(&sd, sddl, NULL, NULL));
	gu_buf_reset(bytes);
	gu_sd_encode(&sd, bytes);
	gu_sd_release(&sd);
}

static struct gu_quick_sd *compile(struct gu_quick *quick, const char *sddl)
{
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_quick_sd *sd = NULL;

	encode(&bytes, sddl);
	assert_rc_ok(gu_quick_compile(quick, (uint8_t *)bytes.data, bytes.len,
				      &file_map, &sd, NULL));
	gu_buf_release(&bytes);
	return sd;
}

static struct gu_quick_token *user_token(struct gu_quick *quick)
{
	struct gu_token *t = NULL;
	struct gu_quick_token *fast = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	assert_rc_ok(gu_sddl_parse_sid(&t->user, "LA", 2, NULL, NULL));
	assert_rc_ok(gu_token_add_group(t, gu_sid_well_known(GU_WK_WORLD), ON,
					NULL));
	assert_rc_ok(gu_quick_token_new(quick, t, &fast, NULL));
	gu_token_unref(t);
	return fast;
}

static void each_right_names_the_ace_that_settled_it(void **state)
{
	static const struct {
		const char *name;
		const char *sddl;
		uint32_t desired;
		unsigned bit;
		uint16_t why;
	} rows[] = {
		{ "first", "D:(A;;0x1;;;WD)(A;;0x1;;;LA)", 0x1, 0, 0 },
		{ "second", "D:(A;;0x1;;;SY)(A;;0x1;;;LA)", 0x1, 0, 1 },
		{ "past an inherit-only one",
		  "D:(A;OIIO;0x1;;;WD)(A;;0x1;;;WD)", 0x1, 0, 1 },
		{ "a denial", "D:(A;;0x1;;;WD)(D;;0x2;;;LA)", 0x3, 1, 1 },
		{ "nobody", "D:(A;;0x1;;;WD)", 0x3, 1, GU_WHY_NOBODY },
		{ "not asked", "D:(A;;0x3;;;WD)", 0x1, 1, GU_WHY_NOBODY },
		{ "owner", "O:LAD:", GU_READ_CONTROL, 17, GU_WHY_OWNER },
		{ "no DACL", "O:SY", 0x1, 0, GU_WHY_NULL_DACL },
		{ "label", "D:(A;;FA;;;WD)S:(ML;;NW;;;HI)", 0x2, 1,
		  GU_WHY_GATE },
		{ "maximum", "D:(D;;0x1;;;LA)(A;;0x3;;;WD)", MAX, 0, 0 },
		{ "slow: object ACE", "D:(OA;;0x1;;;WD)", 0x1, 0, 0 },
		{ "slow: no privilege", "D:", GU_ACCESS_SYSTEM_SECURITY, 24,
		  GU_WHY_PRIVILEGE },
	};
	struct gu_quick *quick = NULL;
	struct gu_quick_token *token;

	(void)state;
	assert_rc_ok(gu_quick_new(&quick, NULL));
	token = user_token(quick);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_quick_answer answer;
		struct gu_quick_why why;

		assert_rc_ok(gu_quick_explain(compile(quick, rows[i].sddl),
					      token, rows[i].desired, &answer,
					      &why));
		if (why.ace[rows[i].bit] != rows[i].why) {
			fail_msg("row \"%s\": %u", rows[i].name,
				 why.ace[rows[i].bit]);
		}
	}
	gu_quick_token_free(token);
	gu_quick_free(quick);
}

static void equal_descriptors_are_compiled_once(void **state)
{
	static const struct gu_generic_mapping other = { 1, 2, 4, 7 };
	struct gu_quick *quick = NULL;
	struct gu_quick_sd *a, *b, *c = NULL;
	struct gu_buf bytes = GU_BUF_INIT;

	(void)state;
	assert_rc_ok(gu_quick_new(&quick, NULL));
	a = compile(quick, "O:LAD:(A;;GR;;;WD)");
	b = compile(quick, "O:LAD:(A;;GR;;;WD)");
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, compile(quick, "O:LAD:(A;;GW;;;WD)"));
	encode(&bytes, "O:LAD:(A;;GR;;;WD)");
	assert_rc_ok(gu_quick_compile(quick, (uint8_t *)bytes.data, bytes.len,
				      &other, &c, NULL));
	assert_ptr_not_equal(a, c);
	assert_int_equal(gu_quick_sd_count(quick), 3);
	gu_buf_release(&bytes);
	gu_quick_free(quick);
}

/* Cut anywhere, a descriptor is refused by all or by none. */
static void cut_descriptors_are_refused_like_decode_does(void **state)
{
	struct gu_quick *quick = NULL;
	struct gu_quick_token *token;
	struct gu_buf bytes = GU_BUF_INIT;

	(void)state;
	assert_rc_ok(gu_quick_new(&quick, NULL));
	token = user_token(quick);
	encode(&bytes, "O:LAG:SYD:(A;;0x1;;;LA)(D;;0x2;;;BU)(A;;FA;;;WD)");
	for (size_t n = 0; n <= bytes.len; n++) {
		struct gu_sd sd = GU_SD_INIT;
		struct gu_quick_answer answer;
		uint8_t *exact = test_malloc(n + 1);
		enum gu_rc want;

		memcpy(exact, bytes.data, n);
		want = gu_sd_decode(&sd, exact, n, NULL);
		assert_int_equal(gu_quick_check_bytes(quick, exact, n,
						      &file_map, token, 0x3,
						      &answer, NULL),
				 want);
		gu_sd_release(&sd);
		test_free(exact);
	}
	gu_buf_release(&bytes);
	gu_quick_token_free(token);
	gu_quick_free(quick);
}

static void many_sids_keep_their_numbers(void **state)
{
	struct gu_quick *quick = NULL;
	struct gu_token *t = NULL;
	struct gu_quick_token *fast = NULL;
	struct gu_quick_answer answer;
	char sddl[128];

	(void)state;
	assert_rc_ok(gu_quick_new(&quick, NULL));
	assert_rc_ok(gu_token_new(&t, NULL));
	assert_rc_ok(gu_sid_parse(&t->user, "S-1-5-21-9-9-9-777", 18, NULL));
	assert_rc_ok(gu_quick_token_new(quick, t, &fast, NULL));
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(sddl, sizeof(sddl), "D:(A;;0x1;;;S-1-5-21-9-9-9-%u)",
			 i);
		assert_rc_ok(gu_quick_check(compile(quick, sddl), fast, 0x1,
					    &answer));
		assert_int_equal(answer.mask, i == 777 ? 0x1 : 0);
	}
	assert_int_equal(gu_quick_sid_count(quick), 2000);
	gu_quick_token_free(fast);
	gu_token_unref(t);
	gu_quick_free(quick);
}

static void running_out_of_memory_leaves_the_engine_whole(void **state)
{
	struct gu_quick *quick = NULL;
	struct gu_quick_sd *sd = NULL;
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc = GU_RC_NOMEM;

	(void)state;
	assert_rc_ok(gu_quick_new(&quick, NULL));
	encode(&bytes, "O:LAG:SYD:(A;;0x1;;;LA)(D;;0x2;;;BU)(A;;FA;;;WD)");
	for (size_t n = 1; rc; n++) {
		assert_int_equal(rc, GU_RC_NOMEM);
		gu_alloc_fail_nth(n);
		rc = gu_quick_compile(quick, (uint8_t *)bytes.data, bytes.len,
				      &file_map, &sd, NULL);
	}
	gu_alloc_fail_nth(0);
	assert_int_equal(gu_quick_sd_count(quick), 1);
	gu_buf_release(&bytes);
	gu_quick_free(quick);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fast_and_slow_always_agree),
		cmocka_unit_test(allows_never_take_and_denials_never_give),
		cmocka_unit_test(each_right_names_the_ace_that_settled_it),
		cmocka_unit_test(equal_descriptors_are_compiled_once),
		cmocka_unit_test(cut_descriptors_are_refused_like_decode_does),
		cmocka_unit_test(many_sids_keep_their_numbers),
		cmocka_unit_test(running_out_of_memory_leaves_the_engine_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
