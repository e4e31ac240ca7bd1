/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include "native.h"
#include "privilege.h"
#include "probe.h"
#include "sddl.h"
#include "spawn.h"

#include "banned.h"

/* What scenarios set up: processes, threads, tokens. On the conductor, which
 * impersonates nobody. */

const char *w_fix_str(const struct w_fix *f, size_t i)
{
	const struct gu_value *v = w_fix_arg(f, i);

	return v->type == GU_V_STR ? v->str.p : NULL;
}

uint32_t w_fix_uint(const struct w_fix *f, size_t i, uint32_t absent)
{
	const struct gu_value *v = w_fix_arg(f, i);

	return v->type == GU_V_UINT ? (uint32_t)v->u : absent;
}

static bool has(const struct w_fix *f, size_t i)
{
	return w_fix_arg(f, i)->type != GU_V_NONE;
}

enum gu_rc w_fix_ok(struct w_fix *f, struct gu_ref ref)
{
	f->call->out.status =
		(struct gu_status){ .conv = GU_CONV_BOOL, .ok = true };
	f->call->out.value = (struct gu_value){ .type = GU_V_REF, .ref = ref };
	return GU_RC_OK;
}

static enum gu_rc misused(struct w_fix *f, const char *arg, const char *what)
{
	return gu_err_set(f->err, GU_RC_USAGE, "%s: \"%s\" must be %s",
			  gu_fn_row(f->call->fn)->name, arg, what);
}

static enum gu_rc need(struct w_fix *f, enum gu_cap cap)
{
	return w_probe(cap) ? GU_RC_OK
			    : gu_err_set(f->err, GU_RC_UNSUPPORTED,
					 "win32 lacks %s: %s", gu_cap_name(cap),
					 gu_cap_doc(cap));
}

enum gu_rc w_fix_sddl(struct w_fix *f, size_t i, struct gu_buf *out)
{
	const char *text = w_fix_str(f, i);
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc;

	if (!text) {
		return GU_RC_OK;
	}
	rc = gu_sddl_parse(&sd, text, &f->w->machine, f->err);
	if (!rc) {
		gu_sd_encode(&sd, out);
		rc = gu_buf_check(out, f->err);
	}
	gu_sd_release(&sd);
	return rc;
}

/* Puts the descriptor of an SDDL argument on a kernel object, where given. */
static enum gu_rc secure(struct w_fix *f, size_t i, HANDLE object)
{
	struct gu_buf sd = GU_BUF_INIT;
	enum gu_rc rc = w_fix_sddl(f, i, &sd);

	if (!rc && sd.len) {
		SECURITY_INFORMATION parts = w_sd_parts(sd.data);
		gu_privset raised =
			w_privileges_raise(GU_PRIV_BIT(GU_PRIV_Restore));
		BOOL ok = SetKernelObjectSecurity(object, parts, sd.data);

		w_privileges_drop(raised);
		if (!ok) {
			rc = gu_err_set(f->err, GU_RC_USAGE,
					"%s: the system refused the "
					"descriptor: error %lu",
					gu_fn_row(f->call->fn)->name,
					GetLastError());
		}
	}
	gu_buf_release(&sd);
	return rc;
}

static enum gu_rc identity_of(struct w_fix *f, HANDLE token)
{
	struct w_identity id;

	w_identity_of(token, &id);
	return w_identity_lift(f->w, &id, &f->call->out.identity, f->err);
}

/* The tokens of a machine's accounts belong to a logon session that exists:
 * the one that this process runs in. */
static uint64_t own_session(void)
{
	struct w_identity id;
	HANDLE token = NULL;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
		return GU_AUTHID_SYSTEM;
	}
	w_identity_of(token, &id);
	(void)CloseHandle(token);
	return id.auth_id;
}

/* What an interactive logon adds to an account's pattern. New. */
static enum gu_rc
logon(struct w_fix *f, struct w_account *a, struct gu_token **out)
{
	const struct gu_sid *how = gu_sid_well_known(GU_WK_INTERACTIVE);
	enum gu_rc rc = gu_token_copy(a->token, out, f->err);

	if (rc || a->built_in) {
		return rc;
	}
	if (!gu_sid_is_set(&a->logon_sid)) {
		a->logon_sid = (struct gu_sid){
			.revision = 1,
			.authority = 5,
			.count = 3,
			.sub = { 5, 0, 0x10000 + a->ref.id },
		};
	}
	(*out)->auth_id = own_session();
	rc = gu_token_add_group(*out, how, GU_USUAL_GROUP, f->err);
	if (!rc) {
		rc = gu_token_add_group(
			*out, &a->logon_sid,
			GU_USUAL_GROUP | (uint32_t)GU_GROUP_LOGON_ID, f->err);
	}
	if (rc) {
		gu_token_unref(*out);
	}
	return rc;
}

/* Processes */

static enum gu_rc primary_token(struct w_fix *f, HANDLE *out)
{
	enum { NAME, ACCOUNT, TOKEN };
	struct w_account *a;
	struct gu_token *pattern;
	HANDLE given;
	enum gu_rc rc;

	if (has(f, TOKEN)) {
		given = w_own_handle(f->w, w_fix_arg(f, TOKEN)->ref);
		if (!given || !DuplicateTokenEx(given, TOKEN_ALL_ACCESS, NULL,
						SecurityImpersonation,
						TokenPrimary, out)) {
			return misused(f, "token", "a token fixture");
		}
		return GU_RC_OK;
	}
	rc = w_account_arg(f->w, w_fix_arg(f, ACCOUNT), &a, f->err);
	if (!rc) {
		rc = logon(f, a, &pattern);
	}
	if (rc) {
		return rc;
	}
	rc = w_token_create(pattern, out, f->err);
	gu_token_unref(pattern);
	return rc;
}

static enum gu_rc spawn(struct w_fix *f, HANDLE token, struct w_process **out)
{
	PROCESS_INFORMATION made;
	struct w_agent *agent;
	enum gu_rc rc = w_agent_new(&f->w->inbox, &agent, f->err);

	if (rc) {
		return rc;
	}
	if (!w_spawn(token, w_agent_child_in(agent), w_agent_child_out(agent),
		     &made)) {
		rc = gu_err_set(f->err, GU_RC_UNSUPPORTED,
				"win32 lacks accounts: no process can be "
				"started as another user: error %lu",
				GetLastError());
		w_agent_close(agent, NULL);
		return rc;
	}
	(void)CloseHandle(made.hThread);
	rc = w_process_add(f->w, w_fix_str(f, 0), made.hProcess, agent, out,
			   f->err);
	if (rc) {
		w_agent_close(agent, made.hProcess);
		(void)CloseHandle(made.hProcess);
		return rc;
	}
	return w_agent_started(agent, f->err);
}

static enum gu_rc fix_child(struct w_fix *f, struct w_process **out)
{
	HANDLE token = NULL;
	enum gu_rc rc = need(f, GU_CAP_accounts);

	if (!rc) {
		rc = primary_token(f, &token);
	}
	if (rc) {
		return rc;
	}
	rc = spawn(f, token, out);
	if (!rc) {
		rc = identity_of(f, token);
	}
	(void)CloseHandle(token);
	return rc;
}

static enum gu_rc fix_local(struct w_fix *f, struct w_process **out)
{
	HANDLE self = NULL;
	HANDLE token = NULL;
	enum gu_rc rc;

	if (!DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(),
			     GetCurrentProcess(), &self, 0, FALSE,
			     DUPLICATE_SAME_ACCESS) ||
	    !OpenProcessToken(self, TOKEN_QUERY, &token)) {
		return gu_err_set(f->err, GU_RC_IO,
				  "no handle to this process: error %lu",
				  GetLastError());
	}
	rc = w_process_add(f->w, w_fix_str(f, 0), self, NULL, out, f->err);
	if (!rc) {
		rc = identity_of(f, token);
	}
	(void)CloseHandle(token);
	return rc;
}

static enum gu_rc fix_process(struct w_fix *f)
{
	enum { NAME, ACCOUNT, TOKEN, SDDL, JOB_LIMITS };
	struct w_process *p;
	enum gu_rc rc;

	if (has(f, JOB_LIMITS)) {
		return gu_err_set(f->err, GU_RC_UNSUPPORTED,
				  "win32 lacks job_limits: no Windows since "
				  "Vista takes them");
	}
	if (has(f, SDDL) && !has(f, ACCOUNT) && !has(f, TOKEN)) {
		return misused(f, "sddl",
			       "left out where the process is guise itself");
	}
	rc = has(f, ACCOUNT) || has(f, TOKEN) ? fix_child(f, &p)
					      : fix_local(f, &p);
	if (!rc) {
		rc = secure(f, SDDL, p->handle);
	}
	return rc ? rc : w_fix_ok(f, p->ref);
}

static enum gu_rc fix_thread(struct w_fix *f)
{
	enum { PROCESS, NAME, SDDL };
	struct gu_ref ref = w_fix_arg(f, PROCESS)->ref;
	struct w_process *p =
		ref.kind == GU_REF_PROCESS ? w_item(f->w, ref) : NULL;
	struct w_thread *t;
	enum gu_rc rc;

	if (!p) {
		return misused(f, "process", "a process");
	}
	rc = w_thread_new(f->w, p, w_fix_str(f, NAME), &t, f->err);
	if (!rc) {
		rc = secure(f, SDDL, t->handle);
	}
	if (!rc) {
		rc = gu_target_win32.identity(&f->w->base, t->ref,
					      &f->call->out.identity, f->err);
	}
	return rc ? rc : w_fix_ok(f, t->ref);
}

/* Tokens */

/* Fields that only mean something where the system honours them. */
static enum gu_rc token_needs(struct w_fix *f)
{
	static const struct {
		size_t arg;
		enum gu_cap cap;
	} fields[] = {
		{ GU_TOKEN_INTEGRITY, GU_CAP_labels },
		{ GU_TOKEN_RESTRICT, GU_CAP_restricted },
		{ GU_TOKEN_PACKAGE, GU_CAP_containers },
		{ GU_TOKEN_CAPABILITIES, GU_CAP_containers },
		{ GU_TOKEN_ELEVATION, GU_CAP_logon },
		{ GU_TOKEN_ORIGIN, GU_CAP_logon },
		{ GU_TOKEN_SESSION_OF, GU_CAP_logon },
	};
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (has(f, fields[i].arg)) {
			rc = need(f, fields[i].cap);
		}
	}
	return rc;
}

/* The account's own groups make room for those given. */
static enum gu_rc
token_pattern(struct w_fix *f, const struct w_account *a, struct gu_token *t)
{
	size_t own = a->token->group_count - a->own_groups;
	enum gu_rc rc = GU_RC_OK;

	if (has(f, GU_TOKEN_GROUPS)) {
		memmove(&t->groups[a->own_groups],
			&t->groups[a->own_groups + own],
			(t->group_count - a->own_groups - own) *
				sizeof(t->groups[0]));
		t->group_count -= own;
		rc = w_add_groups(f->w, w_fix_arg(f, GU_TOKEN_GROUPS), t,
				  f->err);
	}
	gu_principal_privileges(t, w_fix_arg(f, GU_TOKEN_PRIVILEGES),
				w_fix_arg(f, GU_TOKEN_ENABLED));
	t->integrity = w_fix_uint(f, GU_TOKEN_INTEGRITY, t->integrity);
	t->type = (enum gu_token_type)w_fix_uint(
		f, GU_TOKEN_TYPE,
		has(f, GU_TOKEN_LEVEL) ? GU_TOKEN_IMPERSONATION
				       : GU_TOKEN_PRIMARY);
	if (t->type == GU_TOKEN_IMPERSONATION) {
		t->level = (enum gu_level)w_fix_uint(f, GU_TOKEN_LEVEL,
						     GU_LEVEL_IMPERSONATION);
	}
	if (t->level > GU_LEVEL_DELEGATION) {
		return misused(f, "level", "an impersonation level");
	}
	return rc ? rc : gu_principal_finish(t, f->err);
}

static enum gu_rc
native_sids(struct w_fix *f, size_t i, SID_AND_ATTRIBUTES **out, DWORD *count)
{
	struct gu_group *groups;
	size_t n;
	enum gu_rc rc = w_sids_arg(f->w, w_fix_arg(f, i), &f->w->reading,
				   &groups, &n, f->err);

	if (rc) {
		return rc;
	}
	*count = (DWORD)n;
	*out = gu_arena_alloc(&f->w->reading, (n + 1) * sizeof(**out));
	if (!*out) {
		return gu_err_nomem(f->err);
	}
	for (size_t k = 0; k < n; k++) {
		(*out)[k].Sid = w_sid_to(&groups[k].sid, &f->w->reading);
	}
	return GU_RC_OK;
}

/* Deny-only and restricting SIDs: replaces the token. */
static enum gu_rc token_filter(struct w_fix *f, HANDLE *token)
{
	SID_AND_ATTRIBUTES *disable, *restrict_to;
	DWORD disable_count, restrict_count;
	HANDLE filtered = NULL;
	enum gu_rc rc;

	gu_arena_reset(&f->w->reading);
	rc = native_sids(f, GU_TOKEN_DISABLE, &disable, &disable_count);
	if (!rc) {
		rc = native_sids(f, GU_TOKEN_RESTRICT, &restrict_to,
				 &restrict_count);
	}
	if (rc || (!disable_count && !restrict_count)) {
		return rc;
	}
	if (!CreateRestrictedToken(*token, 0, disable_count, disable, 0, NULL,
				   restrict_count, restrict_to, &filtered)) {
		return gu_err_set(f->err, GU_RC_USAGE,
				  "token: the system refused its SIDs: error "
				  "%lu",
				  GetLastError());
	}
	(void)CloseHandle(*token);
	*token = filtered;
	return GU_RC_OK;
}

static enum gu_rc token_make(struct w_fix *f, HANDLE *out)
{
	struct w_account *a;
	struct gu_token *pattern = NULL;
	enum gu_rc rc =
		w_account_arg(f->w, w_fix_arg(f, GU_TOKEN_ACCOUNT), &a, f->err);

	if (!rc) {
		rc = logon(f, a, &pattern);
	}
	if (rc) {
		return rc;
	}
	rc = token_pattern(f, a, pattern);
	if (!rc) {
		rc = w_token_create(pattern, out, f->err);
	}
	gu_token_unref(pattern);
	if (rc) {
		return rc;
	}
	rc = token_filter(f, out);
	if (!rc) {
		rc = secure(f, GU_TOKEN_SDDL, *out);
	}
	return rc;
}

static enum gu_rc fix_token(struct w_fix *f)
{
	struct w_token *t = gu_arena_alloc(&f->w->arena, sizeof(*t));
	enum gu_rc rc = token_needs(f);

	if (!t) {
		return gu_err_nomem(f->err);
	}
	if (!rc) {
		rc = token_make(f, &t->handle);
	}
	if (!rc) {
		rc = w_item_add(f->w, GU_REF_TOKEN, t, &t->ref, f->err);
	}
	if (rc) {
		if (t->handle) {
			(void)CloseHandle(t->handle);
		}
		return rc;
	}
	rc = identity_of(f, t->handle);
	return rc ? rc : w_fix_ok(f, t->ref);
}

enum gu_rc w_fixture(struct w_fix *f)
{
	static const struct {
		enum gu_fn fn;
		enum gu_rc (*make)(struct w_fix *f);
	} fixtures[] = {
		{ GU_FN_account, w_fix_account },
		{ GU_FN_process, fix_process },
		{ GU_FN_thread, fix_thread },
		{ GU_FN_token, fix_token },
		{ GU_FN_object, w_fix_object },
		{ GU_FN_existing, w_fix_existing },
	};

	for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++) {
		if (fixtures[i].fn == f->call->fn) {
			return fixtures[i].make(f);
		}
	}
	return gu_err_set(f->err, GU_RC_UNSUPPORTED,
			  "win32 lacks %s: this machine's settings are left "
			  "alone",
			  gu_fn_row(f->call->fn)->name);
}
