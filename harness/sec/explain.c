/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <inttypes.h>

#include "sddl.h"
#include "banned.h"

const char *gu_access_stage_name(enum gu_access_stage stage)
{
	switch (stage) {
	case GU_STAGE_TRUST:
		return "trust";
	case GU_STAGE_FILTER:
		return "filter";
	case GU_STAGE_INTEGRITY:
		return "integrity";
	case GU_STAGE_PRIVILEGE:
		return "privilege";
	case GU_STAGE_DACL:
		return "dacl";
	case GU_STAGE_RESTRICTED:
		return "restricted";
	case GU_STAGE_CONTAINER:
		return "container";
	case GU_STAGE_POLICY:
		return "policy";
	case GU_STAGE_RESULT:
		return "result";
	}
	return "";
}

const char *gu_access_match_name(enum gu_access_match match)
{
	switch (match) {
	case GU_MATCH_NONE:
		return "";
	case GU_MATCH_USER:
		return "the user";
	case GU_MATCH_GROUP:
		return "a group";
	case GU_MATCH_DENY_ONLY:
		return "a deny-only SID";
	case GU_MATCH_OWNER:
		return "the owner";
	case GU_MATCH_SELF:
		return "the principal itself";
	case GU_MATCH_RESTRICTED:
		return "a restricting SID";
	case GU_MATCH_PACKAGE:
		return "the package";
	case GU_MATCH_CAPABILITY:
		return "a capability";
	case GU_MISS_SID:
		return "the token does not hold the SID";
	case GU_MISS_DISABLED:
		return "the group is disabled";
	case GU_MISS_DENY_ONLY:
		return "the SID only counts for denials";
	case GU_MISS_INHERIT_ONLY:
		return "it is for children only";
	case GU_MISS_TYPE:
		return "its type neither grants nor denies";
	case GU_MISS_OBJECT_TYPE:
		return "it is about another part of the object";
	case GU_MISS_BITS:
		return "nothing it names is open";
	case GU_MISS_CONDITION:
		return "its condition does not hold";
	}
	return "";
}

static void add_sid(const struct gu_sid *sid, struct gu_buf *out)
{
	const char *name = gu_sid_name(sid);

	gu_sid_format(sid, out);
	if (name) {
		gu_buf_addf(out, " (%s)", name);
	}
}

static void add_ace(const struct gu_access_step *step, struct gu_buf *out)
{
	gu_buf_addf(out, "ACE %u ", step->ace_index);
	gu_sddl_format_ace(step->ace, NULL, out);
}

static void add_walk(const struct gu_access_step *step, struct gu_buf *out)
{
	bool deny = step->code == GU_REASON_DENIED_ACE;

	add_ace(step, out);
	if (step->code == GU_REASON_NONE) {
		gu_buf_addf(out, " does not apply: %s",
			    gu_access_match_name(step->match));
		return;
	}
	gu_buf_addf(out, " %s 0x%" PRIx32 " to ", deny ? "denies" : "grants",
		    step->bits);
	add_sid(&step->ace->sid, out);
	gu_buf_addf(out, ", %s", gu_access_match_name(step->match));
}

static void add_withheld(const struct gu_access_step *step, struct gu_buf *out)
{
	if (step->ace) {
		gu_sddl_format_ace(step->ace, NULL, out);
	} else {
		gu_buf_adds(out, "Medium with no-write-up, there is no label,");
	}
	gu_buf_addf(out, " withholds 0x%" PRIx32, step->bits);
}

static void add_privilege(const struct gu_access_step *step, struct gu_buf *out)
{
	bool missing = step->code == GU_REASON_MISSING_PRIVILEGE;

	gu_buf_addf(out, "%s %s 0x%" PRIx32, gu_priv_name(step->detail),
		    missing ? "is not enabled for" : "grants", step->bits);
}

static void add_implicit(const struct gu_access_step *step, struct gu_buf *out)
{
	if (step->code == GU_REASON_OWNERSHIP) {
		gu_buf_addf(out, "the owner is granted 0x%" PRIx32, step->bits);
	} else {
		gu_buf_addf(out, "there is no DACL: 0x%" PRIx32 " granted",
			    step->bits);
	}
}

static bool is_denial(uint32_t code)
{
	return code != GU_REASON_ALLOWED_ACE && code != GU_REASON_OWNERSHIP &&
	       code != GU_REASON_FROM_PRIVILEGE && code != GU_REASON_NULL_DACL;
}

static void add_result(const struct gu_access_step *step, struct gu_buf *out)
{
	if (is_denial(step->code)) {
		gu_buf_addf(out, "denied on 0x%" PRIx32, step->bits);
	} else {
		gu_buf_adds(out, "granted");
	}
}

void gu_access_step_format(const struct gu_access_step *step,
			   struct gu_buf *out)
{
	gu_buf_addf(out, "%s: ", gu_access_stage_name(step->stage));
	switch (step->stage) {
	case GU_STAGE_TRUST:
	case GU_STAGE_FILTER:
	case GU_STAGE_INTEGRITY:
		add_withheld(step, out);
		break;
	case GU_STAGE_PRIVILEGE:
		add_privilege(step, out);
		break;
	case GU_STAGE_DACL:
	case GU_STAGE_RESTRICTED:
	case GU_STAGE_CONTAINER:
	case GU_STAGE_POLICY:
		if (step->ace) {
			add_walk(step, out);
		} else {
			add_implicit(step, out);
		}
		break;
	case GU_STAGE_RESULT:
		add_result(step, out);
		return;
	}
	if (step->left) {
		gu_buf_addf(out, "; left 0x%" PRIx32, step->left);
	}
}
