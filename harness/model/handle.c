/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "banned.h"

enum {
	PROCESS_DUP_HANDLE = 0x40,
	PROCESS_QUERY_INFORMATION = 0x400,
	PROCESS_QUERY_LIMITED_INFORMATION = 0x1000,
	THREAD_QUERY_INFORMATION = 0x40,
	THREAD_QUERY_LIMITED_INFORMATION = 0x800,
};

static void handle_free(struct m_world *w, void *p)
{
	struct m_handle *h = p;
	struct m_object *obj = h->object;

	gu_free(h);
	if (w->closing) {
		return;
	}
	if (--obj->handles == 0 && obj->closed) {
		obj->closed(w, obj);
	}
	m_object_unref(w, obj);
}

/* Whoever may query all may query the harmless part. */
static uint32_t with_implied(enum gu_objtype type, uint32_t granted)
{
	if (type == GU_OBJ_process && (granted & PROCESS_QUERY_INFORMATION)) {
		granted |= PROCESS_QUERY_LIMITED_INFORMATION;
	}
	if (type == GU_OBJ_thread && (granted & THREAD_QUERY_INFORMATION)) {
		granted |= THREAD_QUERY_LIMITED_INFORMATION;
	}
	return granted;
}

enum gu_rc m_handle_new(struct m_world *w, struct m_process *process,
			struct m_object *obj, uint32_t granted,
			struct gu_ref *out, struct gu_err *err)
{
	struct m_handle *h = gu_calloc(1, sizeof(*h));
	enum gu_rc rc;

	if (!h) {
		return gu_err_nomem(err);
	}
	rc = m_item_add(w, GU_REF_HANDLE, h, handle_free, &h->ref, err);
	if (rc) {
		gu_free(h);
		return rc;
	}
	h->process = process;
	h->object = obj;
	h->granted = with_implied(obj->type, granted);
	m_object_ref(obj);
	obj->handles++;
	*out = h->ref;
	return GU_RC_OK;
}

struct m_handle *m_handle(const struct m_ctx *c, struct gu_ref ref)
{
	struct m_handle *h;

	if (ref.kind != GU_REF_HANDLE) {
		return NULL;
	}
	h = m_item(c->w, ref);
	return h && h->process == c->thread->process ? h : NULL;
}

static struct m_object *current(const struct m_ctx *c, enum gu_objtype type)
{
	if (type == GU_OBJ_thread) {
		return &c->thread->obj;
	}
	return type == GU_OBJ_process ? &c->thread->process->obj : NULL;
}

uint32_t m_reference(const struct m_ctx *c, size_t arg, enum gu_objtype type,
		     uint32_t needed, struct m_object **out, uint32_t *granted)
{
	struct gu_ref ref = m_ref(c, arg);
	uint32_t rights = 0xFFFFFFFF;
	struct m_object *obj;

	if (ref.kind == GU_REF_HANDLE) {
		const struct m_handle *h = m_handle(c, ref);

		obj = h ? h->object : NULL;
		rights = h ? h->granted : 0;
	} else if (ref.kind == GU_REF_NONE) {
		obj = current(c, type);
	} else {
		obj = m_object_of(c->w, ref);
	}
	if (!obj) {
		return GU_NT_INVALID_HANDLE;
	}
	if (type != GU_OBJ_NONE && obj->type != type) {
		return GU_NT_OBJECT_TYPE_MISMATCH;
	}
	if (needed & ~rights) {
		return GU_NT_ACCESS_DENIED;
	}
	*out = obj;
	if (granted) {
		/* What stands for a handle has the rights of its type. */
		*granted = ref.kind == GU_REF_HANDLE
				   ? rights
				   : gu_objtype_row(obj->type)->map.all;
	}
	return GU_NT_SUCCESS;
}

enum gu_rc m_fn_CloseHandle(struct m_ctx *c)
{
	struct gu_ref ref = m_ref(c, 0);

	if (!m_handle(c, ref)) {
		return m_answer_nt(c, GU_NT_INVALID_HANDLE);
	}
	m_item_drop(c->w, ref);
	return m_answer_ok(c);
}

/* The rights of the duplicate. More than the source has is an open of its
 * own. */
static uint32_t duplicate_rights(struct m_ctx *c, struct m_object *obj,
				 uint32_t source, uint32_t *granted)
{
	const struct gu_generic_mapping *map = &gu_objtype_row(obj->type)->map;
	uint32_t want;

	if (!m_has(c, 2)) {
		*granted = source;
		return GU_NT_SUCCESS;
	}
	want = gu_mask_map(m_uint(c, 2, 0), map);
	if ((want & ~source) == 0) {
		*granted = want;
		return GU_NT_SUCCESS;
	}
	return m_open_check(c, obj, want, 0, granted);
}

enum gu_rc m_fn_DuplicateHandle(struct m_ctx *c)
{
	enum { HANDLE, PROCESS };
	struct m_object *obj, *process;
	struct gu_ref ref;
	uint32_t source, granted = 0;
	uint32_t nt = m_reference(c, PROCESS, GU_OBJ_process,
				  PROCESS_DUP_HANDLE, &process, NULL);
	enum gu_rc rc;

	if (!nt && m_ref(c, HANDLE).kind == GU_REF_NONE) {
		nt = GU_NT_INVALID_HANDLE;
	}
	if (!nt) {
		nt = m_reference(c, HANDLE, GU_OBJ_NONE, 0, &obj, &source);
	}
	if (!nt) {
		nt = duplicate_rights(c, obj, source, &granted);
	}
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = m_handle_new(c->w, (struct m_process *)process, obj, granted, &ref,
			  c->err);
	if (rc) {
		return rc;
	}
	if (!c->call->out.decision.made) {
		m_decide(c, obj, m_uint(c, 2, granted), granted);
	}
	m_set_ref(c, ref);
	return m_answer_ok(c);
}
