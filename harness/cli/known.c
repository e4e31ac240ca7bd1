/* SPDX-License-Identifier: MIT */
#include "known.h"

#include <stdio.h>

#include "buf.h"
#include "embedded.h"
#include "file.h"
#include "platform.h"
#include "script.h"
#include "banned.h"

#define NAME "divergences.lua"

/* "Wine 10.0 (Debian)" is wine10. */
static const char *system_name(struct gu_arena *arena)
{
	const char *emulator = gu_emulator();
	size_t digits;

	if (!emulator || strncmp(emulator, "Wine ", 5) != 0) {
		return "windows";
	}
	digits = strspn(emulator + 5, "0123456789");
	return gu_arena_printf(arena, "wine%.*s", (int)digits, emulator + 5);
}

static const struct gu_embedded *builtin_list(void)
{
	const struct gu_embedded *e = builtin_scenarios;

	while (e->path && strcmp(e->path, NAME) != 0) {
		e++;
	}
	return e->path ? e : NULL;
}

/* The list of the first folder that has one, or NULL. */
static const char *beside(struct gu_cmdline *cl)
{
	for (size_t i = 0; i < cl->operands.count; i++) {
		const char *path = gu_arena_printf(&cl->arena, "%s/" NAME,
						   cl->operands.list[i]);
		FILE *f = path ? gu_file_open(path, "rb") : NULL;

		if (f) {
			(void)fclose(f);
			return path;
		}
	}
	return NULL;
}

static enum gu_rc
read_all(const char *path, struct gu_buf *out, struct gu_err *err)
{
	char chunk[4096];
	FILE *f = gu_file_open(path, "rb");
	size_t n = 0;
	bool bad;

	if (!f) {
		return gu_err_set(err, GU_RC_USAGE, "%s: cannot be read", path);
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		gu_buf_add(out, chunk, n);
	}
	bad = ferror(f);
	(void)fclose(f);
	return bad ? gu_err_set(err, GU_RC_IO, "%s: cannot be read", path)
		   : gu_buf_check(out, err);
}

static enum gu_rc read_file(const char *path, const char *system,
			    struct gu_divergences *out, struct gu_err *err)
{
	struct gu_buf text = GU_BUF_INIT;
	enum gu_rc rc = read_all(path, &text, err);

	if (!rc) {
		rc = gu_engine_lua.divergences(path, text.data, text.len,
					       system, out, err);
	}
	gu_buf_release(&text);
	return rc;
}

enum gu_rc gu_known_read(struct gu_cmdline *cl,
			 const struct gu_target_ops *target, const char *path,
			 struct gu_divergences *out, struct gu_err *err)
{
	const struct gu_embedded *list = builtin_list();
	const char *system = system_name(&cl->arena);

	*out = (struct gu_divergences){ .arena = GU_ARENA_INIT };
	if (strcmp(target->name, "model") == 0) {
		return GU_RC_OK;
	}
	if (!path) {
		path = beside(cl);
	}
	if (path) {
		return read_file(path, system, out, err);
	}
	return list && !cl->operands.count
		       ? gu_engine_lua.divergences("scenarios/" NAME,
						   list->data, list->len,
						   system, out, err)
		       : GU_RC_OK;
}
