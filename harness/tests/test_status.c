/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "status.h"

#include "banned.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void the_table_is_sorted_by_kind_and_code(void **state)
{
	struct gu_code before = { .kind = GU_CODE_WIN32 };
	struct gu_code now;

	(void)state;
	for (size_t i = 0; gu_code_at(i, &now); i++) {
		row_check(before.kind < now.kind || (before.kind == now.kind &&
						     before.code <= now.code),
			  now.name);
		before = now;
	}
}

static void the_table_ends(void **state)
{
	struct gu_code code = { .name = "untouched" };

	(void)state;
	assert_false(gu_code_at(1000000, &code));
	assert_string_equal(code.name, "untouched");
}

static void every_name_parses_to_its_own_code(void **state)
{
	struct gu_code row;

	(void)state;
	for (size_t i = 0; gu_code_at(i, &row); i++) {
		enum gu_code_kind kind = (enum gu_code_kind)77;
		uint32_t code = 0xDEADBEEF;

		row_check(gu_code_parse(row.name, &code, &kind), row.name);
		row_check(code == row.code && kind == row.kind, row.name);
	}
}

static void ntstatus_pairs_are_sorted(void **state)
{
	static const uint32_t pairs[] = {
#define GU_CODE(kind, code, name)
#define GU_NT_WIN32(ntstatus, win32) ntstatus,
#include "status.def"
#undef GU_CODE
#undef GU_NT_WIN32
	};

	(void)state;
	for (size_t i = 1; i < COUNT(pairs); i++) {
		assert_true(pairs[i - 1] < pairs[i]);
	}
}

static void every_pair_is_looked_up(void **state)
{
	static const struct {
		uint32_t nt;
		uint32_t win32;
	} pairs[] = {
#define GU_CODE(kind, code, name)
#define GU_NT_WIN32(ntstatus, win32) { ntstatus, win32 },
#include "status.def"
#undef GU_CODE
#undef GU_NT_WIN32
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		assert_int_equal(gu_ntstatus_to_win32(pairs[i].nt),
				 pairs[i].win32);
	}
}

static void codes_are_named_as_their_convention_says(void **state)
{
	static const struct {
		enum gu_conv conv;
		uint32_t code;
		const char *name;
	} rows[] = {
		{ GU_CONV_BOOL, 0, "ERROR_SUCCESS" },
		{ GU_CONV_HANDLE, 0, "ERROR_SUCCESS" },
		{ GU_CONV_LSTATUS, 0, "ERROR_SUCCESS" },
		{ GU_CONV_RPC, 0, "RPC_S_OK" },
		{ GU_CONV_SECURITY, 0, "SEC_E_OK" },
		{ GU_CONV_HRESULT, 0, "S_OK" },
		{ GU_CONV_NTSTATUS, 0, "STATUS_SUCCESS" },
		{ GU_CONV_WSA, 0, "NO_ERROR" },
		{ GU_CONV_BOOL, 5, "ERROR_ACCESS_DENIED" },
		{ GU_CONV_RPC, 5, "ERROR_ACCESS_DENIED" },
		{ GU_CONV_RPC, 87, "ERROR_INVALID_PARAMETER" },
		{ GU_CONV_RPC, 6, "ERROR_INVALID_HANDLE" },
		{ GU_CONV_RPC, 1725, "RPC_S_NO_CALL_ACTIVE" },
		{ GU_CONV_BOOL, 1008, "ERROR_NO_TOKEN" },
		{ GU_CONV_BOOL, 1299, "ERROR_INVALID_LABEL" },
		{ GU_CONV_BOOL, 1346, "ERROR_BAD_IMPERSONATION_LEVEL" },
		{ GU_CONV_WSA, 10038, "WSAENOTSOCK" },
		{ GU_CONV_BOOL, 258, "WAIT_TIMEOUT" },
		{ GU_CONV_NTSTATUS, 0x80, "STATUS_ABANDONED" },
		{ GU_CONV_NTSTATUS, 0xC0000022, "STATUS_ACCESS_DENIED" },
		{ GU_CONV_NTSTATUS, 0xC0020042, "RPC_NT_NO_CONTEXT_AVAILABLE" },
		{ GU_CONV_SECURITY, 0x8009030B, "SEC_E_NO_IMPERSONATION" },
		{ GU_CONV_SECURITY, 0x80090302, "SEC_E_UNSUPPORTED_FUNCTION" },
		{ GU_CONV_SECURITY, 0x00090312, "SEC_I_CONTINUE_NEEDED" },
		{ GU_CONV_HRESULT, 1, "S_FALSE" },
		{ GU_CONV_HRESULT, 0x80070005, "E_ACCESSDENIED" },
		{ GU_CONV_HRESULT, 0x80004002, "E_NOINTERFACE" },
		{ GU_CONV_HRESULT, 0x80010117, "RPC_E_CALL_COMPLETE" },
		{ GU_CONV_HRESULT, 0x80010123, "CO_E_FAILEDTOIMPERSONATE" },
		{ GU_CONV_HRESULT, 0x800401F0, "CO_E_NOTINITIALIZED" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = gu_status_name(rows[i].conv, rows[i].code);

		row_check(name && strcmp(name, rows[i].name) == 0,
			  rows[i].name);
	}
}

static void names_stay_in_their_family(void **state)
{
	(void)state;
	assert_null(gu_status_name(GU_CONV_BOOL, 0xC0000022));
	assert_null(gu_status_name(GU_CONV_NTSTATUS, 5));
	assert_null(gu_status_name(GU_CONV_HRESULT, 0xC0000022));
	assert_null(gu_status_name(GU_CONV_BOOL, 0xFFFFFFFF));
	assert_null(gu_status_name(GU_CONV_HRESULT, 0xFFFFFFFF));
}

static void codes_without_a_name_are_shown_as_numbers(void **state)
{
	static const struct {
		enum gu_conv conv;
		uint32_t code;
		const char *text;
	} rows[] = {
		{ GU_CONV_BOOL, 5, "ERROR_ACCESS_DENIED" },
		{ GU_CONV_BOOL, 65000, "65000" },
		{ GU_CONV_RPC, 4294967295, "4294967295" },
		{ GU_CONV_NTSTATUS, 0xC0FFEE01, "0xC0FFEE01" },
		{ GU_CONV_NTSTATUS, 5, "0x00000005" },
		{ GU_CONV_HRESULT, 0x8007FFFF, "0x8007FFFF" },
		{ GU_CONV_SECURITY, 0x8009FFFF, "0x8009FFFF" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[16] = "untouched";

		row_check(
			strcmp(gu_status_text(rows[i].conv, rows[i].code, text),
			       rows[i].text) == 0,
			rows[i].text);
	}
}

static void conventions_bear_the_names_of_their_types(void **state)
{
	static const struct {
		enum gu_conv conv;
		const char *name;
		enum gu_code_kind kind;
	} rows[] = {
		{ GU_CONV_BOOL, "BOOL", GU_CODE_WIN32 },
		{ GU_CONV_HANDLE, "HANDLE", GU_CODE_WIN32 },
		{ GU_CONV_LSTATUS, "LSTATUS", GU_CODE_WIN32 },
		{ GU_CONV_RPC, "RPC_STATUS", GU_CODE_WIN32 },
		{ GU_CONV_SECURITY, "SECURITY_STATUS", GU_CODE_HRESULT },
		{ GU_CONV_HRESULT, "HRESULT", GU_CODE_HRESULT },
		{ GU_CONV_NTSTATUS, "NTSTATUS", GU_CODE_NTSTATUS },
		{ GU_CONV_WSA, "SOCKET_ERROR", GU_CODE_WIN32 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		row_check(strcmp(gu_conv_name(rows[i].conv), rows[i].name) == 0,
			  rows[i].name);
		row_check(gu_conv_code_kind(rows[i].conv) == rows[i].kind,
			  rows[i].name);
	}
}

static void codes_parse_by_name_or_number(void **state)
{
	static const struct {
		const char *text;
		uint32_t code;
		enum gu_code_kind kind;
	} rows[] = {
		{ "ERROR_ACCESS_DENIED", 5, GU_CODE_WIN32 },
		{ "RPC_S_ACCESS_DENIED", 5, GU_CODE_WIN32 },
		{ "RPC_S_NO_CALL_ACTIVE", 1725, GU_CODE_WIN32 },
		{ "WSAEFAULT", 10014, GU_CODE_WIN32 },
		{ "STATUS_ACCESS_DENIED", 0xC0000022, GU_CODE_NTSTATUS },
		{ "SEC_E_INVALID_HANDLE", 0x80090301, GU_CODE_HRESULT },
		{ "SEC_E_NOT_SUPPORTED", 0x80090302, GU_CODE_HRESULT },
		{ "E_FAIL", 0x80004005, GU_CODE_HRESULT },
		{ "S_OK", 0, GU_CODE_HRESULT },
		{ "0", 0, GU_CODE_WIN32 },
		{ "5", 5, GU_CODE_WIN32 },
		{ "0x5", 5, GU_CODE_WIN32 },
		{ "0xC0000022", 0xC0000022, GU_CODE_NTSTATUS },
		{ "0xc0000022", 0xC0000022, GU_CODE_NTSTATUS },
		{ "3221225506", 0xC0000022, GU_CODE_NTSTATUS },
		{ "0x80070005", 0x80070005, GU_CODE_HRESULT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum gu_code_kind kind = (enum gu_code_kind)77;
		uint32_t code = 0xDEADBEEF;

		row_check(gu_code_parse(rows[i].text, &code, &kind),
			  rows[i].text);
		row_check(code == rows[i].code && kind == rows[i].kind,
			  rows[i].text);
	}
}

static void unknown_codes_are_refused_and_change_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"error_access_denied",
		"ERROR_ACCESS_DENIE",
		"-1",
		"65000",
		"0xC0FFEE01",
		"0x",
		"5 ",
		"ERROR_ACCESS_DENIED ",
		"4294967296",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		enum gu_code_kind kind = (enum gu_code_kind)77;
		uint32_t code = 0xDEADBEEF;

		row_check(!gu_code_parse(texts[i], &code, &kind), texts[i]);
		row_check(code == 0xDEADBEEF && kind == (enum gu_code_kind)77,
			  texts[i]);
	}
}

static void the_kind_of_a_code_may_be_left_out(void **state)
{
	uint32_t code = 0xDEADBEEF;

	(void)state;
	assert_true(gu_code_parse("ERROR_NO_TOKEN", &code, NULL));
	assert_int_equal(code, 1008);
}

static void a_misspelt_code_is_suggested(void **state)
{
	(void)state;
	assert_string_equal(gu_code_suggest("ERROR_ACESS_DENIED"),
			    "ERROR_ACCESS_DENIED");
	assert_string_equal(gu_code_suggest("status_access_denied"),
			    "STATUS_ACCESS_DENIED");
	assert_null(gu_code_suggest("qqqqqqqqqqqq"));
}

static void constants_of_the_header_bear_windows_names(void **state)
{
	static const struct {
		const char *name;
		uint32_t code;
	} rows[] = {
#define NT(name) { "STATUS_" #name, GU_NT_##name }
#define SAME(name)               \
	{                        \
#name, GU_##name \
	}
		NT(SUCCESS),
		NT(NOT_ALL_ASSIGNED),
		NT(ACCESS_VIOLATION),
		NT(INVALID_INFO_CLASS),
		NT(INVALID_HANDLE),
		NT(INVALID_PARAMETER),
		NT(INVALID_DEVICE_REQUEST),
		NT(NO_MEMORY),
		NT(ACCESS_DENIED),
		NT(BUFFER_TOO_SMALL),
		NT(OBJECT_TYPE_MISMATCH),
		NT(OBJECT_NAME_INVALID),
		NT(OBJECT_NAME_NOT_FOUND),
		NT(OBJECT_NAME_COLLISION),
		NT(PORT_DISCONNECTED),
		NT(OBJECT_PATH_NOT_FOUND),
		NT(INVALID_PORT_HANDLE),
		NT(INVALID_OWNER),
		NT(NO_IMPERSONATION_TOKEN),
		NT(CANT_DISABLE_MANDATORY),
		NT(NO_SUCH_LOGON_SESSION),
		NT(PRIVILEGE_NOT_HELD),
		NT(LOGON_FAILURE),
		NT(ACCOUNT_RESTRICTION),
		NT(ACCOUNT_DISABLED),
		NT(INVALID_SECURITY_DESCR),
		NT(NO_TOKEN),
		NT(BAD_IMPERSONATION_LEVEL),
		NT(CANT_OPEN_ANONYMOUS),
		NT(BAD_TOKEN_TYPE),
		NT(PIPE_NOT_AVAILABLE),
		NT(PIPE_BUSY),
		NT(ILLEGAL_FUNCTION),
		NT(PIPE_DISCONNECTED),
		NT(PIPE_CLOSING),
		NT(PIPE_CONNECTED),
		NT(PIPE_LISTENING),
		NT(GENERIC_NOT_MAPPED),
		NT(CANNOT_IMPERSONATE),
		NT(PIPE_BROKEN),
		NT(LOGON_TYPE_NOT_GRANTED),
		NT(REPLY_MESSAGE_MISMATCH),
		NT(NOT_FOUND),
		SAME(ERROR_SUCCESS),
		SAME(ERROR_INVALID_FUNCTION),
		SAME(ERROR_FILE_NOT_FOUND),
		SAME(ERROR_ACCESS_DENIED),
		SAME(ERROR_INVALID_HANDLE),
		SAME(ERROR_INVALID_PARAMETER),
		SAME(ERROR_ALREADY_EXISTS),
		SAME(ERROR_NO_TOKEN),
		SAME(ERROR_NOT_ALL_ASSIGNED),
		SAME(ERROR_BAD_IMPERSONATION_LEVEL),
		SAME(ERROR_INVALID_WINDOW_HANDLE),
		SAME(RPC_S_OK),
		SAME(RPC_S_WRONG_KIND_OF_BINDING),
		SAME(RPC_S_INVALID_BINDING),
		SAME(RPC_S_NO_CALL_ACTIVE),
		SAME(RPC_S_BINDING_HAS_NO_AUTH),
		SAME(RPC_S_CANNOT_SUPPORT),
		SAME(RPC_S_NO_CONTEXT_AVAILABLE),
		SAME(RPC_S_SEC_PKG_ERROR),
		SAME(SEC_E_OK),
		SAME(SEC_E_INVALID_HANDLE),
		SAME(SEC_E_UNSUPPORTED_FUNCTION),
		SAME(SEC_E_NO_IMPERSONATION),
		SAME(S_OK),
		SAME(E_FAIL),
		SAME(E_ACCESSDENIED),
		SAME(RPC_E_CALL_COMPLETE),
		SAME(CO_E_FAILEDTOIMPERSONATE),
		SAME(WSAEFAULT),
		SAME(WSAENOTSOCK),
		SAME(WSAEMSGSIZE),
		SAME(WSAEAFNOSUPPORT),
		SAME(WSASYSCALLFAILURE),
#undef NT
#undef SAME
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum gu_code_kind kind = (enum gu_code_kind)77;
		uint32_t code = 0xDEADBEEF;

		row_check(gu_code_parse(rows[i].name, &code, &kind),
			  rows[i].name);
		row_check(code == rows[i].code, rows[i].name);
		/* Success is explained once per family. */
		row_check(code == 0 || gu_code_doc(kind, code), rows[i].name);
	}
}

static void every_explanation_is_of_a_known_code(void **state)
{
	static const struct {
		enum gu_conv conv;
		uint32_t code;
		const char *text;
	} docs[] = {
#define GU_CODE_WIN32_CONV            GU_CONV_BOOL
#define GU_CODE_NTSTATUS_CONV         GU_CONV_NTSTATUS
#define GU_CODE_HRESULT_CONV          GU_CONV_HRESULT
#define GU_CODE_DOC(kind, code, text) { GU_CODE_##kind##_CONV, code, text },
#include "status_doc.def"
#undef GU_CODE_DOC
	};

	(void)state;
	for (size_t i = 0; i < COUNT(docs); i++) {
		enum gu_code_kind kind = gu_conv_code_kind(docs[i].conv);

		row_check(gu_status_name(docs[i].conv, docs[i].code),
			  docs[i].text);
		assert_string_equal(gu_code_doc(kind, docs[i].code),
				    docs[i].text);
	}
	assert_null(gu_code_doc(GU_CODE_WIN32, 65000));
}

static void ntstatus_becomes_win32_as_windows_does_it(void **state)
{
	static const struct {
		const char *name;
		uint32_t nt;
		uint32_t win32;
	} rows[] = {
		{ "SUCCESS", 0, 0 },
		{ "ACCESS_DENIED", 0xC0000022, 5 },
		{ "BAD_IMPERSONATION_LEVEL", 0xC00000A5, 1346 },
		{ "NO_TOKEN", 0xC000007C, 1008 },
		{ "CANT_OPEN_ANONYMOUS", 0xC00000A6, 1347 },
		{ "BAD_TOKEN_TYPE", 0xC00000A8, 1349 },
		{ "CANNOT_IMPERSONATE", 0xC000010D, 1368 },
		{ "NO_IMPERSONATION_TOKEN", 0xC000005C, 1309 },
		{ "PRIVILEGE_NOT_HELD", 0xC0000061, 1314 },
		{ "GENERIC_NOT_MAPPED", 0xC00000E6, 1360 },
		{ "INVALID_SECURITY_DESCR", 0xC0000079, 1338 },
		{ "NOT_ALL_ASSIGNED", 0x00000106, 1300 },
		{ "ILLEGAL_FUNCTION", 0xC00000AF, 1 },
		{ "INVALID_DEVICE_REQUEST", 0xC0000010, 1 },
		{ "INVALID_HANDLE", 0xC0000008, 6 },
		{ "OBJECT_TYPE_MISMATCH", 0xC0000024, 6 },
		{ "INVALID_PARAMETER", 0xC000000D, 87 },
		{ "INVALID_INFO_CLASS", 0xC0000003, 87 },
		{ "BUFFER_TOO_SMALL", 0xC0000023, 122 },
		{ "ACCESS_VIOLATION", 0xC0000005, 998 },
		{ "INVALID_OWNER", 0xC000005A, 1307 },
		{ "INVALID_PRIMARY_GROUP", 0xC000005B, 1308 },
		{ "CANT_DISABLE_MANDATORY", 0xC000005D, 1310 },
		{ "NO_SUCH_LOGON_SESSION", 0xC000005F, 1312 },
		{ "INVALID_SID", 0xC0000078, 1337 },
		{ "INVALID_ACL", 0xC0000077, 1336 },
		{ "TOKEN_ALREADY_IN_USE", 0xC000012B, 1375 },
		{ "LOGON_FAILURE", 0xC000006D, 1326 },
		{ "ACCOUNT_RESTRICTION", 0xC000006E, 1327 },
		{ "LOGON_TYPE_NOT_GRANTED", 0xC000015B, 1385 },
		{ "PIPE_DISCONNECTED", 0xC00000B0, 233 },
		{ "PIPE_CLOSING", 0xC00000B1, 232 },
		{ "PIPE_BROKEN", 0xC000014B, 109 },
		{ "PIPE_LISTENING", 0xC00000B3, 536 },
		{ "INSTANCE_NOT_AVAILABLE", 0xC00000AB, 231 },
		{ "PIPE_NOT_AVAILABLE", 0xC00000AC, 231 },
		{ "NO_MEMORY", 0xC0000017, 8 },
		{ "INSUFFICIENT_RESOURCES", 0xC000009A, 1450 },
		{ "PORT_DISCONNECTED", 0xC0000037, 6 },
		{ "REPLY_MESSAGE_MISMATCH", 0xC000021F, 595 },
		{ "unknown", 0xC0FFEE01, 317 },
		{ "last of all", 0xFFFFFFFF, 0xFFFFFFFF },
		{ "application's own passes", 0xE0000001, 0xE0000001 },
		{ "N bit", 0xD0000022, 5 },
		{ "N bit, wrapped", 0xD0070005, 5 },
		{ "wrapped Win32", 0xC0070005, 5 },
		{ "wrapped Win32 in HRESULT", 0x80070522, 1314 },
		{ "SEC_E_NO_IMPERSONATION", 0x8009030B, 1368 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		row_check(gu_ntstatus_to_win32(rows[i].nt) == rows[i].win32,
			  rows[i].name);
	}
}

static void kernel_answers_take_the_callers_convention(void **state)
{
	static const struct {
		const char *name;
		enum gu_conv conv;
		uint32_t nt;
		bool ok;
		uint32_t code;
	} rows[] = {
		{ "BOOL ok", GU_CONV_BOOL, 0, true, 0 },
		{ "BOOL denied", GU_CONV_BOOL, 0xC0000022, false, 5 },
		{ "BOOL in part", GU_CONV_BOOL, 0x106, true, 1300 },
		{ "HANDLE denied", GU_CONV_HANDLE, 0xC0000022, false, 5 },
		{ "LSTATUS denied", GU_CONV_LSTATUS, 0xC0000022, false, 5 },
		{ "LSTATUS informational", GU_CONV_LSTATUS, 0x106, true, 0 },
		{ "RPC denied", GU_CONV_RPC, 0xC0000022, false, 5 },
		{ "WSA fault", GU_CONV_WSA, 0xC0000005, false, 998 },
		{ "SECURITY ok", GU_CONV_SECURITY, 0, true, 0 },
		{ "SECURITY handle", GU_CONV_SECURITY, 0xC0000008, false,
		  0x80090301 },
		{ "SECURITY no client", GU_CONV_SECURITY, 0xC000010D, false,
		  0x8009030B },
		{ "SECURITY function", GU_CONV_SECURITY, 0xC0000010, false,
		  0x80090302 },
		{ "SECURITY other", GU_CONV_SECURITY, 0xC0000022, false,
		  0x80070005 },
		{ "HRESULT denied", GU_CONV_HRESULT, 0xC0000022, false,
		  0x80070005 },
		{ "HRESULT informational", GU_CONV_HRESULT, 0x106, true, 0 },
		{ "NTSTATUS denied", GU_CONV_NTSTATUS, 0xC0000022, false,
		  0xC0000022 },
		{ "NTSTATUS informational", GU_CONV_NTSTATUS, 0x106, true,
		  0x106 },
		{ "NTSTATUS warning", GU_CONV_NTSTATUS, 0x80000005, false,
		  0x80000005 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_status s =
			gu_status_from_nt(rows[i].conv, rows[i].nt);

		row_check(s.conv == rows[i].conv, rows[i].name);
		row_check(s.ok == rows[i].ok, rows[i].name);
		row_check(s.code == rows[i].code, rows[i].name);
	}
}

static void codes_fail_by_the_conventions_own_test(void **state)
{
	static const struct {
		const char *name;
		enum gu_conv conv;
		uint32_t code;
		bool ok;
	} rows[] = {
		{ "BOOL 0", GU_CONV_BOOL, 0, true },
		{ "BOOL 5", GU_CONV_BOOL, 5, false },
		{ "RPC 0", GU_CONV_RPC, 0, true },
		{ "RPC 1725", GU_CONV_RPC, 1725, false },
		{ "WSA 10038", GU_CONV_WSA, 10038, false },
		{ "LSTATUS 2", GU_CONV_LSTATUS, 2, false },
		{ "HRESULT S_FALSE", GU_CONV_HRESULT, 1, true },
		{ "HRESULT E_FAIL", GU_CONV_HRESULT, 0x80004005, false },
		{ "SECURITY continue", GU_CONV_SECURITY, 0x90312, true },
		{ "SECURITY handle", GU_CONV_SECURITY, 0x80090301, false },
		{ "NTSTATUS pending", GU_CONV_NTSTATUS, 0x103, true },
		{ "NTSTATUS denied", GU_CONV_NTSTATUS, 0xC0000022, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_status s =
			gu_status_from_code(rows[i].conv, rows[i].code);

		row_check(s.ok == rows[i].ok, rows[i].name);
		row_check(s.code == rows[i].code, rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_by_kind_and_code),
		cmocka_unit_test(the_table_ends),
		cmocka_unit_test(every_name_parses_to_its_own_code),
		cmocka_unit_test(ntstatus_pairs_are_sorted),
		cmocka_unit_test(every_pair_is_looked_up),
		cmocka_unit_test(codes_are_named_as_their_convention_says),
		cmocka_unit_test(names_stay_in_their_family),
		cmocka_unit_test(codes_without_a_name_are_shown_as_numbers),
		cmocka_unit_test(conventions_bear_the_names_of_their_types),
		cmocka_unit_test(codes_parse_by_name_or_number),
		cmocka_unit_test(unknown_codes_are_refused_and_change_nothing),
		cmocka_unit_test(the_kind_of_a_code_may_be_left_out),
		cmocka_unit_test(a_misspelt_code_is_suggested),
		cmocka_unit_test(constants_of_the_header_bear_windows_names),
		cmocka_unit_test(every_explanation_is_of_a_known_code),
		cmocka_unit_test(ntstatus_becomes_win32_as_windows_does_it),
		cmocka_unit_test(kernel_answers_take_the_callers_convention),
		cmocka_unit_test(codes_fail_by_the_conventions_own_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
