/* SPDX-License-Identifier: MIT */
#include "chan_fix.h"

/* semantics 1.3 (ImpersonateNamedPipeClient), 2 (defaults); expected values
 * of the recorded scenarios: vectors, area pipe. */
#define NAME      "\\\\.\\pipe\\audit"
#define OPEN_SDDL "D:(A;;FA;;;SY)(A;;FRFW;;;AU)"

static struct gu_ref serve(struct chan *s)
{
	return OPENED(&s->f, s->server, FN(CreateNamedPipe), STR("name", NAME),
		      STR("sddl", OPEN_SDDL));
}

static struct gu_ref dial(struct chan *s, struct gu_ref thread)
{
	return OPENED(&s->f, thread, FN(CreateFile), STR("path", NAME),
		      UINT("access", 0xC0000000));
}

static struct gu_ref dial_sqos(struct chan *s, struct gu_value sqos)
{
	return OPENED(&s->f, s->client, FN(CreateFile), STR("path", NAME),
		      UINT("access", 0xC0000000), VALUE("sqos", sqos));
}

static void say(struct chan *s, struct gu_ref thread, struct gu_ref handle)
{
	OK(&s->f, thread, FN(WriteFile), REF("handle", handle),
	   STR("data", "hello"));
}

static void hear(struct chan *s, struct gu_ref pipe)
{
	OK(&s->f, s->server, FN(ReadFile), REF("handle", pipe));
}

static void become(struct chan *s, struct gu_ref pipe)
{
	OK(&s->f, s->server, FN(ImpersonateNamedPipeClient), REF("pipe", pipe));
}

/* impersonation */

static void server_acts_as_the_client_whose_message_it_read(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	say(&s, s.client, peer);
	hear(&s, pipe);
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	assert_true(s.f.call.out.offered_known);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_reverts(&s, s.server);
	chan_close(&s);
}

static struct gu_ref never_connected(struct chan *s)
{
	return serve(s);
}

static struct gu_ref nothing_read(struct chan *s)
{
	struct gu_ref pipe = serve(s);

	say(s, s->client, dial(s, s->client));
	return pipe;
}

static struct gu_ref disconnected(struct chan *s)
{
	struct gu_ref pipe = nothing_read(s);

	hear(s, pipe);
	OK(&s->f, s->server, FN(DisconnectNamedPipe), REF("pipe", pipe));
	return pipe;
}

static struct gu_ref client_end(struct chan *s)
{
	serve(s);
	return dial(s, s->server);
}

static struct gu_ref of_file(struct chan *s)
{
	fix_object(&s->f, GU_OBJ_file, "C:\\f", "D:(A;;FA;;;WD)");
	return OPENED(&s->f, s->server, FN(CreateFile), STR("path", "C:\\f"),
		      UINT("access", 1));
}

static struct gu_ref of_event(struct chan *s)
{
	return OPENED(&s->f, s->server, FN(CreateEvent), STR("name", "e"));
}

static struct gu_ref raw(struct chan *s)
{
	(void)s;
	return fix_raw_handle(0x7FFF);
}

static struct gu_ref of_another_process(struct chan *s)
{
	nothing_read(s);
	return dial(s, s->other);
}

static const struct refusal {
	const char *name;
	struct gu_ref (*make)(struct chan *s);
	uint32_t error;
} refusals[] = {
	{ "no client yet", never_connected, 1368 },
	{ "nothing read, dynamic tracking", nothing_read, 1368 },
	{ "after DisconnectNamedPipe", disconnected, 1368 },
	{ "the client's end", client_end, 1 },
	{ "a file", of_file, 1 },
	{ "an event", of_event, 6 },
	{ "no handle", raw, 6 },
};

static void a_refused_impersonation_leaves_the_slot_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		const struct gu_outcome *out;
		struct gu_ref pipe;
		struct chan s;

		chan_open(&s);
		pipe = r->make(&s);
		chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
		out = CALL(&s.f, s.server, FN(ImpersonateNamedPipeClient),
			   REF("pipe", pipe));
		row_check(!out->status.ok, r->name);
		row_check(out->status.code == r->error, r->name);
		fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
		chan_close(&s);
	}
}

static void a_handle_of_another_process_is_no_handle(void **state)
{
	struct chan s;
	struct gu_ref peer;

	(void)state;
	chan_open(&s);
	serve(&s);
	serve(&s);
	peer = of_another_process(&s);
	FAILS(&s.f, 6, s.server, FN(ImpersonateNamedPipeClient),
	      REF("pipe", peer));
	chan_close(&s);
}

static void a_static_context_needs_no_read(void **state)
{
	struct chan s;
	struct gu_ref pipe;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	dial_sqos(&s, fix_sqos(GU_LEVEL_IMPERSONATION, false, false));
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void a_static_context_needs_a_read_when_the_system_says_so(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	OK(&s.f, fix_no_ref(), FN(system),
	   BOOL("static_pipe_before_read", false));
	pipe = serve(&s);
	peer = dial_sqos(&s, fix_sqos(GU_LEVEL_IMPERSONATION, false, false));
	FAILS(&s.f, 1368, s.server, FN(ImpersonateNamedPipeClient),
	      REF("pipe", pipe));
	say(&s, s.client, peer);
	hear(&s, pipe);
	become(&s, pipe);
	chan_close(&s);
}

static void the_context_is_that_of_the_last_message_read(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	say(&s, s.client, peer);
	chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
	say(&s, s.client, peer);
	hear(&s, pipe);
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_reverts(&s, s.server);
	hear(&s, pipe);
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void the_last_context_outlives_the_client(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	say(&s, s.client, peer);
	hear(&s, pipe);
	OK(&s.f, s.client, FN(CloseHandle), REF("handle", peer));
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void the_next_client_brings_a_context_of_its_own(void **state)
{
	struct chan s;
	struct gu_ref pipe;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	pipe = disconnected(&s);
	STARTS(&s.f, &call, args, s.server, FN(ConnectNamedPipe),
	       REF("pipe", pipe));
	say(&s, s.weak, dial(&s, s.weak));
	assert_ptr_equal(fix_wait(&s.f), &call);
	FAILS(&s.f, 1368, s.server, FN(ImpersonateNamedPipeClient),
	      REF("pipe", pipe));
	hear(&s, pipe);
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void the_clients_sqos_sets_the_level(void **state)
{
	(void)state;
	for (unsigned level = 0; level <= GU_LEVEL_DELEGATION; level++) {
		for (unsigned dynamic = 0; dynamic < 2; dynamic++) {
			struct chan s;
			struct gu_ref pipe, peer;

			chan_open(&s);
			pipe = serve(&s);
			peer = dial_sqos(&s, fix_sqos((enum gu_level)level,
						      dynamic, false));
			say(&s, s.client, peer);
			hear(&s, pipe);
			become(&s, pipe);
			fix_acts_as(&s.f, s.server, ALICE,
				    (enum gu_level)level);
			assert_int_equal(s.f.call.out.offered, level);
			chan_close(&s);
		}
	}
}

static void without_the_privilege_another_user_is_only_identified(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = OPENED(&s.f, s.weak, FN(CreateNamedPipe), STR("name", NAME),
		      STR("sddl", OPEN_SDDL));
	peer = dial(&s, s.client);
	say(&s, s.client, peer);
	OK(&s.f, s.weak, FN(ReadFile), REF("handle", pipe));
	OK(&s.f, s.weak, FN(ImpersonateNamedPipeClient), REF("pipe", pipe));
	fix_acts_as(&s.f, s.weak, ALICE, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void impersonating_takes_no_memory(void **state)
{
	struct chan s;
	struct gu_ref pipe;

	(void)state;
	chan_open(&s);
	pipe = nothing_read(&s);
	hear(&s, pipe);
	become(&s, pipe);
	chan_reverts(&s, s.server);
	gu_alloc_fail_nth(1);
	become(&s, pipe);
	assert_false(gu_alloc_failed());
	gu_alloc_fail_nth(0);
	chan_close(&s);
}

/* the eight recorded scenarios */

enum change {
	DISABLED_THEN_RESTORED, /* before open; before message 2 */
	DISABLED_BETWEEN,       /* after message 1 */
	DISABLED_THEN_REVERTED, /* before open; client reverts */
};

enum seen {
	NONE_LEFT, /* disabled privileges are gone: effective only */
	DISABLED,
	ENABLED,
};

static const struct scenario {
	const char *name;
	bool sqos;
	bool dynamic;
	bool thread_token;
	enum change change;
	enum seen first;
	enum seen second;
} scenarios[] = {
	{ "1: default, process token", false, false, false,
	  DISABLED_THEN_RESTORED, NONE_LEFT, ENABLED },
	{ "2: default, thread token", false, false, true, DISABLED_BETWEEN,
	  ENABLED, NONE_LEFT },
	{ "3: static, thread token", true, false, true, DISABLED_BETWEEN,
	  ENABLED, ENABLED },
	{ "4: dynamic, thread token", true, true, true, DISABLED_BETWEEN,
	  ENABLED, DISABLED },
	{ "5: dynamic, process token", true, true, false,
	  DISABLED_THEN_RESTORED, DISABLED, ENABLED },
	{ "6: default, reverts", false, false, true, DISABLED_THEN_REVERTED,
	  NONE_LEFT, ENABLED },
	{ "7: static, reverts", true, false, true, DISABLED_THEN_REVERTED,
	  DISABLED, DISABLED },
	{ "8: dynamic, reverts", true, true, true, DISABLED_THEN_REVERTED,
	  DISABLED, ENABLED },
};

static void adjust(struct chan *s, struct gu_ref token, bool enable)
{
	if (enable) {
		OK(&s->f, s->client, FN(AdjustTokenPrivileges),
		   REF("token", token), UINT("enable", PRIVS));
	} else {
		OK(&s->f, s->client, FN(AdjustTokenPrivileges),
		   REF("token", token), BOOL("disable_all", true));
	}
}

static void check_seen(struct chan *s, enum seen seen, const char *name)
{
	const struct gu_token *t = chan_slot(s, s->server);

	row_check(t->present == (seen == NONE_LEFT ? 0 : PRIVS), name);
	row_check(t->enabled == (seen == ENABLED ? PRIVS : 0), name);
	row_check(t->level == GU_LEVEL_IMPERSONATION, name);
}

static void exchange(struct chan *s, struct gu_ref pipe, struct gu_ref peer,
		     enum seen seen, const char *name)
{
	say(s, s->client, peer);
	hear(s, pipe);
	become(s, pipe);
	check_seen(s, seen, name);
	chan_reverts(s, s->server);
}

static void play(const struct scenario *row)
{
	struct chan s;
	struct gu_ref pipe, peer, token;

	chan_open(&s);
	if (row->thread_token) {
		token = fix_imp(&s.f, s.alice, GU_LEVEL_IMPERSONATION);
		OK(&s.f, s.client, FN(SetThreadToken), REF("token", token));
	} else {
		token = OPENED(&s.f, s.client, FN(OpenProcessToken),
			       UINT("access", 0xF01FF));
	}
	if (row->change != DISABLED_BETWEEN) {
		adjust(&s, token, false);
	}
	pipe = serve(&s);
	peer = row->sqos ? dial_sqos(&s, fix_sqos(GU_LEVEL_IMPERSONATION,
						  row->dynamic, false))
			 : dial(&s, s.client);
	exchange(&s, pipe, peer, row->first, row->name);
	switch (row->change) {
	case DISABLED_THEN_RESTORED:
		adjust(&s, token, true);
		break;
	case DISABLED_BETWEEN:
		adjust(&s, token, false);
		break;
	case DISABLED_THEN_REVERTED:
		chan_reverts(&s, s.client);
		break;
	}
	exchange(&s, pipe, peer, row->second, row->name);
	chan_close(&s);
}

static void tracking_follows_the_recorded_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		play(&scenarios[i]);
	}
}

/* instances */

static void a_further_instance_says_that_the_pipe_exists(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	serve(&s);
	assert_int_equal(s.f.call.out.status.code, 0);
	serve(&s);
	assert_int_equal(s.f.call.out.status.code, 183);
	chan_close(&s);
}

static const struct creation {
	const char *name;
	const char *pipe;
	bool exists;
	bool weak; /* bob creates it */
	uint32_t mode;
	uint32_t max;
	uint32_t error; /* 0: succeeds */
} creations[] = {
	{ "not a pipe's name", "C:\\x", false, false, 3, 1, 123 },
	{ "no name in it", "\\\\.\\pipe\\", false, false, 3, 1, 123 },
	{ "no direction", NAME, false, false, 0, 1, 87 },
	{ "no instances", NAME, false, false, 3, 0, 87 },
	{ "too many instances", NAME, false, false, 3, 256, 87 },
	{ "first, and it is", NAME, false, false, 0x80003, 2, 0 },
	{ "first, but it is not", NAME, true, false, 0x80003, 2, 5 },
	{ "in another case", "\\\\.\\PIPE\\Audit", true, false, 0x80003, 2, 5 },
	{ "another direction", NAME, true, false, 1, 2, 5 },
	{ "without FILE_CREATE_PIPE_INSTANCE", NAME, true, true, 3, 2, 5 },
};

static void an_instance_is_made_where_the_pipe_allows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(creations) / sizeof(creations[0]); i++) {
		const struct creation *r = &creations[i];
		const struct gu_outcome *out;
		struct chan s;

		chan_open(&s);
		if (r->exists) {
			OK(&s.f, s.server, FN(CreateNamedPipe),
			   STR("name", NAME),
			   STR("sddl", "D:(A;;FA;;;SY)(A;;0x12019b;;;AU)"));
		}
		out = CALL(&s.f, r->weak ? s.weak : s.server,
			   FN(CreateNamedPipe), STR("name", r->pipe),
			   UINT("open_mode", r->mode),
			   UINT("max_instances", r->max));
		row_check(out->status.ok == !r->error, r->name);
		row_check(out->status.code == r->error, r->name);
		chan_close(&s);
	}
}

static void a_bad_descriptor_is_the_scripts_mistake(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	for (int i = 0; i < 2; i++) {
		MISUSED(&s.f, s.server, FN(CreateNamedPipe), STR("name", NAME),
			STR("sddl", "D:(A;;FA;;;"));
		serve(&s);
	}
	chan_close(&s);
}

static void a_pipe_takes_no_more_than_its_instances(void **state)
{
	struct chan s;
	struct gu_ref first;

	(void)state;
	chan_open(&s);
	first = OPENED(&s.f, s.server, FN(CreateNamedPipe), STR("name", NAME),
		       UINT("max_instances", 1));
	FAILS(&s.f, 231, s.server, FN(CreateNamedPipe), STR("name", NAME),
	      UINT("max_instances", 1));
	OK(&s.f, s.server, FN(CloseHandle), REF("handle", first));
	OK(&s.f, s.server, FN(CreateNamedPipe), STR("name", NAME),
	   UINT("max_instances", 1));
	assert_int_equal(s.f.call.out.status.code, 0);
	chan_close(&s);
}

static void an_instance_stays_while_its_client_does(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	OK(&s.f, s.server, FN(CloseHandle), REF("handle", pipe));
	FAILS(&s.f, 231, s.client, FN(CreateFile), STR("path", NAME),
	      UINT("access", 0xC0000000));
	OK(&s.f, s.client, FN(CloseHandle), REF("handle", peer));
	FAILS(&s.f, 2, s.client, FN(CreateFile), STR("path", NAME),
	      UINT("access", 0xC0000000));
	chan_close(&s);
}

static void an_identified_creator_makes_nothing(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	chan_put(&s, s.server, GU_LEVEL_IDENTIFICATION);
	FAILS(&s.f, 1346, s.server, FN(CreateNamedPipe), STR("name", NAME));
	OK(&s.f, s.server, FN(RevertToSelf));
	serve(&s);
	chan_put(&s, s.server, GU_LEVEL_IDENTIFICATION);
	FAILS(&s.f, 1346, s.server, FN(CreateNamedPipe), STR("name", NAME));
	chan_close(&s);
}

static void a_pipes_handle_shows_its_rights(void **state)
{
	static const struct {
		const char *name;
		uint32_t mode;
		uint32_t granted;
	} rows[] = {
		{ "inbound", 1, 0x120089 },
		{ "outbound", 2, 0x120116 },
		{ "duplex", 3, 0x12019F },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct gu_outcome *out;
		struct chan s;

		chan_open(&s);
		out = OK(&s.f, s.server, FN(CreateNamedPipe), STR("name", NAME),
			 UINT("open_mode", rows[i].mode));
		row_check(out->decision.type == GU_OBJ_pipe, rows[i].name);
		row_check(!out->decision.made, rows[i].name);
		row_check(out->decision.granted == rows[i].granted,
			  rows[i].name);
		assert_string_equal(out->decision.object, NAME);
		chan_close(&s);
	}
}

/* the client's open */

static const struct opening {
	const char *name;
	const char *sddl; /* NULL: none */
	uint32_t mode;
	uint32_t access;
	uint32_t error;
} openings[] = {
	{ "granted", OPEN_SDDL, 3, 0xC0000000, 0 },
	{ "not in the descriptor", "D:(A;;FA;;;SY)", 3, 0x80000000, 5 },
	{ "default descriptor, to read", NULL, 3, 0x80000000, 0 },
	{ "default descriptor, to write", NULL, 3, 0x40000000, 5 },
	{ "reading what the server reads", OPEN_SDDL, 1, 0x80000000, 5 },
	{ "writing what the server reads", OPEN_SDDL, 1, 0x40000000, 0 },
	{ "writing what the server writes", OPEN_SDDL, 2, 0x40000000, 5 },
	{ "reading what the server writes", OPEN_SDDL, 2, 0x80000000, 0 },
};

static void a_client_opens_what_descriptor_and_direction_allow(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		const struct opening *r = &openings[i];
		const struct gu_outcome *out;
		struct chan s;

		chan_open(&s);
		OK(&s.f, s.server, FN(CreateNamedPipe), STR("name", NAME),
		   STR("sddl", r->sddl), UINT("open_mode", r->mode));
		out = CALL(&s.f, s.client, FN(CreateFile), STR("path", NAME),
			   UINT("access", r->access));
		row_check(out->status.ok == !r->error, r->name);
		row_check(out->status.code == r->error, r->name);
		row_check(!out->status.ok || (out->decision.made &&
					      (out->decision.granted &
					       0x100080) == 0x100080),
			  r->name);
		chan_close(&s);
	}
}

static void a_default_pipe_is_its_owners_and_the_administrators(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	OK(&s.f, s.weak, FN(CreateNamedPipe), STR("name", NAME));
	OK(&s.f, s.weak, FN(CreateNamedPipe), STR("name", NAME));
	dial(&s, s.weak);
	dial(&s, s.server);
	chan_close(&s);
}

static void without_a_listening_instance_the_pipe_is_busy(void **state)
{
	struct chan s;
	struct gu_ref pipe;

	(void)state;
	chan_open(&s);
	FAILS(&s.f, 2, s.client, FN(CreateFile), STR("path", NAME),
	      UINT("access", 0xC0000000));
	pipe = serve(&s);
	dial(&s, s.client);
	FAILS(&s.f, 231, s.client, FN(CreateFile), STR("path", NAME),
	      UINT("access", 0xC0000000));
	OK(&s.f, s.server, FN(DisconnectNamedPipe), REF("pipe", pipe));
	FAILS(&s.f, 231, s.client, FN(CreateFile), STR("path", NAME),
	      UINT("access", 0xC0000000));
	serve(&s);
	dial(&s, s.client);
	chan_close(&s);
}

static void a_client_may_name_the_pipe_by_the_servers_handle(void **state)
{
	struct chan s;
	struct gu_ref pipe;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	OK(&s.f, s.client, FN(CreateFile), REF("path", pipe),
	   UINT("access", 0xC0000000));
	chan_close(&s);
}

static void an_identified_client_can_neither_open_nor_write(void **state)
{
	struct chan s;
	struct gu_ref pipe, dynamic, fixed;

	(void)state;
	chan_open(&s);
	serve(&s);
	pipe = serve(&s);
	dynamic = dial(&s, s.client);
	fixed = dial_sqos(&s, fix_sqos(GU_LEVEL_IMPERSONATION, false, false));
	chan_put(&s, s.client, GU_LEVEL_IDENTIFICATION);
	serve(&s);
	FAILS(&s.f, 1346, s.client, FN(CreateFile), STR("path", NAME),
	      UINT("access", 0xC0000000));
	FAILS(&s.f, 1346, s.client, FN(CreateFile),
	      STR("path", "\\\\.\\pipe\\nobody"), UINT("access", 0xC0000000));
	FAILS(&s.f, 1346, s.client, FN(WriteFile), REF("handle", dynamic),
	      STR("data", "x"));
	/* A static context was taken at the open. */
	say(&s, s.client, fixed);
	hear(&s, pipe);
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void a_client_offers_no_more_than_it_has(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	serve(&s);
	chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, 1346, s.client, FN(CreateFile), STR("path", NAME),
	      UINT("access", 0xC0000000),
	      SQOS("sqos", GU_LEVEL_DELEGATION, false, false));
	dial_sqos(&s, fix_sqos(GU_LEVEL_IMPERSONATION, false, false));
	chan_close(&s);
}

/* messages */

static void messages_arrive_whole_and_in_order(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;
	const struct gu_value *v;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	assert_int_equal(OK(&s.f, s.client, FN(WriteFile), REF("handle", peer),
			    STR("data", "one"))
				 ->value.u,
			 3);
	OK(&s.f, s.client, FN(WriteFile), REF("handle", peer),
	   STR("data", "two"));
	OK(&s.f, s.server, FN(WriteFile), REF("handle", pipe),
	   STR("data", "back"));
	v = &OK(&s.f, s.server, FN(ReadFile), REF("handle", pipe))->value;
	assert_string_equal(v->str.p, "one");
	v = &OK(&s.f, s.server, FN(ReadFile), REF("handle", pipe))->value;
	assert_string_equal(v->str.p, "two");
	v = &OK(&s.f, s.client, FN(ReadFile), REF("handle", peer))->value;
	assert_string_equal(v->str.p, "back");
	chan_close(&s);
}

static void a_read_waits_for_a_message(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	STARTS(&s.f, &call, args, s.server, FN(ReadFile), REF("handle", pipe));
	say(&s, s.client, peer);
	assert_ptr_equal(fix_wait(&s.f), &call);
	assert_true(call.out.status.ok);
	assert_string_equal(call.out.value.str.p, "hello");
	chan_close(&s);
}

static void a_read_that_waits_learns_of_the_end(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	STARTS(&s.f, &call, args, s.server, FN(ReadFile), REF("handle", pipe));
	OK(&s.f, s.client, FN(CloseHandle), REF("handle", peer));
	assert_ptr_equal(fix_wait(&s.f), &call);
	assert_false(call.out.status.ok);
	assert_int_equal(call.out.status.code, 109);
	chan_close(&s);
}

static void what_a_closed_client_wrote_can_still_be_read(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	say(&s, s.client, peer);
	OK(&s.f, s.client, FN(CloseHandle), REF("handle", peer));
	hear(&s, pipe);
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_reverts(&s, s.server);
	FAILS(&s.f, 109, s.server, FN(ReadFile), REF("handle", pipe));
	FAILS(&s.f, 232, s.server, FN(WriteFile), REF("handle", pipe));
	chan_close(&s);
}

static void a_client_learns_that_the_server_went(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	OK(&s.f, s.server, FN(WriteFile), REF("handle", pipe),
	   STR("data", "bye"));
	OK(&s.f, s.server, FN(CloseHandle), REF("handle", pipe));
	OK(&s.f, s.client, FN(ReadFile), REF("handle", peer));
	FAILS(&s.f, 109, s.client, FN(ReadFile), REF("handle", peer));
	FAILS(&s.f, 232, s.client, FN(WriteFile), REF("handle", peer));
	chan_close(&s);
}

static void both_ends_feel_a_disconnect(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	say(&s, s.client, peer);
	OK(&s.f, s.server, FN(DisconnectNamedPipe), REF("pipe", pipe));
	FAILS(&s.f, 233, s.client, FN(ReadFile), REF("handle", peer));
	FAILS(&s.f, 233, s.client, FN(WriteFile), REF("handle", peer));
	FAILS(&s.f, 233, s.server, FN(ReadFile), REF("handle", pipe));
	FAILS(&s.f, 233, s.server, FN(WriteFile), REF("handle", pipe));
	FAILS(&s.f, 233, s.server, FN(DisconnectNamedPipe), REF("pipe", pipe));
	OK(&s.f, s.client, FN(CloseHandle), REF("handle", peer));
	chan_close(&s);
}

static void a_listening_end_neither_reads_nor_writes(void **state)
{
	struct chan s;
	struct gu_ref pipe;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	FAILS(&s.f, 536, s.server, FN(ReadFile), REF("handle", pipe));
	FAILS(&s.f, 536, s.server, FN(WriteFile), REF("handle", pipe));
	chan_close(&s);
}

static void a_handle_reads_and_writes_by_its_rights(void **state)
{
	struct chan s;
	struct gu_ref peer;

	(void)state;
	chan_open(&s);
	serve(&s);
	serve(&s);
	peer = OPENED(&s.f, s.client, FN(CreateFile), STR("path", NAME),
		      UINT("access", 0x80000000));
	FAILS(&s.f, 5, s.client, FN(WriteFile), REF("handle", peer));
	peer = OPENED(&s.f, s.client, FN(CreateFile), STR("path", NAME),
		      UINT("access", 0x40000000));
	FAILS(&s.f, 5, s.client, FN(ReadFile), REF("handle", peer));
	chan_close(&s);
}

static void a_pipe_that_does_not_wait_says_that_it_is_empty(void **state)
{
	struct chan s;
	struct gu_ref pipe;

	(void)state;
	chan_open(&s);
	pipe = OPENED(&s.f, s.server, FN(CreateNamedPipe), STR("name", NAME),
		      STR("sddl", OPEN_SDDL), UINT("pipe_mode", 1));
	FAILS(&s.f, 536, s.server, FN(ConnectNamedPipe), REF("pipe", pipe));
	dial(&s, s.client);
	FAILS(&s.f, 232, s.server, FN(ReadFile), REF("handle", pipe));
	OK(&s.f, s.server, FN(DisconnectNamedPipe), REF("pipe", pipe));
	OK(&s.f, s.server, FN(ConnectNamedPipe), REF("pipe", pipe));
	FAILS(&s.f, 536, s.server, FN(ConnectNamedPipe), REF("pipe", pipe));
	chan_close(&s);
}

/* ConnectNamedPipe */

static void connect_waits_for_a_client(void **state)
{
	struct chan s;
	struct gu_ref pipe;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	STARTS(&s.f, &call, args, s.server, FN(ConnectNamedPipe),
	       REF("pipe", pipe));
	dial(&s, s.client);
	assert_ptr_equal(fix_wait(&s.f), &call);
	assert_true(call.out.status.ok);
	FAILS(&s.f, 535, s.server, FN(ConnectNamedPipe), REF("pipe", pipe));
	chan_close(&s);
}

static void a_disconnect_ends_the_wait_for_a_client(void **state)
{
	struct chan s;
	struct gu_ref pipe;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	STARTS(&s.f, &call, args, s.server, FN(ConnectNamedPipe),
	       REF("pipe", pipe));
	OK(&s.f, s.helper, FN(DisconnectNamedPipe), REF("pipe", pipe));
	assert_ptr_equal(fix_wait(&s.f), &call);
	assert_false(call.out.status.ok);
	assert_int_equal(call.out.status.code, 233);
	chan_close(&s);
}

static void connect_tells_of_a_client_that_came_or_went(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = serve(&s);
	peer = dial(&s, s.client);
	FAILS(&s.f, 535, s.server, FN(ConnectNamedPipe), REF("pipe", pipe));
	OK(&s.f, s.client, FN(CloseHandle), REF("handle", peer));
	FAILS(&s.f, 232, s.server, FN(ConnectNamedPipe), REF("pipe", pipe));
	chan_close(&s);
}

static void only_the_server_connects_and_disconnects(void **state)
{
	struct chan s;
	struct gu_ref peer;

	(void)state;
	chan_open(&s);
	serve(&s);
	peer = dial(&s, s.client);
	FAILS(&s.f, 1, s.client, FN(ConnectNamedPipe), REF("pipe", peer));
	FAILS(&s.f, 1, s.client, FN(DisconnectNamedPipe), REF("pipe", peer));
	FAILS(&s.f, 6, s.client, FN(ConnectNamedPipe),
	      REF("pipe", fix_raw_handle(0x7FFF)));
	FAILS(&s.f, 6, s.client, FN(DisconnectNamedPipe),
	      REF("pipe", fix_raw_handle(0x7FFF)));
	chan_close(&s);
}

static void pipe_names_are_known_by_their_prefix(void **state)
{
	(void)state;
	assert_true(m_is_pipe_name("\\\\.\\pipe\\a"));
	assert_true(m_is_pipe_name("\\\\.\\PIPE\\a\\b"));
	assert_false(m_is_pipe_name("\\\\.\\pipe\\"));
	assert_false(m_is_pipe_name("\\\\.\\pip"));
	assert_false(m_is_pipe_name("C:\\pipe\\a"));
	assert_false(m_is_pipe_name(""));
}

static void pipes_survive_a_lack_of_memory(void **state)
{
	struct chan s;
	struct gu_ref pipe, peer;

	(void)state;
	chan_open(&s);
	pipe = SURVIVES(&s.f, s.server, FN(CreateNamedPipe), STR("name", NAME),
			STR("sddl", OPEN_SDDL))
		       ->value.ref;
	SURVIVES(&s.f, s.server, FN(CreateNamedPipe), STR("name", NAME));
	peer = SURVIVES(&s.f, s.client, FN(CreateFile), STR("path", NAME),
			UINT("access", 0xC0000000),
			SQOS("sqos", GU_LEVEL_IMPERSONATION, true, false))
		       ->value.ref;
	SURVIVES(&s.f, s.client, FN(CreateFile), STR("path", NAME),
		 UINT("access", 0xC0000000),
		 SQOS("sqos", GU_LEVEL_IMPERSONATION, false, false));
	SURVIVES(&s.f, s.client, FN(WriteFile), REF("handle", peer),
		 STR("data", "x"));
	SURVIVES(&s.f, s.server, FN(ReadFile), REF("handle", pipe));
	become(&s, pipe);
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			server_acts_as_the_client_whose_message_it_read),
		cmocka_unit_test(a_refused_impersonation_leaves_the_slot_alone),
		cmocka_unit_test(a_handle_of_another_process_is_no_handle),
		cmocka_unit_test(a_static_context_needs_no_read),
		cmocka_unit_test(
			a_static_context_needs_a_read_when_the_system_says_so),
		cmocka_unit_test(the_context_is_that_of_the_last_message_read),
		cmocka_unit_test(the_last_context_outlives_the_client),
		cmocka_unit_test(the_next_client_brings_a_context_of_its_own),
		cmocka_unit_test(the_clients_sqos_sets_the_level),
		cmocka_unit_test(
			without_the_privilege_another_user_is_only_identified),
		cmocka_unit_test(impersonating_takes_no_memory),
		cmocka_unit_test(tracking_follows_the_recorded_scenarios),
		cmocka_unit_test(a_further_instance_says_that_the_pipe_exists),
		cmocka_unit_test(an_instance_is_made_where_the_pipe_allows),
		cmocka_unit_test(a_bad_descriptor_is_the_scripts_mistake),
		cmocka_unit_test(a_pipe_takes_no_more_than_its_instances),
		cmocka_unit_test(an_instance_stays_while_its_client_does),
		cmocka_unit_test(an_identified_creator_makes_nothing),
		cmocka_unit_test(a_pipes_handle_shows_its_rights),
		cmocka_unit_test(
			a_client_opens_what_descriptor_and_direction_allow),
		cmocka_unit_test(
			a_default_pipe_is_its_owners_and_the_administrators),
		cmocka_unit_test(without_a_listening_instance_the_pipe_is_busy),
		cmocka_unit_test(
			a_client_may_name_the_pipe_by_the_servers_handle),
		cmocka_unit_test(
			an_identified_client_can_neither_open_nor_write),
		cmocka_unit_test(a_client_offers_no_more_than_it_has),
		cmocka_unit_test(messages_arrive_whole_and_in_order),
		cmocka_unit_test(a_read_waits_for_a_message),
		cmocka_unit_test(a_read_that_waits_learns_of_the_end),
		cmocka_unit_test(what_a_closed_client_wrote_can_still_be_read),
		cmocka_unit_test(a_client_learns_that_the_server_went),
		cmocka_unit_test(both_ends_feel_a_disconnect),
		cmocka_unit_test(a_listening_end_neither_reads_nor_writes),
		cmocka_unit_test(a_handle_reads_and_writes_by_its_rights),
		cmocka_unit_test(
			a_pipe_that_does_not_wait_says_that_it_is_empty),
		cmocka_unit_test(connect_waits_for_a_client),
		cmocka_unit_test(a_disconnect_ends_the_wait_for_a_client),
		cmocka_unit_test(connect_tells_of_a_client_that_came_or_went),
		cmocka_unit_test(only_the_server_connects_and_disconnects),
		cmocka_unit_test(pipe_names_are_known_by_their_prefix),
		cmocka_unit_test(pipes_survive_a_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
