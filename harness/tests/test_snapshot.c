/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "sddl.h"
#include "snapshot.h"

#include "banned.h"

#define ALICE    "S-1-5-21-1-2-3-1001"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum gu_rc
read_text(const char *text, struct gu_snapshot_line *out, struct gu_err *err)
{
	return gu_snapshot_read(text, strlen(text), out, err);
}

static void a_principal_is_read_with_its_token(void **state)
{
	struct gu_snapshot_line line;
	struct gu_err err = GU_ERR_INIT;
	char sid[GU_SID_TEXT_MAX];

	(void)state;
	assert_rc_ok(read_text("{\"name\":\"app.exe (12)\",\"token\":"
			       "{\"type\":\"primary\",\"user\":\"" ALICE "\"}}",
			       &line, &err));
	assert_string_equal(line.name, "app.exe (12)");
	assert_int_equal(line.type, GU_OBJ_NONE);
	assert_false(line.unreadable);
	gu_sid_text(&line.token->user, sid);
	assert_string_equal(sid, ALICE);
	assert_int_equal(line.token->type, GU_TOKEN_PRIMARY);
	gu_snapshot_release(&line);
}

static void an_object_is_read_with_its_descriptor(void **state)
{
	struct gu_snapshot_line line;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_rc_ok(read_text("{\"name\":\"HKLM\\\\x\",\"type\":\"key\","
			       "\"sddl\":\"O:BAG:SYD:(A;;KR;;;BU)\"}",
			       &line, &err));
	assert_string_equal(line.name, "HKLM\\x");
	assert_int_equal(line.type, GU_OBJ_key);
	assert_null(line.token);
	assert_int_equal(line.sd.dacl.count, 1);
	assert_int_equal(line.sd.dacl.aces[0].mask, 0x20019); /* KEY_READ */
	gu_snapshot_release(&line);
}

static void without_a_type_it_is_a_file(void **state)
{
	struct gu_snapshot_line line;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_rc_ok(read_text("{\"name\":\"C:\\\\x\",\"sddl\":\"D:\"}", &line,
			       &err));
	assert_int_equal(line.type, GU_OBJ_file);
	gu_snapshot_release(&line);
}

static void what_could_not_be_read_is_neither(void **state)
{
	struct gu_snapshot_line line;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_rc_ok(read_text("{\"name\":\"x\",\"type\":\"key\","
			       "\"error\":{\"code\":5}}",
			       &line, &err));
	assert_true(line.unreadable);
	assert_int_equal(line.type, GU_OBJ_key);
	gu_snapshot_release(&line);
	assert_rc_ok(read_text("{\"name\":\"x\",\"error\":{}}", &line, &err));
	assert_true(line.unreadable);
	assert_int_equal(line.type, GU_OBJ_NONE);
	gu_snapshot_release(&line);
}

/* clang-format off */
static const struct {
	const char *text;
	const char *want;
} malformed[] = {
	{ "", "not JSON" },
	{ "{", "not JSON" },
	{ "{\"name\":\"x\",\"sddl\":\"D:\"} more", "not JSON" },
	{ "[1]", "not a JSON object" },
	{ "null", "not JSON" },
	{ "{\"sddl\":\"D:\"}", "name must be a string" },
	{ "{\"name\":7,\"sddl\":\"D:\"}", "name must be a string" },
	{ "{\"name\":\"\",\"sddl\":\"D:\"}", "name must be a string" },
	{ "{\"name\":\"a\\nb\",\"sddl\":\"D:\"}", "name must be a string" },
	{ "{\"name\":\"a\\u001b[2J\",\"sddl\":\"D:\"}", "name must be a string" },
	{ "{\"name\":\"a\\u009b\",\"sddl\":\"D:\"}", "name must be a string" },
	{ "{\"name\":\"a\\u0000b\",\"sddl\":\"D:\"}", "not JSON" },
	{ "{\"name\":\"x\"}", "a line has one of token" },
	{ "{\"name\":\"x\",\"sddl\":\"D:\",\"token\":{}}", "one of token" },
	{ "{\"name\":\"x\",\"sddl\":\"D:\",\"error\":{}}", "one of token" },
	{ "{\"name\":\"x\",\"sddl\":\"rubbish\"}", "descriptor: " },
	{ "{\"name\":\"x\",\"sd_hex\":\"01\"}", "descriptor: " },
	{ "{\"name\":\"x\",\"sd_hex\":\"zz\"}", "descriptor: " },
	{ "{\"name\":\"x\",\"sddl\":\"D:\",\"type\":\"fil\"}", "fil" },
	{ "{\"name\":\"x\",\"sddl\":\"D:\",\"type\":3}", "type must be a string" },
	{ "{\"name\":\"x\",\"token\":{}}", "token: " },
	{ "{\"name\":\"x\",\"token\":\"S-1-5-18\"}", "token: " },
	{ "{\"name\":\"x\",\"token\":{\"user\":\"S-1-\"}}", "token: " },
};
/* clang-format on */

static void a_malformed_line_is_refused_with_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		struct gu_snapshot_line line;
		struct gu_err err = GU_ERR_INIT;

		row_check(read_text(malformed[i].text, &line, &err) ==
				  GU_RC_USAGE,
			  malformed[i].text);
		if (!strstr(err.msg, malformed[i].want)) {
			fail_msg("row \"%s\": %s", malformed[i].text, err.msg);
		}
		gu_snapshot_release(&line);
	}
}

/* Many levels of arrays must not take the stack. */
static void a_line_that_nests_deeply_is_refused(void **state)
{
	struct gu_snapshot_line line;
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf text = GU_BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		gu_buf_addc(&text, '[');
	}
	assert_int_equal(gu_snapshot_read(text.data, text.len, &line, &err),
			 GU_RC_USAGE);
	gu_snapshot_release(&line);
	gu_buf_release(&text);
}

static void what_is_written_is_read_again(void **state)
{
	static const char sddl[] = "O:BAG:SYD:P(D;OICI;FA;;;BU)(A;;FR;;;SY)"
				   "S:(ML;;NW;;;HI)";
	struct gu_snapshot_line line;
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf text = GU_BUF_INIT;
	struct gu_buf before = GU_BUF_INIT;
	struct gu_buf after = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;

	(void)state;
	assert_rc_ok(gu_sddl_parse(&sd, sddl, NULL, &err));
	gu_snapshot_write_object("C:\\a \"b\"", GU_OBJ_directory, &sd, &text);
	assert_int_equal(text.data[text.len - 1], '\n');
	assert_rc_ok(read_text(text.data, &line, &err));
	assert_string_equal(line.name, "C:\\a \"b\"");
	assert_int_equal(line.type, GU_OBJ_directory);
	gu_sd_encode(&sd, &before);
	gu_sd_encode(&line.sd, &after);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.data, after.data, before.len);
	gu_snapshot_release(&line);
	gu_sd_release(&sd);
	gu_buf_release(&text);
	gu_buf_release(&before);
	gu_buf_release(&after);
}

static void a_written_token_is_read_again(void **state)
{
	struct gu_snapshot_line line;
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf text = GU_BUF_INIT;
	struct gu_token *token;

	(void)state;
	assert_rc_ok(gu_token_new(&token, &err));
	assert_rc_ok(gu_sid_parse(&token->user, ALICE, strlen(ALICE), &err));
	token->present = token->enabled = GU_PRIV_BIT(GU_PRIV_Backup);
	gu_snapshot_write_principal("x", token, &text);
	assert_rc_ok(read_text(text.data, &line, &err));
	assert_true(gu_sid_equal(&line.token->user, &token->user));
	assert_true(gu_token_has_priv(line.token, GU_PRIV_Backup));
	gu_snapshot_release(&line);
	gu_token_unref(token);
	gu_buf_release(&text);
}

/* Real pipes and events have such names. */
static void control_characters_of_names_become_text(void **state)
{
	struct gu_snapshot_line line;
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf text = GU_BUF_INIT;

	(void)state;
	gu_snapshot_write_unreadable("a\x1b[2J\nb\xC2\x9B"
				     "c",
				     GU_OBJ_pipe, 5, &text);
	assert_string_equal(text.data,
			    "{\"name\":\"a\\\\x1B[2J\\\\x0Ab\\\\x9Bc\","
			    "\"type\":\"pipe\",\"error\":{\"code\":5,"
			    "\"name\":\"ERROR_ACCESS_DENIED\"}}\n");
	assert_rc_ok(read_text(text.data, &line, &err));
	assert_string_equal(line.name, "a\\x1B[2J\\x0Ab\\x9Bc");
	gu_snapshot_release(&line);
	gu_buf_release(&text);
}

static void an_unknown_error_is_written_by_its_number(void **state)
{
	struct gu_buf text = GU_BUF_INIT;

	(void)state;
	gu_snapshot_write_unreadable("p", GU_OBJ_NONE, 0xFFFFFFF0, &text);
	assert_string_equal(text.data, "{\"name\":\"p\",\"error\":"
				       "{\"code\":4294967280}}\n");
	gu_buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_principal_is_read_with_its_token),
		cmocka_unit_test(an_object_is_read_with_its_descriptor),
		cmocka_unit_test(without_a_type_it_is_a_file),
		cmocka_unit_test(what_could_not_be_read_is_neither),
		cmocka_unit_test(
			a_malformed_line_is_refused_with_what_is_wrong),
		cmocka_unit_test(a_line_that_nests_deeply_is_refused),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_written_token_is_read_again),
		cmocka_unit_test(control_characters_of_names_become_text),
		cmocka_unit_test(an_unknown_error_is_written_by_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
