/* SPDX-License-Identifier: MIT */
#include "condition.h"

#include <string.h>

#include "banned.h"

bool gu_condition_is(const uint8_t *data, size_t len)
{
	return len >= 4 && memcmp(data, "artx", 4) == 0;
}

void gu_condition_env_init(struct gu_condition_env *env,
			   const struct gu_token *token)
{
	*env = (struct gu_condition_env){
		.user = &token->user,
		.user_deny_only = token->user_deny_only,
		.groups = token->groups,
		.group_count = token->group_count,
		.device_groups = token->device_groups,
		.device_group_count = token->device_group_count,
		.user_claims = &token->user_claims,
		.device_claims = &token->device_claims,
	};
}

enum gu_rc gu_condition_attributes(struct gu_claims *out,
				   const struct gu_acl *sacl,
				   struct gu_err *err)
{
	for (uint32_t i = 0; i < sacl->count; i++) {
		const struct gu_ace *ace = &sacl->aces[i];
		enum gu_rc rc;

		if (ace->type != GU_ACE_RESOURCE_ATTRIBUTE ||
		    (ace->flags & GU_ACE_INHERIT_ONLY)) {
			continue;
		}
		rc = gu_claims_add_attribute(out, ace->data, ace->data_len,
					     err);
		if (rc == GU_RC_NOMEM) {
			return rc;
		}
	}
	return GU_RC_OK;
}

enum gu_tri gu_condition_eval(const uint8_t *data, size_t len,
			      const struct gu_condition_env *env)
{
	(void)env;
	(void)data;
	(void)len;
	return GU_TRI_UNKNOWN;
}
