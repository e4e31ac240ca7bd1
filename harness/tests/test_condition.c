/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "condition.h"
#include "text.h"

#include "banned.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The world that the conditions below ask about. */
struct world {
	struct gu_token *token;
	struct gu_claims resource;
	struct gu_claims local;
	struct gu_condition_env env;
};

static struct gu_sid sid_of(const char *text)
{
	struct gu_sid sid;

	assert_rc_ok(gu_sid_parse(&sid, text, strlen(text), NULL));
	return sid;
}

static void add_numbers(struct gu_claims *claims, const char *name,
			uint16_t type, int64_t first, int64_t second)
{
	assert_rc_ok(gu_claims_add(claims, name, type, 0, NULL));
	assert_rc_ok(gu_claims_add_number(claims, (uint64_t)first, NULL));
	if (second != first) {
		assert_rc_ok(
			gu_claims_add_number(claims, (uint64_t)second, NULL));
	}
}

static void add_strings(struct gu_claims *claims, const char *name,
			uint32_t flags, const char *first, const char *second)
{
	assert_rc_ok(gu_claims_add(claims, name, GU_CLAIM_STRING, flags, NULL));
	assert_rc_ok(gu_claims_add_string(claims, first, NULL));
	if (second) {
		assert_rc_ok(gu_claims_add_string(claims, second, NULL));
	}
}

static int world_open(void **state)
{
	struct world *w = gu_calloc(1, sizeof(*w));
	const struct gu_sid user = sid_of("S-1-5-21-1-2-3-1000");
	const struct gu_sid users = sid_of("S-1-5-32-545");
	const struct gu_sid admins = sid_of("S-1-5-32-544");
	const struct gu_sid guests = sid_of("S-1-5-32-546");
	struct gu_claims *mine;

	assert_non_null(w);
	assert_rc_ok(gu_token_new(&w->token, NULL));
	w->token->user = user;
	assert_rc_ok(gu_token_add_group(w->token, &users, 7, NULL));
	assert_rc_ok(gu_token_add_group(w->token, &admins, 0x10, NULL));
	assert_rc_ok(gu_token_add_group(w->token, &guests, 0, NULL));
	assert_rc_ok(gu_token_add_device_group(w->token, &admins, 7, NULL));
	mine = &w->token->user_claims;
	add_numbers(mine, "one", GU_CLAIM_INT64, 1, 1);
	add_numbers(mine, "minus", GU_CLAIM_INT64, -5, -5);
	add_numbers(mine, "zero", GU_CLAIM_UINT64, 0, 0);
	add_numbers(mine, "huge", GU_CLAIM_UINT64, -1, -1);
	add_numbers(mine, "pair", GU_CLAIM_INT64, 3, 4);
	add_numbers(mine, "yes", GU_CLAIM_BOOLEAN, 1, 1);
	add_numbers(mine, "no", GU_CLAIM_BOOLEAN, 0, 0);
	add_strings(mine, "title", 0, "Boss", NULL);
	add_strings(mine, "both", 0, "red", "blue");
	add_strings(mine, "exact", GU_CLAIM_CASE_SENSITIVE, "Boss", NULL);
	add_strings(mine, "empty", 0, "", NULL);
	assert_rc_ok(gu_claims_add(mine, "sid", GU_CLAIM_SID, 0, NULL));
	assert_rc_ok(gu_claims_add_sid(mine, &admins, NULL));
	assert_rc_ok(gu_claims_add(mine, "bytes", GU_CLAIM_OCTET, 0, NULL));
	assert_rc_ok(gu_claims_add_bytes(mine, "\x01\x02", 2, NULL));
	assert_rc_ok(gu_claims_add(mine, "none", GU_CLAIM_INT64, 0, NULL));
	add_numbers(&w->token->device_claims, "locked", GU_CLAIM_BOOLEAN, 1, 1);
	add_strings(&w->resource, "colour", 0, "BLUE", NULL);
	add_numbers(&w->local, "call", GU_CLAIM_INT64, 7, 7);
	gu_condition_env_init(&w->env, w->token);
	w->env.resource = &w->resource;
	w->env.local = &w->local;
	*state = w;
	return 0;
}

static int world_close(void **state)
{
	struct world *w = *state;

	gu_token_unref(w->token);
	gu_claims_release(&w->resource);
	gu_claims_release(&w->local);
	gu_free(w);
	return 0;
}

static enum gu_tri
eval(const struct gu_condition_env *env, const char *text, const char *row)
{
	struct gu_buf code = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	enum gu_tri answer;
	size_t used = 0;

	if (gu_condition_parse(&code, text, strlen(text), NULL, &used, &err)) {
		fail_msg("row \"%s\": %s", row, err.msg);
	}
	answer = gu_condition_eval((uint8_t *)code.data, code.len, env);
	gu_buf_release(&code);
	return answer;
}

struct expectation {
	const char *text;
	enum gu_tri answer;
};

static void check_rows(const struct gu_condition_env *env,
		       const struct expectation *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		row_check(eval(env, rows[i].text, rows[i].text) ==
				  rows[i].answer,
			  rows[i].text);
	}
}

#define T GU_TRI_TRUE
#define F GU_TRI_FALSE
#define U GU_TRI_UNKNOWN

static void relations_compare_numbers_as_64_bits(void **state)
{
	static const struct expectation rows[] = {
		{ "(@User.one == 1)", T },
		{ "(@User.one == 0x1)", T },
		{ "(@User.one == 01)", T },
		{ "(@User.one != 1)", F },
		{ "(@User.one < 2)", T },
		{ "(@User.one >= 2)", F },
		{ "(@User.minus < 0)", T },
		{ "(@User.minus == -5)", T },
		{ "(@User.minus < @User.huge)", T },
		{ "(@User.huge > 9223372036854775807)", T },
		{ "(@User.huge == -1)", F },
		{ "(@User.yes == 1)", T },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void strings_ignore_case_unless_told(void **state)
{
	static const struct expectation rows[] = {
		{ "(@User.title == \"bOSS\")", T },
		{ "(@User.exact == \"Boss\")", T },
		{ "(@User.exact == \"boss\")", F },
		{ "(@User.title == @User.exact)", T },
		{ "(@User.title < \"c\")", T },
		{ "(@USER.TITLE == \"boss\")", T },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void sets_are_compared_as_sets(void **state)
{
	static const struct expectation rows[] = {
		{ "(@User.pair == {4, 3})", T },
		{ "(@User.pair == {3, 4, 4})", F },
		{ "(@User.pair == 3)", F },
		{ "(@User.one == {1})", T },
		{ "(@User.both Contains \"RED\")", T },
		{ "(@User.both Contains {\"red\", \"green\"})", F },
		{ "(@User.both Contains {})", F },
		{ "(@User.both Any_of {\"green\", \"red\"})", T },
		{ "(@User.both Any_of {})", F },
		{ "(@User.both Not_Any_of {\"green\"})", T },
		{ "(@User.both Not_Contains \"green\")", T },
		{ "(@User.both Contains @Resource.colour)", T },
		{ "(@User.sid == SID(BA))", T },
		{ "(@User.bytes == #0102)", T },
		{ "(@User.bytes < #0103)", T },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void what_cannot_be_compared_is_unknown(void **state)
{
	static const struct expectation rows[] = {
		{ "(@User.missing == 1)", U },
		{ "(@User.none == 1)", U },
		{ "(@User.one == @User.missing)", U },
		{ "(@User.title == 1)", U },
		{ "(@User.one == \"1\")", U },
		{ "(@User.pair < 5)", U },
		{ "(@User.sid < SID(BA))", U },
		{ "(@User.both Contains 1)", U },
		{ "(@User.one == 1 == 1)", U },
		{ "(@User.missing)", U },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void logic_has_three_values(void **state)
{
	static const struct expectation rows[] = {
		{ "(@User.no && @User.missing)", F },
		{ "(@User.missing && @User.no)", F },
		{ "(@User.yes && @User.missing)", U },
		{ "(@User.yes || @User.missing)", T },
		{ "(@User.no || @User.missing)", U },
		{ "(!(@User.missing))", U },
		{ "(!(@User.no))", T },
		{ "(@User.no || @User.no || @User.yes)", T },
		{ "(@User.yes || @User.no && @User.no)", T },
		{ "((@User.yes || @User.no) && @User.no)", F },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void an_attribute_is_true_when_a_value_is_not_nothing(void **state)
{
	static const struct expectation rows[] = {
		{ "(@User.one)", T },
		{ "(@User.zero)", F },
		{ "(@User.title)", T },
		{ "(@User.empty)", F },
		{ "(@User.pair)", T },
		{ "(@Device.locked)", T },
		{ "(call)", T },
		{ "(nothing)", U },
		{ "(@Resource.colour)", T },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void existence_is_asked_for_and_answered(void **state)
{
	static const struct expectation rows[] = {
		{ "(Exists @User.zero)", T },
		{ "(Exists @User.missing)", F },
		{ "(Not_Exists @User.missing)", T },
		{ "(Not_Exists call)", F },
		{ "(Exists @Resource.missing)", F },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void who_has_no_claims_knows_of_none_missing(void **state)
{
	static const struct gu_condition_env nobody = { .user = NULL };

	(void)state;
	assert_int_equal(eval(&nobody, "(Exists @User.a)", "none"), U);
	assert_int_equal(eval(&nobody, "(Exists @Resource.a)", "none"), F);
}

static void membership_counts_enabled_groups(void **state)
{
	static const struct expectation rows[] = {
		{ "(Member_of {SID(BU)})", T },
		{ "(Member_of SID(BU))", T },
		{ "(Member_of {SID(S-1-5-21-1-2-3-1000)})", T },
		{ "(Member_of {SID(BU), SID(BA)})", F },
		{ "(Member_of_any {SID(BU), SID(BA)})", T },
		{ "(Member_of {SID(BA)})", F },
		{ "(Member_of {SID(BG)})", F },
		{ "(Not_Member_of {SID(BA)})", T },
		{ "(Not_Member_of_any {SID(BU), SID(BA)})", F },
		{ "(Device_Member_of {SID(BA)})", T },
		{ "(Device_Member_of_any {SID(BU), SID(BA)})", T },
		{ "(Device_Member_of {SID(BU)})", F },
		{ "(Not_Device_Member_of {SID(BU)})", T },
		{ "(Not_Device_Member_of_any {SID(BA)})", F },
		{ "(Member_of {})", F },
		{ "(Member_of {1})", U },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void deny_only_groups_count_for_denials(void **state)
{
	struct gu_condition_env env = ((struct world *)*state)->env;

	env.deny = true;
	assert_int_equal(eval(&env, "(Member_of {SID(BA)})", "deny"), T);
	assert_int_equal(eval(&env, "(Member_of {SID(BG)})", "deny"), F);
}

static void a_deny_only_user_is_a_member_for_denials(void **state)
{
	static const char text[] = "(Member_of {SID(S-1-5-21-1-2-3-1000)})";
	struct gu_condition_env env = ((struct world *)*state)->env;

	env.user_deny_only = true;
	assert_int_equal(eval(&env, text, "allow"), F);
	env.deny = true;
	assert_int_equal(eval(&env, text, "deny"), T);
}

static void a_bare_attribute_negated_second_is_unknown(void **state)
{
	static const struct expectation rows[] = {
		{ "(@User.yes || !(@User.yes))", U },
		{ "(@User.yes && !(@User.no))", U },
		{ "(!(@User.yes) || @User.yes)", T },
		{ "(@User.yes && !(@User.no || @User.no))", T },
		{ "(@User.one == 1 && !(@User.no))", T },
	};

	check_rows(&((struct world *)*state)->env, rows, COUNT(rows));
}

static void malformed_conditions_are_unknown(void **state)
{
	static const struct {
		const char *name;
		const char *hex;
	} rows[] = {
		{ "empty", "" },
		{ "no signature", "00000000" },
		{ "nothing behind it", "61727478" },
		{ "an operator without operands", "6172747880" },
		{ "two operands left", "61727478f9020000006100f9020000006100" },
		{ "a name past the end", "61727478f9ff0000006100" },
		{ "a cut number", "61727478040100" },
		{ "an unknown token", "6172747899" },
		{ "half a unit", "61727478f90100000061" },
		{ "a literal alone", "617274780401000000000000000302" },
	};
	const struct gu_condition_env *env = &((struct world *)*state)->env;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf b = GU_BUF_INIT;
		size_t bad;

		assert_true(gu_hex_decode(&b, rows[i].hex, strlen(rows[i].hex),
					  &bad));
		row_check(gu_condition_eval((uint8_t *)b.data, b.len, env) == U,
			  rows[i].name);
		gu_buf_release(&b);
	}
}

static void more_operands_than_the_stack_holds_are_unknown(void **state)
{
	const struct gu_condition_env *env = &((struct world *)*state)->env;
	struct gu_buf b = GU_BUF_INIT;

	gu_buf_adds(&b, "artx");
	for (int i = 0; i < 5000; i++) {
		gu_buf_add(&b, "\xF9\x02\x00\x00\x00\x61\x00", 7);
	}
	assert_int_equal(gu_condition_eval((uint8_t *)b.data, b.len, env), U);
	gu_buf_release(&b);
}

/* The bytes of MS-DTYP's own example, (Title=="VP"). */
static void text_becomes_the_documented_bytes(void **state)
{
	static const char text[] = "(Title==\"VP\")";
	static const char want[] = "61727478f80a0000005400690074006c0065001004"
				   "0000005600500080";
	struct gu_buf code = GU_BUF_INIT;
	struct gu_buf hex = GU_BUF_INIT;
	size_t used;

	(void)state;
	assert_rc_ok(gu_condition_parse(&code, text, strlen(text), NULL, &used,
					NULL));
	assert_int_equal(used, strlen(text));
	gu_hex_encode(&hex, code.data, code.len);
	assert_string_equal(hex.data, want);
	gu_buf_release(&code);
	gu_buf_release(&hex);
}

static void conditions_print_as_windows_does(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} rows[] = {
		{ "(a)", "(a)" },
		{ "((a))", "(a)" },
		{ "( a&&b||c )", "(((a) && (b)) || (c))" },
		{ "(a||b&&c)", "((a) || ((b) && (c)))" },
		{ "(! ( a ))", "(!(a))" },
		{ "(@user.x==-0x1F)", "(@USER.x == -0x1f)" },
		{ "(@device.x>+017)", "(@DEVICE.x > +017)" },
		{ "(x == {})", "(x == {})" },
		{ "(x any_of{1,\"a\",#0f,sid(s-1-1-0)})",
		  "(x Any_of {1, \"a\", #0f, SID(WD)})" },
		{ "(MEMBER_OF_ANY(SID(BA)))", "(Member_of_any SID(BA))" },
		{ "(not_device_member_of{SID(BA)})",
		  "(Not_Device_Member_of {SID(BA)})" },
		{ "(exists @Resource.a%0020b)", "(Exists @RESOURCE.a%0020b)" },
		{ "(@User.\xC3\xA9 == \"\xC3\xA9\")",
		  "(@USER.%00e9 == \"\xC3\xA9\")" },
		{ "(x == ##1)", "(x == #01)" },
		{ "(17 == 17)", "(17 == 17)" },
		{ "(a == 1 != @user.b)", "(a == 1 != @USER.b)" },
		{ "(x == 18446744073709551615)",
		  "(x == 18446744073709551615)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf code = GU_BUF_INIT;
		struct gu_buf out = GU_BUF_INIT;
		size_t used;

		row_check(!gu_condition_parse(&code, rows[i].in,
					      strlen(rows[i].in), NULL, &used,
					      NULL),
			  rows[i].in);
		row_check(!gu_condition_format((uint8_t *)code.data, code.len,
					       NULL, &out, NULL),
			  rows[i].in);
		assert_string_equal(out.data, rows[i].out);
		gu_buf_release(&code);
		gu_buf_release(&out);
	}
}

static void bad_conditions_are_refused_where_they_go_wrong(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
	} rows[] = {
		{ "", 0 },
		{ "a", 0 },
		{ "()", 1 },
		{ "(a", 2 },
		{ "(a b)", 3 },
		{ "(a ==)", 5 },
		{ "(a == b)", 6 },
		{ "(a = 1)", 3 },
		{ "(a && )", 6 },
		{ "(!a)", 2 },
		{ "(== 1)", 1 },
		{ "(a == 1x)", 6 },
		{ "(a == 18446744073709551616)", 6 },
		{ "(a == -9223372036854775809)", 6 },
		{ "(a == \"b)", 7 },
		{ "(a == #123)", 9 },
		{ "(a == {1 2})", 9 },
		{ "(a == {1,})", 9 },
		{ "(a == SID())", 10 },
		{ "(a == SID(BA)", 13 },
		{ "(@Group.a)", 1 },
		{ "(@User.)", 7 },
		{ "(@User.%0041)", 7 },
		{ "(@User.%0000)", 7 },
		{ "(@User.%00)", 7 },
		{ "(Member_of {BA})", 12 },
		{ "(Member_of)", 10 },
		{ "(Exists 1 == 1)", 10 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf code = GU_BUF_INIT;
		struct gu_err err = GU_ERR_INIT;
		size_t used = 77;

		row_check(gu_condition_parse(&code, rows[i].text,
					     strlen(rows[i].text), NULL, &used,
					     &err) == GU_RC_USAGE,
			  rows[i].text);
		if (err.offset != rows[i].offset) {
			fail_msg("%s: offset %zu", rows[i].text, err.offset);
		}
		assert_int_equal(code.len, 0);
		gu_buf_release(&code);
	}
}

static void endless_nesting_is_refused(void **state)
{
	struct gu_buf text = GU_BUF_INIT;
	struct gu_buf code = GU_BUF_INIT;
	size_t used;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		gu_buf_addc(&text, '(');
	}
	assert_int_equal(gu_condition_parse(&code, text.data, text.len, NULL,
					    &used, NULL),
			 GU_RC_USAGE);
	gu_buf_release(&text);
	gu_buf_release(&code);
}

static void out_of_memory_leaves_nothing_behind(void **state)
{
	static const char text[] = "(@User.a == {1, \"b\"} && "
				   "Member_of {SID(BA)})";
	size_t used;

	(void)state;
	for (size_t n = 1;; n++) {
		struct gu_buf code = GU_BUF_INIT;
		struct gu_buf out = GU_BUF_INIT;
		bool failed;
		enum gu_rc rc;

		gu_alloc_fail_nth(n);
		rc = gu_condition_parse(&code, text, strlen(text), NULL, &used,
					NULL);
		if (!rc) {
			rc = gu_condition_format((uint8_t *)code.data, code.len,
						 NULL, &out, NULL);
		}
		if (!rc) {
			rc = gu_buf_check(&out, NULL);
		}
		failed = gu_alloc_failed();
		gu_alloc_fail_nth(0);
		gu_buf_release(&code);
		gu_buf_release(&out);
		assert_int_equal(rc, failed ? GU_RC_NOMEM : GU_RC_OK);
		if (!failed) {
			break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relations_compare_numbers_as_64_bits),
		cmocka_unit_test(strings_ignore_case_unless_told),
		cmocka_unit_test(sets_are_compared_as_sets),
		cmocka_unit_test(what_cannot_be_compared_is_unknown),
		cmocka_unit_test(logic_has_three_values),
		cmocka_unit_test(
			an_attribute_is_true_when_a_value_is_not_nothing),
		cmocka_unit_test(existence_is_asked_for_and_answered),
		cmocka_unit_test(who_has_no_claims_knows_of_none_missing),
		cmocka_unit_test(membership_counts_enabled_groups),
		cmocka_unit_test(deny_only_groups_count_for_denials),
		cmocka_unit_test(a_deny_only_user_is_a_member_for_denials),
		cmocka_unit_test(a_bare_attribute_negated_second_is_unknown),
		cmocka_unit_test(malformed_conditions_are_unknown),
		cmocka_unit_test(
			more_operands_than_the_stack_holds_are_unknown),
		cmocka_unit_test(text_becomes_the_documented_bytes),
		cmocka_unit_test(conditions_print_as_windows_does),
		cmocka_unit_test(
			bad_conditions_are_refused_where_they_go_wrong),
		cmocka_unit_test(endless_nesting_is_refused),
		cmocka_unit_test(out_of_memory_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, world_open, world_close);
}
