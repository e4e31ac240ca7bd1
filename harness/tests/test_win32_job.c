/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <string.h>

#include "arena.h"
#include "unit.h"

#include "banned.h"

/* One serial form for a pipe and for a mailbox: what goes in comes out, and
 * what never went in is refused. */

static const struct gu_value list[] = {
	{ .type = GU_V_BOOL, .b = true },
	{ .type = GU_V_STR, .str = { .p = "a\0b", .len = 3 } },
};

static const struct gu_field fields[] = {
	{ "sid", { .type = GU_V_UINT, .u = UINT64_C(0xFEDCBA9876543210) } },
	{ "list", { .type = GU_V_LIST, .count = 2, .list = list } },
};

static const struct w_job sample_job = {
	.seq = UINT64_C(0x100000002),
	.fn = GU_FN_CreateFile,
	.thread = 77,
	.type = GU_OBJ_file,
	.arg_count = 5,
	.args = {
		{ .type = GU_V_NONE },
		{ .type = GU_V_REF,
		  .ref = { .kind = GU_REF_HANDLE, .id = 0xFFFFFFFE } },
		{ .type = GU_V_SQOS,
		  .sqos = { .present = true,
			    .level = GU_LEVEL_DELEGATION,
			    .effective_only = true } },
		{ .type = GU_V_TABLE, .count = 2, .fields = fields },
		{ .type = GU_V_STR, .str = { .p = "", .len = 0 } },
	},
};

static void same_value(const struct gu_value *a, const struct gu_value *b)
{
	assert_int_equal(a->type, b->type);
	switch (a->type) {
	case GU_V_NONE:
		break;
	case GU_V_BOOL:
		assert_int_equal(a->b, b->b);
		break;
	case GU_V_UINT:
		assert_true(a->u == b->u);
		break;
	case GU_V_STR:
		assert_int_equal(a->str.len, b->str.len);
		assert_memory_equal(a->str.p, b->str.p, a->str.len + 1);
		break;
	case GU_V_REF:
		assert_true(gu_ref_equal(a->ref, b->ref));
		break;
	case GU_V_SQOS:
		assert_int_equal(a->sqos.present, b->sqos.present);
		assert_int_equal(a->sqos.level, b->sqos.level);
		assert_int_equal(a->sqos.dynamic, b->sqos.dynamic);
		assert_int_equal(a->sqos.effective_only,
				 b->sqos.effective_only);
		break;
	case GU_V_LIST:
		assert_int_equal(a->count, b->count);
		for (uint32_t i = 0; i < a->count; i++) {
			same_value(&a->list[i], &b->list[i]);
		}
		break;
	case GU_V_TABLE:
		assert_int_equal(a->count, b->count);
		for (uint32_t i = 0; i < a->count; i++) {
			assert_string_equal(a->fields[i].name,
					    b->fields[i].name);
			same_value(&a->fields[i].value, &b->fields[i].value);
		}
		break;
	}
}

static void a_job_comes_back_as_it_was(void **state)
{
	struct gu_arena arena = GU_ARENA_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	struct w_job job;

	(void)state;
	w_job_encode(&sample_job, &bytes);
	assert_int_equal(
		w_job_decode(&job, bytes.data, bytes.len, &arena, &err), 0);
	assert_true(job.seq == sample_job.seq);
	assert_int_equal(job.fn, sample_job.fn);
	assert_int_equal(job.thread, sample_job.thread);
	assert_int_equal(job.type, sample_job.type);
	assert_int_equal(job.arg_count, sample_job.arg_count);
	for (uint32_t i = 0; i < job.arg_count; i++) {
		same_value(&sample_job.args[i], &job.args[i]);
	}
	gu_buf_release(&bytes);
	gu_arena_release(&arena);
}

static void sample_answer(struct w_answer *out)
{
	*out = (struct w_answer){
		.seq = 9,
		.end = W_END_RAISED,
		.text = "",
		.status = { .conv = GU_CONV_NTSTATUS, .code = 0xC0000005 },
		.value = { .type = GU_V_LIST, .count = 2, .list = list },
		.label = "ncalrpc:x",
		.type = GU_OBJ_NONE,
		.asked = 1,
		.granted = 0x80000002,
		.checked = true,
		.stands = 0x1C4,
		.identity = { .impersonating = true,
			      .known = true,
			      .error = 5,
			      .level = GU_LEVEL_IDENTIFICATION,
			      .integrity = 0x2000,
			      .token_id = UINT64_C(0xAAAA00000001),
			      .modified_id = 3,
			      .auth_id = 0x3e7,
			      .user = *gu_sid_well_known(
				      GU_WK_BUILTIN_ADMINISTRATORS) },
	};
}

static void an_answer_comes_back_as_it_was(void **state)
{
	struct gu_arena arena = GU_ARENA_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	struct w_answer in, out;

	(void)state;
	sample_answer(&in);
	w_answer_encode(&in, &bytes);
	assert_int_equal(
		w_answer_decode(&out, bytes.data, bytes.len, &arena, &err), 0);
	assert_true(out.seq == 9);
	assert_int_equal(out.end, W_END_RAISED);
	assert_string_equal(out.text, "");
	assert_int_equal(out.status.conv, GU_CONV_NTSTATUS);
	assert_false(out.status.ok);
	assert_int_equal(out.status.code, 0xC0000005);
	same_value(&in.value, &out.value);
	assert_string_equal(out.label, "ncalrpc:x");
	assert_int_equal(out.type, GU_OBJ_NONE);
	assert_int_equal(out.granted, 0x80000002);
	assert_true(out.checked);
	assert_int_equal(out.stands, 0x1C4);
	assert_true(out.identity.impersonating);
	assert_int_equal(out.identity.level, GU_LEVEL_IDENTIFICATION);
	assert_true(out.identity.token_id == in.identity.token_id);
	assert_true(gu_sid_equal(&out.identity.user, &in.identity.user));
	gu_buf_release(&bytes);
	gu_arena_release(&arena);
}

static void a_text_that_is_missing_stays_missing(void **state)
{
	struct gu_arena arena = GU_ARENA_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	const struct w_answer in = { .type = GU_OBJ_NONE };
	struct w_answer out;

	(void)state;
	w_answer_encode(&in, &bytes);
	assert_int_equal(
		w_answer_decode(&out, bytes.data, bytes.len, &arena, NULL), 0);
	assert_null(out.label);
	assert_null(out.text);
	assert_false(gu_sid_is_set(&out.identity.user));
	gu_buf_release(&bytes);
	gu_arena_release(&arena);
}

/* What is made of the first `n` bytes of the sample and a zero. */
static enum gu_rc decode_first(size_t n, size_t *whole, struct gu_err *err)
{
	struct gu_arena arena = GU_ARENA_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	struct w_job job;
	enum gu_rc rc;

	w_job_encode(&sample_job, &bytes);
	*whole = bytes.len;
	gu_buf_addc(&bytes, 0);
	rc = w_job_decode(&job, bytes.data, n, &arena, err);
	gu_buf_release(&bytes);
	gu_arena_release(&arena);
	return rc;
}

static void a_job_cut_anywhere_is_refused(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	size_t whole = 1;

	(void)state;
	for (size_t n = 0; n < whole; n++) {
		assert_int_equal(decode_first(n, &whole, &err), GU_RC_USAGE);
	}
	assert_int_equal(decode_first(whole, &whole, &err), GU_RC_OK);
}

static void bytes_after_the_end_are_refused(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	size_t whole = 0;

	(void)state;
	(void)decode_first(0, &whole, &err);
	err = (struct gu_err)GU_ERR_INIT;
	assert_int_equal(decode_first(whole + 1, &whole, &err), GU_RC_USAGE);
	assert_int_equal(err.offset, whole);
}

/* Each byte changed to each of some values: a message or a refusal, never a
 * read beyond (the sanitizers look). */
static void no_byte_leads_astray(void **state)
{
	static const char values[] = { 0, 1, 2, 7, 19, 127, -1 };
	struct gu_arena arena = GU_ARENA_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	struct w_answer in, out;
	size_t refused = 0;

	(void)state;
	sample_answer(&in);
	w_answer_encode(&in, &bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		char was = bytes.data[i];

		for (size_t k = 0; k < sizeof(values); k++) {
			bytes.data[i] = values[k];
			refused += w_answer_decode(&out, bytes.data, bytes.len,
						   &arena, &err) != 0;
		}
		bytes.data[i] = was;
		gu_arena_reset(&arena);
	}
	assert_true(refused > 0);
	gu_buf_release(&bytes);
	gu_arena_release(&arena);
}

static void lists_do_not_nest_without_end(void **state)
{
	struct gu_arena arena = GU_ARENA_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	struct gu_value nest[8] = { { .type = GU_V_NONE } };
	struct w_job job = { .fn = GU_FN_open, .arg_count = 1 };

	(void)state;
	for (size_t i = 1; i < 8; i++) {
		nest[i] = (struct gu_value){ .type = GU_V_LIST,
					     .count = 1,
					     .list = &nest[i - 1] };
	}
	job.args[0] = nest[7];
	w_job_encode(&job, &bytes);
	assert_int_equal(
		w_job_decode(&job, bytes.data, bytes.len, &arena, &err),
		GU_RC_USAGE);
	gu_buf_release(&bytes);
	gu_arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_comes_back_as_it_was),
		cmocka_unit_test(an_answer_comes_back_as_it_was),
		cmocka_unit_test(a_text_that_is_missing_stays_missing),
		cmocka_unit_test(a_job_cut_anywhere_is_refused),
		cmocka_unit_test(bytes_after_the_end_are_refused),
		cmocka_unit_test(no_byte_leads_astray),
		cmocka_unit_test(lists_do_not_nest_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
