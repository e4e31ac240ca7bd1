/* SPDX-License-Identifier: MIT */
#include "open.h"

#include <wchar.h>

#include "banned.h"

HKEY w_key_root(const wchar_t *name, const wchar_t **rest)
{
	static const struct {
		const wchar_t *name;
		HKEY key;
	} roots[] = {
		{ L"HKLM", HKEY_LOCAL_MACHINE },
		{ L"HKEY_LOCAL_MACHINE", HKEY_LOCAL_MACHINE },
		{ L"HKCU", HKEY_CURRENT_USER },
		{ L"HKEY_CURRENT_USER", HKEY_CURRENT_USER },
		{ L"HKU", HKEY_USERS },
		{ L"HKEY_USERS", HKEY_USERS },
		{ L"HKCR", HKEY_CLASSES_ROOT },
		{ L"HKEY_CLASSES_ROOT", HKEY_CLASSES_ROOT },
	};

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		size_t n = wcslen(roots[i].name);

		if (_wcsnicmp(name, roots[i].name, n) == 0 &&
		    (name[n] == L'\\' || !name[n])) {
			*rest = name[n] ? name + n + 1 : name + n;
			return roots[i].key;
		}
	}
	return NULL;
}

bool w_is_decision(uint32_t error)
{
	return error == ERROR_SUCCESS || error == ERROR_ACCESS_DENIED ||
	       error == ERROR_BAD_IMPERSONATION_LEVEL ||
	       error == ERROR_PRIVILEGE_NOT_HELD;
}

static HANDLE open_key(const struct w_open *how, uint32_t *error)
{
	const wchar_t *rest;
	HKEY root = w_key_root(how->name, &rest);
	HKEY key = NULL;
	LSTATUS status;

	if (!root) {
		*error = ERROR_PATH_NOT_FOUND;
		return NULL;
	}
	status = RegOpenKeyExW(root, rest,
			       how->backup ? REG_OPTION_BACKUP_RESTORE : 0,
			       how->access, &key);
	*error = (uint32_t)status;
	return status ? NULL : key;
}

static HANDLE open_service(const struct w_open *how, uint32_t *error)
{
	SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
	SC_HANDLE service = NULL;

	*error = GetLastError();
	if (manager) {
		service = OpenServiceW(manager, how->name, how->access);
		*error = GetLastError();
		(void)CloseServiceHandle(manager);
	}
	return service;
}

static HANDLE open_file(const struct w_open *how)
{
	const DWORD share =
		FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	bool backup = how->backup || how->type == GU_OBJ_directory;
	HANDLE h =
		CreateFileW(how->name, how->access, share, NULL, OPEN_EXISTING,
			    backup ? FILE_FLAG_BACKUP_SEMANTICS : 0, NULL);

	return h == INVALID_HANDLE_VALUE ? NULL : h;
}

/* A handle is opened from when its object has no name. Rights that the source
 * lacks take a check of the object itself, so it is made to lack all. */
static HANDLE open_again(const struct w_open *how)
{
	const HANDLE self = GetCurrentProcess();
	HANDLE weak = NULL, h = NULL;
	DWORD last;

	if (!DuplicateHandle(self, how->source, self, &weak, 0, FALSE, 0)) {
		return NULL;
	}
	if (!DuplicateHandle(self, weak, self, &h, how->access, FALSE, 0)) {
		h = NULL;
	}
	last = GetLastError();
	(void)CloseHandle(weak);
	SetLastError(last);
	return h;
}

/* The object manager's own: one function each, and all of one shape. */
static HANDLE open_kernel(const struct w_open *how)
{
	if (!how->name) {
		return open_again(how);
	}
	if (how->type == GU_OBJ_event) {
		return OpenEventW(how->access, FALSE, how->name);
	}
	if (how->type == GU_OBJ_mutex) {
		return OpenMutexW(how->access, FALSE, how->name);
	}
	if (how->type == GU_OBJ_job) {
		return OpenJobObjectW(how->access, FALSE, how->name);
	}
	return how->type == GU_OBJ_semaphore
		       ? OpenSemaphoreW(how->access, FALSE, how->name)
		       : OpenFileMappingW(how->access, FALSE, how->name);
}

HANDLE w_open(const struct w_open *how, uint32_t *error)
{
	HANDLE h = NULL;

	SetLastError(0);
	*error = ERROR_NOT_SUPPORTED;
	switch (how->type) {
	case GU_OBJ_key:
		if (how->name) {
			return open_key(how, error);
		}
		h = open_again(how);
		break;
	case GU_OBJ_service:
		return open_service(how, error);
	case GU_OBJ_file:
	case GU_OBJ_directory:
	case GU_OBJ_pipe:
		h = how->name ? open_file(how) : open_again(how);
		break;
	case GU_OBJ_event:
	case GU_OBJ_mutex:
	case GU_OBJ_semaphore:
	case GU_OBJ_job:
	case GU_OBJ_section:
		h = open_kernel(how);
		break;
	case GU_OBJ_process:
		h = OpenProcess(how->access, FALSE, GetProcessId(how->source));
		break;
	case GU_OBJ_thread:
		h = OpenThread(how->access, FALSE, GetThreadId(how->source));
		break;
	case GU_OBJ_token:
		h = open_again(how);
		break;
	case GU_OBJ_port:
	case GU_OBJ_COUNT:
		return NULL;
	}
	*error = h ? 0 : GetLastError();
	return h;
}

void w_close_opened(enum gu_objtype type, HANDLE h)
{
	if (type == GU_OBJ_key) {
		(void)RegCloseKey(h);
	} else if (type == GU_OBJ_service) {
		(void)CloseServiceHandle(h);
	} else {
		(void)CloseHandle(h);
	}
}
