/* SPDX-License-Identifier: MIT */
#include "objtype.h"

#include <string.h>

#include "fn.h"
#include "text.h"
#include "words.h"

#include "banned.h"

static const struct gu_objtype_row rows[GU_OBJ_COUNT] = {
#define GU_OBJTYPE(id, r, w, x, all_, adds_, flags_, capability, text) \
	[GU_OBJ_##id] = {                                              \
		.name = #id,                                           \
		.doc = (text),                                         \
		.map = { .read = (r),                                  \
			 .write = (w),                                 \
			 .execute = (x),                               \
			 .all = (all_) },                              \
		.adds = (adds_),                                       \
		.flags = (flags_),                                     \
		.cap = GU_CAP_##capability,                            \
	},
#include "objtype.def"
#undef GU_OBJTYPE
};

/* The group of standard and generic rights. */
enum { GU_OBJ_any = GU_OBJ_NONE };

static const struct gu_word rights[] = {
#define GU_RIGHT(type, name_, mask) \
	{ .name = #name_, .group = GU_OBJ_##type, .value = (mask) },
#include "right.def"
#undef GU_RIGHT
};

enum {
	RIGHT_COUNT = sizeof(rights) / sizeof(rights[0]),
	SLOT_COUNT = 1024,
};
_Static_assert(RIGHT_COUNT <= SLOT_COUNT / 2, "a bigger hash is due");

static uint16_t slots[SLOT_COUNT];
static const char *right_name(size_t row)
{
	return rights[row].name;
}

static struct gu_index right_index = { .name = right_name,
				       .count = RIGHT_COUNT,
				       .slots = slots,
				       .slot_count = SLOT_COUNT };

const struct gu_objtype_row *gu_objtype_row(enum gu_objtype type)
{
	return &rows[type];
}

enum gu_objtype gu_objtype_find(const char *name)
{
	for (unsigned i = 0; i < GU_OBJ_COUNT; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			return (enum gu_objtype)i;
		}
	}
	return GU_OBJ_NONE;
}

enum gu_rc
gu_objtype_parse(enum gu_objtype *out, const char *name, struct gu_err *err)
{
	const char *names[GU_OBJ_COUNT + 1] = { NULL };
	enum gu_objtype type = gu_objtype_find(name);
	const char *alike;

	if (type != GU_OBJ_NONE) {
		*out = type;
		return GU_RC_OK;
	}
	for (unsigned i = 0; i < GU_OBJ_COUNT; i++) {
		names[i] = rows[i].name;
	}
	alike = gu_suggest(name, names);
	return gu_err_set(err, GU_RC_USAGE, "unknown object type %s%s%s%s",
			  name, alike ? "; did you mean " : "",
			  alike ? alike : "", alike ? "?" : "");
}

static const char *type_name(uint32_t type)
{
	return type == GU_OBJ_NONE ? "any" : rows[type].name;
}

static enum gu_rc refuse(const struct gu_scope *scope, const char *name,
			 size_t offset, struct gu_err *err)
{
	const char *alike = gu_scope_suggest(scope, name);

	for (size_t i = 0; i < RIGHT_COUNT; i++) {
		if (strcmp(rights[i].name, name) == 0) {
			return gu_err_at(err, offset,
					 "%s is no right of type %s but of "
					 "type %s",
					 name, type_name(scope->group),
					 type_name(rights[i].group));
		}
	}
	if (alike) {
		return gu_err_at(err, offset,
				 "unknown right \"%s\" of type %s, did you "
				 "mean %s?",
				 name, type_name(scope->group), alike);
	}
	return gu_err_at(err, offset, "unknown right \"%s\" of type %s", name,
			 type_name(scope->group));
}

enum gu_rc gu_rights_parse(uint32_t *mask, enum gu_objtype type,
			   const char *text, struct gu_err *err)
{
	const struct gu_scope scope = { .words = rights,
					.count = RIGHT_COUNT,
					.index = &right_index,
					.group = type,
					.also = GU_OBJ_any,
					.refuse = refuse };

	return gu_scope_parse(&scope, text, mask, err);
}

/* The row with most bits, all of them in `mask` and some in `left`. */
static const struct gu_word *
largest(uint32_t mask, uint32_t left, uint32_t type)
{
	const struct gu_word *best = NULL;
	int most = 0;

	for (size_t i = 0; i < RIGHT_COUNT; i++) {
		const struct gu_word *w = &rights[i];

		if ((w->group != type && w->group != GU_OBJ_any) ||
		    (mask & w->value) != w->value || !(left & w->value) ||
		    __builtin_popcount(w->value) <= most) {
			continue;
		}
		most = __builtin_popcount(w->value);
		best = w;
	}
	return best;
}

void gu_rights_format(uint32_t mask, enum gu_objtype type, struct gu_buf *out)
{
	const char *separator = "";
	const struct gu_word *w;
	uint32_t left = mask;

	while ((w = largest(mask, left, type))) {
		gu_buf_adds(out, separator);
		gu_buf_adds(out, w->name);
		separator = "|";
		left &= ~w->value;
	}
	if (left) {
		gu_buf_addf(out, "%s0x%X", separator, left);
	} else if (!mask) {
		gu_buf_addc(out, '0');
	}
}
