/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "snapshot.h"
#include "text.h"
#include "banned.h"

/* What modules of the library get and scripts do not. */

/* native.fixtures(): "account:alice" -> userdata. */
static int native_fixtures(lua_State *L)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->fixtures);
	return 1;
}

/* native.misuse(message): raised at the script's line. */
static int native_misuse(lua_State *L)
{
	return sc_error(L, "%s", luaL_checkstring(L, 1));
}

/* native.kind(value): "an account", "a string": for messages. */
static int native_kind(lua_State *L)
{
	lua_pushstring(L, sc_kind_at(L, 1));
	return 1;
}

/* native.read(file): as guise.read, but nil and why where it cannot. */
static int native_read(lua_State *L)
{
	size_t len;
	const char *name = luaL_checklstring(L, 1, &len);

	if (sc_push_beside(L, name, len)) {
		return 1;
	}
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

/* native.suggest(name, list): the one spelt alike, or nil. */
static int native_suggest(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	size_t n = (size_t)lua_rawlen(L, 2);
	const char **names = lua_newuserdatauv(L, (n + 1) * sizeof(*names), 0);

	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, 2, (lua_Integer)i + 1);
		names[i] = luaL_checkstring(L, -1); /* the list keeps it */
		lua_pop(L, 1);
	}
	names[n] = NULL;
	lua_pushstring(L, gu_suggest(name, names));
	return 1;
}

/* native.name(value): what an account or object is called; a string is its
 * own name. Nil for anything else. */
static int native_name(lua_State *L)
{
	const struct sc_ref *r = sc_ref_at(L, 1);

	if (lua_type(L, 1) == LUA_TSTRING) {
		lua_settop(L, 1);
	} else if (r &&
		   (r->ref.kind == GU_REF_ACCOUNT || r->type != GU_OBJ_NONE)) {
		lua_pushstring(L, r->name);
	} else {
		lua_pushnil(L);
	}
	return 1;
}

/* native.check_name("level" or "rights", text [, object]): true, or nil and
 * what is wrong. */
static int native_check_name(lua_State *L)
{
	static const char *const kinds[] = { "level", "rights", NULL };
	bool rights = luaL_checkoption(L, 1, NULL, kinds) == 1;
	const struct sc_ref *r = sc_ref_at(L, 3);
	int type = r && r->type != GU_OBJ_NONE ? (int)r->type : GU_OBJ_file;
	uint32_t v;

	(void)luaL_checkstring(L, 2);
	if (!sc_name_value(L, 2, rights ? GU_ARG_ACCESS : GU_ARG_LEVEL,
			   rights ? type : 0, &v)) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	lua_pushboolean(L, 1);
	return 1;
}

static int native_check_scenario(lua_State *L)
{
	sc_check_scenario(L, 1);
	return 0;
}

/* native.snapshot_line(text): "principal", an object's type or "unreadable",
 * and its name; or nil, nil and what is wrong. */
static int native_snapshot_line(lua_State *L)
{
	char why[GU_ERR_MAX];
	struct gu_err err = GU_ERR_INIT;
	struct gu_snapshot_line line;
	const char *kind = "principal";
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	enum gu_rc rc;
	char *name;

	/* Room for the name comes first: what follows must not raise. */
	name = lua_newuserdatauv(L, len + 1, 0);
	rc = gu_snapshot_read(text, len, &line, &err);
	if (rc == GU_RC_NOMEM) {
		gu_snapshot_release(&line);
		return sc_nomem(L);
	}
	if (rc) {
		(void)snprintf(why, sizeof(why), "%s", err.msg);
		gu_snapshot_release(&line);
		lua_pushnil(L);
		lua_pushnil(L);
		lua_pushstring(L, why);
		return 3;
	}
	if (line.unreadable) {
		kind = "unreadable";
	} else if (line.type != GU_OBJ_NONE) {
		kind = gu_objtype_row(line.type)->name;
	}
	(void)snprintf(name, len + 1, "%s", line.name);
	gu_snapshot_release(&line);
	lua_pushstring(L, kind);
	lua_pushstring(L, name);
	return 2;
}

void sc_native_open(lua_State *L)
{
	static const luaL_Reg native[] = {
		{ "define", sc_define },
		{ "expect", sc_expect_labelled },
		{ "require", sc_require_labelled },
		{ "check_name", native_check_name },
		{ "check_scenario", native_check_scenario },
		{ "fixtures", native_fixtures },
		{ "kind", native_kind },
		{ "misuse", native_misuse },
		{ "name", native_name },
		{ "read", native_read },
		{ "snapshot_line", native_snapshot_line },
		{ "suggest", native_suggest },
		{ NULL, NULL },
	};

	luaL_newlib(L, native);
	sc_of(L)->native = luaL_ref(L, LUA_REGISTRYINDEX);
}
