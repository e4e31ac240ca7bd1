/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include <string.h>

#include "alloc.h"
#include "probe.h"
#include "remains.h"

#include "banned.h"

/* How long a call may take before its scenario goes on without it. */
enum {
	QUICK_MS = 2000,  /* calls that do not wait for others */
	BLOCKING_MS = 20, /* those that may */
	ASK_MS = 10000,   /* the harness's own questions */
	GRACE_MS = 1000,  /* for threads at the end */
};

enum gu_rc w_item_add(struct w_world *w, enum gu_ref_kind kind, void *p,
		      struct gu_ref *out, struct gu_err *err)
{
	if (w->item_count == w->item_cap) {
		uint32_t cap = w->item_cap ? w->item_cap * 2 : 64;
		struct w_item *grown =
			gu_realloc(w->items, cap, sizeof(*grown));

		if (!grown) {
			return gu_err_nomem(err);
		}
		w->items = grown;
		w->item_cap = cap;
	}
	w->items[w->item_count++] = (struct w_item){ .kind = kind, .p = p };
	*out = (struct gu_ref){ .kind = kind, .id = w->item_count };
	return GU_RC_OK;
}

void *w_item(const struct w_world *w, struct gu_ref ref)
{
	const struct w_item *item;

	if (ref.id - 1u >= w->item_count) {
		return NULL;
	}
	item = &w->items[ref.id - 1u];
	return item->kind == ref.kind ? item->p : NULL;
}

/* The inbox */

void w_inbox_put(struct w_inbox *inbox, const void *p, size_t n)
{
	struct gu_buf answer = GU_BUF_INIT;
	struct gu_buf *grown;

	gu_buf_add(&answer, p, n);
	EnterCriticalSection(&inbox->lock);
	grown = gu_grow(inbox->list, inbox->count, &inbox->cap, sizeof(*grown));
	if (grown) {
		inbox->list = grown;
	}
	if (grown && !answer.oom) {
		inbox->list[inbox->count++] = answer;
	} else {
		inbox->lost++;
		gu_buf_release(&answer);
	}
	WakeConditionVariable(&inbox->changed);
	LeaveCriticalSection(&inbox->lock);
}

/* What our own OS threads do with their answers. */
static void answered(void *arg, const struct w_answer *answer)
{
	struct gu_buf bytes = GU_BUF_INIT;

	w_answer_encode(answer, &bytes);
	w_inbox_put(arg, bytes.data, bytes.len);
	gu_buf_release(&bytes);
}

/* The sequence number that an answer begins with. */
static uint64_t seq_of(const struct gu_buf *answer)
{
	uint64_t seq = 0;

	memcpy(&seq, answer->data,
	       answer->len < sizeof(seq) ? answer->len : sizeof(seq));
	return seq;
}

/* Takes the answer to `seq` (0: any that a flight waits for) out of the
 * inbox, waiting until `deadline`. */
static bool
take(struct w_world *w, uint64_t seq, ULONGLONG deadline, struct gu_buf *out)
{
	struct w_inbox *in = &w->inbox;
	bool found = false;

	EnterCriticalSection(&in->lock);
	for (;;) {
		ULONGLONG now = GetTickCount64();
		size_t i = 0;

		while (i < in->count && seq && seq_of(&in->list[i]) != seq) {
			i++;
		}
		if (i < in->count) {
			*out = in->list[i];
			in->count--;
			memmove(&in->list[i], &in->list[i + 1],
				(in->count - i) * sizeof(*in->list));
			found = true;
			break;
		}
		if (now >= deadline) {
			break;
		}
		(void)SleepConditionVariableCS(&in->changed, &in->lock,
					       (DWORD)(deadline - now));
	}
	LeaveCriticalSection(&in->lock);
	return found;
}

/* Jobs */

enum gu_rc w_post(struct w_world *w, struct w_thread *t,
		  const struct w_job *job, struct gu_err *err)
{
	enum gu_rc rc;

	gu_buf_reset(&w->scratch);
	w_job_encode(job, &w->scratch);
	rc = gu_buf_check(&w->scratch, err);
	if (rc) {
		return rc;
	}
	return t->process->agent
		       ? w_agent_send(t->process->agent, w->scratch.data,
				      w->scratch.len, err)
		       : w_exec_post(w->exec, t->ref.id, w->scratch.data,
				     w->scratch.len, err);
}

enum gu_rc w_ask(struct w_world *w, struct w_thread *t, struct w_job *job,
		 struct gu_arena *arena, struct w_answer *out,
		 struct gu_err *err)
{
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc;

	job->seq = ++w->next_seq;
	job->thread = t->ref.id;
	rc = w_post(w, t, job, err);
	if (rc) {
		return rc;
	}
	if (!take(w, job->seq, GetTickCount64() + ASK_MS, &bytes)) {
		return gu_err_set(err, GU_RC_IO,
				  "thread %s of process %s does not answer",
				  t->name, t->process->name);
	}
	rc = w_answer_decode(out, bytes.data, bytes.len, arena, err);
	gu_buf_release(&bytes);
	return rc;
}

static enum gu_rc
flight_add(struct w_world *w, const struct w_flight *f, struct gu_err *err)
{
	struct w_flight *grown = gu_grow(w->flights, w->flight_count,
					 &w->flight_cap, sizeof(*grown));

	if (!grown) {
		return gu_err_nomem(err);
	}
	w->flights = grown;
	w->flights[w->flight_count++] = *f;
	return GU_RC_OK;
}

static bool flight_take(struct w_world *w, uint64_t seq, struct w_flight *out)
{
	for (size_t i = 0; i < w->flight_count; i++) {
		if (w->flights[i].seq == seq) {
			*out = w->flights[i];
			w->flights[i] = w->flights[--w->flight_count];
			return true;
		}
	}
	return false;
}

/* An answer ends its call. */
static enum gu_rc land(struct w_world *w, const struct w_flight *f,
		       struct gu_buf *bytes, struct gu_err *err)
{
	struct w_answer answer;
	enum gu_rc rc = w_answer_decode(&answer, bytes->data, bytes->len,
					f->call->arena, err);

	gu_buf_release(bytes);
	f->thread->busy = false;
	return rc ? rc : w_lift(w, f->thread, f->call, &answer, err);
}

static enum gu_rc check_caps(const struct gu_call *call, struct gu_err *err)
{
	enum gu_cap cap = gu_fn_row(call->fn)->cap;

	if (w_probe(cap)) {
		return GU_RC_OK;
	}
	return gu_err_set(
		err, GU_RC_UNSUPPORTED, "win32 lacks %s: %s, which %s needs",
		gu_cap_name(cap), gu_cap_doc(cap), gu_fn_row(call->fn)->name);
}

static enum gu_rc thread_of(struct w_world *w, const struct gu_call *call,
			    struct w_thread **out, struct gu_err *err)
{
	*out = call->thread.kind == GU_REF_THREAD ? w_item(w, call->thread)
						  : NULL;
	if (!*out) {
		return gu_err_set(err, GU_RC_USAGE,
				  "%s: the caller is not a thread of this "
				  "world",
				  gu_fn_row(call->fn)->name);
	}
	if ((*out)->busy) {
		return gu_err_set(err, GU_RC_USAGE,
				  "%s: thread %s is still in another call",
				  gu_fn_row(call->fn)->name, (*out)->name);
	}
	return GU_RC_OK;
}

static enum gu_rc fly(struct w_world *w, struct w_thread *t,
		      struct gu_call *call, struct gu_err *err)
{
	struct w_flight f = { .call = call, .thread = t };
	struct w_job job = { .fn = call->fn, .thread = t->ref.id };
	struct gu_buf bytes = GU_BUF_INIT;
	ULONGLONG spell = gu_fn_row(call->fn)->flags & GU_FN_BLOCKS
				  ? BLOCKING_MS
				  : QUICK_MS;
	enum gu_rc rc = w_lower(w, t, call, &job, err);

	if (!rc) {
		job.seq = f.seq = ++w->next_seq;
		rc = w_post(w, t, &job, err);
	}
	if (rc) {
		return rc;
	}
	t->busy = true;
	if (take(w, f.seq, GetTickCount64() + spell, &bytes)) {
		return land(w, &f, &bytes, err);
	}
	rc = flight_add(w, &f, err);
	return rc ? rc : GU_RC_PENDING;
}

static void outcome_clear(struct gu_outcome *out)
{
	*out = (struct gu_outcome){
		.status = { .conv = GU_CONV_BOOL },
		.decision = { .type = GU_OBJ_NONE },
		.identity = { .name = "", .sid = "" },
	};
}

static enum gu_rc
win32_submit(struct gu_world *gw, struct gu_call *call, struct gu_err *err)
{
	struct w_world *w = (struct w_world *)gw;
	struct w_fix f = { .w = w, .call = call, .err = err };
	struct w_thread *t;
	enum gu_rc rc = check_caps(call, err);

	outcome_clear(&call->out);
	if (!rc) {
		rc = w_caution(w, call, err);
	}
	if (rc) {
		return rc;
	}
	if (gu_fn_row(call->fn)->kind == GU_KIND_FIXTURE) {
		return w_fixture(&f);
	}
	rc = thread_of(w, call, &t, err);
	return rc ? rc : fly(w, t, call, err);
}

static enum gu_rc win32_wait(struct gu_world *gw, uint32_t timeout_ms,
			     struct gu_call **done, struct gu_err *err)
{
	struct w_world *w = (struct w_world *)gw;
	ULONGLONG deadline = GetTickCount64() + timeout_ms;
	struct gu_buf bytes = GU_BUF_INIT;
	struct w_flight f;

	while (take(w, 0, deadline, &bytes)) {
		if (flight_take(w, seq_of(&bytes), &f)) {
			*done = f.call;
			return land(w, &f, &bytes, err);
		}
		gu_buf_release(&bytes);
	}
	return gu_err_set(err, GU_RC_TIMEOUT,
			  "%zu calls still wait, and nothing has woken them",
			  w->flight_count);
}

static enum gu_rc win32_identity(struct gu_world *gw, struct gu_ref thread,
				 struct gu_identity *out, struct gu_err *err)
{
	struct w_world *w = (struct w_world *)gw;
	struct w_thread *t =
		thread.kind == GU_REF_THREAD ? w_item(w, thread) : NULL;
	struct w_job job = { .fn = GU_FN_whoami };
	struct w_answer answer;
	enum gu_rc rc;

	if (!t) {
		return gu_err_set(err, GU_RC_USAGE,
				  "not a thread of this world");
	}
	if (t->busy) {
		return w_identity_from_outside(w, t, out, err);
	}
	gu_arena_reset(&w->reading);
	rc = w_ask(w, t, &job, &w->reading, &answer, err);
	return rc ? rc : w_identity_lift(w, &answer.identity, out, err);
}

static enum gu_rc win32_basis(struct gu_world *gw, struct gu_ref thing,
			      struct gu_basis *out, struct gu_err *err)
{
	return w_basis_of((struct w_world *)gw, thing, out, err);
}

/* Opening and closing */

/* Numbers that only this run of this process has. */
static const char *
make_prefix(struct w_world *w, const struct gu_world_config *config)
{
	static unsigned worlds;
	FILETIME now;

	GetSystemTimeAsFileTime(&now);
	return gu_arena_printf(&w->arena, "%s-%lX-%lX-%X",
			       config->prefix ? config->prefix : "guise",
			       GetCurrentProcessId(), now.dwLowDateTime >> 16,
			       ++worlds);
}

static const char *temp_folder(struct w_world *w)
{
	wchar_t path[MAX_PATH + 1];
	char *folder;
	size_t n;

	if (!GetTempPathW(MAX_PATH, path)) {
		return NULL;
	}
	folder = w_narrow(&w->arena, path);
	n = folder ? strlen(folder) : 0;
	if (n && folder[n - 1] == '\\') {
		folder[n - 1] = '\0';
	}
	return folder;
}

static HANDLE make_job(void)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits = { .BasicLimitInformation = {
			   .LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE } };
	HANDLE job = CreateJobObjectW(NULL, NULL);

	if (job) {
		(void)SetInformationJobObject(job,
					      JobObjectExtendedLimitInformation,
					      &limits, sizeof(limits));
	}
	return job;
}

static void machine_sid(struct gu_sid *out, uint64_t seed)
{
	*out = (struct gu_sid){
		.revision = 1, .authority = 5, .count = 4, .sub = { 21 }
	};
	for (int i = 1; i < 4; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963;
		out->sub[i] = (uint32_t)(seed >> 32);
	}
}

static enum gu_rc win32_open(const struct gu_world_config *config,
			     struct gu_world **out, struct gu_err *err)
{
	struct w_world *w = gu_calloc(1, sizeof(*w));
	enum gu_rc rc;

	if (!w) {
		return gu_err_nomem(err);
	}
	w->base.ops = &gu_target_win32;
	InitializeCriticalSection(&w->inbox.lock);
	InitializeConditionVariable(&w->inbox.changed);
	gu_buf_init(&w->scratch);
	w->basis_sd = (struct gu_sd)GU_SD_INIT;
	machine_sid(&w->machine, config->seed);
	w->next_rid = 1000;
	w->existing_only = config->existing_only;
	w->job = make_job();
	w->names.prefix = make_prefix(w, config);
	w->names.folder = temp_folder(w);
	rc = w->names.prefix && w->names.folder ? GU_RC_OK : gu_err_nomem(err);
	if (!rc) {
		rc = w_exec_new(answered, &w->inbox, &w->exec, err);
	}
	if (rc) {
		gu_world_close(&w->base);
		return rc;
	}
	*out = &w->base;
	return GU_RC_OK;
}

static void item_close(struct w_world *w, const struct w_item *item)
{
	struct w_process *p = item->p;
	struct w_thread *t;

	switch (item->kind) {
	case GU_REF_PROCESS:
		w_agent_close(p->agent, p->handle);
		(void)CloseHandle(p->handle);
		gu_free(p->lent);
		break;
	case GU_REF_THREAD:
		t = item->p;
		w_agent_close(t->unborn, NULL);
		if (t->handle) {
			(void)CloseHandle(t->handle);
		}
		break;
	case GU_REF_OBJECT:
		w_object_close(w, item->p);
		break;
	case GU_REF_TOKEN:
		(void)CloseHandle(((struct w_token *)item->p)->handle);
		break;
	case GU_REF_ACCOUNT:
		gu_token_unref(((struct w_account *)item->p)->token);
		break;
	case GU_REF_HANDLE:
		w_handle_close(item->p);
		break;
	case GU_REF_NONE:
	case GU_REF_DDE_SERVICE:
	case GU_REF_HCONV:
	case GU_REF_HWND:
	case GU_REF_RPC_SERVER:
	case GU_REF_RPC_BINDING:
	case GU_REF_RPC_CALL:
	case GU_REF_CTXT:
	case GU_REF_COM_SERVER:
	case GU_REF_COM_PROXY:
	case GU_REF_COM_CALL:
	case GU_REF_SOCKET:
	case GU_REF_MESSAGE:
	case GU_REF_KIND_COUNT:
		break; /* a thing of its process, which frees it */
	}
}

static void inbox_release(struct w_inbox *in)
{
	for (size_t i = 0; i < in->count; i++) {
		gu_buf_release(&in->list[i]);
	}
	gu_free(in->list);
	DeleteCriticalSection(&in->lock);
}

static void tokens_release(struct w_world *w)
{
	for (struct w_seen_token *t = w->tokens; t; t = t->next) {
		gu_token_unref(t->data);
	}
}

static void win32_close(struct gu_world *gw)
{
	struct w_world *w = (struct w_world *)gw;
	size_t stuck = w_exec_close(w->exec, GRACE_MS);

	for (uint32_t i = w->item_count; i-- > 0;) {
		item_close(w, &w->items[i]);
	}
	if (w->job) {
		(void)CloseHandle(w->job);
	}
	w_remains_remove();
	tokens_release(w);
	gu_sd_release(&w->basis_sd);
	gu_arena_release(&w->reading);
	gu_buf_release(&w->scratch);
	gu_free(w->items);
	gu_free(w->flights);
	gu_arena_release(&w->arena);
	if (!stuck) {
		inbox_release(&w->inbox);
		gu_free(w);
	} /* else a thread that hangs may still put its answer there */
}

static bool win32_supports(enum gu_cap cap)
{
	return w_probe(cap);
}

const struct gu_target_ops gu_target_win32 = {
	.name = "win32",
	.proof = "the Windows API of this machine; proven under Wine 8 and "
		 "Wine 10 only",
	.open = win32_open,
	.submit = win32_submit,
	.wait = win32_wait,
	.identity = win32_identity,
	.basis = win32_basis,
	.supports = win32_supports,
	.close = win32_close,
};
