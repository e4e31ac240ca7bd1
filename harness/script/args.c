/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "banned.h"

/* Where each argument of a call lies on the Lua stack; 0: left out. Named
 * fields are pushed there too, so that strings stay alive while the call is
 * in flight. */
struct places {
	lua_State *L;
	const struct gu_fn_row *row;
	const struct sc_body *body; /* its first `preset` arguments are set */
	size_t preset;
	int at[GU_ARGS_MAX];
};

/* Pushes "open(object, access [, backup])". */
static const char *push_signature(const struct places *p)
{
	luaL_Buffer b;

	luaL_buffinit(p->L, &b);
	luaL_addstring(&b, p->body->word);
	luaL_addchar(&b, '(');
	for (size_t i = p->preset; i < p->row->arg_count; i++) {
		const struct gu_arg *arg = &p->row->args[i];
		bool first = i == p->preset;

		if (arg->required) {
			luaL_addstring(&b, first ? "" : ", ");
			luaL_addstring(&b, arg->name);
		} else {
			luaL_addstring(&b, first ? "[" : " [, ");
			luaL_addstring(&b, arg->name);
			luaL_addchar(&b, ']');
		}
	}
	luaL_addchar(&b, ')');
	luaL_pushresult(&b);
	return lua_tostring(p->L, -1);
}

static int too_many(const struct places *p)
{
	return sc_error(p->L, "too many arguments: %s", push_signature(p));
}

static int missing(const struct places *p, const struct gu_arg *arg)
{
	return sc_error(p->L, "%s: '%s' is missing (%s): %s", p->body->word,
			arg->name, sc_arg_doc(arg), push_signature(p));
}

/* What lies in the file system or the registry has a path for a name. */
static bool has_path(const struct places *p)
{
	uint64_t type;

	if (p->row != gu_fn_row(GU_FN_object) || !p->preset) {
		return false;
	}
	type = p->body->args[0].u;
	return type == GU_OBJ_file || type == GU_OBJ_directory ||
	       type == GU_OBJ_key;
}

/* The argument that a field names, or -1. */
static int find_arg(const struct places *p, const char *name)
{
	const struct gu_fn_row *row = p->row;

	for (size_t i = p->preset; i < row->arg_count; i++) {
		if (strcmp(row->args[i].name, name) == 0) {
			return (int)i;
		}
	}
	return strcmp(name, "path") == 0 && has_path(p) ? 1 : -1;
}

static int unknown_field(const struct places *p, int index)
{
	const char *names[GU_ARGS_MAX + 1] = { NULL };
	size_t n = 0;

	for (size_t i = p->preset; i < p->row->arg_count; i++) {
		names[n++] = p->row->args[i].name;
	}
	return sc_no_name(p->L, index, p->body->word, "argument", names);
}

/* Spreads a table of named fields over the stack. */
static void place_fields(struct places *p, int table)
{
	lua_State *L = p->L;

	luaL_checkstack(L, GU_ARGS_MAX + 8, NULL);
	lua_pushnil(L);
	while (lua_next(L, table)) {
		int i = -1;

		if (lua_type(L, -2) == LUA_TSTRING) {
			i = find_arg(p, lua_tostring(L, -2));
		}
		if (i < 0) {
			unknown_field(p, lua_gettop(L) - 1);
		}
		if (p->at[i]) {
			sc_error(L, "%s: '%s' is given twice", p->body->word,
				 p->row->args[i].name);
		}
		/* The value stays; lua_next goes on from a copy of the key. */
		lua_insert(L, -2);
		p->at[i] = lua_gettop(L) - 1;
	}
}

/* True when the table in the last place holds named fields, rather than
 * being the argument of that place. */
static bool is_fields(const struct places *p, size_t i, int index)
{
	const struct gu_arg *arg;

	if (i >= p->row->arg_count) {
		return true;
	}
	arg = &p->row->args[i];
	if (!sc_takes_table(arg->type)) {
		return true;
	}
	if (arg->type == GU_ARG_ANY) {
		return false;
	}
	/* A list has a first element; a quality of service has a level. What
	 * has neither and names an argument is meant as fields. */
	for (size_t k = p->preset; k < p->row->arg_count; k++) {
		bool named = sc_raw_field(p->L, index, p->row->args[k].name) !=
			     LUA_TNIL;

		lua_pop(p->L, 1);
		if (named) {
			return !sc_is_value_of(p->L, arg->type, index);
		}
	}
	return false;
}

static void place(struct places *p, int first)
{
	int top = lua_gettop(p->L);
	size_t given = (size_t)(top - first + 1);
	size_t positional = given;

	if (given && lua_type(p->L, top) == LUA_TTABLE &&
	    is_fields(p, p->preset + given - 1, top)) {
		positional--;
	}
	if (p->preset + positional > p->row->arg_count) {
		too_many(p);
	}
	for (size_t i = 0; i < positional; i++) {
		if (!lua_isnil(p->L, first + (int)i)) {
			p->at[p->preset + i] = first + (int)i;
		}
	}
	if (positional < given) {
		place_fields(p, top);
	}
}

void sc_args(lua_State *L, struct sc_body *b, enum gu_fn fn, int first,
	     size_t preset)
{
	struct places p = {
		.L = L, .row = gu_fn_row(fn), .body = b, .preset = preset
	};
	struct sc_arg a = { .L = L, .body = b, .row = p.row };

	place(&p, first);
	for (a.i = preset; a.i < p.row->arg_count; a.i++) {
		const struct gu_arg *arg = &p.row->args[a.i];

		if (p.at[a.i]) {
			a.first = p.at[0];
			sc_convert(&a, p.at[a.i], &b->args[a.i]);
		} else if (arg->required) {
			missing(&p, arg);
		} else {
			b->args[a.i].type = GU_V_NONE;
		}
	}
}
