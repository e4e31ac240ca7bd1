/* SPDX-License-Identifier: MIT */
#include "account.h"

#include "text.h"

#include "banned.h"

#define MACHINE "MACHINE\\"

/* Who runs the tests. */
#define CURRENT_USER "user"

const struct m_principal *
m_principal(struct m_world *w, const struct gu_sid *sid)
{
	char text[GU_SID_TEXT_MAX];
	struct m_principal *p = w->principals;
	const struct m_account *a;

	while (p && !gu_sid_equal(&p->sid, sid)) {
		p = p->next;
	}
	if (p) {
		return p;
	}
	p = gu_arena_alloc(&w->arena, sizeof(*p));
	if (!p) {
		return NULL;
	}
	p->sid = *sid;
	p->text = gu_arena_strdup(&w->arena, gu_sid_text(sid, text));
	if (!p->text) {
		return NULL;
	}
	a = m_account_of(w, sid);
	p->who = a ? a->name : gu_sid_name(sid);
	if (!p->who) {
		p->who = p->text;
	}
	p->next = w->principals;
	w->principals = p;
	return p;
}

struct m_account *
m_account_of(const struct m_world *w, const struct gu_sid *sid)
{
	struct m_account *a = w->accounts;

	while (a && !gu_sid_equal(&a->sid, sid)) {
		a = a->next;
	}
	return a;
}

struct m_account *m_account_exact(const struct m_world *w, const char *name)
{
	const size_t n = sizeof(MACHINE) - 1;
	struct m_account *a = w->accounts;

	for (; a; a = a->next) {
		if (!gu_strcasecmp(a->name, name) ||
		    (!gu_strncasecmp(a->name, MACHINE, n) &&
		     !gu_strcasecmp(a->name + n, name))) {
			break;
		}
	}
	return a;
}

static struct m_account *find_made(const struct m_world *w, const char *name)
{
	struct m_account *a = m_account_exact(w, name);

	if (a) {
		return a;
	}
	a = w->accounts;
	while (a && gu_strcasecmp(a->bare, name)) {
		a = a->next;
	}
	return a;
}

static void account_free(struct m_world *w, void *p)
{
	struct m_account *a = p;

	(void)w;
	gu_token_unref(a->token);
	a->token = NULL;
}

enum gu_rc m_account_new(struct m_world *w, const char *name,
			 struct m_account **out, struct gu_err *err)
{
	struct m_account *a = gu_arena_alloc(&w->arena, sizeof(*a));
	enum gu_rc rc;

	if (!a) {
		return gu_err_nomem(err);
	}
	a->name = strchr(name, '\\')
			  ? gu_arena_strdup(&w->arena, name)
			  : gu_arena_printf(&w->arena, MACHINE "%s", name);
	a->password = "";
	if (!a->name) {
		return gu_err_nomem(err);
	}
	a->bare = gu_principal_bare_name(a->name);
	rc = gu_token_new(&a->token, err);
	if (rc) {
		return rc;
	}
	rc = m_item_add(w, GU_REF_ACCOUNT, a, account_free, &a->ref, err);
	if (rc) {
		gu_token_unref(a->token);
		return rc;
	}
	*out = a;
	return GU_RC_OK;
}

void m_account_publish(struct m_world *w, struct m_account *a)
{
	a->sid = a->token->user;
	a->next = w->accounts;
	w->accounts = a;
}

static enum gu_rc make_built_in(struct m_world *w, const struct gu_built_in *b,
				struct m_account **out, struct gu_err *err)
{
	struct m_account *a;
	enum gu_rc rc = m_account_new(w, b->name, &a, err);

	if (rc) {
		return rc;
	}
	rc = gu_built_in_fill(a->token, b, err);
	if (rc) {
		m_item_drop(w, a->ref);
		return rc;
	}
	a->built_in = true;
	a->own_groups = b->own_groups;
	a->session.auth_id = b->auth_id;
	m_account_publish(w, a);
	*out = a;
	return GU_RC_OK;
}

enum gu_rc m_account_find(struct m_world *w, const char *name,
			  struct m_account **out, struct gu_err *err)
{
	const struct gu_built_in *b;

	*out = find_made(w, name);
	if (*out) {
		return GU_RC_OK;
	}
	b = gu_built_in_find(name);
	if (!b) {
		return GU_RC_OK;
	}
	*out = find_made(w, b->name);
	return *out ? GU_RC_OK : make_built_in(w, b, out, err);
}

enum gu_rc
m_account_arg(struct m_ctx *c, const struct gu_value *v, struct m_account **out)
{
	enum gu_rc rc;

	if (v->type == GU_V_REF) {
		*out = v->ref.kind == GU_REF_ACCOUNT ? m_item(c->w, v->ref)
						     : NULL;
		if (*out) {
			return GU_RC_OK;
		}
		return gu_err_set(c->err, GU_RC_USAGE,
				  "expected an account, got %s",
				  gu_ref_kind_doc(v->ref.kind));
	}
	rc = m_account_find(c->w, v->str.p, out, c->err);
	if (!rc && !*out) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "there is no account named \"%s\"; make one "
				  "with account{}, or use a built-in one such "
				  "as \"NT AUTHORITY\\SYSTEM\"",
				  v->str.p);
	}
	return rc;
}

enum gu_rc
m_account_fill(struct m_world *w, struct m_account *a, struct gu_err *err)
{
	return gu_principal_user(a->token, &w->machine, w->next_rid++,
				 &a->own_groups, err);
}

enum gu_rc
m_account_current(struct m_world *w, struct m_account **out, struct gu_err *err)
{
	struct m_account *a;
	enum gu_rc rc;

	*out = m_account_exact(w, CURRENT_USER);
	if (*out) {
		return GU_RC_OK;
	}
	rc = m_account_new(w, CURRENT_USER, &a, err);
	if (rc) {
		return rc;
	}
	rc = m_account_fill(w, a, err);
	if (!rc) {
		rc = gu_token_add_group(a->token,
					gu_sid_well_known(GU_WK_BUILTIN_USERS),
					GU_USUAL_GROUP, err);
	}
	if (!rc) {
		rc = gu_principal_finish(a->token, err);
	}
	if (rc) {
		m_item_drop(w, a->ref);
		return rc;
	}
	m_account_publish(w, a);
	*out = a;
	return GU_RC_OK;
}
