/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "alloc.h"
#include "inherit.h"

/* Reading and setting descriptors. */

#define ALICE "S-1-5-21-1-2-3-7"

enum { PARTS = GU_SECINFO_OWNER | GU_SECINFO_GROUP | GU_SECINFO_DACL };

struct world {
	struct fix f;
	struct gu_ref t; /* SYSTEM's thread */
	struct gu_ref a; /* alice's */
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	FIXTURE(&w.f, FN(account), STR("name", "alice"), STR("sid", ALICE),
		LIST(&w.f, "groups", "BU"));
	w.t = fix_run_as(&w.f, "NT AUTHORITY\\SYSTEM");
	w.a = fix_run_as(&w.f, "alice");
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static void check_text(struct world *w, const char *name, const char *text)
{
	const struct gu_outcome *out =
		OK(&w->f, w->t, FN(GetNamedSecurityInfo), STR("object", name),
		   UINT("information", PARTS));

	assert_string_equal(out->value.str.p, text);
}

static struct gu_ref
open_file(struct world *w, const char *path, uint32_t access)
{
	return OPENED(&w->f, w->a, FN(NtOpenFile), STR("path", path),
		      UINT("access", access));
}

static void enable_security(struct world *w)
{
	OK(&w->f, w->t, FN(AdjustTokenPrivileges),
	   REF("token", fix_own_token(&w->f, w->t)),
	   UINT("enable", GU_PRIV_BIT(GU_PRIV_Security)));
}

struct handle_row {
	const char *name;
	const char *sddl; /* NULL: read */
	uint32_t access;  /* of the handle */
	uint32_t info;
	uint32_t code; /* 0: succeeds */
};

/* Semantics 5.7. */
static const struct handle_row handle_rows[] = {
	{ "READ_CONTROL reads the DACL", NULL, GU_READ_CONTROL, GU_SECINFO_DACL,
	  0 },
	{ "nothing less does", NULL, 0xC0080, GU_SECINFO_DACL, 5 },
	{ "nor does it read the SACL", NULL, 0xE0000, GU_SECINFO_SACL, 5 },
	{ "WRITE_DAC writes the DACL", "D:", GU_WRITE_DAC, GU_SECINFO_DACL, 0 },
	{ "WRITE_OWNER does not", "D:", GU_WRITE_OWNER, GU_SECINFO_DACL, 5 },
	{ "WRITE_OWNER writes the owner", "O:" ALICE, GU_WRITE_OWNER,
	  GU_SECINFO_OWNER, 0 },
	{ "WRITE_DAC does not", "O:" ALICE, GU_WRITE_DAC, GU_SECINFO_OWNER, 5 },
	{ "a stranger as owner", "O:SY", GU_WRITE_OWNER, GU_SECINFO_OWNER,
	  1307 },
	{ "a group that cannot own", "O:BU", GU_WRITE_OWNER, GU_SECINFO_OWNER,
	  1307 },
	{ "the own label", "S:(ML;;NW;;;ME)", GU_WRITE_OWNER, GU_SECINFO_LABEL,
	  0 },
	{ "a label above", "S:(ML;;NW;;;HI)", GU_WRITE_OWNER, GU_SECINFO_LABEL,
	  1314 },
	{ "entries for the audit", "S:(AU;SA;FA;;;WD)", 0xE0000,
	  GU_SECINFO_SACL, 5 },
	{ "no part", "D:", 0xE0000, 0, 87 },
	{ "a part that is none", "D:", 0xE0000, 0x204, 87 },
};

static void a_handle_needs_the_right_to_the_part(void **state)
{
	const size_t n = sizeof(handle_rows) / sizeof(handle_rows[0]);

	for (size_t i = 0; i < n; i++) {
		const struct handle_row *r = &handle_rows[i];
		const struct gu_outcome *out;
		struct world *w;
		struct gu_ref h;

		assert_int_equal(set_up(state), 0);
		w = *state;
		fix_object(&w->f, GU_OBJ_file, "C:\\x",
			   "D:(A;;FA;;;" ALICE ")");
		h = open_file(w, "C:\\x", r->access);
		out = r->sddl ? CALL(&w->f, w->a, FN(SetKernelObjectSecurity),
				     REF("handle", h),
				     UINT("information", r->info),
				     STR("sddl", r->sddl))
			      : CALL(&w->f, w->a, FN(GetKernelObjectSecurity),
				     REF("handle", h),
				     UINT("information", r->info));
		row_check(out->status.ok == !r->code, r->name);
		row_check(out->status.ok || out->status.code == r->code,
			  r->name);
		tear_down(state);
	}
}

static void a_handle_that_is_none_is_invalid(void **state)
{
	struct world *w = *state;

	FAILS(&w->f, 6, w->a, FN(GetKernelObjectSecurity),
	      REF("handle", fix_raw_handle(4711)),
	      UINT("information", GU_SECINFO_DACL));
	FAILS(&w->f, 6, w->a, FN(SetKernelObjectSecurity),
	      REF("handle", fix_raw_handle(4711)),
	      UINT("information", GU_SECINFO_DACL), STR("sddl", "D:"));
}

static void what_was_set_decides_the_next_open(void **state)
{
	struct world *w = *state;
	struct gu_ref h;

	fix_object(&w->f, GU_OBJ_file, "C:\\x", "O:SYG:SYD:(A;;0x60000;;;BU)");
	h = open_file(w, "C:\\x", GU_WRITE_DAC);
	FAILS(&w->f, 5, w->a, FN(open), STR("object", "C:\\x"),
	      UINT("access", 2));
	OK(&w->f, w->a, FN(SetKernelObjectSecurity), REF("handle", h),
	   UINT("information", GU_SECINFO_DACL), STR("sddl", "D:(A;;GA;;;BU)"));
	OK(&w->f, w->a, FN(open), STR("object", "C:\\x"), UINT("access", 2));
	check_text(w, "C:\\x", "O:SYG:SYD:(A;;FA;;;BU)");
}

/* A token stands for a handle to itself, but not for a privilege. */
static void a_sacl_takes_the_privilege(void **state)
{
	struct world *w = *state;
	struct gu_ref token =
		FIXTURE(&w->f, FN(token), STR("account", "alice"));

	fix_object(&w->f, GU_OBJ_file, "C:\\x", "O:SYG:SYD:(A;;FA;;;SY)");
	FAILS(&w->f, 1314, w->t, FN(SetKernelObjectSecurity),
	      REF("handle", token), UINT("information", GU_SECINFO_SACL),
	      STR("sddl", "S:"));
	FAILS(&w->f, 1314, w->t, FN(SetNamedSecurityInfo),
	      STR("object", "C:\\x"), UINT("information", GU_SECINFO_SACL),
	      STR("sddl", "S:(AU;SA;FA;;;WD)"));
	enable_security(w);
	OK(&w->f, w->t, FN(SetKernelObjectSecurity), REF("handle", token),
	   UINT("information", GU_SECINFO_SACL), STR("sddl", "S:"));
	OK(&w->f, w->t, FN(SetNamedSecurityInfo), STR("object", "C:\\x"),
	   UINT("information", GU_SECINFO_SACL),
	   STR("sddl", "S:(AU;SA;FA;;;WD)"));
	assert_string_equal(OK(&w->f, w->t, FN(GetNamedSecurityInfo),
			       STR("object", "C:\\x"),
			       UINT("information", GU_SECINFO_SACL))
				    ->value.str.p,
			    "S:AI(AU;SA;FA;;;WD)");
}

static void ends_of_a_pipe_share_their_descriptor(void **state)
{
	struct world *w = *state;
	struct gu_ref pipe = OPENED(&w->f, w->t, FN(CreateNamedPipe),
				    STR("name", "\\\\.\\pipe\\p"),
				    UINT("open_mode", 0x40003),
				    STR("sddl", "O:SYG:SYD:(A;;FA;;;SY)"));

	OK(&w->f, w->t, FN(SetNamedSecurityInfo),
	   STR("object", "\\\\.\\pipe\\p"),
	   UINT("information", GU_SECINFO_DACL), STR("sddl", "D:(A;;FA;;;WD)"));
	assert_string_equal(OK(&w->f, w->t, FN(GetKernelObjectSecurity),
			       REF("handle", pipe),
			       UINT("information", GU_SECINFO_DACL))
				    ->value.str.p,
			    "D:(A;;FA;;;WD)");
	OK(&w->f, w->a, FN(CreateFile), STR("path", "\\\\.\\pipe\\p"),
	   UINT("access", 0xC0000000));
}

static void a_name_is_opened_as_the_caller(void **state)
{
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_key, "HKLM\\K",
		   "O:SYG:SYD:(A;;KR;;;BU)(A;;KA;;;SY)");
	OK(&w->f, w->a, FN(GetNamedSecurityInfo), STR("object", "HKLM\\K"),
	   UINT("information", GU_SECINFO_DACL));
	FAILS(&w->f, 5, w->a, FN(SetNamedSecurityInfo),
	      STR("object", "HKLM\\K"), UINT("information", GU_SECINFO_DACL),
	      STR("sddl", "D:"));
	assert_int_equal(w->f.call.out.decision.asked, GU_WRITE_DAC);
	FAILS(&w->f, 2, w->a, FN(GetNamedSecurityInfo),
	      STR("object", "HKLM\\none"), UINT("information", PARTS));
	OK(&w->f, w->a, FN(ImpersonateSelf),
	   UINT("level", GU_LEVEL_IDENTIFICATION));
	FAILS(&w->f, 1346, w->a, FN(GetNamedSecurityInfo),
	      STR("object", "HKLM\\K"), UINT("information", PARTS));
}

static void make_tree(struct world *w)
{
	struct fix *f = &w->f;

	fix_object(f, GU_OBJ_directory, "C:\\d", "O:SYG:SYD:(A;;FA;;;SY)");
	fix_object(f, GU_OBJ_directory, "C:\\d\\e",
		   "O:SYG:SYD:(A;;FA;;;SY)(A;OICIID;FA;;;BU)");
	fix_object(f, GU_OBJ_file, "C:\\d\\e\\x", "O:SYG:SYD:(A;;FA;;;SY)");
	fix_object(f, GU_OBJ_file, "C:\\d\\p", "O:SYG:SYD:P(A;;FA;;;SY)");
	fix_object(f, GU_OBJ_file, "C:\\d\\own", "O:BAG:SYD:(A;;FA;;;BU)");
	fix_object(f, GU_OBJ_file, "C:\\other", "O:SYG:SYD:(A;;FA;;;SY)");
}

/* Microsoft, "Automatic propagation of inheritable ACEs". */
static void by_name_children_inherit_anew(void **state)
{
	struct world *w = *state;

	make_tree(w);
	OK(&w->f, w->t, FN(SetNamedSecurityInfo), STR("object", "C:\\d"),
	   UINT("information", GU_SECINFO_DACL),
	   STR("sddl", "D:(A;;FA;;;SY)(A;OICI;FR;;;WD)"));
	check_text(w, "C:\\d", "O:SYG:SYD:AI(A;;FA;;;SY)(A;OICI;FR;;;WD)");
	check_text(w, "C:\\d\\e", "O:SYG:SYD:AI(A;;FA;;;SY)(A;OICIID;FR;;;WD)");
	check_text(w, "C:\\d\\e\\x", "O:SYG:SYD:AI(A;;FA;;;SY)(A;ID;FR;;;WD)");
	check_text(w, "C:\\d\\p", "O:SYG:SYD:P(A;;FA;;;SY)");
	check_text(w, "C:\\other", "O:SYG:SYD:(A;;FA;;;SY)");
}

static void children_that_the_caller_may_not_write_stay(void **state)
{
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_directory, "C:\\d", "O:SYG:SYD:(A;;FA;;;BU)");
	fix_object(&w->f, GU_OBJ_file, "C:\\d\\hers",
		   "O:" ALICE "G:SYD:(A;;FR;;;WD)");
	fix_object(&w->f, GU_OBJ_file, "C:\\d\\x", "O:SYG:SYD:(A;;FR;;;WD)");
	OK(&w->f, w->a, FN(SetNamedSecurityInfo), STR("object", "C:\\d"),
	   UINT("information", GU_SECINFO_DACL),
	   STR("sddl", "D:(A;OICI;FA;;;BU)"));
	check_text(w, "C:\\d\\hers",
		   "O:" ALICE "G:SYD:AI(A;;FR;;;WD)(A;ID;FA;;;BU)");
	check_text(w, "C:\\d\\x", "O:SYG:SYD:(A;;FR;;;WD)");
}

static void by_handle_children_stay(void **state)
{
	struct world *w = *state;
	struct gu_ref h;

	make_tree(w);
	h = OPENED(&w->f, w->t, FN(NtOpenFile), STR("path", "C:\\d"),
		   UINT("access", GU_WRITE_DAC));
	OK(&w->f, w->t, FN(SetKernelObjectSecurity), REF("handle", h),
	   UINT("information", GU_SECINFO_DACL),
	   STR("sddl", "D:(A;OICI;FA;;;SY)"));
	check_text(w, "C:\\d", "O:SYG:SYD:(A;OICI;FA;;;SY)");
	check_text(w, "C:\\d\\own", "O:BAG:SYD:(A;;FA;;;BU)");
}

static void protection_ends_and_begins_inheritance(void **state)
{
	struct world *w = *state;
	const struct fix_arg own = STR("sddl", "D:(A;;FA;;;SY)");

	fix_object(&w->f, GU_OBJ_directory, "C:\\d",
		   "O:SYG:SYD:(A;OICI;FA;;;SY)(A;OI;FR;;;BU)");
	fix_object(&w->f, GU_OBJ_file, "C:\\d\\x", "O:SYG:SYD:(A;;FA;;;SY)");
	OK(&w->f, w->t, FN(SetNamedSecurityInfo), STR("object", "C:\\d\\x"),
	   UINT("information", GU_SECINFO_DACL | GU_SECINFO_PROTECTED_DACL),
	   own);
	check_text(w, "C:\\d\\x", "O:SYG:SYD:PAI(A;;FA;;;SY)");
	/* Neither word: as it was. */
	OK(&w->f, w->t, FN(SetNamedSecurityInfo), STR("object", "C:\\d\\x"),
	   UINT("information", GU_SECINFO_DACL), own);
	check_text(w, "C:\\d\\x", "O:SYG:SYD:PAI(A;;FA;;;SY)");
	OK(&w->f, w->t, FN(SetNamedSecurityInfo), STR("object", "C:\\d\\x"),
	   UINT("information", GU_SECINFO_DACL | GU_SECINFO_UNPROTECTED_DACL),
	   own);
	check_text(w, "C:\\d\\x",
		   "O:SYG:SYD:AI(A;;FA;;;SY)(A;ID;FA;;;SY)(A;ID;FR;;;BU)");
}

static void text_that_lacks_a_part_is_a_slip(void **state)
{
	static const struct {
		const char *name;
		const char *sddl;
		uint32_t info;
	} rows[] = {
		{ "owner", "D:", GU_SECINFO_OWNER },
		{ "group", "O:SYD:", GU_SECINFO_GROUP },
		{ "DACL", "O:SYG:SY", GU_SECINFO_DACL },
		{ "label", "O:SYG:SYD:", GU_SECINFO_LABEL },
		{ "protection without the word for it", "D:P",
		  GU_SECINFO_DACL },
		{ "no SDDL", "X:", GU_SECINFO_DACL },
	};
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_file, "C:\\x", "O:SYG:SYD:(A;;FA;;;SY)");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fix_arg args[] = {
			{ .fn = GU_FN_SetNamedSecurityInfo, .name = "" },
			STR("object", "C:\\x"),
			UINT("information", rows[i].info),
			STR("sddl", rows[i].sddl),
			{ .name = NULL },
		};

		row_check(fix_submit(&w->f, w->t, args) == GU_RC_USAGE,
			  rows[i].name);
		check_text(w, "C:\\x", "O:SYG:SYD:(A;;FA;;;SY)");
	}
}

static void running_out_of_memory_is_said(void **state)
{
	enum gu_rc rc = GU_RC_NOMEM;

	for (size_t n = 1; rc; n++) {
		const struct fix_arg args[] = {
			FN(SetNamedSecurityInfo),
			STR("object", "C:\\d"),
			UINT("information", GU_SECINFO_DACL),
			STR("sddl", "D:(A;;FA;;;SY)(A;OICI;FR;;;WD)"),
			{ .name = NULL },
		};
		struct world *w;

		assert_int_equal(rc, GU_RC_NOMEM);
		assert_int_equal(set_up(state), 0);
		w = *state;
		make_tree(w);
		gu_alloc_fail_nth(n);
		rc = fix_submit(&w->f, w->t, args);
		gu_alloc_fail_nth(0);
		tear_down(state);
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handle_needs_the_right_to_the_part),
		T(a_handle_that_is_none_is_invalid),
		T(what_was_set_decides_the_next_open),
		T(a_sacl_takes_the_privilege),
		T(ends_of_a_pipe_share_their_descriptor),
		T(a_name_is_opened_as_the_caller),
		T(by_name_children_inherit_anew),
		T(children_that_the_caller_may_not_write_stay),
		T(by_handle_children_stay),
		T(protection_ends_and_begins_inheritance),
		T(text_that_lacks_a_part_is_a_slip),
		cmocka_unit_test(running_out_of_memory_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
