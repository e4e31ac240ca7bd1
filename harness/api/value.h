/* SPDX-License-Identifier: MIT */
#ifndef GU_VALUE_H
#define GU_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token.h"

/* What goes into a call and comes out of it: plain data, owned by whoever the
 * field's comment names, never by the value itself. */

/* A thing of the world that a script can hold. Kinds are listed once, in
 * ref.def; ids are the target's own. */
enum gu_ref_kind {
#define GU_REFKIND(id, lua, doc) GU_REF_##id,
#include "ref.def"
#undef GU_REFKIND
	GU_REF_KIND_COUNT,
};

struct gu_ref {
	enum gu_ref_kind kind;
	uint32_t id;
};

static inline bool gu_ref_equal(struct gu_ref a, struct gu_ref b)
{
	return a.kind == b.kind && a.id == b.id;
}

/* "a handle", "an RPC binding": for messages. Borrowed, static. */
const char *gu_ref_kind_doc(enum gu_ref_kind kind);
/* "guise.handle": the Lua type name. Borrowed, static. */
const char *gu_ref_kind_lua(enum gu_ref_kind kind);

/* SECURITY_QUALITY_OF_SERVICE. */
struct gu_sqos {
	bool present; /* SECURITY_SQOS_PRESENT, or a structure was passed */
	enum gu_level level;
	bool dynamic; /* SECURITY_CONTEXT_TRACKING */
	bool effective_only;
};

enum gu_vtype {
	GU_V_NONE, /* argument left out; no result */
	GU_V_BOOL,
	GU_V_UINT,
	GU_V_STR,
	GU_V_REF,
	GU_V_SQOS,
	GU_V_LIST,  /* of values, all of one type */
	GU_V_TABLE, /* of named fields */
};

struct gu_field;

struct gu_value {
	enum gu_vtype type;
	uint32_t count; /* of list or fields */
	union {
		bool b;
		uint64_t u;
		struct {
			const char *p; /* NUL-terminated; may hold NULs too */
			size_t len;
		} str;
		struct gu_ref ref;
		struct gu_sqos sqos;
		const struct gu_value *list;
		const struct gu_field *fields;
	};
};

struct gu_field {
	const char *name;
	struct gu_value value;
};

#endif
