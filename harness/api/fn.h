/* SPDX-License-Identifier: MIT */
#ifndef GU_FN_H
#define GU_FN_H

#include "objtype.h"
#include "status.h"
#include "value.h"

/* The call table. impfn.def is the only list of impersonate and revert
 * functions; sysfn.def and fixture.def have the same columns. Static data,
 * any thread. */
enum gu_fn {
#define GU_FN(name, ...) GU_FN_##name,
#include "impfn.def"
	GU_FN_IMPERSONATION_COUNT,
	GU_FN_SYSTEM_FIRST = GU_FN_IMPERSONATION_COUNT - 1,
#include "sysfn.def"
#include "fixture.def"
#undef GU_FN
	GU_FN_COUNT,
	GU_FN_NONE = GU_FN_COUNT,
};

enum gu_fn_kind {
	GU_KIND_IMPERSONATE,
	GU_KIND_REVERT,
	GU_KIND_QUERY,
	GU_KIND_SYSTEM,
	GU_KIND_HELPER,
	GU_KIND_ATTEMPT,
	GU_KIND_FIXTURE,
};

enum gu_fn_flags {
	GU_FN_ACCESS = 0x1,  /* an object is opened by name or reference */
	GU_FN_OPENS = 0x2,   /* the result is a handle to that object */
	GU_FN_BLOCKS = 0x4,  /* may wait for another thread */
	GU_FN_PASSIVE = 0x8, /* looks, does nothing */
	GU_FN_NULL_REVERTS = 0x10, /* without a token it is a revert */
	GU_FN_SAVES_TOKEN = 0x20,  /* the token replaced is restored later */
	GU_FN_ENDS_REQUEST = 0x40, /* a client's request is over after it */
	GU_FN_AUTO_REVERTS = 0x80, /* the system reverts what is left */
};

enum gu_cap {
#define GU_CAP(id, doc) GU_CAP_##id,
#include "cap.def"
#undef GU_CAP
	GU_CAP_COUNT,
};

const char *gu_cap_name(enum gu_cap cap); /* "pipe_identity" */
const char *gu_cap_doc(enum gu_cap cap);
GU_MUST_CHECK bool gu_cap_parse(enum gu_cap *out, const char *name);

/* How an argument is written in a script, and as which gu_value it comes. */
enum gu_arg_type {
	GU_ARG_UINT,      /* number                          -> UINT */
	GU_ARG_BOOL,      /* boolean                         -> BOOL */
	GU_ARG_STR,       /* string                          -> STR */
	GU_ARG_LEVEL,     /* level name or number            -> UINT */
	GU_ARG_IL,        /* "Medium" or RID                 -> UINT */
	GU_ARG_ACCESS,    /* rights of an object type, names joined by |, or
			     number; param: the type, -1: of the first
			     argument                        -> UINT */
	GU_ARG_CONST,     /* constants of a group, joined by |, or number;
			     param: enum gu_const_group      -> UINT */
	GU_ARG_CONST_STR, /* one word of a group             -> UINT */
	GU_ARG_SQOS,      /* level, table or flags           -> SQOS */
	GU_ARG_SDDL,      /* text, checked by the target     -> STR */
	GU_ARG_SID,       /* name, code, S-1-..., account or token
							     -> STR or REF */
	GU_ARG_SIDS,      /* list of those; an entry {sid=, attributes=}
			     is a TABLE                      -> LIST */
	GU_ARG_PRIVS,     /* list of names, or "all"         -> UINT: a
			     gu_privset */
	GU_ARG_PATH,      /* string, object or handle        -> STR or REF */
	GU_ARG_TARGET,    /* anything that can be opened     -> STR or REF */
	GU_ARG_ACCOUNT,   /* account or its name             -> REF or STR */
	GU_ARG_OBJTYPE,   /* object type name                -> UINT */
	GU_ARG_STATUS,    /* status name or number           -> STR */
	GU_ARG_ANY,       /* number, string, boolean or list */
	/* References. A number stands for a raw handle of that value, so that
	 * scripts can pass bad ones; a left out one is NULL.
	 *                                                   -> REF */
	GU_ARG_REF_HANDLE,
	GU_ARG_REF_TOKEN,   /* a token handle or token fixture */
	GU_ARG_REF_THREAD,  /* a thread or thread handle */
	GU_ARG_REF_PROCESS, /* a process or process handle */
	GU_ARG_REF_DDE_SERVICE,
	GU_ARG_REF_HCONV,
	GU_ARG_REF_HWND,
	GU_ARG_REF_RPC_SERVER,
	GU_ARG_REF_RPC_BINDING,
	GU_ARG_REF_RPC_CALL,
	GU_ARG_REF_RPC, /* a call's server binding, or a client binding */
	GU_ARG_REF_CTXT,
	GU_ARG_REF_COM_SERVER,
	GU_ARG_REF_COM_PROXY,
	GU_ARG_REF_COM_CALL,
	GU_ARG_REF_SOCKET,
	GU_ARG_REF_MESSAGE,
};

#define GU_ARGS_MAX 16

struct gu_arg {
	const char *name;
	enum gu_arg_type type;
	bool required;
	int param;
};

struct gu_fn_row {
	const char *name;
	const char *dll; /* "" for guise's own words */
	enum gu_fn_kind kind;
	enum gu_conv conv;
	unsigned flags;
	const enum gu_fn *reverts;
	size_t revert_count;
	enum gu_cap cap;
	const struct gu_arg *args;
	size_t arg_count;
	const char *doc;
};

/* Borrowed, static. `fn` below GU_FN_COUNT. */
const struct gu_fn_row *gu_fn_row(enum gu_fn fn);

/* By exact name; GU_FN_NONE when there is none. */
enum gu_fn gu_fn_find(const char *name);

/* The name spelt most alike, or NULL. Borrowed, static. */
const char *gu_fn_suggest(const char *name);

/* Position of an argument, or -1. */
int gu_fn_arg(enum gu_fn fn, const char *name);

/* True when `revert` is in the accepted set of `impersonate`. */
bool gu_fn_accepts_revert(enum gu_fn impersonate, enum gu_fn revert);

const char *gu_fn_kind_name(enum gu_fn_kind kind);

/* Symbolic constants of arguments, by group (const.def). */
enum gu_const_group {
#define GU_CONST_GROUP(group) GU_CONST_##group,
#define GU_CONST(group, name, value)
#include "const.def"
#undef GU_CONST
#undef GU_CONST_GROUP
	GU_CONST_GROUP_COUNT,
};

/* "A|B|0x10" of one group. An unknown name is refused with the nearest one
 * suggested, and the offset. */
GU_MUST_CHECK enum gu_rc gu_const_parse(uint32_t *out, enum gu_const_group g,
					const char *text, struct gu_err *err);

/* The name of an exact value, or NULL. Borrowed, static. */
const char *gu_const_name(enum gu_const_group g, uint32_t value);

#endif
