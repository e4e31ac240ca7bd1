/* SPDX-License-Identifier: MIT */
#include "bench_handoff.h"

#include <uv.h>

#include "alloc.h"
#include "banned.h"

struct handoff {
	struct gu_world base;
	struct gu_world *inner;
	uv_thread_t worker;
	uv_mutex_t lock;
	uv_cond_t changed;
	/* Under the lock; the call at hand, its answer, the end. */
	struct gu_call *call;
	struct gu_err *err;
	enum gu_rc rc;
	bool stop;
};

static void work(void *arg)
{
	struct handoff *h = arg;

	uv_mutex_lock(&h->lock);
	while (!h->stop) {
		if (!h->call) {
			uv_cond_wait(&h->changed, &h->lock);
			continue;
		}
		h->rc = gu_world_submit(h->inner, h->call, h->err);
		h->call = NULL;
		uv_cond_broadcast(&h->changed);
	}
	uv_mutex_unlock(&h->lock);
}

static enum gu_rc
handoff_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	struct handoff *h = (struct handoff *)w;
	enum gu_rc rc;

	uv_mutex_lock(&h->lock);
	h->call = call;
	h->err = err;
	uv_cond_broadcast(&h->changed);
	while (h->call) {
		uv_cond_wait(&h->changed, &h->lock);
	}
	rc = h->rc;
	uv_mutex_unlock(&h->lock);
	return rc;
}

static enum gu_rc handoff_wait(struct gu_world *w, uint32_t timeout_ms,
			       struct gu_call **done, struct gu_err *err)
{
	return gu_world_wait(((struct handoff *)w)->inner, timeout_ms, done,
			     err);
}

static enum gu_rc handoff_identity(struct gu_world *w, struct gu_ref thread,
				   struct gu_identity *out, struct gu_err *err)
{
	return gu_world_identity(((struct handoff *)w)->inner, thread, out,
				 err);
}

static void handoff_close(struct gu_world *w)
{
	struct handoff *h = (struct handoff *)w;

	uv_mutex_lock(&h->lock);
	h->stop = true;
	uv_cond_broadcast(&h->changed);
	uv_mutex_unlock(&h->lock);
	(void)uv_thread_join(&h->worker);
	uv_cond_destroy(&h->changed);
	uv_mutex_destroy(&h->lock);
	gu_world_close(h->inner);
	gu_free(h);
}

static const struct gu_target_ops handoff_ops = {
	.name = "handoff",
	.submit = handoff_submit,
	.wait = handoff_wait,
	.identity = handoff_identity,
	.close = handoff_close,
};

enum gu_rc gu_handoff_new(struct gu_world *inner, struct gu_world **out,
			  struct gu_err *err)
{
	struct handoff *h = gu_calloc(1, sizeof(*h));

	if (!h) {
		return gu_err_nomem(err);
	}
	h->base.ops = &handoff_ops;
	h->inner = inner;
	if (uv_mutex_init(&h->lock) || uv_cond_init(&h->changed) ||
	    uv_thread_create(&h->worker, work, h)) {
		gu_free(h);
		return gu_err_set(err, GU_RC_INTERNAL,
				  "a worker thread could not be started");
	}
	*out = &h->base;
	return GU_RC_OK;
}
