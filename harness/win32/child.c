/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include "banned.h"

/* Calls that make a thread or a process: what the script gets is the thread or
 * the process itself, so the conductor prepares it before and takes it over
 * after. */

bool w_is_child_call(enum gu_fn fn)
{
	return fn == GU_FN_CreateThread || fn == GU_FN_CreateProcess ||
	       fn == GU_FN_CreateProcessAsUser;
}

static const char *child_name(const struct gu_call *call)
{
	const struct gu_value *v = &call->args[gu_fn_arg(call->fn, "name")];

	return v->type == GU_V_STR ? v->str.p : NULL;
}

static struct gu_value handle_value(uint32_t value)
{
	return (struct gu_value){
		.type = GU_V_REF,
		.ref = { .kind = GU_REF_HANDLE, .id = value },
	};
}

/* A duplicate in another process of ours, which that process closes. */
static struct gu_value give(const struct w_process *to, HANDLE ours)
{
	HANDLE theirs = NULL;

	if (!DuplicateHandle(GetCurrentProcess(), ours, to->handle, &theirs, 0,
			     TRUE, DUPLICATE_SAME_ACCESS)) {
		return handle_value(0);
	}
	return handle_value((uint32_t)(UINT_PTR)theirs);
}

static enum gu_rc lower_process(struct w_world *w, struct w_thread *t,
				struct w_job *job, struct gu_err *err)
{
	enum gu_rc rc = w_agent_new(&w->inbox, &t->unborn, err);

	if (rc) {
		return rc;
	}
	job->args[job->arg_count++] =
		give(t->process, w_agent_child_in(t->unborn));
	job->args[job->arg_count++] =
		give(t->process, w_agent_child_out(t->unborn));
	return GU_RC_OK;
}

enum gu_rc w_lower_child(struct w_world *w, struct w_thread *t,
			 const struct gu_call *call, struct w_job *job,
			 struct gu_err *err)
{
	struct w_thread *made;
	enum gu_rc rc;

	if (!w_is_child_call(call->fn)) {
		return GU_RC_OK;
	}
	if (call->fn != GU_FN_CreateThread) {
		w_agent_close(t->unborn, NULL);
		t->unborn = NULL;
		return lower_process(w, t, job, err);
	}
	rc = w_thread_add(w, t->process, child_name(call), &made, err);
	if (rc) {
		return rc;
	}
	job->args[job->arg_count++] =
		(struct gu_value){ .type = GU_V_UINT, .u = made->ref.id };
	t->unborn_thread = made->ref;
	return GU_RC_OK;
}

/* Our own handle to what the caller's process got one to. */
static enum gu_rc fetch(const struct w_thread *t, uint64_t theirs, HANDLE *out,
			struct gu_err *err)
{
	if (!DuplicateHandle(t->process->handle, (HANDLE)(UINT_PTR)theirs,
			     GetCurrentProcess(), out, 0, FALSE,
			     DUPLICATE_SAME_ACCESS)) {
		return gu_err_set(err, GU_RC_IO,
				  "no handle to what process %s made: error "
				  "%lu",
				  t->process->name, GetLastError());
	}
	return GU_RC_OK;
}

static enum gu_rc lift_thread(struct w_world *w, struct w_thread *t,
			      struct gu_call *call, const struct w_answer *a,
			      struct gu_err *err)
{
	struct w_thread *made = w_item(w, t->unborn_thread);

	call->out.decision.object = made->name;
	call->out.value =
		(struct gu_value){ .type = GU_V_REF, .ref = made->ref };
	return fetch(t, a->value.u, &made->handle, err);
}

static enum gu_rc lift_process(struct w_world *w, struct w_thread *t,
			       struct gu_call *call, const struct w_answer *a,
			       struct gu_err *err)
{
	struct w_agent *agent = t->unborn;
	struct w_process *made;
	HANDLE handle = NULL;
	enum gu_rc rc = fetch(t, a->value.u, &handle, err);

	if (rc) {
		return rc;
	}
	rc = w_process_add(w, child_name(call), handle, agent, &made, err);
	if (rc) {
		return rc;
	}
	t->unborn = NULL;
	rc = w_agent_started(agent, err);
	call->out.decision.object = made->name;
	call->out.value =
		(struct gu_value){ .type = GU_V_REF, .ref = made->ref };
	return rc;
}

enum gu_rc w_lift_child(struct w_world *w, struct w_thread *t,
			struct gu_call *call, const struct w_answer *a,
			struct gu_err *err)
{
	call->out.value.type = GU_V_NONE;
	if (!a->status.ok) {
		return GU_RC_OK;
	}
	return call->fn == GU_FN_CreateThread
		       ? lift_thread(w, t, call, a, err)
		       : lift_process(w, t, call, a, err);
}
