/* SPDX-License-Identifier: MIT */
#ifndef GU_MATRIX_INPUT_H
#define GU_MATRIX_INPUT_H

#include <jansson.h>

#include "command.h"
#include "matrix.h"
#include "objtype.h"

/* Principals and objects from JSON lines, into a matrix. A bad line is shown
 * as FILE:LINE: error and left out; the others go on. */
enum {
	GU_PRINCIPALS = 0x1,
	GU_OBJECTS = 0x2,
};

struct gu_matrix_name {
	const char *text; /* in the command line's arena */
	const char *json; /* the same as a JSON string */
};

struct gu_matrix_object {
	struct gu_matrix_name name;
	enum gu_objtype type; /* GU_OBJ_NONE: it has a mapping of its own */
	struct gu_generic_mapping map;
};

struct gu_matrix_input {
	struct gu_cmdline *cl;
	struct gu_matrix *matrix;   /* owned */
	const char *only_principal; /* the one wanted, or NULL: all */
	const char *only_object;
	struct gu_matrix_name *principals; /* owned, as in the matrix */
	size_t principal_count;
	size_t principal_cap;
	struct gu_matrix_object *objects; /* owned, as in the matrix */
	size_t object_count;
	size_t object_cap;
	json_t *principals_seen; /* owned: name to FILE:LINE */
	json_t *objects_seen;
	size_t bad_lines;
	/* Of the file being read. */
	const char *path;
	unsigned kinds;
};

GU_MUST_CHECK enum gu_rc gu_matrix_input_init(struct gu_matrix_input *in,
					      struct gu_cmdline *cl,
					      struct gu_err *err);
void gu_matrix_input_release(struct gu_matrix_input *in);

/* Adds one that is not left out. `place` says where it comes from, for whoever
 * takes the same name. The second wants the descriptor as gu_sd_encode writes
 * it. */
GU_MUST_CHECK enum gu_rc
gu_matrix_input_principal(struct gu_matrix_input *in,
			  const struct gu_matrix_name *name, const char *place,
			  const struct gu_token *token, struct gu_err *err);
GU_MUST_CHECK enum gu_rc
gu_matrix_input_object(struct gu_matrix_input *in,
		       const struct gu_matrix_object *object, const char *place,
		       const struct gu_buf *bytes, struct gu_err *err);

/* Makes a name of a JSON string. */
GU_MUST_CHECK enum gu_rc
gu_matrix_name_read(struct gu_matrix_input *in, const json_t *name,
		    struct gu_matrix_name *out, struct gu_err *err);

/* Reads `path` (`-`: standard input), whose lines have to be of `kinds`; with
 * both, each is either or both. Returns the exit code: bad lines do not count
 * here. */
int gu_matrix_input_read(struct gu_matrix_input *in, const char *path,
			 unsigned kinds);

#endif
