/* SPDX-License-Identifier: MIT */
#ifndef GU_CHAN_FIX_H
#define GU_CHAN_FIX_H

#include "model_fix.h"

#include "alloc.h"
#include "world.h"

/* What the channels' tests share: a server that may impersonate anyone, one
 * that may not, and two clients. */
struct chan {
	struct fix f;
	struct gu_ref alice, bob; /* accounts */
	struct gu_ref server;     /* a thread of SYSTEM's */
	struct gu_ref helper;     /* another one of that process */
	struct gu_ref weak;       /* a thread of bob's: no SeImpersonate */
	struct gu_ref client;     /* a thread of alice's */
	struct gu_ref client2;    /* another one of that process */
	struct gu_ref other;      /* a thread of another process of SYSTEM's */
};

#define ALICE  "MACHINE\\alice"
#define BOB    "MACHINE\\bob"
#define SYSTEM "NT AUTHORITY\\SYSTEM"

#define PRIVS \
	(GU_PRIV_BIT(GU_PRIV_ChangeNotify) | GU_PRIV_BIT(GU_PRIV_Impersonate))

/* alice's tokens hold two enabled privileges, one of which lets her clients
 * act as bob. */
static inline void chan_open(struct chan *s)
{
	struct gu_ref svc, app;

	fix_open(&s->f);
	s->alice = FIXTURE(&s->f, FN(account), STR("name", "alice"),
			   LIST(&s->f, "groups", "BUILTIN\\Users"),
			   UINT("privileges", PRIVS), UINT("enabled", PRIVS));
	s->bob = fix_account(&s->f, "bob", "BUILTIN\\Users");
	svc = fix_process(&s->f, "svc", SYSTEM);
	app = fix_process(&s->f, "app", "alice");
	s->server = fix_thread(&s->f, svc, "server");
	s->helper = fix_thread(&s->f, svc, "helper");
	s->weak = fix_run_as(&s->f, "bob");
	s->client = fix_thread(&s->f, app, "client");
	s->client2 = fix_thread(&s->f, app, "client2");
	s->other = fix_run_as(&s->f, SYSTEM);
}

static inline void chan_close(struct chan *s)
{
	fix_close(&s->f);
}

static inline struct m_world *chan_world(struct chan *s)
{
	return (struct m_world *)s->f.w;
}

/* The token on a thread's slot, as data. */
static inline const struct gu_token *
chan_slot(struct chan *s, struct gu_ref thread)
{
	const struct m_thread *t = m_item(chan_world(s), thread);

	assert_non_null(t->slot.token);
	return t->slot.token->data;
}

/* Runs `thread` as bob at a level; what a failed call must leave alone. */
static inline void
chan_put(struct chan *s, struct gu_ref thread, enum gu_level level)
{
	OK(&s->f, thread, FN(SetThreadToken),
	   REF("token", fix_imp(&s->f, s->bob, level)));
}

/* What semantics 3 ends with: a server that is neither SYSTEM nor the client
 * sees how far its impersonation got. Its token is the package's, no copy of
 * the kernel's. */
static inline struct gu_ref chan_service(struct chan *s)
{
	return fix_run_as(&s->f, "NT AUTHORITY\\NETWORK SERVICE");
}

static inline void chan_sees_its_level(struct chan *s, struct gu_ref thread)
{
	struct gu_ref token =
		OPENED(&s->f, thread, FN(OpenThreadToken), UINT("access", 0x8),
		       BOOL("open_as_self", true));

	assert_int_equal(OK(&s->f, thread, FN(GetTokenInformation),
			    REF("token", token), UINT("class", 9))
				 ->value.u,
			 GU_LEVEL_IMPERSONATION);
}

static inline void chan_reverts(struct chan *s, struct gu_ref thread)
{
	OK(&s->f, thread, FN(RevertToSelf));
	fix_reverted(&s->f, thread);
}

static inline struct gu_ref chan_raw(enum gu_ref_kind kind)
{
	return (struct gu_ref){ .kind = kind, .id = 0x7FFF };
}

/* The call succeeds once memory suffices, and until then harms nothing. */
#define SURVIVES(f, thread, ...) \
	chan_survives((f), (thread), FIX_ARGS(__VA_ARGS__), __LINE__)

static inline const struct gu_outcome *
chan_survives(struct fix *f, struct gu_ref thread, const struct fix_arg *args,
	      int line)
{
	enum gu_rc rc = GU_RC_NOMEM;

	for (size_t n = 1; rc == GU_RC_NOMEM; n++) {
		if (n > 1000) {
			fail_msg("line %d: out of memory for ever", line);
		}
		gu_alloc_fail_nth(n);
		rc = fix_submit(f, thread, args);
		gu_alloc_fail_nth(0);
	}
	assert_int_equal(rc, GU_RC_OK);
	return fix_check_ok(f, &f->call.out, line);
}

#endif
