/* SPDX-License-Identifier: MIT */
#include "open.h"

#include "inherit.h"
#include "sddl.h"

#include "banned.h"

/* Reading and setting descriptors: Get- and SetKernelObjectSecurity by handle,
 * Get- and SetNamedSecurityInfo by name. Only the latter inherit anew. */

enum { FIRST, INFORMATION, SDDL };

static bool known(uint32_t info)
{
	const uint32_t all =
		GU_SECINFO_ALL | GU_SECINFO_BACKUP | GU_SECINFO_PROTECTED_DACL |
		GU_SECINFO_UNPROTECTED_DACL | GU_SECINFO_PROTECTED_SACL |
		GU_SECINFO_UNPROTECTED_SACL;

	return info && !(info & ~all);
}

/* A fixture that stands for a handle has all rights but those to the SACL. */
static uint32_t
by_handle(struct m_ctx *c, uint32_t needed, struct m_object **out)
{
	if (!known(m_uint(c, INFORMATION, 0))) {
		return GU_NT_INVALID_PARAMETER;
	}
	if (m_ref(c, FIRST).kind != GU_REF_HANDLE &&
	    (needed & GU_ACCESS_SYSTEM_SECURITY) &&
	    !m_privileged(c->thread, GU_PRIV_Security)) {
		return GU_NT_PRIVILEGE_NOT_HELD;
	}
	return m_reference(c, FIRST, GU_OBJ_NONE, needed, out, NULL);
}

/* Opens what the first argument names as the caller. `*out` is there when
 * `*nt` is no failure. */
static enum gu_rc
by_name(struct m_ctx *c, uint32_t needed, struct m_object **out, uint32_t *nt)
{
	enum gu_objtype type;
	uint32_t granted;

	*nt = GU_NT_INVALID_PARAMETER;
	if (!known(m_uint(c, INFORMATION, 0))) {
		return GU_RC_OK;
	}
	*nt = GU_NT_INVALID_HANDLE;
	if (!m_target(c, FIRST, &type, out)) {
		return GU_RC_OK;
	}
	if (!*out) {
		return m_open_nothing(c, type, m_str(c, FIRST), needed, nt);
	}
	*nt = m_open_object(c, *out, needed, 0, &granted);
	return GU_RC_OK;
}

static enum gu_rc answer_text(struct m_ctx *c, const struct m_object *obj)
{
	struct gu_buf text = GU_BUF_INIT;
	enum gu_rc rc;

	gu_sddl_format(&obj->sd, gu_secinfo_parts(m_uint(c, INFORMATION, 0)),
		       &c->w->machine, &text);
	rc = text.oom ? gu_err_nomem(c->err)
		      : m_set_text(c, text.data, text.len);
	gu_buf_release(&text);
	return rc ? rc : m_answer_ok(c);
}

enum gu_rc m_fn_GetKernelObjectSecurity(struct m_ctx *c)
{
	uint32_t info = m_uint(c, INFORMATION, 0);
	struct m_object *obj;
	uint32_t nt = by_handle(c, gu_secinfo_read_access(info), &obj);

	return nt ? m_answer_nt(c, nt) : answer_text(c, obj);
}

enum gu_rc m_fn_GetNamedSecurityInfo(struct m_ctx *c)
{
	uint32_t info = m_uint(c, INFORMATION, 0);
	struct m_object *obj;
	uint32_t nt;
	enum gu_rc rc = by_name(c, gu_secinfo_read_access(info), &obj, &nt);

	if (rc || nt) {
		return rc ? rc : m_answer_nt(c, nt);
	}
	return answer_text(c, obj);
}

/* The part of the text that is to be set and is not there, or NULL. Windows
 * would set it to nothing: a DACL that grants all, no group. */
static const char *missing_part(const struct gu_sd *sd, uint32_t info)
{
	uint32_t parts = gu_secinfo_parts(info);

	if ((parts & GU_SECINFO_OWNER) && !gu_sid_is_set(&sd->owner)) {
		return "O:";
	}
	if ((parts & GU_SECINFO_GROUP) && !gu_sid_is_set(&sd->group)) {
		return "G:";
	}
	if ((parts & GU_SECINFO_DACL) && !(sd->control & GU_SE_DACL_PRESENT)) {
		return "D:";
	}
	if ((parts & GU_SECINFO_SACL_PARTS) &&
	    !(sd->control & GU_SE_SACL_PRESENT)) {
		return "S:";
	}
	return NULL;
}

/* The descriptor to take parts from. `out` is empty on failure. */
static enum gu_rc sddl_arg(struct m_ctx *c, struct gu_sd *out)
{
	const char *missing;
	enum gu_rc rc;

	*out = (struct gu_sd)GU_SD_INIT;
	rc = gu_sddl_parse(out, m_str(c, SDDL), &c->w->machine, c->err);
	missing = rc ? NULL : missing_part(out, m_uint(c, INFORMATION, 0));
	if (missing) {
		gu_sd_release(out);
		rc = gu_err_set(c->err, GU_RC_USAGE,
				"%s: \"sddl\" lacks the part %s, which "
				"\"information\" names",
				gu_fn_row(c->call->fn)->name, missing);
	}
	return rc;
}

/* All ends of a pipe share its descriptor. */
static enum gu_rc share(struct m_ctx *c, const struct m_object *from)
{
	for (struct m_object *obj = c->w->objects; obj; obj = obj->next) {
		struct gu_sd copy = GU_SD_INIT;
		enum gu_rc rc;

		if (obj == from || obj->type != GU_OBJ_pipe ||
		    obj->name != from->name) {
			continue;
		}
		rc = gu_sd_copy(&copy, &from->sd, c->err);
		if (rc) {
			return rc;
		}
		gu_sd_release(&obj->sd);
		obj->sd = copy;
	}
	return GU_RC_OK;
}

static enum gu_rc set(struct m_ctx *c, struct m_object *obj, uint32_t info,
		      const struct gu_sd *from, uint32_t *nt)
{
	const struct gu_set_request req = {
		.secinfo = info,
		.from = from,
		.token = m_effective(c->thread)->data,
		.map = &gu_objtype_row(obj->type)->map,
	};
	enum gu_rc rc = gu_sd_set(&obj->sd, &req, nt, c->err);

	return rc || *nt || obj->type != GU_OBJ_pipe ? rc : share(c, obj);
}

enum gu_rc m_fn_SetKernelObjectSecurity(struct m_ctx *c)
{
	uint32_t info = m_uint(c, INFORMATION, 0);
	struct m_object *obj;
	struct gu_sd from;
	uint32_t nt;
	enum gu_rc rc = sddl_arg(c, &from);

	if (rc) {
		return rc;
	}
	nt = by_handle(c, gu_secinfo_write_access(info), &obj);
	if (!nt) {
		rc = set(c, obj, info, &from, &nt);
	}
	gu_sd_release(&from);
	return rc ? rc : m_answer_nt(c, nt);
}

/* The lists that are inherited anew. */
static uint32_t lists_of(uint32_t info)
{
	return gu_secinfo_parts(info) &
	       (GU_SECINFO_DACL | GU_SECINFO_SACL_PARTS);
}

static enum gu_rc inherit_anew(struct m_ctx *c, struct m_object *obj,
			       const struct m_place *place, uint32_t info)
{
	const struct gu_objtype_row *row = gu_objtype_row(obj->type);
	const struct gu_propagation how = {
		.parent = &place->parent->sd,
		.map = &row->map,
		.secinfo = lists_of(info),
		.container = (row->flags & GU_OBJ_CONTAINER) != 0,
	};

	return gu_sd_propagate(&obj->sd, &how, c->err);
}

/* What is below inherits anew, as far as the caller may write its
 * descriptors. */
static enum gu_rc
propagate(struct m_ctx *c, const struct m_object *parent, uint32_t info)
{
	const uint32_t needed =
		GU_READ_CONTROL | gu_secinfo_write_access(lists_of(info));
	enum gu_rc rc = GU_RC_OK;

	for (struct m_object *obj = c->w->objects; !rc && obj;
	     obj = obj->next) {
		struct m_place place;

		if (!obj->named) {
			continue;
		}
		place = m_place_of(c->w, obj->type, obj->name);
		if (place.parent != parent || !m_may(c, obj, needed)) {
			continue;
		}
		rc = inherit_anew(c, obj, &place, info);
		if (!rc) {
			rc = propagate(c, obj, info);
		}
	}
	return rc;
}

/* The function takes lists, which have no control bits: protection is asked
 * for by `information`, and else stays as it is. */
static enum gu_rc
check_protection(struct m_ctx *c, const struct gu_sd *from, uint32_t info)
{
	const char *part = NULL;

	if ((from->control & GU_SE_DACL_PROTECTED) &&
	    !(info & GU_SECINFO_PROTECTED_DACL)) {
		part = "DACL";
	} else if ((from->control & GU_SE_SACL_PROTECTED) &&
		   !(info & GU_SECINFO_PROTECTED_SACL)) {
		part = "SACL";
	}
	return part ? gu_err_set(c->err, GU_RC_USAGE,
				 "SetNamedSecurityInfo: to protect the %s, add "
				 "PROTECTED_%s_SECURITY_INFORMATION to "
				 "\"information\"",
				 part, part)
		    : GU_RC_OK;
}

static uint32_t keep_protection(const struct gu_sd *sd, uint32_t info)
{
	if ((sd->control & GU_SE_DACL_PROTECTED) &&
	    !(info & GU_SECINFO_UNPROTECTED_DACL)) {
		info |= GU_SECINFO_PROTECTED_DACL;
	}
	if ((sd->control & GU_SE_SACL_PROTECTED) &&
	    !(info & GU_SECINFO_UNPROTECTED_SACL)) {
		info |= GU_SECINFO_PROTECTED_SACL;
	}
	return info;
}

/* Files, directories and keys follow the model in which what is inherited is
 * marked, and say so. */
static void follow_model(struct gu_sd *from, enum gu_objtype type)
{
	if (type == GU_OBJ_file ||
	    (gu_objtype_row(type)->flags & GU_OBJ_CONTAINER)) {
		from->control |= GU_SE_DACL_AUTO_INHERIT_REQ |
				 GU_SE_DACL_AUTO_INHERITED |
				 GU_SE_SACL_AUTO_INHERIT_REQ |
				 GU_SE_SACL_AUTO_INHERITED;
	}
}

/* Sets, then inherits from above and hands on below. */
static enum gu_rc set_and_propagate(struct m_ctx *c, struct m_object *obj,
				    uint32_t info, const struct gu_sd *from,
				    uint32_t *nt)
{
	const struct m_place place = m_place_of(c->w, obj->type, obj->name);
	struct gu_basis basis;
	enum gu_rc rc = m_rest_freeze(c);

	if (!rc) {
		rc = set(c, obj, keep_protection(&obj->sd, info), from, nt);
	}
	if (rc || *nt || !lists_of(info)) {
		return rc;
	}
	if (place.parent) {
		rc = inherit_anew(c, obj, &place, info);
	}
	/* Asking about those below leaves theirs. */
	basis = c->call->out.basis;
	if (!rc) {
		rc = propagate(c, obj, info);
	}
	c->call->out.basis = basis;
	return rc;
}

enum gu_rc m_fn_SetNamedSecurityInfo(struct m_ctx *c)
{
	uint32_t info = m_uint(c, INFORMATION, 0);
	struct m_object *obj;
	struct gu_sd from;
	uint32_t nt;
	enum gu_rc rc = sddl_arg(c, &from);

	if (!rc) {
		rc = check_protection(c, &from, info);
	}
	if (!rc) {
		rc = by_name(c, gu_secinfo_write_access(info), &obj, &nt);
	}
	if (!rc && !nt) {
		follow_model(&from, obj->type);
		rc = set_and_propagate(c, obj, info, &from, &nt);
	}
	gu_sd_release(&from);
	return rc ? rc : m_answer_nt(c, nt);
}
