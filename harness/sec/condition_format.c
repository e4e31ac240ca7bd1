/* SPDX-License-Identifier: MIT */
#include "condition.h"

#include <inttypes.h>

#include "alloc.h"
#include "condition_code.h"
#include "condition_text.h"
#include "le.h"
#include "utf16.h"
#include "banned.h"

enum {
	NESTING = 2048, /* recursion must end */
};

/* The expression as a tree: each operator knows its operands by index. */
struct node {
	struct gu_cond_item item;
	uint32_t left;
	uint32_t right;
};

struct tree {
	struct node *nodes;
	uint32_t *stack; /* of the operands not yet taken */
	uint32_t count;
	uint32_t depth;
	const struct gu_sid *domain;
	struct gu_buf *out;
	struct gu_err *err;
	const uint8_t *base;
};

static enum gu_rc malformed(const struct tree *t, const uint8_t *at)
{
	return gu_err_at(t->err, (size_t)(at - t->base),
			 "the condition is malformed here");
}

static bool tree_add(struct tree *t, const struct gu_cond_item *item)
{
	struct node *node = &t->nodes[t->count];
	unsigned arity = gu_cond_arity(item->token);

	if (t->depth < arity) {
		return false;
	}
	node->item = *item;
	if (arity) {
		node->left = t->stack[t->depth - arity];
		node->right = t->stack[t->depth - 1];
	}
	t->depth -= arity;
	t->stack[t->depth++] = t->count++;
	return true;
}

static enum gu_rc tree_build(struct tree *t, const uint8_t *data, size_t len)
{
	size_t at = GU_COND_HEADER;

	while (at < len) {
		struct gu_cond_item item;
		const uint8_t *here = data + at;

		if (!gu_cond_next(data, len, &at, &item) ||
		    (item.token != GU_COND_PAD && !tree_add(t, &item))) {
			return malformed(t, here);
		}
	}
	return t->depth == 1 ? GU_RC_OK : malformed(t, data + len);
}

static void add_integer(const uint8_t *p, struct gu_buf *out)
{
	uint64_t v = gu_le_u32(p) | (uint64_t)gu_le_u32(p + 4) << 32;

	if (p[8] == GU_COND_SIGN_MINUS) {
		gu_buf_addc(out, '-');
		v = 0 - v;
	} else if (p[8] == GU_COND_SIGN_PLUS) {
		gu_buf_addc(out, '+');
	}
	if (p[9] == GU_COND_BASE_OCTAL) {
		gu_buf_addf(out, "0%" PRIo64, v);
	} else if (p[9] == GU_COND_BASE_HEX) {
		gu_buf_addf(out, "0x%" PRIx64, v);
	} else {
		gu_buf_addf(out, "%" PRIu64, v);
	}
}

/* A string has no way to hold a quote. */
static bool add_string(const struct gu_cond_item *item, struct gu_buf *out)
{
	for (size_t i = 0; i < item->len; i += 2) {
		if (gu_le_u16(item->data + i) == '"') {
			return false;
		}
	}
	gu_buf_addc(out, '"');
	gu_utf16_format(item->data, item->len, out);
	gu_buf_addc(out, '"');
	return true;
}

static bool add_literal(const struct tree *t, const struct gu_cond_item *item)
{
	switch (item->token) {
	case GU_COND_INT8:
	case GU_COND_INT16:
	case GU_COND_INT32:
	case GU_COND_INT64:
		add_integer(item->data, t->out);
		return true;
	case GU_COND_UNICODE:
		return add_string(item, t->out);
	case GU_COND_OCTET:
		gu_buf_addc(t->out, '#');
		for (size_t i = 0; i < item->len; i++) {
			gu_buf_addf(t->out, "%02x", item->data[i]);
		}
		return true;
	case GU_COND_SID:
		return gu_sid_item_format(item->data, item->len, t->domain,
					  t->out);
	}
	return false;
}

static bool add_list(const struct tree *t, const struct gu_cond_item *list)
{
	gu_buf_addc(t->out, '{');
	for (size_t at = 0; at < list->len;) {
		struct gu_cond_item item;

		if (at) {
			gu_buf_adds(t->out, ", ");
		}
		if (!gu_cond_next(list->data, list->len, &at, &item) ||
		    !add_literal(t, &item)) {
			return false;
		}
	}
	gu_buf_addc(t->out, '}');
	return true;
}

static bool add_operand(const struct tree *t, const struct gu_cond_item *item)
{
	static const char *const prefixes[] = { "", "@USER.", "@RESOURCE.",
						"@DEVICE." };

	if (gu_cond_is_attribute(item->token)) {
		gu_buf_adds(t->out, prefixes[item->token - GU_COND_LOCAL]);
		gu_name_format(item->data, item->len, t->out);
		return item->len != 0;
	}
	return item->token == GU_COND_COMPOSITE ? add_list(t, item)
						: add_literal(t, item);
}

static const char *word_of(uint8_t token)
{
	const struct gu_cond_word *w = gu_cond_words;

	while (w->token != token) {
		w++;
	}
	return w->word;
}

/* Logical operators take what is true or false, the others what has a
 * value. */
static bool is_logical(uint8_t token)
{
	return token == GU_COND_AND || token == GU_COND_OR ||
	       token == GU_COND_NOT;
}

/* a == b == c: what stands on the left needs no parentheses, and may not have
 * any where a value is expected. */
static bool is_chained(const struct tree *t, const struct node *node)
{
	uint8_t left = t->nodes[node->left].item.token;

	return !is_logical(node->item.token) && !is_logical(left) &&
	       gu_cond_arity(left) == 2;
}

static enum gu_rc
add_node(const struct tree *t, uint32_t index, bool value, unsigned depth);

static enum gu_rc
add_operator(const struct tree *t, const struct node *node, unsigned depth)
{
	uint8_t token = node->item.token;
	bool value = !is_logical(token);
	enum gu_rc rc = GU_RC_OK;

	if (depth > NESTING) {
		return malformed(t, node->item.data);
	}
	if (gu_cond_arity(token) == 2) {
		rc = is_chained(t, node)
			     ? add_operator(t, &t->nodes[node->left], depth + 1)
			     : add_node(t, node->left, value, depth);
		gu_buf_addc(t->out, ' ');
	}
	gu_buf_adds(t->out, word_of(token));
	if (token != GU_COND_NOT) {
		gu_buf_addc(t->out, ' ');
	}
	return rc ? rc : add_node(t, node->right, value, depth);
}

/* `value`: as an operand, without parentheses. */
static enum gu_rc
add_node(const struct tree *t, uint32_t index, bool value, unsigned depth)
{
	const struct node *node = &t->nodes[index];
	bool operand = gu_cond_arity(node->item.token) == 0;
	enum gu_rc rc = GU_RC_OK;

	if (depth > NESTING) {
		return malformed(t, node->item.data);
	}
	if (operand && value) {
		return add_operand(t, &node->item)
			       ? rc
			       : malformed(t, node->item.data);
	}
	gu_buf_addc(t->out, '(');
	if (!operand) {
		rc = add_operator(t, node, depth + 1);
	} else if (!add_operand(t, &node->item)) {
		rc = malformed(t, node->item.data);
	}
	gu_buf_addc(t->out, ')');
	return rc;
}

enum gu_rc gu_condition_format(const uint8_t *data, size_t len,
			       const struct gu_sid *domain, struct gu_buf *out,
			       struct gu_err *err)
{
	struct tree t = {
		.domain = domain, .out = out, .err = err, .base = data
	};
	size_t start = out->len;
	enum gu_rc rc;

	if (!gu_condition_is(data, len)) {
		return gu_err_at(err, 0, "a condition starts with artx");
	}
	t.nodes = gu_calloc(len, sizeof(*t.nodes));
	t.stack = gu_calloc(len, sizeof(*t.stack));
	if (!t.nodes || !t.stack) {
		rc = gu_err_nomem(err);
		goto out;
	}
	rc = tree_build(&t, data, len);
	if (!rc) {
		rc = add_node(&t, t.stack[0], false, 0);
	}
	if (rc) {
		gu_buf_cut(out, start);
	}
out:
	gu_free(t.nodes);
	gu_free(t.stack);
	return rc;
}
