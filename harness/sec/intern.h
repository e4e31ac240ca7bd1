/* SPDX-License-Identifier: MIT */
#ifndef GU_INTERN_H
#define GU_INTERN_H

#include <string.h>

#include "sid.h"

/* SIDs as small dense numbers, by their binary form. Not thread-safe. Private
 * to this floor. */
struct gu_interned {
	uint8_t bytes[GU_SID_MAX_BYTES];
};
struct gu_intern {
	struct gu_interned *sids; /* owned, by id */
	uint32_t count;
	uint32_t cap;
	uint64_t *slots; /* owned: hash in the upper half, id + 1 below */
	uint32_t mask;   /* slots - 1, a power of two less one */
};

#define GU_INTERN_NONE UINT32_MAX

void gu_intern_release(struct gu_intern *in);

/* The number of a SID, given a new one when it has none. */
GU_MUST_CHECK enum gu_rc gu_intern_sid(struct gu_intern *in,
				       const struct gu_sid *sid, uint32_t *id,
				       struct gu_err *err);

static inline uint64_t gu_load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* First, middle and last eight bytes: SIDs of one machine differ there. Those
 * that do not are told apart by comparing, as all are. */
static inline uint32_t gu_sid_hash(const uint8_t *sid, size_t n)
{
	uint64_t a = gu_load64(sid) * UINT64_C(0x9E3779B97F4A7C15);
	uint64_t b = gu_load64(sid + n - 8) * UINT64_C(0xC2B2AE3D27D4EB4F);
	uint64_t c = gu_load64(sid + ((n / 2) & ~(size_t)3) - 4);
	uint64_t h = (a ^ b ^ (b >> 29)) + c * UINT64_C(0x165667B19E3779F9);

	return (uint32_t)(h >> 32);
}

static inline size_t gu_sid_bytes(const uint8_t *sid)
{
	return 8 + 4 * (size_t)sid[1];
}

/* The number of a SID in valid binary form, of at least one subauthority, or
 * GU_INTERN_NONE. */
static inline uint32_t
gu_intern_find(const struct gu_intern *in, const uint8_t *sid)
{
	size_t n = gu_sid_bytes(sid);
	uint32_t hash = gu_sid_hash(sid, n);

	for (uint32_t i = hash;; i++) {
		uint64_t slot = in->slots[i & in->mask];

		if (!slot) {
			return GU_INTERN_NONE;
		}
		if (slot >> 32 == hash) {
			uint32_t id = (uint32_t)slot - 1;

			if (memcmp(in->sids[id].bytes, sid, n) == 0) {
				return id;
			}
		}
	}
}

GU_MUST_CHECK enum gu_rc
gu_intern_init(struct gu_intern *in, struct gu_err *err);

#endif
