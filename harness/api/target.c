/* SPDX-License-Identifier: MIT */
#include "target.h"

#include "banned.h"

static const struct {
	const char *lua;
	const char *doc;
} ref_kinds[GU_REF_KIND_COUNT] = {
#define GU_REFKIND(id, lua_, doc_) \
	[GU_REF_##id] = { .lua = (lua_), .doc = (doc_) },
#include "ref.def"
#undef GU_REFKIND
};

const char *gu_ref_kind_doc(enum gu_ref_kind kind)
{
	return ref_kinds[kind].doc;
}

const char *gu_ref_kind_lua(enum gu_ref_kind kind)
{
	return ref_kinds[kind].lua;
}

enum gu_rc
gu_world_call(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	enum gu_rc rc = gu_world_submit(w, call, err);
	struct gu_call *done = call;

	if (rc != GU_RC_PENDING) {
		return rc;
	}
	do {
		rc = gu_world_wait(w, UINT32_MAX, &done, err);
	} while (rc == GU_RC_OK && done != call);
	return rc;
}
