/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "answer.h"
#include "batch.h"
#include "explain.h"
#include "fn.h"
#include "sddl.h"
#include "text.h"
#include "banned.h"

struct options {
	const char *sddl;
	const char *type;
	const char *access;
	const char *user;
	const char *integrity;
	const char *level;
	struct gu_texts groups;
	struct gu_texts privileges;
	struct gu_texts restricting;
	const char *batch;
	bool backup;
	bool json;
};

/* One question, parsed. */
struct question {
	enum gu_objtype type;
	uint32_t desired;
	struct gu_sd sd;
	struct gu_token *token;
	struct gu_access_result result;
	json_t *steps;   /* of the decision, as lines */
	json_t *changes; /* that would turn it round */
};

/* the token */

/* A name, an SDDL code or S-1-... */
static enum gu_rc parse_sid(struct gu_sid *out, const char *text, size_t len,
			    struct gu_arena *arena, struct gu_err *err)
{
	const char *name = gu_arena_strndup(arena, text, len);
	struct gu_err ignored = GU_ERR_INIT;

	if (!name) {
		return gu_err_nomem(err);
	}
	if (gu_sddl_parse_sid(out, text, len, NULL, &ignored) == GU_RC_OK ||
	    gu_sid_from_name(out, name)) {
		return GU_RC_OK;
	}
	return gu_err_set(err, GU_RC_USAGE,
			  "%s is no known account: give S-1-..., an SDDL code "
			  "or a well-known name",
			  name);
}

static enum gu_rc add_group(struct gu_token *token, const char *text,
			    struct gu_arena *arena, struct gu_err *err)
{
	const uint32_t usual = GU_GROUP_MANDATORY |
			       GU_GROUP_ENABLED_BY_DEFAULT | GU_GROUP_ENABLED;
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	uint32_t attributes = usual;
	struct gu_sid sid;
	enum gu_rc rc = parse_sid(&sid, text, len, arena, err);

	if (rc) {
		return rc;
	}
	if (colon && gu_strcasecmp(colon + 1, "deny-only") == 0) {
		attributes = GU_GROUP_DENY_ONLY;
	} else if (colon && gu_strcasecmp(colon + 1, "disabled") == 0) {
		attributes = 0;
	} else if (colon &&
		   !gu_parse_u32(colon + 1, strlen(colon + 1), &attributes)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "%s: attributes are a number, deny-only or "
				  "disabled",
				  text);
	}
	return gu_token_add_group(token, &sid, attributes, err);
}

/* SeDebugPrivilege, or SeDebug for short. */
static bool
parse_privilege(enum gu_priv *out, const char *name, struct gu_arena *arena)
{
	const char *full = gu_arena_printf(arena, "%sPrivilege", name);

	return gu_priv_parse(out, name) || (full && gu_priv_parse(out, full));
}

static enum gu_rc add_privilege(struct gu_token *token, const char *name,
				struct gu_arena *arena, struct gu_err *err)
{
	const char *names[GU_PRIV_COUNT + 1] = { NULL };
	size_t n = 0;
	enum gu_priv priv;

	if (parse_privilege(&priv, name, arena)) {
		token->present |= GU_PRIV_BIT(priv);
		token->enabled |= GU_PRIV_BIT(priv);
		return GU_RC_OK;
	}
	for (uint32_t luid = 0; luid < GU_PRIV_COUNT; luid++) {
		if (gu_priv_name(luid)) {
			names[n++] = gu_priv_name(luid);
		}
	}
	return gu_err_set(err, GU_RC_USAGE, "unknown privilege %s%s", name,
			  gu_did_you_mean(arena, name, names));
}

static enum gu_rc
set_level(struct gu_token *token, const char *text, struct gu_err *err)
{
	if (!text) {
		return GU_RC_OK;
	}
	if (!gu_level_parse(&token->level, text)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "unknown level %s: Anonymous, "
				  "Identification, Impersonation or "
				  "Delegation",
				  text);
	}
	token->type = GU_TOKEN_IMPERSONATION;
	return GU_RC_OK;
}

static enum gu_rc
set_integrity(struct gu_token *token, const char *text, struct gu_err *err)
{
	if (!text || gu_il_from_name(&token->integrity, text) ||
	    gu_parse_u32(text, strlen(text), &token->integrity)) {
		return GU_RC_OK;
	}
	return gu_err_set(err, GU_RC_USAGE,
			  "unknown integrity level %s: Untrusted, Low, "
			  "Medium, MediumPlus, High, System or a number",
			  text);
}

static enum gu_rc add_restricting(struct gu_token *token, const char *text,
				  struct gu_arena *arena, struct gu_err *err)
{
	struct gu_sid sid;
	enum gu_rc rc = parse_sid(&sid, text, strlen(text), arena, err);

	return rc ? rc : gu_token_add_restricted(token, &sid, err);
}

static enum gu_rc build_token(struct gu_token *t, const struct options *o,
			      struct gu_arena *arena, struct gu_err *err)
{
	enum gu_rc rc =
		parse_sid(&t->user, o->user, strlen(o->user), arena, err);

	for (size_t i = 0; !rc && i < o->groups.count; i++) {
		rc = add_group(t, o->groups.list[i], arena, err);
	}
	for (size_t i = 0; !rc && i < o->restricting.count; i++) {
		rc = add_restricting(t, o->restricting.list[i], arena, err);
	}
	for (size_t i = 0; !rc && i < o->privileges.count; i++) {
		rc = add_privilege(t, o->privileges.list[i], arena, err);
	}
	if (!rc) {
		rc = set_level(t, o->level, err);
	}
	return rc ? rc : set_integrity(t, o->integrity, err);
}

/* the question */

static enum gu_rc
parse_sddl(struct gu_sd *out, const char *text, struct gu_err *err)
{
	struct gu_err inner = GU_ERR_INIT;
	enum gu_rc rc = gu_sddl_parse(out, text, NULL, &inner);

	if (rc && inner.offset != GU_ERR_NO_OFFSET) {
		return gu_err_set(err, rc, "--sddl, byte %zu: %s", inner.offset,
				  inner.msg);
	}
	return rc ? gu_err_set(err, rc, "--sddl: %s", inner.msg) : rc;
}

static enum gu_rc parse_question(struct question *q, const struct options *o,
				 struct gu_arena *arena, struct gu_err *err)
{
	enum gu_rc rc = gu_objtype_parse(&q->type, o->type, err);

	if (!rc) {
		rc = gu_rights_parse(&q->desired, q->type, o->access, err);
	}
	if (!rc) {
		rc = parse_sddl(&q->sd, o->sddl, err);
	}
	if (!rc) {
		rc = gu_token_new(&q->token, err);
	}
	return rc ? rc : build_token(q->token, o, arena, err);
}

/* An open refuses an impersonation token below Impersonation before it looks
 * at the descriptor. */
static bool refused_by_level(struct question *q)
{
	const struct gu_token *t = q->token;

	if (t->type == GU_TOKEN_PRIMARY || t->level >= GU_LEVEL_IMPERSONATION) {
		return false;
	}
	q->result = (struct gu_access_result){
		.status = GU_NT_BAD_IMPERSONATION_LEVEL,
		.reason = { .code = GU_REASON_LEVEL,
			    .level = (uint8_t)t->level },
	};
	return true;
}

static void add_line(json_t *lines, struct gu_buf *line)
{
	json_array_append_new(lines, json_stringn(line->data, line->len));
	gu_buf_release(line);
}

static void add_step(void *ctx, const struct gu_access_step *step)
{
	struct gu_buf line = GU_BUF_INIT;

	gu_access_step_format(step, &line);
	add_line(ctx, &line);
}

static void add_change(void *ctx, const struct gu_flip *flip)
{
	struct gu_buf line = GU_BUF_INIT;

	gu_flip_format(flip, &line);
	add_line(ctx, &line);
}

static enum gu_rc decide(struct question *q, bool backup, struct gu_err *err)
{
	const struct gu_access_request request = {
		.sd = &q->sd,
		.token = q->token,
		.map = &gu_objtype_row(q->type)->map,
		.desired = q->desired,
		.flags = backup ? GU_CHECK_BACKUP_INTENT : 0,
		.step = add_step,
		.step_ctx = q->steps,
	};

	if (refused_by_level(q)) {
		return GU_RC_OK;
	}
	gu_access_check(&request, &q->result);
	if (q->result.rc) {
		return gu_err_nomem(err);
	}
	return gu_access_flips(&request, add_change, q->changes, err);
}

/* the answer */

static void show_lines(const char *title, const json_t *lines)
{
	size_t i;
	const json_t *line;

	if (json_array_size(lines)) {
		printf("%s\n", title);
	}
	json_array_foreach(lines, i, line)
	{
		printf("  %s\n", json_string_value(line));
	}
}

static void
show_text(const struct question *q, const char *rights, const char *why)
{
	char status[16];
	uint32_t win32 = gu_ntstatus_to_win32(q->result.status);

	if (q->result.granted) {
		printf("granted: %s (0x%" PRIX32 ")\n", rights, q->result.mask);
	} else {
		printf("denied: %s (%" PRIu32 ")\n",
		       gu_status_text(GU_CONV_BOOL, win32, status), win32);
	}
	printf("because: %s\n", why);
	show_lines("steps:", q->steps);
	show_lines("it would be otherwise with one of:", q->changes);
}

static int
show_json(const struct question *q, const char *rights, const char *why)
{
	char status[16];
	const char *name =
		gu_status_text(GU_CONV_NTSTATUS, q->result.status, status);
	json_t *out = json_pack(
		"{s:b, s:I, s:I, s:s, s:s, s:I, s:s, s:O, s:O}", "granted",
		(int)q->result.granted, "asked", (json_int_t)q->desired, "mask",
		(json_int_t)q->result.mask, "rights", rights, "status", name,
		"last_error",
		(json_int_t)gu_ntstatus_to_win32(q->result.status), "reason",
		why, "steps", q->steps, "changes", q->changes);
	int lost = json_dumpf(out, stdout, 0);

	putchar('\n');
	json_decref(out);
	return lost ? GU_EXIT_HARNESS : GU_EXIT_OK;
}

static int show(struct gu_cmdline *cl, const struct question *q, bool json)
{
	struct gu_buf why = GU_BUF_INIT;
	struct gu_buf rights = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	int exit_code = GU_EXIT_OK;

	gu_reason_format(&q->result.reason, &why);
	gu_rights_format(q->result.mask, q->type, &rights);
	if (gu_buf_check(&why, &err) || gu_buf_check(&rights, &err)) {
		exit_code = gu_complain_err(cl, &err);
	} else if (json) {
		exit_code = show_json(q, rights.data, why.data);
	} else {
		show_text(q, rights.data, why.data);
	}
	gu_buf_release(&why);
	gu_buf_release(&rights);
	return exit_code;
}

static int answer(struct gu_cmdline *cl, const struct options *o)
{
	struct question q = { .sd = GU_SD_INIT,
			      .steps = json_array(),
			      .changes = json_array() };
	struct gu_err err = GU_ERR_INIT;
	int exit_code;

	if (parse_question(&q, o, &cl->arena, &err) ||
	    decide(&q, o->backup, &err)) {
		exit_code = gu_complain_err(cl, &err);
	} else {
		exit_code = show(cl, &q, o->json);
	}
	json_decref(q.steps);
	json_decref(q.changes);
	gu_token_unref(q.token);
	gu_sd_release(&q.sd);
	return exit_code;
}

static int run(struct gu_cmdline *cl)
{
	struct options o = { .type = "file", .access = "MAXIMUM_ALLOWED" };
	int exit_code;

	if (!gu_cmdline_parse(cl, &o, &exit_code)) {
		return exit_code;
	}
	if (o.batch) {
		return gu_batch_run(cl, o.batch, gu_answer_check);
	}
	if (!o.sddl || !o.user) {
		return gu_complain(cl, "needs --sddl TEXT and --user SID, or "
				       "--batch FILE");
	}
	return answer(cl, &o);
}

#define OPTION(type, field, name, value, doc)                               \
	{                                                                   \
		name, 0, GU_OPTION_##type, offsetof(struct options, field), \
			value, doc                                          \
	}

static const struct gu_option options[] = {
	OPTION(TEXT, sddl, "sddl", "TEXT", "the object's descriptor"),
	OPTION(TEXT, type, "type", "TYPE", "object type (default: file)"),
	OPTION(TEXT, access, "access", "RIGHTS",
	       "asked rights, joined by | (default: MAXIMUM_ALLOWED)"),
	OPTION(TEXT, user, "user", "SID",
	       "the token's user: S-1-..., SDDL code or well-known name"),
	OPTION(LIST, groups, "group", "SID[:ATTRS]",
	       "a group; ATTRS: deny-only, disabled or a number"),
	OPTION(LIST, privileges, "priv", "NAME", "an enabled privilege"),
	OPTION(LIST, restricting, "restrict", "SID", "a restricting SID"),
	OPTION(TEXT, integrity, "integrity", "LEVEL",
	       "Low, Medium (default), High, System..."),
	OPTION(TEXT, level, "level", "LEVEL",
	       "an impersonation token of this level (default: primary)"),
	OPTION(FLAG, backup, "backup", NULL, "open with backup intent"),
	OPTION(FLAG, json, "json", NULL, "answer as JSON"),
	OPTION(TEXT, batch, "batch", "FILE",
	       "JSON lines with sddl or sd_hex, token, desired_access... to "
	       "decisions; - is standard input"),
	{ 0 },
};

const struct gu_command gu_command_check = {
	.name = "check",
	.operands = "",
	.operand_max = 0,
	.doc = "one access check, explained",
	.options = options,
	.run = run,
};
