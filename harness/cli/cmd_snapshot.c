/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <uv.h>

#include "console.h"
#include "file.h"
#include "platform.h"
#include "snapshot.h"
#include "banned.h"

struct options {
	struct gu_texts files;
	struct gu_texts keys;
	struct gu_texts kernel;
	struct gu_texts process;
	const char *output;
	bool services;
	bool pipes;
	bool processes;
	bool quiet;
};

/* One snapshot being written. */
struct session {
	struct options o;
	const char *path; /* NULL: standard output */
	FILE *out;
	struct gu_buf line;
	uint64_t objects;
	uint64_t principals;
	uint64_t unreadable;
	uint64_t told; /* when progress was shown last */
};

enum { PROGRESS_EVERY_MS = 2000 };

static void show_progress(struct session *s, const char *name)
{
	uint64_t now = uv_hrtime() / 1000000;

	if (s->o.quiet || now - s->told < PROGRESS_EVERY_MS) {
		return;
	}
	s->told = now;
	(void)fprintf(stderr,
		      "guise snapshot: %llu objects, %llu principals, at ",
		      (unsigned long long)s->objects,
		      (unsigned long long)s->principals);
	gu_console_name(stderr, name);
}

static enum gu_rc put(struct session *s, struct gu_err *err)
{
	enum gu_rc rc = gu_buf_check(&s->line, err);

	if (!rc &&
	    fwrite(s->line.data, 1, s->line.len, s->out) != s->line.len) {
		rc = gu_err_set(err, GU_RC_IO, "%s: %s",
				s->path ? s->path : "standard output",
				strerror(errno));
	}
	return rc;
}

static enum gu_rc
on_found(void *arg, const struct gu_found *f, struct gu_err *err)
{
	struct session *s = arg;

	gu_buf_reset(&s->line);
	if (f->token) {
		gu_snapshot_write_principal(f->name, f->token, &s->line);
		s->principals++;
	} else if (f->sd) {
		gu_snapshot_write_object(f->name, f->type, f->sd, &s->line);
		s->objects++;
	} else {
		gu_snapshot_write_unreadable(f->name, f->type, f->error,
					     &s->line);
		s->unreadable++;
	}
	show_progress(s, f->name);
	return put(s, err);
}

static enum gu_rc look(struct session *s, enum gu_look_kind kind,
		       const char *root, struct gu_err *err)
{
	const struct gu_look what = { .kind = kind, .root = root };

	return gu_platform_look(&what, on_found, s, err);
}

static enum gu_rc look_each(struct session *s, enum gu_look_kind kind,
			    const struct gu_texts *roots, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < roots->count; i++) {
		rc = look(s, kind, roots->list[i], err);
	}
	return rc;
}

static enum gu_rc look_all(struct session *s, struct gu_err *err)
{
	enum gu_rc rc = s->o.processes ? look(s, GU_LOOK_PROCESSES, NULL, err)
				       : look_each(s, GU_LOOK_PROCESSES,
						   &s->o.process, err);

	if (!rc) {
		rc = look_each(s, GU_LOOK_FILES, &s->o.files, err);
	}
	if (!rc) {
		rc = look_each(s, GU_LOOK_KEYS, &s->o.keys, err);
	}
	if (!rc) {
		rc = look_each(s, GU_LOOK_KERNEL, &s->o.kernel, err);
	}
	if (!rc && s->o.services) {
		rc = look(s, GU_LOOK_SERVICES, NULL, err);
	}
	if (!rc && s->o.pipes) {
		rc = look(s, GU_LOOK_PIPES, NULL, err);
	}
	return rc;
}

static enum gu_rc finish(struct session *s, struct gu_err *err)
{
	bool lost = fflush(s->out) != 0 || ferror(s->out);

	if (s->path) {
		lost |= fclose(s->out) != 0;
		s->out = NULL;
	}
	return lost ? gu_err_set(err, GU_RC_IO, "%s could not be written",
				 s->path ? s->path : "standard output")
		    : GU_RC_OK;
}

static enum gu_rc take(struct session *s, struct gu_err *err)
{
	enum gu_rc rc;

	s->out = s->path ? gu_file_open(s->path, "wb") : stdout;
	if (!s->out) {
		return gu_err_set(err, GU_RC_IO, "%s: %s", s->path,
				  strerror(errno));
	}
	s->told = uv_hrtime() / 1000000;
	rc = look_all(s, err);
	if (!rc) {
		return finish(s, err);
	}
	if (s->path) {
		(void)fclose(s->out);
	}
	return rc;
}

static bool asks_nothing(const struct options *o)
{
	return !o->files.count && !o->keys.count && !o->kernel.count &&
	       !o->process.count && !o->services && !o->pipes && !o->processes;
}

static int run(struct gu_cmdline *cl)
{
	struct session s = { .line = GU_BUF_INIT };
	struct gu_err err = GU_ERR_INIT;
	int exit_code;
	enum gu_rc rc;

	if (!gu_cmdline_parse(cl, &s.o, &exit_code)) {
		return exit_code;
	}
	if (asks_nothing(&s.o)) {
		return gu_complain(cl, "what is to be read? such as --files "
				       "C:\\ProgramData --processes");
	}
	if (s.o.output && strcmp(s.o.output, "-") != 0) {
		s.path = s.o.output;
	}
	rc = gu_platform_can_look(&err);
	if (!rc) {
		rc = take(&s, &err);
	}
	gu_buf_release(&s.line);
	if (rc) {
		return gu_complain_err(cl, &err);
	}
	if (!s.o.quiet) {
		(void)fprintf(stderr,
			      "guise snapshot: %llu objects, %llu principals, "
			      "%llu could not be read\n",
			      (unsigned long long)s.objects,
			      (unsigned long long)s.principals,
			      (unsigned long long)s.unreadable);
	}
	return GU_EXIT_OK;
}

#define OPTION(type, field, letter, name, value, doc)               \
	{                                                           \
		name, letter, GU_OPTION_##type,                     \
			offsetof(struct options, field), value, doc \
	}

static const struct gu_option options[] = {
	OPTION(LIST, files, 0, "files", "PATH",
	       "a file, or a folder and what is below; may be repeated"),
	OPTION(LIST, keys, 0, "keys", "KEY",
	       "a registry key and what is below: HKLM\\Software"),
	OPTION(LIST, kernel, 0, "kernel", "DIRECTORY",
	       "events, mutexes, semaphores, jobs, sections: \\BaseNamedObjects"),
	OPTION(FLAG, services, 0, "services", NULL, "all services and drivers"),
	OPTION(FLAG, pipes, 0, "pipes", NULL,
	       "all named pipes; their servers see a client come and go"),
	OPTION(FLAG, processes, 0, "processes", NULL,
	       "all processes, and the tokens they run with"),
	OPTION(LIST, process, 0, "process", "ID|NAME",
	       "those of that id or program: spoolsv.exe"),
	OPTION(TEXT, output, 'o', "output", "FILE",
	       "write here, not to standard output"),
	OPTION(FLAG, quiet, 'q', "quiet", NULL, "no progress, no summary"),
	{ 0 },
};

const struct gu_command gu_command_snapshot = {
	.name = "snapshot",
	.operands = "",
	.operand_max = 0,
	.doc = "write a Windows machine's descriptors and tokens to a file",
	.more = "JSON lines, one a thing, for `guise matrix --snapshot` and "
		"s:snapshot on any\nmachine. What cannot be read is a line "
		"with its error. Nothing is changed.\n",
	.options = options,
	.run = run,
};
