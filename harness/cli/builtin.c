/* SPDX-License-Identifier: MIT */
#include "builtin.h"

#include "embedded.h"
#include "script.h"
#include "banned.h"

enum gu_rc gu_builtin_add(struct gu_sources *sources, struct gu_arena *arena,
			  struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	gu_script_set_builtin(builtin_scenarios);
	for (const struct gu_embedded *e = builtin_scenarios; !rc && e->path;
	     e++) {
		const char *path =
			gu_arena_printf(arena, "scenarios/%s", e->path);

		rc = path ? gu_sources_add_text(sources, path, e->data, e->len,
						err)
			  : gu_err_nomem(err);
	}
	return rc;
}
