/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include "native.h"

#include "banned.h"

/* Success is decided by the thread's observed token, never by what the
 * function returned: some systems have functions that claim it and do
 * nothing. */

/* The token that an impersonation was given, as it can be read from here. */
static bool source_of(const struct w_world *w, const struct gu_call *call,
		      TOKEN_STATISTICS *out, struct gu_sid *user)
{
	int arg = gu_fn_arg(call->fn, "token");
	const struct gu_value *v = arg < 0 ? NULL : &call->args[arg];
	const struct w_handle *h;
	HANDLE token = NULL;
	struct w_identity id;
	DWORD got;

	if (!v || v->type != GU_V_REF) {
		return false;
	}
	if (v->ref.kind == GU_REF_HANDLE) {
		h = w_item(w, v->ref);
		if (h && !h->closed && !h->process->agent) {
			token = (HANDLE)(INT_PTR)(int32_t)h->value;
		}
	} else {
		token = w_own_handle(w, v->ref);
	}
	if (!token || !GetTokenInformation(token, TokenStatistics, out,
					   sizeof(*out), &got)) {
		return false;
	}
	w_identity_of(token, &id);
	*user = id.user;
	return id.known;
}

static void set_offered(struct gu_call *call, enum gu_level level)
{
	call->out.offered_known = true;
	call->out.offered = level;
}

/* What is wrong with the identity after an impersonation, or NULL. */
static const char *impersonation_wrong(const struct w_world *w,
				       struct gu_call *call,
				       const struct gu_identity *now)
{
	char text[GU_SID_TEXT_MAX];
	TOKEN_STATISTICS source;
	struct gu_sid user;

	if (call->fn == GU_FN_ImpersonateSelf) {
		set_offered(call, (enum gu_level)call->args[0].u);
	}
	if (!now->impersonating) {
		return "the thread does not impersonate";
	}
	if (!source_of(w, call, &source, &user)) {
		return NULL;
	}
	set_offered(call, source.TokenType == TokenPrimary
				  ? GU_LEVEL_IMPERSONATION
				  : (enum gu_level)source.ImpersonationLevel);
	return *now->sid && strcmp(gu_sid_text(&user, text), now->sid) != 0
		       ? "the thread's token is another user's"
		       : NULL;
}

static bool is_revert(const struct gu_call *call)
{
	const struct gu_fn_row *row = gu_fn_row(call->fn);

	return row->kind == GU_KIND_REVERT ||
	       ((row->flags & GU_FN_NULL_REVERTS) &&
		call->args[gu_fn_arg(call->fn, "token")].type != GU_V_REF);
}

/* COM restores what the thread had before; that may be an identity. */
static bool may_restore(enum gu_fn fn)
{
	return fn == GU_FN_CoRevertToSelf;
}

/* The thread whose token the call changes: another than the caller's where
 * one is given. */
static enum gu_rc subject_now(struct w_world *w, const struct gu_call *call,
			      struct gu_identity *out, struct gu_err *err)
{
	int arg = gu_fn_arg(call->fn, "thread");
	struct gu_ref ref = { GU_REF_NONE, 0 };

	if (arg >= 0 && call->args[arg].type == GU_V_REF) {
		ref = call->args[arg].ref;
	}
	*out = call->out.identity;
	if (ref.kind != GU_REF_THREAD || gu_ref_equal(ref, call->thread) ||
	    !w_item(w, ref)) {
		return GU_RC_OK;
	}
	return w->base.ops->identity(&w->base, ref, out, err);
}

enum gu_rc
w_claim_check(struct w_world *w, struct gu_call *call, struct gu_err *err)
{
	enum gu_fn_kind kind = gu_fn_row(call->fn)->kind;
	struct gu_identity now;
	const char *wrong = NULL;
	enum gu_rc rc;

	if (!call->out.status.ok ||
	    (kind != GU_KIND_IMPERSONATE && kind != GU_KIND_REVERT)) {
		return GU_RC_OK;
	}
	rc = subject_now(w, call, &now, err);
	if (rc) {
		return rc;
	}
	if (!is_revert(call)) {
		wrong = impersonation_wrong(w, call, &now);
	} else if (now.impersonating && !may_restore(call->fn)) {
		wrong = "the thread still impersonates";
	}
	if (!wrong) {
		return GU_RC_OK;
	}
	call->out.remark = gu_arena_printf(
		call->arena, "claims success, but %s: it acts as %s at %s",
		wrong, now.name, gu_level_name(now.level));
	return call->out.remark ? GU_RC_OK : gu_err_nomem(err);
}
