/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_W32_H
#define GU_WIN32_W32_H

#include "exec.h"
#include "names.h"
#include "principal.h"
#include "win32.h"

/* The conductor's side: a world, what scripts hold of it, calls in flight.
 * Conductor thread only, but for w_inbox_put.
 *
 * Everything a script can hold is an item: a gu_ref names kind and index. */

struct w_world;

/* A process: guise.exe itself, or a child that runs jobs. */
struct w_process {
	struct gu_ref ref;
	const char *name;
	HANDLE handle;         /* all rights; ours */
	struct w_agent *agent; /* NULL: guise.exe itself */
	/* What fixtures were duplicated to there, by item; 0: not yet. */
	uint32_t *lent;
	uint32_t lent_cap;
};

struct w_thread {
	struct gu_ref ref;
	const char *name;
	struct w_process *process;
	HANDLE handle;          /* all rights; ours */
	uint32_t stands;        /* the same, as its process knows it */
	bool busy;              /* a job of its is out */
	struct w_agent *unborn; /* of the child that its job is making */
	struct gu_ref unborn_thread;
};

struct w_handle {
	struct gu_ref ref;
	struct w_process *process;
	uint32_t value; /* in that process */
	enum gu_objtype type;
	uint32_t granted;
	const char *object; /* the script's name for it, or NULL */
	const char *real;   /* that it was opened by, or NULL */
	bool existing;      /* to an object of the machine */
	bool closed;
};

struct w_object {
	struct gu_ref ref;
	enum gu_objtype type;
	const char *name; /* the script's */
	const char *real;
	HANDLE keep; /* keeps it alive and is read from; NULL: none */
	bool existing;
	struct w_object *next;
};

struct w_token {
	struct gu_ref ref;
	HANDLE handle; /* all rights; ours */
};

struct w_account {
	struct gu_ref ref;
	const char *name; /* "MACHINE\\alice" */
	struct gu_sid sid;
	struct gu_token *token; /* the pattern of its logons; owned */
	struct gu_sid logon_sid;
	uint64_t auth_id;
	bool built_in;
	size_t own_groups;
	struct w_account *next;
};

/* Anything else: it lives in a process, under its number there. */
struct w_remote {
	struct w_process *process;
	uint32_t id;
	const char *label; /* how others reach it, or NULL */
};

struct w_item {
	enum gu_ref_kind kind;
	void *p;
};

/* A name shown for a SID; made once. */
struct w_shown {
	struct gu_sid sid;
	const char *name;
	const char *text;
	struct w_shown *next;
};

/* A token as it was read; by id and modification. */
struct w_seen_token {
	struct gu_token *data; /* owned */
	struct w_seen_token *next;
};

struct w_flight {
	uint64_t seq;
	struct gu_call *call;
	struct w_thread *thread;
};

/* Answers that came in, serialised: put there by any thread. */
struct w_inbox {
	CRITICAL_SECTION lock;
	CONDITION_VARIABLE changed;
	struct gu_buf *list;
	size_t count;
	size_t cap;
	size_t lost; /* for want of memory */
};

struct w_world {
	struct gu_world base;
	struct gu_arena arena; /* strings that live as long as the world */
	struct w_exec *exec;
	struct w_inbox inbox;
	bool existing_only;
	struct w_names names;
	uint32_t noted;       /* what of it was written down: bits by NOTED_* */
	struct w_item *items; /* ids start at 1 */
	uint32_t item_count;
	uint32_t item_cap;
	struct w_process *local; /* made on first use */
	HANDLE job; /* ends the children with us; NULL: not possible */
	struct w_object *objects;
	struct w_account *accounts;
	struct w_shown *shown;
	struct w_seen_token *tokens;
	struct gu_sd basis_sd; /* of the last outcome */
	struct gu_sid machine; /* S-1-5-21-... that made-up accounts have */
	uint32_t next_rid;
	uint64_t next_seq;
	struct w_flight *flights;
	size_t flight_count;
	size_t flight_cap;
	struct gu_buf scratch;
	struct gu_arena reading; /* for one look at the system */
};

/* Items (world.c). */
GU_MUST_CHECK enum gu_rc w_item_add(struct w_world *w, enum gu_ref_kind kind,
				    void *p, struct gu_ref *out,
				    struct gu_err *err);
void *w_item(const struct w_world *w, struct gu_ref ref); /* or NULL */

/* Puts a serialised answer where wait finds it. Any thread. */
void w_inbox_put(struct w_inbox *inbox, const void *p, size_t n);

/* Runs one job on a thread of the world and waits for its answer, which lives
 * in `arena`. For fixtures and for looking at a thread. */
GU_MUST_CHECK enum gu_rc w_ask(struct w_world *w, struct w_thread *t,
			       struct w_job *job, struct gu_arena *arena,
			       struct w_answer *out, struct gu_err *err);

/* Calls to jobs (lower.c) and answers to outcomes (lift.c). */
GU_MUST_CHECK enum gu_rc w_lower(struct w_world *w, struct w_thread *t,
				 const struct gu_call *call, struct w_job *job,
				 struct gu_err *err);
GU_MUST_CHECK enum gu_rc
w_lift(struct w_world *w, struct w_thread *t, struct gu_call *call,
       const struct w_answer *answer, struct gu_err *err);

/* The script's name for an item, or NULL. */
const char *w_item_name(const struct w_world *w, struct gu_ref ref);

/* Calls whose result is a thread or a process (child.c): what a job needs
 * besides, and what becomes of its answer. */
bool w_is_child_call(enum gu_fn fn);
GU_MUST_CHECK enum gu_rc w_lower_child(struct w_world *w, struct w_thread *t,
				       const struct gu_call *call,
				       struct w_job *job, struct gu_err *err);
GU_MUST_CHECK enum gu_rc
w_lift_child(struct w_world *w, struct w_thread *t, struct gu_call *call,
	     const struct w_answer *a, struct gu_err *err);

/* The call is about an object of the machine. */
bool w_is_existing(const struct w_world *w, const struct gu_call *call);

/* Refuses what would change the machine (caution.c): anything that changes an
 * existing object, and, with existing_only, anything that makes something but
 * processes, threads and tokens. */
GU_MUST_CHECK enum gu_rc w_caution(const struct w_world *w,
				   const struct gu_call *call,
				   struct gu_err *err);

/* Holds a call's success against the thread's token (claim.c): fills `remark`
 * and `offered`. */
GU_MUST_CHECK enum gu_rc
w_claim_check(struct w_world *w, struct gu_call *call, struct gu_err *err);

/* An argument that names an object: its type and its real name. `object` is
 * the item, where it is one. */
struct w_target {
	enum gu_objtype type;
	const char *name; /* the script's */
	const char *real;
	const struct w_object *object;
};
GU_MUST_CHECK enum gu_rc w_target(struct w_world *w, const struct gu_value *v,
				  enum gu_objtype type, struct w_target *out,
				  struct gu_err *err);

/* The handle that an item is in our own process; NULL when it has none. */
HANDLE w_own_handle(const struct w_world *w, struct gu_ref ref);

/* The type of what an item is; GU_OBJ_NONE when it is not securable. */
enum gu_objtype w_type_of(const struct w_world *w, struct gu_ref ref);

/* A HANDLE of ours as a number that is valid in `process`: itself, or a
 * duplicate made on first use. 0 when it cannot be made. */
uint32_t w_lend(struct w_world *w, struct w_process *process,
		struct gu_ref item, HANDLE ours);

/* Accounts and identities (account.c). */
GU_MUST_CHECK enum gu_rc w_account_find(struct w_world *w, const char *name,
					struct w_account **out,
					struct gu_err *err);
GU_MUST_CHECK enum gu_rc
w_account_arg(struct w_world *w, const struct gu_value *v,
	      struct w_account **out, struct gu_err *err);
/* A SID as scripts write it; a list of such with attributes (else 0). */
GU_MUST_CHECK enum gu_rc w_sid_arg(struct w_world *w, const struct gu_value *v,
				   struct gu_sid *out, struct gu_err *err);
GU_MUST_CHECK enum gu_rc
w_sids_arg(struct w_world *w, const struct gu_value *v, struct gu_arena *arena,
	   struct gu_group **out, size_t *count, struct gu_err *err);
/* Adds the groups of a SIDS argument, mandatory and enabled unless an entry
 * says otherwise. */
GU_MUST_CHECK enum gu_rc
w_add_groups(struct w_world *w, const struct gu_value *v,
	     struct gu_token *token, struct gu_err *err);
/* Name and text of a SID. NULL: no memory. */
const struct w_shown *w_show(struct w_world *w, const struct gu_sid *sid);
GU_MUST_CHECK enum gu_rc
w_identity_lift(struct w_world *w, const struct w_identity *in,
		struct gu_identity *out, struct gu_err *err);

/* The same of a thread that is in a call. */
GU_MUST_CHECK enum gu_rc
w_identity_from_outside(struct w_world *w, const struct w_thread *t,
			struct gu_identity *out, struct gu_err *err);

/* What a thing is made of (basis.c). */
GU_MUST_CHECK enum gu_rc w_basis_of(struct w_world *w, struct gu_ref thing,
				    struct gu_basis *out, struct gu_err *err);
/* What the decision in `call`'s outcome rests on. */
void w_basis_fill(struct w_world *w, const struct w_thread *t,
		  struct gu_call *call, const struct w_answer *answer);

/* Tokens (token.c): a real one from a pattern; what a real one holds. */
GU_MUST_CHECK enum gu_rc
w_token_create(const struct gu_token *pattern, HANDLE *out, struct gu_err *err);
/* The token a thread acts with, as read now or before. Borrowed: as long as
 * the world. NULL when it cannot be read. */
const struct gu_token *w_thread_token(struct w_world *w,
				      const struct w_thread *t,
				      const struct w_identity *now);
const struct gu_token *w_handle_token(struct w_world *w, HANDLE token);

/* Fixtures (fixture.c, fixture_*.c): as rows of the call table, on the
 * conductor. */
struct w_fix {
	struct w_world *w;
	struct gu_call *call;
	struct gu_err *err;
};
GU_MUST_CHECK enum gu_rc w_fixture(struct w_fix *f);
enum gu_rc w_fix_account(struct w_fix *f);
enum gu_rc w_fix_token(struct w_fix *f);
enum gu_rc w_fix_object(struct w_fix *f);
enum gu_rc w_fix_existing(struct w_fix *f);

/* Closes and removes what a fixture made. */
void w_object_close(struct w_world *w, struct w_object *obj);
/* A handle that the script left open in our own process. */
void w_handle_close(struct w_handle *h);

static inline const struct gu_value *w_fix_arg(const struct w_fix *f, size_t i)
{
	return &f->call->args[i];
}
const char *w_fix_str(const struct w_fix *f, size_t i); /* or NULL */
uint32_t w_fix_uint(const struct w_fix *f, size_t i, uint32_t absent);
/* Parses an SDDL argument and completes it for an object that `owner` makes:
 * serialised in `out`; empty when it was left out. */
GU_MUST_CHECK enum gu_rc
w_fix_sddl(struct w_fix *f, size_t i, struct gu_buf *out);
enum gu_rc w_fix_ok(struct w_fix *f, struct gu_ref ref);

/* Processes (process.c). */
GU_MUST_CHECK enum gu_rc
w_process_local(struct w_world *w, struct w_process **out, struct gu_err *err);
/* A process item for a child; takes over handle and agent. */
GU_MUST_CHECK enum gu_rc w_process_add(struct w_world *w, const char *name,
				       HANDLE handle, struct w_agent *agent,
				       struct w_process **out,
				       struct gu_err *err);
/* A new thread of a process, and its item. */
GU_MUST_CHECK enum gu_rc
w_thread_new(struct w_world *w, struct w_process *process, const char *name,
	     struct w_thread **out, struct gu_err *err);
/* The item alone, for a thread that a job will make: its id is the thread's.
 * `handle` comes later. */
GU_MUST_CHECK enum gu_rc
w_thread_add(struct w_world *w, struct w_process *process, const char *name,
	     struct w_thread **out, struct gu_err *err);
GU_MUST_CHECK enum gu_rc w_post(struct w_world *w, struct w_thread *t,
				const struct w_job *job, struct gu_err *err);

/* A child's pipes (agent.c). */

/* New: our ends, and the child's, which are inheritable. */
GU_MUST_CHECK enum gu_rc
w_agent_new(struct w_inbox *inbox, struct w_agent **out, struct gu_err *err);
/* Handles that the child is started with; we close them with w_agent_started.
 */
HANDLE w_agent_child_in(const struct w_agent *a);
HANDLE w_agent_child_out(const struct w_agent *a);
/* The child runs: begins to read its answers. */
GU_MUST_CHECK enum gu_rc w_agent_started(struct w_agent *a, struct gu_err *err);
GU_MUST_CHECK enum gu_rc
w_agent_send(struct w_agent *a, const void *p, size_t n, struct gu_err *err);
/* Ends the child: by its pipe, then by force. Frees. NULL is fine. */
void w_agent_close(struct w_agent *a, HANDLE process);

#endif
