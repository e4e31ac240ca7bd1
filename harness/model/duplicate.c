/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include "open.h"

#include "banned.h"

/* Handles to tokens, and tokens made of tokens. */
enum {
	PROCESS_QUERY_LIMITED_INFORMATION = 0x1000,
	THREAD_QUERY_LIMITED_INFORMATION = 0x800,
};

enum gu_rc m_fn_OpenProcessToken(struct m_ctx *c)
{
	struct m_object *process;
	struct m_token *token;
	uint32_t granted;
	uint32_t nt =
		m_reference(c, 0, GU_OBJ_process,
			    PROCESS_QUERY_LIMITED_INFORMATION, &process, NULL);

	if (nt) {
		return m_answer_nt(c, nt);
	}
	token = ((struct m_process *)process)->primary;
	nt = m_open_check(c, &token->obj, m_uint(c, 1, 0), 0, &granted);
	return nt ? m_answer_nt(c, nt)
		  : m_answer_handle(c, &token->obj, granted);
}

/* Who may open the copy that a channel's token is opened as: the process that
 * impersonates, the client, administrators and SYSTEM. */
static enum gu_rc
copy_sd(const struct m_thread *t, struct gu_sd *out, struct gu_err *err)
{
	const struct gu_token *self = t->process->primary->data;
	const struct gu_token *client = t->slot.token->data;
	const struct gu_sid *const sids[] = {
		&self->user,
		&client->user,
		gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS),
		gu_sid_well_known(GU_WK_LOCAL_SYSTEM),
	};
	const struct m_place place = { .type = GU_OBJ_token };
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < sizeof(sids) / sizeof(sids[0]); i++) {
		rc = gu_acl_add(&sd.dacl, GU_ACE_ALLOW, GU_TOKEN_ALL_ACCESS,
				sids[i], err);
	}
	sd.control |= GU_SE_DACL_PRESENT;
	sd.owner = self->user;
	if (!rc) {
		/* The client may be below Medium: it may still write. */
		rc = m_sd_complete(&sd, &place, client, err);
	}
	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	*out = sd;
	return GU_RC_OK;
}

/* The thread gets a token of its own in place of the channel's. New. */
static enum gu_rc
private_copy(struct m_ctx *c, const struct m_thread *t, struct m_token **out)
{
	const struct m_token *src = t->slot.token;
	struct m_token *copy;
	struct gu_sd sd;
	enum gu_rc rc =
		m_token_duplicate(c->w, src, GU_TOKEN_IMPERSONATION,
				  src->data->level, false, &copy, c->err);

	if (rc) {
		return rc;
	}
	rc = copy_sd(t, &sd, c->err);
	if (rc) {
		m_object_unref(c->w, &copy->obj);
		return rc;
	}
	gu_sd_release(&copy->obj.sd);
	copy->obj.sd = sd;
	*out = copy;
	return GU_RC_OK;
}

static enum gu_rc
open_slot(struct m_ctx *c, struct m_thread *t, uint32_t access, bool as_self)
{
	const struct gu_token *caller =
		as_self ? c->thread->process->primary->data
			: m_effective(c->thread)->data;
	struct m_token *token = t->slot.token;
	bool copy = t->slot.copy_on_open;
	uint32_t nt, granted;
	enum gu_rc rc = GU_RC_OK;

	if (copy) {
		rc = private_copy(c, t, &token);
		if (rc) {
			return rc;
		}
	}
	nt = m_open_check_as(c, caller, &token->obj, access, 0, &granted);
	if (nt) {
		rc = m_answer_nt(c, nt);
	} else {
		rc = m_answer_handle(c, &token->obj, granted);
		if (!rc && copy) {
			m_slot_set(c->w, t, token, false);
		}
	}
	if (copy) {
		if (nt) {
			m_rest_keep(c, &token->obj.sd);
		}
		m_object_unref(c->w, &token->obj);
	}
	return rc;
}

enum gu_rc m_fn_OpenThreadToken(struct m_ctx *c)
{
	enum { THREAD, ACCESS, OPEN_AS_SELF };
	struct m_object *obj;
	const struct m_token *token;
	uint32_t nt = m_reference(c, THREAD, GU_OBJ_thread,
				  THREAD_QUERY_LIMITED_INFORMATION, &obj, NULL);

	if (nt) {
		return m_answer_nt(c, nt);
	}
	token = ((struct m_thread *)obj)->slot.token;
	if (!token) {
		return m_answer_nt(c, GU_NT_NO_TOKEN);
	}
	if (token->data->level == GU_LEVEL_ANONYMOUS) {
		return m_answer_nt(c, GU_NT_CANT_OPEN_ANONYMOUS);
	}
	return open_slot(c, (struct m_thread *)obj, m_uint(c, ACCESS, 0),
			 m_bool(c, OPEN_AS_SELF, false));
}

struct copy_wanted {
	uint32_t type;
	uint32_t level;
	bool effective_only;
	uint32_t access; /* 0: as the source's handle */
	const char *sddl;
};

/* NtDuplicateToken's rules; levels are compared for primary copies too. */
static uint32_t
may_duplicate(const struct gu_token *src, const struct copy_wanted *want)
{
	if (want->level > GU_LEVEL_DELEGATION ||
	    (want->type != GU_TOKEN_PRIMARY &&
	     want->type != GU_TOKEN_IMPERSONATION)) {
		return GU_NT_INVALID_PARAMETER;
	}
	if (src->type == GU_TOKEN_PRIMARY) {
		return GU_NT_SUCCESS;
	}
	if (want->level > src->level || (want->type == GU_TOKEN_PRIMARY &&
					 src->level < GU_LEVEL_IMPERSONATION)) {
		return GU_NT_BAD_IMPERSONATION_LEVEL;
	}
	return GU_NT_SUCCESS;
}

/* The copy's descriptor: the one given, else the creator's default. The
 * source's never counts. */
static enum gu_rc
secure_copy(struct m_ctx *c, struct m_token *t, const char *sddl, uint32_t *nt)
{
	const struct m_place place = { .type = GU_OBJ_token };
	struct gu_sd sd;
	enum gu_rc rc = m_sd_for_new(c, sddl, &place, &sd, nt);

	if (rc || *nt) {
		return rc;
	}
	gu_sd_release(&t->obj.sd);
	t->obj.sd = sd;
	return GU_RC_OK;
}

/* Ends the call with a handle to a new token, whose creator gets what it asked
 * for. Takes over the reference. */
static enum gu_rc answer_token(struct m_ctx *c, struct m_token *t,
			       const char *sddl, uint32_t access)
{
	uint32_t granted = m_creator_rights(GU_OBJ_token, access);
	uint32_t nt;
	enum gu_rc rc = secure_copy(c, t, sddl, &nt);

	if (!rc && nt) {
		rc = m_answer_nt(c, nt);
	} else if (!rc) {
		m_decide(c, &t->obj, access, granted);
		rc = m_answer_handle(c, &t->obj, granted);
	}
	m_object_unref(c->w, &t->obj);
	return rc;
}

static enum gu_rc duplicate(struct m_ctx *c, struct copy_wanted *want)
{
	struct m_object *obj;
	struct m_token *src, *copy;
	uint32_t granted;
	uint32_t nt = m_reference(c, 0, GU_OBJ_token, TOKEN_DUPLICATE, &obj,
				  &granted);
	enum gu_rc rc;

	src = nt ? NULL : (struct m_token *)obj;
	if (!nt) {
		nt = may_duplicate(src->data, want);
	}
	if (!nt && (want->access & GU_ACCESS_SYSTEM_SECURITY) &&
	    !m_privileged(c->thread, GU_PRIV_Security)) {
		nt = GU_NT_PRIVILEGE_NOT_HELD;
	}
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = m_token_duplicate(c->w, src, (enum gu_token_type)want->type,
			       (enum gu_level)want->level, want->effective_only,
			       &copy, c->err);
	if (rc) {
		return rc;
	}
	return answer_token(c, copy, want->sddl,
			    want->access ? want->access : granted);
}

enum gu_rc m_fn_DuplicateToken(struct m_ctx *c)
{
	return duplicate(c, &(struct copy_wanted){
				    .type = GU_TOKEN_IMPERSONATION,
				    .level = m_uint(c, 1, 0),
				    .access = TOKEN_IMPERSONATE | TOKEN_QUERY,
			    });
}

enum gu_rc m_fn_DuplicateTokenEx(struct m_ctx *c)
{
	enum { TOKEN, ACCESS, LEVEL, TYPE, SDDL };

	return duplicate(c, &(struct copy_wanted){
				    .type = m_uint(c, TYPE, 0),
				    .level = m_uint(c, LEVEL, 0),
				    .access = m_uint(c, ACCESS, 0),
				    .sddl = m_str(c, SDDL),
			    });
}

enum gu_rc m_fn_NtDuplicateToken(struct m_ctx *c)
{
	enum { TOKEN, ACCESS, SQOS, EFFECTIVE_ONLY, TYPE };
	struct copy_wanted want = {
		.type = m_uint(c, TYPE, 0),
		.level = GU_LEVEL_ANONYMOUS,
		.effective_only = m_bool(c, EFFECTIVE_ONLY, false),
		.access = m_uint(c, ACCESS, 0),
	};
	const struct m_object *obj = m_object_of(c->w, m_ref(c, TOKEN));

	if (m_has(c, SQOS)) {
		want.level = m_arg(c, SQOS)->sqos.level;
	} else if (obj && obj->type == GU_OBJ_token) {
		/* Primary tokens have the level Anonymous here. */
		want.level = ((const struct m_token *)obj)->data->level;
	}
	return duplicate(c, &want);
}

enum gu_rc m_fn_CreateRestrictedToken(struct m_ctx *c)
{
	enum { TOKEN, FLAGS, DISABLE, DELETE, RESTRICT };
	const uint32_t known = GU_DISABLE_MAX_PRIVILEGE | GU_SANDBOX_INERT |
			       GU_LUA_TOKEN | GU_WRITE_RESTRICTED;
	const struct gu_value *removed = m_arg(c, DELETE);
	struct gu_token_filter filter = {
		.flags = m_uint(c, FLAGS, 0),
		.remove = removed->type == GU_V_UINT ? removed->u : 0,
	};
	struct m_object *obj;
	struct gu_token *data;
	struct m_token *t;
	bool attributes;
	uint32_t nt, granted;
	enum gu_rc rc = m_filter_sids(c, m_arg(c, DISABLE), m_arg(c, RESTRICT),
				      &filter, &attributes);

	if (rc) {
		return rc;
	}
	nt = attributes || (filter.flags & ~known)
		     ? GU_NT_INVALID_PARAMETER
		     : m_reference(c, TOKEN, GU_OBJ_token, TOKEN_DUPLICATE,
				   &obj, &granted);
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = gu_token_filter(((struct m_token *)obj)->data, &filter, &data,
			     c->err);
	if (rc) {
		return rc;
	}
	data->token_id = 0;
	data->modified_id = 0;
	rc = m_token_new(c->w, data, NULL, &t, c->err);
	if (rc) {
		return rc;
	}
	m_token_kin(t, (struct m_token *)obj);
	/* The handle has the rights of the source's. */
	return answer_token(c, t, NULL, granted);
}
