/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <assert.h>
#include <uv.h>

#include "alloc.h"
#include "arena.h"
#include "keep.h"
#include "banned.h"

enum {
	ROWS_FIRST = 64,
	ROWS_KEPT = 1024, /* a longer scenario's memory is given back */
	NAMES_FIRST = 64, /* power of two */
	CLOCK_EVERY = 32,
	CLOCK_AFTER_NS = 100000,
};

/* What rows show for a ref. An unset entry has kind NONE. */
struct name {
	struct gu_ref ref;
	enum gu_objtype type;
	const char *text;
	const char *process; /* of a thread */
};

/* A fixture that was made. */
struct made {
	struct gu_ref ref;
	enum gu_objtype type;
	bool again; /* `existing`: something else may stand for it already */
};

struct gu_recorder {
	struct gu_observer observer; /* first: the observer is the recorder */
	const struct gu_scenario_info *info;
	struct gu_record *rows;
	size_t count;
	size_t cap;
	struct name *names; /* open addressing */
	size_t name_count;
	size_t name_cap;
	struct gu_arena arena;
	struct gu_keep keep;
	struct made *made;
	size_t made_count;
	size_t made_cap;
	struct gu_thing *things;
	size_t thing_count;
	size_t thing_cap;
	uint32_t last_step;
	bool lost;
	int64_t now_ns; /* since the epoch */
	unsigned ticks;
};

const char *gu_verdict_name(enum gu_verdict v)
{
	switch (v) {
	case GU_VERDICT_NONE:
		return "";
	case GU_VERDICT_PASS:
		return "pass";
	case GU_VERDICT_FAIL:
		return "fail";
	case GU_VERDICT_SKIP:
		return "skip";
	case GU_VERDICT_KNOWN:
		return "known";
	case GU_VERDICT_ERROR:
		return "error";
	}
	return "";
}

static int badness(enum gu_verdict v)
{
	switch (v) {
	case GU_VERDICT_NONE:
		return 0;
	case GU_VERDICT_PASS:
		return 1;
	case GU_VERDICT_SKIP:
		return 2;
	case GU_VERDICT_KNOWN:
		return 3;
	case GU_VERDICT_FAIL:
		return 4;
	case GU_VERDICT_ERROR:
		return 5;
	}
	return 0;
}

enum gu_verdict gu_verdict_worse(enum gu_verdict a, enum gu_verdict b)
{
	return badness(b) > badness(a) ? b : a;
}

const char *gu_record_kind_name(enum gu_record_kind k)
{
	switch (k) {
	case GU_RECORD_CALL:
		return "call";
	case GU_RECORD_ATTEMPT:
		return "attempt";
	case GU_RECORD_IDENTITY:
		return "identity";
	case GU_RECORD_EXPECT:
		return "expect";
	case GU_RECORD_FINDING:
		return "finding";
	}
	return "";
}

static int64_t wall_ns(void)
{
	uv_timeval64_t t;

	(void)uv_gettimeofday(&t); /* fails without `t` only */
	return t.tv_sec * 1000000000 + t.tv_usec * (int64_t)1000;
}

int64_t gu_utc_now(void)
{
	return wall_ns() / 1000;
}

static void clock_advance(struct gu_recorder *r, uint64_t ns)
{
	r->now_ns += (int64_t)ns;
	if (++r->ticks % CLOCK_EVERY == 0 || ns >= CLOCK_AFTER_NS) {
		int64_t wall = wall_ns();

		r->now_ns = wall > r->now_ns ? wall : r->now_ns;
	}
}

/* The entry of a ref, or the free one where it belongs. */
static struct name *name_slot(struct name *names, size_t cap, struct gu_ref ref)
{
	size_t i = (ref.id + (size_t)ref.kind * 0x61C88647u) * 0x9E3779B1u;

	for (;; i++) {
		struct name *n = &names[i & (cap - 1)];

		if (n->ref.kind == GU_REF_NONE || gu_ref_equal(n->ref, ref)) {
			return n;
		}
	}
}

static const struct name *
name_find(const struct gu_recorder *r, struct gu_ref ref)
{
	const struct name *n;

	if (!r->name_count || ref.kind == GU_REF_NONE) {
		return NULL;
	}
	n = name_slot(r->names, r->name_cap, ref);
	return n->ref.kind == GU_REF_NONE ? NULL : n;
}

static bool names_grow(struct gu_recorder *r)
{
	size_t cap = r->name_cap ? r->name_cap * 2 : NAMES_FIRST;
	struct name *names = gu_calloc(cap, sizeof(*names));

	if (!names) {
		return false;
	}
	for (size_t i = 0; i < r->name_cap; i++) {
		if (r->names[i].ref.kind != GU_REF_NONE) {
			*name_slot(names, cap, r->names[i].ref) = r->names[i];
		}
	}
	gu_free(r->names);
	r->names = names;
	r->name_cap = cap;
	return true;
}

static void name_set(struct gu_recorder *r, const struct name *name)
{
	struct name *slot;

	if (name->ref.kind == GU_REF_NONE) {
		return;
	}
	if (r->name_count * 2 >= r->name_cap && !names_grow(r)) {
		r->lost = true;
		return;
	}
	slot = name_slot(r->names, r->name_cap, name->ref);
	r->name_count += slot->ref.kind == GU_REF_NONE;
	*slot = *name;
}

static struct gu_record *
row_add(struct gu_recorder *r, enum gu_record_kind kind)
{
	struct gu_record *row;

	if (r->count == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : ROWS_FIRST;
		struct gu_record *rows = gu_realloc(r->rows, cap, sizeof(*row));

		if (!rows) {
			r->lost = true;
			return NULL;
		}
		r->rows = rows;
		r->cap = cap;
	}
	row = &r->rows[r->count++];
	*row = (struct gu_record){
		.kind = kind,
		.step = (uint32_t)r->count,
		.time_us = r->now_ns / 1000,
		.via = GU_FN_NONE,
		.fn = GU_FN_NONE,
		.decision.type = GU_OBJ_NONE,
	};
	return row;
}

static void row_thread(const struct gu_recorder *r, struct gu_record *row,
		       struct gu_ref thread)
{
	const struct name *n = name_find(r, thread);

	if (n) {
		row->thread = n->text;
		row->process = n->process;
	}
}

static void
row_who(struct gu_record *row, const struct gu_identity *who, enum gu_fn via)
{
	row->who = *who;
	row->has_who = true;
	row->via = via;
}

static enum gu_record_kind kind_of_call(enum gu_fn fn)
{
	if (fn == GU_FN_whoami) {
		return GU_RECORD_IDENTITY;
	}
	return gu_fn_row(fn)->kind == GU_KIND_ATTEMPT ? GU_RECORD_ATTEMPT
						      : GU_RECORD_CALL;
}

static bool gives_handle(const struct gu_outcome *out)
{
	return out->status.ok && out->value.type == GU_V_REF &&
	       out->value.ref.kind == GU_REF_HANDLE;
}

/* A call without a decision shows the first of its arguments that has a
 * name. */
static void row_object_of_args(const struct gu_recorder *r,
			       struct gu_record *row,
			       const struct gu_call *call)
{
	size_t n = gu_fn_row(call->fn)->arg_count;

	for (size_t i = 0; i < n; i++) {
		const struct name *name;

		if (call->args[i].type != GU_V_REF) {
			continue;
		}
		name = name_find(r, call->args[i].ref);
		if (name) {
			row->object = name->text;
			row->decision.type = name->type;
			return;
		}
	}
}

static void row_object(struct gu_recorder *r, struct gu_record *row,
		       const struct gu_call *call)
{
	const struct gu_outcome *out = &call->out;

	if (out->decision.made) {
		row->decision = out->decision;
	} else if (gives_handle(out)) {
		row->object = out->decision.object;
		row->decision.type = out->decision.type;
	} else {
		row_object_of_args(r, row, call);
	}
	if (gives_handle(out) && out->decision.object) {
		name_set(r, &(struct name){
				    .ref = out->value.ref,
				    .type = out->decision.type,
				    .text = out->decision.object,
			    });
	}
}

/* Both texts, one after the other; the same text only once. */
static const char *
text_join(struct gu_recorder *r, const char *old, const char *add)
{
	char *joined;

	if (!add || (old && strcmp(old, add) == 0)) {
		return old;
	}
	joined = old ? gu_arena_printf(&r->arena, "%s; %s", old, add)
		     : gu_arena_strdup(&r->arena, add);
	if (!joined) {
		r->lost = true;
		return old;
	}
	return joined;
}

static void row_basis(struct gu_recorder *r, struct gu_record *row,
		      const struct gu_outcome *out)
{
	if (!out->decision.made || !out->basis.token) {
		return;
	}
	row->basis = gu_keep_basis(&r->keep, &out->basis);
	r->lost |= !row->basis;
}

static bool is_thing(enum gu_ref_kind kind)
{
	return kind == GU_REF_ACCOUNT || kind == GU_REF_PROCESS ||
	       kind == GU_REF_TOKEN || kind == GU_REF_OBJECT;
}

static void note_fixture(struct gu_recorder *r, const struct gu_call *call)
{
	const struct gu_outcome *out = &call->out;
	struct made *made;

	if (out->value.type != GU_V_REF || !is_thing(out->value.ref.kind)) {
		return;
	}
	made = gu_grow(r->made, r->made_count, &r->made_cap, sizeof(*made));
	if (!made) {
		r->lost = true;
		return;
	}
	r->made = made;
	made[r->made_count++] = (struct made){
		.ref = out->value.ref,
		.type = out->decision.type,
		.again = call->fn == GU_FN_existing,
	};
}

static void on_call(struct gu_observer *self, const struct gu_event *event)
{
	struct gu_recorder *r = (struct gu_recorder *)self;
	const struct gu_call *call = event->call;
	struct gu_record *row;

	r->last_step = 0;
	if (gu_fn_row(call->fn)->kind == GU_KIND_FIXTURE) {
		note_fixture(r, call);
		return;
	}
	clock_advance(r, event->duration_ns);
	row = row_add(r, kind_of_call(call->fn));
	if (!row) {
		return;
	}
	row->line = call->line;
	row->duration_ns = event->duration_ns;
	row->fn = call->fn;
	row->has_status = true;
	row->status = call->out.status;
	row->hollow = call->out.status.ok && call->out.remark;
	row->reason = text_join(r, NULL, call->out.remark);
	if (event->injected) {
		row->reason = "the scenario made this call fail";
	}
	row_thread(r, row, call->thread);
	row_who(row, &event->before, event->via);
	row_object(r, row, call);
	row_basis(r, row, &call->out);
	r->last_step = row->step;
}

enum gu_rc gu_recorder_new(struct gu_recorder **out, struct gu_err *err)
{
	struct gu_recorder *r = gu_calloc(1, sizeof(*r));

	if (!r) {
		return gu_err_nomem(err);
	}
	r->observer.call = on_call;
	*out = r;
	return GU_RC_OK;
}

void gu_recorder_free(struct gu_recorder *r)
{
	if (!r) {
		return;
	}
	gu_arena_release(&r->arena);
	gu_keep_release(&r->keep);
	gu_free(r->names);
	gu_free(r->rows);
	gu_free(r->made);
	gu_free(r->things);
	gu_free(r);
}

struct gu_observer *gu_recorder_observer(struct gu_recorder *r)
{
	return &r->observer;
}

static void forget_things(struct gu_recorder *r)
{
	r->made_count = 0;
	r->thing_count = 0;
	if (r->made_cap > ROWS_KEPT) {
		gu_free(r->made);
		gu_free(r->things);
		r->made = NULL;
		r->things = NULL;
		r->made_cap = 0;
		r->thing_cap = 0;
	}
}

void gu_recorder_begin(struct gu_recorder *r,
		       const struct gu_scenario_info *info)
{
	r->info = info;
	r->count = 0;
	if (r->cap > ROWS_KEPT) {
		gu_free(r->rows);
		r->rows = NULL;
		r->cap = 0;
	}
	if (r->name_cap > NAMES_FIRST) {
		gu_free(r->names);
		r->names = NULL;
		r->name_cap = 0;
	} else if (r->name_cap) {
		memset(r->names, 0, r->name_cap * sizeof(*r->names));
	}
	r->name_count = 0;
	gu_arena_reset(&r->arena);
	gu_keep_reset(&r->keep);
	forget_things(r);
	r->last_step = 0;
	r->lost = false;
	r->now_ns = wall_ns();
	r->ticks = 0;
}

static enum gu_objtype type_of_kind(enum gu_ref_kind kind)
{
	if (kind == GU_REF_PROCESS) {
		return GU_OBJ_process;
	}
	if (kind == GU_REF_THREAD) {
		return GU_OBJ_thread;
	}
	return kind == GU_REF_TOKEN ? GU_OBJ_token : GU_OBJ_NONE;
}

void gu_recorder_name(struct gu_recorder *r, struct gu_ref ref,
		      const char *name, struct gu_ref process)
{
	const struct name *owner = name_find(r, process);
	char *copy = gu_arena_strdup(&r->arena, name);

	if (!copy) {
		r->lost = true;
		return;
	}
	name_set(r, &(struct name){
			    .ref = ref,
			    .type = type_of_kind(ref.kind),
			    .text = copy,
			    .process = owner ? owner->text : NULL,
		    });
}

const char *gu_recorder_name_of(const struct gu_recorder *r, struct gu_ref ref)
{
	const struct name *n = name_find(r, ref);

	return n ? n->text : NULL;
}

uint32_t gu_recorder_step(const struct gu_recorder *r)
{
	return r->last_step;
}

void gu_recorder_judge(struct gu_recorder *r, uint32_t step, int line,
		       enum gu_verdict verdict, const char *expected,
		       const char *reason)
{
	struct gu_record *row;
	bool worse;

	if (step) {
		row = gu_recorder_row(r, step);
	} else {
		row = row_add(r, GU_RECORD_EXPECT);
		if (row) {
			row->line = line;
		}
	}
	if (!row) {
		return;
	}
	worse = badness(verdict) > badness(row->verdict);
	if (worse || !row->judged_line) {
		row->judged_line = line;
	}
	if (worse) {
		row->verdict = verdict;
	}
	row->expected = text_join(r, row->expected, expected);
	row->reason = text_join(r, row->reason, reason);
}

void gu_recorder_known(struct gu_recorder *r, uint32_t step, const char *why)
{
	struct gu_record *row = gu_recorder_row(r, step);

	if (row) {
		row->verdict = GU_VERDICT_KNOWN;
		row->reason = text_join(r, row->reason, why);
	}
}

uint32_t gu_recorder_identity(struct gu_recorder *r, struct gu_ref thread,
			      const struct gu_identity *who, enum gu_fn via,
			      int line)
{
	struct gu_record *row = row_add(r, GU_RECORD_IDENTITY);

	if (!row) {
		return 0;
	}
	row->line = line;
	row->fn = GU_FN_whoami;
	row_thread(r, row, thread);
	row_who(row, who, via);
	return row->step;
}

uint32_t gu_recorder_finding(struct gu_recorder *r, struct gu_ref thread,
			     const struct gu_identity *who, enum gu_fn via,
			     int line, const char *rule, const char *cwe,
			     const char *reason, enum gu_verdict verdict)
{
	struct gu_record *row = row_add(r, GU_RECORD_FINDING);

	if (!row) {
		return 0;
	}
	row->line = line;
	row->verdict = verdict;
	row->rule = rule;
	row->cwe = cwe;
	row_thread(r, row, thread);
	if (who) {
		row_who(row, who, via);
	}
	row->reason = text_join(r, NULL, reason);
	return row->step;
}

void gu_recorder_note(struct gu_recorder *r, int line, enum gu_verdict verdict,
		      const char *reason)
{
	struct gu_record *row = row_add(r, GU_RECORD_EXPECT);

	if (!row) {
		return;
	}
	row->line = line || !r->info ? line : r->info->line;
	row->judged_line = row->line;
	row->verdict = verdict;
	row->reason = text_join(r, NULL, reason);
}

const struct gu_record *
gu_recorder_rows(const struct gu_recorder *r, size_t *count)
{
	*count = r->count;
	return r->rows;
}

/* A row that was lost has no step, but its caller may not know. */
struct gu_record *gu_recorder_row(struct gu_recorder *r, uint32_t step)
{
	assert(r->lost || (step && step <= r->count));
	return step && step <= r->count ? &r->rows[step - 1] : NULL;
}

enum gu_rc gu_recorder_check(const struct gu_recorder *r, struct gu_err *err)
{
	return r->lost ? gu_err_nomem(err) : GU_RC_OK;
}

void gu_recorder_lose(struct gu_recorder *r)
{
	r->lost = true;
}

/* what a scenario set up */

static bool
thing_known(const struct gu_recorder *r, const struct gu_thing *thing)
{
	for (size_t i = 0; i < r->thing_count; i++) {
		const struct gu_thing *t = &r->things[i];

		if (t->kind == thing->kind && t->type == thing->type &&
		    t->basis == thing->basis &&
		    strcmp(t->name, thing->name) == 0) {
			return true;
		}
	}
	return false;
}

static enum gu_rc thing_add(struct gu_recorder *r, const struct made *made,
			    const struct gu_basis *basis, struct gu_err *err)
{
	struct gu_thing thing = {
		.kind = made->ref.kind,
		.type = made->type,
		.name = gu_recorder_name_of(r, made->ref),
		.basis = gu_keep_basis(&r->keep, basis),
	};
	struct gu_thing *things;

	if (!thing.basis) {
		return gu_err_nomem(err);
	}
	if (made->again && thing_known(r, &thing)) {
		return GU_RC_OK;
	}
	things = gu_grow(r->things, r->thing_count, &r->thing_cap,
			 sizeof(*things));
	if (!things) {
		return gu_err_nomem(err);
	}
	r->things = things;
	things[r->thing_count++] = thing;
	return GU_RC_OK;
}

enum gu_rc
gu_recorder_look(struct gu_recorder *r, struct gu_world *w, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	r->thing_count = 0;
	for (size_t i = 0; !rc && i < r->made_count; i++) {
		const struct made *made = &r->made[i];
		struct gu_basis basis;
		bool object = made->ref.kind == GU_REF_OBJECT;

		if (!gu_recorder_name_of(r, made->ref)) {
			continue;
		}
		rc = gu_world_basis(w, made->ref, &basis, err);
		if (!rc && (object ? basis.sd != NULL : basis.token != NULL)) {
			rc = thing_add(r, made, &basis, err);
		}
	}
	return rc;
}

const struct gu_thing *
gu_recorder_things(const struct gu_recorder *r, size_t *count)
{
	*count = r->thing_count;
	return r->things;
}
