/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>

#include "answer_sddl.h"
#include "batch.h"
#include "lint.h"
#include "sddl.h"
#include "text.h"
#include "banned.h"

struct options {
	const char *batch;
	const char *domain;
	bool lint;
	bool hex;
	bool json;
};

/* Descriptors of fewer bytes there are none. */
enum { HEX_LEAST = 40, SHOWN = 72 };

static bool is_hex(const char *s)
{
	size_t n = strlen(s);

	return n >= HEX_LEAST && strspn(s, "0123456789abcdefABCDEF") == n;
}

/* Characters, not bytes: where the caret belongs. */
static size_t columns(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		count += ((unsigned char)s[i] & 0xC0) != 0x80;
	}
	return count;
}

/* The part of the text around the fault, and a caret under it. */
static void show_place(const char *text, size_t offset)
{
	size_t len = strlen(text);
	size_t from = offset > SHOWN / 2 ? offset - SHOWN / 2 : 0;
	size_t to = len - from > SHOWN ? from + SHOWN : len;

	while (from && ((unsigned char)text[from] & 0xC0) == 0x80) {
		from--;
	}
	while (to < len && ((unsigned char)text[to] & 0xC0) == 0x80) {
		to++;
	}
	fprintf(stderr, "  %s", from ? "..." : "");
	for (size_t i = from; i < to; i++) {
		unsigned char c = (unsigned char)text[i];

		fputc(c < ' ' || c == 0x7F ? ' ' : c, stderr);
	}
	fprintf(stderr, "%s\n  %*s^\n", to < len ? "..." : "",
		(int)(columns(text + from, offset - from) + (from ? 3 : 0)),
		"");
}

static int complain_at(const struct gu_cmdline *cl, const char *text,
		       const struct gu_err *err)
{
	int exit_code;

	if (err->offset == GU_ERR_NO_OFFSET || err->offset > strlen(text)) {
		return gu_complain_err(cl, err);
	}
	exit_code = gu_complain(cl, "byte %zu: %s", err->offset, err->msg);
	show_place(text, err->offset);
	return exit_code;
}

static void show_warning(void *arg, const struct gu_lint_warning *w)
{
	size_t *count = arg;

	++*count;
	if (w->ace != GU_LINT_NO_ACE) {
		printf("%s ACE %u: ", w->sacl ? "SACL" : "DACL",
		       (unsigned)w->ace);
	}
	printf("%s: %s\n", gu_lint_name(w->lint), w->sentence);
}

static int show_lint(struct gu_cmdline *cl, const struct gu_sd *sd,
		     const struct gu_sid *domain)
{
	struct gu_err err = GU_ERR_INIT;
	size_t count = 0;

	if (gu_lint_sd(sd, domain, show_warning, &count, &err)) {
		return gu_complain_err(cl, &err);
	}
	if (!count) {
		puts("nothing surprising");
	}
	return GU_EXIT_OK;
}

static int show_json(struct gu_cmdline *cl, const struct gu_sd *sd,
		     const struct gu_sid *domain)
{
	struct gu_err err = GU_ERR_INIT;
	json_t *v = gu_sd_json(sd, domain);
	int exit_code = GU_EXIT_OK;

	if (!v || json_dumpf(v, stdout, JSON_INDENT(2))) {
		(void)gu_err_nomem(&err);
		exit_code = gu_complain_err(cl, &err);
	}
	putchar('\n');
	json_decref(v);
	return exit_code;
}

static int show_text(struct gu_cmdline *cl, const struct gu_sd *sd,
		     const struct gu_sid *domain, bool hex)
{
	struct gu_buf out = GU_BUF_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	int exit_code = GU_EXIT_OK;
	bool named = true;

	if (hex) {
		gu_sd_encode(sd, &bytes);
		gu_hex_encode(&out, bytes.data, bytes.len);
	} else {
		named = gu_sddl_format(sd, GU_SECINFO_ALL, domain, &out);
	}
	if (gu_buf_check(&bytes, &err) || gu_buf_check(&out, &err)) {
		exit_code = gu_complain_err(cl, &err);
	} else {
		puts(out.data);
	}
	if (!named) {
		(void)gu_complain(cl, "an ACE has no SDDL form; its type or "
				      "data are shown in hex");
	}
	gu_buf_release(&out);
	gu_buf_release(&bytes);
	return exit_code;
}

/* SDDL, or the bytes of a descriptor in hex. */
static enum gu_rc load(struct gu_sd *sd, const char *text,
		       const struct gu_sid *domain, struct gu_err *err)
{
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc;
	size_t bad;

	if (!is_hex(text)) {
		return gu_sddl_parse(sd, text, domain, err);
	}
	if (!gu_hex_decode(&bytes, text, strlen(text), &bad)) {
		rc = gu_err_at(err, bad, "expected hex digits in pairs");
	} else {
		rc = gu_buf_check(&bytes, err);
	}
	if (!rc) {
		rc = gu_sd_decode(sd, (uint8_t *)bytes.data, bytes.len, err);
		if (rc && err->offset != GU_ERR_NO_OFFSET) {
			err->offset *= 2; /* two digits a byte */
		}
	}
	gu_buf_release(&bytes);
	return rc;
}

static int answer(struct gu_cmdline *cl, const struct options *o,
		  const struct gu_sid *domain)
{
	const char *text = cl->operands.list[0];
	struct gu_sd sd = GU_SD_INIT;
	struct gu_err err = GU_ERR_INIT;
	int exit_code;

	if (load(&sd, text, domain, &err)) {
		return complain_at(cl, text, &err);
	}
	if (o->json) {
		exit_code = show_json(cl, &sd, domain);
	} else if (o->lint) {
		exit_code = show_lint(cl, &sd, domain);
	} else {
		exit_code = show_text(cl, &sd, domain, o->hex);
	}
	gu_sd_release(&sd);
	return exit_code;
}

static int run(struct gu_cmdline *cl)
{
	struct options o = { .batch = NULL };
	struct gu_err err = GU_ERR_INIT;
	struct gu_sid domain;
	int exit_code;

	if (!gu_cmdline_parse(cl, &o, &exit_code)) {
		return exit_code;
	}
	if (o.batch && !cl->operands.count) {
		return gu_batch_run(cl, o.batch, gu_answer_sddl);
	}
	if (o.batch || !cl->operands.count) {
		return gu_complain(cl, "give one descriptor, as SDDL or in "
				       "hex, or --batch FILE");
	}
	if (o.lint + o.hex + o.json > 1) {
		return gu_complain(cl, "--lint, --hex and --json are three "
				       "answers; --json has them all");
	}
	if (o.domain &&
	    gu_sid_parse(&domain, o.domain, strlen(o.domain), &err)) {
		return gu_complain(cl, "--domain: %s", err.msg);
	}
	return answer(cl, &o, o.domain ? &domain : NULL);
}

static const struct gu_option options[] = {
	{ "lint", 0, GU_OPTION_FLAG, offsetof(struct options, lint), NULL,
	  "what is legal in it and yet surprises" },
	{ "hex", 0, GU_OPTION_FLAG, offsetof(struct options, hex), NULL,
	  "its self-relative bytes in hex" },
	{ "json", 0, GU_OPTION_FLAG, offsetof(struct options, json), NULL,
	  "text, bytes, entries and warnings as JSON" },
	{ "domain", 0, GU_OPTION_TEXT, offsetof(struct options, domain), "SID",
	  "the domain that LA, DA and their like belong to" },
	{ "batch", 0, GU_OPTION_TEXT, offsetof(struct options, batch), "FILE",
	  "JSON lines {\"id\", \"sddl_in\" or \"sd_hex\"} to {\"id\", "
	  "\"sd_hex\", \"sddl_out\"}; - is standard input" },
	{ 0 },
};

const struct gu_command gu_command_sddl = {
	.name = "sddl",
	.operands = "TEXT",
	.operand_max = 1,
	.doc = "read, print, lint and convert security descriptors",
	.more = "TEXT is SDDL or a self-relative descriptor in hex; the answer "
		"is SDDL as\nWindows prints it.\n",
	.options = options,
	.run = run,
};
