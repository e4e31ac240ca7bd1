/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "text.h"
#include "banned.h"

/* What a token holds: for `has` and `lacks` of a token or thread. */
enum { TOKEN_GROUPS = 2, TOKEN_PRIVILEGES = 3, PRIVILEGE_ENABLED = 2 };

struct part {
	bool is_priv;
	char name[GU_SID_TEXT_MAX]; /* of the privilege, or the SID */
};

static bool part_at(lua_State *L, int index, struct part *out)
{
	enum gu_priv priv;

	if (lua_type(L, index) == LUA_TSTRING &&
	    gu_priv_parse(&priv, lua_tostring(L, index))) {
		out->is_priv = true;
		snprintf(out->name, sizeof(out->name), "%s",
			 gu_priv_name(priv));
		return true;
	}
	out->is_priv = false;
	return !lua_isinteger(L, index) && sc_sid_of(L, index, out->name);
}

bool sc_is_part(lua_State *L, int index)
{
	struct part part;

	return part_at(L, index, &part);
}

static const struct gu_value *
field_of(const struct gu_value *v, const char *name)
{
	for (uint32_t i = 0; v->type == GU_V_TABLE && i < v->count; i++) {
		if (strcmp(v->fields[i].name, name) == 0) {
			return &v->fields[i].value;
		}
	}
	return NULL;
}

/* True when a list as GetTokenInformation gives it has the part enabled. */
static bool list_has(const struct gu_value *list, const struct part *part)
{
	const char *key = part->is_priv ? "name" : "sid";

	for (uint32_t i = 0; list->type == GU_V_LIST && i < list->count; i++) {
		const struct gu_value *name = field_of(&list->list[i], key);
		const struct gu_value *attributes =
			field_of(&list->list[i], "attributes");
		uint64_t wanted =
			part->is_priv ? PRIVILEGE_ENABLED : GU_GROUP_ENABLED;

		if (name && name->type == GU_V_STR && attributes &&
		    gu_strcasecmp(name->str.p, part->name) == 0) {
			return (attributes->u & wanted) != 0;
		}
	}
	return false;
}

static bool refused(lua_State *L, const struct sc_body *b)
{
	const struct gu_status *st = &b->call.out.status;
	char number[16];

	lua_pushfstring(L, "the token cannot be asked: %s",
			gu_status_text(st->conv, st->code, number));
	return false;
}

/* A call that the check makes; the outcome is in the body's call. */
static struct sc_body *ask(lua_State *L, enum gu_fn fn, struct gu_ref thread,
			   const struct gu_value args[2])
{
	struct sc_body *b = sc_call_begin(L, fn, NULL);
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc;

	b->call.thread = thread;
	memcpy(b->args, args, 2 * sizeof(*args));
	rc = sc_submit_inline(L, b, &err);
	if (rc) {
		err.rc = rc;
		(void)sc_stop_err(L, &err);
	}
	return b;
}

static bool thread_holds(lua_State *L, const struct sc_ref *of,
			 const struct part *part, uint32_t *step, bool *holds)
{
	static const struct gu_value none[2];
	const struct sc_body *b = ask(L, GU_FN_whoami, of->ref, none);
	const struct gu_outcome *out = &b->call.out;
	const struct gu_value *list =
		field_of(&out->value, part->is_priv ? "privileges" : "groups");

	*step = b->step;
	if (!list) {
		lua_pushliteral(L, "this target does not tell what a thread's "
				   "token holds");
		return false;
	}
	*holds = list_has(list, part) ||
		 (!part->is_priv &&
		  gu_strcasecmp(part->name, out->identity.sid) == 0);
	return true;
}

static bool token_holds(lua_State *L, const struct sc_ref *of,
			const struct part *part, uint32_t *step, bool *holds)
{
	struct gu_ref thread = of->thread.kind == GU_REF_NONE
				       ? sc_of(L)->some_thread
				       : of->thread;
	const struct gu_value args[2] = {
		{ .type = GU_V_REF, .ref = of->ref },
		{ .type = GU_V_UINT,
		  .u = part->is_priv ? TOKEN_PRIVILEGES : TOKEN_GROUPS },
	};
	const struct sc_body *b;

	if (thread.kind == GU_REF_NONE) {
		sc_error(L, "a token can be asked once the scenario has a "
			    "thread");
	}
	b = ask(L, GU_FN_GetTokenInformation, thread, args);
	*step = b->step;
	if (!b->call.out.status.ok) {
		return refused(L, b);
	}
	*holds = list_has(&b->call.out.value, part) ||
		 (!part->is_priv && of->sid &&
		  gu_strcasecmp(part->name, of->sid) == 0);
	return true;
}

bool sc_token_holds(lua_State *L, int index, const struct sc_ref *of,
		    uint32_t *step, bool *holds)
{
	struct part part;

	if (!part_at(L, index, &part)) {
		sc_error(L,
			 "'%s' is no privilege, SID, well-known name or "
			 "account",
			 luaL_tolstring(L, index, NULL));
	}
	if (of->ref.kind == GU_REF_THREAD) {
		return thread_holds(L, of, &part, step, holds);
	}
	return token_holds(L, of, &part, step, holds);
}
