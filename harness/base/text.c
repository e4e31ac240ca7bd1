/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <string.h>

#include "banned.h"

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

int gu_strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		int d = lower((unsigned char)*a) - lower((unsigned char)*b);

		if (d || !*a) {
			return d;
		}
	}
	return 0;
}

int gu_strcasecmp(const char *a, const char *b)
{
	return gu_strncasecmp(a, b, SIZE_MAX);
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c = (char)lower((unsigned char)c);
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return -1;
}

bool gu_parse_u64(const char *s, size_t n, uint64_t *out)
{
	uint64_t v = 0;
	uint64_t base = 10;

	if (n > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
		n -= 2;
	}
	if (n == 0) {
		return false;
	}
	for (; n; n--, s++) {
		int d = digit_value(*s);

		if (d < 0 || (uint64_t)d >= base ||
		    __builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)d, &v)) {
			return false;
		}
	}
	*out = v;
	return true;
}

bool gu_parse_u32(const char *s, size_t n, uint32_t *out)
{
	uint64_t v;

	if (!gu_parse_u64(s, n, &v) || v > UINT32_MAX) {
		return false;
	}
	*out = (uint32_t)v;
	return true;
}

char *gu_digits(char *end, uint64_t v)
{
	do {
		*--end = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return end;
}

bool gu_hex_decode(struct gu_buf *out, const char *s, size_t n, size_t *bad)
{
	for (size_t i = 0; i < n; i += 2) {
		int hi = digit_value(s[i]);
		int lo = i + 1 < n ? digit_value(s[i + 1]) : -1;

		if (hi < 0 || lo < 0) {
			*bad = hi < 0 ? i : i + 1;
			return false;
		}
		gu_buf_addc(out, (char)(hi << 4 | lo));
	}
	return true;
}

void gu_hex_encode(struct gu_buf *out, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = p;

	for (size_t i = 0; i < n; i++) {
		gu_buf_addc(out, digits[bytes[i] >> 4]);
		gu_buf_addc(out, digits[bytes[i] & 15]);
	}
}

size_t gu_edit_distance(const char *a, const char *b)
{
	enum { MAX = 63 };
	size_t la = strlen(a);
	size_t lb = strlen(b);
	size_t row[MAX + 1];

	if (la > MAX || lb > MAX) {
		return SIZE_MAX;
	}
	for (size_t j = 0; j <= lb; j++) {
		row[j] = j;
	}
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t cost = lower((unsigned char)a[i - 1]) !=
				      lower((unsigned char)b[j - 1]);
			size_t best = diagonal + cost;

			diagonal = row[j];
			if (row[j] + 1 < best) {
				best = row[j] + 1;
			}
			if (row[j - 1] + 1 < best) {
				best = row[j - 1] + 1;
			}
			row[j] = best;
		}
	}
	return row[lb];
}

const char *gu_suggest(const char *name, const char *const *names)
{
	size_t limit = strlen(name) / 3 + 1;
	const char *best = NULL;

	for (; *names; names++) {
		size_t d = gu_edit_distance(name, *names);

		if (d <= limit) {
			best = *names;
			limit = d ? d - 1 : 0;
		}
		if (d == 0) {
			break;
		}
	}
	return best;
}
