/* SPDX-License-Identifier: MIT */
#include "condition.h"

#include <string.h>

#include "condition_code.h"
#include "le.h"
#include "utf16.h"
#include "banned.h"

enum {
	DEPTH = 512, /* of the operand stack */
	/* Comparisons of one evaluation; a condition that needs more was made
	 * to cost, and is as good as malformed. */
	WORK = 4 << 20,
};

enum kind {
	KIND_RESULT,  /* of an operator */
	KIND_LITERAL, /* written out in the condition */
	KIND_CLAIM,   /* an attribute, whether there is one or not */
};

struct operand {
	enum kind kind;
	enum gu_tri result;
	struct gu_cond_item item;
	const struct gu_claim *claim; /* NULL: missing */
};

struct eval {
	const struct gu_condition_env *env;
	uint32_t work;
	size_t depth;
	struct operand stack[DEPTH];
};

enum shape { SHAPE_NUMBER, SHAPE_TEXT, SHAPE_OCTETS, SHAPE_SID, SHAPE_BAD };

/* One value of an operand. */
struct value {
	enum shape shape;
	bool negative;
	bool exact; /* case counts */
	uint64_t number;
	const uint8_t *data;
	size_t len;
};

/* Walks over the values of an operand: one of a literal, each of a composite
 * or claim. */
struct values {
	const struct operand *from;
	size_t at;
};

bool gu_condition_is(const uint8_t *data, size_t len)
{
	return len >= GU_COND_HEADER && memcmp(data, "artx", 4) == 0;
}

void gu_condition_env_init(struct gu_condition_env *env,
			   const struct gu_token *token)
{
	*env = (struct gu_condition_env){
		.user = &token->user,
		.user_deny_only = token->user_deny_only,
		.groups = token->groups,
		.group_count = token->group_count,
		.device_groups = token->device_groups,
		.device_group_count = token->device_group_count,
		.user_claims = &token->user_claims,
		.device_claims = &token->device_claims,
	};
}

enum gu_rc gu_condition_attributes(struct gu_claims *out,
				   const struct gu_acl *sacl,
				   struct gu_err *err)
{
	for (uint32_t i = 0; i < sacl->count; i++) {
		const struct gu_ace *ace = &sacl->aces[i];

		if (ace->type != GU_ACE_RESOURCE_ATTRIBUTE ||
		    (ace->flags & GU_ACE_INHERIT_ONLY)) {
			continue;
		}
		if (gu_claims_add_attribute(out, ace->data, ace->data_len,
					    err) == GU_RC_NOMEM) {
			return GU_RC_NOMEM;
		}
	}
	return GU_RC_OK;
}

static void value_of_item(const struct gu_cond_item *item, struct value *out)
{
	*out = (struct value){ .shape = SHAPE_BAD,
			       .data = item->data,
			       .len = item->len };
	if (gu_cond_is_integer(item->token)) {
		out->shape = SHAPE_NUMBER;
		out->number = gu_le_u32(item->data) |
			      (uint64_t)gu_le_u32(item->data + 4) << 32;
		out->negative =
			item->data[8] == GU_COND_SIGN_MINUS && out->number != 0;
	} else if (item->token == GU_COND_UNICODE) {
		out->shape = SHAPE_TEXT;
	} else if (item->token == GU_COND_OCTET) {
		out->shape = SHAPE_OCTETS;
	} else if (item->token == GU_COND_SID) {
		out->shape = SHAPE_SID;
	}
}

static void
value_of_claim(const struct gu_claim *claim, size_t i, struct value *out)
{
	const struct gu_claim_value *v = &claim->values[i];

	*out = (struct value){ .shape = SHAPE_BAD,
			       .exact = claim->flags & GU_CLAIM_CASE_SENSITIVE,
			       .number = v->number,
			       .data = v->data,
			       .len = v->len };
	switch ((enum gu_claim_type)claim->type) {
	case GU_CLAIM_INT64:
		out->negative = (int64_t)v->number < 0;
		out->shape = SHAPE_NUMBER;
		return;
	case GU_CLAIM_UINT64:
	case GU_CLAIM_BOOLEAN:
		out->shape = SHAPE_NUMBER;
		return;
	case GU_CLAIM_STRING:
	case GU_CLAIM_FQBN:
		out->shape = SHAPE_TEXT;
		return;
	case GU_CLAIM_SID:
		out->shape = SHAPE_SID;
		return;
	case GU_CLAIM_OCTET:
		out->shape = SHAPE_OCTETS;
		return;
	}
}

/* False after the last. A composite that does not parse yields a value of no
 * shape. */
static bool values_next(struct values *it, struct value *out)
{
	const struct operand *from = it->from;
	struct gu_cond_item item = from->item;

	if (from->kind == KIND_CLAIM) {
		if (it->at >= from->claim->count) {
			return false;
		}
		value_of_claim(from->claim, it->at++, out);
		return true;
	}
	if (item.token != GU_COND_COMPOSITE) {
		value_of_item(&item, out);
		return it->at++ == 0;
	}
	if (it->at >= item.len) {
		return false;
	}
	if (!gu_cond_next(from->item.data, from->item.len, &it->at, &item)) {
		it->at = from->item.len;
		item.token = GU_COND_PAD;
	}
	value_of_item(&item, out);
	return true;
}

static size_t values_count(const struct operand *from)
{
	struct values it = { .from = from };
	struct value v;
	size_t n = 0;

	if (from->kind == KIND_CLAIM) {
		return from->claim->count;
	}
	while (values_next(&it, &v)) {
		n++;
	}
	return n;
}

static int octets_compare(const struct value *a, const struct value *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int order = n ? memcmp(a->data, b->data, n) : 0;

	if (order || a->len == b->len) {
		return order;
	}
	return a->len < b->len ? -1 : 1;
}

/* Order of two values of one shape. */
static int value_compare(const struct value *a, const struct value *b)
{
	switch (a->shape) {
	case SHAPE_NUMBER:
		if (a->negative != b->negative) {
			return a->negative ? -1 : 1;
		}
		return (a->number > b->number) - (a->number < b->number);
	case SHAPE_TEXT:
		return gu_utf16_compare(a->data, a->len, b->data, b->len,
					!a->exact && !b->exact);
	case SHAPE_OCTETS:
	case SHAPE_SID:
	case SHAPE_BAD:
		break;
	}
	return octets_compare(a, b);
}

static bool spend(struct eval *e)
{
	if (e->work == 0) {
		return false;
	}
	e->work--;
	return true;
}

/* Is the value among the others? Unknown when it cannot be compared with one
 * that comes before. */
static enum gu_tri
is_among(struct eval *e, const struct value *v, const struct operand *others)
{
	struct values it = { .from = others };
	struct value other;

	while (values_next(&it, &other)) {
		if (other.shape != v->shape || v->shape == SHAPE_BAD ||
		    !spend(e)) {
			return GU_TRI_UNKNOWN;
		}
		if (value_compare(v, &other) == 0) {
			return GU_TRI_TRUE;
		}
	}
	return GU_TRI_FALSE;
}

/* Are all of `some` among `others`? With `any`, is one? */
static enum gu_tri are_among(struct eval *e, const struct operand *some,
			     const struct operand *others, bool any)
{
	struct values it = { .from = some };
	struct value v;

	while (values_next(&it, &v)) {
		enum gu_tri found = is_among(e, &v, others);

		if (found == GU_TRI_UNKNOWN || (found == GU_TRI_TRUE) == any) {
			return found;
		}
	}
	return any ? GU_TRI_FALSE : GU_TRI_TRUE;
}

static enum gu_tri tri_of(bool yes)
{
	return yes ? GU_TRI_TRUE : GU_TRI_FALSE;
}

static enum gu_tri tri_not(enum gu_tri t)
{
	return t == GU_TRI_UNKNOWN ? t : tri_of(t == GU_TRI_FALSE);
}

/* Sets are equal whatever their order, and a repeated value counts. */
static enum gu_tri
op_equal(struct eval *e, const struct operand *a, const struct operand *b)
{
	enum gu_tri t;

	if (values_count(a) != values_count(b)) {
		return GU_TRI_FALSE;
	}
	t = are_among(e, a, b, false);
	return t == GU_TRI_TRUE ? are_among(e, b, a, false) : t;
}

static bool ordered(uint8_t token, int order)
{
	switch (token) {
	case GU_COND_LESS:
		return order < 0;
	case GU_COND_LESS_EQUAL:
		return order <= 0;
	case GU_COND_GREATER:
		return order > 0;
	}
	return order >= 0;
}

/* Only single values have an order. */
static enum gu_tri
op_order(uint8_t token, const struct operand *a, const struct operand *b)
{
	struct values of_a = { .from = a }, of_b = { .from = b };
	struct value x, y, more;

	if (!values_next(&of_a, &x) || !values_next(&of_b, &y) ||
	    values_next(&of_a, &more) || values_next(&of_b, &more) ||
	    x.shape != y.shape || x.shape == SHAPE_SID ||
	    x.shape == SHAPE_BAD) {
		return GU_TRI_UNKNOWN;
	}
	return tri_of(ordered(token, value_compare(&x, &y)));
}

/* Windows finds that nothing contains the empty set. */
static enum gu_tri
op_contains(struct eval *e, const struct operand *a, const struct operand *b)
{
	return values_count(b) ? are_among(e, b, a, false) : GU_TRI_FALSE;
}

static bool has_values(const struct operand *o)
{
	return o->kind == KIND_LITERAL ||
	       (o->kind == KIND_CLAIM && o->claim && o->claim->count);
}

static enum gu_tri relate(struct eval *e, uint8_t token,
			  const struct operand *a, const struct operand *b)
{
	if (!has_values(a) || !has_values(b)) {
		return GU_TRI_UNKNOWN;
	}
	switch (token) {
	case GU_COND_EQUAL:
		return op_equal(e, a, b);
	case GU_COND_NOT_EQUAL:
		return tri_not(op_equal(e, a, b));
	case GU_COND_CONTAINS:
		return op_contains(e, a, b);
	case GU_COND_NOT_CONTAINS:
		return tri_not(op_contains(e, a, b));
	case GU_COND_ANY_OF:
		return are_among(e, b, a, true);
	case GU_COND_NOT_ANY_OF:
		return tri_not(are_among(e, b, a, true));
	}
	return op_order(token, a, b);
}

static bool is_member(const struct gu_condition_env *env, bool device,
		      const struct gu_sid *sid)
{
	if (device) {
		return gu_groups_have(env->device_groups,
				      env->device_group_count, sid, env->deny);
	}
	if (env->user && gu_sid_equal(env->user, sid) &&
	    (env->deny || !env->user_deny_only)) {
		return true;
	}
	return gu_groups_have(env->groups, env->group_count, sid, env->deny);
}

/* Nobody is a member of no group, as nothing contains the empty set. */
static enum gu_tri
member_of(struct eval *e, const struct operand *o, bool device, bool any)
{
	struct values it = { .from = o };
	struct value v;
	bool some = false, all = true;
	size_t n = 0;

	if (!has_values(o)) {
		return GU_TRI_UNKNOWN;
	}
	for (; values_next(&it, &v); n++) {
		struct gu_sid sid;
		size_t used;
		bool in;

		if (v.shape != SHAPE_SID ||
		    gu_sid_decode(&sid, v.data, v.len, &used, NULL)) {
			return GU_TRI_UNKNOWN;
		}
		in = is_member(e->env, device, &sid);
		some = some || in;
		all = all && in;
	}
	return tri_of(any ? some : n && all);
}

static enum gu_tri
membership(struct eval *e, uint8_t token, const struct operand *o)
{
	switch (token) {
	case GU_COND_MEMBER_OF:
		return member_of(e, o, false, false);
	case GU_COND_NOT_MEMBER_OF:
		return tri_not(member_of(e, o, false, false));
	case GU_COND_MEMBER_OF_ANY:
		return member_of(e, o, false, true);
	case GU_COND_NOT_MEMBER_OF_ANY:
		return tri_not(member_of(e, o, false, true));
	case GU_COND_DEVICE_MEMBER_OF:
		return member_of(e, o, true, false);
	case GU_COND_NOT_DEVICE_MEMBER_OF:
		return tri_not(member_of(e, o, true, false));
	case GU_COND_DEVICE_MEMBER_OF_ANY:
		return member_of(e, o, true, true);
	}
	return tri_not(member_of(e, o, true, true));
}

static const struct gu_claims *
claims_of(const struct gu_condition_env *env, uint8_t token)
{
	switch (token) {
	case GU_COND_USER:
		return env->user_claims;
	case GU_COND_DEVICE:
		return env->device_claims;
	case GU_COND_RESOURCE:
		return env->resource;
	}
	return env->local;
}

/* Who has no claims at all has nothing of which to say that it is missing:
 * recorded for a user. */
static enum gu_tri exists(struct eval *e, const struct operand *o)
{
	const struct gu_claims *claims = claims_of(e->env, o->item.token);
	bool told = o->item.token == GU_COND_LOCAL ||
		    o->item.token == GU_COND_RESOURCE ||
		    (claims && claims->count);

	if (o->kind != KIND_CLAIM) {
		return GU_TRI_UNKNOWN;
	}
	if (has_values(o)) {
		return GU_TRI_TRUE;
	}
	return told ? GU_TRI_FALSE : GU_TRI_UNKNOWN;
}

/* An operand as a truth: an attribute is true when one of its values is
 * neither zero nor empty. */
static enum gu_tri truth(const struct operand *o)
{
	struct values it = { .from = o };
	struct value v;

	if (o->kind == KIND_RESULT) {
		return o->result;
	}
	if (o->kind == KIND_LITERAL || !has_values(o)) {
		return GU_TRI_UNKNOWN;
	}
	while (values_next(&it, &v)) {
		if (v.shape == SHAPE_NUMBER ? v.number != 0 : v.len != 0) {
			return GU_TRI_TRUE;
		}
	}
	return GU_TRI_FALSE;
}

static enum gu_tri tri_and(enum gu_tri a, enum gu_tri b)
{
	if (a == GU_TRI_FALSE || b == GU_TRI_FALSE) {
		return GU_TRI_FALSE;
	}
	return a == GU_TRI_UNKNOWN ? a : b;
}

static void push(struct eval *e, const struct operand *o)
{
	e->stack[e->depth++] = *o;
}

static void push_result(struct eval *e, enum gu_tri result)
{
	push(e, &(struct operand){ .kind = KIND_RESULT, .result = result });
}

static void push_item(struct eval *e, const struct gu_cond_item *item)
{
	struct operand o = { .kind = KIND_LITERAL, .item = *item };

	if (gu_cond_is_attribute(item->token)) {
		o.kind = KIND_CLAIM;
		o.claim = gu_claims_find(claims_of(e->env, item->token),
					 item->data, item->len);
	}
	push(e, &o);
}

/* Windows gives up on a condition that negates a bare attribute while another
 * one waits beneath it: (a || !(a)) is unknown where (!(a) || a) is true. */
static bool negates_second(const struct eval *e)
{
	return e->depth >= 2 && e->stack[e->depth - 1].kind == KIND_CLAIM &&
	       e->stack[e->depth - 2].kind == KIND_CLAIM;
}

static bool apply_unary(struct eval *e, uint8_t token)
{
	const struct operand *o;
	enum gu_tri result;

	if (e->depth < 1 || (token == GU_COND_NOT && negates_second(e))) {
		return false;
	}
	o = &e->stack[e->depth - 1];
	if (token == GU_COND_NOT) {
		result = tri_not(truth(o));
	} else if (token == GU_COND_EXISTS) {
		result = exists(e, o);
	} else if (token == GU_COND_NOT_EXISTS) {
		result = tri_not(exists(e, o));
	} else {
		result = membership(e, token, o);
	}
	e->depth--;
	push_result(e, result);
	return true;
}

static bool apply_binary(struct eval *e, uint8_t token)
{
	const struct operand *a, *b;
	enum gu_tri result;

	if (e->depth < 2) {
		return false;
	}
	a = &e->stack[e->depth - 2];
	b = &e->stack[e->depth - 1];
	if (token == GU_COND_AND) {
		result = tri_and(truth(a), truth(b));
	} else if (token == GU_COND_OR) {
		result = tri_not(tri_and(tri_not(truth(a)), tri_not(truth(b))));
	} else {
		result = relate(e, token, a, b);
	}
	e->depth -= 2;
	push_result(e, result);
	return true;
}

static bool step(struct eval *e, const struct gu_cond_item *item)
{
	switch (gu_cond_arity(item->token)) {
	case 1:
		return apply_unary(e, item->token);
	case 2:
		return apply_binary(e, item->token);
	}
	if (e->depth == DEPTH) {
		return false;
	}
	push_item(e, item);
	return true;
}

enum gu_tri gu_condition_eval(const uint8_t *data, size_t len,
			      const struct gu_condition_env *env)
{
	struct eval e;
	size_t at = GU_COND_HEADER;

	if (!gu_condition_is(data, len)) {
		return GU_TRI_UNKNOWN;
	}
	e.env = env;
	e.work = WORK;
	e.depth = 0;
	while (at < len) {
		struct gu_cond_item item;

		if (!gu_cond_next(data, len, &at, &item) ||
		    (item.token != GU_COND_PAD && !step(&e, &item))) {
			return GU_TRI_UNKNOWN;
		}
	}
	return e.depth == 1 ? truth(&e.stack[0]) : GU_TRI_UNKNOWN;
}
