/* SPDX-License-Identifier: MIT */
#ifndef GU_FAKE_TARGET_H
#define GU_FAKE_TARGET_H

#include "alloc.h"
#include "target.h"

/* A target that does what a test tells it: each call answers `status` and
 * `value`, and when it succeeds gives thread `changes` the identity `becomes`.
 * While `pends` is set, calls stay pending until wait. Counts what reaches
 * it. */
#define FAKE_THREADS 32

struct fake {
	struct gu_world base;
	struct gu_status status;
	struct gu_value value;
	uint32_t changes; /* thread id; 0: none */
	struct gu_identity becomes;
	bool pends;
	enum gu_rc fails; /* submit's answer instead */

	struct gu_identity now[FAKE_THREADS];
	struct gu_call *pending[FAKE_THREADS];
	size_t pending_count;
	size_t calls;
	size_t identity_calls;
	bool *closed;
};

static inline struct fake *fake_of(struct gu_world *w)
{
	return (struct fake *)w;
}

static inline struct gu_ref fake_thread(uint32_t id)
{
	return (struct gu_ref){ GU_REF_THREAD, id };
}

static inline struct gu_ref fake_handle(uint32_t id)
{
	return (struct gu_ref){ GU_REF_HANDLE, id };
}

static inline struct gu_value fake_value(struct gu_ref ref)
{
	return (struct gu_value){ .type = GU_V_REF, .ref = ref };
}

static inline struct gu_value fake_str(const char *s)
{
	return (struct gu_value){ .type = GU_V_STR, .str = { s, strlen(s) } };
}

/* Who a process is, and who a client is: token ids from 1000 impersonate. */
static inline struct gu_identity fake_identity(uint64_t token_id)
{
	return (struct gu_identity){ .name = "MACHINE\\someone",
				     .sid = "S-1-5-21-1-2-3-1000",
				     .level = GU_LEVEL_IMPERSONATION,
				     .impersonating = token_id >= 1000,
				     .token_id = token_id };
}

static inline void fake_finish(struct fake *f, struct gu_call *call)
{
	if (f->status.ok && f->changes) {
		f->now[f->changes] = f->becomes;
	}
	call->out = (struct gu_outcome){ .status = f->status,
					 .value = f->value,
					 .identity = f->now[call->thread.id] };
}

static inline enum gu_rc
fake_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	struct fake *f = fake_of(w);

	f->calls++;
	if (f->fails) {
		return gu_err_set(err, f->fails, "the fake fails");
	}
	if (f->pends) {
		f->pending[f->pending_count++] = call;
		return GU_RC_PENDING;
	}
	fake_finish(f, call);
	return GU_RC_OK;
}

static inline enum gu_rc fake_wait(struct gu_world *w, uint32_t timeout_ms,
				   struct gu_call **done, struct gu_err *err)
{
	struct fake *f = fake_of(w);

	(void)timeout_ms;
	if (!f->pending_count) {
		return gu_err_set(err, GU_RC_DEADLOCK, "nothing can run");
	}
	*done = f->pending[0];
	f->pending_count--;
	memmove(f->pending, f->pending + 1,
		f->pending_count * sizeof(f->pending[0]));
	fake_finish(f, *done);
	return GU_RC_OK;
}

static inline enum gu_rc fake_who(struct gu_world *w, struct gu_ref thread,
				  struct gu_identity *out, struct gu_err *err)
{
	struct fake *f = fake_of(w);

	if (thread.kind != GU_REF_THREAD || thread.id >= FAKE_THREADS) {
		return gu_err_set(err, GU_RC_INTERNAL, "no such thread");
	}
	f->identity_calls++;
	*out = f->now[thread.id];
	return GU_RC_OK;
}

static inline void fake_close(struct gu_world *w)
{
	struct fake *f = fake_of(w);

	if (f->closed) {
		*f->closed = true;
	}
	gu_free(f);
}

static const struct gu_target_ops fake_ops = {
	.name = "fake",
	.submit = fake_submit,
	.wait = fake_wait,
	.identity = fake_who,
	.close = fake_close,
};

/* New. Every thread runs as its process, every call succeeds. */
static inline struct fake *fake_new(void)
{
	struct fake *f = gu_calloc(1, sizeof(*f));

	assert_non_null(f);
	f->base.ops = &fake_ops;
	f->status = gu_status_from_code(GU_CONV_BOOL, 0);
	for (uint32_t i = 0; i < FAKE_THREADS; i++) {
		f->now[i] = fake_identity(i);
	}
	return f;
}

#endif
