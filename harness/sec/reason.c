/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <inttypes.h>

#include "sddl.h"
#include "banned.h"

static void add_sid(const struct gu_sid *sid, struct gu_buf *out)
{
	const char *name = gu_sid_name(sid);

	gu_sid_format(sid, out);
	if (name) {
		gu_buf_addf(out, " (%s)", name);
	}
}

static void add_ace(const struct gu_reason *r, struct gu_buf *out)
{
	const struct gu_ace ace = { .type = r->ace_type,
				    .flags = r->ace_flags,
				    .mask = r->ace_mask,
				    .sid = r->sid };

	gu_buf_addf(out, "ACE %u ", r->ace_index);
	gu_sddl_format_ace(&ace, NULL, out);
}

static void
add_matched(const struct gu_reason *r, const char *verb, struct gu_buf *out)
{
	gu_buf_addf(out, "%s by ", verb);
	add_ace(r, out);
	gu_buf_addf(out, " on 0x%" PRIx32 ": ", r->bits);
	add_sid(&r->sid, out);
	gu_buf_adds(out, " matched");
}

static void add_level(uint32_t il, struct gu_buf *out)
{
	const char *name = gu_il_name(il);

	if (name) {
		gu_buf_adds(out, name);
	} else {
		gu_buf_addf(out, "0x%" PRIx32, il);
	}
}

static void add_integrity(const struct gu_reason *r, struct gu_buf *out)
{
	gu_buf_addf(out, "denied by integrity on 0x%" PRIx32 ": the token is ",
		    r->bits);
	add_level(r->detail2, out);
	gu_buf_adds(out, ", the object ");
	add_level(r->detail, out);
	if (gu_sid_is_set(&r->sid)) {
		gu_buf_adds(out, ", label ");
		add_ace(r, out);
	} else {
		gu_buf_adds(out, " with no-write-up, having no label");
	}
}

/* The second look at a restricted token or an AppContainer: by whom the DACL
 * had to grant it once more. */
static void
add_again(const struct gu_reason *r, const char *whom, struct gu_buf *out)
{
	gu_buf_addf(out, "denied on 0x%" PRIx32 ": ", r->bits);
	if (gu_sid_is_set(&r->sid)) {
		add_ace(r, out);
		gu_buf_addf(out, " denies it to %s", whom);
	} else {
		gu_buf_addf(out, "no ACE grants it to %s", whom);
	}
}

/* A SACL entry that took rights away before the DACL was asked. */
static void
add_gate(const struct gu_reason *r, const char *what, struct gu_buf *out)
{
	gu_buf_addf(out, "denied on 0x%" PRIx32 ": %s, ", r->bits, what);
	add_ace(r, out);
}

static const char *priv_name(const struct gu_reason *r)
{
	const char *name = gu_priv_name(r->detail);

	return name ? name : "a privilege";
}

static void
add_denied(const struct gu_reason *r, const char *why, struct gu_buf *out)
{
	gu_buf_addf(out, "denied on 0x%" PRIx32 ": %s", r->bits, why);
}

static void add_level_too_low(const struct gu_reason *r, struct gu_buf *out)
{
	gu_buf_addf(out, "denied: the token's level is %s, below Impersonation",
		    gu_level_name((enum gu_level)r->level));
}

static void add_owner(const struct gu_reason *r, struct gu_buf *out)
{
	gu_buf_addf(out, "granted on 0x%" PRIx32 " to the owner, ", r->bits);
	add_sid(&r->sid, out);
}

void gu_reason_format(const struct gu_reason *r, struct gu_buf *out)
{
	switch ((enum gu_reason_code)r->code) {
	case GU_REASON_NONE:
		gu_buf_adds(out, "no reason was recorded");
		return;
	case GU_REASON_ALLOWED_ACE:
		add_matched(r, "granted", out);
		return;
	case GU_REASON_DENIED_ACE:
		add_matched(r, "denied", out);
		return;
	case GU_REASON_ALLOWED_PARENT_ACE:
		gu_buf_addf(out,
			    "granted on 0x%" PRIx32 " by the parent's DACL",
			    r->bits);
		return;
	case GU_REASON_DENIED_PARENT_ACE:
		gu_buf_addf(out,
			    "denied: the parent's DACL does not grant "
			    "0x%" PRIx32,
			    r->bits);
		return;
	case GU_REASON_NOT_GRANTED_BY_CAPE:
		add_denied(r, "a central access rule does not grant it", out);
		return;
	case GU_REASON_NOT_GRANTED_TO_APPCONTAINER:
		add_again(r, "the AppContainer", out);
		return;
	case GU_REASON_MISSING_PRIVILEGE:
		add_denied(r, priv_name(r), out);
		gu_buf_adds(out, " is not enabled");
		return;
	case GU_REASON_FROM_PRIVILEGE:
		gu_buf_addf(out, "granted on 0x%" PRIx32 " by %s", r->bits,
			    priv_name(r));
		return;
	case GU_REASON_INTEGRITY:
		add_integrity(r, out);
		return;
	case GU_REASON_OWNERSHIP:
		add_owner(r, out);
		return;
	case GU_REASON_NULL_DACL:
		gu_buf_adds(out, "granted: the object has no DACL");
		return;
	case GU_REASON_EMPTY_DACL:
		add_denied(r, "the DACL is empty", out);
		return;
	case GU_REASON_NO_SD:
		gu_buf_adds(out, "denied: no security descriptor");
		return;
	case GU_REASON_NO_GRANT:
		add_denied(r, "no ACE grants it", out);
		return;
	case GU_REASON_TRUST_LABEL:
		add_gate(r, "the token's trust is below the label's", out);
		return;
	case GU_REASON_FILTER_ACE:
		add_gate(r, "the condition of a filter does not hold", out);
		return;
	case GU_REASON_LEVEL:
		add_level_too_low(r, out);
		return;
	case GU_REASON_RESTRICTED:
		add_again(r, "the token's restricting SIDs", out);
		return;
	case GU_REASON_HANDLE_RIGHTS:
		gu_buf_addf(out, "decided on 0x%" PRIx32 " by the handle",
			    r->bits);
		return;
	case GU_REASON_NO_MEMORY:
		gu_buf_adds(out, "denied: out of memory");
		return;
	case GU_REASON_NO_ACCESS_ASKED:
		gu_buf_adds(out, "denied: no access was asked for");
		return;
	}
	gu_buf_addf(out, "reason 0x%" PRIx32, r->code);
}
