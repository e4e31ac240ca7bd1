/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include "answer.h"

static const char *disagreement(const json_t *row, const json_t *got)
{
	static char text[1024];
	const json_t *expect = json_object_get(row, "expect");
	const char *field;
	json_t *want;

	json_object_foreach((json_t *)expect, field, want)
	{
		if (!json_equal(want, json_object_get(got, field))) {
			char *shown = json_dumps(got, JSON_COMPACT);

			snprintf(text, sizeof(text), "%s differs: %s", field,
				 shown);
			free(shown);
			return text;
		}
	}
	return NULL;
}

static const char *check_row(const json_t *row)
{
	static struct gu_err err;
	json_t *got = json_object();
	const char *wrong;

	err = (struct gu_err)GU_ERR_INIT;
	wrong = gu_answer_inherit(row, got, &err) ? err.msg
						  : disagreement(row, got);
	json_decref(got);
	return wrong;
}

static void recorded_descriptors_are_made_as_recorded(void **state)
{
	(void)state;
	vectors_run("inheritance.jsonl", check_row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_descriptors_are_made_as_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
