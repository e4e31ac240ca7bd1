/* SPDX-License-Identifier: MIT */
#include "fn.h"

#include <string.h>

#include "words.h"

#include "banned.h"

#define COUNT(type, ...) (sizeof((const type[]){ __VA_ARGS__ }) / sizeof(type))

#define GU_ARG(type_, name_, need, param_)                 \
	{                                                  \
		.name = #name_, .type = GU_ARG_##type_,    \
		.required = NEED_##need, .param = (param_) \
	}
enum { NEED_OPT = 0, NEED_REQ = 1 };

#define GU_ARGS(...)                                    \
	.args = (const struct gu_arg[]){ __VA_ARGS__ }, \
	.arg_count = COUNT(struct gu_arg, __VA_ARGS__)
#define GU_NO_ARGS                .args = NULL, .arg_count = 0
#define REVERTS_1(a)              GU_FN_##a
#define REVERTS_2(a, b)           GU_FN_##a, GU_FN_##b
#define REVERTS_3(a, b, c)        GU_FN_##a, GU_FN_##b, GU_FN_##c
#define PICK(a, b, c, macro, ...) macro
#define REVERTS(...) \
	PICK(__VA_ARGS__, REVERTS_3, REVERTS_2, REVERTS_1, 0)(__VA_ARGS__)
#define GU_REVERTS(...)                                          \
	.reverts = (const enum gu_fn[]){ REVERTS(__VA_ARGS__) }, \
	.revert_count = COUNT(enum gu_fn, REVERTS(__VA_ARGS__))
#define GU_NO_REVERTS .reverts = NULL, .revert_count = 0

static const struct gu_fn_row rows[GU_FN_COUNT] = {
#define GU_FN(name_, dll_, kind_, conv_, flags_, reverts_, cap_, args_, doc_) \
	[GU_FN_##name_] = { .name = #name_,                                   \
			    .dll = (dll_),                                    \
			    .kind = GU_KIND_##kind_,                          \
			    .conv = GU_CONV_##conv_,                          \
			    .flags = (flags_),                                \
			    .cap = GU_CAP_##cap_,                             \
			    .doc = doc_,                                      \
			    reverts_,                                         \
			    args_ },
#include "impfn.def"
#include "sysfn.def"
#include "fixture.def"
#undef GU_FN
};

/* Each impersonation names who gives it back, and nothing else does; no row
 * takes more arguments than a call has room for. */
#undef GU_ARGS
#undef GU_NO_ARGS
#undef GU_REVERTS
#undef GU_NO_REVERTS
#define GU_ARGS(...)    COUNT(struct gu_arg, __VA_ARGS__)
#define GU_NO_ARGS      0
#define GU_REVERTS(...) COUNT(enum gu_fn, REVERTS(__VA_ARGS__))
#define GU_NO_REVERTS   0
#define GU_FN(name, dll, kind, conv, flags, reverts, cap, args, doc) \
	_Static_assert((args) <= GU_ARGS_MAX,                        \
		       #name " has too many arguments");             \
	_Static_assert((GU_KIND_##kind == GU_KIND_IMPERSONATE) ==    \
			       ((reverts) > 0),                      \
		       #name " and its reverts");
#include "impfn.def"
#include "sysfn.def"
#include "fixture.def"
#undef GU_FN

enum { FN_SLOTS = 512, CONST_SLOTS = 1024 };

_Static_assert(GU_FN_COUNT <= FN_SLOTS / 2, "a bigger hash is due");

static const char *fn_name(size_t row)
{
	return rows[row].name;
}

static uint16_t fn_slots[FN_SLOTS];
static struct gu_index fn_index = { .name = fn_name,
				    .count = GU_FN_COUNT,
				    .slots = fn_slots,
				    .slot_count = FN_SLOTS };

static const struct gu_word consts[] = {
#define GU_CONST_GROUP(group)
#define GU_CONST(group_, name_, value_) \
	{ .name = (name_), .group = GU_CONST_##group_, .value = (value_) },
#include "const.def"
#undef GU_CONST
#undef GU_CONST_GROUP
};
enum { CONST_COUNT = sizeof(consts) / sizeof(consts[0]) };
_Static_assert(CONST_COUNT <= CONST_SLOTS / 2, "a bigger hash is due");

static const char *const_name(size_t row)
{
	return consts[row].name;
}

static uint16_t const_slots[CONST_SLOTS];
static struct gu_index const_index = { .name = const_name,
				       .count = CONST_COUNT,
				       .slots = const_slots,
				       .slot_count = CONST_SLOTS };

const struct gu_fn_row *gu_fn_row(enum gu_fn fn)
{
	return &rows[fn];
}

enum gu_fn gu_fn_find(const char *name)
{
	size_t at = 0;
	size_t row;

	if (gu_index_next(&fn_index, name, strlen(name), &at, &row)) {
		return (enum gu_fn)row;
	}
	return GU_FN_NONE;
}

const char *gu_fn_suggest(const char *name)
{
	struct gu_nearest nearest = { .name = NULL };

	for (size_t i = 0; i < GU_FN_COUNT; i++) {
		gu_nearest_try(&nearest, name, rows[i].name);
	}
	return gu_nearest_name(&nearest, name);
}

int gu_fn_arg(enum gu_fn fn, const char *name)
{
	const struct gu_fn_row *row = &rows[fn];

	for (size_t i = 0; i < row->arg_count; i++) {
		if (strcmp(row->args[i].name, name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

bool gu_fn_accepts_revert(enum gu_fn impersonate, enum gu_fn revert)
{
	const struct gu_fn_row *row = &rows[impersonate];

	for (size_t i = 0; i < row->revert_count; i++) {
		if (row->reverts[i] == revert) {
			return true;
		}
	}
	return false;
}

const char *gu_fn_kind_name(enum gu_fn_kind kind)
{
	switch (kind) {
	case GU_KIND_IMPERSONATE:
		return "impersonate";
	case GU_KIND_REVERT:
		return "revert";
	case GU_KIND_QUERY:
		return "query";
	case GU_KIND_SYSTEM:
		return "system";
	case GU_KIND_HELPER:
		return "helper";
	case GU_KIND_ATTEMPT:
		return "attempt";
	case GU_KIND_FIXTURE:
		return "fixture";
	}
	return "unknown";
}

static const struct {
	const char *name;
	const char *doc;
} caps[GU_CAP_COUNT] = {
#define GU_CAP(id, doc_) [GU_CAP_##id] = { .name = #id, .doc = (doc_) },
#include "cap.def"
#undef GU_CAP
};

const char *gu_cap_name(enum gu_cap cap)
{
	return caps[cap].name;
}

const char *gu_cap_doc(enum gu_cap cap)
{
	return caps[cap].doc;
}

bool gu_cap_parse(enum gu_cap *out, const char *name)
{
	for (unsigned i = 0; i < GU_CAP_COUNT; i++) {
		if (strcmp(caps[i].name, name) == 0) {
			*out = (enum gu_cap)i;
			return true;
		}
	}
	return false;
}

static enum gu_rc refuse(const struct gu_scope *scope, const char *name,
			 size_t offset, struct gu_err *err)
{
	const char *alike = gu_scope_suggest(scope, name);

	if (alike) {
		return gu_err_at(err, offset,
				 "unknown constant \"%s\", did you mean %s?",
				 name, alike);
	}
	return gu_err_at(err, offset, "unknown constant \"%s\"", name);
}

enum gu_rc gu_const_parse(uint32_t *out, enum gu_const_group g,
			  const char *text, struct gu_err *err)
{
	const struct gu_scope scope = { .words = consts,
					.count = CONST_COUNT,
					.index = &const_index,
					.group = g,
					.also = g,
					.refuse = refuse };

	return gu_scope_parse(&scope, text, out, err);
}

const char *gu_const_name(enum gu_const_group g, uint32_t value)
{
	for (size_t i = 0; i < CONST_COUNT; i++) {
		if (consts[i].group == g && consts[i].value == value) {
			return consts[i].name;
		}
	}
	return NULL;
}
