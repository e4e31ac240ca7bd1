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
	const char *target;
	bool json;
	bool stubs;
};

/* the table */

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

/* what one target can do here */
static int show_capabilities(struct gu_cmdline *cl, const char *name)
{
	struct gu_err err = GU_ERR_INIT;
	const struct gu_target_ops *target = gu_target_find(name, &err);

	if (!target) {
		return gu_complain_err(cl, &err);
	}
	printf("%-15s %-7s %s\n", "capability", target->name, "with it");
	for (int cap = 0; cap < GU_CAP_COUNT; cap++) {
		printf("%-15s %-7s %s\n", gu_cap_name((enum gu_cap)cap),
		       target->supports((enum gu_cap)cap) ? "yes" : "no",
		       gu_cap_doc((enum gu_cap)cap));
	}
	return GU_EXIT_OK;
}

/* the same for machines */

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

/* coverage */

/* Prints what was counted of one name; true when it is a hole: one of the
 * things that must be seen was not. */
static bool
print_counts(const char *name, const uint32_t *counts, size_t n, bool wanted)
{
	bool hole = false;

	printf("%-30s", name);
	for (size_t i = 0; i < n; i++) {
		printf(" %8u", counts[i]);
		hole |= wanted && !counts[i];
	}
	printf("%s\n", hole ? "  HOLE" : "");
	return hole;
}

static unsigned show_impersonations(const struct gu_coverage *c)
{
	unsigned holes = 0;

	printf("%-30s %8s %8s %8s %8s %8s\n", "impersonate", "success",
	       "failure", "granted", "denied", "reverted");
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);
		const uint32_t counts[] = {
			c->answers[fn].good, c->answers[fn].bad,
			c->under[fn].good,   c->under[fn].bad,
			c->reverts[fn].good,
		};

		if (row->kind == GU_KIND_IMPERSONATE) {
			holes += print_counts(row->name, counts, 5, true);
		}
	}
	return holes;
}

static unsigned show_reverts(const struct gu_coverage *c)
{
	unsigned holes = 0;

	printf("\n%-30s %8s %8s %8s %8s\n", "revert", "success", "failure",
	       "fits", "does not");
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);
		const uint32_t counts[] = {
			c->answers[fn].good,
			c->answers[fn].bad,
			c->reverts[fn].good,
			c->reverts[fn].bad,
		};

		if (row->kind == GU_KIND_REVERT) {
			holes += print_counts(row->name, counts, 4, true);
		}
	}
	return holes;
}

/* Only what hands out an impersonation's token must be seen both ways; the
 * rest of the table serves the scenarios. */
static unsigned show_others(const struct gu_coverage *c)
{
	unsigned holes = 0;

	printf("\n%-30s %8s %8s\n", "other functions", "success", "failure");
	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);
		const uint32_t counts[] = { c->answers[fn].good,
					    c->answers[fn].bad };
		bool wanted = row->kind == GU_KIND_QUERY;

		if (row->kind != GU_KIND_IMPERSONATE &&
		    row->kind != GU_KIND_REVERT &&
		    (wanted || counts[0] || counts[1])) {
			holes += print_counts(row->name, counts, 2, wanted);
		}
	}
	return holes;
}

static unsigned show_types(const struct gu_coverage *c)
{
	unsigned holes = 0;

	printf("\n%-30s %8s %8s\n", "object type", "granted", "denied");
	for (int type = 0; type < GU_OBJ_COUNT; type++) {
		const uint32_t counts[] = { c->types[type].good,
					    c->types[type].bad };

		holes += print_counts(
			gu_objtype_row((enum gu_objtype)type)->name, counts, 2,
			true);
	}
	return holes;
}

static int show_coverage(const struct gu_coverage *c)
{
	unsigned holes = show_impersonations(c);

	holes += show_reverts(c);
	holes += show_others(c);
	holes += show_types(c);
	printf("\n%u hole%s\n", holes, holes == 1 ? "" : "s");
	return holes ? GU_EXIT_FAIL : GU_EXIT_OK;
}

static int cover(struct gu_cmdline *cl, const char *path)
{
	struct gu_coverage coverage;
	struct gu_store *store = NULL;
	struct gu_run_info last;
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc = gu_store_open_read(&store, path, &err);

	if (!rc) {
		rc = gu_store_load_run(store, 0, &last, &err);
	}
	if (!rc) {
		rc = gu_coverage_read(&coverage, store, last.id, &err);
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
	if (o.target) {
		return show_capabilities(cl, o.target);
	}
	if (o.stubs) {
		return show_stubs(cl);
	}
	return o.json ? show_json() : show_table();
}

static const struct gu_option options[] = {
	{ "coverage", 0, GU_OPTION_TEXT, offsetof(struct options, coverage),
	  "STORE", "what its last run exercised; exit code 1 on a hole" },
	{ "target", 't', GU_OPTION_TEXT, offsetof(struct options, target),
	  "NAME", "what that target can really do on this machine" },
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
