/* SPDX-License-Identifier: MIT */
#include "spawn.h"

#include <stdio.h>
#include <wchar.h>

#include "alloc.h"

#include "banned.h"

#define PATH_MOST 32768

/* Only the two pipe ends are inherited, whatever else is inheritable. */
static LPPROC_THREAD_ATTRIBUTE_LIST inherit_only(HANDLE *ends)
{
	LPPROC_THREAD_ATTRIBUTE_LIST list;
	SIZE_T size = 0;

	(void)InitializeProcThreadAttributeList(NULL, 1, 0, &size);
	list = gu_calloc(1, size);
	if (list && InitializeProcThreadAttributeList(list, 1, 0, &size) &&
	    UpdateProcThreadAttribute(list, 0,
				      PROC_THREAD_ATTRIBUTE_HANDLE_LIST, ends,
				      2 * sizeof(*ends), NULL, NULL)) {
		return list;
	}
	gu_free(list);
	return NULL;
}

static bool
start(HANDLE token, wchar_t *program, HANDLE *ends, PROCESS_INFORMATION *made)
{
	const DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_NO_WINDOW;
	STARTUPINFOEXW startup = { .StartupInfo = { .cb = sizeof(startup) } };
	wchar_t line[80];
	BOOL ok;

	(void)swprintf(line, sizeof(line) / sizeof(line[0]),
		       L"guise agent %u %u", (unsigned)(UINT_PTR)ends[0],
		       (unsigned)(UINT_PTR)ends[1]);
	startup.lpAttributeList = inherit_only(ends);
	if (!startup.lpAttributeList) {
		SetLastError(ERROR_NOT_ENOUGH_MEMORY);
		return false;
	}
	ok = token ? CreateProcessAsUserW(token, program, line, NULL, NULL,
					  TRUE, flags, NULL, NULL,
					  &startup.StartupInfo, made)
		   : CreateProcessW(program, line, NULL, NULL, TRUE, flags,
				    NULL, NULL, &startup.StartupInfo, made);
	DeleteProcThreadAttributeList(startup.lpAttributeList);
	gu_free(startup.lpAttributeList);
	return ok;
}

bool w_spawn(HANDLE token, HANDLE in, HANDLE out, PROCESS_INFORMATION *made)
{
	HANDLE ends[] = { in, out };
	wchar_t *program = gu_calloc(PATH_MOST, sizeof(*program));
	DWORD error;
	bool ok;

	if (!program) {
		SetLastError(ERROR_NOT_ENOUGH_MEMORY);
		return false;
	}
	ok = GetModuleFileNameW(NULL, program, PATH_MOST) &&
	     start(token, program, ends, made);
	error = GetLastError();
	gu_free(program);
	SetLastError(error);
	return ok;
}
