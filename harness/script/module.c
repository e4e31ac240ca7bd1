/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "banned.h"

static const char *lib_dir;

void gu_script_set_lib(const char *dir)
{
	lib_dir = dir;
}

/* A chunk of the user's may begin with a byte order mark and a # line. */
static const char *skip_head(const char *text, size_t *len)
{
	const char *end = text + *len;

	if (*len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
	}
	if (text < end && *text == '#') {
		while (text < end && *text != '\n') {
			text++;
		}
	}
	*len = (size_t)(end - text);
	return text;
}

int sc_load_chunk(lua_State *L, const char *text, size_t len, const char *path)
{
	int status;

	text = skip_head(text, &len);
	lua_pushfstring(L, "@%s", path);
	status = luaL_loadbufferx(L, text, len, lua_tostring(L, -1), "t");
	lua_remove(L, -2);
	return status;
}

/* the library */

static const struct gu_embedded *find_embedded(const char *name)
{
	size_t n = strlen(name);

	for (const struct gu_embedded *f = lua_library; f->path; f++) {
		if (strncmp(f->path, name, n) == 0 &&
		    strcmp(f->path + n, ".lua") == 0) {
			return f;
		}
	}
	return NULL;
}

/* Pushes a module's source; false when there is none. */
static bool push_source(lua_State *L, const char *name)
{
	const struct gu_embedded *file;

	if (lib_dir) {
		lua_pushfstring(L, "%s/guise/%s.lua", lib_dir, name);
		if (!sc_push_file(L, lua_tostring(L, -1))) {
			lua_pop(L, 2);
			return false;
		}
		lua_remove(L, -2);
		return true;
	}
	file = find_embedded(name);
	if (!file) {
		return false;
	}
	lua_pushlstring(L, file->data, file->len);
	return true;
}

/* Replaces the function on top by the same without line numbers: messages
 * and rows then show the script's line, not the library's. */
static void strip(lua_State *L)
{
	const char *code;
	size_t len;

	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->dump);
	lua_insert(L, -2);
	lua_pushboolean(L, 1);
	lua_call(L, 2, 1);
	code = lua_tolstring(L, -1, &len);
	if (luaL_loadbufferx(L, code, len, "=guise", "b") != LUA_OK) {
		lua_error(L);
	}
	lua_remove(L, -2);
}

static void run_library(lua_State *L, const char *name)
{
	const char *text;
	size_t len;

	if (!push_source(L, name)) {
		sc_error(L, "there is no module 'guise.%s'", name);
	}
	text = lua_tolstring(L, -1, &len);
	lua_pushfstring(L, "@guise/%s.lua", name);
	if (luaL_loadbufferx(L, text, len, lua_tostring(L, -1), "t") !=
	    LUA_OK) {
		lua_error(L);
	}
	strip(L);
	lua_pushstring(L, name);
	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->native);
	lua_call(L, 2, 1);
	lua_replace(L, -3);
	lua_pop(L, 1);
}

/* Pushes what is kept under a key in the table of loaded modules. */
static bool push_loaded(lua_State *L, const char *key)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->loaded);
	if (lua_getfield(L, -1, key) != LUA_TNIL) {
		lua_remove(L, -2);
		return true;
	}
	lua_pop(L, 2);
	return false;
}

static void keep_loaded(lua_State *L, const char *key)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->loaded);
	lua_pushvalue(L, -2);
	lua_setfield(L, -2, key);
	lua_pop(L, 1);
}

void sc_library(lua_State *L, const char *name)
{
	const char *key;

	luaL_checkstack(L, 8, NULL);
	key = lua_pushfstring(L, "guise.%s", name);
	if (!push_loaded(L, key)) {
		run_library(L, name);
		sc_read_only(L, key);
		keep_loaded(L, key);
	}
	lua_remove(L, -2);
}

/* A function of the library that is loaded when it is first called. Upvalues:
 * module, function. */
static int lazy_done(lua_State *L, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	return lua_gettop(L);
}

static int lazy(lua_State *L)
{
	sc_library(L, lua_tostring(L, lua_upvalueindex(1)));
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_gettable(L, -2);
	lua_remove(L, -2);
	lua_insert(L, 1);
	lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, lazy_done);
	return lazy_done(L, LUA_OK, 0);
}

void sc_push_lazy(lua_State *L, const char *module, const char *function)
{
	lua_pushstring(L, module);
	lua_pushstring(L, function);
	lua_pushcclosure(L, lazy, 2);
}

/* modules beside the scenario */

static bool is_module_name(const char *name)
{
	for (const char *p = name; *p; p++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
			    *p)) {
			return false;
		}
	}
	return *name != '\0';
}

static int require_local(lua_State *L, const char *name)
{
	struct gu_script *s = sc_of(L);
	const char *file;
	const char *text;
	size_t len;

	file = lua_pushfstring(L, "%s.lua", name);
	if (!sc_push_beside(L, file, strlen(file))) {
		return sc_error(L, "there is no module '%s': %s", name,
				lua_tostring(L, -1));
	}
	s->modules++;
	lua_pushboolean(L, 0); /* until it is loaded */
	keep_loaded(L, name);
	lua_pop(L, 1);
	text = lua_tolstring(L, -1, &len);
	file = lua_pushfstring(L, "%s%s", s->dir, file);
	if (sc_load_chunk(L, text, len, file) != LUA_OK) {
		return lua_error(L);
	}
	lua_pushstring(L, name);
	lua_call(L, 1, 1);
	if (lua_isnil(L, -1)) {
		lua_pushboolean(L, 1);
		lua_replace(L, -2);
	}
	keep_loaded(L, name);
	return 1;
}

static int script_require(lua_State *L)
{
	const char *name;

	if (lua_type(L, 1) != LUA_TSTRING) {
		return sc_error(L, "require needs the name of a module, got %s",
				sc_kind_at(L, 1));
	}
	name = lua_tostring(L, 1);
	if (push_loaded(L, name)) {
		if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
			return sc_error(L, "module '%s' requires itself", name);
		}
		return 1;
	}
	if (strncmp(name, "guise.", 6) == 0 && is_module_name(name + 6)) {
		sc_library(L, name + 6);
		return 1;
	}
	if (!is_module_name(name)) {
		return sc_error(L,
				"there is no module '%s': a scenario can "
				"require guise and files beside it by name",
				name);
	}
	return require_local(L, name);
}

void sc_module_open(lua_State *L)
{
	lua_newtable(L);
	sc_of(L)->loaded = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pushcfunction(L, script_require);
	lua_setglobal(L, "require");
	sc_guise_push(L);
	keep_loaded(L, "guise");
	lua_pop(L, 1);
}
