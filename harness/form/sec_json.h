/* SPDX-License-Identifier: MIT */
#ifndef GU_SEC_JSON_H
#define GU_SEC_JSON_H

#include <jansson.h>

#include "sd.h"
#include "access.h"

/* Descriptors, tokens and masks as the batch forms have them in JSON, read and
 * written. Errors name the field. */

/* A number from 0 to 2^32-1; `fallback` when the field is absent or null. */
GU_MUST_CHECK enum gu_rc gu_json_u32(const json_t *in, const char *field,
				     uint32_t fallback, uint32_t *out,
				     struct gu_err *err);

/* A SID, S-1-... or an SDDL code; unset when absent or null. */
GU_MUST_CHECK enum gu_rc gu_json_sid(const json_t *in, const char *field,
				     struct gu_sid *out, struct gu_err *err);

/* `sd_hex` or `sddl`; *present is false when both are absent or null. `out` is
 * initialized and empty. */
GU_MUST_CHECK enum gu_rc gu_json_sd(const json_t *in, struct gu_sd *out,
				    bool *present, struct gu_err *err);

/* Appends the members "sddl" and "sd_hex", to stand between braces. The second
 * is the descriptor to the byte, and what gu_json_sd reads. */
void gu_json_sd_write(const struct gu_sd *sd, struct gu_buf *out);

/* New: a token. Its user is all that an object must have:
 *
 *	type		"primary"; anything else is an impersonation token
 *	level		of that, Impersonation when absent
 *	user		a SID, or {"sid", "attributes"}: deny-only (0x10)
 *	groups, device_groups
 *			lists of the same, enabled unless attributes say else
 *	restricted_sids, capabilities
 *			lists of the same; always enabled
 *	privileges_enabled, privileges_disabled, privileges_default
 *			names; by default those enabled are
 *	integrity	S-1-16-RID, Medium when absent
 *	mandatory_policy
 *			TOKEN_MANDATORY_POLICY_*, 1 when absent
 *	write_restricted, lpac, sandbox_inert, effective_only,
 *	system_anonymous, restricted_to_none
 *			true or absent
 *	package, trust, default_owner, primary_group
 *			a SID or absent
 *	elevation, session
 *			numbers
 *	user_claims, device_claims
 *			lists of {"name", "type", "flags", "values"}
 *	default_dacl_hex
 *			a binary ACL
 *
 * Ids are none of it: who is meant does not depend on them. */
GU_MUST_CHECK enum gu_rc
gu_json_token(const json_t *in, struct gu_token **out, struct gu_err *err);

/* The same from text. */
GU_MUST_CHECK enum gu_rc gu_json_token_parse(const char *text, size_t len,
					     struct gu_token **out,
					     struct gu_err *err);

/* Appends the object that gu_json_token reads back, in one line; the same
 * token always gives the same bytes. */
void gu_json_token_write(const struct gu_token *token, struct gu_buf *out);

/* {"read":..., "write":..., "execute":..., "all":...}, or the file's. */
GU_MUST_CHECK enum gu_rc gu_json_mapping(const json_t *in,
					 struct gu_generic_mapping *out,
					 struct gu_err *err);

/* "12345678-1234-..." */
GU_MUST_CHECK bool gu_json_guid(const char *text, struct gu_guid *out);

#endif
