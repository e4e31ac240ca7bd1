/* SPDX-License-Identifier: MIT */
#include "sddl_names.h"

#include <string.h>

#include "access.h"
#include "text.h"
#include "banned.h"

const struct gu_sddl_word gu_sddl_types[] = {
	{ "A", GU_ACE_ALLOW },
	{ "D", GU_ACE_DENY },
	{ "AU", GU_ACE_AUDIT },
	{ "AL", GU_ACE_ALARM },
	{ "OA", GU_ACE_ALLOW_OBJECT },
	{ "OD", GU_ACE_DENY_OBJECT },
	{ "OU", GU_ACE_AUDIT_OBJECT },
	{ "OL", GU_ACE_ALARM_OBJECT },
	{ "XA", GU_ACE_ALLOW_CALLBACK },
	{ "XD", GU_ACE_DENY_CALLBACK },
	{ "ZA", GU_ACE_ALLOW_CALLBACK_OBJECT },
	{ "XU", GU_ACE_AUDIT_CALLBACK },
	{ "ML", GU_ACE_MANDATORY_LABEL },
	{ "RA", GU_ACE_RESOURCE_ATTRIBUTE },
	{ "SP", GU_ACE_SCOPED_POLICY_ID },
	{ "TL", GU_ACE_PROCESS_TRUST_LABEL },
	{ "FL", GU_ACE_ACCESS_FILTER },
	{ NULL, 0 },
};

const struct gu_sddl_word gu_sddl_flags[] = {
	{ "OI", GU_ACE_OBJECT_INHERIT },
	{ "CI", GU_ACE_CONTAINER_INHERIT },
	{ "NP", GU_ACE_NO_PROPAGATE },
	{ "IO", GU_ACE_INHERIT_ONLY },
	{ "ID", GU_ACE_INHERITED },
	{ "CR", GU_ACE_CRITICAL },
	{ "SA", GU_ACE_SUCCESSFUL_ACCESS },
	{ "FA", GU_ACE_FAILED_ACCESS },
	{ NULL, 0 },
};

const struct gu_sddl_word gu_sddl_rights[] = {
	{ "CC", 0x1 },
	{ "DC", 0x2 },
	{ "LC", 0x4 },
	{ "SW", 0x8 },
	{ "RP", 0x10 },
	{ "WP", 0x20 },
	{ "DT", 0x40 },
	{ "LO", 0x80 },
	{ "CR", 0x100 },
	{ "SD", GU_DELETE },
	{ "RC", GU_READ_CONTROL },
	{ "WD", GU_WRITE_DAC },
	{ "WO", GU_WRITE_OWNER },
	{ "GA", GU_GENERIC_ALL },
	{ "GX", GU_GENERIC_EXECUTE },
	{ "GW", GU_GENERIC_WRITE },
	{ "GR", GU_GENERIC_READ },
	{ NULL, 0 },
};

const struct gu_sddl_word gu_sddl_masks[] = {
	{ "FA", 0x1F01FF }, { "FR", 0x120089 }, { "FW", 0x120116 },
	{ "FX", 0x1200A0 }, { "KA", 0xF003F },  { "KR", 0x20019 },
	{ "KW", 0x20006 },  { "KX", 0x20019 },  { NULL, 0 },
};

const struct gu_sddl_word gu_sddl_policies[] = {
	{ "NW", GU_LABEL_NO_WRITE_UP },
	{ "NR", GU_LABEL_NO_READ_UP },
	{ "NX", GU_LABEL_NO_EXECUTE_UP },
	{ NULL, 0 },
};

const struct gu_sddl_word gu_sddl_controls[] = {
	{ "P", GU_SE_DACL_PROTECTED },
	{ "AR", GU_SE_DACL_AUTO_INHERIT_REQ },
	{ "AI", GU_SE_DACL_AUTO_INHERITED },
	{ NULL, 0 },
};

const uint8_t gu_sddl_guid_order[16] = { 3, 2, 1,  0,  5,  4,  7,  6,
					 8, 9, 10, 11, 12, 13, 14, 15 };

const struct gu_sddl_word *
gu_sddl_match(const struct gu_sddl_word *table, const char *s, size_t n)
{
	const struct gu_sddl_word *shorter = NULL;

	for (; n && table->word; table++) {
		const char *w = table->word;

		if (!gu_sddl_is_letter(s[0], w[0])) {
			continue;
		}
		if (!w[1] && n == 1) {
			return table;
		}
		if (!w[1]) {
			shorter = table;
		} else if (n > 1 && gu_sddl_is_letter(s[1], w[1])) {
			return table;
		}
	}
	return shorter;
}

bool gu_sddl_takes_data(uint8_t type)
{
	return gu_ace_is_callback(type) || type == GU_ACE_RESOURCE_ATTRIBUTE ||
	       type == GU_ACE_ACCESS_FILTER;
}
