/* SPDX-License-Identifier: MIT */
#ifndef GU_PLAIN_H
#define GU_PLAIN_H

#include <string.h>

#include "write.h"

/* Text into a format, eight bytes at a time where nothing stands out. Private
 * to the writers. Functions write at `at`, where there is room for GU_WIDEST
 * times the text and GU_OUT_SPARE bytes, and return where they stopped. */
enum {
	GU_WIDEST = 6,   /* bytes that one byte of text can become, at most */
	GU_PIECE = 1024, /* text that is written with one look at the room */
};

/* What stands out in a format, besides control characters, DEL and all that
 * is not ASCII. Repeats cost nothing. */
struct gu_care {
	unsigned char chars[4];
};

#define GU_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t gu_load8(const char *p)
{
	uint64_t w;

	memcpy(&w, p, 8);
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(w)
						      : w;
}

static inline uint64_t gu_load4(const char *p)
{
	uint32_t w;

	memcpy(&w, p, 4);
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap32(w)
						      : w;
}

static inline uint64_t gu_equal(uint64_t w, unsigned char c)
{
	uint64_t x = w ^ GU_EACH(c);

	return (x - GU_EACH(1)) & ~x;
}

/* The lowest bit set is the top bit of the first byte that stands out; those
 * above it may be wrong. */
static inline uint64_t gu_stand_out(uint64_t w, struct gu_care care)
{
	uint64_t below_space = (w - GU_EACH(0x20)) & ~w;
	uint64_t from_del = w | (w + GU_EACH(1));

	return (below_space | from_del | gu_equal(w, care.chars[0]) |
		gu_equal(w, care.chars[1]) | gu_equal(w, care.chars[2]) |
		gu_equal(w, care.chars[3])) &
	       GU_EACH(0x80);
}

static inline size_t gu_first_byte(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits) / 8;
}

/* Less than eight bytes, as gu_copy_plain. They are read by loads that
 * overlap. */
static inline size_t
gu_copy_few(char *at, const char *s, size_t n, struct gu_care care)
{
	uint64_t bits;
	size_t i;

	if (n >= 4) {
		bits = gu_stand_out(gu_load4(s) | gu_load4(s + n - 4) << 32,
				    care);
		memcpy(at, s, 4);
		memcpy(at + n - 4, s + n - 4, 4);
		i = bits ? gu_first_byte(bits) : 8;
		return i < 4 ? i : n - 8 + i;
	}
	for (i = 0; i < n; i++) {
		at[i] = s[i];
		if (gu_stand_out(GU_EACH((unsigned char)s[i]), care)) {
			return i;
		}
	}
	return n;
}

/* Copies bytes up to the first that stands out, and returns how many. What is
 * behind them at `at` is undefined. */
static inline size_t
gu_copy_plain(char *at, const char *s, size_t n, struct gu_care care)
{
	uint64_t bits;
	size_t i;

	if (n < 8) {
		return gu_copy_few(at, s, n, care);
	}
	for (i = 0; i + 8 < n; i += 8) {
		memcpy(at + i, s + i, 8);
		bits = gu_stand_out(gu_load8(s + i), care);
		if (bits) {
			return i + gu_first_byte(bits);
		}
	}
	memcpy(at + n - 8, s + n - 8, 8);
	bits = gu_stand_out(gu_load8(s + n - 8), care);
	return bits ? n - 8 + gu_first_byte(bits) : n;
}

/* Writes what stands for the beginning of a text that stands out; `*used` is
 * how much of it that was. */
typedef char *(*gu_escape_fn)(char *at, const char *s, size_t n, size_t *used);

static inline __attribute__((always_inline)) char *
gu_put_piece(char *at, const char *s, size_t n, struct gu_care care,
	     gu_escape_fn escape)
{
	while (n) {
		size_t used = gu_copy_plain(at, s, n, care);

		at += used;
		s += used;
		n -= used;
		if (n) {
			at = escape(at, s, n, &used);
			s += used;
			n -= used;
		}
	}
	return at;
}

/* Where to cut a text that is too long for one piece: between characters. */
size_t gu_piece_of(const char *s, size_t n);

static inline __attribute__((always_inline)) void
gu_put_text(struct gu_out *o, const char *s, size_t n, struct gu_care care,
	    gu_escape_fn escape)
{
	while (n) {
		size_t piece = gu_piece_of(s, n);

		gu_out_room(o, piece * GU_WIDEST);
		o->at = gu_put_piece(o->at, s, piece, care, escape);
		s += piece;
		n -= piece;
	}
}

static inline char *gu_put(char *at, const char *s, size_t n)
{
	memcpy(at, s, n);
	return at + n;
}

#define GU_PUT(at, text) gu_put((at), (text), sizeof(text) - 1)

/* C0 and DEL as their pictures. */
char *gu_put_picture(char *at, unsigned char c);

/* A character that is legal in JSON and trouble elsewhere: U+0080 to U+009F,
 * U+2028 and U+2029, U+FFFE and U+FFFF. 0 for any other. `len` is its
 * sequence's. */
unsigned gu_troublesome(const char *s, size_t len);

/* A character that is not ASCII, or the mark of a stray byte. */
char *gu_put_wide(char *at, const char *s, size_t n, size_t *used);

/* The inside of a JSON string, of GU_PIECE bytes at most. */
char *gu_put_json(char *at, const char *s, size_t n);

#endif
