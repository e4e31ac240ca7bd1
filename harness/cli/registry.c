/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "buf.h"
#include "model.h"
#ifdef _WIN32
#include "win32.h"
#endif
#include "banned.h"

const struct gu_target_ops *const gu_targets[] = { &gu_target_model,
#ifdef _WIN32
						   &gu_target_win32,
#endif
						   NULL };

const struct gu_report_ops *const gu_reports[] = {
	&gu_report_html,
	&gu_report_csv,
	&gu_report_junit,
	&gu_report_sarif,
	&gu_report_tap,
	&gu_report_jsonl,
	NULL,
};

/* Names what there is, and lets go of the list. */
static void unknown(struct gu_err *err, const char *what, const char *name,
		    struct gu_buf *known)
{
	(void)gu_err_set(err, GU_RC_USAGE, "unknown %s %s; known:%s", what,
			 name, known->data);
	gu_buf_release(known);
}

const struct gu_target_ops *gu_target_find(const char *name, struct gu_err *err)
{
	struct gu_buf known = GU_BUF_INIT;

	for (size_t i = 0; gu_targets[i]; i++) {
		if (strcmp(gu_targets[i]->name, name) == 0) {
			gu_buf_release(&known);
			return gu_targets[i];
		}
		gu_buf_addf(&known, " %s", gu_targets[i]->name);
	}
	unknown(err, "target", name, &known);
	return NULL;
}

const struct gu_report_ops *gu_report_find(const char *name, struct gu_err *err)
{
	struct gu_buf known = GU_BUF_INIT;

	for (size_t i = 0; gu_reports[i]; i++) {
		if (strcmp(gu_reports[i]->name, name) == 0) {
			gu_buf_release(&known);
			return gu_reports[i];
		}
		gu_buf_addf(&known, " %s", gu_reports[i]->name);
	}
	unknown(err, "report format", name, &known);
	return NULL;
}
