/* SPDX-License-Identifier: MIT */
#include "open.h"

#include "text.h"

#include "banned.h"

bool m_may(struct m_ctx *c, const struct m_object *obj, uint32_t rights)
{
	const struct gu_access_request request = {
		.sd = &obj->sd,
		.token = m_effective(c->thread)->data,
		.map = &gu_objtype_row(obj->type)->map,
		.desired = rights,
	};
	struct gu_access_result result;

	if (m_below_impersonation(c->thread)) {
		return false;
	}
	m_rest_on(c, request.token, request.sd, rights, 0);
	gu_access_check(&request, &result);
	return result.granted;
}

uint32_t m_parent_refuses(struct m_ctx *c, uint32_t rights)
{
	struct gu_decision *d = &c->call->out.decision;

	d->made = true;
	d->reason = (struct gu_reason){
		.code = GU_REASON_DENIED_PARENT_ACE,
		.bits = rights,
	};
	return GU_NT_ACCESS_DENIED;
}

/* Without SeChangeNotifyPrivilege each directory on the way must let the
 * caller through. */
static uint32_t
traverse(struct m_ctx *c, const struct m_object *obj, uint32_t desired)
{
	const struct m_object *dir;

	if (!obj->name || m_below_impersonation(c->thread) ||
	    m_privileged(c->thread, GU_PRIV_ChangeNotify)) {
		return GU_NT_SUCCESS;
	}
	for (size_t up = 1; up <= strlen(obj->name); up++) {
		dir = m_object_parent(c->w, obj->type, obj->name, up);
		if (dir && !m_may(c, dir, FILE_TRAVERSE)) {
			m_decide(c, obj, desired, 0);
			return m_parent_refuses(c, FILE_TRAVERSE);
		}
	}
	return GU_NT_SUCCESS;
}

/* A directory gives DELETE to who may delete its children, and attributes to
 * who may list it. */
static uint32_t
from_directory(struct m_ctx *c, const struct m_object *obj, uint32_t missing)
{
	const struct m_object *dir =
		obj->name ? m_object_parent(c->w, obj->type, obj->name, 1)
			  : NULL;
	uint32_t got = 0;

	if (!dir) {
		return 0;
	}
	if ((missing & GU_DELETE) && m_may(c, dir, FILE_DELETE_CHILD)) {
		got |= GU_DELETE;
	}
	if ((missing & FILE_READ_ATTRIBUTES) &&
	    m_may(c, dir, FILE_LIST_DIRECTORY)) {
		got |= FILE_READ_ATTRIBUTES;
	}
	return got;
}

/* Tries again without what the directory gives. */
static uint32_t retry_with_directory(struct m_ctx *c, struct m_object *obj,
				     uint32_t desired, uint32_t check_flags,
				     uint32_t *granted)
{
	const struct gu_generic_mapping *map = &gu_objtype_row(obj->type)->map;
	struct gu_decision *d = &c->call->out.decision;
	const struct gu_decision refused = *d;
	const struct gu_basis refused_on = c->call->out.basis;
	uint32_t mapped = gu_mask_map(desired, map);
	uint32_t got = from_directory(c, obj, mapped);
	uint32_t rest = mapped & ~got;

	*granted = 0;
	if (!got ||
	    (rest && m_open_check(c, obj, rest, check_flags, granted))) {
		*d = refused;
		c->call->out.basis = refused_on;
		return GU_NT_ACCESS_DENIED;
	}
	*granted |= got;
	d->asked = desired;
	d->granted = *granted;
	if (!rest) {
		d->reason = (struct gu_reason){
			.code = GU_REASON_ALLOWED_PARENT_ACE,
			.bits = got,
		};
	}
	return GU_NT_SUCCESS;
}

static uint32_t open_file(struct m_ctx *c, struct m_object *obj,
			  uint32_t desired, uint32_t check_flags,
			  uint32_t *granted)
{
	uint32_t nt = traverse(c, obj, desired);

	if (nt) {
		return nt;
	}
	nt = m_open_check(c, obj, desired, check_flags, granted);
	if (nt != GU_NT_ACCESS_DENIED || !desired ||
	    (desired & GU_MAXIMUM_ALLOWED)) {
		return nt;
	}
	return retry_with_directory(c, obj, desired, check_flags, granted);
}

/* Below Impersonation it is the root that cannot be opened, and then there is
 * no handle to open the key from. */
static bool below_own_root(const struct m_ctx *c, const char *name)
{
	return name && m_below_impersonation(c->thread) &&
	       (!gu_strncasecmp(name, "HKCU", 4) ||
		!gu_strncasecmp(name, "HKEY_CURRENT_USER", 17));
}

uint32_t m_open_object(struct m_ctx *c, struct m_object *obj, uint32_t desired,
		       uint32_t check_flags, uint32_t *granted)
{
	uint32_t nt;

	if (obj->type == GU_OBJ_file || obj->type == GU_OBJ_directory) {
		return open_file(c, obj, desired, check_flags, granted);
	}
	nt = m_open_check(c, obj, desired, check_flags, granted);
	if (nt && obj->type == GU_OBJ_key && below_own_root(c, obj->name)) {
		return GU_NT_INVALID_HANDLE;
	}
	return nt;
}

enum gu_rc m_open_nothing(struct m_ctx *c, enum gu_objtype type,
			  const char *name, uint32_t desired, uint32_t *nt)
{
	struct gu_decision *d = &c->call->out.decision;

	d->type = type;
	d->asked = desired;
	d->object = gu_arena_strdup(&c->w->arena, name);
	if (!d->object) {
		return gu_err_nomem(c->err);
	}
	*nt = GU_NT_OBJECT_NAME_NOT_FOUND;
	if (m_below_impersonation(c->thread)) {
		*nt = type == GU_OBJ_key && below_own_root(c, name)
			      ? GU_NT_INVALID_HANDLE
			      : GU_NT_BAD_IMPERSONATION_LEVEL;
	}
	return GU_RC_OK;
}

/* What a bare name most likely means; `*obj` is NULL when nothing has it. */
static enum gu_objtype
guess(struct m_world *w, const char *name, struct m_object **obj)
{
	static const enum gu_objtype kernel[] = {
		GU_OBJ_event, GU_OBJ_mutex,   GU_OBJ_semaphore,
		GU_OBJ_job,   GU_OBJ_section, GU_OBJ_service,
	};
	enum gu_objtype type = GU_OBJ_file;

	if (m_is_pipe_name(name)) {
		type = GU_OBJ_pipe;
	} else if (!gu_strncasecmp(name, "HK", 2)) {
		type = GU_OBJ_key;
	}
	*obj = m_object_find(w, type, name);
	for (size_t i = 0; !*obj && i < sizeof(kernel) / sizeof(kernel[0]);
	     i++) {
		*obj = m_object_find(w, kernel[i], name);
	}
	return *obj ? (*obj)->type : type;
}

bool m_target(struct m_ctx *c, size_t arg, enum gu_objtype *type,
	      struct m_object **obj)
{
	const struct gu_value *target = m_arg(c, arg);

	if (target->type != GU_V_REF) {
		*type = guess(c->w, target->str.p, obj);
		return true;
	}
	*obj = m_object_of(c->w, target->ref);
	*type = *obj ? (*obj)->type : GU_OBJ_NONE;
	return *obj != NULL;
}

enum gu_rc m_fn_open(struct m_ctx *c)
{
	enum { OBJECT, ACCESS, BACKUP };
	const struct gu_objtype_row *row;
	enum gu_objtype type;
	struct m_object *obj;
	uint32_t desired, nt, granted;
	uint32_t flags = m_bool(c, BACKUP, false) ? GU_CHECK_BACKUP_INTENT : 0;
	enum gu_rc rc = GU_RC_OK;

	if (!m_target(c, OBJECT, &type, &obj)) {
		return m_answer_nt(c, GU_NT_INVALID_HANDLE);
	}
	row = gu_objtype_row(type);
	desired = m_uint(c, ACCESS, 0) | row->adds;
	if (!(row->flags & GU_OBJ_BACKUP)) {
		flags = 0;
	}
	if (obj) {
		nt = m_open_object(c, obj, desired, flags, &granted);
	} else {
		rc = m_open_nothing(c, type, m_str(c, OBJECT), desired, &nt);
	}
	return rc ? rc : m_answer_nt(c, nt);
}

enum gu_rc m_fn_use(struct m_ctx *c)
{
	struct gu_decision *d = &c->call->out.decision;
	struct m_object *obj;
	uint32_t granted, want, missing;
	uint32_t nt =
		m_ref(c, 0).kind == GU_REF_NONE
			? GU_NT_INVALID_HANDLE
			: m_reference(c, 0, GU_OBJ_NONE, 0, &obj, &granted);

	if (nt) {
		return m_answer_nt(c, nt);
	}
	want = gu_mask_map(m_uint(c, 1, 0), &gu_objtype_row(obj->type)->map);
	missing = want & ~granted;
	m_decide(c, obj, m_uint(c, 1, 0), missing ? 0 : want);
	d->made = true;
	d->reason = (struct gu_reason){
		.code = GU_REASON_HANDLE_RIGHTS,
		.bits = missing ? missing : want,
	};
	return m_answer_nt(c, missing ? GU_NT_ACCESS_DENIED : GU_NT_SUCCESS);
}
