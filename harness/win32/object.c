/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "native.h"
#include "open.h"
#include "privilege.h"
#include "probe.h"
#include "sddl.h"

#include "banned.h"

/* Objects that scenarios set up, and those of the machine they look at. */

/* Owner and group that a descriptor lacks; all of it when there is none, as a
 * SYSTEM process would have made it. */
static enum gu_rc complete(struct w_fix *f, struct gu_sd *sd, bool given)
{
	struct w_account *system;
	enum gu_rc rc =
		w_account_find(f->w, "NT AUTHORITY\\SYSTEM", &system, f->err);

	if (rc) {
		return rc;
	}
	if (!gu_sid_is_set(&sd->owner)) {
		sd->owner = system->token->owner;
	}
	if (!gu_sid_is_set(&sd->group)) {
		sd->group = system->token->primary_group;
	}
	if (!given) {
		sd->control |= GU_SE_DACL_PRESENT;
		rc = gu_acl_copy(&sd->dacl, &system->token->default_dacl,
				 f->err);
	}
	return rc;
}

/* Generic rights are mapped as the object manager maps those of a new object;
 * not every system does so by itself. */
static void map_generic(struct gu_sd *sd, enum gu_objtype type)
{
	const struct gu_generic_mapping *map = &gu_objtype_row(type)->map;

	for (uint32_t i = 0; i < sd->dacl.count; i++) {
		struct gu_ace *ace = &sd->dacl.aces[i];

		if (!(ace->flags & GU_ACE_INHERIT_ONLY)) {
			ace->mask = gu_mask_map(ace->mask, map);
		}
	}
}

static enum gu_rc
descriptor(struct w_fix *f, enum gu_objtype type, struct gu_buf *out)
{
	const char *text = w_fix_str(f, 2);
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = GU_RC_OK;

	if (text) {
		rc = gu_sddl_parse(&sd, text, &f->w->machine, f->err);
	}
	if (!rc) {
		rc = complete(f, &sd, text != NULL);
	}
	if (!rc) {
		map_generic(&sd, type);
		gu_sd_encode(&sd, out);
		rc = gu_buf_check(out, f->err);
	}
	gu_sd_release(&sd);
	return rc;
}

/* Folders on the way to a file. */
static void make_parents(wchar_t *path)
{
	for (wchar_t *p = wcschr(path, L'\\'); p; p = wcschr(p + 1, L'\\')) {
		*p = L'\0';
		(void)CreateDirectoryW(path, NULL);
		*p = L'\\';
	}
}

static HANDLE
make_file(enum gu_objtype type, wchar_t *name, SECURITY_ATTRIBUTES *sa)
{
	const DWORD share =
		FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	HANDLE h;

	make_parents(name);
	if (type == GU_OBJ_directory) {
		if (!CreateDirectoryW(name, sa)) {
			return NULL;
		}
		return CreateFileW(name, READ_CONTROL, share, NULL,
				   OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS,
				   NULL);
	}
	h = CreateFileW(name, READ_CONTROL, share, sa, CREATE_NEW, 0, NULL);
	return h == INVALID_HANDLE_VALUE ? NULL : h;
}

SECURITY_INFORMATION w_sd_parts(const void *self_relative)
{
	const SECURITY_DESCRIPTOR_RELATIVE *sd = self_relative;

	return (sd->Owner ? OWNER_SECURITY_INFORMATION : 0) |
	       (sd->Group ? GROUP_SECURITY_INFORMATION : 0) |
	       (sd->Control & SE_DACL_PRESENT ? DACL_SECURITY_INFORMATION : 0) |
	       (sd->Control & SE_SACL_PRESENT ? LABEL_SECURITY_INFORMATION : 0);
}

/* The descriptor is set once the key is there: not every system takes it at
 * creation. */
static HANDLE make_key(const wchar_t *name, SECURITY_ATTRIBUTES *sa)
{
	const wchar_t *rest;
	HKEY root = w_key_root(name, &rest);
	HKEY key = NULL;
	DWORD how;
	LSTATUS error = root ? RegCreateKeyExW(root, rest, 0, NULL, 0,
					       KEY_ALL_ACCESS, NULL, &key, &how)
			     : ERROR_PATH_NOT_FOUND;

	if (!error) {
		error = RegSetKeySecurity(key,
					  w_sd_parts(sa->lpSecurityDescriptor),
					  sa->lpSecurityDescriptor);
	}
	SetLastError((DWORD)error);
	return error ? NULL : key;
}

static HANDLE make_service(const wchar_t *name, SECURITY_ATTRIBUTES *sa)
{
	SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS);
	SC_HANDLE s;

	if (!manager) {
		return NULL;
	}
	s = CreateServiceW(manager, name, name, SERVICE_ALL_ACCESS,
			   SERVICE_WIN32_OWN_PROCESS, SERVICE_DISABLED,
			   SERVICE_ERROR_IGNORE, L"C:\\guise-no-such.exe", NULL,
			   NULL, NULL, NULL, NULL);
	if (s) {
		(void)SetServiceObjectSecurity(
			s, w_sd_parts(sa->lpSecurityDescriptor),
			sa->lpSecurityDescriptor);
	}
	(void)CloseServiceHandle(manager);
	return s;
}

static HANDLE make(enum gu_objtype type, wchar_t *name, SECURITY_ATTRIBUTES *sa)
{
	SetLastError(0);
	switch (type) {
	case GU_OBJ_event:
		return CreateEventW(sa, TRUE, FALSE, name);
	case GU_OBJ_mutex:
		return CreateMutexW(sa, FALSE, name);
	case GU_OBJ_semaphore:
		return CreateSemaphoreW(sa, 0, 1, name);
	case GU_OBJ_job:
		return CreateJobObjectW(sa, name);
	case GU_OBJ_section:
		return CreateFileMappingW(INVALID_HANDLE_VALUE, sa,
					  PAGE_EXECUTE_READWRITE, 0, 4096,
					  name);
	case GU_OBJ_file:
	case GU_OBJ_directory:
		return make_file(type, name, sa);
	case GU_OBJ_key:
		return make_key(name, sa);
	case GU_OBJ_service:
		return make_service(name, sa);
	case GU_OBJ_process:
	case GU_OBJ_thread:
	case GU_OBJ_token:
	case GU_OBJ_pipe:
	case GU_OBJ_port:
	case GU_OBJ_COUNT:
		break;
	}
	return NULL;
}

static enum gu_rc add_item(struct w_fix *f, const struct w_object *like)
{
	struct w_world *w = f->w;
	struct w_object *o = gu_arena_alloc(&w->arena, sizeof(*o));
	struct gu_decision *d = &f->call->out.decision;
	enum gu_rc rc;

	if (!o) {
		return gu_err_nomem(f->err);
	}
	*o = *like;
	rc = w_item_add(w, GU_REF_OBJECT, o, &o->ref, f->err);
	if (rc) {
		return rc;
	}
	o->next = w->objects;
	w->objects = o;
	d->type = o->type;
	d->object = o->name;
	return w_fix_ok(f, o->ref);
}

static enum gu_rc
create(struct w_fix *f, struct w_object *o, const struct gu_buf *sd)
{
	SECURITY_ATTRIBUTES sa = { .nLength = sizeof(sa),
				   .lpSecurityDescriptor = sd->data };
	wchar_t *name = w_widen(&f->w->arena, o->real);
	gu_privset raised;
	DWORD last;

	if (!name) {
		return gu_err_nomem(f->err);
	}
	/* An owner of its own choice is for who may restore. */
	raised = w_privileges_raise(GU_PRIV_BIT(GU_PRIV_Restore));
	o->keep = make(o->type, name, &sa);
	last = GetLastError();
	w_privileges_drop(raised);
	if (o->keep && last != ERROR_ALREADY_EXISTS) {
		return GU_RC_OK;
	}
	if (o->keep) {
		w_close_opened(o->type, o->keep);
	}
	return gu_err_set(f->err, GU_RC_USAGE,
			  "%s: \"%s\" cannot be made as %s: error %lu (%s)",
			  gu_objtype_row(o->type)->name, o->name, o->real, last,
			  gu_status_name(GU_CONV_BOOL, last)
				  ? gu_status_name(GU_CONV_BOOL, last)
				  : "no name");
}

static enum gu_rc check_type(struct w_fix *f, enum gu_objtype type)
{
	enum gu_cap cap;

	if (type >= GU_OBJ_COUNT ||
	    !(gu_objtype_row(type)->flags & GU_OBJ_FIXTURE)) {
		return gu_err_set(f->err, GU_RC_USAGE,
				  "object: \"type\" must be a type of object "
				  "that exists by itself");
	}
	if (!w_fix_str(f, 1)) {
		return gu_err_set(f->err, GU_RC_USAGE, "%s: a name is missing",
				  gu_objtype_row(type)->name);
	}
	cap = (enum gu_cap)gu_objtype_row(type)->cap;
	return w_probe(cap) ? GU_RC_OK
			    : gu_err_set(f->err, GU_RC_UNSUPPORTED,
					 "win32 lacks %s: %s", gu_cap_name(cap),
					 gu_cap_doc(cap));
}

enum gu_rc w_fix_object(struct w_fix *f)
{
	enum gu_objtype type = (enum gu_objtype)w_fix_uint(f, 0, GU_OBJ_COUNT);
	struct w_target target;
	struct gu_buf sd = GU_BUF_INIT;
	enum gu_rc rc = check_type(f, type);

	if (!rc) {
		rc = w_target(f->w, w_fix_arg(f, 1), type, &target, f->err);
	}
	if (rc) {
		return rc;
	}
	if (target.object) {
		return gu_err_set(f->err, GU_RC_USAGE,
				  "%s: there is one named \"%s\" already",
				  gu_objtype_row(type)->name, target.name);
	}
	rc = descriptor(f, type, &sd);
	if (!rc) {
		struct w_object o = { .type = type,
				      .name = target.name,
				      .real = target.real };

		rc = create(f, &o, &sd);
		if (!rc) {
			rc = add_item(f, &o);
		}
	}
	gu_buf_release(&sd);
	return rc;
}

/* Opened to read what secures it, and never changed. */
enum gu_rc w_fix_existing(struct w_fix *f)
{
	enum gu_objtype type = (enum gu_objtype)w_fix_uint(f, 0, GU_OBJ_COUNT);
	const char *name = w_fix_str(f, 1);
	struct w_target made;
	struct w_object o = { .type = type, .existing = true };
	struct w_open how = { .type = type, .access = READ_CONTROL };
	uint32_t error;

	if (type >= GU_OBJ_COUNT || !name) {
		return gu_err_set(f->err, GU_RC_USAGE,
				  "existing: a type and a name are needed");
	}
	/* What the scenario's own threads made is under the prefix. */
	if (!w_target(f->w, w_fix_arg(f, 1), type, &made, NULL)) {
		how.name = w_widen(&f->w->arena, made.real);
		o.keep = how.name ? w_open(&how, &error) : NULL;
		o.real = made.real;
	}
	if (!o.keep) {
		how.name = w_widen(&f->w->arena, name);
		o.keep = how.name ? w_open(&how, &error) : NULL;
		o.real = gu_arena_strdup(&f->w->arena, name);
	}
	o.name = gu_arena_strdup(&f->w->arena, name);
	if (!o.name || !o.real || !how.name) {
		return gu_err_nomem(f->err);
	}
	/* One that may not be read can be tried all the same. */
	if (!o.keep && error != ERROR_ACCESS_DENIED) {
		return gu_err_set(f->err, GU_RC_USAGE,
				  "there is no %s named \"%s\": error %lu",
				  gu_objtype_row(type)->doc, name,
				  (unsigned long)error);
	}
	return add_item(f, &o);
}

/* A key that denies its own deletion is opened up first. */
static void remove_key(const struct w_object *o)
{
	static const SECURITY_DESCRIPTOR_RELATIVE open_to_all = {
		.Revision = SECURITY_DESCRIPTOR_REVISION,
		.Control = SE_SELF_RELATIVE | SE_DACL_PRESENT,
	};
	SECURITY_DESCRIPTOR_RELATIVE sd = open_to_all;

	(void)RegSetKeySecurity(o->keep, DACL_SECURITY_INFORMATION, &sd);
	(void)RegDeleteTreeW(o->keep, NULL);
}

void w_object_close(struct w_world *w, struct w_object *o)
{
	wchar_t *name;

	if (o->type == GU_OBJ_key && o->keep && !o->existing) {
		remove_key(o);
	} else if (o->type == GU_OBJ_service && o->keep && !o->existing) {
		(void)DeleteService(o->keep);
	}
	if (o->keep) {
		w_close_opened(o->type, o->keep);
	}
	if (o->existing) {
		return;
	}
	name = w_widen(&w->reading, o->real);
	if (name && o->type == GU_OBJ_file) {
		(void)DeleteFileW(name);
	} else if (name && o->type == GU_OBJ_directory) {
		(void)RemoveDirectoryW(name);
	}
}

void w_handle_close(struct w_handle *h)
{
	if (h->closed || h->process->agent) {
		return;
	}
	w_close_opened(h->type, (HANDLE)(INT_PTR)(int32_t)h->value);
}
