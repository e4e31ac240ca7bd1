/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <jansson.h>
#include <stdio.h>

#include "coverage.h"
#include "registry.h"
#include "script.h"
#include "banned.h"

struct options {
	const char *coverage;
	bool json;
	bool stubs;
};

/* --- the table */

static void print_header(void)
{
	printf("%-30s %-11s %-9s %-15s", "function", "kind", "dll",
	       "convention");
	for (size_t i = 0; gu_targets[i]; i++) {
		printf(" %-7s", gu_targets[i]->name);
	}
	printf(" %-13s %s\n", "capability", "reverts");
}

static void print_row(const struct gu_fn_row *row)
{
	printf("%-30s %-11s %-9s %-15s", row->name, gu_fn_kind_name(row->kind),
	       *row->dll ? row->dll : "-", gu_conv_name(row->conv));
	for (size_t i = 0; gu_targets[i]; i++) {
		printf(" %-7s",
		       gu_targets[i]->supports(row->cap) ? "yes" : "no");
	}
	printf(" %-13s", gu_cap_name(row->cap));
	for (size_t i = 0; i < row->revert_count; i++) {
		printf("%s%s", i ? ", " : " ",
		       gu_fn_row(row->reverts[i])->name);
	}
	printf("%s\n", row->revert_count ? "" : " -");
}

static int show_table(void)
{
	print_header();
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		print_row(gu_fn_row((enum gu_fn)fn));
	}
	return GU_EXIT_OK;
}

/* --- the same for machines */

static json_t *args_json(const struct gu_fn_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->arg_count; i++) {
		json_array_append_new(list,
				      json_pack("{s:s, s:b}", "name",
						row->args[i].name, "required",
						(int)row->args[i].required));
	}
	return list;
}

static json_t *row_json(const struct gu_fn_row *row)
{
	json_t *reverts = json_array();
	json_t *targets = json_object();

	for (size_t i = 0; i < row->revert_count; i++) {
		json_array_append_new(
			reverts, json_string(gu_fn_row(row->reverts[i])->name));
	}
	for (size_t i = 0; gu_targets[i]; i++) {
		json_object_set_new(
			targets, gu_targets[i]->name,
			json_boolean(gu_targets[i]->supports(row->cap)));
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s}",
			 "name", row->name, "kind", gu_fn_kind_name(row->kind),
			 "dll", row->dll, "convention", gu_conv_name(row->conv),
			 "capability", gu_cap_name(row->cap), "targets",
			 targets, "reverts", reverts, "args", args_json(row),
			 "doc", row->doc);
}

static int show_json(void)
{
	json_t *list = json_array();
	int lost;

	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		json_array_append_new(list,
				      row_json(gu_fn_row((enum gu_fn)fn)));
	}
	lost = json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
	return lost ? GU_EXIT_HARNESS : GU_EXIT_OK;
}

/* --- coverage */

static unsigned print_tally(const char *name, const char *kind,
			    const struct gu_tally *t, bool wanted)
{
	bool hole = wanted && (!t->good || !t->bad);

	if (wanted || t->good || t->bad) {
		printf("%-30s %-11s %8u %8u%s\n", name, kind, t->good, t->bad,
		       hole ? "  HOLE" : "");
	}
	return hole;
}

static int show_coverage(const struct gu_coverage *c)
{
	unsigned holes = 0;

	printf("%-30s %-11s %8s %8s\n", "function", "kind", "success",
	       "failure");
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);

		holes += print_tally(row->name, gu_fn_kind_name(row->kind),
				     &c->fn[fn],
				     gu_coverage_wants((enum gu_fn)fn));
	}
	printf("\n%-30s %-11s %8s %8s\n", "object type", "", "granted",
	       "denied");
	for (int type = 0; type < GU_OBJ_COUNT; type++) {
		const struct gu_objtype_row *row =
			gu_objtype_row((enum gu_objtype)type);

		holes += print_tally(row->name, "", &c->type[type], true);
	}
	printf("\n%u hole%s\n", holes, holes == 1 ? "" : "s");
	return holes ? GU_EXIT_FAIL : GU_EXIT_OK;
}

static int cover(struct gu_cmdline *cl, const char *path)
{
	struct gu_coverage coverage;
	struct gu_store *store = NULL;
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc = gu_store_open_read(&store, path, &err);

	if (!rc) {
		rc = gu_coverage_read(&coverage, store, 0, &err);
	}
	gu_store_close(store);
	return rc ? gu_complain_err(cl, &err) : show_coverage(&coverage);
}

static int show_stubs(struct gu_cmdline *cl)
{
	struct gu_buf text = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc;

	gu_script_stubs(&text);
	rc = gu_buf_check(&text, &err);
	if (!rc) {
		(void)fwrite(text.data, 1, text.len, stdout);
	}
	gu_buf_release(&text);
	return rc ? gu_complain_err(cl, &err) : GU_EXIT_OK;
}

static int run(struct gu_cmdline *cl)
{
	struct options o = { .coverage = NULL };
	int exit_code;

	if (!gu_cmdline_parse(cl, &o, &exit_code)) {
		return exit_code;
	}
	if (o.coverage) {
		return cover(cl, o.coverage);
	}
	if (o.stubs) {
		return show_stubs(cl);
	}
	return o.json ? show_json() : show_table();
}

static const struct gu_option options[] = {
	{ "coverage", 0, GU_OPTION_TEXT, offsetof(struct options, coverage),
	  "STORE", "what its last run exercised; exit code 1 on a hole" },
	{ "json", 0, GU_OPTION_FLAG, offsetof(struct options, json), NULL,
	  "the table as JSON" },
	{ "stubs", 0, GU_OPTION_FLAG, offsetof(struct options, stubs), NULL,
	  "Lua definitions for editors (---@meta)" },
	{ 0 },
};

const struct gu_command gu_command_functions = {
	.name = "functions",
	.operands = "",
	.operand_max = 0,
	.doc = "the call table, with each target's support",
	.options = options,
	.run = run,
};
