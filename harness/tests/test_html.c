/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "buf.h"
#include "report.h"
#include "sample.h"
#include "sddl.h"
#include "sha256.h"

static char *html_of(struct gu_store *s, size_t *len)
{
	struct gu_err err = GU_ERR_INIT;
	FILE *out = fopen(sample_files.out, "wb");

	assert_non_null(out);
	assert_rc_ok(gu_report_html.write(s, 0, out, &err));
	fclose(out);
	return sample_read(sample_files.out, len);
}

/* Text of the first element that begins so, tags excluded. */
static const char *element(const char *html, const char *open, size_t *len)
{
	char close[32];
	const char *from, *to;

	snprintf(close, sizeof(close), "</%.*s>", (int)strcspn(open + 1, " >"),
		 open + 1);
	from = strstr(html, open);
	assert_non_null(from);
	from += strlen(open);
	to = strstr(from, close);
	assert_non_null(to);
	*len = (size_t)(to - from);
	return from;
}

static void add_between(struct gu_buf *out, const char *from, const char *to)
{
	assert_true(from && to && from <= to);
	gu_buf_add(out, from, (size_t)(to - from));
}

/* The page without its style, script and their hashes, which have files of
 * their own, without the coverage, which grows with the call table, and
 * without the data, which is read in a browser. */
static void the_sample_run_is_written_as_expected(void **state)
{
	struct gu_buf page = GU_BUF_INIT;
	const char *csp, *style;
	size_t len, style_len;
	char *got;

	sample_fill(*state);
	got = html_of(*state, &len);
	csp = strstr(got, "style-src");
	assert_non_null(csp);
	style = element(got, "<style>", &style_len);
	add_between(&page, got, csp);
	add_between(&page, strchr(csp, '"'), style);
	add_between(&page, style + style_len,
		    strstr(got, "<section id=\"coverage\""));
	add_between(&page, strstr(got, "<section id=\"slowest\""),
		    strstr(got, "<script "));
	sample_golden("report.html", page.data, page.len);
	gu_buf_release(&page);
	free(got);
}

static size_t count_of(const char *html, const char *what)
{
	size_t n = 0;

	while ((html = strstr(html, what)) != NULL) {
		html++;
		n++;
	}
	return n;
}

static void add_base64(struct gu_buf *out, const uint8_t *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t bits = n * 8;

	for (size_t at = 0; at < bits; at += 6) {
		unsigned v = 0;

		for (size_t i = at; i < at + 6; i++) {
			unsigned bit =
				i < bits ? p[i / 8] >> (7 - i % 8) & 1 : 0;

			v = v << 1 | bit;
		}
		gu_buf_addc(out, digits[v]);
	}
	while (out->len % 4) {
		gu_buf_addc(out, '=');
	}
}

static void the_policy_lets_in_the_pages_own_style_and_script_only(void **state)
{
	static const char *const names[][2] = {
		{ "style", "<style>" },
		{ "script", "<script type=\"module\">" },
	};
	size_t len;
	char *got;

	sample_fill(*state);
	got = html_of(*state, &len);
	assert_non_null(strstr(got, "default-src 'none'; base-uri 'none'; "
				    "form-action 'none'; style-src 'sha256-"));
	assert_null(strstr(got, "unsafe-inline"));
	for (size_t i = 0; i < 2; i++) {
		struct gu_buf hash = GU_BUF_INIT;
		struct gu_buf want = GU_BUF_INIT;
		uint8_t sum[GU_SHA256_BYTES];
		size_t n;
		const char *text = element(got, names[i][1], &n);

		assert_true(n > 100);
		gu_sha256(text, n, sum);
		add_base64(&hash, sum, sizeof(sum));
		gu_buf_addf(&want, "%s-src 'sha256-%s'", names[i][0],
			    hash.data);
		row_check(strstr(got, want.data), names[i][0]);
		row_check(count_of(got, names[i][1]) == 1, names[i][0]);
		gu_buf_release(&want);
		gu_buf_release(&hash);
	}
	free(got);
}

static void the_page_needs_nothing_but_itself(void **state)
{
	static const char *const outside[] = {
		" src=",      "url(h",  "@import", "<link",  "style=\"",
		"onclick=\"", "https:", "fetch(",  "import("
	};
	size_t len;
	char *got;

	sample_fill(*state);
	got = html_of(*state, &len);
	for (size_t i = 0; i < SAMPLE_COUNT(outside); i++) {
		row_check(!strstr(got, outside[i]), outside[i]);
	}
	free(got);
}

#define EVIL "</script></title></style>\"'><img src=x onerror=alert(1)>&%s"

/* Everything that a run can put on the page, hostile at once. */
static void fill_hostile(struct gu_store *s)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_run_info run = sample_run;
	const struct gu_scenario_info info = { EVIL, EVIL, 1 };
	struct gu_record rows[2] = { sample_first[2], sample_first[3] };
	int64_t id;

	run.start_utc = run.host = run.system = run.user = run.target = EVIL;
	run.proof = run.version = run.arguments = EVIL;
	for (size_t i = 0; i < 2; i++) {
		rows[i].process = rows[i].thread = EVIL;
		rows[i].who.name = rows[i].who.sid = EVIL;
		rows[i].expected = rows[i].reason = EVIL;
		rows[i].decision.object = EVIL;
	}
	rows[1].rule = rows[1].cwe = EVIL;
	assert_rc_ok(gu_store_begin_run(s, &run, &id, &err));
	assert_rc_ok(gu_store_add_file(s, EVIL, EVIL, &err));
	assert_rc_ok(gu_store_add_scenario(
		s, &info,
		&(struct gu_scenario_result){ .tags = EVIL,
					      .worst = GU_VERDICT_FAIL,
					      .rows = rows,
					      .count = 2 },
		&err));
	assert_rc_ok(gu_store_finish_run(s, EVIL, &err));
}

static void hostile_texts_are_text(void **state)
{
	size_t len;
	char *got;

	fill_hostile(*state);
	got = html_of(*state, &len);
	assert_int_equal(count_of(got, "<img"), 0);
	assert_int_equal(count_of(got, "</script>"), count_of(got, "<script "));
	assert_int_equal(count_of(got, "</style>"), 1);
	assert_int_equal(count_of(got, "</title>"), count_of(got, "<title>"));
	assert_true(count_of(got, "&lt;/script&gt;&lt;/title&gt;&lt;/style&gt;"
				  "&quot;&#39;&gt;&lt;img src=x "
				  "onerror=alert(1)&gt;&amp;%s") >= 25);
	assert_non_null(strstr(got, "\"target\":\"\\u003c/script>"));
	free(got);
}

static void a_failed_decision_tells_its_steps(void **state)
{
	struct gu_token *token = NULL;
	struct gu_sd sd = GU_SD_INIT;
	struct gu_record row = sample_first[2];
	struct gu_basis basis = { .desired = 1 };
	int64_t id;
	size_t len;
	char *got;

	assert_rc_ok(gu_token_new(&token, NULL));
	token->user = *gu_sid_well_known(GU_WK_LOCAL_SYSTEM);
	assert_rc_ok(gu_sddl_parse(&sd,
				   "O:SYG:SYD:(XA;;FA;;;WD;(@User.a < 1))"
				   "(A;;0x1;;;SY)",
				   NULL, NULL));
	basis.token = token;
	basis.sd = &sd;
	row.basis = &basis;
	assert_rc_ok(gu_store_begin_run(*state, &sample_run, &id, NULL));
	assert_rc_ok(gu_store_add_scenario(
		*state, &sample_scenarios[0],
		&(struct gu_scenario_result){ .tags = "",
					      .worst = GU_VERDICT_FAIL,
					      .rows = &row,
					      .count = 1 },
		NULL));
	got = html_of(*state, &len);
	assert_int_equal(count_of(got, "<summary>the access check"), 1);
	assert_int_equal(count_of(got, "(@USER.a &lt; 1)"), 1);
	assert_int_equal(count_of(got, "<li><code>result: granted"), 1);
	assert_int_equal(count_of(got, "<li><code>no ACE 1 (A;;"), 1);
	free(got);
	gu_token_unref(token);
	gu_sd_release(&sd);
}

static void odd_bytes_are_shown(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *want;
	} rows[] = {
		{ "escape", "a\x1b[31mb", "a\xE2\x90\x9B[31mb" },
		{ "newline", "a\nb",
		  "a\xE2\x90\x8A"
		  "b" },
		{ "delete",
		  "a\x7F"
		  "b",
		  "a\xE2\x90\xA1"
		  "b" },
		{ "a stray byte",
		  "a\xFF"
		  "b",
		  "a\xEF\xBF\xBD"
		  "b" },
		{ "UTF-8", "\xC3\xA4\xE2\x82\xAC", "\xC3\xA4\xE2\x82\xAC" },
	};
	struct gu_err err = GU_ERR_INIT;

	for (size_t i = 0; i < SAMPLE_COUNT(rows); i++) {
		struct gu_run_info run = sample_run;
		char want[64];
		int64_t id;
		size_t len;
		char *got;

		run.host = rows[i].text;
		assert_rc_ok(gu_store_begin_run(*state, &run, &id, &err));
		got = html_of(*state, &len);
		snprintf(want, sizeof(want), "<dt>Host</dt><dd>%s</dd>",
			 rows[i].want);
		row_check(strstr(got, want), rows[i].name);
		free(got);
	}
}

static void coverage_counts_answers_by_function_and_object(void **state)
{
	static const char *const rows[] = {
		"<code>ImpersonateNamedPipeClient</code></th>"
		"<td>impersonate</td>"
		"<td class=\"n\">1</td><td class=\"n zero\">0</td>",
		"<code>RpcRevertToSelf</code></th><td>revert</td>"
		"<td class=\"n zero\">0</td><td class=\"n\">1</td>",
		"<code>RevertToSelf</code></th><td>revert</td>"
		"<td class=\"n zero\">0</td><td class=\"n zero\">0</td>",
		"<code>open</code></th><td>attempt</td>"
		"<td class=\"n\">1</td><td class=\"n\">1</td>",
		"<title>ImpersonateNamedPipeClient, Impersonation, file: 1 "
		"granted</title>",
		"<title>ImpersonateNamedPipeClient, Impersonation, file: 1 "
		"denied</title>",
	};
	size_t len;
	char *got;

	sample_fill(*state);
	got = html_of(*state, &len);
	for (size_t i = 0; i < SAMPLE_COUNT(rows); i++) {
		row_check(count_of(got, rows[i]) == 1, rows[i]);
	}
	for (int i = 0; i < GU_FN_IMPERSONATION_COUNT; i++) {
		const char *name = gu_fn_row((enum gu_fn)i)->name;
		char code[96];

		snprintf(code, sizeof(code), "<th scope=\"row\"><code>%s<",
			 name);
		row_check(count_of(got, code) == 1, name);
	}
	free(got);
}

static void links_lead_to_records(void **state)
{
	size_t len;
	char *got;

	sample_fill(*state);
	got = html_of(*state, &len);
	for (int seq = 1; seq <= 6; seq++) {
		const bool failed = seq == 3 || seq == 4 || seq == 6;
		char id[32], href[32];

		snprintf(id, sizeof(id), "<tr id=\"f%d\" ", seq);
		snprintf(href, sizeof(href), "href=\"#record=%d\"", seq);
		row_check(count_of(got, id) == failed, id);
		row_check(count_of(got, href) == failed, href);
	}
	free(got);
}

static void add_failures(struct gu_store *s, size_t count)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_record *rows = calloc(count, sizeof(*rows));
	int64_t id;

	assert_non_null(rows);
	for (size_t i = 0; i < count; i++) {
		rows[i] = sample_first[2];
		rows[i].step = (uint32_t)i + 1;
	}
	assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, &err));
	assert_rc_ok(gu_store_add_scenario(
		s, &sample_scenarios[0],
		&(struct gu_scenario_result){ .tags = "",
					      .worst = GU_VERDICT_FAIL,
					      .rows = rows,
					      .count = count },
		&err));
	assert_rc_ok(
		gu_store_finish_run(s, "2026-01-31T09:00:02.000000Z", &err));
	free(rows);
}

static void the_first_thousand_failures_need_no_script(void **state)
{
	size_t len;
	char *got;

	add_failures(*state, 1234);
	got = html_of(*state, &len);
	assert_int_equal(count_of(got, "<tr id=\"f"), 1000);
	assert_non_null(strstr(got, "<tr id=\"f1000\""));
	assert_non_null(strstr(got, "234 more are in this page's Results"));
	assert_non_null(strstr(got, "guise report --run 1 --report csv STORE"));
	free(got);
}

static void a_run_cut_off_says_so(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	int64_t id;
	size_t len;
	char *got;

	assert_rc_ok(gu_store_begin_run(*state, &sample_run, &id, &err));
	got = html_of(*state, &len);
	assert_non_null(strstr(got, "The run was cut off before its end."));
	free(got);
}

static void a_full_disk_is_reported(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	FILE *out = fopen("/dev/full", "wb");
	int64_t id;

	assert_non_null(out);
	sample_fill(*state);
	assert_int_equal(gu_report_html.write(*state, 0, out, &err), GU_RC_IO);
	assert_rc_ok(gu_store_begin_run(*state, &sample_run, &id, &err));
	clearerr(out);
	assert_int_equal(gu_report_html.write(*state, 0, out, &err), GU_RC_IO);
	assert_non_null(strstr(err.msg, "html report cannot be written"));
	fclose(out);
}

/* Each allocation of the writer fails once. */
static void running_out_of_memory_is_an_error(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	bool failed = true;
	size_t n = 0;

	sample_fill(*state);
	while (failed) {
		FILE *out = fopen(sample_files.out, "wb");
		enum gu_rc rc;

		assert_non_null(out);
		gu_alloc_fail_nth(++n);
		rc = gu_report_html.write(*state, 0, out, &err);
		failed = gu_alloc_failed();
		gu_alloc_fail_nth(0);
		fclose(out);
		if (rc != (failed ? GU_RC_NOMEM : GU_RC_OK)) {
			fail_msg("allocation %zu: %d, %s", n, rc, err.msg);
		}
	}
	assert_true(n > 50);
}

int main(void)
{
#define T(name)                                                   \
	cmocka_unit_test_setup_teardown(name, sample_store_setup, \
					sample_store_teardown)
	const struct CMUnitTest tests[] = {
		T(the_sample_run_is_written_as_expected),
		T(the_policy_lets_in_the_pages_own_style_and_script_only),
		T(the_page_needs_nothing_but_itself),
		T(hostile_texts_are_text),
		T(a_failed_decision_tells_its_steps),
		T(odd_bytes_are_shown),
		T(coverage_counts_answers_by_function_and_object),
		T(links_lead_to_records),
		T(the_first_thousand_failures_need_no_script),
		T(a_run_cut_off_says_so),
		T(a_full_disk_is_reported),
		T(running_out_of_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
