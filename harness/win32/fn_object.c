/* SPDX-License-Identifier: MIT */
#include "open.h"

#include <winternl.h>

#include "banned.h"

/* Functions that open or create objects by name. */

/* Ends a function that opens what exists: who was asked for what. */
static void answer_open(struct w_run *x, HANDLE h, uint32_t asked)
{
	DWORD last = GetLastError();

	SetLastError(last);
	w_answer_handle(x, h, x->job->type);
	x->out->asked = asked;
	x->out->checked = w_is_decision(x->out->status.ok ? 0 : last);
}

/* A handle that is not a kernel object's tells no rights: those asked for, in
 * full, are what it was opened with. */
static void assume_granted(struct w_run *x, uint32_t asked)
{
	if (x->out->status.ok && !x->out->granted) {
		x->out->granted =
			gu_mask_map(asked, &gu_objtype_row(x->job->type)->map);
	}
}

void w_fn_OpenEvent(struct w_run *x)
{
	HANDLE(WINAPI * fn)(DWORD, BOOL, const wchar_t *) = (void *)x->proc;
	uint32_t access = w_uint(x, 0, 0);

	answer_open(x, fn(access, FALSE, w_wide(x, 1)), access);
}

void w_fn_OpenMutex(struct w_run *x)
{
	w_fn_OpenEvent(x); /* the same shape */
}

void w_fn_OpenSemaphore(struct w_run *x)
{
	w_fn_OpenEvent(x);
}

void w_fn_OpenJobObject(struct w_run *x)
{
	w_fn_OpenEvent(x);
}

void w_fn_OpenFileMapping(struct w_run *x)
{
	w_fn_OpenEvent(x);
}

/* With ERROR_ALREADY_EXISTS it was opened, and that took a check. */
static void answer_create(struct w_run *x, HANDLE h, uint32_t asked)
{
	DWORD last = GetLastError();

	SetLastError(last);
	w_answer_handle(x, h, x->job->type);
	x->out->asked = asked;
	x->out->checked = last == ERROR_ALREADY_EXISTS ||
			  (!x->out->status.ok && w_is_decision(last));
}

void w_fn_CreateEvent(struct w_run *x)
{
	const DWORD manual_reset = 1;
	uint32_t access = w_uint(x, 1, EVENT_ALL_ACCESS);

	answer_create(x,
		      CreateEventExW(w_attributes(x, 2), w_wide(x, 0),
				     manual_reset, access),
		      access);
}

void w_fn_CreateMutex(struct w_run *x)
{
	uint32_t access = w_uint(x, 1, MUTEX_ALL_ACCESS);

	answer_create(
		x, CreateMutexExW(w_attributes(x, 2), w_wide(x, 0), 0, access),
		access);
}

void w_fn_CreateSemaphore(struct w_run *x)
{
	uint32_t access = w_uint(x, 1, SEMAPHORE_ALL_ACCESS);

	answer_create(x,
		      CreateSemaphoreExW(w_attributes(x, 2), 0, 1, w_wide(x, 0),
					 0, access),
		      access);
}

void w_fn_CreateJobObject(struct w_run *x)
{
	answer_create(x, CreateJobObjectW(w_attributes(x, 1), w_wide(x, 0)),
		      gu_objtype_row(GU_OBJ_job)->map.all);
}

void w_fn_OpenService(struct w_run *x)
{
	struct w_open how = { .type = GU_OBJ_service,
			      .name = w_wide(x, 0),
			      .access = w_uint(x, 1, 0) };
	uint32_t error;
	HANDLE h = w_open(&how, &error);

	SetLastError(error);
	answer_open(x, h, how.access);
	assume_granted(x, how.access);
}

static void
answer_key(struct w_run *x, LSTATUS status, HKEY key, uint32_t asked)
{
	x->out->type = GU_OBJ_key;
	if (!status) {
		w_answer_handle(x, key, GU_OBJ_key);
		assume_granted(x, asked);
	}
	w_answer_code(x, (uint32_t)status);
	x->out->asked = asked;
	x->out->checked = w_is_decision((uint32_t)status);
}

static HKEY root_of(struct w_run *x, const wchar_t **rest)
{
	const wchar_t *name = w_wide(x, 0);
	HKEY root = name ? w_key_root(name, rest) : NULL;

	if (!root) {
		w_answer_usage(x,
			       "%s: \"%s\" does not begin with HKLM, HKCU, "
			       "HKU or HKCR",
			       x->row->name, w_str(x, 0) ? w_str(x, 0) : "");
	}
	return root;
}

void w_fn_RegOpenKeyEx(struct w_run *x)
{
	LSTATUS(WINAPI * fn)
	(HKEY, const wchar_t *, DWORD, REGSAM, PHKEY) = (void *)x->proc;
	uint32_t access = w_uint(x, 1, 0);
	DWORD options = w_bool(x, 2, false) ? REG_OPTION_BACKUP_RESTORE : 0;
	const wchar_t *rest;
	HKEY root = root_of(x, &rest);
	HKEY key = NULL;

	if (root) {
		LSTATUS status = fn(root, rest, options, access, &key);

		answer_key(x, status, key, access);
	}
}

void w_fn_RegCreateKeyEx(struct w_run *x)
{
	LSTATUS(WINAPI * fn)
	(HKEY, const wchar_t *, DWORD, wchar_t *, DWORD, REGSAM,
	 const SECURITY_ATTRIBUTES *, PHKEY, DWORD *) = (void *)x->proc;
	uint32_t access = w_uint(x, 1, 0);
	DWORD how = 0;
	const wchar_t *rest;
	HKEY root = root_of(x, &rest);
	HKEY key = NULL;

	if (root) {
		LSTATUS status = fn(root, rest, 0, NULL, 0, access,
				    w_attributes(x, 2), &key, &how);

		answer_key(x, status, key, access);
		x->out->checked = status || how == REG_OPENED_EXISTING_KEY;
	}
}

static DWORD sqos_flags(struct gu_sqos sqos)
{
	if (!sqos.present) {
		return 0;
	}
	return SECURITY_SQOS_PRESENT | (DWORD)sqos.level << 16 |
	       (sqos.dynamic ? SECURITY_CONTEXT_TRACKING : 0) |
	       (sqos.effective_only ? SECURITY_EFFECTIVE_ONLY : 0);
}

void w_fn_CreateFile(struct w_run *x)
{
	enum { PATH, ACCESS, SHARE, DISPOSITION, FLAGS, SQOS, SDDL };
	HANDLE(WINAPI * fn)
	(const wchar_t *, DWORD, DWORD, SECURITY_ATTRIBUTES *, DWORD, DWORD,
	 HANDLE) = (void *)x->proc;
	const DWORD share =
		FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	uint32_t access = w_uint(x, ACCESS, 0);
	HANDLE h =
		fn(w_wide(x, PATH), access, w_uint(x, SHARE, share),
		   w_attributes(x, SDDL), w_uint(x, DISPOSITION, OPEN_EXISTING),
		   w_uint(x, FLAGS, 0) | sqos_flags(w_sqos(x, SQOS)), NULL);

	answer_open(x, h, access | gu_objtype_row(x->job->type)->adds);
}

void w_fn_CreateDirectory(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(const wchar_t *, SECURITY_ATTRIBUTES *) = (void *)x->proc;
	BOOL ok = fn(w_wide(x, 0), w_attributes(x, 1));
	DWORD last = GetLastError();

	SetLastError(last);
	w_answer_bool(x, ok);
	x->out->type = GU_OBJ_directory;
	x->out->checked = !ok && w_is_decision(last);
}

/* The native name of a path: \\??\\C:\\x. */
static bool native_name(const struct w_run *x, UNICODE_STRING *out)
{
	BOOLEAN(WINAPI * convert)
	(const wchar_t *, UNICODE_STRING *, void *, void *) =
		(void *)w_resolve("ntdll.dll", "RtlDosPathNameToNtPathName_U");
	const wchar_t *path = w_wide(x, 0);

	return convert && path && convert(path, out, NULL, NULL);
}

void w_fn_NtOpenFile(struct w_run *x)
{
	LONG(WINAPI * fn)
	(PHANDLE, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG,
	 ULONG) = (void *)x->proc;
	const ULONG share =
		FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	const ULONG for_backup = 0x4000;
	UNICODE_STRING name;
	OBJECT_ATTRIBUTES attributes = {
		.Length = sizeof(attributes),
		.ObjectName = &name,
		.Attributes = OBJ_CASE_INSENSITIVE,
		.SecurityQualityOfService = w_native_sqos(x, 3),
	};
	IO_STATUS_BLOCK io;
	HANDLE h = NULL;
	uint32_t nt;

	if (!native_name(x, &name)) {
		w_answer_code(x, GU_NT_OBJECT_NAME_INVALID);
		return;
	}
	nt = (uint32_t)fn(&h, w_uint(x, 1, 0), &attributes, &io, share,
			  w_bool(x, 2, false) ? for_backup : 0);
	SetLastError(0);
	w_answer_handle(x, gu_nt_success(nt) ? h : NULL, x->job->type);
	w_answer_code(x, nt);
	x->out->asked = w_uint(x, 1, 0);
	x->out->checked = w_is_decision(gu_ntstatus_to_win32(nt));
}

void w_fn_ReadFile(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, void *, DWORD, DWORD *, void *) = (void *)x->proc;
	enum { MOST = 65536 };
	char *room = gu_arena_alloc(x->arena, MOST);
	DWORD got = 0;
	BOOL ok;

	if (!room) {
		w_answer_nomem(x);
		return;
	}
	ok = fn(w_handle(x, 0), room, MOST, &got, NULL);
	w_answer_bool(x, ok);
	if (ok) {
		w_set_bytes(x, room, got);
	}
}

void w_fn_WriteFile(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, const void *, DWORD, DWORD *, void *) = (void *)x->proc;
	const struct gu_value *data = &x->job->args[1];
	bool given = data->type == GU_V_STR;
	DWORD put = 0;

	w_answer_bool(x, fn(w_handle(x, 0), given ? data->str.p : "",
			    given ? (DWORD)data->str.len : 0, &put, NULL));
}
