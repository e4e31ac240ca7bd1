/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <stdio.h>

#include "banned.h"

/* tables that cannot be changed */

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
static void make_read_only(lua_State *L, lua_CFunction refuse, const char *what)
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

/* what replaces functions of the standard library */

void sc_say(lua_State *L, const char *text, size_t len)
{
	char where[SC_WHERE_MAX];

	sc_where(L, where);
	fprintf(stderr, "%s%.*s\n", where, (int)len, text);
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

/* A finalizer would run in the midst of anything, so that what a scenario
 * does would depend on the collector. */
static int script_setmetatable(lua_State *L)
{
	lua_settop(L, 2);
	if (lua_type(L, 2) == LUA_TTABLE) {
		lua_pushliteral(L, "__gc");
		if (lua_rawget(L, 2) != LUA_TNIL) {
			return sc_error(L, "setmetatable: a scenario has no "
					   "finalizers; use local h <close>");
		}
		lua_settop(L, 2);
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, 2, 1);
	return 1;
}

static int call_done(lua_State *L, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	return lua_gettop(L);
}

/* Upvalue 1: the script's own handler. An error that stops the scenario comes
 * out of a hook, and while its handler runs there are no hooks: a handler that
 * loops would never be stopped. */
static int guarded_handler(lua_State *L)
{
	if (sc_of(L)->stop.set) {
		return 1;
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, 1, 1);
	return 1;
}

static int script_xpcall(lua_State *L)
{
	if (lua_type(L, 2) != LUA_TFUNCTION) {
		return sc_error(L,
				"xpcall needs a function as its handler, "
				"got %s",
				sc_kind_at(L, 2));
	}
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, guarded_handler, 1);
	lua_replace(L, 2);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, call_done);
	return lua_gettop(L);
}

/* Replaces a global function by one that gets it as upvalue 1. */
static void wrap(lua_State *L, const char *name, lua_CFunction by)
{
	lua_getglobal(L, name);
	lua_pushcclosure(L, by, 1);
	lua_setglobal(L, name);
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
	wrap(L, "load", script_load);
	wrap(L, "setmetatable", script_setmetatable);
	wrap(L, "xpcall", script_xpcall);
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
