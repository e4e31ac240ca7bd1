/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include "alloc.h"

#include "banned.h"

/* Processes and threads as the conductor keeps them. */

enum gu_rc w_process_add(struct w_world *w, const char *name, HANDLE handle,
			 struct w_agent *agent, struct w_process **out,
			 struct gu_err *err)
{
	struct w_process *p = gu_arena_alloc(&w->arena, sizeof(*p));
	enum gu_rc rc;

	if (!p) {
		return gu_err_nomem(err);
	}
	p->name = name ? gu_arena_strdup(&w->arena, name)
		       : gu_arena_printf(&w->arena, "process-%u",
					 (unsigned)w->item_count + 1);
	if (!p->name) {
		return gu_err_nomem(err);
	}
	p->handle = handle;
	p->agent = agent;
	rc = w_item_add(w, GU_REF_PROCESS, p, &p->ref, err);
	if (rc) {
		return rc;
	}
	if (agent && w->job) {
		(void)AssignProcessToJobObject(w->job, handle);
	}
	*out = p;
	return GU_RC_OK;
}

enum gu_rc
w_process_local(struct w_world *w, struct w_process **out, struct gu_err *err)
{
	HANDLE self = NULL;
	enum gu_rc rc;

	if (w->local) {
		*out = w->local;
		return GU_RC_OK;
	}
	if (!DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(),
			     GetCurrentProcess(), &self, 0, FALSE,
			     DUPLICATE_SAME_ACCESS)) {
		return gu_err_set(err, GU_RC_IO,
				  "no handle to this process: error %lu",
				  GetLastError());
	}
	rc = w_process_add(w, "guise", self, NULL, &w->local, err);
	if (rc) {
		(void)CloseHandle(self);
		return rc;
	}
	*out = w->local;
	return GU_RC_OK;
}

enum gu_rc w_thread_add(struct w_world *w, struct w_process *process,
			const char *name, struct w_thread **out,
			struct gu_err *err)
{
	struct w_thread *t = gu_arena_alloc(&w->arena, sizeof(*t));
	enum gu_rc rc;

	if (!t) {
		return gu_err_nomem(err);
	}
	t->name = name ? gu_arena_strdup(&w->arena, name)
		       : gu_arena_printf(&w->arena, "thread-%u",
					 (unsigned)w->item_count + 1);
	t->process = process;
	if (!t->name) {
		return gu_err_nomem(err);
	}
	rc = w_item_add(w, GU_REF_THREAD, t, &t->ref, err);
	if (!rc) {
		*out = t;
	}
	return rc;
}

/* The child makes the OS thread and tells its own handle to it. */
static enum gu_rc
start_remote(struct w_world *w, struct w_thread *t, struct gu_err *err)
{
	struct w_job job = { .fn = GU_FN_thread };
	struct w_answer answer;
	enum gu_rc rc;

	gu_arena_reset(&w->reading);
	rc = w_ask(w, t, &job, &w->reading, &answer, err);
	if (rc) {
		return rc;
	}
	if (answer.end != W_END_DONE || answer.value.type != GU_V_UINT) {
		return gu_err_set(err, GU_RC_IO, "no thread in process %s: %s",
				  t->process->name,
				  answer.text ? answer.text : "it refused");
	}
	if (!DuplicateHandle(t->process->handle,
			     (HANDLE)(UINT_PTR)answer.value.u,
			     GetCurrentProcess(), &t->handle, 0, FALSE,
			     DUPLICATE_SAME_ACCESS)) {
		return gu_err_set(err, GU_RC_IO,
				  "no handle to a thread of process %s: error "
				  "%lu",
				  t->process->name, GetLastError());
	}
	return GU_RC_OK;
}

static enum gu_rc
start_local(struct w_world *w, struct w_thread *t, struct gu_err *err)
{
	struct w_exec_thread *made;
	enum gu_rc rc = w_exec_thread(w->exec, t->ref.id, &made, err);

	if (rc) {
		return rc;
	}
	if (!DuplicateHandle(GetCurrentProcess(), made->handle,
			     GetCurrentProcess(), &t->handle, 0, FALSE,
			     DUPLICATE_SAME_ACCESS)) {
		return gu_err_set(err, GU_RC_IO,
				  "no handle to a thread: error %lu",
				  GetLastError());
	}
	return GU_RC_OK;
}

enum gu_rc w_thread_new(struct w_world *w, struct w_process *process,
			const char *name, struct w_thread **out,
			struct gu_err *err)
{
	enum gu_rc rc = w_thread_add(w, process, name, out, err);

	if (rc) {
		return rc;
	}
	return process->agent ? start_remote(w, *out, err)
			      : start_local(w, *out, err);
}

uint32_t w_lend(struct w_world *w, struct w_process *process,
		struct gu_ref item, HANDLE ours)
{
	uint32_t *grown;
	HANDLE theirs = NULL;

	if (!process->agent) {
		return (uint32_t)(UINT_PTR)ours;
	}
	if (item.id >= process->lent_cap) {
		uint32_t cap = w->item_count + 32;

		grown = gu_realloc(process->lent, cap, sizeof(*grown));
		if (!grown) {
			return 0;
		}
		for (uint32_t i = process->lent_cap; i < cap; i++) {
			grown[i] = 0;
		}
		process->lent = grown;
		process->lent_cap = cap;
	}
	if (!process->lent[item.id] &&
	    DuplicateHandle(GetCurrentProcess(), ours, process->handle, &theirs,
			    0, FALSE, DUPLICATE_SAME_ACCESS)) {
		process->lent[item.id] = (uint32_t)(UINT_PTR)theirs;
	}
	return process->lent[item.id];
}
