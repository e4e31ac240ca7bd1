/* SPDX-License-Identifier: MIT */
#ifndef GU_LINES_H
#define GU_LINES_H

#include "buf.h"
#include "command.h"

/* Files read line by line, of any length. */

/* `number` counts from 1. An error ends the reading and is shown. */
typedef enum gu_rc (*gu_line_fn)(void *ctx, const char *line, size_t number,
				 struct gu_err *err);

/* Calls `fn` for the lines of `path` (`-`: standard input) that are not blank;
 * returns the exit code, having shown what is wrong. */
int gu_lines_read(struct gu_cmdline *cl, const char *path, gu_line_fn fn,
		  void *ctx);

#endif
