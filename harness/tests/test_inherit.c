/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "inherit.h"
#include "sddl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define INVALID_OWNER      0xC000005Au
#define PRIVILEGE_NOT_HELD 0xC0000061u
#define SENTINEL           0xA5A5A5A5u

enum {
	AUTO = GU_SEF_DACL_AUTO_INHERIT | GU_SEF_SACL_AUTO_INHERIT,
	ON = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT |
	     GU_GROUP_ENABLED,
};

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, 0x1F01FF };

static void parse(struct gu_sd *sd, const char *sddl)
{
	assert_rc_ok(gu_sddl_parse(sd, sddl, NULL, NULL));
}

/* LA, whose new objects are owned by itself, its group Users, and open to
 * itself alone. */
static struct gu_token *creator(void)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_token *t = NULL;

	parse(&sd, "O:LAG:BUD:(A;;GA;;;LA)");
	assert_rc_ok(gu_token_new(&t, NULL));
	t->user = t->owner = sd.owner;
	t->primary_group = sd.group;
	t->has_default_dacl = true;
	assert_rc_ok(gu_acl_copy(&t->default_dacl, &sd.dacl, NULL));
	assert_rc_ok(gu_token_add_group(t, &sd.group, ON, NULL));
	gu_sd_release(&sd);
	return t;
}

/* Semantics 5.7: the kinds of SACL entries, each set on its own. */
#define LABEL     "(ML;;NW;;;ME)"
#define ATTRIBUTE "(RA;;;;;WD;(\"a\",TI,0x0,1))"
#define SCOPE     "(SP;;;;;S-1-17-1)"
#define TRUST     "(TL;;FR;;;S-1-19-512-8192)"
#define FILTER    "(FL;;FR;;;WD;(Exists a))"
#define AUDIT     "(AU;SA;FA;;;WD)"

struct row {
	const char *name;
	const char *parent; /* NULL: none */
	const char *wish;   /* NULL: none */
	const char *made;
	uint32_t flags;
	bool container;
};

static void check_row(const struct row *row)
{
	struct gu_token *token = creator();
	struct gu_sd parent = GU_SD_INIT, wish = GU_SD_INIT, made = GU_SD_INIT;
	struct gu_inherit_request req = { .token = token,
					  .map = &file_map,
					  .container = row->container,
					  .flags = row->flags };
	struct gu_buf text = GU_BUF_INIT;
	uint32_t status = SENTINEL;

	if (row->parent) {
		parse(&parent, row->parent);
		req.parent = &parent;
	}
	if (row->wish) {
		parse(&wish, row->wish);
		req.creator = &wish;
	}
	assert_rc_ok(gu_inherit(&made, &req, &status, NULL));
	row_check(status == 0, row->name);
	gu_sddl_format(&made, GU_SECINFO_ALL, NULL, &text);
	if (strcmp(text.data, row->made) != 0) {
		fail_msg("row \"%s\": %s", row->name, text.data);
	}
	gu_buf_release(&text);
	gu_sd_release(&parent);
	gu_sd_release(&wish);
	gu_sd_release(&made);
	gu_token_unref(token);
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_row(&rows[i]);
	}
}

static void what_is_asked_for_beats_parent_and_defaults(void **state)
{
	static const struct row rows[] = {
		{ "no parent, no wish", NULL, NULL, "O:LAG:BUD:(A;;FA;;;LA)", 0,
		  false },
		{ "a wish", "D:(A;OICI;FA;;;SY)", "D:(A;;GR;;;WD)",
		  "O:LAG:BUD:(A;;FR;;;WD)", 0, false },
		{ "an empty wish", "D:(A;OICI;FA;;;SY)", "D:", "O:LAG:BUD:", 0,
		  false },
		{ "a wish for no DACL", "D:(A;OICI;FA;;;SY)",
		  "D:NO_ACCESS_CONTROL", "O:LAG:BUD:NO_ACCESS_CONTROL", 0,
		  false },
		{ "owner and group", NULL, "O:LAG:WD", "O:LAG:WDD:(A;;FA;;;LA)",
		  0, false },
		{ "a wish keeps CREATOR OWNER", NULL, "D:(A;;GR;;;CO)",
		  "O:LAG:BUD:(A;;FR;;;CO)", 0, true },
		{ "generic rights stay where they are for children", NULL,
		  "D:(A;OIIO;GR;;;WD)", "O:LAG:BUD:(A;OIIO;GR;;;WD)", 0, true },
		{ "mere defaults give way to the parent", "D:(A;OI;FR;;;SY)",
		  "D:(A;;FA;;;WD)", "O:LAG:BUD:(A;;FR;;;SY)",
		  GU_SEF_DEFAULT_DESCRIPTOR, false },
		{ "but not to nothing", "D:(A;;FR;;;SY)", "D:(A;;FA;;;WD)",
		  "O:LAG:BUD:(A;;FA;;;WD)", GU_SEF_DEFAULT_DESCRIPTOR, false },
		{ "owner from the parent", "O:SYG:SYD:", NULL,
		  "O:SYG:SYD:(A;;FA;;;LA)",
		  GU_SEF_OWNER_FROM_PARENT | GU_SEF_GROUP_FROM_PARENT, false },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void flags_say_who_inherits_and_hands_on(void **state)
{
	static const struct row rows[] = {
		{ "OI to an object", "D:(A;OI;FR;;;WD)", NULL,
		  "O:LAG:BUD:(A;;FR;;;WD)", 0, false },
		{ "OI to a container: for its children", "D:(A;OI;FR;;;WD)",
		  NULL, "O:LAG:BUD:(A;OIIO;FR;;;WD)", 0, true },
		{ "CI to an object: not", "D:(A;CI;FR;;;WD)", NULL,
		  "O:LAG:BUD:(A;;FA;;;LA)", 0, false },
		{ "CI to a container", "D:(A;CI;FR;;;WD)", NULL,
		  "O:LAG:BUD:(A;CI;FR;;;WD)", 0, true },
		{ "inherit-only takes effect", "D:(A;OICIIO;FR;;;WD)", NULL,
		  "O:LAG:BUD:(A;OICI;FR;;;WD)", 0, true },
		{ "NP stops after one", "D:(A;OICINP;FR;;;WD)", NULL,
		  "O:LAG:BUD:(A;;FR;;;WD)", 0, true },
		{ "OI and NP skip a container", "D:(A;OINP;FR;;;WD)", NULL,
		  "O:LAG:BUD:(A;;FA;;;LA)", 0, true },
		{ "generic rights split", "D:(A;CI;GR;;;WD)", NULL,
		  "O:LAG:BUD:(A;;FR;;;WD)(A;CIIO;GR;;;WD)", 0, true },
		{ "CREATOR OWNER and GROUP split",
		  "D:(A;OICI;FA;;;CO)(A;OICI;FR;;;CG)", NULL,
		  "O:LAG:BUD:(A;;FA;;;LA)(A;OICIIO;FA;;;CO)"
		  "(A;;FR;;;BU)(A;OICIIO;FR;;;CG)",
		  0, true },
		{ "CREATOR OWNER of an object", "D:(A;OICI;GA;;;CO)", NULL,
		  "O:LAG:BUD:(A;;FA;;;LA)", 0, false },
		{ "audit entries", "D:(A;OI;FR;;;WD)S:(AU;OISAFA;FA;;;WD)",
		  NULL, "O:LAG:BUD:(A;;FR;;;WD)S:(AU;SAFA;FA;;;WD)", 0, false },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void automatic_inheritance_marks_and_merges(void **state)
{
	static const struct row rows[] = {
		{ "inherited entries are marked", "D:(A;OI;FR;;;WD)", NULL,
		  "O:LAG:BUD:AI(A;ID;FR;;;WD)", AUTO, false },
		{ "a wish comes first", "D:(D;OI;FW;;;WD)", "D:(A;;FA;;;LA)",
		  "O:LAG:BUD:AI(A;;FA;;;LA)(D;ID;FW;;;WD)", AUTO, false },
		{ "a protected wish stands alone", "D:(D;OI;FW;;;WD)",
		  "D:P(A;;FA;;;LA)", "O:LAG:BUD:PAI(A;;FA;;;LA)", AUTO, false },
		{ "inherited entries of a wish are made anew",
		  "D:(A;OI;FR;;;WD)", "D:(A;;FA;;;LA)(A;ID;FA;;;SY)",
		  "O:LAG:BUD:AI(A;;FA;;;LA)(A;ID;FR;;;WD)", AUTO, false },
		{ "both halves of a split are marked", "D:(A;CI;GR;;;WD)", NULL,
		  "O:LAG:BUD:AI(A;ID;FR;;;WD)(A;CIIOID;GR;;;WD)", AUTO, true },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void typed_entries_are_for_objects_of_their_type(void **state)
{
	static const struct gu_guid ours = {
		{ 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA,
		  0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA }
	};
	struct gu_token *token = creator();
	struct gu_sd parent = GU_SD_INIT, made = GU_SD_INIT;
	struct gu_inherit_request req = { .parent = &parent,
					  .token = token,
					  .map = &file_map,
					  .container = true };
	uint32_t status = SENTINEL;

	(void)state;
	parse(&parent, "D:(OA;CI;CR;;aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa;WD)");
	assert_rc_ok(gu_inherit(&made, &req, &status, NULL));
	assert_int_equal(made.dacl.count, 1);
	assert_int_equal(made.dacl.aces[0].flags,
			 GU_ACE_CONTAINER_INHERIT | GU_ACE_INHERIT_ONLY);
	gu_sd_release(&made);
	req.types = &ours;
	req.type_count = 1;
	assert_rc_ok(gu_inherit(&made, &req, &status, NULL));
	assert_int_equal(made.dacl.count, 1);
	assert_int_equal(made.dacl.aces[0].flags, GU_ACE_CONTAINER_INHERIT);
	gu_sd_release(&made);
	gu_sd_release(&parent);
	gu_token_unref(token);
}

/* Semantics 5.7: the owner must be the user or a group with that attribute,
 * unless SeRestorePrivilege is enabled. */
static void not_everybody_can_be_made_owner(void **state)
{
	static const struct {
		const char *name;
		const char *owner;
		uint32_t attributes; /* of BU */
		gu_privset enabled;
		bool allowed;
	} rows[] = {
		{ "the user", "LA", ON, 0, true },
		{ "a plain group", "BU", ON, 0, false },
		{ "an owner group", "BU", ON | GU_GROUP_OWNER, 0, true },
		{ "a deny-only owner group", "BU",
		  GU_GROUP_OWNER | GU_GROUP_DENY_ONLY, 0, false },
		{ "a stranger", "SY", ON, 0, false },
		{ "a stranger, with SeRestore", "SY", ON,
		  GU_PRIV_BIT(GU_PRIV_Restore), true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_token *token = creator();
		struct gu_sid owner = GU_SID_NONE;

		assert_rc_ok(gu_sddl_parse_sid(&owner, rows[i].owner, 2, NULL,
					       NULL));
		token->groups[0].attributes = rows[i].attributes;
		token->enabled = rows[i].enabled;
		row_check(gu_owner_allowed(token, &owner) == rows[i].allowed,
			  rows[i].name);
		gu_token_unref(token);
	}
}

static uint32_t status_of(const char *wish, uint32_t flags, gu_privset enabled)
{
	struct gu_token *token = creator();
	struct gu_sd sd = GU_SD_INIT, made = GU_SD_INIT;
	const struct gu_inherit_request req = {
		.creator = &sd, .token = token, .map = &file_map, .flags = flags
	};
	uint32_t status = SENTINEL;

	token->enabled = enabled;
	parse(&sd, wish);
	assert_rc_ok(gu_inherit(&made, &req, &status, NULL));
	gu_sd_release(&sd);
	gu_sd_release(&made);
	gu_token_unref(token);
	return status;
}

static void wishes_beyond_the_token_are_refused(void **state)
{
	(void)state;
	assert_int_equal(status_of("O:SY", 0, 0), INVALID_OWNER);
	assert_int_equal(status_of("O:SY", GU_SEF_AVOID_OWNER_CHECK, 0), 0);
	assert_int_equal(status_of("S:(AU;SA;FA;;;WD)", 0, 0),
			 PRIVILEGE_NOT_HELD);
	assert_int_equal(status_of("S:(AU;SA;FA;;;WD)", 0,
				   GU_PRIV_BIT(GU_PRIV_Security)),
			 0);
	assert_int_equal(
		status_of("S:(AU;SA;FA;;;WD)", GU_SEF_AVOID_PRIVILEGE_CHECK, 0),
		0);
	assert_int_equal(status_of("S:(ML;;NW;;;LW)", 0, 0), 0);
	assert_int_equal(status_of("S:(ML;;NW;;;HI)", 0, 0),
			 PRIVILEGE_NOT_HELD);
	assert_int_equal(
		status_of("S:(ML;;NW;;;HI)", 0, GU_PRIV_BIT(GU_PRIV_Relabel)),
		0);
}

/* Semantics 4: a privilege counts for nothing below Impersonation. */
static void privileges_do_not_count_below_impersonation(void **state)
{
	static const enum gu_level levels[] = { GU_LEVEL_IDENTIFICATION,
						GU_LEVEL_IMPERSONATION };
	struct gu_sid stranger = GU_SID_NONE;
	struct gu_token *token = creator();

	(void)state;
	assert_rc_ok(gu_sddl_parse_sid(&stranger, "SY", 2, NULL, NULL));
	token->type = GU_TOKEN_IMPERSONATION;
	token->enabled = GU_PRIV_BIT(GU_PRIV_Restore);
	for (size_t i = 0; i < COUNT(levels); i++) {
		token->level = levels[i];
		row_check(gu_owner_allowed(token, &stranger) ==
				  (levels[i] == GU_LEVEL_IMPERSONATION),
			  gu_level_name(levels[i]));
	}
	gu_token_unref(token);
}

static void what_a_low_creator_makes_is_low(void **state)
{
	static const struct {
		const char *name;
		const char *parent;
		const char *wish;
		const char *sacl;
	} rows[] = {
		{ "nothing asked", "D:", "D:", "S:(ML;;NW;;;LW)" },
		{ "inherited", "S:(ML;OI;NWNR;;;LW)",
		  "D:", "S:(ML;;NWNR;;;LW)" },
		{ "asked for", "S:", "S:(ML;;NX;;;LW)", "S:(ML;;NX;;;LW)" },
		{ "attributes asked for", "S:", "S:" ATTRIBUTE,
		  "S:" ATTRIBUTE "(ML;;NW;;;LW)" },
	};
	struct gu_token *token = creator();

	(void)state;
	token->integrity = GU_IL_LOW;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd parent = GU_SD_INIT, wish = GU_SD_INIT;
		struct gu_sd made = GU_SD_INIT;
		const struct gu_inherit_request req = { .parent = &parent,
							.creator = &wish,
							.token = token,
							.map = &file_map };
		struct gu_buf text = GU_BUF_INIT;
		uint32_t status = SENTINEL;

		parse(&parent, rows[i].parent);
		parse(&wish, rows[i].wish);
		assert_rc_ok(gu_inherit(&made, &req, &status, NULL));
		row_check(status == 0, rows[i].name);
		gu_sddl_format(&made, GU_SECINFO_SACL_PARTS, NULL, &text);
		row_check(strcmp(text.data, rows[i].sacl) == 0, rows[i].name);
		gu_buf_release(&text);
		gu_sd_release(&parent);
		gu_sd_release(&wish);
		gu_sd_release(&made);
	}
	gu_token_unref(token);
}

static void parts_of_a_descriptor_need_their_rights(void **state)
{
	static const struct {
		const char *name;
		uint32_t secinfo;
		uint32_t read;
		uint32_t write;
	} rows[] = {
		{ "owner", GU_SECINFO_OWNER, GU_READ_CONTROL, GU_WRITE_OWNER },
		{ "group", GU_SECINFO_GROUP, GU_READ_CONTROL, GU_WRITE_OWNER },
		{ "DACL", GU_SECINFO_DACL, GU_READ_CONTROL, GU_WRITE_DAC },
		{ "SACL", GU_SECINFO_SACL, GU_ACCESS_SYSTEM_SECURITY,
		  GU_ACCESS_SYSTEM_SECURITY },
		{ "label", GU_SECINFO_LABEL, GU_READ_CONTROL, GU_WRITE_OWNER },
		{ "attributes", GU_SECINFO_ATTRIBUTE, GU_READ_CONTROL,
		  GU_WRITE_DAC },
		{ "scope", GU_SECINFO_SCOPE, GU_READ_CONTROL,
		  GU_ACCESS_SYSTEM_SECURITY },
		{ "protecting the DACL", GU_SECINFO_PROTECTED_DACL, 0,
		  GU_WRITE_DAC },
		{ "all, for a backup", GU_SECINFO_BACKUP,
		  GU_READ_CONTROL | GU_ACCESS_SYSTEM_SECURITY,
		  GU_WRITE_DAC | GU_WRITE_OWNER | GU_ACCESS_SYSTEM_SECURITY },
		{ "owner and DACL", GU_SECINFO_OWNER | GU_SECINFO_DACL,
		  GU_READ_CONTROL, GU_WRITE_OWNER | GU_WRITE_DAC },
		{ "nothing", 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		row_check(gu_secinfo_read_access(rows[i].secinfo) ==
				  rows[i].read,
			  rows[i].name);
		row_check(gu_secinfo_write_access(rows[i].secinfo) ==
				  rows[i].write,
			  rows[i].name);
	}
}

struct set_row {
	const char *name;
	const char *before;
	const char *from;
	uint32_t secinfo;
	const char *after; /* NULL: refused */
	uint32_t status;
};

static void check_set(const struct set_row *row)
{
	struct gu_token *token = creator();
	struct gu_sd sd = GU_SD_INIT, from = GU_SD_INIT;
	const struct gu_set_request req = { .secinfo = row->secinfo,
					    .from = &from,
					    .token = token,
					    .map = &file_map };
	struct gu_buf text = GU_BUF_INIT;
	uint32_t status = SENTINEL;

	parse(&sd, row->before);
	parse(&from, row->from);
	assert_rc_ok(gu_sd_set(&sd, &req, &status, NULL));
	row_check(status == row->status, row->name);
	gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, &text);
	if (strcmp(text.data, row->after ? row->after : row->before) != 0) {
		fail_msg("row \"%s\": %s", row->name, text.data);
	}
	gu_buf_release(&text);
	gu_sd_release(&sd);
	gu_sd_release(&from);
	gu_token_unref(token);
}

static void setting_replaces_the_parts_named(void **state)
{
	static const struct set_row rows[] = {
		{ "DACL alone", "O:LAG:BUD:(A;;FA;;;WD)",
		  "O:SYG:SYD:(A;;GR;;;SY)", GU_SECINFO_DACL,
		  "O:LAG:BUD:(A;;FR;;;SY)", 0 },
		{ "owner", "O:BUG:BUD:", "O:LA", GU_SECINFO_OWNER,
		  "O:LAG:BUD:", 0 },
		{ "a foreign owner", "O:LAG:BUD:", "O:SYD:(A;;FA;;;WD)",
		  GU_SECINFO_OWNER | GU_SECINFO_DACL, NULL, INVALID_OWNER },
		{ "no owner", "O:LAG:BUD:", "D:", GU_SECINFO_OWNER, NULL,
		  INVALID_OWNER },
		{ "label beside audit entries", "O:LAG:BUD:S:(AU;SA;FA;;;WD)",
		  "S:(ML;;NW;;;LW)", GU_SECINFO_LABEL,
		  "O:LAG:BUD:S:(ML;;NW;;;LW)(AU;SA;FA;;;WD)", 0 },
		{ "a label above the token's", "O:LAG:BUD:", "S:(ML;;NW;;;HI)",
		  GU_SECINFO_LABEL, NULL, PRIVILEGE_NOT_HELD },
		{ "protecting", "O:LAG:BUD:(A;;FA;;;WD)", "D:",
		  GU_SECINFO_PROTECTED_DACL, "O:LAG:BUD:P(A;;FA;;;WD)", 0 },
		{ "unprotecting", "O:LAG:BUD:P(A;;FA;;;WD)", "D:",
		  GU_SECINFO_UNPROTECTED_DACL, "O:LAG:BUD:(A;;FA;;;WD)", 0 },
		{ "AI alone is not taken over",
		  "O:LAG:BUD:", "D:AI(A;;FA;;;WD)", GU_SECINFO_DACL,
		  "O:LAG:BUD:(A;;FA;;;WD)", 0 },
		{ "a backup's descriptor replaces all",
		  "O:BUG:BUD:(A;;FA;;;WD)S:" LABEL, "O:LAG:SYD:(A;;FR;;;SY)S:",
		  GU_SECINFO_BACKUP, "O:LAG:SYD:(A;;FR;;;SY)S:", 0 },
		{ "a protected SACL", "O:LAG:BUS:", "S:P" AUDIT,
		  GU_SECINFO_SACL, "O:LAG:BUS:P" AUDIT, 0 },
		{ "generic rights of audit entries", "O:LAG:BU",
		  "S:(AU;SA;GA;;;WD)", GU_SECINFO_SACL, "O:LAG:BUS:" AUDIT, 0 },
		{ "generic rights for children",
		  "O:LAG:BUD:", "D:(A;OIIO;GR;;;WD)", GU_SECINFO_DACL,
		  "O:LAG:BUD:(A;OIIO;GR;;;WD)", 0 },
		{ "AI asked for is", "O:LAG:BUD:", "D:ARAI(A;;FA;;;WD)",
		  GU_SECINFO_DACL, "O:LAG:BUD:AI(A;;FA;;;WD)", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_set(&rows[i]);
	}
}

static void a_sacl_is_set_part_by_part(void **state)
{
	static const struct {
		const char *name;
		const char *entry; /* of the part */
		uint32_t part;
	} rows[] = {
		{ "label", LABEL, GU_SECINFO_LABEL },
		{ "attribute", ATTRIBUTE, GU_SECINFO_ATTRIBUTE },
		{ "scope", SCOPE, GU_SECINFO_SCOPE },
		{ "trust label", TRUST, GU_SECINFO_TRUST_LABEL },
		{ "access filter", FILTER, GU_SECINFO_FILTER },
		{ "audit", AUDIT, GU_SECINFO_SACL },
	};
	const char *all = "O:LAG:BUS:" LABEL ATTRIBUTE SCOPE TRUST FILTER AUDIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf without = GU_BUF_INIT, only = GU_BUF_INIT;
		const char *at = strstr(all, rows[i].entry);

		gu_buf_add(&without, all, (size_t)(at - all));
		gu_buf_adds(&without, at + strlen(rows[i].entry));
		gu_buf_addf(&only, "O:LAG:BUS:%s", rows[i].entry);
		check_set(&(struct set_row){ .name = rows[i].name,
					     .before = all,
					     .from = "S:",
					     .secinfo = rows[i].part,
					     .after = without.data });
		check_set(&(struct set_row){ .name = rows[i].name,
					     .before = "O:LAG:BUS:",
					     .from = all,
					     .secinfo = rows[i].part,
					     .after = only.data });
		gu_buf_release(&without);
		gu_buf_release(&only);
	}
}

static void children_follow_a_changed_parent(void **state)
{
	static const struct {
		const char *name;
		const char *child;
		const char *parent;
		const char *after;
		uint32_t secinfo;
	} rows[] = {
		{ "their own entries stay",
		  "O:LAG:BUD:AI(A;;FA;;;LA)(A;ID;FR;;;WD)", "D:(A;OI;FW;;;WD)",
		  "O:LAG:BUD:AI(A;;FA;;;LA)(A;ID;FW;;;WD)", GU_SECINFO_DACL },
		{ "a protected list stays", "O:LAG:BUD:PAI(A;ID;FR;;;WD)",
		  "D:(A;OI;FW;;;WD)", "O:LAG:BUD:PAI(A;ID;FR;;;WD)",
		  GU_SECINFO_DACL },
		{ "creators are the child's", "O:SYG:BUD:", "D:(A;OI;GA;;;CO)",
		  "O:SYG:BUD:AI(A;ID;FA;;;SY)", GU_SECINFO_DACL },
		{ "what is no longer inherited goes, and leaves an empty list",
		  "O:LAG:BUD:AI(A;ID;FR;;;WD)", "D:", "O:LAG:BUD:AI",
		  GU_SECINFO_DACL },
		{ "no DACL becomes what is inherited",
		  "O:LAG:BUD:NO_ACCESS_CONTROL", "D:(A;OI;FR;;;WD)",
		  "O:LAG:BUD:AI(A;ID;FR;;;WD)", GU_SECINFO_DACL },
		{ "no DACL stays when nothing is inherited",
		  "O:LAG:BUD:NO_ACCESS_CONTROL", "D:(A;;FR;;;WD)",
		  "O:LAG:BUD:NO_ACCESS_CONTROL", GU_SECINFO_DACL },
		{ "lists that were not set stay", "O:LAG:BUD:AI(A;ID;FR;;;WD)",
		  "D:S:(AU;OISA;FA;;;WD)",
		  "O:LAG:BUD:AI(A;ID;FR;;;WD)S:AI(AU;IDSA;FA;;;WD)",
		  GU_SECINFO_SACL },
		{ "neither list was set",
		  "O:LAG:BUD:AI(A;ID;FR;;;WD)S:", "D:S:(AU;OISA;FA;;;WD)",
		  "O:LAG:BUD:AI(A;ID;FR;;;WD)S:", GU_SECINFO_OWNER },
		{ "parts of a SACL that were not set stay",
		  "O:LAG:BUD:S:(AU;IDSA;FR;;;BU)",
		  "S:(ML;OI;NW;;;HI)(AU;OISA;FA;;;WD)",
		  "O:LAG:BUD:S:AI(AU;IDSA;FR;;;BU)(ML;ID;NW;;;HI)",
		  GU_SECINFO_LABEL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_sd child = GU_SD_INIT, parent = GU_SD_INIT;
		const struct gu_propagation how = {
			.parent = &parent,
			.map = &file_map,
			.secinfo = rows[i].secinfo,
		};
		struct gu_buf text = GU_BUF_INIT;

		parse(&child, rows[i].child);
		parse(&parent, rows[i].parent);
		assert_rc_ok(gu_sd_propagate(&child, &how, NULL));
		gu_sddl_format(&child, GU_SECINFO_ALL, NULL, &text);
		if (strcmp(text.data, rows[i].after) != 0) {
			fail_msg("row \"%s\": %s", rows[i].name, text.data);
		}
		gu_buf_release(&text);
		gu_sd_release(&child);
		gu_sd_release(&parent);
	}
}

static void running_out_of_memory_leaves_nothing_behind(void **state)
{
	struct gu_token *token = creator();
	struct gu_sd parent = GU_SD_INIT, wish = GU_SD_INIT, made = GU_SD_INIT;
	const struct gu_inherit_request req = { .parent = &parent,
						.creator = &wish,
						.token = token,
						.map = &file_map,
						.container = true,
						.flags = AUTO };
	uint32_t status;
	enum gu_rc rc = GU_RC_NOMEM;

	(void)state;
	parse(&parent, "D:(A;OICI;GA;;;CO)(A;CI;FR;;;WD)(A;CI;FR;;;SY)");
	parse(&wish, "D:(A;;FA;;;LA)(A;;FR;;;BU)");
	for (size_t n = 1; rc; n++) {
		assert_int_equal(rc, GU_RC_NOMEM);
		assert_int_equal(made.dacl.count, 0);
		gu_alloc_fail_nth(n);
		rc = gu_inherit(&made, &req, &status, NULL);
	}
	gu_alloc_fail_nth(0);
	assert_int_equal(made.dacl.count, 6);
	gu_sd_release(&made);
	gu_sd_release(&wish);
	gu_sd_release(&parent);
	gu_token_unref(token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_for_beats_parent_and_defaults),
		cmocka_unit_test(flags_say_who_inherits_and_hands_on),
		cmocka_unit_test(automatic_inheritance_marks_and_merges),
		cmocka_unit_test(typed_entries_are_for_objects_of_their_type),
		cmocka_unit_test(not_everybody_can_be_made_owner),
		cmocka_unit_test(wishes_beyond_the_token_are_refused),
		cmocka_unit_test(privileges_do_not_count_below_impersonation),
		cmocka_unit_test(what_a_low_creator_makes_is_low),
		cmocka_unit_test(parts_of_a_descriptor_need_their_rights),
		cmocka_unit_test(setting_replaces_the_parts_named),
		cmocka_unit_test(a_sacl_is_set_part_by_part),
		cmocka_unit_test(children_follow_a_changed_parent),
		cmocka_unit_test(running_out_of_memory_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
