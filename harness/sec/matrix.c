/* SPDX-License-Identifier: MIT */
#include "matrix.h"

#include <assert.h>

#include "alloc.h"
#include "quick_private.h"
#include "banned.h"

/* Principals of one key, by the first of them. */
struct row {
	struct gu_quick_token *token; /* borrowed */
	char *key;                    /* owned */
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
	uint32_t *rights; /* rows times descriptors */
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
	size_t width = gu_quick_sd_count(m->quick);

	assert(m->rights && principal < m->token_count &&
	       object < m->object_count);
	return m->rights[m->row_of[principal] * width + m->columns[object]];
}

/* --- who and what --------------------------------------------------------- */

/* Room for one more. The array is left as it was when there is none. */
static void *grown(void *array, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *bigger;

	if (count < *cap) {
		return array;
	}
	bigger = gu_realloc(array, more, size);
	if (bigger) {
		*cap = more;
	}
	return bigger;
}

enum gu_rc gu_matrix_add_principal(struct gu_matrix *m,
				   const struct gu_token *token,
				   struct gu_err *err)
{
	struct gu_quick_token **tokens = grown(m->tokens, m->token_count,
					       &m->token_cap, sizeof(*tokens));
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
	uint32_t *columns = grown(m->columns, m->object_count, &m->object_cap,
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

/* --- principals that nothing here tells apart ----------------------------- */

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

	for (size_t i = 0; !rc && i < m->token_count; i++) {
		struct gu_quick_token *t = m->tokens[i];
		struct row row = { .token = t };

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

static enum gu_rc rows_init(struct gu_matrix *m, struct gu_err *err)
{
	struct asked asked = { .bits = NULL };
	size_t slot_count = 64;
	uint32_t *slots;
	enum gu_rc rc;

	while (slot_count < m->token_count * 2) {
		slot_count *= 2;
	}
	slots = gu_calloc(slot_count, sizeof(*slots));
	m->rows = gu_calloc(m->token_count, sizeof(*m->rows));
	m->row_of = gu_calloc(m->token_count, sizeof(*m->row_of));
	if (!slots || !m->rows || !m->row_of) {
		rc = gu_err_nomem(err);
		goto out;
	}
	rc = asked_init(&asked, m->quick, err);
	if (!rc) {
		rc = rows_fill(m, &asked, slots, slot_count - 1, err);
	}
out:
	gu_free(asked.bits);
	gu_free(slots);
	return rc;
}

/* --- deciding ------------------------------------------------------------- */

/* The judge itself, since only it says that memory ran out. */
static enum gu_rc ask(const struct gu_quick_sd *sd,
		      const struct gu_quick_token *token, uint32_t *rights,
		      struct gu_err *err)
{
	const struct gu_access_request request = { .sd = &sd->sd,
						   .token = token->token,
						   .map = &sd->map,
						   .desired =
							   GU_MAXIMUM_ALLOWED };
	struct gu_access_result result;

	gu_access_check(&request, &result);
	*rights = result.mask;
	return result.rc ? gu_err_nomem(err) : GU_RC_OK;
}

static enum gu_rc row_decide(const struct gu_quick *quick,
			     struct gu_quick_token *token, uint32_t *rights,
			     struct gu_err *err)
{
	if (!gu_quick_token_grow(token,
				 2 * (uint32_t)gu_quick_sid_count(quick))) {
		return gu_err_nomem(err);
	}
	for (size_t i = 0; i < quick->sd_count; i++) {
		const struct gu_quick_sd *sd = quick->sds[i];
		struct gu_quick_answer answer;

		if (sd->rare || token->rare) {
			enum gu_rc rc = ask(sd, token, &rights[i], err);

			if (rc) {
				return rc;
			}
			continue;
		}
		gu_quick_check(sd, token, GU_MAXIMUM_ALLOWED, &answer);
		rights[i] = answer.mask;
	}
	return GU_RC_OK;
}

enum gu_rc gu_matrix_decide(struct gu_matrix *m, struct gu_err *err)
{
	size_t width = gu_quick_sd_count(m->quick);
	enum gu_rc rc;

	assert(!m->rows);
	rc = rows_init(m, err);
	if (rc) {
		return rc;
	}
	m->rights = gu_calloc(m->row_count, width * sizeof(*m->rights));
	if (!m->rights) {
		return gu_err_nomem(err);
	}
	for (size_t i = 0; !rc && i < m->row_count; i++) {
		rc = row_decide(m->quick, m->rows[i].token,
				&m->rights[i * width], err);
	}
	return rc;
}
