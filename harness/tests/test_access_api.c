/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "access_api.h"
#include "sddl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	READ = 0x1,
	ON = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
	     GU_GROUP_ENABLED,
};

#define GOOD_SD "O:SYG:SYD:(A;;FA;;;WD)"

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, 0x1F01FF };

/* What is wrong with a call; 0 fields are all right. */
struct row {
	const char *name;
	const char *sddl; /* NULL: no descriptor */
	uint32_t desired;
	uint32_t buffer;
	uint32_t token_access;
	uint32_t last_error;
	uint32_t status;
	bool no_buffer;
	bool primary;
	bool anonymous;
};

static struct gu_token *everyone(void)
{
	const struct gu_sid *world = gu_sid_well_known(GU_WK_WORLD);
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	t->type = GU_TOKEN_IMPERSONATION;
	t->level = GU_LEVEL_IDENTIFICATION;
	t->user = *gu_sid_well_known(GU_WK_LOCAL_SERVICE);
	assert_rc_ok(gu_token_add_group(t, world, ON, NULL));
	return t;
}

static struct gu_access_answer
call_row(const struct row *row, enum gu_access_api api)
{
	struct gu_token *token = everyone();
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_call call = {
		.api = api,
		.request = { .token = token,
			     .map = &file_map,
			     .desired = row->desired },
		.privilege_set_len = row->buffer,
		.token_access = row->token_access,
		.no_privilege_set = row->no_buffer,
	};
	struct gu_access_answer answer;

	memset(&answer, 0xA5, sizeof(answer));
	if (row->primary) {
		token->type = GU_TOKEN_PRIMARY;
	}
	if (row->anonymous) {
		token->level = GU_LEVEL_ANONYMOUS;
	}
	if (row->sddl) {
		assert_rc_ok(gu_sddl_parse(&sd, row->sddl, NULL, NULL));
		call.request.sd = &sd;
	}
	gu_access_call(&call, &answer);
	gu_sd_release(&sd);
	gu_token_unref(token);
	return answer;
}

/* Semantics 5.1: each row is wrong in its own way and in every way that comes
 * later. */
static const struct row refused[] = {
	{ .name = "no privilege set",
	  .no_buffer = true,
	  .primary = true,
	  .desired = GU_GENERIC_READ,
	  .last_error = 998,
	  .status = 0xC0000005 },
	{ .name = "generic right",
	  .primary = true,
	  .buffer = 4,
	  .desired = GU_GENERIC_READ | READ,
	  .last_error = 1360,
	  .status = 0xC00000E6 },
	{ .name = "primary token",
	  .primary = true,
	  .buffer = 4,
	  .desired = READ,
	  .last_error = 1309,
	  .status = 0xC000005C },
	{ .name = "Anonymous level",
	  .anonymous = true,
	  .buffer = 4,
	  .desired = READ,
	  .last_error = 1346,
	  .status = 0xC00000A5 },
	{ .name = "handle without TOKEN_QUERY",
	  .token_access = 0x4,
	  .buffer = 4,
	  .desired = READ,
	  .last_error = 5,
	  .status = 0xC0000022 },
	{ .name = "short buffer",
	  .buffer = 19,
	  .desired = READ,
	  .last_error = 122,
	  .status = 0xC0000023 },
	{ .name = "no descriptor",
	  .buffer = 20,
	  .desired = READ,
	  .last_error = 1338,
	  .status = 0xC0000079 },
	{ .name = "no owner",
	  .sddl = "G:SYD:(A;;FA;;;WD)",
	  .desired = READ,
	  .last_error = 1338,
	  .status = 0xC0000079 },
	{ .name = "no group",
	  .sddl = "O:SYD:(A;;FA;;;WD)",
	  .desired = READ,
	  .last_error = 1338,
	  .status = 0xC0000079 },
};

static void the_shell_refuses_in_the_recorded_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct gu_access_answer a =
			call_row(&refused[i], GU_API_ACCESS_CHECK);

		row_check(!a.ret && !a.access && !a.checked, refused[i].name);
		row_check(a.granted == 0, refused[i].name);
		row_check(a.last_error == refused[i].last_error,
			  refused[i].name);
		row_check(a.status == refused[i].status, refused[i].name);
	}
}

static void nt_functions_leave_the_last_error_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct gu_access_answer a =
			call_row(&refused[i], GU_API_NT_ACCESS_CHECK);

		row_check(a.status == refused[i].status, refused[i].name);
		row_check(a.last_error == 0, refused[i].name);
	}
}

static void a_short_buffer_is_told_the_length_it_needs(void **state)
{
	const struct row row = { .sddl = GOOD_SD,
				 .buffer = 4,
				 .desired = READ };

	(void)state;
	assert_int_equal(call_row(&row, GU_API_ACCESS_CHECK).needed_len, 20);
}

static void a_denial_is_a_success_of_the_call(void **state)
{
	static const struct row row = { .sddl = "O:SYG:SYD:", .desired = READ };
	struct gu_access_answer a = call_row(&row, GU_API_ACCESS_CHECK);

	(void)state;
	assert_true(a.ret);
	assert_true(a.checked);
	assert_false(a.access);
	assert_int_equal(a.granted, 0);
	assert_int_equal(a.last_error, 5);
}

static void a_missing_privilege_has_an_error_of_its_own(void **state)
{
	static const struct row row = { .sddl = GOOD_SD,
					.desired = GU_ACCESS_SYSTEM_SECURITY };
	struct gu_access_answer a = call_row(&row, GU_API_ACCESS_CHECK);

	(void)state;
	assert_true(a.ret);
	assert_false(a.access);
	assert_int_equal(a.last_error, 1314);
	assert_int_equal(a.status, 0xC0000061);
}

static void identification_is_enough_to_ask(void **state)
{
	static const struct row row = { .sddl = GOOD_SD, .desired = READ };
	struct gu_access_answer a = call_row(&row, GU_API_ACCESS_CHECK);

	(void)state;
	assert_true(a.ret && a.access);
	assert_int_equal(a.granted, READ);
	assert_int_equal(a.last_error, 0);
}

/* Semantics 5.3. */
static void object_type_lists_are_one_tree(void **state)
{
	static const struct {
		const char *name;
		uint16_t levels[6];
		size_t count;
		bool valid;
	} rows[] = {
		{ "none", { 0 }, 0, true },
		{ "a root", { 0 }, 1, true },
		{ "deepest", { 0, 1, 2, 3, 4, 1 }, 6, true },
		{ "no root", { 1 }, 1, false },
		{ "two roots", { 0, 0 }, 2, false },
		{ "a late second root", { 0, 1, 0 }, 3, false },
		{ "a level skipped", { 0, 2 }, 2, false },
		{ "too deep", { 0, 1, 2, 3, 4, 5 }, 6, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_object_type types[6] = { 0 };

		for (size_t k = 0; k < rows[i].count; k++) {
			types[k].level = rows[i].levels[k];
		}
		row_check(gu_object_types_valid(types, rows[i].count) ==
				  rows[i].valid,
			  rows[i].name);
	}
}

static void a_bad_list_is_refused_before_the_descriptor(void **state)
{
	struct gu_token *token = everyone();
	const struct gu_object_type bad[1] = { { .level = 1 } };
	struct gu_object_node nodes[1];
	struct gu_access_call call = {
		.api = GU_API_NT_BY_TYPE,
		.request = { .token = token,
			     .map = &file_map,
			     .desired = READ,
			     .types = bad,
			     .nodes = nodes,
			     .type_count = 1 },
	};
	struct gu_access_answer a;

	(void)state;
	gu_access_call(&call, &a);
	assert_int_equal(a.status, 0xC000000D);
	call.request.type_count = 0;
	call.api = GU_API_NT_BY_TYPE_RESULT_LIST;
	gu_access_call(&call, &a);
	assert_int_equal(a.status, 0xC000000D);
	gu_token_unref(token);
}

static void api_names_are_read_exactly(void **state)
{
	enum gu_access_api api = GU_API_NT_BY_TYPE;

	(void)state;
	assert_true(gu_access_api_parse(&api, "AccessCheck"));
	assert_int_equal(api, GU_API_ACCESS_CHECK);
	assert_false(gu_access_api_parse(&api, "accesscheck"));
	assert_false(gu_access_api_parse(&api, ""));
	assert_string_equal(gu_access_api_name(GU_API_NT_BY_TYPE_RESULT_LIST),
			    "NtAccessCheckByTypeResultList");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shell_refuses_in_the_recorded_order),
		cmocka_unit_test(nt_functions_leave_the_last_error_alone),
		cmocka_unit_test(a_short_buffer_is_told_the_length_it_needs),
		cmocka_unit_test(a_denial_is_a_success_of_the_call),
		cmocka_unit_test(a_missing_privilege_has_an_error_of_its_own),
		cmocka_unit_test(identification_is_enough_to_ask),
		cmocka_unit_test(object_type_lists_are_one_tree),
		cmocka_unit_test(a_bad_list_is_refused_before_the_descriptor),
		cmocka_unit_test(api_names_are_read_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
