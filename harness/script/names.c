/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <ctype.h>

#include "text.h"
#include "banned.h"

/* the cache */

static struct sc_name *
cache_slot(struct gu_script *s, const char *text, uint32_t kind)
{
	uint64_t h = ((uint64_t)(uintptr_t)text >> 4) + (uint64_t)kind * 31;

	return &s->cache[(h * UINT64_C(0x9E3779B97F4A7C15)) >> 56];
}
_Static_assert(SC_NAMES == 256, "the hash yields eight bits");

static void cache_clear(lua_State *L)
{
	struct gu_script *s = sc_of(L);

	memset(s->cache, 0, sizeof(s->cache));
	lua_newtable(L);
	lua_rawseti(L, LUA_REGISTRYINDEX, s->cache_anchors);
	s->anchor_count = 0;
}

/* An address stands for its string only as long as the string lives: keep
 * it. Equal long strings have addresses of their own, so what is kept is this
 * very one. */
static void cache_add(lua_State *L, int index, uint32_t kind, uint32_t value)
{
	struct gu_script *s = sc_of(L);
	const char *text = lua_tostring(L, index);

	if (s->anchor_count == SC_ANCHORS) {
		cache_clear(L);
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, s->cache_anchors);
	lua_pushvalue(L, index);
	lua_rawseti(L, -2, (lua_Integer)++s->anchor_count);
	lua_pop(L, 1);
	*cache_slot(s, text, kind) = (struct sc_name){ text, kind, value };
}

/* parsing */

static bool parse_level(const char *text, uint32_t *out, struct gu_err *err)
{
	enum gu_level level;

	if (!gu_level_parse(&level, text)) {
		(void)gu_err_set(err, GU_RC_USAGE,
				 "unknown level \"%s\": levels are Anonymous, "
				 "Identification, Impersonation and Delegation",
				 text);
		return false;
	}
	*out = level;
	return true;
}

static bool parse_integrity(const char *text, uint32_t *out, struct gu_err *err)
{
	if (!gu_il_from_name(out, text)) {
		(void)gu_err_set(err, GU_RC_USAGE,
				 "unknown integrity level \"%s\": levels are "
				 "Untrusted, Low, Medium, MediumPlus, High, "
				 "System and Protected",
				 text);
		return false;
	}
	return true;
}

static bool parse_objtype(const char *text, uint32_t *out, struct gu_err *err)
{
	const char *names[GU_OBJ_COUNT + 1] = { NULL };
	enum gu_objtype type = gu_objtype_find(text);
	const char *alike;

	if (type != GU_OBJ_NONE) {
		*out = type;
		return true;
	}
	for (size_t i = 0; i < GU_OBJ_COUNT; i++) {
		names[i] = gu_objtype_row((enum gu_objtype)i)->name;
	}
	alike = gu_suggest(text, names);
	(void)gu_err_set(err, GU_RC_USAGE, "unknown object type \"%s\"%s%s%s",
			 text, alike ? ", did you mean " : "",
			 alike ? alike : "", alike ? "?" : "");
	return false;
}

/* A level by name, or CreateFile's SECURITY_ flags: as those flags. */
static bool parse_sqos(const char *text, uint32_t *out, struct gu_err *err)
{
	enum gu_level level;

	if (gu_level_parse(&level, text)) {
		*out = 0x100000u | (uint32_t)level << 16;
		return true;
	}
	return gu_const_parse(out, GU_CONST_SQOS_FLAGS, text, err) == GU_RC_OK;
}

static bool
parse_word(const char *text, int group, uint32_t *out, struct gu_err *err)
{
	if (strchr(text, '|')) {
		(void)gu_err_set(err, GU_RC_USAGE,
				 "\"%s\" is to be one word, without |", text);
		return false;
	}
	return gu_const_parse(out, (enum gu_const_group)group, text, err) ==
	       GU_RC_OK;
}

static bool parse_name(enum gu_arg_type type, int param, const char *text,
		       uint32_t *out, struct gu_err *err)
{
	if (type == GU_ARG_LEVEL) {
		return parse_level(text, out, err);
	}
	if (type == GU_ARG_IL) {
		return parse_integrity(text, out, err);
	}
	if (type == GU_ARG_ACCESS) {
		return gu_rights_parse(out, (enum gu_objtype)param, text,
				       err) == GU_RC_OK;
	}
	if (type == GU_ARG_OBJTYPE) {
		return parse_objtype(text, out, err);
	}
	if (type == GU_ARG_SQOS) {
		return parse_sqos(text, out, err);
	}
	if (type == GU_ARG_CONST_STR) {
		return parse_word(text, param, out, err);
	}
	return gu_const_parse(out, (enum gu_const_group)param, text, err) ==
	       GU_RC_OK;
}

static uint32_t cache_kind(enum gu_arg_type type, int param)
{
	return (uint32_t)type << 16 | (uint32_t)(param + 1);
}

/* Apart, since an error's buffer has no place on the way of a hit. */
static bool name_miss(lua_State *L, int index, enum gu_arg_type type, int param,
		      uint32_t *out)
{
	struct gu_err err = GU_ERR_INIT;

	if (!parse_name(type, param, lua_tostring(L, index), out, &err)) {
		lua_pushstring(L, err.msg);
		return false;
	}
	cache_add(L, index, cache_kind(type, param), *out);
	return true;
}

bool sc_name_value(lua_State *L, int index, enum gu_arg_type type, int param,
		   uint32_t *out)
{
	const char *text = lua_tostring(L, index);
	uint32_t kind = cache_kind(type, param);
	const struct sc_name *hit = cache_slot(sc_of(L), text, kind);

	if (hit->text == text && hit->kind == kind) {
		*out = hit->value;
		return true;
	}
	return name_miss(L, index, type, param, out);
}

/* statuses */

static const char *kind_doc(enum gu_code_kind kind)
{
	switch (kind) {
	case GU_CODE_WIN32:
		return "a Win32 error";
	case GU_CODE_NTSTATUS:
		return "an NTSTATUS";
	case GU_CODE_HRESULT:
		return "an HRESULT or SECURITY_STATUS";
	}
	return "a code";
}

static int refuse_status(lua_State *L, const char *text)
{
	const char *alike = gu_code_suggest(text);

	if (alike) {
		return sc_error(L, "unknown status \"%s\", did you mean %s?",
				text, alike);
	}
	return sc_error(L, "unknown status \"%s\"", text);
}

uint32_t sc_check_status(lua_State *L, int index, enum gu_conv conv)
{
	enum gu_code_kind want = gu_conv_code_kind(conv);
	enum gu_code_kind kind;
	const char *text;
	uint32_t code;

	if (lua_isinteger(L, index)) {
		return (uint32_t)lua_tointeger(L, index);
	}
	if (lua_type(L, index) != LUA_TSTRING) {
		sc_error(L, "a status is a name or a number, not %s",
			 sc_kind_at(L, index));
	}
	text = lua_tostring(L, index);
	if (!gu_code_parse(text, &code, &kind)) {
		refuse_status(L, text);
	}
	if (kind != want && !isdigit((unsigned char)text[0])) {
		sc_error(L, "%s is %s, but this call answers with %s", text,
			 kind_doc(kind), kind_doc(want));
	}
	return code;
}

/* constants by name */

static bool find_constant(const char *name, uint32_t *out)
{
	enum gu_code_kind kind;

	for (int g = 0; g < GU_CONST_GROUP_COUNT; g++) {
		if (gu_const_parse(out, (enum gu_const_group)g, name, NULL) ==
		    GU_RC_OK) {
			return true;
		}
	}
	for (int t = 0; t < GU_OBJ_COUNT; t++) {
		if (gu_rights_parse(out, (enum gu_objtype)t, name, NULL) ==
		    GU_RC_OK) {
			return true;
		}
	}
	return gu_code_parse(name, out, &kind);
}

int sc_constant(lua_State *L)
{
	const char *name = lua_tostring(L, 2);
	uint32_t value;

	if (lua_type(L, 2) != LUA_TSTRING || !isupper((unsigned char)name[0]) ||
	    !find_constant(name, &value)) {
		return sc_error(L, "guise.constants has no '%s'",
				luaL_tolstring(L, 2, NULL));
	}
	lua_pushinteger(L, value);
	return 1;
}
