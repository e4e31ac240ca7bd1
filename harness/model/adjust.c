/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include "inherit.h"

#include "banned.h"

/* Calls that change a token object. Everybody who has it sees the change;
 * what is captured or duplicated does not. */

#define NT_INVALID_PRIMARY_GROUP 0xC000005Bu

/* A copy to change; token_set puts it in place. */
static enum gu_rc
token_edit(struct m_ctx *c, const struct m_token *t, struct gu_token **out)
{
	enum gu_rc rc = gu_token_copy(t->data, out, c->err);

	if (!rc) {
		(*out)->modified_id = m_luid(c->w);
	}
	return rc;
}

static void token_set(struct m_token *t, struct gu_token *data)
{
	gu_token_unref(t->data);
	t->data = data;
}

static gu_privset privs(const struct m_ctx *c, size_t arg)
{
	const struct gu_value *v = m_arg(c, arg);

	return v->type == GU_V_UINT ? v->u : 0;
}

enum gu_rc m_fn_AdjustTokenPrivileges(struct m_ctx *c)
{
	enum { TOKEN, ENABLE, DISABLE, REMOVE, DISABLE_ALL };
	gu_privset asked, on, off, gone;
	struct m_object *obj;
	struct gu_token *data;
	struct m_token *t;
	uint32_t nt = m_reference(c, TOKEN, GU_OBJ_token,
				  TOKEN_ADJUST_PRIVILEGES, &obj, NULL);
	enum gu_rc rc;

	if (nt) {
		return m_answer_nt(c, nt);
	}
	t = (struct m_token *)obj;
	on = privs(c, ENABLE);
	off = privs(c, DISABLE);
	gone = privs(c, REMOVE);
	asked = on | off | gone;
	if (m_bool(c, DISABLE_ALL, false)) {
		/* The list is not looked at then. */
		asked = on = gone = 0;
		off = t->data->present;
	}
	rc = token_edit(c, t, &data);
	if (rc) {
		return rc;
	}
	data->enabled = ((data->enabled & ~off) | on) & data->present & ~gone;
	data->present &= ~gone;
	data->default_enabled &= ~gone;
	nt = asked & ~t->data->present ? GU_NT_NOT_ALL_ASSIGNED : GU_NT_SUCCESS;
	token_set(t, data);
	return nt ? m_answer_ok_with(c, GU_ERROR_NOT_ALL_ASSIGNED)
		  : m_answer_ok(c);
}

static void groups_reset(struct gu_token *t)
{
	for (size_t i = 0; i < t->group_count; i++) {
		uint32_t *a = &t->groups[i].attributes;

		if (*a & GU_GROUP_DENY_ONLY) {
			continue;
		}
		if (*a & (GU_GROUP_ENABLED_BY_DEFAULT | GU_GROUP_MANDATORY)) {
			*a |= GU_GROUP_ENABLED;
		} else {
			*a &= ~(uint32_t)GU_GROUP_ENABLED;
		}
	}
}

/* Turns groups on or off. An NT failure leaves the copy half done. */
static uint32_t groups_turn(struct gu_token *t, const struct gu_group *list,
			    size_t count, bool on)
{
	uint32_t nt = GU_NT_SUCCESS;

	for (size_t i = 0; i < count; i++) {
		struct gu_group *g = gu_token_find_group(t, &list[i].sid);
		uint32_t barred = on ? GU_GROUP_DENY_ONLY : GU_GROUP_MANDATORY;

		if (!g) {
			nt = GU_NT_NOT_ALL_ASSIGNED;
			continue;
		}
		if (g->attributes & barred) {
			return GU_NT_CANT_DISABLE_MANDATORY;
		}
		if (on) {
			g->attributes |= GU_GROUP_ENABLED;
		} else {
			g->attributes &= ~(uint32_t)GU_GROUP_ENABLED;
		}
	}
	return nt;
}

struct group_change {
	bool reset;
	struct gu_group *enable, *disable;
	size_t enable_count, disable_count;
};

static uint32_t
groups_change(struct gu_token *t, const struct group_change *change)
{
	uint32_t on, off;

	if (change->reset) {
		groups_reset(t);
		return GU_NT_SUCCESS;
	}
	on = groups_turn(t, change->enable, change->enable_count, true);
	if (!gu_nt_success(on)) {
		return on;
	}
	off = groups_turn(t, change->disable, change->disable_count, false);
	return off ? off : on;
}

enum gu_rc m_fn_AdjustTokenGroups(struct m_ctx *c)
{
	enum { TOKEN, ENABLE, DISABLE, RESET };
	struct group_change change = { .reset = m_bool(c, RESET, false) };
	struct m_object *obj;
	struct gu_token *data;
	uint32_t nt = GU_NT_SUCCESS;
	enum gu_rc rc = m_sids(c, m_arg(c, ENABLE), &change.enable,
			       &change.enable_count);

	if (!rc) {
		rc = m_sids(c, m_arg(c, DISABLE), &change.disable,
			    &change.disable_count);
	}
	if (rc) {
		return rc;
	}
	if (!change.reset && !m_has(c, ENABLE) && !m_has(c, DISABLE)) {
		nt = GU_NT_INVALID_PARAMETER;
	}
	if (!nt) {
		nt = m_reference(c, TOKEN, GU_OBJ_token, TOKEN_ADJUST_GROUPS,
				 &obj, NULL);
	}
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = token_edit(c, (struct m_token *)obj, &data);
	if (rc) {
		return rc;
	}
	nt = groups_change(data, &change);
	if (!gu_nt_success(nt)) {
		gu_token_unref(data);
		return m_answer_nt(c, nt);
	}
	token_set((struct m_token *)obj, data);
	return nt ? m_answer_ok_with(c, GU_ERROR_NOT_ALL_ASSIGNED)
		  : m_answer_ok(c);
}

enum { SET_TOKEN, SET_CLASS, SET_VALUE };

enum {
	TOKEN_OWNER = 4,
	TOKEN_PRIMARY_GROUP = 5,
	TOKEN_DEFAULT_DACL = 6,
	TOKEN_SESSION_ID = 12,
	TOKEN_INTEGRITY_LEVEL = 25,
};

static enum gu_rc number_value(struct m_ctx *c, uint32_t *out)
{
	const struct gu_value *v = m_arg(c, SET_VALUE);

	if (v->type == GU_V_UINT) {
		*out = (uint32_t)v->u;
		return GU_RC_OK;
	}
	if (v->type == GU_V_STR && gu_il_from_name(out, v->str.p)) {
		return GU_RC_OK;
	}
	return gu_err_set(c->err, GU_RC_USAGE,
			  "value: expected a number or the name of an "
			  "integrity level");
}

/* Lowering is free; raising takes SeTcbPrivilege. */
static enum gu_rc
set_integrity(struct m_ctx *c, struct gu_token *t, uint32_t *nt)
{
	uint32_t level;
	enum gu_rc rc = number_value(c, &level);

	if (rc) {
		return rc;
	}
	if (level > t->integrity && !m_privileged(c->thread, GU_PRIV_Tcb)) {
		*nt = GU_NT_PRIVILEGE_NOT_HELD;
	} else {
		t->integrity = level;
	}
	return GU_RC_OK;
}

static enum gu_rc set_session(struct m_ctx *c, struct gu_token *t, uint32_t *nt)
{
	uint32_t session;
	enum gu_rc rc = number_value(c, &session);

	if (rc) {
		return rc;
	}
	if (!m_privileged(c->thread, GU_PRIV_Tcb)) {
		*nt = GU_NT_PRIVILEGE_NOT_HELD;
	} else {
		t->session = session;
	}
	return GU_RC_OK;
}

static enum gu_rc set_owner(struct m_ctx *c, struct gu_token *t, uint32_t *nt)
{
	struct gu_sid sid;
	enum gu_rc rc = m_sid(c, m_arg(c, SET_VALUE), &sid);

	if (rc) {
		return rc;
	}
	if (gu_token_can_own(t, &sid)) {
		t->owner = sid;
	} else {
		*nt = GU_NT_INVALID_OWNER;
	}
	return GU_RC_OK;
}

static enum gu_rc
set_primary_group(struct m_ctx *c, struct gu_token *t, uint32_t *nt)
{
	struct gu_sid sid;
	enum gu_rc rc = m_sid(c, m_arg(c, SET_VALUE), &sid);

	if (rc) {
		return rc;
	}
	if (gu_sid_equal(&sid, &t->user) || gu_token_find_group(t, &sid)) {
		t->primary_group = sid;
	} else {
		*nt = NT_INVALID_PRIMARY_GROUP;
	}
	return GU_RC_OK;
}

static enum gu_rc set_default_dacl(struct m_ctx *c, struct gu_token *t)
{
	const struct gu_value *v = m_arg(c, SET_VALUE);
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc;

	if (v->type != GU_V_STR) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "value: expected a DACL as \"D:...\"");
	}
	rc = gu_sddl_parse(&sd, v->str.p, &c->w->machine, c->err);
	if (rc) {
		return rc;
	}
	gu_acl_release(&t->default_dacl);
	t->default_dacl = sd.dacl;
	t->has_default_dacl = gu_sd_has_dacl(&sd);
	sd.dacl = (struct gu_acl)GU_ACL_INIT;
	gu_sd_release(&sd);
	return GU_RC_OK;
}

static enum gu_rc set_class(struct m_ctx *c, struct gu_token *t, uint32_t *nt)
{
	switch (m_uint(c, SET_CLASS, 0)) {
	case TOKEN_OWNER:
		return set_owner(c, t, nt);
	case TOKEN_PRIMARY_GROUP:
		return set_primary_group(c, t, nt);
	case TOKEN_DEFAULT_DACL:
		return set_default_dacl(c, t);
	case TOKEN_SESSION_ID:
		return set_session(c, t, nt);
	case TOKEN_INTEGRITY_LEVEL:
		return set_integrity(c, t, nt);
	}
	*nt = GU_NT_INVALID_INFO_CLASS;
	return GU_RC_OK;
}

enum gu_rc m_fn_SetTokenInformation(struct m_ctx *c)
{
	uint32_t needed =
		m_uint(c, SET_CLASS, 0) == TOKEN_SESSION_ID
			? TOKEN_ADJUST_SESSIONID | TOKEN_ADJUST_DEFAULT
			: TOKEN_ADJUST_DEFAULT;
	struct m_object *obj;
	struct gu_token *data;
	uint32_t nt =
		m_reference(c, SET_TOKEN, GU_OBJ_token, needed, &obj, NULL);
	enum gu_rc rc;

	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = token_edit(c, (struct m_token *)obj, &data);
	if (!rc) {
		rc = set_class(c, data, &nt);
		if (rc || nt) {
			gu_token_unref(data);
		}
	}
	if (rc) {
		return rc;
	}
	if (!nt) {
		token_set((struct m_token *)obj, data);
	}
	return m_answer_nt(c, nt);
}
