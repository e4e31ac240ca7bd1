/* SPDX-License-Identifier: MIT */
#include "chan_fix.h"

/* semantics 1.3 (NtAlpcImpersonateClientOfPort, NtImpersonateClientOfPort),
 * 5.6 (ALPC port). */
#define NAME "\\RPC Control\\audit"
#define SDDL "D:(A;;GA;;;SY)(A;;0x1;;;AU)"

enum {
	ANONYMOUS_FLAG = 0x1,
	REQUIRE = 0x2,
};
#define LEVEL(l) ((uint32_t)(l) << 2)

#define DENIED       0xC0000022u
#define INVALID      0xC0000008u
#define MISMATCH     0xC0000024u
#define INVALID_PORT 0xC0000042u
#define DISCONNECTED 0xC0000037u
#define REPLY        0xC000021Fu
#define BAD_LEVEL    0xC00000A5u
#define COLLISION    0xC0000035u

/* A server's port, alice's connection to it, and a request that waits. */
struct session {
	struct gu_ref port;
	struct gu_ref client;
	struct gu_ref message;
};

static struct gu_ref serve(struct chan *s, struct gu_ref thread)
{
	return OPENED(&s->f, thread, FN(alpc_create_port), STR("name", NAME),
		      STR("sddl", SDDL));
}

static void request(struct chan *s, struct gu_ref thread, struct session *a)
{
	OK(&s->f, s->client, FN(alpc_send), REF("port", a->client));
	a->message =
		OPENED(&s->f, thread, FN(alpc_receive), REF("port", a->port));
}

static struct session
start(struct chan *s, struct gu_ref thread, struct fix_arg sqos, bool allow)
{
	struct session a = { .port = serve(s, thread) };

	a.client =
		OPENED(&s->f, s->client, FN(alpc_connect), REF("port", a.port),
		       sqos, BOOL("allow_impersonation", allow));
	request(s, thread, &a);
	return a;
}

static struct fix_arg no_sqos(void)
{
	return (struct fix_arg){ .name = "sqos" };
}

static void server_acts_as_the_sender_of_a_request(void **state)
{
	struct chan s;
	struct session a;

	(void)state;
	chan_open(&s);
	a = start(&s, s.server, no_sqos(), true);
	OK(&s.f, s.server, FN(NtAlpcImpersonateClientOfPort),
	   REF("port", a.port), REF("message", a.message));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_reverts(&s, s.server);
	OK(&s.f, s.server, FN(alpc_reply), REF("port", a.port),
	   REF("message", a.message));
	chan_close(&s);
}

static void tracking_chooses_connect_time_or_now(void **state)
{
	(void)state;
	for (int dynamic = 0; dynamic < 2; dynamic++) {
		struct session a;
		struct chan s;

		chan_open(&s);
		a = start(&s, s.server,
			  SQOS("sqos", GU_LEVEL_IMPERSONATION, dynamic, false),
			  true);
		chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
		OK(&s.f, s.server, FN(NtAlpcImpersonateClientOfPort),
		   REF("port", a.port), REF("message", a.message));
		fix_acts_as(&s.f, s.server, dynamic ? BOB : ALICE,
			    GU_LEVEL_IMPERSONATION);
		chan_close(&s);
	}
}

static void a_dynamic_client_that_became_weak_is_refused(void **state)
{
	struct chan s;
	struct session a;

	(void)state;
	chan_open(&s);
	a = start(&s, s.server, no_sqos(), true);
	chan_put(&s, s.client, GU_LEVEL_IDENTIFICATION);
	FAILS(&s.f, BAD_LEVEL, s.server, FN(NtAlpcImpersonateClientOfPort),
	      REF("port", a.port), REF("message", a.message));
	fix_reverted(&s.f, s.server);
	chan_close(&s);
}

/* flags */

static const struct flags {
	const char *name;
	bool weak; /* the server lacks SeImpersonate */
	bool allow;
	enum gu_level offered;
	uint32_t flags;
	uint32_t status;
	const char *who;
	enum gu_level got;
} flag_rows[] = {
	{ "plain", false, true, 2, 0, 0, ALICE, 2 },
	{ "not allowed", false, false, 2, 0, DENIED, NULL, 0 },
	{ "not allowed, anonymous will do", false, false, 2, ANONYMOUS_FLAG, 0,
	  "NT AUTHORITY\\ANONYMOUS LOGON", 2 },
	{ "allowed, anonymous not needed", false, true, 2, ANONYMOUS_FLAG, 0,
	  ALICE, 2 },
	{ "level reached", false, true, 2, REQUIRE | LEVEL(2), 0, ALICE, 2 },
	{ "level not offered", false, true, 1, REQUIRE | LEVEL(2), BAD_LEVEL,
	  NULL, 0 },
	{ "lower level will do", false, true, 3, REQUIRE | LEVEL(1), 0, ALICE,
	  3 },
	{ "level without the flag", false, true, 1, LEVEL(2), 0, ALICE, 1 },
	{ "lowered by the gate", true, true, 2, 0, 0, ALICE, 1 },
	{ "not to be lowered", true, true, 2, REQUIRE | LEVEL(2), DENIED, NULL,
	  0 },
	{ "lowered as far as allowed", true, true, 2, REQUIRE | LEVEL(1), 0,
	  ALICE, 1 },
};

static void flags_say_what_the_server_puts_up_with(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(flag_rows) / sizeof(flag_rows[0]); i++) {
		const struct flags *r = &flag_rows[i];
		const struct gu_outcome *out;
		struct session a;
		struct gu_ref t;
		struct chan s;

		chan_open(&s);
		t = r->weak ? s.weak : s.server;
		a = start(&s, t, SQOS("sqos", r->offered, false, false),
			  r->allow);
		out = CALL(&s.f, t, FN(NtAlpcImpersonateClientOfPort),
			   REF("port", a.port), REF("message", a.message),
			   UINT("flags", r->flags));
		row_check(out->status.code == r->status, r->name);
		row_check(out->status.ok == !r->status, r->name);
		if (r->who) {
			row_check(!strcmp(out->identity.name, r->who), r->name);
			row_check(out->identity.level == r->got, r->name);
		} else {
			fix_reverted(&s.f, t);
		}
		chan_close(&s);
	}
}

/* refusals */

enum bad {
	RAW_PORT,
	NO_PORT,
	CLIENT_PORT,
	RAW_MESSAGE,
	REPLIED,
	OTHER_PORT,
	CLIENT_CLOSED,
};

static const struct refusal {
	const char *name;
	enum bad bad;
	uint32_t status;
} refusals[] = {
	{ "no handle", RAW_PORT, INVALID },
	{ "not a port", NO_PORT, MISMATCH },
	{ "a client's port", CLIENT_PORT, INVALID_PORT },
	{ "no message", RAW_MESSAGE, REPLY },
	{ "a message that was replied to", REPLIED, REPLY },
	{ "a message of another port", OTHER_PORT, REPLY },
	{ "the client has gone", CLIENT_CLOSED, DISCONNECTED },
};

static void spoil(struct chan *s, enum bad bad, struct session *a)
{
	switch (bad) {
	case RAW_PORT:
		a->port = fix_raw_handle(0x7FFF);
		break;
	case NO_PORT:
		a->port = OPENED(&s->f, s->server, FN(CreateEvent));
		break;
	case CLIENT_PORT:
		a->port = OPENED(&s->f, s->server, FN(alpc_connect),
				 REF("port", a->port));
		break;
	case RAW_MESSAGE:
		a->message = chan_raw(GU_REF_MESSAGE);
		break;
	case REPLIED:
		OK(&s->f, s->server, FN(alpc_reply), REF("port", a->port),
		   REF("message", a->message));
		break;
	case OTHER_PORT:
		a->port = OPENED(&s->f, s->server, FN(alpc_create_port),
				 STR("name", NAME "2"));
		break;
	case CLIENT_CLOSED:
		OK(&s->f, s->client, FN(CloseHandle), REF("handle", a->client));
		break;
	}
}

static void a_refused_impersonation_leaves_the_slot_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		const struct gu_outcome *out;
		struct session a;
		struct chan s;

		chan_open(&s);
		a = start(&s, s.server, no_sqos(), true);
		spoil(&s, r->bad, &a);
		chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
		out = CALL(&s.f, s.server, FN(NtAlpcImpersonateClientOfPort),
			   REF("port", a.port), REF("message", a.message));
		row_check(!out->status.ok, r->name);
		row_check(out->status.code == r->status, r->name);
		fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
		FAILS(&s.f, r->status, s.server, FN(alpc_reply),
		      REF("port", a.port), REF("message", a.message));
		chan_close(&s);
	}
}

/* ports */

static void a_connection_is_checked_against_the_port(void **state)
{
	struct chan s;
	struct gu_ref port;
	const struct gu_outcome *out;

	(void)state;
	chan_open(&s);
	port = OPENED(&s.f, s.server, FN(alpc_create_port), STR("name", NAME),
		      STR("sddl", "D:(A;;0x1;;;SY)"));
	assert_int_equal(s.f.call.out.decision.granted, 0x1F0001);
	FAILS(&s.f, DENIED, s.client, FN(alpc_connect), REF("port", port));
	out = OK(&s.f, s.other, FN(alpc_connect), REF("port", port));
	assert_true(out->decision.made);
	assert_int_equal(out->decision.granted, 1);
	chan_close(&s);
}

static void connecting_has_its_own_errors(void **state)
{
	struct chan s;
	struct gu_ref port, client;

	(void)state;
	chan_open(&s);
	port = serve(&s, s.server);
	FAILS(&s.f, INVALID, s.client, FN(alpc_connect),
	      REF("port", fix_raw_handle(0x7FFF)));
	client = OPENED(&s.f, s.client, FN(alpc_connect), REF("port", port));
	FAILS(&s.f, INVALID_PORT, s.client, FN(alpc_connect),
	      REF("port", client));
	FAILS(&s.f, MISMATCH, s.client, FN(alpc_connect),
	      REF("port", OPENED(&s.f, s.client, FN(CreateEvent))));
	chan_put(&s, s.client, GU_LEVEL_IDENTIFICATION);
	FAILS(&s.f, BAD_LEVEL, s.client, FN(alpc_connect), REF("port", port));
	chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, BAD_LEVEL, s.client, FN(alpc_connect), REF("port", port),
	      SQOS("sqos", GU_LEVEL_DELEGATION, false, false));
	chan_close(&s);
}

static void a_name_is_taken_while_its_server_lives(void **state)
{
	struct chan s;
	struct gu_ref port, client;

	(void)state;
	chan_open(&s);
	port = serve(&s, s.server);
	client = OPENED(&s.f, s.client, FN(alpc_connect), REF("port", port));
	FAILS(&s.f, COLLISION, s.other, FN(alpc_create_port),
	      STR("name", NAME));
	OK(&s.f, s.client, FN(alpc_send), REF("port", client));
	OK(&s.f, s.server, FN(CloseHandle), REF("handle", port));
	FAILS(&s.f, DISCONNECTED, s.client, FN(alpc_send), REF("port", client));
	serve(&s, s.other);
	FAILS(&s.f, DISCONNECTED, s.client, FN(alpc_send), REF("port", client));
	chan_put(&s, s.server, GU_LEVEL_IDENTIFICATION);
	FAILS(&s.f, BAD_LEVEL, s.server, FN(alpc_create_port),
	      STR("name", NAME "2"));
	chan_close(&s);
}

static void each_side_has_its_own_operations(void **state)
{
	struct chan s;
	struct session a;

	(void)state;
	chan_open(&s);
	a = start(&s, s.server, no_sqos(), true);
	FAILS(&s.f, INVALID_PORT, s.server, FN(alpc_send), REF("port", a.port));
	FAILS(&s.f, INVALID_PORT, s.client, FN(alpc_receive),
	      REF("port", a.client));
	FAILS(&s.f, INVALID, s.other, FN(alpc_receive), REF("port", a.port));
	FAILS(&s.f, INVALID, s.server, FN(alpc_send), REF("port", a.client));
	FAILS(&s.f, MISMATCH, s.server, FN(alpc_receive),
	      REF("port", OPENED(&s.f, s.server, FN(CreateEvent))));
	chan_close(&s);
}

static void a_receive_waits_for_a_request(void **state)
{
	struct chan s;
	struct session a;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	a = start(&s, s.server, no_sqos(), true);
	STARTS(&s.f, &call, args, s.server, FN(alpc_receive),
	       REF("port", a.port));
	OK(&s.f, s.client, FN(alpc_send), REF("port", a.client));
	assert_ptr_equal(fix_wait(&s.f), &call);
	OK(&s.f, s.server, FN(NtAlpcImpersonateClientOfPort),
	   REF("port", a.port), REF("message", call.out.value.ref));
	chan_close(&s);
}

static void ports_survive_a_lack_of_memory(void **state)
{
	struct chan s;
	struct gu_ref port, client, message;

	(void)state;
	chan_open(&s);
	port = SURVIVES(&s.f, s.server, FN(alpc_create_port), STR("name", NAME),
			STR("sddl", SDDL))
		       ->value.ref;
	client = SURVIVES(&s.f, s.client, FN(alpc_connect), REF("port", port),
			  SQOS("sqos", GU_LEVEL_IMPERSONATION, false, false))
			 ->value.ref;
	SURVIVES(&s.f, s.client, FN(alpc_send), REF("port", client));
	client = SURVIVES(&s.f, s.client, FN(alpc_connect), REF("port", port))
			 ->value.ref;
	SURVIVES(&s.f, s.client, FN(alpc_send), REF("port", client));
	SURVIVES(&s.f, s.client, FN(alpc_send), REF("port", client));
	for (int i = 0; i < 2; i++) {
		message = SURVIVES(&s.f, s.server, FN(alpc_receive),
				   REF("port", port))
				  ->value.ref;
		SURVIVES(&s.f, s.server, FN(NtAlpcImpersonateClientOfPort),
			 REF("port", port), REF("message", message));
	}
	/* One request is served and one queued when the world ends. */
	chan_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_acts_as_the_sender_of_a_request),
		cmocka_unit_test(tracking_chooses_connect_time_or_now),
		cmocka_unit_test(a_dynamic_client_that_became_weak_is_refused),
		cmocka_unit_test(flags_say_what_the_server_puts_up_with),
		cmocka_unit_test(a_refused_impersonation_leaves_the_slot_alone),
		cmocka_unit_test(a_connection_is_checked_against_the_port),
		cmocka_unit_test(connecting_has_its_own_errors),
		cmocka_unit_test(a_name_is_taken_while_its_server_lives),
		cmocka_unit_test(each_side_has_its_own_operations),
		cmocka_unit_test(a_receive_waits_for_a_request),
		cmocka_unit_test(ports_survive_a_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
