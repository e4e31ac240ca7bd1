/* SPDX-License-Identifier: MIT */
#include "outputs.h"

#include <uv.h>

#include "file.h"
#include "platform.h"
#include "banned.h"

static bool is_stdout(const char *path)
{
	return strcmp(path, "-") == 0;
}

static enum gu_rc parse_output(struct gu_output *out, const char *request,
			       struct gu_arena *arena, struct gu_err *err)
{
	const char *equals = strchr(request, '=');
	size_t len = equals ? (size_t)(equals - request) : strlen(request);
	const char *format = gu_arena_strndup(arena, request, len);

	if (!format) {
		return gu_err_nomem(err);
	}
	out->report = gu_report_find(format, err);
	if (!out->report) {
		return GU_RC_USAGE;
	}
	out->path = equals ? equals + 1
			   : gu_arena_printf(arena, "guise-report.%s",
					     out->report->extension);
	if (!out->path) {
		return gu_err_nomem(err);
	}
	if (!*out->path) {
		return gu_err_set(err, GU_RC_USAGE, "--report %s names no path",
				  request);
	}
	return GU_RC_OK;
}

enum gu_rc gu_outputs_parse(struct gu_outputs *out,
			    const struct gu_texts *requests,
			    struct gu_arena *arena, struct gu_err *err)
{
	bool seen_stdout = false;

	*out = (struct gu_outputs){ .count = requests->count };
	if (!requests->count) {
		return GU_RC_OK;
	}
	out->list = gu_arena_alloc(arena, requests->count * sizeof(*out->list));
	if (!out->list) {
		return gu_err_nomem(err);
	}
	for (size_t i = 0; i < requests->count; i++) {
		enum gu_rc rc = parse_output(&out->list[i], requests->list[i],
					     arena, err);

		if (rc) {
			return rc;
		}
		if (is_stdout(out->list[i].path) && seen_stdout) {
			return gu_err_set(err, GU_RC_USAGE,
					  "only one report can go to "
					  "standard output");
		}
		seen_stdout |= is_stdout(out->list[i].path);
	}
	return GU_RC_OK;
}

enum gu_rc
gu_outputs_check_extras(const struct gu_outputs *o, struct gu_err *err)
{
	bool taken = !o->extras;

	for (size_t i = 0; i < o->count; i++) {
		taken |= o->list[i].report->write_with != NULL;
	}
	return taken ? GU_RC_OK
		     : gu_err_set(err, GU_RC_USAGE,
				  "--template and --baseline are for the "
				  "format html, and none of it is asked for");
}

static enum gu_rc
write_output(const struct gu_output *o, const struct gu_report_extras *extras,
	     struct gu_store *store, int64_t id, struct gu_err *err)
{
	FILE *f = is_stdout(o->path) ? stdout : gu_file_open(o->path, "wb");
	enum gu_rc rc;
	bool lost;

	if (!f) {
		return gu_err_set(err, GU_RC_IO, "%s: %s", o->path,
				  uv_strerror(-errno));
	}
	rc = extras && o->report->write_with
		     ? o->report->write_with(store, id, extras, f, err)
		     : o->report->write(store, id, f, err);
	lost = fflush(f) != 0 || ferror(f);
	if (f != stdout) {
		lost |= fclose(f) != 0;
	}
	if (!rc && lost) {
		return gu_err_set(err, GU_RC_IO, "%s: could not be written",
				  o->path);
	}
	return rc;
}

enum gu_rc gu_outputs_write(const struct gu_outputs *o, struct gu_store *store,
			    int64_t id, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < o->count; i++) {
		rc = write_output(&o->list[i], o->extras, store, id, err);
	}
	return rc;
}

/* Making a drive's root is no error that says it is there. */
static int make_folder(const char *path)
{
	uv_fs_t req;
	int code = uv_fs_access(NULL, &req, path, F_OK, NULL);

	uv_fs_req_cleanup(&req);
	if (code == UV_ENOENT) {
		code = uv_fs_mkdir(NULL, &req, path, 0700, NULL);
		uv_fs_req_cleanup(&req);
	}
	return code == UV_EEXIST ? 0 : code;
}

/* Every folder above the last component of `path`. */
static enum gu_rc make_folders(char *path, struct gu_err *err)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		int code;

		*p = '\0';
		code = make_folder(path);
		if (code) {
			return gu_err_set(err, GU_RC_IO, "%s: %s", path,
					  uv_strerror(code));
		}
		*p = '/';
	}
	return GU_RC_OK;
}

enum gu_rc
gu_default_store(const char **out, struct gu_arena *arena, struct gu_err *err)
{
	char state[4096];
	char *path;
	enum gu_rc rc;

	if (!gu_state_folder(state, sizeof(state))) {
		return gu_err_set(err, GU_RC_USAGE,
				  "no home folder for the store; give one "
				  "with --store FILE");
	}
	path = gu_arena_printf(arena, "%s/guise/last.db", state);
	if (!path) {
		return gu_err_nomem(err);
	}
	rc = make_folders(path, err);
	if (!rc) {
		*out = path;
	}
	return rc;
}
