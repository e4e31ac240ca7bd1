/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "alloc.h"
#include "sddl.h"

/* The descriptors of new objects. alice makes them, by SYSTEM's thread. */

#define ALICE "S-1-5-21-1-2-3-7"

struct world {
	struct fix f;
	struct gu_ref alice; /* the account */
	struct gu_ref t;     /* SYSTEM's thread */
	struct gu_ref bob;   /* a thread */
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.alice = FIXTURE(&w.f, FN(account), STR("name", "alice"),
			  STR("sid", ALICE), LIST(&w.f, "groups", "BU"));
	fix_account(&w.f, "bob", "BU");
	w.t = fix_run_as(&w.f, "NT AUTHORITY\\SYSTEM");
	w.bob = fix_run_as(&w.f, "bob");
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static void as_alice(struct world *w)
{
	OK(&w->f, w->t, FN(SetThreadToken),
	   REF("token", fix_imp(&w->f, w->alice, GU_LEVEL_IMPERSONATION)));
}

/* Owner, DACL and label, as who is its owner reads them. */
static const char *text_of(struct world *w, const char *name)
{
	return OK(&w->f, w->t, FN(GetNamedSecurityInfo), STR("object", name),
		  UINT("information",
		       GU_SECINFO_OWNER | GU_SECINFO_DACL | GU_SECINFO_LABEL))
		->value.str.p;
}

struct row {
	const char *name;
	const char *parent;
	const char *sddl; /* given with the call */
	const char *made;
};

static void check_text(const struct row *row, const char *text)
{
	if (strcmp(text, row->made) != 0) {
		fail_msg("row \"%s\": %s", row->name, text);
	}
}

/* Microsoft, "DACL for a new object": what the creator asks for, with what the
 * parent hands on merged in, unless it is protected. */
static const struct row file_rows[] = {
	{ "CREATOR OWNER is who made it",
	  "O:SYG:SYD:(A;;FA;;;WD)(A;OICIIO;GA;;;CO)", NULL,
	  "O:" ALICE "D:AI(A;ID;FA;;;" ALICE ")" },
	{ "entries for directories are not for files",
	  "O:SYG:SYD:(A;;FA;;;WD)(A;CI;FA;;;WD)(A;OI;FR;;;BU)", NULL,
	  "O:" ALICE "D:AI(A;ID;FR;;;BU)" },
	{ "what was asked for comes first",
	  "O:SYG:SYD:(A;;FA;;;WD)(A;OI;FR;;;BU)", "D:(A;;GA;;;SY)",
	  "O:" ALICE "D:AI(A;;FA;;;SY)(A;ID;FR;;;BU)" },
	{ "what is protected inherits nothing",
	  "O:SYG:SYD:(A;;FA;;;WD)(A;OI;FR;;;BU)", "D:P(A;;FA;;;SY)",
	  "O:" ALICE "D:PAI(A;;FA;;;SY)" },
	{ "labels are handed on",
	  "O:SYG:SYD:(A;;FA;;;WD)(A;OI;FR;;;BU)S:(ML;OI;NW;;;LW)", NULL,
	  "O:" ALICE "D:AI(A;ID;FR;;;BU)S:AI(ML;ID;NW;;;LW)" },
};

static void files_inherit_from_their_directory(void **state)
{
	const size_t n = sizeof(file_rows) / sizeof(file_rows[0]);

	for (size_t i = 0; i < n; i++) {
		const struct row *r = &file_rows[i];
		struct world *w;

		assert_int_equal(set_up(state), 0);
		w = *state;
		fix_object(&w->f, GU_OBJ_directory, "C:\\d", r->parent);
		as_alice(w);
		OK(&w->f, w->t, FN(CreateFile), STR("path", "C:\\d\\x"),
		   UINT("access", 1), UINT("disposition", 1),
		   STR("sddl", r->sddl));
		check_text(r, text_of(w, "C:\\d\\x"));
		tear_down(state);
	}
}

static void directories_inherit_and_hand_on(void **state)
{
	const char *text = "O:" ALICE "D:AI(A;OICIID;FR;;;BU)(A;ID;FA;;;" ALICE
			   ")(A;OICIIOID;GA;;;CO)";
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_directory, "C:\\d",
		   "O:SYG:SYD:(A;;FA;;;WD)(A;OICI;FR;;;BU)(A;OICIIO;GA;;;CO)");
	as_alice(w);
	OK(&w->f, w->t, FN(CreateDirectory), STR("path", "C:\\d\\e"));
	OK(&w->f, w->t, FN(CreateDirectory), STR("path", "C:\\d\\e\\f"));
	assert_string_equal(text_of(w, "C:\\d\\e"), text);
	assert_string_equal(text_of(w, "C:\\d\\e\\f"), text);
}

static void a_directory_is_made_where_one_may_and_none_is(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	fix_object(f, GU_OBJ_directory, "C:\\d", "D:(A;;0x4;;;BU)");
	fix_object(f, GU_OBJ_directory, "C:\\e", "D:(A;;0x3;;;BU)");
	OK(f, w->bob, FN(CreateDirectory), STR("path", "C:\\d\\x"));
	FAILS(f, 183, w->bob, FN(CreateDirectory), STR("path", "C:\\d\\x"));
	FAILS(f, 5, w->bob, FN(CreateDirectory), STR("path", "C:\\e\\x"));
	assert_int_equal(f->call.out.decision.reason.code,
			 GU_REASON_DENIED_PARENT_ACE);
	FAILS(f, 1307, w->bob, FN(CreateDirectory), STR("path", "C:\\y"),
	      STR("sddl", "O:SY"));
	FAILS(f, 2, w->bob, FN(open), STR("object", "C:\\y"),
	      UINT("access", 1));
	OK(f, w->bob, FN(ImpersonateSelf),
	   UINT("level", GU_LEVEL_IDENTIFICATION));
	FAILS(f, 1346, w->bob, FN(CreateDirectory), STR("path", "C:\\d\\y"));
}

static void keys_inherit_and_hand_on(void **state)
{
	static const struct row row = { "a key", NULL, NULL,
					"O:" ALICE
					"D:AI(A;CIID;KR;;;BU)(A;ID;KA;;;" ALICE
					")(A;CIIOID;GA;;;CO)" };
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_key, "HKLM\\K",
		   "O:SYG:SYD:(A;;KA;;;WD)(A;CI;KR;;;BU)(A;CIIO;GA;;;CO)");
	as_alice(w);
	OK(&w->f, w->t, FN(RegCreateKeyEx), STR("path", "HKLM\\K\\x"),
	   UINT("access", 4));
	OK(&w->f, w->t, FN(RegCreateKeyEx), STR("path", "HKLM\\K\\x\\y"),
	   UINT("access", 4));
	check_text(&row, text_of(w, "HKLM\\K\\x"));
	check_text(&row, text_of(w, "HKLM\\K\\x\\y"));
}

struct lone_row {
	const char *name;
	enum gu_fn make;
	enum gu_objtype type; /* of what has the name above */
	const char *above, *sddl;
	const char *child;
};

static const struct lone_row lone_rows[] = {
	{ "a file nowhere", GU_FN_CreateFile, GU_OBJ_NONE, NULL, NULL,
	  "C:\\none\\x" },
	{ "a file in a closed directory", GU_FN_CreateFile, GU_OBJ_directory,
	  "C:\\d", "O:SYG:SYD:(A;;GA;;;WD)", "C:\\d\\x" },
	{ "a key", GU_FN_RegCreateKeyEx, GU_OBJ_key, "HKLM\\K",
	  "O:SYG:SYD:(A;;GA;;;WD)", "HKLM\\K\\x" },
	{ "an event is in no directory", GU_FN_CreateEvent, GU_OBJ_event, "e",
	  "O:SYG:SYD:(A;OICI;GA;;;WD)", "e\\x" },
};

static void check_lone(struct world *w, const struct lone_row *r)
{
	const bool event = r->make == GU_FN_CreateEvent;
	const struct fix_arg args[] = {
		{ .fn = r->make, .name = "" },
		STR(event ? "name" : "path", r->child),
		UINT("access", 2),
		r->make == GU_FN_CreateFile ? UINT("disposition", 1)
					    : STR(NULL, NULL),
		STR(NULL, NULL),
	};
	const struct gu_outcome *out;

	if (r->above) {
		fix_object(&w->f, r->type, r->above, r->sddl);
	}
	as_alice(w);
	row_check(fix_call(&w->f, w->t, args)->status.ok, r->name);
	out = CALL(&w->f, w->t, FN(open), STR("object", r->child),
		   UINT("access", 2));
	row_check(out->status.ok, r->name);
	out = CALL(&w->f, w->bob, FN(open), STR("object", r->child),
		   UINT("access", 2));
	row_check(!out->status.ok && out->status.code == 5, r->name);
}

/* Without entries to inherit it is the token's default DACL. */
static void what_inherits_nothing_is_its_creators(void **state)
{
	for (size_t i = 0; i < sizeof(lone_rows) / sizeof(lone_rows[0]); i++) {
		assert_int_equal(set_up(state), 0);
		check_lone(*state, &lone_rows[i]);
		tear_down(state);
	}
}

static void a_fixture_is_what_the_script_says(void **state)
{
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_directory, "C:\\d",
		   "O:SYG:SYD:(A;OI;FR;;;BU)(A;OIIO;GA;;;CO)");
	fix_object(&w->f, GU_OBJ_file, "C:\\d\\said", "D:(A;;GR;;;BU)");
	assert_string_equal(text_of(w, "C:\\d\\said"), "O:BAD:(A;;GR;;;BU)");
}

/* Its creator is SYSTEM, whose objects belong to Administrators. */
static void a_fixture_without_a_descriptor_inherits(void **state)
{
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_directory, "C:\\d",
		   "O:SYG:SYD:(A;OI;FR;;;BU)(A;OIIO;GA;;;CO)");
	fix_object(&w->f, GU_OBJ_file, "C:\\d\\x", NULL);
	assert_string_equal(text_of(w, "C:\\d\\x"),
			    "O:BAD:AI(A;ID;FR;;;BU)(A;ID;FA;;;BA)");
}

static void running_out_of_memory_is_said(void **state)
{
	enum gu_rc rc = GU_RC_NOMEM;

	for (size_t n = 1; rc; n++) {
		const struct fix_arg args[] = {
			FN(CreateDirectory),
			STR("path", "C:\\d\\e"),
			STR("sddl", "D:(A;;GA;;;SY)"),
			STR(NULL, NULL),
		};
		struct world *w;

		assert_int_equal(rc, GU_RC_NOMEM);
		assert_int_equal(set_up(state), 0);
		w = *state;
		fix_object(&w->f, GU_OBJ_directory, "C:\\d",
			   "O:SYG:SYD:(A;OICI;FA;;;WD)(A;OICIIO;GA;;;CO)");
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
		cmocka_unit_test(files_inherit_from_their_directory),
		T(directories_inherit_and_hand_on),
		T(a_directory_is_made_where_one_may_and_none_is),
		T(keys_inherit_and_hand_on),
		cmocka_unit_test(what_inherits_nothing_is_its_creators),
		cmocka_unit_test(running_out_of_memory_is_said),
		T(a_fixture_is_what_the_script_says),
		T(a_fixture_without_a_descriptor_inherits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
