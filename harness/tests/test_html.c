/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "buf.h"
#include "report.h"
#include "sample.h"
#include "sddl.h"
#include "sha256.h"

static char dir[64];
static char path[96];
static char out_path[96];

static int folder_setup(void **state)
{
	struct gu_store *s = NULL;

	if (sample_dir(dir)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/s.db", dir);
	snprintf(out_path, sizeof(out_path), "%s/out", dir);
	if (gu_store_open(&s, path, true, NULL)) {
		return -1;
	}
	*state = s;
	return 0;
}

static int folder_teardown(void **state)
{
	gu_store_close(*state);
	sample_dir_remove(dir);
	return 0;
}

static char *html_of(struct gu_store *s, size_t *len)
{
	struct gu_err err = GU_ERR_INIT;
	FILE *out = fopen(out_path, "wb");

	assert_non_null(out);
	assert_rc_ok(gu_report_html.write(s, 0, out, &err));
	fclose(out);
	return sample_read(out_path, len);
}

/* Text of the first element of that name, tags excluded. */
static const char *element(const char *html, const char *name, size_t *len)
{
	char tag[32];
	const char *from, *to;

	snprintf(tag, sizeof(tag), "<%s>", name);
	from = strstr(html, tag);
	assert_non_null(from);
	from += strlen(tag);
	snprintf(tag, sizeof(tag), "</%s>", name);
	to = strstr(from, tag);
	assert_non_null(to);
	*len = (size_t)(to - from);
	return from;
}

static void add_between(struct gu_buf *out, const char *from, const char *to)
{
	gu_buf_add(out, from, (size_t)(to - from));
}

/* The page without its style, script and their hashes, which have files of
 * their own, and without the coverage, which grows with the call table. */
static void the_sample_run_is_written_as_expected(void **state)
{
	struct gu_buf page = GU_BUF_INIT;
	const char *csp, *csp_end, *style, *coverage, *scenarios, *script;
	size_t len, style_len, script_len;
	char *got;

	sample_fill(*state);
	got = html_of(*state, &len);
	csp = strstr(got, "style-src");
	assert_non_null(csp);
	csp_end = strchr(csp, '"');
	style = element(got, "style", &style_len);
	coverage = strstr(got, "<section id=\"coverage\">");
	scenarios = strstr(got, "<section id=\"scenarios\">");
	assert_true(coverage && scenarios > coverage);
	script = element(got, "script", &script_len);
	add_between(&page, got, csp);
	add_between(&page, csp_end, style);
	add_between(&page, style + style_len, coverage);
	add_between(&page, scenarios, script);
	add_between(&page, script + script_len, got + len);
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
	static const char *const names[] = { "style", "script" };
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
		const char *text = element(got, names[i], &n);

		assert_true(n > 100);
		gu_sha256(text, n, sum);
		add_base64(&hash, sum, sizeof(sum));
		gu_buf_addf(&want, "%s-src 'sha256-%s'", names[i], hash.data);
		row_check(strstr(got, want.data), names[i]);
		row_check(count_of(got, names[i][1] == 't' ? "<style"
							   : "<script") == 1,
			  names[i]);
		gu_buf_release(&want);
		gu_buf_release(&hash);
	}
	free(got);
}

static void the_page_needs_nothing_but_itself(void **state)
{
	static const char *const outside[] = { "http://",  "https://", "src=\"",
					       "url(",     "@import",  "<link",
					       "style=\"", "onclick" };
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
	assert_int_equal(count_of(got, "</script>"), 1);
	assert_int_equal(count_of(got, "</style>"), 1);
	assert_int_equal(count_of(got, "</title>"), 1);
	assert_int_equal(count_of(got, "\"'>"), 0);
	assert_true(count_of(got, "&lt;/script&gt;&lt;/title&gt;&lt;/style&gt;"
				  "&quot;&#39;&gt;&lt;img src=x "
				  "onerror=alert(1)&gt;&amp;%s") >= 25);
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
		const struct gu_scenario_info info = { rows[i].text, "f.lua",
						       1 };
		char want[64];
		int64_t id;
		size_t len;
		char *got;

		assert_rc_ok(
			gu_store_begin_run(*state, &sample_run, &id, &err));
		assert_rc_ok(gu_store_add_scenario(
			*state, &info,
			&(struct gu_scenario_result){
				.tags = "", .worst = GU_VERDICT_PASS },
			&err));
		got = html_of(*state, &len);
		snprintf(want, sizeof(want), "<span class=\"name\">%s</span>",
			 rows[i].want);
		row_check(strstr(got, want), rows[i].name);
		free(got);
	}
}

static void coverage_counts_answers_by_function_and_object(void **state)
{
	static const char *const rows[] = {
		"<code>ImpersonateNamedPipeClient</code></th>"
		"<td>impersonate</td><td>advapi32</td>"
		"<td class=\"n\">1</td><td class=\"n zero\">0</td>",
		"<code>RpcRevertToSelf</code></th><td>revert</td>"
		"<td>rpcrt4</td><td class=\"n zero\">0</td>"
		"<td class=\"n\">1</td>",
		"<code>RevertToSelf</code></th><td>revert</td>"
		"<td>advapi32</td><td class=\"n zero\">0</td>"
		"<td class=\"n zero\">0</td>",
		"<code>open</code></th><td>attempt</td><td></td>"
		"<td class=\"n\">1</td><td class=\"n\">1</td>",
		"<th scope=\"row\">file</th><td class=\"n\">1</td>"
		"<td class=\"n\">1</td>",
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
		char id[32];

		snprintf(id, sizeof(id), "<tr id=\"r%d\" ", seq);
		row_check(count_of(got, id) == 1, id);
	}
	assert_int_equal(count_of(got, "href=\"#r3\""), 1);
	assert_int_equal(count_of(got, "href=\"#r4\""), 2);
	assert_int_equal(count_of(got, "href=\"#r6\""), 1);
	assert_int_equal(count_of(got, "href=\"#r1\""), 0);
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

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		T(the_sample_run_is_written_as_expected),
		T(the_policy_lets_in_the_pages_own_style_and_script_only),
		T(the_page_needs_nothing_but_itself),
		T(hostile_texts_are_text),
		T(a_failed_decision_tells_its_steps),
		T(odd_bytes_are_shown),
		T(coverage_counts_answers_by_function_and_object),
		T(links_lead_to_records),
		T(a_run_cut_off_says_so),
		T(a_full_disk_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
