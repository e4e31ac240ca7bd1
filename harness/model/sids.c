/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include "sddl.h"

#include "banned.h"

/* SIDs and groups as scripts write them. */

static const struct gu_value *
field(const struct gu_value *table, const char *name)
{
	for (uint32_t i = 0; i < table->count; i++) {
		if (!strcmp(table->fields[i].name, name)) {
			return &table->fields[i].value;
		}
	}
	return NULL;
}

static enum gu_rc
sid_of_ref(struct m_ctx *c, struct gu_ref ref, struct gu_sid *out)
{
	struct m_object *obj = m_object_of(c->w, ref);

	if (ref.kind == GU_REF_ACCOUNT && m_item(c->w, ref)) {
		*out = ((struct m_account *)m_item(c->w, ref))->sid;
		return GU_RC_OK;
	}
	if (obj && obj->type == GU_OBJ_token) {
		*out = ((struct m_token *)obj)->data->user;
		return GU_RC_OK;
	}
	return gu_err_set(c->err, GU_RC_USAGE,
			  "expected a SID, an account or a token, got %s",
			  gu_ref_kind_doc(ref.kind));
}

static enum gu_rc
sid_of_text(struct m_ctx *c, const struct gu_value *v, struct gu_sid *out)
{
	struct m_account *a;
	enum gu_rc rc;

	/* Names first: an account may be called like a code. */
	rc = m_account_find(c->w, v->str.p, &a, c->err);
	if (rc) {
		return rc;
	}
	if (a) {
		*out = a->sid;
		return GU_RC_OK;
	}
	if (gu_sid_from_name(out, v->str.p)) {
		return GU_RC_OK;
	}
	rc = gu_sddl_parse_sid(out, v->str.p, v->str.len, &c->w->machine,
			       c->err);
	if (rc == GU_RC_USAGE) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "\"%s\" is neither a SID nor the name of an "
				  "account or group",
				  v->str.p);
	}
	return rc;
}

enum gu_rc m_sid(struct m_ctx *c, const struct gu_value *v, struct gu_sid *out)
{
	if (v->type == GU_V_REF) {
		return sid_of_ref(c, v->ref, out);
	}
	if (v->type == GU_V_STR) {
		return sid_of_text(c, v, out);
	}
	return gu_err_set(c->err, GU_RC_USAGE,
			  "expected a SID, a name, an account or a token");
}

static enum gu_rc
group_of(struct m_ctx *c, const struct gu_value *v, struct gu_group *out)
{
	const struct gu_value *sid = v;

	if (v->type == GU_V_TABLE) {
		const struct gu_value *attributes = field(v, "attributes");

		sid = field(v, "sid");
		if (attributes && attributes->type == GU_V_UINT) {
			out->attributes = (uint32_t)attributes->u;
		}
		if (!sid) {
			return gu_err_set(c->err, GU_RC_USAGE,
					  "a group needs the field \"sid\"");
		}
	}
	return m_sid(c, sid, &out->sid);
}

enum gu_rc m_sids(struct m_ctx *c, const struct gu_value *v,
		  struct gu_group **out, size_t *count)
{
	struct gu_group *list;

	*out = NULL;
	*count = 0;
	if (v->type != GU_V_LIST || !v->count) {
		return GU_RC_OK;
	}
	list = gu_arena_alloc(c->call->arena, v->count * sizeof(*list));
	if (!list) {
		return gu_err_nomem(c->err);
	}
	for (uint32_t i = 0; i < v->count; i++) {
		enum gu_rc rc = group_of(c, &v->list[i], &list[i]);

		if (rc) {
			return rc;
		}
	}
	*out = list;
	*count = v->count;
	return GU_RC_OK;
}

/* The SIDs alone. */
static enum gu_rc bare_sids(struct m_ctx *c, const struct gu_value *v,
			    struct gu_group **groups, const struct gu_sid **out,
			    size_t *count)
{
	struct gu_sid *list;
	enum gu_rc rc = m_sids(c, v, groups, count);

	*out = NULL;
	if (rc || !*count) {
		return rc;
	}
	list = gu_arena_alloc(c->call->arena, *count * sizeof(*list));
	if (!list) {
		return gu_err_nomem(c->err);
	}
	for (size_t i = 0; i < *count; i++) {
		list[i] = (*groups)[i].sid;
	}
	*out = list;
	return GU_RC_OK;
}

enum gu_rc m_filter_sids(struct m_ctx *c, const struct gu_value *disable,
			 const struct gu_value *restrict_to,
			 struct gu_token_filter *filter, bool *attributes)
{
	struct gu_group *groups;
	enum gu_rc rc = bare_sids(c, disable, &groups, &filter->disable,
				  &filter->disable_count);

	if (!rc) {
		rc = bare_sids(c, restrict_to, &groups, &filter->restrict_to,
			       &filter->restrict_count);
	}
	if (rc) {
		return rc;
	}
	*attributes = false;
	for (size_t i = 0; i < filter->restrict_count; i++) {
		*attributes |= groups[i].attributes != 0;
	}
	return GU_RC_OK;
}
