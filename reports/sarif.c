/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "sha256.h"
#include "walk.h"
#include "write.h"
#include "banned.h"

/* SARIF 2.1.0 (OASIS): a rule for each complaint, a result for each row that
 * is not as expected. Passes and skips are no results, nor are findings that
 * were declared. */
#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

struct sarif {
	struct gu_out o;
	bool any; /* an element of the array at hand is written */
	struct gu_buf text;
	struct gu_buf print; /* what a fingerprint is of */
};

/* Between the elements of an array, each on a line of its own. */
static void next_element(struct sarif *s)
{
	gu_out_str(&s->o, s->any ? ",\n" : "\n");
	s->any = true;
}

static void put_member(struct gu_out *o, const char *name, const char *text)
{
	gu_out_char(o, ',');
	gu_out_json_str(o, name);
	gu_out_char(o, ':');
	gu_out_json_str(o, text);
}

/* In a message braces are doubled (3.11.5) and square brackets escaped, lest
 * a name become a placeholder or a link (3.11.6). */
static void put_message(struct sarif *s, const struct gu_buf *raw)
{
	gu_buf_reset(&s->print);
	for (size_t i = 0; i < raw->len; i++) {
		char c = raw->data[i];

		if (c == '{' || c == '}') {
			gu_buf_addc(&s->print, c);
		} else if (c == '[' || c == ']') {
			gu_buf_addc(&s->print, '\\');
		}
		gu_buf_addc(&s->print, c);
	}
	gu_out_str(&s->o, "\"message\":{\"text\":");
	gu_out_json(&s->o, s->print.data, s->print.len);
	gu_out_char(&s->o, '}');
}

/* A path as a URI reference (RFC 3986): unreserved characters and slashes
 * stay, all else is percent-encoded, so that a colon makes no scheme. */
static void put_uri(struct gu_out *o, const char *path)
{
	static const char hex[] = "0123456789ABCDEF";

	gu_out_str(o, *path == '/' ? "\"file://" : "\"");
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if ((unsigned)(c - '0') < 10 ||
		    (unsigned)((c | 0x20) - 'a') < 26 ||
		    memchr("/-._~", c, 5)) {
			gu_out_char(o, (char)c);
		} else {
			gu_out_char(o, '%');
			gu_out_char(o, hex[c >> 4]);
			gu_out_char(o, hex[c & 15]);
		}
	}
	gu_out_char(o, '"');
}

/* the tool and its rules */

/* A CWE's number, in the taxonomy at index 0 of the run. */
static void put_cwe(struct gu_out *o, const char *cwe)
{
	gu_out_str(o, "{\"id\":");
	gu_out_json_str(o, cwe + strlen("CWE-"));
	gu_out_str(o, ",\"toolComponent\":{\"name\":\"CWE\",\"index\":0}}");
}

static void put_rule(struct gu_out *o, const struct gu_complaint *c)
{
	gu_out_str(o, "{\"id\":");
	gu_out_json_str(o, c->id);
	gu_out_str(o, ",\"shortDescription\":{\"text\":");
	gu_out_json_str(o, c->doc);
	gu_out_str(o, "},\"defaultConfiguration\":{\"level\":\"error\"}");
	if (c->cwe) {
		gu_out_str(o, ",\"relationships\":[{\"target\":");
		put_cwe(o, c->cwe);
		gu_out_str(o, ",\"kinds\":[\"superset\"]}]"
			      ",\"properties\":{\"tags\":[\"security\","
			      "\"external/cwe/cwe-");
		gu_out_str(o, c->cwe + strlen("CWE-"));
		gu_out_str(o, "\"]}");
	}
	gu_out_char(o, '}');
}

static void put_tool(struct sarif *s, const struct gu_run_info *run)
{
	const struct gu_complaint *c;

	gu_out_str(&s->o,
		   "{\"$schema\":\"" SCHEMA "\",\"version\":\"2.1.0\","
		   "\"runs\":[{\"tool\":{\"driver\":{\"name\":\"guise\"");
	put_member(&s->o, "version", run->version);
	gu_out_str(&s->o, ",\"supportedTaxonomies\":[{\"name\":\"CWE\","
			  "\"index\":0}],\"rules\":[");
	s->any = false;
	for (size_t i = 0; (c = gu_complaint_at(i)); i++) {
		next_element(s);
		put_rule(&s->o, c);
	}
	gu_out_str(&s->o, "]}},\n");
}

/* Whether a complaint before this one has the same CWE. */
static bool seen_before(size_t at, const char *cwe)
{
	for (size_t i = 0; i < at; i++) {
		const char *other = gu_complaint_at(i)->cwe;

		if (other && strcmp(other, cwe) == 0) {
			return true;
		}
	}
	return false;
}

static void put_taxonomy(struct sarif *s)
{
	const struct gu_complaint *c;

	gu_out_str(&s->o,
		   "\"taxonomies\":[{\"name\":\"CWE\","
		   "\"organization\":\"MITRE\","
		   "\"informationUri\":\"https://cwe.mitre.org/\",\"taxa\":[");
	s->any = false;
	for (size_t i = 0; (c = gu_complaint_at(i)); i++) {
		if (!c->cwe || seen_before(i, c->cwe)) {
			continue;
		}
		next_element(s);
		gu_out_str(&s->o, "{\"id\":");
		gu_out_json_str(&s->o, c->cwe + strlen("CWE-"));
		gu_out_char(&s->o, '}');
	}
	gu_out_str(&s->o, "]}],\n");
}

/* the evidence */

static bool went_well(const struct gu_run_info *run)
{
	return run->end_utc && !run->scenario_verdicts[GU_VERDICT_ERROR];
}

/* A run that was cut off says so, since its results are not all there are. */
static void put_cut_off(struct gu_out *o)
{
	gu_out_str(o, ",\"toolExecutionNotifications\":[{\"level\":\"error\","
		      "\"message\":{\"text\":\"the run was cut off\"}}]");
}

static void put_invocation(struct sarif *s, const struct gu_run_info *run)
{
	struct gu_out *o = &s->o;
	struct gu_facts facts;

	gu_facts_of(&facts, run);
	gu_out_str(o, "\"invocations\":[{\"executionSuccessful\":");
	gu_out_str(o, went_well(run) ? "true" : "false");
	put_member(o, "startTimeUtc", run->start_utc);
	if (run->end_utc) {
		put_member(o, "endTimeUtc", run->end_utc);
	}
	put_member(o, "machine", run->host);
	put_member(o, "account", run->user);
	gu_buf_reset(&s->text);
	gu_buf_addf(&s->text, "guise %s", run->arguments);
	put_member(o, "commandLine", s->text.data);
	if (!run->end_utc) {
		put_cut_off(o);
	}
	gu_out_str(o, ",\"properties\":{");
	for (size_t i = 0; i < GU_FACT_COUNT; i++) {
		gu_out_str(o, i ? "," : "");
		gu_out_json_str(o, facts.list[i].name);
		gu_out_char(o, ':');
		gu_out_json_str(o, facts.list[i].text);
	}
	gu_out_str(o, "}}],\n");
}

static enum gu_rc put_artifact(void *arg, const char *path, const char *sha256,
			       struct gu_err *err)
{
	struct sarif *s = arg;

	(void)err;
	next_element(s);
	gu_out_str(&s->o, "{\"location\":{\"uri\":");
	put_uri(&s->o, path);
	gu_out_str(&s->o, "},\"roles\":[\"analysisTarget\"]");
	if (*sha256) {
		gu_out_str(&s->o, ",\"hashes\":{\"sha-256\":");
		gu_out_json_str(&s->o, sha256);
		gu_out_char(&s->o, '}');
	}
	gu_out_char(&s->o, '}');
	return GU_RC_OK;
}

/* results */

/* What makes two results of different runs the same: not the line, which
 * moves when a script is edited, nor anything that differs by run. */
static void put_fingerprint(struct sarif *s, const struct gu_row *row,
			    const struct gu_complaint *c)
{
	static const enum gu_column parts[] = {
		GU_COL_file,      GU_COL_scenario,    GU_COL_thread,
		GU_COL_operation, GU_COL_object_type, GU_COL_object,
		GU_COL_asked,     GU_COL_expected,
	};
	char hex[GU_SHA256_HEX_SIZE];

	gu_buf_reset(&s->print);
	gu_buf_add(&s->print, c->id, strlen(c->id) + 1);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		gu_buf_add(&s->print, row->col[parts[i]], row->len[parts[i]]);
		gu_buf_addc(&s->print, '\0');
	}
	gu_sha256_hex(s->print.data, s->print.len, hex);
	gu_out_str(&s->o, "\"partialFingerprints\":{\"guiseRecord/v1\":");
	gu_out_json(&s->o, hex, 32);
	gu_out_char(&s->o, '}');
}

/* Lines count from 1; a row of no line has no region. */
static void put_location(struct gu_out *o, const struct gu_row *row)
{
	const char *line = row->col[GU_COL_line];
	bool numbered = *line >= '1' && *line <= '9' &&
			strspn(line, "0123456789") == row->len[GU_COL_line];

	gu_out_str(o, "\"locations\":[{\"physicalLocation\":{"
		      "\"artifactLocation\":{\"uri\":");
	put_uri(o, row->col[GU_COL_file]);
	gu_out_char(o, '}');
	if (numbered) {
		gu_out_str(o, ",\"region\":{\"startLine\":");
		gu_out_str(o, line);
		gu_out_char(o, '}');
	}
	gu_out_str(o, "},\"logicalLocations\":[{\"kind\":\"scenario\","
		      "\"fullyQualifiedName\":");
	gu_out_json(o, row->col[GU_COL_scenario], row->len[GU_COL_scenario]);
	gu_out_str(o, "}]}]");
}

static void put_properties(struct gu_out *o, const struct gu_row *row)
{
	bool any = false;

	gu_out_str(o, ",\"properties\":{");
	for (size_t i = GU_COL_seq; i < GU_COL_COUNT; i++) {
		if (!row->len[i]) {
			continue;
		}
		gu_out_str(o, any ? "," : "");
		gu_out_json_str(o, gu_column_names[i]);
		gu_out_char(o, ':');
		gu_out_json(o, row->col[i], row->len[i]);
		any = true;
	}
	gu_out_char(o, '}');
}

/* A known divergence is a result that somebody has looked at. */
static void put_state(struct gu_out *o, bool known)
{
	if (known) {
		gu_out_str(o, ",\"level\":\"note\",\"suppressions\":[{"
			      "\"kind\":\"external\",\"status\":\"accepted\","
			      "\"justification\":\"known divergence\"}]");
	} else {
		gu_out_str(o, ",\"level\":\"error\"");
	}
}

static void put_result(struct sarif *s, const struct gu_row *row, bool known)
{
	size_t rule = gu_complaint_of(row);
	const struct gu_complaint *c = gu_complaint_at(rule);
	struct gu_out *o = &s->o;

	next_element(s);
	gu_out_str(o, "{\"ruleId\":");
	gu_out_json_str(o, c->id);
	gu_out_str(o, ",\"ruleIndex\":");
	gu_out_number(o, rule);
	put_state(o, known);
	gu_out_char(o, ',');
	gu_buf_reset(&s->text);
	gu_row_explain(row, &s->text);
	put_message(s, &s->text);
	gu_out_char(o, ',');
	put_location(o, row);
	gu_out_char(o, ',');
	put_fingerprint(s, row, c);
	if (c->cwe) {
		gu_out_str(o, ",\"taxa\":[");
		put_cwe(o, c->cwe);
		gu_out_char(o, ']');
	}
	put_properties(o, row);
	gu_out_char(o, '}');
}

static enum gu_rc
sarif_row(void *arg, const struct gu_row *row, struct gu_err *err)
{
	struct sarif *s = arg;
	bool known = gu_row_is(row, GU_COL_verdict, "known");

	if (!known && !gu_row_is(row, GU_COL_verdict, "fail") &&
	    !gu_row_is(row, GU_COL_verdict, "error")) {
		return GU_RC_OK;
	}
	put_result(s, row, known);
	if (gu_out_check(&s->o, err)) {
		return GU_RC_IO;
	}
	return gu_buf_check(&s->text, err) || gu_buf_check(&s->print, err)
		       ? GU_RC_NOMEM
		       : GU_RC_OK;
}

static enum gu_rc put_run(struct sarif *s, struct gu_store *store,
			  const struct gu_run_info *run, struct gu_err *err)
{
	enum gu_rc rc;

	put_tool(s, run);
	put_taxonomy(s);
	put_invocation(s, run);
	gu_out_str(&s->o, "\"columnKind\":\"unicodeCodePoints\","
			  "\"automationDetails\":{\"id\":\"guise/\"},\n"
			  "\"artifacts\":[");
	s->any = false;
	rc = gu_store_files(store, run->id, put_artifact, s, err);
	gu_out_str(&s->o, "],\n\"results\":[");
	s->any = false;
	if (!rc) {
		rc = gu_store_rows(store, run->id, sarif_row, s, err);
	}
	gu_out_str(&s->o, "]}]}\n");
	return rc;
}

static enum gu_rc
sarif_write(struct gu_store *store, int64_t id, FILE *out, struct gu_err *err)
{
	struct sarif s = { .text = GU_BUF_INIT, .print = GU_BUF_INIT };
	struct gu_run_info run;
	enum gu_rc rc = gu_store_load_run(store, id, &run, err);

	if (rc) {
		return rc;
	}
	gu_out_init(&s.o, out, "sarif");
	rc = put_run(&s, store, &run, err);
	gu_buf_release(&s.text);
	gu_buf_release(&s.print);
	return rc ? rc : gu_out_finish(&s.o, err);
}

const struct gu_report_ops gu_report_sarif = {
	.name = "sarif",
	.extension = "sarif",
	.doc = "what is wrong, for code scanning (SARIF 2.1.0)",
	.write = sarif_write,
};
