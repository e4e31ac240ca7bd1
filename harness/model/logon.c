/* SPDX-License-Identifier: MIT */
#include "account.h"

#include "text.h"

#include "banned.h"

enum {
	INTERACTIVE = 2,
	NETWORK = 3,
	BATCH = 4,
	SERVICE = 5,
	UNLOCK = 7,
	NETWORK_CLEARTEXT = 8,
	NEW_CREDENTIALS = 9,
};

void m_session_new(struct m_world *w, struct m_session *out)
{
	out->auth_id = m_luid(w);
	out->limited_auth_id = 0;
	out->logon_sid = (struct gu_sid){
		.revision = 1,
		.authority = 5,
		.count = 3,
		.sub = { 5, 0, (uint32_t)m_luid(w) },
	};
}

const struct m_session *
m_account_session(struct m_world *w, struct m_account *a)
{
	if (!a->session.auth_id) {
		m_session_new(w, &a->session);
	}
	if (a->uac && !a->session.limited_auth_id) {
		a->session.limited_auth_id = m_luid(w);
	}
	return &a->session;
}

/* The group that says how a token was logged on; false: none. */
static bool logon_group(uint32_t type, enum gu_wk *out)
{
	switch (type) {
	case INTERACTIVE:
	case UNLOCK:
		*out = GU_WK_INTERACTIVE;
		return true;
	case NETWORK:
	case NETWORK_CLEARTEXT:
		*out = GU_WK_NETWORK;
		return true;
	case BATCH:
		*out = GU_WK_BATCH;
		return true;
	case SERVICE:
		*out = GU_WK_SERVICE;
		return true;
	}
	return false;
}

static enum gu_rc add_logon_groups(struct gu_token *t, uint32_t type,
				   const struct m_session *session,
				   struct gu_err *err)
{
	const uint32_t usual = GU_GROUP_MANDATORY |
			       GU_GROUP_ENABLED_BY_DEFAULT | GU_GROUP_ENABLED;
	enum gu_wk wk;
	enum gu_rc rc = GU_RC_OK;

	if (logon_group(type, &wk) &&
	    !gu_token_find_group(t, gu_sid_well_known(wk))) {
		rc = gu_token_add_group(t, gu_sid_well_known(wk), usual, err);
	}
	if (!rc && gu_sid_is_set(&session->logon_sid)) {
		rc = gu_token_add_group(t, &session->logon_sid,
					usual | (uint32_t)GU_GROUP_LOGON_ID,
					err);
	}
	return rc;
}

/* What a standard user may hold is left of an administrator's token. */
static enum gu_rc limited_half(const struct gu_token *full, uint64_t auth_id,
			       struct gu_token **out, struct gu_err *err)
{
	const gu_privset kept = GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
				GU_PRIV_BIT(GU_PRIV_Shutdown) |
				GU_PRIV_BIT(GU_PRIV_Undock) |
				GU_PRIV_BIT(GU_PRIV_IncreaseWorkingSet) |
				GU_PRIV_BIT(GU_PRIV_TimeZone);
	const struct gu_token_filter filter = {
		.disable = gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS),
		.disable_count = 1,
		.remove = full->present & ~kept,
	};
	struct gu_token *t;
	enum gu_rc rc = gu_token_filter(full, &filter, &t, err);

	if (rc) {
		return rc;
	}
	t->auth_id = auth_id;
	t->integrity = GU_IL_MEDIUM;
	t->elevation = GU_ELEVATION_LIMITED;
	t->token_id = 0;
	t->modified_id = 0;
	rc = gu_principal_finish(t, err);
	if (rc) {
		gu_token_unref(t);
		return rc;
	}
	*out = t;
	return GU_RC_OK;
}

/* Makes the other token of the pair and answers with the limited one. */
static enum gu_rc split(struct m_world *w, const struct m_logon *how,
			struct m_token *full, struct m_token **out,
			struct gu_err *err)
{
	struct gu_token *data;
	struct m_token *limited;
	enum gu_rc rc = limited_half(full->data, how->session->limited_auth_id,
				     &data, err);

	if (!rc) {
		rc = m_token_new(w, data, NULL, &limited, err);
	}
	if (rc) {
		return rc;
	}
	/* Each keeps the other, until the world ends. */
	limited->linked = full;
	full->linked = limited;
	m_object_ref(&limited->obj);
	*out = limited;
	return GU_RC_OK;
}

static bool has_halves(const struct m_logon *how)
{
	const struct m_account *a = how->account;

	return a->uac && gu_principal_is_admin(a->token) &&
	       (how->type == INTERACTIVE || how->type == UNLOCK);
}

/* The full half, where there are two. New. */
static enum gu_rc
logon_data(const struct m_logon *how, struct gu_token **out, struct gu_err *err)
{
	const struct m_account *a = how->account;
	struct gu_token *data;
	enum gu_rc rc = gu_token_copy(a->token, &data, err);

	if (rc) {
		return rc;
	}
	data->auth_id = how->session->auth_id;
	data->origin_auth_id = how->origin;
	data->elevation =
		has_halves(how) ? GU_ELEVATION_FULL : GU_ELEVATION_DEFAULT;
	if (!a->built_in) {
		rc = add_logon_groups(data, how->type, how->session, err);
	}
	if (rc) {
		gu_token_unref(data);
		return rc;
	}
	*out = data;
	return GU_RC_OK;
}

enum gu_rc
m_logon_preview(struct m_account *a, struct gu_token **out, struct gu_err *err)
{
	const struct m_logon how = {
		.account = a,
		.type = INTERACTIVE,
		.session = &a->session,
	};
	struct gu_token *full;
	enum gu_rc rc = logon_data(&how, &full, err);

	if (rc || !has_halves(&how)) {
		*out = rc ? *out : full;
		return rc;
	}
	rc = limited_half(full, a->session.limited_auth_id, out, err);
	gu_token_unref(full);
	return rc;
}

enum gu_rc m_logon(struct m_world *w, const struct m_logon *how,
		   struct m_token **out, struct gu_err *err)
{
	bool halves = has_halves(how);
	struct gu_token *data;
	enum gu_rc rc = logon_data(how, &data, err);

	if (rc) {
		return rc;
	}
	rc = m_token_new(w, data, NULL, out, err);
	if (!rc && halves) {
		struct m_token *full = *out;

		rc = split(w, how, full, out, err);
		if (rc) {
			m_object_unref(w, &full->obj);
		}
	}
	return rc;
}

enum { USER, DOMAIN, PASSWORD, TYPE, PROVIDER };

/* The account that user and domain name; NULL when there is none. */
static enum gu_rc find_user(struct m_ctx *c, struct m_account **out)
{
	const char *user = m_str(c, USER);
	const char *domain = m_str(c, DOMAIN);

	if (domain && *domain && strcmp(domain, ".") && !strchr(user, '\\')) {
		user = gu_arena_printf(c->call->arena, "%s\\%s", domain, user);
		if (!user) {
			return gu_err_nomem(c->err);
		}
	}
	return m_account_find(c->w, user, out, c->err);
}

/* Services log on without a password, and as nothing else; SYSTEM and
 * ANONYMOUS LOGON do not log on at all. */
static bool is_service_account(const struct m_account *a)
{
	return a->token->auth_id == GU_AUTHID_LOCAL_SERVICE ||
	       a->token->auth_id == GU_AUTHID_NETWORK_SERVICE;
}

static uint32_t check_credentials(const struct m_ctx *c,
				  const struct m_account *a, uint32_t type)
{
	const char *password = m_str(c, PASSWORD);

	if (!a) {
		return GU_NT_LOGON_FAILURE;
	}
	if (a->built_in) {
		return is_service_account(a) && type == SERVICE
			       ? GU_NT_SUCCESS
			       : GU_NT_LOGON_FAILURE;
	}
	if (strcmp(password ? password : "", a->password)) {
		return GU_NT_LOGON_FAILURE;
	}
	if (a->disabled) {
		return GU_NT_ACCOUNT_DISABLED;
	}
	/* Accounts with a blank password log on at the console only. */
	if (!*a->password && type != INTERACTIVE && type != UNLOCK) {
		return GU_NT_ACCOUNT_RESTRICTION;
	}
	if (type < 32 && (a->denied_logons & (1u << type))) {
		return GU_NT_LOGON_TYPE_NOT_GRANTED;
	}
	return GU_NT_SUCCESS;
}

static uint64_t caller_session(const struct m_ctx *c)
{
	return m_effective(c->thread)->data->auth_id;
}

/* The caller again, in a session of its own: the credentials are for the
 * network, and nobody looks at them here. */
static enum gu_rc clone_caller(struct m_ctx *c, struct m_token **out)
{
	struct m_token *caller = m_effective(c->thread);
	enum gu_rc rc =
		m_token_duplicate(c->w, caller, GU_TOKEN_PRIMARY,
				  GU_LEVEL_ANONYMOUS, false, out, c->err);

	if (rc) {
		return rc;
	}
	(*out)->data->auth_id = m_luid(c->w);
	(*out)->data->origin_auth_id = caller_session(c);
	return GU_RC_OK;
}

static enum gu_rc log_on(struct m_ctx *c, struct m_account *a, uint32_t type,
			 struct m_token **out)
{
	struct m_session session;
	struct m_logon how = {
		.account = a,
		.type = type,
		.session = &session,
		.origin = caller_session(c),
	};
	struct m_token *primary;
	enum gu_rc rc;

	if (a->built_in) {
		session = a->session;
	} else {
		m_session_new(c->w, &session);
		session.limited_auth_id = m_luid(c->w);
	}
	rc = m_logon(c->w, &how, out, c->err);
	if (rc || type != NETWORK) {
		return rc;
	}
	primary = *out;
	rc = m_token_duplicate(c->w, primary, GU_TOKEN_IMPERSONATION,
			       GU_LEVEL_IMPERSONATION, false, out, c->err);
	m_object_unref(c->w, &primary->obj);
	return rc;
}

static uint32_t check_arguments(const struct m_ctx *c, uint32_t type)
{
	uint32_t provider = m_uint(c, PROVIDER, 0);
	enum gu_wk wk;

	if (type == NEW_CREDENTIALS) {
		/* The Windows NT 3.5 and 4.0 providers do not know it. */
		return provider == 1 || provider == 2 ? GU_NT_INVALID_PARAMETER
						      : GU_NT_SUCCESS;
	}
	return logon_group(type, &wk) && provider <= 3
		       ? GU_NT_SUCCESS
		       : GU_NT_INVALID_PARAMETER;
}

enum gu_rc m_fn_LogonUser(struct m_ctx *c)
{
	uint32_t type = m_uint(c, TYPE, 0);
	struct m_token *token;
	struct m_account *a = NULL;
	uint32_t nt = check_arguments(c, type);
	enum gu_rc rc = GU_RC_OK;

	/* The request travels over a local port, which a thread cannot use
	 * below Impersonation. */
	if (!nt && m_below_impersonation(c->thread)) {
		nt = GU_NT_BAD_IMPERSONATION_LEVEL;
	}
	if (!nt && type != NEW_CREDENTIALS) {
		rc = find_user(c, &a);
		nt = rc ? nt : check_credentials(c, a, type);
	}
	if (rc) {
		return rc;
	}
	if (nt) {
		return m_answer_nt(c, nt);
	}
	rc = type == NEW_CREDENTIALS ? clone_caller(c, &token)
				     : log_on(c, a, type, &token);
	if (rc) {
		return rc;
	}
	/* Whoever logged it on can open it again from a thread. */
	rc = gu_acl_add(&token->obj.sd.dacl, GU_ACE_ALLOW, GU_TOKEN_ALL_ACCESS,
			&m_effective(c->thread)->data->user, c->err);
	if (!rc) {
		rc = m_answer_handle(c, &token->obj, GU_TOKEN_ALL_ACCESS);
	}
	m_object_unref(c->w, &token->obj);
	return rc;
}
