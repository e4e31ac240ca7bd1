/* SPDX-License-Identifier: MIT */
#ifndef GU_HTML_PACK_H
#define GU_HTML_PACK_H

#include <stdio.h>
#include <zlib.h>

#include "err.h"

/* Bytes to a page: deflated (zlib's format, which browsers unpack with
 * DecompressionStream) and written as base64, stream by stream, in a fixed
 * amount of memory. */
enum { HTML_PACK_CHUNK = 24576 }; /* whole base64 groups */

struct html_pack {
	FILE *out;
	z_stream z;
	size_t used;
	unsigned char chunk[HTML_PACK_CHUNK];
};

GU_MUST_CHECK enum gu_rc
html_pack_init(struct html_pack *p, FILE *out, struct gu_err *err);
void html_pack_release(struct html_pack *p);

void html_pack_add(struct html_pack *p, const void *bytes, size_t n);
void html_pack_add_u8(struct html_pack *p, unsigned v);
void html_pack_add_u32(struct html_pack *p, uint32_t v); /* little-endian */

/* Ends the stream; the next add begins another. */
void html_pack_end(struct html_pack *p);

/* Base64 of `n` bytes with its padding. */
void html_base64(FILE *out, const unsigned char *p, size_t n);

#endif
