/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_NATIVE_H
#define GU_WIN32_NATIVE_H

#include <winsock2.h>
#include <windows.h>

#include <accctrl.h>

#include "job.h"
#include "sd.h"

/* Between the system's structures and the security engine's. Any thread. */

/* A SID of the system; unset when it is none. */
void w_sid_from(PSID sid, struct gu_sid *out);

/* The SID in the system's form, in the arena; NULL when out of memory. */
PSID w_sid_to(const struct gu_sid *sid, struct gu_arena *arena);

/* What a token says of itself. `impersonating` is left false. */
void w_identity_of(HANDLE token, struct w_identity *out);

/* One class of a token's information, in the arena; NULL, with the last error
 * set, when the system gives none. */
void *w_token_info(HANDLE token, TOKEN_INFORMATION_CLASS class,
		   struct gu_arena *arena, DWORD *size);

/* The whole token, as the access check wants it. New. Needs TOKEN_QUERY. */
GU_MUST_CHECK enum gu_rc w_token_read(HANDLE token, struct gu_arena *arena,
				      struct gu_token **out,
				      struct gu_err *err);

/* Owner, group, DACL and, where the system shows it, label. `key`: a registry
 * key's handle. False, with the last error set, when it may not be read. */
bool w_sd_read(HANDLE object, enum gu_objtype type, struct gu_sd *out);

/* How Get- and SetSecurityInfo call a type. */
SE_OBJECT_TYPE w_se_type(enum gu_objtype type);

/* Which parts a self-relative descriptor has. */
SECURITY_INFORMATION w_sd_parts(const void *self_relative);

#endif
