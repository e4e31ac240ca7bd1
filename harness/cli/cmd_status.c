/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <inttypes.h>
#include <stdio.h>

#include "batch.h"
#include "status.h"
#include "text.h"
#include "banned.h"

struct options {
	const char *batch;
};

static const char *kind_name(enum gu_code_kind kind)
{
	switch (kind) {
	case GU_CODE_WIN32:
		return "Win32";
	case GU_CODE_NTSTATUS:
		return "NTSTATUS";
	case GU_CODE_HRESULT:
		return "HRESULT";
	}
	return "";
}

static void show_code(const struct gu_code *code)
{
	const char *doc = gu_code_doc(code->kind, code->code);

	printf("%-8s 0x%08" PRIX32 " %" PRIu32 " %s%s%s\n",
	       kind_name(code->kind), code->code, code->code, code->name,
	       doc ? ": " : "", doc ? doc : "");
	if (code->kind == GU_CODE_NTSTATUS) {
		uint32_t win32 = gu_ntstatus_to_win32(code->code);
		char text[16];

		printf("%-8s becomes Win32 %" PRIu32 " %s\n", "", win32,
		       gu_status_text(GU_CONV_BOOL, win32, text));
	}
}

/* A number means that code in every family. */
static bool matches(const struct gu_code *code, const char *asked,
		    bool is_number, uint32_t number)
{
	return is_number ? code->code == number
			 : gu_strcasecmp(code->name, asked) == 0;
}

static int look_up(struct gu_cmdline *cl, const char *asked)
{
	uint32_t number = 0;
	bool is_number = gu_parse_u32(asked, strlen(asked), &number);
	const char *alike;
	struct gu_code code;
	size_t found = 0;

	for (size_t i = 0; gu_code_at(i, &code); i++) {
		if (matches(&code, asked, is_number, number)) {
			show_code(&code);
			found++;
		}
	}
	if (found) {
		return GU_EXIT_OK;
	}
	alike = gu_code_suggest(asked);
	return gu_complain(cl, "unknown code %s%s%s%s", asked,
			   alike ? "; did you mean " : "", alike ? alike : "",
			   alike ? "?" : "");
}

static enum gu_rc answer(const json_t *in, json_t *out, struct gu_err *err)
{
	const json_t *status = json_object_get(in, "ntstatus");
	json_int_t n = json_integer_value(status);

	if (!json_is_integer(status) || n < 0 || n > UINT32_MAX) {
		return gu_err_set(err, GU_RC_USAGE,
				  "ntstatus must be a number from 0 to "
				  "4294967295");
	}
	json_object_set_new(out, "win32",
			    json_integer(gu_ntstatus_to_win32((uint32_t)n)));
	return GU_RC_OK;
}

static int run(struct gu_cmdline *cl)
{
	struct options o = { .batch = NULL };
	int exit_code;

	if (!gu_cmdline_parse(cl, &o, &exit_code)) {
		return exit_code;
	}
	if (o.batch && !cl->operands.count) {
		return gu_batch_run(cl, o.batch, answer);
	}
	if (o.batch || !cl->operands.count) {
		return gu_complain(cl, "give one code, by number or name, or "
				       "--batch FILE");
	}
	return look_up(cl, cl->operands.list[0]);
}

static const struct gu_option options[] = {
	{ "batch", 0, GU_OPTION_TEXT, offsetof(struct options, batch), "FILE",
	  "JSON lines {\"id\", \"ntstatus\"} to {\"id\", \"win32\"}; - is "
	  "standard input" },
	{ 0 },
};

const struct gu_command gu_command_status = {
	.name = "status",
	.operands = "CODE",
	.operand_max = 1,
	.doc = "look up a Win32, NTSTATUS, RPC, SSPI or HRESULT code",
	.options = options,
	.run = run,
};
