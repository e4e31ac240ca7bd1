/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include <string.h>

#include "banned.h"

/* From an answer to an outcome: handles and things become what scripts hold. */

/* What a script calls the object that a call was about. */
static const char *name_of(struct w_world *w, const struct gu_call *call)
{
	const struct gu_fn_row *row = gu_fn_row(call->fn);

	for (size_t i = 0; i < row->arg_count; i++) {
		const struct gu_value *v = &call->args[i];
		struct w_target target;
		bool named = row->args[i].type == GU_ARG_PATH ||
			     row->args[i].type == GU_ARG_TARGET ||
			     (row->args[i].type == GU_ARG_STR &&
			      strcmp(row->args[i].name, "name") == 0);

		if (v->type == GU_V_REF) {
			const char *name = w_item_name(w, v->ref);

			if (name) {
				return name;
			}
		} else if (named && v->type == GU_V_STR &&
			   !w_target(w, v, GU_OBJ_NONE, &target, NULL)) {
			return target.name;
		}
	}
	return NULL;
}

const char *w_item_name(const struct w_world *w, struct gu_ref ref)
{
	void *p = w_item(w, ref);

	if (!p) {
		return NULL;
	}
	if (ref.kind == GU_REF_OBJECT) {
		return ((const struct w_object *)p)->name;
	}
	if (ref.kind == GU_REF_HANDLE) {
		return ((const struct w_handle *)p)->object;
	}
	if (ref.kind == GU_REF_PROCESS) {
		return ((const struct w_process *)p)->name;
	}
	return ref.kind == GU_REF_THREAD ? ((const struct w_thread *)p)->name
					 : NULL;
}

/* Whose handle came back: of the caller's process, or of the one that
 * DuplicateHandle put it into. */
static struct w_process *
owner_of(struct w_world *w, struct w_thread *t, const struct gu_call *call)
{
	const struct gu_value *into = &call->args[1];

	if (call->fn == GU_FN_DuplicateHandle && into->type == GU_V_REF &&
	    into->ref.kind == GU_REF_PROCESS && w_item(w, into->ref)) {
		return w_item(w, into->ref);
	}
	return t->process;
}

/* The real name that a call opened or made something by, or NULL. */
static const char *real_of(struct w_world *w, const struct gu_call *call)
{
	const struct gu_fn_row *row = gu_fn_row(call->fn);
	struct w_target target;

	if (!(row->flags & GU_FN_OPENS) && call->fn != GU_FN_CreateNamedPipe) {
		return NULL;
	}
	for (size_t i = 0; i < row->arg_count; i++) {
		const struct gu_value *v = &call->args[i];
		bool named = row->args[i].type == GU_ARG_PATH ||
			     strcmp(row->args[i].name, "name") == 0;

		if (named && v->type != GU_V_NONE &&
		    !w_target(w, v, call->out.decision.type, &target, NULL)) {
			return target.real;
		}
	}
	return NULL;
}

static enum gu_rc lift_handle(struct w_world *w, struct w_thread *t,
			      struct gu_call *call, const struct w_answer *a,
			      struct gu_err *err)
{
	struct w_handle *h = gu_arena_alloc(&w->arena, sizeof(*h));
	enum gu_rc rc;

	if (!h) {
		return gu_err_nomem(err);
	}
	h->process = owner_of(w, t, call);
	h->value = a->value.ref.id;
	h->type = a->type;
	h->granted = a->granted;
	h->object = call->out.decision.object;
	h->real = real_of(w, call);
	h->existing = w_is_existing(w, call);
	rc = w_item_add(w, GU_REF_HANDLE, h, &h->ref, err);
	call->out.value = (struct gu_value){ .type = GU_V_REF, .ref = h->ref };
	return rc;
}

static enum gu_rc lift_thing(struct w_world *w, struct w_thread *t,
			     struct gu_call *call, const struct w_answer *a,
			     struct gu_err *err)
{
	struct w_remote *r = gu_arena_alloc(&w->arena, sizeof(*r));
	struct gu_ref ref;
	enum gu_rc rc;

	if (!r) {
		return gu_err_nomem(err);
	}
	r->process = t->process;
	r->id = a->value.ref.id;
	r->label = a->label ? gu_arena_strdup(&w->arena, a->label) : NULL;
	rc = w_item_add(w, a->value.ref.kind, r, &ref, err);
	call->out.value = (struct gu_value){ .type = GU_V_REF, .ref = ref };
	return rc;
}

/* A field of a result may be a reference too. */
static enum gu_rc lift_value(struct w_world *w, struct w_thread *t,
			     struct gu_call *call, const struct w_answer *a,
			     struct gu_err *err)
{
	call->out.value = a->value;
	if (w_is_child_call(call->fn)) {
		return w_lift_child(w, t, call, a, err);
	}
	if (a->value.type != GU_V_REF) {
		return GU_RC_OK;
	}
	return a->value.ref.kind == GU_REF_HANDLE
		       ? lift_handle(w, t, call, a, err)
		       : lift_thing(w, t, call, a, err);
}

static void
lift_decision(struct w_world *w, struct gu_call *call, const struct w_answer *a)
{
	struct gu_decision *d = &call->out.decision;

	d->type = a->type;
	d->made = a->checked;
	d->asked = a->asked;
	d->granted = a->status.ok ? a->granted : 0;
	d->object = a->type == GU_OBJ_NONE ? NULL : name_of(w, call);
	if (call->fn == GU_FN_AccessCheck) {
		d->granted = a->granted;
		d->object = NULL;
	}
}

/* CloseHandle that succeeded makes a handle nobody's. */
static void note_closed(const struct w_world *w, const struct gu_call *call)
{
	struct w_handle *h;

	if (call->fn != GU_FN_CloseHandle || !call->out.status.ok ||
	    call->args[0].type != GU_V_REF) {
		return;
	}
	h = w_item(w, call->args[0].ref);
	if (h && call->args[0].ref.kind == GU_REF_HANDLE) {
		h->closed = true;
	}
}

static enum gu_rc
ended(const struct gu_call *call, const struct w_answer *a, struct gu_err *err)
{
	const char *name = gu_fn_row(call->fn)->name;
	const char *text = a->text ? a->text : "";

	switch (a->end) {
	case W_END_DONE:
	case W_END_RAISED:
		return GU_RC_OK;
	case W_END_UNSUPPORTED:
		return gu_err_set(err, GU_RC_UNSUPPORTED,
				  "win32 lacks %s: it is not there on this "
				  "system%s%s",
				  name, *text ? ", wanted by " : "",
				  strcmp(text, name) ? text : name);
	case W_END_CRASHED:
		return gu_err_set(err, GU_RC_INTERNAL,
				  "%s: guise itself raised 0x%08X", name,
				  (unsigned)a->status.code);
	case W_END_USAGE:
		return gu_err_set(err, GU_RC_USAGE, "%s", text);
	case W_END_FAILED:
		break;
	}
	return gu_err_set(err, GU_RC_IO, "%s: %s", name, text);
}

/* While a thread serves an RPC call another OS thread stands for it. Where that
 * cannot be reached the thread's own stays known. */
static void note_standing(struct w_thread *t, const struct w_answer *a)
{
	HANDLE h;

	if (!a->stands || a->stands == t->stands ||
	    !DuplicateHandle(t->process->handle, (HANDLE)(UINT_PTR)a->stands,
			     GetCurrentProcess(), &h, 0, FALSE,
			     DUPLICATE_SAME_ACCESS)) {
		return;
	}
	if (t->handle) {
		(void)CloseHandle(t->handle);
	}
	t->handle = h;
	t->stands = a->stands;
}

enum gu_rc w_lift(struct w_world *w, struct w_thread *t, struct gu_call *call,
		  const struct w_answer *answer, struct gu_err *err)
{
	enum gu_rc rc = ended(call, answer, err);

	if (rc) {
		return rc;
	}
	note_standing(t, answer);
	call->out.status = answer->status;
	if (answer->end == W_END_RAISED) {
		call->out.remark = gu_arena_printf(
			call->arena, "raised 0x%08X inside the system",
			(unsigned)answer->status.code);
	}
	lift_decision(w, call, answer);
	rc = lift_value(w, t, call, answer, err);
	if (!rc) {
		rc = w_identity_lift(w, &answer->identity, &call->out.identity,
				     err);
	}
	if (rc) {
		return rc;
	}
	note_closed(w, call);
	w_basis_fill(w, t, call, answer);
	return w_claim_check(w, call, err);
}
