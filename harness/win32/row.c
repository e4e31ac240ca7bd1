/* SPDX-License-Identifier: MIT */
#include "row.h"

#include <stdio.h>
#include <string.h>

#include "banned.h"

/* Fixtures are made by the conductor. */
static void no_row(struct w_run *x)
{
	w_answer_unsupported(x, x->row->name);
}

static const w_row_fn rows[GU_FN_COUNT] = {
#define GU_FN(name, ...) [GU_FN_##name] = w_fn_##name,
#include "impfn.def"
#include "sysfn.def"
#undef GU_FN
#define GU_FN(name, ...) [GU_FN_##name] = no_row,
#include "fixture.def"
#undef GU_FN
};

static FARPROC procs[GU_FN_COUNT];
static INIT_ONCE resolved = INIT_ONCE_STATIC_INIT;

w_row_fn w_row(enum gu_fn fn)
{
	return rows[fn];
}

bool w_row_needs_proc(enum gu_fn fn)
{
	const struct gu_fn_row *row = gu_fn_row(fn);

	return row->kind == GU_KIND_IMPERSONATE ||
	       row->kind == GU_KIND_REVERT || row->kind == GU_KIND_QUERY ||
	       row->kind == GU_KIND_SYSTEM;
}

FARPROC w_resolve(const char *dll, const char *name)
{
	HMODULE module = GetModuleHandleA(dll);

	if (!module) {
		module =
			LoadLibraryExA(dll, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	}
	return module ? GetProcAddress(module, name) : NULL;
}

/* Wide before plain: where both exist, the plain one is for ANSI. */
static FARPROC resolve_row(const struct gu_fn_row *row)
{
	char dll[32];
	char name[64];
	FARPROC proc;

	(void)snprintf(dll, sizeof(dll), "%s.dll", row->dll);
	(void)snprintf(name, sizeof(name), "%sW", row->name);
	proc = w_resolve(dll, name);
	return proc ? proc : w_resolve(dll, row->name);
}

static BOOL CALLBACK resolve_all(INIT_ONCE *once, void *arg, void **context)
{
	(void)once;
	(void)arg;
	(void)context;
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		if (w_row_needs_proc((enum gu_fn)fn)) {
			procs[fn] = resolve_row(gu_fn_row((enum gu_fn)fn));
		}
	}
	return TRUE;
}

FARPROC w_row_proc(enum gu_fn fn)
{
	(void)InitOnceExecuteOnce(&resolved, resolve_all, NULL, NULL);
	return procs[fn];
}
