/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include "native.h"

#include "banned.h"

/* What decisions rest on, read from the system. */

/* The descriptor of an object, kept in the world until the next one. */
static const struct gu_sd *
read_sd(struct w_world *w, HANDLE object, enum gu_objtype type)
{
	gu_sd_release(&w->basis_sd);
	w->basis_sd = (struct gu_sd)GU_SD_INIT;
	return object && w_sd_read(object, type, &w->basis_sd) ? &w->basis_sd
							       : NULL;
}

static bool names_object(enum gu_arg_type type)
{
	return type == GU_ARG_PATH || type == GU_ARG_TARGET ||
	       type == GU_ARG_REF_PROCESS || type == GU_ARG_REF_THREAD;
}

/* Our handle to what a call opened, or NULL. */
static HANDLE opened(struct w_world *w, const struct gu_call *call)
{
	const struct gu_fn_row *row = gu_fn_row(call->fn);

	for (size_t i = 0; i < row->arg_count; i++) {
		const struct gu_value *v = &call->args[i];
		struct w_target target;

		enum gu_arg_type type = row->args[i].type;

		if (v->type == GU_V_REF && v->ref.kind != GU_REF_OBJECT &&
		    names_object(type)) {
			return w_own_handle(w, v->ref);
		}
		if (type != GU_ARG_PATH && type != GU_ARG_TARGET) {
			continue;
		}
		return w_target(w, v, call->out.decision.type, &target, NULL) ||
				       !target.object
			       ? NULL
			       : target.object->keep;
	}
	return NULL;
}

static bool wants_backup(const struct gu_call *call)
{
	int backup = gu_fn_arg(call->fn, "backup");
	int flags = gu_fn_arg(call->fn, "flags");

	if (!(gu_objtype_row(call->out.decision.type)->flags & GU_OBJ_BACKUP)) {
		return false;
	}
	if (backup >= 0) {
		return call->args[backup].type == GU_V_BOOL &&
		       call->args[backup].b;
	}
	return call->fn == GU_FN_CreateFile && flags >= 0 &&
	       call->args[flags].type == GU_V_UINT &&
	       (call->args[flags].u & FILE_FLAG_BACKUP_SEMANTICS);
}

void w_basis_fill(struct w_world *w, const struct w_thread *t,
		  struct gu_call *call, const struct w_answer *answer)
{
	const struct gu_decision *d = &call->out.decision;
	struct gu_basis *b = &call->out.basis;

	if (!d->made || !(gu_fn_row(call->fn)->flags & GU_FN_ACCESS)) {
		return;
	}
	b->token = w_thread_token(w, t, &answer->identity);
	b->sd = read_sd(w, opened(w, call), d->type);
	b->desired = d->asked;
	b->flags = wants_backup(call) ? GU_CHECK_BACKUP_INTENT : 0;
	b->below_level = answer->identity.impersonating &&
			 answer->identity.level < GU_LEVEL_IMPERSONATION;
}

static const struct gu_token *token_of(struct w_world *w, struct gu_ref thing)
{
	const struct w_process *p;
	HANDLE token = NULL;
	const struct gu_token *seen = NULL;

	if (thing.kind == GU_REF_ACCOUNT) {
		const struct w_account *a = w_item(w, thing);

		return a ? a->token : NULL;
	}
	if (thing.kind == GU_REF_TOKEN) {
		return w_handle_token(w, w_own_handle(w, thing));
	}
	p = thing.kind == GU_REF_PROCESS ? w_item(w, thing) : NULL;
	if (p && OpenProcessToken(p->handle, TOKEN_QUERY, &token)) {
		seen = w_handle_token(w, token);
		(void)CloseHandle(token);
	}
	return seen;
}

static const struct gu_token *
token_of_thread(struct w_world *w, struct w_thread *t)
{
	struct w_job job = { .fn = GU_FN_whoami };
	struct w_answer answer;

	gu_arena_reset(&w->reading);
	if (t->busy || w_ask(w, t, &job, &w->reading, &answer, NULL)) {
		return NULL;
	}
	return w_thread_token(w, t, &answer.identity);
}

enum gu_rc w_basis_of(struct w_world *w, struct gu_ref thing,
		      struct gu_basis *out, struct gu_err *err)
{
	enum gu_objtype type = w_type_of(w, thing);

	(void)err;
	*out = (struct gu_basis){ .token = NULL };
	if (thing.kind == GU_REF_THREAD && w_item(w, thing)) {
		out->token = token_of_thread(w, w_item(w, thing));
	} else {
		out->token = token_of(w, thing);
	}
	if (type != GU_OBJ_NONE) {
		out->sd = read_sd(w, w_own_handle(w, thing), type);
	}
	return GU_RC_OK;
}
