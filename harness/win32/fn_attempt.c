/* SPDX-License-Identifier: MIT */
#include "open.h"

#include "banned.h"

/* guise's own words: open and use. */

/* An argument that is a handle names an object to open once more. */
void w_fn_open(struct w_run *x)
{
	enum { OBJECT, ACCESS, BACKUP };
	const struct gu_objtype_row *row = gu_objtype_row(x->job->type);
	struct w_open how = {
		.type = x->job->type,
		.name = w_wide(x, OBJECT),
		.source = w_handle(x, OBJECT),
		.access = w_uint(x, ACCESS, 0),
		.backup = w_bool(x, BACKUP, false) &&
			  (row->flags & GU_OBJ_BACKUP),
	};
	uint32_t error;
	HANDLE h = w_open(&how, &error);

	x->out->type = how.type;
	x->out->asked = how.access | row->adds;
	x->out->checked = w_is_decision(error);
	if (h) {
		x->out->granted = w_granted(h);
		if (!x->out->granted) {
			x->out->granted = gu_mask_map(how.access, &row->map);
		}
		w_close_opened(how.type, h);
	}
	w_answer_code(x, error);
}

void w_fn_use(struct w_run *x)
{
	const struct gu_objtype_row *row = gu_objtype_row(x->job->type);
	uint32_t want = gu_mask_map(w_uint(x, 1, 0), &row->map);
	HANDLE h = w_handle(x, 0);
	DWORD flags;
	uint32_t granted, missing;

	if (!GetHandleInformation(h, &flags)) {
		w_answer_bool(x, FALSE);
		return;
	}
	granted = w_granted(h);
	missing = want & ~granted;
	x->out->type = x->job->type;
	x->out->asked = w_uint(x, 1, 0);
	x->out->granted = missing ? 0 : want;
	x->out->checked = true;
	w_answer_code(x, missing ? ERROR_ACCESS_DENIED : ERROR_SUCCESS);
}
