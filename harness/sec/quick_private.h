/* SPDX-License-Identifier: MIT */
#ifndef GU_QUICK_PRIVATE_H
#define GU_QUICK_PRIVATE_H

#include "quick.h"
#include "intern.h"

/* A number as tokens and entries hold it: twice the SID's, plus one where deny
 * ACEs ask, since deny-only SIDs match those alone. */
struct gu_entry {
	uint32_t key;
	uint32_t mask;
};

struct gu_quick_sd {
	const struct gu_entry *entries;
	const uint16_t *index; /* of the ACE that each entry came from */
	uint32_t count;
	uint32_t id;   /* of all descriptors, in the order they came */
	uint32_t keys; /* all keys are below */
	uint32_t owner_key;
	uint32_t owner_bits; /* what the owner is granted implicitly */
	uint32_t il;
	uint32_t leaves; /* to tokens below that level */
	bool null_dacl;
	bool rare; /* for gu_access_check */
	struct gu_generic_mapping map;
	struct gu_sd sd;
	uint8_t *bytes; /* owned: the descriptor, for the cache */
	size_t len;
	uint64_t hash;
	void *storage; /* owned: entries and index */
};

struct gu_quick_token {
	uint64_t *bits; /* owned */
	uint32_t keys;  /* that fit into bits */
	uint32_t il;    /* UINT32_MAX: the policy does not ask */
	bool rare;
	bool owns;     /* a privilege grants WRITE_OWNER */
	bool relabels; /* the label does not withhold WRITE_OWNER */
	const struct gu_token *token; /* shared */
};

struct gu_quick {
	struct gu_intern intern;
	struct gu_quick_sd **sds; /* owned, each on its own */
	size_t sd_count;
	size_t sd_cap;
	uint32_t *slots; /* of the cache: index + 1 */
	size_t slot_count;
};

/* Room for `keys` keys. False when out of memory. */
bool gu_quick_token_grow(struct gu_quick_token *token, uint32_t keys);

static inline bool
gu_quick_has(const struct gu_quick_token *token, uint32_t key)
{
	return token->bits[key / 64] >> (key % 64) & 1;
}

/* What gu_access_check makes of it. */
GU_MUST_CHECK enum gu_rc gu_quick_ask(const struct gu_access_request *request,
				      struct gu_quick_answer *answer);

/* Questions that privileges or the SACL have a say in, or that are empty. */
static inline bool
gu_quick_is_rare(const struct gu_quick_token *token, uint32_t desired)
{
	return token->rare || !desired ||
	       (desired & GU_ACCESS_SYSTEM_SECURITY) ||
	       ((desired & GU_WRITE_OWNER) && token->owns);
}

#endif
