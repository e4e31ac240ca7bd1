/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "sid.h"
#include "text.h"

#include <jansson.h>
#include <stdlib.h>

/* sid.jsonl of the shared vectors, or a loud skip where it is missing. */
static FILE *vectors_open(void)
{
	const char *dir = getenv("GUISE_VECTORS");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/sid.jsonl",
		 dir ? dir : GUISE_SOURCE_DIR "/../shared/vectors");
	f = fopen(path, "r");
	if (!f) {
		print_message("SKIPPED: no vectors at %s; set GUISE_VECTORS\n",
			      path);
		skip();
	}
	return f;
}

static const char *field(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static void check_well_known(const json_t *row, const char *id)
{
	json_int_t type =
		json_integer_value(json_object_get(row, "well_known_type"));
	const char *domain_text = field(row, "domain_sid");
	struct gu_sid domain = GU_SID_NONE;
	struct gu_sid sid = GU_SID_NONE;
	char text[GU_SID_TEXT_MAX];

	if (domain_text) {
		assert_rc_ok(gu_sid_parse(&domain, domain_text,
					  strlen(domain_text), NULL));
	}
	row_check(gu_sid_create_well_known(&sid, (uint32_t)type,
					   domain_text ? &domain : NULL,
					   NULL) == GU_RC_OK,
		  id);
	row_check(strcmp(gu_sid_text(&sid, text), field(row, "sid")) == 0, id);
}

/* A '*' in the pattern stands for one number. */
static bool text_matches(const char *text, const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '*') {
			text += strspn(text, "0123456789");
		} else if (*text++ != *pattern) {
			return false;
		}
	}
	return *text == '\0';
}

static void check_alias(const json_t *row, const char *id)
{
	struct gu_sid sid = GU_SID_NONE;
	char text[GU_SID_TEXT_MAX];

	row_check(gu_sid_from_sddl_code(&sid, field(row, "alias"), NULL), id);
	row_check(text_matches(gu_sid_text(&sid, text),
			       field(row, "sid_pattern")),
		  id);
}

static void check_string(const json_t *row, const char *id)
{
	const char *hex = field(row, "sid_hex");
	const char *text = field(row, "sid");
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_buf out = GU_BUF_INIT;
	struct gu_sid sid = GU_SID_NONE;
	struct gu_sid parsed = GU_SID_NONE;
	size_t bad, used;

	row_check(gu_hex_decode(&bytes, hex, strlen(hex), &bad), id);
	row_check(gu_sid_decode(&sid, (uint8_t *)bytes.data, bytes.len, &used,
				NULL) == GU_RC_OK,
		  id);
	gu_sid_format(&sid, &out);
	row_check(gu_strcasecmp(out.data, text) == 0, id);
	row_check(gu_sid_parse(&parsed, text, strlen(text), NULL) == GU_RC_OK,
		  id);
	row_check(gu_sid_equal(&sid, &parsed), id);
	gu_buf_reset(&out);
	gu_sid_encode(&parsed, &out);
	row_check(out.len == bytes.len &&
			  !memcmp(out.data, bytes.data, out.len),
		  id);
	gu_buf_release(&bytes);
	gu_buf_release(&out);
}

static void check_row(const json_t *row)
{
	const char *kind = field(row, "kind");
	const char *id = field(row, "id");

	assert_non_null(kind);
	assert_non_null(id);
	if (strcmp(kind, "CreateWellKnownSid") == 0) {
		check_well_known(row, id);
	} else if (strcmp(kind, "sddl_alias") == 0) {
		check_alias(row, id);
	} else if (strcmp(kind, "sid_string") == 0) {
		check_string(row, id);
	} else {
		fail_msg("row \"%s\": unknown kind %s", id, kind);
	}
}

static void recorded_sids_come_out_as_recorded(void **state)
{
	FILE *f = vectors_open();
	size_t rows = 0;

	(void)state;
	for (;;) {
		json_error_t error;
		json_t *row = json_loadf(f, JSON_DISABLE_EOF_CHECK, &error);

		if (!row) {
			break;
		}
		check_row(row);
		json_decref(row);
		rows++;
	}
	assert_true(feof(f));
	fclose(f);
	assert_true(rows > 0);
	print_message("%zu recorded SIDs\n", rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_sids_come_out_as_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
