/* SPDX-License-Identifier: MIT */
#include "matrix_scenario.h"

#include <stdio.h>
#include <uv.h>

#include "builtin.h"
#include "registry.h"
#include "script.h"
#include "text.h"
#include "banned.h"

/* One scenario of one or more sources. */
struct found {
	const char *name; /* borrowed from the arena */
	const char *file;
	int line;
};

struct search {
	struct gu_matrix_input *in;
	struct gu_sources sources;
	const char *file;   /* asked for, or NULL: the built-in ones */
	const char *name;   /* asked for, or NULL */
	struct found *list; /* all there are; in the arena */
	size_t count;
	size_t cap;
	struct found one; /* that was meant */
	bool seen;        /* it has set up something */
	enum gu_verdict verdict;
	struct gu_err err; /* of a callback */
};

/* what there is */

static void
on_listed(void *arg, const struct gu_scenario_info *info, enum gu_verdict worst)
{
	struct search *s = arg;
	struct gu_arena *arena = &s->in->cl->arena;
	struct found *list;

	(void)worst;
	if (s->file && strcmp(s->file, info->file) != 0) {
		return;
	}
	if (s->count == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 64;

		list = gu_arena_alloc(arena, cap * sizeof(*list));
		if (!list) {
			(void)gu_err_nomem(&s->err);
			return;
		}
		if (s->count) {
			memcpy(list, s->list, s->count * sizeof(*list));
		}
		s->list = list;
		s->cap = cap;
	}
	s->list[s->count] = (struct found){
		.name = gu_arena_strdup(arena, info->name),
		.file = info->file,
		.line = info->line,
	};
	if (!s->list[s->count].name) {
		(void)gu_err_nomem(&s->err);
		return;
	}
	s->count++;
}

/* Explanations are for whoever runs the scenario to see it pass. */
static void on_diagnostic(void *arg, const char *line)
{
	(void)arg;
	if (*line != ' ') {
		(void)fprintf(stderr, "%s\n", line);
	}
}

static struct gu_run_options run_options(struct search *s)
{
	return (struct gu_run_options){
		.target = gu_targets[0],
		.engine = &gu_engine_lua,
		.limits = { .timeout_ms = 10000, .memory = (size_t)256 << 20 },
		.diagnostic = on_diagnostic,
		.arg = s,
	};
}

static int list_all(struct search *s)
{
	struct gu_run_options o = run_options(s);
	struct gu_run_totals totals;
	struct gu_err err = GU_ERR_INIT;

	o.progress = on_listed;
	if (gu_run_list(&o, s->sources.list, s->sources.count, &totals, &err)) {
		return gu_complain_err(s->in->cl, &err);
	}
	if (s->err.rc) {
		return gu_complain_err(s->in->cl, &s->err);
	}
	return totals.load_errors ? GU_EXIT_HARNESS : GU_EXIT_OK;
}

/* which one is meant */

static const char *suggestion(struct search *s)
{
	struct gu_arena *arena = &s->in->cl->arena;
	const char **names =
		gu_arena_alloc(arena, (s->count + 1) * sizeof(*names));

	for (size_t i = 0; names && i < s->count; i++) {
		names[i] = s->list[i].name;
	}
	return names ? gu_did_you_mean(arena, s->name, names) : "";
}

static int not_there(struct search *s)
{
	const struct gu_cmdline *cl = s->in->cl;

	if (s->file) {
		return gu_complain(cl, "%s has no scenario named \"%s\"%s",
				   s->file, s->name, suggestion(s));
	}
	return gu_complain(cl,
			   "--scenario: there is neither a file nor a built-in "
			   "scenario \"%s\"%s",
			   s->name, suggestion(s));
}

static bool
is_meant(const struct search *s, const struct found *f, bool by_line)
{
	uint32_t line;

	if (!by_line) {
		return strcmp(f->name, s->name) == 0;
	}
	return s->file && gu_parse_u32(s->name, strlen(s->name), &line) &&
	       line == (uint32_t)f->line;
}

/* A name that is a number is a name first. */
static int choose_named(struct search *s)
{
	for (int by_line = 0; by_line < 2; by_line++) {
		for (size_t i = 0; i < s->count; i++) {
			if (is_meant(s, &s->list[i], by_line)) {
				s->one = s->list[i];
				return GU_EXIT_OK;
			}
		}
	}
	return not_there(s);
}

static int choose(struct search *s)
{
	if (s->name) {
		return choose_named(s);
	}
	if (s->count != 1) {
		return gu_complain(s->in->cl,
				   "%s has %zu scenarios: say which, by "
				   "--scenario FILE:NAME or by its line, such "
				   "as --scenario %s:%d",
				   s->file, s->count, s->file,
				   s->count ? s->list[0].line : 1);
	}
	s->one = s->list[0];
	return GU_EXIT_OK;
}

/* "FILE" or "FILE:NAME" */

static bool is_file(const char *path)
{
	uv_fs_t req;
	int code = uv_fs_stat(NULL, &req, path, NULL);
	bool file = !code && (req.statbuf.st_mode & S_IFMT) == S_IFREG;

	uv_fs_req_cleanup(&req);
	return file;
}

static bool is_builtin(const struct search *s, const char *path)
{
	for (size_t i = 0; i < s->sources.count; i++) {
		if (strcmp(s->sources.list[i].path, path) == 0) {
			return true;
		}
	}
	return false;
}

/* Paths and names may both hold colons: the shortest path that is a file. A
 * file on the disk comes before one built in. */
static enum gu_rc
split(struct search *s, const char *wanted, bool builtin, struct gu_err *err)
{
	struct gu_arena *arena = &s->in->cl->arena;
	size_t len = strcspn(wanted, ":");

	for (;;) {
		const char *path = gu_arena_strndup(arena, wanted, len);

		if (!path) {
			return gu_err_nomem(err);
		}
		if (builtin ? is_builtin(s, path) : is_file(path)) {
			s->file = path;
			s->name = wanted[len] ? wanted + len + 1 : NULL;
			return GU_RC_OK;
		}
		if (!wanted[len]) {
			s->name = wanted;
			return GU_RC_OK;
		}
		len += 1 + strcspn(wanted + len + 1, ":");
	}
}

static enum gu_rc
look_up(struct search *s, const char *wanted, struct gu_err *err)
{
	enum gu_rc rc = split(s, wanted, false, err);

	if (rc || s->file) {
		return rc ? rc : gu_sources_add(&s->sources, s->file, err);
	}
	rc = gu_builtin_add(&s->sources, &s->in->cl->arena, err);
	return rc ? rc : split(s, wanted, true, err);
}

static int find(struct search *s, const char *wanted)
{
	struct gu_err err = GU_ERR_INIT;
	int exit_code;

	if (look_up(s, wanted, &err)) {
		return gu_complain_err(s->in->cl, &err);
	}
	exit_code = list_all(s);
	return exit_code == GU_EXIT_OK ? choose(s) : exit_code;
}

/* names */

/* What JSON and a line cannot hold becomes a question mark. */
static json_t *name_json(char *text)
{
	json_t *name;

	for (char *p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7F) {
			*p = '?';
		}
	}
	name = json_string(text);
	for (char *p = text; !name && *p; p++) {
		if ((unsigned char)*p >= 0x80) {
			*p = '?';
		}
	}
	return name ? name : json_string(text);
}

static const char *kind_of(const struct gu_thing *t)
{
	if (t->kind == GU_REF_OBJECT) {
		return gu_objtype_row(t->type)->name;
	}
	if (t->kind == GU_REF_ACCOUNT) {
		return "account";
	}
	return t->kind == GU_REF_PROCESS ? "process" : "token";
}

/* The n-th name to try: things of several kinds may be called the same, and a
 * token is called as its user. */
static char *
candidate(struct gu_arena *arena, const struct gu_thing *t, unsigned n)
{
	n += t->kind == GU_REF_TOKEN;
	if (n == 0) {
		return gu_arena_strdup(arena, t->name);
	}
	if (n == 1) {
		return gu_arena_printf(arena, "%s (%s)", t->name, kind_of(t));
	}
	return gu_arena_printf(arena, "%s (%s %u)", t->name, kind_of(t), n);
}

static enum gu_rc name_thing(struct gu_matrix_input *in,
			     const struct gu_thing *t,
			     struct gu_matrix_name *out, struct gu_err *err)
{
	json_t *seen = t->kind == GU_REF_OBJECT ? in->objects_seen
						: in->principals_seen;
	json_t *name = NULL;
	enum gu_rc rc;

	for (unsigned n = 0;; n++) {
		char *text = candidate(&in->cl->arena, t, n);

		name = text ? name_json(text) : NULL;
		if (!name) {
			return gu_err_nomem(err);
		}
		if (!json_object_get(seen, json_string_value(name))) {
			break;
		}
		json_decref(name);
	}
	rc = gu_matrix_name_read(in, name, out, err);
	json_decref(name);
	return rc;
}

/* what was set up */

static enum gu_rc object_take(struct gu_matrix_input *in,
			      const struct gu_thing *t,
			      const struct gu_matrix_name *name,
			      const char *place, struct gu_err *err)
{
	const struct gu_matrix_object object = {
		.name = *name,
		.type = t->type,
		.map = gu_objtype_row(t->type)->map,
	};
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc;

	gu_sd_encode(t->basis->sd, &bytes);
	rc = gu_buf_check(&bytes, err);
	if (!rc) {
		rc = gu_matrix_input_object(in, &object, place, &bytes, err);
	}
	gu_buf_release(&bytes);
	return rc;
}

static enum gu_rc thing_take(struct gu_matrix_input *in,
			     const struct gu_thing *t, const char *place,
			     struct gu_err *err)
{
	struct gu_matrix_name name;
	enum gu_rc rc = name_thing(in, t, &name, err);

	if (rc) {
		return rc;
	}
	return t->kind == GU_REF_OBJECT
		       ? object_take(in, t, &name, place, err)
		       : gu_matrix_input_principal(in, &name, place,
						   t->basis->token, err);
}

static void on_things(void *arg, const struct gu_scenario_info *info,
		      const struct gu_thing *things, size_t count)
{
	struct search *s = arg;
	const char *place = gu_arena_printf(&s->in->cl->arena, "%s:%d",
					    info->file, info->line);
	enum gu_rc rc = place ? GU_RC_OK : gu_err_nomem(&s->err);

	/* Another of the same name. */
	if (info->line != s->one.line) {
		return;
	}
	s->seen = true;
	for (size_t i = 0; !rc && i < count; i++) {
		rc = thing_take(s->in, &things[i], place, &s->err);
	}
}

static void
on_done(void *arg, const struct gu_scenario_info *info, enum gu_verdict worst)
{
	struct search *s = arg;

	if (info->line == s->one.line) {
		s->verdict = worst;
	}
}

/* Only the file that it is in. */
static enum gu_rc run_one(struct search *s, struct gu_err *err)
{
	struct gu_run_options o = run_options(s);
	struct gu_run_totals totals;
	enum gu_rc rc = GU_RC_OK;

	o.name = s->one.name;
	o.progress = on_done;
	o.things = on_things;
	for (size_t i = 0; !rc && i < s->sources.count; i++) {
		if (strcmp(s->sources.list[i].path, s->one.file) == 0) {
			rc = gu_run(&o, &s->sources.list[i], 1, &totals, err);
		}
	}
	if (!rc && s->err.rc) {
		*err = s->err;
		rc = err->rc;
	}
	return rc;
}

static int warn(const struct search *s)
{
	if (s->verdict == GU_VERDICT_PASS || s->verdict == GU_VERDICT_KNOWN) {
		return GU_EXIT_OK;
	}
	(void)fprintf(stderr,
		      "guise matrix: warning: %s:%d ended in %s; this is the "
		      "world it left\n",
		      s->one.file, s->one.line, gu_verdict_name(s->verdict));
	return s->seen || s->verdict != GU_VERDICT_ERROR ? GU_EXIT_OK
							 : GU_EXIT_HARNESS;
}

int gu_matrix_scenario_read(struct gu_matrix_input *in, const char *wanted)
{
	struct search s = { .in = in };
	struct gu_err err = GU_ERR_INIT;
	int exit_code = find(&s, wanted);

	if (exit_code == GU_EXIT_OK) {
		exit_code = run_one(&s, &err) ? gu_complain_err(in->cl, &err)
					      : warn(&s);
	}
	gu_sources_free(&s.sources);
	return exit_code;
}
