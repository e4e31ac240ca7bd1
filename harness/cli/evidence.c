/* SPDX-License-Identifier: MIT */
#include "evidence.h"

#include <uv.h>

#include "buf.h"
#include "platform.h"
#include "banned.h"

const char *gu_evidence_now(struct gu_arena *arena)
{
	struct gu_buf text = GU_BUF_INIT;
	const char *now = NULL;

	gu_utc_format(gu_utc_now(), &text);
	if (!text.oom) {
		now = gu_arena_strdup(arena, text.data);
	}
	gu_buf_release(&text);
	return now;
}

static const char *host_name(struct gu_arena *arena)
{
	char name[UV_MAXHOSTNAMESIZE];
	size_t size = sizeof(name);

	return gu_arena_strdup(arena, uv_os_gethostname(name, &size) ? "unknown"
								     : name);
}

static const char *system_name(struct gu_arena *arena)
{
	const char *emulator = gu_emulator();
	uv_utsname_t u;

	if (uv_os_uname(&u)) {
		return "unknown";
	}
	return gu_arena_printf(arena, "%s %s %s %s%s%s", u.sysname, u.release,
			       u.version, u.machine,
			       emulator ? ", really " : "",
			       emulator ? emulator : "");
}

/* An account without a passwd entry is usual in containers. */
static const char *user_name(struct gu_arena *arena)
{
	uv_passwd_t user;
	const char *name;

	if (uv_os_get_passwd(&user)) {
		return "unknown";
	}
	name = gu_arena_strdup(arena, user.username);
	uv_os_free_passwd(&user);
	return name;
}

static void quote(struct gu_buf *out, const char *arg)
{
	bool plain = *arg && !arg[strcspn(arg, " \t\n\"'\\$*?")];

	gu_buf_addc(out, ' ');
	if (plain) {
		gu_buf_adds(out, arg);
		return;
	}
	gu_buf_addc(out, '\'');
	for (; *arg; arg++) {
		if (*arg == '\'') {
			gu_buf_adds(out, "'\\'");
		}
		gu_buf_addc(out, *arg);
	}
	gu_buf_addc(out, '\'');
}

/* The command line as a shell would take it again. */
static const char *arguments(struct gu_cmdline *cl)
{
	struct gu_buf line = GU_BUF_INIT;
	const char *text = NULL;

	gu_buf_adds(&line, cl->command->name);
	for (int i = 0; i < cl->argc; i++) {
		quote(&line, cl->argv[i]);
	}
	if (!line.oom) {
		text = gu_arena_strdup(&cl->arena, line.data);
	}
	gu_buf_release(&line);
	return text;
}

enum gu_rc gu_evidence(struct gu_run_info *out, struct gu_cmdline *cl,
		       const struct gu_target_ops *target, struct gu_err *err)
{
	struct gu_run_info info = {
		.start_utc = gu_evidence_now(&cl->arena),
		.host = host_name(&cl->arena),
		.system = system_name(&cl->arena),
		.user = user_name(&cl->arena),
		.elevated = gu_is_elevated(),
		.target = target->name,
		.proof = target->proof,
		.version = GUISE_VERSION,
		.arguments = arguments(cl),
	};

	if (!info.start_utc || !info.host || !info.system || !info.user ||
	    !info.arguments) {
		return gu_err_nomem(err);
	}
	*out = info;
	return GU_RC_OK;
}
