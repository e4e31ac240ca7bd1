/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>

#include "buf.h"
#include "win32.h"
#include "banned.h"

/* The child's half of the win32 target: started by guise alone. */
static int run_agent(struct gu_cmdline *cl)
{
	return gu_win32_agent(cl->argc, cl->argv);
}

static const struct gu_option no_options[] = { { 0 } };

static const struct gu_command agent = {
	.name = "agent",
	.operands = "IN OUT",
	.operand_max = 2,
	.options = no_options,
	.run = run_agent,
};

/* What runs that were cut short left on this machine. */
static int run_clean(struct gu_cmdline *cl)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf lines = GU_BUF_INIT;
	size_t left = 0;
	enum gu_rc rc;
	int exit_code;

	if (!gu_cmdline_parse(cl, NULL, &exit_code)) {
		return exit_code;
	}
	rc = gu_win32_clean(&lines, &left, &err);
	if (!rc) {
		rc = gu_buf_check(&lines, &err);
	}
	(void)fputs(lines.data, stdout);
	gu_buf_release(&lines);
	if (rc) {
		return gu_complain_err(cl, &err);
	}
	return left ? GU_EXIT_FAIL : GU_EXIT_OK;
}

static const struct gu_command clean = {
	.name = "clean",
	.operands = "",
	.doc = "remove what runs that were cut short left on this machine",
	.more = "Folders, keys and services under guise's own names, as its "
		"journal has them.\nRuns that are alive keep theirs. Exit "
		"code: 0 nothing is left, 1 something\nresists.\n",
	.options = no_options,
	.run = run_clean,
};

const struct gu_command *const gu_platform_commands[] = { &agent, &clean,
							  NULL };
