/* SPDX-License-Identifier: MIT */
#include "token_json.h"

#include "text.h"
#include "banned.h"

/* A group is a SID, or an object with its attributes. */
static enum gu_rc
group_read(const json_t *item, struct gu_group *out, struct gu_err *err)
{
	*out = (struct gu_group){ .attributes = TOKEN_GROUP_USUAL };
	if (!json_is_object(item)) {
		return json_sid_value(item, "a group", &out->sid, err);
	}
	if (gu_json_u32(item, "attributes", out->attributes, &out->attributes,
			err)) {
		return GU_RC_USAGE;
	}
	return json_sid_value(json_object_get(item, "sid"), "sid", &out->sid,
			      err);
}

typedef enum gu_rc (*add_fn)(struct gu_token *token,
			     const struct gu_group *group, struct gu_err *err);

static enum gu_rc add_group(struct gu_token *token,
			    const struct gu_group *group, struct gu_err *err)
{
	return gu_token_add_group(token, &group->sid, group->attributes, err);
}

static enum gu_rc add_device_group(struct gu_token *token,
				   const struct gu_group *group,
				   struct gu_err *err)
{
	return gu_token_add_device_group(token, &group->sid, group->attributes,
					 err);
}

static enum gu_rc add_restricted(struct gu_token *token,
				 const struct gu_group *group,
				 struct gu_err *err)
{
	return gu_token_add_restricted(token, &group->sid, err);
}

static enum gu_rc add_capability(struct gu_token *token,
				 const struct gu_group *group,
				 struct gu_err *err)
{
	return gu_token_add_capability(token, &group->sid, err);
}

static enum gu_rc groups_read(struct gu_token *token, const json_t *list,
			      add_fn add, struct gu_err *err)
{
	size_t i;
	const json_t *item;

	json_array_foreach(list, i, item)
	{
		struct gu_group group;
		enum gu_rc rc = group_read(item, &group, err);

		if (!rc) {
			rc = add(token, &group, err);
		}
		if (rc) {
			return rc;
		}
	}
	return GU_RC_OK;
}

static enum gu_rc
all_groups_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	static const struct {
		const char *field;
		add_fn add;
	} rows[] = {
		{ "groups", add_group },
		{ "device_groups", add_device_group },
		{ "restricted_sids", add_restricted },
		{ "capabilities", add_capability },
	};
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = groups_read(token, json_object_get(in, rows[i].field),
				 rows[i].add, err);
	}
	return rc;
}

static enum gu_rc
user_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	struct gu_group user;
	enum gu_rc rc = group_read(json_object_get(in, "user"), &user, err);

	if (rc) {
		return rc;
	}
	token->user = user.sid;
	token->user_deny_only = user.attributes & GU_GROUP_DENY_ONLY;
	return GU_RC_OK;
}

static enum gu_rc privileges_add(gu_privset *set, const json_t *in,
				 const char *field, struct gu_err *err)
{
	size_t i;
	const json_t *item;

	json_array_foreach(json_object_get(in, field), i, item)
	{
		const char *name = json_string_value(item);
		enum gu_priv priv;

		if (!name || !gu_priv_parse(&priv, name)) {
			return gu_err_set(err, GU_RC_USAGE,
					  "unknown privilege %s",
					  name ? name : "");
		}
		*set |= GU_PRIV_BIT(priv);
	}
	return GU_RC_OK;
}

static enum gu_rc
privileges_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	static const char by_default[] = "privileges_default";
	gu_privset disabled = 0;
	enum gu_rc rc =
		privileges_add(&token->enabled, in, "privileges_enabled", err);

	if (!rc) {
		rc = privileges_add(&disabled, in, "privileges_disabled", err);
	}
	token->present = token->enabled | disabled;
	if (!json_is_array(json_object_get(in, by_default))) {
		token->default_enabled = token->enabled;
		return rc;
	}
	return rc ? rc
		  : privileges_add(&token->default_enabled, in, by_default,
				   err);
}

static enum gu_rc
type_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	const char *type = json_string_value(json_object_get(in, "type"));
	const char *level = json_string_value(json_object_get(in, "level"));

	if (type && strcmp(type, "primary") == 0) {
		token->type = GU_TOKEN_PRIMARY;
		return GU_RC_OK;
	}
	token->type = GU_TOKEN_IMPERSONATION;
	token->level = GU_LEVEL_IMPERSONATION;
	if (level && !gu_level_parse(&token->level, level)) {
		return gu_err_set(err, GU_RC_USAGE, "unknown level %s", level);
	}
	return GU_RC_OK;
}

static enum gu_rc
integrity_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	struct gu_sid label;
	enum gu_rc rc = gu_json_sid(in, "integrity", &label, err);

	if (!rc && gu_sid_is_set(&label) && label.count) {
		token->integrity = label.sub[label.count - 1];
	}
	return rc;
}

const struct token_claim_type token_claim_types[] = {
	{ "int64", GU_CLAIM_INT64 },
	{ "uint64", GU_CLAIM_UINT64 },
	{ "string", GU_CLAIM_STRING },
	{ "fqbn", GU_CLAIM_FQBN },
	{ "sid", GU_CLAIM_SID },
	{ "bool", GU_CLAIM_BOOLEAN },
	{ "boolean", GU_CLAIM_BOOLEAN },
	{ "octet", GU_CLAIM_OCTET },
	{ NULL, 0 },
};

static uint16_t claim_type(const char *name)
{
	const struct token_claim_type *row = token_claim_types;

	while (row->name && (!name || strcmp(row->name, name) != 0)) {
		row++;
	}
	return row->type;
}

static enum gu_rc
octets_add(struct gu_claims *claims, const json_t *value, struct gu_err *err)
{
	struct gu_buf bytes = GU_BUF_INIT;
	size_t bad;
	enum gu_rc rc;

	if (!gu_hex_decode(&bytes, json_string_value(value),
			   json_string_length(value), &bad)) {
		rc = gu_err_set(err, GU_RC_USAGE, "octets are hex digits");
	} else {
		rc = gu_buf_check(&bytes, err);
	}
	if (!rc) {
		rc = gu_claims_add_bytes(claims, bytes.data, bytes.len, err);
	}
	gu_buf_release(&bytes);
	return rc;
}

/* Numbers above 2^63 come as strings, since JSON has no room for them. */
static enum gu_rc
number_add(struct gu_claims *claims, const json_t *value, struct gu_err *err)
{
	const char *text = json_string_value(value);
	uint64_t n = (uint64_t)json_integer_value(value);

	if (json_is_boolean(value)) {
		n = json_is_true(value);
	} else if (text && !gu_parse_u64(text, strlen(text), &n)) {
		return gu_err_set(err, GU_RC_USAGE, "not a number: %s", text);
	}
	return gu_claims_add_number(claims, n, err);
}

static enum gu_rc value_add(struct gu_claims *claims, uint16_t type,
			    const json_t *value, struct gu_err *err)
{
	struct gu_sid sid;
	enum gu_rc rc;

	if (type == GU_CLAIM_INT64 || type == GU_CLAIM_UINT64 ||
	    type == GU_CLAIM_BOOLEAN) {
		return number_add(claims, value, err);
	}
	if (!json_is_string(value)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "a claim's value must be a string");
	}
	if (type == GU_CLAIM_STRING || type == GU_CLAIM_FQBN) {
		return gu_claims_add_string(claims, json_string_value(value),
					    err);
	}
	if (type == GU_CLAIM_OCTET) {
		return octets_add(claims, value, err);
	}
	rc = json_sid_value(value, "a claim's value", &sid, err);
	return rc ? rc : gu_claims_add_sid(claims, &sid, err);
}

static enum gu_rc
claim_add(struct gu_claims *claims, const json_t *item, struct gu_err *err)
{
	const char *name = json_string_value(json_object_get(item, "name"));
	uint16_t type =
		claim_type(json_string_value(json_object_get(item, "type")));
	uint32_t flags;
	enum gu_rc rc = gu_json_u32(item, "flags", 0, &flags, err);
	const json_t *value;
	size_t i;

	if (!rc && (!name || !type)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "a claim needs a name and a known type");
	}
	if (!rc) {
		rc = gu_claims_add(claims, name, type, flags, err);
	}
	json_array_foreach(json_object_get(item, "values"), i, value)
	{
		if (rc) {
			break;
		}
		rc = value_add(claims, type, value, err);
	}
	return rc;
}

static enum gu_rc
claims_read(struct gu_claims *claims, const json_t *list, struct gu_err *err)
{
	size_t i;
	const json_t *item;

	json_array_foreach(list, i, item)
	{
		enum gu_rc rc = claim_add(claims, item, err);

		if (rc) {
			return rc;
		}
	}
	return GU_RC_OK;
}

const struct token_flag token_flags[] = {
	{ "sandbox_inert", GU_TOKEN_SANDBOX_INERT },
	{ "write_restricted", GU_TOKEN_WRITE_RESTRICTED },
	{ "lpac", GU_TOKEN_LPAC },
	{ "effective_only", GU_TOKEN_EFFECTIVE_ONLY },
	{ "system_anonymous", GU_TOKEN_SYSTEM_ANONYMOUS },
	{ "restricted_to_none", GU_TOKEN_RESTRICTED_TO_NONE },
	{ NULL, 0 },
};

static void flags_read(struct gu_token *token, const json_t *in)
{
	for (const struct token_flag *row = token_flags; row->field; row++) {
		if (json_is_true(json_object_get(in, row->field))) {
			token->flags |= row->flag;
		}
	}
}

static enum gu_rc
numbers_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	uint32_t elevation = token->elevation;
	enum gu_rc rc = gu_json_u32(in, "mandatory_policy", token->policy,
				    &token->policy, err);

	if (!rc) {
		rc = gu_json_u32(in, "session", 0, &token->session, err);
	}
	if (!rc) {
		rc = gu_json_u32(in, "elevation", elevation, &elevation, err);
	}
	if (!rc && (elevation < GU_ELEVATION_DEFAULT ||
		    elevation > GU_ELEVATION_LIMITED)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "elevation is 1 (default), 2 (full) or 3 "
				  "(limited)");
	}
	token->elevation = (enum gu_elevation)elevation;
	return rc;
}

static enum gu_rc
sids_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	const struct {
		const char *field;
		struct gu_sid *sid;
	} rows[] = {
		{ "package", &token->package },
		{ "trust", &token->trust },
		{ "default_owner", &token->owner },
		{ "primary_group", &token->primary_group },
	};
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = gu_json_sid(in, rows[i].field, rows[i].sid, err);
	}
	return rc;
}

static enum gu_rc
default_dacl_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	const json_t *hex = json_object_get(in, "default_dacl_hex");
	struct gu_buf bytes = GU_BUF_INIT;
	size_t bad;
	enum gu_rc rc;

	if (!hex || json_is_null(hex)) {
		return GU_RC_OK;
	}
	if (!json_is_string(hex) ||
	    !gu_hex_decode(&bytes, json_string_value(hex),
			   json_string_length(hex), &bad)) {
		rc = gu_err_set(err, GU_RC_USAGE,
				"default_dacl_hex must be hex digits");
		goto out;
	}
	rc = gu_buf_check(&bytes, err);
	if (!rc) {
		rc = gu_acl_decode(&token->default_dacl,
				   (const uint8_t *)bytes.data, bytes.len, err);
	}
	token->has_default_dacl = !rc;
out:
	gu_buf_release(&bytes);
	return rc;
}

static enum gu_rc
token_fill(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	enum gu_rc rc = type_read(token, in, err);

	flags_read(token, in);
	if (!rc) {
		rc = user_read(token, in, err);
	}
	if (!rc) {
		rc = all_groups_read(token, in, err);
	}
	if (!rc) {
		rc = privileges_read(token, in, err);
	}
	if (!rc) {
		rc = integrity_read(token, in, err);
	}
	if (!rc) {
		rc = numbers_read(token, in, err);
	}
	if (!rc) {
		rc = sids_read(token, in, err);
	}
	if (!rc) {
		rc = default_dacl_read(token, in, err);
	}
	if (!rc) {
		rc = claims_read(&token->user_claims,
				 json_object_get(in, "user_claims"), err);
	}
	if (!rc) {
		rc = claims_read(&token->device_claims,
				 json_object_get(in, "device_claims"), err);
	}
	return rc;
}

enum gu_rc
gu_json_token(const json_t *in, struct gu_token **out, struct gu_err *err)
{
	struct gu_token *token;
	enum gu_rc rc;

	if (!json_is_object(in)) {
		return gu_err_set(err, GU_RC_USAGE, "token must be an object");
	}
	rc = gu_token_new(&token, err);
	if (rc) {
		return rc;
	}
	rc = token_fill(token, in, err);
	if (rc) {
		gu_token_unref(token);
		return rc;
	}
	*out = token;
	return GU_RC_OK;
}

enum gu_rc gu_json_token_parse(const char *text, size_t len,
			       struct gu_token **out, struct gu_err *err)
{
	json_error_t syntax;
	json_t *in = json_loadb(text, len, 0, &syntax);
	enum gu_rc rc;

	if (!in) {
		return gu_err_set(err, GU_RC_USAGE, "token: %s", syntax.text);
	}
	rc = gu_json_token(in, out, err);
	json_decref(in);
	return rc;
}
