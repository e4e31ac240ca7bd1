/* SPDX-License-Identifier: MIT */
#ifndef GU_ACCESS_PASS_H
#define GU_ACCESS_PASS_H

#include "access.h"
#include "condition.h"

/* One walk over a DACL for one set of SIDs, semantics 5.2 steps 6 to 11, over
 * an object type tree. Private to this floor. */
enum gu_view {
	GU_VIEW_TOKEN,
	GU_VIEW_RESTRICTED,
	GU_VIEW_CONTAINER,
};

/* What decided last; a struct gu_reason is made of it once, at the end. */
struct gu_why {
	uint32_t code; /* enum gu_reason_code */
	uint32_t bits;
	uint32_t detail;
	const struct gu_ace *ace;
};

/* What conditions may ask about, read when the first one asks. */
struct gu_condition_source {
	const struct gu_access_request *req;
	bool ready;
	enum gu_rc rc;
	struct gu_claims resource; /* owned */
	struct gu_condition_env env;
};

void gu_condition_source_release(struct gu_condition_source *source);
enum gu_tri gu_condition_ask(struct gu_condition_source *source,
			     const struct gu_ace *ace, bool deny);
enum gu_tri gu_condition_ask_bytes(struct gu_condition_source *source,
				   const uint8_t *data, size_t len);

struct gu_pass {
	const struct gu_access_request *req;
	struct gu_condition_source *conditions;
	const struct gu_acl *dacl; /* NULL: no DACL, which grants all */
	enum gu_view view;
	enum gu_access_stage stage; /* for the steps */
	bool maximum;
	bool refused;  /* a deny ACE hit the root */
	uint32_t need; /* asked for by name, and not granted before */
	struct gu_object_node *nodes;
	size_t count;
	struct gu_why why;
};

/* True when the root is granted all that is needed. Fills each node's
 * `granted` and `denied`. */
bool gu_pass_run(struct gu_pass *p);

bool gu_view_has(const struct gu_access_request *req, enum gu_view view,
		 const struct gu_sid *sid, bool deny);

static inline void gu_access_tell(const struct gu_access_request *req,
				  const struct gu_access_step *step)
{
	if (req->step) {
		req->step(req->step_ctx, step);
	}
}

#endif
