/* SPDX-License-Identifier: MIT */
#include "intern.h"

#include "alloc.h"
#include "banned.h"

enum { FIRST_SLOTS = 256 };

enum gu_rc gu_intern_init(struct gu_intern *in, struct gu_err *err)
{
	*in = (struct gu_intern){ .mask = FIRST_SLOTS - 1 };
	in->slots = gu_calloc(FIRST_SLOTS, sizeof(*in->slots));
	return in->slots ? GU_RC_OK : gu_err_nomem(err);
}

void gu_intern_release(struct gu_intern *in)
{
	gu_free(in->sids);
	gu_free(in->slots);
	*in = (struct gu_intern){ .sids = NULL };
}

static void slot_put(uint64_t *slots, uint32_t mask, uint32_t hash, uint32_t id)
{
	uint32_t i = hash;

	while (slots[i & mask]) {
		i++;
	}
	slots[i & mask] = (uint64_t)hash << 32 | (id + 1);
}

/* At most half of the slots are taken, so that a miss ends soon. */
static bool slots_reserve(struct gu_intern *in)
{
	uint32_t n = (in->mask + 1) * 2;
	uint64_t *slots;

	if (in->count < n / 4) {
		return true;
	}
	slots = gu_calloc(n, sizeof(*slots));
	if (!slots) {
		return false;
	}
	for (uint32_t i = 0; i <= in->mask; i++) {
		if (in->slots[i]) {
			slot_put(slots, n - 1, (uint32_t)(in->slots[i] >> 32),
				 (uint32_t)in->slots[i] - 1);
		}
	}
	gu_free(in->slots);
	in->slots = slots;
	in->mask = n - 1;
	return true;
}

static bool sids_reserve(struct gu_intern *in)
{
	uint32_t cap = in->cap ? in->cap * 2 : 64;
	struct gu_interned *sids;

	if (in->count < in->cap) {
		return true;
	}
	sids = gu_realloc(in->sids, cap, sizeof(*sids));
	if (!sids) {
		return false;
	}
	in->sids = sids;
	in->cap = cap;
	return true;
}

/* All of the array is written, so that its end needs no proof. */
static void sid_encode(const struct gu_sid *sid, struct gu_interned *out)
{
	out->bytes[0] = sid->revision;
	out->bytes[1] = sid->count;
	for (size_t i = 2; i < 8; i++) {
		out->bytes[i] = (uint8_t)(sid->authority >> (8 * (7 - i)));
	}
	for (size_t i = 0; i < GU_SID_MAX_SUBS; i++) {
		uint32_t sub = i < sid->count ? sid->sub[i] : 0;

		for (size_t k = 0; k < 4; k++) {
			out->bytes[8 + 4 * i + k] = (uint8_t)(sub >> (8 * k));
		}
	}
}

enum gu_rc gu_intern_sid(struct gu_intern *in, const struct gu_sid *sid,
			 uint32_t *id, struct gu_err *err)
{
	struct gu_interned key;

	sid_encode(sid, &key);
	*id = gu_intern_find(in, key.bytes);
	if (*id != GU_INTERN_NONE) {
		return GU_RC_OK;
	}
	if (!sids_reserve(in) || !slots_reserve(in)) {
		return gu_err_nomem(err);
	}
	*id = in->count++;
	in->sids[*id] = key;
	slot_put(in->slots, in->mask,
		 gu_sid_hash(key.bytes, gu_sid_bytes(key.bytes)), *id);
	return GU_RC_OK;
}
