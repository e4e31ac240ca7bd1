/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_EXEC_H
#define GU_WIN32_EXEC_H

#include <winsock2.h>
#include <windows.h>

#include "arena.h"
#include "job.h"

/* GetProcAddress hands out functions as data, which ISO C does not know. */
#pragma GCC diagnostic ignored "-Wpedantic"

/* The executor: OS threads that run jobs, one per thread of the scenario. The
 * same in guise.exe and in its agents. Each row of the call table has one
 * function here, w_fn_<name>, which is all that a channel adds:
 *
 *   void w_fn_DdeImpersonateClient(struct w_run *x)
 *   {
 *           BOOL(WINAPI * fn)(HCONV) = (void *)x->proc;
 *           HCONV conv = w_thing(x, 0, GU_REF_HCONV);
 *
 *           w_answer_bool(x, fn(conv));
 *   }
 *
 * It runs on the OS thread that stands for the caller, under whatever identity
 * that thread has, may block, and ends in exactly one w_answer_*. It allocates
 * from x->arena. An exception raised inside the system ends it and becomes the
 * answer. Helpers (lower case rows) work the same way; what must live on
 * between jobs is a thing (w_thing_new) of this process. Threads of another
 * process meet it as its label, text that is enough to reach it from there (an
 * endpoint, a marshalled interface in hex); a row whose argument may come from
 * elsewhere asks w_thing first and w_label then.
 *
 * A channel that waits uses w_wait, so that the scenario's end can cancel it.
 * A thread that owns windows or an apartment sets x->thread->pumps: it then
 * dispatches messages whenever it waits, between jobs too. */

struct w_exec;

enum w_channel {
	W_CHANNEL_PIPE,
	W_CHANNEL_RPC,
	W_CHANNEL_DDE,
	W_CHANNEL_SSPI,
	W_CHANNEL_COM,
	W_CHANNEL_SOCKET,
	W_CHANNEL_ALPC,
	W_CHANNEL_PRINTER,
	W_CHANNEL_COUNT,
};

struct w_exec_thread {
	struct w_exec *exec;
	uint32_t id;   /* of the scenario's thread */
	HANDLE handle; /* the OS thread that stands for it, all rights */
	DWORD os_id;
	HANDLE posted;       /* auto-reset: a job is there */
	HANDLE cancel;       /* manual-reset: give up waiting */
	bool pumps;          /* dispatches window messages while it waits */
	struct gu_buf inbox; /* the job, serialised */
	struct gu_sqos dde_qos;
	/* Per thread state: enum w_channel. `channel_end`, if any, is called
	 * with it when the OS thread ends, on that thread. */
	void *channel[W_CHANNEL_COUNT];
	void (*channel_end[W_CHANNEL_COUNT])(void *state);
	HANDLE own; /* the OS thread made for it; `handle` may be another */
};

/* One job being run. */
struct w_run {
	struct w_exec_thread *thread;
	const struct w_job *job;
	struct w_answer *out;
	struct gu_arena *arena; /* until the answer has been taken */
	const struct gu_fn_row *row;
	/* The row's function, resolved (with W at its end where there is one
	 * for wide characters); NULL for helpers. A row whose function is not
	 * exported is answered as unsupported before it gets here. */
	FARPROC proc;
	bool finished; /* answered already: w_serve, w_finish */
	bool leaving;  /* w_leave */
};

/* One implementation per row that a thread can call. */
#define GU_FN(name, ...) void w_fn_##name(struct w_run *x);
#include "impfn.def"
#include "sysfn.def"
#undef GU_FN

/* Any exported function, resolved once; NULL when there is none. */
FARPROC w_resolve(const char *dll, const char *name);

/* Arguments by position. */
bool w_has(const struct w_run *x, size_t i);
uint32_t w_uint(const struct w_run *x, size_t i, uint32_t absent);
bool w_bool(const struct w_run *x, size_t i, bool absent);
const char *w_str(const struct w_run *x, size_t i);     /* UTF-8 or NULL */
const wchar_t *w_wide(const struct w_run *x, size_t i); /* or NULL */
HANDLE w_handle(const struct w_run *x, size_t i);       /* NULL when absent */
struct gu_sqos w_sqos(const struct w_run *x, size_t i);
/* The same as the system takes it; NULL when absent. In the arena. */
SECURITY_QUALITY_OF_SERVICE *w_native_sqos(const struct w_run *x, size_t i);
/* A self-relative descriptor, or NULL when absent. */
PSECURITY_DESCRIPTOR w_sd(const struct w_run *x, size_t i);
/* SECURITY_ATTRIBUTES with that descriptor, or NULL. In the arena. */
SECURITY_ATTRIBUTES *w_attributes(const struct w_run *x, size_t i);

PSID w_sid(const struct w_run *x, size_t i); /* NULL when absent */
/* A list of SIDs; NULL, and 0, when absent. In the arena. */
SID_AND_ATTRIBUTES *w_sids(const struct w_run *x, size_t i, DWORD *count);
gu_privset w_privs(const struct w_run *x, size_t i); /* 0 when absent */

/* Text. In the arena; never NULL but for want of memory. */
wchar_t *w_widen(struct gu_arena *arena, const char *utf8);
char *w_narrow(struct gu_arena *arena, const wchar_t *wide);

/* Things: what a scenario holds that is no HANDLE. Of this process, under a
 * number. `free` is called by w_thing_drop and at the end, on the thread that
 * drops it. Returns 0 when out of memory. */
uint32_t w_thing_new(struct w_run *x, enum gu_ref_kind kind, void *p,
		     void (*free)(void *p));
/* The thing that argument `i` names: NULL when there is none, it is of another
 * kind, was dropped, or lives in another process. */
void *w_thing(const struct w_run *x, size_t i, enum gu_ref_kind kind);
/* The label of a thing of another process, or NULL. */
const char *w_label(const struct w_run *x, size_t i);
void w_thing_drop(struct w_run *x, size_t i);
/* The same by its number. */
void w_thing_forget(struct w_run *x, enum gu_ref_kind kind, uint32_t id);
/* A raw number was passed where a thing is expected; itself, else 0. */
bool w_is_raw(const struct w_run *x, size_t i);
uint32_t w_raw(const struct w_run *x, size_t i);

/* Waits for a kernel object, dispatching messages if the thread pumps. False:
 * the scenario is over, answer w_answer_cancelled. */
bool w_wait(struct w_run *x, HANDLE object);

/* Inside a method. A thread that receives an RPC or COM call is, until it
 * returns from it, wherever the system runs the method: on another OS thread,
 * or deeper on its own stack.
 *
 * w_serve, called there, makes the calling OS thread stand for the thread of
 * `receiver`, whose answer goes out first, and runs the thread's jobs until
 * one of them calls w_leave. Hands back the run that did, answered but not
 * finished: whoever stands for the thread after that gives it to w_finish,
 * which reads the identity and sends it off. NULL: the scenario is over. */
struct w_run *w_serve(struct w_run *receiver);
void w_leave(struct w_run *x);
void w_finish(struct w_run *left);

/* Answers. The row's convention decides what they mean; those that fail by
 * GetLastError read it first, so nothing may come between. */
void w_answer_bool(struct w_run *x, BOOL ok);
/* A value of the convention's own family: LSTATUS, RPC, SECURITY, HRESULT,
 * NTSTATUS; for WSA 0 or a WSA error; for BOOL and HANDLE 0 or a last
 * error. */
void w_answer_code(struct w_run *x, uint32_t code);
/* A handle to an object of `type`, or NULL or INVALID_HANDLE_VALUE. Notes its
 * granted rights; closed by the scenario's CloseHandle or its end. */
void w_answer_handle(struct w_run *x, HANDLE h, enum gu_objtype type);
/* Success with a thing: `label` may be NULL. */
void w_answer_thing(struct w_run *x, enum gu_ref_kind kind, uint32_t id,
		    const char *label);
/* There is no such function, or it can do nothing here: the scenario is
 * skipped. `what` names it. */
void w_answer_unsupported(struct w_run *x, const char *what);
void w_answer_usage(struct w_run *x, const char *fmt, ...) GU_PRINTF(2, 3);
void w_answer_nomem(struct w_run *x);
void w_answer_cancelled(struct w_run *x);

/* Results besides: before or after the answer. Strings are copied. */
void w_set_uint(struct w_run *x, uint64_t v);
void w_set_bool(struct w_run *x, bool v);
void w_set_bytes(struct w_run *x, const void *p, size_t n);
void w_set_str(struct w_run *x, const char *s);
/* A table of `count` fields that live in the arena. */
void w_set_table(struct w_run *x, const struct gu_field *fields, size_t count);

/* The rights that a handle was opened with; 0 when the system does not say. */
uint32_t w_granted(HANDLE h);

/* The identity in effect on the calling thread, read without changing it and
 * without opening its token, so at any level. */
void w_identity_read(struct w_identity *out);

/* The executor itself: w32.h and the agent. */

/* Takes one finished answer: on the thread that ran it, before the next job.
 * The answer is borrowed for the call. */
typedef void (*w_done_fn)(void *arg, const struct w_answer *answer);

GU_MUST_CHECK enum gu_rc
w_exec_new(w_done_fn done, void *arg, struct w_exec **out, struct gu_err *err);
/* A new OS thread that stands for thread `id`. Borrowed from the executor. */
GU_MUST_CHECK enum gu_rc w_exec_thread(struct w_exec *e, uint32_t id,
				       struct w_exec_thread **out,
				       struct gu_err *err);
/* Hands a serialised job to thread `thread`, which must be idle. */
GU_MUST_CHECK enum gu_rc w_exec_post(struct w_exec *e, uint32_t thread,
				     const void *job, size_t n,
				     struct gu_err *err);
/* Cancels what blocks, ends the threads, frees. A thread that does not come
 * back within `grace_ms` is abandoned, and with it the executor's memory:
 * returns how many. */
size_t w_exec_close(struct w_exec *e, uint32_t grace_ms);

#endif
