/* SPDX-License-Identifier: MIT */
#include "privilege.h"

#include <winsock2.h>
#include <windows.h>

#include "banned.h"

struct list {
	DWORD count;
	LUID_AND_ATTRIBUTES privs[GU_PRIV_COUNT];
};

/* True when it was disabled before, and is held. */
static bool adjust(HANDLE token, DWORD luid, DWORD attributes)
{
	struct list want = { .count = 1 };
	struct list old = { .count = 0 };
	DWORD size = sizeof(old);

	want.privs[0].Luid.LowPart = luid;
	want.privs[0].Attributes = attributes;
	return AdjustTokenPrivileges(token, FALSE, (TOKEN_PRIVILEGES *)&want,
				     sizeof(old), (TOKEN_PRIVILEGES *)&old,
				     &size) &&
	       GetLastError() == ERROR_SUCCESS && old.count == 1;
}

static gu_privset adjust_all(gu_privset set, DWORD attributes)
{
	gu_privset changed = 0;
	HANDLE token = NULL;

	if (!set ||
	    !OpenProcessToken(GetCurrentProcess(),
			      TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token)) {
		return 0;
	}
	for (DWORD luid = 0; luid < GU_PRIV_COUNT; luid++) {
		if ((set & GU_PRIV_BIT(luid)) &&
		    adjust(token, luid, attributes)) {
			changed |= GU_PRIV_BIT(luid);
		}
	}
	(void)CloseHandle(token);
	return changed;
}

gu_privset w_privileges_raise(gu_privset wanted)
{
	return adjust_all(wanted, SE_PRIVILEGE_ENABLED);
}

void w_privileges_drop(gu_privset raised)
{
	DWORD last = GetLastError();

	(void)adjust_all(raised, 0);
	SetLastError(last);
}
