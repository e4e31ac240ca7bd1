/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "access.h"
#include "sddl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The tree of all tests: a(b(c d) e(f)), each GUID one digit repeated. */
#define G_A    "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
#define G_B    "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"
#define G_C    "cccccccc-cccc-cccc-cccc-cccccccccccc"
#define G_D    "dddddddd-dddd-dddd-dddd-dddddddddddd"
#define G_E    "eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee"
#define G_F    "ffffffff-ffff-ffff-ffff-ffffffffffff"
#define G_ELSE "11111111-1111-1111-1111-111111111111"

enum {
	NODES = 6,
	MAX = GU_MAXIMUM_ALLOWED,
	ON = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
	     GU_GROUP_ENABLED,
};

static const struct gu_generic_mapping map = { 0x20001, 0x20002, 0x20004,
					       0xF00FF };

struct row {
	const char *name;
	const char *dacl;
	uint32_t desired;
	uint32_t root; /* what the one answer grants, 0: denied */
	uint32_t granted[NODES];
};

static void tree_fill(struct gu_object_type types[NODES])
{
	static const uint16_t levels[NODES] = { 0, 1, 2, 2, 1, 2 };

	for (size_t i = 0; i < NODES; i++) {
		types[i].level = levels[i];
		memset(types[i].guid.bytes, (int)(0xAA + 0x11 * i),
		       sizeof(types[i].guid.bytes));
	}
}

static struct gu_token *world_token(void)
{
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	t->user = *gu_sid_well_known(GU_WK_LOCAL_SERVICE);
	assert_rc_ok(gu_token_add_group(t, gu_sid_well_known(GU_WK_WORLD), ON,
					NULL));
	return t;
}

static void check_row(const struct row *row)
{
	struct gu_object_type types[NODES] = { 0 };
	struct gu_object_node nodes[NODES];
	struct gu_token *token = world_token();
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_request req = { .sd = &sd,
					 .token = token,
					 .map = &map,
					 .desired = row->desired,
					 .types = types,
					 .type_count = NODES,
					 .nodes = nodes };
	struct gu_access_result res;

	tree_fill(types);
	assert_rc_ok(gu_sddl_parse(&sd, row->dacl, NULL, NULL));
	gu_access_check(&req, &res);
	row_check(res.mask == row->root, row->name);
	row_check(res.granted == (row->root != 0), row->name);
	req.flags = GU_CHECK_ALL_NODES;
	memset(nodes, 0xA5, sizeof(nodes));
	gu_access_check(&req, &res);
	row_check(res.mask == row->root, row->name);
	for (size_t i = 0; i < NODES; i++) {
		if (nodes[i].granted != row->granted[i]) {
			fail_msg("row \"%s\": node %zu is granted 0x%x",
				 row->name, i, nodes[i].granted);
		}
		row_check(nodes[i].status ==
				  (row->granted[i] ? 0 : 0xC0000022u),
			  row->name);
	}
	gu_sd_release(&sd);
	gu_token_unref(token);
}

/* Semantics 5.3. */
static void allows_go_down_and_up_where_all_children_agree(void **state)
{
	static const struct row rows[] = {
		{ "plain ACE: the whole tree",
		  "D:(A;;0x1;;;WD)",
		  0x1,
		  0x1,
		  { 1, 1, 1, 1, 1, 1 } },
		{ "object ACE without type: the whole tree",
		  "D:(OA;;0x1;;;WD)",
		  0x1,
		  0x1,
		  { 1, 1, 1, 1, 1, 1 } },
		{ "at the root",
		  "D:(OA;;0x1;" G_A ";;WD)",
		  0x1,
		  0x1,
		  { 1, 1, 1, 1, 1, 1 } },
		{ "at a node: its children too",
		  "D:(OA;;0x1;" G_B ";;WD)",
		  0x1,
		  0,
		  { 0, 1, 1, 1, 0, 0 } },
		{ "at a leaf",
		  "D:(OA;;0x1;" G_C ";;WD)",
		  0x1,
		  0,
		  { 0, 0, 1, 0, 0, 0 } },
		{ "at the only child: its parent too",
		  "D:(OA;;0x1;" G_F ";;WD)",
		  0x1,
		  0,
		  { 0, 0, 0, 0, 1, 1 } },
		{ "at all children: their parent too",
		  "D:(OA;;0x1;" G_C ";;WD)(OA;;0x1;" G_D ";;WD)",
		  0x1,
		  0,
		  { 0, 1, 1, 1, 0, 0 } },
		{ "at all leaves: the root",
		  "D:(OA;;0x1;" G_C ";;WD)(OA;;0x1;" G_D ";;WD)(OA;;0x1;" G_F
		  ";;WD)",
		  0x1,
		  0x1,
		  { 1, 1, 1, 1, 1, 1 } },
		{ "a type that is not asked about",
		  "D:(OA;;0x1;" G_ELSE ";;WD)",
		  0x1,
		  0,
		  { 0 } },
		{ "two bits from two ACEs",
		  "D:(OA;;0x1;" G_B ";;WD)(A;;0x2;;;WD)",
		  0x3,
		  0,
		  { 0, 3, 3, 3, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_row(&rows[i]);
	}
}

static void denials_go_down_and_up_to_the_root(void **state)
{
	static const struct row rows[] = {
		{ "at a leaf",
		  "D:(OD;;0x1;" G_C ";;WD)(A;;0x1;;;WD)",
		  0x1,
		  0,
		  { 0, 0, 0, 1, 1, 1 } },
		{ "at a node",
		  "D:(OD;;0x1;" G_B ";;WD)(A;;0x1;;;WD)",
		  0x1,
		  0,
		  { 0, 0, 0, 0, 1, 1 } },
		{ "at the root",
		  "D:(OD;;0x1;" G_A ";;WD)(A;;0x1;;;WD)",
		  0x1,
		  0,
		  { 0 } },
		{ "after the grant",
		  "D:(A;;0x1;;;WD)(OD;;0x1;" G_C ";;WD)",
		  0x1,
		  0x1,
		  { 1, 1, 1, 1, 1, 1 } },
		{ "of another bit",
		  "D:(OD;;0x2;" G_C ";;WD)(A;;0x1;;;WD)",
		  0x1,
		  0x1,
		  { 1, 1, 1, 1, 1, 1 } },
		{ "a type that is not asked about",
		  "D:(OD;;0x1;" G_ELSE ";;WD)(A;;0x1;;;WD)",
		  0x1,
		  0x1,
		  { 1, 1, 1, 1, 1, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_row(&rows[i]);
	}
}

static void maximum_allowed_collects_for_each_node(void **state)
{
	static const struct row rows[] = {
		{ "grants",
		  "D:(A;;0x1;;;WD)(OA;;0x2;" G_B ";;WD)",
		  MAX,
		  0x1,
		  { 1, 3, 3, 3, 1, 1 } },
		{ "denial below",
		  "D:(OD;;0x1;" G_C ";;WD)(A;;0x3;;;WD)",
		  MAX,
		  0x2,
		  { 2, 2, 2, 3, 3, 3 } },
		{ "nothing for the root",
		  "D:(OA;;0x1;" G_D ";;WD)",
		  MAX,
		  0,
		  { 0, 0, 0, 1, 0, 0 } },
		{ "no DACL",
		  "D:NO_ACCESS_CONTROL",
		  MAX,
		  0xF00FF,
		  { 0xF00FF, 0xF00FF, 0xF00FF, 0xF00FF, 0xF00FF, 0xF00FF } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_row(&rows[i]);
	}
}

static uint32_t without_list(const char *dacl, uint32_t flags)
{
	struct gu_token *token = world_token();
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_request req = { .sd = &sd,
					 .token = token,
					 .map = &map,
					 .desired = 0x1,
					 .flags = flags };
	struct gu_access_result res;

	assert_rc_ok(gu_sddl_parse(&sd, dacl, NULL, NULL));
	gu_access_check(&req, &res);
	gu_sd_release(&sd);
	gu_token_unref(token);
	return res.mask;
}

/* Sources conflict on this one: skipped, unless told otherwise. */
static void without_a_list_typed_aces_are_skipped_or_plain(void **state)
{
	const uint32_t plain = GU_CHECK_OBJECT_ACE_PLAIN;

	(void)state;
	assert_int_equal(without_list("D:(OA;;0x1;" G_A ";;WD)", 0), 0);
	assert_int_equal(without_list("D:(OA;;0x1;" G_A ";;WD)", plain), 1);
	assert_int_equal(
		without_list("D:(OD;;0x1;" G_A ";;WD)(A;;0x1;;;WD)", 0), 1);
	assert_int_equal(
		without_list("D:(OD;;0x1;" G_A ";;WD)(A;;0x1;;;WD)", plain), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			allows_go_down_and_up_where_all_children_agree),
		cmocka_unit_test(denials_go_down_and_up_to_the_root),
		cmocka_unit_test(maximum_allowed_collects_for_each_node),
		cmocka_unit_test(
			without_a_list_typed_aces_are_skipped_or_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
