/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include "alloc.h"
#include "sec_json.h"
#include "banned.h"

/* C0, DEL, C1 as UTF-8 has it: a terminal obeys them, and a line ends there.
 * How many bytes of `s` are one; 0: none. */
static size_t control_at(const char *s)
{
	unsigned char c = (unsigned char)s[0];
	unsigned char next = c ? (unsigned char)s[1] : 0;

	if (c == 0xC2 && next >= 0x80 && next < 0xA0) {
		return 2;
	}
	return (c && c < 0x20) || c == 0x7F;
}

/* reading */

static enum gu_rc
in_field(struct gu_err *err, const char *field, const struct gu_err *inner)
{
	if (inner->rc == GU_RC_NOMEM) {
		return gu_err_nomem(err);
	}
	return gu_err_set(err, inner->rc, "%s: %s", field, inner->msg);
}

static enum gu_rc
read_name(const json_t *line, struct gu_snapshot_line *out, struct gu_err *err)
{
	const json_t *name = json_object_get(line, "name");
	const char *text = json_string_value(name);
	bool bad = !text || !*text || strlen(text) != json_string_length(name);

	for (const char *s = text; !bad && *s; s++) {
		bad = control_at(s);
	}
	if (bad) {
		return gu_err_set(err, GU_RC_USAGE,
				  "name must be a string of one line, such as "
				  "\"name\": \"alice\"");
	}
	out->memory = gu_strdup(text);
	out->name = out->memory;
	return out->name ? GU_RC_OK : gu_err_nomem(err);
}

static bool has(const json_t *line, const char *field)
{
	const json_t *value = json_object_get(line, field);

	return value && !json_is_null(value);
}

static enum gu_rc
read_type(const json_t *line, struct gu_snapshot_line *out, struct gu_err *err)
{
	const json_t *type = json_object_get(line, "type");

	out->type = GU_OBJ_file;
	if (!has(line, "type")) {
		return GU_RC_OK;
	}
	if (!json_is_string(type)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "type must be a string, such as \"key\"");
	}
	return gu_objtype_parse(&out->type, json_string_value(type), err);
}

static enum gu_rc read_object(const json_t *line, struct gu_snapshot_line *out,
			      struct gu_err *err)
{
	struct gu_err inner = GU_ERR_INIT;
	bool present;
	enum gu_rc rc = read_type(line, out, err);

	if (!rc && gu_json_sd(line, &out->sd, &present, &inner)) {
		rc = in_field(err, "descriptor", &inner);
	}
	return rc;
}

static enum gu_rc
read_token(const json_t *line, struct gu_snapshot_line *out, struct gu_err *err)
{
	struct gu_err inner = GU_ERR_INIT;

	if (gu_json_token(json_object_get(line, "token"), &out->token,
			  &inner)) {
		return in_field(err, "token", &inner);
	}
	return GU_RC_OK;
}

static enum gu_rc read_fields(const json_t *line, struct gu_snapshot_line *out,
			      struct gu_err *err)
{
	bool token = has(line, "token");
	bool sd = has(line, "sddl") || has(line, "sd_hex");
	enum gu_rc rc = read_name(line, out, err);

	if (rc) {
		return rc;
	}
	out->unreadable = has(line, "error");
	if (token + sd + out->unreadable != 1) {
		return gu_err_set(err, GU_RC_USAGE,
				  "a line has one of token (a principal), "
				  "sddl or sd_hex (an object) and error");
	}
	if (token) {
		return read_token(line, out, err);
	}
	if (out->unreadable && !has(line, "type")) {
		return GU_RC_OK;
	}
	return out->unreadable ? read_type(line, out, err)
			       : read_object(line, out, err);
}

enum gu_rc gu_snapshot_read(const char *text, size_t len,
			    struct gu_snapshot_line *out, struct gu_err *err)
{
	json_error_t syntax;
	json_t *line = json_loadb(text, len, 0, &syntax);
	enum gu_rc rc;

	*out = (struct gu_snapshot_line){ .type = GU_OBJ_NONE,
					  .sd = GU_SD_INIT };
	if (!line) {
		rc = gu_err_set(err, GU_RC_USAGE, "not JSON: %s (byte %d)",
				syntax.text, syntax.position);
	} else if (!json_is_object(line)) {
		rc = gu_err_set(err, GU_RC_USAGE,
				"not a JSON object; a line is {\"name\": "
				"\"...\", ...}");
	} else {
		rc = read_fields(line, out, err);
	}
	json_decref(line);
	return rc;
}

void gu_snapshot_release(struct gu_snapshot_line *line)
{
	gu_token_unref(line->token);
	gu_sd_release(&line->sd);
	gu_free(line->memory);
	*line = (struct gu_snapshot_line){ .type = GU_OBJ_NONE,
					   .sd = GU_SD_INIT };
}

/* writing */

static void
write_name(const char *name, enum gu_objtype type, struct gu_buf *out)
{
	gu_buf_adds(out, "{\"name\":\"");
	for (const char *s = name; *s; s++) {
		size_t n = control_at(s);
		const char *last = n == 2 ? ++s : s;

		if (n) {
			gu_buf_addf(out, "\\\\x%02X", (unsigned char)*last);
		} else {
			if (*s == '"' || *s == '\\') {
				gu_buf_addc(out, '\\');
			}
			gu_buf_addc(out, *s);
		}
	}
	gu_buf_addc(out, '"');
	if (type != GU_OBJ_NONE) {
		gu_buf_addf(out, ",\"type\":\"%s\"",
			    gu_objtype_row(type)->name);
	}
	gu_buf_addc(out, ',');
}

void gu_snapshot_write_principal(const char *name, const struct gu_token *token,
				 struct gu_buf *out)
{
	write_name(name, GU_OBJ_NONE, out);
	gu_buf_adds(out, "\"token\":");
	gu_json_token_write(token, out);
	gu_buf_adds(out, "}\n");
}

void gu_snapshot_write_object(const char *name, enum gu_objtype type,
			      const struct gu_sd *sd, struct gu_buf *out)
{
	write_name(name, type, out);
	gu_json_sd_write(sd, out);
	gu_buf_adds(out, "}\n");
}

void gu_snapshot_write_unreadable(const char *name, enum gu_objtype type,
				  uint32_t error, struct gu_buf *out)
{
	const char *known = gu_status_name(GU_CONV_BOOL, error);

	write_name(name, type, out);
	gu_buf_addf(out, "\"error\":{\"code\":%u", (unsigned)error);
	if (known) {
		gu_buf_addf(out, ",\"name\":\"%s\"", known);
	}
	gu_buf_adds(out, "}}\n");
}
