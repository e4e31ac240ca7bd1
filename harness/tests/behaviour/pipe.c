/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* Pipes: who may impersonate when, and instances of one name. */

#define PIPE     "\\\\.\\pipe\\behaviour"
#define PIPE_ALL "D:(A;;GA;;;WD)"

enum { FIRST_PIPE_INSTANCE = 0x80000 };

static struct gu_ref server_end(struct fix *f, struct gu_ref server)
{
	return OPENED(f, server, FN(CreateNamedPipe), STR("name", PIPE),
		      STR("sddl", PIPE_ALL));
}

static struct gu_ref client_end(struct fix *f, struct gu_ref client)
{
	return OPENED(f, client, FN(CreateFile), STR("path", PIPE),
		      UINT("access", GENERIC_RW));
}

static void send(struct fix *f, struct gu_ref client, struct gu_ref peer)
{
	OK(f, client, FN(WriteFile), REF("handle", peer),
	   STR("data", "a message"));
}

static void receive(struct fix *f, struct gu_ref server, struct gu_ref pipe)
{
	OK(f, server, FN(ReadFile), REF("handle", pipe));
}

static void client_end_cannot(struct fix *f, const void *row)
{
	struct gu_ref server = fix_run_as(f, SYSTEM);
	struct gu_ref client = bh_plain_thread(f);
	struct gu_ref pipe = server_end(f, server);
	struct gu_ref peer = client_end(f, client);

	(void)row;
	OK(f, server, FN(WriteFile), REF("handle", pipe), STR("data", "?"));
	OK(f, client, FN(ReadFile), REF("handle", peer));
	FAILS(f, GU_ERROR_INVALID_FUNCTION, client,
	      FN(ImpersonateNamedPipeClient), REF("pipe", peer));
	fix_reverted(f, client);
}

static void last_message_read(struct fix *f, const void *row)
{
	struct gu_ref server = fix_run_as(f, SYSTEM);
	struct gu_ref client = fix_run_as(f, SYSTEM);
	struct gu_ref pipe = server_end(f, server);
	struct gu_ref peer = client_end(f, client);
	struct gu_ref alice = fix_imp(f, bh_alice(f), GU_LEVEL_IMPERSONATION);

	(void)row;
	send(f, client, peer);
	OK(f, client, FN(SetThreadToken), REF("token", alice));
	send(f, client, peer);

	receive(f, server, pipe);
	OK(f, server, FN(ImpersonateNamedPipeClient), REF("pipe", pipe));
	assert_string_equal(fix_identity(f, server).sid, "S-1-5-18");
	OK(f, server, FN(RevertToSelf));
	receive(f, server, pipe);
	OK(f, server, FN(ImpersonateNamedPipeClient), REF("pipe", pipe));
	assert_string_equal(fix_identity(f, server).sid, ALICE_SID);
}

static void nothing_read_yet(struct fix *f, const void *row)
{
	struct gu_ref server = fix_run_as(f, SYSTEM);
	struct gu_ref pipe = server_end(f, server);

	(void)row;
	FAILS(f, ERROR_CANNOT_IMPERSONATE, server,
	      FN(ImpersonateNamedPipeClient), REF("pipe", pipe));
	fix_reverted(f, server);
}

static void client_is_gone(struct fix *f, const void *row)
{
	struct gu_ref server = fix_run_as(f, SYSTEM);
	struct gu_ref client = bh_plain_thread(f);
	struct gu_ref pipe = server_end(f, server);
	struct gu_ref peer = client_end(f, client);

	(void)row;
	send(f, client, peer);
	receive(f, server, pipe);
	send(f, client, peer);
	receive(f, server, pipe);
	OK(f, client, FN(CloseHandle), REF("handle", peer));
	OK(f, server, FN(ImpersonateNamedPipeClient), REF("pipe", pipe));
	assert_string_equal(fix_identity(f, server).sid, ALICE_SID);
}

struct instance {
	uint32_t open_mode;
	bool exists;
	uint32_t last_error;
};

static void instance(struct fix *f, const void *row)
{
	const struct instance *want = row;
	struct gu_ref server = fix_run_as(f, SYSTEM);

	if (want->exists) {
		(void)server_end(f, server);
	}
	OK(f, server, FN(CreateNamedPipe), STR("name", PIPE),
	   STR("sddl", PIPE_ALL), UINT("open_mode", 3 | want->open_mode));
	assert_int_equal(f->call.out.value.ref.kind, GU_REF_HANDLE);
	assert_int_equal(f->call.out.status.code, want->last_error);
}

static void default_descriptor(struct fix *f, const void *row)
{
	struct gu_ref server = fix_run_as(f, SYSTEM);
	struct gu_ref client = fix_run_as(f, SYSTEM);
	struct gu_ref pipe =
		OPENED(f, server, FN(CreateNamedPipe), STR("name", PIPE));
	struct gu_ref peer = client_end(f, client);
	const struct gu_sd *ours = bh_descriptor(f, pipe);
	const struct gu_sd *theirs = bh_descriptor(f, peer);
	struct gu_ref own = bh_own_token(f, server, TOKEN_QUERY);
	char text[GU_SID_TEXT_MAX];

	(void)row;
	assert_string_equal(gu_sid_text(&ours->group, text),
			    bh_info(f, server, own, TokenPrimaryGroup).str.p);
	assert_true(gu_sid_equal(&ours->owner, &theirs->owner));
	assert_true(gu_sid_equal(&ours->group, &theirs->group));
	assert_int_equal(ours->control, theirs->control);
	assert_int_not_equal(ours->dacl.count, 0);
	assert_int_equal(ours->dacl.count, theirs->dacl.count);
}

#define INSTANCE(...) (&(const struct instance){ __VA_ARGS__ })

static const struct bh_case cases[] = {
	{ "ib-16bea5012b40", "only the server end impersonates",
	  client_end_cannot, NULL },
	{ "ib-3886a183e1fe", "the context is that of the last message read",
	  last_message_read, NULL },
	{ "ib-ea4cc70f1c94", "before anything was read nobody is impersonated",
	  nothing_read_yet, NULL },
	{ "ib-f9e60e79ed61", "a client that is gone is impersonated still",
	  client_is_gone, NULL },
	{ "ib-4d4b37a8fb5f",
	  "a pipe's default descriptor has its creator's primary group, at "
	  "both ends",
	  default_descriptor, NULL },
	{ "ib-edd5851ecf95",
	  "a further instance succeeds with ERROR_ALREADY_EXISTS", instance,
	  INSTANCE(.exists = true, .last_error = GU_ERROR_ALREADY_EXISTS) },
	/* CreateNamedPipe is NtCreateNamedPipeFile with FILE_OPEN_IF, or with
	 * FILE_CREATE for FILE_FLAG_FIRST_PIPE_INSTANCE; the last error tells
	 * FILE_OPENED from FILE_CREATED. */
	{ "ib-18aa1162808f", "FILE_OPEN_IF opens a pipe that exists", instance,
	  INSTANCE(.exists = true, .last_error = GU_ERROR_ALREADY_EXISTS) },
	{ "ib-3495964a6ac9", "FILE_OPEN_IF creates a pipe that does not",
	  instance, INSTANCE(.exists = false) },
	{ "ib-a2b225a99182", "FILE_CREATE creates a pipe that does not exist",
	  instance, INSTANCE(.open_mode = FIRST_PIPE_INSTANCE) },
};

BH_AREA(pipe, cases);
