/* SPDX-License-Identifier: MIT */
#include "matrix.h"

#include <assert.h>

#include "alloc.h"
#include "quick_private.h"
#include "banned.h"

/* Principals of one key, by the first of them. */
struct row {
	const struct gu_quick_token *token; /* borrowed */
	char *key;                          /* owned */
	size_t len;
};

struct gu_matrix {
	struct gu_quick *quick;
	struct gu_quick_token **tokens; /* owned, by principal */
	size_t token_count;
	size_t token_cap;
	uint32_t *columns; /* by object: the id of its descriptor */
	size_t object_count;
	size_t object_cap;
	uint32_t *row_of; /* by principal */
	struct row *rows;
	size_t row_count;
	uint32_t il_min;  /* of the rows */
	bool rare;        /* some cell is for gu_access_check */
	uint32_t *rights; /* by descriptor, then by row */
};

enum gu_rc gu_matrix_new(struct gu_matrix **out, struct gu_err *err)
{
	struct gu_matrix *m = gu_calloc(1, sizeof(*m));
	enum gu_rc rc;

	if (!m) {
		return gu_err_nomem(err);
	}
	rc = gu_quick_new(&m->quick, err);
	if (rc) {
		gu_free(m);
		return rc;
	}
	*out = m;
	return GU_RC_OK;
}

void gu_matrix_free(struct gu_matrix *m)
{
	if (!m) {
		return;
	}
	for (size_t i = 0; i < m->row_count; i++) {
		gu_free(m->rows[i].key);
	}
	for (size_t i = 0; i < m->token_count; i++) {
		gu_quick_token_free(m->tokens[i]);
	}
	gu_free(m->rights);
	gu_free(m->rows);
	gu_free(m->row_of);
	gu_free(m->columns);
	gu_free(m->tokens);
	gu_quick_free(m->quick);
	gu_free(m);
}

size_t gu_matrix_principal_classes(const struct gu_matrix *m)
{
	return m->row_count;
}

size_t gu_matrix_object_classes(const struct gu_matrix *m)
{
	return gu_quick_sd_count(m->quick);
}

uint32_t
gu_matrix_cell(const struct gu_matrix *m, size_t principal, size_t object)
{
	assert(m->rights && principal < m->token_count &&
	       object < m->object_count);
	return m->rights[m->columns[object] * m->row_count +
			 m->row_of[principal]];
}

/* who and what */

enum gu_rc gu_matrix_add_principal(struct gu_matrix *m,
				   const struct gu_token *token,
				   struct gu_err *err)
{
	struct gu_quick_token **tokens = gu_grow(
		m->tokens, m->token_count, &m->token_cap, sizeof(*tokens));
	enum gu_rc rc;

	assert(!m->rights);
	if (!tokens) {
		return gu_err_nomem(err);
	}
	m->tokens = tokens;
	rc = gu_quick_token_new(m->quick, token, &tokens[m->token_count], err);
	if (!rc) {
		m->token_count++;
	}
	return rc;
}

enum gu_rc gu_matrix_add_object(struct gu_matrix *m, const uint8_t *bytes,
				size_t n, const struct gu_generic_mapping *map,
				struct gu_err *err)
{
	uint32_t *columns = gu_grow(m->columns, m->object_count, &m->object_cap,
				    sizeof(*columns));
	struct gu_quick_sd *sd;
	enum gu_rc rc;

	assert(!m->rights);
	if (!columns) {
		return gu_err_nomem(err);
	}
	m->columns = columns;
	rc = gu_quick_compile(m->quick, bytes, n, map, &sd, err);
	if (!rc) {
		columns[m->object_count++] = sd->id;
	}
	return rc;
}

/* principals that nothing here tells apart */

/* The keys that some descriptor asks for. */
struct asked {
	uint64_t *bits; /* owned */
	size_t words;
	bool rare; /* some descriptor looks at more than that */
};

static void asked_add(struct asked *asked, uint32_t key)
{
	asked->bits[key / 64] |= UINT64_C(1) << (key % 64);
}

static enum gu_rc asked_init(struct asked *asked, const struct gu_quick *quick,
			     struct gu_err *err)
{
	asked->words = gu_quick_sid_count(quick) / 32 + 1;
	asked->bits = gu_calloc(asked->words, sizeof(*asked->bits));
	if (!asked->bits) {
		return gu_err_nomem(err);
	}
	for (size_t i = 0; i < quick->sd_count; i++) {
		const struct gu_quick_sd *sd = quick->sds[i];

		asked->rare = asked->rare || sd->rare;
		if (sd->owner_bits) {
			asked_add(asked, sd->owner_key);
		}
		for (uint32_t k = 0; k < sd->count; k++) {
			asked_add(asked, sd->entries[k].key);
		}
	}
	return GU_RC_OK;
}

static void add_u64(struct gu_buf *out, uint64_t v)
{
	gu_buf_add(out, &v, sizeof(v));
}

static void
groups_key(const struct gu_group *groups, size_t count, struct gu_buf *out)
{
	add_u64(out, count);
	for (size_t i = 0; i < count; i++) {
		gu_sid_encode(&groups[i].sid, out);
		gu_buf_add_u32(out, groups[i].attributes);
	}
}

static void claims_key(const struct gu_claims *claims, struct gu_buf *out)
{
	add_u64(out, claims->count);
	for (size_t i = 0; i < claims->count; i++) {
		struct gu_buf bytes = GU_BUF_INIT;

		gu_claim_encode(&claims->items[i], &bytes);
		add_u64(out, bytes.len);
		gu_buf_add(out, bytes.data, bytes.len);
		out->oom = out->oom || bytes.oom;
		gu_buf_release(&bytes);
	}
}

/* All that an access check may look at. */
static void token_key(const struct gu_token *t, struct gu_buf *out)
{
	gu_buf_addc(out, 'T');
	gu_buf_addc(out, t->user_deny_only ? 1 : 0);
	gu_buf_add_u32(out, t->integrity);
	gu_buf_add_u32(out, t->policy);
	gu_buf_add_u32(out, t->flags);
	add_u64(out, t->enabled);
	gu_sid_encode(&t->user, out);
	gu_sid_encode(&t->package, out);
	gu_sid_encode(&t->trust, out);
	groups_key(t->groups, t->group_count, out);
	groups_key(t->restricted, t->restricted_count, out);
	groups_key(t->capabilities, t->capability_count, out);
	groups_key(t->device_groups, t->device_group_count, out);
	claims_key(&t->user_claims, out);
	claims_key(&t->device_claims, out);
}

/* What the quick check looks at, less the SIDs that nobody asks for: that is
 * where most principals differ, each having a user SID of its own. */
static void quick_key(const struct asked *asked, const struct gu_quick_token *t,
		      struct gu_buf *out)
{
	gu_buf_addc(out, 'Q');
	gu_buf_addc(out, t->relabels ? 1 : 0);
	gu_buf_add_u32(out, t->il);
	for (size_t i = 0; i < asked->words; i++) {
		uint64_t bits = i < t->keys / 64 ? t->bits[i] : 0;

		add_u64(out, bits & asked->bits[i]);
	}
}

static uint64_t key_hash(const char *p, size_t n)
{
	uint64_t h = n;

	for (; n >= 8; n -= 8, p += 8) {
		h = (h ^ gu_load64((const uint8_t *)p)) *
		    UINT64_C(0xFF51AFD7ED558CCD);
		h ^= h >> 32;
	}
	for (; n; n--, p++) {
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001B3);
	}
	return h ^ h >> 29;
}

/* The row of that key, or a new one of principal `token`. */
static enum gu_rc row_find(struct gu_matrix *m, uint32_t *slots, size_t mask,
			   const struct row *wanted, uint32_t *row,
			   struct gu_err *err)
{
	size_t i = key_hash(wanted->key, wanted->len) & mask;

	for (; slots[i]; i = (i + 1) & mask) {
		const struct row *r = &m->rows[slots[i] - 1];

		if (r->len == wanted->len &&
		    memcmp(r->key, wanted->key, r->len) == 0) {
			*row = slots[i] - 1;
			return GU_RC_OK;
		}
	}
	m->rows[m->row_count] = *wanted;
	m->rows[m->row_count].key = gu_strndup(wanted->key, wanted->len);
	if (!m->rows[m->row_count].key) {
		return gu_err_nomem(err);
	}
	*row = (uint32_t)m->row_count++;
	slots[i] = *row + 1;
	return GU_RC_OK;
}

static enum gu_rc rows_fill(struct gu_matrix *m, const struct asked *asked,
			    uint32_t *slots, size_t mask, struct gu_err *err)
{
	struct gu_buf key = GU_BUF_INIT;
	enum gu_rc rc = GU_RC_OK;

	m->rare = asked->rare;
	m->il_min = UINT32_MAX;
	for (size_t i = 0; !rc && i < m->token_count; i++) {
		struct gu_quick_token *t = m->tokens[i];
		struct row row = { .token = t };

		m->rare = m->rare || t->rare;
		m->il_min = t->il < m->il_min ? t->il : m->il_min;
		gu_buf_reset(&key);
		if (asked->rare || t->rare) {
			token_key(t->token, &key);
		} else {
			quick_key(asked, t, &key);
		}
		row.key = key.data;
		row.len = key.len;
		rc = gu_buf_check(&key, err);
		if (!rc) {
			rc = row_find(m, slots, mask, &row, &m->row_of[i], err);
		}
	}
	gu_buf_release(&key);
	return rc;
}

static enum gu_rc
rows_init(struct gu_matrix *m, const struct asked *asked, struct gu_err *err)
{
	size_t slot_count = 64;
	uint32_t *slots;
	enum gu_rc rc;

	while (slot_count < m->token_count * 2) {
		slot_count *= 2;
	}
	slots = gu_calloc(slot_count, sizeof(*slots));
	m->rows = gu_calloc(m->token_count, sizeof(*m->rows));
	m->row_of = gu_calloc(m->token_count, sizeof(*m->row_of));
	if (slots && m->rows && m->row_of) {
		rc = rows_fill(m, asked, slots, slot_count - 1, err);
	} else {
		rc = gu_err_nomem(err);
	}
	gu_free(slots);
	return rc;
}

/* members */

/* For each key, the rows that have it: most descriptors name few of the SIDs
 * that most principals have. */
struct members {
	size_t *from;   /* owned, by key; it ends where the next one begins */
	uint32_t *rows; /* owned */
};

static void members_release(struct members *members)
{
	gu_free(members->from);
	gu_free(members->rows);
}

/* The next key at or after `key` that the token has and somebody asks for;
 * false when there is none. */
static bool
next_key(const struct asked *asked, const struct gu_quick_token *t, size_t *key)
{
	size_t words =
		asked->words < t->keys / 64 ? asked->words : t->keys / 64;

	for (size_t i = *key / 64; i < words; i++) {
		uint64_t bits = t->bits[i] & asked->bits[i];

		if (i == *key / 64) {
			bits &= UINT64_MAX << (*key % 64);
		}
		if (bits) {
			*key = i * 64 + (size_t)__builtin_ctzll(bits);
			return true;
		}
	}
	return false;
}

/* Counted into `from` one place ahead, summed up, then filled in: each list's
 * end is where filling it stops. */
static enum gu_rc members_init(struct members *members,
			       const struct gu_matrix *m,
			       const struct asked *asked, struct gu_err *err)
{
	size_t keys = asked->words * 64;
	size_t total = 0;

	members->from = gu_calloc(keys + 2, sizeof(*members->from));
	if (!members->from) {
		return gu_err_nomem(err);
	}
	for (size_t r = 0; r < m->row_count; r++) {
		for (size_t k = 0; next_key(asked, m->rows[r].token, &k); k++) {
			members->from[k + 2]++;
		}
	}
	for (size_t k = 2; k < keys + 2; k++) {
		total += members->from[k];
		members->from[k] = total;
	}
	members->rows = gu_calloc(total, sizeof(*members->rows));
	if (!members->rows) {
		return gu_err_nomem(err);
	}
	for (size_t r = 0; r < m->row_count; r++) {
		for (size_t k = 0; next_key(asked, m->rows[r].token, &k); k++) {
			members->rows[members->from[k + 1]++] = (uint32_t)r;
		}
	}
	return GU_RC_OK;
}

/* deciding */

/* The judge itself: it says when memory runs out. */
static enum gu_rc ask(const struct gu_quick_sd *sd, const struct row *row,
		      uint32_t *rights, struct gu_err *err)
{
	const struct gu_access_request request = { .sd = &sd->sd,
						   .token = row->token->token,
						   .map = &sd->map,
						   .desired =
							   GU_MAXIMUM_ALLOWED };
	struct gu_access_result result;

	gu_access_check(&request, &result);
	*rights = result.mask;
	return result.rc ? gu_err_nomem(err) : GU_RC_OK;
}

/* What is rare, cell by cell. */
static enum gu_rc column_ask(const struct gu_matrix *m,
			     const struct gu_quick_sd *sd, uint32_t *rights,
			     struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (size_t r = 0; !rc && r < m->row_count; r++) {
		if (sd->rare || m->rows[r].token->rare) {
			rc = ask(sd, &m->rows[r], &rights[r], err);
		}
	}
	return rc;
}

/* One entry, for all who have its SID. The first to speak on a right wins. */
static void entry_apply(const struct members *members,
			const struct gu_entry *entry, uint32_t *granted,
			uint32_t *denied)
{
	uint32_t *to = entry->key & 1 ? denied : granted;
	size_t end = members->from[entry->key + 1];

	for (size_t i = members->from[entry->key]; i < end; i++) {
		uint32_t r = members->rows[i];

		to[r] |= entry->mask & ~(granted[r] | denied[r]);
	}
}

static void label_apply(const struct gu_matrix *m, const struct gu_quick_sd *sd,
			uint32_t *rights)
{
	for (size_t r = 0; m->il_min < sd->il && r < m->row_count; r++) {
		const struct gu_quick_token *t = m->rows[r].token;

		if (t->il < sd->il) {
			rights[r] &=
				sd->leaves | (t->relabels ? GU_WRITE_OWNER : 0);
		}
	}
}

/* As the quick check does, for all rows at once. `rights` is all zero. */
static void
column_decide(const struct gu_matrix *m, const struct members *members,
	      const struct gu_quick_sd *sd, uint32_t *rights, uint32_t *denied)
{
	if (sd->null_dacl) {
		for (size_t r = 0; r < m->row_count; r++) {
			rights[r] = sd->map.all;
		}
	} else {
		const struct gu_entry owner = { .key = sd->owner_key,
						.mask = sd->owner_bits };

		memset(denied, 0, m->row_count * sizeof(*denied));
		if (owner.mask) {
			entry_apply(members, &owner, rights, denied);
		}
		for (uint32_t i = 0; i < sd->count; i++) {
			entry_apply(members, &sd->entries[i], rights, denied);
		}
	}
	label_apply(m, sd, rights);
}

static enum gu_rc columns_decide(struct gu_matrix *m, const struct asked *asked,
				 struct members *members, struct gu_err *err)
{
	const struct gu_quick *quick = m->quick;
	uint32_t *denied = gu_calloc(m->row_count, sizeof(*denied));
	enum gu_rc rc = denied ? members_init(members, m, asked, err)
			       : gu_err_nomem(err);

	for (size_t i = 0; !rc && i < quick->sd_count; i++) {
		uint32_t *rights = &m->rights[i * m->row_count];

		if (!quick->sds[i]->rare) {
			column_decide(m, members, quick->sds[i], rights,
				      denied);
		}
		if (m->rare) {
			rc = column_ask(m, quick->sds[i], rights, err);
		}
	}
	gu_free(denied);
	return rc;
}

enum gu_rc gu_matrix_decide(struct gu_matrix *m, struct gu_err *err)
{
	struct asked asked = { .bits = NULL };
	struct members members = { .from = NULL };
	enum gu_rc rc;

	assert(!m->rows);
	rc = asked_init(&asked, m->quick, err);
	if (!rc) {
		rc = rows_init(m, &asked, err);
	}
	if (rc) {
		goto out;
	}
	m->rights = gu_calloc(gu_quick_sd_count(m->quick),
			      m->row_count * sizeof(*m->rights));
	rc = m->rights ? columns_decide(m, &asked, &members, err)
		       : gu_err_nomem(err);
out:
	members_release(&members);
	gu_free(asked.bits);
	return rc;
}
