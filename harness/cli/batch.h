/* SPDX-License-Identifier: MIT */
#ifndef GU_BATCH_H
#define GU_BATCH_H

#include <jansson.h>

#include "buf.h"
#include "command.h"

/* JSON lines in, JSON lines out, in order, each with its input's id. A line
 * that is no JSON object, or that `answer` refuses, gets an error; the rest
 * go on. */

/* Adds the answer's fields to `out`. An error's message and offset are shown
 * on that line only. */
typedef enum gu_rc (*gu_batch_fn)(const json_t *in, json_t *out,
				  struct gu_err *err);

/* Reads `path` (`-`: standard input); returns the exit code: 0 when every
 * line was answered, whatever the answers. */
int gu_batch_run(struct gu_cmdline *cl, const char *path, gu_batch_fn answer);

#endif
