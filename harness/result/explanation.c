/* SPDX-License-Identifier: MIT */
#include "explanation.h"

#include "alloc.h"
#include "explain.h"
#include "record.h"
#include "banned.h"

enum { STEPS_SHOWN = 12, FLIPS_SHOWN = 12 };

/* Lines one behind the other, each ended by a NUL. */
struct lines {
	struct gu_buf text;
	size_t from; /* where the next begins */
	size_t count;
};

static void line_end(struct lines *l)
{
	gu_record_one_line(&l->text, l->from);
	gu_buf_addc(&l->text, '\0');
	l->from = l->text.len;
	l->count++;
}

static void on_step(void *ctx, const struct gu_access_step *step)
{
	struct lines *l = ctx;

	gu_access_step_format(step, &l->text);
	line_end(l);
}

static void on_flip(void *ctx, const struct gu_flip *flip)
{
	struct lines *l = ctx;

	gu_flip_format(flip, &l->text);
	line_end(l);
}

/* The check was never reached; what it would have said decides whether the
 * level is all that is missing. */
static void tell_level(const struct gu_access_request *request,
		       struct lines *steps, struct lines *flips)
{
	struct gu_access_result result;

	gu_buf_addf(&steps->text,
		    "level: the token is at %s, and nothing is opened below "
		    "Impersonation",
		    gu_level_name(request->token->level));
	line_end(steps);
	gu_access_check(request, &result);
	if (result.granted) {
		gu_buf_adds(&flips->text, "a token at Impersonation");
		line_end(flips);
	}
}

static enum gu_rc tell(const struct gu_basis *basis, enum gu_objtype type,
		       struct lines *steps, struct lines *flips,
		       struct gu_err *err)
{
	struct gu_access_request request = {
		.sd = basis->sd,
		.token = basis->token,
		.map = &gu_objtype_row(type)->map,
		.desired = basis->desired,
		.flags = basis->flags,
	};
	struct gu_access_result result;

	if (basis->below_level) {
		tell_level(&request, steps, flips);
		return GU_RC_OK;
	}
	request.step = on_step;
	request.step_ctx = steps;
	gu_access_check(&request, &result);
	return gu_access_flips(&request, on_flip, flips, err);
}

/* One block: the pointers, then the text they point into. */
static enum gu_rc keep(struct gu_explanation *out, const struct lines *steps,
		       const struct lines *flips, struct gu_err *err)
{
	size_t count = steps->count + flips->count;
	size_t table = count * sizeof(char *);
	char *block =
		gu_calloc(1, table + steps->text.len + flips->text.len + 1);
	const char **lines = (const char **)(void *)block;
	char *text = block + table;

	if (!block) {
		return gu_err_nomem(err);
	}
	memcpy(text, steps->text.data, steps->text.len);
	memcpy(text + steps->text.len, flips->text.data, flips->text.len);
	for (size_t i = 0; i < count; i++) {
		lines[i] = text;
		text += strlen(text) + 1;
	}
	*out = (struct gu_explanation){
		.steps = lines,
		.step_count = steps->count,
		.flips = lines + steps->count,
		.flip_count = flips->count,
		.memory = block,
	};
	return GU_RC_OK;
}

enum gu_rc gu_explanation_make(struct gu_explanation *out,
			       const struct gu_basis *basis,
			       enum gu_objtype type, struct gu_err *err)
{
	struct lines steps = { .text = GU_BUF_INIT };
	struct lines flips = { .text = GU_BUF_INIT };
	enum gu_rc rc = GU_RC_OK;

	if (basis->token && basis->sd && type != GU_OBJ_NONE) {
		rc = tell(basis, type, &steps, &flips, err);
	}
	if (!rc) {
		rc = gu_buf_check(&steps.text, err);
	}
	if (!rc) {
		rc = gu_buf_check(&flips.text, err);
	}
	if (!rc) {
		rc = keep(out, &steps, &flips, err);
	}
	gu_buf_release(&steps.text);
	gu_buf_release(&flips.text);
	return rc;
}

void gu_explanation_release(struct gu_explanation *x)
{
	gu_free(x->memory);
	*x = (struct gu_explanation){ .steps = NULL };
}

/* The end tells what came of it, so what is left out is before it. */
static void add_steps(const struct gu_explanation *x, struct gu_buf *out)
{
	size_t left_out =
		x->step_count > STEPS_SHOWN ? x->step_count - STEPS_SHOWN : 0;
	size_t last = STEPS_SHOWN - 1;

	for (size_t i = 0; i < x->step_count; i++) {
		if (left_out && i == last) {
			gu_buf_addf(out, "    ... and %zu more\n", left_out);
			i += left_out;
		}
		gu_buf_addf(out, "    %s\n", x->steps[i]);
	}
}

void gu_explanation_format(const struct gu_explanation *x, struct gu_buf *out)
{
	add_steps(x, out);
	if (x->flip_count) {
		gu_buf_adds(out, "  it would be otherwise with:\n");
	}
	for (size_t i = 0; i < x->flip_count && i < FLIPS_SHOWN; i++) {
		gu_buf_addf(out, "    %s\n", x->flips[i]);
	}
	if (x->flip_count > FLIPS_SHOWN) {
		gu_buf_addf(out, "    ... and %zu more\n",
			    x->flip_count - FLIPS_SHOWN);
	}
}
