/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "buf.h"
#include "banned.h"

/* The editor stubs: guise's own words as words.lua declares them, functions
 * of the library as their files do, everything else from the tables. */

static const struct gu_embedded *library_file(const char *path)
{
	for (const struct gu_embedded *f = lua_library; f->path; f++) {
		if (strcmp(f->path, path) == 0) {
			return f;
		}
	}
	return NULL;
}

static size_t line_length(const char *p)
{
	return strcspn(p, "\n");
}

/* words.lua, but for its own remarks and its last line. */
static void add_words(struct gu_buf *out)
{
	const struct gu_embedded *f = library_file("words.lua");
	const char *p = f ? f->data : "";

	while (strncmp(p, "--", 2) == 0 && p[2] != '-') {
		p += line_length(p) + 1;
	}
	while (*p && strncmp(p, "return ", 7) != 0) {
		size_t n = line_length(p);

		gu_buf_add(out, p, n + (p[n] == '\n'));
		p += n + (p[n] == '\n');
	}
}

static bool declares(const char *p)
{
	return strncmp(p, "function scenario:", 18) == 0 ||
	       strncmp(p, "function suite:", 15) == 0 ||
	       strncmp(p, "function guise.", 15) == 0;
}

/* The documented functions of one file of the library. */
static void add_declarations(struct gu_buf *out, const char *text)
{
	const char *doc = NULL;

	for (const char *p = text; *p;) {
		size_t n = line_length(p);

		if (strncmp(p, "---", 3) == 0) {
			doc = doc ? doc : p;
		} else {
			if (doc && declares(p)) {
				gu_buf_add(out, doc, (size_t)(p - doc) + n);
				gu_buf_adds(out, " end\n\n");
			}
			doc = NULL;
		}
		p += n + (p[n] == '\n');
	}
}

static void add_library(struct gu_buf *out)
{
	for (const struct gu_embedded *f = lua_library; f->path; f++) {
		if (strcmp(f->path, "words.lua") != 0) {
			add_declarations(out, f->data);
		}
	}
}

/* the tables: constants and rights */

struct name {
	int group;
	const char *name;
};

static const struct name constants[] = {
#define GU_CONST_GROUP(group)
#define GU_CONST(group, name, value) { GU_CONST_##group, name },
#include "const.def"
#undef GU_CONST
#undef GU_CONST_GROUP
};

static const char *const groups[] = {
#define GU_CONST_GROUP(group) #group,
#define GU_CONST(group, name, value)
#include "const.def"
#undef GU_CONST
#undef GU_CONST_GROUP
};

enum { GU_OBJ_any = GU_OBJ_COUNT };

static const struct name rights[] = {
#define GU_RIGHT(type, name, mask) { GU_OBJ_##type, #name },
#include "right.def"
#undef GU_RIGHT
};

static void add_alias(struct gu_buf *out, const char *prefix, const char *name,
		      const struct name *names, size_t count, const int want[2])
{
	gu_buf_addf(out, "---@alias guise.%s%s\n", prefix, name);
	for (size_t i = 0; i < count; i++) {
		if (names[i].group == want[0] || names[i].group == want[1]) {
			gu_buf_addf(out, "---| \"%s\"\n", names[i].name);
		}
	}
	gu_buf_adds(out, "---| string\n---| integer\n\n");
}

static void add_aliases(struct gu_buf *out)
{
	for (int g = 0; g < GU_CONST_GROUP_COUNT; g++) {
		add_alias(out, "", groups[g], constants,
			  sizeof(constants) / sizeof(constants[0]),
			  (const int[2]){ g, g });
	}
	for (int t = 0; t < GU_OBJ_COUNT; t++) {
		add_alias(out, "rights_",
			  gu_objtype_row((enum gu_objtype)t)->name, rights,
			  sizeof(rights) / sizeof(rights[0]),
			  (const int[2]){ t, GU_OBJ_any });
	}
}

/* the tables: functions */

/* As editors write it; NULL: the argument's own doc says it. */
static const char *ref_type(enum gu_arg_type type)
{
	static const char *const types[] = {
		[GU_ARG_UINT] = "integer",
		[GU_ARG_BOOL] = "boolean",
		[GU_ARG_STR] = "string",
		[GU_ARG_LEVEL] = "guise.level",
		[GU_ARG_IL] = "string|integer",
		[GU_ARG_SQOS] = "guise.level|guise.sqos|guise.SQOS_FLAGS",
		[GU_ARG_SDDL] = "string",
		[GU_ARG_SID] = "guise.sid",
		[GU_ARG_SIDS] = "guise.sid[]",
		[GU_ARG_PRIVS] = "string[]|\"all\"",
		[GU_ARG_PATH] = "string|guise.object|guise.handle",
		[GU_ARG_TARGET] = "guise.target",
		[GU_ARG_ACCOUNT] = "guise.account|string",
		[GU_ARG_OBJTYPE] = "string",
		[GU_ARG_STATUS] = "string|integer",
		[GU_ARG_ANY] = "any",
		[GU_ARG_REF_HANDLE] = "guise.handle|integer",
		[GU_ARG_REF_TOKEN] = "guise.token|guise.handle|integer",
		[GU_ARG_REF_THREAD] = "guise.thread|guise.handle|integer",
		[GU_ARG_REF_PROCESS] = "guise.process|guise.handle|integer",
		[GU_ARG_REF_DDE_SERVICE] = "guise.dde_service|integer",
		[GU_ARG_REF_HCONV] = "guise.hconv|integer",
		[GU_ARG_REF_HWND] = "guise.hwnd|integer",
		[GU_ARG_REF_RPC_SERVER] = "guise.rpc_server|integer",
		[GU_ARG_REF_RPC_BINDING] = "guise.rpc_binding|integer",
		[GU_ARG_REF_RPC_CALL] = "guise.rpc_call|integer",
		[GU_ARG_REF_RPC] = "guise.rpc_binding|guise.rpc_call|integer",
		[GU_ARG_REF_CTXT] = "guise.ctxt|integer",
		[GU_ARG_REF_COM_SERVER] = "guise.com_server|integer",
		[GU_ARG_REF_COM_PROXY] = "guise.com_proxy|integer",
		[GU_ARG_REF_COM_CALL] = "guise.com_call|integer",
		[GU_ARG_REF_SOCKET] = "guise.socket|integer",
		[GU_ARG_REF_MESSAGE] = "guise.port_message|integer",
	};

	return types[type];
}

static void add_type(struct gu_buf *out, const struct gu_arg *arg)
{
	if (arg->type == GU_ARG_CONST || arg->type == GU_ARG_CONST_STR) {
		gu_buf_addf(out, "guise.%s", groups[arg->param]);
	} else if (arg->type != GU_ARG_ACCESS) {
		gu_buf_adds(out, ref_type(arg->type));
	} else if (arg->param < 0) {
		gu_buf_adds(out, "string|integer");
	} else {
		gu_buf_addf(out, "guise.rights_%s",
			    gu_objtype_row((enum gu_objtype)arg->param)->name);
	}
}

/* What the rows do not say: which kind of thing a call hands out. */
static const char *const result_types[GU_FN_COUNT] = {
	[GU_FN_account] = "guise.account",
	[GU_FN_process] = "guise.process",
	[GU_FN_thread] = "guise.thread",
	[GU_FN_token] = "guise.token",
	[GU_FN_object] = "guise.object",
	[GU_FN_existing] = "guise.object",
	[GU_FN_open] = "guise.attempt",
	[GU_FN_use] = "guise.attempt",
	[GU_FN_whoami] = "guise.identity",
	[GU_FN_QuerySecurityContextToken] = "guise.handle",
	[GU_FN_RevertToPrinterSelf] = "guise.handle",
	[GU_FN_DuplicateHandle] = "guise.handle",
	[GU_FN_OpenProcessToken] = "guise.handle",
	[GU_FN_OpenThreadToken] = "guise.handle",
	[GU_FN_DuplicateToken] = "guise.handle",
	[GU_FN_DuplicateTokenEx] = "guise.handle",
	[GU_FN_NtDuplicateToken] = "guise.handle",
	[GU_FN_CreateRestrictedToken] = "guise.handle",
	[GU_FN_LogonUser] = "guise.handle",
	[GU_FN_OpenProcess] = "guise.handle",
	[GU_FN_OpenThread] = "guise.handle",
	[GU_FN_CreateNamedPipe] = "guise.handle",
	[GU_FN_alpc_create_port] = "guise.handle",
	[GU_FN_alpc_connect] = "guise.handle",
	[GU_FN_GetTokenInformation] = "any",
	[GU_FN_CheckTokenMembership] = "boolean",
	[GU_FN_PrivilegeCheck] = "boolean",
	[GU_FN_AccessCheck] = "table",
	[GU_FN_RpcBindingInqAuthClient] = "table",
	[GU_FN_ReadFile] = "string",
	[GU_FN_CreateThread] = "guise.thread",
	[GU_FN_CreateProcess] = "guise.process",
	[GU_FN_CreateProcessAsUser] = "guise.process",
	[GU_FN_rpc_serve] = "guise.rpc_server",
	[GU_FN_rpc_bind] = "guise.rpc_binding",
	[GU_FN_rpc_receive] = "guise.rpc_call",
	[GU_FN_dde_serve] = "guise.dde_service",
	[GU_FN_dde_connect] = "guise.hconv",
	[GU_FN_dde_accept] = "guise.hconv",
	[GU_FN_dde_window] = "guise.hwnd",
	[GU_FN_sspi_client] = "guise.ctxt",
	[GU_FN_sspi_accept] = "guise.ctxt",
	[GU_FN_com_serve] = "guise.com_server",
	[GU_FN_com_bind] = "guise.com_proxy",
	[GU_FN_com_receive] = "guise.com_call",
	[GU_FN_socket_listen] = "guise.socket",
	[GU_FN_socket_connect] = "guise.socket",
	[GU_FN_socket_accept] = "guise.socket",
	[GU_FN_alpc_receive] = "guise.port_message",
};

static const char *result_type(enum gu_fn fn)
{
	if (result_types[fn]) {
		return result_types[fn];
	}
	return gu_fn_row(fn)->flags & GU_FN_OPENS ? "guise.handle"
						  : "guise.result";
}

/* Text as comment lines of about a hundred columns. */
static void add_doc(struct gu_buf *out, const char *text)
{
	enum { WIDTH = 96 };

	while (*text) {
		size_t n = strlen(text);

		if (n > WIDTH) {
			n = WIDTH;
			while (n && text[n] != ' ') {
				n--;
			}
			n = n ? n : WIDTH;
		}
		gu_buf_adds(out, "--- ");
		gu_buf_add(out, text, n);
		gu_buf_addc(out, '\n');
		text += n;
		text += strspn(text, " ");
	}
}

static void add_facts(struct gu_buf *out, const struct gu_fn_row *row)
{
	gu_buf_adds(out, "---\n--- ");
	if (*row->dll) {
		gu_buf_addf(out, "%s, answers %s; ", row->dll,
			    gu_conv_name(row->conv));
	}
	gu_buf_addf(out, "needs `%s`.", gu_cap_name(row->cap));
	for (size_t i = 0; i < row->revert_count; i++) {
		gu_buf_addf(out, "%s%s", i ? ", " : " Ended by ",
			    gu_fn_row(row->reverts[i])->name);
	}
	gu_buf_adds(out, row->revert_count ? ".\n" : "\n");
}

static void add_fields_overload(struct gu_buf *out, const char *owner,
				const struct gu_fn_row *row, size_t preset,
				const char *result)
{
	gu_buf_addf(out, "---@overload fun(self: guise.%s, fields: { ", owner);
	for (size_t i = preset; i < row->arg_count; i++) {
		gu_buf_addf(out, "%s%s%s: ", i > preset ? ", " : "",
			    row->args[i].name,
			    row->args[i].required ? "" : "?");
		add_type(out, &row->args[i]);
	}
	gu_buf_addf(out, " }): %s\n", result);
}

static void
add_params(struct gu_buf *out, const struct gu_fn_row *row, size_t preset)
{
	for (size_t i = preset; i < row->arg_count; i++) {
		gu_buf_addf(out, "---@param %s%s ", row->args[i].name,
			    row->args[i].required ? "" : "?");
		add_type(out, &row->args[i]);
		gu_buf_addc(out, '\n');
	}
}

/* One function, its first `preset` arguments left out. */
static void add_function(struct gu_buf *out, const char *owner,
			 const char *name, enum gu_fn fn, size_t preset)
{
	const struct gu_fn_row *row = gu_fn_row(fn);
	const char *result = result_type(fn);
	bool refuses =
		row->kind != GU_KIND_FIXTURE && row->kind != GU_KIND_ATTEMPT;

	add_facts(out, row);
	add_params(out, row, preset);
	gu_buf_addf(out, "---@return %s%s\n", result, refuses ? "?" : "");
	if (refuses) {
		gu_buf_adds(out, "---@return any message\n"
				 "---@return guise.status? status\n");
	}
	if (row->arg_count > preset) {
		add_fields_overload(out, owner, row, preset, result);
	}
	gu_buf_addf(out, "function %s:%s(", owner, name);
	for (size_t i = preset; i < row->arg_count; i++) {
		gu_buf_addf(out, "%s%s", i > preset ? ", " : "",
			    row->args[i].name);
	}
	gu_buf_adds(out, ") end\n\n");
}

static void add_functions(struct gu_buf *out)
{
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);
		bool fixture = row->kind == GU_KIND_FIXTURE;

		add_doc(out, row->doc);
		add_function(out, fixture ? "scenario" : "thread", row->name,
			     (enum gu_fn)fn, 0);
	}
	for (int type = 0; type < GU_OBJ_COUNT; type++) {
		const struct gu_objtype_row *row =
			gu_objtype_row((enum gu_objtype)type);

		if (row->flags & GU_OBJ_FIXTURE) {
			gu_buf_addf(out, "--- `object` of type %s.\n",
				    row->name);
			add_function(out, "scenario", row->name, GU_FN_object,
				     1);
		}
	}
}

void gu_script_stubs(struct gu_buf *out)
{
	gu_buf_adds(out, "---@meta guise\n"
			 "-- Generated by `guise functions --stubs`.\n"
			 "-- luacheck: ignore\n");
	add_words(out);
	add_aliases(out);
	add_library(out);
	add_functions(out);
	gu_buf_adds(out, "return guise\n");
}
