/* SPDX-License-Identifier: MIT */
#include "number.h"

#include "banned.h"

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9') {
		return (unsigned)(c - '0');
	}
	if (c >= 'a' && c <= 'f') {
		return (unsigned)(c - 'a') + 10;
	}
	if (c >= 'A' && c <= 'F') {
		return (unsigned)(c - 'A') + 10;
	}
	return 16;
}

bool gu_number_read(const char **at, const char *end, unsigned base,
		    uint64_t *out)
{
	const char *s = *at;
	const char *first;
	uint64_t v = 0;

	if (end - s > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	for (first = s; s < end && digit_value(*s) < base; s++) {
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, digit_value(*s), &v)) {
			v = UINT64_MAX;
		}
	}
	if (s == first) {
		return false;
	}
	*at = s;
	*out = v;
	return true;
}
