/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "acl.h"
#include "alloc.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct gu_sid *everyone(void)
{
	return gu_sid_well_known(GU_WK_WORLD);
}

/* ACL of 28 bytes: one allow ACE, FILE_READ_DATA, Everyone. */
static const uint8_t allow_everyone[] = {
	2, 0, 28, 0, 1, 0, 0, 0, /* header */
	0, 0, 20, 0, 1, 0, 0, 0, /* ACE header, mask */
	1, 1, 0,  0, 0, 0, 0, 1, /* S-1-1-0 */
	0, 0, 0,  0,
};

static void binary_form_is_that_of_windows(void **state)
{
	struct gu_acl acl = GU_ACL_INIT;
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	assert_rc_ok(gu_acl_add(&acl, GU_ACE_ALLOW, 1, everyone(), NULL));
	assert_int_equal(gu_acl_size(&acl), sizeof(allow_everyone));
	gu_acl_encode(&acl, &b);
	assert_int_equal(b.len, sizeof(allow_everyone));
	assert_memory_equal(b.data, allow_everyone, sizeof(allow_everyone));
	gu_buf_release(&b);
	gu_acl_release(&acl);
}

static struct gu_ace object_ace(uint32_t flags)
{
	return (struct gu_ace){
		.type = GU_ACE_ALLOW_OBJECT,
		.flags = GU_ACE_CONTAINER_INHERIT,
		.mask = 0x100,
		.object_flags = flags,
		.object_type = { .bytes = { 1, 2, 3 } },
		.inherited_type = { .bytes = { 4, 5, 6 } },
		.sid = *everyone(),
	};
}

static void object_aces_raise_the_revision(void **state)
{
	struct gu_acl acl = GU_ACL_INIT;
	struct gu_ace ace = object_ace(GU_ACE_OBJECT_TYPE_PRESENT);

	(void)state;
	assert_rc_ok(gu_acl_append(&acl, &ace, NULL));
	assert_int_equal(acl.revision, 4);
	gu_acl_release(&acl);
}

static void
check_round_trip(const struct gu_ace *ace, size_t bytes, const char *row)
{
	struct gu_acl acl = GU_ACL_INIT;
	struct gu_acl back = GU_ACL_INIT;
	struct gu_buf b = GU_BUF_INIT;
	struct gu_buf again = GU_BUF_INIT;

	assert_rc_ok(gu_acl_append(&acl, ace, NULL));
	gu_acl_encode(&acl, &b);
	row_check(b.len == bytes && gu_acl_size(&acl) == bytes, row);
	row_check(gu_acl_decode(&back, (const uint8_t *)b.data, b.len, NULL) ==
			  GU_RC_OK,
		  row);
	row_check(back.count == 1, row);
	row_check(back.aces[0].type == ace->type, row);
	row_check(back.aces[0].flags == ace->flags, row);
	row_check(back.aces[0].mask == ace->mask, row);
	row_check(back.aces[0].object_flags == ace->object_flags, row);
	row_check(gu_sid_equal(&back.aces[0].sid, &ace->sid), row);
	gu_acl_encode(&back, &again);
	row_check(again.len == b.len && !memcmp(again.data, b.data, b.len),
		  row);
	gu_buf_release(&b);
	gu_buf_release(&again);
	gu_acl_release(&acl);
	gu_acl_release(&back);
}

static void every_layout_survives_the_round_trip(void **state)
{
	static uint8_t data[] = "artx and 3";
	struct gu_ace label = { .type = GU_ACE_MANDATORY_LABEL, .mask = 1 };
	struct gu_ace callback = { .type = GU_ACE_ALLOW_CALLBACK,
				   .mask = 7,
				   .sid = *everyone(),
				   .data = data,
				   .data_len = 10 };
	struct gu_ace unknown = { .type = 0x77, .data = data, .data_len = 8 };
	struct gu_ace none = object_ace(0);
	struct gu_ace one = object_ace(GU_ACE_OBJECT_TYPE_PRESENT);
	struct gu_ace other = object_ace(GU_ACE_INHERITED_OBJECT_TYPE_PRESENT);
	struct gu_ace both = object_ace(3);

	(void)state;
	gu_sid_from_il(&label.sid, GU_IL_LOW);
	check_round_trip(&label, 8 + 20, "label");
	check_round_trip(&callback, 8 + 20 + 12, "callback, padded to 4");
	check_round_trip(&unknown, 8 + 4 + 8, "unknown type");
	check_round_trip(&none, 8 + 24, "object without GUIDs");
	check_round_trip(&one, 8 + 24 + 16, "object type");
	check_round_trip(&other, 8 + 24 + 16, "inherited type");
	check_round_trip(&both, 8 + 24 + 32, "both types");
}

static enum gu_rc decode_exact(const uint8_t *bytes, size_t n, size_t *offset)
{
	uint8_t *copy = malloc(n ? n : 1);
	struct gu_acl acl = GU_ACL_INIT;
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc;

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	rc = gu_acl_decode(&acl, copy + (n ? 0 : 1), n, &err);
	free(copy);
	assert_true(rc == GU_RC_OK || acl.count == 0);
	*offset = err.offset;
	gu_acl_release(&acl);
	return rc;
}

static void a_cut_acl_is_refused_at_every_length(void **state)
{
	size_t offset;

	(void)state;
	for (size_t n = 0; n < sizeof(allow_everyone); n++) {
		assert_int_equal(decode_exact(allow_everyone, n, &offset),
				 GU_RC_USAGE);
		assert_true(offset <= n);
	}
	assert_rc_ok(
		decode_exact(allow_everyone, sizeof(allow_everyone), &offset));
}

static void broken_bytes_are_refused_where_they_are(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t value;
		size_t offset;
	} rows[] = {
		{ "revision 1", 0, 1, 0 },
		{ "revision 5", 0, 5, 0 },
		{ "size below the header", 2, 7, 2 },
		{ "size past the end", 2, 29, 2 },
		{ "size cuts the ACE", 2, 24, 10 },
		{ "one ACE too many", 4, 2, 28 },
		{ "ACE size 0", 10, 0, 10 },
		{ "ACE size not aligned", 10, 18, 10 },
		{ "ACE size past the ACL", 10, 24, 10 },
		{ "ACE without room for its mask", 10, 4, 12 },
		{ "ACE without room for its SID", 10, 8, 16 },
		{ "SID revision 2", 16, 2, 16 },
		{ "SID with 16 parts", 17, 16, 17 },
		{ "SID longer than its ACE", 17, 2, 28 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[sizeof(allow_everyone)];
		size_t offset = 1234;

		memcpy(bytes, allow_everyone, sizeof(bytes));
		bytes[rows[i].at] = rows[i].value;
		row_check(decode_exact(bytes, sizeof(bytes), &offset) ==
				  GU_RC_USAGE,
			  rows[i].name);
		row_check(offset == rows[i].offset, rows[i].name);
	}
}

static void an_object_ace_cut_inside_is_refused(void **state)
{
	struct gu_acl acl = GU_ACL_INIT;
	struct gu_ace ace = object_ace(3);
	struct gu_buf b = GU_BUF_INIT;
	size_t offset;

	(void)state;
	assert_rc_ok(gu_acl_append(&acl, &ace, NULL));
	gu_acl_encode(&acl, &b);
	for (uint8_t size = 4; size < 56; size += 4) {
		b.data[2] = (char)(8 + size);
		b.data[10] = (char)size;
		assert_int_equal(
			decode_exact((uint8_t *)b.data, 8 + size, &offset),
			GU_RC_USAGE);
	}
	gu_buf_release(&b);
	gu_acl_release(&acl);
}

static void random_bytes_never_hurt(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t bytes[64];
		size_t offset;
		size_t n = sizeof(allow_everyone);

		memcpy(bytes, allow_everyone, n);
		for (int k = 0; k < 3; k++) {
			seed = seed * 1103515245 + 12345;
			bytes[(seed >> 8) % n] = (uint8_t)(seed >> 16);
		}
		(void)!decode_exact(bytes, n, &offset);
	}
}

static void spare_room_behind_the_aces_is_allowed(void **state)
{
	uint8_t bytes[sizeof(allow_everyone) + 8] = { 0 };
	size_t offset;

	(void)state;
	memcpy(bytes, allow_everyone, sizeof(allow_everyone));
	bytes[2] = sizeof(bytes);
	assert_rc_ok(decode_exact(bytes, sizeof(bytes), &offset));
}

static void an_acl_stays_below_64_kib(void **state)
{
	struct gu_acl acl = GU_ACL_INIT;
	struct gu_buf b = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc = GU_RC_OK;
	uint32_t n = 0;

	(void)state;
	while (!rc && n < 5000) {
		rc = gu_acl_add(&acl, GU_ACE_ALLOW, 1, everyone(), &err);
		n += !rc;
	}
	assert_int_equal(rc, GU_RC_USAGE);
	assert_int_equal(n, (0xFFFC - 8) / 20);
	gu_acl_encode(&acl, &b);
	assert_int_equal(b.len, gu_acl_size(&acl));
	gu_buf_release(&b);
	gu_acl_release(&acl);
}

static void a_copy_owns_its_data(void **state)
{
	static uint8_t data[] = "data";
	struct gu_acl acl = GU_ACL_INIT;
	struct gu_acl copy = GU_ACL_INIT;
	struct gu_ace ace = { .type = GU_ACE_ALLOW_CALLBACK,
			      .sid = *everyone(),
			      .data = data,
			      .data_len = 4 };

	(void)state;
	assert_rc_ok(gu_acl_append(&acl, &ace, NULL));
	acl.revision = 4;
	assert_rc_ok(gu_acl_copy(&copy, &acl, NULL));
	gu_acl_release(&acl);
	assert_int_equal(copy.count, 1);
	assert_int_equal(copy.revision, 4);
	assert_ptr_not_equal(copy.aces[0].data, data);
	assert_memory_equal(copy.aces[0].data, "data", 4);
	gu_acl_release(&copy);
}

static void a_copy_that_ran_out_of_memory_is_empty(void **state)
{
	static uint8_t data[] = "data";
	struct gu_acl acl = GU_ACL_INIT;
	struct gu_ace ace = { .type = GU_ACE_ALLOW_CALLBACK,
			      .sid = *everyone(),
			      .data = data,
			      .data_len = 4 };
	enum gu_rc rc = GU_RC_NOMEM;

	(void)state;
	assert_rc_ok(gu_acl_append(&acl, &ace, NULL));
	assert_rc_ok(gu_acl_append(&acl, &ace, NULL));
	for (size_t n = 1; rc; n++) {
		struct gu_acl copy = GU_ACL_INIT;

		assert_true(n < 100);
		gu_alloc_fail_nth(n);
		rc = gu_acl_copy(&copy, &acl, NULL);
		gu_alloc_fail_nth(0);
		assert_true(rc == GU_RC_OK || rc == GU_RC_NOMEM);
		assert_int_equal(copy.count, rc ? 0 : 2);
		gu_acl_release(&copy);
	}
	gu_acl_release(&acl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binary_form_is_that_of_windows),
		cmocka_unit_test(object_aces_raise_the_revision),
		cmocka_unit_test(every_layout_survives_the_round_trip),
		cmocka_unit_test(a_cut_acl_is_refused_at_every_length),
		cmocka_unit_test(broken_bytes_are_refused_where_they_are),
		cmocka_unit_test(an_object_ace_cut_inside_is_refused),
		cmocka_unit_test(random_bytes_never_hurt),
		cmocka_unit_test(spare_room_behind_the_aces_is_allowed),
		cmocka_unit_test(an_acl_stays_below_64_kib),
		cmocka_unit_test(a_copy_owns_its_data),
		cmocka_unit_test(a_copy_that_ran_out_of_memory_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
