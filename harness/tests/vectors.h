/* SPDX-License-Identifier: MIT */
#ifndef GU_VECTORS_H
#define GU_VECTORS_H

/* Recorded cases, shared between projects and not part of this one: read
 * where they are found, skipped aloud where they are not. */
#include <jansson.h>
#include <stdlib.h>

#include "unit.h"

static FILE *vectors_open(const char *file)
{
	const char *dir = getenv("GUISE_VECTORS");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s",
		 dir ? dir : GUISE_SOURCE_DIR "/../shared/vectors", file);
	f = fopen(path, "r");
	if (!f) {
		print_message("SKIPPED: no vectors at %s; set GUISE_VECTORS\n",
			      path);
		skip();
	}
	return f;
}

/* A row that vector_exceptions.csv lists: id, reason, source. */
static bool vectors_excepted(const char *id)
{
	FILE *f = fopen(
		GUISE_SOURCE_DIR "/harness/tests/vector_exceptions.csv", "r");
	char line[1024];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		size_t n = strlen(id);

		found = strncmp(line, id, n) == 0 && line[n] == ',';
	}
	if (f) {
		fclose(f);
	}
	return found;
}

/* What a row answers wrongly, or NULL. */
typedef const char *(*vectors_fn)(const json_t *row);

/* Runs every row; prints each that fails, and fails at the end. */
static void vectors_run(const char *file, vectors_fn check)
{
	FILE *f = vectors_open(file);
	size_t rows = 0, failed = 0, excepted = 0;
	json_t *row;

	while ((row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) {
		const char *id = json_string_value(json_object_get(row, "id"));
		const char *wrong;

		rows++;
		assert_non_null(id);
		if (vectors_excepted(id)) {
			excepted++;
		} else if ((wrong = check(row))) {
			print_message("%s: %s\n", id, wrong);
			failed++;
		}
		json_decref(row);
	}
	assert_true(feof(f));
	fclose(f);
	print_message("%s: %zu rows, %zu excepted, %zu failed\n", file, rows,
		      excepted, failed);
	assert_true(rows > 0);
	assert_int_equal(failed, 0);
}

#endif
