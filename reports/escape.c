/* SPDX-License-Identifier: MIT */
#include "write.h"

#include "banned.h"

/* Text into each format, eight bytes at a time where nothing stands out. */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define TOP        EACH(0x80)

/* What stands out in a format, besides control characters, DEL and all that
 * is not ASCII. */
struct care {
	unsigned char chars[4];
};

static inline uint64_t load(const char *p, size_t n)
{
	uint64_t w = 0;

	for (size_t i = 0; i < n; i++) {
		w |= (uint64_t)(unsigned char)p[i] << (8 * i);
	}
	return w;
}

static inline uint64_t equal(uint64_t w, unsigned char c)
{
	uint64_t x = w ^ EACH(c);

	return (x - EACH(1)) & ~x;
}

/* The lowest bit set is the top bit of the first byte that stands out; those
 * above it may be wrong. */
static inline uint64_t stand_out(uint64_t w, struct care care)
{
	uint64_t below_space = (w - EACH(0x20)) & ~w;
	uint64_t from_del = w | (w + EACH(1));

	return (below_space | from_del | equal(w, care.chars[0]) |
		equal(w, care.chars[1]) | equal(w, care.chars[2]) |
		equal(w, care.chars[3])) &
	       TOP;
}

/* The last bytes of a text, less than eight, read by two loads that overlap.
 * What follows them is 'a', which stands out nowhere. */
static inline uint64_t load_last(const char *s, size_t n)
{
	uint64_t w;

	if (n >= 4) {
		w = load(s, 4) | load(s + n - 4, 4) << (8 * (n - 4));
	} else {
		w = load(s, 1) | load(s + n / 2, 1) << (8 * (n / 2)) |
		    load(s + n - 1, 1) << (8 * (n - 1));
	}
	return w | EACH('a') << (8 * n);
}

/* Copies bytes up to the first that stands out, and returns how many. Writes
 * up to eight bytes more. */
static inline size_t
copy_plain(char *to, const char *s, size_t n, struct care care)
{
	size_t at = 0;
	uint64_t w, bits;

	for (; n - at >= 8; at += 8) {
		w = load(s + at, 8);
		memcpy(to + at, s + at, 8);
		bits = stand_out(w, care);
		if (bits) {
			return at + (size_t)__builtin_ctzll(bits) / 8;
		}
	}
	if (at == n) {
		return n;
	}
	w = load_last(s + at, n - at);
	bits = stand_out(w, care);
	for (size_t i = 0; i < 8; i++) {
		to[at + i] = (char)(w >> (8 * i));
	}
	return bits ? at + (size_t)__builtin_ctzll(bits) / 8 : n;
}

/* Most bytes that one byte of text can become, and the length of a piece of
 * text that is written without asking for room again. */
enum { WIDEST = 6, PIECE = 1024 };

static size_t piece_of(const char *s, size_t n)
{
	size_t len = PIECE;

	if (n <= PIECE) {
		return n;
	}
	while (len > PIECE - 4 && ((unsigned char)s[len] & 0xC0) == 0x80) {
		len--;
	}
	return len;
}

/* Writes what stands for the text at `s` and returns how much of it that
 * was. */
typedef size_t (*escape_fn)(struct gu_out *o, const char *s, size_t n);

static inline __attribute__((always_inline)) void
put_piece(struct gu_out *o, const char *s, size_t n, struct care care,
	  escape_fn escape)
{
	for (;;) {
		size_t run = copy_plain(o->at, s, n, care);

		o->at += run;
		if (run == n) {
			return;
		}
		s += run;
		n -= run;
		run = escape(o, s, n);
		s += run;
		n -= run;
		if (!n) {
			return;
		}
	}
}

static inline __attribute__((always_inline)) void
put_text(struct gu_out *o, const char *s, size_t n, struct care care,
	 escape_fn escape)
{
	while (n) {
		size_t piece = piece_of(s, n);

		gu_out_room(o, piece * WIDEST);
		put_piece(o, s, piece, care, escape);
		s += piece;
		n -= piece;
	}
}

/* The rest is written where put_piece has made room. */

static void put(struct gu_out *o, const char *s, size_t n)
{
	memcpy(o->at, s, n);
	o->at += n;
}

#define PUT(o, text) put((o), (text), sizeof(text) - 1)

/* C0 and DEL as their pictures. */
static void put_picture(struct gu_out *o, unsigned char c)
{
	const char picture[] = { '\xE2', '\x90',
				 (char)(c == 0x7F ? 0xA1 : 0x80 + c) };

	put(o, picture, sizeof(picture));
}

/* A character that is not ASCII, or the mark of a stray byte. */
static size_t put_wide(struct gu_out *o, const char *s, size_t n)
{
	size_t len = gu_utf8_sequence(s, n);

	if (!len) {
		PUT(o, GU_UTF8_REPLACEMENT);
		return 1;
	}
	put(o, s, len);
	return len;
}

/* CSV */

/* Spreadsheets run a cell that begins so, the full-width forms too in some
 * locales (OWASP, CSV injection). Such a cell gets an apostrophe in front,
 * which spreadsheets show as text. */
static bool is_formula(const char *s, size_t n)
{
	static const char *const wide[] = { "\xEF\xBC\x8B", "\xEF\xBC\x8D",
					    "\xEF\xBC\x9D", "\xEF\xBC\xA0" };

	if ((unsigned char)s[0] != 0xEF) {
		return memchr("=+-@\t\r\n", s[0], 7);
	}
	for (size_t i = 0; n >= 3 && i < sizeof(wide) / sizeof(*wide); i++) {
		if (memcmp(s, wide[i], 3) == 0) {
			return true;
		}
	}
	return false;
}

/* Letters and digits begin no formula and ask for no quotes. */
static bool begins_plainly(unsigned char c)
{
	return (unsigned)(c - '0') < 10 || (unsigned)((c | 0x20) - 'a') < 26;
}

/* RFC 4180, and the separators that spreadsheets take in other locales. */
static bool wants_quotes(char c)
{
	return c == '"' || c == ',' || c == ';' || c == '\t' || c == '\r' ||
	       c == '\n';
}

static bool needs_quotes(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (wants_quotes(s[i])) {
			return true;
		}
	}
	return s[0] == ' ' || s[n - 1] == ' ';
}

static size_t escape_csv(struct gu_out *o, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (c >= 0x80) {
		return put_wide(o, s, n);
	}
	if (c == '"') {
		PUT(o, "\"\"");
	} else if (c == '\t' || c == '\r' || c == '\n') {
		*o->at++ = *s;
	} else {
		put_picture(o, c);
	}
	return 1;
}

static void put_csv(struct gu_out *o, const char *s, size_t n)
{
	bool quotes = needs_quotes(s, n);

	if (quotes) {
		gu_out_char(o, '"');
	}
	if (is_formula(s, n)) {
		gu_out_char(o, '\'');
	}
	put_text(o, s, n, (struct care){ { '"', '"', '"', '"' } }, escape_csv);
	if (quotes) {
		gu_out_char(o, '"');
	}
}

/* Most cells are plain: one look, which is the copy. */
void gu_out_csv(struct gu_out *o, const char *s, size_t n)
{
	if (!n) {
		return;
	}
	if (n <= PIECE && begins_plainly((unsigned char)s[0]) &&
	    s[n - 1] != ' ') {
		gu_out_room(o, n);
		if (copy_plain(o->at, s, n,
			       (struct care){ { '"', ',', ';', ',' } }) == n) {
			o->at += n;
			return;
		}
	}
	put_csv(o, s, n);
}

void gu_write_csv_cell(FILE *out, const char *s, size_t n)
{
	struct gu_out o;

	gu_out_init(&o, out);
	gu_out_csv(&o, s, n);
	gu_out_flush(&o);
}

/* JSON */

static void put_unicode(struct gu_out *o, unsigned c)
{
	static const char hex[] = "0123456789abcdef";
	const char text[] = { '\\',
			      'u',
			      hex[c >> 12 & 15],
			      hex[c >> 8 & 15],
			      hex[c >> 4 & 15],
			      hex[c & 15] };

	put(o, text, sizeof(text));
}

/* U+0080 to U+009F, U+2028 and U+2029, U+FFFE and U+FFFF: legal in JSON and
 * trouble elsewhere. 0 for any other character. */
static unsigned troublesome(const char *s, size_t len)
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

static size_t escape_json(struct gu_out *o, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (c == '\\' || c == '"') {
		*o->at++ = '\\';
		*o->at++ = *s;
		return 1;
	}
	if (c >= 0x80) {
		size_t len = gu_utf8_sequence(s, n);
		unsigned code = len ? troublesome(s, len) : 0;

		if (!code) {
			return put_wide(o, s, n);
		}
		put_unicode(o, code);
		return len;
	}
	if (c == '\n') {
		PUT(o, "\\n");
	} else if (c == '\t') {
		PUT(o, "\\t");
	} else if (c == '\r') {
		PUT(o, "\\r");
	} else {
		put_unicode(o, c);
	}
	return 1;
}

void gu_out_json(struct gu_out *o, const char *s, size_t n)
{
	gu_out_char(o, '"');
	put_text(o, s, n, (struct care){ { '"', '\\', '"', '\\' } },
		 escape_json);
	gu_out_char(o, '"');
}

void gu_out_json_str(struct gu_out *o, const char *s)
{
	gu_out_json(o, s, strlen(s));
}

/* XML */

/* The characters of XML 1.0, production 2, leave out C0 but for tab and line
 * ends, which are written by number since attributes would lose them (3.3.3),
 * and U+FFFE and U+FFFF. */
static size_t escape_xml(struct gu_out *o, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (c >= 0x80) {
		if (gu_utf8_sequence(s, n) == 3 && c == 0xEF &&
		    troublesome(s, 3)) {
			PUT(o, GU_UTF8_REPLACEMENT);
			return 3;
		}
		return put_wide(o, s, n);
	}
	if (c == '<') {
		PUT(o, "&lt;");
	} else if (c == '>') {
		PUT(o, "&gt;");
	} else if (c == '&') {
		PUT(o, "&amp;");
	} else if (c == '"') {
		PUT(o, "&quot;");
	} else if (c == '\n') {
		PUT(o, "&#10;");
	} else if (c == '\t') {
		PUT(o, "&#9;");
	} else if (c == '\r') {
		PUT(o, "&#13;");
	} else {
		put_picture(o, c);
	}
	return 1;
}

void gu_out_xml(struct gu_out *o, const char *s, size_t n)
{
	put_text(o, s, n, (struct care){ { '<', '>', '&', '"' } }, escape_xml);
}

void gu_out_xml_str(struct gu_out *o, const char *s)
{
	gu_out_xml(o, s, strlen(s));
}
