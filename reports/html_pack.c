/* SPDX-License-Identifier: MIT */
#include "html_pack.h"

#include "alloc.h"
#include "banned.h"

static char digit(uint32_t v)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	return digits[v & 63];
}

void html_base64(FILE *out, const unsigned char *p, size_t n)
{
	char text[4096];
	size_t used = 0;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)p[i] << 16;

		v |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		v |= left > 2 ? p[i + 2] : 0;
		text[used++] = digit(v >> 18);
		text[used++] = digit(v >> 12);
		text[used++] = left > 1 ? digit(v >> 6) : '=';
		text[used++] = left > 2 ? digit(v) : '=';
		if (used == sizeof(text)) {
			fwrite(text, 1, used, out);
			used = 0;
		}
	}
	fwrite(text, 1, used, out);
}

static void *pack_alloc(void *arg, unsigned n, unsigned size)
{
	(void)arg;
	return gu_calloc(n, size);
}

static void pack_free(void *arg, void *p)
{
	(void)arg;
	gu_free(p);
}

enum gu_rc html_pack_init(struct html_pack *p, FILE *out, struct gu_err *err)
{
	p->out = out;
	p->used = 0;
	p->z = (z_stream){ .zalloc = pack_alloc, .zfree = pack_free };
	return deflateInit(&p->z, Z_DEFAULT_COMPRESSION) == Z_OK
		       ? GU_RC_OK
		       : gu_err_nomem(err);
}

void html_pack_release(struct html_pack *p)
{
	deflateEnd(&p->z);
}

/* Takes what deflate has ready; true when the chunk was filled by it. */
static bool drain(struct html_pack *p, int flush)
{
	p->z.next_out = p->chunk + p->used;
	p->z.avail_out = (unsigned)(HTML_PACK_CHUNK - p->used);
	deflate(&p->z, flush);
	p->used = HTML_PACK_CHUNK - p->z.avail_out;
	if (p->used < HTML_PACK_CHUNK) {
		return false;
	}
	html_base64(p->out, p->chunk, p->used);
	p->used = 0;
	return true;
}

void html_pack_add(struct html_pack *p, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	while (n) {
		unsigned part =
			n > HTML_PACK_CHUNK ? HTML_PACK_CHUNK : (unsigned)n;

		p->z.next_in = (unsigned char *)at;
		p->z.avail_in = part;
		while (drain(p, Z_NO_FLUSH) || p->z.avail_in) {
		}
		at += part;
		n -= part;
	}
}

void html_pack_add_u8(struct html_pack *p, unsigned v)
{
	const unsigned char byte = (unsigned char)v;

	html_pack_add(p, &byte, 1);
}

void html_pack_add_u32(struct html_pack *p, uint32_t v)
{
	const unsigned char bytes[] = { v & 255, v >> 8 & 255, v >> 16 & 255,
					v >> 24 };

	html_pack_add(p, bytes, sizeof(bytes));
}

void html_pack_end(struct html_pack *p)
{
	p->z.avail_in = 0;
	while (drain(p, Z_FINISH)) {
	}
	html_base64(p->out, p->chunk, p->used);
	p->used = 0;
	deflateReset(&p->z);
}
