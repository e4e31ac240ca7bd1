/* SPDX-License-Identifier: MIT */
#include "open.h"

#include <aclapi.h>
#include <wchar.h>

#include "inherit.h"
#include "native.h"
#include "sddl.h"

#include "banned.h"

/* Reading and setting descriptors. */

enum { FIRST, INFORMATION, SDDL };

static void set_text(struct w_run *x, const void *sd, DWORD size)
{
	struct gu_sd parsed = GU_SD_INIT;
	struct gu_buf text = GU_BUF_INIT;

	if (!gu_sd_decode(&parsed, sd, size, NULL)) {
		gu_sddl_format(&parsed,
			       gu_secinfo_parts(w_uint(x, INFORMATION, 0)),
			       NULL, &text);
		w_set_str(x, text.data);
	}
	gu_buf_release(&text);
	gu_sd_release(&parsed);
}

void w_fn_GetKernelObjectSecurity(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, DWORD, LPDWORD) =
		(void *)x->proc;
	enum { MOST = 65536 };
	void *sd = gu_arena_alloc(x->arena, MOST);
	DWORD size = 0;
	BOOL ok;

	if (!sd) {
		w_answer_nomem(x);
		return;
	}
	ok = fn(w_handle(x, FIRST), w_uint(x, INFORMATION, 0), sd, MOST, &size);
	w_answer_bool(x, ok);
	if (ok) {
		set_text(x, sd, size);
	}
}

void w_fn_SetKernelObjectSecurity(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR) = (void *)x->proc;

	w_answer_bool(x, fn(w_handle(x, FIRST), w_uint(x, INFORMATION, 0),
			    w_sd(x, SDDL)));
}

/* These functions have names of their own for the roots. */
static wchar_t *key_name(struct w_run *x, const wchar_t *name)
{
	static const struct {
		HKEY key;
		const wchar_t *name;
	} roots[] = {
		{ HKEY_LOCAL_MACHINE, L"MACHINE" },
		{ HKEY_CURRENT_USER, L"CURRENT_USER" },
		{ HKEY_USERS, L"USERS" },
		{ HKEY_CLASSES_ROOT, L"CLASSES_ROOT" },
	};
	size_t room = wcslen(name) + 16;
	wchar_t *out = gu_arena_alloc(x->arena, room * sizeof(*out));
	const wchar_t *rest;
	HKEY root = w_key_root(name, &rest);

	for (size_t i = 0; out && i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (roots[i].key == root) {
			(void)_snwprintf(out, room, L"%ls\\%ls", roots[i].name,
					 rest);
		}
	}
	return out;
}

/* The name as these functions want it; NULL when the argument is a handle. */
static wchar_t *object_name(struct w_run *x)
{
	const char *name = w_str(x, FIRST);
	wchar_t *wide = name ? w_widen(x->arena, name) : NULL;

	return wide && x->job->type == GU_OBJ_key ? key_name(x, wide) : wide;
}

static void answer_named(struct w_run *x, DWORD error, uint32_t asked)
{
	w_answer_code(x, error);
	x->out->type = x->job->type;
	x->out->asked = asked;
	x->out->granted = error ? 0 : asked;
	x->out->checked = w_is_decision(error);
}

void w_fn_GetNamedSecurityInfo(struct w_run *x)
{
	DWORD(WINAPI * fn)
	(const wchar_t *, SE_OBJECT_TYPE, SECURITY_INFORMATION, PSID *, PSID *,
	 PACL *, PACL *, PSECURITY_DESCRIPTOR *) = (void *)x->proc;
	SE_OBJECT_TYPE type = w_se_type(x->job->type);
	uint32_t info = w_uint(x, INFORMATION, 0);
	wchar_t *name = object_name(x);
	PSECURITY_DESCRIPTOR sd = NULL;
	DWORD error = name ? fn(name, type, info, NULL, NULL, NULL, NULL, &sd)
			   : GetSecurityInfo(w_handle(x, FIRST), type, info,
					     NULL, NULL, NULL, NULL, &sd);

	answer_named(x, error, gu_secinfo_read_access(info));
	if (!error) {
		set_text(x, sd, GetSecurityDescriptorLength(sd));
		(void)LocalFree(sd);
	}
}

void w_fn_SetNamedSecurityInfo(struct w_run *x)
{
	DWORD(WINAPI * fn)
	(wchar_t *, SE_OBJECT_TYPE, SECURITY_INFORMATION, PSID, PSID, PACL,
	 PACL) = (void *)x->proc;
	SE_OBJECT_TYPE type = w_se_type(x->job->type);
	uint32_t info = w_uint(x, INFORMATION, 0);
	wchar_t *name = object_name(x);
	PSECURITY_DESCRIPTOR sd = w_sd(x, SDDL);
	PSID owner = NULL, group = NULL;
	PACL dacl = NULL, sacl = NULL;
	BOOL present, defaulted;
	DWORD error;

	(void)GetSecurityDescriptorOwner(sd, &owner, &defaulted);
	(void)GetSecurityDescriptorGroup(sd, &group, &defaulted);
	(void)GetSecurityDescriptorDacl(sd, &present, &dacl, &defaulted);
	(void)GetSecurityDescriptorSacl(sd, &present, &sacl, &defaulted);
	error = name ? fn(name, type, info, owner, group, dacl, sacl)
		     : SetSecurityInfo(w_handle(x, FIRST), type, info, owner,
				       group, dacl, sacl);
	answer_named(x, error, gu_secinfo_write_access(info));
}
