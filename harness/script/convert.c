/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "text.h"
#include "banned.h"

/* Lua values into what the call table wants, one function per family of
 * argument types. */

const char *sc_arg_doc(const struct gu_arg *arg)
{
	switch (arg->type) {
	case GU_ARG_UINT:
		return "a number";
	case GU_ARG_BOOL:
		return "true or false";
	case GU_ARG_STR:
		return "a string";
	case GU_ARG_LEVEL:
		return "an impersonation level";
	case GU_ARG_IL:
		return "an integrity level";
	case GU_ARG_ACCESS:
		return "rights, by name or number";
	case GU_ARG_CONST:
	case GU_ARG_CONST_STR:
		return "constants, by name or number";
	case GU_ARG_SQOS:
		return "a level, a table {level=, tracking=, effective_only=} "
		       "or SECURITY_ flags";
	case GU_ARG_SDDL:
		return "a descriptor in SDDL";
	case GU_ARG_SID:
		return "a SID, an account or its name";
	case GU_ARG_SIDS:
		return "a list of SIDs or accounts";
	case GU_ARG_PRIVS:
		return "a list of privileges, or \"all\"";
	case GU_ARG_PATH:
		return "a path, an object or a handle";
	case GU_ARG_TARGET:
		return "something that can be opened";
	case GU_ARG_ACCOUNT:
		return "an account or its name";
	case GU_ARG_OBJTYPE:
		return "an object type";
	case GU_ARG_ANY:
		return "a number, string, boolean or list";
	case GU_ARG_REF_HANDLE:
		return "a handle";
	case GU_ARG_REF_TOKEN:
		return "a token or a token handle";
	case GU_ARG_REF_THREAD:
		return "a thread or a thread handle";
	case GU_ARG_REF_PROCESS:
		return "a process or a process handle";
	case GU_ARG_REF_DDE_SERVICE:
		return "a DDE service";
	case GU_ARG_REF_HCONV:
		return "a DDE conversation handle";
	case GU_ARG_REF_HWND:
		return "a window handle";
	case GU_ARG_REF_RPC_SERVER:
		return "an RPC server";
	case GU_ARG_REF_RPC_BINDING:
		return "an RPC client binding";
	case GU_ARG_REF_RPC_CALL:
		return "an RPC server binding of a call";
	case GU_ARG_REF_RPC:
		return "an RPC binding";
	case GU_ARG_REF_CTXT:
		return "an SSPI context handle";
	case GU_ARG_REF_COM_SERVER:
		return "a COM server object";
	case GU_ARG_REF_COM_PROXY:
		return "a COM proxy";
	case GU_ARG_REF_COM_CALL:
		return "a COM call";
	case GU_ARG_REF_SOCKET:
		return "a socket";
	case GU_ARG_REF_MESSAGE:
		return "a port message";
	}
	return "a value";
}

static const struct gu_arg *arg_of(const struct sc_arg *a)
{
	return &a->row->args[a->i];
}

static int wrong_type(const struct sc_arg *a, int index)
{
	return sc_error(a->L, "%s: '%s' is to be %s, not %s", a->row->name,
			arg_of(a)->name, sc_arg_doc(arg_of(a)),
			sc_kind_at(a->L, index));
}

/* The reason is on top of the stack. */
static int wrong_value(const struct sc_arg *a)
{
	return sc_error(a->L, "%s: '%s': %s", a->row->name, arg_of(a)->name,
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

static uint32_t to_u32(const struct sc_arg *a, int index)
{
	int exact;
	lua_Integer v = lua_tointegerx(a->L, index, &exact);

	if (!exact || lua_type(a->L, index) != LUA_TNUMBER) {
		wrong_type(a, index);
	}
	if (v < 0 || v > (lua_Integer)UINT32_MAX) {
		sc_error(a->L, "%s: '%s' is out of range: %lld", a->row->name,
			 arg_of(a)->name, (long long)v);
	}
	return (uint32_t)v;
}

static void to_str(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (lua_type(a->L, index) != LUA_TSTRING) {
		wrong_type(a, index);
	}
	out->type = GU_V_STR;
	out->str.p = lua_tolstring(a->L, index, &out->str.len);
}

/* --- names and numbers */

/* The object type whose rights an ACCESS argument names: the row's, or that
 * of the first argument. */
static int rights_type(const struct sc_arg *a)
{
	int type = arg_of(a)->param;
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
	const struct gu_arg *arg = arg_of(a);
	int param = arg->type == GU_ARG_ACCESS ? rights_type(a) : arg->param;
	uint32_t v;

	if (lua_type(a->L, index) != LUA_TSTRING) {
		set_uint(out, to_u32(a, index));
	} else if (sc_name_value(a->L, index, arg->type, param, &v)) {
		set_uint(out, v);
	} else {
		wrong_value(a);
	}
}

/* --- quality of service */

static void sqos_from_flags(uint32_t flags, struct gu_sqos *out)
{
	*out = (struct gu_sqos){
		.present = (flags & 0x100000) != 0,
		.level = (enum gu_level)(flags >> 16 & 3),
		.dynamic = (flags & 0x40000) != 0,
		.effective_only = (flags & 0x80000) != 0,
	};
}

static uint32_t sqos_field(const struct sc_arg *a, const char *name,
			   enum gu_arg_type type, int param)
{
	uint32_t v = 0;

	if (lua_type(a->L, -1) == LUA_TNUMBER) {
		v = to_u32(a, -1);
	} else if (lua_type(a->L, -1) != LUA_TSTRING) {
		sc_error(a->L, "%s: '%s': %s is to be a name, not %s",
			 a->row->name, arg_of(a)->name, name,
			 sc_kind_at(a->L, -1));
	} else if (!sc_name_value(a->L, lua_gettop(a->L), type, param, &v)) {
		wrong_value(a);
	}
	return v;
}

static void
sqos_from_table(const struct sc_arg *a, int index, struct gu_sqos *out)
{
	static const char *const names[] = { "level", "tracking",
					     "effective_only", NULL };
	lua_State *L = a->L;
	bool has_level = false;

	*out = (struct gu_sqos){ .present = true };
	lua_pushnil(L);
	while (lua_next(L, index)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING
					  ? lua_tostring(L, -2)
					  : "";

		if (strcmp(key, "level") == 0) {
			out->level = (enum gu_level)(
				sqos_field(a, key, GU_ARG_LEVEL, 0) & 3);
			has_level = true;
		} else if (strcmp(key, "tracking") == 0) {
			out->dynamic = sqos_field(a, key, GU_ARG_CONST_STR,
						  GU_CONST_TRACKING) != 0;
		} else if (strcmp(key, "effective_only") == 0) {
			out->effective_only = lua_toboolean(L, -1);
		} else {
			sc_no_name(L, lua_gettop(L) - 1, "a quality of service",
				   "field", names);
		}
		lua_pop(L, 1);
	}
	if (!has_level) {
		sc_error(L, "%s: '%s' needs a level", a->row->name,
			 arg_of(a)->name);
	}
}

static void to_sqos(const struct sc_arg *a, int index, struct gu_value *out)
{
	uint32_t flags;

	out->type = GU_V_SQOS;
	if (lua_type(a->L, index) == LUA_TTABLE) {
		sqos_from_table(a, index, &out->sqos);
		return;
	}
	if (lua_type(a->L, index) != LUA_TSTRING) {
		flags = to_u32(a, index);
	} else if (!sc_name_value(a->L, index, GU_ARG_SQOS, 0, &flags)) {
		wrong_value(a);
	}
	sqos_from_flags(flags, &out->sqos);
}

/* --- privileges */

static void push_unknown_priv(lua_State *L, const char *name)
{
	const char *names[GU_PRIV_COUNT + 1] = { NULL };
	const char *alike;
	size_t n = 0;

	for (uint32_t luid = 0; luid < GU_PRIV_COUNT; luid++) {
		if (gu_priv_name(luid)) {
			names[n++] = gu_priv_name(luid);
		}
	}
	alike = gu_suggest(name, names);
	if (alike) {
		lua_pushfstring(L, "unknown privilege \"%s\", did you mean %s?",
				name, alike);
	} else {
		lua_pushfstring(L, "unknown privilege \"%s\"", name);
	}
}

static gu_privset to_priv(const struct sc_arg *a, int index)
{
	const char *name;
	enum gu_priv priv;

	if (lua_type(a->L, index) != LUA_TSTRING) {
		wrong_type(a, index);
	}
	name = lua_tostring(a->L, index);
	if (!gu_priv_parse(&priv, name)) {
		push_unknown_priv(a->L, name);
		wrong_value(a);
	}
	return GU_PRIV_BIT(priv);
}

static void to_privs(const struct sc_arg *a, int index, struct gu_value *out)
{
	gu_privset set = 0;

	if (lua_type(a->L, index) == LUA_TSTRING) {
		set = strcmp(lua_tostring(a->L, index), "all") == 0
			      ? GU_PRIV_BIT(GU_PRIV_COUNT) - 4
			      : to_priv(a, index);
	} else if (lua_type(a->L, index) == LUA_TTABLE) {
		lua_Integer n = luaL_len(a->L, index);

		for (lua_Integer i = 1; i <= n; i++) {
			lua_rawgeti(a->L, index, i);
			set |= to_priv(a, lua_gettop(a->L));
			lua_pop(a->L, 1);
		}
	} else {
		wrong_type(a, index);
	}
	set_uint(out, set);
}

/* --- references */

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
	enum gu_arg_type type = arg_of(a)->type;
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
		wrong_type(a, index);
	}
	set_ref(out, (struct gu_ref){ raw_kind(type), to_u32(a, index) });
}

static void
to_str_or_ref(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (lua_type(a->L, index) == LUA_TSTRING) {
		to_str(a, index, out);
	} else {
		to_ref(a, index, out);
	}
}

/* --- lists */

static void *arena_alloc(const struct sc_arg *a, size_t n, size_t size)
{
	void *p = gu_arena_alloc(&a->body->arena, (n ? n : 1) * size);

	if (!p) {
		luaL_error(a->L, "not enough memory");
	}
	return p;
}

/* {sid=, attributes=} */
static void
to_sid_entry(const struct sc_arg *a, int index, struct gu_value *out)
{
	struct gu_field *fields = arena_alloc(a, 2, sizeof(*fields));
	uint32_t n = 1;

	if (lua_getfield(a->L, index, "sid") == LUA_TNIL) {
		sc_error(a->L,
			 "%s: '%s': an entry that is a table needs a "
			 "field 'sid'",
			 a->row->name, arg_of(a)->name);
	}
	fields[0].name = "sid";
	to_str_or_ref(a, lua_gettop(a->L), &fields[0].value);
	if (lua_getfield(a->L, index, "attributes") != LUA_TNIL) {
		fields[1].name = "attributes";
		set_uint(&fields[1].value, to_u32(a, lua_gettop(a->L)));
		n = 2;
	}
	out->type = GU_V_TABLE;
	out->count = n;
	out->fields = fields;
}

static void to_any(const struct sc_arg *a, int index, struct gu_value *out);

/* Elements stay on the stack, since their strings are only borrowed. */
static void to_list(const struct sc_arg *a, int index, struct gu_value *out)
{
	size_t n = (size_t)luaL_len(a->L, index);
	struct gu_value *list;

	if (n > 4096) {
		sc_error(a->L, "%s: '%s' has too many elements", a->row->name,
			 arg_of(a)->name);
	}
	luaL_checkstack(a->L, (int)n * 3 + 8, NULL);
	list = arena_alloc(a, n, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		int at;

		lua_rawgeti(a->L, index, (lua_Integer)i + 1);
		at = lua_gettop(a->L);
		if (arg_of(a)->type == GU_ARG_ANY) {
			to_any(a, at, &list[i]);
		} else if (lua_type(a->L, at) == LUA_TTABLE) {
			to_sid_entry(a, at, &list[i]);
		} else {
			to_str_or_ref(a, at, &list[i]);
		}
	}
	out->type = GU_V_LIST;
	out->count = (uint32_t)n;
	out->list = list;
}

/* One SID may stand for a list of one. */
static void to_sids(const struct sc_arg *a, int index, struct gu_value *out)
{
	struct gu_value *one;

	if (lua_type(a->L, index) == LUA_TTABLE) {
		to_list(a, index, out);
		return;
	}
	one = arena_alloc(a, 1, sizeof(*one));
	to_str_or_ref(a, index, one);
	out->type = GU_V_LIST;
	out->count = 1;
	out->list = one;
}

static void to_any(const struct sc_arg *a, int index, struct gu_value *out)
{
	switch (lua_type(a->L, index)) {
	case LUA_TNUMBER:
		set_uint(out, to_u32(a, index));
		break;
	case LUA_TBOOLEAN:
		out->type = GU_V_BOOL;
		out->b = lua_toboolean(a->L, index);
		break;
	case LUA_TTABLE:
		to_list(a, index, out);
		break;
	default:
		to_str_or_ref(a, index, out);
		break;
	}
}

/* --- all of them */

bool sc_takes_table(enum gu_arg_type type)
{
	return type == GU_ARG_SIDS || type == GU_ARG_PRIVS ||
	       type == GU_ARG_SQOS || type == GU_ARG_ANY;
}

bool sc_is_value_of(lua_State *L, enum gu_arg_type type, int index)
{
	bool is;

	if (type == GU_ARG_SQOS) {
		is = lua_getfield(L, index, "level") != LUA_TNIL;
	} else {
		is = lua_rawgeti(L, index, 1) != LUA_TNIL;
	}
	lua_pop(L, 1);
	return is;
}

static void to_bool(const struct sc_arg *a, int index, struct gu_value *out)
{
	if (lua_type(a->L, index) != LUA_TBOOLEAN) {
		wrong_type(a, index);
	}
	out->type = GU_V_BOOL;
	out->b = lua_toboolean(a->L, index);
}

void sc_convert(const struct sc_arg *a, int index, struct gu_value *out)
{
	switch (arg_of(a)->type) {
	case GU_ARG_UINT:
		set_uint(out, to_u32(a, index));
		return;
	case GU_ARG_BOOL:
		to_bool(a, index, out);
		return;
	case GU_ARG_STR:
	case GU_ARG_SDDL:
		to_str(a, index, out);
		return;
	case GU_ARG_LEVEL:
	case GU_ARG_IL:
	case GU_ARG_ACCESS:
	case GU_ARG_CONST:
	case GU_ARG_CONST_STR:
	case GU_ARG_OBJTYPE:
		to_named(a, index, out);
		return;
	case GU_ARG_SQOS:
		to_sqos(a, index, out);
		return;
	case GU_ARG_SIDS:
		to_sids(a, index, out);
		return;
	case GU_ARG_PRIVS:
		to_privs(a, index, out);
		return;
	case GU_ARG_ANY:
		to_any(a, index, out);
		return;
	case GU_ARG_SID:
	case GU_ARG_PATH:
	case GU_ARG_TARGET:
	case GU_ARG_ACCOUNT:
		to_str_or_ref(a, index, out);
		return;
	case GU_ARG_REF_HANDLE:
	case GU_ARG_REF_TOKEN:
	case GU_ARG_REF_THREAD:
	case GU_ARG_REF_PROCESS:
	case GU_ARG_REF_DDE_SERVICE:
	case GU_ARG_REF_HCONV:
	case GU_ARG_REF_HWND:
	case GU_ARG_REF_RPC_SERVER:
	case GU_ARG_REF_RPC_BINDING:
	case GU_ARG_REF_RPC_CALL:
	case GU_ARG_REF_RPC:
	case GU_ARG_REF_CTXT:
	case GU_ARG_REF_COM_SERVER:
	case GU_ARG_REF_COM_PROXY:
	case GU_ARG_REF_COM_CALL:
	case GU_ARG_REF_SOCKET:
	case GU_ARG_REF_MESSAGE:
		to_ref(a, index, out);
		return;
	}
}
