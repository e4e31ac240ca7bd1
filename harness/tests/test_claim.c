/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "condition.h"
#include "text.h"
#include "utf16.h"

#include "banned.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void load(struct gu_buf *out, const char *hex)
{
	size_t bad;

	assert_true(gu_hex_decode(out, hex, strlen(hex), &bad));
}

static void attributes_print_as_windows_does(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} rows[] = {
		{ "(\"a\",TI,0,1,-1,0x10,010)", "(\"a\",TI,0x0,1,-1,16,8)" },
		{ "( \"a\" , TU , 0x2 , 18446744073709551615 )",
		  "(\"a\",TU,0x2,18446744073709551615)" },
		{ "(\"a\",TS,10,\"x y\", \"\")",
		  "(\"a\",TS,0xa,\"x y\",\"\")" },
		{ "(\"a\",TB,0,1,0)", "(\"a\",TB,0x0,1,0)" },
		{ "(\"a\",TD,0,SID(S-1-1-0))", "(\"a\",TD,0x0,SID(WD))" },
		{ "(\"a\",TX,0,00FF,#aa,)", "(\"a\",TX,0x0,00ff,aa,)" },
		{ "(\"a%0020b\",ts,0,\"%0020\")",
		  "(\"a%0020b\",TS,0x0,\"%0020\")" },
		{ "(\"a\",TI,0)", "(\"a\",TI,0x0)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf data = GU_BUF_INIT;
		struct gu_buf out = GU_BUF_INIT;
		size_t used = 77;

		row_check(!gu_attribute_parse(&data, rows[i].in,
					      strlen(rows[i].in), NULL, &used,
					      NULL),
			  rows[i].in);
		row_check(used == strlen(rows[i].in), rows[i].in);
		row_check(!gu_attribute_format((uint8_t *)data.data, data.len,
					       NULL, &out, NULL),
			  rows[i].in);
		assert_string_equal(out.data, rows[i].out);
		gu_buf_release(&data);
		gu_buf_release(&out);
	}
}

static void bad_attributes_are_refused_where_they_go_wrong(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
	} rows[] = {
		{ "", 0 },
		{ "(a,TI,0)", 1 },
		{ "(\"\",TI,0)", 2 },
		{ "(\"a,TI,0)", 3 },
		{ "(\"a\";TI,0)", 4 },
		{ "(\"a\",TQ,0)", 5 },
		{ "(\"a\",TI)", 7 },
		{ "(\"a\",TI,0x100000000)", 19 },
		{ "(\"a\",TI,0,)", 10 },
		{ "(\"a\",TI,0,9223372036854775808)", 10 },
		{ "(\"a\",TU,0,-1)", 10 },
		{ "(\"a\",TB,0,2)", 10 },
		{ "(\"a\",TS,0,b)", 10 },
		{ "(\"a\",TX,0,0)", 10 },
		{ "(\"a\",TD,0,BA)", 10 },
		{ "(\"a\",TI,0,1", 11 },
		{ "(\"a%0000\",TI,0,1)", 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf data = GU_BUF_INIT;
		struct gu_err err = GU_ERR_INIT;
		size_t used = 77;

		row_check(gu_attribute_parse(&data, rows[i].text,
					     strlen(rows[i].text), NULL, &used,
					     &err) == GU_RC_USAGE,
			  rows[i].text);
		if (err.offset != rows[i].offset) {
			fail_msg("%s: offset %zu", rows[i].text, err.offset);
		}
		assert_int_equal(used, 77);
		gu_buf_release(&data);
	}
}

static void malformed_attributes_are_refused(void **state)
{
	static const struct {
		const char *name;
		const char *hex;
		size_t offset;
	} rows[] = {
		{ "too short", "1400000001000000000000", 11 },
		{ "no such type",
		  "14000000070000000000000001000000180000006100000001000000",
		  4 },
		{ "a name past the end", "f4000000010000000000000000000000",
		  0 },
		{ "a name without an end",
		  "100000000100000000000000000000006100", 0 },
		{ "more values than fit",
		  "10000000010000000000000001000040610000000000", 12 },
		{ "a number past the end",
		  "1400000001000000000000000100000016000000610000000100", 22 },
		{ "a string past the end",
		  "140000000300000000000000010000001800000061000000"
		  "62006300",
		  24 },
		{ "octets past the end",
		  "140000001000000000000000010000001800000061000000"
		  "05000000aabbccdd",
		  28 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_claims claims = GU_CLAIMS_INIT;
		struct gu_buf b = GU_BUF_INIT;
		struct gu_err err = GU_ERR_INIT;

		load(&b, rows[i].hex);
		row_check(gu_claims_add_attribute(&claims, (uint8_t *)b.data,
						  b.len, &err) == GU_RC_USAGE,
			  rows[i].name);
		if (err.offset != rows[i].offset) {
			fail_msg("%s: offset %zu", rows[i].name, err.offset);
		}
		assert_int_equal(claims.count, 0);
		gu_claims_release(&claims);
		gu_buf_release(&b);
	}
}

static void a_value_held_twice_makes_no_token(void **state)
{
	struct gu_claims claims = GU_CLAIMS_INIT;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_rc_ok(
		gu_claims_add(&claims, "colour", GU_CLAIM_STRING, 0, NULL));
	assert_rc_ok(gu_claims_add_string(&claims, "red", NULL));
	assert_rc_ok(gu_claims_check(&claims, NULL));
	assert_rc_ok(gu_claims_add_string(&claims, "RED", NULL));
	assert_int_equal(gu_claims_check(&claims, &err), GU_RC_USAGE);
	assert_non_null(strstr(err.msg, "colour"));
	claims.items[0].flags = GU_CLAIM_CASE_SENSITIVE;
	assert_rc_ok(gu_claims_check(&claims, NULL));
	gu_claims_release(&claims);
}

static void names_are_found_whatever_their_case_the_last_first(void **state)
{
	struct gu_claims claims = GU_CLAIMS_INIT;
	const struct gu_claim *found;

	(void)state;
	assert_rc_ok(gu_claims_add(&claims, "a", GU_CLAIM_INT64, 0, NULL));
	assert_rc_ok(gu_claims_add(&claims, "A", GU_CLAIM_UINT64, 0, NULL));
	found = gu_claims_find(&claims, (const uint8_t *)"a\0", 2);
	assert_non_null(found);
	assert_int_equal(found->type, GU_CLAIM_UINT64);
	assert_null(gu_claims_find(&claims, (const uint8_t *)"b\0", 2));
	assert_null(gu_claims_find(NULL, (const uint8_t *)"a\0", 2));
	gu_claims_release(&claims);
}

static void a_token_copy_has_its_own_claims(void **state)
{
	struct gu_token *token, *copy;
	struct gu_sid sid;

	(void)state;
	assert_rc_ok(gu_sid_parse(&sid, "S-1-5-32-544", 12, NULL));
	assert_rc_ok(gu_token_new(&token, NULL));
	assert_rc_ok(gu_token_add_device_group(token, &sid, 7, NULL));
	assert_rc_ok(gu_claims_add(&token->user_claims, "a", GU_CLAIM_STRING, 2,
				   NULL));
	assert_rc_ok(gu_claims_add_string(&token->user_claims, "b", NULL));
	assert_rc_ok(gu_claims_add(&token->device_claims, "c", GU_CLAIM_INT64,
				   0, NULL));
	assert_rc_ok(gu_token_copy(token, &copy, NULL));
	gu_token_unref(token);
	assert_int_equal(copy->device_group_count, 1);
	assert_int_equal(copy->user_claims.count, 1);
	assert_int_equal(copy->user_claims.items[0].flags, 2);
	assert_memory_equal(copy->user_claims.items[0].values[0].data, "b\0",
			    2);
	assert_int_equal(copy->device_claims.count, 1);
	gu_token_unref(copy);
}

static void resource_attributes_come_from_the_sacl(void **state)
{
	struct gu_buf data = GU_BUF_INIT;
	struct gu_acl sacl = GU_ACL_INIT;
	struct gu_claims claims = GU_CLAIMS_INIT;
	struct gu_ace ace = { .type = GU_ACE_RESOURCE_ATTRIBUTE };
	size_t used;

	(void)state;
	assert_rc_ok(gu_attribute_parse(&data, "(\"a\",TI,0,1)", 12, NULL,
					&used, NULL));
	ace.sid.revision = 1;
	ace.data = (uint8_t *)data.data;
	ace.data_len = data.len;
	assert_rc_ok(gu_acl_append(&sacl, &ace, NULL));
	ace.flags = GU_ACE_INHERIT_ONLY;
	assert_rc_ok(gu_acl_append(&sacl, &ace, NULL));
	ace.flags = 0;
	ace.data_len = 5;
	assert_rc_ok(gu_acl_append(&sacl, &ace, NULL));
	assert_rc_ok(gu_condition_attributes(&claims, &sacl, NULL));
	assert_int_equal(claims.count, 1);
	gu_claims_release(&claims);
	gu_acl_release(&sacl);
	gu_buf_release(&data);
}

static void upper_case_is_windows_own(void **state)
{
	static const struct {
		const char *name;
		uint16_t lower;
		uint16_t upper;
	} rows[] = {
		{ "ASCII", 'z', 'Z' },
		{ "a symbol", '_', '_' },
		{ "Latin 1", 0xE9, 0xC9 },
		{ "the division sign", 0xF7, 0xF7 },
		{ "final sigma", 0x3C2, 0x3A3 },
		{ "Cyrillic, 5.1", 0x523, 0x522 },
		{ "full width", 0xFF42, 0xFF22 },
		{ "dotless i has none", 0x131, 0x131 },
		{ "long s has none", 0x17F, 0x17F },
		{ "Coptic, 5.2", 0x2CEC, 0x2CEC },
		{ "Latin D, 7.0", 0x25C, 0x25C },
		{ "y with diaeresis", 0xFF, 0x178 },
		{ "every other", 0x101, 0x100 },
		{ "upper stays", 0x100, 0x100 },
		{ "upper stays within a run", 0x102, 0x102 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		row_check(gu_utf16_upcase(rows[i].lower) == rows[i].upper,
			  rows[i].name);
	}
}

static void text_goes_to_utf16_and_back(void **state)
{
	static const struct {
		const char *name;
		const char *utf8;
		const char *hex;
	} rows[] = {
		{ "ASCII", "a", "6100" },
		{ "two bytes", "\xC3\xA9", "e900" },
		{ "three bytes", "\xE2\x82\xAC", "ac20" },
		{ "a pair", "\xF0\x9F\x98\x80", "3dd800de" },
		{ "a lone surrogate", "\xED\xA0\x80", "00d8" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf utf16 = GU_BUF_INIT;
		struct gu_buf hex = GU_BUF_INIT;
		struct gu_buf back = GU_BUF_INIT;
		size_t bad;

		row_check(gu_utf16_add(&utf16, rows[i].utf8,
				       strlen(rows[i].utf8), &bad),
			  rows[i].name);
		gu_hex_encode(&hex, utf16.data, utf16.len);
		assert_string_equal(hex.data, rows[i].hex);
		gu_utf16_format((uint8_t *)utf16.data, utf16.len, &back);
		assert_string_equal(back.data, rows[i].utf8);
		gu_buf_release(&utf16);
		gu_buf_release(&hex);
		gu_buf_release(&back);
	}
}

static void what_is_no_utf8_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		size_t bad;
	} rows[] = {
		{ "a stray tail", "a\x80", 1 },
		{ "a cut sequence", "\xE2\x82", 0 },
		{ "an overlong slash", "\xC0\xAF", 0 },
		{ "an overlong three", "\xE0\x80\xAF", 0 },
		{ "past Unicode", "\xF4\x90\x80\x80", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf out = GU_BUF_INIT;
		size_t bad = 77;

		row_check(!gu_utf16_add(&out, rows[i].text,
					strlen(rows[i].text), &bad),
			  rows[i].name);
		row_check(bad == rows[i].bad, rows[i].name);
		gu_buf_release(&out);
	}
}

/* One source of type 1 (AD) with two claims named a: 7, then 9 and 10. */
#define NDR_TWO                                                             \
	"010000000000020000000000000000000000000001000000"                  \
	"010000000200000004000200"                                          \
	"02000000"                                                          \
	"08000200010001000100000000000300"                                  \
	"08000200010001000200000000000300"                                  \
	"0200000000000000020000006100000001000000000000000700000000000000"  \
	"02000000000000000200000061000000020000000000000009000000000000000" \
	"a00000000000000"

static void a_later_claim_of_a_ticket_replaces_an_earlier(void **state)
{
	struct gu_claims claims = GU_CLAIMS_INIT;
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	load(&b, NDR_TWO);
	assert_rc_ok(
		gu_claims_add_ndr(&claims, (uint8_t *)b.data, b.len, NULL));
	assert_int_equal(claims.count, 1);
	assert_int_equal(claims.items[0].count, 2);
	assert_int_equal(claims.items[0].values[1].number, 10);
	gu_claims_release(&claims);
	b.data[24] = 3;
	assert_rc_ok(
		gu_claims_add_ndr(&claims, (uint8_t *)b.data, b.len, NULL));
	assert_int_equal(claims.count, 0);
	gu_claims_release(&claims);
	gu_buf_release(&b);
}

static void every_cut_ticket_is_refused(void **state)
{
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	load(&b, NDR_TWO);
	for (size_t n = 0; n < b.len; n++) {
		struct gu_claims claims = GU_CLAIMS_INIT;
		uint8_t *cut = (uint8_t *)gu_strndup(b.data, n);

		assert_int_equal(gu_claims_add_ndr(&claims, cut, n, NULL),
				 GU_RC_USAGE);
		assert_int_equal(claims.count, 0);
		gu_claims_release(&claims);
		gu_free(cut);
	}
	gu_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_print_as_windows_does),
		cmocka_unit_test(
			bad_attributes_are_refused_where_they_go_wrong),
		cmocka_unit_test(malformed_attributes_are_refused),
		cmocka_unit_test(a_value_held_twice_makes_no_token),
		cmocka_unit_test(
			names_are_found_whatever_their_case_the_last_first),
		cmocka_unit_test(a_token_copy_has_its_own_claims),
		cmocka_unit_test(resource_attributes_come_from_the_sacl),
		cmocka_unit_test(upper_case_is_windows_own),
		cmocka_unit_test(text_goes_to_utf16_and_back),
		cmocka_unit_test(what_is_no_utf8_is_refused),
		cmocka_unit_test(a_later_claim_of_a_ticket_replaces_an_earlier),
		cmocka_unit_test(every_cut_ticket_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
