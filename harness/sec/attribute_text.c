/* SPDX-License-Identifier: MIT */
#include "condition.h"

#include <inttypes.h>
#include <string.h>

#include "condition_code.h"
#include "condition_text.h"
#include "le.h"
#include "text.h"
#include "utf16.h"
#include "banned.h"

static const struct {
	const char *code;
	uint16_t type;
} types[] = {
	{ "TI", GU_CLAIM_INT64 },   { "TU", GU_CLAIM_UINT64 },
	{ "TS", GU_CLAIM_STRING },  { "TD", GU_CLAIM_SID },
	{ "TB", GU_CLAIM_BOOLEAN }, { "TX", GU_CLAIM_OCTET },
};

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static enum gu_rc parse_name(struct gu_scan *s, struct gu_claims *claims)
{
	struct gu_buf utf8 = GU_BUF_INIT;
	struct gu_buf name = GU_BUF_INIT;
	enum gu_rc rc;

	if (!gu_scan_char(s, '"')) {
		return gu_scan_expected(s, "the attribute's name in quotes");
	}
	rc = gu_scan_name(s, true, &name);
	if (!rc && (s->at == s->end || *s->at++ != '"')) {
		s->at--;
		rc = gu_scan_expected(s, "the name's closing quote");
	}
	if (!rc) {
		rc = gu_buf_check(&name, s->err);
	}
	if (!rc) {
		gu_utf16_format((uint8_t *)name.data, name.len, &utf8);
		rc = gu_buf_check(&utf8, s->err);
	}
	if (!rc) {
		rc = gu_claims_add(claims, utf8.data, 0, 0, s->err);
	}
	gu_buf_release(&name);
	gu_buf_release(&utf8);
	return rc;
}

static enum gu_rc parse_type(struct gu_scan *s, uint16_t *type)
{
	if (!gu_scan_char(s, ',')) {
		return gu_scan_expected(s, "',' and a type");
	}
	gu_scan_blanks(s);
	for (size_t i = 0; i < TYPES && s->end - s->at >= 2; i++) {
		if (gu_strncasecmp(s->at, types[i].code, 2) == 0) {
			s->at += 2;
			*type = types[i].type;
			return GU_RC_OK;
		}
	}
	return gu_scan_expected(s, "a type: TI, TU, TS, TD, TB or TX");
}

static enum gu_rc parse_flags(struct gu_scan *s, uint32_t *flags)
{
	struct gu_scan_number n;
	enum gu_rc rc;

	if (!gu_scan_char(s, ',')) {
		return gu_scan_expected(s, "',' and flags");
	}
	gu_scan_blanks(s);
	rc = gu_scan_integer(s, &n);
	if (!rc && n.value > UINT32_MAX) {
		return gu_scan_expected(s, "flags of 32 bits");
	}
	*flags = (uint32_t)n.value;
	return rc;
}

static enum gu_rc parse_number(struct gu_scan *s, struct gu_claims *claims)
{
	uint16_t type = claims->items[claims->count - 1].type;
	const char *start = s->at;
	struct gu_scan_number n;
	enum gu_rc rc = gu_scan_integer(s, &n);
	const char *fault = NULL;

	if (rc) {
		return rc;
	}
	if (type == GU_CLAIM_BOOLEAN && n.value > 1) {
		fault = "0 or 1";
	} else if (type == GU_CLAIM_UINT64 && n.sign == GU_COND_SIGN_MINUS &&
		   n.value) {
		fault = "a number without a sign";
	} else if (type == GU_CLAIM_INT64 && n.sign != GU_COND_SIGN_MINUS &&
		   n.value > INT64_MAX) {
		fault = "a number of 63 bits and a sign";
	}
	if (fault) {
		s->at = start;
		return gu_scan_expected(s, fault);
	}
	return gu_claims_add_number(claims, n.value, s->err);
}

static enum gu_rc parse_bytes(struct gu_scan *s, struct gu_claims *claims)
{
	uint16_t type = claims->items[claims->count - 1].type;
	struct gu_buf held = GU_BUF_INIT;
	enum gu_rc rc;

	if (type == GU_CLAIM_STRING) {
		rc = gu_scan_string(s, &held);
	} else {
		/* As in a condition, or bare. */
		s->at += s->at < s->end && *s->at == '#';
		rc = gu_scan_octets(s, &held);
	}
	if (!rc) {
		rc = gu_buf_check(&held, s->err);
	}
	if (!rc) {
		rc = gu_claims_add_bytes(claims, held.data, held.len, s->err);
	}
	gu_buf_release(&held);
	return rc;
}

static enum gu_rc parse_value(struct gu_scan *s, struct gu_claims *claims)
{
	struct gu_sid sid;
	enum gu_rc rc;

	gu_scan_blanks(s);
	switch (claims->items[claims->count - 1].type) {
	case GU_CLAIM_SID:
		rc = gu_scan_sid(s, &sid);
		return rc ? rc : gu_claims_add_sid(claims, &sid, s->err);
	case GU_CLAIM_STRING:
	case GU_CLAIM_OCTET:
		return parse_bytes(s, claims);
	}
	return parse_number(s, claims);
}

static enum gu_rc parse_claim(struct gu_scan *s, struct gu_claims *claims)
{
	struct gu_claim *claim;
	enum gu_rc rc;

	if (!gu_scan_char(s, '(')) {
		return gu_scan_expected(s, "(\"name\",type,flags,values...)");
	}
	rc = parse_name(s, claims);
	if (rc) {
		return rc;
	}
	claim = &claims->items[claims->count - 1];
	rc = parse_type(s, &claim->type);
	if (!rc) {
		rc = parse_flags(s, &claim->flags);
	}
	while (!rc && gu_scan_char(s, ',')) {
		rc = parse_value(s, claims);
	}
	if (!rc && !gu_scan_char(s, ')')) {
		rc = gu_scan_expected(s, "',' or ')'");
	}
	return rc;
}

enum gu_rc gu_attribute_parse(struct gu_buf *out, const char *text, size_t n,
			      const struct gu_sid *domain, size_t *used,
			      struct gu_err *err)
{
	struct gu_scan s = { text, text, text + n, domain, err };
	struct gu_claims claims = GU_CLAIMS_INIT;
	enum gu_rc rc = parse_claim(&s, &claims);

	if (!rc) {
		gu_claim_encode(&claims.items[0], out);
		*used = (size_t)(s.at - text);
		rc = gu_buf_check(out, err);
	}
	gu_claims_release(&claims);
	return rc;
}

static const char *type_code(uint16_t type)
{
	for (size_t i = 0; i < TYPES; i++) {
		if (types[i].type == type) {
			return types[i].code;
		}
	}
	return NULL;
}

static bool has_quote(const struct gu_claim_value *v)
{
	for (size_t i = 0; i + 1 < v->len; i += 2) {
		if (gu_le_u16(v->data + i) == '"') {
			return true;
		}
	}
	return false;
}

static bool add_value(uint16_t type, const struct gu_claim_value *v,
		      const struct gu_sid *domain, struct gu_buf *out)
{
	switch (type) {
	case GU_CLAIM_INT64:
		gu_buf_addf(out, "%" PRId64, (int64_t)v->number);
		return true;
	case GU_CLAIM_STRING:
		gu_buf_addc(out, '"');
		gu_utf16_format(v->data, v->len, out);
		gu_buf_addc(out, '"');
		return !has_quote(v);
	case GU_CLAIM_SID:
		return gu_sid_item_format(v->data, v->len, domain, out);
	case GU_CLAIM_OCTET:
		gu_hex_encode(out, v->data, v->len);
		return true;
	}
	gu_buf_addf(out, "%" PRIu64, v->number);
	return true;
}

static bool add_claim(const struct gu_claim *claim, const struct gu_sid *domain,
		      struct gu_buf *out)
{
	const char *code = type_code(claim->type);

	if (!code || !claim->name_len) {
		return false;
	}
	gu_buf_adds(out, "(\"");
	gu_name_format(claim->name, claim->name_len, out);
	gu_buf_addf(out, "\",%s,0x%" PRIx32, code, claim->flags);
	for (size_t i = 0; i < claim->count; i++) {
		gu_buf_addc(out, ',');
		if (!add_value(claim->type, &claim->values[i], domain, out)) {
			return false;
		}
	}
	gu_buf_addc(out, ')');
	return true;
}

enum gu_rc gu_attribute_format(const uint8_t *data, size_t len,
			       const struct gu_sid *domain, struct gu_buf *out,
			       struct gu_err *err)
{
	struct gu_claims claims = GU_CLAIMS_INIT;
	size_t start = out->len;
	enum gu_rc rc = gu_claims_add_attribute(&claims, data, len, err);

	if (!rc && !add_claim(&claims.items[0], domain, out)) {
		gu_buf_cut(out, start);
		rc = gu_err_at(err, 0, "this attribute has no SDDL form");
	}
	gu_claims_release(&claims);
	return rc;
}
