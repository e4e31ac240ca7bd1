/* SPDX-License-Identifier: MIT */
#include "keep.h"

#include "banned.h"

struct keep_sd {
	uint32_t hash;
	struct gu_sd sd; /* owned */
	struct keep_sd *next;
};

struct keep_basis {
	struct gu_basis basis; /* the token is counted, the sd another's */
	struct keep_basis *next;
};

void gu_keep_reset(struct gu_keep *k)
{
	if (!k->used) {
		return;
	}
	for (size_t i = 0; i < GU_KEEP_BUCKETS; i++) {
		for (struct keep_sd *e = k->sds[i]; e; e = e->next) {
			gu_sd_release(&e->sd);
		}
		for (struct keep_basis *e = k->bases[i]; e; e = e->next) {
			gu_token_unref(e->basis.token);
		}
		k->sds[i] = NULL;
		k->bases[i] = NULL;
	}
	gu_arena_reset(&k->arena);
	k->last = NULL;
	k->used = false;
}

void gu_keep_release(struct gu_keep *k)
{
	gu_keep_reset(k);
	gu_arena_release(&k->arena);
}

/* descriptors by content */

static uint32_t mix(uint32_t hash, uint32_t v)
{
	return (hash ^ v) * 0x9E3779B1u;
}

static uint32_t acl_hash(const struct gu_acl *acl, uint32_t hash)
{
	for (uint32_t i = 0; i < acl->count; i++) {
		const struct gu_ace *ace = &acl->aces[i];

		hash = mix(hash, ace->mask ^ ace->type);
		if (ace->sid.count) {
			hash = mix(hash, ace->sid.sub[ace->sid.count - 1]);
		}
	}
	return hash;
}

static uint32_t sd_hash(const struct gu_sd *sd)
{
	return acl_hash(&sd->sacl, acl_hash(&sd->dacl, sd->control));
}

static bool ace_equal(const struct gu_ace *a, const struct gu_ace *b)
{
	return a->type == b->type && a->flags == b->flags &&
	       a->mask == b->mask && a->object_flags == b->object_flags &&
	       gu_sid_equal(&a->sid, &b->sid) && a->data_len == b->data_len &&
	       (!a->data_len || !memcmp(a->data, b->data, a->data_len)) &&
	       (!a->object_flags ||
		(!memcmp(&a->object_type, &b->object_type,
			 sizeof(a->object_type)) &&
		 !memcmp(&a->inherited_type, &b->inherited_type,
			 sizeof(a->inherited_type))));
}

static bool acl_equal(const struct gu_acl *a, const struct gu_acl *b)
{
	if (a->count != b->count || a->revision != b->revision) {
		return false;
	}
	for (uint32_t i = 0; i < a->count; i++) {
		if (!ace_equal(&a->aces[i], &b->aces[i])) {
			return false;
		}
	}
	return true;
}

static bool sd_equal(const struct gu_sd *a, const struct gu_sd *b)
{
	return a->control == b->control && a->rm_control == b->rm_control &&
	       a->null_dacl == b->null_dacl && a->null_sacl == b->null_sacl &&
	       gu_sid_equal(&a->owner, &b->owner) &&
	       gu_sid_equal(&a->group, &b->group) &&
	       acl_equal(&a->dacl, &b->dacl) && acl_equal(&a->sacl, &b->sacl);
}

static const struct gu_sd *keep_sd(struct gu_keep *k, const struct gu_sd *sd)
{
	uint32_t hash = sd_hash(sd);
	struct keep_sd **bucket = &k->sds[hash % GU_KEEP_BUCKETS];
	struct keep_sd *e = *bucket;

	while (e && (e->hash != hash || !sd_equal(&e->sd, sd))) {
		e = e->next;
	}
	if (e) {
		return &e->sd;
	}
	e = gu_arena_alloc(&k->arena, sizeof(*e));
	if (!e) {
		return NULL;
	}
	e->sd = (struct gu_sd)GU_SD_INIT;
	if (gu_sd_copy(&e->sd, sd, NULL)) {
		return NULL;
	}
	e->hash = hash;
	e->next = *bucket;
	*bucket = e;
	k->used = true;
	return &e->sd;
}

/* bases */

static bool asks_alike(const struct gu_basis *a, const struct gu_basis *b)
{
	return a->token == b->token && a->desired == b->desired &&
	       a->flags == b->flags && a->below_level == b->below_level;
}

static struct keep_basis **
bucket_of(struct gu_keep *k, const struct gu_basis *basis)
{
	uint32_t hash = mix(mix((uint32_t)((uintptr_t)basis->token >> 4),
				(uint32_t)((uintptr_t)basis->sd >> 4)),
			    basis->desired);

	return &k->bases[(hash >> 16) % GU_KEEP_BUCKETS];
}

static const struct gu_basis *
basis_add(struct gu_keep *k, const struct gu_basis *basis)
{
	struct keep_basis **bucket = bucket_of(k, basis);
	struct keep_basis *e = *bucket;

	while (e &&
	       (e->basis.sd != basis->sd || !asks_alike(&e->basis, basis))) {
		e = e->next;
	}
	if (e) {
		return &e->basis;
	}
	e = gu_arena_alloc(&k->arena, sizeof(*e));
	if (!e) {
		return NULL;
	}
	e->basis = *basis;
	if (basis->token) {
		(void)gu_token_ref(basis->token);
	}
	e->next = *bucket;
	*bucket = e;
	k->used = true;
	return &e->basis;
}

const struct gu_basis *
gu_keep_basis(struct gu_keep *k, const struct gu_basis *basis)
{
	struct gu_basis kept = *basis;

	/* Most rows ask as the one before did. */
	if (k->last && asks_alike(k->last, basis) && k->last->sd && basis->sd &&
	    sd_equal(k->last->sd, basis->sd)) {
		return k->last;
	}
	if (basis->sd) {
		kept.sd = keep_sd(k, basis->sd);
		if (!kept.sd) {
			return NULL;
		}
	}
	k->last = basis_add(k, &kept);
	return k->last;
}
