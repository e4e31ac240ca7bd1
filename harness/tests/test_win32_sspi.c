/* SPDX-License-Identifier: MIT */
#define SECURITY_WIN32
#include "win32_fix.h"

#include <security.h>

#include "banned.h"

/* Half of these tests want a package that can impersonate. The program puts
 * one into Wine's registry, runs itself again, and takes it out. */

enum { DIGEST = 21 };

/* A client's label: its package, flags, pipe and first token. */
#define NOBODYS_OFFER "21 0 \\\\.\\pipe\\guise-test-nobody 68656c6c6f"

static const char providers[] =
	"SYSTEM\\CurrentControlSet\\Control\\SecurityProviders";

static struct fix_result *offer(struct fix *f)
{
	return fix_ok(f, FIX_CLIENT, GU_FN_sspi_client,
		      FIX_ARGS(fix_uint(DIGEST)));
}

static struct fix_result *accept_from(struct fix *f, struct gu_value client)
{
	return fix_ok(f, FIX_SERVER, GU_FN_sspi_accept, FIX_ARGS(client));
}

static struct fix_result *
on_server(struct fix *f, enum gu_fn fn, const struct fix_result *context)
{
	return fix_call(f, FIX_SERVER, fn, FIX_ARGS(fix_ref(context)));
}

static void a_first_token_goes_on(void **state)
{
	struct fix *f = fix_new();

	(void)state;
	assert_int_equal(offer(f)->status.code, SEC_I_CONTINUE_NEEDED);
	fix_free(f);
}

static void a_handshake_over_a_label_completes(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *server = accept_from(f, fix_label(offer(f)));

	(void)state;
	assert_int_equal(server->status.code, SEC_I_CONTINUE_NEEDED);
	assert_true(on_server(f, GU_FN_sspi_complete, server)->status.ok);
	fix_free(f);
}

static void a_handshake_within_a_process_completes(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *server = accept_from(f, fix_ref(offer(f)));

	(void)state;
	assert_true(on_server(f, GU_FN_sspi_complete, server)->status.ok);
	fix_free(f);
}

static void a_complete_context_impersonates_and_reverts(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *server = accept_from(f, fix_label(offer(f)));
	struct fix_result *r;

	(void)state;
	(void)on_server(f, GU_FN_sspi_complete, server);
	r = on_server(f, GU_FN_ImpersonateSecurityContext, server);
	assert_true(r->status.ok);
	assert_true(r->identity.impersonating);
	r = on_server(f, GU_FN_RevertSecurityContext, server);
	assert_true(r->status.ok);
	assert_false(r->identity.impersonating);
	fix_free(f);
}

static void an_incomplete_context_does_not(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *server = accept_from(f, fix_label(offer(f)));
	struct fix_result *r =
		on_server(f, GU_FN_ImpersonateSecurityContext, server);

	(void)state;
	assert_int_equal(r->status.code, (uint32_t)SEC_E_INVALID_HANDLE);
	assert_false(r->identity.impersonating);
	fix_free(f);
}

static void a_client_is_accepted_once(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *client = offer(f);

	(void)state;
	(void)accept_from(f, fix_ref(client));
	assert_int_equal(fix_call(f, FIX_SERVER, GU_FN_sspi_accept,
				  FIX_ARGS(fix_ref(client)))
				 ->status.code,
			 (uint32_t)SEC_E_INVALID_TOKEN);
	fix_free(f);
}

static void an_offer_that_nobody_takes_ends_with_its_scenario(void **state)
{
	struct fix *f = fix_new();

	(void)state;
	(void)offer(f);
	fix_free(f);
}

static void a_client_that_has_gone_leaves_the_server_incomplete(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *client = offer(f);
	struct fix_result *server = accept_from(f, fix_label(client));
	struct fix_result *r;

	(void)state;
	(void)fix_ok(f, FIX_CLIENT, GU_FN_DeleteSecurityContext,
		     FIX_ARGS(fix_ref(client)));
	r = on_server(f, GU_FN_sspi_complete, server);
	assert_int_equal(r->status.code, (uint32_t)SEC_E_INCOMPLETE_MESSAGE);
	fix_free(f);
}

/* Without the package. */

static void a_package_that_is_not_there_hands_out_no_context(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *r = fix_call(f, FIX_CLIENT, GU_FN_sspi_accept,
					FIX_ARGS(fix_str(NOBODYS_OFFER)));

	(void)state;
	assert_int_equal(r->end, W_END_DONE);
	assert_false(r->status.ok);
	assert_int_equal(r->type, GU_V_NONE);
	fix_free(f);
}

static void an_empty_context_is_an_invalid_handle(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *r =
		fix_call(f, FIX_SERVER, GU_FN_ImpersonateSecurityContext,
			 FIX_ARGS(fix_uint(0)));

	(void)state;
	assert_int_equal(r->end, W_END_DONE);
	assert_int_equal(r->status.code, (uint32_t)SEC_E_INVALID_HANDLE);
	fix_free(f);
}

static void a_wild_context_is_an_answer(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *r =
		fix_call(f, FIX_SERVER, GU_FN_ImpersonateSecurityContext,
			 FIX_ARGS(fix_uint(0xDEADBEEF)));

	(void)state;
	assert_true(r->end == W_END_RAISED ||
		    (r->end == W_END_DONE && !r->status.ok));
	fix_free(f);
}

static int with_package(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_token_goes_on),
		cmocka_unit_test(a_handshake_over_a_label_completes),
		cmocka_unit_test(a_handshake_within_a_process_completes),
		cmocka_unit_test(a_complete_context_impersonates_and_reverts),
		cmocka_unit_test(an_incomplete_context_does_not),
		cmocka_unit_test(a_client_is_accepted_once),
		cmocka_unit_test(
			an_offer_that_nobody_takes_ends_with_its_scenario),
		cmocka_unit_test(
			a_client_that_has_gone_leaves_the_server_incomplete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

static int without_package(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_package_that_is_not_there_hands_out_no_context),
		cmocka_unit_test(an_empty_context_is_an_invalid_handle),
		cmocka_unit_test(a_wild_context_is_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The exit code of this program run once more, told that it has the package. */
static DWORD run_again(const char *self)
{
	STARTUPINFOA start = { .cb = sizeof(start) };
	PROCESS_INFORMATION child;
	char line[MAX_PATH + 16];
	DWORD code = 127;

	(void)snprintf(line, sizeof(line), "\"%s\" package", self);
	if (!CreateProcessA(self, line, NULL, NULL, TRUE, 0, NULL, NULL, &start,
			    &child)) {
		return code;
	}
	(void)WaitForSingleObject(child.hProcess, INFINITE);
	(void)GetExitCodeProcess(child.hProcess, &code);
	(void)CloseHandle(child.hThread);
	(void)CloseHandle(child.hProcess);
	return code;
}

static bool is_wine(void)
{
	return GetProcAddress(GetModuleHandleA("ntdll.dll"),
			      "wine_get_version") != NULL;
}

static int in_turn(void)
{
	char self[MAX_PATH];
	char dll[MAX_PATH + 16];
	char before[1024] = "";
	DWORD n = sizeof(before);
	HKEY key;
	int failed = without_package();
	DWORD again;

	if (!is_wine()) { /* whose registry is not ours to change */
		print_message("not Wine: the tests of a handshake are left out"
			      "\n");
		return failed;
	}
	(void)GetModuleFileNameA(NULL, self, sizeof(self));
	(void)snprintf(dll, sizeof(dll), "%.*swin32_ssp.dll",
		       (int)(strrchr(self, '\\') + 1 - self), self);
	if (RegCreateKeyA(HKEY_LOCAL_MACHINE, providers, &key)) {
		return 1;
	}
	(void)RegQueryValueExA(key, "SecurityProviders", NULL, NULL,
			       (BYTE *)before, &n);
	(void)RegSetValueExA(key, "SecurityProviders", 0, REG_SZ,
			     (const BYTE *)dll, (DWORD)strlen(dll) + 1);
	again = run_again(self);
	if (*before) {
		(void)RegSetValueExA(key, "SecurityProviders", 0, REG_SZ,
				     (const BYTE *)before,
				     (DWORD)strlen(before) + 1);
	} else {
		(void)RegDeleteValueA(key, "SecurityProviders");
	}
	(void)RegCloseKey(key);
	return failed || again;
}

int main(int argc, char **argv)
{
	(void)argv;
	return argc > 1 ? with_package() : in_turn();
}
