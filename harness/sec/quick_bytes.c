/* SPDX-License-Identifier: MIT */
#include "quick_private.h"

#include "le.h"
#include "banned.h"

#define STATUS_DENIED  0xC0000022u
#define NOT_FROM_DACL  (GU_ACCESS_SYSTEM_SECURITY | GU_MAXIMUM_ALLOWED)
#define OWNER_IMPLICIT (GU_READ_CONTROL | GU_WRITE_DAC)

enum { SD_HEADER = 20, ACL_HEADER = 8, ACE_SID = 8 };

/* A plain descriptor's parts, checked. */
struct plain {
	const uint8_t *owner; /* NULL: none */
	const uint8_t *aces;
	const uint8_t *end;
};

/* A SID with a subauthority that fits. */
static inline bool sid_fits(const uint8_t *p, size_t room)
{
	return room >= 12 && p[0] == 1 && p[1] && p[1] <= GU_SID_MAX_SUBS &&
	       gu_sid_bytes(p) <= room;
}

static bool
sid_at(const uint8_t *p, size_t n, size_t field, const uint8_t **out)
{
	size_t at = gu_le_u32(p + field);

	*out = NULL;
	if (!at) {
		return true;
	}
	*out = p + at;
	return at >= SD_HEADER && at < n && sid_fits(p + at, n - at);
}

/* SIDs that stand for others: creators, owner rights, the principal itself. */
static inline bool stands_for_another(const uint8_t *sid)
{
	return sid[7] == 3 ||
	       (sid[7] == 5 && sid[1] == 1 && gu_le_u32(sid + 8) == 10);
}

static bool aces_plain(const uint8_t *p, const uint8_t *end, unsigned count)
{
	for (; count; count--) {
		size_t room = (size_t)(end - p);
		size_t len;

		if (room < ACE_SID + 12) {
			return false;
		}
		len = gu_le_u16(p + 2);
		if (p[0] > GU_ACE_DENY || len % 4 || len > room ||
		    len < ACE_SID || !sid_fits(p + ACE_SID, len - ACE_SID) ||
		    stands_for_another(p + ACE_SID)) {
			return false;
		}
		p += len;
	}
	return true;
}

/* False for all that is not the most ordinary kind: an owner, a DACL of allow
 * and deny entries, no SACL. */
static bool is_plain(const uint8_t *p, size_t n, struct plain *out)
{
	const uint16_t shape = GU_SE_SELF_RELATIVE | GU_SE_DACL_PRESENT;
	const uint8_t *group;
	size_t at, size;

	if (n < SD_HEADER || p[0] != 1 ||
	    (gu_le_u16(p + 2) & (shape | GU_SE_SACL_PRESENT)) != shape ||
	    !sid_at(p, n, 4, &out->owner) || !sid_at(p, n, 8, &group)) {
		return false;
	}
	at = gu_le_u32(p + 16);
	if (at < SD_HEADER || at >= n || n - at < ACL_HEADER) {
		return false;
	}
	size = gu_le_u16(p + at + 2);
	if (p[at] < 2 || p[at] > 4 || size < ACL_HEADER || size > n - at) {
		return false;
	}
	out->aces = p + at + ACL_HEADER;
	out->end = p + at + size;
	if (!aces_plain(out->aces, out->end, gu_le_u16(p + at + 4))) {
		return false;
	}
	/* From here on only the entries count, not what follows them. */
	for (unsigned i = gu_le_u16(p + at + 4); i; i--) {
		out->aces += gu_le_u16(out->aces + 2);
	}
	out->end = out->aces;
	out->aces = p + at + ACL_HEADER;
	return true;
}

/* SIDs of tokens all have numbers: a SID without one is in no token. */
static inline bool has(const struct gu_quick *quick,
		       const struct gu_quick_token *token, const uint8_t *sid,
		       uint32_t deny)
{
	uint32_t id = gu_intern_find(&quick->intern, sid);

	return 2 * (uint64_t)id + deny < token->keys &&
	       gu_quick_has(token, 2 * id + deny);
}

static inline uint32_t
ace_mask(const uint8_t *ace, const struct gu_generic_mapping *map)
{
	return gu_mask_map(gu_le_u32(ace + 4), map) & ~NOT_FROM_DACL;
}

static uint32_t walk_named(const struct gu_quick *quick, const struct plain *sd,
			   const struct gu_generic_mapping *map,
			   const struct gu_quick_token *token, uint32_t need)
{
	uint32_t left = need;

	if ((left & OWNER_IMPLICIT) && sd->owner &&
	    has(quick, token, sd->owner, 0)) {
		left &= ~(uint32_t)OWNER_IMPLICIT;
	}
	for (const uint8_t *p = sd->aces; left && p < sd->end;
	     p += gu_le_u16(p + 2)) {
		uint32_t hit;

		if (p[1] & GU_ACE_INHERIT_ONLY) {
			continue;
		}
		hit = ace_mask(p, map) & left;
		if (!hit || !has(quick, token, p + ACE_SID, p[0])) {
			continue;
		}
		if (p[0] == GU_ACE_DENY) {
			return 0;
		}
		left &= ~hit;
	}
	return left ? 0 : need;
}

static uint32_t walk_maximum(const struct gu_quick *quick,
			     const struct plain *sd,
			     const struct gu_generic_mapping *map,
			     const struct gu_quick_token *token, uint32_t need)
{
	uint32_t granted = 0, denied = 0;

	if (sd->owner && has(quick, token, sd->owner, 0)) {
		granted = OWNER_IMPLICIT;
	}
	for (const uint8_t *p = sd->aces; p < sd->end; p += gu_le_u16(p + 2)) {
		uint32_t hit;

		if (p[1] & GU_ACE_INHERIT_ONLY) {
			continue;
		}
		hit = ace_mask(p, map) & ~(granted | denied);
		if (hit && has(quick, token, p + ACE_SID, p[0])) {
			*(p[0] == GU_ACE_DENY ? &denied : &granted) |= hit;
		}
	}
	return need & ~granted ? 0 : granted;
}

static enum gu_rc check_decoded(const uint8_t *bytes, size_t n,
				const struct gu_access_request *question,
				struct gu_quick_answer *answer,
				struct gu_err *err)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_request request = *question;
	enum gu_rc rc = gu_sd_decode(&sd, bytes, n, err);

	if (rc) {
		return rc;
	}
	request.sd = &sd;
	rc = gu_quick_ask(&request, answer);
	gu_sd_release(&sd);
	return rc ? gu_err_nomem(err) : GU_RC_OK;
}

/* Without a label an object is Medium, with no-write-up. */
static bool below_medium(const struct gu_quick_token *token)
{
	return token->il < GU_IL_MEDIUM;
}

enum gu_rc gu_quick_check_bytes(struct gu_quick *quick, const uint8_t *bytes,
				size_t n, const struct gu_generic_mapping *map,
				struct gu_quick_token *token, uint32_t desired,
				struct gu_quick_answer *answer,
				struct gu_err *err)
{
	uint32_t mapped = gu_mask_map(desired, map);
	uint32_t need = mapped & ~(uint32_t)GU_MAXIMUM_ALLOWED;
	struct plain sd;

	if (gu_quick_is_rare(token, mapped) || below_medium(token) ||
	    !is_plain(bytes, n, &sd)) {
		const struct gu_access_request question = {
			.token = token->token, .map = map, .desired = desired
		};

		return check_decoded(bytes, n, &question, answer, err);
	}
	answer->mask = mapped & GU_MAXIMUM_ALLOWED
			       ? walk_maximum(quick, &sd, map, token, need)
			       : walk_named(quick, &sd, map, token, need);
	answer->status = answer->mask ? 0 : STATUS_DENIED;
	return GU_RC_OK;
}
