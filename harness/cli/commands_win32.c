/* SPDX-License-Identifier: MIT */
#include "command.h"

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

const struct gu_command *const gu_platform_commands[] = { &agent, NULL };
