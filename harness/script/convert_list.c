/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "convert.h"
#include "text.h"
#include "banned.h"

/* Arguments that a plain table can be. */

static void set_uint(struct gu_value *out, uint64_t v)
{
	out->type = GU_V_UINT;
	out->u = v;
}

/* A name that a list or an entry of one holds would be lost in silence, and
 * with it a group or privilege that a test is about. */
static void refuse_key(const struct sc_arg *a, const char *what)
{
	lua_State *L = a->L;

	lua_pop(L, 1);
	sc_error(L, "%s: '%s' is %s, it has no '%s'", a->body->word,
		 sc_arg_row(a)->name, what, luaL_tolstring(L, -1, NULL));
}

/* The length of a list. */
static lua_Integer list_length(const struct sc_arg *a, int index)
{
	lua_Integer n = (lua_Integer)lua_rawlen(a->L, index);

	lua_pushnil(a->L);
	while (lua_next(a->L, index)) {
		if (!lua_isinteger(a->L, -2) || lua_tointeger(a->L, -2) < 1 ||
		    lua_tointeger(a->L, -2) > n) {
			refuse_key(a, "a list");
		}
		lua_pop(a->L, 1);
	}
	return n;
}

/* privileges */

static void push_unknown_priv(lua_State *L, const char *name)
{
	const char *names[GU_PRIV_COUNT + 1] = { NULL };
	const char *alike;
	size_t n = 0;

	for (uint32_t luid = 0; luid < GU_PRIV_COUNT; luid++) {
		if (gu_priv_name(luid)) {
			names[n++] = gu_priv_name(luid);
		}
	}
	alike = gu_suggest(name, names);
	if (alike) {
		lua_pushfstring(L, "unknown privilege \"%s\", did you mean %s?",
				name, alike);
	} else {
		lua_pushfstring(L, "unknown privilege \"%s\"", name);
	}
}

static gu_privset to_priv(const struct sc_arg *a, int index)
{
	const char *name;
	enum gu_priv priv;

	if (lua_type(a->L, index) != LUA_TSTRING) {
		sc_arg_wrong_type(a, index);
	}
	name = lua_tostring(a->L, index);
	if (!gu_priv_parse(&priv, name)) {
		push_unknown_priv(a->L, name);
		sc_arg_wrong_value(a);
	}
	return GU_PRIV_BIT(priv);
}

void sc_arg_privs(const struct sc_arg *a, int index, struct gu_value *out)
{
	gu_privset set = 0;

	if (lua_type(a->L, index) == LUA_TSTRING) {
		set = strcmp(lua_tostring(a->L, index), "all") == 0
			      ? GU_PRIV_BIT(GU_PRIV_COUNT) - 4
			      : to_priv(a, index);
	} else if (lua_type(a->L, index) == LUA_TTABLE) {
		lua_Integer n = list_length(a, index);

		for (lua_Integer i = 1; i <= n; i++) {
			lua_rawgeti(a->L, index, i);
			set |= to_priv(a, lua_gettop(a->L));
			lua_pop(a->L, 1);
		}
	} else {
		sc_arg_wrong_type(a, index);
	}
	set_uint(out, set);
}

/* lists of SIDs, and of anything */

static void *arena_alloc(const struct sc_arg *a, size_t n, size_t size)
{
	void *p = gu_arena_alloc(&a->body->arena, (n ? n : 1) * size);

	if (!p) {
		(void)sc_nomem(a->L);
	}
	return p;
}

static void check_sid_entry(const struct sc_arg *a, int index)
{
	lua_pushnil(a->L);
	while (lua_next(a->L, index)) {
		const char *key = lua_type(a->L, -2) == LUA_TSTRING
					  ? lua_tostring(a->L, -2)
					  : "";

		if (strcmp(key, "sid") != 0 && strcmp(key, "attributes") != 0) {
			refuse_key(a, "a list of { sid =, attributes = }");
		}
		lua_pop(a->L, 1);
	}
}

/* {sid=, attributes=} */
static void
to_sid_entry(const struct sc_arg *a, int index, struct gu_value *out)
{
	struct gu_field *fields = arena_alloc(a, 2, sizeof(*fields));
	uint32_t n = 1;

	if (sc_raw_field(a->L, index, "sid") == LUA_TNIL) {
		sc_error(a->L,
			 "%s: '%s': an entry that is a table needs a "
			 "field 'sid'",
			 a->body->word, sc_arg_row(a)->name);
	}
	check_sid_entry(a, index);
	fields[0].name = "sid";
	sc_arg_str_or_ref(a, lua_gettop(a->L), &fields[0].value);
	if (sc_raw_field(a->L, index, "attributes") != LUA_TNIL) {
		fields[1].name = "attributes";
		set_uint(&fields[1].value, sc_arg_u32(a, lua_gettop(a->L)));
		n = 2;
	}
	out->type = GU_V_TABLE;
	out->count = n;
	out->fields = fields;
}

static void to_scalar(const struct sc_arg *a, int index, struct gu_value *out)
{
	switch (lua_type(a->L, index)) {
	case LUA_TNUMBER:
		set_uint(out, sc_arg_u32(a, index));
		break;
	case LUA_TBOOLEAN:
		out->type = GU_V_BOOL;
		out->b = lua_toboolean(a->L, index);
		break;
	default:
		sc_arg_str_or_ref(a, index, out);
		break;
	}
}

static void to_element(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (sc_arg_row(a)->type == GU_ARG_ANY) {
		to_scalar(a, index, out);
	} else if (lua_type(a->L, index) == LUA_TTABLE) {
		to_sid_entry(a, index, out);
	} else {
		sc_arg_str_or_ref(a, index, out);
	}
}

/* Elements stay on the stack, since their strings are only borrowed. */
static void to_list(const struct sc_arg *a, int index, struct gu_value *out)
{
	size_t n = (size_t)list_length(a, index);
	struct gu_value *list;

	if (n > 4096) {
		sc_error(a->L, "%s: '%s' has too many elements", a->body->word,
			 sc_arg_row(a)->name);
	}
	luaL_checkstack(a->L, (int)n * 3 + 8, NULL);
	list = arena_alloc(a, n, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(a->L, index, (lua_Integer)i + 1);
		to_element(a, lua_gettop(a->L), &list[i]);
	}
	out->type = GU_V_LIST;
	out->count = (uint32_t)n;
	out->list = list;
}

/* One SID may stand for a list of one. */
void sc_arg_sids(const struct sc_arg *a, int index, struct gu_value *out)
{
	struct gu_value *one;

	if (lua_type(a->L, index) == LUA_TTABLE) {
		to_list(a, index, out);
		return;
	}
	one = arena_alloc(a, 1, sizeof(*one));
	sc_arg_str_or_ref(a, index, one);
	out->type = GU_V_LIST;
	out->count = 1;
	out->list = one;
}

void sc_arg_any(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (lua_type(a->L, index) == LUA_TTABLE) {
		to_list(a, index, out);
	} else {
		to_scalar(a, index, out);
	}
}

/* quality of service */

static void sqos_from_flags(uint32_t flags, struct gu_sqos *out)
{
	*out = (struct gu_sqos){
		.present = (flags & 0x100000) != 0,
		.level = (enum gu_level)(flags >> 16 & 3),
		.dynamic = (flags & 0x40000) != 0,
		.effective_only = (flags & 0x80000) != 0,
	};
}

static uint32_t sqos_field(const struct sc_arg *a, const char *name,
			   enum gu_arg_type type, int param)
{
	uint32_t v = 0;

	if (lua_type(a->L, -1) == LUA_TNUMBER) {
		v = sc_arg_u32(a, -1);
	} else if (lua_type(a->L, -1) != LUA_TSTRING) {
		sc_error(a->L, "%s: '%s': %s is to be a name, not %s",
			 a->body->word, sc_arg_row(a)->name, name,
			 sc_kind_at(a->L, -1));
	} else if (!sc_name_value(a->L, lua_gettop(a->L), type, param, &v)) {
		sc_arg_wrong_value(a);
	}
	return v;
}

static void
sqos_from_table(const struct sc_arg *a, int index, struct gu_sqos *out)
{
	static const char *const names[] = { "level", "tracking",
					     "effective_only", NULL };
	lua_State *L = a->L;
	bool has_level = false;

	*out = (struct gu_sqos){ .present = true };
	lua_pushnil(L);
	while (lua_next(L, index)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING
					  ? lua_tostring(L, -2)
					  : "";

		if (strcmp(key, "level") == 0) {
			out->level = (enum gu_level)(
				sqos_field(a, key, GU_ARG_LEVEL, 0));
			has_level = true;
		} else if (strcmp(key, "tracking") == 0) {
			out->dynamic = sqos_field(a, key, GU_ARG_CONST_STR,
						  GU_CONST_TRACKING) != 0;
		} else if (strcmp(key, "effective_only") == 0) {
			if (!lua_isboolean(L, -1)) {
				sc_error(L,
					 "%s: '%s': effective_only is to be "
					 "true or false, not %s",
					 a->body->word, sc_arg_row(a)->name,
					 sc_kind_at(L, -1));
			}
			out->effective_only = lua_toboolean(L, -1);
		} else {
			sc_no_name(L, lua_gettop(L) - 1, "a quality of service",
				   "field", names);
		}
		lua_pop(L, 1);
	}
	if (!has_level) {
		sc_error(L, "%s: '%s' needs a level", a->body->word,
			 sc_arg_row(a)->name);
	}
}

void sc_arg_sqos(const struct sc_arg *a, int index, struct gu_value *out)
{
	uint32_t flags;

	out->type = GU_V_SQOS;
	if (lua_type(a->L, index) == LUA_TTABLE) {
		sqos_from_table(a, index, &out->sqos);
		return;
	}
	if (lua_type(a->L, index) != LUA_TSTRING) {
		flags = sc_arg_u32(a, index);
	} else if (!sc_name_value(a->L, index, GU_ARG_SQOS, 0, &flags)) {
		sc_arg_wrong_value(a);
	}
	sqos_from_flags(flags, &out->sqos);
}

/* tables */

bool sc_takes_table(enum gu_arg_type type)
{
	return type == GU_ARG_SIDS || type == GU_ARG_PRIVS ||
	       type == GU_ARG_SQOS || type == GU_ARG_ANY;
}

bool sc_is_value_of(lua_State *L, enum gu_arg_type type, int index)
{
	bool is;

	if (type == GU_ARG_SQOS) {
		is = sc_raw_field(L, index, "level") != LUA_TNIL;
	} else {
		is = lua_rawgeti(L, index, 1) != LUA_TNIL;
	}
	lua_pop(L, 1);
	return is;
}
