/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <errno.h>
#include <stdio.h>

#include "banned.h"

/* False at the end of the file. */
static bool read_line(FILE *f, struct gu_buf *line)
{
	char chunk[4096];

	gu_buf_reset(line);
	while (fgets(chunk, sizeof(chunk), f)) {
		gu_buf_adds(line, chunk);
		if (line->len && line->data[line->len - 1] == '\n') {
			break;
		}
	}
	return line->len > 0;
}

static bool is_blank(const char *line)
{
	return line[strspn(line, " \t\r\n")] == '\0';
}

static json_t *error_json(const struct gu_err *err)
{
	json_t *error = json_pack("{s:s}", "message", err->msg);

	if (err->offset != GU_ERR_NO_OFFSET) {
		json_object_set_new(error, "offset",
				    json_integer((json_int_t)err->offset));
	}
	return error;
}

static void answer_line(const char *line, gu_batch_fn answer)
{
	struct gu_err err = GU_ERR_INIT;
	json_error_t syntax;
	json_t *in = json_loads(line, 0, &syntax);
	json_t *out = json_object();
	json_t *id = json_object_get(in, "id");
	enum gu_rc rc;

	json_object_set(out, "id", id ? id : json_null());
	if (!in) {
		rc = gu_err_at(&err, (size_t)syntax.position, "not JSON: %s",
			       syntax.text);
	} else if (!json_is_object(in)) {
		rc = gu_err_set(&err, GU_RC_USAGE, "not a JSON object");
	} else {
		rc = answer(in, out, &err);
	}
	if (rc) {
		json_object_set_new(out, "error", error_json(&err));
	}
	(void)json_dumpf(out, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(in);
	json_decref(out);
}

int gu_batch_run(struct gu_cmdline *cl, const char *path, gu_batch_fn answer)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	struct gu_buf line = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	int exit_code = GU_EXIT_OK;

	if (!f) {
		return gu_complain(cl, "%s: %s", path, strerror(errno));
	}
	while (read_line(f, &line)) {
		if (!is_blank(line.data)) {
			answer_line(line.data, answer);
		}
	}
	if (ferror(f)) {
		(void)gu_complain(cl, "%s: could not be read", path);
		exit_code = GU_EXIT_HARNESS;
	} else if (gu_buf_check(&line, &err)) {
		exit_code = gu_complain_err(cl, &err);
	}
	if (f != stdin) {
		(void)fclose(f);
	}
	gu_buf_release(&line);
	return exit_code;
}
