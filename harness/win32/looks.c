/* SPDX-License-Identifier: MIT */
#include "looks.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "native.h"
#include "wide.h"
#include "win32.h"

#include "banned.h"

/* what was found */

enum gu_rc w_look_object(struct w_look *l, const char *name,
			 enum gu_objtype type, HANDLE h, uint32_t error)
{
	struct gu_found found = { .name = name, .type = type, .error = error };
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc;

	if (h && w_sd_read(h, type, &sd)) {
		found.sd = &sd;
		found.error = 0;
	} else if (h) {
		found.error = GetLastError();
	}
	if (!found.sd && !found.error) {
		found.error = ERROR_INVALID_SECURITY_DESCR;
	}
	rc = l->fn(l->arg, &found, l->err);
	gu_sd_release(&sd);
	return rc;
}

enum gu_rc
w_look_token(struct w_look *l, const char *name, HANDLE token, uint32_t error)
{
	struct gu_found found = { .name = name,
				  .type = GU_OBJ_NONE,
				  .error = error };
	struct gu_token *read = NULL;
	enum gu_rc rc = GU_RC_OK;

	if (token) {
		rc = w_token_read(token, &l->arena, &read, l->err);
		found.token = read;
		found.error = 0;
	}
	if (!rc) {
		rc = l->fn(l->arg, &found, l->err);
	}
	gu_token_unref(read);
	gu_arena_reset(&l->arena);
	return rc;
}

/* names to look at */

enum gu_rc w_todo_push(struct w_todo *todo, const char *parent,
		       const wchar_t *child, struct gu_err *err)
{
	struct gu_buf name = GU_BUF_INIT;
	char *narrow = child ? gu_wide_to_utf8(child) : NULL;
	char **grown =
		gu_grow(todo->list, todo->count, &todo->cap, sizeof(*grown));

	gu_buf_adds(&name, parent);
	if (child) {
		if (name.len && name.data[name.len - 1] != '\\') {
			gu_buf_addc(&name, '\\');
		}
		/* What is no text has no name here; it stays to be seen. */
		gu_buf_adds(&name, narrow ? narrow : "\xEF\xBF\xBD");
	}
	gu_free(narrow);
	if (grown) {
		todo->list = grown;
		grown[todo->count] = gu_buf_detach(&name);
	}
	gu_buf_release(&name);
	if (!grown || !grown[todo->count]) {
		return gu_err_nomem(err);
	}
	todo->count++;
	return GU_RC_OK;
}

char *w_todo_pop(struct w_todo *todo)
{
	return todo->count ? todo->list[--todo->count] : NULL;
}

static int backwards(const void *a, const void *b)
{
	return strcmp(*(char *const *)b, *(char *const *)a);
}

void w_todo_sort(struct w_todo *todo, size_t from)
{
	if (todo->count > from) {
		qsort(todo->list + from, todo->count - from,
		      sizeof(*todo->list), backwards);
	}
}

void w_todo_release(struct w_todo *todo)
{
	while (todo->count) {
		gu_free(todo->list[--todo->count]);
	}
	gu_free(todo->list);
}

/* privileges */

static void enable(HANDLE token, const wchar_t *name)
{
	TOKEN_PRIVILEGES p = { .PrivilegeCount = 1 };

	if (LookupPrivilegeValueW(NULL, name, &p.Privileges[0].Luid)) {
		p.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
		(void)AdjustTokenPrivileges(token, FALSE, &p, 0, NULL, NULL);
	}
}

/* What we hold of the privileges that let one read past descriptors; on this
 * thread alone, so that the process's token is found as it was. */
static bool raise_self(void)
{
	HANDLE token;

	if (!ImpersonateSelf(SecurityImpersonation)) {
		return false;
	}
	if (OpenThreadToken(GetCurrentThread(),
			    TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, TRUE,
			    &token)) {
		enable(token, L"SeBackupPrivilege");
		enable(token, L"SeDebugPrivilege");
		(void)CloseHandle(token);
	}
	return true;
}

static enum gu_rc look(struct w_look *l, const struct gu_look *what)
{
	switch (what->kind) {
	case GU_LOOK_FILES:
		return w_look_files(l, what->root);
	case GU_LOOK_KEYS:
		return w_look_keys(l, what->root);
	case GU_LOOK_SERVICES:
		return w_look_services(l);
	case GU_LOOK_PIPES:
		return w_look_pipes(l);
	case GU_LOOK_KERNEL:
		return w_look_kernel(l, what->root);
	case GU_LOOK_PROCESSES:
		return w_look_processes(l, what->root);
	}
	return GU_RC_OK;
}

enum gu_rc gu_win32_look(const struct gu_look *what, gu_found_fn fn, void *arg,
			 struct gu_err *err)
{
	struct w_look l = { .fn = fn, .arg = arg, .err = err };
	bool raised = raise_self();
	enum gu_rc rc = look(&l, what);

	if (raised && !RevertToSelf() && !rc) {
		rc = gu_err_set(err, GU_RC_IO, "RevertToSelf failed: error %lu",
				GetLastError());
	}
	gu_arena_release(&l.arena);
	return rc;
}
