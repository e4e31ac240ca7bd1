/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_WORLD_H
#define GU_MODEL_WORLD_H

#include "alloc.h"
#include "arena.h"
#include "model.h"

/* What the files of the model share. A world has no lock: its functions run
 * one at a time.
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
	unsigned handles; /* open ones, of any process; each is a ref too */
	const char *name; /* in the world's arena, or NULL */
	bool named;       /* found by name in the namespace */
	struct gu_sd sd;
	void (*destroy)(struct m_world *w, struct m_object *obj);
	/* The last handle to it was closed. */
	void (*closed)(struct m_world *w, struct m_object *obj);
	struct m_object *next; /* the world's list */
	struct m_object *prev;
	struct m_object *chain; /* of the namespace's bucket */
};

/* A duplicate kept for the next one who asks for the same: impersonating
 * oneself over and over costs no copy. Used again only while nobody else
 * holds it, neither it nor its source was adjusted, and the same token
 * asks. */
struct m_spare {
	struct m_token *token; /* counted, or NULL */
	uint64_t modified_id;  /* its own, as made */
	uint64_t source_modified_id;
	uint64_t creator_modified_id;
};

/* A token object. `data` is immutable while shared; an adjustment replaces
 * it by an adjusted copy, and every thread that has the object sees that. */
struct m_token {
	struct m_object obj;
	struct gu_token *data;
	struct m_token *linked; /* counted; UAC's other half, or NULL */
	/* For gu_identity, in the world's arena. */
	const char *who;
	const char *sid;
	struct m_spare spare[GU_LEVEL_DELEGATION + 1]; /* by level */
};

struct m_process {
	struct m_object obj;
	struct gu_ref ref;
	struct m_token *primary; /* counted */
	uint32_t job_limits;     /* JOB_OBJECT_SECURITY_* */
	/* The modified_id at which the primary token was last found to grant
	 * TOKEN_DUPLICATE to itself; 0: never. */
	uint64_t self_checked;
	uint32_t thread_count;
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
	struct m_object *object; /* counted */
	uint32_t granted;
};

/* A logon session. A split (UAC) logon has a second one for its other
 * half. */
struct m_session {
	uint64_t auth_id; /* 0: not logged on */
	uint64_t limited_auth_id;
	struct gu_sid logon_sid; /* unset: none */
};

struct m_account {
	struct gu_ref ref;
	struct m_account *next;
	const char *name; /* "MACHINE\\alice", as identities show it */
	const char *bare; /* "alice" */
	const char *password;
	struct gu_sid sid;
	/* The pattern of its logons, without the SIDs that a logon adds:
	 * groups before `own_groups` are those that everyone has. Owned. */
	struct gu_token *token;
	size_t own_groups;
	struct m_session session; /* its interactive logon, made on first use */
	uint32_t denied_logons;   /* bit per logon type */
	bool built_in;
	bool disabled;
	bool uac;
	bool sensitive;
};

/* How a SID is shown: made once per SID. */
struct m_principal {
	struct gu_sid sid;
	const char *who;
	const char *text;
	struct m_principal *next;
};

/* Switches: semantics section 8, and the `system` fixture. */
struct m_settings {
	bool everyone_includes_anonymous; /* off */
	bool impersonation_privilege;     /* on */
	bool rpc_auto_revert;             /* off */
	bool static_pipe_before_read;     /* on */
};

struct m_item {
	enum gu_ref_kind kind;
	void *p; /* NULL: freed */
	/* Frees p when it is dropped and when the world closes; NULL: p is in
	 * the arena. */
	void (*free)(struct m_world *w, void *p);
};

#define M_BUCKETS 64

#define GU_TOKEN_ALL_ACCESS 0xF01FFu

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
	struct m_object *names[M_BUCKETS]; /* the namespace */
	struct m_account *accounts;        /* newest first */
	struct m_principal *principals;
	struct m_token *anonymous; /* the system's own, made on first use */
	/* What the last basis handed out must not lose: see m_rest_on. */
	const struct gu_token *basis_token; /* counted, or NULL */
	struct gu_sd basis_sd;
	/* Calls that wait for another thread, oldest first; the first
	 * `done_count` of them have completed and wait to be fetched. */
	struct gu_call **pending;
	size_t done_count;
	size_t pending_count;
	size_t pending_cap;
	bool closing;
};

/* One call. */

/* What a function of the table gets. It answers through the m_answer_*
 * functions exactly once and returns GU_RC_OK; or returns GU_RC_PENDING
 * having changed nothing; or an error of the harness or of the script. */
struct m_ctx {
	struct m_world *w;
	struct m_thread *thread; /* the caller; NULL in fixtures */
	struct gu_call *call;
	struct gu_err *err;
	enum gu_conv conv; /* of the call's row */
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

/* Ends a call that hands out an object: a new handle of the caller's process.
 * Type and rights go into the outcome's decision unless they are there.
 * Counts the object. */
GU_MUST_CHECK enum gu_rc
m_answer_handle(struct m_ctx *c, struct m_object *obj, uint32_t granted);

/* Results. */
void m_set_ref(struct m_ctx *c, struct gu_ref ref);
void m_set_uint(struct m_ctx *c, uint64_t v);
void m_set_bool(struct m_ctx *c, bool v);
void m_set_str(struct m_ctx *c, const char *s); /* borrowed */
/* Copies into the call's arena; NOMEM when that fails. */
GU_MUST_CHECK enum gu_rc m_set_text(struct m_ctx *c, const char *s, size_t n);

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
const char *m_str(const struct m_ctx *c, size_t i);   /* NULL when absent */
struct gu_ref m_ref(const struct m_ctx *c, size_t i); /* NONE when absent */

/* Items, objects, handles (world.c, handle.c). */

GU_MUST_CHECK enum gu_rc m_item_add(struct m_world *w, enum gu_ref_kind kind,
				    void *p,
				    void (*free)(struct m_world *, void *),
				    struct gu_ref *out, struct gu_err *err);
/* The `free` of items that are objects: gives their reference back. */
void m_item_unref(struct m_world *w, void *obj);
/* NULL when there is no such thing or it is of another kind. */
void *m_item(struct m_world *w, struct gu_ref ref);
/* Forgets it: later look-ups give NULL. Frees through its `free`. */
void m_item_drop(struct m_world *w, struct gu_ref ref);

/* Fills the header of a zeroed object, one reference, into the world's list.
 * Takes over `sd` (which is empty after). `name` lives as long as the world. */
void m_object_init(struct m_world *w, struct m_object *obj,
		   enum gu_objtype type, const char *name, struct gu_sd *sd);
/* At once, whatever its count: for m_object_unref and the world's end. */
void m_object_free(struct m_world *w, struct m_object *obj);
void m_object_ref(struct m_object *obj);
void m_object_unref(struct m_world *w, struct m_object *obj); /* NULL: fine */

/* Puts it into the namespace under its name (sets `named`); it leaves that by
 * itself when it goes. Several objects may share a name. */
void m_object_publish(struct m_world *w, struct m_object *obj);

/* The named object of that type that was published first, or NULL. Names
 * compare case-insensitively; file paths, keys, pipes and each kernel type
 * have name spaces apart. */
struct m_object *
m_object_find(struct m_world *w, enum gu_objtype type, const char *name);

/* The directory or key `up` steps above that path, when it is in the
 * namespace; NULL otherwise. */
struct m_object *m_object_parent(struct m_world *w, enum gu_objtype type,
				 const char *name, size_t up);

/* The securable object that an object, token, process, thread or handle (of
 * any process) stands for; NULL otherwise. Borrowed. */
struct m_object *m_object_of(struct m_world *w, struct gu_ref ref);

/* A new handle of `process`; counts the object. */
GU_MUST_CHECK enum gu_rc
m_handle_new(struct m_world *w, struct m_process *process, struct m_object *obj,
	     uint32_t granted, struct gu_ref *out, struct gu_err *err);

/* The open handle that `ref` names in the caller's process, or NULL: answer
 * STATUS_INVALID_HANDLE then. */
struct m_handle *m_handle(const struct m_ctx *c, struct gu_ref ref);

/* A handle argument as an object of `type` (GU_OBJ_NONE: any), with the rights
 * that the function needs. Fixtures (tokens, threads, processes) stand for
 * handles with all rights; a left out thread is the caller, a left out process
 * the caller's. Returns NT success and a borrowed object, or
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH,
 * STATUS_ACCESS_DENIED. `granted` may be NULL. */
uint32_t m_reference(const struct m_ctx *c, size_t arg, enum gu_objtype type,
		     uint32_t needed, struct m_object **out, uint32_t *granted);

/* Accounts and SIDs (account.c, logon.c). */

/* An account by "alice", "MACHINE\\alice" or "NT AUTHORITY\\SYSTEM"; built-in
 * ones are made on first use. `*out` is NULL when there is none. */
GU_MUST_CHECK enum gu_rc m_account_find(struct m_world *w, const char *name,
					struct m_account **out,
					struct gu_err *err);

/* The account whose SID it is, among those in use, or NULL. */
struct m_account *
m_account_of(const struct m_world *w, const struct gu_sid *sid);

/* An argument of type ACCOUNT; USAGE when there is no such account. */
GU_MUST_CHECK enum gu_rc m_account_arg(struct m_ctx *c,
				       const struct gu_value *v,
				       struct m_account **out);

/* A SID as scripts write it: code, S-1-..., name, account, token. */
GU_MUST_CHECK enum gu_rc
m_sid(struct m_ctx *c, const struct gu_value *v, struct gu_sid *out);

/* A list of such, for the call's time, with the attributes that entries give
 * (else 0). A value that was left out gives none. */
GU_MUST_CHECK enum gu_rc m_sids(struct m_ctx *c, const struct gu_value *v,
				struct gu_group **out, size_t *count);

/* A new logon session, with a logon SID. */
void m_session_new(struct m_world *w, struct m_session *out);

/* The account's interactive session. Borrowed. */
const struct m_session *
m_account_session(struct m_world *w, struct m_account *a);

/* New token object of a logon: primary, full access for its user. An
 * interactive logon of a `uac` account gives the limited half, linked with
 * the full one. */
struct m_logon {
	struct m_account *account;
	uint32_t type; /* LOGON32_LOGON_*; 2 is interactive */
	const struct m_session *session;
	uint64_t origin; /* the session that gave the credentials, or 0 */
};
GU_MUST_CHECK enum gu_rc m_logon(struct m_world *w, const struct m_logon *how,
				 struct m_token **out, struct gu_err *err);

/* What an interactive logon would give it, without logging it on: ids and the
 * logon SID are missing until then. New. */
GU_MUST_CHECK enum gu_rc
m_logon_preview(struct m_account *a, struct gu_token **out, struct gu_err *err);

/* Name and text of a SID; borrowed, as long as the world. NULL: no memory. */
const struct m_principal *
m_principal(struct m_world *w, const struct gu_sid *sid);

/* Tokens (token.c). */

/* New, one reference, takes over `data` and gives it a fresh token_id unless
 * it has one. The descriptor is the default one for the token's user, or
 * `sd` when not NULL (taken over). */
GU_MUST_CHECK enum gu_rc m_token_new(struct m_world *w, struct gu_token *data,
				     struct gu_sd *sd, struct m_token **out,
				     struct gu_err *err);

/* New token object: a duplicate as impersonation token at `level`, or as
 * primary token. */
GU_MUST_CHECK enum gu_rc
m_token_duplicate(struct m_world *w, const struct m_token *src,
		  enum gu_token_type type, enum gu_level level,
		  bool effective_only, struct m_token **out,
		  struct gu_err *err);

/* The system's anonymous logon token at Impersonation. Borrowed. */
GU_MUST_CHECK enum gu_rc
m_token_anonymous(struct m_world *w, struct m_token **out, struct gu_err *err);

/* The token a thread acts with: its slot's, else its process's. Borrowed. */
static inline struct m_token *m_effective(const struct m_thread *t)
{
	return t->slot.token ? t->slot.token : t->process->primary;
}

/* It impersonates at a level that opens nothing. */
static inline bool m_below_impersonation(const struct m_thread *t)
{
	return gu_token_is_powerless(m_effective(t)->data);
}

/* SePrivilegeCheck on the effective token: false below Impersonation. */
bool m_privileged(const struct m_thread *t, enum gu_priv priv);

static inline uint64_t m_luid(struct m_world *w) /* the next unique id */
{
	return w->next_luid++;
}

/* Identity for outcomes; strings are made once per token object. */
void m_identity(struct m_world *w, const struct m_thread *t,
		struct gu_identity *out);

/* The impersonation gate (gate.c). */

/* PsImpersonateClient: puts `token` (an impersonation token; NULL reverts) on
 * `target` by the gate of semantics section 3, as a copy at Identification
 * where the caller lacks the authority. Returns an NTSTATUS in `*nt`; the
 * slot is unchanged when that is a failure. Sets the outcome's `offered` to
 * the token's level. */
GU_MUST_CHECK enum gu_rc m_impersonate(struct m_ctx *c, struct m_thread *target,
				       struct m_token *token, bool copy_on_open,
				       uint32_t *nt);

/* The gate's verdict alone: the level at which `process` may use `token`. */
enum gu_level m_gate(const struct m_world *w, const struct m_process *process,
		     const struct m_token *token);

void m_slot_set(struct m_world *w, struct m_thread *t, struct m_token *token,
		bool copy_on_open);

/* SeCreateClientSecurity: what a server's channel captures of a client
 * thread: a new token object at the SQOS's level. NT failure
 * (STATUS_BAD_IMPERSONATION_LEVEL) when the client itself impersonates below
 * Impersonation or below the level asked for. */
GU_MUST_CHECK enum gu_rc
m_capture(struct m_ctx *c, const struct m_thread *client,
	  const struct gu_sqos *sqos, struct m_token **out, uint32_t *nt);

/* The default quality of service of local channels: Impersonation, dynamic
 * or static, effective only. An absent SQOS becomes this. */
struct gu_sqos m_sqos_or(const struct gu_value *arg, bool dynamic);

/* Opens (check.c, open.c). */

/* The kernel's open: slot level, desired access 0, access check, with the
 * decision in the outcome. Returns an NTSTATUS; `*granted` on success. */
uint32_t m_open_check(struct m_ctx *c, struct m_object *obj, uint32_t desired,
		      uint32_t check_flags, uint32_t *granted);

/* The same as another token than the caller's effective one. */
uint32_t m_open_check_as(struct m_ctx *c, const struct gu_token *token,
			 struct m_object *obj, uint32_t desired,
			 uint32_t check_flags, uint32_t *granted);

/* Writes down rights that took no check: those of a new object's creator.
 * `made` stays false. */
void m_decide(struct m_ctx *c, const struct m_object *obj, uint32_t asked,
	      uint32_t granted);

/* Says what the decision rests on. The token is kept: the call may go on to
 * drop it. The descriptor is borrowed from an object that outlives the call,
 * or handed to m_rest_keep before it goes. */
void m_rest_on(struct m_ctx *c, const struct gu_token *token,
	       const struct gu_sd *sd, uint32_t desired, uint32_t check_flags);

/* Takes over a descriptor that is about to go; it is empty after. The basis,
 * where it borrows from it, borrows from the world instead. */
void m_rest_keep(struct m_ctx *c, struct gu_sd *sd);

/* Before the call changes the descriptor that its decision rests on: the basis
 * borrows from a copy from then on. */
GU_MUST_CHECK enum gu_rc m_rest_freeze(struct m_ctx *c);

/* The contract's basis (basis.c). */
GU_MUST_CHECK enum gu_rc m_basis(struct gu_world *gw, struct gu_ref thing,
				 struct gu_basis *out, struct gu_err *err);

/* New objects (assign.c). */

/* Where a new object goes: what decides the descriptor it gets. */
struct m_place {
	enum gu_objtype type;
	const char *name;              /* NULL: none; borrowed */
	const struct m_object *parent; /* whose entries it inherits, or NULL */
};

/* The place of a name (NULL: of none). Its parent is the directory or key that
 * the namespace has one step above; other types have no parent. */
struct m_place
m_place_of(struct m_world *w, enum gu_objtype type, const char *name);

/* SeAssignSecurity as the caller's effective token: from SDDL text when given,
 * what the parent hands on, and the token's owner, group and default DACL.
 * `*nt` is a failure, and `out` empty, when the creator may not give it that
 * owner, label or SACL. */
GU_MUST_CHECK enum gu_rc m_sd_for_new(struct m_ctx *c, const char *sddl,
				      const struct m_place *place,
				      struct gu_sd *out, uint32_t *nt);

/* The same where nobody asks whether the creator may: replaces `sd`, which is
 * what was asked for, by the whole. */
GU_MUST_CHECK enum gu_rc
m_sd_complete(struct gu_sd *sd, const struct m_place *place,
	      const struct gu_token *creator, struct gu_err *err);

/* Pipes, as far as CreateFile, ReadFile and WriteFile need (pipe.c). */

/* CreateFile or NtOpenFile on a pipe name: the client's end. `access` is what
 * is asked of the system: CreateFile's additions are in it. */
GU_MUST_CHECK enum gu_rc m_pipe_open(struct m_ctx *c, const char *name,
				     uint32_t access, uint32_t flags,
				     const struct gu_value *sqos);
bool m_is_pipe_name(const char *name); /* \\.\pipe\... */
GU_MUST_CHECK enum gu_rc m_pipe_read(struct m_ctx *c, struct m_handle *h);
GU_MUST_CHECK enum gu_rc
m_pipe_write(struct m_ctx *c, struct m_handle *h, const char *data, size_t len);

#endif
