/* SPDX-License-Identifier: MIT */
#include "write.h"

#include <errno.h>

#include "text.h"
#include "banned.h"

static size_t sequence_length(unsigned char lead)
{
	if (lead < 0x80) {
		return 1;
	}
	if (lead >= 0xC2 && lead <= 0xDF) {
		return 2;
	}
	if ((lead & 0xF0) == 0xE0) {
		return 3;
	}
	return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* Table 3-7 of the Unicode standard: second bytes that would make an overlong
 * form, a surrogate, or a code point above U+10FFFF. */
static bool second_is_wrong(unsigned char lead, unsigned char second)
{
	return (lead == 0xE0 && second < 0xA0) ||
	       (lead == 0xED && second > 0x9F) ||
	       (lead == 0xF0 && second < 0x90) ||
	       (lead == 0xF4 && second > 0x8F);
}

size_t gu_utf8_sequence(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len = sequence_length(p[0]);

	if (len == 0 || len > n) {
		return 0;
	}
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80) {
			return 0;
		}
	}
	return len > 1 && second_is_wrong(p[0], p[1]) ? 0 : len;
}

void gu_out_init(struct gu_out *o, FILE *file, const char *format)
{
	o->file = file;
	o->format = format;
	o->error = 0;
	o->at = o->buf;
	o->end = o->buf + GU_OUT_SIZE - GU_OUT_SPARE;
}

void gu_out_flush(struct gu_out *o)
{
	size_t n = (size_t)(o->at - o->buf);

	errno = 0;
	if (fwrite(o->buf, 1, n, o->file) != n && !o->error) {
		o->error = errno ? errno : EIO;
	}
	o->at = o->buf;
}

static enum gu_rc lost(const char *format, int code, struct gu_err *err)
{
	return gu_err_set(err, GU_RC_IO, "the %s report cannot be written: %s",
			  format, strerror(code));
}

enum gu_rc gu_out_finish(struct gu_out *o, struct gu_err *err)
{
	gu_out_flush(o);
	return o->error ? lost(o->format, o->error, err)
			: gu_write_finish(o->file, o->format, err);
}

enum gu_rc gu_out_check(struct gu_out *o, struct gu_err *err)
{
	return o->error ? lost(o->format, o->error, err) : GU_RC_OK;
}

void gu_out_bytes(struct gu_out *o, const char *s, size_t n)
{
	const size_t most = GU_OUT_SIZE / 4;

	for (; n > most; s += most, n -= most) {
		gu_out_room(o, most);
		memcpy(o->at, s, most);
		o->at += most;
	}
	gu_out_room(o, n);
	memcpy(o->at, s, n);
	o->at += n;
}

void gu_out_str(struct gu_out *o, const char *s)
{
	gu_out_bytes(o, s, strlen(s));
}

void gu_out_number(struct gu_out *o, uint64_t v)
{
	char digits[GU_DIGITS];
	char *end = digits + GU_DIGITS;
	char *at = gu_digits(end, v);

	gu_out_bytes(o, at, (size_t)(end - at));
}

enum gu_rc gu_write_finish(FILE *out, const char *format, struct gu_err *err)
{
	if (fflush(out) != 0) {
		return lost(format, errno, err);
	}
	return ferror(out) ? lost(format, EIO, err) : GU_RC_OK;
}
