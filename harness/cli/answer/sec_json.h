/* SPDX-License-Identifier: MIT */
#ifndef GU_SEC_JSON_H
#define GU_SEC_JSON_H

#include <jansson.h>

#include "sd.h"
#include "access.h"

/* Descriptors, tokens and masks as the batch forms write them in JSON. Errors
 * name the field. */

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

/* New: the token of a check line. */
GU_MUST_CHECK enum gu_rc
gu_json_token(const json_t *in, struct gu_token **out, struct gu_err *err);

/* {"read":..., "write":..., "execute":..., "all":...}, or the file's. */
GU_MUST_CHECK enum gu_rc gu_json_mapping(const json_t *in,
					 struct gu_generic_mapping *out,
					 struct gu_err *err);

/* "12345678-1234-..." */
GU_MUST_CHECK bool gu_json_guid(const char *text, struct gu_guid *out);

#endif
