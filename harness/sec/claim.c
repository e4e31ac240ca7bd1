/* SPDX-License-Identifier: MIT */
#include "claim.h"

#include <string.h>

#include "alloc.h"
#include "le.h"
#include "utf16.h"
#include "banned.h"

enum {
	HEADER = 16,         /* name, type, reserved, flags, count */
	MAX_VALUES = 0x4000, /* more do not fit into an ACE */
};

static uint8_t *bytes_dup(const void *p, size_t n)
{
	return (uint8_t *)gu_strndup(p, n);
}

static void claim_release(struct gu_claim *claim)
{
	for (size_t i = 0; i < claim->count; i++) {
		gu_free(claim->values[i].data);
	}
	gu_free(claim->values);
	gu_free(claim->name);
}

void gu_claims_release(struct gu_claims *claims)
{
	for (size_t i = 0; i < claims->count; i++) {
		claim_release(&claims->items[i]);
	}
	gu_free(claims->items);
	*claims = (struct gu_claims)GU_CLAIMS_INIT;
}

void gu_claims_drop(struct gu_claims *claims, size_t i)
{
	claim_release(&claims->items[i]);
	claims->count--;
	memmove(&claims->items[i], &claims->items[i + 1],
		(claims->count - i) * sizeof(claims->items[0]));
}

/* Appends an empty claim of that name, in UTF-16LE. */
static enum gu_rc add_named(struct gu_claims *claims, const uint8_t *name,
			    size_t name_len, struct gu_err *err)
{
	struct gu_claim claim = { .name_len = name_len };
	struct gu_claim *items;

	claim.name = bytes_dup(name, name_len);
	items = claim.name ? gu_realloc(claims->items, claims->count + 1,
					sizeof(*items))
			   : NULL;
	if (!items) {
		gu_free(claim.name);
		return gu_err_nomem(err);
	}
	claims->items = items;
	items[claims->count++] = claim;
	return GU_RC_OK;
}

static enum gu_rc add_value(struct gu_claim *claim,
			    const struct gu_claim_value *value,
			    struct gu_err *err)
{
	struct gu_claim_value copy = *value;
	struct gu_claim_value *values;

	copy.data = NULL;
	if (value->len) {
		copy.data = bytes_dup(value->data, value->len);
		if (!copy.data) {
			return gu_err_nomem(err);
		}
	}
	values = gu_realloc(claim->values, claim->count + 1, sizeof(*values));
	if (!values) {
		gu_free(copy.data);
		return gu_err_nomem(err);
	}
	claim->values = values;
	values[claim->count++] = copy;
	return GU_RC_OK;
}

static enum gu_rc copy_claim(struct gu_claims *dst, const struct gu_claim *src,
			     struct gu_err *err)
{
	enum gu_rc rc = add_named(dst, src->name, src->name_len, err);
	struct gu_claim *claim;

	if (rc) {
		return rc;
	}
	claim = &dst->items[dst->count - 1];
	claim->type = src->type;
	claim->flags = src->flags;
	for (size_t i = 0; !rc && i < src->count; i++) {
		rc = add_value(claim, &src->values[i], err);
	}
	return rc;
}

enum gu_rc gu_claims_copy(struct gu_claims *dst, const struct gu_claims *src,
			  struct gu_err *err)
{
	for (size_t i = 0; i < src->count; i++) {
		enum gu_rc rc = copy_claim(dst, &src->items[i], err);

		if (rc) {
			gu_claims_release(dst);
			return rc;
		}
	}
	return GU_RC_OK;
}

static enum gu_rc
to_utf16(struct gu_buf *out, const char *s, struct gu_err *err)
{
	size_t bad;

	if (!gu_utf16_add(out, s, strlen(s), &bad)) {
		return gu_err_at(err, bad, "this is not UTF-8");
	}
	return gu_buf_check(out, err);
}

enum gu_rc gu_claims_add(struct gu_claims *claims, const char *name,
			 uint16_t type, uint32_t flags, struct gu_err *err)
{
	struct gu_buf utf16 = GU_BUF_INIT;
	enum gu_rc rc = to_utf16(&utf16, name, err);

	if (!rc) {
		rc = add_named(claims, (const uint8_t *)utf16.data, utf16.len,
			       err);
	}
	if (!rc) {
		claims->items[claims->count - 1].type = type;
		claims->items[claims->count - 1].flags = flags;
	}
	gu_buf_release(&utf16);
	return rc;
}

static enum gu_rc add_last(struct gu_claims *claims,
			   const struct gu_claim_value *value,
			   struct gu_err *err)
{
	return add_value(&claims->items[claims->count - 1], value, err);
}

enum gu_rc gu_claims_add_number(struct gu_claims *claims, uint64_t number,
				struct gu_err *err)
{
	return add_last(claims, &(struct gu_claim_value){ .number = number },
			err);
}

enum gu_rc gu_claims_add_bytes(struct gu_claims *claims, const void *p,
			       size_t n, struct gu_err *err)
{
	/* Only read: it is copied. */
	struct gu_claim_value value = { .data = (uint8_t *)p, .len = n };

	return add_last(claims, &value, err);
}

static enum gu_rc
add_buf(struct gu_claims *claims, const struct gu_buf *buf, struct gu_err *err)
{
	enum gu_rc rc = gu_buf_check(buf, err);

	return rc ? rc : gu_claims_add_bytes(claims, buf->data, buf->len, err);
}

enum gu_rc gu_claims_add_string(struct gu_claims *claims, const char *text,
				struct gu_err *err)
{
	struct gu_buf utf16 = GU_BUF_INIT;
	enum gu_rc rc = to_utf16(&utf16, text, err);

	if (!rc) {
		rc = add_buf(claims, &utf16, err);
	}
	gu_buf_release(&utf16);
	return rc;
}

enum gu_rc gu_claims_add_sid(struct gu_claims *claims, const struct gu_sid *sid,
			     struct gu_err *err)
{
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc;

	gu_sid_encode(sid, &bytes);
	rc = add_buf(claims, &bytes, err);
	gu_buf_release(&bytes);
	return rc;
}

static bool is_text(uint16_t type)
{
	return type == GU_CLAIM_STRING || type == GU_CLAIM_FQBN;
}

static bool values_equal(const struct gu_claim *claim,
			 const struct gu_claim_value *a,
			 const struct gu_claim_value *b)
{
	if (is_text(claim->type)) {
		return gu_utf16_compare(
			       a->data, a->len, b->data, b->len,
			       !(claim->flags & GU_CLAIM_CASE_SENSITIVE)) == 0;
	}
	return a->number == b->number && a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static bool repeats(const struct gu_claim *claim)
{
	for (size_t i = 1; i < claim->count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (values_equal(claim, &claim->values[i],
					 &claim->values[j])) {
				return true;
			}
		}
	}
	return false;
}

enum gu_rc gu_claims_check(const struct gu_claims *claims, struct gu_err *err)
{
	for (size_t i = 0; i < claims->count; i++) {
		const struct gu_claim *claim = &claims->items[i];
		struct gu_buf name = GU_BUF_INIT;

		if (!repeats(claim)) {
			continue;
		}
		gu_utf16_format(claim->name, claim->name_len, &name);
		gu_err_set(err, GU_RC_USAGE, "the claim %s holds a value twice",
			   name.data);
		gu_buf_release(&name);
		return GU_RC_USAGE;
	}
	return GU_RC_OK;
}

const struct gu_claim *gu_claims_find(const struct gu_claims *claims,
				      const uint8_t *name, size_t name_len)
{
	for (size_t i = claims ? claims->count : 0; i; i--) {
		const struct gu_claim *claim = &claims->items[i - 1];

		if (claim->name_len == name_len &&
		    gu_utf16_compare(claim->name, name_len, name, name_len,
				     true) == 0) {
			return claim;
		}
	}
	return NULL;
}

/* Bytes up to the double zero that ends a string at `at`, or SIZE_MAX. */
static size_t text_bytes(const uint8_t *p, size_t n, size_t at)
{
	for (size_t i = at; i < n && n - i >= 2; i += 2) {
		if (gu_le_u16(p + i) == 0) {
			return i - at;
		}
	}
	return SIZE_MAX;
}

/* Finds the value's bytes at `at`, by its type. */
static enum gu_rc value_decode(const uint8_t *p, size_t n, size_t at,
			       uint16_t type, struct gu_claim_value *out,
			       struct gu_err *err)
{
	bool number = type == GU_CLAIM_INT64 || type == GU_CLAIM_UINT64 ||
		      type == GU_CLAIM_BOOLEAN;

	if (at > n || n - at < (number ? 8u : is_text(type) ? 2u : 4u)) {
		return gu_err_at(err, at, "the value goes on past the end");
	}
	if (number) {
		out->number = gu_le_u32(p + at) |
			      (uint64_t)gu_le_u32(p + at + 4) << 32;
		return GU_RC_OK;
	}
	if (is_text(type)) {
		out->len = text_bytes(p, n, at);
	} else {
		out->len = gu_le_u32(p + at);
		at += 4;
	}
	if (out->len > n - at) {
		return gu_err_at(err, at, "the value goes on past the end");
	}
	/* Only read: it is copied. */
	out->data = (uint8_t *)p + at;
	return GU_RC_OK;
}

static enum gu_rc values_decode(struct gu_claim *claim, const uint8_t *p,
				size_t n, struct gu_err *err)
{
	uint32_t count = gu_le_u32(p + 12);

	if (count > MAX_VALUES || n - HEADER < count * 4u) {
		return gu_err_at(err, 12, "%u values do not fit",
				 (unsigned)count);
	}
	for (uint32_t i = 0; i < count; i++) {
		struct gu_claim_value value = { .number = 0 };
		enum gu_rc rc =
			value_decode(p, n, gu_le_u32(p + HEADER + 4 * i),
				     claim->type, &value, err);

		if (!rc) {
			rc = add_value(claim, &value, err);
		}
		if (rc) {
			return rc;
		}
	}
	return GU_RC_OK;
}

static bool is_type(uint16_t type)
{
	return (type >= GU_CLAIM_INT64 && type <= GU_CLAIM_BOOLEAN) ||
	       type == GU_CLAIM_OCTET;
}

enum gu_rc gu_claims_add_attribute(struct gu_claims *claims, const uint8_t *p,
				   size_t n, struct gu_err *err)
{
	struct gu_claim *claim;
	size_t at, len;
	enum gu_rc rc;

	if (n < HEADER) {
		return gu_err_at(err, n,
				 "an attribute needs 16 bytes and more");
	}
	if (!is_type(gu_le_u16(p + 4))) {
		return gu_err_at(err, 4, "%u is no type of attribute",
				 gu_le_u16(p + 4));
	}
	at = gu_le_u32(p);
	len = at < n ? text_bytes(p, n, at) : SIZE_MAX;
	if (len == SIZE_MAX) {
		return gu_err_at(err, 0, "the name goes on past the end");
	}
	rc = add_named(claims, p + at, len, err);
	if (rc) {
		return rc;
	}
	claim = &claims->items[claims->count - 1];
	claim->type = gu_le_u16(p + 4);
	claim->flags = gu_le_u32(p + 8);
	rc = values_decode(claim, p, n, err);
	if (rc) {
		gu_claims_drop(claims, claims->count - 1);
	}
	return rc;
}

static bool has_size(uint16_t type)
{
	return type == GU_CLAIM_SID || type == GU_CLAIM_OCTET;
}

static uint32_t value_bytes(uint16_t type, const struct gu_claim_value *value)
{
	if (has_size(type)) {
		return 4 + (uint32_t)value->len;
	}
	return is_text(type) ? (uint32_t)value->len + 2 : 8;
}

static void value_encode(uint16_t type, const struct gu_claim_value *value,
			 struct gu_buf *out)
{
	if (has_size(type)) {
		gu_buf_add_u32(out, (uint32_t)value->len);
		gu_buf_add(out, value->data, value->len);
	} else if (is_text(type)) {
		gu_buf_add(out, value->data, value->len);
		gu_buf_add_u16(out, 0);
	} else {
		gu_buf_add_u32(out, (uint32_t)value->number);
		gu_buf_add_u32(out, (uint32_t)(value->number >> 32));
	}
}

void gu_claim_encode(const struct gu_claim *claim, struct gu_buf *out)
{
	uint32_t at = HEADER + 4 * (uint32_t)claim->count;

	gu_buf_add_u32(out, at);
	gu_buf_add_u16(out, claim->type);
	gu_buf_add_u16(out, 0);
	gu_buf_add_u32(out, claim->flags);
	gu_buf_add_u32(out, (uint32_t)claim->count);
	at += (uint32_t)claim->name_len + 2;
	for (size_t i = 0; i < claim->count; i++) {
		gu_buf_add_u32(out, at);
		at += value_bytes(claim->type, &claim->values[i]);
	}
	gu_buf_add(out, claim->name, claim->name_len);
	gu_buf_add_u16(out, 0);
	for (size_t i = 0; i < claim->count; i++) {
		value_encode(claim->type, &claim->values[i], out);
	}
}
