/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "text.h"
#include "trace.h"
#include "banned.h"

uint32_t
sc_identity(lua_State *L, struct gu_ref thread, struct gu_identity *out)
{
	const struct gu_stage *stage = sc_of(L)->stage;
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc = gu_world_identity(stage->world, thread, out, &err);

	if (rc) {
		err.rc = rc;
		(void)sc_stop_err(L, &err);
	}
	return gu_recorder_identity(stage->recorder, thread, out,
				    gu_trace_via(stage->world, thread),
				    sc_line(L));
}

/* whose identity it is */

bool sc_sid_of(lua_State *L, int index, char text[GU_SID_TEXT_MAX])
{
	const struct sc_ref *r = sc_ref_at(L, index);
	struct gu_sid sid;
	const char *name;

	if (r) {
		snprintf(text, GU_SID_TEXT_MAX, "%s", r->sid ? r->sid : "");
		return r->sid != NULL;
	}
	name = lua_tostring(L, index);
	if (!name) {
		return false;
	}
	if (gu_sid_parse(&sid, name, strlen(name), NULL) == GU_RC_OK ||
	    gu_sid_from_name(&sid, name) ||
	    (strlen(name) == 2 && gu_sid_from_sddl_code(&sid, name, NULL))) {
		(void)gu_sid_text(&sid, text);
		return true;
	}
	return false;
}

bool sc_is_account(lua_State *L, int index, const struct gu_identity *who)
{
	char sid[GU_SID_TEXT_MAX];
	const struct sc_ref *r = sc_ref_at(L, index);
	const char *name;
	const char *bare;

	if (r ? r->ref.kind != GU_REF_ACCOUNT && r->ref.kind != GU_REF_TOKEN
	      : lua_type(L, index) != LUA_TSTRING) {
		sc_error(L,
			 "acts_as needs an account, a token or a name, "
			 "not %s",
			 sc_kind_at(L, index));
	}
	if (sc_sid_of(L, index, sid)) {
		return gu_strcasecmp(sid, who->sid) == 0;
	}
	if (r) {
		return false;
	}
	name = lua_tostring(L, index);
	bare = strrchr(who->name, '\\');
	return gu_strcasecmp(name, who->name) == 0 ||
	       (bare && gu_strcasecmp(name, bare + 1) == 0);
}

/* whoami */

/* The table of what a thread is, from an outcome with its identity. */
static void
push_identity(lua_State *L, const struct gu_identity *who, enum gu_fn via)
{
	char number[16];
	const char *integrity = gu_il_name(who->integrity);

	snprintf(number, sizeof(number), "0x%x", who->integrity);
	lua_pushstring(L, who->name);
	lua_setfield(L, -2, "name");
	lua_pushstring(L, who->sid);
	lua_setfield(L, -2, "sid");
	if (who->impersonating) {
		lua_pushstring(L, gu_level_name(who->level));
		lua_setfield(L, -2, "level");
	}
	lua_pushboolean(L, who->impersonating);
	lua_setfield(L, -2, "impersonating");
	lua_pushstring(L, integrity ? integrity : number);
	lua_setfield(L, -2, "integrity");
	if (via != GU_FN_NONE) {
		lua_pushstring(L, gu_fn_row(via)->name);
		lua_setfield(L, -2, "via");
	}
}

int sc_whoami_answer(lua_State *L, const struct sc_body *b)
{
	const struct gu_outcome *out = &b->call.out;

	if (out->value.type == GU_V_TABLE) {
		sc_value_push(L, &out->value);
	} else {
		lua_newtable(L);
	}
	push_identity(L, &out->identity,
		      gu_trace_via(sc_of(L)->stage->world, b->call.thread));
	sc_light_push(L, SC_RESULT, b->step);
	return 2;
}
