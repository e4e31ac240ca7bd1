/* SPDX-License-Identifier: MIT */
#include "answer_sddl.h"

#include "lint.h"
#include "sddl.h"
#include "status.h"
#include "text.h"
#include "banned.h"

enum { INVALID_SECURITY_DESCR = 1338 };

/* The fields of a line. */
struct line {
	const char *text; /* NULL: none */
	const char *hex;
	bool has_domain;
	struct gu_sid domain;
	uint32_t revision;
	uint32_t secinfo;
};

static enum gu_rc read_text(const json_t *in, const char *field,
			    const char **out, struct gu_err *err)
{
	const json_t *v = json_object_get(in, field);

	*out = json_string_value(v);
	if (v && !json_is_null(v) && !*out) {
		return gu_err_set(err, GU_RC_USAGE, "%s must be a string",
				  field);
	}
	return GU_RC_OK;
}

static enum gu_rc read_number(const json_t *in, const char *field,
			      uint32_t *out, struct gu_err *err)
{
	const json_t *v = json_object_get(in, field);
	json_int_t n = json_integer_value(v);

	if (!v || json_is_null(v)) {
		return GU_RC_OK;
	}
	if (!json_is_integer(v) || n < 0 || n > UINT32_MAX) {
		return gu_err_set(err, GU_RC_USAGE,
				  "%s must be a number from 0 to 4294967295",
				  field);
	}
	*out = (uint32_t)n;
	return GU_RC_OK;
}

static enum gu_rc
read_line(struct line *line, const json_t *in, struct gu_err *err)
{
	const char *domain = NULL;
	enum gu_rc rc = read_text(in, "sddl_in", &line->text, err);

	if (!rc) {
		rc = read_text(in, "sd_hex", &line->hex, err);
	}
	if (!rc) {
		rc = read_text(in, "local_domain_sid", &domain, err);
	}
	if (!rc && domain) {
		line->has_domain = true;
		rc = gu_sid_parse(&line->domain, domain, strlen(domain), err);
	}
	if (!rc) {
		rc = read_number(in, "sddl_revision", &line->revision, err);
	}
	if (!rc) {
		rc = read_number(in, "secinfo", &line->secinfo, err);
	}
	if (!rc && !line->text && !line->hex) {
		rc = gu_err_set(err, GU_RC_USAGE, "needs sddl_in or sd_hex");
	}
	return rc;
}

static const struct gu_sid *domain_of(const struct line *line)
{
	return line->has_domain ? &line->domain : NULL;
}

static void refuse(json_t *out, uint32_t code, const struct gu_err *err)
{
	char name[16];
	json_t *error = json_object();

	json_object_set_new(error, "code", json_integer(code));
	json_object_set_new(
		error, "name",
		json_string(gu_status_text(GU_CONV_BOOL, code, name)));
	json_object_set_new(error, "offset",
			    err->offset == GU_ERR_NO_OFFSET
				    ? json_null()
				    : json_integer((json_int_t)err->offset));
	json_object_set_new(error, "message", json_string(err->msg));
	json_object_set_new(out, "error", error);
}

static enum gu_rc set_text(json_t *out, const char *field,
			   const struct gu_buf *text, struct gu_err *err)
{
	enum gu_rc rc = gu_buf_check(text, err);

	if (!rc && json_object_set_new(out, field,
				       json_stringn(text->data, text->len))) {
		return gu_err_set(err, GU_RC_USAGE,
				  "the text is not Unicode and so cannot be "
				  "written in JSON");
	}
	return rc;
}

/* Text to bytes. Sets `*refused` when Windows would. */
static enum gu_rc to_bytes(const struct line *line, struct gu_buf *bytes,
			   json_t *out, bool *refused, struct gu_err *err)
{
	struct gu_sddl_reading reading = { .domain = domain_of(line),
					   .revision = line->revision };
	struct gu_buf hex = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = gu_sddl_read(&sd, line->text, &reading, err);

	*refused = rc == GU_RC_USAGE;
	if (*refused) {
		refuse(out, reading.last_error, err);
		return GU_RC_OK;
	}
	if (!rc) {
		gu_sd_encode(&sd, bytes);
		gu_hex_encode(&hex, bytes->data, bytes->len);
		rc = gu_buf_check(bytes, err);
	}
	if (!rc) {
		rc = set_text(out, "sd_hex", &hex, err);
	}
	gu_sd_release(&sd);
	gu_buf_release(&hex);
	return rc;
}

static enum gu_rc to_text(const struct line *line, const struct gu_buf *bytes,
			  json_t *out, struct gu_err *err)
{
	struct gu_buf text = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = gu_sd_decode(&sd, (const uint8_t *)bytes->data,
				     bytes->len, err);

	if (!rc &&
	    !gu_sddl_format(&sd, line->secinfo, domain_of(line), &text)) {
		rc = gu_err_set(err, GU_RC_USAGE, "an ACE has no SDDL form: %s",
				text.data);
	}
	if (rc == GU_RC_USAGE) {
		refuse(out, INVALID_SECURITY_DESCR, err);
		rc = GU_RC_OK;
	} else if (!rc) {
		rc = set_text(out, "sddl_out", &text, err);
	}
	gu_sd_release(&sd);
	gu_buf_release(&text);
	return rc;
}

static enum gu_rc
load_hex(const char *hex, struct gu_buf *bytes, struct gu_err *err)
{
	size_t bad;

	gu_buf_reset(bytes);
	if (!gu_hex_decode(bytes, hex, strlen(hex), &bad)) {
		return gu_err_at(err, bad,
				 "sd_hex: expected hex digits in "
				 "pairs");
	}
	return gu_buf_check(bytes, err);
}

enum gu_rc gu_answer_sddl(const json_t *in, json_t *out, struct gu_err *err)
{
	struct line line = { .revision = GU_SDDL_REVISION,
			     .secinfo = GU_SECINFO_ALL };
	struct gu_buf bytes = GU_BUF_INIT;
	bool refused = false;
	enum gu_rc rc = read_line(&line, in, err);

	if (!rc && line.text) {
		rc = to_bytes(&line, &bytes, out, &refused, err);
	}
	if (!rc && line.hex) {
		rc = load_hex(line.hex, &bytes, err);
	}
	if (!rc && (line.hex || !refused)) {
		rc = to_text(&line, &bytes, out, err);
	}
	gu_buf_release(&bytes);
	return rc;
}

/* a descriptor in full */

static json_t *sid_json(const struct gu_sid *sid)
{
	char text[GU_SID_TEXT_MAX];

	return gu_sid_is_set(sid) ? json_string(gu_sid_text(sid, text))
				  : json_null();
}

static json_t *text_json(struct gu_buf *text)
{
	json_t *v = text->oom ? NULL : json_stringn(text->data, text->len);

	gu_buf_release(text);
	return v;
}

static json_t *ace_json(const struct gu_ace *ace, const struct gu_sid *domain)
{
	struct gu_buf text = GU_BUF_INIT;
	json_t *v = json_object();

	(void)gu_sddl_format_ace(ace, domain, &text);
	json_object_set_new(v, "type", json_integer(ace->type));
	json_object_set_new(v, "flags", json_integer(ace->flags));
	json_object_set_new(v, "mask", json_integer(ace->mask));
	json_object_set_new(v, "sid", sid_json(&ace->sid));
	json_object_set_new(v, "text", text_json(&text));
	return v;
}

static json_t *
acl_json(const struct gu_acl *acl, bool present, const struct gu_sid *domain)
{
	json_t *list;

	if (!present) {
		return json_null();
	}
	list = json_array();
	for (uint32_t i = 0; i < acl->count; i++) {
		json_array_append_new(list, ace_json(&acl->aces[i], domain));
	}
	return list;
}

static void add_warning(void *arg, const struct gu_lint_warning *w)
{
	json_t *v = json_object();

	json_object_set_new(v, "id", json_string(gu_lint_name(w->lint)));
	json_object_set_new(v, "acl",
			    w->ace == GU_LINT_NO_ACE
				    ? json_null()
				    : json_string(w->sacl ? "SACL" : "DACL"));
	json_object_set_new(v, "ace",
			    w->ace == GU_LINT_NO_ACE ? json_null()
						     : json_integer(w->ace));
	json_object_set_new(v, "sentence", json_string(w->sentence));
	json_array_append_new(arg, v);
}

json_t *gu_sd_json(const struct gu_sd *sd, const struct gu_sid *domain)
{
	struct gu_buf text = GU_BUF_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_buf hex = GU_BUF_INIT;
	json_t *v = json_object();
	json_t *warnings = json_array();

	(void)gu_sddl_format(sd, GU_SECINFO_ALL, domain, &text);
	gu_sd_encode(sd, &bytes);
	gu_hex_encode(&hex, bytes.data, bytes.len);
	json_object_set_new(v, "sddl", text_json(&text));
	json_object_set_new(v, "sd_hex", text_json(&hex));
	json_object_set_new(v, "control", json_integer(sd->control));
	json_object_set_new(v, "owner", sid_json(&sd->owner));
	json_object_set_new(v, "group", sid_json(&sd->group));
	json_object_set_new(v, "dacl",
			    acl_json(&sd->dacl, gu_sd_has_dacl(sd), domain));
	json_object_set_new(v, "sacl",
			    acl_json(&sd->sacl, gu_sd_has_sacl(sd), domain));
	if (bytes.oom || gu_lint_sd(sd, domain, add_warning, warnings, NULL)) {
		json_decref(v);
		v = NULL;
	}
	json_object_set_new(v, "warnings", warnings);
	gu_buf_release(&bytes);
	return v;
}
