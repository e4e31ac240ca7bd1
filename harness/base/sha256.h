/* SPDX-License-Identifier: MIT */
#ifndef GU_SHA256_H
#define GU_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4), for fingerprints of files and of what a page embeds.
 * Pure; any thread. */
#define GU_SHA256_BYTES    32
#define GU_SHA256_HEX_SIZE 65

void gu_sha256(const void *p, size_t n, uint8_t out[GU_SHA256_BYTES]);

/* As lower-case hex; returns `hex`. */
const char *
gu_sha256_hex(const void *p, size_t n, char hex[GU_SHA256_HEX_SIZE]);

#endif
