/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdio.h>

#include "banned.h"

enum gu_rc m_item_add(struct m_world *w, enum gu_ref_kind kind, void *p,
		      void (*free)(struct m_world *, void *),
		      struct gu_ref *out, struct gu_err *err)
{
	if (w->item_count == w->item_cap) {
		uint32_t cap = w->item_cap ? w->item_cap * 2 : 64;
		struct m_item *items =
			gu_realloc(w->items, cap, sizeof(*items));

		if (!items) {
			return gu_err_nomem(err);
		}
		w->items = items;
		w->item_cap = cap;
	}
	w->items[w->item_count++] =
		(struct m_item){ .kind = kind, .p = p, .free = free };
	*out = (struct gu_ref){ .kind = kind, .id = w->item_count };
	return GU_RC_OK;
}

void *m_item(struct m_world *w, struct gu_ref ref)
{
	const struct m_item *item;

	if (ref.id - 1u >= w->item_count) {
		return NULL;
	}
	item = &w->items[ref.id - 1u];
	return item->kind == ref.kind ? item->p : NULL;
}

void m_item_drop(struct m_world *w, struct gu_ref ref)
{
	struct m_item *item;
	void *p = m_item(w, ref);

	if (!p) {
		return;
	}
	item = &w->items[ref.id - 1u];
	item->p = NULL;
	if (item->free) {
		item->free(w, p);
	}
}

enum gu_rc m_answer_nt(struct m_ctx *c, uint32_t ntstatus)
{
	if (ntstatus == GU_NT_SUCCESS) {
		return m_answer_ok(c);
	}
	c->call->out.status = gu_status_from_nt(c->conv, ntstatus);
	return GU_RC_OK;
}

enum gu_rc m_answer_code(struct m_ctx *c, uint32_t code)
{
	c->call->out.status = gu_status_from_code(c->conv, code);
	return GU_RC_OK;
}

enum gu_rc m_answer_ok(struct m_ctx *c)
{
	return m_answer_ok_with(c, 0);
}

enum gu_rc m_answer_ok_with(struct m_ctx *c, uint32_t code)
{
	c->call->out.status = (struct gu_status){
		.conv = c->conv,
		.ok = true,
		.code = code,
	};
	return GU_RC_OK;
}

enum gu_rc
m_answer_handle(struct m_ctx *c, struct m_object *obj, uint32_t granted)
{
	struct gu_ref ref;
	enum gu_rc rc = m_handle_new(c->w, c->thread->process, obj, granted,
				     &ref, c->err);

	if (rc) {
		return rc;
	}
	if (c->call->out.decision.type == GU_OBJ_NONE) {
		m_decide(c, obj, granted, granted);
	}
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

void m_set_ref(struct m_ctx *c, struct gu_ref ref)
{
	c->call->out.value.type = GU_V_REF;
	c->call->out.value.ref = ref;
}

void m_set_uint(struct m_ctx *c, uint64_t v)
{
	c->call->out.value.type = GU_V_UINT;
	c->call->out.value.u = v;
}

void m_set_bool(struct m_ctx *c, bool v)
{
	c->call->out.value.type = GU_V_BOOL;
	c->call->out.value.b = v;
}

void m_set_str(struct m_ctx *c, const char *s)
{
	c->call->out.value.type = GU_V_STR;
	c->call->out.value.str.p = s;
	c->call->out.value.str.len = strlen(s);
}

enum gu_rc m_set_text(struct m_ctx *c, const char *s, size_t n)
{
	const char *copy = gu_arena_strndup(c->call->arena, s, n);

	if (!copy) {
		return gu_err_nomem(c->err);
	}
	c->call->out.value.type = GU_V_STR;
	c->call->out.value.str.p = copy;
	c->call->out.value.str.len = n;
	return GU_RC_OK;
}

uint32_t m_uint(const struct m_ctx *c, size_t i, uint32_t absent)
{
	const struct gu_value *v = m_arg(c, i);

	return v->type == GU_V_UINT ? (uint32_t)v->u : absent;
}

bool m_bool(const struct m_ctx *c, size_t i, bool absent)
{
	const struct gu_value *v = m_arg(c, i);

	return v->type == GU_V_BOOL ? v->b : absent;
}

const char *m_str(const struct m_ctx *c, size_t i)
{
	const struct gu_value *v = m_arg(c, i);

	return v->type == GU_V_STR ? v->str.p : NULL;
}

struct gu_ref m_ref(const struct m_ctx *c, size_t i)
{
	const struct gu_value *v = m_arg(c, i);

	if (v->type != GU_V_REF) {
		return (struct gu_ref){ .kind = GU_REF_NONE, .id = 0 };
	}
	return v->ref;
}

struct row {
	m_fn fn;
	enum gu_conv conv;
	enum gu_fn_kind kind;
};

static const struct row rows[GU_FN_COUNT] = {
#define GU_FN(name, dll, fn_kind, fn_conv, ...)       \
	[GU_FN_##name] = { .fn = m_fn_##name,         \
			   .conv = GU_CONV_##fn_conv, \
			   .kind = GU_KIND_##fn_kind },
#include "impfn.def"
#include "sysfn.def"
#include "fixture.def"
#undef GU_FN
};

/* Only what tells that a field is not filled: outcomes are large. */
static void outcome_clear(struct gu_outcome *out)
{
	out->value.type = GU_V_NONE;
	out->value.count = 0;
	out->decision.made = false;
	out->decision.type = GU_OBJ_NONE;
	out->decision.object = NULL;
	out->decision.asked = 0;
	out->decision.granted = 0;
	out->decision.reason.code = GU_REASON_NONE;
	out->basis = (struct gu_basis){ .token = NULL };
	out->remark = NULL;
	out->offered_known = false;
	out->offered = GU_LEVEL_ANONYMOUS;
}

static enum gu_rc
run(struct m_world *w, struct gu_call *call, struct gu_err *err)
{
	const struct row *row = &rows[call->fn];
	struct m_ctx c = {
		.w = w,
		.thread = NULL,
		.call = call,
		.err = err,
		.conv = row->conv,
	};
	enum gu_rc rc;

	if (row->kind != GU_KIND_FIXTURE) {
		if (call->thread.kind == GU_REF_THREAD) {
			c.thread = m_item(w, call->thread);
		}
		if (!c.thread) {
			return gu_err_set(err, GU_RC_USAGE,
					  "%s: the caller is not a thread of "
					  "this world",
					  gu_fn_row(call->fn)->name);
		}
	}
	outcome_clear(&call->out);
	rc = row->fn(&c);
	if (rc == GU_RC_OK &&
	    call->out.decision.reason.code == GU_REASON_NO_MEMORY) {
		return gu_err_nomem(err); /* no denial of the object's */
	}
	if (rc == GU_RC_OK && c.thread) {
		m_identity(w, c.thread, &call->out.identity);
	}
	return rc;
}

static enum gu_rc
pending_add(struct m_world *w, struct gu_call *call, struct gu_err *err)
{
	if (w->pending_count == w->pending_cap) {
		size_t cap = w->pending_cap ? w->pending_cap * 2 : 8;
		struct gu_call **pending =
			gu_realloc(w->pending, cap, sizeof(struct gu_call *));

		if (!pending) {
			return gu_err_nomem(err);
		}
		w->pending = pending;
		w->pending_cap = cap;
	}
	w->pending[w->pending_count++] = call;
	return GU_RC_PENDING;
}

/* Takes the entry out, the rest keeps its order. */
static struct gu_call *pending_take(struct m_world *w, size_t i)
{
	struct gu_call *call = w->pending[i];

	memmove(&w->pending[i], &w->pending[i + 1],
		(w->pending_count - i - 1) * sizeof(struct gu_call *));
	w->pending_count--;
	return call;
}

static void pending_done(struct m_world *w, size_t i)
{
	struct gu_call *call = w->pending[i];

	memmove(&w->pending[w->done_count + 1], &w->pending[w->done_count],
		(i - w->done_count) * sizeof(struct gu_call *));
	w->pending[w->done_count++] = call;
}

/* Tries the waiting calls again, oldest first. A call that fails for want of
 * memory stays: wait finds that out. */
static void sweep(struct m_world *w)
{
	struct gu_err err = GU_ERR_INIT;

	for (size_t i = w->done_count; i < w->pending_count; i++) {
		if (run(w, w->pending[i], &err) == GU_RC_OK) {
			/* Other calls may come before it is fetched. */
			w->pending[i]->out.basis =
				(struct gu_basis){ .token = NULL };
			pending_done(w, i);
		}
	}
}

static enum gu_rc
model_submit(struct gu_world *gw, struct gu_call *call, struct gu_err *err)
{
	struct m_world *w = (struct m_world *)gw;
	enum gu_rc rc = run(w, call, err);

	if (rc == GU_RC_PENDING) {
		return pending_add(w, call, err);
	}
	if (rc == GU_RC_OK && w->pending_count != w->done_count) {
		sweep(w);
	}
	return rc;
}

static enum gu_rc model_wait(struct gu_world *gw, uint32_t timeout_ms,
			     struct gu_call **done, struct gu_err *err)
{
	struct m_world *w = (struct m_world *)gw;

	(void)timeout_ms; /* nothing here takes time */
	for (size_t i = w->done_count; i < w->pending_count; i++) {
		enum gu_rc rc = run(w, w->pending[i], err);

		if (rc == GU_RC_OK) {
			pending_done(w, i);
			break;
		}
		if (rc != GU_RC_PENDING) {
			*done = pending_take(w, i);
			return rc;
		}
	}
	if (w->done_count) {
		*done = pending_take(w, 0);
		w->done_count--;
		return GU_RC_OK;
	}
	return gu_err_set(err, GU_RC_DEADLOCK,
			  "%zu calls wait and nothing is left that could wake "
			  "them",
			  w->pending_count);
}

static enum gu_rc model_identity(struct gu_world *gw, struct gu_ref thread,
				 struct gu_identity *out, struct gu_err *err)
{
	struct m_world *w = (struct m_world *)gw;
	const struct m_thread *t =
		thread.kind == GU_REF_THREAD ? m_item(w, thread) : NULL;

	if (!t) {
		return gu_err_set(err, GU_RC_USAGE,
				  "not a thread of this world");
	}
	m_identity(w, t, out);
	return GU_RC_OK;
}

static uint32_t mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (uint32_t)((z ^ (z >> 31)) >> 16);
}

/* S-1-5-21 and three numbers that only the seed decides. */
static void machine_sid(struct gu_sid *out, uint64_t seed)
{
	*out = (struct gu_sid){
		.revision = 1, .authority = 5, .count = 4, .sub = { 21 }
	};
	for (int i = 1; i < 4; i++) {
		out->sub[i] = mix(&seed);
	}
}

static enum gu_rc model_open(const struct gu_world_config *config,
			     struct gu_world **out, struct gu_err *err)
{
	struct m_world *w = gu_calloc(1, sizeof(*w));

	if (!w) {
		return gu_err_nomem(err);
	}
	w->base.ops = &gu_target_model;
	w->settings = (struct m_settings){
		.everyone_includes_anonymous = false,
		.impersonation_privilege = true,
		.rpc_auto_revert = false,
		.static_pipe_before_read = true,
	};
	machine_sid(&w->machine, config->seed);
	/* Above the fixed logon sessions. */
	w->next_luid = 0x10000;
	w->next_rid = 1000;
	*out = &w->base;
	return GU_RC_OK;
}

static void model_close(struct gu_world *gw)
{
	struct m_world *w = (struct m_world *)gw;

	/* From here on nothing counts references: all of it goes. */
	w->closing = true;
	for (uint32_t i = w->item_count; i-- > 0;) {
		struct m_item *item = &w->items[i];

		if (item->p && item->free) {
			item->free(w, item->p);
		}
	}
	while (w->objects) {
		m_object_free(w, w->objects);
	}
	gu_token_unref(w->basis_token);
	gu_sd_release(&w->basis_sd);
	gu_free(w->items);
	gu_free(w->pending);
	gu_arena_release(&w->arena);
	gu_free(w);
}

static bool model_supports(enum gu_cap cap)
{
	(void)cap;
	return true;
}

const struct gu_target_ops gu_target_model = {
	.name = "model",
	.proof = "an in-process model of Windows security, built from "
		 "documentation and recorded behaviour",
	.open = model_open,
	.submit = model_submit,
	.wait = model_wait,
	.identity = model_identity,
	.basis = m_basis,
	.supports = model_supports,
	.close = model_close,
};
