/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include "access_api.h"
#include "alloc.h"
#include "explain.h"
#include "sec_json.h"
#include "status.h"
#include "banned.h"

/* All that one line needs. */
struct line {
	struct gu_access_call call;
	struct gu_sd sd;
	struct gu_token *token;
	struct gu_generic_mapping map;
	struct gu_sid self;
	struct gu_object_type *types;
	struct gu_object_node *nodes;
	json_t *why; /* borrowed from the answer */
	bool has_api;
};

static void line_release(struct line *line)
{
	gu_sd_release(&line->sd);
	gu_token_unref(line->token);
	gu_free(line->types);
	gu_free(line->nodes);
}

static enum gu_rc
type_read(const json_t *item, struct gu_object_type *out, struct gu_err *err)
{
	const char *guid = json_string_value(json_object_get(item, "guid"));
	uint32_t level;
	enum gu_rc rc = gu_json_u32(item, "level", 0, &level, err);

	if (rc) {
		return rc;
	}
	if (level > UINT16_MAX || !guid || !gu_json_guid(guid, &out->guid)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "an object type needs a level and a GUID");
	}
	out->level = (uint16_t)level;
	return GU_RC_OK;
}

static enum gu_rc
types_read(struct line *line, const json_t *in, struct gu_err *err)
{
	const json_t *list = json_object_get(in, "object_type_list");
	size_t n = json_array_size(list);

	if (!n) {
		return GU_RC_OK;
	}
	line->types = gu_calloc(n, sizeof(*line->types));
	line->nodes = gu_calloc(n, sizeof(*line->nodes));
	if (!line->types || !line->nodes) {
		return gu_err_nomem(err);
	}
	for (size_t i = 0; i < n; i++) {
		enum gu_rc rc = type_read(json_array_get(list, i),
					  &line->types[i], err);

		if (rc) {
			return rc;
		}
	}
	line->call.request.types = line->types;
	line->call.request.nodes = line->nodes;
	line->call.request.type_count = n;
	return GU_RC_OK;
}

static enum gu_rc
api_read(struct line *line, const json_t *in, struct gu_err *err)
{
	const json_t *api = json_object_get(in, "api");

	line->has_api = api && !json_is_null(api);
	if (line->has_api &&
	    (!json_is_string(api) ||
	     !gu_access_api_parse(&line->call.api, json_string_value(api)))) {
		return gu_err_set(err, GU_RC_USAGE, "unknown api");
	}
	return GU_RC_OK;
}

static void step_add(void *ctx, const struct gu_access_step *step)
{
	struct gu_buf text = GU_BUF_INIT;

	gu_access_step_format(step, &text);
	json_array_append_new(ctx, json_stringn(text.data, text.len));
	gu_buf_release(&text);
}

static enum gu_rc
sid_read(struct line *line, const json_t *in, struct gu_err *err)
{
	enum gu_rc rc = gu_json_sid(in, "principal_self_sid", &line->self, err);

	if (!rc && gu_sid_is_set(&line->self)) {
		line->call.request.self = &line->self;
	}
	return rc;
}

static enum gu_rc
line_read(struct line *line, const json_t *in, struct gu_err *err)
{
	struct gu_access_request *req = &line->call.request;
	bool present = false;
	enum gu_rc rc = gu_json_sd(in, &line->sd, &present, err);

	req->sd = present ? &line->sd : NULL;
	if (!rc) {
		rc = gu_json_token(json_object_get(in, "token"), &line->token,
				   err);
	}
	if (!rc) {
		rc = gu_json_mapping(in, &line->map, err);
	}
	if (!rc) {
		rc = gu_json_u32(in, "desired_access", 0, &req->desired, err);
	}
	if (!rc) {
		rc = types_read(line, in, err);
	}
	if (!rc) {
		rc = sid_read(line, in, err);
	}
	if (!rc) {
		rc = api_read(line, in, err);
	}
	req->token = line->token;
	req->map = &line->map;
	req->step = step_add;
	req->step_ctx = line->why;
	return rc;
}

static json_t *status_json(uint32_t status)
{
	char text[16];

	return json_string(gu_status_text(GU_CONV_NTSTATUS, status, text));
}

static json_t *results_json(const struct line *line)
{
	json_t *list = json_array();

	for (size_t i = 0; i < line->call.request.type_count; i++) {
		json_t *item = json_object();

		json_object_set_new(item, "status",
				    status_json(line->nodes[i].status));
		json_object_set_new(item, "granted",
				    json_integer(line->nodes[i].granted));
		json_array_append_new(list, item);
	}
	return list;
}

static enum gu_rc
answer_core(struct line *line, json_t *out, struct gu_err *err)
{
	struct gu_access_result result;

	if (!gu_object_types_valid(line->types,
				   line->call.request.type_count)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "object_type_list is no tree");
	}
	gu_access_check(&line->call.request, &result);
	json_object_set_new(out, "granted", json_integer(result.mask));
	json_object_set_new(out, "access_status", json_boolean(result.granted));
	json_object_set_new(out, "status", status_json(result.status));
	return result.rc ? gu_err_nomem(err) : GU_RC_OK;
}

static enum gu_rc answer_api(struct line *line, json_t *out, struct gu_err *err)
{
	struct gu_access_answer a;

	gu_access_call(&line->call, &a);
	json_object_set_new(out, "api_ret", json_boolean(a.ret));
	json_object_set_new(out, "granted", json_integer(a.granted));
	json_object_set_new(out, "access_status", json_boolean(a.access));
	json_object_set_new(out, "status", status_json(a.status));
	json_object_set_new(out, "last_error",
			    a.last_error ? json_integer(a.last_error)
					 : json_null());
	if (a.checked && line->call.api == GU_API_NT_BY_TYPE_RESULT_LIST) {
		json_object_set_new(out, "results", results_json(line));
	}
	return a.result.rc ? gu_err_nomem(err) : GU_RC_OK;
}

enum gu_rc gu_answer_check(const json_t *in, json_t *out, struct gu_err *err)
{
	struct line line = { .sd = GU_SD_INIT, .why = json_array() };
	enum gu_rc rc = line.why ? GU_RC_OK : gu_err_nomem(err);

	if (!rc) {
		rc = line_read(&line, in, err);
	}
	if (!rc) {
		rc = line.has_api ? answer_api(&line, out, err)
				  : answer_core(&line, out, err);
	}
	if (!rc) {
		json_object_set(out, "why", line.why);
	}
	json_decref(line.why);
	line_release(&line);
	return rc;
}
