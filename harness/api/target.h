/* SPDX-License-Identifier: MIT */
#ifndef GU_TARGET_H
#define GU_TARGET_H

#include "fn.h"
#include "token.h"

/* The contract of a target: something that answers Windows security calls.
 * One world is one fresh machine, made for one scenario and thrown away after
 * it. All functions are called on the conductor thread; a target that has
 * threads of its own hides them behind submit and wait.
 *
 * Decorators (trace.h, fault.h, mailbox.h) are worlds that hold another. */
struct gu_world {
	const struct gu_target_ops *ops;
};

/* Who a thread acts as. Strings are borrowed: valid until the world closes.
 * Identities with the same token_id are the same. */
struct gu_identity {
	const char *name; /* "MACHINE\\alice", "NT AUTHORITY\\SYSTEM" */
	const char *sid;
	enum gu_level level; /* of the impersonation; Delegation otherwise */
	bool impersonating;
	uint32_t integrity;
	uint64_t token_id;
	uint64_t auth_id;
};

/* An access decision, where the call took one. */
struct gu_decision {
	bool made;
	enum gu_objtype type;
	const char *object; /* borrowed: valid until the world closes */
	uint32_t asked;     /* the mask really requested */
	uint32_t granted;
	struct gu_reason reason;
};

/* What an access decision rests on, so that it can be explained: asking
 * gu_access_check again with these, and the generic mapping of the decision's
 * object type, tells its steps. A target that decides by itself gives what it
 * decided from; one that asks a system gives what it read there right after.
 * Empty where nothing was checked, and where a handle or a privilege alone
 * decided.
 *
 * Borrowed: valid until the next call is submitted or the world closes. */
struct gu_basis {
	const struct gu_token *token;
	/* Of the object; of its parent where the reason says that the parent
	 * decided. NULL: it has none, or it could not be read. */
	const struct gu_sd *sd;
	uint32_t desired; /* the rights checked, generic ones not mapped */
	uint32_t flags;   /* GU_CHECK_* */
	/* Refused before the check, since the token is below Impersonation. */
	bool below_level;
};

/* What came of a call. A call that hands out a HANDLE always says its type
 * and granted rights in `decision`; `made` says whether a check was needed.
 * For fixtures `identity` describes what was made: the account, the process's
 * primary token, the token. */
struct gu_outcome {
	struct gu_status status;
	struct gu_value value; /* result; memory lives in the call's arena */
	struct gu_decision decision;
	struct gu_basis basis;       /* of the decision, where it was made */
	struct gu_identity identity; /* of the calling thread, afterwards */
	bool offered_known;          /* impersonations: offered is set */
	enum gu_level offered; /* the level that the source offers, or that the
				  caller asked for, whichever is lower */
	bool injected; /* the fault decorator's answer; a target's is false */
	/* What the answer does not say: that a success it claims had no
	 * effect, that the system raised an exception; NULL otherwise.
	 * Borrowed: from the call's arena. */
	const char *remark;
};

/* A success with its effect. */
static inline bool gu_outcome_worked(const struct gu_outcome *out)
{
	return out->status.ok && !out->remark;
}

struct gu_arena;

/* One call by one thread. The caller owns it and keeps it still until it is
 * done. A target answers in `out` only when it returns GU_RC_OK. */
struct gu_call {
	enum gu_fn fn;
	struct gu_ref thread;        /* caller; NONE for fixtures */
	const struct gu_value *args; /* one per argument of the row, borrowed
					until done */
	struct gu_arena *arena;      /* for result values, until the call's
					owner resets it */
	struct gu_outcome out;
	void *owner; /* the submitter's, for wait */
	int line;    /* of the script, 0 unknown */
};

struct gu_world_config {
	uint64_t seed;      /* for generated ids; same seed, same world */
	bool os_threads;    /* each thread fixture gets an OS thread */
	const char *prefix; /* of names that a real target makes */
	/* A real target makes nothing but processes and threads of its own. */
	bool existing_only;
};

struct gu_target_ops {
	const char *name;  /* "model" */
	const char *proof; /* what it has been proven to do, for the run row */

	/* A new world. NULL in decorators. */
	GU_MUST_CHECK enum gu_rc (*open)(const struct gu_world_config *config,
					 struct gu_world **out,
					 struct gu_err *err);

	/* Starts a call. OK: it is done, call->out is filled. PENDING: wait
	 * will hand it back. UNSUPPORTED: err names the capability. USAGE: the
	 * script's input is wrong (bad SDDL, unknown account): nothing
	 * happened. Anything else: the harness failed. */
	GU_MUST_CHECK enum gu_rc (*submit)(struct gu_world *w,
					   struct gu_call *call,
					   struct gu_err *err);

	/* Hands back one pending call that has completed. DEADLOCK: none of
	 * them ever can, as no other call is left to be submitted. TIMEOUT:
	 * none did in `timeout_ms`. */
	GU_MUST_CHECK enum gu_rc (*wait)(struct gu_world *w,
					 uint32_t timeout_ms,
					 struct gu_call **done,
					 struct gu_err *err);

	/* The identity in effect on a thread, read without side effects. */
	GU_MUST_CHECK enum gu_rc (*identity)(struct gu_world *w,
					     struct gu_ref thread,
					     struct gu_identity *out,
					     struct gu_err *err);

	/* What a thing is made of, as it is now, read without side effects: the
	 * token of a process, a token or a thread (the one it acts with), that
	 * an interactive logon of an account gives, but for what only the logon
	 * makes; the descriptor of whatever has one. `token` and `sd` are NULL
	 * where there is none; the rest is 0. NULL: the target cannot tell. */
	GU_MUST_CHECK enum gu_rc (*basis)(struct gu_world *w,
					  struct gu_ref thing,
					  struct gu_basis *out,
					  struct gu_err *err);

	/* What this target can do here. NULL in decorators. */
	bool (*supports)(enum gu_cap cap);

	/* Frees the world, pending calls and all. */
	void (*close)(struct gu_world *w);
};

static inline enum gu_rc
gu_world_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	return w->ops->submit(w, call, err);
}

static inline enum gu_rc gu_world_wait(struct gu_world *w, uint32_t timeout_ms,
				       struct gu_call **done,
				       struct gu_err *err)
{
	return w->ops->wait(w, timeout_ms, done, err);
}

static inline enum gu_rc
gu_world_identity(struct gu_world *w, struct gu_ref thread,
		  struct gu_identity *out, struct gu_err *err)
{
	return w->ops->identity(w, thread, out, err);
}

static inline enum gu_rc gu_world_basis(struct gu_world *w, struct gu_ref thing,
					struct gu_basis *out,
					struct gu_err *err)
{
	if (!w->ops->basis) {
		*out = (struct gu_basis){ .token = NULL };
		return GU_RC_OK;
	}
	return w->ops->basis(w, thing, out, err);
}

static inline void gu_world_close(struct gu_world *w)
{
	if (w) {
		w->ops->close(w);
	}
}

/* Submits and waits for that one call; other pending calls handed back
 * meanwhile would be lost, so it is for tests and benchmarks. */
GU_MUST_CHECK enum gu_rc
gu_world_call(struct gu_world *w, struct gu_call *call, struct gu_err *err);

#endif
