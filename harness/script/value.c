/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "banned.h"

int sc_raw_field(lua_State *L, int index, const char *name)
{
	lua_pushstring(L, name);
	return lua_rawget(L, index);
}

static void push_list(lua_State *L, const struct gu_value *v)
{
	lua_createtable(L, (int)v->count, 0);
	for (uint32_t i = 0; i < v->count; i++) {
		sc_value_push(L, &v->list[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

static void push_table(lua_State *L, const struct gu_value *v)
{
	lua_createtable(L, 0, (int)v->count);
	for (uint32_t i = 0; i < v->count; i++) {
		sc_value_push(L, &v->fields[i].value);
		lua_setfield(L, -2, v->fields[i].name);
	}
}

static void push_sqos(lua_State *L, const struct gu_sqos *sqos)
{
	lua_createtable(L, 0, 3);
	lua_pushstring(L, gu_level_name(sqos->level));
	lua_setfield(L, -2, "level");
	lua_pushstring(L, sqos->dynamic ? "dynamic" : "static");
	lua_setfield(L, -2, "tracking");
	lua_pushboolean(L, sqos->effective_only);
	lua_setfield(L, -2, "effective_only");
}

void sc_value_push(lua_State *L, const struct gu_value *v)
{
	luaL_checkstack(L, 8, NULL);
	switch (v->type) {
	case GU_V_NONE:
		lua_pushnil(L);
		break;
	case GU_V_BOOL:
		lua_pushboolean(L, v->b);
		break;
	case GU_V_UINT:
		lua_pushinteger(L, (lua_Integer)v->u);
		break;
	case GU_V_STR:
		lua_pushlstring(L, v->str.p, v->str.len);
		break;
	case GU_V_REF:
		if (v->ref.kind == GU_REF_NONE) {
			lua_pushnil(L);
		} else {
			(void)sc_ref_push(L, v->ref);
		}
		break;
	case GU_V_SQOS:
		push_sqos(L, &v->sqos);
		break;
	case GU_V_LIST:
		push_list(L, v);
		break;
	case GU_V_TABLE:
		push_table(L, v);
		break;
	}
}
