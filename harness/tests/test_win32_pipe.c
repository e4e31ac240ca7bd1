/* SPDX-License-Identifier: MIT */
#include "win32_fix.h"

#include "probe.h"

#include "banned.h"

struct ends {
	struct fix *f;
	char name[96];
	struct fix_result *server;
	HANDLE client;
};

static struct ends listening(uint32_t pipe_mode)
{
	static int last;
	struct ends e = { .f = fix_new(), .client = INVALID_HANDLE_VALUE };

	(void)snprintf(e.name, sizeof(e.name), "\\\\.\\pipe\\guise-test-%lu-%d",
		       GetCurrentProcessId(), ++last);
	e.server = fix_ok(e.f, FIX_SERVER, GU_FN_CreateNamedPipe,
			  FIX_ARGS(fix_str(e.name), fix_none(), fix_none(),
				   fix_uint(pipe_mode)));
	return e;
}

static void connect_to(struct ends *e)
{
	e->client = CreateFileA(e->name, GENERIC_READ | GENERIC_WRITE, 0, NULL,
				OPEN_EXISTING, 0, NULL);
	assert_ptr_not_equal(e->client, INVALID_HANDLE_VALUE);
}

static void write_text(const struct ends *e, const char *text)
{
	DWORD n;

	assert_true(WriteFile(e->client, text, (DWORD)strlen(text), &n, NULL));
}

static DWORD read_some(const struct ends *e, char out[64])
{
	HANDLE h = (HANDLE)(INT_PTR)(int32_t)e->server->ref.id;
	DWORD n = 0;

	assert_true(ReadFile(h, out, 64, &n, NULL));
	return n;
}

static struct fix_result *on_server(const struct ends *e, enum gu_fn fn)
{
	return fix_call(e->f, FIX_SERVER, fn, FIX_ARGS(fix_ref(e->server)));
}

static struct fix_result *wait_for_client(const struct ends *e)
{
	struct fix_result *wait =
		fix_post(e->f, FIX_SERVER, GU_FN_ConnectNamedPipe,
			 FIX_ARGS(fix_ref(e->server)));

	assert_true(fix_waits(wait));
	return wait;
}

static void ends_free(struct ends *e)
{
	if (e->client != INVALID_HANDLE_VALUE) {
		(void)CloseHandle(e->client);
	}
	(void)CloseHandle((HANDLE)(INT_PTR)(int32_t)e->server->ref.id);
	fix_free(e->f);
}

enum { BYTES = PIPE_TYPE_BYTE, MESSAGES = 6 };

static void a_message_pipe_keeps_messages_apart(void **state)
{
	struct ends e = listening(MESSAGES);
	char text[64];

	(void)state;
	connect_to(&e);
	write_text(&e, "one");
	write_text(&e, "three");
	assert_int_equal(read_some(&e, text), 3);
	assert_int_equal(read_some(&e, text), 5);
	ends_free(&e);
}

static void a_byte_pipe_does_not(void **state)
{
	struct ends e = listening(BYTES);
	char text[64];

	(void)state;
	connect_to(&e);
	write_text(&e, "one");
	write_text(&e, "three");
	assert_int_equal(read_some(&e, text), 8);
	ends_free(&e);
}

static void connect_named_pipe_waits_for_a_client(void **state)
{
	struct ends e = listening(MESSAGES);
	struct fix_result *wait = wait_for_client(&e);

	(void)state;
	connect_to(&e);
	fix_wait(wait);
	assert_true(wait->status.ok);
	ends_free(&e);
}

static void a_client_that_is_there_already_is_an_answer(void **state)
{
	struct ends e = listening(MESSAGES);
	struct fix_result *r;

	(void)state;
	connect_to(&e);
	r = on_server(&e, GU_FN_ConnectNamedPipe);
	assert_false(r->status.ok);
	assert_int_equal(r->status.code, ERROR_PIPE_CONNECTED);
	ends_free(&e);
}

static void a_waiting_connect_named_pipe_ends_with_its_scenario(void **state)
{
	struct ends e = listening(MESSAGES);

	(void)state;
	(void)wait_for_client(&e);
	ends_free(&e);
}

static void a_client_that_is_thrown_off_reads_no_more(void **state)
{
	struct ends e = listening(MESSAGES);
	char byte;
	DWORD n;

	(void)state;
	connect_to(&e);
	assert_true(on_server(&e, GU_FN_DisconnectNamedPipe)->status.ok);
	assert_false(ReadFile(e.client, &byte, 1, &n, NULL));
	assert_int_equal(GetLastError(), ERROR_PIPE_NOT_CONNECTED);
	ends_free(&e);
}

static void a_server_acts_as_the_client_it_has_read_from(void **state)
{
	struct ends e = listening(MESSAGES);
	char text[64];
	struct fix_result *r;

	(void)state;
	connect_to(&e);
	write_text(&e, "hello");
	(void)read_some(&e, text);
	r = on_server(&e, GU_FN_ImpersonateNamedPipeClient);
	assert_true(r->status.ok);
	assert_true(r->identity.impersonating);
	ends_free(&e);
}

static void a_bad_handle_is_no_pipe(void **state)
{
	struct fix *f = fix_new();
	const struct gu_value bad = { .type = GU_V_REF,
				      .ref = { .kind = GU_REF_HANDLE,
					       .id = 0x0BADBADC } };
	struct fix_result *r = fix_call(
		f, FIX_SERVER, GU_FN_ImpersonateNamedPipeClient, FIX_ARGS(bad));

	(void)state;
	assert_false(r->status.ok);
	assert_int_equal(r->status.code, ERROR_INVALID_HANDLE);
	fix_free(f);
}

static void pipes_are_a_capability_of_this_system(void **state)
{
	(void)state;
	assert_true(w_probe_pipe());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_pipe_keeps_messages_apart),
		cmocka_unit_test(a_byte_pipe_does_not),
		cmocka_unit_test(connect_named_pipe_waits_for_a_client),
		cmocka_unit_test(a_client_that_is_there_already_is_an_answer),
		cmocka_unit_test(
			a_waiting_connect_named_pipe_ends_with_its_scenario),
		cmocka_unit_test(a_client_that_is_thrown_off_reads_no_more),
		cmocka_unit_test(a_server_acts_as_the_client_it_has_read_from),
		cmocka_unit_test(a_bad_handle_is_no_pipe),
		cmocka_unit_test(pipes_are_a_capability_of_this_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
