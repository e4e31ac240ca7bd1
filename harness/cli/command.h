/* SPDX-License-Identifier: MIT */
#ifndef GU_COMMAND_H
#define GU_COMMAND_H

#include "arena.h"
#include "err.h"

/* Subcommands and the one parser of their options. A command is one file that
 * ends in its table; main.c lists them. Messages go to standard error as
 * "guise COMMAND: what is wrong", data to standard output. */
enum {
	GU_EXIT_OK = 0,
	GU_EXIT_FAIL = 1,
	GU_EXIT_USAGE = 2,
	GU_EXIT_HARNESS = 3,
};

/* Where an option's value goes: a field of the command's options struct. */
enum gu_option_type {
	GU_OPTION_FLAG,     /* bool: set to true */
	GU_OPTION_TEXT,     /* const char * */
	GU_OPTION_LIST,     /* struct gu_texts: may be given again */
	GU_OPTION_NUMBER,   /* uint64_t */
	GU_OPTION_DURATION, /* uint64_t milliseconds: 10, 10s, 500ms, 2m */
	GU_OPTION_SIZE,     /* size_t bytes: 4096, 64K, 16M, 1G */
};

/* Ends in NULL; borrowed from the command line. */
struct gu_texts {
	const char **list;
	size_t count;
};

struct gu_option {
	const char *name; /* "report", without dashes */
	char letter;      /* 'q', or 0 */
	enum gu_option_type type;
	size_t offset;     /* of the field */
	const char *value; /* "FORMAT[=PATH]"; NULL for a flag */
	const char *doc;
};

struct gu_cmdline;

struct gu_command {
	const char *name;
	const char *operands; /* "[PATH...]" for the help; "" for none */
	size_t operand_max;
	const char *doc;  /* one line, lower case */
	const char *more; /* lines of help, each ended, or NULL */
	const struct gu_option *options; /* ends in a row without name */
	/* Returns the exit code. */
	int (*run)(struct gu_cmdline *cl);
};

struct gu_cmdline {
	const struct gu_command *command;
	int argc; /* what follows the command's name */
	char **argv;
	struct gu_texts operands;
	struct gu_arena arena;
};

/* Fills the options struct `into` (preset to the defaults) and the operands.
 * False when the command has nothing left to do, having shown its help or
 * what is wrong; `*exit_code` says which. */
GU_MUST_CHECK bool
gu_cmdline_parse(struct gu_cmdline *cl, void *into, int *exit_code);

/* One line to standard error; returns GU_EXIT_USAGE. */
int gu_complain(const struct gu_cmdline *cl, const char *fmt, ...)
	GU_PRINTF(2, 3);

/* The same for an error; returns the exit code that fits it. */
int gu_complain_err(const struct gu_cmdline *cl, const struct gu_err *err);

/* "; did you mean X?" for a name near one of `names`, else "". Borrowed from
 * `into`. */
const char *gu_did_you_mean(struct gu_arena *into, const char *name,
			    const char *const *names);

extern const struct gu_command gu_command_run;
extern const struct gu_command gu_command_report;
extern const struct gu_command gu_command_functions;
extern const struct gu_command gu_command_check;
extern const struct gu_command gu_command_inherit;
extern const struct gu_command gu_command_sddl;
extern const struct gu_command gu_command_matrix;
extern const struct gu_command gu_command_snapshot;
extern const struct gu_command gu_command_status;
extern const struct gu_command gu_command_bench;

/* Those of one system alone (commands_posix.c, commands_win32.c). Ends in
 * NULL. A command without `doc` is not for people. */
extern const struct gu_command *const gu_platform_commands[];

#endif
