/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <errno.h>
#include <stdio.h>

#include "file.h"
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

int gu_lines_read(struct gu_cmdline *cl, const char *path, gu_line_fn fn,
		  void *ctx)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : gu_file_open(path, "rb");
	struct gu_buf line = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	int exit_code = GU_EXIT_OK;
	enum gu_rc rc = GU_RC_OK;

	if (!f) {
		return gu_complain(cl, "%s: %s", path, strerror(errno));
	}
	for (size_t number = 1; !rc && read_line(f, &line); number++) {
		rc = gu_buf_check(&line, &err);
		if (!rc && !is_blank(line.data)) {
			rc = fn(ctx, line.data, number, &err);
		}
	}
	if (rc) {
		exit_code = gu_complain_err(cl, &err);
	} else if (ferror(f)) {
		(void)gu_complain(cl, "%s: could not be read", path);
		exit_code = GU_EXIT_HARNESS;
	}
	if (f != stdin) {
		(void)fclose(f);
	}
	gu_buf_release(&line);
	return exit_code;
}
