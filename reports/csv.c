/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "write.h"
#include "banned.h"

void gu_out_csv_row(struct gu_out *o, const struct gu_row *row)
{
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		if (i) {
			gu_out_char(o, ',');
		}
		gu_out_csv(o, row->col[i], row->len[i]);
	}
	gu_out_bytes(o, "\r\n", 2);
}

static enum gu_rc
write_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct gu_out *o = arg;

	gu_out_csv_row(o, row);
	return gu_write_failed(o->file) ? gu_out_finish(o, "csv", err)
					: GU_RC_OK;
}

static enum gu_rc
csv_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	struct gu_out o;
	struct gu_run_info run;
	enum gu_rc rc = gu_store_load_run(s, id, &run, err);

	if (rc) {
		return rc;
	}
	gu_out_init(&o, out);
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		gu_out_str(&o, i ? "," : "");
		gu_out_str(&o, gu_column_names[i]);
	}
	gu_out_str(&o, "\r\n");
	rc = gu_store_rows(s, run.id, write_row, &o, err);
	return rc ? rc : gu_out_finish(&o, "csv", err);
}

const struct gu_report_ops gu_report_csv = {
	.name = "csv",
	.extension = "csv",
	.doc = "one line per record, for spreadsheets and scripts (RFC 4180)",
	.write = csv_write,
};
