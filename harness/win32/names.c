/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <ctype.h>
#include <string.h>

#include "text.h"

#include "banned.h"

#define PIPES   "\\\\.\\pipe\\"
#define OBJECTS "\\BaseNamedObjects\\"

bool w_name_is_pipe(const char *name)
{
	return gu_strncasecmp(name, PIPES, strlen(PIPES)) == 0;
}

static bool is_drive(const char *name)
{
	return isalpha((unsigned char)name[0]) && name[1] == ':';
}

enum gu_objtype w_name_type(const char *name)
{
	if (w_name_is_pipe(name)) {
		return GU_OBJ_pipe;
	}
	if (gu_strncasecmp(name, "HK", 2) == 0) {
		return GU_OBJ_key;
	}
	if (is_drive(name) || strncmp(name, "\\\\", 2) == 0) {
		return GU_OBJ_file;
	}
	return GU_OBJ_event;
}

/* A part of a path that leads upwards would lead out of the prefix. */
static bool leads_up(const char *name)
{
	const char *at = name;

	while ((at = strstr(at, "..")) != NULL) {
		bool first = at == name || strchr("\\/:", at[-1]);

		if (first && (!at[2] || strchr("\\/", at[2]))) {
			return true;
		}
		at += 2;
	}
	return false;
}

static void
add_file(const struct w_names *n, const char *name, struct gu_buf *out)
{
	gu_buf_addf(out, "%s\\%s", n->folder, n->prefix);
	if (is_drive(name)) {
		gu_buf_addf(out, "\\%c", name[0]);
		name += 2;
	}
	while (*name == '\\' || *name == '/') {
		name++;
	}
	gu_buf_addc(out, '\\');
	for (; *name; name++) {
		gu_buf_addc(out, *name == '/' ? '\\' : *name);
	}
}

/* A hive's top level is not for everyone to write to: all keys live in its
 * Software. */
static enum gu_rc add_key(const struct w_names *n, const char *name,
			  struct gu_buf *out, struct gu_err *err)
{
	const char *slash = strchr(name, '\\');
	size_t root = slash ? (size_t)(slash - name) : strlen(name);

	if (gu_strncasecmp(name, "HK", 2) != 0) {
		return gu_err_set(err, GU_RC_USAGE,
				  "a key's name begins with HKLM, HKCU, HKU or "
				  "HKCR; \"%s\" does not",
				  name);
	}
	gu_buf_add(out, name, root);
	gu_buf_addf(out, "\\Software\\%s", n->prefix);
	if (slash) {
		gu_buf_adds(out, slash);
	}
	return GU_RC_OK;
}

/* Only the session's own directories have sub-directories. */
static void
add_object(const struct w_names *n, const char *name, struct gu_buf *out)
{
	static const char *const scopes[] = { "Global\\", "Local\\" };

	if (gu_strncasecmp(name, OBJECTS, strlen(OBJECTS)) == 0) {
		gu_buf_adds(out, "Global\\");
		name += strlen(OBJECTS);
	}
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		if (gu_strncasecmp(name, scopes[i], strlen(scopes[i])) == 0) {
			gu_buf_adds(out, scopes[i]);
			name += strlen(scopes[i]);
		}
	}
	gu_buf_addf(out, "%s-", n->prefix);
	for (; *name; name++) {
		gu_buf_addc(out, *name == '\\' ? '-' : *name);
	}
}

enum gu_rc w_name_real(const struct w_names *n, enum gu_objtype type,
		       const char *name, struct gu_buf *out, struct gu_err *err)
{
	if (!*name) {
		return gu_err_set(err, GU_RC_USAGE, "a name is missing");
	}
	if (leads_up(name)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "\"%s\" leads out of the scenario's own "
				  "names; write it without \"..\"",
				  name);
	}
	switch (type) {
	case GU_OBJ_file:
	case GU_OBJ_directory:
		add_file(n, name, out);
		break;
	case GU_OBJ_pipe:
		gu_buf_addf(out, "%s%s-%s", PIPES, n->prefix,
			    w_name_is_pipe(name) ? name + strlen(PIPES) : name);
		break;
	case GU_OBJ_key:
		return add_key(n, name, out, err);
	case GU_OBJ_service:
		gu_buf_addf(out, "%s-%s", n->prefix, name);
		break;
	case GU_OBJ_event:
	case GU_OBJ_mutex:
	case GU_OBJ_semaphore:
	case GU_OBJ_job:
	case GU_OBJ_section:
	case GU_OBJ_process:
	case GU_OBJ_thread:
	case GU_OBJ_token:
	case GU_OBJ_port:
	case GU_OBJ_COUNT:
		add_object(n, name, out);
		break;
	}
	return gu_buf_check(out, err);
}
