/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "answer.h"
#include "batch.h"
#include "banned.h"

struct options {
	const char *batch;
};

static int run(struct gu_cmdline *cl)
{
	struct options o = { .batch = NULL };
	int exit_code;

	if (!gu_cmdline_parse(cl, &o, &exit_code)) {
		return exit_code;
	}
	if (!o.batch) {
		return gu_complain(cl, "needs --batch FILE");
	}
	return gu_batch_run(cl, o.batch, gu_answer_inherit);
}

static const struct gu_option options[] = {
	{ "batch", 0, GU_OPTION_TEXT, offsetof(struct options, batch), "FILE",
	  "JSON lines with creator_token, is_container, parent, explicit... "
	  "to new lists; - is standard input" },
	{ 0 },
};

const struct gu_command gu_command_inherit = {
	.name = "inherit",
	.operands = "",
	.operand_max = 0,
	.doc = "the descriptor a new object would get",
	.options = options,
	.run = run,
};
