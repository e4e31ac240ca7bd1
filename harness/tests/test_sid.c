/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "sid.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct gu_sid sid_of(const char *text)
{
	struct gu_sid sid = GU_SID_NONE;
	struct gu_err err = GU_ERR_INIT;

	assert_rc_ok(gu_sid_parse(&sid, text, strlen(text), &err));
	return sid;
}

static void text_parses_as_windows_reads_it(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} rows[] = {
		{ "S-1-5-32-544", "S-1-5-32-544" },
		{ "s-1-1-0", "S-1-1-0" },
		{ "S-1-5-0x20-0x220", "S-1-5-32-544" },
		{ "S-1-0x5-18", "S-1-5-18" },
		/* a hex revision makes all of it hex */
		{ "S-0x1-20-0-579", "S-1-32-0-1401" },
		/* too large saturates */
		{ "S-1-3-4294967296-4", "S-1-3-4294967295-4" },
		{ "S-1-3-99999999999999999999999-4", "S-1-3-4294967295-4" },
		{ "S-1-4294967295-1", "S-1-4294967295-1" },
		{ "S-1-4294967296-1", "S-1-0x100000000-1" },
		{ "S-1-0xFFFFFFFFFFFF-1", "S-1-0xFFFFFFFFFFFF-1" },
		{ "S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
		  "S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sid sid = GU_SID_NONE;
		char text[GU_SID_TEXT_MAX];
		enum gu_rc rc = gu_sid_parse(&sid, rows[i].in,
					     strlen(rows[i].in), NULL);

		row_check(rc == GU_RC_OK, rows[i].in);
		row_check(strcmp(gu_sid_text(&sid, text), rows[i].out) == 0,
			  rows[i].in);
	}
}

static void bad_text_is_refused_where_it_is_bad(void **state)
{
	static const struct {
		const char *in;
		size_t offset;
	} rows[] = {
		{ "", 0 },
		{ "S", 0 },
		{ "X-1-1-0", 0 },
		{ "S-", 2 },
		{ "S-2-1-0", 2 },
		{ "S-10", 2 },
		{ "S--1-0", 2 },
		{ "S-1", 3 },
		{ "S-1-", 4 },
		{ "S-1-5", 5 },
		{ "S-1-5-", 6 },
		{ "S-1-5-0x", 6 },
		{ "S-1-5-1x", 7 },
		{ "S-1-5--1", 6 },
		{ "S-1-5-18 ", 8 },
		{ "S-1-0x1000000000000-1", 19 },
		{ "S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", 41 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sid sid = { .revision = 77 };
		struct gu_err err = GU_ERR_INIT;
		enum gu_rc rc = gu_sid_parse(&sid, rows[i].in,
					     strlen(rows[i].in), &err);

		row_check(rc == GU_RC_USAGE, rows[i].in);
		row_check(err.offset == rows[i].offset, rows[i].in);
		row_check(sid.revision == 77, rows[i].in);
	}
}

static void text_ends_where_the_caller_says(void **state)
{
	struct gu_sid sid = GU_SID_NONE;
	struct gu_sid system = sid_of("S-1-5-18");

	(void)state;
	assert_rc_ok(gu_sid_parse(&sid, "S-1-5-18999", 8, NULL));
	assert_true(gu_sid_equal(&sid, &system));
}

static void binary_form_is_that_of_windows(void **state)
{
	static const uint8_t admins[] = { 1,  2, 0, 0, 0,    0, 0, 5,
					  32, 0, 0, 0, 0x20, 2, 0, 0 };
	struct gu_sid sid = sid_of("S-1-5-32-544");
	struct gu_sid back = GU_SID_NONE;
	struct gu_buf b = GU_BUF_INIT;
	size_t used = 0;

	(void)state;
	gu_sid_encode(&sid, &b);
	assert_int_equal(b.len, sizeof(admins));
	assert_int_equal(gu_sid_size(&sid), sizeof(admins));
	assert_memory_equal(b.data, admins, sizeof(admins));
	assert_rc_ok(gu_sid_decode(&back, admins, sizeof(admins), &used, NULL));
	assert_int_equal(used, sizeof(admins));
	assert_true(gu_sid_equal(&sid, &back));
	gu_buf_release(&b);
}

/* The copy has the exact size, so that a read past it is caught by asan. */
static enum gu_rc decode_exact(const uint8_t *bytes, size_t n, size_t *offset)
{
	uint8_t *copy = malloc(n ? n : 1);
	struct gu_sid sid = { .revision = 77 };
	struct gu_err err = GU_ERR_INIT;
	size_t used = 1234;
	enum gu_rc rc;

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	rc = gu_sid_decode(&sid, copy + (n ? 0 : 1), n, &used, &err);
	free(copy);
	assert_true(rc == GU_RC_OK || (used == 1234 && sid.revision == 77));
	*offset = err.offset;
	return rc;
}

static void binary_form_cut_short_is_refused(void **state)
{
	static const uint8_t admins[] = { 1,  2, 0, 0, 0,    0, 0, 5,
					  32, 0, 0, 0, 0x20, 2, 0, 0 };
	size_t offset;

	(void)state;
	for (size_t n = 0; n < sizeof(admins); n++) {
		assert_int_equal(decode_exact(admins, n, &offset), GU_RC_USAGE);
		assert_int_equal(offset, n);
	}
}

static void binary_form_with_bad_header_is_refused(void **state)
{
	uint8_t bytes[8 + 4 * 16] = { 2, 1 };
	size_t offset;

	(void)state;
	assert_int_equal(decode_exact(bytes, sizeof(bytes), &offset),
			 GU_RC_USAGE);
	assert_int_equal(offset, 0);
	bytes[0] = 1;
	bytes[1] = 16;
	assert_int_equal(decode_exact(bytes, sizeof(bytes), &offset),
			 GU_RC_USAGE);
	assert_int_equal(offset, 1);
	bytes[1] = 15;
	assert_int_equal(decode_exact(bytes, sizeof(bytes), &offset), GU_RC_OK);
}

static void equality_looks_at_every_part(void **state)
{
	static const char *const texts[] = {
		"S-1-5-32-544",     "S-1-5-32-545", "S-1-5-33-544",
		"S-1-6-32-544",     "S-1-5-544",    "S-1-5-32",
		"S-1-5-32-544-544",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		for (size_t j = 0; j < COUNT(texts); j++) {
			struct gu_sid a = sid_of(texts[i]);
			struct gu_sid b = sid_of(texts[j]);

			row_check(gu_sid_equal(&a, &b) == (i == j), texts[i]);
			row_check((gu_sid_compare(&a, &b) == 0) == (i == j),
				  texts[i]);
		}
	}
}

static void an_unset_sid_equals_no_set_one(void **state)
{
	struct gu_sid unset = GU_SID_NONE;
	struct gu_sid empty = { .revision = 1 };

	(void)state;
	assert_false(gu_sid_is_set(&unset));
	assert_false(gu_sid_equal(&unset, &empty));
}

static void order_is_by_authority_then_parts(void **state)
{
	static const char *const sorted[] = {
		"S-1-1-0",     "S-1-5-2",      "S-1-5-18",
		"S-1-5-32",    "S-1-5-32-544", "S-1-5-32-4294967295",
		"S-1-16-4096",
	};

	(void)state;
	for (size_t i = 0; i + 1 < COUNT(sorted); i++) {
		struct gu_sid a = sid_of(sorted[i]);
		struct gu_sid b = sid_of(sorted[i + 1]);

		row_check(gu_sid_compare(&a, &b) < 0, sorted[i]);
		row_check(gu_sid_compare(&b, &a) > 0, sorted[i]);
	}
}

static void a_domain_takes_one_more_part(void **state)
{
	struct gu_sid domain = sid_of("S-1-5-21-1-2-3");
	struct gu_sid user = sid_of("S-1-5-21-1-2-3-1001");
	struct gu_sid other = sid_of("S-1-5-21-1-2-4-1001");
	struct gu_sid built = GU_SID_NONE;
	struct gu_sid full =
		sid_of("S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15");

	(void)state;
	assert_true(gu_sid_append(&built, &domain, 1001));
	assert_true(gu_sid_equal(&built, &user));
	assert_true(gu_sid_in_domain(&user, &domain));
	assert_false(gu_sid_in_domain(&other, &domain));
	assert_false(gu_sid_in_domain(&domain, &domain));
	assert_false(gu_sid_append(&built, &full, 16));
	assert_true(gu_sid_equal(&built, &user));
}

static void sddl_codes_are_those_of_the_documentation(void **state)
{
	/* Semantics 5.8; the domain is S-1-5-21-1-2-3. */
	static const struct {
		const char *code;
		const char *sid;
	} rows[] = {
		{ "AA", "S-1-5-32-579" },
		{ "AC", "S-1-15-2-1" },
		{ "AN", "S-1-5-7" },
		{ "AO", "S-1-5-32-548" },
		{ "AP", "S-1-5-21-1-2-3-525" },
		{ "AS", "S-1-18-1" },
		{ "AU", "S-1-5-11" },
		{ "BA", "S-1-5-32-544" },
		{ "BG", "S-1-5-32-546" },
		{ "BO", "S-1-5-32-551" },
		{ "BU", "S-1-5-32-545" },
		{ "CA", "S-1-5-21-1-2-3-517" },
		{ "CD", "S-1-5-32-574" },
		{ "CG", "S-1-3-1" },
		{ "CN", "S-1-5-21-1-2-3-522" },
		{ "CO", "S-1-3-0" },
		{ "CY", "S-1-5-32-569" },
		{ "DA", "S-1-5-21-1-2-3-512" },
		{ "DC", "S-1-5-21-1-2-3-515" },
		{ "DD", "S-1-5-21-1-2-3-516" },
		{ "DG", "S-1-5-21-1-2-3-514" },
		{ "DU", "S-1-5-21-1-2-3-513" },
		{ "EA", "S-1-5-21-1-2-3-519" },
		{ "ED", "S-1-5-9" },
		{ "EK", "S-1-5-21-1-2-3-527" },
		{ "ER", "S-1-5-32-573" },
		{ "ES", "S-1-5-32-576" },
		{ "HA", "S-1-5-32-578" },
		{ "HI", "S-1-16-12288" },
		{ "HO", "S-1-5-32-584" },
		{ "IS", "S-1-5-32-568" },
		{ "IU", "S-1-5-4" },
		{ "KA", "S-1-5-21-1-2-3-526" },
		{ "LA", "S-1-5-21-1-2-3-500" },
		{ "LG", "S-1-5-21-1-2-3-501" },
		{ "LS", "S-1-5-19" },
		{ "LU", "S-1-5-32-559" },
		{ "LW", "S-1-16-4096" },
		{ "ME", "S-1-16-8192" },
		{ "MP", "S-1-16-8448" },
		{ "MS", "S-1-5-32-577" },
		{ "MU", "S-1-5-32-558" },
		{ "NO", "S-1-5-32-556" },
		{ "NS", "S-1-5-20" },
		{ "NU", "S-1-5-2" },
		{ "OW", "S-1-3-4" },
		{ "PA", "S-1-5-21-1-2-3-520" },
		{ "PO", "S-1-5-32-550" },
		{ "PS", "S-1-5-10" },
		{ "PU", "S-1-5-32-547" },
		{ "RA", "S-1-5-32-575" },
		{ "RC", "S-1-5-12" },
		{ "RD", "S-1-5-32-555" },
		{ "RE", "S-1-5-32-552" },
		{ "RM", "S-1-5-32-580" },
		{ "RO", "S-1-5-21-1-2-3-498" },
		{ "RS", "S-1-5-21-1-2-3-553" },
		{ "RU", "S-1-5-32-554" },
		{ "SA", "S-1-5-21-1-2-3-518" },
		{ "SH", "S-1-5-32-585" },
		{ "SI", "S-1-16-16384" },
		{ "SO", "S-1-5-32-549" },
		{ "SS", "S-1-18-2" },
		{ "SU", "S-1-5-6" },
		{ "SY", "S-1-5-18" },
		{ "UD", "S-1-5-84-0-0-0-0-0" },
		{ "WD", "S-1-1-0" },
		{ "WR", "S-1-5-33" },
	};
	struct gu_sid domain = sid_of("S-1-5-21-1-2-3");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sid want = sid_of(rows[i].sid);
		struct gu_sid got = GU_SID_NONE;
		const char *code = gu_sid_sddl_code(&want, &domain);

		row_check(gu_sid_from_sddl_code(&got, rows[i].code, &domain),
			  rows[i].code);
		row_check(gu_sid_equal(&got, &want), rows[i].code);
		row_check(code && strcmp(code, rows[i].code) == 0,
			  rows[i].code);
	}
}

static void sddl_codes_know_no_others(void **state)
{
	struct gu_sid sid = { .revision = 77 };
	struct gu_sid foreign = sid_of("S-1-5-21-9-9-9-512");
	struct gu_sid domain = sid_of("S-1-5-21-1-2-3");

	(void)state;
	assert_false(gu_sid_from_sddl_code(&sid, "XX", NULL));
	assert_int_equal(sid.revision, 77);
	assert_null(gu_sid_sddl_code(&foreign, &domain));
	assert_null(gu_sid_sddl_code(&domain, &domain));
}

static void without_a_domain_codes_use_the_null_domain(void **state)
{
	struct gu_sid want = sid_of("S-1-5-21-0-0-0-500");
	struct gu_sid sid = GU_SID_NONE;

	(void)state;
	assert_true(gu_sid_from_sddl_code(&sid, "la", NULL));
	assert_true(gu_sid_equal(&sid, &want));
	assert_string_equal(gu_sid_sddl_code(&want, NULL), "LA");
}

static void names_lead_to_sids_and_back(void **state)
{
	static const struct {
		const char *name;
		const char *sid;
	} rows[] = {
		{ "Everyone", "S-1-1-0" },
		{ "LOCAL", "S-1-2-0" },
		{ "CREATOR OWNER", "S-1-3-0" },
		{ "NT AUTHORITY\\INTERACTIVE", "S-1-5-4" },
		{ "NT AUTHORITY\\SERVICE", "S-1-5-6" },
		{ "NT AUTHORITY\\ANONYMOUS LOGON", "S-1-5-7" },
		{ "NT AUTHORITY\\Authenticated Users", "S-1-5-11" },
		{ "NT AUTHORITY\\SYSTEM", "S-1-5-18" },
		{ "NT AUTHORITY\\LOCAL SERVICE", "S-1-5-19" },
		{ "NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20" },
		{ "BUILTIN\\Administrators", "S-1-5-32-544" },
		{ "BUILTIN\\Users", "S-1-5-32-545" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sid want = sid_of(rows[i].sid);
		struct gu_sid got = GU_SID_NONE;
		const char *name = gu_sid_name(&want);

		row_check(gu_sid_from_name(&got, rows[i].name), rows[i].name);
		row_check(gu_sid_equal(&got, &want), rows[i].name);
		row_check(name && strcmp(name, rows[i].name) == 0,
			  rows[i].name);
	}
}

static void names_take_any_case_and_no_authority(void **state)
{
	struct gu_sid admins = sid_of("S-1-5-32-544");
	struct gu_sid sid = GU_SID_NONE;

	(void)state;
	assert_true(gu_sid_from_name(&sid, "builtin\\administrators"));
	assert_true(gu_sid_equal(&sid, &admins));
	sid = (struct gu_sid)GU_SID_NONE;
	assert_true(gu_sid_from_name(&sid, "Administrators"));
	assert_true(gu_sid_equal(&sid, &admins));
	assert_false(gu_sid_from_name(&sid, "NT AUTHORITY\\Administrators"));
	assert_false(gu_sid_from_name(&sid, ""));
	assert_false(gu_sid_from_name(&sid, "alice"));
}

static void well_known_sids_need_a_domain_where_relative(void **state)
{
	struct gu_sid sid = { .revision = 77 };
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_int_equal(gu_sid_create_well_known(&sid, 38, NULL, &err),
			 GU_RC_USAGE);
	assert_int_equal(gu_sid_create_well_known(&sid, 9999, NULL, &err),
			 GU_RC_USAGE);
	assert_int_equal(sid.revision, 77);
	assert_null(gu_sid_well_known(GU_WK_ACCOUNT_ADMINISTRATOR));
	assert_string_equal(gu_sid_name(gu_sid_well_known(GU_WK_LOCAL_SYSTEM)),
			    "NT AUTHORITY\\SYSTEM");
}

static void integrity_levels_have_names(void **state)
{
	static const struct {
		uint32_t il;
		const char *name;
	} rows[] = {
		{ 0x0000, "Untrusted" }, { 0x1000, "Low" },
		{ 0x2000, "Medium" },    { 0x2100, "MediumPlus" },
		{ 0x3000, "High" },      { 0x4000, "System" },
		{ 0x5000, "Protected" },
	};
	struct gu_sid sid = GU_SID_NONE;
	struct gu_sid high = sid_of("S-1-16-12288");
	uint32_t il = 99;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = gu_il_name(rows[i].il);

		il = 99;
		row_check(name && strcmp(name, rows[i].name) == 0,
			  rows[i].name);
		row_check(gu_il_from_name(&il, rows[i].name), rows[i].name);
		row_check(il == rows[i].il, rows[i].name);
	}
	assert_null(gu_il_name(0x2050));
	assert_false(gu_il_from_name(&il, "Middling"));
	gu_sid_from_il(&sid, 0x3000);
	assert_true(gu_sid_equal(&sid, &high));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_parses_as_windows_reads_it),
		cmocka_unit_test(bad_text_is_refused_where_it_is_bad),
		cmocka_unit_test(text_ends_where_the_caller_says),
		cmocka_unit_test(binary_form_is_that_of_windows),
		cmocka_unit_test(binary_form_cut_short_is_refused),
		cmocka_unit_test(binary_form_with_bad_header_is_refused),
		cmocka_unit_test(equality_looks_at_every_part),
		cmocka_unit_test(an_unset_sid_equals_no_set_one),
		cmocka_unit_test(order_is_by_authority_then_parts),
		cmocka_unit_test(a_domain_takes_one_more_part),
		cmocka_unit_test(sddl_codes_are_those_of_the_documentation),
		cmocka_unit_test(sddl_codes_know_no_others),
		cmocka_unit_test(without_a_domain_codes_use_the_null_domain),
		cmocka_unit_test(names_lead_to_sids_and_back),
		cmocka_unit_test(names_take_any_case_and_no_authority),
		cmocka_unit_test(well_known_sids_need_a_domain_where_relative),
		cmocka_unit_test(integrity_levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
