/* SPDX-License-Identifier: MIT */
#include "sec_json.h"

#include "sddl.h"
#include "sddl_names.h"
#include "text.h"
#include "banned.h"

enum gu_rc gu_json_u32(const json_t *in, const char *field, uint32_t fallback,
		       uint32_t *out, struct gu_err *err)
{
	const json_t *value = json_object_get(in, field);
	json_int_t n = json_integer_value(value);

	if (!value || json_is_null(value)) {
		*out = fallback;
		return GU_RC_OK;
	}
	if (!json_is_integer(value) || n < 0 || n > UINT32_MAX) {
		return gu_err_set(err, GU_RC_USAGE,
				  "%s must be a number from 0 to 4294967295",
				  field);
	}
	*out = (uint32_t)n;
	return GU_RC_OK;
}

static enum gu_rc sid_from(const json_t *value, const char *field,
			   struct gu_sid *out, struct gu_err *err)
{
	const char *text = json_string_value(value);

	if (!text) {
		return gu_err_set(err, GU_RC_USAGE, "%s must be a SID", field);
	}
	return gu_sddl_parse_sid(out, text, json_string_length(value), NULL,
				 err);
}

enum gu_rc gu_json_sid(const json_t *in, const char *field, struct gu_sid *out,
		       struct gu_err *err)
{
	const json_t *value = json_object_get(in, field);

	*out = (struct gu_sid)GU_SID_NONE;
	if (!value || json_is_null(value)) {
		return GU_RC_OK;
	}
	return sid_from(value, field, out, err);
}

static enum gu_rc
sd_from_hex(const json_t *hex, struct gu_sd *out, struct gu_err *err)
{
	struct gu_buf bytes = GU_BUF_INIT;
	size_t bad;
	enum gu_rc rc;

	if (!json_is_string(hex)) {
		return gu_err_set(err, GU_RC_USAGE, "sd_hex must be a string");
	}
	if (!gu_hex_decode(&bytes, json_string_value(hex),
			   json_string_length(hex), &bad)) {
		rc = gu_err_at(err, bad, "sd_hex: not a hex digit");
		goto out;
	}
	rc = gu_buf_check(&bytes, err);
	if (!rc) {
		rc = gu_sd_decode(out, (const uint8_t *)bytes.data, bytes.len,
				  err);
	}
out:
	gu_buf_release(&bytes);
	return rc;
}

enum gu_rc gu_json_sd(const json_t *in, struct gu_sd *out, bool *present,
		      struct gu_err *err)
{
	const json_t *hex = json_object_get(in, "sd_hex");
	const json_t *sddl = json_object_get(in, "sddl");
	struct gu_sid domain;
	enum gu_rc rc = gu_json_sid(in, "local_domain_sid", &domain, err);

	*present = true;
	if (rc) {
		return rc;
	}
	if (hex && !json_is_null(hex)) {
		return sd_from_hex(hex, out, err);
	}
	if (!sddl || json_is_null(sddl)) {
		*present = false;
		return GU_RC_OK;
	}
	if (!json_is_string(sddl)) {
		return gu_err_set(err, GU_RC_USAGE, "sddl must be a string");
	}
	return gu_sddl_parse(out, json_string_value(sddl),
			     gu_sid_is_set(&domain) ? &domain : NULL, err);
}

enum gu_rc gu_json_mapping(const json_t *in, struct gu_generic_mapping *out,
			   struct gu_err *err)
{
	const json_t *map = json_object_get(in, "generic_mapping");
	enum gu_rc rc;

	rc = gu_json_u32(map, "read", 0x120089, &out->read, err);
	if (!rc) {
		rc = gu_json_u32(map, "write", 0x120116, &out->write, err);
	}
	if (!rc) {
		rc = gu_json_u32(map, "execute", 0x1200A0, &out->execute, err);
	}
	if (!rc) {
		rc = gu_json_u32(map, "all", 0x1F01FF, &out->all, err);
	}
	return rc;
}

bool gu_json_guid(const char *text, struct gu_guid *out)
{
	struct gu_buf bytes = GU_BUF_INIT;
	bool ok = strlen(text) == GU_SDDL_GUID_LEN;
	size_t bad;

	for (size_t i = 0; ok && i < sizeof(out->bytes); i++) {
		if (gu_sddl_guid_dash(i)) {
			ok = *text++ == '-';
		}
		ok = ok && gu_hex_decode(&bytes, text, 2, &bad) && !bytes.oom;
		text += 2;
		if (ok) {
			out->bytes[gu_sddl_guid_order[i]] =
				(uint8_t)bytes.data[i];
		}
	}
	gu_buf_release(&bytes);
	return ok;
}

/* A group is a SID, or an object with its attributes. */
static enum gu_rc
group_read(const json_t *item, struct gu_group *out, struct gu_err *err)
{
	*out = (struct gu_group){ .attributes = GU_GROUP_MANDATORY |
						GU_GROUP_ENABLED_BY_DEFAULT |
						GU_GROUP_ENABLED };
	if (!json_is_object(item)) {
		return sid_from(item, "a group", &out->sid, err);
	}
	if (gu_json_u32(item, "attributes", out->attributes, &out->attributes,
			err)) {
		return GU_RC_USAGE;
	}
	return sid_from(json_object_get(item, "sid"), "sid", &out->sid, err);
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

static enum gu_rc
privileges_read(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	size_t i;
	const json_t *item;

	json_array_foreach(json_object_get(in, "privileges_enabled"), i, item)
	{
		const char *name = json_string_value(item);
		enum gu_priv priv;

		if (!name || !gu_priv_parse(&priv, name)) {
			return gu_err_set(err, GU_RC_USAGE,
					  "unknown privilege %s",
					  name ? name : "");
		}
		token->present |= GU_PRIV_BIT(priv);
		token->enabled |= GU_PRIV_BIT(priv);
	}
	return GU_RC_OK;
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

static uint16_t claim_type(const char *name)
{
	static const struct {
		const char *name;
		uint16_t type;
	} rows[] = {
		{ "int64", GU_CLAIM_INT64 },   { "uint64", GU_CLAIM_UINT64 },
		{ "string", GU_CLAIM_STRING }, { "sid", GU_CLAIM_SID },
		{ "bool", GU_CLAIM_BOOLEAN },  { "boolean", GU_CLAIM_BOOLEAN },
		{ "octet", GU_CLAIM_OCTET },
	};

	for (size_t i = 0; name && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) == 0) {
			return rows[i].type;
		}
	}
	return 0;
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
	if (type == GU_CLAIM_STRING) {
		return gu_claims_add_string(claims, json_string_value(value),
					    err);
	}
	if (type == GU_CLAIM_OCTET) {
		return octets_add(claims, value, err);
	}
	rc = sid_from(value, "a claim's value", &sid, err);
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

static void flags_read(struct gu_token *token, const json_t *in)
{
	if (json_is_true(json_object_get(in, "write_restricted"))) {
		token->flags |= GU_TOKEN_WRITE_RESTRICTED;
	}
	if (json_is_true(json_object_get(in, "lpac"))) {
		token->flags |= GU_TOKEN_LPAC;
	}
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
		rc = gu_json_sid(in, "package", &token->package, err);
	}
	if (!rc) {
		rc = gu_json_sid(in, "trust", &token->trust, err);
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
