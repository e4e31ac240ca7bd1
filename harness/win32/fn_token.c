/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include <winternl.h>

#include "banned.h"

/* Functions that open, copy and change tokens, and handles at large. */

void w_fn_CloseHandle(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE) = (void *)x->proc;

	w_answer_bool(x, fn(w_handle(x, 0)));
}

/* The conductor puts the type of the source into the job. */
void w_fn_DuplicateHandle(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, HANDLE, HANDLE, PHANDLE, DWORD, BOOL, DWORD) = (void *)x->proc;
	HANDLE into = w_has(x, 1) ? w_handle(x, 1) : GetCurrentProcess();
	HANDLE made = NULL;
	BOOL ok = fn(GetCurrentProcess(), w_handle(x, 0), into, &made,
		     w_uint(x, 2, 0), FALSE,
		     w_has(x, 2) ? 0 : DUPLICATE_SAME_ACCESS);

	if (!ok) {
		w_answer_bool(x, FALSE);
		return;
	}
	w_answer_handle(x, made, x->job->type);
	if (w_has(x, 1)) {
		/* The rights are those of a handle of another process. */
		x->out->granted = w_uint(x, 2, 0);
	}
}

void w_fn_OpenProcessToken(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE, DWORD, PHANDLE) = (void *)x->proc;
	HANDLE made = NULL;
	BOOL ok = fn(w_has(x, 0) ? w_handle(x, 0) : GetCurrentProcess(),
		     w_uint(x, 1, 0), &made);

	w_answer_handle(x, ok ? made : NULL, GU_OBJ_token);
}

void w_fn_OpenThreadToken(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE, DWORD, BOOL, PHANDLE) = (void *)x->proc;
	HANDLE made = NULL;
	BOOL ok = fn(w_has(x, 0) ? w_handle(x, 0) : GetCurrentThread(),
		     w_uint(x, 1, 0), w_bool(x, 2, false), &made);

	w_answer_handle(x, ok ? made : NULL, GU_OBJ_token);
}

void w_fn_DuplicateToken(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, SECURITY_IMPERSONATION_LEVEL, PHANDLE) = (void *)x->proc;
	HANDLE made = NULL;
	BOOL ok = fn(w_handle(x, 0),
		     (SECURITY_IMPERSONATION_LEVEL)w_uint(x, 1, 0), &made);

	w_answer_handle(x, ok ? made : NULL, GU_OBJ_token);
}

void w_fn_DuplicateTokenEx(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, DWORD, SECURITY_ATTRIBUTES *, SECURITY_IMPERSONATION_LEVEL,
	 TOKEN_TYPE, PHANDLE) = (void *)x->proc;
	HANDLE made = NULL;
	BOOL ok = fn(w_handle(x, 0), w_uint(x, 1, 0), w_attributes(x, 4),
		     (SECURITY_IMPERSONATION_LEVEL)w_uint(x, 2, 0),
		     (TOKEN_TYPE)w_uint(x, 3, 0), &made);

	w_answer_handle(x, ok ? made : NULL, GU_OBJ_token);
}

void w_fn_NtDuplicateToken(struct w_run *x)
{
	LONG(WINAPI * fn)
	(HANDLE, ACCESS_MASK, OBJECT_ATTRIBUTES *, BOOLEAN, TOKEN_TYPE,
	 PHANDLE) = (void *)x->proc;
	OBJECT_ATTRIBUTES attributes = {
		.Length = sizeof(attributes),
		.SecurityQualityOfService = w_native_sqos(x, 2),
	};
	HANDLE made = NULL;
	uint32_t nt = (uint32_t)fn(w_handle(x, 0), w_uint(x, 1, 0), &attributes,
				   w_bool(x, 3, false),
				   (TOKEN_TYPE)w_uint(x, 4, 0), &made);

	if (gu_nt_success(nt)) {
		w_answer_handle(x, made, GU_OBJ_token);
	}
	w_answer_code(x, nt);
}

/* Privileges as the system lists them. In the arena. */
static LUID_AND_ATTRIBUTES *
list_privs(const struct w_run *x, gu_privset set, DWORD *count)
{
	LUID_AND_ATTRIBUTES *list =
		gu_arena_alloc(x->arena, GU_PRIV_COUNT * sizeof(*list));

	*count = 0;
	for (DWORD luid = 0; list && luid < GU_PRIV_COUNT; luid++) {
		if (set & GU_PRIV_BIT(luid)) {
			list[(*count)++].Luid.LowPart = luid;
		}
	}
	return list;
}

void w_fn_CreateRestrictedToken(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, DWORD, DWORD, SID_AND_ATTRIBUTES *, DWORD,
	 LUID_AND_ATTRIBUTES *, DWORD, SID_AND_ATTRIBUTES *, PHANDLE) =
		(void *)x->proc;
	DWORD disable_count, remove_count, restrict_count;
	SID_AND_ATTRIBUTES *disable = w_sids(x, 2, &disable_count);
	LUID_AND_ATTRIBUTES *remove =
		list_privs(x, w_privs(x, 3), &remove_count);
	SID_AND_ATTRIBUTES *restrict_to = w_sids(x, 4, &restrict_count);
	HANDLE made = NULL;
	BOOL ok = fn(w_handle(x, 0), w_uint(x, 1, 0), disable_count, disable,
		     remove_count, remove_count ? remove : NULL, restrict_count,
		     restrict_to, &made);

	w_answer_handle(x, ok ? made : NULL, GU_OBJ_token);
}

/* Later lists win where a privilege is in two. */
void w_fn_AdjustTokenPrivileges(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, BOOL, TOKEN_PRIVILEGES *, DWORD, TOKEN_PRIVILEGES *, PDWORD) =
		(void *)x->proc;
	gu_privset enable = w_privs(x, 1);
	gu_privset disable = w_privs(x, 2);
	gu_privset gone = w_privs(x, 3);
	gu_privset all = enable | disable | gone;
	struct {
		DWORD count;
		LUID_AND_ATTRIBUTES list[GU_PRIV_COUNT];
	} state = { .count = 0 };

	for (DWORD luid = 0; luid < GU_PRIV_COUNT; luid++) {
		LUID_AND_ATTRIBUTES *p = &state.list[state.count];

		if (!(all & GU_PRIV_BIT(luid))) {
			continue;
		}
		p->Luid.LowPart = luid;
		if (gone & GU_PRIV_BIT(luid)) {
			p->Attributes = SE_PRIVILEGE_REMOVED;
		} else if (!(disable & GU_PRIV_BIT(luid))) {
			p->Attributes = SE_PRIVILEGE_ENABLED;
		}
		state.count++;
	}
	w_answer_bool(x, fn(w_handle(x, 0), w_bool(x, 4, false),
			    (TOKEN_PRIVILEGES *)&state, sizeof(state), NULL,
			    NULL));
}

static void copy_sids(SID_AND_ATTRIBUTES *to, const SID_AND_ATTRIBUTES *from,
		      DWORD count, DWORD attributes)
{
	for (DWORD i = 0; i < count; i++) {
		to[i].Sid = from[i].Sid;
		to[i].Attributes = attributes;
	}
}

void w_fn_AdjustTokenGroups(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, BOOL, TOKEN_GROUPS *, DWORD, TOKEN_GROUPS *, PDWORD) =
		(void *)x->proc;
	DWORD on, off;
	const SID_AND_ATTRIBUTES *enable = w_sids(x, 1, &on);
	const SID_AND_ATTRIBUTES *disable = w_sids(x, 2, &off);
	TOKEN_GROUPS *groups = gu_arena_alloc(
		x->arena, sizeof(*groups) + (on + off) * sizeof(*enable));

	if (!groups) {
		w_answer_nomem(x);
		return;
	}
	groups->GroupCount = on + off;
	copy_sids(groups->Groups, enable, on, SE_GROUP_ENABLED);
	copy_sids(groups->Groups + on, disable, off, 0);
	w_answer_bool(x, fn(w_handle(x, 0), w_bool(x, 3, false), groups, 0,
			    NULL, NULL));
}

void w_fn_CheckTokenMembership(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE, PSID, PBOOL) = (void *)x->proc;
	BOOL member = FALSE;
	BOOL ok = fn(w_handle(x, 0), w_sid(x, 1), &member);

	w_answer_bool(x, ok);
	if (ok) {
		w_set_bool(x, member != FALSE);
	}
}

void w_fn_PrivilegeCheck(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE, PPRIVILEGE_SET, LPBOOL) = (void *)x->proc;
	DWORD count;
	const LUID_AND_ATTRIBUTES *list = list_privs(x, w_privs(x, 1), &count);
	struct {
		PRIVILEGE_SET set;
		LUID_AND_ATTRIBUTES room[GU_PRIV_COUNT];
	} asked = { .set = { .PrivilegeCount = count,
			     .Control = PRIVILEGE_SET_ALL_NECESSARY } };
	BOOL held = FALSE;
	BOOL ok;

	for (DWORD i = 0; list && i < count; i++) {
		asked.set.Privilege[i] = list[i];
	}
	ok = fn(w_handle(x, 0), &asked.set, &held);
	w_answer_bool(x, ok);
	if (ok) {
		w_set_bool(x, held != FALSE);
	}
}

/* Whatever handle comes back is looked at: a success without a token is none
 * (Wine hands out 0xDEADBEEF). */
void w_fn_LogonUser(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(const wchar_t *, const wchar_t *, const wchar_t *, DWORD, DWORD,
	 PHANDLE) = (void *)x->proc;
	HANDLE made = NULL;
	BOOL ok = fn(w_wide(x, 0), w_wide(x, 1), w_wide(x, 2), w_uint(x, 3, 0),
		     w_uint(x, 4, 0), &made);

	w_answer_handle(x, ok ? made : NULL, GU_OBJ_token);
}
