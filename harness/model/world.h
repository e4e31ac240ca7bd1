/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_WORLD_H
#define GU_MODEL_WORLD_H

#include "alloc.h"
#include "arena.h"
#include "model.h"

/* What the files of the model share. One lock-free world: its functions run
 * one at a time (the conductor's thread, or under the mailbox's lock).
 *
 * Kernel objects are counted (m_object_ref, m_object_unref) and live in the
 * world's list; whatever is still there when the world closes goes then.
 * Everything a script can hold is an item: a gu_ref names kind and index. */

struct m_world;

/* Every kernel object starts with this. `destroy` frees what the type adds,
 * not the object itself. */
struct m_object {
	enum gu_objtype type;
	unsigned refs;
	const char *name; /* in the world's arena, or NULL */
	bool named;	  /* found by name in the namespace */
	struct gu_sd sd;
	void (*destroy)(struct m_world *w, struct m_object *obj);
	/* The last handle of a process to it was closed. */
	void (*closed)(struct m_world *w, struct m_object *obj);
	struct m_object *next; /* the world's list */
	struct m_object *prev;
};

/* A token object. `data` is immutable while shared; an adjustment replaces
 * it by an adjusted copy, and every thread that has the object sees that. */
struct m_token {
	struct m_object obj;
	struct gu_token *data;
	struct m_token *linked; /* counted; UAC's other half, or NULL */
	/* For gu_identity; made on first use, in the world's arena. */
	const char *who;
	const char *sid;
};

struct m_process {
	struct m_object obj;
	struct gu_ref ref;
	struct m_token *primary; /* counted */
	uint32_t job_limits;	 /* JOB_OBJECT_SECURITY_* */
};

/* The one slot of a thread. */
struct m_slot {
	struct m_token *token; /* counted; NULL: not impersonating */
	bool copy_on_open;     /* OpenThreadToken gets a private copy */
};

struct m_thread {
	struct m_object obj;
	struct gu_ref ref;
	struct m_process *process; /* borrowed: processes outlive threads */
	struct m_slot slot;
	/* What channels keep per thread; each owned by its file. */
	struct m_rpc_call *rpc_call; /* the call this thread serves */
	struct m_com_call *com_call;
	struct gu_sqos dde_qos;
};

struct m_handle {
	struct gu_ref ref;
	struct m_process *process;
	struct m_object *object; /* counted; NULL once closed */
	uint32_t granted;
};

struct m_account {
	struct gu_ref ref;
	const char *name; /* "MACHINE\\alice", as identities show it */
	const char *bare; /* "alice" */
	const char *password;
	struct gu_sid sid;
	struct gu_token *token; /* the pattern of its logons, owned */
	uint32_t denied_logons; /* bit per logon type */
	bool disabled;
	bool uac;
	bool sensitive;
};

/* Switches: semantics section 8, and the `system` fixture. */
struct m_settings {
	bool everyone_includes_anonymous; /* off */
	bool impersonation_privilege;	  /* on */
	bool rpc_auto_revert;		  /* off */
	bool static_pipe_before_read;	  /* on */
};

struct m_item {
	enum gu_ref_kind kind;
	void *p; /* NULL: freed */
	/* Frees p when the world closes; NULL: p is an object or in the
	 * arena. */
	void (*free)(struct m_world *w, void *p);
};

struct m_world {
	struct gu_world base;
	struct gu_arena arena; /* strings that live as long as the world */
	struct m_settings settings;
	struct gu_sid machine; /* S-1-5-21-... of this machine */
	uint64_t next_luid;
	uint32_t next_rid;
	struct m_item *items; /* ids start at 1 */
	uint32_t item_count;
	uint32_t item_cap;
	struct m_object *objects;
	struct m_token *anonymous; /* the system's own, made on first use */
	/* Calls that wait for another thread, oldest first. */
	struct gu_call **pending;
	size_t pending_count;
	size_t pending_cap;
};

/* --- one call --------------------------------------------------------- */

/* What a function of the table gets. It answers through the m_answer_*
 * functions exactly once and returns GU_RC_OK; or returns GU_RC_PENDING
 * having changed nothing; or an error of the harness or of the script. */
struct m_ctx {
	struct m_world *w;
	struct m_thread *thread; /* the caller; NULL in fixtures */
	struct gu_call *call;
	struct gu_err *err;
};

typedef enum gu_rc (*m_fn)(struct m_ctx *c);

/* One implementation per row of the call table: m_fn_<name>. */
#define GU_FN(name, ...) enum gu_rc m_fn_##name(struct m_ctx *c);
#include "impfn.def"
#include "sysfn.def"
#include "fixture.def"
#undef GU_FN

/* Answers. Each returns GU_RC_OK, so that a function ends in one. A value is
 * set before. */
enum gu_rc m_answer_nt(struct m_ctx *c, uint32_t ntstatus);
enum gu_rc m_answer_code(struct m_ctx *c, uint32_t code); /* own family */
enum gu_rc m_answer_ok(struct m_ctx *c);
/* Success with a last error (ERROR_ALREADY_EXISTS). */
enum gu_rc m_answer_ok_with(struct m_ctx *c, uint32_t code);

/* Results. */
void m_set_ref(struct m_ctx *c, struct gu_ref ref);
void m_set_uint(struct m_ctx *c, uint64_t v);
void m_set_bool(struct m_ctx *c, bool v);
void m_set_str(struct m_ctx *c, const char *s); /* borrowed */

/* Arguments by position. */
static inline const struct gu_value *m_arg(const struct m_ctx *c, size_t i)
{
	return &c->call->args[i];
}
static inline bool m_has(const struct m_ctx *c, size_t i)
{
	return m_arg(c, i)->type != GU_V_NONE;
}
uint32_t m_uint(const struct m_ctx *c, size_t i, uint32_t absent);
bool m_bool(const struct m_ctx *c, size_t i, bool absent);
const char *m_str(const struct m_ctx *c, size_t i); /* NULL when absent */
struct gu_ref m_ref(const struct m_ctx *c, size_t i); /* NONE when absent */

/* --- items, objects, handles (world.c, handle.c) ----------------------- */

GU_MUST_CHECK enum gu_rc m_item_add(struct m_world *w, enum gu_ref_kind kind,
				    void *p,
				    void (*free)(struct m_world *, void *),
				    struct gu_ref *out, struct gu_err *err);
/* NULL when there is no such thing or it is of another kind. */
void *m_item(struct m_world *w, struct gu_ref ref);
/* Forgets it: later look-ups give NULL. Frees through its `free`. */
void m_item_drop(struct m_world *w, struct gu_ref ref);

/* Fills the header of a zeroed object, one reference, into the world's list.
 * Takes over `sd` (which is empty after). */
void m_object_init(struct m_world *w, struct m_object *obj,
		   enum gu_objtype type, const char *name, struct gu_sd *sd);
void m_object_ref(struct m_object *obj);
void m_object_unref(struct m_world *w, struct m_object *obj); /* NULL: fine */

/* The named object of that type or NULL. Names compare case-insensitively;
 * file paths, keys, pipes and each kernel type have name spaces apart. */
struct m_object *m_object_find(struct m_world *w, enum gu_objtype type,
			       const char *name);

/* A new handle of `process`; counts the object. */
GU_MUST_CHECK enum gu_rc m_handle_new(struct m_world *w,
				      struct m_process *process,
				      struct m_object *obj, uint32_t granted,
				      struct gu_ref *out, struct gu_err *err);

/* The open handle that `ref` names in the caller's process, or NULL: answer
 * STATUS_INVALID_HANDLE then. */
struct m_handle *m_handle(const struct m_ctx *c, struct gu_ref ref);

/* A handle argument as an object of `type`, with the rights that the
 * function needs. Fixtures (tokens, threads, processes) stand for handles
 * with all rights; a left out thread is the caller, a left out process the
 * caller's. Returns NT success and a borrowed object, or
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH,
 * STATUS_ACCESS_DENIED. `granted` may be NULL. */
uint32_t m_reference(const struct m_ctx *c, size_t arg, enum gu_objtype type,
		     uint32_t needed, struct m_object **out,
		     uint32_t *granted);

/* --- tokens (token.c) --------------------------------------------------- */

/* New, one reference, takes over `data` and gives it a fresh token_id unless
 * it has one. The descriptor is the default one for the token's user, or
 * `sd` when not NULL (taken over). */
GU_MUST_CHECK enum gu_rc m_token_new(struct m_world *w, struct gu_token *data,
				     struct gu_sd *sd, struct m_token **out,
				     struct gu_err *err);

/* New token object: a duplicate as impersonation token at `level`, or as
 * primary token. */
GU_MUST_CHECK enum gu_rc m_token_duplicate(struct m_world *w,
					   const struct m_token *src,
					   enum gu_token_type type,
					   enum gu_level level,
					   bool effective_only,
					   struct m_token **out,
					   struct gu_err *err);

/* The system's anonymous logon token at Impersonation. Borrowed. */
GU_MUST_CHECK enum gu_rc m_token_anonymous(struct m_world *w,
					   struct m_token **out,
					   struct gu_err *err);

/* The token a thread acts with: its slot's, else its process's. Borrowed. */
struct m_token *m_effective(const struct m_thread *t);

/* SePrivilegeCheck on the effective token: false below Impersonation. */
bool m_privileged(const struct m_thread *t, enum gu_priv priv);

uint64_t m_luid(struct m_world *w); /* the next locally unique id */

/* Identity for outcomes; strings are made once per token object. */
void m_identity(struct m_world *w, const struct m_thread *t,
		struct gu_identity *out);

/* --- the impersonation gate (gate.c) ------------------------------------ */

/* PsImpersonateClient: puts `token` (an impersonation token; NULL reverts) on
 * `target` by the gate of semantics section 3, as a copy at Identification
 * where the caller lacks the authority. Returns an NTSTATUS in `*nt`. Sets
 * the outcome's `offered` to `offered`, the level asked for. */
GU_MUST_CHECK enum gu_rc m_impersonate(struct m_ctx *c,
				       struct m_thread *target,
				       struct m_token *token,
				       bool copy_on_open, uint32_t *nt);

/* The gate's verdict alone: the level at which `process` may use `token`. */
enum gu_level m_gate(const struct m_world *w, const struct m_process *process,
		     const struct m_token *token);

void m_slot_set(struct m_world *w, struct m_thread *t, struct m_token *token,
		bool copy_on_open);

/* SeCreateClientSecurity: what a server's channel captures of a client
 * thread: a new token object at the SQOS's level. NT failure
 * (STATUS_BAD_IMPERSONATION_LEVEL) when the client itself impersonates below
 * Impersonation or below the level asked for. */
GU_MUST_CHECK enum gu_rc m_capture(struct m_ctx *c,
				   const struct m_thread *client,
				   const struct gu_sqos *sqos,
				   struct m_token **out, uint32_t *nt);

/* The default quality of service of local channels: Impersonation, dynamic
 * or static, effective only. An absent SQOS becomes this. */
struct gu_sqos m_sqos_or(const struct gu_value *arg, bool dynamic);

/* --- opens (open.c) ----------------------------------------------------- */

/* The kernel's open: slot level, desired access 0, access check, with the
 * decision in the outcome. Returns an NTSTATUS; `*granted` on success. */
uint32_t m_open_check(struct m_ctx *c, struct m_object *obj, uint32_t desired,
		      uint32_t check_flags, uint32_t *granted);

/* A new object's descriptor: from SDDL text when given, else from the
 * creator's effective token (owner, group, default DACL). */
GU_MUST_CHECK enum gu_rc m_sd_for_new(struct m_ctx *c, const char *sddl,
				      enum gu_objtype type,
				      struct gu_sd *out);

/* --- pipes, as far as CreateFile, ReadFile and WriteFile need (pipe.c) --- */

/* CreateFile on a pipe name: the client's end. */
GU_MUST_CHECK enum gu_rc m_pipe_open(struct m_ctx *c, const char *name,
				     uint32_t access, uint32_t flags,
				     const struct gu_value *sqos);
bool m_is_pipe_name(const char *name); /* \\.\pipe\... */
GU_MUST_CHECK enum gu_rc m_pipe_read(struct m_ctx *c, struct m_handle *h);
GU_MUST_CHECK enum gu_rc m_pipe_write(struct m_ctx *c, struct m_handle *h,
				      const char *data, size_t len);

#endif
