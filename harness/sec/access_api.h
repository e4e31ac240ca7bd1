/* SPDX-License-Identifier: MIT */
#ifndef GU_ACCESS_API_H
#define GU_ACCESS_API_H

#include "access.h"

/* The access check as programs call it: what AccessCheck and its kin refuse
 * before they check anything, and in which order. Rules: shared semantics 5.1
 * and 5.3. */
enum gu_access_api {
	GU_API_ACCESS_CHECK,
	GU_API_NT_ACCESS_CHECK,
	GU_API_NT_BY_TYPE,
	GU_API_NT_BY_TYPE_RESULT_LIST,
};

/* "NtAccessCheckByType"; borrowed, static. */
const char *gu_access_api_name(enum gu_access_api api);
GU_MUST_CHECK bool gu_access_api_parse(enum gu_access_api *out, const char *s);

enum {
	GU_TOKEN_QUERY = 0x8,
	GU_PRIVILEGE_SET_BYTES = 20, /* holds one privilege */
};

struct gu_access_call {
	enum gu_access_api api;
	/* `types` may hold any list, `flags` and `nodes` as for the check;
	 * AccessCheck and NtAccessCheck take no list. */
	struct gu_access_request request;
	uint32_t token_access;      /* of the handle; 0: the token itself */
	bool no_privilege_set;      /* a NULL buffer or length */
	uint32_t privilege_set_len; /* bytes; 0: large enough */
};

struct gu_access_answer {
	bool ret;            /* the BOOL, or NT_SUCCESS of what was returned */
	uint32_t status;     /* NTSTATUS: of the call when it failed, else of
			      * the access; of the call for a result list */
	uint32_t last_error; /* Win32; 0: not touched, or an Nt function */
	bool access;         /* access status; false when the call failed */
	/* The decision. Only where the call was made: `checked`. The rights of
	 * a result list are in request.nodes. */
	bool checked;
	uint32_t granted;
	uint32_t needed_len; /* for a privilege set that is too short */
	struct gu_access_result result;
};

void gu_access_call(const struct gu_access_call *call,
		    struct gu_access_answer *answer);

/* An object type list: first level 0, no second root, no level skipped. */
bool gu_object_types_valid(const struct gu_object_type *types, size_t count);

#endif
