/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <string.h>
#include <uv.h>

#include "alloc.h"

#include "banned.h"

/* An identity that was set aside (COM does so) and how it had come about. */
struct saved {
	uint64_t token_id;
	enum gu_fn via;
};

struct thread {
	bool seen;
	enum gu_fn via;
	struct gu_identity now;
	uint64_t started; /* of its call in flight: a thread has but one */
	struct saved *saved;
	size_t saved_count;
	size_t saved_cap;
};

struct trace {
	struct gu_world base;
	struct gu_world *inner;
	struct thread *threads; /* by thread id */
	size_t thread_cap;
	struct gu_ref *handles; /* by handle id: the thread it is a handle to */
	size_t handle_cap;
	size_t observer_count;
	struct gu_observer *observers[];
};

static struct trace *trace_of(struct gu_world *w)
{
	return (struct trace *)w;
}

/* An array of `size`d elements that reaches `index`, new ones zeroed; NULL
 * and unchanged when out of memory. */
static void *table_reach(void *table, size_t *cap, size_t size, size_t index)
{
	size_t want = index + 1 > 2 * *cap ? index + 1 : 2 * *cap;
	char *grown;

	if (index < *cap) {
		return table;
	}
	grown = gu_realloc(table, want, size);
	if (grown) {
		memset(grown + *cap * size, 0, (want - *cap) * size);
		*cap = want;
	}
	return grown;
}

/* The thread's state, filled from the target when it is new. Borrowed: valid
 * until the next thread is met. */
static enum gu_rc thread_meet(struct trace *t, struct gu_ref ref,
			      struct thread **out, struct gu_err *err)
{
	struct gu_identity now;
	struct thread *reached;
	enum gu_rc rc;

	if (ref.id < t->thread_cap && t->threads[ref.id].seen) {
		*out = &t->threads[ref.id];
		return GU_RC_OK;
	}
	rc = gu_world_identity(t->inner, ref, &now, err);
	if (rc) {
		return rc;
	}
	reached = table_reach(t->threads, &t->thread_cap, sizeof(*reached),
			      ref.id);
	if (!reached) {
		return gu_err_nomem(err);
	}
	t->threads = reached;
	*out = &t->threads[ref.id];
	**out = (struct thread){ .seen = true, .via = GU_FN_NONE, .now = now };
	return GU_RC_OK;
}

/* The thread that a value names, directly or by a handle seen being made. */
static struct gu_ref
thread_named(const struct trace *t, const struct gu_value *v)
{
	const struct gu_ref none = { GU_REF_NONE, 0 };

	if (v->type != GU_V_REF) {
		return none;
	}
	if (v->ref.kind == GU_REF_THREAD) {
		return v->ref;
	}
	if (v->ref.kind == GU_REF_HANDLE && v->ref.id < t->handle_cap) {
		return t->handles[v->ref.id];
	}
	return none;
}

/* Impersonations that take a thread take first the one they change. */
static struct gu_ref
subject_of(const struct trace *t, const struct gu_call *call)
{
	const struct gu_fn_row *row = gu_fn_row(call->fn);
	struct gu_ref named;

	if (row->kind != GU_KIND_IMPERSONATE) {
		return call->thread;
	}
	for (size_t i = 0; i < row->arg_count; i++) {
		if (row->args[i].type == GU_ARG_REF_THREAD) {
			named = thread_named(t, &call->args[i]);
			return named.kind ? named : call->thread;
		}
	}
	return call->thread;
}

/* Room for the identity that a call may set aside, taken before the call. */
static enum gu_rc saved_reserve(struct thread *th, struct gu_err *err)
{
	struct saved *reached = table_reach(th->saved, &th->saved_cap,
					    sizeof(*reached), th->saved_count);

	if (!reached) {
		return gu_err_nomem(err);
	}
	th->saved = reached;
	return GU_RC_OK;
}

/* How a restored identity had come about. */
static enum gu_fn saved_take(struct thread *th, uint64_t token_id)
{
	for (size_t i = th->saved_count; i > 0; i--) {
		if (th->saved[i - 1].token_id == token_id) {
			th->saved_count = i - 1;
			return th->saved[i - 1].via;
		}
	}
	return GU_FN_NONE;
}

/* The subject's identity is `now` after `call`. */
static void subject_update(struct thread *th, const struct gu_call *call,
			   const struct gu_identity *now)
{
	const struct gu_fn_row *row = gu_fn_row(call->fn);
	bool restores = row->kind == GU_KIND_REVERT ||
			(row->flags & GU_FN_AUTO_REVERTS);

	if (row->kind == GU_KIND_IMPERSONATE && call->out.status.ok) {
		if ((row->flags & GU_FN_SAVES_TOKEN) && th->now.impersonating) {
			th->saved[th->saved_count++] =
				(struct saved){ .token_id = th->now.token_id,
						.via = th->via };
		}
		th->via = call->fn;
	} else if (restores && now->impersonating &&
		   now->token_id != th->now.token_id) {
		th->via = saved_take(th, now->token_id);
	}
	if (!now->impersonating) {
		th->via = GU_FN_NONE;
	}
	th->now = *now;
}

/* Learns which thread a new handle is to. */
static enum gu_rc
handle_learn(struct trace *t, const struct gu_call *call, struct gu_err *err)
{
	const struct gu_value *result = &call->out.value;
	const char *source = call->fn == GU_FN_OpenThread ? "thread" : "handle";
	struct gu_ref *reached;

	if ((call->fn != GU_FN_OpenThread &&
	     call->fn != GU_FN_DuplicateHandle) ||
	    !call->out.status.ok || result->type != GU_V_REF ||
	    result->ref.kind != GU_REF_HANDLE) {
		return GU_RC_OK;
	}
	reached = table_reach(t->handles, &t->handle_cap, sizeof(*reached),
			      result->ref.id);
	if (!reached) {
		return gu_err_nomem(err);
	}
	t->handles = reached;
	t->handles[result->ref.id] =
		thread_named(t, &call->args[gu_fn_arg(call->fn, source)]);
	return GU_RC_OK;
}

static void show(struct trace *t, const struct gu_event *event)
{
	for (size_t i = 0; i < t->observer_count; i++) {
		if (t->observers[i]->call) {
			t->observers[i]->call(t->observers[i], event);
		}
	}
}

/* Fills what an event says of threads and moves their state on. */
static enum gu_rc
threads_update(struct trace *t, struct gu_event *event, struct gu_err *err)
{
	const struct gu_call *call = event->call;
	struct thread *caller;
	struct thread *subject;
	enum gu_rc rc;

	event->subject = subject_of(t, call);
	rc = thread_meet(t, event->subject, &subject, err);
	if (rc) {
		return rc;
	}
	caller = &t->threads[call->thread.id];
	event->before = caller->now;
	event->via = caller->via;
	if (subject == caller) {
		event->subject_after = call->out.identity;
	} else {
		rc = gu_world_identity(t->inner, event->subject,
				       &event->subject_after, err);
		caller->now = call->out.identity;
	}
	if (rc == GU_RC_OK) {
		subject_update(subject, call, &event->subject_after);
	}
	return rc;
}

static enum gu_rc completed(struct trace *t, const struct gu_call *call,
			    uint64_t started, struct gu_err *err)
{
	struct gu_event event = {
		.call = call,
		.after = call->out.identity,
		.via = GU_FN_NONE,
		.duration_ns = uv_hrtime() - started,
		.injected = call->out.injected,
	};
	enum gu_rc rc = GU_RC_OK;

	if (call->thread.kind == GU_REF_NONE) {
		event.before = (struct gu_identity){ .name = "", .sid = "" };
		event.subject_after = event.before;
	} else {
		rc = threads_update(t, &event, err);
	}
	if (rc == GU_RC_OK) {
		rc = handle_learn(t, call, err);
	}
	if (rc == GU_RC_OK) {
		show(t, &event);
	}
	return rc;
}

static enum gu_rc
trace_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	struct trace *t = trace_of(w);
	uint64_t started = uv_hrtime();
	struct thread *caller = NULL;
	enum gu_rc rc = GU_RC_OK;

	if (call->thread.kind != GU_REF_NONE) {
		rc = thread_meet(t, call->thread, &caller, err);
	}
	if (caller && (gu_fn_row(call->fn)->flags & GU_FN_SAVES_TOKEN)) {
		rc = saved_reserve(caller, err);
	}
	if (rc) {
		return rc;
	}
	rc = gu_world_submit(t->inner, call, err);
	if (rc == GU_RC_PENDING && caller) {
		caller->started = started;
	}
	return rc ? rc : completed(t, call, started, err);
}

static enum gu_rc trace_wait(struct gu_world *w, uint32_t timeout_ms,
			     struct gu_call **done, struct gu_err *err)
{
	struct trace *t = trace_of(w);
	struct gu_call *call = NULL;
	enum gu_rc rc = gu_world_wait(t->inner, timeout_ms, &call, err);

	if (rc) {
		return rc;
	}
	rc = completed(t, call, t->threads[call->thread.id].started, err);
	if (rc == GU_RC_OK) {
		*done = call;
	}
	return rc;
}

static enum gu_rc trace_identity(struct gu_world *w, struct gu_ref thread,
				 struct gu_identity *out, struct gu_err *err)
{
	return gu_world_identity(trace_of(w)->inner, thread, out, err);
}

static enum gu_rc trace_basis(struct gu_world *w, struct gu_ref thing,
			      struct gu_basis *out, struct gu_err *err)
{
	return gu_world_basis(trace_of(w)->inner, thing, out, err);
}

static void trace_free(struct trace *t)
{
	for (size_t i = 0; i < t->thread_cap; i++) {
		gu_free(t->threads[i].saved);
	}
	gu_free(t->threads);
	gu_free(t->handles);
	gu_free(t);
}

static void trace_close(struct gu_world *w)
{
	gu_world_close(trace_of(w)->inner);
	trace_free(trace_of(w));
}

enum gu_fn gu_trace_via(struct gu_world *w, struct gu_ref thread)
{
	const struct trace *t = trace_of(w);

	if (thread.id < t->thread_cap && t->threads[thread.id].seen) {
		return t->threads[thread.id].via;
	}
	return GU_FN_NONE;
}

void gu_trace_impersonating(struct gu_world *w,
			    void (*fn)(void *arg, struct gu_ref thread,
				       const struct gu_identity *now,
				       enum gu_fn via),
			    void *arg)
{
	const struct trace *t = trace_of(w);

	for (size_t i = 0; i < t->thread_cap; i++) {
		const struct thread *th = &t->threads[i];
		struct gu_ref ref = { GU_REF_THREAD, (uint32_t)i };

		if (th->seen && th->now.impersonating) {
			fn(arg, ref, &th->now, th->via);
		}
	}
}

static const struct gu_target_ops trace_ops = {
	.name = "trace",
	.submit = trace_submit,
	.wait = trace_wait,
	.identity = trace_identity,
	.basis = trace_basis,
	.close = trace_close,
};

enum gu_rc gu_trace_new(struct gu_world *inner,
			struct gu_observer *const *observers, size_t count,
			struct gu_world **out, struct gu_err *err)
{
	struct trace *t;

	t = gu_calloc(1, sizeof(*t) + count * sizeof(t->observers[0]));
	if (!t) {
		return gu_err_nomem(err);
	}
	t->base.ops = &trace_ops;
	t->inner = inner;
	t->observer_count = count;
	for (size_t i = 0; i < count; i++) {
		t->observers[i] = observers[i];
	}
	*out = &t->base;
	return GU_RC_OK;
}
