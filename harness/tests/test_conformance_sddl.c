/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include "sddl.h"
#include "text.h"

#include "banned.h"

static const char *vector_text(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static char fault[4096];

static struct gu_sid domain_of(const json_t *row)
{
	const char *text = vector_text(row, "local_domain_sid");
	struct gu_sid sid = GU_SID_NONE;

	if (text) {
		assert_rc_ok(gu_sid_parse(&sid, text, strlen(text), NULL));
	}
	return sid;
}

static uint32_t number(const json_t *row, const char *name, uint32_t otherwise)
{
	const json_t *v = json_object_get(row, name);

	return json_is_integer(v) ? (uint32_t)json_integer_value(v) : otherwise;
}

static const char *compare(const char *what, const char *got, const char *want)
{
	if (strcmp(got, want) == 0) {
		return NULL;
	}
	snprintf(fault, sizeof(fault), "%s\n  got  %s\n  want %s", what, got,
		 want);
	return fault;
}

static const char *
compare_text(const json_t *row, const char *what, const char *got)
{
	const json_t *more = json_object_get(row, "sddl_out_alternatives");
	const char *want = vector_text(row, "sddl_out");
	const json_t *one;
	size_t i;

	json_array_foreach(more, i, one)
	{
		if (strcmp(got, json_string_value(one)) == 0) {
			return NULL;
		}
	}
	return want ? compare(what, got, want) : NULL;
}

static const char *print(const json_t *row, const struct gu_sd *sd,
			 const struct gu_sid *domain, const char *what)
{
	uint32_t secinfo = number(row, "secinfo", GU_SECINFO_ALL);
	struct gu_buf out = GU_BUF_INIT;
	const char *answer = NULL;

	if (!gu_sddl_format(sd, secinfo, domain, &out)) {
		answer = "it has no SDDL form";
	} else {
		answer = compare_text(row, what, out.data);
	}
	gu_buf_release(&out);
	return answer;
}

/* Bytes to text. */
static const char *check_bytes(const json_t *row, const struct gu_sid *domain)
{
	const char *hex = vector_text(row, "sd_hex");
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	const char *answer;
	size_t bad;

	if (!hex) {
		return NULL;
	}
	assert_true(gu_hex_decode(&bytes, hex, strlen(hex), &bad));
	if (gu_sd_decode(&sd, (uint8_t *)bytes.data, bytes.len, NULL)) {
		answer = "the bytes are refused";
	} else {
		answer = print(row, &sd, domain, "bytes to text");
	}
	gu_sd_release(&sd);
	gu_buf_release(&bytes);
	return answer;
}

static const char *check_parsed(const json_t *row, const struct gu_sd *sd,
				const struct gu_sid *domain)
{
	const char *hex = vector_text(row, "sd_hex");
	uint32_t mask = number(row, "first_ace_mask", 0);
	struct gu_buf bytes = GU_BUF_INIT, got = GU_BUF_INIT;
	const char *answer = NULL;

	gu_sd_encode(sd, &bytes);
	gu_hex_encode(&got, bytes.data, bytes.len);
	if (hex) {
		answer = compare("text to bytes", got.data, hex);
	} else if (mask && sd->dacl.aces[0].mask != mask) {
		answer = "the first ACE's mask differs";
	} else {
		answer = print(row, sd, domain, "text to text");
	}
	gu_buf_release(&bytes);
	gu_buf_release(&got);
	return answer;
}

static const char *check_roundtrip(const json_t *row)
{
	const char *text = vector_text(row, "sddl_in");
	const struct gu_sid domain = domain_of(row);
	struct gu_sddl_reading reading = {
		.domain = &domain, .revision = number(row, "sddl_revision", 0)
	};
	struct gu_err err = GU_ERR_INIT;
	struct gu_sd sd = GU_SD_INIT;
	const char *answer = check_bytes(row, &domain);

	if (answer || !text ||
	    json_is_false(json_object_get(row, "parse_scored"))) {
		return answer;
	}
	if (gu_sddl_read(&sd, text, &reading, &err)) {
		snprintf(fault, sizeof(fault), "refused at %zu: %s\n  %s",
			 err.offset, err.msg, text);
		return fault;
	}
	answer = check_parsed(row, &sd, &domain);
	gu_sd_release(&sd);
	return answer;
}

static bool is_listed(const json_t *list, uint32_t code)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (json_integer_value(one) == code) {
			return true;
		}
	}
	return false;
}

static const char *check_reject(const json_t *row)
{
	struct gu_sddl_reading reading = {
		.revision = number(row, "sddl_revision", 0), .last_error = 77
	};
	const char *text = vector_text(row, "sddl");
	uint32_t want = number(row, "last_error", 0);
	struct gu_err err = GU_ERR_INIT;
	struct gu_sd sd = GU_SD_INIT;

	if (!gu_sddl_read(&sd, text, &reading, &err)) {
		gu_sd_release(&sd);
		snprintf(fault, sizeof(fault), "accepted: %s", text);
		return fault;
	}
	if (err.offset > strlen(text)) {
		return "the error's offset is not within the text";
	}
	if (want && reading.last_error != want &&
	    !is_listed(json_object_get(row, "last_error_alternatives"),
		       reading.last_error)) {
		return "the last error differs";
	}
	return NULL;
}

static void recorded_descriptors_convert_both_ways(void **state)
{
	(void)state;
	vectors_run("sddl_roundtrip.jsonl", check_roundtrip);
}

static void recorded_refusals_are_refused(void **state)
{
	(void)state;
	vectors_run("sddl_reject.jsonl", check_reject);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_descriptors_convert_both_ways),
		cmocka_unit_test(recorded_refusals_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
