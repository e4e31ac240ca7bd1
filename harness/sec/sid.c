/* SPDX-License-Identifier: MIT */
#include "sid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "le.h"
#include "number.h"
#include "text.h"
#include "banned.h"

#define AUTHORITY_MAX UINT64_C(0xFFFFFFFFFFFF)

bool gu_sid_equal(const struct gu_sid *a, const struct gu_sid *b)
{
	/* Most SIDs of one list differ in length or in their last part. */
	if (a->count != b->count ||
	    (a->count && a->sub[a->count - 1] != b->sub[a->count - 1])) {
		return false;
	}
	return a->authority == b->authority && a->revision == b->revision &&
	       memcmp(a->sub, b->sub, a->count * sizeof(a->sub[0])) == 0;
}

int gu_sid_compare(const struct gu_sid *a, const struct gu_sid *b)
{
	size_t n = a->count < b->count ? a->count : b->count;

	if (a->authority != b->authority) {
		return a->authority < b->authority ? -1 : 1;
	}
	for (size_t i = 0; i < n; i++) {
		if (a->sub[i] != b->sub[i]) {
			return a->sub[i] < b->sub[i] ? -1 : 1;
		}
	}
	if (a->count != b->count) {
		return a->count < b->count ? -1 : 1;
	}
	return (int)a->revision - (int)b->revision;
}

bool gu_sid_in_domain(const struct gu_sid *sid, const struct gu_sid *domain)
{
	return sid->count == domain->count + 1 &&
	       sid->revision == domain->revision &&
	       sid->authority == domain->authority &&
	       memcmp(sid->sub, domain->sub,
		      domain->count * sizeof(domain->sub[0])) == 0;
}

bool gu_sid_append(struct gu_sid *out, const struct gu_sid *domain,
		   uint32_t rid)
{
	if (domain->count >= GU_SID_MAX_SUBS) {
		return false;
	}
	*out = *domain;
	out->sub[out->count++] = rid;
	return true;
}

static enum gu_rc parts_parse(struct gu_sid *sid, const char *s,
			      const char *end, struct gu_err *err)
{
	const char *at = s + 2;
	uint64_t v;
	/* After a hex revision Windows reads every part as hex. */
	bool hex = end - at > 1 && (at[1] == 'x' || at[1] == 'X');
	unsigned base = hex ? 16 : 10;

	if (!gu_number_read(&at, end, base, &v) || v != 1) {
		return gu_err_at(err, 2, "a SID's revision is 1");
	}
	if (at == end || *at++ != '-' ||
	    !gu_number_read(&at, end, base, &sid->authority) ||
	    sid->authority > AUTHORITY_MAX) {
		return gu_err_at(err, (size_t)(at - s),
				 "expected a SID's authority, a number below "
				 "2^48");
	}
	while (at < end) {
		if (*at != '-' || sid->count == GU_SID_MAX_SUBS) {
			return gu_err_at(err, (size_t)(at - s),
					 "expected the end of the SID");
		}
		at++;
		if (!gu_number_read(&at, end, base, &v)) {
			return gu_err_at(err, (size_t)(at - s),
					 "expected a SID's subauthority");
		}
		/* Windows saturates what does not fit. */
		sid->sub[sid->count++] =
			v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
	}
	if (sid->count == 0) {
		return gu_err_at(err, (size_t)(at - s),
				 "a SID needs a subauthority");
	}
	return GU_RC_OK;
}

enum gu_rc
gu_sid_parse(struct gu_sid *out, const char *s, size_t n, struct gu_err *err)
{
	struct gu_sid sid = { .revision = 1 };
	enum gu_rc rc;

	if (n < 2 || gu_strncasecmp(s, "S-", 2) != 0) {
		return gu_err_at(err, 0, "expected a SID, S-1-...");
	}
	rc = parts_parse(&sid, s, s + n, err);
	if (rc) {
		return rc;
	}
	*out = sid;
	return GU_RC_OK;
}

const char *gu_sid_text(const struct gu_sid *sid, char text[GU_SID_TEXT_MAX])
{
	const char *fmt = sid->authority > UINT32_MAX ? "S-%u-0x%" PRIX64
						      : "S-%u-%" PRIu64;
	int at = snprintf(text, GU_SID_TEXT_MAX, fmt, sid->revision,
			  sid->authority);

	for (size_t i = 0; i < sid->count; i++) {
		at += snprintf(text + at, GU_SID_TEXT_MAX - (size_t)at,
			       "-%" PRIu32, sid->sub[i]);
	}
	return text;
}

void gu_sid_format(const struct gu_sid *sid, struct gu_buf *out)
{
	char text[GU_SID_TEXT_MAX];

	gu_buf_adds(out, gu_sid_text(sid, text));
}

enum gu_rc gu_sid_decode(struct gu_sid *out, const uint8_t *p, size_t n,
			 size_t *used, struct gu_err *err)
{
	struct gu_sid sid = { .revision = 1 };

	if (n < 8) {
		return gu_err_at(err, n, "a SID needs 8 bytes and more");
	}
	if (p[0] != 1) {
		return gu_err_at(err, 0, "a SID's revision is 1, not %u", p[0]);
	}
	if (p[1] > GU_SID_MAX_SUBS) {
		return gu_err_at(err, 1, "a SID has at most 15 subauthorities");
	}
	sid.count = p[1];
	if (n < gu_sid_size(&sid)) {
		return gu_err_at(err, n, "the SID goes on past the end");
	}
	for (size_t i = 2; i < 8; i++) {
		sid.authority = sid.authority << 8 | p[i];
	}
	for (size_t i = 0; i < sid.count; i++) {
		sid.sub[i] = gu_le_u32(p + 8 + 4 * i);
	}
	*out = sid;
	*used = gu_sid_size(&sid);
	return GU_RC_OK;
}

void gu_sid_encode(const struct gu_sid *sid, struct gu_buf *out)
{
	uint8_t head[8] = { sid->revision, sid->count };

	for (size_t i = 2; i < 8; i++) {
		head[i] = (uint8_t)(sid->authority >> (8 * (7 - i)));
	}
	gu_buf_add(out, head, sizeof(head));
	for (size_t i = 0; i < sid->count; i++) {
		gu_buf_add_u32(out, sid->sub[i]);
	}
}

size_t gu_sid_size(const struct gu_sid *sid)
{
	return 8 + 4 * (size_t)sid->count;
}
