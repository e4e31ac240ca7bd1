/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "buf.h"
#include "expect.h"
#include "banned.h"

static void say(char *to, size_t size, const char *fmt, ...) GU_PRINTF(3, 4);
static void say(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to, size, fmt, ap);
	va_end(ap);
}

#define EXPECTED(j, ...) say((j)->expected, sizeof((j)->expected), __VA_ARGS__)

static void because(struct sc_judgement *j, const char *fmt, ...)
	GU_PRINTF(2, 3);
static void because(struct sc_judgement *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(j->reason, sizeof(j->reason), fmt, ap);
	va_end(ap);
	j->has_reason = true;
}

/* How a script's own value is shown; may stay on the stack. */
static const char *shown(lua_State *L, int index)
{
	const struct sc_ref *r = sc_ref_at(L, index);

	return r && r->name ? r->name : luaL_tolstring(L, index, NULL);
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
rights_held(lua_State *L, const struct sc_expectation *e, enum gu_objtype *type)
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
rights_missing(struct sc_judgement *j, uint32_t missing, enum gu_objtype type)
{
	struct gu_buf names = GU_BUF_INIT;

	gu_rights_format(missing, type == GU_OBJ_NONE ? GU_OBJ_file : type,
			 &names);
	because(j, "%s is not among the rights granted", names.data);
	gu_buf_release(&names);
}

static bool answered_ok(lua_State *L, const struct sc_expectation *e)
{
	const struct gu_record *row = sc_row(L, e->step);

	return row && row->has_status ? row->status.ok : e->ref != NULL;
}

/* A success that had no effect is none. */
static bool is_hollow(lua_State *L, const struct sc_expectation *e)
{
	const struct gu_record *row = sc_row(L, e->step);

	return row && row->hollow;
}

static void check_granted(lua_State *L, const struct sc_expectation *e,
			  struct sc_judgement *j)
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

/* What the call answers with. Where a real system raised an exception inside
 * it, its status is that exception, and of another kind. */
static enum gu_conv conv_of(const struct gu_record *row)
{
	if (!row) {
		return GU_CONV_BOOL;
	}
	return row->fn < GU_FN_COUNT ? gu_fn_row(row->fn)->conv
				     : row->status.conv;
}

static bool answers_in(const struct gu_record *row, enum gu_conv conv)
{
	return gu_conv_code_kind(row->status.conv) == gu_conv_code_kind(conv);
}

/* `denied` or `fails`, with or without a status. */
static void check_refused(lua_State *L, const struct sc_expectation *e,
			  const char *word, bool denial, struct sc_judgement *j)
{
	const struct gu_record *row = sc_row(L, e->step);
	enum gu_conv conv = conv_of(row);
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
	j->pass = j->pass && row->status.code == code && answers_in(row, conv);
}

static void check_acts_as(lua_State *L, const struct sc_expectation *e,
			  struct sc_judgement *j)
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

static void check_reverted(lua_State *L, const struct sc_expectation *e,
			   struct sc_judgement *j)
{
	struct gu_identity who;

	j->step = sc_identity(L, e->ref->ref, &who);
	j->pass = !who.impersonating;
	EXPECTED(j, "reverted");
}

/* `has` and `lacks`: a right of a handle, or what a token holds. */
static void check_holds(lua_State *L, const struct sc_expectation *e, bool want,
			struct sc_judgement *j)
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

void sc_check(lua_State *L, enum sc_check check, const struct sc_expectation *e,
	      struct sc_judgement *j)
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
		j->pass = answered_ok(L, e) && !is_hollow(L, e);
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
