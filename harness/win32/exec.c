/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include <stdlib.h>

#include "alloc.h"
#include "guard.h"
#include "row.h"

#include "banned.h"

/* A thing that is no HANDLE, numbered from 1. */
struct thing {
	enum gu_ref_kind kind;
	void *p; /* NULL: dropped */
	void (*free)(void *p);
};

struct w_exec {
	w_done_fn done;
	void *arg;
	CRITICAL_SECTION lock; /* of all below */
	struct w_exec_thread **threads;
	size_t thread_count;
	size_t thread_cap;
	struct thing *things;
	size_t thing_count;
	size_t thing_cap;
};

struct call {
	w_row_fn fn;
	struct w_run *x;
};

static void call_row(void *arg)
{
	struct call *c = arg;

	SetLastError(0);
	c->fn(c->x);
}

/* What an exception makes of the answer. */
static void raised(struct w_run *x, const struct w_guard *guard)
{
	struct w_answer *a = x->out;

	a->value.type = GU_V_NONE;
	if (guard->code == W_GUARD_STUB) {
		w_answer_unsupported(x, x->row->name);
		return;
	}
	a->end = guard->ours ? W_END_CRASHED : W_END_RAISED;
	a->status = (struct gu_status){ .conv = GU_CONV_NTSTATUS,
					.ok = false,
					.code = guard->code };
}

void w_run_job(struct w_run *x)
{
	struct w_guard guard;
	struct call call = { .fn = w_row(x->job->fn), .x = x };

	x->row = gu_fn_row(x->job->fn);
	x->proc = w_row_proc(x->job->fn);
	x->out->status.conv = x->row->conv;
	x->out->type = GU_OBJ_NONE;
	if (!x->proc && w_row_needs_proc(x->job->fn)) {
		w_answer_unsupported(x, x->row->name);
	} else {
		w_guard_call(call_row, &call, &guard);
		if (guard.raised) {
			raised(x, &guard);
		}
	}
	if (!x->leaving && !x->finished) {
		w_identity_read(&x->out->identity);
	}
}

/* A job and all it needs while it runs. */
struct session {
	struct w_run x; /* first: w_finish knows only that */
	struct w_job job;
	struct w_answer answer;
	struct gu_arena arena;
	struct gu_err err;
};

static void run_posted(struct w_exec_thread *t, struct session *s)
{
	enum gu_rc rc;

	gu_arena_reset(&s->arena);
	s->answer = (struct w_answer){ .end = W_END_DONE };
	s->x = (struct w_run){ .thread = t,
			       .job = &s->job,
			       .out = &s->answer,
			       .arena = &s->arena };
	rc = w_job_decode(&s->job, t->inbox.data, t->inbox.len, &s->arena,
			  &s->err);
	gu_buf_reset(&t->inbox);
	s->answer.seq = s->job.seq;
	if (rc) {
		s->answer.end = W_END_FAILED;
		s->answer.text = s->err.msg;
	} else {
		w_run_job(&s->x);
	}
}

static void deliver(struct w_run *x)
{
	x->finished = true;
	x->out->stands = (uint32_t)(UINT_PTR)x->thread->handle;
	x->thread->exec->done(x->thread->exec->arg, x->out);
}

static void dispatch_messages(void)
{
	MSG msg;

	while (PeekMessageW(&msg, NULL, 0, 0, PM_REMOVE)) {
		TranslateMessage(&msg);
		DispatchMessageW(&msg);
	}
}

/* Waits for one of two objects; the index, or -1 when that cannot be done. */
static int wait_two(const struct w_exec_thread *t, HANDLE first, HANDLE second)
{
	HANDLE objects[] = { first, second };
	DWORD got;

	for (;;) {
		if (!t->pumps) {
			got = WaitForMultipleObjects(2, objects, FALSE,
						     INFINITE);
		} else {
			got = MsgWaitForMultipleObjectsEx(2, objects, INFINITE,
							  QS_ALLINPUT,
							  MWMO_INPUTAVAILABLE);
		}
		if (got != WAIT_OBJECT_0 + 2) {
			break;
		}
		dispatch_messages();
	}
	return got - WAIT_OBJECT_0 < 2 ? (int)(got - WAIT_OBJECT_0) : -1;
}

bool w_wait(struct w_run *x, HANDLE object)
{
	return wait_two(x->thread, object, x->thread->cancel) == 0;
}

static void session_free(struct session *s)
{
	gu_arena_release(&s->arena);
	gu_free(s);
}

/* Jobs until one leaves, which stays unsent in `s`: true. */
static bool run_until_left(struct w_exec_thread *t, struct session *s)
{
	while (wait_two(t, t->posted, t->cancel) == 0) {
		run_posted(t, s);
		if (s->x.leaving) {
			return true;
		}
		if (!s->x.finished) {
			deliver(&s->x);
		}
	}
	return false;
}

struct w_run *w_serve(struct w_run *receiver)
{
	struct w_exec_thread *t = receiver->thread;
	struct session *s = gu_calloc(1, sizeof(*s));
	HANDLE handle = t->handle;
	DWORD os_id = t->os_id;
	HANDLE mine = NULL;
	bool left;

	if (os_id != GetCurrentThreadId() &&
	    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(),
			    GetCurrentProcess(), &mine, 0, FALSE,
			    DUPLICATE_SAME_ACCESS)) {
		t->handle = mine;
		t->os_id = GetCurrentThreadId();
	}
	w_identity_read(&receiver->out->identity);
	deliver(receiver);
	left = s && run_until_left(t, s);
	t->handle = handle;
	t->os_id = os_id;
	if (mine) {
		(void)CloseHandle(mine);
	}
	if (s && !left) {
		session_free(s);
	}
	return left ? &s->x : NULL;
}

void w_leave(struct w_run *x)
{
	x->leaving = true;
}

void w_finish(struct w_run *left)
{
	w_identity_read(&left->out->identity);
	deliver(left);
	session_free((struct session *)left);
}

static void end_channels(struct w_exec_thread *t)
{
	for (size_t i = 0; i < W_CHANNEL_COUNT; i++) {
		if (t->channel_end[i]) {
			t->channel_end[i](t->channel[i]);
		}
	}
}

static DWORD WINAPI thread_main(void *arg)
{
	struct w_exec_thread *t = arg;
	struct session s = { .arena = GU_ARENA_INIT };

	(void)run_until_left(t, &s);
	end_channels(t);
	gu_arena_release(&s.arena);
	return 0;
}

enum gu_rc
w_exec_new(w_done_fn done, void *arg, struct w_exec **out, struct gu_err *err)
{
	struct w_exec *e = gu_calloc(1, sizeof(*e));

	if (!e) {
		return gu_err_nomem(err);
	}
	e->done = done;
	e->arg = arg;
	InitializeCriticalSection(&e->lock);
	*out = e;
	return GU_RC_OK;
}

static void thread_free(struct w_exec_thread *t)
{
	if (t->own) {
		(void)CloseHandle(t->own);
	}
	if (t->posted) {
		(void)CloseHandle(t->posted);
	}
	if (t->cancel) {
		(void)CloseHandle(t->cancel);
	}
	gu_buf_release(&t->inbox);
	gu_free(t);
}

static enum gu_rc thread_start(struct w_exec_thread *t, struct gu_err *err)
{
	t->posted = CreateEventW(NULL, FALSE, FALSE, NULL);
	t->cancel = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (t->posted && t->cancel) {
		t->own = CreateThread(NULL, 0, thread_main, t, CREATE_SUSPENDED,
				      &t->os_id);
	}
	if (!t->own) {
		return gu_err_set(err, GU_RC_IO, "no OS thread: error %lu",
				  GetLastError());
	}
	t->handle = t->own;
	(void)ResumeThread(t->own);
	return GU_RC_OK;
}

enum gu_rc w_exec_thread(struct w_exec *e, uint32_t id,
			 struct w_exec_thread **out, struct gu_err *err)
{
	struct w_exec_thread *t = gu_calloc(1, sizeof(*t));
	struct w_exec_thread **grown;
	enum gu_rc rc;

	if (!t) {
		return gu_err_nomem(err);
	}
	t->exec = e;
	t->id = id;
	gu_buf_init(&t->inbox);
	EnterCriticalSection(&e->lock);
	grown = gu_grow(e->threads, e->thread_count, &e->thread_cap,
			sizeof(struct w_exec_thread *));
	if (grown) {
		e->threads = grown;
	}
	rc = grown ? thread_start(t, err) : gu_err_nomem(err);
	if (!rc) {
		e->threads[e->thread_count++] = t;
		*out = t;
	}
	LeaveCriticalSection(&e->lock);
	if (rc) {
		thread_free(t);
	}
	return rc;
}

static struct w_exec_thread *find(struct w_exec *e, uint32_t id)
{
	struct w_exec_thread *found = NULL;

	EnterCriticalSection(&e->lock);
	for (size_t i = 0; i < e->thread_count; i++) {
		if (e->threads[i]->id == id) {
			found = e->threads[i];
		}
	}
	LeaveCriticalSection(&e->lock);
	return found;
}

enum gu_rc w_exec_post(struct w_exec *e, uint32_t thread, const void *job,
		       size_t n, struct gu_err *err)
{
	struct w_exec_thread *t = find(e, thread);
	enum gu_rc rc;

	if (!t) {
		return gu_err_set(err, GU_RC_INTERNAL,
				  "there is no OS thread for thread %u",
				  (unsigned)thread);
	}
	gu_buf_add(&t->inbox, job, n);
	rc = gu_buf_check(&t->inbox, err);
	if (!rc) {
		(void)SetEvent(t->posted);
	}
	return rc;
}

/* True when the thread has come back. */
static bool stop(struct w_exec_thread *t, uint32_t grace_ms)
{
	const uint32_t slice = 20;

	(void)SetEvent(t->cancel);
	for (uint32_t waited = 0;; waited += slice) {
		/* It may have begun to wait just now. */
		(void)CancelSynchronousIo(t->handle);
		if (WaitForSingleObject(t->own, slice) == WAIT_OBJECT_0) {
			return true;
		}
		if (waited >= grace_ms) {
			return false;
		}
	}
}

static void things_free(struct w_exec *e)
{
	for (size_t i = e->thing_count; i-- > 0;) {
		if (e->things[i].p && e->things[i].free) {
			e->things[i].free(e->things[i].p);
		}
	}
	gu_free(e->things);
}

size_t w_exec_close(struct w_exec *e, uint32_t grace_ms)
{
	size_t stuck = 0;

	if (!e) {
		return 0;
	}
	for (size_t i = 0; i < e->thread_count; i++) {
		(void)SetEvent(e->threads[i]->cancel);
	}
	for (size_t i = 0; i < e->thread_count; i++) {
		stuck += !stop(e->threads[i], grace_ms);
	}
	if (stuck) {
		return stuck; /* what they may still use stays */
	}
	for (size_t i = 0; i < e->thread_count; i++) {
		thread_free(e->threads[i]);
	}
	things_free(e);
	gu_free(e->threads);
	DeleteCriticalSection(&e->lock);
	gu_free(e);
	return 0;
}

uint32_t w_thing_new(struct w_run *x, enum gu_ref_kind kind, void *p,
		     void (*free)(void *p))
{
	struct w_exec *e = x->thread->exec;
	struct thing *grown;
	uint32_t id = 0;

	EnterCriticalSection(&e->lock);
	grown = gu_grow(e->things, e->thing_count, &e->thing_cap,
			sizeof(*grown));
	if (grown) {
		e->things = grown;
		e->things[e->thing_count++] =
			(struct thing){ .kind = kind, .p = p, .free = free };
		id = (uint32_t)e->thing_count;
	}
	LeaveCriticalSection(&e->lock);
	return id;
}

/* The entry that a number names, or NULL. Under the lock. */
static struct thing *entry(struct w_exec *e, const struct gu_value *v)
{
	struct thing *t;

	if (v->type != GU_V_REF || v->ref.id - 1u >= e->thing_count) {
		return NULL;
	}
	t = &e->things[v->ref.id - 1u];
	return t->kind == v->ref.kind ? t : NULL;
}

void *w_thing(const struct w_run *x, size_t i, enum gu_ref_kind kind)
{
	struct w_exec *e = x->thread->exec;
	const struct gu_value *v = &x->job->args[i];
	const struct thing *t;
	void *p;

	EnterCriticalSection(&e->lock);
	t = v->type == GU_V_REF && v->ref.kind == kind ? entry(e, v) : NULL;
	p = t ? t->p : NULL;
	LeaveCriticalSection(&e->lock);
	return p;
}

static void drop(struct w_exec *e, const struct gu_value *v)
{
	struct thing taken = { .p = NULL };
	struct thing *t;

	EnterCriticalSection(&e->lock);
	t = entry(e, v);
	if (t) {
		taken = *t;
		t->p = NULL;
	}
	LeaveCriticalSection(&e->lock);
	if (taken.p && taken.free) {
		taken.free(taken.p);
	}
}

void w_thing_drop(struct w_run *x, size_t i)
{
	drop(x->thread->exec, &x->job->args[i]);
}

void w_thing_forget(struct w_run *x, enum gu_ref_kind kind, uint32_t id)
{
	const struct gu_value v = { .type = GU_V_REF,
				    .ref = { .kind = kind, .id = id } };

	drop(x->thread->exec, &v);
}
