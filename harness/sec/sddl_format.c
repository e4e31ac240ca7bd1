/* SPDX-License-Identifier: MIT */
#include "sddl.h"

#include <inttypes.h>

#include "sddl_names.h"
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
		gu_buf_addf(out, "%02x", guid->bytes[gu_sddl_guid_order[i]]);
	}
}

static void add_type(uint8_t type, struct gu_buf *out)
{
	for (const struct gu_sddl_word *w = gu_sddl_types; w->word; w++) {
		if (w->value == type) {
			gu_buf_adds(out, w->word);
			return;
		}
	}
	gu_buf_addf(out, "0x%x", type);
}

void gu_sddl_format_ace(const struct gu_ace *ace, const struct gu_sid *domain,
			struct gu_buf *out)
{
	gu_buf_addc(out, '(');
	add_type(ace->type, out);
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
	gu_buf_addc(out, ')');
}

static uint32_t ace_secinfo(const struct gu_ace *ace)
{
	return ace->type == GU_ACE_MANDATORY_LABEL ? GU_SECINFO_LABEL
						   : GU_SECINFO_SACL;
}

static void add_dacl(const struct gu_sd *sd, const struct gu_sid *domain,
		     struct gu_buf *out)
{
	gu_buf_adds(out, "D:");
	add_words(gu_sddl_controls, sd->control, out);
	if (sd->null_dacl) {
		gu_buf_adds(out, "NO_ACCESS_CONTROL");
	}
	for (uint32_t i = 0; i < sd->dacl.count; i++) {
		gu_sddl_format_ace(&sd->dacl.aces[i], domain, out);
	}
}

/* Labels stand in the SACL and are asked for on their own. */
static void add_sacl(const struct gu_sd *sd, uint32_t secinfo,
		     const struct gu_sid *domain, struct gu_buf *out)
{
	bool any = secinfo & GU_SECINFO_SACL;

	for (uint32_t i = 0; !any && i < sd->sacl.count; i++) {
		any = secinfo & ace_secinfo(&sd->sacl.aces[i]);
	}
	if (!any) {
		return;
	}
	gu_buf_adds(out, "S:");
	add_words(gu_sddl_controls, sd->control >> 1, out);
	if (sd->null_sacl) {
		gu_buf_adds(out, "NO_ACCESS_CONTROL");
	}
	for (uint32_t i = 0; i < sd->sacl.count; i++) {
		if (secinfo & ace_secinfo(&sd->sacl.aces[i])) {
			gu_sddl_format_ace(&sd->sacl.aces[i], domain, out);
		}
	}
}

void gu_sddl_format(const struct gu_sd *sd, uint32_t secinfo,
		    const struct gu_sid *domain, struct gu_buf *out)
{
	if ((secinfo & GU_SECINFO_OWNER) && gu_sid_is_set(&sd->owner)) {
		gu_buf_adds(out, "O:");
		add_sid(&sd->owner, domain, out);
	}
	if ((secinfo & GU_SECINFO_GROUP) && gu_sid_is_set(&sd->group)) {
		gu_buf_adds(out, "G:");
		add_sid(&sd->group, domain, out);
	}
	if ((secinfo & GU_SECINFO_DACL) && (sd->control & GU_SE_DACL_PRESENT)) {
		add_dacl(sd, domain, out);
	}
	if (sd->control & GU_SE_SACL_PRESENT) {
		add_sacl(sd, secinfo, domain, out);
	}
}
