/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include "inherit.h"
#include "sec_json.h"
#include "status.h"
#include "banned.h"

/* All that one line needs. */
struct line {
	struct gu_inherit_request req;
	struct gu_generic_mapping map;
	struct gu_token *token;
	struct gu_sd parent;
	struct gu_sd creator;
	bool dacl; /* the section asked about */
};

static void line_release(struct line *line)
{
	gu_sd_release(&line->parent);
	gu_sd_release(&line->creator);
	gu_token_unref(line->token);
}

static enum gu_rc
ace_read(const json_t *item, struct gu_ace *out, struct gu_err *err)
{
	uint32_t type, flags;
	enum gu_rc rc = gu_json_u32(item, "type", 0, &type, err);

	if (!rc) {
		rc = gu_json_u32(item, "flags", 0, &flags, err);
	}
	if (!rc) {
		rc = gu_json_u32(item, "mask", 0, &out->mask, err);
	}
	if (!rc) {
		rc = gu_json_sid(item, "sid", &out->sid, err);
	}
	if (rc) {
		return rc;
	}
	if (type > UINT8_MAX || flags > UINT8_MAX ||
	    !gu_sid_is_set(&out->sid)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "an ACE has a type, flags, mask and sid");
	}
	out->type = (uint8_t)type;
	out->flags = (uint8_t)flags;
	return GU_RC_OK;
}

static enum gu_rc
aces_read(struct gu_acl *acl, const json_t *list, struct gu_err *err)
{
	size_t i;
	const json_t *item;

	json_array_foreach(list, i, item)
	{
		struct gu_ace ace = { .type = 0 };
		enum gu_rc rc = ace_read(item, &ace, err);

		if (!rc) {
			rc = gu_acl_append(acl, &ace, err);
		}
		if (rc) {
			return rc;
		}
	}
	return GU_RC_OK;
}

/* {"defaulted", "null", "aces"} as that section of `sd`. */
static enum gu_rc section_read(const struct line *line, const json_t *in,
			       struct gu_sd *sd, struct gu_err *err)
{
	bool null = json_is_true(json_object_get(in, "null"));

	sd->control |= line->dacl ? GU_SE_DACL_PRESENT : GU_SE_SACL_PRESENT;
	if (json_is_true(json_object_get(in, "defaulted"))) {
		sd->control |= line->dacl ? GU_SE_DACL_DEFAULTED
					  : GU_SE_SACL_DEFAULTED;
	}
	if (json_is_true(json_object_get(in, "protected"))) {
		sd->control |= line->dacl ? GU_SE_DACL_PROTECTED
					  : GU_SE_SACL_PROTECTED;
	}
	*(line->dacl ? &sd->null_dacl : &sd->null_sacl) = null;
	return aces_read(line->dacl ? &sd->dacl : &sd->sacl,
			 json_object_get(in, "aces"), err);
}

static enum gu_rc
token_read(struct line *line, const json_t *in, struct gu_err *err)
{
	const json_t *token = json_object_get(in, "creator_token");
	const json_t *dacl = json_object_get(token, "default_dacl");
	enum gu_rc rc = gu_json_token(token, &line->token, err);

	if (!rc && json_is_array(dacl)) {
		line->token->has_default_dacl = true;
		rc = aces_read(&line->token->default_dacl, dacl, err);
	}
	line->req.token = line->token;
	return rc;
}

static enum gu_rc
descriptors_read(struct line *line, const json_t *in, struct gu_err *err)
{
	const json_t *parent = json_object_get(in, "parent");
	const json_t *creator = json_object_get(in, "explicit");
	const char *section = json_string_value(json_object_get(in, "section"));
	enum gu_rc rc = GU_RC_OK;

	line->dacl = !section || strcmp(section, "dacl") == 0;
	if (!line->dacl && strcmp(section, "sacl") != 0) {
		return gu_err_set(err, GU_RC_USAGE,
				  "section is dacl or sacl, not %s", section);
	}
	if (json_is_object(parent)) {
		line->req.parent = &line->parent;
		rc = section_read(line, parent, &line->parent, err);
	}
	if (!rc && json_is_object(creator)) {
		line->req.creator = &line->creator;
		rc = section_read(line, creator, &line->creator, err);
	}
	return rc;
}

static json_t *sid_json(const struct gu_sid *sid)
{
	char text[GU_SID_TEXT_MAX];

	return gu_sid_is_set(sid) ? json_string(gu_sid_text(sid, text))
				  : json_null();
}

static json_t *aces_json(const struct gu_acl *acl)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < acl->count; i++) {
		const struct gu_ace *ace = &acl->aces[i];
		json_t *item = json_object();

		json_object_set_new(item, "type", json_integer(ace->type));
		json_object_set_new(item, "flags", json_integer(ace->flags));
		json_object_set_new(item, "mask", json_integer(ace->mask));
		json_object_set_new(item, "sid", sid_json(&ace->sid));
		json_array_append_new(list, item);
	}
	return list;
}

static void
sd_answer(const struct line *line, const struct gu_sd *sd, json_t *out)
{
	bool present = sd->control &
		       (line->dacl ? GU_SE_DACL_PRESENT : GU_SE_SACL_PRESENT);
	bool defaulted = sd->control & (line->dacl ? GU_SE_DACL_DEFAULTED
						   : GU_SE_SACL_DEFAULTED);
	bool null = line->dacl ? sd->null_dacl : sd->null_sacl;

	json_object_set_new(out, "owner", sid_json(&sd->owner));
	json_object_set_new(out, "group", sid_json(&sd->group));
	json_object_set_new(out, "present", json_boolean(present));
	json_object_set_new(out, "null", json_boolean(present && null));
	json_object_set_new(out, "defaulted", json_boolean(defaulted));
	json_object_set_new(
		out, "aces",
		present && !null ? aces_json(line->dacl ? &sd->dacl : &sd->sacl)
				 : json_null());
}

static enum gu_rc
line_answer(struct line *line, json_t *out, struct gu_err *err)
{
	struct gu_sd sd = GU_SD_INIT;
	uint32_t status;
	char text[16];
	enum gu_rc rc = gu_inherit(&sd, &line->req, &status, err);

	if (!rc && status) {
		rc = gu_err_set(err, GU_RC_USAGE, "refused: %s",
				gu_status_text(GU_CONV_NTSTATUS, status, text));
	}
	if (!rc) {
		sd_answer(line, &sd, out);
	}
	gu_sd_release(&sd);
	return rc;
}

enum gu_rc gu_answer_inherit(const json_t *in, json_t *out, struct gu_err *err)
{
	struct line line = { .parent = GU_SD_INIT, .creator = GU_SD_INIT };
	enum gu_rc rc = token_read(&line, in, err);

	line.req.map = &line.map;
	line.req.container = json_is_true(json_object_get(in, "is_container"));
	if (!rc) {
		rc = gu_json_mapping(in, &line.map, err);
	}
	if (!rc) {
		rc = gu_json_u32(in, "auto_inherit_flags", 0, &line.req.flags,
				 err);
	}
	if (!rc) {
		rc = descriptors_read(&line, in, err);
	}
	if (!rc) {
		rc = line_answer(&line, out, err);
	}
	line_release(&line);
	return rc;
}
