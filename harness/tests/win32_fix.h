/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_FIX_H
#define GU_WIN32_FIX_H

#include "unit.h"

#include "alloc.h"
#include "exec.h"

/* The executor with two OS threads, given jobs as the conductor would. Results
 * are kept until the fixture goes. */

enum { FIX_SERVER = 1, FIX_CLIENT = 2, FIX_WORKER = 3, FIX_JOBS = 64 };

/* A job that hangs fails its test. */
#define FIX_PATIENCE_MS 20000

struct fix_result {
	HANDLE done;
	enum w_end end;
	struct gu_status status;
	struct gu_ref ref;
	enum gu_vtype type;
	uint64_t number;
	char text[256];
	char label[512];
	struct w_identity identity;
	DWORD os_thread; /* which answered */
};

struct fix {
	struct w_exec *exec;
	struct w_exec_thread *threads[4];
	struct fix_result results[FIX_JOBS];
	size_t count;
};

static inline void fix_done(void *arg, const struct w_answer *a)
{
	struct fix *f = arg;
	struct fix_result *r = &f->results[a->seq];

	r->end = a->end;
	r->status = a->status;
	r->type = a->value.type;
	if (a->value.type == GU_V_REF) {
		r->ref = a->value.ref;
	} else if (a->value.type == GU_V_UINT) {
		r->number = a->value.u;
	} else if (a->value.type == GU_V_STR) {
		(void)snprintf(r->text, sizeof(r->text), "%s", a->value.str.p);
	}
	if (a->text && a->end != W_END_DONE) {
		(void)snprintf(r->text, sizeof(r->text), "%s", a->text);
	}
	(void)snprintf(r->label, sizeof(r->label), "%s",
		       a->label ? a->label : "");
	r->identity = a->identity;
	r->os_thread = GetCurrentThreadId();
	(void)SetEvent(r->done);
}

static inline struct fix *fix_new(void)
{
	struct fix *f = gu_calloc(1, sizeof(*f));
	struct gu_err err = GU_ERR_INIT;

	assert_non_null(f);
	assert_rc_ok(w_exec_new(fix_done, f, &f->exec, &err));
	for (uint32_t id = FIX_SERVER; id <= FIX_WORKER; id++) {
		assert_rc_ok(w_exec_thread(f->exec, id, &f->threads[id], &err));
	}
	return f;
}

static inline void fix_free(struct fix *f)
{
	assert_int_equal(w_exec_close(f->exec, FIX_PATIENCE_MS), 0);
	for (size_t i = 0; i < f->count; i++) {
		(void)CloseHandle(f->results[i].done);
	}
	gu_free(f);
}

static inline struct fix_result *fix_post(struct fix *f, uint32_t thread,
					  enum gu_fn fn,
					  const struct gu_value *args, size_t n)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf text = GU_BUF_INIT;
	struct w_job job = { .seq = f->count, .fn = fn, .thread = thread };
	struct fix_result *r = &f->results[f->count++];

	assert_true(f->count <= FIX_JOBS);
	r->done = CreateEventW(NULL, TRUE, FALSE, NULL);
	job.arg_count = (uint32_t)gu_fn_row(fn)->arg_count;
	for (size_t i = 0; i < n; i++) {
		job.args[i] = args[i];
	}
	w_job_encode(&job, &text);
	assert_rc_ok(w_exec_post(f->exec, thread, text.data, text.len, &err));
	gu_buf_release(&text);
	return r;
}

static inline void fix_wait(const struct fix_result *r)
{
	if (WaitForSingleObject(r->done, FIX_PATIENCE_MS) != WAIT_OBJECT_0) {
		fail_msg("a call has not come back");
	}
}

static inline bool fix_waits(const struct fix_result *r)
{
	return WaitForSingleObject(r->done, 200) == WAIT_TIMEOUT;
}

#define FIX_ARGS(...)                                              \
	(const struct gu_value[]){ __VA_ARGS__ },                  \
		sizeof((const struct gu_value[]){ __VA_ARGS__ }) / \
			sizeof(struct gu_value)

static inline struct fix_result *fix_call(struct fix *f, uint32_t thread,
					  enum gu_fn fn,
					  const struct gu_value *args, size_t n)
{
	struct fix_result *r = fix_post(f, thread, fn, args, n);

	fix_wait(r);
	return r;
}

/* The same, and it must succeed. */
static inline struct fix_result *fix_ok(struct fix *f, uint32_t thread,
					enum gu_fn fn,
					const struct gu_value *args, size_t n)
{
	struct fix_result *r = fix_call(f, thread, fn, args, n);

	if (r->end != W_END_DONE || !r->status.ok) {
		fail_msg("%s: end %d, code %#x, %s", gu_fn_row(fn)->name,
			 (int)r->end, (unsigned)r->status.code, r->text);
	}
	return r;
}

static inline struct gu_value fix_none(void)
{
	return (struct gu_value){ .type = GU_V_NONE };
}

static inline struct gu_value fix_str(const char *s)
{
	return (struct gu_value){ .type = GU_V_STR,
				  .str = { .p = s, .len = strlen(s) } };
}

static inline struct gu_value fix_uint(uint64_t v)
{
	return (struct gu_value){ .type = GU_V_UINT, .u = v };
}

/* What a call handed out, as this process knows it. */
static inline struct gu_value fix_ref(const struct fix_result *r)
{
	return (struct gu_value){ .type = GU_V_REF, .ref = r->ref };
}

/* The same as another process would know it. */
static inline struct gu_value fix_label(const struct fix_result *r)
{
	return fix_str(r->label);
}

static inline struct gu_value fix_sqos(enum gu_level level)
{
	return (struct gu_value){ .type = GU_V_SQOS,
				  .sqos = { .present = true, .level = level } };
}

#endif
