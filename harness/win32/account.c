/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include <string.h>
#include <wchar.h>

#include "native.h"
#include "sddl.h"
#include "text.h"

#include "banned.h"

/* Accounts that scenarios name, and who SIDs are. */

#define MACHINE "MACHINE\\"

static struct w_account *find_made(const struct w_world *w, const char *name)
{
	struct w_account *a = w->accounts;

	while (a && gu_strcasecmp(a->name, name) != 0 &&
	       gu_strcasecmp(gu_principal_bare_name(a->name), name) != 0) {
		a = a->next;
	}
	return a;
}

static enum gu_rc account_new(struct w_world *w, const char *name,
			      struct w_account **out, struct gu_err *err)
{
	struct w_account *a = gu_arena_alloc(&w->arena, sizeof(*a));
	enum gu_rc rc;

	if (!a) {
		return gu_err_nomem(err);
	}
	a->name = strchr(name, '\\')
			  ? gu_arena_strdup(&w->arena, name)
			  : gu_arena_printf(&w->arena, MACHINE "%s", name);
	if (!a->name) {
		return gu_err_nomem(err);
	}
	rc = gu_token_new(&a->token, err);
	if (rc) {
		return rc;
	}
	rc = w_item_add(w, GU_REF_ACCOUNT, a, &a->ref, err);
	if (rc) {
		gu_token_unref(a->token);
		return rc;
	}
	*out = a;
	return GU_RC_OK;
}

static void publish(struct w_world *w, struct w_account *a)
{
	a->sid = a->token->user;
	a->next = w->accounts;
	w->accounts = a;
	w->shown = NULL; /* names may have changed */
}

enum gu_rc w_account_find(struct w_world *w, const char *name,
			  struct w_account **out, struct gu_err *err)
{
	const struct gu_built_in *b;
	enum gu_rc rc;

	*out = find_made(w, name);
	b = *out ? NULL : gu_built_in_find(name);
	if (!b) {
		return GU_RC_OK;
	}
	*out = find_made(w, b->name);
	if (*out) {
		return GU_RC_OK;
	}
	rc = account_new(w, b->name, out, err);
	if (!rc) {
		rc = gu_built_in_fill((*out)->token, b, err);
	}
	if (rc) {
		return rc;
	}
	(*out)->built_in = true;
	(*out)->own_groups = b->own_groups;
	(*out)->auth_id = b->auth_id;
	publish(w, *out);
	return GU_RC_OK;
}

enum gu_rc w_account_arg(struct w_world *w, const struct gu_value *v,
			 struct w_account **out, struct gu_err *err)
{
	enum gu_rc rc;

	if (v->type == GU_V_REF) {
		*out = v->ref.kind == GU_REF_ACCOUNT ? w_item(w, v->ref) : NULL;
		return *out ? GU_RC_OK
			    : gu_err_set(err, GU_RC_USAGE,
					 "expected an account, got %s",
					 gu_ref_kind_doc(v->ref.kind));
	}
	rc = w_account_find(w, v->str.p, out, err);
	if (!rc && !*out) {
		return gu_err_set(err, GU_RC_USAGE,
				  "there is no account named \"%s\"; make one "
				  "with account{}, or use a built-in one such "
				  "as \"NT AUTHORITY\\SYSTEM\"",
				  v->str.p);
	}
	return rc;
}

static bool token_user(HANDLE token, struct gu_sid *out)
{
	struct w_identity id;

	w_identity_of(token, &id);
	*out = id.user;
	return id.known;
}

static enum gu_rc sid_of_ref(struct w_world *w, struct gu_ref ref,
			     struct gu_sid *out, struct gu_err *err)
{
	HANDLE token = w_own_handle(w, ref);
	const struct w_handle *h;

	if (ref.kind == GU_REF_ACCOUNT && w_item(w, ref)) {
		*out = ((const struct w_account *)w_item(w, ref))->sid;
		return GU_RC_OK;
	}
	if (ref.kind == GU_REF_HANDLE) {
		h = w_item(w, ref);
		token = h && !h->process->agent
				? (HANDLE)(INT_PTR)(int32_t)h->value
				: NULL;
	}
	if (token && w_type_of(w, ref) == GU_OBJ_token &&
	    token_user(token, out)) {
		return GU_RC_OK;
	}
	return gu_err_set(err, GU_RC_USAGE,
			  "expected a SID, an account or a token, got %s",
			  gu_ref_kind_doc(ref.kind));
}

static enum gu_rc sid_of_text(struct w_world *w, const struct gu_value *v,
			      struct gu_sid *out, struct gu_err *err)
{
	struct w_account *a;
	enum gu_rc rc;

	rc = w_account_find(w, v->str.p, &a, err);
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
	rc = gu_sddl_parse_sid(out, v->str.p, v->str.len, &w->machine, err);
	if (rc == GU_RC_USAGE) {
		return gu_err_set(err, GU_RC_USAGE,
				  "\"%s\" is neither a SID nor the name of an "
				  "account or group",
				  v->str.p);
	}
	return rc;
}

enum gu_rc w_sid_arg(struct w_world *w, const struct gu_value *v,
		     struct gu_sid *out, struct gu_err *err)
{
	if (v->type == GU_V_REF) {
		return sid_of_ref(w, v->ref, out, err);
	}
	if (v->type == GU_V_STR) {
		return sid_of_text(w, v, out, err);
	}
	return gu_err_set(err, GU_RC_USAGE,
			  "expected a SID, a name, an account or a token");
}

static enum gu_rc group_arg(struct w_world *w, const struct gu_value *v,
			    struct gu_group *out, struct gu_err *err)
{
	const struct gu_value *sid = v->type == GU_V_TABLE ? NULL : v;

	for (uint32_t i = 0; v->type == GU_V_TABLE && i < v->count; i++) {
		const struct gu_field *f = &v->fields[i];

		if (strcmp(f->name, "sid") == 0) {
			sid = &f->value;
		} else if (strcmp(f->name, "attributes") == 0 &&
			   f->value.type == GU_V_UINT) {
			out->attributes = (uint32_t)f->value.u;
		}
	}
	if (!sid) {
		return gu_err_set(err, GU_RC_USAGE,
				  "a group needs the field \"sid\"");
	}
	return w_sid_arg(w, sid, &out->sid, err);
}

enum gu_rc w_sids_arg(struct w_world *w, const struct gu_value *v,
		      struct gu_arena *arena, struct gu_group **out,
		      size_t *count, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	*out = NULL;
	*count = 0;
	if (v->type != GU_V_LIST || !v->count) {
		return GU_RC_OK;
	}
	*out = gu_arena_alloc(arena, v->count * sizeof(**out));
	if (!*out) {
		return gu_err_nomem(err);
	}
	*count = v->count;
	for (uint32_t i = 0; !rc && i < v->count; i++) {
		rc = group_arg(w, &v->list[i], &(*out)[i], err);
	}
	return rc;
}

/* Who the system says it is; "" when it does not know either. */
static const char *system_name(struct w_world *w, const struct gu_sid *sid)
{
	wchar_t name[256], domain[256], both[520];
	DWORD name_len = 256, domain_len = 256;
	SID_NAME_USE use;
	PSID native = w_sid_to(sid, &w->reading);

	if (!native || !LookupAccountSidW(NULL, native, name, &name_len, domain,
					  &domain_len, &use)) {
		return "";
	}
	(void)_snwprintf(both, sizeof(both) / sizeof(both[0]), L"%ls%ls%ls",
			 domain, *domain ? L"\\" : L"", name);
	return w_narrow(&w->arena, both);
}

static const char *name_of(struct w_world *w, const struct gu_sid *sid)
{
	const struct w_account *a = w->accounts;
	const char *name;

	while (a && !gu_sid_equal(&a->sid, sid)) {
		a = a->next;
	}
	if (a) {
		return a->name;
	}
	name = gu_sid_name(sid);
	return name ? name : system_name(w, sid);
}

const struct w_shown *w_show(struct w_world *w, const struct gu_sid *sid)
{
	char text[GU_SID_TEXT_MAX];
	struct w_shown *s = w->shown;

	while (s && !gu_sid_equal(&s->sid, sid)) {
		s = s->next;
	}
	if (s) {
		return s;
	}
	s = gu_arena_alloc(&w->arena, sizeof(*s));
	if (!s) {
		return NULL;
	}
	s->sid = *sid;
	s->text = gu_arena_strdup(&w->arena, gu_sid_text(sid, text));
	s->name = name_of(w, sid);
	if (!s->text || !s->name) {
		return NULL;
	}
	if (!*s->name) {
		s->name = s->text;
	}
	s->next = w->shown;
	w->shown = s;
	return s;
}

enum gu_rc w_identity_lift(struct w_world *w, const struct w_identity *in,
			   struct gu_identity *out, struct gu_err *err)
{
	const struct w_shown *who = NULL;

	if (gu_sid_is_set(&in->user)) {
		who = w_show(w, &in->user);
		if (!who) {
			return gu_err_nomem(err);
		}
	}
	*out = (struct gu_identity){
		.name = who ? who->name : "(not readable)",
		.sid = who ? who->text : "",
		.level = in->level,
		.impersonating = in->impersonating,
		.integrity = in->integrity,
		.token_id = in->token_id,
		.auth_id = in->auth_id,
	};
	return GU_RC_OK;
}

enum gu_rc w_identity_from_outside(struct w_world *w, const struct w_thread *t,
				   struct gu_identity *out, struct gu_err *err)
{
	struct w_identity id;
	HANDLE token = NULL;

	if (OpenThreadToken(t->handle, TOKEN_QUERY, TRUE, &token)) {
		w_identity_of(token, &id);
		id.impersonating = true;
	} else if (GetLastError() != ERROR_NO_TOKEN ||
		   !OpenProcessToken(t->process->handle, TOKEN_QUERY, &token)) {
		id = (struct w_identity){ .impersonating = true,
					  .level = GU_LEVEL_ANONYMOUS };
	} else {
		w_identity_of(token, &id);
	}
	if (token) {
		(void)CloseHandle(token);
	}
	return w_identity_lift(w, &id, out, err);
}

/* The fixture */

enum gu_rc w_add_groups(struct w_world *w, const struct gu_value *v,
			struct gu_token *token, struct gu_err *err)
{
	const struct gu_sid *admins =
		gu_sid_well_known(GU_WK_BUILTIN_ADMINISTRATORS);
	struct gu_group *groups;
	size_t count;
	enum gu_rc rc;

	gu_arena_reset(&w->reading);
	rc = w_sids_arg(w, v, &w->reading, &groups, &count, err);
	for (size_t i = 0; !rc && i < count; i++) {
		uint32_t attributes = groups[i].attributes;

		if (!attributes) {
			attributes = GU_USUAL_GROUP;
			if (gu_sid_equal(&groups[i].sid, admins)) {
				attributes |= GU_GROUP_OWNER;
			}
		}
		rc = gu_token_add_group(token, &groups[i].sid, attributes, err);
	}
	return rc;
}

static enum gu_rc apply_fields(struct w_fix *f, struct w_account *a)
{
	struct gu_token *t = a->token;
	enum gu_rc rc =
		w_add_groups(f->w, w_fix_arg(f, GU_ACCOUNT_GROUPS), t, f->err);

	if (!rc && w_fix_arg(f, GU_ACCOUNT_SID)->type != GU_V_NONE) {
		rc = w_sid_arg(f->w, w_fix_arg(f, GU_ACCOUNT_SID), &t->user,
			       f->err);
	}
	if (rc) {
		return rc;
	}
	if (!a->built_in && gu_principal_is_admin(t)) {
		t->integrity = GU_IL_HIGH;
		t->present = GU_ALL_PRIVS;
		t->enabled = GU_USUAL_PRIVS;
	}
	gu_principal_privileges(t, w_fix_arg(f, GU_ACCOUNT_PRIVILEGES),
				w_fix_arg(f, GU_ACCOUNT_ENABLED));
	t->integrity = w_fix_uint(f, GU_ACCOUNT_INTEGRITY, t->integrity);
	return gu_principal_finish(t, f->err);
}

static enum gu_rc make_user(struct w_fix *f, struct w_account **out)
{
	const char *name = w_fix_str(f, GU_ACCOUNT_NAME);
	enum gu_rc rc;

	if (!*gu_principal_bare_name(name)) {
		return gu_err_set(f->err, GU_RC_USAGE,
				  "an account needs a name");
	}
	rc = account_new(f->w, name, out, f->err);
	if (!rc) {
		rc = gu_principal_user((*out)->token, &f->w->machine,
				       f->w->next_rid++, &(*out)->own_groups,
				       f->err);
	}
	if (!rc) {
		rc = apply_fields(f, *out);
	}
	if (!rc) {
		publish(f->w, *out);
	}
	return rc;
}

/* Made-up accounts cannot log on: what only a logon would look at is refused
 * rather than ignored. */
static enum gu_rc refuse_logon_fields(struct w_fix *f)
{
	static const struct {
		int arg;
		const char *name;
		enum gu_cap cap;
	} fields[] = {
		{ GU_ACCOUNT_PASSWORD, "password", GU_CAP_logon },
		{ GU_ACCOUNT_DENIED_LOGONS, "denied_logons", GU_CAP_logon },
		{ GU_ACCOUNT_DISABLED, "disabled", GU_CAP_logon },
		{ GU_ACCOUNT_UAC, "uac", GU_CAP_logon },
		{ GU_ACCOUNT_SENSITIVE, "sensitive", GU_CAP_logon },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (w_fix_arg(f, (size_t)fields[i].arg)->type != GU_V_NONE) {
			return gu_err_set(f->err, GU_RC_UNSUPPORTED,
					  "win32 lacks %s: an account's %s is "
					  "only for those who log on",
					  gu_cap_name(fields[i].cap),
					  fields[i].name);
		}
	}
	return GU_RC_OK;
}

enum gu_rc w_fix_account(struct w_fix *f)
{
	const char *name = w_fix_str(f, GU_ACCOUNT_NAME);
	struct w_account *a = find_made(f->w, name);
	enum gu_rc rc = refuse_logon_fields(f);

	if (!rc && a && !a->built_in) {
		return gu_err_set(f->err, GU_RC_USAGE,
				  "there is an account named \"%s\" already",
				  a->name);
	}
	if (!rc && !a) {
		rc = w_account_find(f->w, name, &a, f->err);
	}
	if (rc) {
		return rc;
	}
	rc = a ? apply_fields(f, a) : make_user(f, &a);
	if (!rc) {
		const struct w_identity id = { .known = true,
					       .level = GU_LEVEL_DELEGATION,
					       .integrity = a->token->integrity,
					       .user = a->sid };

		rc = w_identity_lift(f->w, &id, &f->call->out.identity, f->err);
	}
	return rc ? rc : w_fix_ok(f, a->ref);
}
