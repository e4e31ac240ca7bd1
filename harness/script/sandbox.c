/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <stdio.h>

#include "banned.h"

/* --- tables that cannot be changed */

static int refuse_change(lua_State *L)
{
	const char *what = lua_tostring(L, lua_upvalueindex(1));

	return sc_error(L, "%s is read-only: '%s' cannot be set", what,
			luaL_tolstring(L, 2, NULL));
}

static int refuse_global(lua_State *L)
{
	const char *name = luaL_tolstring(L, 2, NULL);

	return sc_error(L, "assignment to global '%s'; use local", name);
}

static int real_pairs(lua_State *L)
{
	lua_getglobal(L, "next");
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushnil(L);
	return 3;
}

/* Replaces the table on top by a view of it that refuses assignments by
 * `refuse`, which gets `what`. */
static void make_read_only(lua_State *L, lua_CFunction refuse,
			   const char *what)
{
	lua_newtable(L);
	lua_createtable(L, 0, 4);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushstring(L, what);
	lua_pushcclosure(L, refuse, 1);
	lua_setfield(L, -2, "__newindex");
	lua_pushvalue(L, -3);
	lua_pushcclosure(L, real_pairs, 1);
	lua_setfield(L, -2, "__pairs");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_remove(L, -2);
}

void sc_read_only(lua_State *L, const char *what)
{
	make_read_only(L, refuse_change, what);
}

/* --- what replaces functions of the standard library */

void sc_say(lua_State *L, const char *text, size_t len)
{
	sc_push_where(L);
	fprintf(stderr, "%s%.*s\n", lua_tostring(L, -1), (int)len, text);
	lua_pop(L, 1);
}

static int script_print(lua_State *L)
{
	int n = lua_gettop(L);
	size_t len;
	const char *text;
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		if (i > 1) {
			luaL_addchar(&b, '\t');
		}
		(void)luaL_tolstring(L, i, NULL);
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	text = lua_tolstring(L, -1, &len);
	sc_say(L, text, len);
	return 0;
}

/* load(chunk [, name [, mode [, env]]]) of source text alone: bytecode could
 * break out of the virtual machine. */
static int script_load(lua_State *L)
{
	int n = lua_gettop(L) < 4 ? 3 : 4;

	sc_of(L)->modules++;
	lua_settop(L, n);
	lua_pushliteral(L, "t");
	lua_replace(L, 3);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, n, LUA_MULTRET);
	return lua_gettop(L);
}

static void set_load(lua_State *L)
{
	lua_getglobal(L, "load");
	lua_pushcclosure(L, script_load, 1);
	lua_setglobal(L, "load");
}

/* Opens a library, keeps the functions named (all of them where `keep` is
 * NULL), and makes it read-only. */
static void open_library(lua_State *L, const char *name, lua_CFunction open,
			 const char *const *keep)
{
	luaL_requiref(L, name, open, 0);
	if (keep) {
		lua_newtable(L);
		for (; *keep; keep++) {
			lua_getfield(L, -2, *keep);
			lua_setfield(L, -2, *keep);
		}
		lua_remove(L, -2);
	}
	sc_read_only(L, name);
	lua_setglobal(L, name);
}

/* string.dump makes bytecode, and the metatable of strings leads to the
 * string table itself. */
static void close_strings(lua_State *L)
{
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_getfield(L, -1, "__index");
	lua_getfield(L, -1, "dump");
	sc_of(L)->dump = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pushnil(L);
	lua_setfield(L, -2, "dump");
	lua_pop(L, 3);
}

void sc_sandbox_open(lua_State *L)
{
	static const char *const os[] = { "clock", "date", "difftime", "time",
					  NULL };
	static const char *const debug[] = { "traceback", NULL };
	static const char *const gone[] = { "dofile", "loadfile", NULL };

	luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
	lua_pop(L, 1);
	for (const char *const *name = gone; *name; name++) {
		lua_pushnil(L);
		lua_setglobal(L, *name);
	}
	open_library(L, LUA_STRLIBNAME, luaopen_string, NULL);
	close_strings(L);
	open_library(L, LUA_TABLIBNAME, luaopen_table, NULL);
	open_library(L, LUA_MATHLIBNAME, luaopen_math, NULL);
	open_library(L, LUA_UTF8LIBNAME, luaopen_utf8, NULL);
	open_library(L, LUA_COLIBNAME, luaopen_coroutine, NULL);
	open_library(L, LUA_OSLIBNAME, luaopen_os, os);
	open_library(L, LUA_DBLIBNAME, luaopen_debug, debug);
	set_load(L);
	lua_pushcfunction(L, script_print);
	lua_setglobal(L, "print");
}

void sc_globals_close(lua_State *L)
{
	lua_pushglobaltable(L);
	make_read_only(L, refuse_global, "");
	lua_pushvalue(L, -1);
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_getmetatable(L, -1);
	lua_getfield(L, -1, "__index");
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, LUA_GNAME);
	lua_pop(L, 3);
}
