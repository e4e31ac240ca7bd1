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

/* More rights than the source handle has take a check of the token itself. */
static HANDLE open_token(const struct w_open *how)
{
	HANDLE h = NULL;
	BOOL ok =
		DuplicateHandle(GetCurrentProcess(), how->source,
				GetCurrentProcess(), &h, how->access, FALSE, 0);

	return ok ? h : NULL;
}

HANDLE w_open(const struct w_open *how, uint32_t *error)
{
	HANDLE h = NULL;

	SetLastError(0);
	*error = ERROR_NOT_SUPPORTED;
	switch (how->type) {
	case GU_OBJ_key:
		return open_key(how, error);
	case GU_OBJ_service:
		return open_service(how, error);
	case GU_OBJ_file:
	case GU_OBJ_directory:
	case GU_OBJ_pipe:
		h = open_file(how);
		break;
	case GU_OBJ_event:
		h = OpenEventW(how->access, FALSE, how->name);
		break;
	case GU_OBJ_mutex:
		h = OpenMutexW(how->access, FALSE, how->name);
		break;
	case GU_OBJ_semaphore:
		h = OpenSemaphoreW(how->access, FALSE, how->name);
		break;
	case GU_OBJ_section:
		h = OpenFileMappingW(how->access, FALSE, how->name);
		break;
	case GU_OBJ_process:
		h = OpenProcess(how->access, FALSE, GetProcessId(how->source));
		break;
	case GU_OBJ_thread:
		h = OpenThread(how->access, FALSE, GetThreadId(how->source));
		break;
	case GU_OBJ_token:
		h = open_token(how);
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
