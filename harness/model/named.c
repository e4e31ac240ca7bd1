/* SPDX-License-Identifier: MIT */
#include "open.h"

#include "banned.h"

/* Objects by name: files, keys, kernel objects, services. */

static void plain_destroy(struct m_world *w, struct m_object *obj)
{
	(void)w;
	gu_buf_release(&((struct m_plain *)obj)->content);
}

enum gu_rc m_plain_new(struct m_ctx *c, enum gu_objtype type, const char *name,
		       struct gu_sd *sd, struct m_object **out)
{
	struct m_plain *p;
	char *copy = NULL;

	if (name) {
		copy = gu_arena_strdup(&c->w->arena, name);
		if (!copy) {
			return gu_err_nomem(c->err);
		}
	}
	p = gu_calloc(1, sizeof(*p));
	if (!p) {
		return gu_err_nomem(c->err);
	}
	gu_buf_init(&p->content);
	m_object_init(c->w, &p->obj, type, copy, sd);
	p->obj.destroy = plain_destroy;
	if (copy) {
		m_object_publish(c->w, &p->obj);
	}
	*out = &p->obj;
	return GU_RC_OK;
}

uint32_t m_creator_rights(enum gu_objtype type, uint32_t desired)
{
	const struct gu_generic_mapping *map = &gu_objtype_row(type)->map;
	uint32_t rights = gu_mask_map(desired, map);

	if (desired & GU_MAXIMUM_ALLOWED) {
		rights |= map->all;
	}
	/* Bits that the type does not have are no error, and not granted. */
	return rights & (map->all | GU_ACCESS_SYSTEM_SECURITY);
}

/* An object of the caller's. New, or NULL and `*nt` is a failure. */
static enum gu_rc make(struct m_ctx *c, const struct m_place *place,
		       const char *sddl, struct m_object **out, uint32_t *nt)
{
	struct gu_sd sd;
	enum gu_rc rc = m_sd_for_new(c, sddl, place, &sd, nt);

	*out = NULL;
	if (rc || *nt) {
		return rc;
	}
	rc = m_plain_new(c, place->type, place->name, &sd, out);
	if (rc) {
		gu_sd_release(&sd);
	}
	return rc;
}

/* Makes an object for the caller and ends the call with a handle to it.
 * `lasting` objects stay when the handle goes. */
static enum gu_rc create(struct m_ctx *c, enum gu_objtype type,
			 const char *name, const char *sddl, uint32_t desired)
{
	const struct m_place place = m_place_of(c->w, type, name);
	bool lasting = type == GU_OBJ_file || type == GU_OBJ_key;
	struct m_object *obj;
	uint32_t granted = m_creator_rights(type, desired);
	uint32_t nt;
	enum gu_rc rc;

	if ((desired & GU_ACCESS_SYSTEM_SECURITY) &&
	    !m_privileged(c->thread, GU_PRIV_Security)) {
		return m_answer_nt(c, GU_NT_PRIVILEGE_NOT_HELD);
	}
	rc = make(c, &place, sddl, &obj, &nt);
	if (rc || nt) {
		return rc ? rc : m_answer_nt(c, nt);
	}
	m_decide(c, obj, desired, granted);
	rc = m_answer_handle(c, obj, granted);
	if (rc || !lasting) {
		m_object_unref(c->w, obj);
	}
	return rc;
}

static enum gu_rc answer_open(struct m_ctx *c, struct m_object *obj,
			      uint32_t desired, uint32_t check_flags)
{
	uint32_t granted;
	uint32_t nt = m_open_object(c, obj, desired, check_flags, &granted);

	return nt ? m_answer_nt(c, nt) : m_answer_handle(c, obj, granted);
}

static enum gu_rc answer_nothing(struct m_ctx *c, enum gu_objtype type,
				 const char *name, uint32_t desired)
{
	uint32_t nt;
	enum gu_rc rc = m_open_nothing(c, type, name, desired, &nt);

	return rc ? rc : m_answer_nt(c, nt);
}

/* What is to be made may not be made there. */
static enum gu_rc refuse_new(struct m_ctx *c, enum gu_objtype type,
			     const char *name, uint32_t desired,
			     uint32_t parent_right)
{
	uint32_t nt;
	enum gu_rc rc = m_open_nothing(c, type, name, desired, &nt);

	return rc ? rc : m_answer_nt(c, m_parent_refuses(c, parent_right));
}

/* What a PATH argument names. */
struct path {
	const char *name;     /* NULL: an object without a name */
	struct m_object *obj; /* NULL: nothing there */
};

/* False when the call is answered already: a handle that is none. */
static bool path_arg(struct m_ctx *c, size_t arg, enum gu_objtype type,
		     struct path *out, enum gu_rc *rc)
{
	const struct gu_value *v = m_arg(c, arg);

	*out = (struct path){ .name = m_str(c, arg), .obj = NULL };
	*rc = GU_RC_OK;
	if (out->name) {
		out->obj = m_object_find(c->w, type, out->name);
		return true;
	}
	out->obj = v->type == GU_V_REF ? m_object_of(c->w, v->ref) : NULL;
	if (!out->obj) {
		*rc = m_answer_nt(c, GU_NT_INVALID_HANDLE);
		return false;
	}
	out->name = out->obj->name;
	return true;
}

static bool is_file(const struct m_object *obj)
{
	return obj->type == GU_OBJ_file || obj->type == GU_OBJ_directory;
}

static enum gu_rc wrong_type(struct m_ctx *c, const struct m_object *obj)
{
	return gu_err_set(
		c->err, GU_RC_USAGE, "%s does not open objects of type %s",
		gu_fn_row(c->call->fn)->name, gu_objtype_row(obj->type)->name);
}

enum {
	CREATE_NEW = 1,
	CREATE_ALWAYS = 2,
	OPEN_EXISTING = 3,
	OPEN_ALWAYS = 4,
	TRUNCATE_EXISTING = 5,
};

enum { FILE_FLAG_BACKUP_SEMANTICS = 0x02000000 };

enum { ERROR_FILE_EXISTS = 80 };

enum {
	PATH,
	ACCESS,
	SHARE,
	DISPOSITION,
	FLAGS,
	SQOS,
	SDDL,
};

/* Overwriting takes the right to write, but a handle has the rights that were
 * asked for. */
static enum gu_rc overwrite(struct m_ctx *c, struct m_object *obj,
			    uint32_t desired, uint32_t check_flags)
{
	uint32_t asked = gu_mask_map(desired, &gu_objtype_row(obj->type)->map);
	struct gu_decision *d = &c->call->out.decision;
	uint32_t granted;
	uint32_t nt = m_open_object(c, obj, desired | FILE_WRITE_DATA,
				    check_flags, &granted);

	if (nt) {
		return m_answer_nt(c, nt);
	}
	if (!(desired & GU_MAXIMUM_ALLOWED)) {
		granted &= asked | ~(uint32_t)FILE_WRITE_DATA;
	}
	d->asked = desired;
	d->granted = granted;
	if (obj->type == GU_OBJ_file) {
		gu_buf_reset(&((struct m_plain *)obj)->content);
	}
	return m_answer_handle(c, obj, granted);
}

static enum gu_rc open_existing(struct m_ctx *c, struct m_object *obj,
				uint32_t desired, uint32_t disposition)
{
	bool backup = m_uint(c, FLAGS, 0) & FILE_FLAG_BACKUP_SEMANTICS;
	uint32_t flags = backup ? GU_CHECK_BACKUP_INTENT : 0;
	enum gu_rc rc;

	/* The way to it is closed before anything is known of it. */
	if (m_below_impersonation(c->thread)) {
		return answer_open(c, obj, desired, 0);
	}
	if (disposition == CREATE_NEW) {
		m_decide(c, obj, desired, 0);
		return m_answer_code(c, ERROR_FILE_EXISTS);
	}
	/* CreateFile opens directories only for who says so. */
	if (obj->type == GU_OBJ_directory && !backup) {
		m_decide(c, obj, desired, 0);
		return m_answer_nt(c, GU_NT_ACCESS_DENIED);
	}
	rc = disposition == CREATE_ALWAYS || disposition == TRUNCATE_EXISTING
		     ? overwrite(c, obj, desired, flags)
		     : answer_open(c, obj, desired, flags);
	if (rc || !c->call->out.status.ok || disposition == OPEN_EXISTING ||
	    disposition == TRUNCATE_EXISTING) {
		return rc;
	}
	return m_answer_ok_with(c, GU_ERROR_ALREADY_EXISTS);
}

static enum gu_rc
create_file(struct m_ctx *c, const char *name, uint32_t desired)
{
	const struct m_object *dir =
		m_object_parent(c->w, GU_OBJ_file, name, 1);

	if (m_below_impersonation(c->thread)) {
		return answer_nothing(c, GU_OBJ_file, name, desired);
	}
	if (dir && !m_may(c, dir, FILE_ADD_FILE)) {
		return refuse_new(c, GU_OBJ_file, name, desired, FILE_ADD_FILE);
	}
	return create(c, GU_OBJ_file, name, m_str(c, SDDL), desired);
}

enum gu_rc m_fn_CreateFile(struct m_ctx *c)
{
	uint32_t desired =
		m_uint(c, ACCESS, 0) | gu_objtype_row(GU_OBJ_file)->adds;
	uint32_t disposition = m_uint(c, DISPOSITION, OPEN_EXISTING);
	struct path path;
	enum gu_rc rc;

	if (!path_arg(c, PATH, GU_OBJ_file, &path, &rc)) {
		return rc;
	}
	if (path.name && m_is_pipe_name(path.name)) {
		return m_pipe_open(c, path.name, desired, m_uint(c, FLAGS, 0),
				   m_arg(c, SQOS));
	}
	if (disposition < CREATE_NEW || disposition > TRUNCATE_EXISTING) {
		return m_answer_nt(c, GU_NT_INVALID_PARAMETER);
	}
	if (path.obj) {
		return is_file(path.obj) ? open_existing(c, path.obj, desired,
							 disposition)
					 : wrong_type(c, path.obj);
	}
	if (disposition == OPEN_EXISTING || disposition == TRUNCATE_EXISTING) {
		return answer_nothing(c, GU_OBJ_file, path.name, desired);
	}
	return create_file(c, path.name, desired);
}

enum gu_rc m_fn_CreateDirectory(struct m_ctx *c)
{
	enum { DIR_PATH, DIR_SDDL };
	const uint32_t desired = FILE_LIST_DIRECTORY | GU_SYNCHRONIZE;
	const char *name = m_str(c, DIR_PATH);
	const struct m_place place = m_place_of(c->w, GU_OBJ_directory, name);
	struct m_object *obj = m_object_find(c->w, GU_OBJ_directory, name);
	uint32_t nt;
	enum gu_rc rc;

	if (m_below_impersonation(c->thread)) {
		return answer_nothing(c, GU_OBJ_directory, name, desired);
	}
	if (obj) {
		m_decide(c, obj, desired, 0);
		return m_answer_code(c, GU_ERROR_ALREADY_EXISTS);
	}
	if (place.parent && !m_may(c, place.parent, FILE_ADD_SUBDIRECTORY)) {
		return refuse_new(c, GU_OBJ_directory, name, desired,
				  FILE_ADD_SUBDIRECTORY);
	}
	rc = make(c, &place, m_str(c, DIR_SDDL), &obj, &nt);
	if (rc || nt) {
		return rc ? rc : m_answer_nt(c, nt);
	}
	m_decide(c, obj, desired, desired);
	return m_answer_ok(c);
}

enum gu_rc m_fn_NtOpenFile(struct m_ctx *c)
{
	enum { NT_PATH, NT_ACCESS, NT_BACKUP, NT_SQOS };
	uint32_t desired = m_uint(c, NT_ACCESS, 0);
	struct path path;
	enum gu_rc rc;

	if (!path_arg(c, NT_PATH, GU_OBJ_file, &path, &rc)) {
		return rc;
	}
	if (path.name && m_is_pipe_name(path.name)) {
		return m_pipe_open(c, path.name, desired, 0, m_arg(c, NT_SQOS));
	}
	if (!path.obj) {
		return answer_nothing(c, GU_OBJ_file, path.name, desired);
	}
	if (!is_file(path.obj)) {
		return wrong_type(c, path.obj);
	}
	return answer_open(c, path.obj, desired,
			   m_bool(c, NT_BACKUP, false) ? GU_CHECK_BACKUP_INTENT
						       : 0);
}

/* Files, or the status that says why not. */
static uint32_t
file_of(const struct m_handle *h, uint32_t rights, struct m_plain **out)
{
	if (h->object->type == GU_OBJ_directory) {
		return GU_NT_INVALID_DEVICE_REQUEST;
	}
	if (h->object->type != GU_OBJ_file) {
		return GU_NT_OBJECT_TYPE_MISMATCH;
	}
	if (!(h->granted & rights)) {
		return GU_NT_ACCESS_DENIED;
	}
	*out = (struct m_plain *)h->object;
	return GU_NT_SUCCESS;
}

enum gu_rc m_fn_ReadFile(struct m_ctx *c)
{
	struct m_handle *h = m_handle(c, m_ref(c, 0));
	struct m_plain *file;
	uint32_t nt;
	enum gu_rc rc;

	if (!h) {
		return m_answer_nt(c, GU_NT_INVALID_HANDLE);
	}
	if (h->object->type == GU_OBJ_pipe) {
		return m_pipe_read(c, h);
	}
	nt = file_of(h, FILE_READ_DATA, &file);
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = m_set_text(c, file->content.data, file->content.len);
	return rc ? rc : m_answer_ok(c);
}

enum gu_rc m_fn_WriteFile(struct m_ctx *c)
{
	struct m_handle *h = m_handle(c, m_ref(c, 0));
	const struct gu_value *v = m_arg(c, 1);
	const char *data = v->type == GU_V_STR ? v->str.p : "";
	size_t len = v->type == GU_V_STR ? v->str.len : 0;
	struct m_plain *file;
	uint32_t nt;

	if (!h) {
		return m_answer_nt(c, GU_NT_INVALID_HANDLE);
	}
	if (h->object->type == GU_OBJ_pipe) {
		return m_pipe_write(c, h, data, len);
	}
	nt = file_of(h, FILE_WRITE_DATA | FILE_APPEND_DATA, &file);
	if (nt) {
		return m_answer_nt(c, nt);
	}
	gu_buf_add(&file->content, data, len);
	if (file->content.oom) {
		return gu_err_nomem(c->err);
	}
	return m_answer_ok(c);
}

enum gu_rc m_fn_RegOpenKeyEx(struct m_ctx *c)
{
	enum { KEY_PATH, KEY_ACCESS, KEY_BACKUP };
	uint32_t desired = m_uint(c, KEY_ACCESS, 0);
	struct path path;
	enum gu_rc rc;

	if (!path_arg(c, KEY_PATH, GU_OBJ_key, &path, &rc)) {
		return rc;
	}
	if (!path.obj) {
		return answer_nothing(c, GU_OBJ_key, path.name, desired);
	}
	if (path.obj->type != GU_OBJ_key) {
		return wrong_type(c, path.obj);
	}
	return answer_open(c, path.obj, desired,
			   m_bool(c, KEY_BACKUP, false) ? GU_CHECK_BACKUP_INTENT
							: 0);
}

enum gu_rc m_fn_RegCreateKeyEx(struct m_ctx *c)
{
	enum { KEY_PATH, KEY_ACCESS, KEY_SDDL };
	uint32_t desired = m_uint(c, KEY_ACCESS, 0);
	const struct m_object *parent;
	struct path path;
	enum gu_rc rc;

	if (!path_arg(c, KEY_PATH, GU_OBJ_key, &path, &rc)) {
		return rc;
	}
	if (path.obj) {
		return path.obj->type == GU_OBJ_key
			       ? answer_open(c, path.obj, desired, 0)
			       : wrong_type(c, path.obj);
	}
	if (m_below_impersonation(c->thread)) {
		return answer_nothing(c, GU_OBJ_key, path.name, desired);
	}
	parent = m_object_parent(c->w, GU_OBJ_key, path.name, 1);
	if (parent && !m_may(c, parent, KEY_CREATE_SUB_KEY)) {
		return refuse_new(c, GU_OBJ_key, path.name, desired,
				  KEY_CREATE_SUB_KEY);
	}
	return create(c, GU_OBJ_key, path.name, m_str(c, KEY_SDDL), desired);
}

static enum gu_rc create_or_open(struct m_ctx *c, enum gu_objtype type,
				 uint32_t desired, const char *sddl)
{
	const char *name = m_str(c, 0);
	struct m_object *obj = name ? m_object_find(c->w, type, name) : NULL;
	enum gu_rc rc;

	if (obj) {
		rc = answer_open(c, obj, desired, 0);
		return rc || !c->call->out.status.ok
			       ? rc
			       : m_answer_ok_with(c, GU_ERROR_ALREADY_EXISTS);
	}
	/* A name needs a directory to be opened; without one nothing does. */
	if (name && m_below_impersonation(c->thread)) {
		return answer_nothing(c, type, name, desired);
	}
	return create(c, type, name, sddl, desired);
}

/* CreateEvent and its kin: (name, access, sddl). */
static enum gu_rc create_kernel(struct m_ctx *c, enum gu_objtype type)
{
	return create_or_open(c, type,
			      m_uint(c, 1, gu_objtype_row(type)->map.all),
			      m_str(c, 2));
}

/* OpenEvent and its kin: (access, name). */
static enum gu_rc open_named(struct m_ctx *c, enum gu_objtype type)
{
	uint32_t desired = m_uint(c, 0, 0);
	struct path path;
	enum gu_rc rc;

	if (!path_arg(c, 1, type, &path, &rc)) {
		return rc;
	}
	if (!path.obj) {
		return answer_nothing(c, type, path.name, desired);
	}
	return path.obj->type == type ? answer_open(c, path.obj, desired, 0)
				      : wrong_type(c, path.obj);
}

enum gu_rc m_fn_CreateEvent(struct m_ctx *c)
{
	return create_kernel(c, GU_OBJ_event);
}

enum gu_rc m_fn_OpenEvent(struct m_ctx *c)
{
	return open_named(c, GU_OBJ_event);
}

enum gu_rc m_fn_CreateMutex(struct m_ctx *c)
{
	return create_kernel(c, GU_OBJ_mutex);
}

enum gu_rc m_fn_OpenMutex(struct m_ctx *c)
{
	return open_named(c, GU_OBJ_mutex);
}

enum gu_rc m_fn_CreateSemaphore(struct m_ctx *c)
{
	return create_kernel(c, GU_OBJ_semaphore);
}

enum gu_rc m_fn_OpenSemaphore(struct m_ctx *c)
{
	return open_named(c, GU_OBJ_semaphore);
}

enum gu_rc m_fn_CreateJobObject(struct m_ctx *c)
{
	return create_or_open(c, GU_OBJ_job,
			      gu_objtype_row(GU_OBJ_job)->map.all, m_str(c, 1));
}

enum gu_rc m_fn_OpenJobObject(struct m_ctx *c)
{
	return open_named(c, GU_OBJ_job);
}

enum gu_rc m_fn_OpenFileMapping(struct m_ctx *c)
{
	return open_named(c, GU_OBJ_section);
}

enum gu_rc m_fn_OpenService(struct m_ctx *c)
{
	enum { ERROR_SERVICE_DOES_NOT_EXIST = 1060 };
	uint32_t desired = m_uint(c, 1, 0);
	struct path path;
	uint32_t nt;
	enum gu_rc rc;

	if (!path_arg(c, 0, GU_OBJ_service, &path, &rc)) {
		return rc;
	}
	if (path.obj) {
		return path.obj->type == GU_OBJ_service
			       ? answer_open(c, path.obj, desired, 0)
			       : wrong_type(c, path.obj);
	}
	rc = m_open_nothing(c, GU_OBJ_service, path.name, desired, &nt);
	if (rc) {
		return rc;
	}
	return nt == GU_NT_OBJECT_NAME_NOT_FOUND
		       ? m_answer_code(c, ERROR_SERVICE_DOES_NOT_EXIST)
		       : m_answer_nt(c, nt);
}
