/* SPDX-License-Identifier: MIT */
#ifndef GU_TRACE_H
#define GU_TRACE_H

#include "target.h"

/* The tracing decorator: shows every completed call to observers, in order
 * of completion, with who the thread was before and after. It changes
 * nothing. Conductor thread only. */
struct gu_event {
	const struct gu_call *call; /* call->out is filled */
	struct gu_identity before;  /* of the calling thread */
	struct gu_identity after;
	enum gu_fn via; /* the function that set the identity before the call;
			   GU_FN_NONE when not impersonating */
	/* The thread whose slot the call changed: the caller, but for calls
	 * that take a thread. */
	struct gu_ref subject;
	struct gu_identity subject_after;
	uint64_t duration_ns;
	bool injected; /* the fault decorator answered it */
};

struct gu_observer {
	/* Each may be NULL. `self` is the observer's own. */
	void (*call)(struct gu_observer *self, const struct gu_event *event);
};

/* New: takes over `inner` (closed with it). Observers are borrowed and must
 * outlive it; the array is copied. On failure the caller keeps `inner`. */
GU_MUST_CHECK enum gu_rc
gu_trace_new(struct gu_world *inner, struct gu_observer *const *observers,
	     size_t count, struct gu_world **out, struct gu_err *err);

/* How the identity now in effect on a thread came about: GU_FN_NONE when it
 * does not impersonate. `w` is a trace world. */
enum gu_fn gu_trace_via(struct gu_world *w, struct gu_ref thread);

/* Calls `fn` for each thread seen that impersonates now. */
void gu_trace_impersonating(struct gu_world *w,
			    void (*fn)(void *arg, struct gu_ref thread,
				       const struct gu_identity *now,
				       enum gu_fn via),
			    void *arg);

#endif
