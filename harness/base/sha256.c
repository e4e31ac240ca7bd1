/* SPDX-License-Identifier: MIT */
#include "sha256.h"

#include <string.h>

#include "banned.h"

enum { BLOCK = 64, LENGTH_AT = 56 };

static const uint32_t round_constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint32_t load_be(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void store_be(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void schedule(uint32_t w[64], const uint8_t *block)
{
	for (int t = 0; t < 16; t++) {
		w[t] = load_be(block + 4 * t);
	}
	for (int t = 16; t < 64; t++) {
		uint32_t a = w[t - 15];
		uint32_t b = w[t - 2];

		w[t] = w[t - 16] + w[t - 7] +
		       (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) +
		       (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
	}
}

/* s holds a to h; each round renames them by one, which is a rotation. */
static void compress(uint32_t h[8], const uint8_t *block)
{
	uint32_t w[64];
	uint32_t s[8];

	schedule(w, block);
	memcpy(s, h, sizeof(s));
	for (int t = 0; t < 64; t++) {
		uint32_t e = s[4];
		uint32_t a = s[0];
		uint32_t t1 = s[7] + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +
			      ((e & s[5]) ^ (~e & s[6])) + round_constant[t] +
			      w[t];
		uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) +
			      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof(s[0]));
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++) {
		h[i] += s[i];
	}
}

void gu_sha256(const void *p, size_t n, uint8_t out[GU_SHA256_BYTES])
{
	uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	uint8_t tail[2 * BLOCK] = { 0 };
	const uint8_t *at = p;
	size_t left = n;
	size_t end;

	for (; left >= BLOCK; left -= BLOCK, at += BLOCK) {
		compress(h, at);
	}
	if (left) {
		memcpy(tail, at, left);
	}
	tail[left] = 0x80;
	end = left < LENGTH_AT ? BLOCK : 2 * BLOCK;
	store_be(tail + end - 8, (uint32_t)((uint64_t)n >> 29));
	store_be(tail + end - 4, (uint32_t)((uint64_t)n << 3));
	for (size_t i = 0; i < end; i += BLOCK) {
		compress(h, tail + i);
	}
	for (int i = 0; i < 8; i++) {
		store_be(out + 4 * i, h[i]);
	}
}

const char *gu_sha256_hex(const void *p, size_t n, char hex[GU_SHA256_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[GU_SHA256_BYTES];

	gu_sha256(p, n, sum);
	for (size_t i = 0; i < sizeof(sum); i++) {
		hex[2 * i] = digits[sum[i] >> 4];
		hex[2 * i + 1] = digits[sum[i] & 15];
	}
	hex[GU_SHA256_HEX_SIZE - 1] = '\0';
	return hex;
}
