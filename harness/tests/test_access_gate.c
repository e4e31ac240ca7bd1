/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "access.h"
#include "sddl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	READ = 0x1,
	WRITE = 0x2,
	MAX = GU_MAXIMUM_ALLOWED,
	FA = 0x1F01FF,
	ON = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
	     GU_GROUP_ENABLED,
};

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, FA };

static struct gu_sid sid_of(const char *text)
{
	struct gu_sid sid = GU_SID_NONE;

	assert_rc_ok(gu_sddl_parse_sid(&sid, text, strlen(text), NULL, NULL));
	return sid;
}

static struct gu_token *world_token(void)
{
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	t->user = sid_of("LA");
	assert_rc_ok(gu_token_add_group(t, gu_sid_well_known(GU_WK_WORLD), ON,
					NULL));
	return t;
}

/* A descriptor that grants all to everyone, with one entry in its SACL. */
static void
sd_with(struct gu_sd *sd, uint8_t type, const char *sid, uint32_t mask)
{
	struct gu_sid s = sid_of(sid);

	assert_rc_ok(gu_sddl_parse(sd, "O:SYD:(A;;FA;;;WD)", NULL, NULL));
	assert_rc_ok(gu_acl_add(&sd->sacl, type, mask, &s, NULL));
	sd->control |= GU_SE_SACL_PRESENT;
}

static struct gu_access_result
check(const struct gu_token *token, const struct gu_sd *sd, uint32_t desired)
{
	const struct gu_access_request req = {
		.sd = sd, .token = token, .map = &file_map, .desired = desired
	};
	struct gu_access_result res;

	memset(&res, 0xA5, sizeof(res));
	gu_access_check(&req, &res);
	return res;
}

/* Semantics 5.2, step 2. */
static void a_trust_label_caps_tokens_below_it(void **state)
{
	static const struct {
		const char *name;
		const char *trust; /* the token's */
		uint32_t desired;
		uint32_t granted;
	} rows[] = {
		{ "no trust, in the mask", NULL, READ, READ },
		{ "no trust, beyond the mask", NULL, WRITE, 0 },
		{ "no trust, maximum", NULL, MAX, READ },
		{ "same trust", "S-1-19-512-4096", WRITE, WRITE },
		{ "higher type and level", "S-1-19-1024-8192", WRITE, WRITE },
		{ "higher type, lower level", "S-1-19-1024-1024", WRITE, 0 },
		{ "lower type, higher level", "S-1-19-0-8192", WRITE, 0 },
		{ "not a trust SID", "S-1-5-512-4096", WRITE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_token *token = world_token();
		struct gu_sd sd = GU_SD_INIT;
		struct gu_access_result res;

		sd_with(&sd, GU_ACE_PROCESS_TRUST_LABEL, "S-1-19-512-4096",
			READ);
		if (rows[i].trust) {
			token->trust = sid_of(rows[i].trust);
		}
		res = check(token, &sd, rows[i].desired);
		row_check(res.mask == rows[i].granted, rows[i].name);
		if (!rows[i].granted) {
			row_check(res.reason.code == GU_REASON_TRUST_LABEL,
				  rows[i].name);
			row_check(res.reason.bits == WRITE, rows[i].name);
		}
		gu_sd_release(&sd);
		gu_token_unref(token);
	}
}

static void a_trust_label_caps_what_privileges_give(void **state)
{
	struct gu_token *token = world_token();
	struct gu_sd sd = GU_SD_INIT;

	(void)state;
	token->enabled = GU_PRIV_BIT(GU_PRIV_TakeOwnership);
	sd_with(&sd, GU_ACE_PROCESS_TRUST_LABEL, "S-1-19-512-4096", READ);
	assert_int_equal(check(token, &sd, GU_WRITE_OWNER).mask, 0);
	gu_sd_release(&sd);
	gu_token_unref(token);
}

/* Step 3: an entry without a condition is never TRUE. */
static void a_filter_that_is_not_true_leaves_its_mask(void **state)
{
	struct gu_token *token = world_token();
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_result res;

	(void)state;
	sd_with(&sd, GU_ACE_ACCESS_FILTER, "WD", READ);
	assert_int_equal(check(token, &sd, READ).mask, READ);
	assert_int_equal(check(token, &sd, MAX).mask, READ);
	res = check(token, &sd, READ | WRITE);
	assert_false(res.granted);
	assert_int_equal(res.reason.code, GU_REASON_FILTER_ACE);
	assert_int_equal(res.reason.bits, WRITE);
	sd.sacl.aces[0].flags = GU_ACE_INHERIT_ONLY;
	assert_int_equal(check(token, &sd, WRITE).mask, WRITE);
	gu_sd_release(&sd);
	gu_token_unref(token);
}

static struct gu_access_result
check_policy(const struct gu_sd *sd, const char *rules[2], uint32_t desired)
{
	struct gu_token *token = world_token();
	struct gu_sd rule_sd[2] = { GU_SD_INIT, GU_SD_INIT };
	struct gu_central_rule rule[2] = { { .dacl = &rule_sd[0].dacl },
					   { .dacl = &rule_sd[1].dacl } };
	const struct gu_central_policy policy = {
		.id = sid_of("S-1-17-1"),
		.rules = rule,
		.rule_count = rules[1] ? 2 : 1,
	};
	struct gu_access_request req = { .sd = sd,
					 .token = token,
					 .map = &file_map,
					 .desired = desired,
					 .policies = &policy,
					 .policy_count = 1 };
	struct gu_access_result res;

	for (size_t i = 0; i < policy.rule_count; i++) {
		assert_rc_ok(gu_sddl_parse(&rule_sd[i], rules[i], NULL, NULL));
	}
	gu_access_check(&req, &res);
	gu_sd_release(&rule_sd[0]);
	gu_sd_release(&rule_sd[1]);
	gu_token_unref(token);
	return res;
}

/* Step 14. */
static void every_rule_of_a_central_policy_must_grant(void **state)
{
	static const struct {
		const char *name;
		const char *rules[2];
		uint32_t desired;
		uint32_t granted;
	} rows[] = {
		{ "granted", { "D:(A;;0x1;;;WD)", NULL }, READ, READ },
		{ "not granted", { "D:(A;;0x1;;;WD)", NULL }, WRITE, 0 },
		{ "denied", { "D:(D;;0x1;;;WD)(A;;FA;;;WD)", NULL }, READ, 0 },
		{ "one of two",
		  { "D:(A;;0x1;;;WD)", "D:(A;;0x2;;;WD)" },
		  READ,
		  0 },
		{ "maximum of two",
		  { "D:(A;;0x5;;;WD)", "D:(A;;0x6;;;WD)" },
		  MAX,
		  0x4 },
		{ "maximum of nothing",
		  { "D:(A;;0x1;;;WD)", "D:(A;;0x2;;;WD)" },
		  MAX,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd sd = GU_SD_INIT;
		struct gu_access_result res;

		sd_with(&sd, GU_ACE_SCOPED_POLICY_ID, "S-1-17-1", 0);
		res = check_policy(&sd, (const char **)rows[i].rules,
				   rows[i].desired);
		row_check(res.mask == rows[i].granted, rows[i].name);
		if (!res.granted) {
			row_check(res.reason.code ==
					  GU_REASON_NOT_GRANTED_BY_CAPE,
				  rows[i].name);
		}
		gu_sd_release(&sd);
	}
}

static void an_unknown_policy_leaves_the_object_to_its_keepers(void **state)
{
	struct gu_token *token = world_token();
	struct gu_sd sd = GU_SD_INIT;

	(void)state;
	sd_with(&sd, GU_ACE_SCOPED_POLICY_ID, "S-1-17-2", 0);
	assert_int_equal(check(token, &sd, READ).mask, 0);
	sd.owner = token->user;
	assert_int_equal(check(token, &sd, READ).mask, READ);
	sd.owner = sid_of("SY");
	assert_rc_ok(gu_token_add_group(
		token, gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS), ON,
		NULL));
	assert_int_equal(check(token, &sd, READ).mask, READ);
	gu_sd_release(&sd);
	gu_token_unref(token);
}

/* Semantics 5.5. */
static void audit_entries_fire_on_what_was_decided(void **state)
{
	static const struct {
		const char *name;
		const char *sddl;
		uint32_t desired;
		size_t fired;
		uint16_t index; /* of the first */
	} rows[] = {
		{ "success", "D:(A;;FA;;;WD)S:(AU;SA;0x1;;;WD)", READ, 1, 0 },
		{ "failure flag on success", "D:(A;;FA;;;WD)S:(AU;FA;0x1;;;WD)",
		  READ, 0, 0 },
		{ "failure", "D:S:(AU;FA;0x1;;;WD)", READ, 1, 0 },
		{ "both", "D:S:(AU;SAFA;0x1;;;WD)", READ, 1, 0 },
		{ "another right", "D:(A;;FA;;;WD)S:(AU;SA;0x2;;;WD)", READ, 0,
		  0 },
		{ "one right of two", "D:S:(AU;FA;0x2;;;WD)", READ | WRITE, 1,
		  0 },
		{ "somebody else", "D:(A;;FA;;;WD)S:(AU;SA;FA;;;SY)", READ, 0,
		  0 },
		{ "inherit-only", "D:(A;;FA;;;WD)S:(AU;OIIOSA;FA;;;WD)", READ,
		  0, 0 },
		{ "the second",
		  "D:(A;;FA;;;WD)S:(AU;SA;FA;;;SY)(AU;SA;FA;;;WD)", READ, 1,
		  1 },
		{ "generic", "D:(A;;FA;;;WD)S:(AU;SA;GR;;;WD)", READ, 1, 0 },
		{ "deny-only group", "D:(A;;FA;;;WD)S:(AU;SA;FA;;;BA)", READ, 1,
		  0 },
		{ "no SACL", "D:(A;;FA;;;WD)", READ, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_token *token = world_token();
		struct gu_sd sd = GU_SD_INIT;
		struct gu_access_request req = { .sd = &sd,
						 .token = token,
						 .map = &file_map,
						 .desired = rows[i].desired };
		struct gu_access_result res;
		uint16_t fired[4] = { 99, 99, 99, 99 };
		struct gu_sid ba = sid_of("BA");

		assert_rc_ok(gu_token_add_group(token, &ba, GU_GROUP_DENY_ONLY,
						NULL));
		assert_rc_ok(gu_sddl_parse(&sd, rows[i].sddl, NULL, NULL));
		gu_access_check(&req, &res);
		row_check(gu_access_audit(&req, &res, fired, 4) ==
				  rows[i].fired,
			  rows[i].name);
		row_check(fired[0] == (rows[i].fired ? rows[i].index : 99),
			  rows[i].name);
		gu_sd_release(&sd);
		gu_token_unref(token);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trust_label_caps_tokens_below_it),
		cmocka_unit_test(a_trust_label_caps_what_privileges_give),
		cmocka_unit_test(a_filter_that_is_not_true_leaves_its_mask),
		cmocka_unit_test(every_rule_of_a_central_policy_must_grant),
		cmocka_unit_test(
			an_unknown_policy_leaves_the_object_to_its_keepers),
		cmocka_unit_test(audit_entries_fire_on_what_was_decided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
