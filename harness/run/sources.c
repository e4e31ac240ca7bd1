/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <uv.h>

#include "alloc.h"
#include "buf.h"
#include "file.h"
#include "banned.h"

static bool is_scenario_file(const char *path)
{
	const char *name = gu_path_base(path);
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".lua") == 0 && name[0] != '_' &&
	       strcmp(name, "divergences.lua") != 0;
}

static enum gu_rc
append(struct gu_sources *s, const struct gu_source *src, struct gu_err *err)
{
	char *path = gu_strdup(src->path);

	if (!path) {
		return gu_err_nomem(err);
	}
	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;
		struct gu_source *list =
			gu_realloc(s->list, cap, sizeof(*list));

		if (!list) {
			gu_free(path);
			return gu_err_nomem(err);
		}
		s->list = list;
		s->cap = cap;
	}
	s->list[s->count] = *src;
	s->list[s->count++].path = path;
	return GU_RC_OK;
}

static enum gu_rc io_error(struct gu_err *err, const char *path, int code)
{
	return gu_err_set(err, code == UV_ENOENT ? GU_RC_USAGE : GU_RC_IO,
			  "%s: %s", path, uv_strerror(code));
}

/* Fills `req`, to be cleaned up, as uv_fs_stat does. */
static int stat_of(uv_fs_t *req, const char *path)
{
	char *name = gu_path_long(path);
	int code = name ? uv_fs_stat(NULL, req, name, NULL) : UV_ENOMEM;

	gu_free(name);
	return code;
}

enum node { NODE_FILE, NODE_FOLDER, NODE_OTHER };

/* Links to files count as files; links to folders are not followed, since
 * they may lead back. */
static enum node node_below(const char *path, uv_dirent_type_t type)
{
	uv_fs_t req = { 0 };
	enum node node = NODE_OTHER;

	if (type == UV_DIRENT_DIR) {
		return NODE_FOLDER;
	}
	if (type == UV_DIRENT_FILE) {
		return NODE_FILE;
	}
	if (stat_of(&req, path) == 0 &&
	    (req.statbuf.st_mode & S_IFMT) == S_IFREG) {
		node = NODE_FILE;
	}
	uv_fs_req_cleanup(&req);
	return node;
}

static enum gu_rc add_entry(struct gu_sources *s, struct gu_sources *todo,
			    const char *path, uv_dirent_type_t type,
			    struct gu_err *err)
{
	const struct gu_source found = { .path = path };
	const char *name = gu_path_base(path);

	if (name[0] == '_' || name[0] == '.') {
		return GU_RC_OK;
	}
	switch (node_below(path, type)) {
	case NODE_FILE:
		return is_scenario_file(path) ? append(s, &found, err)
					      : GU_RC_OK;
	case NODE_FOLDER:
		return append(todo, &found, err);
	case NODE_OTHER:
		break;
	}
	return GU_RC_OK;
}

/* Adds the folder's own files, and its folders to `todo`. */
static enum gu_rc scan_folder(struct gu_sources *s, struct gu_sources *todo,
			      const char *folder, struct gu_err *err)
{
	const char *join = folder[strlen(folder) - 1] == '/' ? "" : "/";
	struct gu_buf path = GU_BUF_INIT;
	enum gu_rc rc = GU_RC_OK;
	uv_dirent_t entry;
	uv_fs_t req = { 0 };
	char *name = gu_path_long(folder);
	int n = name ? uv_fs_scandir(NULL, &req, name, 0, NULL) : UV_ENOMEM;

	if (n < 0) {
		rc = io_error(err, folder, n);
	}
	while (!rc && uv_fs_scandir_next(&req, &entry) != UV_EOF) {
		gu_buf_reset(&path);
		gu_buf_addf(&path, "%s%s%s", folder, join, entry.name);
		rc = gu_buf_check(&path, err);
		if (!rc) {
			rc = add_entry(s, todo, path.data, entry.type, err);
		}
	}
	uv_fs_req_cleanup(&req);
	gu_free(name);
	gu_buf_release(&path);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	const struct gu_source *left = a;
	const struct gu_source *right = b;

	return strcmp(left->path, right->path);
}

static enum gu_rc
add_folder(struct gu_sources *s, const char *folder, struct gu_err *err)
{
	struct gu_sources todo = { .list = NULL };
	size_t first = s->count;
	enum gu_rc rc = scan_folder(s, &todo, folder, err);

	for (size_t i = 0; !rc && i < todo.count; i++) {
		rc = scan_folder(s, &todo, todo.list[i].path, err);
	}
	if (!rc && s->count > first) {
		qsort(s->list + first, s->count - first, sizeof(*s->list),
		      by_path);
	}
	gu_sources_free(&todo);
	return rc;
}

enum gu_rc
gu_sources_add(struct gu_sources *s, const char *path, struct gu_err *err)
{
	const struct gu_source file = { .path = path };
	bool folder = false;
	uv_fs_t req = { 0 };
	int code = stat_of(&req, path);

	if (code == 0) {
		folder = (req.statbuf.st_mode & S_IFMT) == S_IFDIR;
	}
	uv_fs_req_cleanup(&req);
	if (code) {
		return io_error(err, path, code);
	}
	return folder ? add_folder(s, path, err) : append(s, &file, err);
}

enum gu_rc gu_sources_add_text(struct gu_sources *s, const char *path,
			       const char *text, size_t len, struct gu_err *err)
{
	const struct gu_source file = { .path = path,
					.text = text,
					.len = len };

	return is_scenario_file(path) ? append(s, &file, err) : GU_RC_OK;
}

void gu_sources_free(struct gu_sources *s)
{
	for (size_t i = 0; i < s->count; i++) {
		gu_free((char *)s->list[i].path);
	}
	gu_free(s->list);
	*s = (struct gu_sources){ .list = NULL };
}
