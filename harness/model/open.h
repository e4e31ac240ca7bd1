/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_OPEN_H
#define GU_MODEL_OPEN_H

#include "world.h"

enum {
	FILE_READ_DATA = 0x1,
	FILE_LIST_DIRECTORY = 0x1,
	FILE_WRITE_DATA = 0x2,
	FILE_ADD_FILE = 0x2,
	FILE_APPEND_DATA = 0x4,
	FILE_ADD_SUBDIRECTORY = 0x4,
	FILE_TRAVERSE = 0x20,
	FILE_DELETE_CHILD = 0x40,
	FILE_READ_ATTRIBUTES = 0x80,
	KEY_CREATE_SUB_KEY = 0x4,
};

/* A plain object: a name, a descriptor and, for files, what was written. */
struct m_plain {
	struct m_object obj;
	struct gu_buf content;
};

/* New, one reference, published when it has a name (copied into the world).
 * Takes over `sd`. */
GU_MUST_CHECK enum gu_rc m_plain_new(struct m_ctx *c, enum gu_objtype type,
				     const char *name, struct gu_sd *sd,
				     struct m_object **out);

/* An open of an object that is there, with the rules of its type: the way to
 * a file, rights that its directory gives, the root of HKEY_CURRENT_USER. */
uint32_t m_open_object(struct m_ctx *c, struct m_object *obj, uint32_t desired,
		       uint32_t check_flags, uint32_t *granted);

/* An open of a name that is not there: the status, with the attempt in the
 * outcome. */
GU_MUST_CHECK enum gu_rc m_open_nothing(struct m_ctx *c, enum gu_objtype type,
					const char *name, uint32_t desired,
					uint32_t *nt);

/* Whether the caller may have these rights on an object that is not the one
 * it asks for. Leaves no decision behind, only what one would rest on. */
bool m_may(struct m_ctx *c, const struct m_object *obj, uint32_t rights);

/* The status of a call that the object's directory or parent key refuses, with
 * that reason in the outcome. */
uint32_t m_parent_refuses(struct m_ctx *c, uint32_t rights);

/* What a TARGET argument means: an object by reference or by the name it most
 * likely has, which nothing (NULL) need bear. False: a reference to nothing. */
bool m_target(struct m_ctx *c, size_t arg, enum gu_objtype *type,
	      struct m_object **obj);

/* The rights of a new object's creator: what it asked for, no check. */
uint32_t m_creator_rights(enum gu_objtype type, uint32_t desired);

#endif
