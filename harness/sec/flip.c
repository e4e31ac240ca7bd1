/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <inttypes.h>

#include "alloc.h"
#include "sddl.h"
#include "banned.h"

/* The question, and copies of token and descriptor to change and put back. */
struct flips {
	const struct gu_access_request *req;
	struct gu_token *token;
	struct gu_sd sd;
	bool granted;  /* as things are */
	enum gu_rc rc; /* of the first check that failed */
	gu_flip_fn found;
	void *ctx;
};

static bool is_granted(struct flips *f)
{
	struct gu_access_request req = *f->req;
	struct gu_access_result result;

	req.token = f->token;
	req.sd = &f->sd;
	req.step = NULL;
	gu_access_check(&req, &result);
	if (!f->rc) {
		f->rc = result.rc;
	}
	return result.granted;
}

static void tell_if(struct flips *f, const struct gu_flip *flip)
{
	if (is_granted(f) != f->granted && !f->rc) {
		f->found(f->ctx, flip);
	}
}

/* The privileges that the check knows. */
static void try_privileges(struct flips *f)
{
	static const enum gu_priv known[] = { GU_PRIV_Security,
					      GU_PRIV_TakeOwnership,
					      GU_PRIV_Backup, GU_PRIV_Restore,
					      GU_PRIV_Relabel };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		bool has = gu_token_has_priv(f->token, known[i]);
		const struct gu_flip flip = {
			.kind = has ? GU_FLIP_DISABLE_PRIVILEGE
				    : GU_FLIP_ENABLE_PRIVILEGE,
			.priv = known[i],
		};

		f->token->enabled ^= GU_PRIV_BIT(known[i]);
		tell_if(f, &flip);
		f->token->enabled ^= GU_PRIV_BIT(known[i]);
	}
}

static void try_user(struct flips *f)
{
	const struct gu_flip flip = { .kind = GU_FLIP_ENABLE_SID,
				      .sid = f->token->user };

	if (f->token->user_deny_only) {
		f->token->user_deny_only = false;
		tell_if(f, &flip);
		f->token->user_deny_only = true;
	}
}

/* Each group the other way: enabled, or not there at all. */
static void try_groups(struct flips *f)
{
	for (size_t i = 0; i < f->token->group_count; i++) {
		struct gu_group *group = &f->token->groups[i];
		const uint32_t before = group->attributes;
		const bool on = (before & GU_GROUP_ENABLED) &&
				!(before & GU_GROUP_DENY_ONLY);
		struct gu_flip flip = { .kind = GU_FLIP_ENABLE_SID,
					.sid = group->sid };

		if (!on) {
			group->attributes = GU_GROUP_ENABLED;
			tell_if(f, &flip);
		}
		if (before & (GU_GROUP_ENABLED | GU_GROUP_DENY_ONLY)) {
			flip.kind = GU_FLIP_LEAVE;
			group->attributes = 0;
			tell_if(f, &flip);
		}
		group->attributes = before;
	}
}

static bool is_placeholder(const struct gu_sid *sid)
{
	return sid->authority == 3 ||
	       (sid->authority == 5 && sid->count == 1 && sid->sub[0] == 10);
}

/* Whether an earlier ACE names the same SID. */
static bool is_repeated(const struct gu_acl *acl, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++) {
		if (gu_sid_equal(&acl->aces[k].sid, &acl->aces[i].sid)) {
			return true;
		}
	}
	return false;
}

static enum gu_rc
try_joining(struct flips *f, const struct gu_sid *sid, struct gu_err *err)
{
	const struct gu_flip flip = { .kind = GU_FLIP_JOIN, .sid = *sid };
	enum gu_rc rc;

	if (is_placeholder(sid) || gu_token_has_sid(f->token, sid, true) ||
	    gu_token_find_group(f->token, sid)) {
		return GU_RC_OK;
	}
	rc = gu_token_add_group(f->token, sid, GU_GROUP_ENABLED, err);
	if (!rc) {
		tell_if(f, &flip);
		f->token->group_count--;
	}
	return rc;
}

static enum gu_rc
try_capability(struct flips *f, const struct gu_sid *sid, struct gu_err *err)
{
	const struct gu_flip flip = { .kind = GU_FLIP_ADD_CAPABILITY,
				      .sid = *sid };
	enum gu_rc rc;

	if (!gu_sid_is_set(&f->token->package) || sid->authority != 15 ||
	    sid->count < 2 || sid->sub[0] != 3) {
		return GU_RC_OK;
	}
	rc = gu_token_add_capability(f->token, sid, err);
	if (!rc) {
		tell_if(f, &flip);
		f->token->capability_count--;
	}
	return rc;
}

typedef enum gu_rc (*try_sid_fn)(struct flips *f, const struct gu_sid *sid,
				 struct gu_err *err);

/* Every SID of the DACL once. */
static enum gu_rc
try_sids(struct flips *f, try_sid_fn try_sid, struct gu_err *err)
{
	const struct gu_acl *acl = &f->sd.dacl;
	enum gu_rc rc = GU_RC_OK;

	for (uint32_t i = 0; !rc && i < acl->count; i++) {
		if (!is_repeated(acl, i)) {
			rc = try_sid(f, &acl->aces[i].sid, err);
		}
	}
	return rc;
}

/* The object's own level: just enough, or just too little. */
static void try_integrity(struct flips *f)
{
	const uint32_t before = f->token->integrity;
	uint32_t il, policy;
	struct gu_flip flip = { .kind = GU_FLIP_INTEGRITY };

	gu_sd_label(&f->sd, &il, &policy);
	flip.integrity = before < il ? il : GU_IL_LOW;
	if (before < il || before > GU_IL_LOW) {
		f->token->integrity = flip.integrity;
		tell_if(f, &flip);
		f->token->integrity = before;
	}
}

static void try_freedom(struct flips *f)
{
	struct gu_token before = *f->token;
	struct gu_flip flip = { .kind = GU_FLIP_UNRESTRICT };

	if (gu_token_is_restricted(f->token)) {
		f->token->restricted_count = 0;
		f->token->flags &= ~(uint32_t)GU_TOKEN_RESTRICTED_TO_NONE;
		tell_if(f, &flip);
		f->token->restricted_count = before.restricted_count;
		f->token->flags = before.flags;
	}
	if (gu_sid_is_set(&f->token->package)) {
		flip.kind = GU_FLIP_UNCONTAIN;
		f->token->package = (struct gu_sid)GU_SID_NONE;
		tell_if(f, &flip);
		f->token->package = before.package;
	}
}

static void try_removing(struct flips *f, struct gu_acl *acl,
			 const struct gu_acl *shown, enum gu_flip_kind kind)
{
	for (uint32_t i = 0; i < acl->count; i++) {
		const struct gu_flip flip = { .kind = kind,
					      .ace_index = (uint16_t)i,
					      .ace = &shown->aces[i] };
		const uint8_t before = acl->aces[i].flags;

		/* An entry for children only is as good as none. */
		acl->aces[i].flags |= GU_ACE_INHERIT_ONLY;
		if (acl->aces[i].flags != before) {
			tell_if(f, &flip);
		}
		acl->aces[i].flags = before;
	}
}

/* Low is the level to let somebody in, System the one to keep them out. */
static enum gu_rc try_label(struct flips *f, struct gu_err *err)
{
	const uint16_t control = f->sd.control;
	const bool null_sacl = f->sd.null_sacl;
	const uint32_t to = f->granted ? GU_IL_SYSTEM : f->token->integrity;
	struct gu_flip flip = { .kind = GU_FLIP_LABEL, .integrity = to };
	struct gu_acl before = f->sd.sacl;
	struct gu_sid sid;
	enum gu_rc rc;

	gu_sid_from_il(&sid, to);
	f->sd.sacl = (struct gu_acl)GU_ACL_INIT;
	f->sd.control |= GU_SE_SACL_PRESENT;
	f->sd.null_sacl = false;
	rc = gu_acl_add(&f->sd.sacl, GU_ACE_MANDATORY_LABEL,
			GU_LABEL_NO_WRITE_UP, &sid, err);
	for (uint32_t i = 0; !rc && i < before.count; i++) {
		if (before.aces[i].type != GU_ACE_MANDATORY_LABEL) {
			rc = gu_acl_append(&f->sd.sacl, &before.aces[i], err);
		}
	}
	if (!rc) {
		tell_if(f, &flip);
	}
	gu_acl_release(&f->sd.sacl);
	f->sd.sacl = before;
	f->sd.control = control;
	f->sd.null_sacl = null_sacl;
	return rc;
}

/* One ACE for the user, ahead of all others. */
static enum gu_rc
try_adding(struct flips *f, enum gu_flip_kind kind, struct gu_err *err)
{
	const uint32_t want = gu_mask_map(f->req->desired, f->req->map) &
			      ~(uint32_t)GU_MAXIMUM_ALLOWED;
	struct gu_flip flip = { .kind = kind,
				.sid = f->token->user,
				.mask = want ? want : f->req->map->all };
	const uint8_t type =
		kind == GU_FLIP_ALLOW_USER ? GU_ACE_ALLOW : GU_ACE_DENY;
	struct gu_acl before = f->sd.dacl;
	const bool null_dacl = f->sd.null_dacl;
	const uint16_t control = f->sd.control;
	enum gu_rc rc;

	f->sd.dacl = (struct gu_acl)GU_ACL_INIT;
	f->sd.control |= GU_SE_DACL_PRESENT;
	f->sd.null_dacl = false;
	rc = gu_acl_add(&f->sd.dacl, type, flip.mask, &flip.sid, err);
	for (uint32_t i = 0; !rc && i < before.count; i++) {
		rc = gu_acl_append(&f->sd.dacl, &before.aces[i], err);
	}
	if (!rc) {
		tell_if(f, &flip);
	}
	gu_acl_release(&f->sd.dacl);
	f->sd.dacl = before;
	f->sd.null_dacl = null_dacl;
	f->sd.control = control;
	return rc;
}

static void try_owning(struct flips *f)
{
	const struct gu_sid before = f->sd.owner;
	const struct gu_flip flip = { .kind = GU_FLIP_OWN,
				      .sid = f->token->user };

	f->sd.owner = f->token->user;
	tell_if(f, &flip);
	f->sd.owner = before;
}

static enum gu_rc try_token(struct flips *f, struct gu_err *err)
{
	enum gu_rc rc;

	try_privileges(f);
	try_user(f);
	try_groups(f);
	rc = try_sids(f, try_joining, err);
	if (rc) {
		return rc;
	}
	try_integrity(f);
	try_freedom(f);
	return try_sids(f, try_capability, err);
}

static enum gu_rc try_sd(struct flips *f, struct gu_err *err)
{
	const struct gu_sd *shown = f->req->sd;
	enum gu_rc rc;

	try_removing(f, &f->sd.dacl, &shown->dacl, GU_FLIP_REMOVE_ACE);
	try_removing(f, &f->sd.sacl, &shown->sacl, GU_FLIP_REMOVE_SACL_ACE);
	rc = try_label(f, err);
	if (!rc) {
		rc = try_adding(
			f, f->granted ? GU_FLIP_DENY_USER : GU_FLIP_ALLOW_USER,
			err);
	}
	if (!rc) {
		try_owning(f);
	}
	return rc;
}

enum gu_rc gu_access_flips(const struct gu_access_request *req,
			   gu_flip_fn found, void *ctx, struct gu_err *err)
{
	struct flips f = {
		.req = req, .sd = GU_SD_INIT, .found = found, .ctx = ctx
	};
	enum gu_rc rc;

	if (!req->sd || req->type_count || !req->desired) {
		return GU_RC_OK;
	}
	rc = gu_token_copy(req->token, &f.token, err);
	if (rc) {
		return rc;
	}
	rc = gu_sd_copy(&f.sd, req->sd, err);
	if (!rc) {
		f.granted = is_granted(&f);
		rc = try_token(&f, err);
	}
	if (!rc) {
		rc = try_sd(&f, err);
	}
	if (!rc && f.rc) {
		rc = gu_err_nomem(err);
	}
	gu_sd_release(&f.sd);
	gu_token_unref(f.token);
	return rc;
}

static void
add_sid(const char *before, const struct gu_sid *sid, struct gu_buf *out)
{
	const char *name = gu_sid_name(sid);

	gu_buf_adds(out, before);
	gu_sid_format(sid, out);
	if (name) {
		gu_buf_addf(out, " (%s)", name);
	}
}

static void add_level(const char *before, uint32_t il, struct gu_buf *out)
{
	const char *name = gu_il_name(il);

	gu_buf_adds(out, before);
	if (name) {
		gu_buf_adds(out, name);
	} else {
		gu_buf_addf(out, "0x%" PRIx32, il);
	}
}

static void
add_ace(const char *before, const struct gu_flip *flip, struct gu_buf *out)
{
	gu_buf_addf(out, "%s %u ", before, flip->ace_index);
	gu_sddl_format_ace(flip->ace, NULL, out);
}

static void
add_new_ace(const char *type, const struct gu_flip *flip, struct gu_buf *out)
{
	gu_buf_addf(out, "a first ACE (%s;;0x%" PRIx32 ";;;", type, flip->mask);
	gu_sid_format(&flip->sid, out);
	gu_buf_addc(out, ')');
}

void gu_flip_format(const struct gu_flip *flip, struct gu_buf *out)
{
	switch (flip->kind) {
	case GU_FLIP_ENABLE_PRIVILEGE:
		gu_buf_addf(out, "%s enabled", gu_priv_name(flip->priv));
		return;
	case GU_FLIP_DISABLE_PRIVILEGE:
		gu_buf_addf(out, "%s disabled", gu_priv_name(flip->priv));
		return;
	case GU_FLIP_ENABLE_SID:
		add_sid("the token's ", &flip->sid, out);
		gu_buf_adds(out, " enabled");
		return;
	case GU_FLIP_JOIN:
		add_sid("the token in ", &flip->sid, out);
		return;
	case GU_FLIP_LEAVE:
		add_sid("the token not in ", &flip->sid, out);
		return;
	case GU_FLIP_INTEGRITY:
		add_level("a token of integrity ", flip->integrity, out);
		return;
	case GU_FLIP_UNRESTRICT:
		gu_buf_adds(out, "no restricting SIDs");
		return;
	case GU_FLIP_UNCONTAIN:
		gu_buf_adds(out, "the token outside its AppContainer");
		return;
	case GU_FLIP_ADD_CAPABILITY:
		add_sid("the capability ", &flip->sid, out);
		return;
	case GU_FLIP_REMOVE_ACE:
		add_ace("no ACE", flip, out);
		return;
	case GU_FLIP_REMOVE_SACL_ACE:
		add_ace("no SACL entry", flip, out);
		return;
	case GU_FLIP_LABEL:
		add_level("an object of integrity ", flip->integrity, out);
		return;
	case GU_FLIP_ALLOW_USER:
		add_new_ace("A", flip, out);
		return;
	case GU_FLIP_DENY_USER:
		add_new_ace("D", flip, out);
		return;
	case GU_FLIP_OWN:
		add_sid("the owner ", &flip->sid, out);
		return;
	}
}
