/* SPDX-License-Identifier: MIT */
#include "looks.h"

#include <wchar.h>

#include "alloc.h"
#include "open.h"
#include "wide.h"

#include "banned.h"

/* Files and keys: a root and what is below, parents first, in the order of
 * their names. */

/* files */

/* A link is looked at itself. */
static HANDLE open_file(const wchar_t *path, uint32_t *error)
{
	const DWORD share =
		FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	HANDLE h = CreateFileW(path, READ_CONTROL, share, NULL, OPEN_EXISTING,
			       FILE_FLAG_BACKUP_SEMANTICS |
				       FILE_FLAG_OPEN_REPARSE_POINT,
			       NULL);

	*error = GetLastError();
	return h == INVALID_HANDLE_VALUE ? NULL : h;
}

static bool is_dots(const wchar_t *name)
{
	return !wcscmp(name, L".") || !wcscmp(name, L"..");
}

/* A folder that cannot be listed shows what is below as unreadable. */
static enum gu_rc
list_folder(struct w_look *l, struct w_todo *todo, const char *folder)
{
	struct w_todo pattern = { .list = NULL };
	WIN32_FIND_DATAW entry;
	enum gu_rc rc = w_todo_push(&pattern, folder, L"*", l->err);
	wchar_t *path = rc ? NULL : gu_wide_path(pattern.list[0]);
	HANDLE find =
		path ? FindFirstFileW(path, &entry) : INVALID_HANDLE_VALUE;
	uint32_t error = find == INVALID_HANDLE_VALUE ? GetLastError() : 0;

	if (!rc && path && error && error != ERROR_FILE_NOT_FOUND) {
		rc = w_look_object(l, pattern.list[0], GU_OBJ_file, NULL,
				   error);
	}
	w_todo_release(&pattern);
	gu_free(path);
	if (find == INVALID_HANDLE_VALUE) {
		return rc;
	}
	do {
		if (!is_dots(entry.cFileName)) {
			rc = w_todo_push(todo, folder, entry.cFileName, l->err);
		}
	} while (!rc && FindNextFileW(find, &entry));
	(void)FindClose(find);
	return rc;
}

static enum gu_rc
visit_file(struct w_look *l, struct w_todo *todo, const char *name)
{
	wchar_t *path = gu_wide_path(name);
	DWORD attributes =
		path ? GetFileAttributesW(path) : INVALID_FILE_ATTRIBUTES;
	bool folder = attributes != INVALID_FILE_ATTRIBUTES &&
		      (attributes & FILE_ATTRIBUTE_DIRECTORY);
	uint32_t error = ERROR_INVALID_NAME;
	HANDLE h = path ? open_file(path, &error) : NULL;
	size_t from = todo->count;
	enum gu_rc rc = w_look_object(
		l, name, folder ? GU_OBJ_directory : GU_OBJ_file, h, error);

	if (h) {
		(void)CloseHandle(h);
	}
	gu_free(path);
	if (!rc && folder && !(attributes & FILE_ATTRIBUTE_REPARSE_POINT)) {
		rc = list_folder(l, todo, name);
		w_todo_sort(todo, from);
	}
	return rc;
}

/* keys */

static enum gu_rc
list_key(struct w_look *l, struct w_todo *todo, const char *name, HKEY key)
{
	wchar_t child[260];
	LSTATUS status = ERROR_SUCCESS;
	enum gu_rc rc = GU_RC_OK;

	for (DWORD i = 0; !rc && status == ERROR_SUCCESS; i++) {
		DWORD n = sizeof(child) / sizeof(child[0]);

		status = RegEnumKeyExW(key, i, child, &n, NULL, NULL, NULL,
				       NULL);
		if (status == ERROR_SUCCESS) {
			rc = w_todo_push(todo, name, child, l->err);
		}
	}
	if (!rc && status != ERROR_SUCCESS && status != ERROR_NO_MORE_ITEMS) {
		struct w_todo all = { .list = NULL };

		rc = w_todo_push(&all, name, L"*", l->err);
		if (!rc) {
			rc = w_look_object(l, all.list[0], GU_OBJ_key, NULL,
					   (uint32_t)status);
		}
		w_todo_release(&all);
	}
	return rc;
}

/* A link to another key is looked at itself, but for the root. NULL, and the
 * error. */
static HKEY
open_key(const char *name, bool root, REGSAM access, uint32_t *error)
{
	wchar_t *wide = gu_wide_from_utf8(name);
	const wchar_t *rest = NULL;
	HKEY hive = wide ? w_key_root(wide, &rest) : NULL;
	HKEY key = NULL;

	*error = ERROR_PATH_NOT_FOUND;
	if (hive) {
		*error = (uint32_t)RegOpenKeyExW(
			hive, rest, root ? 0 : REG_OPTION_OPEN_LINK, access,
			&key);
	}
	gu_free(wide);
	return *error ? NULL : key;
}

static enum gu_rc
visit_key(struct w_look *l, struct w_todo *todo, const char *name, bool root)
{
	size_t from = todo->count;
	uint32_t error;
	HKEY key = open_key(name, root, READ_CONTROL, &error);
	enum gu_rc rc = w_look_object(l, name, GU_OBJ_key, key, error);

	if (key) {
		(void)RegCloseKey(key);
	}
	if (rc || error == ERROR_PATH_NOT_FOUND ||
	    error == ERROR_FILE_NOT_FOUND) {
		return rc;
	}
	key = open_key(name, root, KEY_ENUMERATE_SUB_KEYS, &error);
	if (key) {
		rc = list_key(l, todo, name, key);
		(void)RegCloseKey(key);
		w_todo_sort(todo, from);
	}
	return rc;
}

/* trees */

static enum gu_rc tree(struct w_look *l, const char *root, bool files)
{
	struct w_todo todo = { .list = NULL };
	enum gu_rc rc = w_todo_push(&todo, root, NULL, l->err);
	bool first = true;
	char *name;

	while (!rc && (name = w_todo_pop(&todo))) {
		rc = files ? visit_file(l, &todo, name)
			   : visit_key(l, &todo, name, first);
		first = false;
		gu_free(name);
	}
	w_todo_release(&todo);
	return rc;
}

/* The whole path of what was given from where guise runs. New. */
static char *absolute(const char *path)
{
	wchar_t *wide = gu_wide_from_utf8(path);
	DWORD room = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
	wchar_t *full = room ? gu_calloc(room, sizeof(*full)) : NULL;
	char *out = NULL;

	if (full && GetFullPathNameW(wide, room, full, NULL)) {
		out = gu_wide_to_utf8(full);
	}
	gu_free(wide);
	gu_free(full);
	return out;
}

enum gu_rc w_look_files(struct w_look *l, const char *root)
{
	char *path = absolute(root);
	enum gu_rc rc = path ? tree(l, path, true)
			     : gu_err_set(l->err, GU_RC_USAGE,
					  "%s is no path of this system", root);

	gu_free(path);
	return rc;
}

enum gu_rc w_look_keys(struct w_look *l, const char *root)
{
	return tree(l, root, false);
}
