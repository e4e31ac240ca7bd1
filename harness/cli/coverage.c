/* SPDX-License-Identifier: MIT */
#include "coverage.h"

#include "banned.h"

static void count(struct gu_tally *t, bool good)
{
	if (good) {
		t->good++;
	} else {
		t->bad++;
	}
}

static enum gu_rc
count_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct gu_coverage *c = arg;
	const char *const *col = row->col;
	enum gu_fn fn = gu_fn_find(col[GU_COL_operation]);
	enum gu_objtype type = gu_objtype_find(col[GU_COL_object_type]);

	(void)err;
	if (strcmp(col[GU_COL_kind], "call") != 0 &&
	    strcmp(col[GU_COL_kind], "attempt") != 0) {
		return GU_RC_OK;
	}
	if (fn != GU_FN_NONE && row->ok >= 0) {
		count(&c->fn[fn], row->ok == 1);
	}
	if (type != GU_OBJ_NONE && *col[GU_COL_asked]) {
		count(&c->type[type], strcmp(col[GU_COL_granted], "0") != 0);
	}
	return GU_RC_OK;
}

enum gu_rc gu_coverage_read(struct gu_coverage *out, struct gu_store *store,
			    int64_t id, struct gu_err *err)
{
	*out = (struct gu_coverage){ .fn = { { 0 } } };
	return gu_store_rows(store, id, count_row, out, err);
}

bool gu_coverage_wants(enum gu_fn fn)
{
	return fn < GU_FN_IMPERSONATION_COUNT;
}
