/* SPDX-License-Identifier: MIT */
#ifndef GU_SCRIPT_INTERNAL_H
#define GU_SCRIPT_INTERNAL_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "arena.h"
#include "script.h"

/* What the files of the engine share.
 *
 * Everything here runs on the conductor thread. Functions that take a
 * lua_State may raise a Lua error, which is a longjmp: nothing that must be
 * freed may be held across them but what a userdata, an arena of `struct
 * gu_script` or of a `struct sc_body` owns. */

/* values that scripts hold */

/* Every full userdata of a state starts with its tag. The sandbox opens no
 * library that makes others, so the tag alone tells them apart. */
enum sc_tag {
	SC_REF = 1,
	SC_SCENARIO,
	SC_EXPECT,
};

/* A thing of the world. Strings live as long as the scenario. */
struct sc_ref {
	enum sc_tag tag;
	uint32_t epoch; /* of the scenario that made it */
	struct gu_ref ref;
	enum gu_objtype type;  /* GU_OBJ_NONE: cannot be opened */
	uint32_t granted;      /* handles */
	uint32_t step;         /* of the row that handed it out; 0: none */
	bool closed;           /* CloseHandle has succeeded through it */
	struct gu_ref process; /* owner of a thread or handle */
	struct gu_ref thread;  /* who was handed it */
	const char *name;      /* NULL: none */
	const char *sid;       /* accounts, processes, tokens */
};

/* Results, refusals and attempts are light userdata: a row's step, what it is
 * seen as, and the scenario it belongs to. They cost no allocation; what they
 * know is read from the row when a script asks. */
enum sc_light_kind {
	SC_RESULT = 1,
	SC_STATUS,
	SC_ATTEMPT,
};
struct sc_light {
	enum sc_light_kind kind;
	uint32_t step;
	uint32_t epoch;
};

/* The scenario object `s`. */
struct sc_scenario {
	enum sc_tag tag;
	uint32_t epoch;
};

/* threads of control */

enum sc_state {
	SC_READY,   /* can be resumed */
	SC_RUNNING, /* on the C stack */
	SC_CALLING, /* its call is in flight */
	SC_JOINING, /* waits for the bodies of another thread */
	SC_ENDED,
};

/* The main function of a scenario or the body of a thread: a coroutine and
 * the one call it can have in flight. Keeps still until the next scenario
 * begins, since a world may hold its call until then. */
struct sc_body {
	struct sc_body *next; /* in order of run */
	lua_State *L;
	int anchor; /* keeps L */
	int nargs;  /* on L, for the first resume */
	enum sc_state state;
	bool main;
	bool failed;          /* ended by an error: it is on top of L */
	int status;           /* Lua's, of the end */
	bool reported;        /* the error was given to someone */
	bool nested;          /* waits on the C stack, cannot be resumed */
	struct gu_ref thread; /* of a body */
	const char *name;     /* of that thread */
	struct gu_ref joining;
	const char *joining_name;
	int line; /* of the join */

	/* The call at hand. */
	const char *word; /* what scripts call it */
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];
	struct gu_arena arena;
	const struct sc_ref *caller; /* NULL: a fixture */
	struct sc_ref *closing;      /* CloseHandle's argument */
	uint32_t step;               /* of the row it made */
};

/* the engine's state */

struct sc_entry { /* a scenario of the file */
	struct gu_scenario_desc desc;
	int fn; /* registry */
};

/* Parsed names: rights, constants, levels. Keyed by the address of the Lua
 * string, which `cache_anchor` keeps from being collected. */
struct sc_name {
	const char *text;
	uint32_t kind;
	uint32_t value;
};
enum { SC_NAMES = 256, SC_ANCHORS = 1024 };

/* What ends a scenario from within. */
struct sc_stop {
	bool set;
	bool unwinds; /* a failed require: guards revert on the way out */
	enum gu_rc rc;
	char msg[GU_ERR_MAX];
};

struct gu_script {
	lua_State *L;
	struct gu_arena arena; /* of the file: names, tags */
	const char *path;
	const char *dir;    /* "" or ends in / */
	const char *source; /* Lua's own, for comparing by address */
	const char *short_src;
	bool loading;
	unsigned modules; /* further chunks of the user's */

	struct sc_entry *entries;
	size_t entry_count;
	size_t entry_cap;

	/* Limits. */
	size_t memory;
	size_t memory_limit; /* 0: none */
	bool memory_hit;
	uint64_t timeout_ms;
	uint64_t deadline; /* uv_hrtime; 0: none */
	struct sc_stop stop;

	/* The scenario at hand. */
	struct gu_stage *stage;
	uint32_t epoch;
	struct gu_arena names;     /* of its fixtures */
	struct gu_ref some_thread; /* the first one made */
	struct sc_body *bodies;
	struct sc_body *current;
	struct sc_body *last_run; /* for round robin */
	size_t unfinished;        /* bodies that have not ended, but main */
	int *unchecked;           /* lines of expectations without a check */
	size_t unchecked_count;
	size_t unchecked_cap;

	/* Registry references. */
	int meta[GU_REF_KIND_COUNT];
	int meta_scenario;
	int meta_expect;
	int fixtures; /* table: "account:alice" -> userdata */
	int native;   /* what the library gets and scripts do not */
	int loaded;   /* modules by name */
	int dump;     /* string.dump */
	int cache_anchors;
	unsigned anchor_count;
	struct sc_name cache[SC_NAMES];
};

static inline struct gu_script *sc_of(lua_State *L)
{
	return *(struct gu_script **)lua_getextraspace(L);
}

/* state.c */

/* New script with an empty state; `path` is what messages show. */
GU_MUST_CHECK enum gu_rc sc_new(const char *path,
				const struct gu_limits *limits,
				struct gu_script **out, struct gu_err *err);
void sc_free(struct gu_script *s); /* NULL is fine */

/* Lets the time run from now. */
void sc_deadline_start(struct gu_script *s, uint64_t timeout_ms);
/* Milliseconds left; UINT32_MAX when there is no limit. */
uint32_t sc_time_left(const struct gu_script *s);

/* The line of the scenario file that is being executed; 0 when none is. Code
 * of the library carries no lines and is passed over. */
int sc_line(lua_State *L);

/* "FILE:LINE: " of the innermost frame that has a line, or "". Works on a
 * dead coroutine and takes no memory. */
enum { SC_WHERE_MAX = 512 };
void sc_where(lua_State *L, char out[SC_WHERE_MAX]);

/* Misuse: raises "FILE:LINE: ..." as a Lua error. */
_Noreturn int sc_error(lua_State *L, const char *fmt, ...) GU_PRINTF(2, 3);

/* Ends the scenario. Yields to the scheduler for good where it can; raises
 * an error that comes back until it is through where it cannot. Does not
 * return, except to a hook. */
int sc_stop(lua_State *L, enum gu_rc rc, const char *fmt, ...) GU_PRINTF(3, 4);
/* The same with an rc and message of the harness. */
int sc_stop_err(lua_State *L, const struct gu_err *err);
/* A failed require: unwinds as an error, so that guards revert. */
int sc_stop_unwinding(lua_State *L);
/* Out of memory outside of Lua's own. */
int sc_nomem(lua_State *L);
/* What is called after a stop ends in this. */
int sc_stop_again(lua_State *L);
/* Only says that the scenario is over; for the scheduler. */
void sc_stop_note(lua_State *L, const struct gu_err *err);

/* The error on top of `raised` as one line that starts with FILE:LINE; works
 * on `L`, since `raised` may be a dead coroutine. May raise. */
enum gu_rc sc_describe_error(lua_State *L, lua_State *raised, int status,
			     struct gu_err *err);
enum gu_rc
sc_err_memory(const struct gu_script *s, const char *where, struct gu_err *err);

/* sandbox.c */

/* Opens the libraries a scenario may use and makes them read-only. */
void sc_sandbox_open(lua_State *L);
/* Replaces the table on top by a read-only view; `what` names it. */
void sc_read_only(lua_State *L, const char *what);
/* From here on globals cannot be assigned. */
void sc_globals_close(lua_State *L);
/* "FILE:LINE: text" on standard error. */
void sc_say(lua_State *L, const char *text, size_t len);

/* module.c */

void sc_module_open(lua_State *L);
/* Pushes what a module of the library returns. */
void sc_library(lua_State *L, const char *name);
/* Pushes a function of the library, loaded when it is first called. */
void sc_push_lazy(lua_State *L, const char *module, const char *function);
/* lua_load of a scenario or a local module: text only. Pushes the chunk or a
 * message. */
int sc_load_chunk(lua_State *L, const char *text, size_t len, const char *path);

/* files.c */

/* Pushes the bytes of a file. False: pushes why not. */
bool sc_push_file(lua_State *L, const char *path);
/* The same for a path beside the scenario, which it must not leave. */
bool sc_push_beside(lua_State *L, const char *name, size_t len);
int sc_read(lua_State *L); /* guise.read */

/* names.c */

/* A name or several of an argument's type as a number, from the cache or by
 * parsing. False: pushes what is wrong. `index` is a string. */
bool sc_name_value(lua_State *L, int index, enum gu_arg_type type, int param,
		   uint32_t *out);
/* A status by name or number, in a convention. Raises. */
uint32_t sc_check_status(lua_State *L, int index, enum gu_conv conv);
/* guise.constants. */
int sc_constant(lua_State *L);

/* ref.c */

void sc_ref_open(lua_State *L); /* makes the metatables */
struct sc_ref *sc_ref_push(lua_State *L, struct gu_ref ref);
/* NULL when it is none. Raises for one of another scenario. */
struct sc_ref *sc_ref_at(lua_State *L, int index);
/* "an account", "a handle", "a string": for messages. May push. */
const char *sc_kind_at(lua_State *L, int index);
/* Raises "OWNER has no WHAT 'name', did you mean ...?" */
_Noreturn int sc_no_name(lua_State *L, int index, const char *owner,
			 const char *what, const char *const *names);
/* Makes the table of methods on top raise for names that it lacks. */
void sc_methods_strict(lua_State *L, const char *owner);

/* light.c */

void sc_light_open(lua_State *L);
void sc_light_push(lua_State *L, enum sc_light_kind kind, uint32_t step);
/* False when it is none. Raises for one of another scenario. */
bool sc_light_at(lua_State *L, int index, struct sc_light *out);
const char *sc_light_name(lua_State *L, int index); /* "a result" */

/* args.c */

/* Fills the call of `b` from the stack: arguments from index `first` on, the
 * first `preset` of the row given already in b->args. Raises. */
void sc_args(lua_State *L, struct sc_body *b, enum gu_fn fn, int first,
	     size_t preset);

/* convert.c */

struct sc_arg {
	lua_State *L;
	struct sc_body *body;
	const struct gu_fn_row *row;
	size_t i;  /* which argument */
	int first; /* where the row's first argument lies; 0: left out */
};
/* The Lua value at `index` as the argument's gu_value. Raises. */
void sc_convert(const struct sc_arg *a, int index, struct gu_value *out);
/* True when a plain table can be an argument of that type by itself; and
 * whether this one looks like it. */
bool sc_takes_table(enum gu_arg_type type);
bool sc_is_value_of(lua_State *L, enum gu_arg_type type, int index);
/* What an argument is, for messages: "rights, by name or number". */
const char *sc_arg_doc(const struct gu_arg *arg);

/* value.c */

/* Pushes a field of the table at a positive index, without metamethods:
 * while a call's arguments are read, no code of the script may run. Returns
 * its Lua type. */
int sc_raw_field(lua_State *L, int index, const char *name);
/* Pushes a plain value. References become userdata. */
void sc_value_push(lua_State *L, const struct gu_value *v);

/* call.c */

/* The row of a step, or NULL. Borrowed until the next call. */
const struct gu_record *sc_row(lua_State *L, uint32_t step);
/* The trampolines of all rows: upvalue 1 is the row, of a fixture upvalue 2
 * the object type, if any. */
int sc_call_thread(lua_State *L);
int sc_call_fixture(lua_State *L);
/* Raises unless it is a thread of this scenario. */
struct sc_ref *sc_check_thread(lua_State *L, int index);
/* The current body with its call ready for arguments. */
struct sc_body *
sc_call_begin(lua_State *L, enum gu_fn fn, const struct sc_ref *caller);
/* Submits, waits, and returns what the script gets, or what `then` makes of
 * the answer; its context is the body. */
int sc_submit(lua_State *L, struct sc_body *b);
int sc_submit_then(lua_State *L, struct sc_body *b, lua_KFunction then);
/* Pushes what the script gets of a call that was answered; how many. */
int sc_answer(lua_State *L, struct sc_body *b);
/* Submits and waits on the C stack. The outcome is in b->call. */
GU_MUST_CHECK enum gu_rc
sc_submit_inline(lua_State *L, struct sc_body *b, struct gu_err *err);
int sc_process_thread(lua_State *L); /* process:thread */
int sc_handle_close(lua_State *L);   /* __close of handles */

/* guard.c */

int sc_impersonating(lua_State *L);

/* scheduler.c */

/* New body of the function below the top `nargs` values, which are its
 * arguments; pops them all. Owned by the script. */
struct sc_body *sc_body_new(lua_State *L, int nargs);
/* Forgets the bodies of the scenario before; the second, when the state is
 * about to be closed. */
void sc_bodies_drop(struct gu_script *s);
void sc_bodies_free(struct gu_script *s);
/* Runs all bodies to their end, or to a stop. */
void sc_schedule(lua_State *L);
/* The error that the main function, or a body that was not joined, ended in;
 * OK when there is none. */
enum gu_rc sc_body_errors(lua_State *L, struct gu_err *err);
/* Waits for the call of `b` on the C stack. */
GU_MUST_CHECK enum gu_rc
sc_wait_inline(lua_State *L, struct sc_body *b, struct gu_err *err);
/* True where the code that runs is the current body's own coroutine, so that
 * it can give way to others. */
bool sc_can_yield(lua_State *L);
/* Raises when another body runs on this thread. */
void sc_check_free(lua_State *L, const struct sc_ref *thread);
int sc_thread_run(lua_State *L);
int sc_thread_join(lua_State *L);

/* expect.c */

void sc_expect_open(lua_State *L);
int sc_expect(lua_State *L);
int sc_require(lua_State *L);
/* The same with a label in the place of the scenario, which goes before what
 * was expected. */
int sc_expect_labelled(lua_State *L);
int sc_require_labelled(lua_State *L);
/* Line of the first expectation without a check; 0: none. */
int sc_unchecked_line(const struct gu_script *s);

/* identity.c */

/* The identity in effect, with a row of its own, whose step it returns. */
uint32_t
sc_identity(lua_State *L, struct gu_ref thread, struct gu_identity *out);
/* True when `who` is the account, token, name or SID at `index`. Raises. */
bool sc_is_account(lua_State *L, int index, const struct gu_identity *who);
/* The SID that an account, a name, a code or a SID's text stands for. */
bool sc_sid_of(lua_State *L, int index, char text[GU_SID_TEXT_MAX]);
/* Pushes what whoami answers; how many. */
int sc_whoami_answer(lua_State *L, const struct sc_body *b);

/* holds.c */

/* True when the value at `index` names a privilege, a SID or an account. */
bool sc_is_part(lua_State *L, int index);
/* Asks a token, or the one a thread acts with, whether it holds the privilege
 * or group at `index`, both enabled. `*step` becomes that of the row. False
 * when it could not be asked: pushes why. */
bool sc_token_holds(lua_State *L, int index, const struct sc_ref *of,
		    uint32_t *step, bool *holds);

/* define.c */

int sc_define(lua_State *L); /* guise.scenario */

/* native.c */

void sc_native_open(lua_State *L);

/* scenario.c */

void sc_scenario_open(lua_State *L);
void sc_thread_methods(lua_State *L); /* pushes them */
void sc_guise_push(lua_State *L);     /* what require "guise" gives */
void sc_scenario_push(lua_State *L);  /* the object `s` */
void sc_check_scenario(lua_State *L, int index);
/* Remembers a fixture by name for policies. It is on top of the stack. */
void sc_fixture_remember(lua_State *L, const char *kind, const char *name);

/* The engine's divergences (divergences.c). */
GU_MUST_CHECK enum gu_rc sc_divergences(const char *path, const char *text,
					size_t len, const char *system,
					struct gu_divergences *out,
					struct gu_err *err);

#endif
