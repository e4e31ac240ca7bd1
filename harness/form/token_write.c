/* SPDX-License-Identifier: MIT */
#include "token_json.h"

#include <inttypes.h>

#include "text.h"
#include "utf16.h"
#include "banned.h"

/* Put together by hand: a store writes tokens for every scenario, and a tree
 * of values for each costs more than all the rest of the scenario. */

static void add_name(const char *name, struct gu_buf *out)
{
	gu_buf_addf(out, ",\"%s\":", name);
}

static void add_sid(const struct gu_sid *sid, struct gu_buf *out)
{
	gu_buf_addc(out, '"');
	gu_sid_format(sid, out);
	gu_buf_addc(out, '"');
}

static void
add_group(const struct gu_sid *sid, uint32_t attributes, struct gu_buf *out)
{
	if (attributes == TOKEN_GROUP_USUAL) {
		add_sid(sid, out);
		return;
	}
	gu_buf_adds(out, "{\"sid\":");
	add_sid(sid, out);
	gu_buf_addf(out, ",\"attributes\":%" PRIu32 "}", attributes);
}

/* `plain` entries have no attributes of their own. */
static void add_groups(const char *name, const struct gu_group *list,
		       size_t count, bool plain, struct gu_buf *out)
{
	if (!count) {
		return;
	}
	add_name(name, out);
	for (size_t i = 0; i < count; i++) {
		gu_buf_addc(out, i ? ',' : '[');
		add_group(&list[i].sid,
			  plain ? TOKEN_GROUP_USUAL : list[i].attributes, out);
	}
	gu_buf_addc(out, ']');
}

static void
add_optional_sid(const char *name, const struct gu_sid *sid, struct gu_buf *out)
{
	if (gu_sid_is_set(sid)) {
		add_name(name, out);
		add_sid(sid, out);
	}
}

static void
add_number(const char *name, uint32_t value, uint32_t usual, struct gu_buf *out)
{
	if (value != usual) {
		add_name(name, out);
		gu_buf_addf(out, "%" PRIu32, value);
	}
}

static void add_privileges(const char *name, gu_privset set, struct gu_buf *out)
{
	const char *before = "";

	add_name(name, out);
	gu_buf_addc(out, '[');
	for (uint32_t luid = 0; luid < GU_PRIV_COUNT; luid++) {
		if ((set & GU_PRIV_BIT(luid)) && gu_priv_name(luid)) {
			gu_buf_adds(out, before);
			gu_buf_addc(out, '"');
			gu_buf_adds(out, gu_priv_name(luid));
			gu_buf_addc(out, '"');
			before = ",";
		}
	}
	gu_buf_addc(out, ']');
}

static void add_all_privileges(const struct gu_token *token, struct gu_buf *out)
{
	gu_privset disabled = token->present & ~token->enabled;

	if (token->enabled) {
		add_privileges("privileges_enabled", token->enabled, out);
	}
	if (disabled) {
		add_privileges("privileges_disabled", disabled, out);
	}
	if (token->default_enabled != token->enabled) {
		add_privileges("privileges_default", token->default_enabled,
			       out);
	}
}

/* claims */

static void add_text(const uint8_t *utf16, size_t len, struct gu_buf *out)
{
	struct gu_buf text = GU_BUF_INIT;

	gu_utf16_format(utf16, len, &text);
	json_text_write(text.data, text.len, out);
	out->oom |= text.oom;
	gu_buf_release(&text);
}

static void
add_claim_sid(const struct gu_claim_value *value, struct gu_buf *out)
{
	struct gu_sid sid;
	size_t used;

	if (gu_sid_decode(&sid, value->data, value->len, &used, NULL)) {
		gu_buf_adds(out, "null");
		return;
	}
	add_sid(&sid, out);
}

/* Numbers are strings, since JSON has no room for those above 2^63. */
static void
add_value(uint16_t type, const struct gu_claim_value *value, struct gu_buf *out)
{
	switch ((enum gu_claim_type)type) {
	case GU_CLAIM_INT64:
	case GU_CLAIM_UINT64:
	case GU_CLAIM_BOOLEAN:
		gu_buf_addf(out, "\"%" PRIu64 "\"", value->number);
		return;
	case GU_CLAIM_STRING:
	case GU_CLAIM_FQBN:
		add_text(value->data, value->len, out);
		return;
	case GU_CLAIM_SID:
		add_claim_sid(value, out);
		return;
	case GU_CLAIM_OCTET:
		gu_buf_addc(out, '"');
		gu_hex_encode(out, value->data, value->len);
		gu_buf_addc(out, '"');
		return;
	}
}

static const char *claim_type_name(uint16_t type)
{
	const struct token_claim_type *row = token_claim_types;

	while (row->name && row->type != type) {
		row++;
	}
	return row->name ? row->name : "";
}

static void add_claim(const struct gu_claim *claim, struct gu_buf *out)
{
	gu_buf_adds(out, "{\"name\":");
	add_text(claim->name, claim->name_len, out);
	gu_buf_addf(out, ",\"type\":\"%s\"", claim_type_name(claim->type));
	add_number("flags", claim->flags, 0, out);
	add_name("values", out);
	gu_buf_addc(out, '[');
	for (size_t i = 0; i < claim->count; i++) {
		gu_buf_adds(out, i ? "," : "");
		add_value(claim->type, &claim->values[i], out);
	}
	gu_buf_adds(out, "]}");
}

static void
add_claims(const char *name, const struct gu_claims *claims, struct gu_buf *out)
{
	if (!claims->count) {
		return;
	}
	add_name(name, out);
	for (size_t i = 0; i < claims->count; i++) {
		gu_buf_addc(out, i ? ',' : '[');
		add_claim(&claims->items[i], out);
	}
	gu_buf_addc(out, ']');
}

static void add_default_dacl(const struct gu_token *token, struct gu_buf *out)
{
	struct gu_buf bytes = GU_BUF_INIT;

	if (!token->has_default_dacl) {
		return;
	}
	gu_acl_encode(&token->default_dacl, &bytes);
	add_name("default_dacl_hex", out);
	gu_buf_addc(out, '"');
	gu_hex_encode(out, bytes.data, bytes.len);
	gu_buf_addc(out, '"');
	out->oom |= bytes.oom;
	gu_buf_release(&bytes);
}

static void add_kind(const struct gu_token *token, struct gu_buf *out)
{
	if (token->type == GU_TOKEN_PRIMARY) {
		gu_buf_adds(out, "\"type\":\"primary\"");
	} else {
		gu_buf_addf(out, "\"type\":\"impersonation\",\"level\":\"%s\"",
			    gu_level_name(token->level));
	}
	for (const struct token_flag *row = token_flags; row->field; row++) {
		if (token->flags & row->flag) {
			add_name(row->field, out);
			gu_buf_adds(out, "true");
		}
	}
}

void gu_json_token_write(const struct gu_token *t, struct gu_buf *out)
{
	gu_buf_addc(out, '{');
	add_kind(t, out);
	add_name("user", out);
	add_group(&t->user,
		  t->user_deny_only ? GU_GROUP_DENY_ONLY : TOKEN_GROUP_USUAL,
		  out);
	add_groups("groups", t->groups, t->group_count, false, out);
	add_groups("device_groups", t->device_groups, t->device_group_count,
		   false, out);
	add_groups("restricted_sids", t->restricted, t->restricted_count, true,
		   out);
	add_groups("capabilities", t->capabilities, t->capability_count, true,
		   out);
	add_all_privileges(t, out);
	gu_buf_addf(out, ",\"integrity\":\"S-1-16-%" PRIu32 "\"", t->integrity);
	add_number("mandatory_policy", t->policy, GU_TOKEN_POLICY_NO_WRITE_UP,
		   out);
	add_optional_sid("package", &t->package, out);
	add_optional_sid("trust", &t->trust, out);
	add_optional_sid("default_owner", &t->owner, out);
	add_optional_sid("primary_group", &t->primary_group, out);
	add_number("elevation", t->elevation, GU_ELEVATION_DEFAULT, out);
	add_number("session", t->session, 0, out);
	add_claims("user_claims", &t->user_claims, out);
	add_claims("device_claims", &t->device_claims, out);
	add_default_dacl(t, out);
	gu_buf_addc(out, '}');
}
