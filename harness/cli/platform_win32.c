/* SPDX-License-Identifier: MIT */
#include "platform.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <uv.h>
#include <windows.h>
#include <psapi.h>
#include <shellapi.h>

#include "alloc.h"
#include "wide.h"
#include "win32.h"
#include "banned.h"

static void (*interrupted)(void);
static LONG interrupts;
static UINT code_page_before;

bool gu_terminal_ansi(void)
{
	HANDLE h = GetStdHandle(STD_ERROR_HANDLE);
	DWORD mode;

	return GetConsoleMode(h, &mode) &&
	       SetConsoleMode(h, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

/* FALSE hands the event on to the default handler, which ends the process. */
static BOOL WINAPI on_control(DWORD event)
{
	bool first = InterlockedIncrement(&interrupts) == 1;

	if ((event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) || !first) {
		return FALSE;
	}
	interrupted();
	return TRUE;
}

void gu_on_interrupt(void (*fn)(void))
{
	interrupted = fn;
	(void)SetConsoleCtrlHandler(on_control, TRUE);
}

/* The value of an environment variable that is an absolute path. */
static bool folder_in(const char *variable, char *buf, size_t size)
{
	return uv_os_getenv(variable, buf, &size) == 0 && size > 2 &&
	       (buf[1] == ':' || (buf[0] == '\\' && buf[1] == '\\'));
}

bool gu_state_folder(char *buf, size_t size)
{
	return folder_in("XDG_STATE_HOME", buf, size) ||
	       folder_in("LOCALAPPDATA", buf, size);
}

bool gu_is_elevated(void)
{
	TOKEN_ELEVATION elevation = { 0 };
	HANDLE token;
	DWORD n;
	BOOL ok;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
		return false;
	}
	ok = GetTokenInformation(token, TokenElevation, &elevation,
				 sizeof(elevation), &n);
	(void)CloseHandle(token);
	return ok && elevation.TokenIsElevated;
}

const char *gu_emulator(void)
{
	static char name[64];
	union {
		FARPROC any;
		const char *(__cdecl *version)(void);
	} wine = { .any = GetProcAddress(GetModuleHandleA("ntdll.dll"),
					 "wine_get_version") };

	if (!wine.any) {
		return NULL;
	}
	(void)snprintf(name, sizeof(name), "Wine %s", wine.version());
	return name;
}

uint64_t gu_children_peak_kib(void)
{
	return 0;
}

void gu_peak_reset(void)
{
}

uint64_t gu_peak_kib(void)
{
	PROCESS_MEMORY_COUNTERS counters = { .cb = sizeof(counters) };

	return GetProcessMemoryInfo(GetCurrentProcess(), &counters,
				    sizeof(counters))
		       ? counters.PeakWorkingSetSize / 1024
		       : 0;
}

static void restore_console(void)
{
	(void)SetConsoleOutputCP(code_page_before);
}

/* Reports and messages are UTF-8 with their own line ends. */
static void prepare_streams(void)
{
	(void)_setmode(_fileno(stdin), _O_BINARY);
	(void)_setmode(_fileno(stdout), _O_BINARY);
	(void)_setmode(_fileno(stderr), _O_BINARY);
	code_page_before = GetConsoleOutputCP();
	if (code_page_before && SetConsoleOutputCP(CP_UTF8)) {
		(void)atexit(restore_console);
	}
}

/* New, as long as the process lives. */
static char **utf8_arguments(int *argc)
{
	wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), argc);
	char **argv = wide ? gu_calloc((size_t)*argc + 1, sizeof(*argv)) : NULL;

	for (int i = 0; argv && i < *argc; i++) {
		argv[i] = gu_wide_to_utf8(wide[i]);
		if (!argv[i]) {
			argv = NULL;
		}
	}
	LocalFree(wide);
	return argv;
}

enum gu_rc gu_platform_can_look(struct gu_err *err)
{
	(void)err;
	return GU_RC_OK;
}

enum gu_rc
gu_platform_loop(unsigned loops, struct gu_loop_ns *out, struct gu_err *err)
{
	struct gu_win32_loop loop;
	enum gu_rc rc = gu_win32_loop(loops, &loop, err);

	if (!rc) {
		*out = (struct gu_loop_ns){ loop.bare_ns, loop.looked_ns,
					    loop.jobs_ns };
	}
	return rc;
}

enum gu_rc gu_platform_look(const struct gu_look *what, gu_found_fn fn,
			    void *arg, struct gu_err *err)
{
	return gu_win32_look(what, fn, arg, err);
}

/* The arguments that main gets are in the ANSI code page. */
int main(void)
{
	int argc = 0;
	char **argv;
	int exit_code;

	prepare_streams();
	argv = utf8_arguments(&argc);
	if (!argv) {
		(void)fputs("guise: out of memory\n", stderr);
		return 3;
	}
	exit_code = gu_main(argc, argv);
	for (int i = 0; i < argc; i++) {
		gu_free(argv[i]);
	}
	gu_free(argv);
	return exit_code;
}
