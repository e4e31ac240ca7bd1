/* SPDX-License-Identifier: MIT */
#ifndef GU_MATRIX_OUTPUT_H
#define GU_MATRIX_OUTPUT_H

#include "matrix_input.h"

/* A decided matrix written to standard output, a line for each cell. */
struct gu_matrix_format {
	const char *name; /* "csv" */
	void (*head)(const struct gu_matrix_input *in);
	void (*cell)(const struct gu_matrix_input *in, size_t principal,
		     size_t object, uint32_t granted, const char *rights);
};

/* By name, or NULL. Borrowed, static. */
const struct gu_matrix_format *gu_matrix_format_find(const char *name);

/* What is shown of each cell. Rights are by type, with GU_OBJ_NONE the last:
 * a name that a type lacks has none. */
struct gu_matrix_right {
	const char *name;
	uint32_t mask[GU_OBJ_COUNT + 1]; /* generic bits not mapped */
};
struct gu_matrix_view {
	const struct gu_matrix_right *rights; /* NULL: all */
	size_t right_count;
	uint32_t needed; /* cells without these are left out */
};

GU_MUST_CHECK enum gu_rc gu_matrix_write(const struct gu_matrix_input *in,
					 const struct gu_matrix_format *format,
					 const struct gu_matrix_view *view,
					 struct gu_err *err);

#endif
