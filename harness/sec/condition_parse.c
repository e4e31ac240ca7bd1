/* SPDX-License-Identifier: MIT */
#include "condition.h"

#include <string.h>

#include "condition_code.h"
#include "condition_text.h"
#include "sddl.h"
#include "text.h"
#include "banned.h"

enum {
	NESTING = 1024, /* of parentheses: recursion must end */
};

struct parser {
	struct gu_scan s;
	struct gu_buf *out;
	unsigned depth;
};

/* The words in front of which an operand is missing. */
static const char RIGHT_SIDE[] =
	"a value: an attribute (@User.name), a number, a string, #hex, "
	"SID(...) or a list in {}";

static void
add_item(struct parser *p, uint8_t token, const void *data, size_t n)
{
	gu_buf_addc(p->out, (char)token);
	gu_buf_add_u32(p->out, (uint32_t)n);
	gu_buf_add(p->out, data, n);
}

static void add_operator(struct parser *p, uint8_t token)
{
	gu_buf_addc(p->out, (char)token);
}

/* Appends what `held` holds under `token` and lets it go. */
static enum gu_rc
add_held(struct parser *p, uint8_t token, struct gu_buf *held, enum gu_rc rc)
{
	if (!rc) {
		rc = gu_buf_check(held, p->s.err);
	}
	if (!rc) {
		add_item(p, token, held->data, held->len);
	}
	gu_buf_release(held);
	return rc;
}

static bool starts_with(const struct parser *p, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(p->s.end - p->s.at) >= n &&
	       gu_strncasecmp(p->s.at, word, n) == 0;
}

/* The word of letters that stands here. */
static size_t word_length(const struct parser *p)
{
	const char *at = p->s.at;

	while (at < p->s.end &&
	       gu_name_char((unsigned char)*at) == GU_NAME_SIMPLE) {
		at++;
	}
	return (size_t)(at - p->s.at);
}

/* An operator of letters here, taking `arity` operands; 0 when there is
 * none. */
static uint8_t word_operator(const struct parser *p, unsigned arity)
{
	size_t n = word_length(p);

	for (const struct gu_cond_word *w = gu_cond_words; w->word; w++) {
		if (strlen(w->word) == n && n > 2 &&
		    gu_cond_arity(w->token) == arity &&
		    gu_strncasecmp(w->word, p->s.at, n) == 0) {
			return w->token;
		}
	}
	return 0;
}

/* A relation here and its length; 0 when there is none. */
static uint8_t relation(const struct parser *p, size_t *len)
{
	static const char *const symbols[] = {
		"==", "!=", "<=", ">=", "<", ">"
	};
	static const uint8_t tokens[] = {
		GU_COND_EQUAL,         GU_COND_NOT_EQUAL, GU_COND_LESS_EQUAL,
		GU_COND_GREATER_EQUAL, GU_COND_LESS,      GU_COND_GREATER,
	};

	for (size_t i = 0; i < sizeof(tokens); i++) {
		if (starts_with(p, symbols[i])) {
			*len = strlen(symbols[i]);
			return tokens[i];
		}
	}
	*len = word_length(p);
	return word_operator(p, 2);
}

static enum gu_rc parse_integer(struct parser *p)
{
	struct gu_scan_number n;
	enum gu_rc rc = gu_scan_integer(&p->s, &n);

	if (!rc) {
		add_operator(p, GU_COND_INT64);
		gu_buf_add_u32(p->out, (uint32_t)n.value);
		gu_buf_add_u32(p->out, (uint32_t)(n.value >> 32));
		gu_buf_addc(p->out, (char)n.sign);
		gu_buf_addc(p->out, (char)n.base);
	}
	return rc;
}

static enum gu_rc parse_string(struct parser *p)
{
	struct gu_buf held = GU_BUF_INIT;

	return add_held(p, GU_COND_UNICODE, &held,
			gu_scan_string(&p->s, &held));
}

static enum gu_rc parse_octets(struct parser *p)
{
	struct gu_buf held = GU_BUF_INIT;

	p->s.at++;
	return add_held(p, GU_COND_OCTET, &held, gu_scan_octets(&p->s, &held));
}

static enum gu_rc parse_sid(struct parser *p)
{
	struct gu_buf held = GU_BUF_INIT;
	struct gu_sid sid;
	enum gu_rc rc = gu_scan_sid(&p->s, &sid);

	if (!rc) {
		gu_sid_encode(&sid, &held);
	}
	return add_held(p, GU_COND_SID, &held, rc);
}

static enum gu_rc parse_literal(struct parser *p)
{
	gu_scan_blanks(&p->s);
	if (p->s.at == p->s.end) {
		return gu_scan_expected(&p->s, RIGHT_SIDE);
	}
	switch (*p->s.at) {
	case '"':
		return parse_string(p);
	case '#':
		return parse_octets(p);
	case '+':
	case '-':
		return parse_integer(p);
	}
	if (*p->s.at >= '0' && *p->s.at <= '9') {
		return parse_integer(p);
	}
	if (starts_with(p, "SID")) {
		return parse_sid(p);
	}
	return gu_scan_expected(&p->s, RIGHT_SIDE);
}

static enum gu_rc parse_list(struct parser *p)
{
	struct gu_buf held = GU_BUF_INIT;
	struct gu_buf *outer = p->out;
	enum gu_rc rc = GU_RC_OK;

	p->s.at++;
	p->out = &held;
	if (!gu_scan_char(&p->s, '}')) {
		do {
			rc = parse_literal(p);
		} while (!rc && gu_scan_char(&p->s, ','));
		if (!rc && !gu_scan_char(&p->s, '}')) {
			rc = gu_scan_expected(&p->s, "',' or '}'");
		}
	}
	p->out = outer;
	return add_held(p, GU_COND_COMPOSITE, &held, rc);
}

static const struct {
	const char *prefix;
	uint8_t token;
} prefixes[] = {
	{ "@User.", GU_COND_USER },
	{ "@Device.", GU_COND_DEVICE },
	{ "@Resource.", GU_COND_RESOURCE },
};

static enum gu_rc parse_prefixed(struct parser *p)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct gu_buf held = GU_BUF_INIT;

		if (!starts_with(p, prefixes[i].prefix)) {
			continue;
		}
		p->s.at += strlen(prefixes[i].prefix);
		return add_held(p, prefixes[i].token, &held,
				gu_scan_name(&p->s, true, &held));
	}
	return gu_scan_expected(&p->s, "@User., @Device. or @Resource.");
}

static enum gu_rc parse_attribute(struct parser *p)
{
	struct gu_buf held = GU_BUF_INIT;

	gu_scan_blanks(&p->s);
	if (p->s.at < p->s.end && *p->s.at == '@') {
		return parse_prefixed(p);
	}
	return add_held(p, GU_COND_LOCAL, &held,
			gu_scan_name(&p->s, false, &held));
}

/* The right side of a relation. A name without a prefix is none: Windows
 * could not tell it from a literal. */
static enum gu_rc parse_value(struct parser *p)
{
	gu_scan_blanks(&p->s);
	if (p->s.at < p->s.end && *p->s.at == '@') {
		return parse_prefixed(p);
	}
	if (p->s.at < p->s.end && *p->s.at == '{') {
		return parse_list(p);
	}
	return parse_literal(p);
}

/* The groups of Member_of: a SID or a list, in parentheses if one likes. */
static enum gu_rc parse_groups(struct parser *p)
{
	unsigned open = 0;
	enum gu_rc rc;

	while (gu_scan_char(&p->s, '(')) {
		open++;
	}
	gu_scan_blanks(&p->s);
	if (p->s.at < p->s.end && *p->s.at == '{') {
		rc = parse_list(p);
	} else {
		rc = parse_sid(p);
	}
	while (!rc && open--) {
		if (!gu_scan_char(&p->s, ')')) {
			return gu_scan_expected(&p->s, "')'");
		}
	}
	return rc;
}

static enum gu_rc parse_prefix_operator(struct parser *p, uint8_t token)
{
	bool exists = token == GU_COND_EXISTS || token == GU_COND_NOT_EXISTS;
	enum gu_rc rc;

	p->s.at += word_length(p);
	rc = exists ? parse_attribute(p) : parse_groups(p);
	if (!rc) {
		add_operator(p, token);
	}
	return rc;
}

/* An attribute and what it is held against. */
static enum gu_rc parse_relation(struct parser *p)
{
	enum gu_rc rc = parse_attribute(p);

	while (!rc) {
		uint8_t token;
		size_t len;

		gu_scan_blanks(&p->s);
		token = relation(p, &len);
		if (!token) {
			break;
		}
		p->s.at += len;
		rc = parse_value(p);
		add_operator(p, token);
	}
	return rc;
}

static enum gu_rc parse_or(struct parser *p);

static enum gu_rc parse_parenthesis(struct parser *p)
{
	enum gu_rc rc;

	if (!gu_scan_char(&p->s, '(')) {
		return gu_scan_expected(&p->s, "'('");
	}
	if (++p->depth > NESTING) {
		return gu_scan_expected(&p->s, "less nesting");
	}
	rc = parse_or(p);
	if (!rc && !gu_scan_char(&p->s, ')')) {
		rc = gu_scan_expected(&p->s,
				      "an operator (==, Contains, &&...) or "
				      "')'");
	}
	p->depth--;
	return rc;
}

static enum gu_rc parse_factor(struct parser *p)
{
	uint8_t token;
	enum gu_rc rc;

	gu_scan_blanks(&p->s);
	if (p->s.at < p->s.end && *p->s.at == '(') {
		return parse_parenthesis(p);
	}
	if (p->s.at < p->s.end && *p->s.at == '!') {
		p->s.at++;
		rc = parse_parenthesis(p);
		add_operator(p, GU_COND_NOT);
		return rc;
	}
	token = word_operator(p, 1);
	return token ? parse_prefix_operator(p, token) : parse_relation(p);
}

/* Past `word`, blanks before it. */
static bool scan_word(struct parser *p, const char *word)
{
	gu_scan_blanks(&p->s);
	if (!starts_with(p, word)) {
		return false;
	}
	p->s.at += strlen(word);
	return true;
}

static enum gu_rc parse_and(struct parser *p)
{
	enum gu_rc rc = parse_factor(p);

	while (!rc && scan_word(p, "&&")) {
		rc = parse_factor(p);
		add_operator(p, GU_COND_AND);
	}
	return rc;
}

static enum gu_rc parse_or(struct parser *p)
{
	enum gu_rc rc = parse_and(p);

	while (!rc && scan_word(p, "||")) {
		rc = parse_and(p);
		add_operator(p, GU_COND_OR);
	}
	return rc;
}

enum gu_rc gu_condition_parse(struct gu_buf *out, const char *text, size_t n,
			      const struct gu_sid *domain, size_t *used,
			      struct gu_err *err)
{
	struct parser p = {
		.s = { text, text, text + n, domain, err },
		.out = out,
	};
	size_t start = out->len;
	enum gu_rc rc;

	gu_buf_adds(out, "artx");
	rc = parse_parenthesis(&p);
	if (rc) {
		gu_buf_cut(out, start);
		return rc;
	}
	*used = (size_t)(p.s.at - text);
	return gu_buf_check(out, err);
}
