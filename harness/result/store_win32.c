/* SPDX-License-Identifier: MIT */
#include "store_file.h"

#include <stdio.h>
#include <windows.h>

#include "alloc.h"
#include "sha256.h"
#include "wide.h"
#include "banned.h"

const char *const gu_store_vfs = "win32-longpath";

/* The store's absolute path in lower case, as NTFS compares it. */
static char *full_path(const char *path)
{
	wchar_t *wide = gu_wide_path(path);
	DWORD n = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
	wchar_t *full = n ? gu_calloc(n, sizeof(*full)) : NULL;
	char *out = NULL;

	if (full && GetFullPathNameW(wide, n, full, NULL) < n) {
		CharLowerW(full);
		out = gu_wide_to_utf8(full);
	}
	gu_free(full);
	gu_free(wide);
	return out;
}

/* A folder cannot be locked here without shutting others out of it, so a
 * mutex stands for the path. */
void gu_store_lock(struct gu_store_lock *lock, const char *path)
{
	char name[sizeof("Global\\guise-") + GU_SHA256_HEX_SIZE];
	char hex[GU_SHA256_HEX_SIZE];
	char *full = full_path(path);
	HANDLE mutex = NULL;

	lock->handle = -1;
	if (full) {
		gu_sha256_hex(full, strlen(full), hex);
		(void)snprintf(name, sizeof(name), "Global\\guise-%s", hex);
		mutex = CreateMutexA(NULL, FALSE, name);
	}
	gu_free(full);
	if (mutex) {
		(void)WaitForSingleObject(mutex, INFINITE);
		lock->handle = (intptr_t)mutex;
	}
}

void gu_store_unlock(struct gu_store_lock *lock)
{
	if (lock->handle != -1) {
		(void)ReleaseMutex((HANDLE)lock->handle);
		(void)CloseHandle((HANDLE)lock->handle);
	}
	lock->handle = -1;
}
