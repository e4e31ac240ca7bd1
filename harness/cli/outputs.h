/* SPDX-License-Identifier: MIT */
#ifndef GU_OUTPUTS_H
#define GU_OUTPUTS_H

#include "arena.h"
#include "command.h"
#include "registry.h"

/* Where reports and stores go. */
struct gu_output {
	const struct gu_report_ops *report;
	const char *path; /* "-": standard output */
};

struct gu_outputs {
	struct gu_output *list;
	size_t count;
	/* NULL, or for the formats that know what to do with them. */
	const struct gu_report_extras *extras;
};

/* "FORMAT[=PATH]" requests; memory from `arena`. An unknown format, an empty
 * path and a second `-` are GU_RC_USAGE. */
GU_MUST_CHECK enum gu_rc
gu_outputs_parse(struct gu_outputs *out, const struct gu_texts *requests,
		 struct gu_arena *arena, struct gu_err *err);

/* GU_RC_USAGE when there are extras and no format takes any. */
GU_MUST_CHECK enum gu_rc
gu_outputs_check_extras(const struct gu_outputs *o, struct gu_err *err);

/* Writes them all from run `id` (0: the last). */
GU_MUST_CHECK enum gu_rc gu_outputs_write(const struct gu_outputs *o,
					  struct gu_store *store, int64_t id,
					  struct gu_err *err);

/* The path of the default store, from `arena`, its folders made: below
 * $XDG_STATE_HOME, else ~/.local/state. */
GU_MUST_CHECK enum gu_rc
gu_default_store(const char **out, struct gu_arena *arena, struct gu_err *err);

#endif
