/* SPDX-License-Identifier: MIT */
#include "account.h"

#include "text.h"

#include "banned.h"

#define USUAL_PRIVS                          \
	(GU_PRIV_BIT(GU_PRIV_ChangeNotify) | \
	 GU_PRIV_BIT(GU_PRIV_Impersonate) | GU_PRIV_BIT(GU_PRIV_CreateGlobal))

/* 2 to 36, every privilege there is. */
#define ALL_PRIVS (((UINT64_C(1) << GU_PRIV_COUNT) - 1) & ~UINT64_C(3))

#define SYSTEM_PRIVS                                                         \
	(USUAL_PRIVS | GU_PRIV_BIT(GU_PRIV_Tcb) |                            \
	 GU_PRIV_BIT(GU_PRIV_LockMemory) |                                   \
	 GU_PRIV_BIT(GU_PRIV_ProfileSingleProcess) |                         \
	 GU_PRIV_BIT(GU_PRIV_IncreaseBasePriority) |                         \
	 GU_PRIV_BIT(GU_PRIV_CreatePagefile) |                               \
	 GU_PRIV_BIT(GU_PRIV_CreatePermanent) | GU_PRIV_BIT(GU_PRIV_Debug) | \
	 GU_PRIV_BIT(GU_PRIV_Audit) |                                        \
	 GU_PRIV_BIT(GU_PRIV_IncreaseWorkingSet) |                           \
	 GU_PRIV_BIT(GU_PRIV_TimeZone) |                                     \
	 GU_PRIV_BIT(GU_PRIV_CreateSymbolicLink))

#define SERVICE_PRIVS                                                      \
	(USUAL_PRIVS | GU_PRIV_BIT(GU_PRIV_AssignPrimaryToken) |           \
	 GU_PRIV_BIT(GU_PRIV_IncreaseQuota) | GU_PRIV_BIT(GU_PRIV_Audit) | \
	 GU_PRIV_BIT(GU_PRIV_Systemtime) | GU_PRIV_BIT(GU_PRIV_Shutdown) | \
	 GU_PRIV_BIT(GU_PRIV_Undock) |                                     \
	 GU_PRIV_BIT(GU_PRIV_IncreaseWorkingSet) |                         \
	 GU_PRIV_BIT(GU_PRIV_TimeZone))

enum {
	USUAL_GROUP = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
		      GU_GROUP_ENABLED
};

#define MACHINE "MACHINE\\"

/* Who runs the tests. */
#define CURRENT_USER "user"

struct built_in_group {
	enum gu_wk sid;
	uint32_t attributes; /* 0 ends the list */
};

struct built_in {
	const char *name;
	const char *alias;
	enum gu_wk sid;
	uint64_t auth_id;
	uint32_t integrity;
	gu_privset present;
	gu_privset enabled;
	size_t own_groups;
	struct built_in_group groups[5];
};

static const struct built_in built_ins[] = {
	{
		.name = "NT AUTHORITY\\SYSTEM",
		.alias = "LocalSystem",
		.sid = GU_WK_LOCAL_SYSTEM,
		.auth_id = GU_AUTHID_SYSTEM,
		.integrity = GU_IL_SYSTEM,
		.present = ALL_PRIVS,
		.enabled = SYSTEM_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, USUAL_GROUP },
			    { GU_WK_BUILTIN_ADMINISTRATORS,
			      GU_GROUP_ENABLED_BY_DEFAULT | GU_GROUP_ENABLED |
				      GU_GROUP_OWNER } },
	},
	{
		.name = "NT AUTHORITY\\LOCAL SERVICE",
		.alias = "LocalService",
		.sid = GU_WK_LOCAL_SERVICE,
		.auth_id = GU_AUTHID_LOCAL_SERVICE,
		.integrity = GU_IL_SYSTEM,
		.present = SERVICE_PRIVS,
		.enabled = USUAL_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, USUAL_GROUP },
			    { GU_WK_BUILTIN_USERS, USUAL_GROUP },
			    { GU_WK_SERVICE, USUAL_GROUP } },
	},
	{
		.name = "NT AUTHORITY\\NETWORK SERVICE",
		.alias = "NetworkService",
		.sid = GU_WK_NETWORK_SERVICE,
		.auth_id = GU_AUTHID_NETWORK_SERVICE,
		.integrity = GU_IL_SYSTEM,
		.present = SERVICE_PRIVS,
		.enabled = USUAL_PRIVS,
		.own_groups = 2,
		.groups = { { GU_WK_WORLD, USUAL_GROUP },
			    { GU_WK_AUTHENTICATED_USER, USUAL_GROUP },
			    { GU_WK_BUILTIN_USERS, USUAL_GROUP },
			    { GU_WK_SERVICE, USUAL_GROUP } },
	},
	{
		.name = "NT AUTHORITY\\ANONYMOUS LOGON",
		.alias = "ANONYMOUS",
		.sid = GU_WK_ANONYMOUS,
		.auth_id = GU_AUTHID_ANONYMOUS,
		.integrity = GU_IL_UNTRUSTED,
	},
};

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

static const char *bare_name(const char *name)
{
	const char *slash = strchr(name, '\\');

	return slash ? slash + 1 : name;
}

/* The account of that very name; without a domain it is the machine's. */
static struct m_account *find_exact(const struct m_world *w, const char *name)
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
	struct m_account *a = find_exact(w, name);

	if (a) {
		return a;
	}
	a = w->accounts;
	while (a && gu_strcasecmp(a->bare, name)) {
		a = a->next;
	}
	return a;
}

static const struct built_in *find_built_in(const char *name)
{
	const size_t n = sizeof(built_ins) / sizeof(built_ins[0]);

	for (size_t i = 0; i < n; i++) {
		const struct built_in *b = &built_ins[i];

		if (!gu_strcasecmp(name, b->name) ||
		    !gu_strcasecmp(name, b->alias) ||
		    !gu_strcasecmp(name, bare_name(b->name))) {
			return b;
		}
	}
	return NULL;
}

bool m_is_admin(const struct gu_token *token)
{
	return gu_token_has_sid(
		token, gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS), false);
}

/* What its objects get: full control for the user, SYSTEM and, where the user
 * is one, the administrators. */
static enum gu_rc set_default_dacl(struct gu_token *token, struct gu_err *err)
{
	const struct gu_sid *system = gu_sid_well_known(GU_WK_LOCAL_SYSTEM);
	const struct gu_sid *admins =
		gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS);
	struct gu_acl acl = GU_ACL_INIT;
	enum gu_rc rc = gu_acl_add(&acl, GU_ACE_ALLOW, GU_GENERIC_ALL,
				   &token->user, err);

	if (!rc && !gu_sid_equal(&token->user, system)) {
		rc = gu_acl_add(&acl, GU_ACE_ALLOW, GU_GENERIC_ALL, system,
				err);
	}
	if (!rc && m_is_admin(token)) {
		rc = gu_acl_add(&acl, GU_ACE_ALLOW, GU_GENERIC_ALL, admins,
				err);
	}
	if (rc) {
		gu_acl_release(&acl);
		return rc;
	}
	gu_acl_release(&token->default_dacl);
	token->default_dacl = acl;
	token->has_default_dacl = true;
	return GU_RC_OK;
}

enum gu_rc m_pattern_finish(struct gu_token *token, struct gu_err *err)
{
	token->owner = token->user;
	if (m_is_admin(token)) {
		token->owner = *gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS);
	}
	return set_default_dacl(token, err);
}

static void account_free(struct m_world *w, void *p)
{
	struct m_account *a = p;

	(void)w;
	gu_token_unref(a->token);
	a->token = NULL;
}

/* Puts an account with a name and an empty pattern into the world. */
static enum gu_rc account_new(struct m_world *w, const char *name,
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
	a->bare = bare_name(a->name);
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

static void account_publish(struct m_world *w, struct m_account *a)
{
	a->sid = a->token->user;
	a->next = w->accounts;
	w->accounts = a;
}

static enum gu_rc
fill_built_in(struct gu_token *t, const struct built_in *b, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	t->user = *gu_sid_well_known(b->sid);
	t->primary_group = t->user;
	t->integrity = b->integrity;
	t->present = b->present;
	t->enabled = b->enabled;
	t->default_enabled = b->enabled;
	t->auth_id = b->auth_id;
	for (size_t i = 0; !rc && b->groups[i].attributes; i++) {
		rc = gu_token_add_group(t, gu_sid_well_known(b->groups[i].sid),
					b->groups[i].attributes, err);
	}
	return rc ? rc : m_pattern_finish(t, err);
}

static enum gu_rc make_built_in(struct m_world *w, const struct built_in *b,
				struct m_account **out, struct gu_err *err)
{
	struct m_account *a;
	enum gu_rc rc = account_new(w, b->name, &a, err);

	if (rc) {
		return rc;
	}
	rc = fill_built_in(a->token, b, err);
	if (rc) {
		m_item_drop(w, a->ref);
		return rc;
	}
	a->built_in = true;
	a->own_groups = b->own_groups;
	a->session.auth_id = b->auth_id;
	account_publish(w, a);
	*out = a;
	return GU_RC_OK;
}

enum gu_rc m_account_find(struct m_world *w, const char *name,
			  struct m_account **out, struct gu_err *err)
{
	const struct built_in *b;

	*out = find_made(w, name);
	if (*out) {
		return GU_RC_OK;
	}
	b = find_built_in(name);
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

enum {
	NAME,
	SID,
	GROUPS,
	PRIVILEGES,
	ENABLED,
	INTEGRITY,
	PASSWORD,
	DENIED_LOGONS,
	DISABLED,
	UAC,
	SENSITIVE,
};

enum gu_rc
m_add_groups(struct m_ctx *c, const struct gu_value *v, struct gu_token *token)
{
	const struct gu_sid *admins =
		gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS);
	struct gu_group *groups;
	size_t count;
	enum gu_rc rc = m_sids(c, v, 0, &groups, &count);

	for (size_t i = 0; !rc && i < count; i++) {
		uint32_t attributes = groups[i].attributes;

		if (!attributes) {
			attributes = USUAL_GROUP;
			if (gu_sid_equal(&groups[i].sid, admins)) {
				attributes |= GU_GROUP_OWNER;
			}
		}
		rc = gu_token_add_group(token, &groups[i].sid, attributes,
					c->err);
	}
	return rc;
}

void m_set_privileges(struct gu_token *token, const struct gu_value *present,
		      const struct gu_value *enabled)
{
	if (present->type == GU_V_UINT) {
		token->present = present->u & ALL_PRIVS;
		token->enabled = token->present & USUAL_PRIVS;
	}
	if (enabled->type == GU_V_UINT) {
		token->enabled = enabled->u & ALL_PRIVS;
		token->present |= token->enabled;
	}
	token->default_enabled = token->enabled;
}

/* A new account's own SID, and what everybody has. */
static enum gu_rc
fill_user(struct m_world *w, struct m_account *a, struct gu_err *err)
{
	static const enum gu_wk everybody[] = {
		GU_WK_WORLD,
		GU_WK_AUTHENTICATED_USER,
		GU_WK_LOCAL,
	};
	struct gu_token *t = a->token;
	enum gu_rc rc = GU_RC_OK;

	a->own_groups = sizeof(everybody) / sizeof(everybody[0]);
	for (size_t i = 0; !rc && i < a->own_groups; i++) {
		rc = gu_token_add_group(t, gu_sid_well_known(everybody[i]),
					USUAL_GROUP, err);
	}
	/* RID 513 is "None", the primary group of local accounts. */
	if (!rc && (!gu_sid_append(&t->user, &w->machine, w->next_rid++) ||
		    !gu_sid_append(&t->primary_group, &w->machine, 513))) {
		rc = gu_err_set(err, GU_RC_INTERNAL, "no room for a RID");
	}
	t->present = GU_PRIV_BIT(GU_PRIV_ChangeNotify);
	t->enabled = t->present;
	t->default_enabled = t->present;
	return rc;
}

enum gu_rc
m_account_current(struct m_world *w, struct m_account **out, struct gu_err *err)
{
	struct m_account *a;
	enum gu_rc rc;

	*out = find_exact(w, CURRENT_USER);
	if (*out) {
		return GU_RC_OK;
	}
	rc = account_new(w, CURRENT_USER, &a, err);
	if (rc) {
		return rc;
	}
	rc = fill_user(w, a, err);
	if (!rc) {
		rc = gu_token_add_group(a->token,
					gu_sid_well_known(GU_WK_BUILTIN_USERS),
					USUAL_GROUP, err);
	}
	if (!rc) {
		rc = m_pattern_finish(a->token, err);
	}
	if (rc) {
		m_item_drop(w, a->ref);
		return rc;
	}
	account_publish(w, a);
	*out = a;
	return GU_RC_OK;
}

static enum gu_rc apply_fields(struct m_ctx *c, struct m_account *a)
{
	struct gu_token *t = a->token;
	enum gu_rc rc = m_add_groups(c, m_arg(c, GROUPS), t);

	if (!rc && m_has(c, SID)) {
		rc = m_sid(c, m_arg(c, SID), &t->user);
	}
	if (rc) {
		return rc;
	}
	if (!a->built_in && m_is_admin(t)) {
		t->integrity = GU_IL_HIGH;
		t->present = ALL_PRIVS;
		t->enabled = USUAL_PRIVS;
	}
	m_set_privileges(t, m_arg(c, PRIVILEGES), m_arg(c, ENABLED));
	t->integrity = m_uint(c, INTEGRITY, t->integrity);
	a->denied_logons = m_uint(c, DENIED_LOGONS, 0);
	a->disabled = m_bool(c, DISABLED, false);
	a->uac = m_bool(c, UAC, false);
	a->sensitive = m_bool(c, SENSITIVE, false);
	if (m_has(c, PASSWORD)) {
		a->password = gu_arena_strdup(&c->w->arena, m_str(c, PASSWORD));
		if (!a->password) {
			return gu_err_nomem(c->err);
		}
	}
	return m_pattern_finish(t, c->err);
}

static enum gu_rc make_user(struct m_ctx *c, struct m_account **out)
{
	const char *name = m_str(c, NAME);
	struct m_account *a;
	enum gu_rc rc;

	if (!*bare_name(name)) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "an account needs a name");
	}
	rc = account_new(c->w, name, &a, c->err);
	if (rc) {
		return rc;
	}
	rc = fill_user(c->w, a, c->err);
	if (!rc) {
		rc = apply_fields(c, a);
	}
	if (rc) {
		m_item_drop(c->w, a->ref);
		return rc;
	}
	account_publish(c->w, a);
	*out = a;
	return GU_RC_OK;
}

static enum gu_rc account_identity(struct m_ctx *c, const struct m_account *a)
{
	const struct m_principal *p = m_principal(c->w, &a->sid);

	if (!p) {
		return gu_err_nomem(c->err);
	}
	c->call->out.identity = (struct gu_identity){
		.name = p->who,
		.sid = p->text,
		.level = GU_LEVEL_DELEGATION,
		.integrity = a->token->integrity,
		.auth_id = a->session.auth_id,
	};
	return GU_RC_OK;
}

/* A built-in account keeps what it has and gets what is asked on top. */
enum gu_rc m_fn_account(struct m_ctx *c)
{
	const char *name = m_str(c, NAME);
	struct m_account *a = find_exact(c->w, name);
	enum gu_rc rc = GU_RC_OK;

	if (a && !a->built_in) {
		return gu_err_set(c->err, GU_RC_USAGE,
				  "there is an account named \"%s\" already",
				  a->name);
	}
	if (!a && find_built_in(name)) {
		rc = m_account_find(c->w, name, &a, c->err);
	}
	if (rc) {
		return rc;
	}
	rc = a ? apply_fields(c, a) : make_user(c, &a);
	if (!rc) {
		rc = account_identity(c, a);
	}
	if (rc) {
		return rc;
	}
	m_set_ref(c, a->ref);
	return m_answer_ok(c);
}
