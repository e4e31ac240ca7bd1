/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <lauxlib.h>

#include "banned.h"

/* divergences.lua: a list of tables {systems =, scenario =, differs =,
 * reason =}, as plain data. Its state has no library, so that all it can do is
 * return them. */

struct reading {
	const char *path;
	const char *text;
	size_t len;
	const char *system;
	struct gu_divergences *out;
	bool nomem;
};

/* Keeps a string of the field `name` of the table at the top. */
static const char *keep(lua_State *L, struct reading *r, const char *name)
{
	const char *copy;

	if (lua_getfield(L, -1, name) != LUA_TSTRING) {
		luaL_error(L, "a row's %s must be a string", name);
	}
	copy = gu_arena_strdup(&r->out->arena, lua_tostring(L, -1));
	lua_pop(L, 1);
	if (!copy) {
		r->nomem = true;
		luaL_error(L, "out of memory");
	}
	return copy;
}

/* Whether the row at the top is about this system. */
static bool is_about(lua_State *L, const char *system)
{
	bool found = false;

	if (lua_getfield(L, -1, "systems") != LUA_TTABLE) {
		luaL_error(L, "a row's systems must be a list of names");
	}
	for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TSTRING; i++) {
		found |= strcmp(lua_tostring(L, -1), system) == 0;
		lua_pop(L, 1);
	}
	lua_pop(L, 2);
	return found;
}

static void read_row(lua_State *L, struct reading *r)
{
	struct gu_divergences *out = r->out;

	if (lua_type(L, -1) != LUA_TTABLE) {
		luaL_error(L, "a row must be a table");
	}
	if (is_about(L, r->system)) {
		struct gu_divergence *d = &out->list[out->count];

		d->scenario = keep(L, r, "scenario");
		d->differs = keep(L, r, "differs");
		d->reason = keep(L, r, "reason");
		out->count++;
	}
}

static int read_protected(lua_State *L)
{
	struct reading *r = lua_touserdata(L, 1);
	lua_Integer rows;

	if (luaL_loadbufferx(L, r->text, r->len, lua_tostring(L, 2), "t")) {
		return lua_error(L);
	}
	lua_call(L, 0, 1);
	if (lua_type(L, -1) != LUA_TTABLE) {
		luaL_error(L, "%s: must return a list of rows", r->path);
	}
	rows = luaL_len(L, -1);
	r->out->list = gu_arena_alloc(
		&r->out->arena, ((size_t)rows + 1) * sizeof(*r->out->list));
	if (!r->out->list) {
		r->nomem = true;
		luaL_error(L, "out of memory");
	}
	for (lua_Integer i = 1; i <= rows; i++) {
		(void)lua_geti(L, -1, i);
		read_row(L, r);
		lua_pop(L, 1);
	}
	return 0;
}

enum gu_rc sc_divergences(const char *path, const char *text, size_t len,
			  const char *system, struct gu_divergences *out,
			  struct gu_err *err)
{
	struct reading r = { .path = path,
			     .text = text,
			     .len = len,
			     .system = system,
			     .out = out };
	lua_State *L = luaL_newstate();
	enum gu_rc rc = GU_RC_OK;

	*out = (struct gu_divergences){ .arena = GU_ARENA_INIT };
	if (!L) {
		return gu_err_nomem(err);
	}
	lua_pushcfunction(L, read_protected);
	lua_pushlightuserdata(L, &r);
	lua_pushfstring(L, "@%s", path);
	if (lua_pcall(L, 2, 0, 0)) {
		const char *why = lua_tostring(L, -1);

		rc = r.nomem ? gu_err_nomem(err)
			     : gu_err_set(err, GU_RC_USAGE, "%s",
					  why ? why : path);
	}
	lua_close(L);
	return rc;
}
