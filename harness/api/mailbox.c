/* SPDX-License-Identifier: MIT */
#include "mailbox.h"

#include <uv.h>

#include "alloc.h"

#include "banned.h"

enum slot { SLOT_IDLE, SLOT_POSTED, SLOT_STOP };

/* The OS thread of one thread of the world. */
struct worker {
	struct gu_world *inner;
	uv_thread_t os_thread;
	uv_mutex_t lock;
	uv_cond_t changed; /* either side waits, never both */
	enum slot slot;
	struct gu_call *call;
	struct gu_err *err;
	enum gu_rc rc;
};

struct mailbox {
	struct gu_world base;
	struct gu_world *inner;
	struct worker **workers; /* by thread id */
	size_t cap;
};

static struct mailbox *mailbox_of(struct gu_world *w)
{
	return (struct mailbox *)w;
}

static void worker_main(void *arg)
{
	struct worker *k = arg;

	uv_mutex_lock(&k->lock);
	for (;;) {
		while (k->slot == SLOT_IDLE) {
			uv_cond_wait(&k->changed, &k->lock);
		}
		if (k->slot == SLOT_STOP) {
			break;
		}
		k->rc = gu_world_submit(k->inner, k->call, k->err);
		k->slot = SLOT_IDLE;
		uv_cond_signal(&k->changed);
	}
	uv_mutex_unlock(&k->lock);
}

static enum gu_rc
worker_new(struct gu_world *inner, struct worker **out, struct gu_err *err)
{
	struct worker *k = gu_calloc(1, sizeof(*k));
	int uv = 0;

	if (!k) {
		return gu_err_nomem(err);
	}
	k->inner = inner;
	uv = uv_mutex_init(&k->lock);
	if (uv) {
		goto free;
	}
	uv = uv_cond_init(&k->changed);
	if (uv) {
		goto mutex;
	}
	uv = uv_thread_create(&k->os_thread, worker_main, k);
	if (uv) {
		goto cond;
	}
	*out = k;
	return GU_RC_OK;
cond:
	uv_cond_destroy(&k->changed);
mutex:
	uv_mutex_destroy(&k->lock);
free:
	gu_free(k);
	return gu_err_set(err, GU_RC_IO, "no OS thread: %s", uv_strerror(uv));
}

static void worker_free(struct worker *k)
{
	if (!k) {
		return;
	}
	uv_mutex_lock(&k->lock);
	k->slot = SLOT_STOP;
	uv_cond_signal(&k->changed);
	uv_mutex_unlock(&k->lock);
	uv_thread_join(&k->os_thread);
	uv_cond_destroy(&k->changed);
	uv_mutex_destroy(&k->lock);
	gu_free(k);
}

/* The conductor stands still meanwhile: so the target is never entered twice
 * at a time, and calls happen in the order they would without workers. */
static enum gu_rc
worker_call(struct worker *k, struct gu_call *call, struct gu_err *err)
{
	enum gu_rc rc;

	uv_mutex_lock(&k->lock);
	k->call = call;
	k->err = err;
	k->slot = SLOT_POSTED;
	uv_cond_signal(&k->changed);
	while (k->slot == SLOT_POSTED) {
		uv_cond_wait(&k->changed, &k->lock);
	}
	rc = k->rc;
	uv_mutex_unlock(&k->lock);
	return rc;
}

static enum gu_rc
workers_reach(struct mailbox *m, uint32_t id, struct gu_err *err)
{
	size_t cap = id + (size_t)16;
	struct worker **grown;

	if (id < m->cap) {
		return GU_RC_OK;
	}
	grown = gu_realloc(m->workers, cap, sizeof(struct worker *));
	if (!grown) {
		return gu_err_nomem(err);
	}
	for (size_t i = m->cap; i < cap; i++) {
		grown[i] = NULL;
	}
	m->workers = grown;
	m->cap = cap;
	return GU_RC_OK;
}

/* A call that made a thread makes its OS thread too. */
static enum gu_rc
worker_start(struct mailbox *m, const struct gu_call *call, struct gu_err *err)
{
	const struct gu_value *made = &call->out.value;
	enum gu_rc rc;

	if ((call->fn != GU_FN_thread && call->fn != GU_FN_CreateThread) ||
	    !call->out.status.ok || made->type != GU_V_REF ||
	    made->ref.kind != GU_REF_THREAD) {
		return GU_RC_OK;
	}
	rc = workers_reach(m, made->ref.id, err);
	if (rc == GU_RC_OK && !m->workers[made->ref.id]) {
		rc = worker_new(m->inner, &m->workers[made->ref.id], err);
	}
	return rc;
}

static enum gu_rc
mailbox_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	struct mailbox *m = mailbox_of(w);
	struct worker *k = NULL;
	enum gu_rc rc;

	if (call->thread.kind == GU_REF_THREAD && call->thread.id < m->cap) {
		k = m->workers[call->thread.id];
	}
	rc = k ? worker_call(k, call, err)
	       : gu_world_submit(m->inner, call, err);
	return rc ? rc : worker_start(m, call, err);
}

static enum gu_rc mailbox_wait(struct gu_world *w, uint32_t timeout_ms,
			       struct gu_call **done, struct gu_err *err)
{
	return gu_world_wait(mailbox_of(w)->inner, timeout_ms, done, err);
}

static enum gu_rc mailbox_identity(struct gu_world *w, struct gu_ref thread,
				   struct gu_identity *out, struct gu_err *err)
{
	return gu_world_identity(mailbox_of(w)->inner, thread, out, err);
}

static enum gu_rc mailbox_basis(struct gu_world *w, struct gu_ref thing,
				struct gu_basis *out, struct gu_err *err)
{
	return gu_world_basis(mailbox_of(w)->inner, thing, out, err);
}

static void mailbox_close(struct gu_world *w)
{
	struct mailbox *m = mailbox_of(w);

	for (size_t i = 0; i < m->cap; i++) {
		worker_free(m->workers[i]);
	}
	gu_world_close(m->inner);
	gu_free(m->workers);
	gu_free(m);
}

static const struct gu_target_ops mailbox_ops = {
	.name = "mailbox",
	.submit = mailbox_submit,
	.wait = mailbox_wait,
	.identity = mailbox_identity,
	.basis = mailbox_basis,
	.close = mailbox_close,
};

enum gu_rc gu_mailbox_new(struct gu_world *inner, struct gu_world **out,
			  struct gu_err *err)
{
	struct mailbox *m = gu_calloc(1, sizeof(*m));

	if (!m) {
		return gu_err_nomem(err);
	}
	m->base.ops = &mailbox_ops;
	m->inner = inner;
	*out = &m->base;
	return GU_RC_OK;
}
