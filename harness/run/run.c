/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <signal.h>
#include <stdio.h>

#include "buf.h"
#include "fault.h"
#include "file.h"
#include "mailbox.h"
#include "prediction.h"
#include "select.h"
#include "sha256.h"
#include "text.h"
#include "banned.h"

static volatile sig_atomic_t interrupted;

void gu_run_interrupt(void)
{
	interrupted = 1;
}

struct runner {
	const struct gu_run_options *o;
	struct gu_run_totals *totals;
	struct gu_recorder *recorder;
	struct gu_findings *findings;
	struct gu_predictions *predictions;
	bool list_only;
	/* The file at hand. */
	const char *file;
	struct gu_script *script;
};

/* verdicts and diagnostics */

/* A scenario that judges nothing passes: it ran to its end. */
static enum gu_verdict worst_of(const struct gu_record *rows, size_t count)
{
	enum gu_verdict worst = GU_VERDICT_PASS;

	for (size_t i = 0; i < count; i++) {
		worst = gu_verdict_worse(worst, rows[i].verdict);
	}
	return worst;
}

static bool wants_diagnostic(enum gu_verdict v)
{
	return v == GU_VERDICT_FAIL || v == GU_VERDICT_ERROR ||
	       v == GU_VERDICT_SKIP;
}

/* The line, and those that explain it. */
static enum gu_rc diagnose_row(const struct runner *r, const char *file,
			       const struct gu_record *row, struct gu_err *err)
{
	struct gu_buf text = GU_BUF_INIT;
	enum gu_rc rc;

	gu_record_diagnostic(row, file, &text);
	gu_buf_addc(&text, '\n');
	rc = gu_record_explain(row, &text, err);
	if (!rc) {
		rc = gu_buf_check(&text, err);
	}
	for (char *line = text.data; !rc && *line;) {
		char *end = strchr(line, '\n');

		*end = '\0';
		r->o->diagnostic(r->o->arg, line);
		line = end + 1;
	}
	gu_buf_release(&text);
	return rc;
}

static enum gu_rc
diagnose_rows(const struct runner *r, const struct gu_scenario_info *info,
	      const struct gu_record *rows, size_t count, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && r->o->diagnostic && i < count; i++) {
		if (wants_diagnostic(rows[i].verdict)) {
			rc = diagnose_row(r, info->file, &rows[i], err);
		}
	}
	return rc;
}

/* "FILE:LINE: what" of this file into its line and the rest; any other text
 * is left whole, with the line given. */
static const char *split_place(const char *msg, const char *file, int *line)
{
	size_t n = strlen(file);
	const char *digits = msg + n + 1;
	size_t width;
	uint32_t value;

	if (strncmp(msg, file, n) != 0 || msg[n] != ':') {
		return msg;
	}
	width = strspn(digits, "0123456789");
	if (strncmp(digits + width, ": ", 2) != 0 ||
	    !gu_parse_u32(digits, width, &value) || value > INT32_MAX) {
		return msg;
	}
	*line = (int)value;
	return digits + width + 2;
}

static void note(const struct runner *r, const struct gu_scenario_info *info,
		 enum gu_verdict verdict, const char *msg)
{
	int line = info->line;
	const char *reason = split_place(msg, info->file, &line);

	gu_recorder_note(r->recorder, line, verdict, reason);
}

/* one scenario */

/* The mailbox is the innermost: every other decorator and its observers are
 * for the conductor's thread. */
static enum gu_rc
open_world(const struct runner *r, struct gu_world **out, struct gu_err *err)
{
	const struct gu_world_config config = {
		.seed = r->o->seed,
		.os_threads = r->o->os_threads,
		.prefix = "guise",
		.existing_only = r->o->existing_only,
	};
	struct gu_observer *const observers[] = {
		gu_recorder_observer(r->recorder),
		gu_predictions_observer(r->predictions),
		gu_findings_observer(r->findings),
	};
	const size_t count = sizeof(observers) / sizeof(observers[0]);
	struct gu_world *w = NULL;
	enum gu_rc rc = r->o->target->open(&config, &w, err);

	if (!rc && r->o->os_threads) {
		rc = gu_mailbox_new(w, &w, err);
	}
	if (!rc) {
		rc = gu_fault_new(w, &w, err);
	}
	if (!rc) {
		rc = gu_trace_new(w, observers, count, &w, err);
	}
	if (rc) {
		gu_world_close(w);
		return rc;
	}
	*out = w;
	return GU_RC_OK;
}

static enum gu_rc check_needs(const struct runner *r,
			      const struct gu_scenario_desc *scenario,
			      struct gu_err *err)
{
	for (size_t i = 0; i < scenario->need_count; i++) {
		enum gu_cap cap = scenario->needs[i];

		if (!r->o->target->supports(cap)) {
			return gu_err_set(err, GU_RC_UNSUPPORTED,
					  "%s lacks %s: %s", r->o->target->name,
					  gu_cap_name(cap), gu_cap_doc(cap));
		}
	}
	return GU_RC_OK;
}

/* Runs a scenario as far as it goes and notes what stopped it. Findings are
 * only asked of one that reached its end: a scenario cut short reverts
 * nothing. The world stays open, since rows borrow from it. */
static void play(const struct runner *r, size_t i,
		 const struct gu_scenario_desc *scenario,
		 const struct gu_scenario_info *info, struct gu_world **world)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_stage stage = {
		.recorder = r->recorder,
		.findings = r->findings,
		.target = r->o->target,
		.limits = &r->o->limits,
	};
	enum gu_rc rc = check_needs(r, scenario, &err);

	if (!rc) {
		rc = open_world(r, world, &err);
	}
	if (!rc) {
		stage.world = *world;
		rc = r->o->engine->run(r->script, i, &stage, &err);
	}
	if (!rc && !stage.cut_short) {
		gu_findings_end(r->findings, *world);
	} else if (rc) {
		note(r, info,
		     rc == GU_RC_UNSUPPORTED ? GU_VERDICT_SKIP
					     : GU_VERDICT_ERROR,
		     err.msg);
	}
}

static bool differs(const struct gu_record *row, const struct gu_divergence *d)
{
	const char *what = row->rule ? row->rule : row->expected;

	return row->verdict == GU_VERDICT_FAIL && what &&
	       strcmp(what, d->differs) == 0;
}

/* One that is listed: its rows are known, or it is out of date. */
static void apply_one(const struct runner *r, const struct gu_divergence *d,
		      const struct gu_scenario_info *info)
{
	char text[GU_ERR_MAX];
	size_t count = 0;
	const struct gu_record *rows = gu_recorder_rows(r->recorder, &count);
	bool seen = false;

	for (size_t i = 0; i < count; i++) {
		if (differs(&rows[i], d)) {
			gu_recorder_known(r->recorder, rows[i].step, d->reason);
			seen = true;
		}
	}
	if (!seen) {
		(void)snprintf(text, sizeof(text),
			       "divergences.lua lists \"%s\" as different "
			       "here, and it is not: %s",
			       d->differs, d->reason);
		note(r, info, GU_VERDICT_FAIL, text);
	}
}

/* A scenario that was skipped or broke off says nothing of what differs. */
static void
apply_divergences(const struct runner *r, const struct gu_scenario_info *info)
{
	struct gu_divergences *known = r->o->divergences;
	size_t count = 0;
	const struct gu_record *rows = gu_recorder_rows(r->recorder, &count);
	enum gu_verdict worst = worst_of(rows, count);

	for (size_t i = 0; known && i < count; i++) {
		if (rows[i].verdict == GU_VERDICT_SKIP) {
			return;
		}
	}
	for (size_t i = 0;
	     known && worst != GU_VERDICT_ERROR && i < known->count; i++) {
		if (strcmp(known->list[i].scenario, info->name) == 0) {
			apply_one(r, &known->list[i], info);
		}
	}
}

static void count_rows(struct gu_run_totals *totals,
		       const struct gu_record *rows, size_t count)
{
	totals->rows += count;
	for (size_t i = 0; i < count; i++) {
		totals->judged += rows[i].verdict != GU_VERDICT_NONE;
	}
}

/* Rows to diagnostics, store and totals. */
static enum gu_rc close_scenario(struct runner *r,
				 const struct gu_scenario_info *info,
				 const char *tags, struct gu_err *err)
{
	size_t count = 0;
	const struct gu_record *rows = gu_recorder_rows(r->recorder, &count);
	struct gu_scenario_result result = {
		.tags = tags,
		.worst = worst_of(rows, count),
		.rows = rows,
		.count = count,
	};
	enum gu_rc rc = gu_recorder_check(r->recorder, err);

	if (!rc) {
		rc = diagnose_rows(r, info, rows, count, err);
	}
	if (rc || r->list_only) {
		return rc;
	}
	result.things = gu_recorder_things(r->recorder, &result.thing_count);
	if (r->o->things && result.thing_count) {
		r->o->things(r->o->arg, info, result.things,
			     result.thing_count);
	}
	if (r->o->store) {
		rc = gu_store_add_scenario(r->o->store, info, &result, err);
	}
	if (rc) {
		return rc;
	}
	count_rows(r->totals, rows, count);
	r->totals->scenario_verdicts[result.worst]++;
	if (r->o->progress) {
		r->o->progress(r->o->arg, info, result.worst);
	}
	return GU_RC_OK;
}

static void
join_tags(const struct gu_scenario_desc *scenario, struct gu_buf *out)
{
	for (size_t i = 0; i < scenario->tag_count; i++) {
		gu_buf_addf(out, "%s%s", i ? "," : "", scenario->tags[i]);
	}
}

static enum gu_rc run_scenario(struct runner *r, size_t i,
			       const struct gu_scenario_desc *scenario,
			       struct gu_err *err)
{
	const struct gu_scenario_info info = { .name = scenario->name,
					       .file = r->file,
					       .line = scenario->line };
	struct gu_buf tags = GU_BUF_INIT;
	struct gu_world *world = NULL;
	enum gu_rc rc;

	gu_recorder_begin(r->recorder, &info);
	gu_predictions_begin(r->predictions);
	gu_findings_begin(r->findings);
	play(r, i, scenario, &info, &world);
	apply_divergences(r, &info);
	join_tags(scenario, &tags);
	rc = gu_buf_check(&tags, err);
	if (!rc && world) {
		rc = gu_recorder_look(r->recorder, world, err);
	}
	if (!rc) {
		rc = close_scenario(r, &info, tags.data, err);
	}
	gu_world_close(world);
	gu_buf_release(&tags);
	return rc;
}

/* files */

static enum gu_rc
read_file(const char *path, struct gu_buf *out, struct gu_err *err)
{
	char chunk[16384];
	size_t n;
	enum gu_rc rc = GU_RC_OK;
	FILE *f = gu_file_open(path, "rb");

	if (!f) {
		return gu_err_set(err, GU_RC_IO, "cannot be read");
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		gu_buf_add(out, chunk, n);
	}
	if (ferror(f)) {
		rc = gu_err_set(err, GU_RC_IO, "cannot be read");
	}
	(void)fclose(f);
	return rc ? rc : gu_buf_check(out, err);
}

static enum gu_rc load_text(struct runner *r, const char *text, size_t len,
			    char sha256[GU_SHA256_HEX_SIZE], struct gu_err *err)
{
	gu_sha256_hex(text, len, sha256);
	return r->o->engine->load(r->file, text, len, &r->o->limits, &r->script,
				  err);
}

/* What is hashed is what runs: a file is read once. */
static enum gu_rc load(struct runner *r, const struct gu_source *src,
		       char sha256[GU_SHA256_HEX_SIZE], struct gu_err *err)
{
	struct gu_buf file = GU_BUF_INIT;
	enum gu_rc rc;

	if (src->text) {
		return load_text(r, src->text, src->len, sha256, err);
	}
	rc = read_file(r->file, &file, err);
	if (!rc) {
		rc = load_text(r, file.data, file.len, sha256, err);
	}
	gu_buf_release(&file);
	return rc;
}

static enum gu_rc record_load_error(struct runner *r, const struct gu_err *why,
				    struct gu_err *err)
{
	const struct gu_scenario_info info = { .name = "(file)",
					       .file = r->file,
					       .line = 1 };

	r->totals->load_errors++;
	gu_recorder_begin(r->recorder, &info);
	note(r, &info, GU_VERDICT_ERROR, why->msg);
	return close_scenario(r, &info, "", err);
}

static void
list_scenario(const struct runner *r, const struct gu_scenario_desc *scenario)
{
	const struct gu_scenario_info info = { .name = scenario->name,
					       .file = r->file,
					       .line = scenario->line };

	if (r->o->progress) {
		r->o->progress(r->o->arg, &info, GU_VERDICT_NONE);
	}
}

static enum gu_rc run_script(struct runner *r, struct gu_err *err)
{
	size_t count = r->o->engine->count(r->script);
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && !interrupted && i < count; i++) {
		struct gu_scenario_desc scenario;

		r->o->engine->describe(r->script, i, &scenario);
		if (!gu_run_selects(r->o, &scenario)) {
			continue;
		}
		r->totals->scenarios++;
		if (r->list_only) {
			list_scenario(r, &scenario);
		} else {
			rc = run_scenario(r, i, &scenario, err);
		}
	}
	return rc;
}

static enum gu_rc
run_source(struct runner *r, const struct gu_source *src, struct gu_err *err)
{
	struct gu_err why = GU_ERR_INIT;
	enum gu_rc rc = GU_RC_OK;
	char sha256[GU_SHA256_HEX_SIZE] = "";
	enum gu_rc loaded;

	r->file = src->path;
	r->totals->files++;
	loaded = load(r, src, sha256, &why);
	if (!r->list_only && r->o->store) {
		rc = gu_store_add_file(r->o->store, src->path, sha256, err);
	}
	if (!rc) {
		rc = loaded ? record_load_error(r, &why, err)
			    : run_script(r, err);
	}
	if (!loaded) {
		r->o->engine->close(r->script);
	}
	return rc;
}

static enum gu_rc run_sources(struct runner *r, const struct gu_source *sources,
			      size_t count, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	*r->totals = (struct gu_run_totals){ .files = 0 };
	for (size_t i = 0; !rc && !interrupted && i < count; i++) {
		rc = run_source(r, &sources[i], err);
	}
	r->totals->interrupted = interrupted;
	interrupted = 0;
	return rc;
}

static enum gu_rc run_with(struct runner *r, const struct gu_source *sources,
			   size_t count, struct gu_err *err)
{
	enum gu_rc rc = gu_recorder_new(&r->recorder, err);

	if (!rc) {
		rc = gu_findings_new(r->recorder, &r->findings, err);
	}
	if (!rc) {
		rc = gu_predictions_new(r->recorder, &r->predictions, err);
	}
	if (!rc) {
		rc = run_sources(r, sources, count, err);
	}
	gu_predictions_free(r->predictions);
	gu_findings_free(r->findings);
	gu_recorder_free(r->recorder);
	return rc;
}

enum gu_rc gu_run(const struct gu_run_options *o,
		  const struct gu_source *sources, size_t count,
		  struct gu_run_totals *totals, struct gu_err *err)
{
	struct runner r = { .o = o, .totals = totals };

	return run_with(&r, sources, count, err);
}

enum gu_rc gu_run_list(const struct gu_run_options *o,
		       const struct gu_source *sources, size_t count,
		       struct gu_run_totals *totals, struct gu_err *err)
{
	struct runner r = { .o = o, .totals = totals, .list_only = true };

	return run_with(&r, sources, count, err);
}

int gu_run_exit_code(const struct gu_run_totals *totals)
{
	if (totals->interrupted) {
		return 130;
	}
	if (totals->load_errors ||
	    totals->scenario_verdicts[GU_VERDICT_ERROR]) {
		return 3;
	}
	return totals->scenario_verdicts[GU_VERDICT_FAIL] ? 1 : 0;
}
