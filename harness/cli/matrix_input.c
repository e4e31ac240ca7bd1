/* SPDX-License-Identifier: MIT */
#include "matrix_input.h"

#include <stdio.h>

#include "alloc.h"
#include "lines.h"
#include "sec_json.h"
#include "banned.h"

enum gu_rc gu_matrix_input_init(struct gu_matrix_input *in,
				struct gu_cmdline *cl, struct gu_err *err)
{
	*in = (struct gu_matrix_input){ .cl = cl,
					.principals_seen = json_object(),
					.objects_seen = json_object() };
	if (!in->principals_seen || !in->objects_seen) {
		return gu_err_nomem(err);
	}
	return gu_matrix_new(&in->matrix, err);
}

void gu_matrix_input_release(struct gu_matrix_input *in)
{
	gu_matrix_free(in->matrix);
	gu_free(in->principals);
	gu_free(in->objects);
	json_decref(in->principals_seen);
	json_decref(in->objects_seen);
}

/* names */

/* C0, DEL, C1: a terminal obeys them, and a line ends there. */
static bool has_control(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		unsigned char next = (unsigned char)s[1];

		if (c < 0x20 || c == 0x7F ||
		    (c == 0xC2 && next >= 0x80 && next < 0xA0)) {
			return true;
		}
	}
	return false;
}

enum gu_rc gu_matrix_name_read(struct gu_matrix_input *in, const json_t *name,
			       struct gu_matrix_name *out, struct gu_err *err)
{
	const char *text = json_string_value(name);
	char *json;

	if (!text || !*text || strlen(text) != json_string_length(name) ||
	    has_control(text)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "name must be a string of one line, such as "
				  "\"name\": \"alice\"");
	}
	json = json_dumps(name, JSON_ENCODE_ANY);
	out->text = gu_arena_strdup(&in->cl->arena, text);
	out->json = json ? gu_arena_strdup(&in->cl->arena, json) : NULL;
	free(json);
	return out->text && out->json ? GU_RC_OK : gu_err_nomem(err);
}

/* Names tell rows apart, so each is given once. */
static enum gu_rc name_claim(json_t *seen, const char *kind, const char *name,
			     const char *place, struct gu_err *err)
{
	const json_t *first = json_object_get(seen, name);

	if (first) {
		return gu_err_set(err, GU_RC_USAGE,
				  "another %s is named %s (%s); each needs a "
				  "name of its own",
				  kind, name, json_string_value(first));
	}
	return json_object_set_new(seen, name, json_string(place))
		       ? gu_err_nomem(err)
		       : GU_RC_OK;
}

static bool is_left_out(const char *only, const char *name)
{
	return only && strcmp(only, name) != 0;
}

/* lines */

/* "sddl: expected ... (byte 7)" */
static enum gu_rc
in_field(struct gu_err *err, const char *field, const struct gu_err *inner)
{
	if (inner->rc == GU_RC_NOMEM) {
		return gu_err_nomem(err);
	}
	if (inner->offset == GU_ERR_NO_OFFSET) {
		return gu_err_set(err, inner->rc, "%s: %s", field, inner->msg);
	}
	return gu_err_set(err, inner->rc, "%s: %s (byte %zu)", field,
			  inner->msg, inner->offset);
}

static enum gu_rc
principal_add(struct gu_matrix_input *in, const struct gu_matrix_name *name,
	      const struct gu_token *token, struct gu_err *err)
{
	struct gu_matrix_name *list =
		gu_grow(in->principals, in->principal_count, &in->principal_cap,
			sizeof(*list));
	enum gu_rc rc;

	if (!list) {
		return gu_err_nomem(err);
	}
	in->principals = list;
	rc = gu_matrix_add_principal(in->matrix, token, err);
	if (!rc) {
		list[in->principal_count++] = *name;
	}
	return rc;
}

enum gu_rc
gu_matrix_input_principal(struct gu_matrix_input *in,
			  const struct gu_matrix_name *name, const char *place,
			  const struct gu_token *token, struct gu_err *err)
{
	enum gu_rc rc = name_claim(in->principals_seen, "principal", name->text,
				   place, err);

	if (!rc && !is_left_out(in->only_principal, name->text)) {
		rc = principal_add(in, name, token, err);
	}
	return rc;
}

static enum gu_rc principal_read(struct gu_matrix_input *in, const json_t *line,
				 const char *place, struct gu_err *err)
{
	struct gu_err inner = GU_ERR_INIT;
	struct gu_matrix_name name;
	struct gu_token *token = NULL;
	enum gu_rc rc = gu_matrix_name_read(in, json_object_get(line, "name"),
					    &name, err);

	if (rc) {
		return rc;
	}
	if (gu_json_token(json_object_get(line, "token"), &token, &inner)) {
		return in_field(err, "token", &inner);
	}
	rc = gu_matrix_input_principal(in, &name, place, token, err);
	gu_token_unref(token);
	return rc;
}

/* Its type names its rights and maps them; a mapping of its own goes first,
 * and then only the standard rights have names. */
static enum gu_rc
type_read(const json_t *line, struct gu_matrix_object *out, struct gu_err *err)
{
	const json_t *type = json_object_get(line, "type");
	const json_t *map = json_object_get(line, "generic_mapping");
	enum gu_rc rc = GU_RC_OK;

	out->type = GU_OBJ_file;
	if (type && !json_is_null(type)) {
		rc = json_is_string(type)
			     ? gu_objtype_parse(&out->type,
						json_string_value(type), err)
			     : gu_err_set(err, GU_RC_USAGE,
					  "type must be a string, such as "
					  "\"key\"");
	}
	if (rc) {
		return rc;
	}
	out->map = gu_objtype_row(out->type)->map;
	if (map && !json_is_null(map)) {
		rc = gu_json_mapping(line, &out->map, err);
		if (memcmp(&out->map, &gu_objtype_row(out->type)->map,
			   sizeof(out->map)) != 0) {
			out->type = GU_OBJ_NONE;
		}
	}
	return rc;
}

static enum gu_rc
sd_read(const json_t *line, struct gu_buf *bytes, struct gu_err *err)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_err inner = GU_ERR_INIT;
	bool present;

	if (gu_json_sd(line, &sd, &present, &inner)) {
		return in_field(err, "descriptor", &inner);
	}
	if (!present) {
		return gu_err_set(err, GU_RC_USAGE,
				  "an object needs sddl or sd_hex");
	}
	gu_sd_encode(&sd, bytes);
	gu_sd_release(&sd);
	return gu_buf_check(bytes, err);
}

static enum gu_rc object_add(struct gu_matrix_input *in,
			     const struct gu_matrix_object *object,
			     const struct gu_buf *bytes, struct gu_err *err)
{
	struct gu_matrix_object *list = gu_grow(in->objects, in->object_count,
						&in->object_cap, sizeof(*list));
	enum gu_rc rc;

	if (!list) {
		return gu_err_nomem(err);
	}
	in->objects = list;
	rc = gu_matrix_add_object(in->matrix, (const uint8_t *)bytes->data,
				  bytes->len, &object->map, err);
	if (!rc) {
		list[in->object_count++] = *object;
	}
	return rc;
}

enum gu_rc gu_matrix_input_object(struct gu_matrix_input *in,
				  const struct gu_matrix_object *object,
				  const char *place, const struct gu_buf *bytes,
				  struct gu_err *err)
{
	enum gu_rc rc = name_claim(in->objects_seen, "object",
				   object->name.text, place, err);

	if (!rc && !is_left_out(in->only_object, object->name.text)) {
		rc = object_add(in, object, bytes, err);
	}
	return rc;
}

static enum gu_rc object_read(struct gu_matrix_input *in, const json_t *line,
			      const char *place, struct gu_err *err)
{
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_matrix_object object;
	enum gu_rc rc = gu_matrix_name_read(in, json_object_get(line, "name"),
					    &object.name, err);

	if (!rc) {
		rc = type_read(line, &object, err);
	}
	if (!rc) {
		rc = sd_read(line, &bytes, err);
	}
	if (!rc) {
		rc = gu_matrix_input_object(in, &object, place, &bytes, err);
	}
	gu_buf_release(&bytes);
	return rc;
}

/* files */

static bool has(const json_t *line, const char *field)
{
	const json_t *value = json_object_get(line, field);

	return value && !json_is_null(value);
}

/* What the line is, among what it may be; 0 is neither. */
static unsigned kinds_of(const json_t *line, unsigned allowed)
{
	unsigned kinds = 0;

	if (allowed != (GU_PRINCIPALS | GU_OBJECTS)) {
		return allowed;
	}
	if (has(line, "token")) {
		kinds |= GU_PRINCIPALS;
	}
	if (has(line, "sddl") || has(line, "sd_hex")) {
		kinds |= GU_OBJECTS;
	}
	return kinds;
}

static enum gu_rc line_read(struct gu_matrix_input *in, const char *text,
			    const char *place, struct gu_err *err)
{
	json_error_t syntax;
	json_t *line = json_loads(text, 0, &syntax);
	unsigned kinds = kinds_of(line, in->kinds);
	enum gu_rc rc = GU_RC_OK;

	if (!line) {
		rc = gu_err_set(err, GU_RC_USAGE, "not JSON: %s (byte %d)",
				syntax.text, syntax.position);
	} else if (!json_is_object(line)) {
		rc = gu_err_set(err, GU_RC_USAGE,
				"not a JSON object; a line is {\"name\": "
				"\"...\", ...}");
	} else if (!kinds) {
		rc = gu_err_set(err, GU_RC_USAGE,
				"neither principal nor object; a principal "
				"has a token, an object sddl or sd_hex");
	}
	if (!rc && (kinds & GU_PRINCIPALS)) {
		rc = principal_read(in, line, place, err);
	}
	if (!rc && (kinds & GU_OBJECTS)) {
		rc = object_read(in, line, place, err);
	}
	json_decref(line);
	return rc;
}

static enum gu_rc
on_line(void *ctx, const char *text, size_t number, struct gu_err *err)
{
	struct gu_matrix_input *in = ctx;
	struct gu_err wrong = GU_ERR_INIT;
	char place[4096];
	enum gu_rc rc;

	(void)snprintf(place, sizeof(place), "%s:%zu",
		       strcmp(in->path, "-") == 0 ? "(standard input)"
						  : in->path,
		       number);
	rc = line_read(in, text, place, &wrong);
	if (rc == GU_RC_NOMEM) {
		return gu_err_nomem(err);
	}
	if (rc) {
		(void)fprintf(stderr, "%s: error: %s\n", place, wrong.msg);
		in->bad_lines++;
	}
	return GU_RC_OK;
}

int gu_matrix_input_read(struct gu_matrix_input *in, const char *path,
			 unsigned kinds)
{
	in->path = path;
	in->kinds = kinds;
	return gu_lines_read(in->cl, path, on_line, in);
}
