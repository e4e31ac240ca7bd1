/* SPDX-License-Identifier: MIT */
#ifndef GU_TOKEN_FIX_H
#define GU_TOKEN_FIX_H

#include "model_fix.h"

/* What the tests of token calls share: a world with a process of SYSTEM's and
 * one of alice's, who holds a handle to her own token. */

#define SYSTEM "NT AUTHORITY\\SYSTEM"
#define ADMINS "S-1-5-32-544"
#define USERS  "S-1-5-32-545"

#define BACKUP GU_PRIV_BIT(GU_PRIV_Backup)
#define NOTIFY GU_PRIV_BIT(GU_PRIV_ChangeNotify)
#define TCB    GU_PRIV_BIT(GU_PRIV_Tcb)

enum { TOKEN_ALL = 0xF01FF };

enum {
	USER_CLASS = 1,
	GROUPS = 2,
	PRIVILEGES = 3,
	OWNER = 4,
	TYPE = 8,
	LEVEL = 9,
	STATISTICS = 10,
	RESTRICTED = 11,
	SANDBOX_INERT = 15,
	ELEVATION_TYPE = 18,
	LINKED = 19,
	ELEVATION = 20,
	INTEGRITY = 25,
	LOGON_SID = 28,
	IS_RESTRICTED = 40
};

struct world {
	struct fix f;
	struct gu_ref alice;
	struct gu_ref svc, t; /* SYSTEM's */
	struct gu_ref app, a; /* alice's */
	struct gu_ref own;    /* a handle of `a` to its process's token */
};

static inline int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.alice = fix_account(&w.f, "alice", "BU");
	w.svc = fix_process(&w.f, "svc", SYSTEM);
	w.t = fix_thread(&w.f, w.svc, "t");
	w.app = fix_process(&w.f, "app", "alice");
	w.a = fix_thread(&w.f, w.app, "a");
	w.own = fix_own_token(&w.f, w.a);
	*state = &w;
	return 0;
}

static inline int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static inline struct gu_ref
with_rights(struct world *w, struct gu_ref token, uint32_t access)
{
	return OPENED(&w->f, w->a, FN(DuplicateHandle), REF("handle", token),
		      UINT("access", access));
}

static inline struct gu_ref impersonation(struct world *w, unsigned level)
{
	return OPENED(&w->f, w->a, FN(DuplicateTokenEx), REF("token", w->own),
		      UINT("access", TOKEN_ALL), UINT("level", level),
		      UINT("type", 2));
}

static inline uint64_t
number(struct world *w, struct gu_ref token, uint32_t class)
{
	return fix_token_number(&w->f, w->a, token, class);
}

static inline uint32_t
group(struct world *w, struct gu_ref token, const char *sid)
{
	return fix_group(&w->f, w->a, token, GROUPS, sid);
}

static inline uint32_t
count(struct world *w, struct gu_ref token, uint32_t class)
{
	return OK(&w->f, w->a, FN(GetTokenInformation), REF("token", token),
		  UINT("class", class))
		->value.count;
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
