/* SPDX-License-Identifier: MIT */
#ifndef GU_CONDITION_CODE_H
#define GU_CONDITION_CODE_H

#include "buf.h"

/* The binary form of conditions: "artx", then tokens in postfix order. A
 * token is one byte and, for operands, what it holds. Private to this
 * floor. */
enum gu_cond_token {
	GU_COND_PAD = 0x00,
	GU_COND_INT8 = 0x01,
	GU_COND_INT16 = 0x02,
	GU_COND_INT32 = 0x03,
	GU_COND_INT64 = 0x04,
	GU_COND_UNICODE = 0x10,
	GU_COND_OCTET = 0x18,
	GU_COND_COMPOSITE = 0x50,
	GU_COND_SID = 0x51,
	GU_COND_EQUAL = 0x80,
	GU_COND_NOT_EQUAL = 0x81,
	GU_COND_LESS = 0x82,
	GU_COND_LESS_EQUAL = 0x83,
	GU_COND_GREATER = 0x84,
	GU_COND_GREATER_EQUAL = 0x85,
	GU_COND_CONTAINS = 0x86,
	GU_COND_EXISTS = 0x87,
	GU_COND_ANY_OF = 0x88,
	GU_COND_MEMBER_OF = 0x89,
	GU_COND_DEVICE_MEMBER_OF = 0x8A,
	GU_COND_MEMBER_OF_ANY = 0x8B,
	GU_COND_DEVICE_MEMBER_OF_ANY = 0x8C,
	GU_COND_NOT_EXISTS = 0x8D,
	GU_COND_NOT_CONTAINS = 0x8E,
	GU_COND_NOT_ANY_OF = 0x8F,
	GU_COND_NOT_MEMBER_OF = 0x90,
	GU_COND_NOT_DEVICE_MEMBER_OF = 0x91,
	GU_COND_NOT_MEMBER_OF_ANY = 0x92,
	GU_COND_NOT_DEVICE_MEMBER_OF_ANY = 0x93,
	GU_COND_AND = 0xA0,
	GU_COND_OR = 0xA1,
	GU_COND_NOT = 0xA2,
	GU_COND_LOCAL = 0xF8,
	GU_COND_USER = 0xF9,
	GU_COND_RESOURCE = 0xFA,
	GU_COND_DEVICE = 0xFB,
};

/* How an integer was written. */
enum {
	GU_COND_SIGN_PLUS = 1,
	GU_COND_SIGN_MINUS = 2,
	GU_COND_SIGN_NONE = 3,
	GU_COND_BASE_OCTAL = 1,
	GU_COND_BASE_DECIMAL = 2,
	GU_COND_BASE_HEX = 3,
	GU_COND_HEADER = 4,
};

/* One token: its byte, and where its content lies. Integers are nine bytes
 * on: number, sign, base. */
struct gu_cond_item {
	uint8_t token;
	const uint8_t *data;
	size_t len;
};

/* The token at `*at`; moves on. False when it is unknown or goes past the
 * end. Padding is a token. */
GU_MUST_CHECK bool
gu_cond_next(const uint8_t *p, size_t n, size_t *at, struct gu_cond_item *out);

/* How many operands it takes: 0 for an operand, 1 or 2 for an operator. */
unsigned gu_cond_arity(uint8_t token);

static inline bool gu_cond_is_attribute(uint8_t token)
{
	return token >= GU_COND_LOCAL && token <= GU_COND_DEVICE;
}

static inline bool gu_cond_is_integer(uint8_t token)
{
	return token >= GU_COND_INT8 && token <= GU_COND_INT64;
}

/* The words of the operators, as printed; gu_cond_words ends in a row without
 * a word. Symbols are among them. */
struct gu_cond_word {
	const char *word;
	uint8_t token;
};

extern const struct gu_cond_word gu_cond_words[];

#endif
