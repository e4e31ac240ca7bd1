/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include "condition.h"
#include "sddl.h"
#include "text.h"

#include "banned.h"

static const char *vector_text(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static char fault[8192];

static uint16_t type_of(const char *name)
{
	static const struct {
		const char *name;
		uint16_t type;
	} types[] = {
		{ "int64", GU_CLAIM_INT64 },   { "uint64", GU_CLAIM_UINT64 },
		{ "string", GU_CLAIM_STRING }, { "sid", GU_CLAIM_SID },
		{ "bool", GU_CLAIM_BOOLEAN },  { "octet", GU_CLAIM_OCTET },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, name) == 0) {
			return types[i].type;
		}
	}
	fail_msg("unknown type of claim %s", name);
	return 0;
}

static void add_value(struct gu_claims *claims, const json_t *value)
{
	struct gu_sid sid;

	if (json_is_boolean(value)) {
		assert_rc_ok(gu_claims_add_number(claims, json_is_true(value),
						  NULL));
	} else if (json_is_integer(value)) {
		assert_rc_ok(gu_claims_add_number(
			claims, (uint64_t)json_integer_value(value), NULL));
	} else if (claims->items[claims->count - 1].type == GU_CLAIM_SID) {
		const char *text = json_string_value(value);

		assert_rc_ok(gu_sid_parse(&sid, text, strlen(text), NULL));
		assert_rc_ok(gu_claims_add_sid(claims, &sid, NULL));
	} else {
		assert_rc_ok(gu_claims_add_string(
			claims, json_string_value(value), NULL));
	}
}

static void claims_load(struct gu_claims *out, const json_t *list)
{
	const json_t *claim, *value;
	size_t i, j;

	json_array_foreach(list, i, claim)
	{
		assert_rc_ok(
			gu_claims_add(out, vector_text(claim, "name"),
				      type_of(vector_text(claim, "type")),
				      (uint32_t)json_integer_value(
					      json_object_get(claim, "flags")),
				      NULL));
		json_array_foreach(json_object_get(claim, "values"), j, value)
		{
			add_value(out, value);
		}
	}
}

static const char *
answer_of(const char *expression, const struct gu_condition_env *env)
{
	static const char *const names[] = { "false", "true", "unknown" };
	struct gu_buf code = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	const char *answer = err.msg;
	size_t used;

	if (gu_condition_parse(&code, expression, strlen(expression), NULL,
			       &used, &err)) {
		snprintf(fault, sizeof(fault), "refused at %zu: %s", err.offset,
			 err.msg);
		answer = fault;
	} else {
		answer = names[gu_condition_eval((uint8_t *)code.data, code.len,
						 env)];
	}
	gu_buf_release(&code);
	return answer;
}

static const char *check_eval(const json_t *row)
{
	const char *want = vector_text(row, "expected");
	const char *expression = vector_text(row, "expression");
	struct gu_claims claims = GU_CLAIMS_INIT;
	const struct gu_condition_env env = { .user_claims = &claims };
	const char *got = "token_error";

	claims_load(&claims, json_object_get(row, "user_claims"));
	if (!gu_claims_check(&claims, NULL)) {
		got = answer_of(expression, &env);
	}
	gu_claims_release(&claims);
	if (strcmp(got, want) == 0) {
		return NULL;
	}
	memmove(fault, got, strlen(got) + 1);
	return fault;
}

/* An ACE pads its data to 4 bytes; some of the vectors are cut from one. */
static const char *compare_bytes(struct gu_buf *got, const char *want)
{
	struct gu_buf hex = GU_BUF_INIT;
	const char *answer = NULL;

	while (got->len * 2 < strlen(want) && got->len % 4) {
		gu_buf_addc(got, 0);
	}
	gu_hex_encode(&hex, got->data, got->len);
	if (strcmp(hex.data, want) != 0) {
		snprintf(fault, sizeof(fault),
			 "text to bytes\n  got  %.3000s\n  want %.3000s",
			 hex.data, want);
		answer = fault;
	}
	gu_buf_release(&hex);
	return answer;
}

typedef enum gu_rc (*parse_fn)(struct gu_buf *, const char *, size_t,
			       const struct gu_sid *, size_t *,
			       struct gu_err *);
typedef enum gu_rc (*format_fn)(const uint8_t *, size_t, const struct gu_sid *,
				struct gu_buf *, struct gu_err *);

static const char *check_to_bytes(const json_t *row, parse_fn parse)
{
	const char *text = vector_text(row, "sddl_expression");
	struct gu_buf got = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	const char *answer;
	size_t used;

	if (parse(&got, text, strlen(text), NULL, &used, &err)) {
		snprintf(fault, sizeof(fault), "refused at %zu: %s\n  %.4000s",
			 err.offset, err.msg, text);
		answer = fault;
	} else {
		answer = compare_bytes(
			&got, vector_text(row, "application_data_hex"));
	}
	gu_buf_release(&got);
	return answer;
}

/* Recorded texts are as Windows prints them, others only as it reads them:
 * there the text must lead back to the bytes. */
static const char *check_to_text(const json_t *row, format_fn format)
{
	const char *hex = vector_text(row, "application_data_hex");
	const char *want = vector_text(row, "sddl_expression");
	bool recorded = !strcmp(vector_text(row, "verified"), "windows");
	struct gu_buf bytes = GU_BUF_INIT, got = GU_BUF_INIT;
	struct gu_buf again = GU_BUF_INIT;
	const char *answer = NULL;
	size_t bad, used;

	assert_true(gu_hex_decode(&bytes, hex, strlen(hex), &bad));
	if (format((uint8_t *)bytes.data, bytes.len, NULL, &got, NULL)) {
		answer = "the bytes are refused";
	} else if (!recorded) {
		assert_rc_ok(gu_condition_parse(&again, got.data, got.len, NULL,
						&used, NULL));
		answer = compare_bytes(&again, hex);
	} else if (strcmp(got.data, want) != 0) {
		snprintf(fault, sizeof(fault),
			 "bytes to text\n  got  %.3000s\n  want %.3000s",
			 got.data, want);
		answer = fault;
	}
	gu_buf_release(&again);
	gu_buf_release(&bytes);
	gu_buf_release(&got);
	return answer;
}

static const char *check_claims_set(const json_t *row)
{
	const char *hex = vector_text(row, "ndr_hex");
	struct gu_claims claims = GU_CLAIMS_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	const char *answer = NULL;
	size_t bad;

	assert_true(gu_hex_decode(&bytes, hex, strlen(hex), &bad));
	if (gu_claims_add_ndr(&claims, (uint8_t *)bytes.data, bytes.len,
			      &err)) {
		snprintf(fault, sizeof(fault), "refused at %zu: %s", err.offset,
			 err.msg);
		answer = fault;
	} else if (!claims.count) {
		answer = "no claims came out";
	}
	gu_claims_release(&claims);
	gu_buf_release(&bytes);
	return answer;
}

static const char *check_binary(const json_t *row)
{
	const char *kind = vector_text(row, "kind");
	const char *answer;

	if (strcmp(kind, "claims_set_ndr") == 0) {
		return check_claims_set(row);
	}
	if (strcmp(kind, "resource_attribute") == 0) {
		answer = check_to_bytes(row, gu_attribute_parse);
		return answer ? answer
			      : check_to_text(row, gu_attribute_format);
	}
	answer = check_to_bytes(row, gu_condition_parse);
	return answer ? answer : check_to_text(row, gu_condition_format);
}

static void recorded_conditions_come_out_as_recorded(void **state)
{
	(void)state;
	vectors_run("conditional_eval.jsonl", check_eval);
}

static void recorded_conditions_convert_both_ways(void **state)
{
	(void)state;
	vectors_run("condition_binary.jsonl", check_binary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_conditions_come_out_as_recorded),
		cmocka_unit_test(recorded_conditions_convert_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
