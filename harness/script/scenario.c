/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "alloc.h"
#include "text.h"
#include "banned.h"

/* --- guise.scenario ------------------------------------------------------ */

static void *keep(lua_State *L, void *p)
{
	if (!p) {
		luaL_error(L, "not enough memory");
	}
	return p;
}

/* Checks that field `name` of the options is a list of strings; its length.
 * The list is on top of the stack after. */
static size_t option_list(lua_State *L, int options, const char *name)
{
	size_t n;

	if (lua_getfield(L, options, name) == LUA_TNIL) {
		return 0;
	}
	if (lua_type(L, -1) != LUA_TTABLE) {
		sc_error(L, "scenario: '%s' is to be a list of names, not %s",
			 name, sc_kind_at(L, -1));
	}
	n = (size_t)lua_rawlen(L, -1);
	for (size_t i = 1; i <= n; i++) {
		if (lua_rawgeti(L, -1, (lua_Integer)i) != LUA_TSTRING) {
			sc_error(L,
				 "scenario: '%s' is to be a list of names, "
				 "but holds %s",
				 name, sc_kind_at(L, -1));
		}
		lua_pop(L, 1);
	}
	return n;
}

static void read_tags(lua_State *L, int options, struct gu_scenario_desc *desc)
{
	struct gu_script *s = sc_of(L);
	size_t n = option_list(L, options, "tags");
	const char **tags =
		keep(L, gu_arena_alloc(&s->arena, (n + 1) * sizeof(*tags)));

	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i + 1);
		tags[i] = keep(L,
			       gu_arena_strdup(&s->arena, lua_tostring(L, -1)));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	desc->tags = tags;
	desc->tag_count = n;
}

static enum gu_cap check_cap(lua_State *L, const char *name)
{
	const char *names[GU_CAP_COUNT + 1] = { NULL };
	const char *alike;
	enum gu_cap cap;

	if (gu_cap_parse(&cap, name)) {
		return cap;
	}
	for (int i = 0; i < GU_CAP_COUNT; i++) {
		names[i] = gu_cap_name((enum gu_cap)i);
	}
	alike = gu_suggest(name, names);
	if (alike) {
		sc_error(L,
			 "scenario: unknown capability '%s', did you mean "
			 "'%s'?",
			 name, alike);
	}
	sc_error(L, "scenario: unknown capability '%s'", name);
	return GU_CAP_COUNT;
}

static void read_needs(lua_State *L, int options, struct gu_scenario_desc *desc)
{
	struct gu_script *s = sc_of(L);
	size_t n = option_list(L, options, "needs");
	enum gu_cap *needs =
		keep(L, gu_arena_alloc(&s->arena, (n + 1) * sizeof(*needs)));

	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i + 1);
		needs[i] = check_cap(L, lua_tostring(L, -1));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	desc->needs = needs;
	desc->need_count = n;
}

static void
read_options(lua_State *L, int options, struct gu_scenario_desc *desc)
{
	static const char *const names[] = { "tags", "needs", NULL };

	lua_pushnil(L);
	while (lua_next(L, options)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING
					  ? lua_tostring(L, -2)
					  : "";

		if (strcmp(key, "tags") != 0 && strcmp(key, "needs") != 0) {
			sc_no_name(L, lua_gettop(L) - 1, "scenario", "option",
				   names);
		}
		lua_pop(L, 1);
	}
	read_tags(L, options, desc);
	read_needs(L, options, desc);
}

static struct sc_entry *entry_add(lua_State *L)
{
	struct gu_script *s = sc_of(L);
	size_t cap = s->entry_cap ? s->entry_cap * 2 : 8;

	if (s->entry_count == s->entry_cap) {
		struct sc_entry *grown =
			gu_realloc(s->entries, cap, sizeof(*grown));

		s->entries = keep(L, grown);
		s->entry_cap = cap;
	}
	return &s->entries[s->entry_count];
}

/* Reports name scenarios by name, so a file has each once. */
static void check_name(lua_State *L)
{
	const struct gu_script *s = sc_of(L);
	const char *name;

	if (lua_type(L, 1) != LUA_TSTRING || !*lua_tostring(L, 1)) {
		sc_error(L, "scenario needs a name, got %s", sc_kind_at(L, 1));
	}
	name = lua_tostring(L, 1);
	for (size_t i = 0; i < s->entry_count; i++) {
		if (strcmp(s->entries[i].desc.name, name) == 0) {
			sc_error(L,
				 "scenario '%s' is defined at line %d "
				 "already",
				 name, s->entries[i].desc.line);
		}
	}
}

static int define(lua_State *L)
{
	struct gu_script *s = sc_of(L);
	struct sc_entry entry = { .fn = LUA_NOREF };

	if (!s->loading) {
		return sc_error(L, "a scenario cannot be defined while one "
				   "runs");
	}
	check_name(L);
	lua_settop(L, 3);
	if (lua_isnil(L, 3)) {
		lua_insert(L, 2);
	}
	if (lua_type(L, 3) != LUA_TFUNCTION) {
		return sc_error(L, "scenario needs a function, got %s",
				sc_kind_at(L, 3));
	}
	if (lua_type(L, 2) == LUA_TTABLE) {
		read_options(L, 2, &entry.desc);
	} else if (!lua_isnil(L, 2)) {
		return sc_error(L, "scenario: options are a table, not %s",
				sc_kind_at(L, 2));
	}
	entry.desc.name =
		keep(L, gu_arena_strdup(&s->arena, lua_tostring(L, 1)));
	entry.desc.line = sc_line(L);
	lua_settop(L, 3);
	entry.fn = luaL_ref(L, LUA_REGISTRYINDEX);
	*entry_add(L) = entry;
	s->entry_count++;
	return 0;
}

/* --- the scenario object -------------------------------------------------- */

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

/* --- fixtures by name, for policies --------------------------------------- */

void sc_fixture_remember(lua_State *L, const char *kind, const char *name)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->fixtures);
	lua_pushfstring(L, "%s:%s", kind, name);
	lua_pushvalue(L, -3);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

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

/* --- tables -----------------------------------------------------------------
 */

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
	static const luaL_Reg native[] = {
		{ "define", define },
		{ "expect", sc_expect_labelled },
		{ "require", sc_require_labelled },
		{ "check_name", native_check_name },
		{ "check_scenario", native_check_scenario },
		{ "fixtures", native_fixtures },
		{ "kind", native_kind },
		{ "misuse", native_misuse },
		{ "name", native_name },
		{ "read", native_read },
		{ "suggest", native_suggest },
		{ NULL, NULL },
	};

	open_scenario_type(L);
	luaL_newlib(L, native);
	sc_of(L)->native = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_newtable(L);
	sc_of(L)->cache_anchors = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* What require "guise" gives. */
void sc_guise_push(lua_State *L)
{
	lua_createtable(L, 0, 8);
	lua_pushcfunction(L, define);
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
