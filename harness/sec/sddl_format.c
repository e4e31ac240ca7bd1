/* SPDX-License-Identifier: MIT */
#include "sddl.h"

#include <inttypes.h>

#include "condition.h"
#include "sddl_names.h"
#include "text.h"
#include "banned.h"

static void add_sid(const struct gu_sid *sid, const struct gu_sid *domain,
		    struct gu_buf *out)
{
	const char *code = gu_sid_sddl_code(sid, domain);

	if (code) {
		gu_buf_adds(out, code);
	} else if (gu_sid_is_set(sid)) {
		gu_sid_format(sid, out);
	}
}

/* The words of `table` whose bits are all in `value`. */
static void
add_words(const struct gu_sddl_word *table, uint32_t value, struct gu_buf *out)
{
	for (; table->word; table++) {
		if (value & table->value) {
			gu_buf_adds(out, table->word);
		}
	}
}

static uint32_t words_cover(const struct gu_sddl_word *table)
{
	uint32_t all = 0;

	for (; table->word; table++) {
		all |= table->value;
	}
	return all;
}

/* Windows prints a mask that has a name by it, one that single rights cover
 * by those, and any other in hex. */
static void add_rights(const struct gu_ace *ace, struct gu_buf *out)
{
	const struct gu_sddl_word *bits = gu_sddl_rights;

	if (ace->type == GU_ACE_MANDATORY_LABEL) {
		bits = gu_sddl_policies;
	} else {
		for (const struct gu_sddl_word *w = gu_sddl_masks; w->word;
		     w++) {
			if (w->value == ace->mask) {
				gu_buf_adds(out, w->word);
				return;
			}
		}
	}
	if (ace->mask & ~words_cover(bits)) {
		gu_buf_addf(out, "0x%" PRIx32, ace->mask);
		return;
	}
	add_words(bits, ace->mask, out);
}

static void add_guid(const struct gu_guid *guid, struct gu_buf *out)
{
	for (size_t i = 0; i < sizeof(guid->bytes); i++) {
		if (gu_sddl_guid_dash(i)) {
			gu_buf_addc(out, '-');
		}
		gu_hex_encode(out, &guid->bytes[gu_sddl_guid_order[i]], 1);
	}
}

static bool add_type(uint8_t type, struct gu_buf *out)
{
	for (const struct gu_sddl_word *w = gu_sddl_types; w->word; w++) {
		if (w->value == type) {
			gu_buf_adds(out, w->word);
			return true;
		}
	}
	gu_buf_addf(out, "0x%x", type);
	return false;
}

/* What stands behind the SID. */
static bool add_data(const struct gu_ace *ace, const struct gu_sid *domain,
		     struct gu_buf *out)
{
	enum gu_rc rc;

	if (!gu_sddl_takes_data(ace->type)) {
		return true;
	}
	gu_buf_addc(out, ';');
	rc = ace->type == GU_ACE_RESOURCE_ATTRIBUTE
		     ? gu_attribute_format(ace->data, ace->data_len, domain,
					   out, NULL)
		     : gu_condition_format(ace->data, ace->data_len, domain,
					   out, NULL);
	if (rc == GU_RC_NOMEM) {
		out->oom = true;
	} else if (rc) {
		gu_buf_addc(out, '#');
		gu_hex_encode(out, ace->data, ace->data_len);
	}
	return rc == GU_RC_OK;
}

bool gu_sddl_format_ace(const struct gu_ace *ace, const struct gu_sid *domain,
			struct gu_buf *out)
{
	bool named;

	gu_buf_addc(out, '(');
	named = add_type(ace->type, out);
	gu_buf_addc(out, ';');
	add_words(gu_sddl_flags, ace->flags, out);
	gu_buf_addc(out, ';');
	add_rights(ace, out);
	gu_buf_addc(out, ';');
	if (ace->object_flags & GU_ACE_OBJECT_TYPE_PRESENT) {
		add_guid(&ace->object_type, out);
	}
	gu_buf_addc(out, ';');
	if (ace->object_flags & GU_ACE_INHERITED_OBJECT_TYPE_PRESENT) {
		add_guid(&ace->inherited_type, out);
	}
	gu_buf_addc(out, ';');
	add_sid(&ace->sid, domain, out);
	named = add_data(ace, domain, out) && named;
	gu_buf_addc(out, ')');
	return named;
}

uint32_t gu_ace_secinfo(const struct gu_ace *ace)
{
	switch (ace->type) {
	case GU_ACE_MANDATORY_LABEL:
		return GU_SECINFO_LABEL;
	case GU_ACE_RESOURCE_ATTRIBUTE:
		return GU_SECINFO_ATTRIBUTE;
	case GU_ACE_SCOPED_POLICY_ID:
		return GU_SECINFO_SCOPE;
	case GU_ACE_PROCESS_TRUST_LABEL:
		return GU_SECINFO_TRUST_LABEL;
	case GU_ACE_ACCESS_FILTER:
		return GU_SECINFO_FILTER;
	}
	return GU_SECINFO_SACL;
}

static bool add_dacl(const struct gu_sd *sd, const struct gu_sid *domain,
		     struct gu_buf *out)
{
	bool named = true;

	gu_buf_adds(out, "D:");
	add_words(gu_sddl_controls, sd->control, out);
	if (sd->null_dacl) {
		gu_buf_adds(out, "NO_ACCESS_CONTROL");
	}
	for (uint32_t i = 0; i < sd->dacl.count; i++) {
		named = gu_sddl_format_ace(&sd->dacl.aces[i], domain, out) &&
			named;
	}
	return named;
}

static bool add_sacl(const struct gu_sd *sd, uint32_t secinfo,
		     const struct gu_sid *domain, struct gu_buf *out)
{
	bool any = secinfo & GU_SECINFO_SACL;
	bool named = true;

	for (uint32_t i = 0; !any && i < sd->sacl.count; i++) {
		any = secinfo & gu_ace_secinfo(&sd->sacl.aces[i]);
	}
	if (!any) {
		return true;
	}
	gu_buf_adds(out, "S:");
	add_words(gu_sddl_controls, sd->control >> 1, out);
	if (sd->null_sacl) {
		gu_buf_adds(out, "NO_ACCESS_CONTROL");
	}
	for (uint32_t i = 0; i < sd->sacl.count; i++) {
		if (secinfo & gu_ace_secinfo(&sd->sacl.aces[i])) {
			named = gu_sddl_format_ace(&sd->sacl.aces[i], domain,
						   out) &&
				named;
		}
	}
	return named;
}

bool gu_sddl_format(const struct gu_sd *sd, uint32_t secinfo,
		    const struct gu_sid *domain, struct gu_buf *out)
{
	bool named = true;

	if ((secinfo & GU_SECINFO_OWNER) && gu_sid_is_set(&sd->owner)) {
		gu_buf_adds(out, "O:");
		add_sid(&sd->owner, domain, out);
	}
	if ((secinfo & GU_SECINFO_GROUP) && gu_sid_is_set(&sd->group)) {
		gu_buf_adds(out, "G:");
		add_sid(&sd->group, domain, out);
	}
	if ((secinfo & GU_SECINFO_DACL) && (sd->control & GU_SE_DACL_PRESENT)) {
		named = add_dacl(sd, domain, out);
	}
	if (sd->control & GU_SE_SACL_PRESENT) {
		named = add_sacl(sd, secinfo, domain, out) && named;
	}
	return named;
}
