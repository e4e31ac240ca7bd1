/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <wchar.h>

#include "native.h"
#include "principal.h"
#include "sddl.h"
#include "w32.h"

#include "banned.h"

/* Capabilities of tokens, opens and objects. */

bool w_probe_processes(void)
{
	return true;
}

bool w_probe_faults(void)
{
	return true;
}

bool w_probe_threads(void)
{
	return w_resolve("ntdll.dll", "NtImpersonateThread") != NULL;
}

/* A token of somebody who does not exist: S-1-5-21-1-2-3-rid. */
static HANDLE stranger(uint32_t rid, enum gu_token_type type)
{
	const struct gu_sid machine = { .revision = 1,
					.authority = 5,
					.count = 4,
					.sub = { 21, 1, 2, 3 } };
	struct gu_token *t = NULL;
	HANDLE token = NULL;
	size_t own;

	if (gu_token_new(&t, NULL)) {
		return NULL;
	}
	t->type = type;
	t->level = type == GU_TOKEN_IMPERSONATION ? GU_LEVEL_IMPERSONATION
						  : GU_LEVEL_ANONYMOUS;
	t->auth_id = GU_AUTHID_SYSTEM;
	if (gu_principal_user(t, &machine, rid, &own, NULL) ||
	    gu_principal_finish(t, NULL) || w_token_create(t, &token, NULL)) {
		token = NULL;
	}
	gu_token_unref(t);
	return token;
}

bool w_probe_accounts(void)
{
	HANDLE token = stranger(1001, GU_TOKEN_PRIMARY);

	if (!token) {
		return false;
	}
	(void)CloseHandle(token);
	return true;
}

/* An object that nobody may open, but whom `sd` lets. */
static HANDLE guarded_event(const wchar_t *name, const char *sddl)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	SECURITY_ATTRIBUTES sa = { .nLength = sizeof(sa) };
	HANDLE event = NULL;

	if (!gu_sddl_parse(&sd, sddl, NULL, NULL)) {
		gu_sd_encode(&sd, &bytes);
		sa.lpSecurityDescriptor = bytes.data;
		event = CreateEventW(&sa, TRUE, FALSE, name);
	}
	gu_buf_release(&bytes);
	gu_sd_release(&sd);
	return event;
}

/* Below Impersonation nothing may be opened, not even one's own. */
bool w_probe_levels(void)
{
	wchar_t name[64];
	HANDLE event, again;

	(void)_snwprintf(name, 64, L"guise-probe-levels-%lX",
			 GetCurrentProcessId());
	event = guarded_event(name, "D:(A;;GA;;;WD)");
	if (!event || !ImpersonateSelf(SecurityIdentification)) {
		return false;
	}
	again = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
	(void)RevertToSelf();
	if (again) {
		(void)CloseHandle(again);
	}
	(void)CloseHandle(event);
	return again == NULL;
}

/* An honest LogonUser refuses who does not exist. */
bool w_probe_logon(void)
{
	HANDLE token = NULL;

	return !LogonUserW(L"guise-no-such-user", L".", L"wrong",
			   LOGON32_LOGON_INTERACTIVE, LOGON32_PROVIDER_DEFAULT,
			   &token);
}

bool w_probe_anonymous(void)
{
	struct w_identity id;

	if (!ImpersonateAnonymousToken(GetCurrentThread())) {
		return false;
	}
	w_identity_read(&id);
	return id.impersonating;
}

/* A file that denies everybody is refused to its maker. */
bool w_probe_file_dacl(void)
{
	const DWORD share =
		FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	static const struct gu_sd nobody = { .control = GU_SE_DACL_PRESENT,
					     .dacl = GU_ACL_INIT };
	struct gu_buf bytes = GU_BUF_INIT;
	SECURITY_ATTRIBUTES sa = { .nLength = sizeof(sa) };
	wchar_t folder[MAX_PATH + 1], path[MAX_PATH + 40];
	HANDLE made, again = INVALID_HANDLE_VALUE;

	if (!GetTempPathW(MAX_PATH, folder)) {
		return false;
	}
	(void)_snwprintf(path, MAX_PATH + 40, L"%lsguise-probe-%lX.txt", folder,
			 GetCurrentProcessId());
	gu_sd_encode(&nobody, &bytes);
	sa.lpSecurityDescriptor = bytes.data;
	made = CreateFileW(path, DELETE, share, &sa, CREATE_NEW,
			   FILE_FLAG_DELETE_ON_CLOSE, NULL);
	if (made != INVALID_HANDLE_VALUE) {
		again = CreateFileW(path, GENERIC_READ, share, NULL,
				    OPEN_EXISTING, 0, NULL);
		(void)CloseHandle(made);
	}
	if (again != INVALID_HANDLE_VALUE) {
		(void)CloseHandle(again);
	}
	gu_buf_release(&bytes);
	return made != INVALID_HANDLE_VALUE && again == INVALID_HANDLE_VALUE;
}

/* Opens the event as a token; true when it is refused. */
static bool refuses(HANDLE impersonation, const wchar_t *name)
{
	HANDLE again;

	if (!SetThreadToken(NULL, impersonation)) {
		return false;
	}
	again = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
	(void)RevertToSelf();
	if (again) {
		(void)CloseHandle(again);
	}
	return again == NULL;
}

static HANDLE own_impersonation(void)
{
	HANDLE self = NULL, copy = NULL;

	if (OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &self)) {
		(void)DuplicateTokenEx(self, TOKEN_ALL_ACCESS, NULL,
				       SecurityImpersonation,
				       TokenImpersonation, &copy);
		(void)CloseHandle(self);
	}
	return copy;
}

/* A High object is not for Low hands. */
bool w_probe_labels(void)
{
	wchar_t name[64];
	HANDLE event, token = own_impersonation();
	struct gu_arena arena = GU_ARENA_INIT;
	TOKEN_MANDATORY_LABEL low = { .Label = { .Attributes =
							 SE_GROUP_INTEGRITY } };
	struct gu_sid sid;
	bool refused = false;

	(void)_snwprintf(name, 64, L"guise-probe-labels-%lX",
			 GetCurrentProcessId());
	event = guarded_event(name, "D:(A;;GA;;;WD)");
	gu_sid_from_il(&sid, GU_IL_LOW);
	low.Label.Sid = w_sid_to(&sid, &arena);
	if (event && token &&
	    SetTokenInformation(token, TokenIntegrityLevel, &low,
				sizeof(low))) {
		refused = refuses(token, name);
	}
	(void)CloseHandle(event);
	(void)CloseHandle(token);
	gu_arena_release(&arena);
	return refused;
}

/* A restricting SID that no entry names takes everything away. */
bool w_probe_restricted(void)
{
	wchar_t name[64];
	HANDLE event, filtered = NULL, token = own_impersonation();
	struct gu_arena arena = GU_ARENA_INIT;
	SID_AND_ATTRIBUTES only = {
		.Sid = w_sid_to(gu_sid_well_known(GU_WK_BATCH), &arena)
	};
	bool refused = false;

	(void)_snwprintf(name, 64, L"guise-probe-restricted-%lX",
			 GetCurrentProcessId());
	event = guarded_event(name, "D:(A;;GA;;;WD)");
	if (event && token &&
	    CreateRestrictedToken(token, 0, 0, NULL, 0, NULL, 1, &only,
				  &filtered)) {
		refused = refuses(filtered, name);
		(void)CloseHandle(filtered);
	}
	(void)CloseHandle(event);
	(void)CloseHandle(token);
	gu_arena_release(&arena);
	return refused;
}

/* Others' machines are for the model. */
bool w_probe_snapshots(void)
{
	return false;
}

/* AppContainers need profiles that guise does not make. */
bool w_probe_containers(void)
{
	return false;
}

/* A descriptor set on the service manager's objects is read back: a system
 * that keeps none enforces none. */
bool w_probe_services(void)
{
	SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS);
	DWORD size = 0;
	BYTE room[4096];
	HANDLE token = NULL;
	bool ok = false;

	if (!manager) {
		return false;
	}
	ok = QueryServiceObjectSecurity(manager, DACL_SECURITY_INFORMATION,
					room, sizeof(room), &size);
	(void)CloseServiceHandle(manager);
	token = stranger(1002, GU_TOKEN_IMPERSONATION);
	if (ok && token && SetThreadToken(NULL, token)) {
		manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS);
		ok = manager == NULL;
		(void)RevertToSelf();
	}
	return ok;
}
