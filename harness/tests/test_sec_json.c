/* SPDX-License-Identifier: MIT */
#include "sec_fix.h"

#include "sec_json.h"

#include "banned.h"

/* tokens at random, with all that a token may hold */

static void add_claim(struct gu_claims *claims)
{
	static const struct {
		const char *name;
		uint16_t type;
	} rows[] = {
		{ "number", GU_CLAIM_INT64 },
		{ "flag", GU_CLAIM_BOOLEAN },
		{ "large", GU_CLAIM_UINT64 },
		{ "a \"text\"\n", GU_CLAIM_STRING },
		{ "qualified", GU_CLAIM_FQBN },
		{ "sid", GU_CLAIM_SID },
		{ "bytes", GU_CLAIM_OCTET },
	};
	uint32_t i = below(COUNT(rows));
	struct gu_sid sid = any_sid();
	uint64_t number = rows[i].type == GU_CLAIM_BOOLEAN
				  ? below(2)
				  : UINT64_MAX - below(3);
	enum gu_rc rc = GU_RC_OK;

	assert_rc_ok(gu_claims_add(claims, rows[i].name, rows[i].type,
				   below(64), NULL));
	for (uint32_t n = below(3); n; n--) {
		switch ((enum gu_claim_type)rows[i].type) {
		case GU_CLAIM_INT64:
		case GU_CLAIM_UINT64:
		case GU_CLAIM_BOOLEAN:
			rc = gu_claims_add_number(claims, number, NULL);
			break;
		case GU_CLAIM_STRING:
		case GU_CLAIM_FQBN:
			rc = gu_claims_add_string(claims, "\xC3\xBC \\ \" x",
						  NULL);
			break;
		case GU_CLAIM_SID:
			rc = gu_claims_add_sid(claims, &sid, NULL);
			break;
		case GU_CLAIM_OCTET:
			rc = gu_claims_add_bytes(claims, "\0\xFF", below(3),
						 NULL);
			break;
		}
		assert_rc_ok(rc);
	}
}

static void add_sids(struct gu_token *t)
{
	struct gu_sid sid = any_sid();

	t->owner = one_in(2) ? any_sid() : (struct gu_sid)GU_SID_NONE;
	t->primary_group = one_in(2) ? any_sid() : (struct gu_sid)GU_SID_NONE;
	t->trust = one_in(4) ? any_sid() : (struct gu_sid)GU_SID_NONE;
	if (one_in(3)) {
		assert_rc_ok(gu_token_add_device_group(t, &sid,
						       any_attributes(), NULL));
	}
	if (one_in(4)) {
		assert_rc_ok(gu_token_add_capability(t, &sid, NULL));
	}
	if (one_in(3)) {
		t->has_default_dacl = true;
		for (uint32_t n = below(3); n; n--) {
			assert_rc_ok(gu_acl_add(&t->default_dacl, GU_ACE_ALLOW,
						any_mask(), &sid, NULL));
		}
	}
}

static struct gu_token *any_full_token(void)
{
	struct gu_token *t = any_token();
	const gu_privset all =
		((UINT64_C(1) << GU_PRIV_COUNT) - 1) & ~UINT64_C(3);

	if (one_in(2)) {
		t->type = GU_TOKEN_IMPERSONATION;
		t->level = (enum gu_level)below(4);
	}
	t->flags = below(64);
	t->elevation = (enum gu_elevation)(GU_ELEVATION_DEFAULT + below(3));
	t->session = below(3);
	t->present = ((uint64_t)below(UINT32_MAX) << 5 | t->enabled) & all;
	t->default_enabled = one_in(2) ? t->enabled : t->present & ~t->enabled;
	add_sids(t);
	for (uint32_t n = below(3); n; n--) {
		add_claim(one_in(2) ? &t->user_claims : &t->device_claims);
	}
	return t;
}

/* comparison, field by field: not by what is under test */

static bool
groups_equal(const struct gu_group *a, const struct gu_group *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!gu_sid_equal(&a[i].sid, &b[i].sid) ||
		    a[i].attributes != b[i].attributes) {
			return false;
		}
	}
	return true;
}

static void check_claims(const struct gu_claims *a, const struct gu_claims *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		struct gu_buf left = GU_BUF_INIT;
		struct gu_buf right = GU_BUF_INIT;

		gu_claim_encode(&a->items[i], &left);
		gu_claim_encode(&b->items[i], &right);
		assert_int_equal(left.len, right.len);
		assert_memory_equal(left.data, right.data, left.len);
		gu_buf_release(&left);
		gu_buf_release(&right);
	}
}

static void check_acl(const struct gu_acl *a, const struct gu_acl *b)
{
	struct gu_buf left = GU_BUF_INIT;
	struct gu_buf right = GU_BUF_INIT;

	gu_acl_encode(a, &left);
	gu_acl_encode(b, &right);
	assert_int_equal(left.len, right.len);
	assert_memory_equal(left.data, right.data, left.len);
	gu_buf_release(&left);
	gu_buf_release(&right);
}

#define CHECK_GROUPS(list, count)                                      \
	do {                                                           \
		assert_int_equal(a->count, b->count);                  \
		assert_true(groups_equal(a->list, b->list, a->count)); \
	} while (0)

static void check_equal(const struct gu_token *a, const struct gu_token *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->level, b->level);
	assert_true(gu_sid_equal(&a->user, &b->user));
	assert_int_equal(a->user_deny_only, b->user_deny_only);
	assert_int_equal(a->integrity, b->integrity);
	assert_int_equal(a->policy, b->policy);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->elevation, b->elevation);
	assert_int_equal(a->session, b->session);
	CHECK_GROUPS(groups, group_count);
	CHECK_GROUPS(restricted, restricted_count);
	CHECK_GROUPS(capabilities, capability_count);
	CHECK_GROUPS(device_groups, device_group_count);
	assert_true(gu_sid_equal(&a->package, &b->package));
	assert_true(gu_sid_equal(&a->trust, &b->trust));
	assert_true(gu_sid_equal(&a->owner, &b->owner));
	assert_true(gu_sid_equal(&a->primary_group, &b->primary_group));
	assert_int_equal(a->present, b->present);
	assert_int_equal(a->enabled, b->enabled);
	assert_int_equal(a->default_enabled, b->default_enabled);
	assert_int_equal(a->has_default_dacl, b->has_default_dacl);
	check_acl(&a->default_dacl, &b->default_dacl);
	check_claims(&a->user_claims, &b->user_claims);
	check_claims(&a->device_claims, &b->device_claims);
}

static void a_token_comes_back_as_it_was(void **state)
{
	struct gu_buf text = GU_BUF_INIT;
	struct gu_buf again = GU_BUF_INIT;

	(void)state;
	seed = 20260131;
	for (int i = 0; i < 2000; i++) {
		struct gu_token *t = any_full_token();
		struct gu_token *back = NULL;
		struct gu_err err = GU_ERR_INIT;

		gu_buf_reset(&text);
		gu_json_token_write(t, &text);
		if (gu_json_token_parse(text.data, text.len, &back, &err)) {
			fail_msg("%s: %s", text.data, err.msg);
		}
		check_equal(t, back);
		gu_buf_reset(&again);
		gu_json_token_write(back, &again);
		assert_string_equal(text.data, again.data);
		gu_token_unref(t);
		gu_token_unref(back);
	}
	gu_buf_release(&text);
	gu_buf_release(&again);
}

static void a_plain_token_is_written_plainly(void **state)
{
	struct gu_buf text = GU_BUF_INIT;
	struct gu_token *t = NULL;

	(void)state;
	assert_rc_ok(gu_token_new(&t, NULL));
	t->user = *gu_sid_well_known(GU_WK_LOCAL_SYSTEM);
	assert_rc_ok(gu_token_add_group(t, gu_sid_well_known(GU_WK_WORLD), ON,
					NULL));
	gu_json_token_write(t, &text);
	assert_string_equal(text.data,
			    "{\"type\":\"primary\",\"user\":\"S-1-5-18\","
			    "\"groups\":[\"S-1-1-0\"],"
			    "\"integrity\":\"S-1-16-8192\"}");
	gu_token_unref(t);
	gu_buf_release(&text);
}

static void a_descriptor_comes_back_as_it_was(void **state)
{
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_buf text = GU_BUF_INIT;
	struct gu_buf again = GU_BUF_INIT;

	(void)state;
	seed = 7;
	for (int i = 0; i < 2000; i++) {
		struct gu_sd sd = GU_SD_INIT;
		struct gu_sd back = GU_SD_INIT;
		bool present = false;
		json_t *in;

		any_sd(&bytes);
		assert_rc_ok(gu_sd_decode(&sd, (const uint8_t *)bytes.data,
					  bytes.len, NULL));
		gu_buf_reset(&text);
		gu_buf_addc(&text, '{');
		gu_json_sd_write(&sd, &text);
		gu_buf_addc(&text, '}');
		in = json_loadb(text.data, text.len, 0, NULL);
		assert_non_null(in);
		assert_true(json_is_string(json_object_get(in, "sddl")));
		assert_rc_ok(gu_json_sd(in, &back, &present, NULL));
		assert_true(present);
		gu_buf_reset(&again);
		gu_sd_encode(&back, &again);
		assert_int_equal(again.len, bytes.len);
		assert_memory_equal(again.data, bytes.data, bytes.len);
		json_decref(in);
		gu_sd_release(&sd);
		gu_sd_release(&back);
	}
	gu_buf_release(&bytes);
	gu_buf_release(&text);
	gu_buf_release(&again);
}

static void a_token_that_is_none_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *json;
		const char *message; /* part of it */
	} rows[] = {
		{ "not JSON", "{", "token:" },
		{ "no object", "[]", "must be an object" },
		{ "no user", "{}", "must be a SID" },
		{ "a privilege that is none",
		  "{\"user\":\"SY\",\"privileges_disabled\":[\"SeX\"]}",
		  "unknown privilege SeX" },
		{ "an elevation that is none",
		  "{\"user\":\"SY\",\"elevation\":9}", "elevation is" },
		{ "a policy that is no number",
		  "{\"user\":\"SY\",\"mandatory_policy\":\"1\"}",
		  "mandatory_policy must be a number" },
		{ "an odd digit",
		  "{\"user\":\"SY\",\"default_dacl_hex\":\"0\"}",
		  "default_dacl_hex" },
		{ "a list cut off",
		  "{\"user\":\"SY\",\"default_dacl_hex\":\"0200\"}", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_err err = GU_ERR_INIT;
		struct gu_token *t = NULL;

		row_check(gu_json_token_parse(rows[i].json,
					      strlen(rows[i].json), &t,
					      &err) == GU_RC_USAGE,
			  rows[i].name);
		row_check(strstr(err.msg, rows[i].message) != NULL,
			  rows[i].name);
		row_check(!t, rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_comes_back_as_it_was),
		cmocka_unit_test(a_plain_token_is_written_plainly),
		cmocka_unit_test(a_descriptor_comes_back_as_it_was),
		cmocka_unit_test(a_token_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
