/* SPDX-License-Identifier: MIT */
#include "plain.h"

#include "banned.h"

size_t gu_piece_of(const char *s, size_t n)
{
	size_t len = GU_PIECE;

	if (n <= GU_PIECE) {
		return n;
	}
	while (len > GU_PIECE - 4 && ((unsigned char)s[len] & 0xC0) == 0x80) {
		len--;
	}
	return len;
}

char *gu_put_picture(char *at, unsigned char c)
{
	const char picture[] = { '\xE2', '\x90',
				 (char)(c == 0x7F ? 0xA1 : 0x80 + c) };

	return gu_put(at, picture, sizeof(picture));
}

char *gu_put_wide(char *at, const char *s, size_t n, size_t *used)
{
	size_t len = gu_utf8_sequence(s, n);

	*used = len ? len : 1;
	return len ? gu_put(at, s, len) : GU_PUT(at, GU_UTF8_REPLACEMENT);
}

/* JSON */

static char *put_unicode(char *at, unsigned c)
{
	static const char hex[] = "0123456789abcdef";
	const char text[] = { '\\',
			      'u',
			      hex[c >> 12 & 15],
			      hex[c >> 8 & 15],
			      hex[c >> 4 & 15],
			      hex[c & 15] };

	return gu_put(at, text, sizeof(text));
}

unsigned gu_troublesome(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	if (len == 2 && p[0] == 0xC2 && p[1] < 0xA0) {
		return p[1];
	}
	if (len == 3 && p[0] == 0xE2 && p[1] == 0x80 &&
	    (p[2] == 0xA8 || p[2] == 0xA9)) {
		return 0x2000u + p[2] - 0x80;
	}
	if (len == 3 && p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE) {
		return 0xFFC0u + p[2] - 0x80;
	}
	return 0;
}

static char *wide_json(char *at, const char *s, size_t n, size_t *used)
{
	size_t len = gu_utf8_sequence(s, n);
	unsigned code = len ? gu_troublesome(s, len) : 0;

	if (!code) {
		return gu_put_wide(at, s, n, used);
	}
	*used = len;
	return put_unicode(at, code);
}

static char *escape_json(char *at, const char *s, size_t n, size_t *used)
{
	unsigned char c = (unsigned char)*s;

	*used = 1;
	if (c == '\\' || c == '"') {
		*at++ = '\\';
		*at++ = (char)c;
		return at;
	}
	if (c >= 0x80) {
		return wide_json(at, s, n, used);
	}
	if (c == '\n') {
		return GU_PUT(at, "\\n");
	}
	if (c == '\t') {
		return GU_PUT(at, "\\t");
	}
	return c == '\r' ? GU_PUT(at, "\\r") : put_unicode(at, c);
}

static const struct gu_care json_care = { { '"', '\\', '"', '\\' } };

char *gu_put_json(char *at, const char *s, size_t n)
{
	return gu_put_piece(at, s, n, json_care, escape_json);
}

void gu_out_json(struct gu_out *o, const char *s, size_t n)
{
	gu_out_char(o, '"');
	gu_put_text(o, s, n, json_care, escape_json);
	gu_out_char(o, '"');
}

void gu_out_json_str(struct gu_out *o, const char *s)
{
	gu_out_json(o, s, strlen(s));
}

/* XML */

/* The characters of XML 1.0, production 2, leave out U+FFFE and U+FFFF. */
static char *wide_xml(char *at, const char *s, size_t n, size_t *used)
{
	size_t len = gu_utf8_sequence(s, n);

	if (len != 3 || gu_troublesome(s, len) < 0xFFFE) {
		return gu_put_wide(at, s, n, used);
	}
	*used = len;
	return GU_PUT(at, GU_UTF8_REPLACEMENT);
}

/* They leave out C0 too, but for tab and line ends, which are written by
 * number since attributes would lose them (3.3.3). */
static char *escape_xml(char *at, const char *s, size_t n, size_t *used)
{
	static const char *const names[0x40] = {
		['<'] = "&lt;",   ['>'] = "&gt;",  ['&'] = "&amp;",
		['"'] = "&quot;", ['\t'] = "&#9;", ['\n'] = "&#10;",
		['\r'] = "&#13;",
	};
	unsigned char c = (unsigned char)*s;
	const char *name = c < 0x40 ? names[c] : NULL;

	if (c >= 0x80) {
		return wide_xml(at, s, n, used);
	}
	*used = 1;
	return name ? gu_put(at, name, strlen(name)) : gu_put_picture(at, c);
}

void gu_out_xml(struct gu_out *o, const char *s, size_t n)
{
	gu_put_text(o, s, n, (struct gu_care){ { '<', '>', '&', '"' } },
		    escape_xml);
}

void gu_out_xml_str(struct gu_out *o, const char *s)
{
	gu_out_xml(o, s, strlen(s));
}
