/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include "account.h"

#include "banned.h"

static const struct m_place nowhere = { .type = GU_OBJ_token };

static void token_destroy(struct m_world *w, struct m_object *obj)
{
	struct m_token *t = (struct m_token *)obj;

	gu_token_unref(t->data);
	if (t->linked) {
		m_object_unref(w, &t->linked->obj);
	}
	for (int i = 0; i <= GU_LEVEL_DELEGATION; i++) {
		if (t->spare[i].token) {
			m_object_unref(w, &t->spare[i].token->obj);
		}
	}
}

enum gu_rc m_token_new(struct m_world *w, struct gu_token *data,
		       struct gu_sd *sd, struct m_token **out,
		       struct gu_err *err)
{
	struct gu_sd made = GU_SD_INIT;
	struct m_token *t = gu_calloc(1, sizeof(*t));
	enum gu_rc rc;

	if (!t) {
		gu_token_unref(data);
		return gu_err_nomem(err);
	}
	if (!sd) {
		sd = &made;
		rc = m_sd_complete(sd, &nowhere, data, err);
		if (rc) {
			gu_sd_release(sd);
			gu_token_unref(data);
			gu_free(t);
			return rc;
		}
	}
	if (!data->token_id) {
		data->token_id = m_luid(w);
	}
	if (!data->modified_id) {
		data->modified_id = m_luid(w);
	}
	t->data = data;
	m_object_init(w, &t->obj, GU_OBJ_token, NULL, sd);
	t->obj.destroy = token_destroy;
	*out = t;
	return GU_RC_OK;
}

/* A copy of the data as another token object's, without ids. */
static enum gu_rc copy_data(const struct gu_token *src, enum gu_token_type type,
			    enum gu_level level, struct gu_token **out,
			    struct gu_err *err)
{
	enum gu_rc rc = gu_token_copy(src, out, err);

	if (rc) {
		return rc;
	}
	(*out)->type = type;
	(*out)->level = type == GU_TOKEN_PRIMARY ? GU_LEVEL_ANONYMOUS : level;
	(*out)->token_id = 0;
	(*out)->modified_id = 0;
	return GU_RC_OK;
}

void m_token_kin(struct m_token *t, const struct m_token *src)
{
	t->who = src->who;
	t->sid = src->sid;
	t->linked = src->linked;
	if (t->linked) {
		m_object_ref(&t->linked->obj);
	}
}

enum gu_rc m_token_duplicate(struct m_world *w, const struct m_token *src,
			     enum gu_token_type type, enum gu_level level,
			     bool effective_only, struct m_token **out,
			     struct gu_err *err)
{
	struct gu_token *data;
	struct m_token *t;
	enum gu_rc rc = copy_data(src->data, type, level, &data, err);

	if (rc) {
		return rc;
	}
	if (effective_only) {
		gu_token_make_effective_only(data);
	}
	rc = m_token_new(w, data, NULL, &t, err);
	if (rc) {
		return rc;
	}
	m_token_kin(t, src);
	*out = t;
	return GU_RC_OK;
}

enum gu_rc m_token_secure(struct m_token *t, const struct gu_token *creator,
			  struct gu_err *err)
{
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = m_sd_complete(&sd, &nowhere, creator, err);

	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	gu_sd_release(&t->obj.sd);
	t->obj.sd = sd;
	return GU_RC_OK;
}

static bool spare_fits(const struct m_spare *s, const struct gu_token *src,
		       const struct gu_token *creator)
{
	return s->token && s->token->obj.refs == 1 &&
	       s->token->data->modified_id == s->modified_id &&
	       s->source_modified_id == src->modified_id &&
	       s->creator_modified_id == creator->modified_id;
}

static enum gu_rc spare_make(struct m_world *w, struct m_token *src,
			     enum gu_level level,
			     const struct gu_token *creator, struct gu_err *err)
{
	struct m_spare *s = &src->spare[level];
	struct m_token *t;
	enum gu_rc rc = m_token_duplicate(w, src, GU_TOKEN_IMPERSONATION, level,
					  false, &t, err);

	if (!rc) {
		rc = m_token_secure(t, creator, err);
		if (rc) {
			m_object_unref(w, &t->obj);
		}
	}
	if (rc) {
		return rc;
	}
	if (s->token) {
		m_object_unref(w, &s->token->obj);
	}
	*s = (struct m_spare){
		.token = t,
		.modified_id = t->data->modified_id,
		.source_modified_id = src->data->modified_id,
		.creator_modified_id = creator->modified_id,
	};
	return GU_RC_OK;
}

enum gu_rc m_token_spare(struct m_world *w, struct m_token *src,
			 enum gu_level level, const struct gu_token *creator,
			 struct m_token **out, struct gu_err *err)
{
	struct m_spare *s = &src->spare[level];

	if (spare_fits(s, src->data, creator)) {
		/* To everybody else it is a new token. */
		s->token->data->token_id = m_luid(w);
	} else {
		enum gu_rc rc = spare_make(w, src, level, creator, err);

		if (rc) {
			return rc;
		}
	}
	*out = s->token;
	return GU_RC_OK;
}

enum gu_rc
m_token_anonymous(struct m_world *w, struct m_token **out, struct gu_err *err)
{
	struct m_account *a;
	struct gu_token *data;
	enum gu_rc rc;

	if (w->anonymous) {
		*out = w->anonymous;
		return GU_RC_OK;
	}
	rc = m_account_find(w, "NT AUTHORITY\\ANONYMOUS LOGON", &a, err);
	if (!rc) {
		rc = copy_data(a->token, GU_TOKEN_IMPERSONATION,
			       GU_LEVEL_IMPERSONATION, &data, err);
	}
	if (rc) {
		return rc;
	}
	data->flags |= GU_TOKEN_SYSTEM_ANONYMOUS;
	if (w->settings.everyone_includes_anonymous) {
		rc = gu_token_add_group(data, gu_sid_well_known(GU_WK_WORLD),
					GU_GROUP_MANDATORY |
						GU_GROUP_ENABLED_BY_DEFAULT |
						GU_GROUP_ENABLED,
					err);
		if (rc) {
			gu_token_unref(data);
			return rc;
		}
	}
	rc = m_token_new(w, data, NULL, &w->anonymous, err);
	if (!rc) {
		*out = w->anonymous;
	}
	return rc;
}

bool m_privileged(const struct m_thread *t, enum gu_priv priv)
{
	return gu_token_privileged(m_effective(t)->data, priv);
}

static void name_token(struct m_world *w, struct m_token *t)
{
	const struct m_principal *p = m_principal(w, &t->data->user);

	t->who = p ? p->who : "";
	t->sid = p ? p->text : "";
}

void m_token_identity(struct m_world *w, struct m_token *t,
		      struct gu_identity *out)
{
	const struct gu_token *data = t->data;

	if (!t->who) {
		name_token(w, t);
	}
	out->name = t->who;
	out->sid = t->sid;
	out->level = data->type == GU_TOKEN_IMPERSONATION ? data->level
							  : GU_LEVEL_DELEGATION;
	out->impersonating = false;
	out->integrity = data->integrity;
	out->token_id = data->token_id;
	out->auth_id = data->auth_id;
}

void m_identity(struct m_world *w, const struct m_thread *t,
		struct gu_identity *out)
{
	m_token_identity(w, m_effective(t), out);
	out->impersonating = t->slot.token != NULL;
}
