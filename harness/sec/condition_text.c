/* SPDX-License-Identifier: MIT */
#include "condition_text.h"

#include <string.h>

#include "condition_code.h"
#include "sddl.h"
#include "text.h"
#include "utf16.h"
#include "banned.h"

void gu_buf_cut(struct gu_buf *b, size_t len)
{
	if (!b->oom) {
		b->len = len;
		b->data[len] = '\0';
	}
}

void gu_scan_blanks(struct gu_scan *s)
{
	while (s->at < s->end && memchr(" \t\r\n\v\f", *s->at, 6)) {
		s->at++;
	}
}

bool gu_scan_char(struct gu_scan *s, char c)
{
	gu_scan_blanks(s);
	if (s->at == s->end || *s->at != c) {
		return false;
	}
	s->at++;
	return true;
}

enum gu_rc gu_scan_expected(const struct gu_scan *s, const char *what)
{
	return gu_err_at(s->err, (size_t)(s->at - s->text), "expected %s",
			 what);
}

static unsigned digit(char c, unsigned base)
{
	unsigned v = 99;

	if (c >= '0' && c <= '9') {
		v = (unsigned)(c - '0');
	} else if (c >= 'a' && c <= 'f') {
		v = (unsigned)(c - 'a') + 10;
	} else if (c >= 'A' && c <= 'F') {
		v = (unsigned)(c - 'A') + 10;
	}
	return v < base ? v : 99;
}

static unsigned scan_base(struct gu_scan *s, uint8_t *base)
{
	if (s->end - s->at > 1 && *s->at == '0') {
		if (s->at[1] == 'x' || s->at[1] == 'X') {
			s->at += 2;
			*base = GU_COND_BASE_HEX;
			return 16;
		}
		if (digit(s->at[1], 10) < 10) {
			*base = GU_COND_BASE_OCTAL;
			return 8;
		}
	}
	*base = GU_COND_BASE_DECIMAL;
	return 10;
}

enum gu_rc gu_scan_integer(struct gu_scan *s, struct gu_scan_number *out)
{
	const char *start = s->at, *first;
	unsigned base;

	*out = (struct gu_scan_number){ .sign = GU_COND_SIGN_NONE };
	if (s->at < s->end && (*s->at == '-' || *s->at == '+')) {
		out->sign = *s->at++ == '-' ? GU_COND_SIGN_MINUS
					    : GU_COND_SIGN_PLUS;
	}
	base = scan_base(s, &out->base);
	for (first = s->at; s->at < s->end && digit(*s->at, base) < base;
	     s->at++) {
		if (__builtin_mul_overflow(out->value, base, &out->value) ||
		    __builtin_add_overflow(out->value, digit(*s->at, base),
					   &out->value)) {
			s->at = start;
			return gu_scan_expected(s, "a number of 64 bits");
		}
	}
	if (s->at == first ||
	    (s->at < s->end &&
	     gu_name_char((unsigned char)*s->at) == GU_NAME_SIMPLE)) {
		s->at = start;
		return gu_scan_expected(s, "a number");
	}
	if (out->sign != GU_COND_SIGN_NONE &&
	    out->value >
		    (uint64_t)INT64_MAX + (out->sign == GU_COND_SIGN_MINUS)) {
		s->at = start;
		return gu_scan_expected(s, "a number of 64 bits");
	}
	if (out->sign == GU_COND_SIGN_MINUS) {
		out->value = 0 - out->value;
	}
	return GU_RC_OK;
}

enum gu_rc gu_scan_sid(struct gu_scan *s, struct gu_sid *out)
{
	const char *close;
	size_t from, len;
	enum gu_rc rc;

	if (s->end - s->at < 3 || gu_strncasecmp(s->at, "SID", 3) != 0) {
		return gu_scan_expected(s, "SID(...)");
	}
	s->at += 3;
	if (!gu_scan_char(s, '(')) {
		return gu_scan_expected(s, "'(' and a SID");
	}
	gu_scan_blanks(s);
	close = memchr(s->at, ')', (size_t)(s->end - s->at));
	if (!close) {
		return gu_scan_expected(s, "a SID and ')'");
	}
	from = (size_t)(s->at - s->text);
	for (len = (size_t)(close - s->at); len && s->at[len - 1] == ' ';) {
		len--;
	}
	rc = gu_sddl_parse_sid(out, s->at, len, s->domain, s->err);
	if (rc && s->err && s->err->offset != GU_ERR_NO_OFFSET) {
		s->err->offset += from;
	}
	s->at = close + 1;
	return rc;
}

enum gu_rc gu_scan_string(struct gu_scan *s, struct gu_buf *out)
{
	const char *close;
	size_t bad;

	if (!gu_scan_char(s, '"')) {
		return gu_scan_expected(s, "a string in quotes");
	}
	close = memchr(s->at, '"', (size_t)(s->end - s->at));
	if (!close) {
		return gu_scan_expected(s, "a closing quote");
	}
	if (!gu_utf16_add(out, s->at, (size_t)(close - s->at), &bad)) {
		s->at += bad;
		return gu_scan_expected(s, "UTF-8");
	}
	s->at = close + 1;
	return GU_RC_OK;
}

/* Windows takes '#' for a zero digit. */
static unsigned nibble(char c)
{
	return c == '#' ? 0 : digit(c, 16);
}

enum gu_rc gu_scan_octets(struct gu_scan *s, struct gu_buf *out)
{
	while (s->at < s->end && nibble(*s->at) < 16) {
		if (s->end - s->at < 2 || nibble(s->at[1]) >= 16) {
			return gu_scan_expected(s, "hex digits in pairs");
		}
		gu_buf_addc(out,
			    (char)(nibble(s->at[0]) << 4 | nibble(s->at[1])));
		s->at += 2;
	}
	return GU_RC_OK;
}

enum gu_name_char gu_name_char(uint32_t c)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == ':' ||
	    c == '/') {
		return GU_NAME_SIMPLE;
	}
	if (c > ' ' && c < 0x7F && !strchr("!&()<=>|%\",", (int)c)) {
		return GU_NAME_FULL;
	}
	return GU_NAME_CODED;
}

/* %XXXX, for a character that could not stand for itself. */
static bool scan_coded(struct gu_scan *s, uint32_t *out)
{
	uint32_t c = 0;

	if (s->end - s->at < 5) {
		return false;
	}
	for (int i = 1; i < 5; i++) {
		unsigned d = digit(s->at[i], 16);

		if (d >= 16) {
			return false;
		}
		c = c << 4 | d;
	}
	*out = c;
	/* Names end at a zero in the binary form of attributes. */
	return c != 0 && gu_name_char(c) == GU_NAME_CODED;
}

static bool may_stand(enum gu_name_char kind, bool full)
{
	return kind == GU_NAME_SIMPLE || (full && kind == GU_NAME_FULL);
}

enum gu_rc gu_scan_name(struct gu_scan *s, bool full, struct gu_buf *out)
{
	size_t start = out->len;

	while (s->at < s->end) {
		const char *at = s->at;
		uint32_t c;

		if (*at == '%') {
			if (!scan_coded(s, &c)) {
				return gu_scan_expected(
					s, "%XXXX for a character that needs "
					   "it");
			}
			s->at += 5;
			gu_buf_add_u16(out, (uint16_t)c);
			continue;
		}
		if (!gu_utf8_read(&at, s->end, &c)) {
			return gu_scan_expected(s, "UTF-8");
		}
		if (c < 0x80 && !may_stand(gu_name_char(c), full)) {
			break;
		}
		s->at = at;
		gu_utf16_put(out, c);
	}
	return out->len > start || out->oom
		       ? GU_RC_OK
		       : gu_scan_expected(s, "an attribute's name");
}

void gu_name_format(const uint8_t *p, size_t n, struct gu_buf *out)
{
	for (size_t at = 0; at + 1 < n; at += 2) {
		unsigned c = (unsigned)p[at] | (unsigned)p[at + 1] << 8;

		if (gu_name_char(c) == GU_NAME_CODED) {
			gu_buf_addf(out, "%%%04x", c);
		} else {
			gu_buf_addc(out, (char)c);
		}
	}
}

bool gu_sid_item_format(const uint8_t *p, size_t n, const struct gu_sid *domain,
			struct gu_buf *out)
{
	struct gu_sid sid;
	const char *code;
	size_t used;

	if (gu_sid_decode(&sid, p, n, &used, NULL) || used != n) {
		return false;
	}
	code = gu_sid_sddl_code(&sid, domain);
	gu_buf_adds(out, "SID(");
	if (code) {
		gu_buf_adds(out, code);
	} else {
		gu_sid_format(&sid, out);
	}
	gu_buf_addc(out, ')');
	return true;
}
