/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "html_template.h"
#include "sample.h"

static enum gu_rc
read_text(struct html_template *t, const char *json, struct gu_err *err)
{
	FILE *f = fopen(sample_files.out, "wb");

	assert_non_null(f);
	fputs(json, f);
	assert_int_equal(fclose(f), 0);
	html_template_init(t);
	return html_template_read(t, sample_files.out, err);
}

/* A file of `n` bytes beside the template. */
static void write_logo(char logo[96], const char *name, size_t n)
{
	FILE *f;

	snprintf(logo, 96, "%s/%s", sample_files.dir, name);
	f = fopen(logo, "wb");
	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		fputc("bytes"[i % 5], f);
	}
	assert_int_equal(fclose(f), 0);
}

static void title_and_colours_are_taken(void **state)
{
	struct html_template t;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_rc_ok(
		read_text(&t,
			  "{\"title\": \"<b>\", \"colours\": "
			  "{\"accent\": \"#0A0B0C\", \"band\": \"#ffffff\"}}",
			  &err));
	assert_string_equal(t.title.data, "<b>");
	assert_non_null(strstr(t.css.data, "--accent: #0a0b0c;"));
	assert_non_null(strstr(t.css.data, "--band: #ffffff; "
					   "--band-ink: #000000;"));
	assert_null(t.logo_type);
	html_template_release(&t);
}

static void a_logo_is_read_from_beside_the_template(void **state)
{
	struct html_template t;
	struct gu_err err = GU_ERR_INIT;
	char logo[96];

	(void)state;
	write_logo(logo, "logo.PNG", 5);
	assert_rc_ok(read_text(&t, "{\"logo\": \"logo.PNG\"}", &err));
	remove(logo);
	assert_string_equal(t.logo_type, "image/png");
	assert_int_equal(t.logo.len, 5);
	assert_memory_equal(t.logo.data, "bytes", 5);
	html_template_release(&t);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *json;
		const char *message;
	} rows[] = {
		{ "", "out:1: " },
		{ "[]", "is not a JSON object" },
		{ "{\"titel\": \"x\"}", "no member \"titel\"; known: title" },
		{ "{\"title\": 7}", "\"title\" is not a string" },
		{ "{\"title\": \"a\", \"title\": \"b\"}", "duplicate" },
		{ "{\"logo\": \"a.html\"}", "does not name a .svg" },
		{ "{\"logo\": \"none.png\"}", "none.png: No such file" },
		{ "{\"colours\": \"red\"}", "\"colours\" is not an object" },
		{ "{\"colours\": {\"ink\": \"#000000\"}}",
		  "no colour ink; known: accent" },
		{ "{\"colours\": {\"accent\": \"#00000\"}}",
		  "accent is not of the form" },
		{ "{\"colours\": {\"accent\": \"#000000; }\"}}",
		  "accent is not of the form" },
		{ "{\"colours\": {\"accent\": \"#00000g\"}}",
		  "accent is not of the form" },
		/* 4.48 and 4.54 to white: WCAG's own well-known greys. */
		{ "{\"colours\": {\"accent\": \"#777777\"}}",
		  "contrast of 4.5 to its ground, #FFFFFF; 4.5 is needed" },
		{ "{\"colours\": {\"accent\": \"#767676\"}}", NULL },
		{ "{\"colours\": {\"accent-dark\": \"#333333\"}}",
		  "to its ground, #171E28" },
		{ "{\"colours\": {\"band\": \"#fff000\", \"band-ink\": "
		  "\"#ffffff\"}}",
		  "to its ground, #FFF000" },
		{ "{\"colours\": {\"band-ink\": \"#ffffff\"}}",
		  "band-ink needs the colour band" },
	};

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT(rows); i++) {
		struct html_template t;
		struct gu_err err = GU_ERR_INIT;
		enum gu_rc rc = read_text(&t, rows[i].json, &err);

		html_template_release(&t);
		if (!rows[i].message) {
			row_check(rc == GU_RC_OK, rows[i].json);
			continue;
		}
		row_check(rc == GU_RC_USAGE || rc == GU_RC_IO, rows[i].json);
		row_check(strstr(err.msg, rows[i].message), err.msg);
	}
}

static void a_logo_has_a_limit(void **state)
{
	struct html_template t;
	struct gu_err err = GU_ERR_INIT;
	char logo[96];

	(void)state;
	write_logo(logo, "logo.svg", HTML_LOGO_BYTES + 1);
	assert_int_equal(read_text(&t, "{\"logo\": \"logo.svg\"}", &err),
			 GU_RC_USAGE);
	remove(logo);
	assert_non_null(strstr(err.msg, "524288 bytes at most"));
	html_template_release(&t);
}

int main(void)
{
#define T(name)                                                    \
	cmocka_unit_test_setup_teardown(name, sample_folder_setup, \
					sample_folder_teardown)
	const struct CMUnitTest tests[] = {
		T(title_and_colours_are_taken),
		T(a_logo_is_read_from_beside_the_template),
		T(what_is_wrong_is_named),
		T(a_logo_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
