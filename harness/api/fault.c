/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include <string.h>

#include "alloc.h"
#include "text.h"

#include "banned.h"

/* Calls that are to fail. */
struct plan {
	struct gu_ref thread; /* NONE: any */
	enum gu_fn fn;
	uint32_t code;
	uint32_t times; /* left */
};

struct fault {
	struct gu_world base;
	struct gu_world *inner;
	struct plan *plans;
	size_t count;
	size_t cap;
};

static struct fault *fault_of(struct gu_world *w)
{
	return (struct fault *)w;
}

static enum gu_rc
call_parse(const char *name, enum gu_fn *out, struct gu_err *err)
{
	enum gu_fn fn = gu_fn_find(name);
	const char *alike;

	if (fn != GU_FN_NONE && gu_fn_row(fn)->kind != GU_KIND_FIXTURE) {
		*out = fn;
		return GU_RC_OK;
	}
	alike = gu_fn_suggest(name);
	if (fn != GU_FN_NONE || !alike) {
		return gu_err_set(err, GU_RC_USAGE,
				  "inject: a thread makes no call \"%s\"",
				  name);
	}
	return gu_err_set(err, GU_RC_USAGE,
			  "inject: unknown call \"%s\", did you mean %s?", name,
			  alike);
}

static enum gu_rc unknown_status(const char *text, struct gu_err *err)
{
	const char *alike = gu_code_suggest(text);

	if (!alike) {
		return gu_err_set(err, GU_RC_USAGE,
				  "inject: unknown status \"%s\"", text);
	}
	return gu_err_set(err, GU_RC_USAGE,
			  "inject: unknown status \"%s\", did you mean %s?",
			  text, alike);
}

/* A name of the row's own family of codes, or any number: failures only. */
static enum gu_rc
status_parse(const char *text, enum gu_fn fn, uint32_t *out, struct gu_err *err)
{
	const struct gu_fn_row *row = gu_fn_row(fn);
	enum gu_code_kind kind = gu_conv_code_kind(row->conv);
	uint32_t code;

	if (!gu_parse_u32(text, strlen(text), &code) &&
	    !gu_code_parse(text, &code, &kind)) {
		return unknown_status(text, err);
	}
	if (kind != gu_conv_code_kind(row->conv)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "inject: %s never answers %s, it returns %s",
				  row->name, text, gu_conv_name(row->conv));
	}
	if (gu_status_from_code(row->conv, code).ok) {
		return gu_err_set(err, GU_RC_USAGE,
				  "inject: %s is no failure of %s", text,
				  row->name);
	}
	*out = code;
	return GU_RC_OK;
}

static enum gu_rc
inject(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	enum { THREAD, CALL, STATUS, TIMES };
	const struct gu_value *args = call->args;
	uint64_t times = args[TIMES].type == GU_V_UINT ? args[TIMES].u : 1;
	uint32_t code = 0;
	enum gu_fn fn;
	enum gu_rc rc;

	if (args[THREAD].ref.kind != GU_REF_THREAD) {
		return gu_err_set(err, GU_RC_USAGE,
				  "inject: thread is to be a thread, not %s",
				  gu_ref_kind_doc(args[THREAD].ref.kind));
	}
	if (times == 0 || times > UINT32_MAX) {
		return gu_err_set(err, GU_RC_USAGE,
				  "inject: times is out of range");
	}
	rc = call_parse(args[CALL].str.p, &fn, err);
	if (rc == GU_RC_OK) {
		rc = status_parse(args[STATUS].str.p, fn, &code, err);
	}
	if (rc == GU_RC_OK) {
		rc = gu_fault_add(w, args[THREAD].ref, fn, code,
				  (uint32_t)times, err);
	}
	if (rc == GU_RC_OK) {
		call->out = (struct gu_outcome){
			.status = gu_status_from_code(GU_CONV_BOOL, 0),
			.identity = { .name = "", .sid = "" },
		};
	}
	return rc;
}

static struct plan *plan_for(struct fault *f, const struct gu_call *call)
{
	for (size_t i = 0; i < f->count; i++) {
		struct plan *p = &f->plans[i];

		if (p->fn == call->fn &&
		    (p->thread.kind == GU_REF_NONE ||
		     gu_ref_equal(p->thread, call->thread))) {
			return p;
		}
	}
	return NULL;
}

/* Takes one off a plan's times; a finished plan goes, the others keep their
 * order. */
static void plan_spend(struct fault *f, struct plan *p)
{
	if (--p->times > 0) {
		return;
	}
	f->count--;
	for (; p < f->plans + f->count; p++) {
		*p = p[1];
	}
}

static enum gu_rc
fail(struct fault *f, struct gu_call *call, struct plan *p, struct gu_err *err)
{
	struct gu_outcome out = { .injected = true };
	enum gu_rc rc =
		gu_world_identity(f->inner, call->thread, &out.identity, err);

	if (rc) {
		return rc;
	}
	out.status = gu_status_from_code(gu_fn_row(call->fn)->conv, p->code);
	out.status.ok = false;
	call->out = out;
	plan_spend(f, p);
	return GU_RC_OK;
}

static enum gu_rc
fault_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	struct fault *f = fault_of(w);
	struct plan *p;

	if (call->fn == GU_FN_inject) {
		return inject(w, call, err);
	}
	p = plan_for(f, call);
	/* Callers use a call again; a target says nothing of this. */
	call->out.injected = false;
	return p ? fail(f, call, p, err) : gu_world_submit(f->inner, call, err);
}

static enum gu_rc fault_wait(struct gu_world *w, uint32_t timeout_ms,
			     struct gu_call **done, struct gu_err *err)
{
	return gu_world_wait(fault_of(w)->inner, timeout_ms, done, err);
}

static enum gu_rc fault_identity(struct gu_world *w, struct gu_ref thread,
				 struct gu_identity *out, struct gu_err *err)
{
	return gu_world_identity(fault_of(w)->inner, thread, out, err);
}

static enum gu_rc fault_basis(struct gu_world *w, struct gu_ref thing,
			      struct gu_basis *out, struct gu_err *err)
{
	return gu_world_basis(fault_of(w)->inner, thing, out, err);
}

static void fault_close(struct gu_world *w)
{
	struct fault *f = fault_of(w);

	gu_world_close(f->inner);
	gu_free(f->plans);
	gu_free(f);
}

enum gu_rc gu_fault_add(struct gu_world *w, struct gu_ref thread, enum gu_fn fn,
			uint32_t code, uint32_t times, struct gu_err *err)
{
	struct fault *f = fault_of(w);

	if (f->count == f->cap) {
		size_t cap = f->cap ? 2 * f->cap : 4;
		struct plan *grown = gu_realloc(f->plans, cap, sizeof(*grown));

		if (!grown) {
			return gu_err_nomem(err);
		}
		f->plans = grown;
		f->cap = cap;
	}
	f->plans[f->count++] = (struct plan){
		.thread = thread, .fn = fn, .code = code, .times = times
	};
	return GU_RC_OK;
}

static const struct gu_target_ops fault_ops = {
	.name = "fault",
	.submit = fault_submit,
	.wait = fault_wait,
	.identity = fault_identity,
	.basis = fault_basis,
	.close = fault_close,
};

enum gu_rc
gu_fault_new(struct gu_world *inner, struct gu_world **out, struct gu_err *err)
{
	struct fault *f = gu_calloc(1, sizeof(*f));

	if (!f) {
		return gu_err_nomem(err);
	}
	f->base.ops = &fault_ops;
	f->inner = inner;
	*out = &f->base;
	return GU_RC_OK;
}
