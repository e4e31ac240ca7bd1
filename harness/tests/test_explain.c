/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "explain.h"
#include "sddl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	READ = 0x1,
	WRITE = 0x2,
	ON = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
	     GU_GROUP_ENABLED,
};

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, 0x1F01FF };

static struct gu_sid sid_of(const char *text)
{
	struct gu_sid sid = GU_SID_NONE;

	assert_rc_ok(gu_sddl_parse_sid(&sid, text, strlen(text), NULL, NULL));
	return sid;
}

/* LOCAL SERVICE, in Users; Guests is disabled, Administrators deny-only. */
static struct gu_token *user_token(void)
{
	static const struct {
		const char *sid;
		uint32_t attributes;
	} groups[] = {
		{ "BU", ON },
		{ "BG", 0 },
		{ "BA", GU_GROUP_DENY_ONLY },
	};
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	t->user = sid_of("LS");
	for (size_t i = 0; i < COUNT(groups); i++) {
		struct gu_sid sid = sid_of(groups[i].sid);

		assert_rc_ok(gu_token_add_group(t, &sid, groups[i].attributes,
						NULL));
	}
	return t;
}

static void line_add(void *ctx, const struct gu_access_step *step)
{
	gu_access_step_format(step, ctx);
	gu_buf_addc(ctx, '\n');
}

static void check_steps(const char *sddl, uint32_t desired, const char *want)
{
	struct gu_token *token = user_token();
	struct gu_buf text = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;
	const struct gu_access_request req = { .sd = &sd,
					       .token = token,
					       .map = &file_map,
					       .desired = desired,
					       .step = line_add,
					       .step_ctx = &text };
	struct gu_access_result res;

	assert_rc_ok(gu_sddl_parse(&sd, sddl, NULL, NULL));
	gu_access_check(&req, &res);
	assert_string_equal(text.data, want);
	gu_buf_release(&text);
	gu_sd_release(&sd);
	gu_token_unref(token);
}

static void steps_tell_what_each_ace_did(void **state)
{
	(void)state;
	check_steps("D:(A;OIIO;FA;;;BU)(A;;0x1;;;SY)(A;;0x1;;;BG)(A;;0x1;;;BA)"
		    "(A;;0x1;;;BU)(A;;0x1;;;LS)(D;;0x2;;;BA)(A;;0x2;;;LS)",
		    READ | WRITE,
		    "dacl: ACE 0 (A;OIIO;FA;;;BU) does not apply: it is for "
		    "children only; left 0x3\n"
		    "dacl: ACE 1 (A;;CC;;;SY) does not apply: the token does "
		    "not hold the SID; left 0x3\n"
		    "dacl: ACE 2 (A;;CC;;;BG) does not apply: the group is "
		    "disabled; left 0x3\n"
		    "dacl: ACE 3 (A;;CC;;;BA) does not apply: the SID only "
		    "counts for denials; left 0x3\n"
		    "dacl: ACE 4 (A;;CC;;;BU) grants 0x1 to S-1-5-32-545 "
		    "(BUILTIN\\Users), a group; left 0x2\n"
		    "dacl: ACE 5 (A;;CC;;;LS) does not apply: nothing it names "
		    "is open; left 0x2\n"
		    "dacl: ACE 6 (D;;DC;;;BA) denies 0x2 to S-1-5-32-544 "
		    "(BUILTIN\\Administrators), a deny-only SID; left 0x2\n"
		    "result: denied on 0x2\n");
}

static void steps_tell_what_is_implicit(void **state)
{
	(void)state;
	check_steps("O:LSD:", GU_READ_CONTROL | READ,
		    "dacl: the owner is granted 0x20000; left 0x1\n"
		    "result: denied on 0x1\n");
	check_steps("O:LSD:NO_ACCESS_CONTROL", READ,
		    "dacl: there is no DACL: 0x1 granted\n"
		    "result: granted\n");
	check_steps("D:", GU_ACCESS_SYSTEM_SECURITY,
		    "privilege: SeSecurityPrivilege is not enabled for "
		    "0x1000000; left 0x1000000\n"
		    "result: denied on 0x1000000\n");
}

static void steps_tell_what_a_label_withholds(void **state)
{
	(void)state;
	check_steps("D:S:(ML;;NW;;;HI)", READ | WRITE,
		    "integrity: (ML;;NW;;;HI) withholds 0x2; left 0x3\n"
		    "result: denied on 0x2\n");
}

static void flip_add(void *ctx, const struct gu_flip *flip)
{
	gu_flip_format(flip, ctx);
	gu_buf_addc(ctx, '\n');
}

struct flip_row {
	const char *name;
	const char *sddl;
	uint32_t desired;
	const char *want;
};

static void check_flips(const struct flip_row *row, struct gu_token *token)
{
	struct gu_buf text = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;
	const struct gu_access_request req = { .sd = &sd,
					       .token = token,
					       .map = &file_map,
					       .desired = row->desired };

	assert_rc_ok(gu_sddl_parse(&sd, row->sddl, NULL, NULL));
	assert_rc_ok(gu_access_flips(&req, flip_add, &text, NULL));
	if (strcmp(text.data, row->want) != 0) {
		fail_msg("row \"%s\":\n%s", row->name, text.data);
	}
	gu_buf_release(&text);
	gu_sd_release(&sd);
	gu_token_unref(token);
}

static void denials_name_the_changes_that_would_grant(void **state)
{
	static const struct flip_row rows[] = {
		{ "no grant", "D:(A;;0x1;;;SY)", READ,
		  "the token in S-1-5-18 (NT AUTHORITY\\SYSTEM)\n"
		  "a first ACE (A;;0x1;;;S-1-5-19)\n" },
		{ "a disabled group", "D:(A;;0x1;;;BG)", READ,
		  "the token's S-1-5-32-546 (BUILTIN\\Guests) enabled\n"
		  "a first ACE (A;;0x1;;;S-1-5-19)\n" },
		{ "a deny ACE", "D:(D;;0x1;;;BA)(A;;0x1;;;BU)", READ,
		  "the token not in S-1-5-32-544 (BUILTIN\\Administrators)\n"
		  "no ACE 0 (D;;CC;;;BA)\n"
		  "a first ACE (A;;0x1;;;S-1-5-19)\n" },
		{ "the owner's right", "O:SYD:", GU_WRITE_DAC,
		  "a first ACE (A;;0x40000;;;S-1-5-19)\n"
		  "the owner S-1-5-19 (NT AUTHORITY\\LOCAL SERVICE)\n" },
		{ "a privilege", "D:", GU_ACCESS_SYSTEM_SECURITY,
		  "SeSecurityPrivilege enabled\n" },
		{ "a label", "D:(A;;FA;;;BU)S:(ML;;NW;;;HI)", WRITE,
		  "a token of integrity High\n"
		  "no SACL entry 0 (ML;;NW;;;HI)\n"
		  "an object of integrity Medium\n" },
		{ "two things at once", "D:(A;;0x1;;;SY)S:(ML;;NR;;;HI)", READ,
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_flips(&rows[i], user_token());
	}
}

static void grants_name_the_changes_that_would_deny(void **state)
{
	static const struct flip_row rows[] = {
		{ "one ACE", "D:(A;;0x1;;;BU)", READ,
		  "the token not in S-1-5-32-545 (BUILTIN\\Users)\n"
		  "no ACE 0 (A;;CC;;;BU)\n"
		  "a first ACE (D;;0x1;;;S-1-5-19)\n" },
		{ "two ACEs for the same", "D:(A;;0x1;;;BU)(A;;0x1;;;LS)", READ,
		  "a first ACE (D;;0x1;;;S-1-5-19)\n" },
		{ "a right to write", "D:(A;;0x2;;;LS)", WRITE,
		  "a token of integrity Low\n"
		  "no ACE 0 (A;;DC;;;LS)\n"
		  "an object of integrity System\n"
		  "a first ACE (D;;0x2;;;S-1-5-19)\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_flips(&rows[i], user_token());
	}
}

static void restricted_tokens_and_containers_can_be_freed(void **state)
{
	static const struct flip_row restricted = { "restricted",
						    "D:(A;;0x1;;;BU)", READ,
						    "no restricting SIDs\n" };
	static const struct flip_row contained = {
		"contained", "D:(A;;0x1;;;BU)(A;;0x1;;;S-1-15-3-1)", READ,
		"the token outside its AppContainer\n"
		"the capability S-1-15-3-1 (APPLICATION PACKAGE "
		"AUTHORITY\\Your Internet connection)\n"
	};
	struct gu_token *token = user_token();
	struct gu_sid rc = sid_of("RC");

	(void)state;
	assert_rc_ok(gu_token_add_restricted(token, &rc, NULL));
	check_flips(&restricted, token);
	token = user_token();
	token->package = sid_of("S-1-15-2-11-12");
	check_flips(&contained, token);
}

static void flips_that_run_out_of_memory_say_so(void **state)
{
	struct gu_token *token = user_token();
	struct gu_buf text = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;
	const struct gu_access_request req = {
		.sd = &sd, .token = token, .map = &file_map, .desired = READ
	};
	enum gu_rc rc = GU_RC_NOMEM;

	(void)state;
	assert_rc_ok(gu_sddl_parse(&sd, "D:(A;;0x1;;;SY)S:(ML;;NW;;;HI)", NULL,
				   NULL));
	gu_buf_grow(&text, 4096);
	for (size_t n = 1; rc; n++) {
		assert_int_equal(rc, GU_RC_NOMEM);
		gu_buf_reset(&text);
		gu_alloc_fail_nth(n);
		rc = gu_access_flips(&req, flip_add, &text, NULL);
	}
	gu_alloc_fail_nth(0);
	gu_buf_release(&text);
	gu_sd_release(&sd);
	gu_token_unref(token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_tell_what_each_ace_did),
		cmocka_unit_test(steps_tell_what_is_implicit),
		cmocka_unit_test(steps_tell_what_a_label_withholds),
		cmocka_unit_test(denials_name_the_changes_that_would_grant),
		cmocka_unit_test(grants_name_the_changes_that_would_deny),
		cmocka_unit_test(restricted_tokens_and_containers_can_be_freed),
		cmocka_unit_test(flips_that_run_out_of_memory_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
