/* SPDX-License-Identifier: MIT */
#include "token_json.h"

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

enum gu_rc json_sid_value(const json_t *value, const char *field,
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
	return json_sid_value(value, field, out, err);
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

void json_text_write(const char *text, size_t len, struct gu_buf *out)
{
	json_t *string = json_stringn(text, len);
	char *quoted = json_dumps(string, JSON_ENCODE_ANY);

	if (quoted) {
		gu_buf_adds(out, quoted);
	} else {
		out->oom = true;
	}
	free(quoted);
	json_decref(string);
}

void gu_json_sd_write(const struct gu_sd *sd, struct gu_buf *out)
{
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_buf sddl = GU_BUF_INIT;

	gu_sd_encode(sd, &bytes);
	(void)gu_sddl_format(sd, GU_SECINFO_ALL, NULL, &sddl);
	gu_buf_adds(out, "\"sddl\":");
	json_text_write(sddl.data, sddl.len, out);
	gu_buf_adds(out, ",\"sd_hex\":\"");
	gu_hex_encode(out, bytes.data, bytes.len);
	gu_buf_addc(out, '"');
	out->oom |= bytes.oom || sddl.oom;
	gu_buf_release(&bytes);
	gu_buf_release(&sddl);
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
