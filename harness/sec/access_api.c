/* SPDX-License-Identifier: MIT */
#include "access_api.h"

#include "text.h"
#include "banned.h"

#define STATUS_ACCESS_VIOLATION       0xC0000005u
#define STATUS_INVALID_PARAMETER      0xC000000Du
#define STATUS_ACCESS_DENIED          0xC0000022u
#define STATUS_BUFFER_TOO_SMALL       0xC0000023u
#define STATUS_NO_IMPERSONATION_TOKEN 0xC000005Cu
#define STATUS_PRIVILEGE_NOT_HELD     0xC0000061u
#define STATUS_INVALID_SECURITY_DESCR 0xC0000079u
#define STATUS_BAD_IMPERSONATION      0xC00000A5u
#define STATUS_GENERIC_NOT_MAPPED     0xC00000E6u

static const char *const api_names[] = {
	[GU_API_ACCESS_CHECK] = "AccessCheck",
	[GU_API_NT_ACCESS_CHECK] = "NtAccessCheck",
	[GU_API_NT_BY_TYPE] = "NtAccessCheckByType",
	[GU_API_NT_BY_TYPE_RESULT_LIST] = "NtAccessCheckByTypeResultList",
};

const char *gu_access_api_name(enum gu_access_api api)
{
	return api_names[api];
}

bool gu_access_api_parse(enum gu_access_api *out, const char *s)
{
	for (int i = 0; i <= GU_API_NT_BY_TYPE_RESULT_LIST; i++) {
		if (strcmp(s, api_names[i]) == 0) {
			*out = (enum gu_access_api)i;
			return true;
		}
	}
	return false;
}

/* Of the statuses that a shell can answer; the whole table is a floor up. */
static uint32_t win32_of(uint32_t status)
{
	static const struct {
		uint32_t status;
		uint32_t win32;
	} rows[] = {
		{ STATUS_ACCESS_VIOLATION, 998 },
		{ STATUS_INVALID_PARAMETER, 87 },
		{ STATUS_ACCESS_DENIED, 5 },
		{ STATUS_BUFFER_TOO_SMALL, 122 },
		{ STATUS_NO_IMPERSONATION_TOKEN, 1309 },
		{ STATUS_PRIVILEGE_NOT_HELD, 1314 },
		{ STATUS_INVALID_SECURITY_DESCR, 1338 },
		{ STATUS_BAD_IMPERSONATION, 1346 },
		{ STATUS_GENERIC_NOT_MAPPED, 1360 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].status == status) {
			return rows[i].win32;
		}
	}
	return 0;
}

bool gu_object_types_valid(const struct gu_object_type *types, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned level = types[i].level;

		if (i == 0 ? level != 0
			   : level == 0 || level > GU_OBJECT_TYPE_LEVEL_MAX ||
				     level > types[i - 1].level + 1u) {
			return false;
		}
	}
	return true;
}

static bool takes_list(enum gu_access_api api)
{
	return api == GU_API_NT_BY_TYPE || api == GU_API_NT_BY_TYPE_RESULT_LIST;
}

static uint32_t refuse_list(const struct gu_access_call *call)
{
	const struct gu_access_request *r = &call->request;

	if (!takes_list(call->api)) {
		return 0;
	}
	if (call->api == GU_API_NT_BY_TYPE_RESULT_LIST && !r->type_count) {
		return STATUS_INVALID_PARAMETER;
	}
	return gu_object_types_valid(r->types, r->type_count)
		       ? 0
		       : STATUS_INVALID_PARAMETER;
}

static uint32_t refuse_token(const struct gu_access_call *call)
{
	const struct gu_token *token = call->request.token;

	if (token->type != GU_TOKEN_IMPERSONATION) {
		return STATUS_NO_IMPERSONATION_TOKEN;
	}
	if (token->level < GU_LEVEL_IDENTIFICATION) {
		return STATUS_BAD_IMPERSONATION;
	}
	if (call->token_access && !(call->token_access & GU_TOKEN_QUERY)) {
		return STATUS_ACCESS_DENIED;
	}
	return 0;
}

/* What the call fails with before it checks anything, or 0. Recorded order:
 * generic bits come before the token's level and before the buffer's length;
 * token and list before a look at the descriptor. */
static uint32_t refuse(const struct gu_access_call *call)
{
	const struct gu_sd *sd = call->request.sd;
	uint32_t status;

	if (call->no_privilege_set) {
		return STATUS_ACCESS_VIOLATION;
	}
	if (call->request.desired & GU_GENERIC_BITS) {
		return STATUS_GENERIC_NOT_MAPPED;
	}
	status = refuse_token(call);
	if (status) {
		return status;
	}
	if (call->privilege_set_len &&
	    call->privilege_set_len < GU_PRIVILEGE_SET_BYTES) {
		return STATUS_BUFFER_TOO_SMALL;
	}
	status = refuse_list(call);
	if (status) {
		return status;
	}
	return sd && gu_sid_is_set(&sd->owner) && gu_sid_is_set(&sd->group)
		       ? 0
		       : STATUS_INVALID_SECURITY_DESCR;
}

static void
answer_failure(struct gu_access_answer *a, enum gu_access_api api, uint32_t nt)
{
	*a = (struct gu_access_answer){ .status = nt };
	if (nt == STATUS_BUFFER_TOO_SMALL) {
		a->needed_len = GU_PRIVILEGE_SET_BYTES;
	}
	if (api == GU_API_ACCESS_CHECK) {
		a->last_error = win32_of(nt);
	}
}

void gu_access_call(const struct gu_access_call *call,
		    struct gu_access_answer *answer)
{
	struct gu_access_request request = call->request;
	bool list = call->api == GU_API_NT_BY_TYPE_RESULT_LIST;
	uint32_t nt = refuse(call);

	if (nt) {
		answer_failure(answer, call->api, nt);
		return;
	}
	if (!takes_list(call->api)) {
		request.type_count = 0;
	}
	if (list) {
		request.flags |= GU_CHECK_ALL_NODES;
	}
	*answer = (struct gu_access_answer){ .ret = true, .checked = true };
	gu_access_check(&request, &answer->result);
	answer->access = answer->result.granted;
	answer->granted = answer->result.mask;
	answer->status = list ? 0 : answer->result.status;
	if (call->api == GU_API_ACCESS_CHECK) {
		answer->last_error = win32_of(answer->result.status);
	}
}
