/* SPDX-License-Identifier: MIT */
#include "sec_fix.h"

#include "alloc.h"
#include "matrix.h"

enum {
	WORLDS = 60,
	PRINCIPALS_MAX = 40,
	OBJECTS_MAX = 60,
};

static const struct gu_generic_mapping key_map = { 0x20019, 0x20006, 0x20019,
						   0xF003F };

/* What a matrix is made of, kept beside it. */
struct world {
	struct gu_matrix *matrix;
	struct gu_token *tokens[PRINCIPALS_MAX];
	struct gu_buf objects[OBJECTS_MAX];
	const struct gu_generic_mapping *maps[OBJECTS_MAX];
	size_t principals;
	size_t object_count;
};

static void add_principal(struct world *w, struct gu_token *token)
{
	assert_rc_ok(gu_matrix_add_principal(w->matrix, token, NULL));
	w->tokens[w->principals++] = token;
}

static void add_object(struct world *w, const struct gu_buf *bytes,
		       const struct gu_generic_mapping *map)
{
	struct gu_buf *mine = &w->objects[w->object_count];

	gu_buf_init(mine);
	gu_buf_add(mine, bytes->data, bytes->len);
	assert_rc_ok(gu_matrix_add_object(w->matrix, (uint8_t *)mine->data,
					  mine->len, map, NULL));
	w->maps[w->object_count++] = map;
}

static void world_release(struct world *w)
{
	gu_matrix_free(w->matrix);
	for (size_t i = 0; i < w->principals; i++) {
		gu_token_unref(w->tokens[i]);
	}
	for (size_t i = 0; i < w->object_count; i++) {
		gu_buf_release(&w->objects[i]);
	}
}

static uint32_t judge(const struct world *w, size_t principal, size_t object)
{
	struct gu_sd sd = GU_SD_INIT;
	const struct gu_access_request req = { .sd = &sd,
					       .token = w->tokens[principal],
					       .map = w->maps[object],
					       .desired = GU_MAXIMUM_ALLOWED };
	struct gu_access_result res;

	assert_rc_ok(gu_sd_decode(&sd, (uint8_t *)w->objects[object].data,
				  w->objects[object].len, NULL));
	gu_access_check(&req, &res);
	gu_sd_release(&sd);
	return res.mask;
}

static void compare(const struct world *w, unsigned round)
{
	for (size_t p = 0; p < w->principals; p++) {
		for (size_t o = 0; o < w->object_count; o++) {
			uint32_t want = judge(w, p, o);
			uint32_t got = gu_matrix_cell(w->matrix, p, o);

			if (want != got) {
				fail_msg("world %u, cell %zu, %zu: 0x%x, not "
					 "0x%x",
					 round, p, o, got, want);
			}
		}
	}
}

/* Nothing rare: only then are principals merged by the SIDs asked for. */
static void plain_sd(struct gu_buf *bytes)
{
	struct gu_sd sd = GU_SD_INIT;

	sd.owner = any_sid();
	sd.control = GU_SE_DACL_PRESENT;
	for (uint32_t n = below(5); n; n--) {
		struct gu_sid sid = any_sid();

		assert_rc_ok(gu_acl_add(&sd.dacl, (uint8_t)below(2), any_mask(),
					&sid, NULL));
	}
	gu_buf_reset(bytes);
	gu_sd_encode(&sd, bytes);
	gu_sd_release(&sd);
}

static void fill(struct world *w, bool plain)
{
	struct gu_buf bytes = GU_BUF_INIT;
	size_t fresh = 1 + below(12);

	for (size_t n = below(PRINCIPALS_MAX) + 1; n; n--) {
		struct gu_token *copy = NULL;

		if (w->principals && one_in(2)) {
			assert_rc_ok(gu_token_copy(
				w->tokens[below((uint32_t)w->principals)],
				&copy, NULL));
		}
		add_principal(w, copy ? copy : any_token());
	}
	for (size_t n = below(OBJECTS_MAX) + 1; n; n--) {
		if (w->object_count < fresh) {
			plain ? plain_sd(&bytes) : any_sd(&bytes);
			add_object(w, &bytes, &file_map);
		} else {
			size_t i = below((uint32_t)fresh);

			add_object(w, &w->objects[i],
				   one_in(4) ? &key_map : &file_map);
		}
	}
	gu_buf_release(&bytes);
}

static void a_matrix_equals_the_loop_over_its_cells(void **state)
{
	size_t decided = 0, cells = 0;

	(void)state;
	seed = 0x2545F491;
	for (unsigned round = 0; round < WORLDS; round++) {
		struct world w = { .matrix = NULL };

		assert_rc_ok(gu_matrix_new(&w.matrix, NULL));
		fill(&w, round % 2);
		assert_rc_ok(gu_matrix_decide(w.matrix, NULL));
		compare(&w, round);
		decided += gu_matrix_principal_classes(w.matrix) *
			   gu_matrix_object_classes(w.matrix);
		cells += w.principals * w.object_count;
		world_release(&w);
	}
	/* Or the merging was not tried. */
	assert_true(decided < cells / 3);
}

/* single facts */

static struct gu_token *user(const char *sid)
{
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	assert_rc_ok(gu_sddl_parse_sid(&t->user, sid, strlen(sid), NULL, NULL));
	return t;
}

static struct gu_token *
member(const char *sid, const char *group, uint32_t attributes)
{
	struct gu_token *t = user(sid);
	struct gu_sid g;

	assert_rc_ok(gu_sddl_parse_sid(&g, group, strlen(group), NULL, NULL));
	assert_rc_ok(gu_token_add_group(t, &g, attributes, NULL));
	return t;
}

static void add_sddl(struct world *w, const char *sddl)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf bytes = GU_BUF_INIT;

	assert_rc_ok(gu_sddl_parse(&sd, sddl, NULL, NULL));
	gu_sd_encode(&sd, &bytes);
	add_object(w, &bytes, &file_map);
	gu_buf_release(&bytes);
	gu_sd_release(&sd);
}

#define ALICE "S-1-5-21-1-2-3-1001"
#define BOB   "S-1-5-21-1-2-3-1002"

static void principals_differ_where_a_descriptor_tells_them_apart(void **state)
{
	static const struct {
		const char *name;
		const char *sddl;
		size_t classes; /* of alice, bob, bob deny-only a user */
	} rows[] = {
		{ "by nobody", "O:SYD:(A;;FR;;;SY)", 1 },
		{ "by a group's grant", "O:SYD:(A;;FR;;;BU)", 2 },
		{ "by a group's denial", "O:SYD:(D;;FW;;;BU)(A;;FA;;;SY)", 1 },
		{ "by the user", "O:SYD:(A;;FR;;;" ALICE ")", 2 },
		{ "by owner", "O:" ALICE "D:", 2 },
		{ "by owner rights", "O:" ALICE "D:(A;;FR;;;OW)", 2 },
		{ "not by children's entries",
		  "O:SYD:(A;OICIIO;FR;;;" ALICE ")", 1 },
		{ "by no list at all", "O:" ALICE, 1 },
		{ "by a condition", "O:SYD:(XA;;FR;;;WD;(Member_of {SID(BU)}))",
		  3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = { .matrix = NULL };

		assert_rc_ok(gu_matrix_new(&w.matrix, NULL));
		add_principal(&w, member(ALICE, "BU", ON));
		add_principal(&w, member(BOB, "BU", ON));
		add_principal(&w, member(BOB, "BU", GU_GROUP_DENY_ONLY));
		add_sddl(&w, rows[i].sddl);
		assert_rc_ok(gu_matrix_decide(w.matrix, NULL));
		if (gu_matrix_principal_classes(w.matrix) != rows[i].classes) {
			fail_msg("row \"%s\": %zu classes", rows[i].name,
				 gu_matrix_principal_classes(w.matrix));
		}
		world_release(&w);
	}
}

static void equal_descriptors_are_one_class_of_objects(void **state)
{
	struct world w = { .matrix = NULL };

	(void)state;
	assert_rc_ok(gu_matrix_new(&w.matrix, NULL));
	add_principal(&w, user(ALICE));
	add_sddl(&w, "O:SYD:(A;;FR;;;WD)");
	add_sddl(&w, "O:SYD:(A;;0x120089;;;WD)");
	add_sddl(&w, "O:SYD:(A;;FR;;;" ALICE ")");
	assert_rc_ok(gu_matrix_decide(w.matrix, NULL));
	assert_int_equal(gu_matrix_object_classes(w.matrix), 2);
	assert_int_equal(gu_matrix_cell(w.matrix, 0, 1), 0);
	assert_int_equal(gu_matrix_cell(w.matrix, 0, 2), 0x120089);
	world_release(&w);
}

static void an_object_that_does_not_decode_is_refused(void **state)
{
	static const uint8_t bytes[20] = { 2 };
	struct world w = { .matrix = NULL };

	(void)state;
	assert_rc_ok(gu_matrix_new(&w.matrix, NULL));
	add_principal(&w, user(ALICE));
	assert_int_equal(gu_matrix_add_object(w.matrix, bytes, sizeof(bytes),
					      &file_map, NULL),
			 GU_RC_USAGE);
	add_sddl(&w, "O:SYD:(A;;FR;;;" ALICE ")");
	assert_rc_ok(gu_matrix_decide(w.matrix, NULL));
	assert_int_equal(gu_matrix_cell(w.matrix, 0, 0), 0x120089);
	world_release(&w);
}

static void an_empty_matrix_is_decided(void **state)
{
	struct gu_matrix *m = NULL;

	(void)state;
	assert_rc_ok(gu_matrix_new(&m, NULL));
	assert_rc_ok(gu_matrix_decide(m, NULL));
	assert_int_equal(gu_matrix_principal_classes(m), 0);
	assert_int_equal(gu_matrix_object_classes(m), 0);
	gu_matrix_free(m);
}

/* one change each */

static void low(struct gu_token *t)
{
	t->integrity = GU_IL_LOW;
}

static void relabel_low(struct gu_token *t)
{
	low(t);
	t->enabled |= GU_PRIV_BIT(GU_PRIV_Relabel);
}

static void no_policy(struct gu_token *t)
{
	low(t);
	t->policy = 0;
}

static void deny_only(struct gu_token *t)
{
	t->user_deny_only = true;
}

static void restrict_to_world(struct gu_token *t)
{
	assert_rc_ok(gu_token_add_restricted(t, gu_sid_well_known(GU_WK_WORLD),
					     NULL));
}

static void restrict_to_user(struct gu_token *t)
{
	assert_rc_ok(gu_token_add_restricted(t, &t->user, NULL));
}

static void restrict_writes(struct gu_token *t)
{
	restrict_to_world(t);
	t->flags |= GU_TOKEN_WRITE_RESTRICTED;
}

static void contain(struct gu_token *t)
{
	assert_rc_ok(gu_sid_parse(&t->package, "S-1-15-2-7", 10, NULL));
}

static void contain_elsewhere(struct gu_token *t)
{
	assert_rc_ok(gu_sid_parse(&t->package, "S-1-15-2-8", 10, NULL));
}

static void contain_capable(struct gu_token *t)
{
	struct gu_sid sid;

	contain(t);
	assert_rc_ok(gu_sid_parse(&sid, "S-1-15-3-1", 10, NULL));
	assert_rc_ok(gu_token_add_capability(t, &sid, NULL));
}

static void trust(struct gu_token *t)
{
	assert_rc_ok(gu_sid_parse(&t->trust, "S-1-19-512-4096", 15, NULL));
}

static void device_group(struct gu_token *t)
{
	assert_rc_ok(gu_token_add_device_group(
		t, gu_sid_well_known(GU_WK_WORLD), ON, NULL));
}

static void user_claim(struct gu_token *t)
{
	assert_rc_ok(
		gu_claims_add(&t->user_claims, "c", GU_CLAIM_INT64, 0, NULL));
	assert_rc_ok(gu_claims_add_number(&t->user_claims, 1, NULL));
}

static void device_claim(struct gu_token *t)
{
	assert_rc_ok(
		gu_claims_add(&t->device_claims, "c", GU_CLAIM_INT64, 0, NULL));
	assert_rc_ok(gu_claims_add_number(&t->device_claims, 1, NULL));
}

static void nothing(struct gu_token *t)
{
	(void)t;
}

static void no_change_of_a_token_is_missed(void **state)
{
	static const struct {
		const char *name;
		void (*before)(struct gu_token *t);
		void (*after)(struct gu_token *t);
		const char *sddl;
	} rows[] = {
		{ "privilege past a label", low, relabel_low,
		  "O:SYD:(A;;FA;;;WD)S:(ML;;NW;;;HI)" },
		{ "level", nothing, low, "O:SYD:(A;;FA;;;WD)S:(ML;;NW;;;ME)" },
		{ "policy", low, no_policy,
		  "O:SYD:(A;;FA;;;WD)S:(ML;;NW;;;ME)" },
		{ "user", nothing, deny_only, "O:SYD:(A;;FR;;;" ALICE ")" },
		{ "restricting SID", nothing, restrict_to_world,
		  "O:SYD:(A;;FR;;;" ALICE ")" },
		{ "restricted writes", restrict_to_world, restrict_writes,
		  "O:SYD:(A;;FR;;;" ALICE ")" },
		{ "container", nothing, contain, "O:SYD:(A;;FR;;;WD)" },
		{ "another container", contain, contain_elsewhere,
		  "O:SYD:(A;;FR;;;WD)(A;;FR;;;S-1-15-2-7)" },
		{ "another restricting SID", restrict_to_world,
		  restrict_to_user, "O:SYD:(A;;FR;;;" ALICE ")" },
		{ "capability", contain, contain_capable,
		  "O:SYD:(A;;FR;;;WD)(A;;FR;;;S-1-15-3-1)" },
		{ "trust", nothing, trust,
		  "O:SYD:(A;;FA;;;WD)S:(TL;;FR;;;S-1-19-512-4096)" },
		{ "device group", nothing, device_group,
		  "O:SYD:(XA;;FR;;;WD;(Device_Member_of {SID(WD)}))" },
		{ "user's claim", nothing, user_claim,
		  "O:SYD:(XA;;FR;;;WD;(@User.c == 1))" },
		{ "device's claim", nothing, device_claim,
		  "O:SYD:(XA;;FR;;;WD;(@Device.c == 1))" },
		{ "rare: user", nothing, deny_only,
		  "O:SYD:(XA;;FR;;;" ALICE ";(Member_of {SID(WD)}))" },
		{ "rare: level", nothing, low,
		  "O:SYD:(XA;;FA;;;WD;(Member_of {SID(WD)}))S:(ML;;NW;;;ME)" },
		{ "rare: policy", low, no_policy,
		  "O:SYD:(XA;;FA;;;WD;(Member_of {SID(WD)}))S:(ML;;NW;;;ME)" },
		{ "rare: privilege", low, relabel_low,
		  "O:SYD:(XA;;FA;;;WD;(Member_of {SID(WD)}))S:(ML;;NW;;;HI)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = { .matrix = NULL };
		struct gu_token *a = member(ALICE, "WD", ON);
		struct gu_token *b = member(ALICE, "WD", ON);

		rows[i].before(a);
		rows[i].after(b);
		assert_rc_ok(gu_matrix_new(&w.matrix, NULL));
		add_principal(&w, a);
		add_principal(&w, b);
		add_sddl(&w, rows[i].sddl);
		assert_rc_ok(gu_matrix_decide(w.matrix, NULL));
		row_check(gu_matrix_cell(w.matrix, 0, 0) !=
				  gu_matrix_cell(w.matrix, 1, 0),
			  rows[i].name);
		world_release(&w);
	}
}

/* out of memory */

/* Three kinds of keys and checks: quick, whole tokens, the judge's. */
static const char *const sddls[] = {
	"O:SYD:(A;;FR;;;BU)",
	"O:SYD:(A;;FR;;;" ALICE ")",
	("O:SYD:(XA;;FR;;;WD;(@Resource.a == 1))"
	 "S:(RA;;;;;WD;(\"a\",TI,0,1))"),
};

static enum gu_rc decide_all(const struct gu_buf *objects, size_t n,
			     const struct gu_token *token, uint32_t *cells)
{
	struct gu_matrix *m = NULL;
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc = gu_matrix_new(&m, &err);

	if (!rc) {
		rc = gu_matrix_add_principal(m, token, &err);
	}
	for (size_t i = 0; !rc && i < n; i++) {
		rc = gu_matrix_add_object(m, (uint8_t *)objects[i].data,
					  objects[i].len, &file_map, &err);
	}
	if (!rc) {
		rc = gu_matrix_decide(m, &err);
	}
	for (size_t i = 0; !rc && i < n; i++) {
		cells[i] = gu_matrix_cell(m, 0, i);
	}
	gu_matrix_free(m);
	return rc;
}

static void out_of_memory_is_said_and_loses_nothing(void **state)
{
	struct gu_buf objects[COUNT(sddls)];
	struct gu_token *token = member(ALICE, "WD", ON);

	(void)state;
	assert_rc_ok(gu_claims_add(&token->user_claims, "b", GU_CLAIM_INT64, 0,
				   NULL));
	assert_rc_ok(gu_claims_add_number(&token->user_claims, 7, NULL));
	for (size_t i = 0; i < COUNT(sddls); i++) {
		struct gu_sd sd = GU_SD_INIT;

		gu_buf_init(&objects[i]);
		assert_rc_ok(gu_sddl_parse(&sd, sddls[i], NULL, NULL));
		gu_sd_encode(&sd, &objects[i]);
		gu_sd_release(&sd);
	}
	for (size_t n = 2; n <= COUNT(sddls); n++) {
		uint32_t cells[COUNT(sddls)] = { 0xA5, 0xA5, 0xA5 };
		enum gu_rc rc = GU_RC_NOMEM;

		for (size_t nth = 1; rc; nth++) {
			assert_int_equal(rc, GU_RC_NOMEM);
			gu_alloc_fail_nth(nth);
			rc = decide_all(objects, n, token, cells);
			gu_alloc_fail_nth(0);
		}
		assert_int_equal(cells[0], 0);
		assert_int_equal(cells[1], 0x120089);
		assert_int_equal(cells[2], n == 3 ? 0x120089 : 0xA5);
	}
	for (size_t i = 0; i < COUNT(sddls); i++) {
		gu_buf_release(&objects[i]);
	}
	gu_token_unref(token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_matrix_equals_the_loop_over_its_cells),
		cmocka_unit_test(
			principals_differ_where_a_descriptor_tells_them_apart),
		cmocka_unit_test(equal_descriptors_are_one_class_of_objects),
		cmocka_unit_test(an_object_that_does_not_decode_is_refused),
		cmocka_unit_test(an_empty_matrix_is_decided),
		cmocka_unit_test(no_change_of_a_token_is_missed),
		cmocka_unit_test(out_of_memory_is_said_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
