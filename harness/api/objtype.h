/* SPDX-License-Identifier: MIT */
#ifndef GU_OBJTYPE_H
#define GU_OBJTYPE_H

#include "access.h"

/* Securable object types and the names of their rights. Static data, any
 * thread. */
enum gu_objtype {
#define GU_OBJTYPE(id, ...) GU_OBJ_##id,
#include "objtype.def"
#undef GU_OBJTYPE
	GU_OBJ_COUNT,
	GU_OBJ_NONE = GU_OBJ_COUNT,
};

enum {
	GU_OBJ_FIXTURE = 0x1,
	GU_OBJ_BACKUP = 0x2,
	GU_OBJ_CONTAINER = 0x4,
};

struct gu_objtype_row {
	const char *name; /* "file" */
	const char *doc;  /* "registry key" */
	struct gu_generic_mapping map;
	uint32_t adds;
	unsigned flags;
	int cap; /* enum gu_cap */
};

/* Borrowed, static. */
const struct gu_objtype_row *gu_objtype_row(enum gu_objtype type);

/* By name; GU_OBJ_NONE when there is none. */
enum gu_objtype gu_objtype_find(const char *name);

/* The same; an unknown name is refused, with the one that is spelt alike. */
GU_MUST_CHECK enum gu_rc
gu_objtype_parse(enum gu_objtype *out, const char *name, struct gu_err *err);

/* "FILE_READ_DATA|GENERIC_READ|0x100": names of `type`, standard and generic
 * rights, MAXIMUM_ALLOWED, numbers; blanks around | are fine. A name that the
 * type lacks is refused with its offset, saying which type does have it or
 * what is spelt alike. */
GU_MUST_CHECK enum gu_rc gu_rights_parse(uint32_t *mask, enum gu_objtype type,
					 const char *text, struct gu_err *err);

/* Appends names for a mask, largest groups first: "FILE_GENERIC_READ|DELETE";
 * bits without a name as one hex number; 0 as "0". */
void gu_rights_format(uint32_t mask, enum gu_objtype type, struct gu_buf *out);

#endif
