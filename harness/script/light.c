/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "buf.h"
#include "banned.h"

/* A light userdata is one word: epoch, kind and step of a row. */
_Static_assert(sizeof(void *) == 8, "a light userdata holds 64 bits");

static struct sc_light unpack(const void *p)
{
	uint64_t v = (uint64_t)(uintptr_t)p;

	return (struct sc_light){
		.kind = (enum sc_light_kind)(v >> 32 & 0xFF),
		.step = (uint32_t)v,
		.epoch = (uint32_t)(v >> 40),
	};
}

void sc_light_push(lua_State *L, enum sc_light_kind kind, uint32_t step)
{
	uint64_t v =
		(uint64_t)sc_of(L)->epoch << 40 | (uint64_t)kind << 32 | step;

	lua_pushlightuserdata(L, (void *)(uintptr_t)v);
}

static const char *kind_name(enum sc_light_kind kind)
{
	switch (kind) {
	case SC_RESULT:
		return "a result";
	case SC_STATUS:
		return "a status";
	case SC_ATTEMPT:
		return "an attempt";
	}
	return "a result";
}

const char *sc_light_name(lua_State *L, int index)
{
	return kind_name(unpack(lua_touserdata(L, index)).kind);
}

bool sc_light_at(lua_State *L, int index, struct sc_light *out)
{
	if (lua_type(L, index) != LUA_TLIGHTUSERDATA) {
		return false;
	}
	*out = unpack(lua_touserdata(L, index));
	if (out->epoch != sc_of(L)->epoch) {
		sc_error(L, "%s of another scenario cannot be used here",
			 kind_name(out->kind));
	}
	return true;
}

/* fields */

enum field {
	FIELD_ok,
	FIELD_code,
	FIELD_name,
	FIELD_convention,
	FIELD_status,
	FIELD_step,
	FIELD_line,
	FIELD_granted,
	FIELD_asked,
	FIELD_granted_mask,
	FIELD_reason,
	FIELD_object,
	FIELD_COUNT,
};

enum { OF_RESULT = 1, OF_STATUS = 2, OF_ATTEMPT = 4 };

static const struct {
	const char *name;
	unsigned of;
} fields[FIELD_COUNT] = {
	[FIELD_ok] = { "ok", OF_RESULT | OF_STATUS },
	[FIELD_code] = { "code", OF_RESULT | OF_STATUS },
	[FIELD_name] = { "name", OF_RESULT | OF_STATUS },
	[FIELD_convention] = { "convention", OF_RESULT | OF_STATUS },
	[FIELD_status] = { "status", OF_RESULT | OF_ATTEMPT },
	[FIELD_step] = { "step", OF_RESULT | OF_STATUS | OF_ATTEMPT },
	[FIELD_line] = { "line", OF_RESULT | OF_STATUS | OF_ATTEMPT },
	[FIELD_granted] = { "granted", OF_ATTEMPT },
	[FIELD_asked] = { "asked", OF_ATTEMPT },
	[FIELD_granted_mask] = { "granted_mask", OF_ATTEMPT },
	[FIELD_reason] = { "reason", OF_ATTEMPT },
	[FIELD_object] = { "object", OF_ATTEMPT },
};

static unsigned bit_of(enum sc_light_kind kind)
{
	return kind == SC_RESULT   ? OF_RESULT
	       : kind == SC_STATUS ? OF_STATUS
				   : OF_ATTEMPT;
}

static int no_field(lua_State *L, const struct sc_light *v)
{
	const char *names[FIELD_COUNT + 1] = { NULL };
	size_t n = 0;

	for (int f = 0; f < FIELD_COUNT; f++) {
		if (fields[f].of & bit_of(v->kind)) {
			names[n++] = fields[f].name;
		}
	}
	return sc_no_name(L, 2, kind_name(v->kind), "field", names);
}

static void push_buf(lua_State *L, struct gu_buf *b)
{
	/* Copied through a fixed array, so that no Lua error can lose b. */
	char text[2048];

	snprintf(text, sizeof(text), "%s", b->data);
	gu_buf_release(b);
	lua_pushstring(L, text);
}

static void push_reason(lua_State *L, const struct gu_record *row)
{
	struct gu_buf b = GU_BUF_INIT;

	if (row->reason) {
		lua_pushstring(L, row->reason);
		return;
	}
	if (!row->decision.made) {
		lua_pushnil(L);
		return;
	}
	gu_reason_format(&row->decision.reason, &b);
	push_buf(L, &b);
}

static void push_status_name(lua_State *L, const struct gu_record *row)
{
	char text[16];

	lua_pushstring(
		L, gu_status_text(row->status.conv, row->status.code, text));
}

static void
push_field(lua_State *L, enum field field, const struct gu_record *row)
{
	switch (field) {
	case FIELD_ok:
	case FIELD_granted:
		lua_pushboolean(L, row->status.ok);
		break;
	case FIELD_code:
		lua_pushinteger(L, row->status.code);
		break;
	case FIELD_name:
		push_status_name(L, row);
		break;
	case FIELD_convention:
		lua_pushstring(L, gu_conv_name(row->status.conv));
		break;
	case FIELD_status:
		sc_light_push(L, SC_STATUS, row->step);
		break;
	case FIELD_step:
		lua_pushinteger(L, row->step);
		break;
	case FIELD_line:
		lua_pushinteger(L, row->line);
		break;
	case FIELD_asked:
		lua_pushinteger(L, row->decision.asked);
		break;
	case FIELD_granted_mask:
		lua_pushinteger(L, row->decision.granted);
		break;
	case FIELD_reason:
		push_reason(L, row);
		break;
	case FIELD_object:
		lua_pushstring(L, row->decision.object ? row->decision.object
						       : row->object);
		break;
	case FIELD_COUNT:
		lua_pushnil(L);
		break;
	}
}

static int light_index(lua_State *L)
{
	const char *name = lua_tostring(L, 2);
	const struct gu_record *row;
	struct sc_light v;

	(void)sc_light_at(L, 1, &v);
	for (int f = 0; name && f < FIELD_COUNT; f++) {
		if (!(fields[f].of & bit_of(v.kind)) ||
		    strcmp(fields[f].name, name) != 0) {
			continue;
		}
		row = sc_row(L, v.step);
		if (row) {
			push_field(L, (enum field)f, row);
		} else if (f == FIELD_ok) {
			lua_pushboolean(L, 1);
		} else {
			lua_pushnil(L);
		}
		return 1;
	}
	return no_field(L, &v);
}

static int light_newindex(lua_State *L)
{
	return sc_error(L, "%s cannot be changed", sc_light_name(L, 1));
}

/* "attempt: denied with ERROR_ACCESS_DENIED (5)" */
static int light_tostring(lua_State *L)
{
	struct sc_light v = unpack(lua_touserdata(L, 1));
	const char *what = strchr(kind_name(v.kind), ' ') + 1;
	const struct gu_record *row = NULL;
	struct gu_buf b = GU_BUF_INIT;

	if (v.epoch == sc_of(L)->epoch) {
		row = sc_row(L, v.step);
	}
	if (!row) {
		lua_pushstring(L, what);
		return 1;
	}
	gu_buf_addf(&b, "%s: ", what);
	gu_record_observed(row, &b);
	push_buf(L, &b);
	return 1;
}

void sc_light_open(lua_State *L)
{
	static const luaL_Reg meta[] = { { "__index", light_index },
					 { "__newindex", light_newindex },
					 { "__tostring", light_tostring },
					 { NULL, NULL } };

	lua_pushlightuserdata(L, NULL);
	luaL_newlib(L, meta);
	lua_pushliteral(L, "guise.result");
	lua_setfield(L, -2, "__name");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}
