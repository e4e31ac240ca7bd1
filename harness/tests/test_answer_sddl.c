/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "answer_sddl.h"
#include "sddl.h"

#include "banned.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define OWNER_BA                                                    \
	"010000801400000000000000000000000000000001020000000000052" \
	"000000020020000"

static json_t *answer(const char *line, enum gu_rc want)
{
	json_t *in = json_loads(line, 0, NULL);
	json_t *out = json_object();
	struct gu_err err = GU_ERR_INIT;

	assert_non_null(in);
	if (gu_answer_sddl(in, out, &err) != want) {
		fail_msg("%s: %s", line, err.msg);
	}
	json_decref(in);
	return out;
}

static void lines_are_answered(void **state)
{
	static const struct {
		const char *in;
		const char *hex; /* NULL: no such field */
		const char *text;
		json_int_t code; /* 0: no error */
	} rows[] = {
		{ "{\"sddl_in\":\" O:BA\"}", OWNER_BA, "O:BA", 0 },
		{ "{\"sd_hex\":\"" OWNER_BA "\"}", NULL, "O:BA", 0 },
		{ "{\"sddl_in\":\"O:BA\",\"sd_hex\":null}", OWNER_BA, "O:BA",
		  0 },
		{ "{\"sddl_in\":\"\",\"sd_hex\":\"" OWNER_BA "\"}",
		  "0100008000000000000000000000000000000000", "O:BA", 0 },
		{ "{\"sddl_in\":\"O:BA\",\"secinfo\":2}", OWNER_BA, "", 0 },
		{ "{\"sddl_in\":\"O:LA\","
		  "\"local_domain_sid\":\"S-1-5-32\"}",
		  "0100008014000000000000000000000000000000010200000000000"
		  "520000000f4010000",
		  "O:LA", 0 },
		{ "{\"sddl_in\":\"O:XX\"}", NULL, NULL, 1337 },
		{ "{\"sddl_in\":\"D:(A;;QQ;;;BA)\"}", NULL, NULL, 1336 },
		{ "{\"sddl_in\":\"O:BA\",\"sddl_revision\":2}", NULL, NULL,
		  1305 },
		{ "{\"sd_hex\":\"0100\"}", NULL, NULL, 1338 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *out = answer(rows[i].in, GU_RC_OK);
		const char *hex =
			json_string_value(json_object_get(out, "sd_hex"));
		const char *text =
			json_string_value(json_object_get(out, "sddl_out"));
		json_int_t code = json_integer_value(
			json_object_get(json_object_get(out, "error"), "code"));

		row_check(!hex == !rows[i].hex, rows[i].in);
		row_check(!text == !rows[i].text, rows[i].in);
		row_check(!hex || !strcmp(hex, rows[i].hex), rows[i].in);
		row_check(!text || !strcmp(text, rows[i].text), rows[i].in);
		row_check(code == rows[i].code, rows[i].in);
		json_decref(out);
	}
}

static void a_refusal_has_its_name_and_place(void **state)
{
	json_t *out = answer("{\"sddl_in\":\"D:(A;;QQ;;;BA)\"}", GU_RC_OK);
	const json_t *error = json_object_get(out, "error");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(error, "name")),
			    "ERROR_INVALID_ACL");
	assert_int_equal(json_integer_value(json_object_get(error, "offset")),
			 6);
	assert_non_null(json_object_get(error, "message"));
	json_decref(out);
}

static void fields_of_the_wrong_kind_are_the_lines_own_error(void **state)
{
	static const char *const rows[] = {
		"{}",
		"{\"sddl_in\":1}",
		"{\"sd_hex\":\"0g\"}",
		"{\"sddl_in\":\"\",\"secinfo\":-1}",
		"{\"sddl_in\":\"\",\"sddl_revision\":\"1\"}",
		"{\"sddl_in\":\"\",\"local_domain_sid\":\"BA\"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_decref(answer(rows[i], GU_RC_USAGE));
	}
}

static void a_descriptor_in_full_has_its_parts_and_warnings(void **state)
{
	struct gu_sd sd = GU_SD_INIT;
	const json_t *dacl, *warnings;
	json_t *v;

	(void)state;
	assert_rc_ok(gu_sddl_parse(&sd, "O:BAD:(A;;FR;;;BU)(A;;FW;;;WD)", NULL,
				   NULL));
	v = gu_sd_json(&sd, NULL);
	assert_non_null(v);
	assert_string_equal(json_string_value(json_object_get(v, "owner")),
			    "S-1-5-32-544");
	assert_true(json_is_null(json_object_get(v, "group")));
	assert_true(json_is_null(json_object_get(v, "sacl")));
	dacl = json_object_get(v, "dacl");
	assert_int_equal(json_array_size(dacl), 2);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(dacl, 1), "text")),
			    "(A;;FW;;;WD)");
	warnings = json_object_get(v, "warnings");
	assert_int_equal(json_array_size(warnings), 1);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(warnings, 0), "id")),
			    "everyone-write");
	assert_int_equal(json_integer_value(json_object_get(
				 json_array_get(warnings, 0), "ace")),
			 1);
	json_decref(v);
	gu_sd_release(&sd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_answered),
		cmocka_unit_test(a_refusal_has_its_name_and_place),
		cmocka_unit_test(
			fields_of_the_wrong_kind_are_the_lines_own_error),
		cmocka_unit_test(
			a_descriptor_in_full_has_its_parts_and_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
