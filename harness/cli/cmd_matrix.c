/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>

#include "matrix_output.h"
#include "matrix_scenario.h"
#include "matrix_snapshot.h"
#include "banned.h"

struct options {
	const char *principals;
	const char *objects;
	const char *scenario;
	const char *snapshot;
	const char *rights;
	const char *format;
	const char *who_can;
	const char *effective;
};

/* rights by name */

/* One name for every type at hand; refused when none of them has it. */
static enum gu_rc right_parse(struct gu_matrix_right *out,
			      const struct gu_matrix_input *in,
			      const char *name, struct gu_err *err)
{
	bool tried[GU_OBJ_COUNT + 1] = { false };
	bool known = false;

	*out = (struct gu_matrix_right){ .name = name };
	for (size_t i = 0; i < in->object_count; i++) {
		enum gu_objtype type = in->objects[i].type;
		struct gu_err refused = GU_ERR_INIT;
		uint32_t mask = 0;

		if (tried[type]) {
			continue;
		}
		tried[type] = true;
		if (!gu_rights_parse(&mask, type, name, &refused)) {
			out->mask[type] = mask;
			known = true;
		} else if (!known) {
			*err = refused;
		}
		if (mask & GU_MAXIMUM_ALLOWED) {
			return gu_err_set(err, GU_RC_USAGE,
					  "MAXIMUM_ALLOWED is no right: "
					  "without --rights all are shown");
		}
	}
	return known ? GU_RC_OK : err->rc;
}

/* A list by comma, blank or |. */
static enum gu_rc rights_parse(struct gu_matrix_view *view,
			       const struct gu_matrix_input *in,
			       const char *text, struct gu_err *err)
{
	static const char between[] = ", |\t";
	struct gu_arena *arena = &in->cl->arena;
	struct gu_matrix_right *list =
		gu_arena_alloc(arena, (strlen(text) / 2 + 1) * sizeof(*list));
	enum gu_rc rc = GU_RC_OK;

	if (!list) {
		return gu_err_nomem(err);
	}
	text += strspn(text, between);
	for (; !rc && *text; text += strspn(text, between)) {
		size_t len = strcspn(text, between);
		const char *name = gu_arena_strndup(arena, text, len);

		rc = name ? right_parse(&list[view->right_count++], in, name,
					err)
			  : gu_err_nomem(err);
		text += len;
	}
	if (!rc && !view->right_count) {
		rc = gu_err_set(err, GU_RC_USAGE,
				"--rights needs names, such as "
				"FILE_READ_DATA,WRITE_DAC");
	}
	view->rights = list;
	return rc;
}

/* The right asked about, of the one object there is. */
static enum gu_rc needed_parse(struct gu_matrix_view *view,
			       const struct gu_matrix_input *in,
			       const char *text, struct gu_err *err)
{
	const struct gu_matrix_object *object = &in->objects[0];
	uint32_t mask;
	enum gu_rc rc = gu_rights_parse(&mask, object->type, text, err);

	if (rc) {
		return rc;
	}
	view->needed = gu_mask_map(mask, &object->map);
	if (!view->needed || (view->needed & GU_MAXIMUM_ALLOWED)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "--who-can needs a right, such as "
				  "FILE_READ_DATA");
	}
	return GU_RC_OK;
}

/* input */

static int read_all(struct gu_matrix_input *in, const struct options *o)
{
	const char *a = o->principals ? o->principals : o->objects;
	const char *b = o->objects ? o->objects : o->principals;
	int exit_code;

	if (o->scenario) {
		return gu_matrix_scenario_read(in, o->scenario);
	}
	if (o->snapshot) {
		return gu_matrix_snapshot_read(in, o->snapshot);
	}
	if (!a) {
		a = b = "-";
	}
	if (strcmp(a, b) == 0) {
		return gu_matrix_input_read(in, a, GU_PRINCIPALS | GU_OBJECTS);
	}
	exit_code = gu_matrix_input_read(in, a, GU_PRINCIPALS);
	if (exit_code == GU_EXIT_OK) {
		exit_code = gu_matrix_input_read(in, b, GU_OBJECTS);
	}
	return exit_code;
}

/* How to give one, for whoever gave none. */
static int
none_given(const struct gu_matrix_input *in, const char *kind, bool object)
{
	const char *lines = object ? "one is a JSON line with name and sddl or "
				     "sd_hex"
				   : "one is a JSON line with name and token";
	const char *made = object ? "the scenario makes no object, such as a "
				    "file"
				  : "the scenario makes no account, process or "
				    "token";

	return gu_complain(in->cl, "there is no %s: %s", kind,
			   in->path ? lines : made);
}

static int missing(struct gu_matrix_input *in, const char *kind, json_t *seen,
		   const char *wanted)
{
	size_t count = json_object_size(seen);
	const char **names =
		gu_arena_alloc(&in->cl->arena, (count + 1) * sizeof(*names));
	const char *name;
	json_t *place;
	size_t n = 0;

	if (!count) {
		return none_given(in, kind, seen == in->objects_seen);
	}
	if (!names) {
		return GU_EXIT_HARNESS;
	}
	json_object_foreach(seen, name, place)
	{
		names[n++] = name;
	}
	return gu_complain(in->cl, "no %s is named %s%s", kind, wanted,
			   gu_did_you_mean(&in->cl->arena, wanted, names));
}

/* the command */

static int answer(struct gu_matrix_input *in, const struct options *o,
		  const struct gu_matrix_format *format)
{
	struct gu_matrix_view view = { .rights = NULL };
	struct gu_err err = GU_ERR_INIT;
	int exit_code = read_all(in, o);
	enum gu_rc rc = GU_RC_OK;

	if (exit_code != GU_EXIT_OK) {
		return exit_code;
	}
	if (!in->principal_count) {
		return missing(in, "principal", in->principals_seen,
			       in->only_principal);
	}
	if (!in->object_count) {
		return missing(in, "object", in->objects_seen, in->only_object);
	}
	if (o->rights) {
		rc = rights_parse(&view, in, o->rights, &err);
	}
	if (!rc && o->who_can) {
		rc = needed_parse(&view, in, o->who_can, &err);
	}
	if (!rc) {
		rc = gu_matrix_decide(in->matrix, &err);
	}
	if (!rc) {
		rc = gu_matrix_write(in, format, &view, &err);
	}
	if (rc) {
		return gu_complain_err(in->cl, &err);
	}
	return in->bad_lines ? GU_EXIT_USAGE : GU_EXIT_OK;
}

static int run(struct gu_cmdline *cl)
{
	struct options o = { .format = "text" };
	const struct gu_matrix_format *format;
	struct gu_matrix_input in;
	struct gu_err err = GU_ERR_INIT;
	int exit_code;

	if (!gu_cmdline_parse(cl, &o, &exit_code)) {
		return exit_code;
	}
	format = gu_matrix_format_find(o.format);
	if (!format) {
		return gu_complain(cl, "unknown format %s: text, csv or json",
				   o.format);
	}
	if (o.scenario && (o.principals || o.objects)) {
		return gu_complain(cl, "--scenario brings principals and "
				       "objects of its own: leave out "
				       "--principals and --objects");
	}
	if (o.snapshot && (o.scenario || o.principals || o.objects)) {
		return gu_complain(cl, "--snapshot brings principals and "
				       "objects of its own: leave out "
				       "--scenario, --principals and "
				       "--objects");
	}
	if (!o.who_can != !cl->operands.count) {
		return gu_complain(cl, "--who-can RIGHT and the name of an "
				       "object go together");
	}
	if (gu_matrix_input_init(&in, cl, &err)) {
		exit_code = gu_complain_err(cl, &err);
	} else {
		in.only_principal = o.effective;
		in.only_object = o.who_can ? cl->operands.list[0] : NULL;
		exit_code = answer(&in, &o, format);
	}
	gu_matrix_input_release(&in);
	return exit_code;
}

#define OPTION(field, name, value, doc)                                   \
	{                                                                 \
		name, 0, GU_OPTION_TEXT, offsetof(struct options, field), \
			value, doc                                        \
	}

static const struct gu_option options[] = {
	OPTION(principals, "principals", "FILE",
	       "JSON lines with name and token; - is standard input"),
	OPTION(objects, "objects", "FILE",
	       "JSON lines with name, sddl or sd_hex, type"),
	OPTION(scenario, "scenario", "FILE[:NAME]",
	       "both from the world of a scenario, or of a built-in NAME"),
	OPTION(snapshot, "snapshot", "FILE",
	       "both from what `guise snapshot` wrote"),
	OPTION(rights, "rights", "LIST",
	       "show these only, by name, where granted whole"),
	OPTION(format, "format", "FORMAT", "text (default), csv or json"),
	OPTION(who_can, "who-can", "RIGHT",
	       "only who has this right to the object named after it"),
	OPTION(effective, "effective", "PRINCIPAL",
	       "only what this principal has"),
	{ 0 },
};

const struct gu_command gu_command_matrix = {
	.name = "matrix",
	.operands = "[OBJECT]",
	.operand_max = 1,
	.doc = "who can do what: principals x objects x rights",
	.more = "One FILE may hold both kinds of lines; without any it is "
		"standard input.\n--scenario runs the scenario on the model and "
		"shows its accounts, processes and\ntokens against its objects, "
		"as they are at its end.\n",
	.options = options,
	.run = run,
};
