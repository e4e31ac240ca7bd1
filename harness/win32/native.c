/* SPDX-License-Identifier: MIT */
#include "native.h"

#include <aclapi.h>

#include "arena.h"
#include "token.h"

#include "banned.h"

void w_sid_from(PSID sid, struct gu_sid *out)
{
	size_t used;

	*out = (struct gu_sid)GU_SID_NONE;
	if (sid && IsValidSid(sid) &&
	    gu_sid_decode(out, sid, GetLengthSid(sid), &used, NULL)) {
		*out = (struct gu_sid)GU_SID_NONE;
	}
}

PSID w_sid_to(const struct gu_sid *sid, struct gu_arena *arena)
{
	struct gu_buf bytes = GU_BUF_INIT;
	PSID copy = NULL;

	gu_sid_encode(sid, &bytes);
	if (!bytes.oom) {
		copy = gu_arena_strndup(arena, bytes.data, bytes.len);
	}
	gu_buf_release(&bytes);
	return copy;
}

void *w_token_info(HANDLE token, TOKEN_INFORMATION_CLASS class,
		   struct gu_arena *arena, DWORD *size)
{
	void *room;

	*size = 0;
	if (GetTokenInformation(token, class, NULL, 0, size)) {
		return gu_arena_alloc(arena, 16);
	}
	if (GetLastError() != ERROR_INSUFFICIENT_BUFFER &&
	    GetLastError() != ERROR_BAD_LENGTH) {
		return NULL;
	}
	room = gu_arena_alloc(arena, *size + 16);
	if (!room) {
		SetLastError(ERROR_NOT_ENOUGH_MEMORY);
		return NULL;
	}
	return GetTokenInformation(token, class, room, *size, size) ? room
								    : NULL;
}

/* Reading a token. A class that this system does not know leaves its part as
 * it is. */
struct reading {
	HANDLE token;
	struct gu_arena *arena;
	struct gu_token *out;
	struct gu_err *err;
};

static void *info(const struct reading *r, TOKEN_INFORMATION_CLASS class)
{
	DWORD size;

	return w_token_info(r->token, class, r->arena, &size);
}

static enum gu_rc read_groups(const struct reading *r)
{
	const TOKEN_GROUPS *groups = info(r, TokenGroups);
	enum gu_rc rc = GU_RC_OK;

	for (DWORD i = 0; groups && !rc && i < groups->GroupCount; i++) {
		struct gu_sid sid;

		/* The label is told apart by its class. */
		if (groups->Groups[i].Attributes & SE_GROUP_INTEGRITY) {
			continue;
		}
		w_sid_from(groups->Groups[i].Sid, &sid);
		rc = gu_token_add_group(r->out, &sid,
					groups->Groups[i].Attributes, r->err);
	}
	return rc;
}

static enum gu_rc read_restrictions(const struct reading *r)
{
	const TOKEN_GROUPS *list = info(r, TokenRestrictedSids);
	struct gu_sid sid;
	enum gu_rc rc = GU_RC_OK;

	for (DWORD i = 0; list && !rc && i < list->GroupCount; i++) {
		w_sid_from(list->Groups[i].Sid, &sid);
		rc = gu_token_add_restricted(r->out, &sid, r->err);
	}
	list = info(r, TokenCapabilities);
	for (DWORD i = 0; list && !rc && i < list->GroupCount; i++) {
		w_sid_from(list->Groups[i].Sid, &sid);
		rc = gu_token_add_capability(r->out, &sid, r->err);
	}
	return rc;
}

static void read_privileges(const struct reading *r)
{
	const TOKEN_PRIVILEGES *list = info(r, TokenPrivileges);

	for (DWORD i = 0; list && i < list->PrivilegeCount; i++) {
		const LUID_AND_ATTRIBUTES *p = &list->Privileges[i];
		gu_privset bit;

		if (p->Luid.LowPart >= GU_PRIV_COUNT) {
			continue;
		}
		bit = GU_PRIV_BIT(p->Luid.LowPart);
		r->out->present |= bit;
		if (p->Attributes & SE_PRIVILEGE_ENABLED) {
			r->out->enabled |= bit;
		}
		if (p->Attributes & SE_PRIVILEGE_ENABLED_BY_DEFAULT) {
			r->out->default_enabled |= bit;
		}
	}
}

static void read_sids(const struct reading *r)
{
	const TOKEN_USER *user = info(r, TokenUser);
	const TOKEN_OWNER *owner = info(r, TokenOwner);
	const TOKEN_PRIMARY_GROUP *group = info(r, TokenPrimaryGroup);
	const TOKEN_APPCONTAINER_INFORMATION *package =
		info(r, TokenAppContainerSid);

	if (user) {
		w_sid_from(user->User.Sid, &r->out->user);
		r->out->user_deny_only =
			user->User.Attributes & SE_GROUP_USE_FOR_DENY_ONLY;
	}
	if (owner) {
		w_sid_from(owner->Owner, &r->out->owner);
	}
	if (group) {
		w_sid_from(group->PrimaryGroup, &r->out->primary_group);
	}
	if (package) {
		w_sid_from(package->TokenAppContainer, &r->out->package);
	}
}

static enum gu_rc read_dacl(const struct reading *r)
{
	const TOKEN_DEFAULT_DACL *dacl = info(r, TokenDefaultDacl);

	if (!dacl || !dacl->DefaultDacl) {
		return GU_RC_OK;
	}
	r->out->has_default_dacl = true;
	return gu_acl_decode(&r->out->default_dacl,
			     (const uint8_t *)dacl->DefaultDacl,
			     dacl->DefaultDacl->AclSize, r->err);
}

static uint32_t
number(const struct reading *r, TOKEN_INFORMATION_CLASS class, uint32_t absent)
{
	DWORD value;
	DWORD got;

	return GetTokenInformation(r->token, class, &value, sizeof(value), &got)
		       ? value
		       : absent;
}

static void read_numbers(const struct reading *r)
{
	struct w_identity id;
	TOKEN_STATISTICS s;
	DWORD got;

	w_identity_of(r->token, &id);
	r->out->integrity = id.integrity;
	r->out->token_id = id.token_id;
	r->out->modified_id = id.modified_id;
	r->out->auth_id = id.auth_id;
	if (GetTokenInformation(r->token, TokenStatistics, &s, sizeof(s),
				&got) &&
	    s.TokenType == TokenImpersonation) {
		r->out->type = GU_TOKEN_IMPERSONATION;
		r->out->level = (enum gu_level)s.ImpersonationLevel;
	}
	r->out->session = number(r, TokenSessionId, 0);
	r->out->policy =
		number(r, TokenMandatoryPolicy, GU_TOKEN_POLICY_NO_WRITE_UP);
	r->out->elevation = (enum gu_elevation)number(r, TokenElevationType,
						      GU_ELEVATION_DEFAULT);
	if (number(r, TokenSandBoxInert, 0)) {
		r->out->flags |= GU_TOKEN_SANDBOX_INERT;
	}
}

enum gu_rc w_token_read(HANDLE token, struct gu_arena *arena,
			struct gu_token **out, struct gu_err *err)
{
	struct reading r = { .token = token, .arena = arena, .err = err };
	enum gu_rc rc = gu_token_new(&r.out, err);

	if (rc) {
		return rc;
	}
	read_numbers(&r);
	read_sids(&r);
	read_privileges(&r);
	rc = read_groups(&r);
	if (!rc) {
		rc = read_restrictions(&r);
	}
	if (!rc) {
		rc = read_dacl(&r);
	}
	if (rc) {
		gu_token_unref(r.out);
		return rc;
	}
	*out = r.out;
	return GU_RC_OK;
}

SE_OBJECT_TYPE w_se_type(enum gu_objtype type)
{
	switch (type) {
	case GU_OBJ_file:
	case GU_OBJ_directory:
	case GU_OBJ_pipe:
		return SE_FILE_OBJECT;
	case GU_OBJ_key:
		return SE_REGISTRY_KEY;
	case GU_OBJ_service:
		return SE_SERVICE;
	case GU_OBJ_event:
	case GU_OBJ_mutex:
	case GU_OBJ_semaphore:
	case GU_OBJ_job:
	case GU_OBJ_section:
	case GU_OBJ_process:
	case GU_OBJ_thread:
	case GU_OBJ_token:
	case GU_OBJ_port:
	case GU_OBJ_COUNT:
		break;
	}
	return SE_KERNEL_OBJECT;
}

static PSECURITY_DESCRIPTOR
query_sd(HANDLE object, enum gu_objtype type, SECURITY_INFORMATION parts)
{
	PSECURITY_DESCRIPTOR sd = NULL;
	DWORD error = GetSecurityInfo(object, w_se_type(type), parts, NULL,
				      NULL, NULL, NULL, &sd);

	SetLastError(error);
	return error ? NULL : sd;
}

bool w_sd_read(HANDLE object, enum gu_objtype type, struct gu_sd *out)
{
	const SECURITY_INFORMATION parts = OWNER_SECURITY_INFORMATION |
					   GROUP_SECURITY_INFORMATION |
					   DACL_SECURITY_INFORMATION;
	PSECURITY_DESCRIPTOR sd =
		query_sd(object, type, parts | LABEL_SECURITY_INFORMATION);
	DWORD size;
	bool ok;

	if (!sd) {
		sd = query_sd(object, type, parts);
	}
	if (!sd) {
		return false;
	}
	/* Whatever form the system hands out, ours is made of one piece. */
	size = GetSecurityDescriptorLength(sd);
	ok = !gu_sd_decode(out, (const uint8_t *)sd, size, NULL);
	(void)LocalFree(sd);
	return ok;
}
