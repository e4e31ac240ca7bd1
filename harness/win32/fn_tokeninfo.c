/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include <string.h>

#include "native.h"
#include "sddl.h"

#include "banned.h"

/* Calls that look at a token. Values take the forms that the call table's
 * documentation gives them. */

#define EFFECTIVE_TOKEN ((HANDLE)(INT_PTR)-6)

static struct gu_value number(uint64_t v)
{
	return (struct gu_value){ .type = GU_V_UINT, .u = v };
}

static struct gu_value text(const char *s)
{
	return (struct gu_value){ .type = GU_V_STR,
				  .str = { .p = s, .len = strlen(s) } };
}

static struct gu_value sid_text(const struct w_run *x, PSID sid)
{
	char shown[GU_SID_TEXT_MAX];
	struct gu_sid ours;
	const char *copy;

	w_sid_from(sid, &ours);
	copy = gu_arena_strdup(x->arena, gu_sid_text(&ours, shown));
	return text(copy ? copy : "");
}

static struct gu_value
pair(const struct w_run *x, const char *name, struct gu_value v, DWORD bits)
{
	struct gu_field *f = gu_arena_alloc(x->arena, 2 * sizeof(*f));

	if (!f) {
		return (struct gu_value){ .type = GU_V_NONE };
	}
	f[0] = (struct gu_field){ .name = name, .value = v };
	f[1] = (struct gu_field){ .name = "attributes", .value = number(bits) };
	return (struct gu_value){ .type = GU_V_TABLE, .count = 2, .fields = f };
}

static struct gu_value groups_value(const struct w_run *x, const void *p)
{
	const TOKEN_GROUPS *groups = p;
	struct gu_value *list = gu_arena_alloc(
		x->arena, (groups->GroupCount + 1) * sizeof(*list));
	uint32_t n = 0;

	for (DWORD i = 0; list && i < groups->GroupCount; i++) {
		const SID_AND_ATTRIBUTES *g = &groups->Groups[i];

		if (g->Attributes & SE_GROUP_INTEGRITY) {
			continue;
		}
		list[n++] = pair(x, "sid", sid_text(x, g->Sid), g->Attributes);
	}
	return (struct gu_value){ .type = GU_V_LIST, .count = n, .list = list };
}

static struct gu_value privs_value(const struct w_run *x, const void *p)
{
	const TOKEN_PRIVILEGES *privs = p;
	struct gu_value *list = gu_arena_alloc(
		x->arena, (privs->PrivilegeCount + 1) * sizeof(*list));
	uint32_t n = 0;

	for (DWORD i = 0; list && i < privs->PrivilegeCount; i++) {
		const LUID_AND_ATTRIBUTES *e = &privs->Privileges[i];
		const char *name = gu_priv_name(e->Luid.LowPart);

		if (name) {
			list[n++] = pair(x, "name", text(name), e->Attributes);
		}
	}
	return (struct gu_value){ .type = GU_V_LIST, .count = n, .list = list };
}

static uint64_t luid(LUID id)
{
	return (uint64_t)(uint32_t)id.HighPart << 32 | id.LowPart;
}

static struct gu_value statistics_value(const struct w_run *x, const void *p)
{
	const TOKEN_STATISTICS *s = p;
	const struct gu_field fields[] = {
		{ "token_id", number(luid(s->TokenId)) },
		{ "auth_id", number(luid(s->AuthenticationId)) },
		{ "modified_id", number(luid(s->ModifiedId)) },
		{ "type", number(s->TokenType) },
		{ "level", number((uint64_t)s->ImpersonationLevel) },
		{ "group_count", number(s->GroupCount) },
		{ "privilege_count", number(s->PrivilegeCount) },
	};
	struct gu_field *copy = gu_arena_alloc(x->arena, sizeof(fields));

	if (!copy) {
		return (struct gu_value){ .type = GU_V_NONE };
	}
	memcpy(copy, fields, sizeof(fields));
	return (struct gu_value){
		.type = GU_V_TABLE,
		.count = sizeof(fields) / sizeof(fields[0]),
		.fields = copy,
	};
}

static struct gu_value dacl_value(const struct w_run *x, const void *p)
{
	const TOKEN_DEFAULT_DACL *dacl = p;
	struct gu_sd sd = { .control = GU_SE_DACL_PRESENT };
	struct gu_buf shown = GU_BUF_INIT;
	struct gu_value v = { .type = GU_V_NONE };
	const char *copy;

	if (dacl->DefaultDacl &&
	    !gu_acl_decode(&sd.dacl, (const uint8_t *)dacl->DefaultDacl,
			   dacl->DefaultDacl->AclSize, NULL)) {
		gu_sddl_format(&sd, GU_SECINFO_DACL, NULL, &shown);
		copy = gu_arena_strdup(x->arena, shown.data);
		v = text(copy ? copy : "");
	}
	gu_buf_release(&shown);
	gu_sd_release(&sd);
	return v;
}

static struct gu_value label_value(const void *p)
{
	const TOKEN_MANDATORY_LABEL *label = p;
	struct gu_sid sid;

	w_sid_from(label->Label.Sid, &sid);
	return number(sid.count ? sid.sub[sid.count - 1] : 0);
}

static struct gu_value first_sid_value(const struct w_run *x, const void *p)
{
	const TOKEN_GROUPS *groups = p;

	return groups->GroupCount ? sid_text(x, groups->Groups[0].Sid)
				  : (struct gu_value){ .type = GU_V_NONE };
}

/* The value of a class from the system's structure. Others are one number. */
static struct gu_value
class_value(struct w_run *x, uint32_t class, const void *p)
{
	switch (class) {
	case TokenUser:
	case TokenOwner:
	case TokenPrimaryGroup:
	case TokenAppContainerSid:
		/* Each starts with the pointer to the SID. */
		return *(const PSID *)p
			       ? sid_text(x, *(const PSID *)p)
			       : (struct gu_value){ GU_V_NONE, 0, { false } };
	case TokenGroups:
	case TokenRestrictedSids:
	case TokenCapabilities:
		return groups_value(x, p);
	case TokenPrivileges:
		return privs_value(x, p);
	case TokenDefaultDacl:
		return dacl_value(x, p);
	case TokenStatistics:
		return statistics_value(x, p);
	case TokenOrigin:
		return number(luid(*(const LUID *)p));
	case TokenIntegrityLevel:
		return label_value(p);
	case TokenLogonSid:
		return first_sid_value(x, p);
	}
	return number(*(const DWORD *)p);
}

void w_fn_GetTokenInformation(struct w_run *x)
{
	const uint32_t is_restricted = 40;
	uint32_t class = w_uint(x, 1, 0);
	DWORD size;
	const void *p =
		w_token_info(w_handle(x, 0), (TOKEN_INFORMATION_CLASS) class,
			     x->arena, &size);

	if (p && class == TokenLinkedToken) {
		w_answer_handle(x, *(const HANDLE *)p, GU_OBJ_token);
		return;
	}
	w_answer_bool(x, p != NULL);
	if (p) {
		x->out->value = class == is_restricted
					? number(*(const BYTE *)p)
					: class_value(x, class, p);
	}
}

/* What the token in effect holds, read without opening it. */
void w_fn_whoami(struct w_run *x)
{
	DWORD size;
	const void *groups =
		w_token_info(EFFECTIVE_TOKEN, TokenGroups, x->arena, &size);
	const void *privs =
		w_token_info(EFFECTIVE_TOKEN, TokenPrivileges, x->arena, &size);
	struct gu_field *f = gu_arena_alloc(x->arena, 2 * sizeof(*f));

	w_answer_bool(x, groups && privs);
	if (!groups || !privs || !f) {
		return;
	}
	f[0] = (struct gu_field){ "groups", groups_value(x, groups) };
	f[1] = (struct gu_field){ "privileges", privs_value(x, privs) };
	w_set_table(x, f, 2);
}

static void set_label(struct w_run *x, HANDLE token, uint32_t il)
{
	struct gu_sid sid;
	TOKEN_MANDATORY_LABEL label = {
		.Label = { .Attributes = SE_GROUP_INTEGRITY }
	};

	gu_sid_from_il(&sid, il);
	label.Label.Sid = w_sid_to(&sid, x->arena);
	w_answer_bool(x, SetTokenInformation(token, TokenIntegrityLevel, &label,
					     sizeof(label)));
}

static void set_sid(struct w_run *x, HANDLE token, uint32_t class)
{
	struct gu_sid sid;
	PSID native;
	const char *s = w_str(x, 2);

	if (!s || (gu_sid_parse(&sid, s, strlen(s), NULL) &&
		   !gu_sid_from_name(&sid, s))) {
		w_answer_usage(x, "SetTokenInformation: \"value\" must be a "
				  "SID");
		return;
	}
	native = w_sid_to(&sid, x->arena);
	w_answer_bool(x, SetTokenInformation(token,
					     (TOKEN_INFORMATION_CLASS) class,
					     &native, sizeof(native)));
}

static void set_dacl(struct w_run *x, HANDLE token)
{
	const char *text_given = w_str(x, 2);
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf acl = GU_BUF_INIT;
	TOKEN_DEFAULT_DACL dacl = { .DefaultDacl = NULL };

	if (!text_given || gu_sddl_parse(&sd, text_given, NULL, NULL)) {
		w_answer_usage(x, "SetTokenInformation: \"value\" must be a "
				  "descriptor's text");
	} else {
		gu_acl_encode(&sd.dacl, &acl);
		if (gu_sd_has_dacl(&sd)) {
			dacl.DefaultDacl = (ACL *)acl.data;
		}
		w_answer_bool(x, SetTokenInformation(token, TokenDefaultDacl,
						     &dacl, sizeof(dacl)));
	}
	gu_buf_release(&acl);
	gu_sd_release(&sd);
}

void w_fn_SetTokenInformation(struct w_run *x)
{
	HANDLE token = w_handle(x, 0);
	uint32_t class = w_uint(x, 1, 0);
	DWORD v = w_uint(x, 2, 0);
	const char *s = w_str(x, 2);
	uint32_t il = v;

	switch (class) {
	case TokenOwner:
	case TokenPrimaryGroup:
		set_sid(x, token, class);
		return;
	case TokenDefaultDacl:
		set_dacl(x, token);
		return;
	case TokenIntegrityLevel:
		if (s && !gu_il_from_name(&il, s)) {
			w_answer_usage(x,
				       "SetTokenInformation: \"%s\" is no "
				       "integrity level",
				       s);
			return;
		}
		set_label(x, token, il);
		return;
	}
	w_answer_bool(x, SetTokenInformation(token,
					     (TOKEN_INFORMATION_CLASS) class,
					     &v, sizeof(v)));
}

void w_fn_AccessCheck(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(PSECURITY_DESCRIPTOR, HANDLE, DWORD, PGENERIC_MAPPING, PPRIVILEGE_SET,
	 LPDWORD, LPDWORD, LPBOOL) = (void *)x->proc;
	const struct gu_generic_mapping *m = &gu_objtype_row(GU_OBJ_file)->map;
	GENERIC_MAPPING map = { m->read, m->write, m->execute, m->all };
	struct {
		PRIVILEGE_SET set;
		LUID_AND_ATTRIBUTES room[GU_PRIV_COUNT];
	} used;
	DWORD size = sizeof(used), granted = 0;
	BOOL status = FALSE;
	struct gu_field *f = gu_arena_alloc(x->arena, 2 * sizeof(*f));
	BOOL ok = fn(w_sd(x, 0), w_handle(x, 1), w_uint(x, 2, 0), &map,
		     &used.set, &size, &granted, &status);
	DWORD last = GetLastError();

	w_answer_bool(x, ok);
	if (!ok || !f) {
		return;
	}
	f[0] = (struct gu_field){ "access_status",
				  { .type = GU_V_BOOL, .b = status != FALSE } };
	f[1] = (struct gu_field){ "granted", number(granted) };
	w_set_table(x, f, 2);
	x->out->status.code = status ? 0 : last;
	x->out->type = GU_OBJ_file;
	x->out->asked = w_uint(x, 2, 0);
	x->out->granted = status ? granted : 0;
	x->out->checked = true;
}
