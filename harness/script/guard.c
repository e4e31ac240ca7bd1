/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "banned.h"

/* thread:impersonating("Function", arguments..., body): impersonates, runs
 * body(thread), and reverts whatever happened, by the function that Windows
 * prefers for it. Written here and not in Lua so that it also reverts when
 * the scenario is being ended by a failed require.
 *
 * The stack while it works: thread, body, arguments of the revert, result of
 * the impersonation, what the body returned or raised. */
enum { THREAD = 1, BODY, KEPT, RESULT };

/* Plain data: a reference is all that a revert takes. The tag is that of no
 * value a script could meet. */
struct kept {
	unsigned tag;
	enum gu_fn revert;
	struct gu_value args[GU_ARGS_MAX];
};

static enum gu_fn function_arg(lua_State *L)
{
	const char *name = lua_tostring(L, 2);
	const char *alike;
	enum gu_fn fn;

	if (lua_type(L, 2) != LUA_TSTRING) {
		sc_error(L,
			 "impersonating needs the name of a function, "
			 "got %s",
			 sc_kind_at(L, 2));
	}
	fn = gu_fn_find(name);
	if (fn != GU_FN_NONE && gu_fn_row(fn)->kind == GU_KIND_IMPERSONATE) {
		return fn;
	}
	alike = gu_fn_suggest(name);
	if (fn == GU_FN_NONE && alike) {
		sc_error(L, "'%s' is no impersonation, did you mean '%s'?",
			 name, alike);
	}
	sc_error(L, "'%s' is no impersonation", name);
	return GU_FN_NONE;
}

/* Another thread than the one that runs the body would not be covered. */
static void check_subject(lua_State *L, const struct sc_body *b)
{
	const struct gu_fn_row *row = gu_fn_row(b->call.fn);

	for (size_t i = 0; i < row->arg_count; i++) {
		if (row->args[i].type != GU_ARG_REF_THREAD) {
			continue;
		}
		if (b->args[i].type == GU_V_REF &&
		    !gu_ref_equal(b->args[i].ref, b->caller->ref)) {
			sc_error(L,
				 "impersonating: '%s' is to be the thread "
				 "itself",
				 row->args[i].name);
		}
		return;
	}
}

/* What the impersonation and its revert both take (an SSPI context) is given
 * to both. */
static void push_kept(lua_State *L, const struct sc_body *b)
{
	const struct gu_fn_row *row = gu_fn_row(b->call.fn);
	const struct gu_fn_row *revert = gu_fn_row(row->reverts[0]);
	struct kept *kept = lua_newuserdatauv(L, sizeof(*kept), 0);

	*kept = (struct kept){ .tag = 0, .revert = row->reverts[0] };
	for (size_t i = 0; i < revert->arg_count; i++) {
		int from = gu_fn_arg(b->call.fn, revert->args[i].name);

		if (from >= 0 && b->args[from].type == GU_V_REF) {
			kept->args[i] = b->args[from];
		}
	}
}

/* Reverts and judges that. */
static void revert(lua_State *L)
{
	struct gu_script *s = sc_of(L);
	const struct kept *kept = lua_touserdata(L, KEPT);
	struct sc_body *b =
		sc_call_begin(L, kept->revert, lua_touserdata(L, THREAD));
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc;
	bool ok;

	memcpy(b->args, kept->args, sizeof(kept->args));
	rc = sc_submit_inline(L, b, &err);
	if (rc) {
		err.rc = rc;
		(void)sc_stop_err(L, &err);
	}
	ok = b->call.out.status.ok;
	gu_recorder_judge(s->stage->recorder, b->step, b->call.line,
			  ok ? GU_VERDICT_PASS : GU_VERDICT_FAIL, "succeeds",
			  NULL);
	if (!ok) {
		(void)sc_stop_unwinding(L);
	}
}

/* The body is over. */
static int body_done(lua_State *L, int status, lua_KContext ctx)
{
	const struct gu_script *s = sc_of(L);

	(void)ctx;
	if (s->stop.set && !s->stop.unwinds) {
		return sc_stop_again(L);
	}
	revert(L);
	if (status != LUA_OK && status != LUA_YIELD) {
		return lua_error(L);
	}
	return lua_gettop(L) - KEPT;
}

/* The impersonation was answered. */
static int impersonated(lua_State *L, int status, lua_KContext ctx)
{
	struct sc_body *b = (struct sc_body *)ctx;
	int n = sc_answer(L, b);

	(void)status;
	if (!b->call.out.status.ok) {
		return n;
	}
	lua_insert(L, RESULT);
	lua_settop(L, RESULT);
	lua_pushvalue(L, BODY);
	lua_pushvalue(L, THREAD);
	return body_done(L, lua_pcallk(L, 1, LUA_MULTRET, 0, 0, body_done), 0);
}

int sc_impersonating(lua_State *L)
{
	const struct sc_ref *thread = sc_check_thread(L, THREAD);
	enum gu_fn fn = function_arg(L);
	struct sc_body *b;

	if (lua_gettop(L) < 3 || lua_type(L, -1) != LUA_TFUNCTION) {
		return sc_error(L,
				"impersonating needs the function to run "
				"as its last argument, got %s",
				sc_kind_at(L, -1));
	}
	lua_replace(L, BODY);
	b = sc_call_begin(L, fn, thread);
	sc_args(L, b, fn, KEPT, 0);
	check_subject(L, b);
	push_kept(L, b);
	lua_insert(L, KEPT);
	return sc_submit_then(L, b, impersonated);
}
