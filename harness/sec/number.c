/* SPDX-License-Identifier: MIT */
#include "number.h"

#include "banned.h"

/* One more than the digit's value; 0 for what is none. */
static const uint8_t digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

unsigned gu_digit_value(char c)
{
	return digits[(uint8_t)c] - 1u;
}

/* So many digits of any base fit into 64 bits. */
enum { SAFE = 15 };

/* Inlined, so that the usual bases are constants to multiply with. */
static inline const char *
read_digits(const char *s, const char *end, unsigned base, uint64_t *out)
{
	const char *safe = end - s > SAFE ? s + SAFE : end;
	uint64_t v = 0;
	unsigned d;

	for (; s < safe && (d = gu_digit_value(*s)) < base; s++) {
		v = v * base + d;
	}
	if (s == safe) {
		for (; s < end && (d = gu_digit_value(*s)) < base; s++) {
			if (__builtin_mul_overflow(v, base, &v) ||
			    __builtin_add_overflow(v, d, &v)) {
				v = UINT64_MAX;
			}
		}
	}
	*out = v;
	return s;
}

bool gu_number_read(const char **at, const char *end, unsigned base,
		    uint64_t *out)
{
	const char *s = *at;
	const char *first;
	uint64_t v;

	if (end - s > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	first = s;
	switch (base) {
	case 10:
		s = read_digits(s, end, 10, &v);
		break;
	case 16:
		s = read_digits(s, end, 16, &v);
		break;
	default:
		s = read_digits(s, end, base, &v);
	}
	if (s == first) {
		return false;
	}
	*at = s;
	*out = v;
	return true;
}
