/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>

#include "text.h"
#include "banned.h"

/* messages */

int gu_complain(const struct gu_cmdline *cl, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "guise %s: ", cl->command->name);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
	return GU_EXIT_USAGE;
}

int gu_complain_err(const struct gu_cmdline *cl, const struct gu_err *err)
{
	(void)gu_complain(cl, "%s", err->msg);
	return err->rc == GU_RC_USAGE ? GU_EXIT_USAGE : GU_EXIT_HARNESS;
}

const char *gu_did_you_mean(struct gu_arena *into, const char *name,
			    const char *const *names)
{
	const char *near = gu_suggest(name, names);
	const char *text =
		near ? gu_arena_printf(into, "; did you mean %s?", near) : NULL;

	return text ? text : "";
}

/* help */

static void show_option(const struct gu_option *o)
{
	char head[64];

	(void)snprintf(head, sizeof(head), "%s%c%s--%s%s%s",
		       o->letter ? "-" : " ", o->letter ? o->letter : ' ',
		       o->letter ? ", " : "  ", o->name, o->value ? " " : "",
		       o->value ? o->value : "");
	printf("  %-28s %s\n", head, o->doc);
}

static void show_help(const struct gu_command *c)
{
	static const struct gu_option help = { .name = "help",
					       .letter = 'h',
					       .doc = "show this help" };

	printf("usage: guise %s [OPTION...]%s%s\n\n%s\n\n", c->name,
	       *c->operands ? " " : "", c->operands, c->doc);
	if (c->more) {
		printf("%s\n", c->more);
	}
	printf("options:\n");
	for (const struct gu_option *o = c->options; o->name; o++) {
		show_option(o);
	}
	show_option(&help);
}

/* values */

static bool is_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

struct unit {
	const char *suffix;
	uint64_t factor;
};

static bool
parse_scaled(const char *text, const struct unit *units, uint64_t *out)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t value;

	if (!gu_parse_u64(text, digits, &value)) {
		return false;
	}
	for (; units->suffix; units++) {
		if (strcmp(text + digits, units->suffix) == 0) {
			return !__builtin_mul_overflow(value, units->factor,
						       out);
		}
	}
	return false;
}

static const struct unit durations[] = {
	{ "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60000 }, { 0 },
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "K", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ 0 },
};

static bool
append(struct gu_cmdline *cl, struct gu_texts *texts, const char *text)
{
	if (!texts->list) {
		texts->list = gu_arena_alloc(&cl->arena,
					     ((size_t)cl->argc + 1) *
						     sizeof(*texts->list));
	}
	if (!texts->list) {
		return false;
	}
	texts->list[texts->count++] = text;
	return true;
}

/* NULL when the value was taken, else what it should have been. */
static const char *store_value(struct gu_cmdline *cl, const struct gu_option *o,
			       void *field, const char *value)
{
	uint64_t n = 0;

	switch (o->type) {
	case GU_OPTION_FLAG:
		*(bool *)field = true;
		return NULL;
	case GU_OPTION_TEXT:
		*(const char **)field = value;
		return NULL;
	case GU_OPTION_LIST:
		return append(cl, field, value) ? NULL : "memory for it";
	case GU_OPTION_NUMBER:
		return gu_parse_u64(value, strlen(value), field)
			       ? NULL
			       : "a number, decimal or 0x hex";
	case GU_OPTION_DURATION:
		return parse_scaled(value, durations, field)
			       ? NULL
			       : "seconds, or a number with s, ms or m";
	case GU_OPTION_SIZE:
		if (!parse_scaled(value, sizes, &n) || n > SIZE_MAX) {
			return "bytes, or a number with K, M or G";
		}
		*(size_t *)field = (size_t)n;
		return NULL;
	}
	return NULL;
}

/* parsing */

static const struct gu_option *
find(const struct gu_command *c, const char *name, size_t len)
{
	for (const struct gu_option *o = c->options; o->name; o++) {
		if (strlen(o->name) == len &&
		    strncmp(o->name, name, len) == 0) {
			return o;
		}
	}
	return NULL;
}

static const struct gu_option *
find_letter(const struct gu_command *c, const char *arg)
{
	for (const struct gu_option *o = c->options; o->name; o++) {
		if (o->letter && arg[0] == o->letter && arg[1] == '\0') {
			return o;
		}
	}
	return NULL;
}

static int unknown_option(struct gu_cmdline *cl, const char *arg)
{
	const char *names[32];
	size_t n = 0;
	size_t len = strcspn(arg, "=");

	for (const struct gu_option *o = cl->command->options;
	     o->name && n < 31; o++) {
		names[n++] = gu_arena_printf(&cl->arena, "--%s", o->name);
	}
	names[n] = NULL;
	return gu_complain(
		cl, "unknown option %.*s%s", (int)len, arg,
		gu_did_you_mean(&cl->arena,
				gu_arena_strndup(&cl->arena, arg, len), names));
}

/* Takes argv[*at] and, where it needs one, its value. */
static int parse_option(struct gu_cmdline *cl, int *at, void *into)
{
	const char *arg = cl->argv[*at];
	const char *equals = strchr(arg, '=');
	const struct gu_option *o;
	const char *value = NULL;
	const char *wanted;

	if (arg[1] == '-') {
		size_t len = equals ? (size_t)(equals - arg) : strlen(arg);

		o = find(cl->command, arg + 2, len - 2);
		value = equals ? equals + 1 : NULL;
	} else {
		o = find_letter(cl->command, arg + 1);
	}
	if (!o) {
		return unknown_option(cl, arg);
	}
	if (o->value && !value) {
		if (*at + 1 == cl->argc) {
			return gu_complain(cl, "--%s needs a value: %s",
					   o->name, o->value);
		}
		value = cl->argv[++*at];
	}
	if (!o->value && value) {
		return gu_complain(cl, "--%s takes no value", o->name);
	}
	wanted = store_value(cl, o, (char *)into + o->offset, value);
	if (wanted) {
		return gu_complain(cl, "--%s %s: expected %s", o->name, value,
				   wanted);
	}
	return GU_EXIT_OK;
}

static int parse_operand(struct gu_cmdline *cl, const char *arg)
{
	if (cl->operands.count == cl->command->operand_max) {
		return gu_complain(cl,
				   "unexpected argument %s; usage: guise "
				   "%s [OPTION...]%s%s",
				   arg, cl->command->name,
				   *cl->command->operands ? " " : "",
				   cl->command->operands);
	}
	return append(cl, &cl->operands, arg) ? GU_EXIT_OK : GU_EXIT_HARNESS;
}

bool gu_cmdline_parse(struct gu_cmdline *cl, void *into, int *exit_code)
{
	bool options = true;

	*exit_code = GU_EXIT_OK;
	for (int at = 0; *exit_code == GU_EXIT_OK && at < cl->argc; at++) {
		const char *arg = cl->argv[at];

		if (!options || arg[0] != '-' || arg[1] == '\0') {
			*exit_code = parse_operand(cl, arg);
		} else if (strcmp(arg, "--") == 0) {
			options = false;
		} else if (is_help(arg)) {
			show_help(cl->command);
			return false;
		} else {
			*exit_code = parse_option(cl, &at, into);
		}
	}
	return *exit_code == GU_EXIT_OK;
}
