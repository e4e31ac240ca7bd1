/* SPDX-License-Identifier: MIT */
#include "html.h"

#include "banned.h"

static uint64_t number_of(const char *text)
{
	return strtoull(text, NULL, 10);
}

static enum gu_verdict verdict_of(const char *name)
{
	for (int v = 0; v <= GU_VERDICT_ERROR; v++) {
		if (strcmp(name, gu_verdict_name((enum gu_verdict)v)) == 0) {
			return (enum gu_verdict)v;
		}
	}
	return GU_VERDICT_NONE;
}

static size_t level_of(const char *name)
{
	size_t level = 0;

	while (level < HTML_LEVELS - 1 &&
	       strcmp(name, gu_level_name((enum gu_level)level)) != 0) {
		level++;
	}
	return level;
}

static void count_decision(struct html_page *p, const struct gu_row *row)
{
	enum gu_objtype type = gu_objtype_find(row->col[GU_COL_object_type]);
	enum gu_fn via = gu_fn_find(row->col[GU_COL_via]);
	struct html_tally *t;

	if (!*row->col[GU_COL_asked] || type == GU_OBJ_NONE) {
		return;
	}
	if (via >= GU_FN_IMPERSONATION_COUNT) {
		via = GU_FN_IMPERSONATION_COUNT;
	}
	t = &p->heat[via][level_of(row->col[GU_COL_level])][type];
	*(row->ok > 0 ? &t->yes : &t->no) += 1;
}

static void count_call(struct html_page *p, const struct gu_row *row)
{
	enum gu_fn fn = gu_fn_find(row->col[GU_COL_operation]);

	if (fn != GU_FN_NONE && row->ok >= 0) {
		*(row->ok ? &p->calls[fn].yes : &p->calls[fn].no) += 1;
	}
}

/* slowest scenarios */

static void copy_clipped(char out[HTML_CLIP], const char *s)
{
	size_t n = strnlen(s, HTML_CLIP - 1);

	memcpy(out, s, n);
	out[n] = '\0';
}

static void end_scenario(struct html_page *p)
{
	size_t at = HTML_SLOWEST;

	while (at && p->current.ns > p->slowest[at - 1].ns) {
		at--;
	}
	if (at < HTML_SLOWEST) {
		memmove(&p->slowest[at + 1], &p->slowest[at],
			(HTML_SLOWEST - 1 - at) * sizeof(*p->slowest));
		p->slowest[at] = p->current;
	}
	p->current.ns = 0;
	p->current.records = 0;
}

/* A scenario's steps count from 1. */
static void count_time(struct html_page *p, const struct gu_row *row)
{
	if (strcmp(row->col[GU_COL_step], "1") == 0) {
		end_scenario(p);
		copy_clipped(p->current.name, row->col[GU_COL_scenario]);
		copy_clipped(p->current.file, row->col[GU_COL_file]);
	}
	p->current.ns += number_of(row->col[GU_COL_duration_ns]);
	p->current.records++;
}

static enum gu_rc
keep_failure(struct html_page *p, const struct gu_row *row, struct gu_err *err)
{
	enum gu_rc rc;

	if (p->failures_kept == HTML_FAILURES ||
	    p->failures.len > HTML_FAILURE_BYTES) {
		return GU_RC_OK;
	}
	p->held = &p->failures;
	rc = html_failure(p, row, err);
	p->held = NULL;
	p->failures_kept++;
	if (p->failures_kept <= HTML_FAILURES_FIRST) {
		p->failures_cut = p->failures.len;
	}
	return rc ? rc : gu_buf_check(&p->failures, err);
}

static enum gu_rc
count_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct html_page *p = arg;
	enum gu_verdict verdict = verdict_of(row->col[GU_COL_verdict]);
	enum gu_rule rule;

	p->records++;
	if (html_is(row, GU_COL_kind, "finding") &&
	    gu_rule_parse(&rule, row->col[GU_COL_rule])) {
		p->findings[rule][verdict]++;
	}
	count_call(p, row);
	count_decision(p, row);
	count_time(p, row);
	if (verdict != GU_VERDICT_FAIL && verdict != GU_VERDICT_ERROR) {
		return GU_RC_OK;
	}
	p->attention++;
	return keep_failure(p, row, err);
}

enum gu_rc html_count(struct html_page *p, struct gu_err *err)
{
	enum gu_rc rc = gu_store_rows(p->store, p->run.id, count_row, p, err);

	end_scenario(p);
	return rc;
}
