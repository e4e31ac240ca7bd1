/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <jansson.h>
#include <stdlib.h>

#include "objtype.h"
#include "status.h"

#include "banned.h"

/* Holds the status and object-type tables against what others recorded on
 * Windows, where that collection is at hand. */
static FILE *vectors_open(const char *name)
{
	const char *folder = getenv("GUISE_VECTORS");
	char path[1024];
	FILE *f;

	if (!folder) {
		folder = GUISE_SOURCE_DIR "/../shared/vectors";
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	if (!f) {
		print_message("SKIPPED: no %s; set GUISE_VECTORS\n", path);
		skip();
	}
	return f;
}

static json_t *vector_next(FILE *f)
{
	return json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
}

static uint32_t number(const json_t *row, const char *name)
{
	return (uint32_t)json_integer_value(json_object_get(row, name));
}

static const char *text(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static void every_recorded_status_maps_as_on_windows(void **state)
{
	FILE *f = vectors_open("status_map.jsonl");
	size_t seen = 0;
	json_t *row;

	(void)state;
	for (; (row = vector_next(f)); json_decref(row), seen++) {
		uint32_t nt = number(row, "ntstatus");

		if (gu_ntstatus_to_win32(nt) != number(row, "win32")) {
			fail_msg("%s: 0x%08X is %u, not %u", text(row, "id"),
				 (unsigned)nt, (unsigned)number(row, "win32"),
				 (unsigned)gu_ntstatus_to_win32(nt));
		}
	}
	fclose(f);
	print_message("%zu statuses\n", seen);
	assert_true(seen > 0);
}

static void every_recorded_status_name_is_known(void **state)
{
	FILE *f = vectors_open("status_map.jsonl");
	json_t *row;

	(void)state;
	for (; (row = vector_next(f)); json_decref(row)) {
		uint32_t code = 0xDEADBEEF;

		row_check(gu_code_parse(text(row, "nt_name"), &code, NULL),
			  text(row, "nt_name"));
		row_check(code == number(row, "ntstatus"),
			  text(row, "nt_name"));
	}
	fclose(f);
}

static void every_recorded_generic_mapping_is_ours(void **state)
{
	static const char *const kinds[][2] = {
		{ "Event", "event" },     { "Mutant", "mutex" },
		{ "Process", "process" }, { "Semaphore", "semaphore" },
		{ "Device", "file" },
	};
	FILE *f = vectors_open("generic_mapping.jsonl");
	json_t *row;

	(void)state;
	for (; (row = vector_next(f)); json_decref(row)) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			const struct gu_objtype_row *type =
				gu_objtype_row(gu_objtype_find(kinds[i][1]));
			const char *id = text(row, "id");

			if (strcmp(kinds[i][0], text(row, "object_type")) ||
			    !json_object_get(row, "read")) {
				continue;
			}
			row_check(type->map.read == number(row, "read"), id);
			row_check(type->map.write == number(row, "write"), id);
			row_check(type->map.execute == number(row, "execute"),
				  id);
			row_check(type->map.all == number(row, "all"), id);
		}
	}
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recorded_status_maps_as_on_windows),
		cmocka_unit_test(every_recorded_status_name_is_known),
		cmocka_unit_test(every_recorded_generic_mapping_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
