/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>

#include "platform.h"
#include "banned.h"

static const struct gu_command *const commands[] = {
	&gu_command_run,    &gu_command_report,   &gu_command_functions,
	&gu_command_check,  &gu_command_sddl,     &gu_command_inherit,
	&gu_command_matrix, &gu_command_snapshot, &gu_command_status,
	&gu_command_bench,
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void show_command(const struct gu_command *command, FILE *out)
{
	if (command->doc) {
		(void)fprintf(out, "  %-10s %s\n", command->name, command->doc);
	}
}

static void show_usage(FILE *out)
{
	(void)fputs("usage: guise COMMAND [OPTION...] [ARGUMENT...]\n\n"
		    "guise audits impersonation policy: it runs scenarios "
		    "that impersonate, open\nobjects and revert, and reports "
		    "every decision with its reason.\n\n",
		    out);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		show_command(commands[i], out);
	}
	for (size_t i = 0; gu_platform_commands[i]; i++) {
		show_command(gu_platform_commands[i], out);
	}
	(void)fputs("\nguise COMMAND --help shows its options, "
		    "guise --version the version.\n",
		    out);
}

static int unknown_command(const char *name)
{
	const char *names[COMMAND_COUNT + 1] = { NULL };
	struct gu_arena arena = GU_ARENA_INIT;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		names[i] = commands[i]->name;
	}
	(void)fprintf(stderr, "guise: unknown %s %s%s\n",
		      name[0] == '-' ? "option" : "command", name,
		      gu_did_you_mean(&arena, name, names));
	gu_arena_release(&arena);
	return GU_EXIT_USAGE;
}

static int dispatch(int argc, char **argv)
{
	struct gu_cmdline cl = { .argc = argc - 2, .argv = argv + 2 };
	int exit_code;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(argv[1], commands[i]->name) == 0) {
			cl.command = commands[i];
		}
	}
	for (size_t i = 0; gu_platform_commands[i]; i++) {
		if (strcmp(argv[1], gu_platform_commands[i]->name) == 0) {
			cl.command = gu_platform_commands[i];
		}
	}
	if (!cl.command) {
		return unknown_command(argv[1]);
	}
	exit_code = cl.command->run(&cl);
	gu_arena_release(&cl.arena);
	return exit_code;
}

static bool is_one_of(const char *arg, const char *a, const char *b)
{
	return strcmp(arg, a) == 0 || strcmp(arg, b) == 0;
}

/* What was printed must have arrived: a full disk is no success. */
static int flushed(int exit_code)
{
	bool lost = fflush(stdout) != 0 || ferror(stdout);

	if (lost && exit_code == GU_EXIT_OK) {
		(void)fputs("guise: standard output could not be written\n",
			    stderr);
		return GU_EXIT_HARNESS;
	}
	return exit_code;
}

int gu_main(int argc, char **argv)
{
	if (argc < 2) {
		show_usage(stderr);
		return GU_EXIT_USAGE;
	}
	if (is_one_of(argv[1], "--version", "-V")) {
		printf("guise %s\n", GUISE_VERSION);
		return flushed(GU_EXIT_OK);
	}
	if (is_one_of(argv[1], "--help", "-h")) {
		show_usage(stdout);
		return flushed(GU_EXIT_OK);
	}
	return flushed(dispatch(argc, argv));
}
