/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "alloc.h"
#include "expect.h"
#include "banned.h"

static const struct {
	const char *name;
	unsigned of;
} checks[CHECK_COUNT] = {
#define OF(s) (1u << OF_##s)
	[CHECK_granted] = { "granted", OF(HANDLE) | OF(ATTEMPT) },
	[CHECK_denied] = { "denied", OF(HANDLE) | OF(ATTEMPT) },
	[CHECK_succeeds] = { "succeeds", OF(CALL) | OF(HANDLE) },
	[CHECK_fails] = { "fails", OF(CALL) | OF(HANDLE) },
	[CHECK_acts_as] = { "acts_as", OF(THREAD) },
	[CHECK_reverted] = { "reverted", OF(THREAD) },
	[CHECK_has] = { "has",
			OF(HANDLE) | OF(ATTEMPT) | OF(THREAD) | OF(TOKEN) },
	[CHECK_lacks] = { "lacks",
			  OF(HANDLE) | OF(ATTEMPT) | OF(THREAD) | OF(TOKEN) },
#undef OF
};

/* expectations without a check */

static size_t unchecked_add(lua_State *L, int line)
{
	struct gu_script *s = sc_of(L);
	size_t cap = s->unchecked_cap ? s->unchecked_cap * 2 : 16;
	int *lines;

	if (s->unchecked_count == s->unchecked_cap) {
		lines = gu_realloc(s->unchecked, cap, sizeof(*lines));
		if (!lines) {
			(void)sc_nomem(L);
			return 0;
		}
		s->unchecked = lines;
		s->unchecked_cap = cap;
	}
	s->unchecked[s->unchecked_count++] = line;
	return s->unchecked_count;
}

static void unchecked_remove(struct gu_script *s, struct sc_expectation *e)
{
	if (!e->slot) {
		return;
	}
	s->unchecked[e->slot - 1] = 0;
	e->slot = 0;
	while (s->unchecked_count && !s->unchecked[s->unchecked_count - 1]) {
		s->unchecked_count--;
	}
}

int sc_unchecked_line(const struct gu_script *s)
{
	for (size_t i = 0; i < s->unchecked_count; i++) {
		if (s->unchecked[i]) {
			return s->unchecked[i];
		}
	}
	return 0;
}

/* s:expect */

static bool asks_for_rights(enum gu_fn fn)
{
	const struct gu_fn_row *row = gu_fn_row(fn);

	for (size_t i = 0; i < row->arg_count; i++) {
		if (row->args[i].type == GU_ARG_ACCESS) {
			return true;
		}
	}
	return false;
}

static void set_row(lua_State *L, struct sc_expectation *e, uint32_t step)
{
	const struct gu_record *row = sc_row(L, step);

	e->step = step;
	e->fn = row ? row->fn : GU_FN_NONE;
}

static void
subject_light(lua_State *L, struct sc_expectation *e, const struct sc_light *v)
{
	set_row(L, e, v->step);
	if (v->kind == SC_ATTEMPT) {
		e->subject = OF_ATTEMPT;
	} else if (e->fn != GU_FN_NONE && asks_for_rights(e->fn)) {
		e->subject = OF_HANDLE;
	} else {
		e->subject = OF_CALL;
	}
}

static bool
subject_ref(lua_State *L, struct sc_expectation *e, const struct sc_ref *r)
{
	e->ref = r;
	set_row(L, e, r->step);
	if (r->ref.kind == GU_REF_THREAD) {
		e->subject = OF_THREAD;
	} else if (r->ref.kind == GU_REF_TOKEN && !r->step) {
		e->subject = OF_TOKEN;
	} else if (r->ref.kind == GU_REF_HANDLE) {
		e->subject = OF_HANDLE;
	} else {
		e->subject = OF_CALL;
		return r->step != 0;
	}
	return true;
}

/* Fills `e` from the values at `first` and up. */
static bool
subject_of(lua_State *L, struct sc_expectation *e, int first, int top)
{
	const struct sc_ref *r = sc_ref_at(L, first);
	struct sc_light v;

	if (r) {
		return subject_ref(L, e, r);
	}
	if (sc_light_at(L, first, &v)) {
		subject_light(L, e, &v);
		return true;
	}
	/* nil, message, status; or a value, result. */
	for (int i = first + 1; i <= top && i <= first + 2; i++) {
		if (sc_light_at(L, i, &v) && v.kind != SC_ATTEMPT) {
			subject_light(L, e, &v);
			return true;
		}
	}
	return false;
}

/* The values from `first` on are expected of something; a label lies at
 * index `label`, unless that is 0. */
static int expect(lua_State *L, const char *what, int first, int label)
{
	int top = lua_gettop(L);
	struct sc_expectation *e;

	if (top < first) {
		return sc_error(L,
				"%s needs what a call returned, a thread, "
				"a token or a handle",
				what);
	}
	e = lua_newuserdatauv(L, sizeof(*e), label ? 2 : 1);
	*e = (struct sc_expectation){
		.tag = SC_EXPECT,
		.epoch = sc_of(L)->epoch,
		.required = strcmp(what, "require") == 0,
		.labelled = label != 0,
		.fn = GU_FN_NONE,
	};
	if (!subject_of(L, e, first, top)) {
		return sc_error(L,
				"%s cannot judge %s by itself: pass all "
				"values of a call, as in s:%s(t:call())",
				what, sc_kind_at(L, first), what);
	}
	lua_pushvalue(L, first);
	lua_setiuservalue(L, -2, 1);
	if (label) {
		lua_pushvalue(L, label);
		lua_setiuservalue(L, -2, 2);
	}
	e->slot = unchecked_add(L, sc_line(L));
	lua_rawgeti(L, LUA_REGISTRYINDEX, sc_of(L)->meta_expect);
	lua_setmetatable(L, -2);
	return 1;
}

int sc_expect(lua_State *L)
{
	sc_check_scenario(L, 1);
	return expect(L, "expect", 2, 0);
}

int sc_require(lua_State *L)
{
	sc_check_scenario(L, 1);
	return expect(L, "require", 2, 0);
}

int sc_expect_labelled(lua_State *L)
{
	return expect(L, "expect", 2, 1);
}

int sc_require_labelled(lua_State *L)
{
	return expect(L, "require", 2, 1);
}

/* checks */

static struct sc_expectation *check_expectation(lua_State *L)
{
	struct sc_expectation *e = NULL;

	if (lua_type(L, 1) == LUA_TUSERDATA) {
		e = lua_touserdata(L, 1);
	}
	if (!e || e->tag != SC_EXPECT) {
		sc_error(L, "a check needs its expectation before the colon, "
			    "as in s:expect(...):granted()");
		return NULL;
	}
	if (e->epoch != sc_of(L)->epoch) {
		sc_error(L, "an expectation of another scenario cannot be "
			    "checked here");
	}
	return e;
}

/* A label says which cell of a table, or line of a policy, was judged. */
static void add_label(lua_State *L, struct sc_judgement *j)
{
	const char *label;

	lua_getiuservalue(L, 1, 2);
	label = lua_tostring(L, -1);
	label = lua_pushfstring(L, "%s: %s", label, j->expected);
	snprintf(j->expected, sizeof(j->expected), "%s", label);
	lua_pop(L, 2);
}

/* Every check: upvalue 1 is which. Hands back what was expected of, so that
 * `local h = s:require(t:CreateFile(...)):granted()` works. */
static int check_call(lua_State *L)
{
	enum sc_check check =
		(enum sc_check)lua_tointeger(L, lua_upvalueindex(1));
	struct sc_expectation *e = check_expectation(L);
	struct sc_judgement j = { .step = e->step };
	int line = sc_line(L);

	lua_settop(L, 3);
	unchecked_remove(sc_of(L), e);
	sc_check(L, check, e, &j);
	if (e->labelled) {
		add_label(L, &j);
	}
	gu_recorder_judge(sc_of(L)->stage->recorder, j.step, line,
			  j.pass ? GU_VERDICT_PASS : GU_VERDICT_FAIL,
			  j.expected, j.has_reason ? j.reason : NULL);
	if (!j.pass && e->required) {
		return sc_stop_unwinding(L);
	}
	if (!j.pass || lua_getiuservalue(L, 1, 1) == LUA_TNIL) {
		lua_pushboolean(L, j.pass);
	}
	return 1;
}

static const char *subject_name(enum sc_subject s)
{
	switch (s) {
	case OF_CALL:
		return "an expectation of a call";
	case OF_HANDLE:
		return "an expectation of an opening call";
	case OF_ATTEMPT:
		return "an expectation of an attempt";
	case OF_THREAD:
		return "an expectation of a thread";
	case OF_TOKEN:
		return "an expectation of a token";
	}
	return "an expectation";
}

/* Offers the checks that make sense of the subject. Upvalue 1: all of them,
 * by name. */
static int expect_index(lua_State *L)
{
	const struct sc_expectation *e = check_expectation(L);
	const char *name = lua_tostring(L, 2);
	luaL_Buffer b;

	for (int c = 0; name && c < CHECK_COUNT; c++) {
		if (strcmp(checks[c].name, name) == 0 &&
		    (checks[c].of >> e->subject & 1)) {
			lua_rawgeti(L, lua_upvalueindex(1), c + 1);
			return 1;
		}
	}
	name = luaL_tolstring(L, 2, NULL);
	luaL_buffinit(L, &b);
	for (int c = 0; c < CHECK_COUNT; c++) {
		if (checks[c].of >> e->subject & 1) {
			luaL_addstring(&b, " ");
			luaL_addstring(&b, checks[c].name);
		}
	}
	luaL_pushresult(&b);
	return sc_error(L, "%s has no check '%s'; it offers:%s",
			subject_name(e->subject), name, lua_tostring(L, -1));
}

static int expect_tostring(lua_State *L)
{
	const struct sc_expectation *e = lua_touserdata(L, 1);

	lua_pushstring(L, subject_name(e->subject) + strlen("an "));
	return 1;
}

void sc_expect_open(lua_State *L)
{
	lua_createtable(L, 0, 4);
	lua_createtable(L, CHECK_COUNT, 0);
	for (int c = 0; c < CHECK_COUNT; c++) {
		lua_pushinteger(L, c);
		lua_pushcclosure(L, check_call, 1);
		lua_rawseti(L, -2, c + 1);
	}
	lua_pushcclosure(L, expect_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, expect_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushliteral(L, "guise.expectation");
	lua_setfield(L, -2, "__name");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	sc_of(L)->meta_expect = luaL_ref(L, LUA_REGISTRYINDEX);
}
