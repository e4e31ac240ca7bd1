/* SPDX-License-Identifier: MIT */
#include "access_pass.h"

#include "banned.h"

/* True when the object type of an audit entry is one of those asked about;
 * without a list the entry is about a part that nobody asked for. */
static bool
about_asked(const struct gu_access_request *req, const struct gu_ace *ace)
{
	if (!gu_ace_is_object(ace->type) ||
	    !(ace->object_flags & GU_ACE_OBJECT_TYPE_PRESENT)) {
		return true;
	}
	for (size_t i = 0; i < req->type_count; i++) {
		if (memcmp(&req->types[i].guid, &ace->object_type,
			   sizeof(ace->object_type)) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_audit(const struct gu_ace *ace)
{
	return !(ace->flags & GU_ACE_INHERIT_ONLY) &&
	       (ace->type == GU_ACE_AUDIT || ace->type == GU_ACE_AUDIT_OBJECT ||
		ace->type == GU_ACE_AUDIT_CALLBACK ||
		ace->type == GU_ACE_AUDIT_CALLBACK_OBJECT);
}

static bool audits(const struct gu_access_request *req,
		   const struct gu_access_result *result,
		   const struct gu_ace *ace)
{
	uint32_t mask = gu_mask_map(ace->mask, req->map);
	uint32_t desired = gu_mask_map(req->desired, req->map);
	uint8_t flag = result->granted ? GU_ACE_SUCCESSFUL_ACCESS
				       : GU_ACE_FAILED_ACCESS;

	return is_audit(ace) && (ace->flags & flag) &&
	       (mask & (result->granted ? result->mask : desired)) &&
	       about_asked(req, ace) &&
	       gu_view_has(req, GU_VIEW_TOKEN, &ace->sid, true);
}

/* A condition that cannot be decided does not hide the access. */
static bool
condition_lets(struct gu_condition_source *conditions, const struct gu_ace *ace)
{
	return !gu_ace_is_callback(ace->type) ||
	       gu_condition_ask(conditions, ace, true) != GU_TRI_FALSE;
}

size_t gu_access_audit(const struct gu_access_request *request,
		       const struct gu_access_result *result, uint16_t *fired,
		       size_t cap)
{
	struct gu_condition_source conditions = { .req = request };
	const struct gu_sd *sd = request->sd;
	size_t n = 0;

	if (!sd || !gu_sd_has_sacl(sd)) {
		return 0;
	}
	for (uint32_t i = 0; i < sd->sacl.count; i++) {
		const struct gu_ace *ace = &sd->sacl.aces[i];

		if (!audits(request, result, ace) ||
		    !condition_lets(&conditions, ace)) {
			continue;
		}
		if (n < cap) {
			fired[n] = (uint16_t)i;
		}
		n++;
	}
	gu_condition_source_release(&conditions);
	return n;
}
