/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "convert.h"
#include "text.h"
#include "banned.h"

/* Lua values into what the call table wants, one function per family of
 * argument types. */

static const char *const docs[] = {
	[GU_ARG_UINT] = "a number",
	[GU_ARG_BOOL] = "true or false",
	[GU_ARG_STR] = "a string",
	[GU_ARG_LEVEL] = "an impersonation level",
	[GU_ARG_IL] = "an integrity level",
	[GU_ARG_ACCESS] = "rights, by name or number",
	[GU_ARG_CONST] = "constants, by name or number",
	[GU_ARG_CONST_STR] = "constants, by name or number",
	[GU_ARG_SQOS] =
		("a level, a table {level=, tracking=, effective_only=} or "
		 "SECURITY_ flags"),
	[GU_ARG_SDDL] = "a descriptor in SDDL",
	[GU_ARG_SID] = "a SID, an account or its name",
	[GU_ARG_SIDS] = "a list of SIDs or accounts",
	[GU_ARG_PRIVS] = "a list of privileges, or \"all\"",
	[GU_ARG_PATH] = "a path, an object or a handle",
	[GU_ARG_TARGET] = "something that can be opened",
	[GU_ARG_ACCOUNT] = "an account or its name",
	[GU_ARG_OBJTYPE] = "an object type",
	[GU_ARG_STATUS] = "a status, by name or number",
	[GU_ARG_ANY] = "a number, string, boolean or list",
	[GU_ARG_REF_HANDLE] = "a handle",
	[GU_ARG_REF_TOKEN] = "a token or a token handle",
	[GU_ARG_REF_THREAD] = "a thread or a thread handle",
	[GU_ARG_REF_PROCESS] = "a process or a process handle",
	[GU_ARG_REF_DDE_SERVICE] = "a DDE service",
	[GU_ARG_REF_HCONV] = "a DDE conversation handle",
	[GU_ARG_REF_HWND] = "a window handle",
	[GU_ARG_REF_RPC_SERVER] = "an RPC server",
	[GU_ARG_REF_RPC_BINDING] = "an RPC client binding",
	[GU_ARG_REF_RPC_CALL] = "an RPC server binding of a call",
	[GU_ARG_REF_RPC] = "an RPC binding",
	[GU_ARG_REF_CTXT] = "an SSPI context handle",
	[GU_ARG_REF_COM_SERVER] = "a COM server object",
	[GU_ARG_REF_COM_PROXY] = "a COM proxy",
	[GU_ARG_REF_COM_CALL] = "a COM call",
	[GU_ARG_REF_SOCKET] = "a socket",
	[GU_ARG_REF_MESSAGE] = "a port message",
};

const char *sc_arg_doc(const struct gu_arg *arg)
{
	return docs[arg->type];
}

const struct gu_arg *sc_arg_row(const struct sc_arg *a)
{
	return &a->row->args[a->i];
}

_Noreturn int sc_arg_wrong_type(const struct sc_arg *a, int index)
{
	sc_error(a->L, "%s: '%s' is to be %s, not %s", a->body->word,
		 sc_arg_row(a)->name, sc_arg_doc(sc_arg_row(a)),
		 sc_kind_at(a->L, index));
}

/* The reason is on top of the stack. */
_Noreturn int sc_arg_wrong_value(const struct sc_arg *a)
{
	sc_error(a->L, "%s: '%s': %s", a->body->word, sc_arg_row(a)->name,
		 lua_tostring(a->L, -1));
}

static void set_uint(struct gu_value *out, uint64_t v)
{
	out->type = GU_V_UINT;
	out->u = v;
}

static void set_ref(struct gu_value *out, struct gu_ref ref)
{
	out->type = GU_V_REF;
	out->ref = ref;
}

uint32_t sc_arg_u32(const struct sc_arg *a, int index)
{
	int exact;
	lua_Integer v = lua_tointegerx(a->L, index, &exact);

	if (!exact || lua_type(a->L, index) != LUA_TNUMBER) {
		sc_arg_wrong_type(a, index);
	}
	if (v < 0 || v > (lua_Integer)UINT32_MAX) {
		sc_error(a->L, "%s: '%s' is out of range: %lld", a->body->word,
			 sc_arg_row(a)->name, (long long)v);
	}
	return (uint32_t)v;
}

static void to_str(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (lua_type(a->L, index) != LUA_TSTRING) {
		sc_arg_wrong_type(a, index);
	}
	out->type = GU_V_STR;
	out->str.p = lua_tolstring(a->L, index, &out->str.len);
}

static void to_status(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (lua_isinteger(a->L, index)) {
		(void)lua_tostring(a->L, index); /* makes it a string there */
	}
	to_str(a, index, out);
}

/* names and numbers */

/* The object type whose rights an ACCESS argument names: the row's, or that
 * of the first argument. */
static int rights_type(const struct sc_arg *a)
{
	int type = sc_arg_row(a)->param;
	const struct sc_ref *r;

	if (type >= 0) {
		return type;
	}
	r = a->first ? sc_ref_at(a->L, a->first) : NULL;
	if (r && r->type != GU_OBJ_NONE) {
		return r->type;
	}
	/* A path: registry roots begin so, and no drive does. */
	if (a->first && lua_type(a->L, a->first) == LUA_TSTRING &&
	    gu_strncasecmp(lua_tostring(a->L, a->first), "HK", 2) == 0) {
		return GU_OBJ_key;
	}
	return GU_OBJ_file;
}

static void to_named(const struct sc_arg *a, int index, struct gu_value *out)
{
	const struct gu_arg *arg = sc_arg_row(a);
	int param = arg->type == GU_ARG_ACCESS ? rights_type(a) : arg->param;
	uint32_t v;

	if (lua_type(a->L, index) != LUA_TSTRING) {
		set_uint(out, sc_arg_u32(a, index));
	} else if (sc_name_value(a->L, index, arg->type, param, &v)) {
		set_uint(out, v);
	} else {
		sc_arg_wrong_value(a);
	}
}

/* references */

static bool accepts_ref(enum gu_arg_type type, enum gu_ref_kind kind)
{
	static const uint32_t kinds[] = {
#define BIT(k) (UINT32_C(1) << GU_REF_##k)
		[GU_ARG_SID] = BIT(ACCOUNT) | BIT(TOKEN),
		[GU_ARG_SIDS] = BIT(ACCOUNT) | BIT(TOKEN),
		[GU_ARG_ANY] = BIT(ACCOUNT) | BIT(TOKEN),
		[GU_ARG_PATH] = BIT(OBJECT) | BIT(HANDLE),
		[GU_ARG_TARGET] = BIT(OBJECT) | BIT(HANDLE) | BIT(PROCESS) |
				  BIT(THREAD) | BIT(TOKEN),
		[GU_ARG_ACCOUNT] = BIT(ACCOUNT),
		[GU_ARG_REF_HANDLE] =
			BIT(HANDLE) | BIT(TOKEN) | BIT(THREAD) | BIT(PROCESS),
		[GU_ARG_REF_TOKEN] = BIT(TOKEN) | BIT(HANDLE),
		[GU_ARG_REF_THREAD] = BIT(THREAD) | BIT(HANDLE),
		[GU_ARG_REF_PROCESS] = BIT(PROCESS) | BIT(HANDLE),
		[GU_ARG_REF_DDE_SERVICE] = BIT(DDE_SERVICE),
		[GU_ARG_REF_HCONV] = BIT(HCONV),
		[GU_ARG_REF_HWND] = BIT(HWND),
		[GU_ARG_REF_RPC_SERVER] = BIT(RPC_SERVER),
		[GU_ARG_REF_RPC_BINDING] = BIT(RPC_BINDING),
		[GU_ARG_REF_RPC_CALL] = BIT(RPC_CALL),
		[GU_ARG_REF_RPC] = BIT(RPC_BINDING) | BIT(RPC_CALL),
		[GU_ARG_REF_CTXT] = BIT(CTXT),
		[GU_ARG_REF_COM_SERVER] = BIT(COM_SERVER),
		[GU_ARG_REF_COM_PROXY] = BIT(COM_PROXY),
		[GU_ARG_REF_COM_CALL] = BIT(COM_CALL),
		[GU_ARG_REF_SOCKET] = BIT(SOCKET),
		[GU_ARG_REF_MESSAGE] = BIT(MESSAGE),
#undef BIT
	};

	return (kinds[type] >> kind & 1) != 0;
}

/* What a number stands for where a reference is wanted. */
static enum gu_ref_kind raw_kind(enum gu_arg_type type)
{
	for (int kind = GU_REF_KIND_COUNT - 1; kind > GU_REF_NONE; kind--) {
		if (kind != GU_REF_HANDLE &&
		    accepts_ref(type, (enum gu_ref_kind)kind) &&
		    !accepts_ref(type, GU_REF_HANDLE)) {
			return (enum gu_ref_kind)kind;
		}
	}
	return GU_REF_HANDLE;
}

static void to_ref(const struct sc_arg *a, int index, struct gu_value *out)
{
	enum gu_arg_type type = sc_arg_row(a)->type;
	struct sc_ref *r = sc_ref_at(a->L, index);

	if (r && accepts_ref(type, r->ref.kind)) {
		set_ref(out, r->ref);
		if (a->row == gu_fn_row(GU_FN_CloseHandle)) {
			a->body->closing = r;
		}
		return;
	}
	if (r || type < GU_ARG_REF_HANDLE ||
	    lua_type(a->L, index) != LUA_TNUMBER) {
		sc_arg_wrong_type(a, index);
	}
	set_ref(out, (struct gu_ref){ raw_kind(type), sc_arg_u32(a, index) });
}

void sc_arg_str_or_ref(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (lua_type(a->L, index) == LUA_TSTRING) {
		to_str(a, index, out);
	} else {
		to_ref(a, index, out);
	}
}

/* all of them */

static void to_bool(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (lua_type(a->L, index) != LUA_TBOOLEAN) {
		sc_arg_wrong_type(a, index);
	}
	out->type = GU_V_BOOL;
	out->b = lua_toboolean(a->L, index);
}

static void to_uint(const struct sc_arg *a, int index, struct gu_value *out)
{
	set_uint(out, sc_arg_u32(a, index));
}

/* By type; those that are missing are references. */
static void (*const by_type[])(const struct sc_arg *, int,
			       struct gu_value *) = {
	[GU_ARG_UINT] = to_uint,
	[GU_ARG_BOOL] = to_bool,
	[GU_ARG_STR] = to_str,
	[GU_ARG_LEVEL] = to_named,
	[GU_ARG_IL] = to_named,
	[GU_ARG_ACCESS] = to_named,
	[GU_ARG_CONST] = to_named,
	[GU_ARG_CONST_STR] = to_named,
	[GU_ARG_SQOS] = sc_arg_sqos,
	[GU_ARG_SDDL] = to_str,
	[GU_ARG_SID] = sc_arg_str_or_ref,
	[GU_ARG_SIDS] = sc_arg_sids,
	[GU_ARG_PRIVS] = sc_arg_privs,
	[GU_ARG_PATH] = sc_arg_str_or_ref,
	[GU_ARG_TARGET] = sc_arg_str_or_ref,
	[GU_ARG_ACCOUNT] = sc_arg_str_or_ref,
	[GU_ARG_OBJTYPE] = to_named,
	[GU_ARG_STATUS] = to_status,
	[GU_ARG_ANY] = sc_arg_any,
	[GU_ARG_REF_MESSAGE] = NULL,
};

void sc_convert(const struct sc_arg *a, int index, struct gu_value *out)
{
	enum gu_arg_type type = sc_arg_row(a)->type;

	if (by_type[type]) {
		by_type[type](a, index, out);
	} else {
		to_ref(a, index, out);
	}
}
