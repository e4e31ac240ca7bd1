/* SPDX-License-Identifier: MIT */
#include "walk.h"

#include <inttypes.h>
#include <stdio.h>

#include "banned.h"

struct walker {
	const struct gu_walk *walk;
	void *arg;
	struct gu_scenario_cursor *cursor;
	struct gu_stored_scenario scenario; /* at hand, if `open` */
	uint32_t left;                      /* of its rows */
	bool open;
};

/* Ends the scenario at hand, and begins the next one if there is one. */
static enum gu_rc advance(struct walker *w, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	if (w->open) {
		rc = w->walk->end(w->arg, &w->scenario, err);
	}
	w->open = false;
	if (!rc) {
		rc = gu_scenario_cursor_next(w->cursor, &w->scenario, &w->open,
					     err);
	}
	if (rc || !w->open) {
		return rc;
	}
	w->left = w->scenario.records;
	return w->walk->begin(w->arg, &w->scenario, err);
}

static enum gu_rc
walk_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct walker *w = arg;
	enum gu_rc rc = GU_RC_OK;

	while (!rc && w->open && !w->left) {
		rc = advance(w, err);
	}
	if (!rc && !w->open) {
		rc = gu_err_set(err, GU_RC_IO,
				"the store has a record of no scenario");
	}
	if (rc) {
		return rc;
	}
	w->left--;
	return w->walk->row(w->arg, row, err);
}

enum gu_rc gu_walk_run(struct gu_store *s, int64_t run,
		       const struct gu_walk *walk, void *arg,
		       struct gu_err *err)
{
	struct walker w = { .walk = walk, .arg = arg };
	enum gu_rc rc = gu_scenario_cursor_new(s, run, &w.cursor, err);

	if (rc) {
		return rc;
	}
	rc = advance(&w, err);
	if (!rc) {
		rc = gu_store_rows(s, run, walk_row, &w, err);
	}
	while (!rc && w.open) {
		rc = advance(&w, err);
	}
	gu_scenario_cursor_free(w.cursor);
	return rc;
}

void gu_facts_of(struct gu_facts *f, const struct gu_run_info *run)
{
	const char *const texts[GU_FACT_COUNT][2] = {
		{ "run", f->id },
		{ "start_utc", run->start_utc },
		{ "end_utc", run->end_utc ? run->end_utc : "" },
		{ "host", run->host },
		{ "system", run->system },
		{ "user", run->user },
		[GU_FACT_ELEVATED] = { "elevated",
				       run->elevated ? "true" : "false" },
		{ "target", run->target },
		{ "proof", run->proof },
		{ "version", run->version },
		{ "arguments", run->arguments },
		{ "seed", f->seed },
	};

	(void)snprintf(f->id, sizeof(f->id), "%" PRId64, run->id);
	(void)snprintf(f->seed, sizeof(f->seed), "%" PRIu64, run->seed);
	for (size_t i = 0; i < GU_FACT_COUNT; i++) {
		f->list[i].name = texts[i][0];
		f->list[i].text = texts[i][1];
	}
}

enum complaint {
#define GU_RULE(id, name, cwe, doc) COMPLAINT_##id,
#include "rule.def"
#undef GU_RULE
	UNEXPECTED_ACCESS,
	UNEXPECTED_DENIAL,
	UNEXPECTED_SUCCESS,
	UNEXPECTED_FAILURE,
	UNEXPECTED_IDENTITY,
	UNMET_EXPECTATION,
	SCENARIO_ERROR,
	COMPLAINT_COUNT,
};

static const struct gu_complaint complaints[COMPLAINT_COUNT] = {
#define GU_RULE(id, name, cwe, doc) { name, cwe, doc },
#include "rule.def"
#undef GU_RULE
	[UNEXPECTED_ACCESS] = { "unexpected-access", "CWE-284",
				"an attempt at access was granted other than "
				"expected" },
	[UNEXPECTED_DENIAL] = { "unexpected-denial", NULL,
				"an attempt at access that was expected to "
				"succeed was not granted" },
	[UNEXPECTED_SUCCESS] = { "unexpected-success", "CWE-269",
				 "a call succeeded other than expected" },
	[UNEXPECTED_FAILURE] = { "unexpected-failure", NULL,
				 "a call failed other than expected" },
	[UNEXPECTED_IDENTITY] = { "unexpected-identity", "CWE-269",
				  "a thread acted as someone else than "
				  "expected" },
	[UNMET_EXPECTATION] = { "unmet-expectation", NULL,
				"an expectation of no single call did not "
				"hold" },
	[SCENARIO_ERROR] = { "scenario-error", NULL,
			     "the scenario could not be carried out" },
};

const struct gu_complaint *gu_complaint_at(size_t i)
{
	return i < COMPLAINT_COUNT ? &complaints[i] : NULL;
}

size_t gu_complaint_of(const struct gu_row *row)
{
	enum gu_rule rule;

	if (gu_row_is(row, GU_COL_verdict, "error")) {
		return SCENARIO_ERROR;
	}
	if (gu_rule_parse(&rule, row->col[GU_COL_rule])) {
		return (size_t)rule;
	}
	if (gu_row_is(row, GU_COL_kind, "attempt")) {
		return row->ok == 1 ? UNEXPECTED_ACCESS : UNEXPECTED_DENIAL;
	}
	if (gu_row_is(row, GU_COL_kind, "call")) {
		return row->ok == 1 ? UNEXPECTED_SUCCESS : UNEXPECTED_FAILURE;
	}
	return gu_row_is(row, GU_COL_kind, "identity") ? UNEXPECTED_IDENTITY
						       : UNMET_EXPECTATION;
}

static void add_status(const struct gu_row *row, struct gu_buf *out)
{
	const char *name = row->col[GU_COL_status_name];

	gu_buf_addf(out, *name ? "%s (%s)" : "%s%s", name,
		    row->col[GU_COL_status_code]);
}

static void add_identity(const struct gu_row *row, struct gu_buf *out)
{
	const char *level = row->col[GU_COL_level];

	gu_buf_addf(out, "%s%s%s", row->col[GU_COL_identity],
		    *level ? " at " : ", not impersonating", level);
}

/* An attempt that never came to a check asked for nothing. */
static void add_answer(const struct gu_row *row, struct gu_buf *out)
{
	bool decided = gu_row_is(row, GU_COL_kind, "attempt") &&
		       *row->col[GU_COL_asked];

	if (row->ok == 1) {
		gu_buf_adds(out, decided ? "granted " : "succeeded");
		gu_buf_adds(out, decided ? row->col[GU_COL_granted] : "");
		return;
	}
	gu_buf_adds(out, decided ? "denied with " : "failed with ");
	add_status(row, out);
}

/* What was seen, if there was anything to see. */
static bool add_observed(const struct gu_row *row, struct gu_buf *out)
{
	if (gu_row_is(row, GU_COL_kind, "identity")) {
		add_identity(row, out);
	} else if (row->ok >= 0) {
		add_answer(row, out);
	} else {
		return false;
	}
	return true;
}

void gu_row_explain(const struct gu_row *row, struct gu_buf *out)
{
	const char *expected = row->col[GU_COL_expected];
	const char *reason = row->col[GU_COL_reason];
	struct gu_buf seen = GU_BUF_INIT;

	if (*row->col[GU_COL_rule]) {
		gu_buf_addf(out, "%s (%s): %s", row->col[GU_COL_rule],
			    row->col[GU_COL_cwe], reason);
		return;
	}
	if (*expected) {
		gu_buf_addf(out, "expected %s", expected);
	}
	if (add_observed(row, &seen)) {
		gu_buf_addf(out, "%sobserved %s", *expected ? ", " : "",
			    seen.data);
		expected = seen.data;
	}
	if (*reason) {
		gu_buf_addf(out, "%s%s", *expected ? ", because " : "", reason);
	}
	out->oom |= seen.oom;
	gu_buf_release(&seen);
}
