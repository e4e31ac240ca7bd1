/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <stdio.h>

#include "lines.h"
#include "banned.h"

static json_t *error_json(const struct gu_err *err)
{
	json_t *error = json_pack("{s:s}", "message", err->msg);

	if (err->offset != GU_ERR_NO_OFFSET) {
		json_object_set_new(error, "offset",
				    json_integer((json_int_t)err->offset));
	}
	return error;
}

static enum gu_rc
answer_line(void *ctx, const char *line, size_t number, struct gu_err *unused)
{
	const gu_batch_fn *answer = ctx;
	struct gu_err err = GU_ERR_INIT;
	json_error_t syntax;
	json_t *in = json_loads(line, 0, &syntax);
	json_t *out = json_object();
	json_t *id = json_object_get(in, "id");
	enum gu_rc rc;

	(void)number;
	(void)unused;
	json_object_set(out, "id", id ? id : json_null());
	if (!in) {
		rc = gu_err_at(&err, (size_t)syntax.position, "not JSON: %s",
			       syntax.text);
	} else if (!json_is_object(in)) {
		rc = gu_err_set(&err, GU_RC_USAGE, "not a JSON object");
	} else {
		rc = (*answer)(in, out, &err);
	}
	if (rc) {
		json_object_set_new(out, "error", error_json(&err));
	}
	(void)json_dumpf(out, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(in);
	json_decref(out);
	return GU_RC_OK;
}

int gu_batch_run(struct gu_cmdline *cl, const char *path, gu_batch_fn answer)
{
	return gu_lines_read(cl, path, answer_line, &answer);
}
