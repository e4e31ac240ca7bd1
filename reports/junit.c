/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <inttypes.h>

#include "text.h"
#include "walk.h"
#include "write.h"
#include "banned.h"

/* JUnit XML as Jenkins reads it: a suite for each file, a case for each
 * scenario. Jenkins keeps one failure of a case, so that they share one. A
 * case is written when its rows have been seen, since its time comes first;
 * what is kept till then has a limit. */
#define EXCERPT ((size_t)16 * 1024)

/* Lines of text of which only the first are kept. */
struct excerpt {
	struct gu_buf text;
	uint64_t left_out;
};

/* Scenarios of one suite, by verdict. */
struct counts {
	uint64_t all;
	uint64_t by[GU_VERDICT_ERROR + 1];
};

struct junit {
	struct gu_out o;
	struct gu_store *store;
	const struct gu_run_info *run;
	/* Runs ahead to the end of each suite, whose counts come first. */
	struct gu_scenario_cursor *ahead;
	struct gu_stored_scenario next;
	bool more;
	struct gu_buf file; /* of the suite at hand */
	bool open;
	uint64_t suites;
	/* The case at hand. */
	uint64_t ns;
	struct excerpt trouble;
	struct excerpt trace;
	struct gu_buf headline; /* the first trouble */
	const char *type;
	struct gu_buf line;
};

static void excerpt_reset(struct excerpt *e)
{
	gu_buf_reset(&e->text);
	e->left_out = 0;
}

static void excerpt_add(struct excerpt *e, const struct gu_buf *line)
{
	if (e->left_out || e->text.len + line->len > EXCERPT) {
		e->left_out++;
		return;
	}
	gu_buf_add(&e->text, line->data, line->len);
	gu_buf_addc(&e->text, '\n');
}

/* Line by line, each end of a line as it is. */
static void put_excerpt(struct gu_out *o, const struct excerpt *e)
{
	const char *s = e->text.data;
	const char *end;

	for (; (end = strchr(s, '\n')); s = end + 1) {
		gu_out_xml(o, s, (size_t)(end - s));
		gu_out_char(o, '\n');
	}
	if (e->left_out) {
		gu_out_str(o, "... and ");
		gu_out_number(o, e->left_out);
		gu_out_str(o, " more in the store\n");
	}
}

static void put_attribute(struct gu_out *o, const char *name, const char *text)
{
	gu_out_char(o, ' ');
	gu_out_str(o, name);
	gu_out_str(o, "=\"");
	gu_out_xml_str(o, text);
	gu_out_char(o, '"');
}

static void put_count(struct gu_out *o, const char *name, uint64_t n)
{
	gu_out_char(o, ' ');
	gu_out_str(o, name);
	gu_out_str(o, "=\"");
	gu_out_number(o, n);
	gu_out_char(o, '"');
}

static void put_counts(struct gu_out *o, const struct counts *c, bool skips)
{
	put_count(o, "tests", c->all);
	put_count(o, "failures", c->by[GU_VERDICT_FAIL]);
	put_count(o, "errors", c->by[GU_VERDICT_ERROR]);
	if (skips) {
		put_count(o, "skipped", c->by[GU_VERDICT_SKIP]);
	}
}

/* suites */

static enum gu_verdict verdict_of(const char *name)
{
	enum gu_verdict v = GU_VERDICT_ERROR;

	while (v != GU_VERDICT_NONE && strcmp(gu_verdict_name(v), name) != 0) {
		v--;
	}
	return v;
}

static enum gu_rc
count_suite(struct junit *j, struct counts *c, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	while (!rc && j->more && strcmp(j->next.file, j->file.data) == 0) {
		c->all++;
		c->by[verdict_of(j->next.verdict)]++;
		rc = gu_scenario_cursor_next(j->ahead, &j->next, &j->more, err);
	}
	return rc;
}

static void put_property(struct gu_out *o, const char *name, const char *value)
{
	gu_out_str(o, "\t\t\t<property");
	put_attribute(o, "name", name);
	put_attribute(o, "value", value);
	gu_out_str(o, "/>\n");
}

static enum gu_rc
put_hash(void *arg, const char *path, const char *sha256, struct gu_err *err)
{
	struct junit *j = arg;

	gu_buf_reset(&j->line);
	gu_buf_addf(&j->line, "sha256 of %s", path);
	put_property(&j->o, j->line.data, sha256);
	return gu_buf_check(&j->line, err);
}

/* Each suite bears the evidence, since readers take suites apart; the first
 * also the fingerprints of all files. */
static enum gu_rc put_properties(struct junit *j, struct gu_err *err)
{
	struct gu_facts facts;
	enum gu_rc rc = GU_RC_OK;

	gu_facts_of(&facts, j->run);
	gu_out_str(&j->o, "\t\t<properties>\n");
	for (size_t i = 0; i < GU_FACT_COUNT; i++) {
		put_property(&j->o, facts.list[i].name, facts.list[i].text);
	}
	if (!j->suites++) {
		rc = gu_store_files(j->store, j->run->id, put_hash, j, err);
	}
	gu_out_str(&j->o, "\t\t</properties>\n");
	return rc;
}

/* ISO 8601 without a fraction or a zone, as Jenkins' schema has it. */
static void put_timestamp(struct junit *j)
{
	char second[20];

	(void)snprintf(second, sizeof(second), "%s", j->run->start_utc);
	put_attribute(&j->o, "timestamp", second);
}

static enum gu_rc open_suite(struct junit *j, const char *name,
			     const struct counts *counts, struct gu_err *err)
{
	gu_out_str(&j->o, "\t<testsuite");
	put_attribute(&j->o, "name", name);
	put_counts(&j->o, counts, true);
	put_count(&j->o, "id", j->suites);
	put_timestamp(j);
	put_attribute(&j->o, "hostname", j->run->host);
	gu_out_str(&j->o, ">\n");
	j->open = true;
	return put_properties(j, err);
}

static void close_suite(struct junit *j)
{
	if (j->open) {
		gu_out_str(&j->o, "\t</testsuite>\n");
	}
	j->open = false;
}

static enum gu_rc
next_suite(struct junit *j, const char *file, struct gu_err *err)
{
	struct counts counts = { .all = 0 };
	enum gu_rc rc;

	close_suite(j);
	gu_buf_reset(&j->file);
	gu_buf_adds(&j->file, file);
	rc = gu_buf_check(&j->file, err);
	if (!rc) {
		rc = count_suite(j, &counts, err);
	}
	return rc ? rc : open_suite(j, file, &counts, err);
}

/* cases */

static enum gu_rc
junit_begin(void *arg, const struct gu_stored_scenario *sc, struct gu_err *err)
{
	struct junit *j = arg;

	j->ns = 0;
	j->type = "";
	gu_buf_reset(&j->headline);
	excerpt_reset(&j->trouble);
	excerpt_reset(&j->trace);
	if (j->open && strcmp(sc->file, j->file.data) == 0) {
		return GU_RC_OK;
	}
	return next_suite(j, sc->file, err);
}

static void add_place(struct gu_buf *line, const struct gu_row *row)
{
	gu_buf_reset(line);
	gu_buf_addf(line, "%s:%s: ", row->col[GU_COL_file],
		    row->col[GU_COL_line]);
}

/* What the thread did, and what came of it. */
static void trace_row(struct junit *j, const struct gu_row *row)
{
	const char *thread = row->col[GU_COL_thread];
	const char *operation = row->col[GU_COL_operation];
	const char *object = row->col[GU_COL_object];

	add_place(&j->line, row);
	if (*thread) {
		gu_buf_addf(&j->line, "%s as %s: ", thread,
			    row->col[GU_COL_identity]);
	}
	if (*operation) {
		gu_buf_addf(&j->line, "%s%s%s: ", operation, *object ? " " : "",
			    object);
	}
	gu_row_explain(row, &j->line);
	excerpt_add(&j->trace, &j->line);
}

static void note_trouble(struct junit *j, const struct gu_row *row)
{
	add_place(&j->line, row);
	gu_buf_addf(&j->line, "%s: ", row->col[GU_COL_verdict]);
	gu_row_explain(row, &j->line);
	if (!j->headline.len) {
		gu_buf_add(&j->headline, j->line.data, j->line.len);
		j->type = gu_complaint_at(gu_complaint_of(row))->id;
	}
	excerpt_add(&j->trouble, &j->line);
}

static uint64_t nanoseconds(const struct gu_row *row)
{
	uint64_t ns = 0;

	(void)!gu_parse_u64(row->col[GU_COL_duration_ns],
			    row->len[GU_COL_duration_ns], &ns);
	return ns;
}

static enum gu_rc
junit_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct junit *j = arg;

	j->ns += nanoseconds(row);
	if (!j->trace.left_out) {
		trace_row(j, row);
	} else {
		j->trace.left_out++;
	}
	switch (verdict_of(row->col[GU_COL_verdict])) {
	case GU_VERDICT_FAIL:
	case GU_VERDICT_SKIP:
	case GU_VERDICT_KNOWN:
	case GU_VERDICT_ERROR:
		note_trouble(j, row);
		break;
	case GU_VERDICT_NONE:
	case GU_VERDICT_PASS:
		break;
	}
	if (gu_out_check(&j->o, err)) {
		return GU_RC_IO;
	}
	return gu_buf_check(&j->line, err);
}

/* Jenkins takes what is before the last dot for the package, so that dots are
 * only those that part folders: scenarios/pipe/a.b.lua is
 * scenarios.pipe.a_b. */
static void put_classname(struct junit *j, const char *file)
{
	size_t n = strlen(file);

	if (n > 4 && strcmp(file + n - 4, ".lua") == 0) {
		n -= 4;
	}
	gu_buf_reset(&j->line);
	for (size_t i = 0; i < n; i++) {
		if (file[i] != '/' || i) {
			gu_buf_addc(&j->line, file[i] == '/'   ? '.'
					      : file[i] == '.' ? '_'
							       : file[i]);
		}
	}
	put_attribute(&j->o, "classname", j->line.data);
}

/* The verdict's element; a case that passed or diverges as known has none. */
static const char *element_of(enum gu_verdict v)
{
	switch (v) {
	case GU_VERDICT_NONE:
	case GU_VERDICT_PASS:
	case GU_VERDICT_KNOWN:
		return NULL;
	case GU_VERDICT_SKIP:
		return "skipped";
	case GU_VERDICT_FAIL:
		return "failure";
	case GU_VERDICT_ERROR:
		return "error";
	}
	return NULL;
}

static void put_outcome(struct junit *j, enum gu_verdict v)
{
	struct gu_out *o = &j->o;
	const char *element = element_of(v);

	if (!element) {
		return;
	}
	gu_out_str(o, "\t\t\t<");
	gu_out_str(o, element);
	put_attribute(o, "message", j->headline.data);
	if (v == GU_VERDICT_SKIP) {
		gu_out_str(o, "/>\n");
		return;
	}
	put_attribute(o, "type", j->type);
	gu_out_char(o, '>');
	put_excerpt(o, &j->trouble);
	gu_out_str(o, "</");
	gu_out_str(o, element);
	gu_out_str(o, ">\n");
}

static enum gu_rc
junit_end(void *arg, const struct gu_stored_scenario *sc, struct gu_err *err)
{
	struct junit *j = arg;
	enum gu_verdict v = verdict_of(sc->verdict);
	struct gu_out *o = &j->o;
	char seconds[32];

	(void)snprintf(seconds, sizeof(seconds), "%" PRIu64 ".%09" PRIu64,
		       j->ns / 1000000000, j->ns % 1000000000);
	gu_out_str(o, "\t\t<testcase");
	put_attribute(o, "name", sc->name);
	put_classname(j, sc->file);
	put_attribute(o, "time", seconds);
	if (v == GU_VERDICT_PASS) {
		gu_out_str(o, "/>\n");
	} else {
		gu_out_str(o, ">\n");
		put_outcome(j, v);
		gu_out_str(o, "\t\t\t<system-out>");
		put_excerpt(o, &j->trace);
		gu_out_str(o, "</system-out>\n\t\t</testcase>\n");
	}
	return gu_buf_check(&j->trace.text, err)     ? GU_RC_NOMEM
	       : gu_buf_check(&j->trouble.text, err) ? GU_RC_NOMEM
						     : GU_RC_OK;
}

/* the whole */

/* A run without scenarios has a suite for its evidence; one that was cut off
 * must not look whole. */
static enum gu_rc put_last(struct junit *j, struct gu_err *err)
{
	const struct counts none = { .all = 0 };
	const struct counts one = { .all = 1,
				    .by = { [GU_VERDICT_ERROR] = 1 } };
	enum gu_rc rc = GU_RC_OK;

	close_suite(j);
	if (!j->run->end_utc) {
		rc = open_suite(j, "guise", &one, err);
		gu_out_str(&j->o,
			   "\t\t<testcase name=\"the run came to its end\" "
			   "classname=\"guise\" time=\"0\">\n"
			   "\t\t\t<error message=\"the run was cut off\" "
			   "type=\"cut-off\"/>\n\t\t</testcase>\n");
	} else if (!j->suites) {
		rc = open_suite(j, "guise", &none, err);
	}
	close_suite(j);
	return rc;
}

static enum gu_rc put_all(struct junit *j, struct gu_err *err)
{
	static const struct gu_walk walk = { junit_begin, junit_row,
					     junit_end };
	struct counts total = { .all = j->run->scenarios };
	enum gu_rc rc;

	for (int v = 0; v <= GU_VERDICT_ERROR; v++) {
		total.by[v] = j->run->scenario_verdicts[v];
	}
	if (!j->run->end_utc) {
		total.all++;
		total.by[GU_VERDICT_ERROR]++;
	}
	gu_out_str(&j->o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			  "<testsuites name=\"guise\"");
	put_counts(&j->o, &total, false);
	gu_out_str(&j->o, ">\n");
	rc = gu_scenario_cursor_next(j->ahead, &j->next, &j->more, err);
	if (!rc) {
		rc = gu_walk_run(j->store, j->run->id, &walk, j, err);
	}
	if (!rc) {
		rc = put_last(j, err);
	}
	gu_out_str(&j->o, "</testsuites>\n");
	return rc;
}

static enum gu_rc
junit_write(struct gu_store *s, int64_t id, FILE *out, struct gu_err *err)
{
	struct gu_run_info run;
	struct junit j = { .store = s,
			   .run = &run,
			   .file = GU_BUF_INIT,
			   .trouble = { .text = GU_BUF_INIT },
			   .trace = { .text = GU_BUF_INIT },
			   .headline = GU_BUF_INIT,
			   .line = GU_BUF_INIT };
	enum gu_rc rc = gu_store_load_run(s, id, &run, err);

	gu_out_init(&j.o, out, "junit");
	if (!rc) {
		rc = gu_scenario_cursor_new(s, run.id, &j.ahead, err);
	}
	if (!rc) {
		rc = put_all(&j, err);
	}
	if (!rc) {
		rc = gu_out_finish(&j.o, err);
	}
	gu_scenario_cursor_free(j.ahead);
	gu_buf_release(&j.file);
	gu_buf_release(&j.trouble.text);
	gu_buf_release(&j.trace.text);
	gu_buf_release(&j.headline);
	gu_buf_release(&j.line);
	return rc;
}

const struct gu_report_ops gu_report_junit = {
	.name = "junit",
	.extension = "xml",
	.doc = "a suite per file and a case per scenario, JUnit XML for Jenkins",
	.write = junit_write,
};
