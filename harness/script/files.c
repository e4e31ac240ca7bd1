/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <stdio.h>
#include <sys/stat.h>
#include <uv.h>

#include "alloc.h"
#include "file.h"
#include "banned.h"

static const struct gu_embedded *builtin;

void gu_script_set_builtin(const struct gu_embedded *files)
{
	builtin = files;
}

/* Bytes of a regular file, or -1: of anything else (a pipe, a device) reading
 * may never end. */
static int64_t file_size(const char *path)
{
	uv_fs_t req = { 0 };
	char *name = gu_path_long(path);
	int64_t size = -1;

	if (name && uv_fs_stat(NULL, &req, name, NULL) == 0 &&
	    (req.statbuf.st_mode & S_IFMT) == S_IFREG) {
		size = (int64_t)req.statbuf.st_size;
	}
	uv_fs_req_cleanup(&req);
	gu_free(name);
	return size;
}

/* No Lua call may come between open and close: it could leave without
 * closing. */
static bool file_fill(const char *path, char *to, size_t size, size_t *got)
{
	FILE *f = gu_file_open(path, "rb");
	bool ok;

	if (!f) {
		return false;
	}
	*got = fread(to, 1, size, f);
	ok = !ferror(f);
	(void)fclose(f);
	return ok;
}

bool sc_push_file(lua_State *L, const char *path)
{
	enum { MOST = 1 << 30 };
	int64_t size = file_size(path);
	luaL_Buffer b;
	size_t got = 0;

	if (size < 0 || size > MOST) {
		lua_pushfstring(L, "%s cannot be read", path);
		return false;
	}
	if (!file_fill(path, luaL_buffinitsize(L, &b, (size_t)size),
		       (size_t)size, &got)) {
		luaL_pushresultsize(&b, 0);
		lua_pop(L, 1);
		lua_pushfstring(L, "%s cannot be read", path);
		return false;
	}
	luaL_pushresultsize(&b, got);
	return true;
}

/* What is wrong with a path that must stay beside the scenario, or NULL. */
static const char *escapes(const char *name, size_t len)
{
	const char *p = name;

	if (len == 0 || strlen(name) != len) {
		return "is no file name";
	}
	if (strchr("/\\", name[0]) || (name[1] == ':')) {
		return "is absolute; files are read from beside the scenario";
	}
	for (;;) {
		size_t n = strcspn(p, "/\\");

		if (n == 2 && strncmp(p, "..", 2) == 0) {
			return "leads out of the scenario's folder";
		}
		if (!p[n]) {
			return NULL;
		}
		p += n + 1;
	}
}

static bool lies_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n && strchr("/\\", dir[n - 1])) {
		n--;
	}
	return strncmp(path, dir, n) == 0 && strchr("/\\", path[n]);
}

static bool real_path(uv_fs_t *req, const char *path)
{
	char *name = gu_path_long(path);
	bool ok = name && uv_fs_realpath(NULL, req, name, NULL) == 0;

	gu_free(name);
	return ok;
}

/* Whether a link leads out of the scenario's folder. */
static bool links_out(const struct gu_script *s, const char *path)
{
	uv_fs_t dir = { 0 };
	uv_fs_t file = { 0 };
	bool known = real_path(&file, path);
	bool out = real_path(&dir, *s->dir ? s->dir : ".") && known &&
		   !lies_in(file.ptr, dir.ptr);
	uv_fs_req_cleanup(&file);
	uv_fs_req_cleanup(&dir);
	return out;
}

/* The built-in file that `path` ends in, after a slash or as a whole. */
static const struct gu_embedded *find_builtin(const char *path)
{
	size_t len = strlen(path);

	for (const struct gu_embedded *f = builtin; f && f->path; f++) {
		size_t n = strlen(f->path);

		if (n <= len && strcmp(path + len - n, f->path) == 0 &&
		    (n == len || path[len - n - 1] == '/')) {
			return f;
		}
	}
	return NULL;
}

bool sc_push_beside(lua_State *L, const char *name, size_t len)
{
	const struct gu_script *s = sc_of(L);
	const char *wrong = escapes(name, len);
	const struct gu_embedded *file;
	const char *path;

	if (wrong) {
		lua_pushfstring(L, "'%s' %s", name, wrong);
		return false;
	}
	path = lua_pushfstring(L, "%s%s", s->dir, name);
	file = find_builtin(path);
	if (file) {
		lua_pushlstring(L, file->data, file->len);
		return true;
	}
	if (links_out(s, path)) {
		lua_pushfstring(
			L, "'%s' is a link out of the scenario's folder", name);
		return false;
	}
	return sc_push_file(L, path);
}

int sc_read(lua_State *L)
{
	size_t len;
	const char *name;

	if (lua_type(L, 1) != LUA_TSTRING) {
		return sc_error(L, "guise.read needs a file name, got %s",
				sc_kind_at(L, 1));
	}
	name = lua_tolstring(L, 1, &len);
	if (!sc_push_beside(L, name, len)) {
		return sc_error(L, "guise.read: %s", lua_tostring(L, -1));
	}
	return 1;
}
