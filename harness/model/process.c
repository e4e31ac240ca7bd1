/* SPDX-License-Identifier: MIT */
#include "process.h"

#include "tokens.h"

#include "banned.h"

static void process_destroy(struct m_world *w, struct m_object *obj)
{
	m_object_unref(w, &((struct m_process *)obj)->primary->obj);
}

static void thread_destroy(struct m_world *w, struct m_object *obj)
{
	struct m_token *token = ((struct m_thread *)obj)->slot.token;

	if (token) {
		m_object_unref(w, &token->obj);
	}
}

/* Whoever is below the process may neither change nor read it. */
static enum gu_rc
add_process_label(struct gu_sd *sd, uint32_t integrity, struct gu_err *err)
{
	struct gu_sid sid;
	enum gu_rc rc;

	if (sd->control & GU_SE_SACL_PRESENT) {
		return GU_RC_OK;
	}
	gu_sid_from_il(&sid, integrity);
	rc = gu_acl_add(&sd->sacl, GU_ACE_MANDATORY_LABEL,
			GU_LABEL_NO_WRITE_UP | GU_LABEL_NO_READ_UP, &sid, err);
	if (!rc) {
		sd->control |= GU_SE_SACL_PRESENT;
	}
	return rc;
}

/* Others of the logon session may look at a process. */
static enum gu_rc add_logon_ace(struct gu_sd *sd,
				const struct gu_token *creator,
				struct gu_err *err)
{
	const uint32_t logon = (uint32_t)GU_GROUP_LOGON_ID;

	for (size_t i = 0; i < creator->group_count; i++) {
		const struct gu_group *g = &creator->groups[i];

		if ((g->attributes & logon) == logon) {
			return gu_acl_add(&sd->dacl, GU_ACE_ALLOW,
					  GU_GENERIC_READ | GU_GENERIC_EXECUTE,
					  &g->sid, err);
		}
	}
	return GU_RC_OK;
}

/* What `sd` lacks comes from the creator. */
static enum gu_rc complete(struct gu_sd *sd, enum gu_objtype type,
			   const struct gu_token *creator, uint32_t integrity,
			   struct gu_err *err)
{
	const struct m_place place = { .type = type };
	bool given = sd->control & GU_SE_DACL_PRESENT;
	enum gu_rc rc = add_process_label(sd, integrity, err);

	if (!rc) {
		rc = m_sd_complete(sd, &place, creator, err);
	}
	if (!rc && type == GU_OBJ_process && !given) {
		rc = add_logon_ace(sd, creator, err);
	}
	return rc;
}

static const char *name_for(struct m_world *w, const char *name,
			    const char *made_up, uint32_t number)
{
	return name ? gu_arena_strdup(&w->arena, name)
		    : gu_arena_printf(&w->arena, "%s%u", made_up,
				      (unsigned)number);
}

enum gu_rc m_process_new(struct m_ctx *c, const struct m_process_desc *desc,
			 struct m_process **out)
{
	struct gu_sd sd = GU_SD_INIT;
	const char *name =
		name_for(c->w, desc->name, "process-", c->w->item_count + 1);
	struct m_process *p = gu_calloc(1, sizeof(*p));
	enum gu_rc rc;

	if (desc->sd) {
		sd = *desc->sd;
		*desc->sd = (struct gu_sd)GU_SD_INIT;
	}
	rc = name && p ? complete(&sd, GU_OBJ_process, desc->creator,
				  desc->primary->data->integrity, c->err)
		       : gu_err_nomem(c->err);
	if (!rc) {
		rc = m_item_add(c->w, GU_REF_PROCESS, p, m_item_unref, &p->ref,
				c->err);
	}
	if (rc) {
		gu_sd_release(&sd);
		gu_free(p);
		return rc;
	}
	m_object_init(c->w, &p->obj, GU_OBJ_process, name, &sd);
	p->obj.destroy = process_destroy;
	p->primary = desc->primary;
	m_object_ref(&p->primary->obj);
	*out = p;
	return GU_RC_OK;
}

enum gu_rc m_thread_new(struct m_ctx *c, struct m_process *process,
			const char *name, struct gu_sd *given,
			struct m_thread **out)
{
	const struct gu_token *creator = process->primary->data;
	struct gu_sd sd = GU_SD_INIT;
	struct m_thread *t = gu_calloc(1, sizeof(*t));
	enum gu_rc rc;

	name = name_for(c->w, name, "thread-", process->thread_count + 1);
	if (given) {
		sd = *given;
		*given = (struct gu_sd)GU_SD_INIT;
	}
	rc = name && t ? complete(&sd, GU_OBJ_thread, creator,
				  creator->integrity, c->err)
		       : gu_err_nomem(c->err);
	if (!rc) {
		rc = m_item_add(c->w, GU_REF_THREAD, t, m_item_unref, &t->ref,
				c->err);
	}
	if (rc) {
		gu_sd_release(&sd);
		gu_free(t);
		return rc;
	}
	m_object_init(c->w, &t->obj, GU_OBJ_thread, name, &sd);
	t->obj.destroy = thread_destroy;
	t->process = process;
	process->thread_count++;
	*out = t;
	return GU_RC_OK;
}

enum gu_rc m_primary_of(struct m_world *w, const struct m_token *src,
			struct m_token **out, struct gu_err *err)
{
	return m_token_duplicate(w, src, GU_TOKEN_PRIMARY, GU_LEVEL_ANONYMOUS,
				 false, out, err);
}

enum gu_rc m_fn_CreateThread(struct m_ctx *c)
{
	struct m_thread *t;
	enum gu_rc rc =
		m_thread_new(c, c->thread->process, m_str(c, 0), NULL, &t);

	if (rc) {
		return rc;
	}
	m_decide(c, &t->obj, gu_objtype_row(GU_OBJ_thread)->map.all,
		 gu_objtype_row(GU_OBJ_thread)->map.all);
	m_set_ref(c, t->ref);
	return m_answer_ok(c);
}

/* A child with a copy of that token. Its creator holds all rights to it,
 * whatever its descriptor says. */
static enum gu_rc
create_child(struct m_ctx *c, const struct m_token *token, const char *name)
{
	const uint32_t all = gu_objtype_row(GU_OBJ_process)->map.all;
	struct m_process_desc desc = {
		.name = name,
		.creator = c->thread->process->primary->data,
	};
	struct m_process *child;
	enum gu_rc rc = m_primary_of(c->w, token, &desc.primary, c->err);

	if (rc) {
		return rc;
	}
	rc = m_process_new(c, &desc, &child);
	m_object_unref(c->w, &desc.primary->obj);
	if (rc) {
		return rc;
	}
	child->job_limits = c->thread->process->job_limits;
	m_decide(c, &child->obj, all, all);
	m_set_ref(c, child->ref);
	return m_answer_ok(c);
}

enum gu_rc m_fn_CreateProcess(struct m_ctx *c)
{
	/* The program's file is opened as whoever the thread is now. */
	if (m_below_impersonation(c->thread)) {
		return m_answer_nt(c, GU_NT_BAD_IMPERSONATION_LEVEL);
	}
	return create_child(c, c->thread->process->primary, m_str(c, 0));
}

/* The caller's own identity, or less of it: no privilege is needed to give
 * that to a child. */
static bool own_or_less(const struct gu_token *p, const struct gu_token *t)
{
	return gu_sid_equal(&p->user, &t->user) && p->auth_id == t->auth_id &&
	       t->integrity <= p->integrity;
}

static uint32_t may_assign(struct m_ctx *c, const struct gu_token *token)
{
	const gu_privset needed = GU_PRIV_BIT(GU_PRIV_AssignPrimaryToken) |
				  GU_PRIV_BIT(GU_PRIV_IncreaseQuota);
	const struct gu_token *caller = m_effective(c->thread)->data;

	if (token->type == GU_TOKEN_IMPERSONATION &&
	    token->level < GU_LEVEL_IMPERSONATION) {
		return GU_NT_BAD_IMPERSONATION_LEVEL;
	}
	if (m_below_impersonation(c->thread)) {
		return GU_NT_BAD_IMPERSONATION_LEVEL;
	}
	/* The function enables what is held and disabled. */
	if ((caller->present & needed) == needed ||
	    own_or_less(c->thread->process->primary->data, token)) {
		return GU_NT_SUCCESS;
	}
	return GU_NT_PRIVILEGE_NOT_HELD;
}

enum gu_rc m_fn_CreateProcessAsUser(struct m_ctx *c)
{
	enum { TOKEN, NAME };
	const uint32_t needed = TOKEN_QUERY | TOKEN_ASSIGN_PRIMARY;
	struct m_object *obj;
	uint32_t nt;

	if (!m_has(c, TOKEN)) {
		if (m_below_impersonation(c->thread)) {
			return m_answer_nt(c, GU_NT_BAD_IMPERSONATION_LEVEL);
		}
		return create_child(c, c->thread->process->primary,
				    m_str(c, NAME));
	}
	nt = m_reference(c, TOKEN, GU_OBJ_token, needed, &obj, NULL);
	if (!nt) {
		nt = may_assign(c, ((struct m_token *)obj)->data);
	}
	if (nt) {
		return m_answer_nt(c, nt);
	}
	return create_child(c, (struct m_token *)obj, m_str(c, NAME));
}

static enum gu_rc open_ref(struct m_ctx *c, enum gu_objtype type)
{
	uint32_t desired = m_uint(c, 0, 0);
	struct m_object *obj = m_object_of(c->w, m_ref(c, 1));
	uint32_t granted, nt;

	/* An id that names nothing. */
	if (!obj || obj->type != type) {
		return m_answer_nt(c, GU_NT_INVALID_PARAMETER);
	}
	nt = m_open_check(c, obj, desired, 0, &granted);
	return nt ? m_answer_nt(c, nt) : m_answer_handle(c, obj, granted);
}

enum gu_rc m_fn_OpenProcess(struct m_ctx *c)
{
	return open_ref(c, GU_OBJ_process);
}

enum gu_rc m_fn_OpenThread(struct m_ctx *c)
{
	return open_ref(c, GU_OBJ_thread);
}
