/* SPDX-License-Identifier: MIT */
#include "inherit.h"
#include "sddl.h"

#include "world.h"

#include "banned.h"

/* The descriptors of new objects. */

struct m_place
m_place_of(struct m_world *w, enum gu_objtype type, const char *name)
{
	struct m_place place = { .type = type, .name = name, .parent = NULL };

	if (name) {
		place.parent = m_object_parent(w, type, name, 1);
	}
	if (place.parent &&
	    !(gu_objtype_row(place.parent->type)->flags & GU_OBJ_CONTAINER)) {
		place.parent = NULL;
	}
	return place;
}

/* Files and keys merge what their parent hands on into what was asked for;
 * what has no parent has nothing to merge. */
static struct gu_inherit_request request(const struct m_place *place,
					 const struct gu_sd *asked,
					 const struct gu_token *creator)
{
	const struct gu_objtype_row *row = gu_objtype_row(place->type);
	struct gu_inherit_request req = {
		.creator = asked,
		.token = creator,
		.map = &row->map,
		.container = (row->flags & GU_OBJ_CONTAINER) != 0,
	};

	if (place->parent) {
		req.parent = &place->parent->sd;
		req.flags = GU_SEF_DACL_AUTO_INHERIT | GU_SEF_SACL_AUTO_INHERIT;
	}
	return req;
}

enum gu_rc m_sd_complete(struct gu_sd *sd, const struct m_place *place,
			 const struct gu_token *creator, struct gu_err *err)
{
	struct gu_inherit_request req = request(place, sd, creator);
	struct gu_sd made = GU_SD_INIT;
	uint32_t nt;
	enum gu_rc rc;

	req.flags |= GU_SEF_AVOID_OWNER_CHECK | GU_SEF_AVOID_PRIVILEGE_CHECK;
	rc = gu_inherit(&made, &req, &nt, err);
	if (!rc && nt) {
		rc = gu_err_set(err, GU_RC_INTERNAL,
				"a token that has no primary group");
	}
	if (rc) {
		return rc;
	}
	gu_sd_release(sd);
	*sd = made;
	return GU_RC_OK;
}

/* Pipes without a descriptor may be read by everyone, and written to by their
 * owner and administrators. */
static enum gu_rc
pipe_dacl(struct gu_sd *sd, const struct gu_token *creator, struct gu_err *err)
{
	const struct {
		const struct gu_sid *sid;
		uint32_t mask;
	} rows[] = {
		{ gu_sid_well_known(GU_WK_LOCAL_SYSTEM), GU_GENERIC_ALL },
		{ gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS),
		  GU_GENERIC_ALL },
		{ &creator->owner, GU_GENERIC_ALL },
		{ gu_sid_well_known(GU_WK_WORLD), GU_GENERIC_READ },
		{ gu_sid_well_known(GU_WK_ANONYMOUS), GU_GENERIC_READ },
	};
	enum gu_rc rc = GU_RC_OK;

	if (sd->control & GU_SE_DACL_PRESENT) {
		return GU_RC_OK;
	}
	for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = gu_acl_add(&sd->dacl, GU_ACE_ALLOW, rows[i].mask,
				rows[i].sid, err);
	}
	sd->control |= GU_SE_DACL_PRESENT;
	return rc;
}

enum gu_rc m_sd_for_new(struct m_ctx *c, const char *sddl,
			const struct m_place *place, struct gu_sd *out,
			uint32_t *nt)
{
	const struct gu_token *creator = m_effective(c->thread)->data;
	struct gu_sd asked = GU_SD_INIT;
	const struct gu_inherit_request req = request(place, &asked, creator);
	enum gu_rc rc = GU_RC_OK;

	*out = (struct gu_sd)GU_SD_INIT;
	if (sddl) {
		rc = gu_sddl_parse(&asked, sddl, &c->w->machine, c->err);
	}
	if (!rc && place->type == GU_OBJ_pipe) {
		rc = pipe_dacl(&asked, creator, c->err);
	}
	if (!rc) {
		rc = gu_inherit(out, &req, nt, c->err);
	}
	gu_sd_release(&asked);
	return rc;
}
