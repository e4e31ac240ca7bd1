/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <string.h>

#include "arena.h"

#include "banned.h"

/* The form is between one guise.exe and its own children: fixed widths, little
 * endian, no versions. It is still read as if anybody had written it. */

#define DEPTH_MAX 4

static void put_u8(struct gu_buf *out, uint8_t v)
{
	gu_buf_add(out, &v, 1);
}

static void put_u64(struct gu_buf *out, uint64_t v)
{
	gu_buf_add_u32(out, (uint32_t)v);
	gu_buf_add_u32(out, (uint32_t)(v >> 32));
}

static void put_bytes(struct gu_buf *out, const void *p, size_t n)
{
	gu_buf_add_u32(out, (uint32_t)n);
	gu_buf_add(out, p, n);
}

/* NULL and "" differ. */
static void put_text(struct gu_buf *out, const char *s)
{
	put_u8(out, s != NULL);
	if (s) {
		put_bytes(out, s, strlen(s));
	}
}

static void put_value(struct gu_buf *out, const struct gu_value *v)
{
	put_u8(out, (uint8_t)v->type);
	switch (v->type) {
	case GU_V_NONE:
		break;
	case GU_V_BOOL:
		put_u8(out, v->b);
		break;
	case GU_V_UINT:
		put_u64(out, v->u);
		break;
	case GU_V_STR:
		put_bytes(out, v->str.p, v->str.len);
		break;
	case GU_V_REF:
		put_u8(out, (uint8_t)v->ref.kind);
		gu_buf_add_u32(out, v->ref.id);
		break;
	case GU_V_SQOS:
		put_u8(out, v->sqos.present);
		put_u8(out, (uint8_t)v->sqos.level);
		put_u8(out, v->sqos.dynamic);
		put_u8(out, v->sqos.effective_only);
		break;
	case GU_V_LIST:
		gu_buf_add_u32(out, v->count);
		for (uint32_t i = 0; i < v->count; i++) {
			put_value(out, &v->list[i]);
		}
		break;
	case GU_V_TABLE:
		gu_buf_add_u32(out, v->count);
		for (uint32_t i = 0; i < v->count; i++) {
			put_text(out, v->fields[i].name);
			put_value(out, &v->fields[i].value);
		}
		break;
	}
}

static void put_sid(struct gu_buf *out, const struct gu_sid *sid)
{
	put_u8(out, gu_sid_is_set(sid));
	if (gu_sid_is_set(sid)) {
		gu_sid_encode(sid, out);
	}
}

void w_job_encode(const struct w_job *job, struct gu_buf *out)
{
	put_u64(out, job->seq);
	gu_buf_add_u32(out, job->fn);
	gu_buf_add_u32(out, job->thread);
	put_u8(out, (uint8_t)job->type);
	put_u8(out, (uint8_t)job->arg_count);
	for (uint32_t i = 0; i < job->arg_count; i++) {
		put_value(out, &job->args[i]);
	}
}

static void put_identity(struct gu_buf *out, const struct w_identity *id)
{
	put_u8(out, id->impersonating);
	put_u8(out, id->known);
	gu_buf_add_u32(out, id->error);
	put_u8(out, (uint8_t)id->level);
	gu_buf_add_u32(out, id->integrity);
	put_u64(out, id->token_id);
	put_u64(out, id->modified_id);
	put_u64(out, id->auth_id);
	put_sid(out, &id->user);
}

void w_answer_encode(const struct w_answer *a, struct gu_buf *out)
{
	put_u64(out, a->seq);
	put_u8(out, (uint8_t)a->end);
	put_text(out, a->text);
	put_u8(out, (uint8_t)a->status.conv);
	put_u8(out, a->status.ok);
	gu_buf_add_u32(out, a->status.code);
	put_value(out, &a->value);
	put_text(out, a->label);
	put_u8(out, (uint8_t)a->type);
	gu_buf_add_u32(out, a->asked);
	gu_buf_add_u32(out, a->granted);
	put_u8(out, a->checked);
	put_identity(out, &a->identity);
	gu_buf_add_u32(out, a->stands);
}

/* Reading. The first thing wrong is noted in `err` and everything after reads
 * as zero. */
struct reader {
	const uint8_t *p;
	size_t at;
	size_t n;
	struct gu_arena *arena;
	struct gu_err *err;
	enum gu_rc rc;
};

static void spoilt(struct reader *r, const char *what)
{
	if (!r->rc) {
		r->rc = gu_err_at(r->err, r->at, "%s", what);
	}
}

static void starved(struct reader *r)
{
	if (!r->rc) {
		r->rc = gu_err_nomem(r->err);
	}
}

static const uint8_t *take(struct reader *r, size_t n)
{
	const uint8_t *p = r->p + r->at;

	if (r->rc || r->n - r->at < n) {
		spoilt(r, "the message ends too soon");
		return NULL;
	}
	r->at += n;
	return p;
}

static uint8_t get_u8(struct reader *r)
{
	const uint8_t *p = take(r, 1);

	return p ? *p : 0;
}

static uint32_t get_u32(struct reader *r)
{
	const uint8_t *p = take(r, 4);

	return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			       (uint32_t)p[3] << 24
		 : 0;
}

static uint64_t get_u64(struct reader *r)
{
	uint64_t low = get_u32(r);

	return low | (uint64_t)get_u32(r) << 32;
}

/* A number below `limit`. */
static uint32_t get_choice(struct reader *r, uint32_t limit, const char *what)
{
	uint32_t v = get_u8(r);

	if (v >= limit) {
		spoilt(r, what);
		return 0;
	}
	return v;
}

static bool get_bool(struct reader *r)
{
	return get_choice(r, 2, "neither true nor false");
}

static const char *get_bytes(struct reader *r, size_t *len)
{
	uint32_t n = get_u32(r);
	const uint8_t *p = take(r, n);
	const char *copy;

	*len = 0;
	if (!p) {
		return "";
	}
	copy = gu_arena_strndup(r->arena, (const char *)p, n);
	if (!copy) {
		starved(r);
		return "";
	}
	*len = n;
	return copy;
}

static const char *get_text(struct reader *r)
{
	size_t len;

	return get_bool(r) ? get_bytes(r, &len) : NULL;
}

static void get_value(struct reader *r, struct gu_value *out, int depth);

/* Room for the elements that are announced: each takes a byte at least. */
static void *get_room(struct reader *r, uint32_t count, size_t size)
{
	void *room = NULL;

	if (count > r->n - r->at) {
		spoilt(r, "a list longer than the message");
	}
	if (!r->rc) {
		room = gu_arena_alloc(r->arena, (count + 1) * size);
		if (!room) {
			starved(r);
		}
	}
	return room;
}

static void get_list(struct reader *r, struct gu_value *out, int depth)
{
	uint32_t count = get_u32(r);
	struct gu_value *list = get_room(r, count, sizeof(*list));

	for (uint32_t i = 0; !r->rc && i < count; i++) {
		get_value(r, &list[i], depth + 1);
	}
	out->count = count;
	out->list = list;
}

static void get_table(struct reader *r, struct gu_value *out, int depth)
{
	uint32_t count = get_u32(r);
	struct gu_field *fields = get_room(r, count, sizeof(*fields));

	for (uint32_t i = 0; !r->rc && i < count; i++) {
		fields[i].name = get_text(r);
		if (!fields[i].name) {
			spoilt(r, "a field without a name");
		}
		get_value(r, &fields[i].value, depth + 1);
	}
	out->count = count;
	out->fields = fields;
}

static void get_sqos(struct reader *r, struct gu_sqos *out)
{
	out->present = get_bool(r);
	out->level = (enum gu_level)get_choice(r, GU_LEVEL_DELEGATION + 1,
					       "no level");
	out->dynamic = get_bool(r);
	out->effective_only = get_bool(r);
}

static void get_value(struct reader *r, struct gu_value *out, int depth)
{
	*out = (struct gu_value){ .type = GU_V_NONE };
	if (depth > DEPTH_MAX) {
		spoilt(r, "too many lists in lists");
		return;
	}
	out->type = (enum gu_vtype)get_choice(r, GU_V_TABLE + 1,
					      "no type of value");
	switch (out->type) {
	case GU_V_NONE:
		break;
	case GU_V_BOOL:
		out->b = get_bool(r);
		break;
	case GU_V_UINT:
		out->u = get_u64(r);
		break;
	case GU_V_STR:
		out->str.p = get_bytes(r, &out->str.len);
		break;
	case GU_V_REF:
		out->ref.kind = (enum gu_ref_kind)get_choice(
			r, GU_REF_KIND_COUNT, "no kind of reference");
		out->ref.id = get_u32(r);
		break;
	case GU_V_SQOS:
		get_sqos(r, &out->sqos);
		break;
	case GU_V_LIST:
		get_list(r, out, depth);
		break;
	case GU_V_TABLE:
		get_table(r, out, depth);
		break;
	}
}

static void get_sid(struct reader *r, struct gu_sid *out)
{
	struct gu_err why;
	size_t used = 0;

	*out = (struct gu_sid)GU_SID_NONE;
	if (!get_bool(r)) {
		return;
	}
	if (gu_sid_decode(out, r->p + r->at, r->n - r->at, &used, &why)) {
		spoilt(r, "no SID");
		return;
	}
	r->at += used;
}

static enum gu_rc done(struct reader *r)
{
	if (r->at != r->n) {
		spoilt(r, "bytes after the end of the message");
	}
	return r->rc;
}

enum gu_rc w_job_decode(struct w_job *out, const void *p, size_t n,
			struct gu_arena *arena, struct gu_err *err)
{
	struct reader r = { .p = p, .n = n, .arena = arena, .err = err };

	*out = (struct w_job){ .seq = get_u64(&r) };
	out->fn = (enum gu_fn)get_u32(&r);
	if (out->fn >= GU_FN_COUNT) {
		spoilt(&r, "no function of the call table");
	}
	out->thread = get_u32(&r);
	out->type = (enum gu_objtype)get_choice(&r, GU_OBJ_COUNT + 1,
						"no type of object");
	out->arg_count = get_choice(&r, GU_ARGS_MAX + 1, "too many arguments");
	for (uint32_t i = 0; i < out->arg_count; i++) {
		get_value(&r, &out->args[i], 0);
	}
	return done(&r);
}

static void get_identity(struct reader *r, struct w_identity *out)
{
	out->impersonating = get_bool(r);
	out->known = get_bool(r);
	out->error = get_u32(r);
	out->level = (enum gu_level)get_choice(r, GU_LEVEL_DELEGATION + 1,
					       "no level");
	out->integrity = get_u32(r);
	out->token_id = get_u64(r);
	out->modified_id = get_u64(r);
	out->auth_id = get_u64(r);
	get_sid(r, &out->user);
}

enum gu_rc w_answer_decode(struct w_answer *out, const void *p, size_t n,
			   struct gu_arena *arena, struct gu_err *err)
{
	struct reader r = { .p = p, .n = n, .arena = arena, .err = err };

	*out = (struct w_answer){ .seq = get_u64(&r) };
	out->end = (enum w_end)get_choice(&r, W_END_FAILED + 1, "no ending");
	out->text = get_text(&r);
	out->status.conv =
		(enum gu_conv)get_choice(&r, GU_CONV_WSA + 1, "no convention");
	out->status.ok = get_bool(&r);
	out->status.code = get_u32(&r);
	get_value(&r, &out->value, 0);
	out->label = get_text(&r);
	out->type = (enum gu_objtype)get_choice(&r, GU_OBJ_COUNT + 1,
						"no type of object");
	out->asked = get_u32(&r);
	out->granted = get_u32(&r);
	out->checked = get_bool(&r);
	get_identity(&r, &out->identity);
	out->stands = get_u32(&r);
	return done(&r);
}
