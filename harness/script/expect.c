/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "alloc.h"
#include "buf.h"
#include "text.h"
#include "banned.h"

/* What an expectation is of. */
enum subject {
	OF_CALL,   /* what a call answered, with or without a handle */
	OF_HANDLE, /* what a call that opens something handed out */
	OF_ATTEMPT,
	OF_THREAD,
	OF_TOKEN, /* a token fixture */
};

enum check {
	CHECK_granted,
	CHECK_denied,
	CHECK_succeeds,
	CHECK_fails,
	CHECK_acts_as,
	CHECK_reverted,
	CHECK_has,
	CHECK_lacks,
	CHECK_COUNT,
};

struct expectation {
	enum sc_tag tag;
	uint32_t epoch;
	enum subject subject;
	bool required;
	bool labelled; /* user value 2 */
	uint32_t step;
	size_t slot;              /* in unchecked, + 1; 0: checked */
	const struct sc_ref *ref; /* kept by user value 1 */
	enum gu_fn fn;            /* of the call; GU_FN_NONE: none */
};

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

/* --- expectations without a check */

static size_t unchecked_add(lua_State *L, int line)
{
	struct gu_script *s = sc_of(L);
	size_t cap = s->unchecked_cap ? s->unchecked_cap * 2 : 16;
	int *lines;

	if (s->unchecked_count == s->unchecked_cap) {
		lines = gu_realloc(s->unchecked, cap, sizeof(*lines));
		if (!lines) {
			luaL_error(L, "not enough memory");
			return 0;
		}
		s->unchecked = lines;
		s->unchecked_cap = cap;
	}
	s->unchecked[s->unchecked_count++] = line;
	return s->unchecked_count;
}

static void unchecked_remove(struct gu_script *s, struct expectation *e)
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

/* --- s:expect */

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

static void set_row(lua_State *L, struct expectation *e, uint32_t step)
{
	const struct gu_record *row = sc_row(L, step);

	e->step = step;
	e->fn = row ? row->fn : GU_FN_NONE;
}

static void
subject_light(lua_State *L, struct expectation *e, const struct sc_light *v)
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
subject_ref(lua_State *L, struct expectation *e, const struct sc_ref *r)
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
static bool subject_of(lua_State *L, struct expectation *e, int first, int top)
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
	struct expectation *e;

	if (top < first) {
		return sc_error(L,
				"%s needs what a call returned, a thread, "
				"a token or a handle",
				what);
	}
	e = lua_newuserdatauv(L, sizeof(*e), label ? 2 : 1);
	*e = (struct expectation){
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

/* --- checks */

struct judgement {
	bool pass;
	bool has_reason;
	char expected[256];
	char reason[256];
	uint32_t step; /* of the row judged */
};

static void say(char *to, size_t size, const char *fmt, ...) GU_PRINTF(3, 4);
static void say(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to, size, fmt, ap);
	va_end(ap);
}

#define EXPECTED(j, ...) say((j)->expected, sizeof((j)->expected), __VA_ARGS__)

static void because(struct judgement *j, const char *fmt, ...) GU_PRINTF(2, 3);
static void because(struct judgement *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(j->reason, sizeof(j->reason), fmt, ap);
	va_end(ap);
	j->has_reason = true;
}

static const char *shown(lua_State *L, int index)
{
	const char *text;

	if (lua_type(L, index) == LUA_TSTRING) {
		return lua_tostring(L, index);
	}
	if (sc_ref_at(L, index) && sc_ref_at(L, index)->name) {
		return sc_ref_at(L, index)->name;
	}
	text = luaL_tolstring(L, index, NULL);
	return text; /* stays on the stack */
}

static uint32_t rights_arg(lua_State *L, int index, enum gu_objtype type)
{
	uint32_t mask;

	if (lua_isinteger(L, index)) {
		return (uint32_t)lua_tointeger(L, index);
	}
	if (lua_type(L, index) != LUA_TSTRING) {
		sc_error(L, "rights are names or a number, not %s",
			 sc_kind_at(L, index));
	}
	if (!sc_name_value(L, index, GU_ARG_ACCESS,
			   type == GU_OBJ_NONE ? GU_OBJ_file : (int)type,
			   &mask)) {
		sc_error(L, "%s", lua_tostring(L, -1));
	}
	return gu_mask_map(
		mask,
		&gu_objtype_row(type == GU_OBJ_NONE ? GU_OBJ_file : type)->map);
}

/* Rights that a subject was granted, and of what type. */
static uint32_t
rights_held(lua_State *L, const struct expectation *e, enum gu_objtype *type)
{
	const struct gu_record *row = sc_row(L, e->step);

	if (e->ref) {
		*type = e->ref->type;
		return e->ref->granted;
	}
	*type = row ? row->decision.type : GU_OBJ_NONE;
	return row && row->status.ok ? row->decision.granted : 0;
}

static void
rights_missing(struct judgement *j, uint32_t missing, enum gu_objtype type)
{
	struct gu_buf names = GU_BUF_INIT;

	gu_rights_format(missing, type == GU_OBJ_NONE ? GU_OBJ_file : type,
			 &names);
	because(j, "%s is not among the rights granted", names.data);
	gu_buf_release(&names);
}

static bool answered_ok(lua_State *L, const struct expectation *e)
{
	const struct gu_record *row = sc_row(L, e->step);

	return row && row->has_status ? row->status.ok : e->ref != NULL;
}

static void
check_granted(lua_State *L, const struct expectation *e, struct judgement *j)
{
	enum gu_objtype type;
	uint32_t held;
	uint32_t want;

	j->pass = answered_ok(L, e);
	if (lua_isnoneornil(L, 2)) {
		EXPECTED(j, "granted");
		return;
	}
	held = rights_held(L, e, &type);
	want = rights_arg(L, 2, type);
	EXPECTED(j, "granted %s", shown(L, 2));
	if (j->pass && (want & ~held)) {
		j->pass = false;
		rights_missing(j, want & ~held, type);
	}
}

enum { ERROR_PRIVILEGE_NOT_HELD = 1314, ERROR_CANT_OPEN_ANONYMOUS = 1347 };

/* Refused for want of authority, rather than because there is no such
 * object. */
static bool is_denial(const struct gu_record *row)
{
	uint32_t code = row->status.code;

	if (row->decision.made) {
		return true;
	}
	switch (gu_conv_code_kind(row->status.conv)) {
	case GU_CODE_WIN32:
		return code == GU_ERROR_ACCESS_DENIED ||
		       code == ERROR_PRIVILEGE_NOT_HELD ||
		       code == GU_ERROR_BAD_IMPERSONATION_LEVEL ||
		       code == ERROR_CANT_OPEN_ANONYMOUS;
	case GU_CODE_NTSTATUS:
		return code == GU_NT_ACCESS_DENIED ||
		       code == GU_NT_PRIVILEGE_NOT_HELD ||
		       code == GU_NT_BAD_IMPERSONATION_LEVEL ||
		       code == GU_NT_CANT_OPEN_ANONYMOUS;
	case GU_CODE_HRESULT:
		return code == GU_E_ACCESSDENIED;
	}
	return false;
}

/* `denied` or `fails`, with or without a status. */
static void check_refused(lua_State *L, const struct expectation *e,
			  const char *word, bool denial, struct judgement *j)
{
	const struct gu_record *row = sc_row(L, e->step);
	enum gu_conv conv = row ? row->status.conv : GU_CONV_BOOL;
	char number[16];
	uint32_t code;

	j->pass = row && row->has_status && !row->status.ok;
	if (lua_isnoneornil(L, 2)) {
		EXPECTED(j, "%s", word);
		if (j->pass && denial && !is_denial(row)) {
			j->pass = false;
			because(j, "it failed for another reason than access");
		}
		return;
	}
	code = sc_check_status(L, 2, conv);
	EXPECTED(j, "%s with %s", word, gu_status_text(conv, code, number));
	j->pass = j->pass && row->status.code == code;
}

static void
check_acts_as(lua_State *L, const struct expectation *e, struct judgement *j)
{
	struct gu_identity who;
	const char *name;
	uint32_t level = 0;
	bool leveled = !lua_isnoneornil(L, 3);

	if (leveled && lua_isinteger(L, 3)) {
		level = (uint32_t)lua_tointeger(L, 3);
	} else if (leveled && lua_type(L, 3) != LUA_TSTRING) {
		sc_error(L, "acts_as: a level is a name, not %s",
			 sc_kind_at(L, 3));
	} else if (leveled && !sc_name_value(L, 3, GU_ARG_LEVEL, 0, &level)) {
		sc_error(L, "acts_as: %s", lua_tostring(L, -1));
	}
	j->step = sc_identity(L, e->ref->ref, &who);
	j->pass = sc_is_account(L, 2, &who);
	name = shown(L, 2);
	if (!leveled) {
		EXPECTED(j, "%s", name);
		return;
	}
	EXPECTED(j, "%s at %s", name, gu_level_name((enum gu_level)level));
	if (j->pass && !who.impersonating) {
		because(j, "the thread does not impersonate");
	}
	j->pass = j->pass && who.impersonating && who.level == level;
}

static void
check_reverted(lua_State *L, const struct expectation *e, struct judgement *j)
{
	struct gu_identity who;

	j->step = sc_identity(L, e->ref->ref, &who);
	j->pass = !who.impersonating;
	EXPECTED(j, "reverted");
}

/* `has` and `lacks`: a right of a handle, or what a token holds. */
static void check_holds(lua_State *L, const struct expectation *e, bool want,
			struct judgement *j)
{
	enum gu_objtype type;
	uint32_t held;
	uint32_t asked;
	bool holds;

	if (lua_isnoneornil(L, 2)) {
		sc_error(L, "%s needs to be told what", want ? "has" : "lacks");
	}
	EXPECTED(j, "%s %s", want ? "has" : "lacks", shown(L, 2));
	if (e->subject == OF_THREAD || e->subject == OF_TOKEN ||
	    (e->ref && e->ref->type == GU_OBJ_token && sc_is_part(L, 2))) {
		if (!sc_token_holds(L, 2, e->ref, &j->step, &holds)) {
			j->pass = false;
			because(j, "%s", lua_tostring(L, -1));
			return;
		}
	} else {
		held = rights_held(L, e, &type);
		asked = rights_arg(L, 2, type);
		holds = want ? (asked & ~held) == 0 : (asked & held) != 0;
	}
	j->pass = holds == want;
	if (!j->pass) {
		because(j, "it %s %s", want ? "lacks" : "has", shown(L, 2));
	}
}

static void run_check(lua_State *L, enum check check,
		      const struct expectation *e, struct judgement *j)
{
	switch (check) {
	case CHECK_granted:
		check_granted(L, e, j);
		break;
	case CHECK_denied:
		check_refused(L, e, "denied", true, j);
		break;
	case CHECK_succeeds:
		EXPECTED(j, "succeeds");
		j->pass = answered_ok(L, e);
		break;
	case CHECK_fails:
		check_refused(L, e, "fails", false, j);
		break;
	case CHECK_acts_as:
		check_acts_as(L, e, j);
		break;
	case CHECK_reverted:
		check_reverted(L, e, j);
		break;
	case CHECK_has:
		check_holds(L, e, true, j);
		break;
	case CHECK_lacks:
		check_holds(L, e, false, j);
		break;
	case CHECK_COUNT:
		break;
	}
}

static struct expectation *check_expectation(lua_State *L)
{
	struct expectation *e = NULL;

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
static void add_label(lua_State *L, struct judgement *j)
{
	const char *label;

	lua_getiuservalue(L, 1, 2);
	label = lua_tostring(L, -1);
	label = lua_pushfstring(L, "%s: %s", label, j->expected);
	EXPECTED(j, "%s", label);
	lua_pop(L, 2);
}

/* Every check: upvalue 1 is which. Hands back what was expected of, so that
 * `local h = s:require(t:CreateFile(...)):granted()` works. */
static int check_call(lua_State *L)
{
	enum check check = (enum check)lua_tointeger(L, lua_upvalueindex(1));
	struct expectation *e = check_expectation(L);
	struct judgement j = { .step = e->step };
	int line = sc_line(L);

	lua_settop(L, 3);
	unchecked_remove(sc_of(L), e);
	run_check(L, check, e, &j);
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

static const char *subject_name(enum subject s)
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
	const struct expectation *e = check_expectation(L);
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
	const struct expectation *e = lua_touserdata(L, 1);

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
