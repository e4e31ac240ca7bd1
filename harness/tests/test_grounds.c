/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <sqlite3.h>

#include "alloc.h"
#include "explanation.h"
#include "grounds.h"
#include "keep.h"
#include "sample.h"
#include "sddl.h"

#include "banned.h"

#define ALICE "S-1-5-21-1-2-3-1001"
#define OWNED "O:SYG:SY"

enum { READ = 0x1, WRITE = 0x2 };

struct fixture {
	char dir[64];
	char path[96];
	struct gu_token *alice;   /* a user of BUILTIN\Users */
	struct gu_token *limited; /* the same at Identification */
	struct gu_sd readable;
	struct gu_sd closed;
};

static void sd_of(struct gu_sd *sd, const char *sddl)
{
	*sd = (struct gu_sd)GU_SD_INIT;
	assert_rc_ok(gu_sddl_parse(sd, sddl, NULL, NULL));
}

static int set_up(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	if (sample_dir(f.dir)) {
		return -1;
	}
	snprintf(f.path, sizeof(f.path), "%s/s.db", f.dir);
	assert_rc_ok(gu_token_new(&f.alice, NULL));
	assert_rc_ok(gu_sid_parse(&f.alice->user, ALICE, strlen(ALICE), NULL));
	assert_rc_ok(gu_token_add_group(
		f.alice, gu_sid_well_known(GU_WK_BUILTIN_USERS), 7, NULL));
	assert_rc_ok(gu_token_copy(f.alice, &f.limited, NULL));
	f.limited->type = GU_TOKEN_IMPERSONATION;
	f.limited->level = GU_LEVEL_IDENTIFICATION;
	sd_of(&f.readable, OWNED "D:(A;;0x1;;;BU)");
	sd_of(&f.closed, OWNED "D:(D;;0x1;;;BU)(A;;FA;;;SY)");
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	gu_token_unref(f->alice);
	gu_token_unref(f->limited);
	gu_sd_release(&f->readable);
	gu_sd_release(&f->closed);
	sample_dir_remove(f->dir);
	return 0;
}

static struct gu_basis
basis_of(const struct gu_token *token, const struct gu_sd *sd, uint32_t desired)
{
	return (struct gu_basis){ .token = token,
				  .sd = sd,
				  .desired = desired };
}

/* explanations */

static void steps_and_flips_are_those_of_the_access_check(void **state)
{
	struct fixture *f = *state;
	struct gu_basis b = basis_of(f->alice, &f->closed, READ);
	struct gu_explanation x;

	assert_rc_ok(gu_explanation_make(&x, &b, GU_OBJ_file, NULL));
	assert_int_equal(x.step_count, 2);
	assert_non_null(strstr(x.steps[0], "dacl: ACE 0 (D;;"));
	assert_non_null(strstr(x.steps[0], "S-1-5-32-545"));
	assert_string_equal(x.steps[1], "result: denied on 0x1");
	/* Leaving the group grants nothing: nobody else gives her the right. */
	assert_int_equal(x.flip_count, 1);
	assert_string_equal(x.flips[0], "a first ACE (A;;0x1;;;" ALICE ")");
	gu_explanation_release(&x);
}

static void a_level_too_low_is_the_only_step(void **state)
{
	struct fixture *f = *state;
	struct gu_basis b = basis_of(f->limited, &f->readable, READ);
	struct gu_explanation x;

	b.below_level = true;
	assert_rc_ok(gu_explanation_make(&x, &b, GU_OBJ_file, NULL));
	assert_int_equal(x.step_count, 1);
	assert_non_null(strstr(x.steps[0], "the token is at Identification"));
	assert_int_equal(x.flip_count, 1);
	assert_string_equal(x.flips[0], "a token at Impersonation");
	gu_explanation_release(&x);
}

/* One change alone would not do. */
static void a_higher_level_is_no_way_where_the_check_denies(void **state)
{
	struct fixture *f = *state;
	struct gu_basis b = basis_of(f->limited, &f->closed, READ);
	struct gu_explanation x;

	b.below_level = true;
	assert_rc_ok(gu_explanation_make(&x, &b, GU_OBJ_file, NULL));
	assert_int_equal(x.step_count, 1);
	assert_int_equal(x.flip_count, 0);
	gu_explanation_release(&x);
}

static void the_type_maps_generic_rights(void **state)
{
	struct fixture *f = *state;
	struct gu_basis b = basis_of(f->alice, &f->readable, GU_GENERIC_READ);
	struct gu_explanation x;

	assert_rc_ok(gu_explanation_make(&x, &b, GU_OBJ_event, NULL));
	assert_string_equal(x.steps[x.step_count - 1],
			    "result: denied on 0x20000");
	gu_explanation_release(&x);
}

static void without_a_descriptor_there_is_nothing_to_tell(void **state)
{
	struct fixture *f = *state;
	struct gu_basis b = basis_of(f->alice, NULL, READ);
	struct gu_explanation x;

	assert_rc_ok(gu_explanation_make(&x, &b, GU_OBJ_file, NULL));
	assert_int_equal(x.step_count, 0);
	assert_int_equal(x.flip_count, 0);
	gu_explanation_release(&x);
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		n += *text == '\n';
	}
	return n;
}

static void many_steps_are_cut_before_the_last(void **state)
{
	struct fixture *f = *state;
	struct gu_sd long_sd = GU_SD_INIT;
	struct gu_buf out = GU_BUF_INIT;
	struct gu_explanation x;
	struct gu_basis b;

	for (uint32_t i = 0; i < 30; i++) {
		assert_rc_ok(gu_acl_add(&long_sd.dacl, GU_ACE_ALLOW, READ,
					gu_sid_well_known(GU_WK_LOCAL_SYSTEM),
					NULL));
	}
	long_sd.control |= GU_SE_DACL_PRESENT;
	b = basis_of(f->alice, &long_sd, READ);
	assert_rc_ok(gu_explanation_make(&x, &b, GU_OBJ_file, NULL));
	assert_int_equal(x.step_count, 31);
	gu_explanation_format(&x, &out);
	/* 11 of them, what is left out, the result; then the flips. */
	assert_int_equal(lines_of(out.data), 13 + 1 + x.flip_count);
	assert_non_null(strstr(out.data, "ACE 10 "));
	assert_null(strstr(out.data, "ACE 11 "));
	assert_non_null(strstr(out.data, "    ... and 19 more\n"
					 "    result: denied on 0x1\n"));
	gu_explanation_release(&x);
	gu_sd_release(&long_sd);
	gu_buf_release(&out);
}

/* keeping */

static void equal_bases_are_kept_once(void **state)
{
	struct fixture *f = *state;
	struct gu_keep k = { .used = false };
	struct gu_basis b = basis_of(f->alice, &f->readable, READ);
	const struct gu_basis *first = gu_keep_basis(&k, &b);
	struct gu_sd again;

	sd_of(&again, OWNED "D:(A;;0x1;;;BU)");
	b.sd = &again;
	assert_ptr_equal(gu_keep_basis(&k, &b), first);
	b.desired = WRITE;
	assert_ptr_not_equal(gu_keep_basis(&k, &b), first);
	assert_ptr_equal(gu_keep_basis(&k, &b)->sd, first->sd);
	b.desired = READ;
	assert_ptr_equal(gu_keep_basis(&k, &b), first);
	gu_sd_release(&again);
	gu_keep_release(&k);
}

static void descriptors_that_differ_are_kept_apart(void **state)
{
	static const struct {
		const char *name;
		const char *sddl;
	} rows[] = {
		{ "owner", "O:BAG:SYD:(A;;0x1;;;BU)" },
		{ "group", "O:SYG:BAD:(A;;0x1;;;BU)" },
		{ "control", OWNED "D:P(A;;0x1;;;BU)" },
		{ "type", OWNED "D:(D;;0x1;;;BU)" },
		{ "flags", OWNED "D:(A;OI;0x1;;;BU)" },
		{ "mask", OWNED "D:(A;;0x2;;;BU)" },
		{ "SID", OWNED "D:(A;;0x1;;;BA)" },
		{ "authority of a SID", OWNED "D:(A;;0x1;;;S-1-3-32-545)" },
		{ "condition", OWNED "D:(XA;;0x1;;;BU;(@User.a == 1))" },
		{ "another condition",
		  OWNED "D:(XA;;0x1;;;BU;(@User.b == 1))" },
		{ "object type", OWNED "D:(OA;;0x1;00000000-0000-0000-0000-"
				       "000000000001;;BU)" },
		{ "another object type", OWNED "D:(OA;;0x1;00000000-0000-0000-"
					       "0000-000000000002;;BU)" },
		{ "SACL", OWNED "D:(A;;0x1;;;BU)S:(ML;;NW;;;HI)" },
		{ "null DACL", OWNED "D:NO_ACCESS_CONTROL" },
	};
	struct fixture *f = *state;
	struct gu_keep k = { .used = false };
	struct gu_basis b = basis_of(f->alice, &f->readable, READ);
	const struct gu_basis *kept[SAMPLE_COUNT(rows) + 1];
	struct gu_sd sd;

	kept[0] = gu_keep_basis(&k, &b);
	for (size_t i = 0; i < SAMPLE_COUNT(rows); i++) {
		sd_of(&sd, rows[i].sddl);
		b.sd = &sd;
		kept[i + 1] = gu_keep_basis(&k, &b);
		for (size_t j = 0; j <= i; j++) {
			row_check(kept[j]->sd != kept[i + 1]->sd, rows[i].name);
		}
		gu_sd_release(&sd);
	}
	gu_keep_release(&k);
}

static void a_kept_token_outlives_its_maker(void **state)
{
	struct fixture *f = *state;
	struct gu_keep k = { .used = false };
	struct gu_token *t = NULL;
	struct gu_basis b;
	const struct gu_basis *kept;

	assert_rc_ok(gu_token_copy(f->alice, &t, NULL));
	b = basis_of(t, &f->readable, READ);
	kept = gu_keep_basis(&k, &b);
	gu_token_unref(t);
	assert_true(gu_sid_equal(&kept->token->user, &f->alice->user));
	gu_keep_release(&k);
}

/* stored runs */

static const struct gu_scenario_info info = { .name = "one",
					      .file = "one.lua",
					      .line = 1 };

static struct gu_record attempt(const struct gu_basis *basis)
{
	return (struct gu_record){
		.kind = GU_RECORD_ATTEMPT,
		.verdict = GU_VERDICT_FAIL,
		.line = 1,
		.fn = GU_FN_open,
		.via = GU_FN_NONE,
		.has_status = true,
		.decision = { .made = basis != NULL,
			      .type = basis ? GU_OBJ_file : GU_OBJ_NONE },
		.basis = basis,
	};
}

/* A run of one scenario: a denial, a grant, the denial again, no decision. */
static void write_run(struct fixture *f, struct gu_store *s)
{
	const struct gu_basis denied = basis_of(f->alice, &f->closed, READ);
	const struct gu_basis granted = basis_of(f->alice, &f->readable, READ);
	const struct gu_basis token = basis_of(f->alice, NULL, 0);
	const struct gu_basis object = basis_of(NULL, &f->readable, 0);
	const struct gu_record rows[] = { attempt(&denied), attempt(&granted),
					  attempt(&denied), attempt(NULL) };
	const struct gu_thing things[] = {
		{ .kind = GU_REF_ACCOUNT,
		  .type = GU_OBJ_NONE,
		  .name = "alice",
		  .basis = &token },
		{ .kind = GU_REF_OBJECT,
		  .type = GU_OBJ_file,
		  .name = "C:\\x",
		  .basis = &object },
	};
	int64_t id;

	assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, NULL));
	assert_rc_ok(gu_store_add_scenario(
		s, &info,
		&(struct gu_scenario_result){ .tags = "",
					      .worst = GU_VERDICT_FAIL,
					      .rows = rows,
					      .count = 4,
					      .things = things,
					      .thing_count = 2 },
		NULL));
	assert_rc_ok(gu_store_finish_run(s, "2026-01-31T09:00:02Z", NULL));
}

static struct gu_store *stored(struct fixture *f, int runs)
{
	struct gu_store *s = NULL;

	assert_rc_ok(gu_store_open(&s, f->path, true, NULL));
	for (int i = 0; i < runs; i++) {
		write_run(f, s);
	}
	gu_store_close(s);
	assert_rc_ok(gu_store_open_read(&s, f->path, NULL));
	return s;
}

static enum gu_rc
note_basis(void *arg, const struct gu_row *row, struct gu_err *err)
{
	int64_t **at = arg;

	(void)err;
	*(*at)++ = row->basis;
	return GU_RC_OK;
}

static void equal_decisions_bear_the_same_number(void **state)
{
	struct gu_store *s = stored(*state, 2);
	int64_t of[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };
	int64_t *at = of;

	assert_rc_ok(gu_store_rows(s, 1, note_basis, &at, NULL));
	assert_rc_ok(gu_store_rows(s, 2, note_basis, &at, NULL));
	assert_true(of[0] > 0 && of[1] > 0);
	assert_true(of[0] != of[1]);
	assert_true(of[0] == of[2]);
	assert_true(of[3] == 0);
	assert_memory_equal(of, of + 4, 4 * sizeof(of[0]));
	gu_store_close(s);
}

static void a_stored_decision_is_explained_as_it_fell(void **state)
{
	struct fixture *f = *state;
	struct gu_store *s = stored(f, 1);
	struct gu_basis b = basis_of(f->alice, &f->closed, READ);
	const struct gu_explanation *got, *again;
	const char *const *steps;
	struct gu_explanation want;
	struct gu_grounds *g = NULL;

	assert_rc_ok(gu_explanation_make(&want, &b, GU_OBJ_file, NULL));
	assert_rc_ok(gu_grounds_new(&g, s, NULL));
	assert_rc_ok(gu_grounds_explain(g, 1, 1, &got, NULL));
	assert_int_equal(got->step_count, want.step_count);
	assert_int_equal(got->flip_count, want.flip_count);
	for (size_t i = 0; i < want.step_count; i++) {
		assert_string_equal(got->steps[i], want.steps[i]);
	}
	for (size_t i = 0; i < want.flip_count; i++) {
		assert_string_equal(got->flips[i], want.flips[i]);
	}
	/* Worked out once. */
	steps = got->steps;
	assert_rc_ok(gu_grounds_explain(g, 1, 3, &again, NULL));
	assert_ptr_equal(again->steps, steps);
	assert_rc_ok(gu_grounds_explain(g, 1, 2, &got, NULL));
	assert_string_equal(got->steps[got->step_count - 1], "result: granted");
	gu_grounds_free(g);
	gu_explanation_release(&want);
	gu_store_close(s);
}

static void a_row_that_is_no_decision_has_no_explanation(void **state)
{
	struct gu_store *s = stored(*state, 1);
	const struct gu_explanation *x = (const void *)state;
	struct gu_grounds *g = NULL;

	assert_rc_ok(gu_grounds_new(&g, s, NULL));
	assert_rc_ok(gu_grounds_explain(g, 1, 4, &x, NULL));
	assert_null(x);
	gu_grounds_free(g);
	gu_store_close(s);
}

static void a_row_that_is_not_there_is_an_error(void **state)
{
	struct gu_store *s = stored(*state, 1);
	const struct gu_explanation *x;
	struct gu_err err = GU_ERR_INIT;
	struct gu_grounds *g = NULL;

	assert_rc_ok(gu_grounds_new(&g, s, NULL));
	assert_int_equal(gu_grounds_explain(g, 1, 5, &x, &err), GU_RC_USAGE);
	assert_non_null(strstr(err.msg, "no row 5 in run 1"));
	gu_grounds_free(g);
	gu_store_close(s);
}

static enum gu_rc
note_thing(void *arg, const struct gu_stored_thing *t, struct gu_err *err)
{
	struct gu_buf *out = arg;
	struct gu_sd sd = GU_SD_INIT;

	(void)err;
	gu_buf_addf(out, "%d %s %s", (int)t->scenario, t->kind, t->name);
	if (t->token) {
		gu_buf_adds(out, " ");
		gu_sid_format(&t->token->user, out);
		assert_true(t->token_id > 0);
	}
	if (t->sd) {
		gu_buf_addf(out, " %s ", gu_objtype_row(t->type)->name);
		assert_rc_ok(gu_sd_decode(&sd, t->sd, t->sd_len, NULL));
		gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, out);
		gu_sd_release(&sd);
		assert_true(t->sd_id > 0);
	}
	gu_buf_addc(out, '\n');
	return GU_RC_OK;
}

static void things_come_back_scenario_by_scenario(void **state)
{
	struct fixture *f = *state;
	struct gu_store *s = stored(f, 2);
	struct gu_buf got = GU_BUF_INIT;
	struct gu_grounds *g = NULL;

	assert_rc_ok(gu_grounds_new(&g, s, NULL));
	assert_rc_ok(gu_grounds_things(g, 2, note_thing, &got, NULL));
	assert_string_equal(got.data, "1 account alice " ALICE "\n"
				      "1 object C:\\x file "
				      "O:SYG:SYD:(A;;CC;;;BU)\n");
	gu_grounds_free(g);
	gu_buf_release(&got);
	gu_store_close(s);
}

static int count_of(const char *path, const char *table)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	char sql[64];
	int n;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

static void contents_stand_in_a_store_once(void **state)
{
	struct fixture *f = *state;
	struct gu_store *s = stored(f, 1);

	gu_store_close(s);
	/* Appended by another process, which remembers nothing. */
	assert_rc_ok(gu_store_open(&s, f->path, false, NULL));
	write_run(f, s);
	gu_store_close(s);
	assert_int_equal(count_of(f->path, "token"), 1);
	assert_int_equal(count_of(f->path, "descriptor"), 2);
	assert_int_equal(count_of(f->path, "basis"), 2);
	assert_int_equal(count_of(f->path, "thing"), 4);
}

static void a_store_that_lost_its_grounds_says_so(void **state)
{
	struct fixture *f = *state;
	struct gu_store *s = stored(f, 1);
	const struct gu_explanation *x;
	struct gu_err err = GU_ERR_INIT;
	struct gu_grounds *g = NULL;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "DELETE FROM token", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_rc_ok(gu_grounds_new(&g, s, NULL));
	assert_int_equal(gu_grounds_explain(g, 1, 1, &x, &err), GU_RC_IO);
	assert_non_null(strstr(err.msg, "is damaged"));
	gu_grounds_free(g);
	gu_store_close(s);
}

static enum gu_rc explain_all(struct gu_store *s, struct gu_err *err)
{
	const struct gu_explanation *x;
	struct gu_grounds *g = NULL;
	enum gu_rc rc = gu_grounds_new(&g, s, err);

	for (uint32_t seq = 1; !rc && seq <= 4; seq++) {
		rc = gu_grounds_explain(g, 1, seq, &x, err);
	}
	gu_grounds_free(g);
	return rc;
}

static void lost_memory_is_told(void **state)
{
	struct gu_store *s = stored(*state, 1);
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc = GU_RC_NOMEM;

	for (size_t n = 1; rc; n++) {
		gu_alloc_fail_nth(n);
		rc = explain_all(s, &err);
		gu_alloc_fail_nth(0);
		assert_true(rc == GU_RC_OK || rc == GU_RC_NOMEM);
		assert_true(n < 1000);
	}
	gu_store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(steps_and_flips_are_those_of_the_access_check),
		TEST(a_level_too_low_is_the_only_step),
		TEST(a_higher_level_is_no_way_where_the_check_denies),
		TEST(the_type_maps_generic_rights),
		TEST(without_a_descriptor_there_is_nothing_to_tell),
		TEST(many_steps_are_cut_before_the_last),
		TEST(equal_bases_are_kept_once),
		TEST(descriptors_that_differ_are_kept_apart),
		TEST(a_kept_token_outlives_its_maker),
		TEST(equal_decisions_bear_the_same_number),
		TEST(a_stored_decision_is_explained_as_it_fell),
		TEST(a_row_that_is_no_decision_has_no_explanation),
		TEST(a_row_that_is_not_there_is_an_error),
		TEST(things_come_back_scenario_by_scenario),
		TEST(contents_stand_in_a_store_once),
		TEST(a_store_that_lost_its_grounds_says_so),
		TEST(lost_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
