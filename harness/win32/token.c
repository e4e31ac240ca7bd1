/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include <winternl.h>

#include "alloc.h"
#include "native.h"
#include "privilege.h"

#include "banned.h"

/* Real tokens from patterns, and patterns from real tokens. */

typedef LONG(WINAPI *create_fn)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *,
				TOKEN_TYPE, LUID *, LARGE_INTEGER *,
				TOKEN_USER *, TOKEN_GROUPS *,
				TOKEN_PRIVILEGES *, TOKEN_OWNER *,
				TOKEN_PRIMARY_GROUP *, TOKEN_DEFAULT_DACL *,
				TOKEN_SOURCE *);

/* The structures that NtCreateToken takes, for the time of one call. */
struct made {
	struct gu_arena arena;
	TOKEN_USER user;
	TOKEN_GROUPS *groups;
	TOKEN_PRIVILEGES *privs;
	TOKEN_OWNER owner;
	TOKEN_PRIMARY_GROUP group;
	TOKEN_DEFAULT_DACL dacl;
	LUID session;
};

static bool make_groups(struct made *m, const struct gu_token *t)
{
	m->groups = gu_arena_alloc(&m->arena,
				   sizeof(*m->groups) +
					   (t->group_count + 1) *
						   sizeof(SID_AND_ATTRIBUTES));
	if (!m->groups) {
		return false;
	}
	for (size_t i = 0; i < t->group_count; i++) {
		SID_AND_ATTRIBUTES *g = &m->groups->Groups[i];

		g->Sid = w_sid_to(&t->groups[i].sid, &m->arena);
		g->Attributes = t->groups[i].attributes;
		if (!g->Sid) {
			return false;
		}
	}
	m->groups->GroupCount = (DWORD)t->group_count;
	return true;
}

static bool make_privs(struct made *m, const struct gu_token *t)
{
	m->privs = gu_arena_alloc(
		&m->arena, sizeof(*m->privs) +
				   GU_PRIV_COUNT * sizeof(LUID_AND_ATTRIBUTES));
	if (!m->privs) {
		return false;
	}
	for (DWORD luid = 0; luid < GU_PRIV_COUNT; luid++) {
		gu_privset bit = GU_PRIV_BIT(luid);
		LUID_AND_ATTRIBUTES *p =
			&m->privs->Privileges[m->privs->PrivilegeCount];

		if (!(t->present & bit)) {
			continue;
		}
		p->Luid.LowPart = luid;
		p->Attributes = (t->enabled & bit ? SE_PRIVILEGE_ENABLED : 0) |
				(t->default_enabled & bit
					 ? SE_PRIVILEGE_ENABLED_BY_DEFAULT
					 : 0);
		m->privs->PrivilegeCount++;
	}
	return true;
}

static bool make_rest(struct made *m, const struct gu_token *t)
{
	struct gu_buf acl = GU_BUF_INIT;

	m->user.User.Sid = w_sid_to(&t->user, &m->arena);
	m->owner.Owner = w_sid_to(&t->owner, &m->arena);
	m->group.PrimaryGroup = w_sid_to(&t->primary_group, &m->arena);
	if (t->has_default_dacl) {
		gu_acl_encode(&t->default_dacl, &acl);
		m->dacl.DefaultDacl =
			(ACL *)gu_arena_strndup(&m->arena, acl.data, acl.len);
	}
	gu_buf_release(&acl);
	m->session.LowPart = (DWORD)t->auth_id;
	m->session.HighPart = (LONG)(t->auth_id >> 32);
	return m->user.User.Sid && m->owner.Owner && m->group.PrimaryGroup;
}

static create_fn creator(void)
{
	return (create_fn)(void *)w_resolve("ntdll.dll", "NtCreateToken");
}

static uint32_t create(struct made *m, const struct gu_token *t, HANDLE *out)
{
	SECURITY_QUALITY_OF_SERVICE sqos = {
		.Length = sizeof(sqos),
		.ImpersonationLevel = (SECURITY_IMPERSONATION_LEVEL)t->level,
	};
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes),
					 .SecurityQualityOfService = &sqos };
	LARGE_INTEGER never = { .QuadPart = INT64_MAX };
	TOKEN_SOURCE source = { .SourceName = "guise" };

	return (uint32_t)creator()(out, TOKEN_ALL_ACCESS, &attributes,
				   (TOKEN_TYPE)t->type, &m->session, &never,
				   &m->user, m->groups, m->privs, &m->owner,
				   &m->group, &m->dacl, &source);
}

/* Not every system takes a label from NtCreateToken's groups; all take this. */
static void set_label(HANDLE token, uint32_t integrity, struct gu_arena *arena)
{
	TOKEN_MANDATORY_LABEL label = {
		.Label = { .Attributes = SE_GROUP_INTEGRITY }
	};
	struct gu_sid sid;

	gu_sid_from_il(&sid, integrity);
	label.Label.Sid = w_sid_to(&sid, arena);
	if (label.Label.Sid) {
		(void)SetTokenInformation(token, TokenIntegrityLevel, &label,
					  sizeof(label));
	}
}

static enum gu_rc try_create(const struct gu_token *t, HANDLE *out,
			     uint32_t *nt, struct gu_err *err)
{
	struct made m = { .arena = GU_ARENA_INIT };
	gu_privset raised;
	enum gu_rc rc = GU_RC_OK;

	if (!make_groups(&m, t) || !make_privs(&m, t) || !make_rest(&m, t)) {
		rc = gu_err_nomem(err);
	} else {
		raised = w_privileges_raise(GU_PRIV_BIT(GU_PRIV_CreateToken));
		*nt = create(&m, t, out);
		w_privileges_drop(raised);
		if (gu_nt_success(*nt)) {
			set_label(*out, t->integrity, &m.arena);
		}
	}
	gu_arena_release(&m.arena);
	return rc;
}

/* Some systems want the primary group among the groups even where it is the
 * user. */
static enum gu_rc retry_with_group(const struct gu_token *t, HANDLE *out,
				   uint32_t *nt, struct gu_err *err)
{
	struct gu_token *copy;
	enum gu_rc rc = gu_token_copy(t, &copy, err);

	if (rc) {
		return rc;
	}
	rc = gu_token_add_group(copy, &t->primary_group, GU_USUAL_GROUP, err);
	if (!rc) {
		rc = try_create(copy, out, nt, err);
	}
	gu_token_unref(copy);
	return rc;
}

enum gu_rc
w_token_create(const struct gu_token *pattern, HANDLE *out, struct gu_err *err)
{
	const uint32_t invalid_primary_group = 0xC000005B;
	uint32_t nt;
	enum gu_rc rc;

	if (!creator()) {
		return gu_err_set(err, GU_RC_UNSUPPORTED,
				  "win32 lacks accounts: there is no "
				  "NtCreateToken");
	}
	rc = try_create(pattern, out, &nt, err);
	if (!rc && nt == invalid_primary_group) {
		rc = retry_with_group(pattern, out, &nt, err);
	}
	if (!rc && !gu_nt_success(nt)) {
		rc = gu_err_set(err, GU_RC_UNSUPPORTED,
				"win32 lacks accounts: NtCreateToken refused "
				"with 0x%08X",
				(unsigned)nt);
	}
	return rc;
}

/* Reading */

static const struct gu_token *
remembered(const struct w_world *w, uint64_t id, uint64_t modified)
{
	const struct w_seen_token *s = w->tokens;

	while (s &&
	       (s->data->token_id != id || s->data->modified_id != modified)) {
		s = s->next;
	}
	return s ? s->data : NULL;
}

const struct gu_token *w_handle_token(struct w_world *w, HANDLE token)
{
	struct w_seen_token *s;
	struct w_identity id;
	const struct gu_token *seen;

	w_identity_of(token, &id);
	seen = id.known ? remembered(w, id.token_id, id.modified_id) : NULL;
	if (seen || !id.known) {
		return seen;
	}
	gu_arena_reset(&w->reading);
	s = gu_arena_alloc(&w->arena, sizeof(*s));
	if (!s || w_token_read(token, &w->reading, &s->data, NULL)) {
		return NULL;
	}
	s->next = w->tokens;
	w->tokens = s;
	return s->data;
}

const struct gu_token *w_thread_token(struct w_world *w,
				      const struct w_thread *t,
				      const struct w_identity *now)
{
	const struct gu_token *seen =
		remembered(w, now->token_id, now->modified_id);
	HANDLE token = NULL;
	BOOL ok;

	if (seen) {
		return seen;
	}
	ok = now->impersonating
		     ? OpenThreadToken(t->handle, TOKEN_QUERY, TRUE, &token)
		     : OpenProcessToken(t->process->handle, TOKEN_QUERY,
					&token);
	if (!ok) {
		return NULL;
	}
	seen = w_handle_token(w, token);
	(void)CloseHandle(token);
	return seen;
}
