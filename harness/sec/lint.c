/* SPDX-License-Identifier: MIT */
#include "lint.h"

#include <stdarg.h>
#include <stdio.h>

#include "access.h"
#include "condition.h"
#include "sddl.h"
#include "banned.h"

static const char *const names[GU_LINT_COUNT] = {
	[GU_LINT_ORDER] = "non-canonical-order",
	[GU_LINT_NULL_DACL] = "null-dacl",
	[GU_LINT_EMPTY_DACL] = "empty-dacl",
	[GU_LINT_DENY_OWNER] = "deny-owner",
	[GU_LINT_EVERYONE_WRITE] = "everyone-write",
	[GU_LINT_ANONYMOUS] = "anonymous-allow",
	[GU_LINT_UNRESOLVED] = "unresolved-sid",
	[GU_LINT_NO_RIGHTS] = "no-rights",
	[GU_LINT_NO_EFFECT] = "no-effect",
	[GU_LINT_BAD_DATA] = "bad-data",
	[GU_LINT_NO_OWNER] = "no-owner",
};

const char *gu_lint_name(enum gu_lint lint)
{
	return names[lint];
}

struct linter {
	const struct gu_sd *sd;
	const struct gu_sid *domain;
	gu_lint_fn tell;
	void *arg;
	bool sacl;
	uint32_t at; /* the ACE looked at */
	const struct gu_ace *ace;
	struct gu_buf text;
	bool oom;
};

static void warn(struct linter *l, enum gu_lint lint, const char *fmt, ...)
	GU_PRINTF(3, 4);

static void warn(struct linter *l, enum gu_lint lint, const char *fmt, ...)
{
	char sentence[512];
	va_list va;

	va_start(va, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, va);
	va_end(va);
	l->tell(l->arg, &(struct gu_lint_warning){
				.lint = lint,
				.sacl = l->sacl,
				.ace = l->ace ? l->at : GU_LINT_NO_ACE,
				.sentence = sentence,
			});
}

/* A SID with its name, where it has one. Valid until the next. */
static const char *sid_text(struct linter *l, const struct gu_sid *sid)
{
	const char *name = gu_sid_name(sid);

	gu_buf_reset(&l->text);
	gu_sid_format(sid, &l->text);
	if (name) {
		gu_buf_addf(&l->text, " (%s)", name);
	}
	l->oom = l->oom || l->text.oom;
	return l->text.data;
}

static bool is_deny(uint8_t type)
{
	return type == GU_ACE_DENY || type == GU_ACE_DENY_OBJECT ||
	       type == GU_ACE_DENY_CALLBACK ||
	       type == GU_ACE_DENY_CALLBACK_OBJECT;
}

static bool is_allow(uint8_t type)
{
	return type == GU_ACE_ALLOW || type == GU_ACE_ALLOW_OBJECT ||
	       type == GU_ACE_ALLOW_CALLBACK ||
	       type == GU_ACE_ALLOW_CALLBACK_OBJECT ||
	       type == GU_ACE_ALLOW_COMPOUND;
}

static bool is_wk(const struct gu_sid *sid, enum gu_wk wk)
{
	return gu_sid_equal(sid, gu_sid_well_known(wk));
}

/* Explicit before inherited; among the explicit, denials first. Inherited ones
 * keep the order of the ancestors they come from. */
static void lint_order(struct linter *l, const struct gu_acl *acl)
{
	bool allowed = false, inherited = false;

	for (l->at = 0; l->at < acl->count; l->at++) {
		l->ace = &acl->aces[l->at];
		if (l->ace->flags & GU_ACE_INHERITED) {
			inherited = true;
		} else if (inherited) {
			warn(l, GU_LINT_ORDER,
			     "an explicit entry stands behind an inherited "
			     "one; editors put it first and so change what "
			     "the list means");
			break;
		} else if (is_allow(l->ace->type)) {
			allowed = true;
		} else if (allowed && is_deny(l->ace->type)) {
			warn(l, GU_LINT_ORDER,
			     "a denial stands behind an allowing entry, which "
			     "is asked first");
			break;
		}
	}
}

/* Rights that change the object or take it over, whatever its type: specific
 * rights are counted as a file's. */
enum {
	WRITES = GU_DELETE | GU_WRITE_DAC | GU_WRITE_OWNER | GU_GENERIC_ALL |
		 GU_GENERIC_WRITE | 0x2 | 0x4 | 0x10 | 0x40 | 0x100,
};

static void lint_openness(struct linter *l)
{
	const struct gu_ace *ace = l->ace;

	if (!is_allow(ace->type) || (ace->flags & GU_ACE_INHERIT_ONLY)) {
		return;
	}
	if (is_wk(&ace->sid, GU_WK_ANONYMOUS) && ace->mask) {
		warn(l, GU_LINT_ANONYMOUS,
		     "who gives no name at all is allowed 0x%x",
		     (unsigned)ace->mask);
	}
	if (is_wk(&ace->sid, GU_WK_WORLD) && (ace->mask & WRITES)) {
		warn(l, GU_LINT_EVERYONE_WRITE,
		     "Everyone may change the object: 0x%x of 0x%x",
		     (unsigned)(ace->mask & WRITES), (unsigned)ace->mask);
	}
}

/* The rights that an owner has by owning. */
static void lint_owner(struct linter *l)
{
	const struct gu_ace *ace = l->ace;
	bool owner = gu_sid_is_set(&l->sd->owner) &&
		     gu_sid_equal(&ace->sid, &l->sd->owner);
	bool rights = ace->sid.count == 1 && ace->sid.authority == 3 &&
		      ace->sid.sub[0] == 4;

	if (!is_deny(ace->type) || (ace->flags & GU_ACE_INHERIT_ONLY)) {
		return;
	}
	if (rights) {
		warn(l, GU_LINT_DENY_OWNER,
		     "OWNER RIGHTS is denied 0x%x: the owner loses its "
		     "implicit rights to read and change the DACL",
		     (unsigned)ace->mask);
	} else if (owner) {
		warn(l, GU_LINT_DENY_OWNER,
		     "the owner, %s, is denied 0x%x and may still read and "
		     "change the DACL, and so lift it",
		     sid_text(l, &ace->sid), (unsigned)ace->mask);
	}
}

/* Does the SID stand for somebody one can know without asking? A logon,
 * service, package or account of another domain is for its machine to know. */
static bool is_known(const struct gu_sid *sid, const struct gu_sid *domain)
{
	if (gu_sid_name(sid) || gu_sid_sddl_code(sid, domain)) {
		return true;
	}
	if (domain && gu_sid_in_domain(sid, domain)) {
		return true;
	}
	/* Labels, policies, trust levels; capabilities; creator and owner. */
	return (sid->authority >= 16 && sid->authority <= 19) ||
	       sid->authority == 15 || sid->authority == 3;
}

static void
lint_sid(struct linter *l, const char *whose, const struct gu_sid *sid)
{
	if (gu_sid_is_set(sid) && !is_known(sid, l->domain)) {
		warn(l, GU_LINT_UNRESOLVED,
		     "%s %s is no well-known account: it means something "
		     "only where its authority is known",
		     whose, sid_text(l, sid));
	}
}

static bool has_bad_data(const struct gu_ace *ace, const struct gu_sid *domain)
{
	struct gu_buf out = GU_BUF_INIT;
	bool bad = !gu_sddl_format_ace(ace, domain, &out) && !out.oom;

	gu_buf_release(&out);
	return bad;
}

static void lint_use(struct linter *l)
{
	const struct gu_ace *ace = l->ace;
	const uint8_t audits = GU_ACE_SUCCESSFUL_ACCESS | GU_ACE_FAILED_ACCESS;
	const uint8_t inherits =
		GU_ACE_OBJECT_INHERIT | GU_ACE_CONTAINER_INHERIT;
	bool audit = ace->type == GU_ACE_AUDIT ||
		     ace->type == GU_ACE_AUDIT_OBJECT ||
		     ace->type == GU_ACE_AUDIT_CALLBACK ||
		     ace->type == GU_ACE_AUDIT_CALLBACK_OBJECT;

	if ((is_allow(ace->type) || is_deny(ace->type) || audit) &&
	    !ace->mask) {
		warn(l, GU_LINT_NO_RIGHTS, "the entry names no right");
	}
	if (audit && !(ace->flags & audits)) {
		warn(l, GU_LINT_NO_EFFECT,
		     "the audit entry asks for neither success (SA) nor "
		     "failure (FA)");
	}
	if ((ace->flags & GU_ACE_INHERIT_ONLY) && !(ace->flags & inherits)) {
		warn(l, GU_LINT_NO_EFFECT,
		     "the entry is for children only (IO) and passes on to "
		     "none (no OI, no CI)");
	}
	if (has_bad_data(ace, l->domain)) {
		warn(l, GU_LINT_BAD_DATA,
		     "the entry's type has no name in SDDL, or its condition "
		     "or attribute does not parse");
	}
}

static void lint_acl(struct linter *l, const struct gu_acl *acl, bool sacl)
{
	l->sacl = sacl;
	if (!sacl) {
		lint_order(l, acl);
	}
	for (l->at = 0; l->at < acl->count; l->at++) {
		l->ace = &acl->aces[l->at];
		if (!sacl) {
			lint_openness(l);
			lint_owner(l);
		}
		lint_use(l);
		lint_sid(l, "the SID", &l->ace->sid);
	}
	l->ace = NULL;
}

static void lint_whole(struct linter *l)
{
	const struct gu_sd *sd = l->sd;

	if (!gu_sid_is_set(&sd->owner)) {
		warn(l, GU_LINT_NO_OWNER,
		     "there is no owner; AccessCheck refuses such a "
		     "descriptor");
	}
	lint_sid(l, "the owner", &sd->owner);
	lint_sid(l, "the group", &sd->group);
	if (!gu_sd_has_dacl(sd)) {
		warn(l, GU_LINT_NULL_DACL,
		     "there is no DACL: everybody may do everything");
	} else if (!sd->dacl.count) {
		warn(l, GU_LINT_EMPTY_DACL,
		     "the DACL is empty: nobody but the owner may do "
		     "anything");
	}
}

enum gu_rc gu_lint_sd(const struct gu_sd *sd, const struct gu_sid *domain,
		      gu_lint_fn tell, void *arg, struct gu_err *err)
{
	struct linter l = { .sd = sd,
			    .domain = domain,
			    .tell = tell,
			    .arg = arg,
			    .text = GU_BUF_INIT };

	lint_whole(&l);
	lint_acl(&l, &sd->dacl, false);
	lint_acl(&l, &sd->sacl, true);
	gu_buf_release(&l.text);
	return l.oom ? gu_err_nomem(err) : GU_RC_OK;
}
