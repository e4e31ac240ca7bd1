/* SPDX-License-Identifier: MIT */
#ifndef GU_TOKEN_JSON_H
#define GU_TOKEN_JSON_H

#include "sec_json.h"

/* What reading and writing a token share. */

/* Members that are true or absent. */
struct token_flag {
	const char *field; /* NULL ends the table */
	uint32_t flag;
};
extern const struct token_flag token_flags[];

struct token_claim_type {
	const char *name; /* NULL ends the table */
	uint16_t type;
};
extern const struct token_claim_type token_claim_types[];

/* A SID that `field` must hold. */
GU_MUST_CHECK enum gu_rc json_sid_value(const json_t *value, const char *field,
					struct gu_sid *out, struct gu_err *err);

/* Appends it as a JSON string. */
void json_text_write(const char *text, size_t len, struct gu_buf *out);

enum {
	TOKEN_GROUP_USUAL = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
			    GU_GROUP_ENABLED,
};

#endif
