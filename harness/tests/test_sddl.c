/* SPDX-License-Identifier: MIT */
#include "sec_fix.h"

#include "alloc.h"

static void text_comes_out_as_windows_prints_it(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} rows[] = {
		{ "", "" },
		{ "O:SY", "O:SY" },
		{ "O:BAG:BUD:", "O:BAG:BUD:" },
		{ "G:BUO:BA", "O:BAG:BU" },
		{ "D:(A;;FA;;;SY)(D;;FR;;;BU)", "D:(A;;FA;;;SY)(D;;FR;;;BU)" },
		{ "S:(AU;SAFA;FA;;;WD)D:", "D:S:(AU;SAFA;FA;;;WD)" },
		{ "S:(ML;;NWNRNX;;;HI)", "S:(ML;;NWNRNX;;;HI)" },
		{ "S:(ML;;;;;LW)", "S:(ML;;;;;LW)" },
		/* control flags */
		{ "D:PARAI", "D:PARAI" },
		{ "D:AIARP", "D:PARAI" },
		{ "D:PP", "D:P" },
		{ "S:PAI(AU;SA;FR;;;WD)", "S:PAI(AU;SA;FR;;;WD)" },
		{ "D:NO_ACCESS_CONTROL", "D:NO_ACCESS_CONTROL" },
		{ "D:PNO_ACCESS_CONTROLS:", "D:PNO_ACCESS_CONTROLS:" },
		/* ACE flags */
		{ "D:(A;IDIOCINPOI;GA;;;WD)", "D:(A;OICINPIOID;GA;;;WD)" },
		/* rights */
		{ "D:(A;;0x1f01ff;;;WD)", "D:(A;;FA;;;WD)" },
		{ "D:(A;;RCSD;;;WD)", "D:(A;;SDRC;;;WD)" },
		{ "D:(A;;GRGA;;;WD)", "D:(A;;GAGR;;;WD)" },
		{ "D:(A;;KX;;;WD)", "D:(A;;KR;;;WD)" },
		{ "D:(A;;0x1200a9;;;WD)", "D:(A;;0x1200a9;;;WD)" },
		{ "D:(A;;1179817;;;WD)", "D:(A;;0x1200a9;;;WD)" },
		{ "D:(A;;010;;;WD)", "D:(A;;SW;;;WD)" },
		{ "D:(A;;0x0;;;WD)", "D:(A;;;;;WD)" },
		{ "D:(A;;0x1GR;;;WD)", "D:(A;;CCGR;;;WD)" },
		{ "D:(A;;0x123456789;;;WD)", "D:(A;;0xffffffff;;;WD)" },
		{ "D:(A;;fr;;;wd)", "D:(A;;FR;;;WD)" },
		/* object ACEs */
		{ "D:(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;WD)",
		  "D:(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;WD)" },
		{ "D:(OD;CI;WP;;bf967aba-0de6-11d0-a285-00aa003049e2;PS)",
		  "D:(OD;CI;WP;;bf967aba-0de6-11d0-a285-00aa003049e2;PS)" },
		{ "S:(OU;SA;CR;BF967ABA-0DE6-11D0-A285-00AA003049E2;"
		  "bf967aba-0de6-11d0-a285-00aa003049e2;WD)",
		  "S:(OU;SA;CR;bf967aba-0de6-11d0-a285-00aa003049e2;"
		  "bf967aba-0de6-11d0-a285-00aa003049e2;WD)" },
		/* where Windows takes spaces */
		{ "  O:BA G:WD ", "O:BAG:WD" },
		{ "D: AI (A; OI; GA;; ; WD) (A;;RC SD;;;WD)",
		  "D:AI(A;OI;GA;;;WD)(A;;SDRC;;;WD)" },
		/* a SID's last hex digit is not the next part's letter */
		{ "O:S-1-2-0x2D:", "O:S-1-2-2D:" },
		{ "O:LAG:DUD:(A;;GA;;;LG)", "O:LAG:DUD:(A;;GA;;;LG)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd sd = GU_SD_INIT;
		struct gu_buf b = GU_BUF_INIT;
		struct gu_err err = GU_ERR_INIT;

		row_check(gu_sddl_parse(&sd, rows[i].in, NULL, &err) ==
				  GU_RC_OK,
			  rows[i].in);
		gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, &b);
		row_check(strcmp(b.data, rows[i].out) == 0, rows[i].in);
		gu_buf_release(&b);
		gu_sd_release(&sd);
	}
}

static void bad_text_is_refused_where_it_is_bad(void **state)
{
	static const struct {
		const char *in;
		size_t offset;
	} rows[] = {
		{ "X:BA", 0 },
		{ "o:BA", 0 },
		{ "O", 0 },
		{ "O:", 2 },
		{ "O:XX", 2 },
		{ "O:BAX", 2 },
		{ "O:G:SY", 2 },
		{ "O:BAG:SYO:BU", 8 },
		{ "D :", 0 },
		{ "D:D:", 2 },
		{ "D:Q", 2 },
		{ "D:P(A;;GA;;;WD)P", 15 },
		{ "D:NO_ACCESS_CONTROL(A;;GA;;;WD)", 19 },
		{ "D:(", 3 },
		{ "D:()", 3 },
		{ "D:(A;;GA;;;WD", 13 },
		{ "D:(A;;GA;;WD)", 12 },
		{ "D:(A;;GA;;;WD;)", 13 },
		{ "D:((A;;GA;;;WD))", 3 },
		{ "D:(;;GA;;;WD)", 3 },
		{ "D:(QQ;;GA;;;WD)", 3 },
		{ "D:(A1;;GA;;;WD)", 3 },
		{ "D:(A;QQ;GA;;;WD)", 5 },
		{ "D:(A;OIC;GA;;;WD)", 7 },
		{ "D:(A;;GAQQ;;;WD)", 8 },
		{ "D:(A;;GA ;;;WD)", 9 },
		{ "D:(A;;0x;;;WD)", 6 },
		{ "D:(A;;08;;;WD)", 6 },
		{ "D:(A;;-1;;;WD)", 6 },
		{ "D:(A;;RC\tSD;;;WD)", 8 },
		{ "D:(A;;GA;1;;WD)", 9 },
		{ "D:(OA;;GA;00299570-246d-11d0-a768-00aa006e052;;WD)", 10 },
		{ "D:(OA;;GA;00299570+246d-11d0-a768-00aa006e0529;;WD)", 10 },
		{ "D:(OA;;GA;0029957g-246d-11d0-a768-00aa006e0529;;WD)", 10 },
		{ "D:(OA;;GA;;{00299570-246d-11d0-a768-00aa006e0529};WD)", 11 },
		{ "D:(A;;GA;;;)", 11 },
		{ "D:(A;;GA;;;XX)", 11 },
		{ "D:(A;;GA;;;S-1-)", 15 },
		{ "D:(AU;SA;GA;;;WD)", 2 },
		{ "D:(ML;;NW;;;LW)", 2 },
		{ "S:(A;;GA;;;WD)", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd sd = GU_SD_INIT;
		struct gu_err err = GU_ERR_INIT;

		row_check(gu_sddl_parse(&sd, rows[i].in, NULL, &err) ==
				  GU_RC_USAGE,
			  rows[i].in);
		row_check(err.offset == rows[i].offset, rows[i].in);
		row_check(err.msg[0] != '\0', rows[i].in);
		row_check(sd.control == 0 && sd.dacl.count == 0, rows[i].in);
	}
}

static void names_of_rights_have_the_documented_bits(void **state)
{
	/* Semantics 5.7. */
	static const struct {
		const char *name;
		uint32_t mask;
	} rows[] = {
		{ "GA", 0x10000000 }, { "GR", 0x80000000 },
		{ "GW", 0x40000000 }, { "GX", 0x20000000 },
		{ "RC", 0x20000 },    { "SD", 0x10000 },
		{ "WD", 0x40000 },    { "WO", 0x80000 },
		{ "CC", 1 },          { "DC", 2 },
		{ "LC", 4 },          { "SW", 8 },
		{ "RP", 0x10 },       { "WP", 0x20 },
		{ "DT", 0x40 },       { "LO", 0x80 },
		{ "CR", 0x100 },      { "FA", 0x1F01FF },
		{ "FR", 0x120089 },   { "FW", 0x120116 },
		{ "FX", 0x1200A0 },   { "KA", 0xF003F },
		{ "KR", 0x20019 },    { "KW", 0x20006 },
		{ "KX", 0x20019 },    { "NW", 1 },
		{ "NR", 2 },          { "NX", 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd sd = GU_SD_INIT;
		char text[32];

		snprintf(text, sizeof(text), "D:(A;;%s;;;WD)", rows[i].name);
		row_check(gu_sddl_parse(&sd, text, NULL, NULL) == GU_RC_OK,
			  rows[i].name);
		row_check(sd.dacl.aces[0].mask == rows[i].mask, rows[i].name);
		gu_sd_release(&sd);
	}
}

static void guid_bytes_are_stored_as_windows_does(void **state)
{
	static const uint8_t want[16] = { 0x70, 0x95, 0x29, 0x00, 0x6d, 0x24,
					  0xd0, 0x11, 0xa7, 0x68, 0x00, 0xaa,
					  0x00, 0x6e, 0x05, 0x29 };
	struct gu_sd sd = GU_SD_INIT;

	(void)state;
	assert_rc_ok(gu_sddl_parse(
		&sd, "D:(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;WD)",
		NULL, NULL));
	assert_int_equal(sd.dacl.aces[0].object_flags,
			 GU_ACE_OBJECT_TYPE_PRESENT);
	assert_memory_equal(sd.dacl.aces[0].object_type.bytes, want, 16);
	assert_int_equal(sd.dacl.revision, 4);
	gu_sd_release(&sd);
}

static void a_plain_ace_drops_its_guid(void **state)
{
	struct gu_sd sd = GU_SD_INIT;

	(void)state;
	assert_rc_ok(gu_sddl_parse(
		&sd, "D:(A;;CR;00299570-246d-11d0-a768-00aa006e0529;;WD)", NULL,
		NULL));
	assert_int_equal(sd.dacl.aces[0].object_flags, 0);
	assert_int_equal(sd.dacl.revision, 2);
	gu_sd_release(&sd);
}

static void domain_codes_resolve_in_the_domain_given(void **state)
{
	struct gu_sid domain = GU_SID_NONE;
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	assert_rc_ok(gu_sid_parse(&domain, "S-1-5-21-1-2-3", 14, NULL));
	assert_rc_ok(gu_sddl_parse(&sd, "O:LAG:DU", &domain, NULL));
	gu_sid_format(&sd.owner, &b);
	assert_string_equal(b.data, "S-1-5-21-1-2-3-500");
	gu_buf_reset(&b);
	gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, &b);
	assert_string_equal(b.data, "O:S-1-5-21-1-2-3-500G:S-1-5-21-1-2-3-513");
	gu_buf_reset(&b);
	gu_sddl_format(&sd, GU_SECINFO_ALL, &domain, &b);
	assert_string_equal(b.data, "O:LAG:DU");
	gu_buf_release(&b);
	gu_sd_release(&sd);
}

static void only_the_parts_asked_for_are_printed(void **state)
{
	static const struct {
		uint32_t secinfo;
		const char *out;
	} rows[] = {
		{ 0, "" },
		{ GU_SECINFO_OWNER, "O:BA" },
		{ GU_SECINFO_GROUP, "G:SY" },
		{ GU_SECINFO_DACL, "D:(A;;GA;;;WD)" },
		{ GU_SECINFO_SACL, "S:AI(AU;SA;FR;;;WD)" },
		{ GU_SECINFO_LABEL, "S:AI(ML;;NW;;;LW)" },
		{ GU_SECINFO_SACL | GU_SECINFO_LABEL,
		  "S:AI(AU;SA;FR;;;WD)(ML;;NW;;;LW)" },
	};
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	assert_rc_ok(gu_sddl_parse(
		&sd, "O:BAG:SYD:(A;;GA;;;WD)S:AI(AU;SA;FR;;;WD)(ML;;NW;;;LW)",
		NULL, NULL));
	for (size_t i = 0; i < COUNT(rows); i++) {
		gu_buf_reset(&b);
		gu_sddl_format(&sd, rows[i].secinfo, NULL, &b);
		row_check(strcmp(b.data, rows[i].out) == 0, rows[i].out);
	}
	gu_buf_release(&b);
	gu_sd_release(&sd);
}

static void a_sid_is_a_code_or_a_number(void **state)
{
	struct gu_sid sid = GU_SID_NONE;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_rc_ok(gu_sddl_parse_sid(&sid, "BA", 2, NULL, &err));
	assert_string_equal(gu_sid_name(&sid), "BUILTIN\\Administrators");
	assert_rc_ok(gu_sddl_parse_sid(&sid, "S-1-1-0", 7, NULL, &err));
	assert_string_equal(gu_sid_name(&sid), "Everyone");
	assert_int_equal(gu_sddl_parse_sid(&sid, "", 0, NULL, &err),
			 GU_RC_USAGE);
	assert_int_equal(gu_sddl_parse_sid(&sid, "S", 1, NULL, &err),
			 GU_RC_USAGE);
}

/* The text of a domain that comes again is not read again; that must not show.
 */
static void sids_of_one_list_do_not_bear_on_each_other(void **state)
{
	static const struct {
		const char *first;
		const char *second;
		const char *out;
	} rows[] = {
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-501",
		  "S-1-5-21-1-2-3-501" },
		{ "S-1-5-21-1-2-3-500", " S-1-5-21-1-2-3-501 ",
		  "S-1-5-21-1-2-3-501" },
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-0x1f5",
		  "S-1-5-21-1-2-3-501" },
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-4294967296",
		  "S-1-5-21-1-2-3-4294967295" },
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-4-5",
		  "S-1-5-21-1-2-3-4-5" },
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-30-501",
		  "S-1-5-21-1-2-30-501" },
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3", "S-1-5-21-1-2-3" },
		{ "S-1-5-21-1-2-3-500", "s-1-5-21-1-2-3-501",
		  "S-1-5-21-1-2-3-501" },
		{ "S-0x1-5-21-10-20", "S-0x1-5-21-10-21", "S-1-5-33-16-33" },
		{ "S-1-5-21-10-20", "S-0x1-5-21-10-21", "S-1-5-33-16-33" },
		{ "S-0x1-5-21-10-20", "S-1-5-21-10-21", "S-1-5-21-10-21" },
		{ "S-1-9-2", "S-1-9-3", "S-1-9-3" },
		{ "S-1-9-2", "S-1-10-3", "S-1-10-3" },
		{ "S-1-0x9-2", "S-1-0x9-3", "S-1-9-3" },
		{ "S-1-9-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
		  "S-1-9-1-2-3-4-5-6-7-8-9-10-11-12-13-14-16",
		  "S-1-9-1-2-3-4-5-6-7-8-9-10-11-12-13-14-16" },
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-", NULL },
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-5x", NULL },
		{ "S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-500-", NULL },
		{ "S-1-9-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
		  "S-1-9-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd sd = GU_SD_INIT;
		char text[256];
		char sid[GU_SID_TEXT_MAX];
		enum gu_rc rc;

		snprintf(text, sizeof(text), "D:(A;;GA;;;%s)(A;;GA;;;%s)",
			 rows[i].first, rows[i].second);
		rc = gu_sddl_parse(&sd, text, NULL, NULL);
		row_check(rc == (rows[i].out ? GU_RC_OK : GU_RC_USAGE), text);
		if (!rc) {
			gu_sid_text(&sd.dacl.aces[1].sid, sid);
			row_check(strcmp(sid, rows[i].out) == 0, text);
		}
		gu_sd_release(&sd);
	}
}

static void too_many_aces_are_refused(void **state)
{
	struct gu_buf b = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	gu_buf_adds(&b, "D:");
	for (int i = 0; i < 3277; i++) {
		gu_buf_adds(&b, "(A;;GA;;;WD)");
	}
	assert_int_equal(gu_sddl_parse(&sd, b.data, NULL, &err), GU_RC_USAGE);
	assert_int_equal(err.offset, 2 + 12 * 3276);
	gu_buf_release(&b);
}

static void entries_with_data_come_out_as_they_went_in(void **state)
{
	static const char *const rows[] = {
		"D:(XA;;FX;;;WD;(@USER.Title == \"PM\"))",
		"D:(XD;CI;FX;;;BU;(Member_of {SID(BA)}))(A;;FA;;;SY)",
		"D:(ZA;;CR;00299570-246d-11d0-a768-00aa006e0529;;WD;(a))",
		"S:(XU;SAFA;FR;;;WD;(@RESOURCE.secret == 1))",
		"S:(RA;;;;;WD;(\"secret\",TI,0x0,-1,1))",
		"S:(FL;;FR;;;WD;(Exists @USER.cleared))",
		"S:(SP;;;;;S-1-17-1-2)",
		"S:(TL;;RC;;;S-1-19-512-1024)",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd sd = GU_SD_INIT;
		struct gu_sd again = GU_SD_INIT;
		struct gu_buf bytes = GU_BUF_INIT;
		struct gu_buf text = GU_BUF_INIT;

		row_check(!gu_sddl_parse(&sd, rows[i], NULL, NULL), rows[i]);
		gu_sd_encode(&sd, &bytes);
		row_check(!gu_sd_decode(&again, (uint8_t *)bytes.data,
					bytes.len, NULL),
			  rows[i]);
		row_check(gu_sddl_format(&again, GU_SECINFO_ALL, NULL, &text),
			  rows[i]);
		assert_string_equal(text.data, rows[i]);
		gu_sd_release(&sd);
		gu_sd_release(&again);
		gu_buf_release(&bytes);
		gu_buf_release(&text);
	}
}

static void faults_say_what_windows_would_and_where(void **state)
{
	static const struct {
		const char *text;
		uint32_t last_error;
		size_t offset;
	} rows[] = {
		{ "O:XX", GU_SDDL_INVALID_SID, 2 },
		{ "O:BAO:BA", GU_SDDL_INVALID_PARAMETER, 4 },
		{ "X:", GU_SDDL_INVALID_PARAMETER, 0 },
		{ "D:D:", GU_SDDL_INVALID_PARAMETER, 2 },
		{ "D:(A;;XX;;;WD)", GU_SDDL_INVALID_ACL, 6 },
		{ "D:(A;;GA;;;XX)", GU_SDDL_INVALID_ACL, 11 },
		{ "D:(XA;;GA;;;WD)", GU_SDDL_INVALID_ACL, 14 },
		{ "D:(XA;;GA;;;WD;(a == b))", GU_SDDL_INVALID_ACL, 21 },
		{ "D:(XA;;GA;;;WD;(a == SID(XX)))", GU_SDDL_INVALID_ACL, 25 },
		{ "D:(A;;GA;;;WD;(a))", GU_SDDL_INVALID_ACL, 13 },
		{ "S:(RA;;;;;WD;(\"a\",TQ,0))", GU_SDDL_INVALID_ACL, 18 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sddl_reading reading = { .revision = 1,
						   .last_error = 77 };
		struct gu_err err = GU_ERR_INIT;
		struct gu_sd sd = GU_SD_INIT;

		row_check(gu_sddl_read(&sd, rows[i].text, &reading, &err) ==
				  GU_RC_USAGE,
			  rows[i].text);
		row_check(reading.last_error == rows[i].last_error,
			  rows[i].text);
		row_check(err.offset == rows[i].offset, rows[i].text);
	}
}

static void only_revision_1_is_read(void **state)
{
	struct gu_sddl_reading reading = { .revision = 2 };
	struct gu_sd sd = GU_SD_INIT;

	(void)state;
	assert_int_equal(gu_sddl_read(&sd, "D:", &reading, NULL), GU_RC_USAGE);
	assert_int_equal(reading.last_error, GU_SDDL_UNKNOWN_REVISION);
}

static void data_that_does_not_parse_is_shown_in_hex(void **state)
{
	struct gu_sid sid;
	struct gu_ace ace = { .type = GU_ACE_ALLOW_CALLBACK,
			      .data = (uint8_t *)"artx\x99",
			      .data_len = 5 };
	struct gu_buf out = GU_BUF_INIT;

	(void)state;
	assert_rc_ok(gu_sddl_parse_sid(&sid, "WD", 2, NULL, NULL));
	ace.sid = sid;
	assert_false(gu_sddl_format_ace(&ace, NULL, &out));
	assert_string_equal(out.data, "(XA;;;;;WD;#6172747899)");
	gu_buf_release(&out);
}

/* An audit entry in a DACL prints, but is not read there. */
static bool is_readable(const struct gu_sd *sd)
{
	for (uint32_t i = 0; i < sd->dacl.count; i++) {
		if (sd->dacl.aces[i].type == GU_ACE_AUDIT) {
			return false;
		}
	}
	return true;
}

static void
check_same(const struct gu_buf *want, const struct gu_sd *sd, const char *row)
{
	struct gu_buf got = GU_BUF_INIT;

	gu_sd_encode(sd, &got);
	row_check(got.len == want->len &&
			  memcmp(got.data, want->data, got.len) == 0,
		  row);
	gu_buf_release(&got);
}

static void any_descriptor_survives_bytes_and_text(void **state)
{
	enum { ROUNDS = 3000 };
	struct gu_buf bytes = GU_BUF_INIT, text = GU_BUF_INIT;
	size_t read = 0;

	(void)state;
	seed = 0x51DE1;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct gu_sd sd = GU_SD_INIT, back = GU_SD_INIT;

		any_sd(&bytes);
		assert_rc_ok(gu_sd_decode(&sd, (const uint8_t *)bytes.data,
					  bytes.len, NULL));
		check_same(&bytes, &sd, "bytes");
		gu_buf_reset(&text);
		if (gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, &text) &&
		    is_readable(&sd)) {
			row_check(!gu_sddl_parse(&back, text.data, NULL, NULL),
				  text.data);
			check_same(&bytes, &back, text.data);
			read++;
		}
		gu_sd_release(&sd);
		gu_sd_release(&back);
	}
	assert_true(read > ROUNDS / 2);
	gu_buf_release(&bytes);
	gu_buf_release(&text);
}

static void every_prefix_parses_or_is_refused(void **state)
{
	static const char text[] =
		"O:S-1-5-0x20-544G:LAD:PAI(A;OICI;FAGR;;;SY)"
		"(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;WD)"
		"(XA;;FR;;;WD;(@User.a == {1, \"b\", #00, SID(BA)} && "
		"!(Member_of {SID(BU)}) || Exists b))"
		"S:AR(AU;SAFA;0x1;;;WD)(ML;;NW;;;LW)"
		"(RA;;;;;WD;(\"a%0020b\",TS,0x0,\"x\",\"y\"))";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		char *cut = gu_strndup(text, n);
		struct gu_sd sd = GU_SD_INIT;
		struct gu_err err = GU_ERR_INIT;
		enum gu_rc rc = gu_sddl_parse(&sd, cut, NULL, &err);

		assert_true(rc == GU_RC_OK || rc == GU_RC_USAGE);
		assert_true(rc == GU_RC_OK || err.offset <= n);
		gu_sd_release(&sd);
		gu_free(cut);
	}
}

static void no_allocation_that_fails_is_missed(void **state)
{
	static const char text[] = "O:SYG:SYD:(A;;FA;;;SY)(D;;FR;;;WD)"
				   "S:(ML;;NW;;;LW)(AU;SA;FR;;;WD)";
	enum gu_rc rc = GU_RC_NOMEM;

	(void)state;
	for (size_t n = 1; rc; n++) {
		struct gu_sd sd = GU_SD_INIT;
		struct gu_err err = GU_ERR_INIT;

		assert_true(n < 100);
		gu_alloc_fail_nth(n);
		rc = gu_sddl_parse(&sd, text, NULL, &err);
		assert_int_equal(rc,
				 gu_alloc_failed() ? GU_RC_NOMEM : GU_RC_OK);
		gu_alloc_fail_nth(0);
		assert_int_equal(sd.dacl.count, rc ? 0 : 2);
		gu_sd_release(&sd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_comes_out_as_windows_prints_it),
		cmocka_unit_test(bad_text_is_refused_where_it_is_bad),
		cmocka_unit_test(names_of_rights_have_the_documented_bits),
		cmocka_unit_test(guid_bytes_are_stored_as_windows_does),
		cmocka_unit_test(a_plain_ace_drops_its_guid),
		cmocka_unit_test(domain_codes_resolve_in_the_domain_given),
		cmocka_unit_test(only_the_parts_asked_for_are_printed),
		cmocka_unit_test(a_sid_is_a_code_or_a_number),
		cmocka_unit_test(sids_of_one_list_do_not_bear_on_each_other),
		cmocka_unit_test(too_many_aces_are_refused),
		cmocka_unit_test(entries_with_data_come_out_as_they_went_in),
		cmocka_unit_test(faults_say_what_windows_would_and_where),
		cmocka_unit_test(only_revision_1_is_read),
		cmocka_unit_test(data_that_does_not_parse_is_shown_in_hex),
		cmocka_unit_test(any_descriptor_survives_bytes_and_text),
		cmocka_unit_test(every_prefix_parses_or_is_refused),
		cmocka_unit_test(no_allocation_that_fails_is_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
