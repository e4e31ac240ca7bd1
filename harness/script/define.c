/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "alloc.h"
#include "text.h"
#include "banned.h"

/* guise.scenario(name, [options,] function) */

static void *keep(lua_State *L, void *p)
{
	if (!p) {
		(void)sc_nomem(L);
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
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (!lua_isinteger(L, -2) || lua_type(L, -1) != LUA_TSTRING) {
			sc_error(L,
				 "scenario: '%s' is to be a list of names, "
				 "but holds %s",
				 name,
				 lua_isinteger(L, -2) ? sc_kind_at(L, -1)
						      : "fields");
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

int sc_define(lua_State *L)
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
