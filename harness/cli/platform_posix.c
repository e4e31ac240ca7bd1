/* SPDX-License-Identifier: MIT */
#include "platform.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "banned.h"

static void (*interrupted)(void);

bool gu_terminal_ansi(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

static void on_signal(int sig)
{
	interrupted();
	(void)signal(sig, SIG_DFL);
}

void gu_on_interrupt(void (*fn)(void))
{
	interrupted = fn;
	(void)signal(SIGINT, on_signal);
}

bool gu_state_folder(char *buf, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME");
	char home[4096];
	size_t home_size = sizeof(home);
	int n;

	if (state && *state == '/') { /* a relative one is to be ignored */
		n = snprintf(buf, size, "%s", state);
	} else if (uv_os_homedir(home, &home_size) == 0) {
		n = snprintf(buf, size, "%s/.local/state", home);
	} else {
		return false;
	}
	return n >= 0 && (size_t)n < size;
}

bool gu_is_elevated(void)
{
	return geteuid() == 0;
}

const char *gu_emulator(void)
{
	return NULL;
}

uint64_t gu_children_peak_kib(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_CHILDREN, &usage)) {
		return 0;
	}
	return (uint64_t)usage.ru_maxrss;
}

/* Linux keeps a mark of its own that can be put back, see proc(5). */
void gu_peak_reset(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (f) {
		(void)fputs("5", f);
		(void)fclose(f);
	}
}

uint64_t gu_peak_kib(void)
{
	static const char name[] = "VmHWM:";
	FILE *f = fopen("/proc/self/status", "r");
	uint64_t kib = 0;
	char line[256];

	while (f && !kib && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, sizeof(name) - 1) == 0) {
			kib = strtoull(line + sizeof(name) - 1, NULL, 10);
		}
	}
	if (f) {
		(void)fclose(f);
	}
	return kib;
}

enum gu_rc gu_platform_can_look(struct gu_err *err)
{
	return gu_err_set(err, GU_RC_UNSUPPORTED,
			  "only Windows has what it reads: run guise.exe "
			  "snapshot there, and read its file here with guise "
			  "matrix --snapshot");
}

enum gu_rc
gu_platform_loop(unsigned loops, struct gu_loop_ns *out, struct gu_err *err)
{
	(void)loops;
	(void)out;
	return gu_err_set(err, GU_RC_UNSUPPORTED,
			  "only guise.exe has calls of Windows to measure");
}

enum gu_rc gu_platform_look(const struct gu_look *what, gu_found_fn fn,
			    void *arg, struct gu_err *err)
{
	(void)what;
	(void)fn;
	(void)arg;
	return gu_platform_can_look(err);
}

int main(int argc, char **argv)
{
	return gu_main(argc, argv);
}
