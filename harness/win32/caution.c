/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include "banned.h"

/* An audit looks at a machine and leaves it as it was. Names in scripts are
 * mapped under a prefix (names.h), so that only `existing` reaches what is the
 * machine's own, and that may be opened, and no more. */

static bool names_existing(const struct w_world *w, const struct gu_value *v)
{
	const struct w_object *o = w->objects;
	const struct w_handle *h;

	if (v->type == GU_V_REF && v->ref.kind == GU_REF_OBJECT) {
		o = w_item(w, v->ref);
		return o && o->existing;
	}
	if (v->type == GU_V_REF && v->ref.kind == GU_REF_HANDLE) {
		h = w_item(w, v->ref);
		return h && h->existing;
	}
	while (v->type == GU_V_STR && o &&
	       (!o->existing || _stricmp(o->name, v->str.p) != 0)) {
		o = o->next;
	}
	return v->type == GU_V_STR && o;
}

bool w_is_existing(const struct w_world *w, const struct gu_call *call)
{
	const struct gu_fn_row *row = gu_fn_row(call->fn);

	for (size_t i = 0; i < row->arg_count; i++) {
		enum gu_arg_type type = row->args[i].type;

		if ((type == GU_ARG_PATH || type == GU_ARG_TARGET ||
		     type == GU_ARG_REF_HANDLE || type == GU_ARG_STR) &&
		    names_existing(w, &call->args[i])) {
			return true;
		}
	}
	return false;
}

/* CreateFile makes, or empties, a file unless it is told to open. */
static bool disposes(const struct gu_call *call)
{
	const uint64_t open_existing = 3;
	const struct gu_value *v =
		&call->args[gu_fn_arg(GU_FN_CreateFile, "disposition")];

	return call->fn == GU_FN_CreateFile && v->type == GU_V_UINT &&
	       v->u != open_existing;
}

static bool changes(const struct gu_call *call)
{
	return call->fn == GU_FN_WriteFile ||
	       call->fn == GU_FN_SetKernelObjectSecurity ||
	       call->fn == GU_FN_SetNamedSecurityInfo ||
	       call->fn == GU_FN_RegCreateKeyEx || disposes(call);
}

static bool makes(const struct gu_call *call)
{
	static const enum gu_fn makers[] = {
		GU_FN_object,          GU_FN_CreateEvent,
		GU_FN_CreateMutex,     GU_FN_CreateSemaphore,
		GU_FN_CreateJobObject, GU_FN_RegCreateKeyEx,
		GU_FN_CreateDirectory, GU_FN_CreateNamedPipe,
	};

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		if (makers[i] == call->fn) {
			return true;
		}
	}
	return disposes(call);
}

enum gu_rc w_caution(const struct w_world *w, const struct gu_call *call,
		     struct gu_err *err)
{
	const char *name = gu_fn_row(call->fn)->name;

	if (changes(call) && w_is_existing(w, call)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "%s: an existing object is opened and never "
				  "changed",
				  name);
	}
	if (w->existing_only && makes(call)) {
		return gu_err_set(err, GU_RC_UNSUPPORTED,
				  "--existing-only: %s would make something",
				  name);
	}
	return GU_RC_OK;
}
