/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include "objtype.h"

/* Windows' names of the types that are modelled, and ours. */
static const struct {
	const char *theirs;
	const char *ours;
} names[] = {
	{ "Event", "event" },
	{ "Mutant", "mutex" },
	{ "Semaphore", "semaphore" },
	{ "Device", "file" },
	{ "File", "file" },
	{ "Process", "process" },
	{ "Thread", "thread" },
	{ "Token", "token" },
	{ "Key", "key" },
	{ "Job", "job" },
	{ "Section", "section" },
};

static const struct gu_generic_mapping *map_of(const json_t *row)
{
	const char *type =
		json_string_value(json_object_get(row, "object_type"));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (type && strcmp(names[i].theirs, type) == 0) {
			return &gu_objtype_row(gu_objtype_find(names[i].ours))
					->map;
		}
	}
	print_message("not modelled: %s\n", type);
	return NULL;
}

static uint32_t number(const json_t *row, const char *field)
{
	return (uint32_t)json_integer_value(json_object_get(row, field));
}

static const char *check_row(const json_t *row)
{
	const struct gu_generic_mapping *map = map_of(row);

	if (!map) {
		return NULL;
	}
	if (json_object_get(row, "granted")) {
		uint32_t mapped =
			gu_mask_map(number(row, "desired_access"), map);

		return mapped == number(row, "granted") ? NULL : "mapped";
	}
	if (map->read != number(row, "read")) {
		return "read";
	}
	if (map->write != number(row, "write")) {
		return "write";
	}
	if (map->execute != number(row, "execute")) {
		return "execute";
	}
	return map->all == number(row, "all") ? NULL : "all";
}

static void recorded_mappings_are_ours(void **state)
{
	(void)state;
	vectors_run("generic_mapping.jsonl", check_row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_mappings_are_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
