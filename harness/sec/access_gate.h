/* SPDX-License-Identifier: MIT */
#ifndef GU_ACCESS_GATE_H
#define GU_ACCESS_GATE_H

#include "access_pass.h"

/* What a SACL takes away before the DACL is asked, and the central policies it
 * names. Private to this floor. */
struct gu_gate {
	bool open;       /* nothing is taken away */
	uint32_t code;   /* enum gu_reason_code */
	uint32_t leaves; /* the rights that are left */
	const struct gu_ace *ace;
};

void gu_gate_trust(const struct gu_access_request *req, struct gu_gate *gate);
void gu_gate_filter(const struct gu_access_request *req,
		    struct gu_condition_source *conditions,
		    const struct gu_ace *ace, struct gu_gate *gate);
void gu_gate_integrity(const struct gu_access_request *req,
		       struct gu_gate *gate);

/* Room for the recovery policy. */
struct gu_central_recovery {
	struct gu_ace aces[3];
	struct gu_acl dacl;
	struct gu_central_rule rule;
	struct gu_central_policy cap;
};

/* The policy of that name, or the recovery policy made in `recovery`. */
const struct gu_central_policy *
gu_central_find(const struct gu_access_request *req, const struct gu_sid *id,
		struct gu_central_recovery *recovery);

#endif
