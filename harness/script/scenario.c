/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "banned.h"

/* the scenario object */

void sc_check_scenario(lua_State *L, int index)
{
	const struct sc_scenario *sc = NULL;

	if (lua_type(L, index) == LUA_TUSERDATA) {
		sc = lua_touserdata(L, index);
	}
	if (!sc || sc->tag != SC_SCENARIO) {
		sc_error(L,
			 "a scenario's method needs the scenario before "
			 "the colon, not %s",
			 sc_kind_at(L, index));
		return;
	}
	if (sc->epoch != sc_of(L)->epoch || !sc_of(L)->current) {
		sc_error(L, "this scenario is over");
	}
}

void sc_scenario_push(lua_State *L)
{
	struct sc_scenario *sc = lua_newuserdatauv(L, sizeof(*sc), 0);

	*sc = (struct sc_scenario){ .tag = SC_SCENARIO,
				    .epoch = sc_of(L)->epoch };
	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->meta_scenario);
	lua_setmetatable(L, -2);
}

static const char *message_arg(lua_State *L, const char *what)
{
	sc_check_scenario(L, 1);
	if (lua_type(L, 2) != LUA_TSTRING) {
		sc_error(L, "%s needs a text, got %s", what, sc_kind_at(L, 2));
	}
	return lua_tostring(L, 2);
}

static int scenario_fail(lua_State *L)
{
	const char *msg = message_arg(L, "fail");

	gu_recorder_judge(sc_of(L)->stage->recorder, 0, sc_line(L),
			  GU_VERDICT_FAIL, "fail is not called", msg);
	return 0;
}

static int scenario_log(lua_State *L)
{
	const char *msg = message_arg(L, "log");

	sc_say(L, msg, strlen(msg));
	return 0;
}

static int scenario_skip(lua_State *L)
{
	const char *msg = message_arg(L, "skip");

	return sc_stop(L, GU_RC_UNSUPPORTED, "%s", msg);
}

static int scenario_expect_finding(lua_State *L)
{
	const char *names[GU_RULE_COUNT + 1] = { NULL };
	struct gu_err err = GU_ERR_INIT;
	enum gu_rule rule;
	enum gu_rc rc;

	sc_check_scenario(L, 1);
	if (lua_type(L, 2) != LUA_TSTRING ||
	    !gu_rule_parse(&rule, lua_tostring(L, 2))) {
		for (int i = 0; i < GU_RULE_COUNT; i++) {
			names[i] = gu_rule_name((enum gu_rule)i);
		}
		return sc_no_name(L, 2, "expect_finding", "rule", names);
	}
	rc = gu_findings_expect(sc_of(L)->stage->findings, rule, sc_line(L),
				&err);
	if (rc) {
		err.rc = rc;
		return sc_stop_err(L, &err);
	}
	return 0;
}

/* fixtures by name, for policies */

void sc_fixture_remember(lua_State *L, const char *kind, const char *name)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->fixtures);
	lua_pushfstring(L, "%s:%s", kind, name);
	lua_pushvalue(L, -3);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

/* tables */

static void add_fixtures(lua_State *L)
{
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);

		if (row->kind == GU_KIND_FIXTURE) {
			lua_pushinteger(L, fn);
			lua_pushnil(L);
			lua_pushcclosure(L, sc_call_fixture, 2);
			lua_setfield(L, -2, row->name);
		}
	}
	for (int type = 0; type < GU_OBJ_COUNT; type++) {
		const struct gu_objtype_row *row =
			gu_objtype_row((enum gu_objtype)type);

		if (row->flags & GU_OBJ_FIXTURE) {
			lua_pushinteger(L, GU_FN_object);
			lua_pushinteger(L, type);
			lua_pushcclosure(L, sc_call_fixture, 2);
			lua_setfield(L, -2, row->name);
		}
	}
}

void sc_thread_methods(lua_State *L)
{
	lua_createtable(L, 0, GU_FN_COUNT);
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);

		if (row->kind != GU_KIND_FIXTURE) {
			lua_pushinteger(L, fn);
			lua_pushcclosure(L, sc_call_thread, 1);
			lua_setfield(L, -2, row->name);
		}
	}
	lua_pushcfunction(L, sc_thread_run);
	lua_setfield(L, -2, "run");
	lua_pushcfunction(L, sc_thread_join);
	lua_setfield(L, -2, "join");
	lua_pushcfunction(L, sc_impersonating);
	lua_setfield(L, -2, "impersonating");
	sc_methods_strict(L, "a thread");
}

static int scenario_tostring(lua_State *L)
{
	lua_pushliteral(L, "scenario");
	return 1;
}

static void open_scenario_type(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "expect", sc_expect },
		{ "require", sc_require },
		{ "expect_finding", scenario_expect_finding },
		{ "fail", scenario_fail },
		{ "log", scenario_log },
		{ "skip", scenario_skip },
		{ NULL, NULL },
	};
	static const char *const lazy[][2] = {
		{ "matrix", "matrix" },
		{ "policy", "policy" },
		{ "snapshot", "snapshot" },
		{ "sspi", "sspi_handshake" },
	};

	lua_createtable(L, 0, 5);
	lua_createtable(L, 0, 32);
	luaL_setfuncs(L, methods, 0);
	add_fixtures(L);
	for (size_t i = 0; i < sizeof(lazy) / sizeof(lazy[0]); i++) {
		sc_push_lazy(L, lazy[i][0], lazy[i][1]);
		lua_setfield(L, -2, lazy[i][1]);
	}
	sc_methods_strict(L, "a scenario");
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, scenario_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushliteral(L, "guise.scenario");
	lua_setfield(L, -2, "__name");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	sc_of(L)->meta_scenario = luaL_ref(L, LUA_REGISTRYINDEX);
}

void sc_scenario_open(lua_State *L)
{
	open_scenario_type(L);
	sc_native_open(L);
	lua_newtable(L);
	sc_of(L)->cache_anchors = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* What require "guise" gives. */
void sc_guise_push(lua_State *L)
{
	lua_createtable(L, 0, 8);
	lua_pushcfunction(L, sc_define);
	lua_setfield(L, -2, "scenario");
	lua_pushcfunction(L, sc_read);
	lua_setfield(L, -2, "read");
	lua_pushliteral(L, GUISE_VERSION);
	lua_setfield(L, -2, "version");
	sc_push_lazy(L, "suite", "suite");
	lua_setfield(L, -2, "suite");
	sc_push_lazy(L, "suite", "each");
	lua_setfield(L, -2, "each");
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, sc_constant);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	sc_read_only(L, "guise.constants");
	lua_setfield(L, -2, "constants");
	sc_methods_strict(L, "guise");
	sc_read_only(L, "guise");
}
