/* SPDX-License-Identifier: MIT */
#include "utf16.h"

#include "le.h"
#include "banned.h"

static bool is_high(uint32_t c)
{
	return c >= 0xD800 && c < 0xDC00;
}

static bool is_low(uint32_t c)
{
	return c >= 0xDC00 && c < 0xE000;
}

/* Bytes that follow the lead byte, or -1. */
static int tail_bytes(unsigned char lead)
{
	if (lead < 0x80) {
		return 0;
	}
	if (lead >= 0xC2 && lead < 0xE0) {
		return 1;
	}
	if (lead >= 0xE0 && lead < 0xF0) {
		return 2;
	}
	return lead >= 0xF0 && lead < 0xF5 ? 3 : -1;
}

bool gu_utf8_read(const char **at, const char *end, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)*at;
	int tail = *at < end ? tail_bytes(*s) : -1;
	uint32_t c;

	if (tail < 0 || end - *at <= tail) {
		return false;
	}
	c = tail ? *s & (0x3Fu >> tail) : *s;
	for (int i = 1; i <= tail; i++) {
		if ((s[i] & 0xC0) != 0x80) {
			return false;
		}
		c = c << 6 | (s[i] & 0x3F);
	}
	if (c < least[tail] || c > 0x10FFFF) {
		return false;
	}
	*at += tail + 1;
	*out = c;
	return true;
}

void gu_utf16_put(struct gu_buf *out, uint32_t c)
{
	if (c > 0xFFFF) {
		c -= 0x10000;
		gu_buf_add_u16(out, (uint16_t)(0xD800 | c >> 10));
		c = 0xDC00 | (c & 0x3FF);
	}
	gu_buf_add_u16(out, (uint16_t)c);
}

bool gu_utf16_add(struct gu_buf *out, const char *s, size_t n, size_t *bad)
{
	const char *at = s;

	while (at < s + n) {
		uint32_t c;

		if (!gu_utf8_read(&at, s + n, &c)) {
			*bad = (size_t)(at - s);
			return false;
		}
		gu_utf16_put(out, c);
	}
	return true;
}

uint32_t gu_utf16_read(const uint8_t *p, size_t n, size_t *at)
{
	uint32_t c = n - *at < 2 ? p[*at] : gu_le_u16(p + *at);

	*at += 2;
	if (is_high(c) && *at < n && n - *at >= 2 &&
	    is_low(gu_le_u16(p + *at))) {
		c = 0x10000 +
		    ((c & 0x3FF) << 10 | (gu_le_u16(p + *at) & 0x3FFu));
		*at += 2;
	}
	return c;
}

void gu_utf8_put(struct gu_buf *out, uint32_t c)
{
	if (c < 0x80) {
		gu_buf_addc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		gu_buf_addc(out, (char)(0xC0 | c >> 6));
	} else {
		if (c < 0x10000) {
			gu_buf_addc(out, (char)(0xE0 | c >> 12));
		} else {
			gu_buf_addc(out, (char)(0xF0 | c >> 18));
			gu_buf_addc(out, (char)(0x80 | (c >> 12 & 0x3F)));
		}
		gu_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3F)));
	}
	gu_buf_addc(out, (char)(0x80 | (c & 0x3F)));
}

void gu_utf16_format(const uint8_t *p, size_t n, struct gu_buf *out)
{
	for (size_t at = 0; at < n;) {
		gu_utf8_put(out, gu_utf16_read(p, n, &at));
	}
}

static const struct run {
	uint16_t first;
	uint16_t last;
	uint16_t step;
	int32_t delta;
} runs[] = {
#define RUN(first, last, step, delta) { first, last, step, delta },
#include "upcase.def"
#undef RUN
};

uint16_t gu_utf16_upcase(uint16_t unit)
{
	size_t low = 0, high = sizeof(runs) / sizeof(runs[0]);

	if (unit < 0x80) {
		return unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 32)
						  : unit;
	}
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (unit > runs[mid].last) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	if (low == sizeof(runs) / sizeof(runs[0]) || unit < runs[low].first ||
	    (unit - runs[low].first) % runs[low].step) {
		return unit;
	}
	return (uint16_t)(unit + runs[low].delta);
}

int gu_utf16_compare(const uint8_t *a, size_t a_len, const uint8_t *b,
		     size_t b_len, bool fold)
{
	size_t n = a_len < b_len ? a_len : b_len;

	for (size_t i = 0; i + 1 < n; i += 2) {
		uint16_t x = gu_le_u16(a + i), y = gu_le_u16(b + i);

		if (fold) {
			x = gu_utf16_upcase(x);
			y = gu_utf16_upcase(y);
		}
		if (x != y) {
			return x < y ? -1 : 1;
		}
	}
	if (a_len != b_len) {
		return a_len < b_len ? -1 : 1;
	}
	return 0;
}
