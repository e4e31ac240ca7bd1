/* SPDX-License-Identifier: MIT */
#ifndef GU_ANSWER_SDDL_H
#define GU_ANSWER_SDDL_H

#include <jansson.h>

#include "sd.h"

/* One line of `guise sddl --batch`: `sddl_in` to `sd_hex` and `sddl_out`,
 * `sd_hex` to `sddl_out`; what Windows refuses is an `error` in `out` with its
 * code, name, offset and message. Fails on fields that are missing or of the
 * wrong kind only. */
GU_MUST_CHECK enum gu_rc
gu_answer_sddl(const json_t *in, json_t *out, struct gu_err *err);

/* New: a descriptor in full: its text, its bytes, its parts, and what lint
 * says of it. NULL when out of memory. */
json_t *gu_sd_json(const struct gu_sd *sd, const struct gu_sid *domain);

#endif
