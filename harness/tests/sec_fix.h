/* SPDX-License-Identifier: MIT */
#ifndef GU_SEC_FIX_H
#define GU_SEC_FIX_H

#include "unit.h"

#include "access.h"
#include "sddl.h"

/* Tokens and descriptors at random, the same on every run: few SIDs and masks,
 * so that they meet, and enough of what is rare. Preset `seed`. */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	ON = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
	     GU_GROUP_ENABLED,
};

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, 0x1F01FF };

/* SIDs that stand for others among ordinary ones. */
static const char *const pool[] = {
	"WD",
	"BU",
	"BA",
	"AU",
	"SY",
	"LS",
	"OW",
	"CO",
	"CG",
	"PS",
	"AN",
	"IU",
	"S-1-5-21-1-2-3-1001",
	"S-1-5-21-1-2-3-1002",
	"S-1-5-21-1-2-3-1003",
	"S-1-5-21-4-2-3-1001",
	"S-1-5-21-1-5-3-1001",
	"S-1-15-2-1",
	"S-1-15-2-11-12",
	"S-1-5-5-0-77",
};

static uint32_t seed;

static inline uint32_t below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static inline bool one_in(uint32_t n)
{
	return below(n) == 0;
}

static inline struct gu_sid any_sid(void)
{
	const char *text = pool[below(COUNT(pool))];
	struct gu_sid sid = GU_SID_NONE;

	assert_rc_ok(gu_sddl_parse_sid(&sid, text, strlen(text), NULL, NULL));
	return sid;
}

static inline uint32_t any_mask(void)
{
	static const uint32_t masks[] = {
		0x1,
		0x2,
		0x4,
		0x3,
		0x7,
		0x120089,
		0x120116,
		0x1F01FF,
		GU_READ_CONTROL,
		GU_WRITE_DAC,
		GU_WRITE_OWNER,
		GU_DELETE,
		0x10000000,
		0x20000000,
		0x40000000,
		0x80000000,
		0,
		0x1000001,
	};

	return masks[below(COUNT(masks))] | masks[below(COUNT(masks))];
}

static inline uint32_t any_attributes(void)
{
	static const uint32_t all[] = { ON, ON, ON, 0, GU_GROUP_DENY_ONLY };

	return all[below(COUNT(all))];
}

static inline struct gu_token *any_token(void)
{
	static const uint32_t levels[] = { GU_IL_LOW, GU_IL_MEDIUM,
					   GU_IL_MEDIUM, GU_IL_HIGH };
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	t->user = any_sid();
	t->user_deny_only = one_in(8);
	t->integrity = levels[below(COUNT(levels))];
	t->policy = one_in(8) ? 0 : GU_TOKEN_POLICY_NO_WRITE_UP;
	for (uint32_t n = below(6); n; n--) {
		struct gu_sid sid = any_sid();

		assert_rc_ok(
			gu_token_add_group(t, &sid, any_attributes(), NULL));
	}
	if (one_in(3)) {
		t->enabled = GU_PRIV_BIT(GU_PRIV_TakeOwnership + below(2));
		t->enabled |= one_in(2) ? GU_PRIV_BIT(GU_PRIV_Relabel) : 0;
		t->enabled |= one_in(2) ? GU_PRIV_BIT(GU_PRIV_Security) : 0;
	}
	if (one_in(6)) {
		struct gu_sid sid = any_sid();

		assert_rc_ok(gu_token_add_restricted(t, &sid, NULL));
		t->flags |= one_in(2) ? GU_TOKEN_WRITE_RESTRICTED : 0;
	}
	if (one_in(8)) {
		assert_rc_ok(
			gu_sid_parse(&t->package, "S-1-15-2-11-12", 14, NULL));
	}
	return t;
}

static inline void add_dacl(struct gu_sd *sd)
{
	static const uint8_t types[] = {
		GU_ACE_ALLOW, GU_ACE_ALLOW, GU_ACE_ALLOW, GU_ACE_ALLOW,
		GU_ACE_ALLOW, GU_ACE_DENY,  GU_ACE_DENY,  GU_ACE_DENY,
	};
	static const uint8_t odd[] = { GU_ACE_ALLOW_OBJECT, GU_ACE_DENY_OBJECT,
				       GU_ACE_DENY_CALLBACK, GU_ACE_AUDIT,
				       0x20 };
	uint32_t n = below(6);

	sd->control |= GU_SE_DACL_PRESENT;
	sd->null_dacl = one_in(20);
	for (; n && !sd->null_dacl; n--) {
		struct gu_ace ace = { .type = types[below(COUNT(types))],
				      .mask = any_mask(),
				      .sid = any_sid() };

		if (one_in(16)) {
			ace.type = odd[below(COUNT(odd))];
		}
		ace.flags = one_in(6) ? GU_ACE_INHERIT_ONLY : 0;
		assert_rc_ok(gu_acl_append(&sd->dacl, &ace, NULL));
	}
}

static inline void add_sacl(struct gu_sd *sd)
{
	static const uint8_t types[] = {
		GU_ACE_MANDATORY_LABEL, GU_ACE_MANDATORY_LABEL,
		GU_ACE_MANDATORY_LABEL, GU_ACE_AUDIT,
		GU_ACE_ACCESS_FILTER,   GU_ACE_SCOPED_POLICY_ID
	};
	struct gu_sid sid;
	uint8_t type = types[below(COUNT(types))];

	gu_sid_from_il(&sid, below(4) * 0x1000);
	sd->control |= GU_SE_SACL_PRESENT;
	assert_rc_ok(gu_acl_add(&sd->sacl, type, below(8), &sid, NULL));
}

static inline void any_sd(struct gu_buf *bytes)
{
	struct gu_sd sd = GU_SD_INIT;

	if (!one_in(12)) {
		sd.owner = any_sid();
		sd.group = any_sid();
	}
	if (!one_in(16)) {
		add_dacl(&sd);
	}
	if (one_in(4)) {
		add_sacl(&sd);
	}
	gu_buf_reset(bytes);
	gu_sd_encode(&sd, bytes);
	gu_sd_release(&sd);
}

#endif
