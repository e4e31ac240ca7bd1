/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include "alloc.h"
#include "banned.h"

enum { HELD_MAX = 4 };

/* An impersonation that a thread holds, or that COM saved for it. */
struct held {
	enum gu_fn fn;
	int line;
	uint64_t token_id;
	unsigned begun; /* number of the event */
	enum gu_level offered;
	enum gu_level level;
	bool lowered;  /* below what was offered, and nothing opened so far */
	bool reported; /* as a leak */
};

/* A call that failed and that nobody has reacted to yet. */
struct failure {
	bool pending;
	enum gu_fn fn;
	int line;
	struct gu_status status;
};

struct thread {
	struct gu_ref ref;
	/* Newest last. The ones before the last count again where a revert
	 * restores what it replaced (GU_FN_SAVES_TOKEN). */
	struct held held[HELD_MAX];
	size_t held_count;
	unsigned request; /* number of the event that began the client's
			     request being served; 0: none */
	struct failure impersonate;
	struct failure revert;
	struct gu_identity now; /* after the last event that told */
};

struct carried {
	struct gu_ref handle;
	struct gu_identity opener; /* strings live as long as the world */
	enum gu_fn fn;
	int line;
};

struct declared {
	enum gu_rule rule;
	int line;
	bool seen;
};

struct gu_findings {
	struct gu_observer observer; /* first: the observer is the findings */
	struct gu_recorder *recorder;
	unsigned events;
	struct thread *threads;
	size_t thread_count;
	size_t thread_cap;
	struct carried *carried;
	size_t carried_count;
	size_t carried_cap;
	struct declared *declared;
	size_t declared_count;
	size_t declared_cap;
	struct gu_buf text; /* of the finding being written */
};

static const struct {
	const char *name;
	const char *cwe;
	const char *doc;
} rules[GU_RULE_COUNT] = {
#define GU_RULE(id, name, cwe, doc) { name, cwe, doc },
#include "rule.def"
#undef GU_RULE
};

const char *gu_rule_name(enum gu_rule rule)
{
	return rules[rule].name;
}

const char *gu_rule_cwe(enum gu_rule rule)
{
	return rules[rule].cwe;
}

const char *gu_rule_doc(enum gu_rule rule)
{
	return rules[rule].doc;
}

bool gu_rule_parse(enum gu_rule *out, const char *name)
{
	for (int i = 0; i < GU_RULE_COUNT; i++) {
		if (strcmp(rules[i].name, name) == 0) {
			*out = (enum gu_rule)i;
			return true;
		}
	}
	return false;
}

/* state */

/* The list with room for one more element, moved or not. NULL, and the list
 * as it was, when out of memory. */
static void *list_grow(void *list, size_t count, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 8;

	if (count < *cap) {
		return list;
	}
	list = gu_realloc(list, want, size);
	if (list) {
		*cap = want;
	}
	return list;
}

/* Valid until another thread is seen for the first time. NULL: memory. */
static struct thread *thread_of(struct gu_findings *f, struct gu_ref ref)
{
	struct thread *grown;

	for (size_t i = 0; i < f->thread_count; i++) {
		if (gu_ref_equal(f->threads[i].ref, ref)) {
			return &f->threads[i];
		}
	}
	grown = list_grow(f->threads, f->thread_count, &f->thread_cap,
			  sizeof(*grown));
	if (!grown) {
		gu_recorder_lose(f->recorder);
		return NULL;
	}
	f->threads = grown;
	grown += f->thread_count++;
	*grown = (struct thread){ .ref = ref };
	return grown;
}

/* The impersonation that put a token on the thread; NULL when unknown. */
static struct held *held_of(struct thread *t, uint64_t token_id)
{
	for (size_t i = t->held_count; i > 0; i--) {
		if (t->held[i - 1].token_id == token_id) {
			return &t->held[i - 1];
		}
	}
	return NULL;
}

static void held_push(struct thread *t, const struct held *h)
{
	if (t->held_count == HELD_MAX) {
		memmove(t->held, t->held + 1,
			(HELD_MAX - 1) * sizeof(t->held[0]));
		t->held_count--;
	}
	t->held[t->held_count++] = *h;
}

/* Brings what the thread holds in line with who it is now. */
static void held_settle(struct thread *t, const struct gu_identity *now)
{
	struct held *h;

	if (!now->impersonating) {
		t->held_count = 0;
	} else if (t->held_count) {
		h = held_of(t, now->token_id);
		if (h) {
			t->held_count = (size_t)(h - t->held) + 1;
		} else {
			/* A token handed out on open is a copy (semantics 4:
			 * CopyOnOpen): the same impersonation goes on. */
			t->held[t->held_count - 1].token_id = now->token_id;
		}
	}
	t->now = *now;
}

/* texts */

static void add_fn(struct gu_buf *out, enum gu_fn fn, int line)
{
	gu_buf_adds(out, fn == GU_FN_NONE ? "an impersonation"
					  : gu_fn_row(fn)->name);
	if (line > 0) {
		gu_buf_addf(out, " at line %d", line);
	}
}

static void add_who(struct gu_buf *out, const struct gu_identity *who)
{
	gu_buf_adds(out, who->name ? who->name : "an unnamed identity");
	if (who->impersonating) {
		gu_buf_addf(out, " at %s", gu_level_name(who->level));
	}
}

static struct gu_buf *text_new(struct gu_findings *f)
{
	gu_buf_reset(&f->text);
	return &f->text;
}

/* Who and where a finding is about. */
struct scene {
	struct gu_ref thread;
	const struct gu_identity *who;
	enum gu_fn via;
	int line;
};

/* Writes the row with the text made since text_new. Judged at the end. */
static void
report(struct gu_findings *f, enum gu_rule rule, const struct scene *at)
{
	if (f->text.oom) {
		gu_recorder_lose(f->recorder);
		return;
	}
	(void)gu_recorder_finding(f->recorder, at->thread, at->who, at->via,
				  at->line, rules[rule].name, rules[rule].cwe,
				  f->text.data, GU_VERDICT_NONE);
}

static void
report_call(struct gu_findings *f, enum gu_rule rule, const struct gu_event *e)
{
	report(f, rule,
	       &(struct scene){ .thread = e->call->thread,
				.who = &e->before,
				.via = e->via,
				.line = e->call->line });
}

/* the rules */

static bool is_revert(const struct gu_call *call)
{
	const struct gu_fn_row *row = gu_fn_row(call->fn);
	int token;

	if (row->kind == GU_KIND_REVERT) {
		return true;
	}
	if (!(row->flags & GU_FN_NULL_REVERTS)) {
		return false;
	}
	token = gu_fn_arg(call->fn, "token");
	return token >= 0 && call->args[token].type == GU_V_NONE;
}

static void rule_unchecked_impersonate(struct gu_findings *f, struct thread *t,
				       const struct gu_event *e)
{
	struct gu_buf *text = text_new(f);

	t->impersonate.pending = false;
	gu_buf_adds(text, "impersonation by ");
	add_fn(text, t->impersonate.fn, t->impersonate.line);
	gu_buf_adds(text, " failed with ");
	gu_record_status(&t->impersonate.status, text);
	gu_buf_adds(text, ", then ");
	add_fn(text, e->call->fn, e->call->line);
	gu_buf_adds(text, " ran as ");
	add_who(text, &e->before);
	report_call(f, GU_RULE_unchecked_impersonate, e);
}

static void rule_unchecked_revert(struct gu_findings *f, struct thread *t,
				  const struct gu_event *e)
{
	struct gu_buf *text = text_new(f);

	t->revert.pending = false;
	gu_buf_adds(text, "revert by ");
	add_fn(text, t->revert.fn, t->revert.line);
	gu_buf_adds(text, " failed with ");
	gu_record_status(&t->revert.status, text);
	gu_buf_adds(text, ", then ");
	add_fn(text, e->call->fn, e->call->line);
	gu_buf_adds(text, " still ran as ");
	add_who(text, &e->before);
	report_call(f, GU_RULE_unchecked_revert, e);
}

static void rule_silent_downgrade(struct gu_findings *f, struct held *h,
				  const struct gu_event *e)
{
	struct gu_buf *text = text_new(f);

	h->lowered = false;
	add_fn(text, h->fn, h->line);
	gu_buf_addf(text, " succeeded, but at %s instead of %s; then ",
		    gu_level_name(h->level), gu_level_name(h->offered));
	add_fn(text, e->call->fn, e->call->line);
	gu_buf_adds(text, " relied on it");
	report_call(f, GU_RULE_silent_downgrade, e);
}

static void rule_lost_identity(struct gu_findings *f, const struct thread *t,
			       const struct held *old, const struct gu_event *e)
{
	struct gu_buf *text = text_new(f);

	add_fn(text, e->call->fn, e->call->line);
	gu_buf_adds(text, " replaced ");
	add_who(text, &t->now);
	gu_buf_adds(text, ", the impersonation by ");
	add_fn(text, old ? old->fn : GU_FN_NONE, old ? old->line : 0);
	gu_buf_adds(text, ", without a revert");
	report(f, GU_RULE_lost_identity,
	       &(struct scene){ .thread = t->ref,
				.who = &t->now,
				.via = old ? old->fn : GU_FN_NONE,
				.line = e->call->line });
}

/* RevertToPrinterSelf takes any client off a spooler's thread: it hands out
 * the token that it found, whoever put it there, and ImpersonatePrinterClient
 * puts it back (semantics 1.2, row 14, the inverted pair). */
static bool fits(enum gu_fn impersonate, enum gu_fn revert)
{
	return revert == GU_FN_RevertToPrinterSelf ||
	       gu_fn_accepts_revert(impersonate, revert);
}

static void rule_wrong_revert(struct gu_findings *f, const struct thread *t,
			      const struct held *h, const struct gu_event *e)
{
	const struct gu_fn_row *row = gu_fn_row(h->fn);
	struct gu_buf *text = text_new(f);

	add_fn(text, e->call->fn, e->call->line);
	gu_buf_adds(text, " ended the impersonation by ");
	add_fn(text, h->fn, h->line);
	gu_buf_adds(text, ", which is to be ended by ");
	for (size_t i = 0; i < row->revert_count; i++) {
		gu_buf_addf(text, "%s%s", i ? " or " : "",
			    gu_fn_row(row->reverts[i])->name);
	}
	report(f, GU_RULE_wrong_revert,
	       &(struct scene){ .thread = t->ref,
				.who = &t->now,
				.via = h->fn,
				.line = e->call->line });
}

static void add_leaker(struct gu_buf *text, const struct gu_findings *f,
		       struct gu_ref thread, const struct gu_identity *who)
{
	const char *name = gu_recorder_name_of(f->recorder, thread);

	gu_buf_addf(text, "thread %s still impersonates ", name ? name : "?");
	add_who(text, who);
}

static void rule_request_leak(struct gu_findings *f, struct held *h,
			      const struct gu_event *e)
{
	struct gu_buf *text = text_new(f);

	h->reported = true;
	add_leaker(text, f, e->call->thread, &e->before);
	gu_buf_adds(text, " when ");
	add_fn(text, e->call->fn, e->call->line);
	gu_buf_adds(text, " ends the request; ");
	add_fn(text, h->fn, h->line);
	gu_buf_adds(text, " was not reverted");
	report_call(f, GU_RULE_leak, e);
}

static bool is_exempt(enum gu_objtype type)
{
	return type == GU_OBJ_pipe || type == GU_OBJ_token ||
	       type == GU_OBJ_process || type == GU_OBJ_thread;
}

static bool same_user(const struct gu_identity *a, const struct gu_identity *b)
{
	return a->sid && b->sid && strcmp(a->sid, b->sid) == 0;
}

static void rule_carried_handle(struct gu_findings *f, const struct carried *c,
				const struct gu_event *e)
{
	struct gu_buf *text = text_new(f);

	gu_buf_adds(text, "the handle opened as ");
	add_who(text, &c->opener);
	gu_buf_adds(text, " by ");
	add_fn(text, c->fn, c->line);
	gu_buf_adds(text, " was used by ");
	add_fn(text, e->call->fn, e->call->line);
	gu_buf_adds(text, " as ");
	add_who(text, &e->before);
	report_call(f, GU_RULE_carried_handle, e);
}

/* watching */

static void carried_remove(struct gu_findings *f, size_t i)
{
	f->carried[i] = f->carried[--f->carried_count];
}

static void carried_add(struct gu_findings *f, const struct carried *c)
{
	struct carried *grown = list_grow(f->carried, f->carried_count,
					  &f->carried_cap, sizeof(*grown));

	if (!grown) {
		gu_recorder_lose(f->recorder);
		return;
	}
	f->carried = grown;
	grown[f->carried_count++] = *c;
}

static void carried_open(struct gu_findings *f, const struct gu_event *e)
{
	const struct gu_outcome *out = &e->call->out;

	if (!(gu_fn_row(e->call->fn)->flags & GU_FN_OPENS) || !out->status.ok ||
	    !e->before.impersonating || out->value.type != GU_V_REF ||
	    out->value.ref.kind != GU_REF_HANDLE ||
	    is_exempt(out->decision.type)) {
		return;
	}
	carried_add(f, &(struct carried){ .handle = out->value.ref,
					  .opener = e->before,
					  .fn = e->call->fn,
					  .line = e->call->line });
}

/* A duplicate holds what the client was granted, as the first does. */
static void carried_duplicate(struct gu_findings *f, const struct carried *c,
			      const struct gu_outcome *out)
{
	struct carried copy = *c;

	if (!out->status.ok || out->value.type != GU_V_REF ||
	    out->value.ref.kind != GU_REF_HANDLE) {
		return;
	}
	copy.handle = out->value.ref;
	carried_add(f, &copy);
}

static void carried_use(struct gu_findings *f, struct gu_ref handle,
			const struct gu_event *e)
{
	enum gu_fn fn = e->call->fn;
	bool looks = gu_fn_row(fn)->flags & GU_FN_PASSIVE;

	for (size_t i = 0; i < f->carried_count; i++) {
		if (!gu_ref_equal(f->carried[i].handle, handle)) {
			continue;
		}
		if (fn == GU_FN_CloseHandle) {
			if (e->call->out.status.ok) {
				carried_remove(f, i);
			}
			return;
		}
		if (fn == GU_FN_DuplicateHandle) {
			carried_duplicate(f, &f->carried[i], &e->call->out);
			return;
		}
		if (looks || (e->before.impersonating &&
			      same_user(&e->before, &f->carried[i].opener))) {
			return;
		}
		rule_carried_handle(f, &f->carried[i], e);
		carried_remove(f, i); /* once per handle */
		return;
	}
}

static void watch_handles(struct gu_findings *f, const struct gu_event *e)
{
	const struct gu_fn_row *row = gu_fn_row(e->call->fn);

	for (size_t i = 0; f->carried_count && i < row->arg_count; i++) {
		const struct gu_value *v = &e->call->args[i];

		if (row->args[i].type == GU_ARG_REF_HANDLE &&
		    v->type == GU_V_REF && v->ref.kind == GU_REF_HANDLE) {
			carried_use(f, v->ref, e);
		}
	}
	carried_open(f, e);
}

/* What the caller does although a call of its own has failed, or gave less
 * than was offered. */
static void
watch_caller(struct gu_findings *f, struct thread *t, const struct gu_event *e)
{
	unsigned flags = gu_fn_row(e->call->fn)->flags;
	struct held *h;

	if (t->revert.pending && !(flags & GU_FN_PASSIVE) &&
	    !is_revert(e->call)) {
		rule_unchecked_revert(f, t, e);
	}
	if (!(flags & GU_FN_ACCESS)) {
		return;
	}
	if (t->impersonate.pending) {
		rule_unchecked_impersonate(f, t, e);
	}
	h = e->before.impersonating ? held_of(t, e->before.token_id) : NULL;
	if (h && h->lowered) {
		rule_silent_downgrade(f, h, e);
	}
}

static void failure_set(struct failure *failure, const struct gu_call *call)
{
	*failure = (struct failure){ .pending = true,
				     .fn = call->fn,
				     .line = call->line,
				     .status = call->out.status };
}

static void watch_impersonate(struct gu_findings *f, struct thread *t,
			      const struct gu_event *e)
{
	const struct gu_outcome *out = &e->call->out;
	const struct gu_identity *now = &e->subject_after;
	bool saves = gu_fn_row(e->call->fn)->flags & GU_FN_SAVES_TOKEN;
	struct held h = {
		.fn = e->call->fn,
		.line = e->call->line,
		.token_id = now->token_id,
		.begun = f->events,
		.offered = out->offered,
		.level = now->level,
		.lowered = out->offered_known && now->level < out->offered,
	};

	if (!gu_outcome_worked(out)) {
		failure_set(&t->impersonate, e->call);
		return;
	}
	t->impersonate.pending = false;
	t->revert.pending = false;
	if (t->now.impersonating && t->now.token_id != now->token_id &&
	    !saves) {
		rule_lost_identity(f, t, held_of(t, t->now.token_id), e);
	}
	held_push(t, &h);
}

static void
watch_revert(struct gu_findings *f, struct thread *t, const struct gu_event *e)
{
	const struct held *h;

	if (!gu_outcome_worked(&e->call->out)) {
		failure_set(&t->revert, e->call);
		return;
	}
	t->impersonate.pending = false;
	t->revert.pending = false;
	h = t->now.impersonating ? held_of(t, t->now.token_id) : NULL;
	if (h && !fits(h->fn, e->call->fn)) {
		rule_wrong_revert(f, t, h, e);
	}
}

/* The thread whose slot the call changes (or would have). */
static void watch_subject(struct gu_findings *f, const struct gu_event *e)
{
	enum gu_fn_kind kind = gu_fn_row(e->call->fn)->kind;
	bool known = e->subject.kind == GU_REF_THREAD;
	struct thread *t;

	if (kind != GU_KIND_IMPERSONATE && kind != GU_KIND_REVERT) {
		return;
	}
	t = thread_of(f, known ? e->subject : e->call->thread);
	if (!t) {
		return;
	}
	if (is_revert(e->call)) {
		watch_revert(f, t, e);
	} else {
		watch_impersonate(f, t, e);
	}
	if (known) {
		held_settle(t, &e->subject_after);
	}
}

/* Requests begin where a call is taken and end with the row that says so.
 * Whether the system cleans up after it is beside the point, but for rows
 * that promise to. */
static void watch_requests(struct gu_findings *f, struct thread *t,
			   const struct gu_event *e)
{
	const struct gu_outcome *out = &e->call->out;
	unsigned flags = gu_fn_row(e->call->fn)->flags;
	struct held *h;

	if (!out->status.ok) {
		return;
	}
	if (out->value.type == GU_V_REF &&
	    (out->value.ref.kind == GU_REF_RPC_CALL ||
	     out->value.ref.kind == GU_REF_COM_CALL)) {
		t->request = f->events;
	}
	if (!(flags & (GU_FN_ENDS_REQUEST | GU_FN_AUTO_REVERTS))) {
		return;
	}
	h = e->before.impersonating ? held_of(t, e->before.token_id) : NULL;
	if (h && !h->reported && !(flags & GU_FN_AUTO_REVERTS) &&
	    h->begun >= t->request) {
		rule_request_leak(f, h, e);
	}
	t->impersonate.pending = false;
	t->request = 0;
}

static void on_call(struct gu_observer *self, const struct gu_event *e)
{
	struct gu_findings *f = (struct gu_findings *)self;
	struct thread *t;

	if (e->call->thread.kind != GU_REF_THREAD) {
		return;
	}
	f->events++;
	t = thread_of(f, e->call->thread);
	if (!t) {
		return;
	}
	held_settle(t, &e->before);
	watch_caller(f, t, e);
	watch_handles(f, e);
	watch_requests(f, t, e);
	watch_subject(f, e);
	t = thread_of(f, e->call->thread);
	if (t) {
		held_settle(t, &e->after);
	}
}

/* life */

enum gu_rc gu_findings_new(struct gu_recorder *r, struct gu_findings **out,
			   struct gu_err *err)
{
	struct gu_findings *f = gu_calloc(1, sizeof(*f));

	if (!f) {
		return gu_err_nomem(err);
	}
	f->observer.call = on_call;
	f->recorder = r;
	gu_buf_init(&f->text);
	*out = f;
	return GU_RC_OK;
}

void gu_findings_free(struct gu_findings *f)
{
	if (!f) {
		return;
	}
	gu_buf_release(&f->text);
	gu_free(f->threads);
	gu_free(f->carried);
	gu_free(f->declared);
	gu_free(f);
}

struct gu_observer *gu_findings_observer(struct gu_findings *f)
{
	return &f->observer;
}

void gu_findings_begin(struct gu_findings *f)
{
	f->events = 0;
	f->thread_count = 0;
	f->carried_count = 0;
	f->declared_count = 0;
}

enum gu_rc gu_findings_expect(struct gu_findings *f, enum gu_rule rule,
			      int line, struct gu_err *err)
{
	struct declared *grown = list_grow(f->declared, f->declared_count,
					   &f->declared_cap, sizeof(*grown));

	if (!grown) {
		return gu_err_nomem(err);
	}
	f->declared = grown;
	grown[f->declared_count++] =
		(struct declared){ .rule = rule, .line = line };
	return GU_RC_OK;
}

static void leak_at_end(void *arg, struct gu_ref thread,
			const struct gu_identity *now, enum gu_fn via)
{
	struct gu_findings *f = arg;
	struct thread *t = thread_of(f, thread);
	struct held *h = t ? held_of(t, now->token_id) : NULL;
	struct gu_buf *text = text_new(f);

	if (h && h->reported) {
		return;
	}
	add_leaker(text, f, thread, now);
	gu_buf_adds(text, " when the scenario ends; ");
	add_fn(text, h ? h->fn : via, h ? h->line : 0);
	gu_buf_adds(text, " was not reverted");
	report(f, GU_RULE_leak,
	       &(struct scene){ .thread = thread,
				.who = now,
				.via = via,
				.line = h ? h->line : 0 });
}

/* A finding is what its script declared, or a failure. */
static void judge_row(struct gu_findings *f, struct gu_record *row)
{
	row->verdict = GU_VERDICT_FAIL;
	row->expected = "no finding";
	row->judged_line = row->line;
	for (size_t i = 0; i < f->declared_count; i++) {
		struct declared *d = &f->declared[i];

		if (!d->seen && strcmp(rules[d->rule].name, row->rule) == 0) {
			d->seen = true;
			row->verdict = GU_VERDICT_PASS;
			row->expected = "finding";
			row->judged_line = d->line;
			return;
		}
	}
}

static void report_unseen(struct gu_findings *f, const struct declared *d)
{
	const struct gu_ref nobody = { .kind = GU_REF_NONE };
	struct gu_buf *text = text_new(f);
	struct gu_record *row;
	uint32_t step;

	gu_buf_addf(text, "%s was declared at line %d, but not seen",
		    rules[d->rule].name, d->line);
	if (text->oom) {
		gu_recorder_lose(f->recorder);
		return;
	}
	step = gu_recorder_finding(f->recorder, nobody, NULL, GU_FN_NONE,
				   d->line, rules[d->rule].name,
				   rules[d->rule].cwe, text->data,
				   GU_VERDICT_FAIL);
	row = step ? gu_recorder_row(f->recorder, step) : NULL;
	if (row) {
		row->expected = "finding";
		row->judged_line = d->line;
	}
}

void gu_findings_end(struct gu_findings *f, struct gu_world *w)
{
	size_t count;

	gu_trace_impersonating(w, leak_at_end, f);
	(void)gu_recorder_rows(f->recorder, &count);
	for (size_t step = 1; step <= count; step++) {
		struct gu_record *row =
			gu_recorder_row(f->recorder, (uint32_t)step);

		if (row->kind == GU_RECORD_FINDING) {
			judge_row(f, row);
		}
	}
	for (size_t i = 0; i < f->declared_count; i++) {
		if (!f->declared[i].seen) {
			report_unseen(f, &f->declared[i]);
		}
	}
}
