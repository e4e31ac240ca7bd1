/* SPDX-License-Identifier: MIT */
#include "matrix_snapshot.h"

#include <inttypes.h>
#include <stdio.h>

#include "lines.h"
#include "snapshot.h"
#include "banned.h"

struct reading {
	struct gu_matrix_input *in;
	uint64_t unreadable;
};

static enum gu_rc name_of(struct gu_matrix_input *in, const char *text,
			  struct gu_matrix_name *out, struct gu_err *err)
{
	json_t *name = json_string(text);
	enum gu_rc rc = name ? gu_matrix_name_read(in, name, out, err)
			     : gu_err_nomem(err);

	json_decref(name);
	return rc;
}

static enum gu_rc take_object(struct gu_matrix_input *in,
			      const struct gu_snapshot_line *line,
			      const char *place, struct gu_err *err)
{
	struct gu_matrix_object object = {
		.type = line->type,
		.map = gu_objtype_row(line->type)->map,
	};
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc = name_of(in, line->name, &object.name, err);

	gu_sd_encode(&line->sd, &bytes);
	if (!rc) {
		rc = gu_buf_check(&bytes, err);
	}
	if (!rc) {
		rc = gu_matrix_input_object(in, &object, place, &bytes, err);
	}
	gu_buf_release(&bytes);
	return rc;
}

static enum gu_rc take_principal(struct gu_matrix_input *in,
				 const struct gu_snapshot_line *line,
				 const char *place, struct gu_err *err)
{
	struct gu_matrix_name name;
	enum gu_rc rc = name_of(in, line->name, &name, err);

	return rc ? rc
		  : gu_matrix_input_principal(in, &name, place, line->token,
					      err);
}

static enum gu_rc
on_line(void *ctx, const char *text, size_t number, struct gu_err *err)
{
	struct reading *r = ctx;
	struct gu_snapshot_line line;
	struct gu_err wrong = GU_ERR_INIT;
	char place[4096];
	enum gu_rc rc = gu_snapshot_read(text, strlen(text), &line, &wrong);

	(void)snprintf(place, sizeof(place), "%s:%zu", r->in->path, number);
	if (!rc && line.unreadable) {
		r->unreadable++;
	} else if (!rc && line.token) {
		rc = take_principal(r->in, &line, place, &wrong);
	} else if (!rc) {
		rc = take_object(r->in, &line, place, &wrong);
	}
	gu_snapshot_release(&line);
	return rc ? gu_err_set(err, rc, "%s: %s", place, wrong.msg) : GU_RC_OK;
}

int gu_matrix_snapshot_read(struct gu_matrix_input *in, const char *path)
{
	struct reading r = { .in = in };
	int exit_code;

	in->path = strcmp(path, "-") == 0 ? "(standard input)" : path;
	exit_code = gu_lines_read(in->cl, path, on_line, &r);
	if (exit_code == GU_EXIT_OK && r.unreadable) {
		(void)fprintf(stderr,
			      "guise matrix: %s: %" PRIu64
			      " things could not be read there and are left "
			      "out\n",
			      in->path, r.unreadable);
	}
	return exit_code;
}
