/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "sddl.h"

#include "account.h"
#include "open.h"
#include "process.h"
#include "tokens.h"

#include "banned.h"

/* What scenarios set up. Made by the harness: no access is checked. */

enum gu_rc m_fixture_sddl(struct m_ctx *c, size_t arg, struct gu_sd *out)
{
	const char *text = m_str(c, arg);

	*out = (struct gu_sd)GU_SD_INIT;
	return text ? gu_sddl_parse(out, text, &c->w->machine, c->err)
		    : GU_RC_OK;
}

struct m_process *m_fixture_process(struct m_ctx *c, size_t arg)
{
	struct m_object *obj = m_object_of(c->w, m_ref(c, arg));

	return obj && obj->type == GU_OBJ_process ? (struct m_process *)obj
						  : NULL;
}

enum gu_rc m_fixture_misused(struct m_ctx *c, const char *arg, const char *what)
{
	return gu_err_set(c->err, GU_RC_USAGE, "%s: \"%s\" must be %s",
			  gu_fn_row(c->call->fn)->name, arg, what);
}

enum gu_rc
m_fixture_logon(struct m_ctx *c, struct m_account *a, struct m_token **out)
{
	const struct m_logon how = {
		.account = a,
		.type = 2,
		.session = m_account_session(c->w, a),
	};

	return m_logon(c->w, &how, out, c->err);
}

/* The primary token of a new process. New. */
static enum gu_rc process_token(struct m_ctx *c, struct m_token **out)
{
	enum { NAME, ACCOUNT, TOKEN };
	struct m_account *a;
	enum gu_rc rc;

	if (m_has(c, TOKEN)) {
		struct m_object *obj = m_object_of(c->w, m_ref(c, TOKEN));

		if (!obj || obj->type != GU_OBJ_token) {
			return m_fixture_misused(c, "token", "a token");
		}
		return m_primary_of(c->w, (struct m_token *)obj, out, c->err);
	}
	rc = m_has(c, ACCOUNT) ? m_account_arg(c, m_arg(c, ACCOUNT), &a)
			       : m_account_current(c->w, &a, c->err);
	return rc ? rc : m_fixture_logon(c, a, out);
}

enum gu_rc m_fn_process(struct m_ctx *c)
{
	enum { NAME, ACCOUNT, TOKEN, SDDL, JOB_LIMITS };
	struct gu_sd sd;
	struct m_process_desc desc = { .name = m_str(c, NAME), .sd = &sd };
	struct m_process *p;
	enum gu_rc rc = m_fixture_sddl(c, SDDL, &sd);

	if (rc) {
		return rc;
	}
	rc = process_token(c, &desc.primary);
	if (rc) {
		gu_sd_release(&sd);
		return rc;
	}
	desc.creator = desc.primary->data;
	rc = m_process_new(c, &desc, &p);
	m_object_unref(c->w, &desc.primary->obj);
	if (rc) {
		return rc;
	}
	p->job_limits = m_uint(c, JOB_LIMITS, 0);
	m_token_identity(c->w, p->primary, &c->call->out.identity);
	m_set_ref(c, p->ref);
	return m_answer_ok(c);
}

enum gu_rc m_fn_thread(struct m_ctx *c)
{
	enum { PROCESS, NAME, SDDL };
	struct m_process *p = m_fixture_process(c, PROCESS);
	struct gu_sd sd;
	struct m_thread *t;
	enum gu_rc rc;

	if (!p) {
		return m_fixture_misused(c, "process", "a process");
	}
	rc = m_fixture_sddl(c, SDDL, &sd);
	if (!rc) {
		rc = m_thread_new(c, p, m_str(c, NAME), &sd, &t);
	}
	if (rc) {
		return rc;
	}
	m_identity(c->w, t, &c->call->out.identity);
	m_set_ref(c, t->ref);
	return m_answer_ok(c);
}

/* What a script writes down stays so, but for an owner and group that it
 * leaves out; without a word of it, the object is one that SYSTEM made. */
static enum gu_rc object_sd(struct m_ctx *c, struct gu_sd *sd,
			    const struct m_place *place, bool given)
{
	struct m_account *system;
	enum gu_rc rc =
		m_account_find(c->w, "NT AUTHORITY\\SYSTEM", &system, c->err);

	if (rc) {
		return rc;
	}
	if (!given) {
		return m_sd_complete(sd, place, system->token, c->err);
	}
	if (!gu_sid_is_set(&sd->owner)) {
		sd->owner = system->token->owner;
	}
	if (!gu_sid_is_set(&sd->group)) {
		sd->group = system->token->primary_group;
	}
	return GU_RC_OK;
}

enum gu_rc
m_fixture_object(struct m_ctx *c, enum gu_objtype type, const char *name)
{
	const struct gu_objtype_row *row;

	if (type >= GU_OBJ_COUNT ||
	    !(gu_objtype_row(type)->flags & GU_OBJ_FIXTURE)) {
		return m_fixture_misused(
			c, "type", "a type of object that exists by itself");
	}
	row = gu_objtype_row(type);
	if (!name) {
		return gu_err_set(c->err, GU_RC_USAGE, "%s: a name is missing",
				  row->name);
	}
	if (m_object_find(c->w, type, name)) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "%s: there is one named \"%s\" already",
				  row->name, name);
	}
	return GU_RC_OK;
}

enum gu_rc m_fixture_made(struct m_ctx *c, enum gu_objtype type,
			  const char *name, struct gu_sd *sd)
{
	struct m_object *obj;
	struct gu_ref ref;
	enum gu_rc rc = m_plain_new(c, type, name, sd, &obj);

	if (rc) {
		return rc;
	}
	rc = m_item_add(c->w, GU_REF_OBJECT, obj, m_item_unref, &ref, c->err);
	if (rc) {
		m_object_unref(c->w, obj);
		return rc;
	}
	m_decide(c, obj, 0, 0);
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

enum gu_rc m_fn_object(struct m_ctx *c)
{
	enum { TYPE, NAME, SDDL };
	enum gu_objtype type = (enum gu_objtype)m_uint(c, TYPE, GU_OBJ_COUNT);
	struct m_place place;
	struct gu_sd sd;
	enum gu_rc rc = m_fixture_object(c, type, m_str(c, NAME));

	if (!rc) {
		rc = m_fixture_sddl(c, SDDL, &sd);
	}
	if (rc) {
		return rc;
	}
	place = m_place_of(c->w, type, m_str(c, NAME));
	rc = object_sd(c, &sd, &place, m_has(c, SDDL));
	if (!rc) {
		rc = m_fixture_made(c, type, m_str(c, NAME), &sd);
	}
	gu_sd_release(&sd);
	return rc;
}

enum gu_rc m_fn_existing(struct m_ctx *c)
{
	enum { TYPE, NAME };
	enum gu_objtype type = (enum gu_objtype)m_uint(c, TYPE, GU_OBJ_COUNT);
	struct m_object *obj = NULL;
	struct gu_ref ref;
	enum gu_rc rc;

	if (type < GU_OBJ_COUNT) {
		obj = m_object_find(c->w, type, m_str(c, NAME));
	}
	if (!obj) {
		return gu_err_set(
			c->err, GU_RC_USAGE, "there is no %s named \"%s\"",
			type < GU_OBJ_COUNT ? gu_objtype_row(type)->doc
					    : "object",
			m_str(c, NAME));
	}
	rc = m_item_add(c->w, GU_REF_OBJECT, obj, m_item_unref, &ref, c->err);
	if (rc) {
		return rc;
	}
	m_object_ref(obj);
	m_decide(c, obj, 0, 0);
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

enum gu_rc m_fn_system(struct m_ctx *c)
{
	struct m_settings *s = &c->w->settings;
	bool everyone = m_uint(c, 0, s->everyone_includes_anonymous) != 0;

	if (everyone != s->everyone_includes_anonymous && c->w->anonymous) {
		m_object_unref(c->w, &c->w->anonymous->obj);
		c->w->anonymous = NULL;
	}
	s->everyone_includes_anonymous = everyone;
	s->impersonation_privilege = m_bool(c, 1, s->impersonation_privilege);
	s->rpc_auto_revert = m_bool(c, 2, s->rpc_auto_revert);
	s->static_pipe_before_read = m_bool(c, 3, s->static_pipe_before_read);
	return m_answer_ok(c);
}

/* The fault decorator answers it before it gets here. */
enum gu_rc m_fn_inject(struct m_ctx *c)
{
	return gu_err_set(c->err, GU_RC_UNSUPPORTED, "%s",
			  gu_cap_name(GU_CAP_faults));
}
