/* SPDX-License-Identifier: MIT */
#include "claim.h"

#include "le.h"
#include "utf16.h"
#include "banned.h"

/* CLAIMS_SET: a pointer to arrays by source, each with a pointer to entries
 * of name, type and values. What a pointer points to follows behind the
 * structure that holds it, in order; a value of 0 points to nothing. */
enum {
	SOURCE_AD = 1,
	SOURCE_CERTIFICATE = 2,
	ENTRY_BYTES = 16,
	ARRAY_BYTES = 12,
};

struct ndr {
	const uint8_t *p;
	size_t n;
	size_t at;
	struct gu_claims *claims;
	struct gu_err *err;
};

static enum gu_rc fail(const struct ndr *r, const char *what)
{
	return gu_err_at(r->err, r->at, "%s", what);
}

static bool align(struct ndr *r, size_t to)
{
	size_t pad = -r->at & (to - 1);

	if (r->n - r->at < pad) {
		return false;
	}
	r->at += pad;
	return true;
}

static enum gu_rc read_u32(struct ndr *r, uint32_t *out)
{
	if (!align(r, 4) || r->n - r->at < 4) {
		return fail(r, "the claims go on past the end");
	}
	*out = gu_le_u32(r->p + r->at);
	r->at += 4;
	return GU_RC_OK;
}

/* An array's own count, which must be the one told. */
static enum gu_rc read_count(struct ndr *r, uint32_t told, size_t each)
{
	uint32_t count;
	enum gu_rc rc = read_u32(r, &count);

	if (!rc && (count != told || count > (r->n - r->at) / each)) {
		return fail(r, "an array's count does not fit");
	}
	return rc;
}

/* A string: room, offset, length, all in units, then the units. The
 * terminator is cut off. */
static enum gu_rc read_string(struct ndr *r, const uint8_t **p, size_t *len)
{
	uint32_t room, offset, units;
	enum gu_rc rc = read_u32(r, &room);

	if (!rc) {
		rc = read_u32(r, &offset);
	}
	if (!rc) {
		rc = read_u32(r, &units);
	}
	if (rc) {
		return rc;
	}
	if (offset || units > room || units > (r->n - r->at) / 2) {
		return fail(r, "a string's length does not fit");
	}
	*p = r->p + r->at;
	*len = (size_t)units * 2;
	r->at += *len;
	if (units && gu_le_u16(*p + *len - 2) == 0) {
		*len -= 2;
	}
	return GU_RC_OK;
}

static enum gu_rc read_strings(struct ndr *r, uint32_t count)
{
	size_t pointers = r->at;
	enum gu_rc rc = GU_RC_OK;

	r->at += (size_t)count * 4;
	for (uint32_t i = 0; !rc && i < count; i++) {
		const uint8_t *p;
		size_t len;

		if (gu_le_u32(r->p + pointers + 4 * (size_t)i) == 0) {
			continue;
		}
		rc = read_string(r, &p, &len);
		if (!rc) {
			rc = gu_claims_add_bytes(r->claims, p, len, r->err);
		}
	}
	return rc;
}

static enum gu_rc read_numbers(struct ndr *r, uint32_t count)
{
	enum gu_rc rc = GU_RC_OK;

	if (!align(r, 8) || count > (r->n - r->at) / 8) {
		return fail(r, "the values go on past the end");
	}
	for (; !rc && count; count--) {
		uint64_t v = gu_le_u32(r->p + r->at) |
			     (uint64_t)gu_le_u32(r->p + r->at + 4) << 32;

		rc = gu_claims_add_number(r->claims, v, r->err);
		r->at += 8;
	}
	return rc;
}

/* The name and the values of the entry at `entry`. */
static enum gu_rc read_entry(struct ndr *r, const uint8_t *entry)
{
	uint16_t type = gu_le_u16(entry + 4);
	uint32_t count = gu_le_u32(entry + 8);
	struct gu_buf name = GU_BUF_INIT;
	const uint8_t *p;
	size_t len;
	enum gu_rc rc;

	if (!gu_le_u32(entry) || type != gu_le_u16(entry + 6) ||
	    (type != GU_CLAIM_INT64 && type != GU_CLAIM_UINT64 &&
	     type != GU_CLAIM_STRING && type != GU_CLAIM_BOOLEAN)) {
		return fail(r, "a claim without a name or of no type");
	}
	rc = read_string(r, &p, &len);
	if (!rc) {
		gu_utf16_format(p, len, &name);
		rc = gu_buf_check(&name, r->err);
	}
	if (!rc) {
		rc = gu_claims_add(r->claims, name.data, type, 0, r->err);
	}
	gu_buf_release(&name);
	if (rc || !gu_le_u32(entry + 12)) {
		return rc;
	}
	if (type == GU_CLAIM_STRING) {
		rc = read_count(r, count, 4);
		return rc ? rc : read_strings(r, count);
	}
	rc = read_count(r, count, 8);
	return rc ? rc : read_numbers(r, count);
}

/* Claims that do not count leave the list as soon as it is known. */
static void settle(struct gu_claims *claims, uint16_t source)
{
	struct gu_claim *last = &claims->items[claims->count - 1];
	const struct gu_claim *same;

	if ((source != SOURCE_AD && source != SOURCE_CERTIFICATE) ||
	    last->count == 0) {
		gu_claims_drop(claims, claims->count - 1);
		return;
	}
	claims->count--;
	same = gu_claims_find(claims, last->name, last->name_len);
	claims->count++;
	if (same) {
		gu_claims_drop(claims, (size_t)(same - claims->items));
	}
}

static enum gu_rc read_source(struct ndr *r, const uint8_t *array)
{
	uint32_t count = gu_le_u32(array + 4);
	enum gu_rc rc = GU_RC_OK;
	const uint8_t *entries;

	if (!gu_le_u32(array + 8)) {
		return GU_RC_OK;
	}
	rc = read_count(r, count, ENTRY_BYTES);
	if (rc) {
		return rc;
	}
	entries = r->p + r->at;
	r->at += (size_t)count * ENTRY_BYTES;
	for (uint32_t i = 0; !rc && i < count; i++) {
		size_t before = r->claims->count;

		rc = read_entry(r, entries + (size_t)i * ENTRY_BYTES);
		if (!rc && r->claims->count > before) {
			settle(r->claims, gu_le_u16(array));
		}
	}
	return rc;
}

static enum gu_rc read_set(struct ndr *r)
{
	uint32_t count, pointer;
	const uint8_t *arrays;
	enum gu_rc rc = read_u32(r, &count);

	if (!rc) {
		rc = read_u32(r, &pointer);
	}
	if (rc || !pointer) {
		return rc;
	}
	if (r->n - r->at < 12) {
		return fail(r, "the claims go on past the end");
	}
	r->at += 12; /* reserved */
	rc = read_count(r, count, ARRAY_BYTES);
	if (rc) {
		return rc;
	}
	arrays = r->p + r->at;
	r->at += (size_t)count * ARRAY_BYTES;
	for (uint32_t i = 0; !rc && i < count; i++) {
		rc = read_source(r, arrays + (size_t)i * ARRAY_BYTES);
	}
	return rc;
}

enum gu_rc gu_claims_add_ndr(struct gu_claims *claims, const uint8_t *p,
			     size_t n, struct gu_err *err)
{
	struct ndr r = { p, n, 0, claims, err };
	size_t before = claims->count;
	enum gu_rc rc = read_set(&r);

	while (rc && claims->count > before) {
		gu_claims_drop(claims, claims->count - 1);
	}
	return rc;
}
