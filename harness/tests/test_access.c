/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "access.h"
#include "alloc.h"
#include "sddl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	ON = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
	     GU_GROUP_ENABLED,
	READ = 0x1,
	WRITE = 0x2,
	EXECUTE = 0x20,
	FR = 0x120089,
	FW = 0x120116,
	FX = 0x1200A0,
	FA = 0x1F01FF,
	MAX = GU_MAXIMUM_ALLOWED,
};

#define DENIED    0xC0000022u
#define PRIVILEGE 0xC0000061u

static const struct gu_generic_mapping file_map = { FR, FW, FX, FA };

/* Semantics 5.2 speaks of the file mapping where nothing else is said. */
struct row {
	const char *name;
	const char *sddl;
	uint32_t desired;
	uint32_t granted; /* 0: denied */
	uint32_t code;    /* enum gu_reason_code */
	uint32_t bits;    /* the reason's, 0: not looked at */
};

static struct gu_sid sid_of(const char *text)
{
	struct gu_sid sid = GU_SID_NONE;

	assert_rc_ok(gu_sddl_parse_sid(&sid, text, strlen(text), NULL, NULL));
	return sid;
}

static void add(struct gu_token *t, const char *sid, uint32_t attributes)
{
	struct gu_sid s = sid_of(sid);

	assert_rc_ok(gu_token_add_group(t, &s, attributes, NULL));
}

static void restrict_to(struct gu_token *t, const char *sid)
{
	struct gu_sid s = sid_of(sid);

	assert_rc_ok(gu_token_add_restricted(t, &s, NULL));
}

static void enable(struct gu_token *t, enum gu_priv priv)
{
	t->present |= GU_PRIV_BIT(priv);
	t->enabled |= GU_PRIV_BIT(priv);
}

/* LA is the user, in Everyone and Users; Guests is disabled, Administrators
 * deny-only. */
static struct gu_token *user_token(void)
{
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	t->user = sid_of("LA");
	add(t, "WD", ON);
	add(t, "BU", ON);
	add(t, "BG", 0);
	add(t, "BA", GU_GROUP_DENY_ONLY);
	return t;
}

static struct gu_access_result check_as(const struct gu_token *token,
					const char *sddl, uint32_t desired,
					uint32_t flags)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_request req = { .token = token,
					 .map = &file_map,
					 .desired = desired,
					 .flags = flags };
	struct gu_access_result res;

	memset(&res, 0xA5, sizeof(res));
	if (sddl) {
		assert_rc_ok(gu_sddl_parse(&sd, sddl, NULL, NULL));
		req.sd = &sd;
	}
	gu_alloc_fail_nth(1);
	gu_access_check(&req, &res);
	assert_false(gu_alloc_failed());
	gu_alloc_fail_nth(0);
	gu_sd_release(&sd);
	return res;
}

static void
check_row(const struct gu_token *token, const struct row *row, uint32_t flags)
{
	struct gu_access_result res =
		check_as(token, row->sddl, row->desired, flags);
	uint32_t refusal =
		row->code == GU_REASON_MISSING_PRIVILEGE ? PRIVILEGE : DENIED;

	if (res.mask != row->granted || res.reason.code != row->code ||
	    (row->bits && res.reason.bits != row->bits)) {
		fail_msg("row \"%s\": mask 0x%x, reason 0x%x on 0x%x",
			 row->name, res.mask, res.reason.code, res.reason.bits);
	}
	row_check(res.granted == (row->granted != 0), row->name);
	row_check(res.status == (row->granted ? 0 : refusal), row->name);
}

static void check_rows(struct gu_token *token, const struct row *rows, size_t n,
		       uint32_t flags)
{
	for (size_t i = 0; i < n; i++) {
		check_row(token, &rows[i], flags);
	}
	gu_token_unref(token);
}

/* Step 9. */
static void the_walk_stops_at_the_first_denial_or_the_last_grant(void **state)
{
	static const struct row rows[] = {
		{ "allow to the user", "D:(A;;FR;;;LA)", READ, READ,
		  GU_REASON_ALLOWED_ACE, READ },
		{ "allow to a group", "D:(A;;FR;;;BU)", READ, READ,
		  GU_REASON_ALLOWED_ACE, 0 },
		{ "allow to somebody else", "D:(A;;FR;;;SY)", READ, 0,
		  GU_REASON_NO_GRANT, READ },
		{ "allow to a disabled group", "D:(A;;FR;;;BG)", READ, 0,
		  GU_REASON_NO_GRANT, 0 },
		{ "allow to a deny-only group", "D:(A;;FR;;;BA)", READ, 0,
		  GU_REASON_NO_GRANT, 0 },
		{ "too little", "D:(A;;0x1;;;BU)", READ | WRITE, 0,
		  GU_REASON_NO_GRANT, WRITE },
		{ "collected from several ACEs", "D:(A;;0x1;;;LA)(A;;0x2;;;BU)",
		  READ | WRITE, READ | WRITE, GU_REASON_ALLOWED_ACE, WRITE },
		{ "deny first", "D:(D;;0x1;;;BU)(A;;FA;;;LA)", READ, 0,
		  GU_REASON_DENIED_ACE, READ },
		{ "deny after the grant", "D:(A;;FA;;;LA)(D;;0x1;;;BU)", READ,
		  READ, GU_REASON_ALLOWED_ACE, 0 },
		{ "deny of another bit", "D:(D;;0x2;;;BU)(A;;FA;;;LA)", READ,
		  READ, GU_REASON_ALLOWED_ACE, 0 },
		{ "deny of one bit of two", "D:(D;;0x2;;;BU)(A;;FA;;;LA)",
		  READ | WRITE, 0, GU_REASON_DENIED_ACE, WRITE },
		{ "deny to a deny-only group", "D:(D;;0x1;;;BA)(A;;FA;;;LA)",
		  READ, 0, GU_REASON_DENIED_ACE, 0 },
		{ "deny to a disabled group", "D:(D;;0x1;;;BG)(A;;FA;;;LA)",
		  READ, READ, GU_REASON_ALLOWED_ACE, 0 },
		{ "inherit-only allow", "D:(A;OIIO;FA;;;LA)", READ, 0,
		  GU_REASON_NO_GRANT, 0 },
		{ "inherit-only deny", "D:(D;OIIO;FA;;;LA)(A;;FA;;;LA)", READ,
		  READ, GU_REASON_ALLOWED_ACE, 0 },
		{ "creator owner is nobody", "D:(A;;FA;;;CO)(A;;FA;;;CG)", READ,
		  0, GU_REASON_NO_GRANT, 0 },
	};

	(void)state;
	check_rows(user_token(), rows, COUNT(rows), 0);
}

/* Step 1. */
static void generic_rights_are_mapped_on_both_sides(void **state)
{
	static const struct row rows[] = {
		{ "asked", "D:(A;;FR;;;LA)", GU_GENERIC_READ, FR,
		  GU_REASON_ALLOWED_ACE, FR },
		{ "in the ACE", "D:(A;;GR;;;LA)", READ, READ,
		  GU_REASON_ALLOWED_ACE, READ },
		{ "all", "D:(A;;GA;;;LA)", GU_GENERIC_ALL, FA,
		  GU_REASON_ALLOWED_ACE, FA },
		{ "denied", "D:(D;;GW;;;LA)(A;;GA;;;LA)", WRITE, 0,
		  GU_REASON_DENIED_ACE, WRITE },
		{ "unmapped bit", "D:(A;;GA;;;LA)", 0x04000000, 0,
		  GU_REASON_NO_GRANT, 0x04000000 },
	};

	(void)state;
	check_rows(user_token(), rows, COUNT(rows), 0);
}

/* Steps 7 and 8. */
static void a_null_dacl_grants_all_and_an_empty_one_nothing(void **state)
{
	static const struct row rows[] = {
		{ "absent", "O:SYG:SY", FA, FA, GU_REASON_NULL_DACL, 0 },
		{ "null", "O:SYG:SYD:NO_ACCESS_CONTROL", READ, READ,
		  GU_REASON_NULL_DACL, 0 },
		{ "null, maximum", "D:NO_ACCESS_CONTROL", MAX, FA,
		  GU_REASON_NULL_DACL, 0 },
		{ "empty", "O:SYD:", READ, 0, GU_REASON_EMPTY_DACL, READ },
		{ "empty, maximum", "O:SYD:", MAX, 0, GU_REASON_EMPTY_DACL,
		  MAX },
		{ "empty, owner", "O:LAD:", GU_READ_CONTROL, GU_READ_CONTROL,
		  GU_REASON_OWNERSHIP, GU_READ_CONTROL },
	};

	(void)state;
	check_rows(user_token(), rows, COUNT(rows), 0);
}

static void no_descriptor_and_no_request_are_refused(void **state)
{
	static const struct row rows[] = {
		{ "no descriptor", NULL, READ, 0, GU_REASON_NO_SD, 0 },
		{ "nothing asked", "D:NO_ACCESS_CONTROL", 0, 0,
		  GU_REASON_NO_ACCESS_ASKED, 0 },
	};

	(void)state;
	check_rows(user_token(), rows, COUNT(rows), 0);
}

/* Step 6. */
static void the_owner_reads_and_writes_the_dacl(void **state)
{
	static const uint32_t both = GU_READ_CONTROL | GU_WRITE_DAC;
	const struct row rows[] = {
		{ "user", "O:LAD:(A;;FR;;;SY)", both, both, GU_REASON_OWNERSHIP,
		  both },
		{ "group", "O:BUD:(A;;FR;;;SY)", both, both,
		  GU_REASON_OWNERSHIP, both },
		{ "before a deny ACE", "O:LAD:(D;;FA;;;WD)", GU_WRITE_DAC,
		  GU_WRITE_DAC, GU_REASON_OWNERSHIP, GU_WRITE_DAC },
		{ "nothing more", "O:LAD:(A;;0x2;;;WD)", GU_WRITE_DAC | READ, 0,
		  GU_REASON_NO_GRANT, READ },
		{ "and the DACL adds", "O:LAD:(A;;0x1;;;WD)",
		  GU_WRITE_DAC | READ, GU_WRITE_DAC | READ,
		  GU_REASON_ALLOWED_ACE, READ },
		{ "deny-only owner", "O:BAD:(A;;0x1;;;WD)", GU_READ_CONTROL, 0,
		  GU_REASON_NO_GRANT, 0 },
		{ "maximum", "O:LAD:(D;;FA;;;WD)", MAX, both,
		  GU_REASON_OWNERSHIP, both },
		{ "owner rights replace it", "O:LAD:(A;;0x1;;;OW)",
		  GU_WRITE_DAC, 0, GU_REASON_NO_GRANT, GU_WRITE_DAC },
		{ "owner rights grant", "O:LAD:(A;;0x1;;;OW)", READ, READ,
		  GU_REASON_ALLOWED_ACE, READ },
		{ "owner rights deny", "O:LAD:(D;;WD;;;OW)(A;;FA;;;WD)",
		  GU_WRITE_DAC, 0, GU_REASON_DENIED_ACE, GU_WRITE_DAC },
		{ "owner rights deny a deny-only owner",
		  "O:BAD:(D;;0x1;;;OW)(A;;FA;;;WD)", READ, 0,
		  GU_REASON_DENIED_ACE, READ },
		{ "inherit-only owner rights count for nothing",
		  "O:LAD:(A;OIIO;0x1;;;OW)", GU_WRITE_DAC, GU_WRITE_DAC,
		  GU_REASON_OWNERSHIP, 0 },
		{ "owner rights of another owner", "O:SYD:(A;;0x1;;;OW)", READ,
		  0, GU_REASON_NO_GRANT, READ },
	};

	(void)state;
	check_rows(user_token(), rows, COUNT(rows), 0);
}

/* Step 9, MAXIMUM_ALLOWED. */
static void maximum_allowed_collects_what_is_granted_first(void **state)
{
	static const struct row rows[] = {
		{ "plain", "D:(A;;0x1;;;LA)(A;;0x2;;;BU)(A;;0x4;;;SY)", MAX,
		  READ | WRITE, GU_REASON_ALLOWED_ACE, 0 },
		{ "deny first", "D:(D;;0x1;;;BU)(A;;0x3;;;LA)", MAX, WRITE,
		  GU_REASON_ALLOWED_ACE, WRITE },
		{ "allow first", "D:(A;;0x3;;;LA)(D;;0x1;;;BU)", MAX,
		  READ | WRITE, GU_REASON_ALLOWED_ACE, 0 },
		{ "with a bit that is granted", "D:(A;;0x3;;;LA)", MAX | READ,
		  READ | WRITE, GU_REASON_ALLOWED_ACE, 0 },
		{ "with a bit that is not", "D:(A;;0x1;;;LA)", MAX | WRITE, 0,
		  GU_REASON_NO_GRANT, WRITE },
		{ "with a bit that is denied", "D:(D;;0x2;;;LA)(A;;FA;;;LA)",
		  MAX | WRITE, 0, GU_REASON_DENIED_ACE, WRITE },
		{ "nothing", "D:(A;;FA;;;SY)", MAX, 0, GU_REASON_NO_GRANT,
		  MAX },
		{ "all denied", "D:(D;;FA;;;WD)(A;;FA;;;LA)", MAX, 0,
		  GU_REASON_NO_GRANT, MAX },
		{ "never the SACL", "D:(A;;0x1000001;;;LA)", MAX, READ,
		  GU_REASON_ALLOWED_ACE, READ },
		{ "generic ACE", "D:(A;;GR;;;LA)", MAX, FR,
		  GU_REASON_ALLOWED_ACE, FR },
	};

	(void)state;
	check_rows(user_token(), rows, COUNT(rows), 0);
}

static void the_reason_is_the_ace_that_granted_last(void **state)
{
	struct gu_token *t = user_token();
	struct gu_access_result res;

	(void)state;
	res = check_as(t, "D:(A;;0x1;;;LA)(A;;0x2;;;BU)(A;;0x3;;;WD)", MAX, 0);
	assert_int_equal(res.reason.ace_index, 1);
	res = check_as(t, "D:(A;;0x1;;;LA)(A;;0x2;;;BU)(A;;0x3;;;WD)",
		       READ | WRITE, 0);
	assert_int_equal(res.reason.ace_index, 1);
	gu_token_unref(t);
}

/* Step 4; the token is Low. */
static void integrity_withholds_before_the_dacl_is_asked(void **state)
{
	static const struct row rows[] = {
		{ "no label: may read", "D:(A;;FA;;;WD)", READ, READ,
		  GU_REASON_ALLOWED_ACE, 0 },
		{ "no label: may not write", "D:(A;;FA;;;WD)", WRITE, 0,
		  GU_REASON_INTEGRITY, WRITE },
		{ "Low label: may write", "D:(A;;FA;;;WD)S:(ML;;NW;;;LW)",
		  WRITE, WRITE, GU_REASON_ALLOWED_ACE, 0 },
		{ "no-read-up", "D:(A;;FA;;;WD)S:(ML;;NR;;;HI)", READ, 0,
		  GU_REASON_INTEGRITY, READ },
		{ "no-read-up alone lets write",
		  "D:(A;;FA;;;WD)S:(ML;;NR;;;HI)", WRITE, WRITE,
		  GU_REASON_ALLOWED_ACE, 0 },
		{ "no-execute-up", "D:(A;;FA;;;WD)S:(ML;;NX;;;HI)", EXECUTE, 0,
		  GU_REASON_INTEGRITY, EXECUTE },
		{ "shared bits survive no-write-up",
		  "D:(A;;FA;;;WD)S:(ML;;NW;;;HI)",
		  GU_READ_CONTROL | GU_SYNCHRONIZE,
		  GU_READ_CONTROL | GU_SYNCHRONIZE, GU_REASON_ALLOWED_ACE, 0 },
		{ "DELETE is in no kept mapping", "D:(A;;FA;;;WD)", GU_DELETE,
		  0, GU_REASON_INTEGRITY, GU_DELETE },
		{ "the owner is withheld as well", "O:LAD:", GU_WRITE_DAC, 0,
		  GU_REASON_INTEGRITY, GU_WRITE_DAC },
		{ "a NULL DACL is withheld as well", "D:NO_ACCESS_CONTROL",
		  WRITE, 0, GU_REASON_INTEGRITY, WRITE },
		{ "maximum is masked", "D:(A;;FA;;;WD)", MAX, FR | FX,
		  GU_REASON_ALLOWED_ACE, 0 },
		{ "maximum masked to nothing", "D:(A;;0x2;;;WD)S:(ML;;NW;;;HI)",
		  MAX, 0, GU_REASON_INTEGRITY, WRITE },
		{ "inherit-only label", "D:(A;;FA;;;WD)S:(ML;OIIO;NR;;;HI)",
		  READ, READ, GU_REASON_ALLOWED_ACE, 0 },
	};
	struct gu_token *t = user_token();

	(void)state;
	t->integrity = GU_IL_LOW;
	check_rows(t, rows, COUNT(rows), 0);
}

static void integrity_asks_the_token_policy(void **state)
{
	static const struct row free_row = {
		"no policy", "D:(A;;FA;;;WD)",      WRITE,
		WRITE,       GU_REASON_ALLOWED_ACE, 0
	};
	struct gu_token *t = user_token();

	(void)state;
	t->integrity = GU_IL_LOW;
	t->policy = 0;
	check_rows(t, &free_row, 1, 0);
}

static void relabel_privilege_gives_write_owner_back(void **state)
{
	static const struct row row = {
		"relabel",      "D:(A;;FR;;;WD)",         GU_WRITE_OWNER,
		GU_WRITE_OWNER, GU_REASON_FROM_PRIVILEGE, GU_WRITE_OWNER
	};
	struct gu_token *t = user_token();

	(void)state;
	t->integrity = GU_IL_LOW;
	enable(t, GU_PRIV_Relabel);
	check_rows(t, &row, 1, 0);
}

/* Step 5. */
static void the_sacl_takes_a_privilege_and_nothing_else(void **state)
{
	static const struct row without = { "without",
					    "D:NO_ACCESS_CONTROL",
					    GU_ACCESS_SYSTEM_SECURITY,
					    0,
					    GU_REASON_MISSING_PRIVILEGE,
					    GU_ACCESS_SYSTEM_SECURITY };
	static const struct row with = { "with",
					 "D:",
					 GU_ACCESS_SYSTEM_SECURITY,
					 GU_ACCESS_SYSTEM_SECURITY,
					 GU_REASON_FROM_PRIVILEGE,
					 GU_ACCESS_SYSTEM_SECURITY };
	static const struct row and_more = { "with, and a bit the DACL denies",
					     "D:(D;;FA;;;WD)",
					     GU_ACCESS_SYSTEM_SECURITY | READ,
					     0,
					     GU_REASON_DENIED_ACE,
					     READ };
	struct gu_token *t = user_token();
	struct gu_access_result res;

	(void)state;
	check_row(t, &without, 0);
	t->present |= GU_PRIV_BIT(GU_PRIV_Security);
	check_row(t, &without, 0);
	enable(t, GU_PRIV_Security);
	check_row(t, &with, 0);
	check_row(t, &and_more, 0);
	res = check_as(t, "D:", GU_ACCESS_SYSTEM_SECURITY, 0);
	assert_int_equal(res.privileges_used, GU_PRIV_BIT(GU_PRIV_Security));
	assert_int_equal(res.reason.detail, GU_PRIV_Security);
	res = check_as(t, "D:(D;;FA;;;WD)", GU_ACCESS_SYSTEM_SECURITY | READ,
		       0);
	assert_int_equal(res.privileges_used, 0);
	gu_token_unref(t);
}

static void the_label_does_not_guard_the_sacl(void **state)
{
	static const struct row row = { "Low token",
					"D:S:(ML;;NWNRNX;;;HI)",
					GU_ACCESS_SYSTEM_SECURITY,
					GU_ACCESS_SYSTEM_SECURITY,
					GU_REASON_FROM_PRIVILEGE,
					GU_ACCESS_SYSTEM_SECURITY };
	struct gu_token *t = user_token();

	(void)state;
	t->integrity = GU_IL_LOW;
	enable(t, GU_PRIV_Security);
	check_rows(t, &row, 1, 0);
}

static void take_ownership_beats_deny_aces(void **state)
{
	static const struct row row = {
		"take ownership", "D:(D;;FA;;;WD)",         GU_WRITE_OWNER,
		GU_WRITE_OWNER,   GU_REASON_FROM_PRIVILEGE, GU_WRITE_OWNER
	};
	struct gu_token *t = user_token();
	struct gu_access_result res;

	(void)state;
	enable(t, GU_PRIV_TakeOwnership);
	res = check_as(t, row.sddl, row.desired, 0);
	assert_int_equal(res.privileges_used,
			 GU_PRIV_BIT(GU_PRIV_TakeOwnership));
	check_rows(t, &row, 1, 0);
}

/* Backup intent, semantics 5.2 below the table. */
static void backup_intent_uses_both_privileges(void **state)
{
	static const struct row rows[] = {
		{ "read", "D:(D;;FA;;;WD)", FR | GU_READ_CONTROL, FR,
		  GU_REASON_FROM_PRIVILEGE, 0 },
		{ "write", "D:(D;;FA;;;WD)", FW | GU_DELETE | GU_WRITE_DAC,
		  FW | GU_DELETE | GU_WRITE_DAC, GU_REASON_FROM_PRIVILEGE, 0 },
		{ "the SACL", "D:", GU_ACCESS_SYSTEM_SECURITY,
		  GU_ACCESS_SYSTEM_SECURITY, GU_REASON_FROM_PRIVILEGE, 0 },
		{ "the rest is up to the DACL", "D:(D;;FA;;;WD)", FR | 0x40, 0,
		  GU_REASON_DENIED_ACE, 0x40 },
		{ "maximum", "D:(A;;0x40;;;WD)", MAX,
		  FR | 0x20 | FW | GU_DELETE | GU_WRITE_DAC | GU_WRITE_OWNER |
			  0x40,
		  GU_REASON_ALLOWED_ACE, 0x40 },
	};
	static const struct row unflagged = { "without the flag",
					      "D:(D;;FA;;;WD)",
					      READ,
					      0,
					      GU_REASON_DENIED_ACE,
					      READ };
	struct gu_token *t = user_token();

	(void)state;
	enable(t, GU_PRIV_Backup);
	enable(t, GU_PRIV_Restore);
	check_row(t, &unflagged, 0);
	check_rows(t, rows, COUNT(rows), GU_CHECK_BACKUP_INTENT);
}

static void backup_intent_without_privileges_is_an_ordinary_check(void **state)
{
	static const struct row rows[] = {
		{ "denied", "D:(D;;FA;;;WD)", READ, 0, GU_REASON_DENIED_ACE,
		  READ },
		{ "granted", "D:(A;;FA;;;WD)", READ, READ,
		  GU_REASON_ALLOWED_ACE, READ },
	};

	(void)state;
	check_rows(user_token(), rows, COUNT(rows), GU_CHECK_BACKUP_INTENT);
}

/* Step 12. */
static void a_restricted_token_is_checked_twice(void **state)
{
	static const struct row rows[] = {
		{ "both grant", "D:(A;;FA;;;LA)(A;;FR;;;RC)", READ, READ,
		  GU_REASON_ALLOWED_ACE, 0 },
		{ "one ACE for both", "D:(A;;FR;;;WD)", READ, READ,
		  GU_REASON_ALLOWED_ACE, 0 },
		{ "only the user", "D:(A;;FA;;;LA)(A;;FR;;;RC)", WRITE, 0,
		  GU_REASON_RESTRICTED, WRITE },
		{ "only the restricting SID", "D:(A;;FA;;;RC)", READ, 0,
		  GU_REASON_NO_GRANT, READ },
		{ "denied to the restricting SID",
		  "D:(D;;0x1;;;RC)(A;;FA;;;WD)", READ, 0, GU_REASON_RESTRICTED,
		  READ },
		{ "the owner must be one", "O:LAD:(A;;FR;;;WD)", GU_WRITE_DAC,
		  0, GU_REASON_RESTRICTED, GU_WRITE_DAC },
		{ "maximum is what both grant", "D:(A;;0x3;;;LA)(A;;0x5;;;RC)",
		  MAX, READ, GU_REASON_ALLOWED_ACE, 0 },
		{ "maximum of nothing in common",
		  "D:(A;;0x2;;;LA)(A;;0x1;;;RC)", MAX, 0, GU_REASON_RESTRICTED,
		  WRITE },
		{ "a NULL DACL", "D:NO_ACCESS_CONTROL", FA, FA,
		  GU_REASON_NULL_DACL, 0 },
	};
	struct gu_token *t = user_token();

	(void)state;
	restrict_to(t, "RC");
	restrict_to(t, "WD");
	check_rows(t, rows, COUNT(rows), 0);
}

static void a_write_restricted_token_reads_as_its_user(void **state)
{
	static const struct row rows[] = {
		{ "read", "D:(A;;FA;;;LA)", FR, FR, GU_REASON_ALLOWED_ACE, 0 },
		{ "execute", "D:(A;;FA;;;LA)", FX, FX, GU_REASON_ALLOWED_ACE,
		  0 },
		{ "write", "D:(A;;FA;;;LA)", WRITE, 0, GU_REASON_RESTRICTED,
		  WRITE },
		{ "write granted", "D:(A;;FA;;;LA)(A;;FW;;;WR)", WRITE, WRITE,
		  GU_REASON_ALLOWED_ACE, 0 },
		{ "maximum", "D:(A;;FA;;;LA)", MAX, FR | FX,
		  GU_REASON_ALLOWED_ACE, 0 },
	};
	struct gu_token *t = user_token();

	(void)state;
	restrict_to(t, "WR");
	t->flags |= GU_TOKEN_WRITE_RESTRICTED;
	check_rows(t, rows, COUNT(rows), 0);
}

static void a_token_restricted_to_none_gets_nothing(void **state)
{
	static const struct row row = {
		"none left", "O:LAD:(A;;FA;;;WD)", READ,
		0,           GU_REASON_RESTRICTED, READ
	};
	struct gu_token *t = user_token();

	(void)state;
	t->flags |= GU_TOKEN_RESTRICTED_TO_NONE;
	check_rows(t, &row, 1, 0);
}

/* Step 13. */
static struct gu_token *container_token(void)
{
	struct gu_token *t = user_token();
	struct gu_sid capability = sid_of("S-1-15-3-1");

	t->package = sid_of("S-1-15-2-11-12");
	assert_rc_ok(gu_token_add_capability(t, &capability, NULL));
	return t;
}

static void an_app_container_needs_a_grant_of_its_own(void **state)
{
	static const struct row rows[] = {
		{ "legacy ACL", "D:(A;;FA;;;LA)", READ, 0,
		  GU_REASON_NOT_GRANTED_TO_APPCONTAINER, READ },
		{ "package", "D:(A;;FA;;;LA)(A;;FR;;;S-1-15-2-11-12)", READ,
		  READ, GU_REASON_ALLOWED_ACE, 0 },
		{ "capability", "D:(A;;FA;;;LA)(A;;FR;;;S-1-15-3-1)", READ,
		  READ, GU_REASON_ALLOWED_ACE, 0 },
		{ "all packages", "D:(A;;FA;;;LA)(A;;FR;;;AC)", READ, READ,
		  GU_REASON_ALLOWED_ACE, 0 },
		{ "another package", "D:(A;;FA;;;LA)(A;;FR;;;S-1-15-2-11-13)",
		  READ, 0, GU_REASON_NOT_GRANTED_TO_APPCONTAINER, READ },
		{ "all restricted packages",
		  "D:(A;;FA;;;LA)"
		  "(A;;FR;;;S-1-15-2-2)",
		  READ, 0, GU_REASON_NOT_GRANTED_TO_APPCONTAINER, READ },
		{ "the package alone", "D:(A;;FA;;;AC)", READ, 0,
		  GU_REASON_NO_GRANT, READ },
		{ "denied to the package",
		  "D:(D;;0x1;;;S-1-15-2-11-12)(A;;FA;;;LA)(A;;FA;;;AC)", READ,
		  0, GU_REASON_NOT_GRANTED_TO_APPCONTAINER, READ },
		{ "the package as owner does not count",
		  "O:S-1-15-2-11-12D:(A;;FA;;;LA)(A;;FR;;;AC)", GU_WRITE_DAC, 0,
		  GU_REASON_NOT_GRANTED_TO_APPCONTAINER, GU_WRITE_DAC },
		{ "the owner does not count", "O:LAD:(A;;FR;;;AC)",
		  GU_WRITE_DAC, 0, GU_REASON_NOT_GRANTED_TO_APPCONTAINER,
		  GU_WRITE_DAC },
		{ "a NULL DACL", "D:NO_ACCESS_CONTROL", READ, READ,
		  GU_REASON_NULL_DACL, 0 },
		{ "maximum is what both grant", "D:(A;;0x3;;;LA)(A;;0x5;;;AC)",
		  MAX, READ, GU_REASON_ALLOWED_ACE, 0 },
	};

	(void)state;
	check_rows(container_token(), rows, COUNT(rows), 0);
}

static void a_less_privileged_container_is_in_another_group(void **state)
{
	static const struct row rows[] = {
		{ "all packages", "D:(A;;FA;;;LA)(A;;FR;;;AC)", READ, 0,
		  GU_REASON_NOT_GRANTED_TO_APPCONTAINER, READ },
		{ "all restricted packages",
		  "D:(A;;FA;;;LA)(A;;FR;;;S-1-15-2-2)", READ, READ,
		  GU_REASON_ALLOWED_ACE, 0 },
	};
	struct gu_token *t = container_token();

	(void)state;
	t->flags |= GU_TOKEN_LPAC;
	check_rows(t, rows, COUNT(rows), 0);
}

/* Step 10, no object type list. */
static void object_aces_about_a_part_are_skipped(void **state)
{
	static const struct row rows[] = {
		{ "allow without GUID", "D:(OA;;FR;;;WD)", READ, READ,
		  GU_REASON_ALLOWED_ACE, READ },
		{ "deny without GUID", "D:(OD;;0x1;;;WD)(A;;FA;;;WD)", READ, 0,
		  GU_REASON_DENIED_ACE, READ },
		{ "inherited type alone is no part",
		  "D:(OA;;FR;;bf967aba-0de6-11d0-a285-00aa003049e2;WD)", READ,
		  READ, GU_REASON_ALLOWED_ACE, READ },
		{ "allow with GUID",
		  "D:(OA;;FR;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)", READ,
		  0, GU_REASON_NO_GRANT, READ },
		{ "deny with GUID",
		  "D:(OD;;FR;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)"
		  "(A;;FA;;;WD)",
		  READ, READ, GU_REASON_ALLOWED_ACE, READ },
	};

	(void)state;
	check_rows(user_token(), rows, COUNT(rows), 0);
}

static struct gu_access_result check_acl(uint8_t type, uint8_t then)
{
	struct gu_token *t = user_token();
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_request req = {
		.sd = &sd, .token = t, .map = &file_map, .desired = READ
	};
	struct gu_access_result res;

	sd.control = GU_SE_DACL_PRESENT;
	assert_rc_ok(gu_acl_add(&sd.dacl, type, FA, &t->user, NULL));
	assert_rc_ok(gu_acl_add(&sd.dacl, then, FA, &t->user, NULL));
	gu_access_check(&req, &res);
	gu_sd_release(&sd);
	gu_token_unref(t);
	return res;
}

static void a_condition_that_is_unknown_only_denies(void **state)
{
	/* Step 11. */
	(void)state;
	assert_true(check_acl(GU_ACE_ALLOW_CALLBACK, GU_ACE_ALLOW).granted);
	assert_int_equal(
		check_acl(GU_ACE_ALLOW_CALLBACK, GU_ACE_ALLOW).reason.ace_index,
		1);
	assert_false(check_acl(GU_ACE_DENY_CALLBACK, GU_ACE_ALLOW).granted);
	assert_false(
		check_acl(GU_ACE_DENY_CALLBACK_OBJECT, GU_ACE_ALLOW).granted);
}

static void unknown_ace_types_are_skipped(void **state)
{
	static const uint8_t types[] = { GU_ACE_AUDIT, GU_ACE_ALARM,
					 GU_ACE_ALLOW_COMPOUND,
					 GU_ACE_RESOURCE_ATTRIBUTE, 0x77 };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		assert_int_equal(
			check_acl(types[i], GU_ACE_ALLOW).reason.ace_index, 1);
		assert_false(check_acl(types[i], GU_ACE_DENY).granted);
	}
}

static void principal_self_is_who_the_caller_says(void **state)
{
	struct gu_token *t = user_token();
	struct gu_sid users = sid_of("BU");
	struct gu_sid other = sid_of("SY");
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_request req = {
		.sd = &sd, .token = t, .map = &file_map, .desired = READ
	};
	struct gu_access_result res;

	(void)state;
	assert_rc_ok(gu_sddl_parse(&sd, "D:(A;;FR;;;PS)", NULL, NULL));
	gu_access_check(&req, &res);
	assert_false(res.granted);
	req.self = &users;
	gu_access_check(&req, &res);
	assert_true(res.granted);
	req.self = &other;
	gu_access_check(&req, &res);
	assert_false(res.granted);
	gu_sd_release(&sd);
	gu_token_unref(t);
}

static void a_deny_only_user_is_denied_but_not_granted(void **state)
{
	static const struct row rows[] = {
		{ "allow", "D:(A;;FR;;;LA)", READ, 0, GU_REASON_NO_GRANT, 0 },
		{ "deny", "D:(D;;FR;;;LA)(A;;FA;;;WD)", READ, 0,
		  GU_REASON_DENIED_ACE, READ },
		{ "owner", "O:LAD:(A;;0x2;;;WD)", GU_WRITE_DAC, 0,
		  GU_REASON_NO_GRANT, 0 },
	};
	struct gu_token *t = user_token();

	(void)state;
	t->user_deny_only = true;
	check_rows(t, rows, COUNT(rows), 0);
}

static void reasons_read_as_one_sentence(void **state)
{
	static const struct {
		const char *sddl;
		uint32_t desired;
		const char *text;
	} rows[] = {
		{ "D:(A;OI;FR;;;SY)(A;CI;FR;;;BU)", READ,
		  "granted by ACE 1 (A;CI;FR;;;BU) on 0x1: S-1-5-32-545 "
		  "(BUILTIN\\Users) matched" },
		{ "D:(D;;FW;;;BU)", WRITE,
		  "denied by ACE 0 (D;;FW;;;BU) on 0x2: S-1-5-32-545 "
		  "(BUILTIN\\Users) matched" },
		{ "D:(A;;FR;;;LA)", READ,
		  "granted by ACE 0 (A;;FR;;;LA) on 0x1: S-1-5-21-0-0-0-500 "
		  "matched" },
		{ "D:(A;;FR;;;SY)", READ | WRITE,
		  "denied on 0x3: no ACE grants it" },
		{ "D:", READ, "denied on 0x1: the DACL is empty" },
		{ "D:NO_ACCESS_CONTROL", READ,
		  "granted: the object has no DACL" },
		{ NULL, READ, "denied: no security descriptor" },
		{ "D:", 0, "denied: no access was asked for" },
		{ "O:BUD:", GU_READ_CONTROL,
		  "granted on 0x20000 to the owner, S-1-5-32-545 "
		  "(BUILTIN\\Users)" },
		{ "D:", GU_ACCESS_SYSTEM_SECURITY,
		  "denied on 0x1000000: SeSecurityPrivilege is not enabled" },
		{ "D:", GU_WRITE_OWNER,
		  "granted on 0x80000 by SeTakeOwnershipPrivilege" },
		{ "D:S:(ML;;NW;;;HI)", WRITE,
		  "denied by integrity on 0x2: the token is Medium, the object "
		  "High, label ACE 0 (ML;;NW;;;HI)" },
	};
	struct gu_token *t = user_token();
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	enable(t, GU_PRIV_TakeOwnership);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_access_result res =
			check_as(t, rows[i].sddl, rows[i].desired, 0);

		gu_buf_reset(&b);
		gu_reason_format(&res.reason, &b);
		if (strcmp(b.data, rows[i].text) != 0) {
			fail_msg("%s", b.data);
		}
	}
	gu_buf_release(&b);
	gu_token_unref(t);
}

static void reasons_of_the_second_pass_say_so(void **state)
{
	struct gu_token *t = user_token();
	struct gu_access_result res;
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	restrict_to(t, "RC");
	res = check_as(t, "D:(A;;FA;;;WD)", READ, 0);
	gu_reason_format(&res.reason, &b);
	assert_string_equal(b.data, "denied on 0x1: no ACE grants it to the "
				    "token's restricting SIDs");
	gu_buf_reset(&b);
	res = check_as(t, "D:(A;;FA;;;WD)(D;;FR;;;RC)", READ, 0);
	gu_reason_format(&res.reason, &b);
	assert_string_equal(b.data,
			    "denied on 0x1: ACE 1 (D;;FR;;;RC) denies it to "
			    "the token's restricting SIDs");
	gu_buf_release(&b);
	gu_token_unref(t);
}

static void reasons_from_outside_the_check_read_as_well(void **state)
{
	static const struct {
		struct gu_reason reason;
		const char *text;
	} rows[] = {
		{ { .code = GU_REASON_LEVEL, .level = GU_LEVEL_IDENTIFICATION },
		  "denied: the token's level is Identification, below "
		  "Impersonation" },
		{ { .code = GU_REASON_HANDLE_RIGHTS, .bits = 2 },
		  "decided on 0x2 by the handle" },
		{ { .code = GU_REASON_NONE }, "no reason was recorded" },
		{ { .code = 0x7777 }, "reason 0x7777" },
	};
	struct gu_buf b = GU_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		gu_buf_reset(&b);
		gu_reason_format(&rows[i].reason, &b);
		row_check(strcmp(b.data, rows[i].text) == 0, rows[i].text);
	}
	gu_buf_release(&b);
}

static void masks_without_generic_bits_are_left_alone(void **state)
{
	(void)state;
	assert_int_equal(gu_mask_map(0x0FFFFFFF, &file_map), 0x0FFFFFFF);
	assert_int_equal(gu_mask_map(GU_GENERIC_READ, &file_map), FR);
	assert_int_equal(gu_mask_map(GU_GENERIC_WRITE, &file_map), FW);
	assert_int_equal(gu_mask_map(GU_GENERIC_EXECUTE, &file_map), FX);
	assert_int_equal(gu_mask_map(GU_GENERIC_ALL | 1, &file_map), FA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_walk_stops_at_the_first_denial_or_the_last_grant),
		cmocka_unit_test(generic_rights_are_mapped_on_both_sides),
		cmocka_unit_test(
			a_null_dacl_grants_all_and_an_empty_one_nothing),
		cmocka_unit_test(no_descriptor_and_no_request_are_refused),
		cmocka_unit_test(the_owner_reads_and_writes_the_dacl),
		cmocka_unit_test(
			maximum_allowed_collects_what_is_granted_first),
		cmocka_unit_test(the_reason_is_the_ace_that_granted_last),
		cmocka_unit_test(integrity_withholds_before_the_dacl_is_asked),
		cmocka_unit_test(integrity_asks_the_token_policy),
		cmocka_unit_test(relabel_privilege_gives_write_owner_back),
		cmocka_unit_test(the_sacl_takes_a_privilege_and_nothing_else),
		cmocka_unit_test(the_label_does_not_guard_the_sacl),
		cmocka_unit_test(take_ownership_beats_deny_aces),
		cmocka_unit_test(backup_intent_uses_both_privileges),
		cmocka_unit_test(
			backup_intent_without_privileges_is_an_ordinary_check),
		cmocka_unit_test(a_restricted_token_is_checked_twice),
		cmocka_unit_test(a_write_restricted_token_reads_as_its_user),
		cmocka_unit_test(a_token_restricted_to_none_gets_nothing),
		cmocka_unit_test(an_app_container_needs_a_grant_of_its_own),
		cmocka_unit_test(
			a_less_privileged_container_is_in_another_group),
		cmocka_unit_test(object_aces_about_a_part_are_skipped),
		cmocka_unit_test(a_condition_that_is_unknown_only_denies),
		cmocka_unit_test(unknown_ace_types_are_skipped),
		cmocka_unit_test(principal_self_is_who_the_caller_says),
		cmocka_unit_test(a_deny_only_user_is_denied_but_not_granted),
		cmocka_unit_test(reasons_read_as_one_sentence),
		cmocka_unit_test(reasons_of_the_second_pass_say_so),
		cmocka_unit_test(reasons_from_outside_the_check_read_as_well),
		cmocka_unit_test(masks_without_generic_bits_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
