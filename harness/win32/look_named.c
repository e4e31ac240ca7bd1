/* SPDX-License-Identifier: MIT */
#include "looks.h"

#include <wchar.h>
#include <winternl.h>

#include "alloc.h"
#include "exec.h"
#include "wide.h"

#include "banned.h"

/* Services, pipes, and what the kernel's object directories hold. */

/* services */

static enum gu_rc
look_service(struct w_look *l, SC_HANDLE manager, const wchar_t *wide)
{
	SC_HANDLE service = OpenServiceW(manager, wide, READ_CONTROL);
	uint32_t error = GetLastError();
	char *name = gu_wide_to_utf8(wide);
	enum gu_rc rc = name ? w_look_object(l, name, GU_OBJ_service,
					     (HANDLE)service, error)
			     : GU_RC_OK;

	if (service) {
		(void)CloseServiceHandle(service);
	}
	gu_free(name);
	return rc;
}

static enum gu_rc list_services(struct w_look *l, SC_HANDLE manager)
{
	enum { ROOM = 256 * 1024 };
	BYTE *room = gu_calloc(1, ROOM);
	const ENUM_SERVICE_STATUS_PROCESSW *list =
		(const ENUM_SERVICE_STATUS_PROCESSW *)(void *)room;
	DWORD needed, count, resume = 0;
	BOOL all = FALSE;
	enum gu_rc rc = room ? GU_RC_OK : gu_err_nomem(l->err);

	while (!rc && !all) {
		all = EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO,
					    SERVICE_WIN32 | SERVICE_DRIVER,
					    SERVICE_STATE_ALL, room, ROOM,
					    &needed, &count, &resume, NULL);
		if (!all && GetLastError() != ERROR_MORE_DATA) {
			rc = w_look_object(l, "services", GU_OBJ_service, NULL,
					   GetLastError());
			break;
		}
		for (DWORD i = 0; !rc && i < count; i++) {
			rc = look_service(l, manager, list[i].lpServiceName);
		}
	}
	gu_free(room);
	return rc;
}

enum gu_rc w_look_services(struct w_look *l)
{
	SC_HANDLE manager = OpenSCManagerW(
		NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
	enum gu_rc rc;

	if (!manager) {
		return w_look_object(l, "services", GU_OBJ_service, NULL,
				     GetLastError());
	}
	rc = list_services(l, manager);
	(void)CloseServiceHandle(manager);
	return rc;
}

/* pipes */

/* There is no other way to a pipe than its client's end. Its server sees a
 * client come and go that it cannot impersonate. */
static enum gu_rc look_pipe(struct w_look *l, const char *name)
{
	wchar_t *wide = gu_wide_from_utf8(name);
	HANDLE h = INVALID_HANDLE_VALUE;
	uint32_t error = ERROR_INVALID_NAME;
	enum gu_rc rc;

	if (wide) {
		h = CreateFileW(
			wide, READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_WRITE,
			NULL, OPEN_EXISTING,
			SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, NULL);
		error = GetLastError();
	}
	rc = w_look_object(l, name, GU_OBJ_pipe,
			   h == INVALID_HANDLE_VALUE ? NULL : h, error);
	if (h != INVALID_HANDLE_VALUE) {
		(void)CloseHandle(h);
	}
	gu_free(wide);
	return rc;
}

enum gu_rc w_look_pipes(struct w_look *l)
{
	struct w_todo todo = { .list = NULL };
	WIN32_FIND_DATAW entry;
	HANDLE find = FindFirstFileW(L"\\\\.\\pipe\\*", &entry);
	enum gu_rc rc = GU_RC_OK;
	char *name;

	if (find == INVALID_HANDLE_VALUE) {
		return GetLastError() == ERROR_FILE_NOT_FOUND
			       ? GU_RC_OK
			       : w_look_object(l, "\\\\.\\pipe\\*", GU_OBJ_pipe,
					       NULL, GetLastError());
	}
	do {
		if (entry.cFileName[0] != L'.') {
			rc = w_todo_push(&todo, "\\\\.\\pipe", entry.cFileName,
					 l->err);
		}
	} while (!rc && FindNextFileW(find, &entry));
	(void)FindClose(find);
	w_todo_sort(&todo, 0);
	while (!rc && (name = w_todo_pop(&todo))) {
		rc = look_pipe(l, name);
		gu_free(name);
	}
	w_todo_release(&todo);
	return rc;
}

/* kernel objects */

typedef NTSTATUS(WINAPI *open_fn)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
typedef NTSTATUS(WINAPI *query_fn)(HANDLE, void *, ULONG, BOOLEAN, BOOLEAN,
				   ULONG *, ULONG *);

struct directory_entry {
	UNICODE_STRING name;
	UNICODE_STRING type;
};

static const struct kernel_type {
	const wchar_t *name; /* as the kernel has it */
	enum gu_objtype type;
	const char *open;
} kernel_types[] = {
	{ L"Event", GU_OBJ_event, "NtOpenEvent" },
	{ L"Mutant", GU_OBJ_mutex, "NtOpenMutant" },
	{ L"Semaphore", GU_OBJ_semaphore, "NtOpenSemaphore" },
	{ L"Job", GU_OBJ_job, "NtOpenJobObject" },
	{ L"Section", GU_OBJ_section, "NtOpenSection" },
	{ L"Directory", GU_OBJ_NONE, "NtOpenDirectoryObject" },
};
#define KERNEL_TYPES (sizeof(kernel_types) / sizeof(kernel_types[0]))

static uint32_t nt_open(const struct kernel_type *type, const char *name,
			ACCESS_MASK access, HANDLE *out)
{
	open_fn open = (open_fn)(void *)w_resolve("ntdll", type->open);
	wchar_t *wide = gu_wide_from_utf8(name);
	UNICODE_STRING text;
	OBJECT_ATTRIBUTES attributes;
	NTSTATUS status;

	*out = NULL;
	if (!open || !wide) {
		gu_free(wide);
		return open ? ERROR_INVALID_NAME : ERROR_PROC_NOT_FOUND;
	}
	RtlInitUnicodeString(&text, wide);
	InitializeObjectAttributes(&attributes, &text, OBJ_CASE_INSENSITIVE,
				   NULL, NULL);
	status = open(out, access, &attributes);
	gu_free(wide);
	return status < 0 ? RtlNtStatusToDosError(status) : 0;
}

static enum gu_rc
look_kernel(struct w_look *l, const struct kernel_type *type, const char *name)
{
	HANDLE h;
	uint32_t error = nt_open(type, name, READ_CONTROL, &h);
	enum gu_rc rc = w_look_object(l, name, type->type, h, error);

	if (h) {
		(void)CloseHandle(h);
	}
	return rc;
}

/* What is in a directory, by type: a stack for each. */
static enum gu_rc list_directory(struct w_look *l, HANDLE directory,
				 const char *path,
				 struct w_todo by_type[KERNEL_TYPES])
{
	query_fn query =
		(query_fn)(void *)w_resolve("ntdll", "NtQueryDirectoryObject");
	union {
		struct directory_entry entry;
		BYTE room[4096];
	} u;
	ULONG at = 0, got;
	enum gu_rc rc = GU_RC_OK;

	while (!rc && query &&
	       query(directory, &u, sizeof(u), TRUE, FALSE, &at, &got) == 0) {
		for (size_t i = 0; !rc && i < KERNEL_TYPES; i++) {
			if (!wcscmp(u.entry.type.Buffer,
				    kernel_types[i].name)) {
				rc = w_todo_push(&by_type[i], path,
						 u.entry.name.Buffer, l->err);
			}
		}
	}
	return rc;
}

static enum gu_rc
visit_directory(struct w_look *l, struct w_todo *todo, const char *path)
{
	const struct kernel_type *self = &kernel_types[KERNEL_TYPES - 1];
	struct w_todo found[KERNEL_TYPES] = { { .list = NULL } };
	HANDLE directory;
	uint32_t error =
		nt_open(self, path, 1 /* DIRECTORY_QUERY */, &directory);
	enum gu_rc rc = GU_RC_OK;
	char *name;

	if (!directory) {
		return w_look_object(l, path, GU_OBJ_event, NULL, error);
	}
	rc = list_directory(l, directory, path, found);
	(void)CloseHandle(directory);
	for (size_t i = 0; i < KERNEL_TYPES; i++) {
		w_todo_sort(&found[i], 0);
		while (!rc && (name = w_todo_pop(&found[i]))) {
			rc = &kernel_types[i] == self
				     ? w_todo_push(todo, name, NULL, l->err)
				     : look_kernel(l, &kernel_types[i], name);
			gu_free(name);
		}
		w_todo_release(&found[i]);
	}
	return rc;
}

enum gu_rc w_look_kernel(struct w_look *l, const char *root)
{
	struct w_todo todo = { .list = NULL };
	enum gu_rc rc = w_todo_push(&todo, root, NULL, l->err);
	char *path;

	while (!rc && (path = w_todo_pop(&todo))) {
		rc = visit_directory(l, &todo, path);
		gu_free(path);
	}
	w_todo_release(&todo);
	return rc;
}
