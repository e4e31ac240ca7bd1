/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "banned.h"

/* The one way from a script to the world: arguments, submit, answer. */

const struct gu_record *sc_row(lua_State *L, uint32_t step)
{
	const struct gu_script *s = sc_of(L);

	if (!step || !s->stage) {
		return NULL;
	}
	return gu_recorder_row(s->stage->recorder, step);
}

struct sc_ref *sc_check_thread(lua_State *L, int index)
{
	struct sc_ref *t = sc_ref_at(L, index);

	if (!t || t->ref.kind != GU_REF_THREAD) {
		sc_error(L,
			 "a thread's method needs its thread before the "
			 "colon, not %s",
			 sc_kind_at(L, index));
	}
	return t;
}

struct sc_body *
sc_call_begin(lua_State *L, enum gu_fn fn, const struct sc_ref *caller)
{
	struct gu_script *s = sc_of(L);
	struct sc_body *b = s->current;

	if (!b) {
		sc_error(L, "%s can only be called while a scenario runs",
			 gu_fn_row(fn)->name);
	}
	if (caller && s->unfinished) {
		sc_check_free(L, caller);
	}
	gu_arena_reset(&b->arena);
	b->call.fn = fn;
	b->word = gu_fn_row(fn)->name;
	b->call.thread = caller ? caller->ref : (struct gu_ref){ 0 };
	b->call.line = sc_line(L);
	b->caller = caller;
	b->closing = NULL;
	b->step = 0;
	return b;
}

/* answers */

static const char *name_arg(const struct sc_body *b)
{
	int i = gu_fn_arg(b->call.fn, "name");

	return i >= 0 && b->args[i].type == GU_V_STR ? b->args[i].str.p : NULL;
}

static struct gu_ref ref_arg(const struct sc_body *b, const char *name)
{
	int i = gu_fn_arg(b->call.fn, name);

	return i >= 0 && b->args[i].type == GU_V_REF ? b->args[i].ref
						     : (struct gu_ref){ 0 };
}

static enum gu_objtype type_of_ref(const struct sc_body *b)
{
	const struct gu_outcome *out = &b->call.out;

	switch (out->value.ref.kind) {
	case GU_REF_PROCESS:
		return GU_OBJ_process;
	case GU_REF_THREAD:
		return GU_OBJ_thread;
	case GU_REF_TOKEN:
		return GU_OBJ_token;
	case GU_REF_OBJECT:
		return (enum gu_objtype)b->args[gu_fn_arg(b->call.fn, "type")]
			.u;
	case GU_REF_HANDLE:
		return out->decision.type;
	case GU_REF_NONE:
	case GU_REF_ACCOUNT:
	case GU_REF_DDE_SERVICE:
	case GU_REF_HCONV:
	case GU_REF_HWND:
	case GU_REF_RPC_SERVER:
	case GU_REF_RPC_BINDING:
	case GU_REF_RPC_CALL:
	case GU_REF_CTXT:
	case GU_REF_COM_SERVER:
	case GU_REF_COM_PROXY:
	case GU_REF_COM_CALL:
	case GU_REF_SOCKET:
	case GU_REF_MESSAGE:
	case GU_REF_KIND_COUNT:
		return GU_OBJ_NONE;
	}
	return GU_OBJ_NONE;
}

/* What rows and messages call a thing that a call made. */
static const char *name_of_ref(lua_State *L, const struct sc_body *b)
{
	struct gu_script *s = sc_of(L);
	const struct gu_outcome *out = &b->call.out;
	const char *name = name_arg(b);
	enum gu_ref_kind kind = out->value.ref.kind;
	const char *kept;

	if (kind == GU_REF_HANDLE) {
		return out->decision.object;
	}
	if (!name && kind == GU_REF_TOKEN) {
		return out->identity.name;
	}
	if (!name && kind != GU_REF_THREAD && kind != GU_REF_PROCESS) {
		return NULL;
	}
	kept = name ? gu_arena_strdup(&s->names, name)
		    : gu_arena_printf(&s->names, "%s %u",
				      kind == GU_REF_THREAD ? "thread"
							    : "process",
				      out->value.ref.id);
	if (!kept) {
		(void)sc_nomem(L);
	}
	return kept;
}

/* Fixtures, and threads and processes that calls make, get names in rows. */
static void
tell_name(lua_State *L, const struct sc_body *b, const struct sc_ref *r)
{
	bool made = b->call.thread.kind == GU_REF_NONE ||
		    r->ref.kind == GU_REF_THREAD ||
		    r->ref.kind == GU_REF_PROCESS;

	if (made && r->name) {
		gu_recorder_name(sc_of(L)->stage->recorder, r->ref, r->name,
				 r->process);
	}
}

/* What policies and checks find by name or need to ask with. */
static void
remember(lua_State *L, const struct sc_body *b, const struct sc_ref *r)
{
	struct gu_script *s = sc_of(L);

	if (r->ref.kind == GU_REF_THREAD &&
	    s->some_thread.kind == GU_REF_NONE) {
		s->some_thread = r->ref;
	} else if (b->call.fn == GU_FN_account && r->name) {
		sc_fixture_remember(L, "account", r->name);
	} else if (r->ref.kind == GU_REF_OBJECT && r->name) {
		sc_fixture_remember(L, "object", r->name);
	}
}

static int push_ref(lua_State *L, const struct sc_body *b)
{
	const struct gu_outcome *out = &b->call.out;
	struct sc_ref *r = sc_ref_push(L, out->value.ref);

	r->type = type_of_ref(b);
	r->granted = out->decision.granted;
	r->step = b->step;
	r->name = name_of_ref(L, b);
	if (b->caller) {
		r->thread = b->caller->ref;
		r->process = b->caller->process;
	} else {
		r->sid = out->identity.sid;
		r->process = ref_arg(b, "process");
	}
	tell_name(L, b, r);
	remember(L, b, r);
	return 1;
}

static int push_refusal(lua_State *L, const struct sc_body *b)
{
	const struct gu_status *st = &b->call.out.status;
	const char *name = gu_status_name(st->conv, st->code);
	char number[16];

	snprintf(number, sizeof(number),
		 gu_conv_code_kind(st->conv) == GU_CODE_WIN32 ? "%u" : "0x%08X",
		 (unsigned)st->code);
	lua_pushnil(L);
	if (name) {
		lua_pushfstring(L, "%s: %s (%s)", gu_fn_row(b->call.fn)->name,
				name, number);
	} else {
		lua_pushfstring(L, "%s: %s", gu_fn_row(b->call.fn)->name,
				number);
	}
	sc_light_push(L, SC_STATUS, b->step);
	return 3;
}

int sc_answer(lua_State *L, struct sc_body *b)
{
	const struct gu_outcome *out = &b->call.out;

	if (b->call.fn == GU_FN_whoami) {
		return sc_whoami_answer(L, b);
	}
	if (gu_fn_row(b->call.fn)->kind == GU_KIND_ATTEMPT) {
		sc_light_push(L, SC_ATTEMPT, b->step);
		return 1;
	}
	if (!out->status.ok) {
		if (!b->caller) {
			push_refusal(L, b);
			return sc_error(L, "%s", lua_tostring(L, -2));
		}
		return push_refusal(L, b);
	}
	if (b->closing) {
		b->closing->closed = true;
	}
	if (out->value.type == GU_V_NONE ||
	    (out->value.type == GU_V_REF &&
	     out->value.ref.kind == GU_REF_NONE)) {
		sc_light_push(L, SC_RESULT, b->step);
		return 1;
	}
	if (out->value.type == GU_V_REF) {
		return push_ref(L, b);
	}
	sc_value_push(L, &out->value);
	sc_light_push(L, SC_RESULT, b->step);
	return 2;
}

/* submitting */

static int answered(lua_State *L, int status, lua_KContext ctx)
{
	(void)status;
	return sc_answer(L, (struct sc_body *)ctx);
}

/* What follows the offset of an error in the descriptor that the call was
 * given, or "". */
static const char *rest_of_sddl(const struct sc_body *b, size_t offset)
{
	const struct gu_fn_row *row = gu_fn_row(b->call.fn);

	for (size_t i = 0; i < row->arg_count; i++) {
		if (row->args[i].type == GU_ARG_SDDL &&
		    b->args[i].type == GU_V_STR &&
		    offset < b->args[i].str.len) {
			return b->args[i].str.p + offset;
		}
	}
	return "";
}

/* The target did not answer. What the script got wrong is the script's to
 * mend; anything else ends the scenario. */
static int
no_answer(lua_State *L, const struct sc_body *b, const struct gu_err *err)
{
	const char *name = b->word;
	size_t n = strlen(name);
	const char *msg = err->msg;
	const char *rest = "";

	if (err->rc != GU_RC_USAGE) {
		return sc_stop_err(L, err);
	}
	if (strncmp(msg, name, n) == 0 && strncmp(msg + n, ": ", 2) == 0) {
		msg += n + 2;
	}
	if (err->offset != GU_ERR_NO_OFFSET) {
		rest = rest_of_sddl(b, err->offset);
	}
	if (*rest) {
		return sc_error(L, "%s: %s, at offset %zu: '%.24s'", name, msg,
				err->offset, rest);
	}
	return sc_error(L, "%s: %s", name, msg);
}

int sc_submit_then(lua_State *L, struct sc_body *b, lua_KFunction then)
{
	struct gu_script *s = sc_of(L);
	struct gu_err err;
	enum gu_rc rc;

	if (s->stop.set) {
		return sc_stop_again(L);
	}
	err.msg[0] = '\0'; /* the rest is filled with it */
	err.offset = GU_ERR_NO_OFFSET;
	rc = gu_world_submit(s->stage->world, &b->call, &err);
	if (rc == GU_RC_OK) {
		b->step = gu_recorder_step(s->stage->recorder);
		return then(L, LUA_OK, (lua_KContext)b);
	}
	if (rc != GU_RC_PENDING) {
		err.rc = rc;
		return no_answer(L, b, &err);
	}
	b->state = SC_CALLING;
	if (sc_can_yield(L)) {
		return lua_yieldk(L, 0, (lua_KContext)b, then);
	}
	rc = sc_wait_inline(L, b, &err);
	err.rc = rc;
	return rc ? sc_stop_err(L, &err) : then(L, LUA_OK, (lua_KContext)b);
}

int sc_submit(lua_State *L, struct sc_body *b)
{
	return sc_submit_then(L, b, answered);
}

enum gu_rc sc_submit_inline(lua_State *L, struct sc_body *b, struct gu_err *err)
{
	struct gu_script *s = sc_of(L);
	enum gu_rc rc = gu_world_submit(s->stage->world, &b->call, err);

	if (rc == GU_RC_OK) {
		b->step = gu_recorder_step(s->stage->recorder);
	} else if (rc == GU_RC_PENDING) {
		b->state = SC_CALLING;
		rc = sc_wait_inline(L, b, err);
	}
	return rc;
}

/* trampolines */

int sc_call_thread(lua_State *L)
{
	enum gu_fn fn = (enum gu_fn)lua_tointeger(L, lua_upvalueindex(1));
	const struct sc_ref *caller = sc_check_thread(L, 1);
	struct sc_body *b = sc_call_begin(L, fn, caller);

	sc_args(L, b, fn, 2, 0);
	return sc_submit(L, b);
}

/* A fixture whose first `preset` arguments are set. */
static int call_fixture(lua_State *L, enum gu_fn fn, size_t preset,
			const struct gu_value *first)
{
	struct sc_body *b = sc_call_begin(L, fn, NULL);

	if (preset) {
		b->args[0] = *first;
	}
	if (fn == GU_FN_object && preset) {
		b->word = gu_objtype_row((enum gu_objtype)first->u)->name;
	}
	sc_args(L, b, fn, 2, preset);
	return sc_submit(L, b);
}

int sc_call_fixture(lua_State *L)
{
	enum gu_fn fn = (enum gu_fn)lua_tointeger(L, lua_upvalueindex(1));
	struct gu_value type = { .type = GU_V_UINT };

	sc_check_scenario(L, 1);
	if (fn != GU_FN_object || lua_isnil(L, lua_upvalueindex(2))) {
		return call_fixture(L, fn, 0, NULL);
	}
	type.u = (uint64_t)lua_tointeger(L, lua_upvalueindex(2));
	return call_fixture(L, fn, 1, &type);
}

int sc_process_thread(lua_State *L)
{
	const struct sc_ref *process = sc_ref_at(L, 1);
	struct gu_value first = { .type = GU_V_REF };

	if (!process || process->ref.kind != GU_REF_PROCESS) {
		return sc_error(L,
				"'thread' needs its process before the "
				"colon, not %s",
				sc_kind_at(L, 1));
	}
	first.ref = process->ref;
	return call_fixture(L, GU_FN_thread, 1, &first);
}

/* `local h <close>`: CloseHandle, unless it was closed already or the
 * scenario is being torn down. */
int sc_handle_close(lua_State *L)
{
	struct gu_script *s = sc_of(L);
	struct sc_ref *h = lua_touserdata(L, 1);
	struct sc_ref caller = { .tag = SC_REF };
	struct gu_err err;
	struct sc_body *b;
	enum gu_rc rc;

	if (h->closed || s->stop.set || h->epoch != s->epoch || !s->current) {
		return 0;
	}
	caller.ref = h->thread;
	caller.name = gu_recorder_name_of(s->stage->recorder, h->thread);
	if (s->unfinished) {
		sc_check_free(L, &caller);
	}
	b = sc_call_begin(L, GU_FN_CloseHandle, NULL);
	b->call.thread = caller.ref;
	b->args[0] = (struct gu_value){ .type = GU_V_REF, .ref = h->ref };
	rc = sc_submit_inline(L, b, &err);
	if (rc) {
		err.rc = rc;
		return sc_stop_err(L, &err);
	}
	h->closed = true;
	return 0;
}
