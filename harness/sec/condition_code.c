/* SPDX-License-Identifier: MIT */
#include "condition_code.h"

#include "le.h"
#include "banned.h"

const struct gu_cond_word gu_cond_words[] = {
	{ "==", GU_COND_EQUAL },
	{ "!=", GU_COND_NOT_EQUAL },
	{ "<", GU_COND_LESS },
	{ "<=", GU_COND_LESS_EQUAL },
	{ ">", GU_COND_GREATER },
	{ ">=", GU_COND_GREATER_EQUAL },
	{ "Contains", GU_COND_CONTAINS },
	{ "Exists", GU_COND_EXISTS },
	{ "Any_of", GU_COND_ANY_OF },
	{ "Member_of", GU_COND_MEMBER_OF },
	{ "Device_Member_of", GU_COND_DEVICE_MEMBER_OF },
	{ "Member_of_any", GU_COND_MEMBER_OF_ANY },
	{ "Device_Member_of_any", GU_COND_DEVICE_MEMBER_OF_ANY },
	{ "Not_Exists", GU_COND_NOT_EXISTS },
	{ "Not_Contains", GU_COND_NOT_CONTAINS },
	{ "Not_Any_of", GU_COND_NOT_ANY_OF },
	{ "Not_Member_of", GU_COND_NOT_MEMBER_OF },
	{ "Not_Device_Member_of", GU_COND_NOT_DEVICE_MEMBER_OF },
	{ "Not_Member_of_any", GU_COND_NOT_MEMBER_OF_ANY },
	{ "Not_Device_Member_of_any", GU_COND_NOT_DEVICE_MEMBER_OF_ANY },
	{ "&&", GU_COND_AND },
	{ "||", GU_COND_OR },
	{ "!", GU_COND_NOT },
	{ NULL, 0 },
};

static bool has_length(uint8_t token)
{
	return token == GU_COND_UNICODE || token == GU_COND_OCTET ||
	       token == GU_COND_COMPOSITE || token == GU_COND_SID ||
	       gu_cond_is_attribute(token);
}

static bool is_text(uint8_t token)
{
	return token == GU_COND_UNICODE || gu_cond_is_attribute(token);
}

bool gu_cond_next(const uint8_t *p, size_t n, size_t *at,
		  struct gu_cond_item *out)
{
	size_t pos = *at + 1;

	out->token = p[*at];
	out->len = 0;
	if (gu_cond_is_integer(out->token)) {
		out->len = 10;
	} else if (has_length(out->token)) {
		if (n - pos < 4) {
			return false;
		}
		out->len = gu_le_u32(p + pos);
		pos += 4;
	} else if (out->token != GU_COND_PAD && !gu_cond_arity(out->token)) {
		return false;
	}
	if (out->len > n - pos || (is_text(out->token) && out->len % 2)) {
		return false;
	}
	out->data = p + pos;
	*at = pos + out->len;
	return true;
}

unsigned gu_cond_arity(uint8_t token)
{
	switch (token) {
	case GU_COND_EQUAL:
	case GU_COND_NOT_EQUAL:
	case GU_COND_LESS:
	case GU_COND_LESS_EQUAL:
	case GU_COND_GREATER:
	case GU_COND_GREATER_EQUAL:
	case GU_COND_CONTAINS:
	case GU_COND_ANY_OF:
	case GU_COND_NOT_CONTAINS:
	case GU_COND_NOT_ANY_OF:
	case GU_COND_AND:
	case GU_COND_OR:
		return 2;
	case GU_COND_EXISTS:
	case GU_COND_NOT_EXISTS:
	case GU_COND_MEMBER_OF:
	case GU_COND_DEVICE_MEMBER_OF:
	case GU_COND_MEMBER_OF_ANY:
	case GU_COND_DEVICE_MEMBER_OF_ANY:
	case GU_COND_NOT_MEMBER_OF:
	case GU_COND_NOT_DEVICE_MEMBER_OF:
	case GU_COND_NOT_MEMBER_OF_ANY:
	case GU_COND_NOT_DEVICE_MEMBER_OF_ANY:
	case GU_COND_NOT:
		return 1;
	}
	return 0;
}
