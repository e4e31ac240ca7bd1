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

static void count_decision(struct gu_coverage *c, const char *const *col)
{
	bool granted = strcmp(col[GU_COL_granted], "0") != 0;
	enum gu_objtype type = gu_objtype_find(col[GU_COL_object_type]);
	enum gu_fn via = gu_fn_find(col[GU_COL_via]);

	if (type == GU_OBJ_NONE || !*col[GU_COL_asked]) {
		return;
	}
	count(&c->types[type], granted);
	if (via != GU_FN_NONE) {
		count(&c->under[via], granted);
	}
}

static void
count_revert(struct gu_coverage *c, enum gu_fn fn, enum gu_fn via, bool ok)
{
	bool acting = via != GU_FN_NONE;

	if (acting ? !gu_fn_accepts_revert(via, fn) : !ok) {
		c->reverts[fn].bad++;
	} else if (acting && ok) {
		c->reverts[fn].good++;
		c->reverts[via].good++;
	}
}

static void count_answer(struct gu_coverage *c, const struct gu_row *row)
{
	enum gu_fn fn = gu_fn_find(row->col[GU_COL_operation]);
	enum gu_fn via = gu_fn_find(row->col[GU_COL_via]);

	if (fn == GU_FN_NONE || row->ok < 0) {
		return;
	}
	count(&c->answers[fn], row->ok == 1);
	if (gu_fn_row(fn)->kind == GU_KIND_REVERT) {
		count_revert(c, fn, via, row->ok == 1);
	}
}

static enum gu_rc
count_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	(void)err;
	count_answer(arg, row);
	count_decision(arg, row->col);
	return GU_RC_OK;
}

enum gu_rc gu_coverage_read(struct gu_coverage *out, struct gu_store *store,
			    int64_t id, struct gu_err *err)
{
	*out = (struct gu_coverage){ .types = { { 0 } } };
	return gu_store_rows(store, id, count_row, out, err);
}
