/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "sd.h"
#include "sddl.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void sd_of(struct gu_sd *sd, const char *sddl)
{
	struct gu_err err = GU_ERR_INIT;

	*sd = (struct gu_sd)GU_SD_INIT;
	assert_rc_ok(gu_sddl_parse(sd, sddl, NULL, &err));
}

/* O:SYG:BAD:(A;;0x1;;;WD)S:, laid out as header, SACL, DACL, owner, group. */
static const uint8_t sample[] = {
	1,    0, 0x14, 0x80, 56, 0, 0, 0,
	68,   0, 0,    0,                 /* control, owner, group */
	20,   0, 0,    0,    28, 0, 0, 0, /* SACL, DACL */
	2,    0, 8,    0,    0,  0, 0, 0, /* empty SACL */
	2,    0, 28,   0,    1,  0, 0, 0, /* DACL */
	0,    0, 20,   0,    1,  0, 0, 0, /* allow 1 */
	1,    1, 0,    0,    0,  0, 0, 1,
	0,    0, 0,    0, /* Everyone */
	1,    1, 0,    0,    0,  0, 0, 5,
	18,   0, 0,    0, /* SYSTEM */
	1,    2, 0,    0,    0,  0, 0, 5,
	32,   0, 0,    0, /* Administrators */
	0x20, 2, 0,    0,
};

static void binary_form_is_that_of_windows(void **state)
{
	struct gu_sd sd;
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	sd_of(&sd, "O:SYG:BAD:(A;;0x1;;;WD)S:");
	gu_sd_encode(&sd, &b);
	assert_int_equal(b.len, sizeof(sample));
	assert_memory_equal(b.data, sample, sizeof(sample));
	gu_buf_release(&b);
	gu_sd_release(&sd);
}

static void binary_form_reads_back(void **state)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	assert_rc_ok(gu_sd_decode(&sd, sample, sizeof(sample), NULL));
	gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, &b);
	assert_string_equal(b.data, "O:SYG:BAD:(A;;CC;;;WD)S:");
	gu_buf_release(&b);
	gu_sd_release(&sd);
}

static void null_absent_and_empty_dacls_differ(void **state)
{
	static const struct {
		const char *sddl;
		bool present, null, looked_at;
	} rows[] = {
		{ "O:SY", false, false, false },
		{ "O:SYD:NO_ACCESS_CONTROL", true, true, false },
		{ "O:SYD:", true, false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd sd, back = GU_SD_INIT;
		struct gu_buf b = GU_BUF_INIT;

		sd_of(&sd, rows[i].sddl);
		gu_sd_encode(&sd, &b);
		row_check(gu_sd_decode(&back, (uint8_t *)b.data, b.len, NULL) ==
				  GU_RC_OK,
			  rows[i].sddl);
		row_check(!!(back.control & GU_SE_DACL_PRESENT) ==
				  rows[i].present,
			  rows[i].sddl);
		row_check(back.null_dacl == rows[i].null, rows[i].sddl);
		row_check(gu_sd_has_dacl(&back) == rows[i].looked_at,
			  rows[i].sddl);
		gu_buf_release(&b);
		gu_sd_release(&sd);
		gu_sd_release(&back);
	}
}

static void the_resource_manager_byte_is_kept(void **state)
{
	struct gu_sd sd = GU_SD_INIT, back = GU_SD_INIT;
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	sd.control = GU_SE_RM_CONTROL_VALID;
	sd.rm_control = 0x5A;
	gu_sd_encode(&sd, &b);
	assert_rc_ok(gu_sd_decode(&back, (uint8_t *)b.data, b.len, NULL));
	assert_int_equal(back.rm_control, 0x5A);
	assert_int_equal(back.control, GU_SE_RM_CONTROL_VALID);
	gu_buf_release(&b);
}

static enum gu_rc decode_exact(const uint8_t *bytes, size_t n, size_t *offset)
{
	uint8_t *copy = malloc(n ? n : 1);
	struct gu_sd sd = GU_SD_INIT;
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc;

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	rc = gu_sd_decode(&sd, copy + (n ? 0 : 1), n, &err);
	free(copy);
	assert_true(rc == GU_RC_OK || sd.control == 0);
	*offset = err.offset;
	gu_sd_release(&sd);
	return rc;
}

static void a_cut_descriptor_is_refused_at_every_length(void **state)
{
	size_t offset;

	(void)state;
	for (size_t n = 0; n < sizeof(sample); n++) {
		assert_int_equal(decode_exact(sample, n, &offset), GU_RC_USAGE);
		assert_true(offset <= n);
	}
}

static void broken_bytes_are_refused_where_they_are(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t value;
		size_t offset;
	} rows[] = {
		{ "revision 2", 0, 2, 0 },
		{ "not self-relative", 3, 0, 2 },
		{ "owner inside the header", 4, 16, 4 },
		{ "owner at the end", 4, sizeof(sample), 4 },
		{ "owner far away", 7, 0xFF, 4 },
		{ "group far away", 11, 0xFF, 8 },
		{ "SACL far away", 15, 0xFF, 12 },
		{ "DACL far away", 19, 0xFF, 16 },
		{ "owner is no SID", 56, 9, 56 },
		{ "SACL is no ACL", 20, 9, 20 },
		{ "DACL's ACE too long", 38, 0xF0, 38 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[sizeof(sample)];
		size_t offset = 1234;

		memcpy(bytes, sample, sizeof(bytes));
		bytes[rows[i].at] = rows[i].value;
		row_check(decode_exact(bytes, sizeof(bytes), &offset) ==
				  GU_RC_USAGE,
			  rows[i].name);
		row_check(offset == rows[i].offset, rows[i].name);
	}
}

static void random_bytes_never_hurt(void **state)
{
	uint32_t seed = 4711;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t bytes[sizeof(sample)];
		size_t offset;

		memcpy(bytes, sample, sizeof(bytes));
		for (int k = 0; k < 4; k++) {
			seed = seed * 1103515245 + 12345;
			bytes[(seed >> 8) % sizeof(bytes)] =
				(uint8_t)(seed >> 16);
		}
		(void)!decode_exact(bytes, sizeof(bytes), &offset);
	}
}

static void the_label_is_the_first_that_applies(void **state)
{
	static const struct {
		const char *sddl;
		bool found;
		uint32_t il, policy;
	} rows[] = {
		/* semantics 5.2 step 4 */
		{ "O:SY", false, GU_IL_MEDIUM, GU_LABEL_NO_WRITE_UP },
		{ "S:(AU;SA;FA;;;WD)", false, GU_IL_MEDIUM,
		  GU_LABEL_NO_WRITE_UP },
		{ "S:(ML;;NWNR;;;HI)", true, GU_IL_HIGH, 3 },
		{ "S:(ML;;NX;;;LW)(ML;;NW;;;HI)", true, GU_IL_LOW, 4 },
		{ "S:(ML;IOOI;NX;;;LW)(ML;;NW;;;SI)", true, GU_IL_SYSTEM, 1 },
		{ "S:(ML;OIIO;NW;;;SI)", false, GU_IL_MEDIUM, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd sd;
		uint32_t il = 99, policy = 99;

		sd_of(&sd, rows[i].sddl);
		row_check(gu_sd_label(&sd, &il, &policy) == rows[i].found,
			  rows[i].sddl);
		row_check(il == rows[i].il, rows[i].sddl);
		row_check(policy == rows[i].policy, rows[i].sddl);
		gu_sd_release(&sd);
	}
}

static void a_copy_is_its_own_or_nothing(void **state)
{
	struct gu_sd sd;
	enum gu_rc rc = GU_RC_NOMEM;

	(void)state;
	sd_of(&sd, "O:SYG:SYD:P(A;;FA;;;SY)(D;;FR;;;WD)S:(ML;;NW;;;HI)");
	for (size_t n = 1; rc; n++) {
		struct gu_sd copy = GU_SD_INIT;
		struct gu_buf b = GU_BUF_INIT;

		assert_true(n < 100);
		gu_alloc_fail_nth(n);
		rc = gu_sd_copy(&copy, &sd, NULL);
		gu_alloc_fail_nth(0);
		gu_sddl_format(&copy, GU_SECINFO_ALL, NULL, &b);
		assert_string_equal(b.data,
				    rc ? ""
				       : "O:SYG:SYD:P(A;;FA;;;SY)(D;;FR;;;WD)"
					 "S:(ML;;NW;;;HI)");
		gu_buf_release(&b);
		gu_sd_release(&copy);
	}
	gu_sd_release(&sd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binary_form_is_that_of_windows),
		cmocka_unit_test(binary_form_reads_back),
		cmocka_unit_test(null_absent_and_empty_dacls_differ),
		cmocka_unit_test(the_resource_manager_byte_is_kept),
		cmocka_unit_test(a_cut_descriptor_is_refused_at_every_length),
		cmocka_unit_test(broken_bytes_are_refused_where_they_are),
		cmocka_unit_test(random_bytes_never_hurt),
		cmocka_unit_test(the_label_is_the_first_that_applies),
		cmocka_unit_test(a_copy_is_its_own_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
