/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "outputs.h"
#include "banned.h"

struct options {
	struct gu_texts reports;
	const char *template_path;
	const char *baseline;
	uint64_t run;
	uint64_t baseline_run;
};

static enum gu_rc write_reports(const struct gu_outputs *outputs,
				const char *path, uint64_t id,
				struct gu_err *err)
{
	struct gu_store *store = NULL;
	struct gu_run_info info;
	enum gu_rc rc = gu_store_open_read(&store, path, err);

	if (!rc && id > INT64_MAX) {
		rc = gu_err_set(err, GU_RC_USAGE, "--run is out of range");
	}
	if (!rc) {
		rc = gu_store_load_run(store, (int64_t)id, &info, err);
	}
	if (!rc) {
		rc = gu_outputs_write(outputs, store, info.id, err);
	}
	gu_store_close(store);
	return rc;
}

/* Opens what the run is compared with; the caller closes it. */
static enum gu_rc open_extras(struct gu_report_extras *extras,
			      const struct options *o, struct gu_err *err)
{
	*extras = (struct gu_report_extras){
		.template_path = o->template_path,
		.baseline_path = o->baseline,
		.baseline_run = (int64_t)o->baseline_run,
	};
	if (o->baseline_run > INT64_MAX) {
		return gu_err_set(err, GU_RC_USAGE,
				  "--baseline-run is out of range");
	}
	if (o->baseline_run && !o->baseline) {
		return gu_err_set(err, GU_RC_USAGE,
				  "--baseline-run needs --baseline STORE");
	}
	return o->baseline
		       ? gu_store_open_read(&extras->baseline, o->baseline, err)
		       : GU_RC_OK;
}

static int run(struct gu_cmdline *cl)
{
	static const char *html[] = { "html", NULL };
	struct options o = { .run = 0 };
	struct gu_outputs outputs;
	struct gu_report_extras extras;
	struct gu_err err = GU_ERR_INIT;
	int exit_code;
	enum gu_rc rc;

	if (!gu_cmdline_parse(cl, &o, &exit_code)) {
		return exit_code;
	}
	if (!cl->operands.count) {
		return gu_complain(cl, "which store? usage: guise report "
				       "[OPTION...] STORE");
	}
	if (!o.reports.count) {
		o.reports = (struct gu_texts){ .list = html, .count = 1 };
	}
	rc = open_extras(&extras, &o, &err);
	if (!rc) {
		rc = gu_outputs_parse(&outputs, &o.reports, &cl->arena, &err);
	}
	if (!rc && (o.template_path || o.baseline)) {
		outputs.extras = &extras;
		rc = gu_outputs_check_extras(&outputs, &err);
	}
	if (!rc) {
		rc = write_reports(&outputs, cl->operands.list[0], o.run, &err);
	}
	gu_store_close(extras.baseline);
	return rc ? gu_complain_err(cl, &err) : GU_EXIT_OK;
}

static const struct gu_option options[] = {
	{ "run", 0, GU_OPTION_NUMBER, offsetof(struct options, run), "N",
	  "the run of that number (default: the last)" },
	{ "report", 'r', GU_OPTION_LIST, offsetof(struct options, reports),
	  "FORMAT[=PATH]", "the format (default: html); may be repeated" },
	{ "template", 0, GU_OPTION_TEXT,
	  offsetof(struct options, template_path), "FILE",
	  "html: title, logo and colours from a JSON file" },
	{ "baseline", 0, GU_OPTION_TEXT, offsetof(struct options, baseline),
	  "STORE", "html: show what changed since the run stored there" },
	{ "baseline-run", 0, GU_OPTION_NUMBER,
	  offsetof(struct options, baseline_run), "N",
	  "the run of that number there (default: the last)" },
	{ 0 },
};

const struct gu_command gu_command_report = {
	.name = "report",
	.operands = "STORE",
	.operand_max = 1,
	.doc = "write reports from a stored run",
	.more = "Formats, each written to guise-report.EXT unless PATH says "
		"where; - is standard\noutput, once:\n"
		"  html   a page for a browser\n"
		"  csv    one line per record, for spreadsheets and scripts\n"
		"  junit  JUnit XML for Jenkins: a suite per file, a case per "
		"scenario\n"
		"  sarif  SARIF 2.1.0: what is wrong, for code scanning\n"
		"  tap    Test Anything Protocol 14: a point per scenario\n"
		"  jsonl  JSON Lines: the run, then each record\n",
	.options = options,
	.run = run,
};
