/* SPDX-License-Identifier: MIT */
#include "quick_private.h"

#include "alloc.h"
#include "banned.h"

#define NOT_FROM_DACL  (GU_ACCESS_SYSTEM_SECURITY | GU_MAXIMUM_ALLOWED)
#define OWNER_IMPLICIT (GU_READ_CONTROL | GU_WRITE_DAC)

enum gu_rc gu_quick_new(struct gu_quick **out, struct gu_err *err)
{
	struct gu_quick *quick = gu_calloc(1, sizeof(*quick));
	enum gu_rc rc;

	if (!quick) {
		return gu_err_nomem(err);
	}
	rc = gu_intern_init(&quick->intern, err);
	if (rc) {
		gu_free(quick);
		return rc;
	}
	*out = quick;
	return GU_RC_OK;
}

static void sd_free(struct gu_quick_sd *sd)
{
	gu_sd_release(&sd->sd);
	gu_free(sd->bytes);
	gu_free(sd->storage);
	gu_free(sd);
}

void gu_quick_free(struct gu_quick *quick)
{
	if (!quick) {
		return;
	}
	for (size_t i = 0; i < quick->sd_count; i++) {
		sd_free(quick->sds[i]);
	}
	gu_free(quick->sds);
	gu_free(quick->slots);
	gu_intern_release(&quick->intern);
	gu_free(quick);
}

size_t gu_quick_sid_count(const struct gu_quick *quick)
{
	return quick->intern.count;
}

size_t gu_quick_sd_count(const struct gu_quick *quick)
{
	return quick->sd_count;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0xFF51AFD7ED558CCD);
	return h ^ h >> 32;
}

static uint64_t
bytes_hash(const uint8_t *p, size_t n, const struct gu_generic_mapping *map)
{
	uint64_t h = mix(n, (uint64_t)map->read << 32 | map->write);

	h = mix(h, (uint64_t)map->execute << 32 | map->all);
	for (; n >= 8; n -= 8, p += 8) {
		h = mix(h, gu_load64(p));
	}
	for (; n; n--, p++) {
		h = mix(h, *p);
	}
	return h;
}

static bool is_same(const struct gu_quick_sd *a, const struct gu_quick_sd *b)
{
	return a->hash == b->hash && a->len == b->len &&
	       memcmp(&a->map, &b->map, sizeof(a->map)) == 0 &&
	       memcmp(a->bytes, b->bytes, a->len) == 0;
}

static struct gu_quick_sd *
cache_find(const struct gu_quick *quick, const struct gu_quick_sd *key)
{
	if (!quick->slot_count) {
		return NULL;
	}
	for (size_t i = key->hash;; i++) {
		uint32_t slot = quick->slots[i & (quick->slot_count - 1)];

		if (!slot || is_same(quick->sds[slot - 1], key)) {
			return slot ? quick->sds[slot - 1] : NULL;
		}
	}
}

static void cache_put(uint32_t *slots, size_t count, uint64_t hash, size_t sd)
{
	size_t i = hash;

	while (slots[i & (count - 1)]) {
		i++;
	}
	slots[i & (count - 1)] = (uint32_t)sd + 1;
}

static bool cache_reserve(struct gu_quick *quick)
{
	size_t cap = quick->sd_cap ? quick->sd_cap * 2 : 64;
	struct gu_quick_sd **sds;
	uint32_t *slots;

	if (quick->sd_count < quick->sd_cap) {
		return true;
	}
	sds = gu_realloc(quick->sds, cap, sizeof(*sds));
	if (!sds) {
		return false;
	}
	quick->sds = sds;
	slots = gu_calloc(cap * 2, sizeof(*slots));
	if (!slots) {
		return false;
	}
	for (size_t i = 0; i < quick->sd_count; i++) {
		cache_put(slots, cap * 2, sds[i]->hash, i);
	}
	gu_free(quick->slots);
	quick->slots = slots;
	quick->slot_count = cap * 2;
	quick->sd_cap = cap;
	return true;
}

static bool is_sid(const struct gu_sid *sid, uint64_t authority, uint32_t rid)
{
	return sid->count == 1 && sid->sub[0] == rid &&
	       sid->authority == authority;
}

static bool is_owner_rights(const struct gu_sid *sid)
{
	return is_sid(sid, 3, 4);
}

/* An entry that the fast walk does not understand. */
static bool is_rare_ace(const struct gu_ace *ace)
{
	return !(ace->flags & GU_ACE_INHERIT_ONLY) &&
	       (gu_ace_is_object(ace->type) || gu_ace_is_callback(ace->type));
}

/* SIDs that never match: creators, and the principal itself, which nobody
 * names here. */
static bool never_matches(const struct gu_sid *sid)
{
	return (sid->authority == 3 && !is_owner_rights(sid)) ||
	       is_sid(sid, 5, 10);
}

static bool is_rare_sacl(const struct gu_sd *sd)
{
	for (uint32_t i = 0; gu_sd_has_sacl(sd) && i < sd->sacl.count; i++) {
		switch (sd->sacl.aces[i].type) {
		case GU_ACE_PROCESS_TRUST_LABEL:
		case GU_ACE_ACCESS_FILTER:
		case GU_ACE_SCOPED_POLICY_ID:
			return true;
		}
	}
	return false;
}

/* A SID without subauthorities is legal, and not worth a fast path. */
static bool is_rare(const struct gu_sd *sd)
{
	if (is_rare_sacl(sd) ||
	    (gu_sid_is_set(&sd->owner) && !sd->owner.count)) {
		return true;
	}
	for (uint32_t i = 0; i < sd->dacl.count; i++) {
		if (is_rare_ace(&sd->dacl.aces[i]) ||
		    (!sd->dacl.aces[i].sid.count &&
		     sd->dacl.aces[i].type <= GU_ACE_DENY)) {
			return true;
		}
	}
	return false;
}

static enum gu_rc owner_compile(struct gu_quick *quick, struct gu_quick_sd *out,
				struct gu_err *err)
{
	const struct gu_sd *sd = &out->sd;
	uint32_t id;
	enum gu_rc rc;

	if (!gu_sid_is_set(&sd->owner)) {
		return GU_RC_OK;
	}
	rc = gu_intern_sid(&quick->intern, &sd->owner, &id, err);
	if (rc) {
		return rc;
	}
	out->owner_key = 2 * id;
	out->owner_bits = OWNER_IMPLICIT;
	for (uint32_t i = 0; i < sd->dacl.count; i++) {
		if (is_owner_rights(&sd->dacl.aces[i].sid) &&
		    !(sd->dacl.aces[i].flags & GU_ACE_INHERIT_ONLY)) {
			out->owner_bits = 0;
		}
	}
	return GU_RC_OK;
}

/* The key of an ACE's SID; OWNER RIGHTS is the owner's. */
static enum gu_rc key_of(struct gu_quick *quick, const struct gu_quick_sd *sd,
			 const struct gu_ace *ace, uint32_t *key,
			 struct gu_err *err)
{
	uint32_t id = sd->owner_key / 2;
	enum gu_rc rc = GU_RC_OK;

	if (!is_owner_rights(&ace->sid)) {
		rc = gu_intern_sid(&quick->intern, &ace->sid, &id, err);
	}
	*key = 2 * id + (ace->type == GU_ACE_DENY);
	return rc;
}

static bool is_idle(const struct gu_quick_sd *sd, const struct gu_ace *ace)
{
	return ace->type > GU_ACE_DENY || (ace->flags & GU_ACE_INHERIT_ONLY) ||
	       never_matches(&ace->sid) ||
	       (is_owner_rights(&ace->sid) && !gu_sid_is_set(&sd->sd.owner)) ||
	       !(gu_mask_map(ace->mask, &sd->map) & ~NOT_FROM_DACL);
}

static enum gu_rc
entries_compile(struct gu_quick *quick, struct gu_quick_sd *out,
		struct gu_entry *entries, uint16_t *index, struct gu_err *err)
{
	for (uint32_t i = 0; i < out->sd.dacl.count; i++) {
		const struct gu_ace *ace = &out->sd.dacl.aces[i];
		uint32_t key;
		enum gu_rc rc;

		if (is_idle(out, ace)) {
			continue;
		}
		rc = key_of(quick, out, ace, &key, err);
		if (rc) {
			return rc;
		}
		entries[out->count].key = key;
		entries[out->count].mask =
			gu_mask_map(ace->mask, &out->map) & ~NOT_FROM_DACL;
		index[out->count++] = (uint16_t)i;
	}
	return GU_RC_OK;
}

static void label_compile(struct gu_quick_sd *out)
{
	const struct gu_generic_mapping *map = &out->map;
	uint32_t policy;

	gu_sd_label(&out->sd, &out->il, &policy);
	out->leaves = GU_ACCESS_SYSTEM_SECURITY |
		      (policy & GU_LABEL_NO_READ_UP ? 0 : map->read) |
		      (policy & GU_LABEL_NO_WRITE_UP ? 0 : map->write) |
		      (policy & GU_LABEL_NO_EXECUTE_UP ? 0 : map->execute);
}

static enum gu_rc
sd_compile(struct gu_quick *quick, struct gu_quick_sd *out, struct gu_err *err)
{
	uint32_t n;
	struct gu_entry *entries;
	enum gu_rc rc = gu_sd_decode(&out->sd, out->bytes, out->len, err);

	if (rc) {
		return rc;
	}
	label_compile(out);
	out->null_dacl = !gu_sd_has_dacl(&out->sd);
	out->rare = is_rare(&out->sd);
	n = out->sd.dacl.count;
	if (out->rare || out->null_dacl) {
		return GU_RC_OK;
	}
	entries = gu_calloc(n + 1, sizeof(*entries) + sizeof(uint16_t));
	if (!entries) {
		return gu_err_nomem(err);
	}
	out->storage = entries;
	out->entries = entries;
	out->index = (uint16_t *)(entries + n + 1);
	rc = owner_compile(quick, out, err);
	if (!rc) {
		rc = entries_compile(quick, out, entries,
				     (uint16_t *)(entries + n + 1), err);
	}
	out->keys = quick->intern.count * 2;
	return rc;
}

enum gu_rc gu_quick_compile(struct gu_quick *quick, const uint8_t *bytes,
			    size_t n, const struct gu_generic_mapping *map,
			    struct gu_quick_sd **out, struct gu_err *err)
{
	const struct gu_quick_sd key = { .bytes = (uint8_t *)bytes,
					 .len = n,
					 .map = *map,
					 .hash = bytes_hash(bytes, n, map) };
	struct gu_quick_sd *sd = cache_find(quick, &key);
	enum gu_rc rc;

	if (sd) {
		*out = sd;
		return GU_RC_OK;
	}
	sd = cache_reserve(quick) ? gu_calloc(1, sizeof(*sd)) : NULL;
	if (!sd) {
		return gu_err_nomem(err);
	}
	*sd = key;
	sd->sd = (struct gu_sd)GU_SD_INIT;
	sd->bytes = (uint8_t *)gu_strndup((const char *)bytes, n);
	rc = sd->bytes ? sd_compile(quick, sd, err) : gu_err_nomem(err);
	if (rc) {
		sd_free(sd);
		return rc;
	}
	cache_put(quick->slots, quick->slot_count, sd->hash, quick->sd_count);
	sd->id = (uint32_t)quick->sd_count;
	quick->sds[quick->sd_count++] = sd;
	*out = sd;
	return GU_RC_OK;
}
