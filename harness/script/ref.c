/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "buf.h"
#include "text.h"
#include "banned.h"

/* looking at values */

const char *sc_kind_at(lua_State *L, int index)
{
	const enum sc_tag *tag;

	switch (lua_type(L, index)) {
	case LUA_TNONE:
	case LUA_TNIL:
		return "nothing";
	case LUA_TLIGHTUSERDATA:
		return sc_light_name(L, index);
	case LUA_TUSERDATA:
		tag = lua_touserdata(L, index);
		if (*tag == SC_REF) {
			const struct sc_ref *r = lua_touserdata(L, index);

			return gu_ref_kind_doc(r->ref.kind);
		}
		return *tag == SC_SCENARIO ? "the scenario" : "an expectation";
	default:
		lua_pushfstring(L, "a %s", luaL_typename(L, index));
		return lua_tostring(L, -1);
	}
}

struct sc_ref *sc_ref_at(lua_State *L, int index)
{
	struct sc_ref *r;

	if (lua_type(L, index) != LUA_TUSERDATA) {
		return NULL;
	}
	r = lua_touserdata(L, index);
	if (r->tag != SC_REF) {
		return NULL;
	}
	if (r->epoch != sc_of(L)->epoch) {
		sc_error(L, "%s of another scenario cannot be used here",
			 gu_ref_kind_doc(r->ref.kind));
	}
	return r;
}

struct sc_ref *sc_ref_push(lua_State *L, struct gu_ref ref)
{
	struct gu_script *s = sc_of(L);
	struct sc_ref *r = lua_newuserdatauv(L, sizeof(*r), 0);

	*r = (struct sc_ref){
		.tag = SC_REF,
		.epoch = s->epoch,
		.ref = ref,
		.type = GU_OBJ_NONE,
	};
	lua_rawgeti(L, LUA_REGISTRYINDEX, s->meta[ref.kind]);
	lua_setmetatable(L, -2);
	return r;
}

/* names that do not exist */

int sc_no_name(lua_State *L, int index, const char *owner, const char *what,
	       const char *const *names)
{
	const char *name = luaL_tolstring(L, index, NULL);
	const char *alike = gu_suggest(name, names);

	if (alike) {
		sc_error(L, "%s has no %s '%s', did you mean '%s'?", owner,
			 what, name, alike);
	}
	sc_error(L, "%s has no %s '%s'", owner, what, name);
}

/* The __index of a table of methods. Upvalue: whose. */
static int no_method(lua_State *L)
{
	const char *owner = lua_tostring(L, lua_upvalueindex(1));
	const char *name = luaL_tolstring(L, 2, NULL);
	const char *best = NULL;
	size_t limit = strlen(name) / 3 + 1;

	lua_pushnil(L);
	while (lua_next(L, 1)) {
		const char *has = lua_tostring(L, -2);
		size_t d = gu_edit_distance(name, has);

		/* The order of a table is not fixed; the answer is. */
		if (d < limit ||
		    (d == limit && (!best || strcmp(has, best) < 0))) {
			best = has;
			limit = d;
		}
		lua_pop(L, 1);
	}
	if (best) {
		return sc_error(L, "%s has no method '%s', did you mean '%s'?",
				owner, name, best);
	}
	return sc_error(L, "%s has no method '%s'", owner, name);
}

void sc_methods_strict(lua_State *L, const char *owner)
{
	lua_createtable(L, 0, 2);
	lua_pushstring(L, owner);
	lua_pushcclosure(L, no_method, 1);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
}

/* fields of what is no thread */

/* Upvalue 1: methods by name. */
static int ref_index(lua_State *L)
{
	static const char *const names[] = { "name",    "step", "line",
					     "granted", "type", "status",
					     NULL };
	const struct sc_ref *r = sc_ref_at(L, 1);
	const char *key = lua_tostring(L, 2);
	const struct gu_record *row = r ? sc_row(L, r->step) : NULL;

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
		return 1;
	}
	if (!r || !key) {
		lua_pushnil(L);
	} else if (strcmp(key, "name") == 0) {
		lua_pushstring(L, r->name);
	} else if (strcmp(key, "step") == 0) {
		lua_pushinteger(L, r->step);
	} else if (strcmp(key, "line") == 0) {
		lua_pushinteger(L, row ? row->line : 0);
	} else if (strcmp(key, "granted") == 0) {
		lua_pushinteger(L, r->granted);
	} else if (strcmp(key, "type") == 0) {
		lua_pushstring(L, r->type == GU_OBJ_NONE
					  ? NULL
					  : gu_objtype_row(r->type)->name);
	} else if (strcmp(key, "status") == 0) {
		sc_light_push(L, SC_STATUS, r->step);
	} else {
		return sc_no_name(L, 2, gu_ref_kind_doc(r->ref.kind), "field",
				  names);
	}
	return 1;
}

static int ref_newindex(lua_State *L)
{
	return sc_error(L, "%s cannot be changed", sc_kind_at(L, 1));
}

static int ref_tostring(lua_State *L)
{
	const struct sc_ref *r = lua_touserdata(L, 1);
	const char *kind = strchr(gu_ref_kind_doc(r->ref.kind), ' ') + 1;

	if (r->epoch == sc_of(L)->epoch && r->name) {
		lua_pushfstring(L, "%s %s", kind, r->name);
	} else {
		lua_pushfstring(L, "%s %I", kind, (LUAI_UACINT)r->ref.id);
	}
	return 1;
}

static int ref_eq(lua_State *L)
{
	const struct sc_ref *a = lua_touserdata(L, 1);
	const struct sc_ref *b = lua_touserdata(L, 2);

	lua_pushboolean(L, a->tag == SC_REF && b->tag == SC_REF &&
				   a->epoch == b->epoch &&
				   gu_ref_equal(a->ref, b->ref));
	return 1;
}

/* metatables */

static void set_methods(lua_State *L, enum gu_ref_kind kind)
{
	if (kind == GU_REF_THREAD) {
		sc_thread_methods(L);
		lua_setfield(L, -2, "__index");
		return;
	}
	lua_newtable(L);
	if (kind == GU_REF_PROCESS) {
		lua_pushcfunction(L, sc_process_thread);
		lua_setfield(L, -2, "thread");
	}
	lua_pushcclosure(L, ref_index, 1);
	lua_setfield(L, -2, "__index");
}

void sc_ref_open(lua_State *L)
{
	static const luaL_Reg meta[] = { { "__newindex", ref_newindex },
					 { "__tostring", ref_tostring },
					 { "__eq", ref_eq },
					 { NULL, NULL } };
	struct gu_script *s = sc_of(L);

	for (int kind = GU_REF_NONE + 1; kind < GU_REF_KIND_COUNT; kind++) {
		luaL_newlib(L, meta);
		lua_pushstring(L, gu_ref_kind_lua((enum gu_ref_kind)kind));
		lua_setfield(L, -2, "__name");
		lua_pushboolean(L, 0);
		lua_setfield(L, -2, "__metatable");
		set_methods(L, (enum gu_ref_kind)kind);
		if (kind == GU_REF_HANDLE) {
			lua_pushcfunction(L, sc_handle_close);
			lua_setfield(L, -2, "__close");
		}
		s->meta[kind] = luaL_ref(L, LUA_REGISTRYINDEX);
	}
}
