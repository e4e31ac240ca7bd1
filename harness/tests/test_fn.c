/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fn.h"

#include "banned.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void every_function_is_found_by_its_name_alone(void **state)
{
	(void)state;
	for (unsigned fn = 0; fn < GU_FN_COUNT; fn++) {
		const char *name = gu_fn_row((enum gu_fn)fn)->name;

		row_check(gu_fn_find(name) == fn, name);
	}
}

static void names_that_are_nearly_right_are_not_found(void **state)
{
	static const char *const names[] = { "", "RevertToSel", "RevertToSelfx",
					     "reverttoself",
					     "ImpersonateClient" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		row_check(gu_fn_find(names[i]) == GU_FN_NONE, names[i]);
	}
}

static void a_misspelt_function_is_suggested(void **state)
{
	(void)state;
	assert_string_equal(gu_fn_suggest("ImpersonateNamedPipeCleint"),
			    "ImpersonateNamedPipeClient");
	assert_null(gu_fn_suggest("zzzzzzzzzzzz"));
}

static void impersonations_alone_have_reverts(void **state)
{
	(void)state;
	for (unsigned fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);

		row_check((row->revert_count > 0) ==
				  (row->kind == GU_KIND_IMPERSONATE),
			  row->name);
	}
}

static void accepted_reverts_end_impersonations(void **state)
{
	(void)state;
	for (unsigned fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);

		for (size_t i = 0; i < row->revert_count; i++) {
			const struct gu_fn_row *r = gu_fn_row(row->reverts[i]);

			row_check(r->kind == GU_KIND_REVERT ||
					  (r->flags & GU_FN_NULL_REVERTS),
				  row->name);
		}
	}
}

static void families_accept_their_own_reverts(void **state)
{
	static const struct {
		const char *name;
		enum gu_fn impersonate;
		enum gu_fn revert;
		bool accepted;
	} rows[] = {
		{ "pipe, RevertToSelf", GU_FN_ImpersonateNamedPipeClient,
		  GU_FN_RevertToSelf, true },
		{ "pipe, SetThreadToken", GU_FN_ImpersonateNamedPipeClient,
		  GU_FN_SetThreadToken, true },
		{ "pipe, RpcRevertToSelf", GU_FN_ImpersonateNamedPipeClient,
		  GU_FN_RpcRevertToSelf, false },
		{ "DDE, RevertToSelf", GU_FN_DdeImpersonateClient,
		  GU_FN_RevertToSelf, true },
		{ "RPC, own", GU_FN_RpcImpersonateClient, GU_FN_RpcRevertToSelf,
		  true },
		{ "RPC, Ex", GU_FN_RpcImpersonateClient,
		  GU_FN_RpcRevertToSelfEx, true },
		{ "RPC, RevertToSelf", GU_FN_RpcImpersonateClient,
		  GU_FN_RevertToSelf, false },
		{ "RPC, SetThreadToken", GU_FN_RpcImpersonateClient2,
		  GU_FN_SetThreadToken, false },
		{ "SSPI, own", GU_FN_ImpersonateSecurityContext,
		  GU_FN_RevertSecurityContext, true },
		{ "SSPI, RevertToSelf", GU_FN_ImpersonateSecurityContext,
		  GU_FN_RevertToSelf, true },
		{ "COM, own", GU_FN_CoImpersonateClient, GU_FN_CoRevertToSelf,
		  true },
		{ "COM, RevertToSelf", GU_FN_CoImpersonateClient,
		  GU_FN_RevertToSelf, false },
		{ "socket, own", GU_FN_WSAImpersonateSocketPeer,
		  GU_FN_WSARevertImpersonation, true },
		{ "socket, RevertToSelf", GU_FN_WSAImpersonateSocketPeer,
		  GU_FN_RevertToSelf, false },
		{ "printer, own", GU_FN_ImpersonatePrinterClient,
		  GU_FN_RevertToPrinterSelf, true },
		{ "printer, RevertToSelf", GU_FN_ImpersonatePrinterClient,
		  GU_FN_RevertToSelf, false },
		{ "no impersonation", GU_FN_CloseHandle, GU_FN_RevertToSelf,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		row_check(gu_fn_accepts_revert(rows[i].impersonate,
					       rows[i].revert) ==
				  rows[i].accepted,
			  rows[i].name);
	}
}

static void functions_answer_as_windows_declares_them(void **state)
{
	static const struct {
		enum gu_fn fn;
		enum gu_conv conv;
	} rows[] = {
		{ GU_FN_DdeImpersonateClient, GU_CONV_BOOL },
		{ GU_FN_ImpersonateNamedPipeClient, GU_CONV_BOOL },
		{ GU_FN_ImpersonateLoggedOnUser, GU_CONV_BOOL },
		{ GU_FN_ImpersonateSelf, GU_CONV_BOOL },
		{ GU_FN_SetThreadToken, GU_CONV_BOOL },
		{ GU_FN_RpcImpersonateClient, GU_CONV_RPC },
		{ GU_FN_RpcRevertToSelfEx, GU_CONV_RPC },
		{ GU_FN_ImpersonateSecurityContext, GU_CONV_SECURITY },
		{ GU_FN_QuerySecurityContextToken, GU_CONV_SECURITY },
		{ GU_FN_CoImpersonateClient, GU_CONV_HRESULT },
		{ GU_FN_NtImpersonateThread, GU_CONV_NTSTATUS },
		{ GU_FN_WSAImpersonateSocketPeer, GU_CONV_WSA },
		{ GU_FN_RevertToPrinterSelf, GU_CONV_HANDLE },
		{ GU_FN_RegOpenKeyEx, GU_CONV_LSTATUS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct gu_fn_row *row = gu_fn_row(rows[i].fn);

		row_check(row->conv == rows[i].conv, row->name);
	}
}

static void arguments_have_names_of_their_own(void **state)
{
	(void)state;
	for (unsigned fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);

		for (size_t i = 0; i < row->arg_count; i++) {
			row_check(gu_fn_arg((enum gu_fn)fn,
					    row->args[i].name) == (int)i,
				  row->name);
		}
		assert_int_equal(gu_fn_arg((enum gu_fn)fn, "nonsense"), -1);
	}
}

static void parameters_of_arguments_exist(void **state)
{
	(void)state;
	for (unsigned fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);

		for (size_t i = 0; i < row->arg_count; i++) {
			const struct gu_arg *a = &row->args[i];

			if (a->type == GU_ARG_ACCESS) {
				row_check(a->param >= -1 &&
						  a->param < GU_OBJ_COUNT,
					  row->name);
			} else if (a->type == GU_ARG_CONST ||
				   a->type == GU_ARG_CONST_STR) {
				row_check(a->param >= 0 &&
						  a->param <
							  GU_CONST_GROUP_COUNT,
					  row->name);
			} else {
				row_check(a->param == 0, row->name);
			}
		}
	}
}

static void only_words_of_our_own_lack_a_dll(void **state)
{
	(void)state;
	for (unsigned fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);
		bool upper = row->name[0] >= 'A' && row->name[0] <= 'Z';

		row_check(!upper || row->dll[0], row->name);
		row_check(row->doc[0], row->name);
	}
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(gu_fn_kind_name(GU_KIND_IMPERSONATE),
			    "impersonate");
	assert_string_equal(gu_fn_kind_name(GU_KIND_REVERT), "revert");
	assert_string_equal(gu_fn_kind_name(GU_KIND_FIXTURE), "fixture");
}

static void capabilities_go_by_name(void **state)
{
	enum gu_cap cap = GU_CAP_COUNT;

	(void)state;
	assert_false(gu_cap_parse(&cap, "pipes"));
	assert_int_equal(cap, GU_CAP_COUNT);
	for (unsigned i = 0; i < GU_CAP_COUNT; i++) {
		const char *name = gu_cap_name((enum gu_cap)i);

		row_check(gu_cap_parse(&cap, name) && cap == i, name);
		row_check(gu_cap_doc((enum gu_cap)i)[0], name);
	}
}

static void references_have_a_lua_type_of_their_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < GU_REF_KIND_COUNT; i++) {
		const char *name = gu_ref_kind_lua((enum gu_ref_kind)i);

		row_check(gu_ref_kind_doc((enum gu_ref_kind)i)[0], name);
		for (unsigned j = 0; j < i; j++) {
			row_check(strcmp(name,
					 gu_ref_kind_lua((enum gu_ref_kind)j)),
				  name);
		}
	}
	assert_string_equal(gu_ref_kind_lua(GU_REF_HANDLE), "guise.handle");
	assert_string_equal(gu_ref_kind_doc(GU_REF_HCONV),
			    "a DDE conversation handle");
}

static const struct {
	enum gu_const_group group;
	const char *name;
	uint32_t value;
} consts[] = {
#define GU_CONST_GROUP(group)
#define GU_CONST(group, name, value) { GU_CONST_##group, name, value },
#include "const.def"
#undef GU_CONST
#undef GU_CONST_GROUP
};

static void every_constant_parses_to_its_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(consts); i++) {
		uint32_t v = 0xDEADBEEF;

		assert_rc_ok(gu_const_parse(&v, consts[i].group, consts[i].name,
					    NULL));
		row_check(v == consts[i].value, consts[i].name);
	}
}

static void a_value_is_named_by_its_first_constant(void **state)
{
	(void)state;
	assert_string_equal(gu_const_name(GU_CONST_TOKEN_TYPE, 1),
			    "TokenPrimary");
	assert_string_equal(gu_const_name(GU_CONST_LOGON_TYPE, 3),
			    "LOGON32_LOGON_NETWORK");
	assert_null(gu_const_name(GU_CONST_LOGON_TYPE, 6));
}

static void constants_join_with_bars_and_numbers(void **state)
{
	static const struct {
		const char *text;
		uint32_t value;
	} rows[] = {
		{ "SECURITY_SQOS_PRESENT|SECURITY_IDENTIFICATION", 0x110000 },
		{ " SECURITY_SQOS_PRESENT | 0x20000 ", 0x120000 },
		{ "SECURITY_SQOS_PRESENT\t|\tSECURITY_EFFECTIVE_ONLY",
		  0x180000 },
		{ "131072", 0x20000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t v = 0xDEADBEEF;

		assert_rc_ok(gu_const_parse(&v, GU_CONST_SQOS_FLAGS,
					    rows[i].text, NULL));
		row_check(v == rows[i].value, rows[i].text);
	}
}

static void bad_constants_are_refused_with_the_place(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
		const char *says;
	} rows[] = {
		{ "", 0, "missing" },
		{ "  ", 2, "missing" },
		{ "|", 0, "missing" },
		{ "LUA_TOKEN|", 10, "missing" },
		{ "LUA_TOKEN||LUA_TOKEN", 10, "missing" },
		{ "LUA_TOKEN LUA_TOKEN", 10, "| is missing" },
		{ "LUA_TOKEN | LUA_TOKN", 12, "did you mean LUA_TOKEN?" },
		{ "lua_token", 0, "did you mean LUA_TOKEN?" },
		{ "TokenPrimary", 0, "unknown constant" },
		{ "0x1FFFFFFFF", 0, "unknown constant" },
		{ "-1", 0, "unknown constant" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_err err = GU_ERR_INIT;
		uint32_t v = 0xDEADBEEF;

		row_check(gu_const_parse(&v, GU_CONST_FILTER_FLAGS,
					 rows[i].text, &err) == GU_RC_USAGE,
			  rows[i].text);
		row_check(v == 0xDEADBEEF, rows[i].text);
		row_check(err.offset == rows[i].offset, rows[i].text);
		row_check(strstr(err.msg, rows[i].says), rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_function_is_found_by_its_name_alone),
		cmocka_unit_test(names_that_are_nearly_right_are_not_found),
		cmocka_unit_test(a_misspelt_function_is_suggested),
		cmocka_unit_test(impersonations_alone_have_reverts),
		cmocka_unit_test(accepted_reverts_end_impersonations),
		cmocka_unit_test(families_accept_their_own_reverts),
		cmocka_unit_test(functions_answer_as_windows_declares_them),
		cmocka_unit_test(arguments_have_names_of_their_own),
		cmocka_unit_test(parameters_of_arguments_exist),
		cmocka_unit_test(only_words_of_our_own_lack_a_dll),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(capabilities_go_by_name),
		cmocka_unit_test(references_have_a_lua_type_of_their_own),
		cmocka_unit_test(every_constant_parses_to_its_value),
		cmocka_unit_test(a_value_is_named_by_its_first_constant),
		cmocka_unit_test(constants_join_with_bars_and_numbers),
		cmocka_unit_test(bad_constants_are_refused_with_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
