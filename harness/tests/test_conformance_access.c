/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include "answer.h"

/* A field that the recording asserts: null and absent ones are not. */
static bool agrees(const json_t *expect, const json_t *got, const char *field)
{
	const json_t *want = json_object_get(expect, field);

	return !want || json_is_null(want) ||
	       json_equal(want, json_object_get(got, field));
}

static const char *disagreement(const json_t *row, const json_t *got)
{
	static const char *const fields[] = { "api_ret",    "access_status",
					      "granted",    "status",
					      "last_error", "results" };
	static char text[1024];
	const json_t *expect = json_object_get(row, "expect");

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!agrees(expect, got, fields[i])) {
			char *shown = json_dumps(got, JSON_COMPACT);

			snprintf(text, sizeof(text), "%s differs: %s",
				 fields[i], shown);
			free(shown);
			return text;
		}
	}
	return NULL;
}

static const char *check_row(const json_t *row)
{
	static struct gu_err err;
	const json_t *scored = json_object_get(row, "scored");
	json_t *got;
	const char *wrong;

	if (json_is_false(scored)) {
		return NULL;
	}
	got = json_object();
	err = (struct gu_err)GU_ERR_INIT;
	wrong = gu_answer_check(row, got, &err) ? err.msg
						: disagreement(row, got);
	json_decref(got);
	return wrong;
}

static void recorded_checks_are_decided_as_recorded(void **state)
{
	(void)state;
	vectors_run("access_check.jsonl", check_row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_checks_are_decided_as_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
