/* SPDX-License-Identifier: MIT */
#include "alloc.h"
#include "model_fix.h"

#include "banned.h"

/* Opens: semantics 2, 4 and 5. */

#define SYSTEM "NT AUTHORITY\\SYSTEM"

enum { ADDS = 0x100080 }; /* SYNCHRONIZE|FILE_READ_ATTRIBUTES */

struct world {
	struct fix f;
	struct gu_ref alice;
	struct gu_ref t; /* SYSTEM's */
	struct gu_ref a; /* alice's */
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.alice = fix_account(&w.f, "alice", "BU");
	w.t = fix_run_as(&w.f, SYSTEM);
	w.a = fix_run_as(&w.f, "alice");
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static const struct gu_outcome *try_open(struct world *w, struct gu_ref thread,
					 struct gu_ref object, uint32_t access)
{
	return CALL(&w->f, thread, FN(open), REF("object", object),
		    UINT("access", access));
}

struct type_row {
	enum gu_objtype type;
	const char *name;
	uint32_t read;
};

/* GENERIC_READ of the type, without what the open itself adds. */
static const struct type_row type_rows[] = {
	{ GU_OBJ_file, "C:\\f", 0x120089 },
	{ GU_OBJ_directory, "C:\\d", 0x120089 },
	{ GU_OBJ_key, "HKLM\\Software\\k", 0x20019 },
	{ GU_OBJ_event, "e", 0x20001 },
	{ GU_OBJ_mutex, "m", 0x20001 },
	{ GU_OBJ_semaphore, "s", 0x20001 },
	{ GU_OBJ_job, "j", 0x20004 },
	{ GU_OBJ_section, "x", 0x20005 },
	{ GU_OBJ_service, "svc", 0x2008D },
};

static void every_type_grants_and_denies(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(type_rows) / sizeof(type_rows[0]); i++) {
		const struct type_row *r = &type_rows[i];
		struct gu_ref obj = fix_object(&w->f, r->type, r->name,
					       "D:(A;;GR;;;BU)(A;;GA;;;SY)");
		const struct gu_outcome *out =
			try_open(w, w->a, obj, GU_GENERIC_READ);

		row_check(out->status.ok, r->name);
		row_check(out->decision.made, r->name);
		row_check(out->decision.type == r->type, r->name);
		row_check(out->decision.granted == r->read, r->name);
		row_check(!strcmp(out->decision.object, r->name), r->name);
		out = try_open(w, w->a, obj, GU_GENERIC_READ | GU_WRITE_DAC);
		row_check(!out->status.ok && out->status.code == 5, r->name);
		row_check(out->decision.granted == 0, r->name);
		out = try_open(w, w->t, obj, GU_MAXIMUM_ALLOWED);
		row_check(out->status.ok, r->name);
		row_check(out->decision.granted ==
				  gu_objtype_row(r->type)->map.all,
			  r->name);
	}
}

static void nothing_opens_below_impersonation(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(type_rows) / sizeof(type_rows[0]); i++) {
		const struct type_row *r = &type_rows[i];
		struct gu_ref obj =
			fix_object(&w->f, r->type, r->name, "D:(A;;GA;;;WD)");

		for (unsigned level = 0; level <= 1; level++) {
			const struct gu_outcome *out;

			OK(&w->f, w->a, FN(ImpersonateSelf),
			   UINT("level", level));
			out = try_open(w, w->a, obj, GU_GENERIC_READ);
			row_check(out->status.code == 1346, r->name);
			row_check(out->decision.reason.code == GU_REASON_LEVEL,
				  r->name);
			row_check(out->decision.reason.level == level, r->name);
			OK(&w->f, w->a, FN(RevertToSelf));
		}
	}
}

/* Semantics 2, level 1: any open, whatever else would speak against it. */
static void below_impersonation_nothing_is_learnt_of_a_file(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref dir =
		fix_object(f, GU_OBJ_directory, "C:\\d", "D:(A;;FA;;;WD)");

	fix_object(f, GU_OBJ_file, "C:\\f", "D:(A;;FA;;;WD)");
	OK(f, w->a, FN(ImpersonateSelf), UINT("level", 1));
	for (unsigned disposition = 1; disposition <= 5; disposition++) {
		FAILS(f, 1346, w->a, FN(CreateFile), STR("path", "C:\\f"),
		      UINT("access", 1), UINT("disposition", disposition));
		assert_int_equal(f->call.out.decision.reason.code,
				 GU_REASON_LEVEL);
	}
	FAILS(f, 1346, w->a, FN(CreateFile), REF("path", dir),
	      UINT("access", 1));
}

/* ib-2f9ad4e0191b */
static void an_open_must_ask_for_something(void **state)
{
	struct world *w = *state;
	struct gu_ref e =
		fix_object(&w->f, GU_OBJ_event, "e", "D:(A;;GA;;;WD)");

	FAILS(&w->f, 5, w->a, FN(OpenEvent), UINT("access", 0), REF("name", e));
	assert_int_equal(w->f.call.out.decision.reason.code,
			 GU_REASON_NO_ACCESS_ASKED);
}

static void an_object_opens_by_name_and_by_reference(void **state)
{
	static const char *const names[] = {
		"C:\\Audit\\Secret.txt",        "c:\\audit\\secret.TXT",
		"C:/Audit/Secret.txt",          "\\??\\C:\\Audit\\Secret.txt",
		"\\\\?\\C:\\Audit\\Secret.txt",
	};
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_file, names[0], "D:(A;;FA;;;WD)");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		row_check(CALL(&w->f, w->a, FN(open), STR("object", names[i]),
			       UINT("access", 1))
				  ->status.ok,
			  names[i]);
	}
	FAILS(&w->f, 2, w->a, FN(open), STR("object", "C:\\Audit\\Secret"),
	      UINT("access", 1));
	FAILS(&w->f, 6, w->a, FN(open), REF("object", fix_raw_handle(99)),
	      UINT("access", 1));
}

static void key_names_have_short_and_long_roots(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	fix_object(f, GU_OBJ_key, "HKLM\\Software\\X", "D:(A;;KA;;;WD)");
	OK(f, w->a, FN(RegOpenKeyEx),
	   STR("path", "HKEY_LOCAL_MACHINE\\SOFTWARE\\x"), UINT("access", 1));
	OK(f, w->a, FN(open), STR("object", "hklm\\software\\x\\"),
	   UINT("access", 1));
	FAILS(f, 2, w->a, FN(RegOpenKeyEx), STR("path", "HKCU\\Software\\X"),
	      UINT("access", 1));
}

static void types_have_name_spaces_of_their_own(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	fix_object(f, GU_OBJ_event, "Global\\n", NULL);
	fix_object(f, GU_OBJ_mutex, "n", NULL);
	OK(f, w->t, FN(OpenEvent), UINT("access", 1), STR("name", "Local\\n"));
	OK(f, w->t, FN(OpenMutex), UINT("access", 1), STR("name", "n"));
	FAILS(f, 2, w->t, FN(OpenSemaphore), UINT("access", 1),
	      STR("name", "n"));
	FAILS(f, 2, w->t, FN(OpenFileMapping), UINT("access", 1),
	      STR("name", "n"));
	FAILS(f, 1060, w->t, FN(OpenService), STR("name", "n"),
	      UINT("access", 1));
	MISUSED(f, w->t, FN(OpenMutex), UINT("access", 1),
		REF("name", fix_object(f, GU_OBJ_event, "e", NULL)));
}

static void what_is_not_there_is_not_found(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	FAILS(f, 2, w->a, FN(open), STR("object", "C:\\nothing"),
	      UINT("access", 1));
	assert_false(f->call.out.decision.made);
	assert_int_equal(f->call.out.decision.asked, 1 | ADDS);
	assert_string_equal(f->call.out.decision.object, "C:\\nothing");
	OK(f, w->a, FN(ImpersonateSelf), UINT("level", 1));
	FAILS(f, 1346, w->a, FN(open), STR("object", "C:\\nothing"),
	      UINT("access", 1));
}

/* The root of the user's hive cannot be opened. */
static void the_users_own_hive_is_an_invalid_handle(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	fix_object(f, GU_OBJ_key, "HKCU\\Software", "D:(A;;KA;;;WD)");
	fix_object(f, GU_OBJ_key, "HKLM\\Software", "D:(A;;KA;;;WD)");
	OK(f, w->a, FN(RegOpenKeyEx), STR("path", "HKCU\\Software"),
	   UINT("access", 1));
	OK(f, w->a, FN(ImpersonateSelf), UINT("level", 1));
	FAILS(f, 6, w->a, FN(RegOpenKeyEx), STR("path", "HKCU\\Software"),
	      UINT("access", 1));
	FAILS(f, 6, w->a, FN(RegOpenKeyEx),
	      STR("path", "HKEY_CURRENT_USER\\No"), UINT("access", 1));
	FAILS(f, 1346, w->a, FN(RegOpenKeyEx), STR("path", "HKLM\\Software"),
	      UINT("access", 1));
}

static void create_file_adds_two_rights(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref file =
		fix_object(f, GU_OBJ_file, "C:\\x", "D:(A;;0x1;;;BU)");

	FAILS(f, 5, w->a, FN(CreateFile), REF("path", file), UINT("access", 1));
	assert_int_equal(f->call.out.decision.asked, 1 | ADDS);
	FAILS(f, 5, w->a, FN(open), REF("object", file), UINT("access", 1));
	assert_int_equal(f->call.out.decision.asked, 1 | ADDS);
	OK(f, w->a, FN(NtOpenFile), REF("path", file), UINT("access", 1));
	assert_int_equal(f->call.out.decision.asked, 1);
	assert_int_equal(f->call.out.decision.granted, 1);
}

/* FW holds SYNCHRONIZE. */
static void denying_writes_denies_create_file_reads_too(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref file = fix_object(f, GU_OBJ_file, "C:\\x",
					"D:(D;;FW;;;BU)(A;;FA;;;BU)");

	FAILS(f, 5, w->a, FN(CreateFile), REF("path", file), UINT("access", 1));
	OK(f, w->a, FN(NtOpenFile), REF("path", file), UINT("access", 1));
}

struct disposition_row {
	const char *name;
	uint32_t disposition;
	uint32_t existing, missing; /* last errors */
	bool existing_ok, missing_ok;
};

static const struct disposition_row disposition_rows[] = {
	{ "CREATE_NEW", 1, 80, 0, false, true },
	{ "CREATE_ALWAYS", 2, 183, 0, true, true },
	{ "OPEN_EXISTING", 3, 0, 2, true, false },
	{ "OPEN_ALWAYS", 4, 183, 0, true, true },
	{ "TRUNCATE_EXISTING", 5, 0, 2, true, false },
	{ "none of them", 6, 87, 87, false, false },
};

static void dispositions_open_or_create(void **state)
{
	const size_t n = sizeof(disposition_rows) / sizeof(disposition_rows[0]);
	struct world *w = *state;

	fix_object(&w->f, GU_OBJ_file, "C:\\there", "D:(A;;FA;;;BU)");
	for (size_t i = 0; i < n; i++) {
		const struct disposition_row *r = &disposition_rows[i];
		const char *missing =
			gu_arena_printf(&w->f.arena, "C:\\new%zu", i);
		const struct gu_outcome *out;

		out = CALL(&w->f, w->a, FN(CreateFile),
			   STR("path", "C:\\there"), UINT("access", 1),
			   UINT("disposition", r->disposition));
		row_check(out->status.ok == r->existing_ok, r->name);
		row_check(out->status.code == r->existing, r->name);
		out = CALL(&w->f, w->a, FN(CreateFile), STR("path", missing),
			   UINT("access", 1),
			   UINT("disposition", r->disposition));
		row_check(out->status.ok == r->missing_ok, r->name);
		row_check(out->status.code == r->missing, r->name);
	}
}

static void overwriting_is_writing(void **state)
{
	struct world *w = *state;
	struct gu_ref file =
		fix_object(&w->f, GU_OBJ_file, "C:\\x", "D:(A;;FR;;;BU)");

	OK(&w->f, w->a, FN(CreateFile), REF("path", file), UINT("access", 1));
	FAILS(&w->f, 5, w->a, FN(CreateFile), REF("path", file),
	      UINT("access", 1), UINT("disposition", 2));
}

/* The handle has the rights asked for all the same. */
static void overwriting_empties_the_file(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref writer, reader;

	writer = OPENED(f, w->a, FN(CreateFile), STR("path", "C:\\x"),
			UINT("access", 2), UINT("disposition", 1));
	for (unsigned disposition = 2; disposition <= 5; disposition += 3) {
		OK(f, w->a, FN(WriteFile), REF("handle", writer),
		   STR("data", "abc"));
		reader = OPENED(f, w->a, FN(CreateFile), STR("path", "C:\\x"),
				UINT("access", 1),
				UINT("disposition", disposition));
		assert_int_equal(f->call.out.decision.granted, 1 | ADDS);
		OK(f, w->a, FN(ReadFile), REF("handle", reader));
		assert_int_equal(f->call.out.value.str.len, 0);
		FAILS(f, 5, w->a, FN(WriteFile), REF("handle", reader),
		      STR("data", "x"));
	}
	OK(f, w->a, FN(CreateFile), STR("path", "C:\\x"),
	   UINT("access", GU_GENERIC_WRITE), UINT("disposition", 2));
	assert_int_equal(f->call.out.decision.granted, 0x120116 | ADDS);
}

static void directories_open_with_backup_semantics(void **state)
{
	struct world *w = *state;
	struct gu_ref dir =
		fix_object(&w->f, GU_OBJ_directory, "C:\\d", "D:(A;;FA;;;BU)");

	FAILS(&w->f, 5, w->a, FN(CreateFile), REF("path", dir),
	      UINT("access", 1));
	OK(&w->f, w->a, FN(CreateFile), REF("path", dir), UINT("access", 1),
	   UINT("flags", 0x02000000));
	OK(&w->f, w->a, FN(open), REF("object", dir), UINT("access", 1));
	OK(&w->f, w->a, FN(NtOpenFile), REF("path", dir), UINT("access", 1));
}

static void what_is_written_is_read(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref reader, writer;

	writer = OPENED(f, w->a, FN(CreateFile), STR("path", "C:\\x"),
			UINT("access", 2), UINT("disposition", 1));
	OK(f, w->a, FN(WriteFile), REF("handle", writer), STR("data", "abc"));
	OK(f, w->a, FN(WriteFile), REF("handle", writer), STR("data", "def"));
	reader = OPENED(f, w->a, FN(CreateFile), STR("path", "C:\\x"),
			UINT("access", 1));
	assert_string_equal(
		OK(f, w->a, FN(ReadFile), REF("handle", reader))->value.str.p,
		"abcdef");
	FAILS(f, 5, w->a, FN(ReadFile), REF("handle", writer));
	FAILS(f, 5, w->a, FN(WriteFile), REF("handle", reader),
	      STR("data", "x"));
	FAILS(f, 6, w->a, FN(ReadFile), REF("handle", fix_raw_handle(0)));
}

/* A file stays when its handles are closed. */
static void created_files_and_keys_last(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h;

	h = OPENED(f, w->a, FN(CreateFile), STR("path", "C:\\x"),
		   UINT("access", 1), UINT("disposition", 1));
	OK(f, w->a, FN(CloseHandle), REF("handle", h));
	OK(f, w->a, FN(open), STR("object", "C:\\x"), UINT("access", 1));
	h = OPENED(f, w->a, FN(RegCreateKeyEx), STR("path", "HKCU\\k"),
		   UINT("access", 1));
	OK(f, w->a, FN(CloseHandle), REF("handle", h));
	OK(f, w->a, FN(RegOpenKeyEx), STR("path", "HKCU\\k"),
	   UINT("access", 1));
}

static void creating_takes_a_right_to_the_parent(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	fix_object(f, GU_OBJ_directory, "C:\\d", "D:(A;;FR;;;BU)(A;;FA;;;SY)");
	fix_object(f, GU_OBJ_key, "HKLM\\K", "D:(A;;KR;;;BU)(A;;KA;;;SY)");
	FAILS(f, 5, w->a, FN(CreateFile), STR("path", "C:\\d\\x"),
	      UINT("access", 1), UINT("disposition", 1));
	assert_int_equal(f->call.out.decision.reason.code,
			 GU_REASON_DENIED_PARENT_ACE);
	FAILS(f, 5, w->a, FN(RegCreateKeyEx), STR("path", "HKLM\\K\\x"),
	      UINT("access", 1));
	OK(f, w->t, FN(CreateFile), STR("path", "C:\\d\\x"), UINT("access", 1),
	   UINT("disposition", 1));
	OK(f, w->t, FN(RegCreateKeyEx), STR("path", "HKLM\\K\\x"),
	   UINT("access", 1));
}

struct directory_row {
	const char *name;
	const char *directory, *file;
	uint32_t asked;
	bool ok;
};

/* NTFS: a directory gives DELETE and attributes of what is in it. */
static const struct directory_row directory_rows[] = {
	{ "DELETE_CHILD gives DELETE", "D:(A;;0x40;;;BU)", "D:", 0x10000,
	  true },
	{ "other rights do not", "D:(A;;0x3F;;;BU)", "D:", 0x10000, false },
	{ "DELETE_CHILD gives nothing else", "D:(A;;0x40;;;BU)", "D:", 0x10001,
	  false },
	{ "the rest comes from the file", "D:(A;;0x40;;;BU)", "D:(A;;0x1;;;BU)",
	  0x10001, true },
	{ "LIST_DIRECTORY gives attributes", "D:(A;;0x1;;;BU)", "D:", 0x80,
	  true },
	{ "no more than was asked", "D:(A;;0x41;;;BU)", "D:", 0x80, true },
	{ "the directory refuses", "D:", "D:", 0x80, false },
};

static void a_directory_gives_rights_to_its_files(void **state)
{
	const size_t n = sizeof(directory_rows) / sizeof(directory_rows[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct directory_row *r = &directory_rows[i];
		const struct gu_outcome *out;
		struct fix f;
		struct gu_ref t, file;

		fix_open(&f);
		fix_account(&f, "alice", "BU");
		t = fix_run_as(&f, "alice");
		fix_object(&f, GU_OBJ_directory, "C:\\d", r->directory);
		file = fix_object(&f, GU_OBJ_file, "C:\\d\\x", r->file);
		out = CALL(&f, t, FN(NtOpenFile), REF("path", file),
			   UINT("access", r->asked));
		row_check(out->status.ok == r->ok, r->name);
		row_check(out->decision.granted == (r->ok ? r->asked : 0),
			  r->name);
		fix_close(&f);
	}
}

/* SeChangeNotifyPrivilege skips the checks on the way. */
static void the_way_matters_without_a_privilege(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref file, own = fix_own_token(f, w->a);

	fix_object(f, GU_OBJ_directory, "C:\\d", "D:(A;;FA;;;SY)");
	fix_object(f, GU_OBJ_directory, "C:\\d\\e", "D:(A;;FA;;;WD)");
	file = fix_object(f, GU_OBJ_file, "C:\\d\\e\\x", "D:(A;;FA;;;WD)");
	OK(f, w->a, FN(open), REF("object", file), UINT("access", 1));
	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", own),
	   BOOL("disable_all", true));
	FAILS(f, 5, w->a, FN(open), REF("object", file), UINT("access", 1));
	assert_int_equal(f->call.out.decision.reason.code,
			 GU_REASON_DENIED_PARENT_ACE);
}

struct backup_row {
	const char *name;
	uint64_t privilege;
	bool intent;
	uint32_t access;
	bool ok;
};

#define BACKUP  GU_PRIV_BIT(GU_PRIV_Backup)
#define RESTORE GU_PRIV_BIT(GU_PRIV_Restore)

static const struct backup_row backup_rows[] = {
	{ "SeBackup reads with intent", BACKUP, true, 0x120089, true },
	{ "SeBackup alone does not", BACKUP, false, 0x120089, false },
	{ "intent alone does not", 0, true, 0x120089, false },
	{ "SeBackup does not write", BACKUP, true, 0x2, false },
	{ "SeRestore writes with intent", RESTORE, true, 0x120116, true },
	{ "SeRestore deletes with intent", RESTORE, true, 0x10000, true },
	{ "SeRestore does not read", RESTORE, true, 0x1, false },
};

static void backup_intent_needs_the_privilege(void **state)
{
	const size_t n = sizeof(backup_rows) / sizeof(backup_rows[0]);
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref file = fix_object(f, GU_OBJ_file, "C:\\x", "D:");
	struct gu_ref event = fix_object(f, GU_OBJ_event, "e", "D:");

	for (size_t i = 0; i < n; i++) {
		const struct backup_row *r = &backup_rows[i];
		struct gu_ref token =
			FIXTURE(f, FN(token), REF("account", w->alice),
				UINT("enabled", r->privilege));
		struct gu_ref p = FIXTURE(f, FN(process), STR("name", "p"),
					  REF("token", token));
		struct gu_ref t = fix_thread(f, p, "t");
		const struct gu_outcome *out = CALL(
			f, t, FN(NtOpenFile), REF("path", file),
			UINT("access", r->access), BOOL("backup", r->intent));

		row_check(out->status.ok == r->ok, r->name);
		/* Events know no backup. */
		row_check(!CALL(f, t, FN(open), REF("object", event),
				UINT("access", 1), BOOL("backup", true))
				   ->status.ok,
			  r->name);
	}
}

/* winreg: RegCreateKeyEx, REG_OPTION_BACKUP_RESTORE. */
static void a_key_backed_up_is_read(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref key = fix_object(f, GU_OBJ_key, "HKLM\\k", "D:");
	struct gu_ref token =
		FIXTURE(f, FN(token), REF("account", w->alice),
			UINT("enabled", GU_PRIV_BIT(GU_PRIV_Backup)));
	struct gu_ref p =
		FIXTURE(f, FN(process), STR("name", "p"), REF("token", token));
	struct gu_ref t = fix_thread(f, p, "t");

	OK(f, t, FN(RegOpenKeyEx), REF("path", key), UINT("access", 0x1020019),
	   BOOL("backup", true));
	/* KEY_CREATE_LINK is no FILE_TRAVERSE. */
	FAILS(f, 5, t, FN(RegOpenKeyEx), REF("path", key), UINT("access", 0x20),
	      BOOL("backup", true));
}

/* ib-06016f439366 */
static void a_creator_gets_all_it_asks_for(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	OK(f, w->a, FN(CreateEvent), STR("name", "e"),
	   UINT("access", 0x2000004), STR("sddl", "D:"));
	assert_int_equal(f->call.out.decision.granted, 0x1F0003);
	assert_false(f->call.out.decision.made);
	FAILS(f, 5, w->a, FN(OpenEvent), UINT("access", 1), STR("name", "e"));
}

/* ib-05d3f6579620, ib-8f386ac01c0f */
static void creating_what_exists_opens_it(void **state)
{
	static const enum gu_fn makers[] = { GU_FN_CreateEvent,
					     GU_FN_CreateMutex,
					     GU_FN_CreateSemaphore };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		const char *row = gu_fn_row(makers[i])->name;
		const struct fix_arg args[] = {
			{ .fn = makers[i], .name = "" },
			STR("name", "n"),
			{ .name = NULL },
		};
		const struct gu_outcome *out = fix_call(&w->f, w->t, args);

		row_check(out->status.ok && out->status.code == 0, row);
		row_check(!out->decision.made, row);
		out = fix_call(&w->f, w->t, args);
		row_check(out->status.ok && out->status.code == 183, row);
		row_check(out->decision.made, row);
		row_check(out->value.type == GU_V_REF, row);
		/* alice is not among those that SYSTEM lets in. */
		out = fix_call(&w->f, w->a, args);
		row_check(!out->status.ok && out->status.code == 5, row);
	}
}

static void a_name_needs_impersonation_and_nothing_else(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	OK(f, w->a, FN(ImpersonateSelf), UINT("level", 1));
	FAILS(f, 1346, w->a, FN(CreateEvent), STR("name", "e"));
	OK(f, w->a, FN(CreateEvent));
	FAILS(f, 1346, w->a, FN(CreateFile), STR("path", "C:\\x"),
	      UINT("access", 1), UINT("disposition", 1));
	FAILS(f, 1346, w->a, FN(RegCreateKeyEx), STR("path", "HKLM\\k"),
	      UINT("access", 1));
	FAILS(f, 6, w->a, FN(RegCreateKeyEx), STR("path", "HKCU\\k"),
	      UINT("access", 1));
}

/* Semantics 4, new objects: owner and DACL come from the effective token. */
static void what_a_client_creates_is_the_clients(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = fix_imp(f, w->alice, 2);

	OK(f, w->t, FN(SetThreadToken), REF("token", token));
	OK(f, w->t, FN(CreateFile), STR("path", "C:\\x"), UINT("access", 1),
	   UINT("disposition", 1));
	OK(f, w->t, FN(RevertToSelf));
	OK(f, w->a, FN(open), STR("object", "C:\\x"), UINT("access", 0x1F01FF));
	OK(f, w->t, FN(CreateFile), STR("path", "C:\\y"), UINT("access", 1),
	   UINT("disposition", 1), STR("sddl", "D:(A;;FR;;;WD)"));
	/* Not its owner. */
	FAILS(f, 5, w->a, FN(open), STR("object", "C:\\y"),
	      UINT("access", GU_WRITE_DAC));
	OK(f, w->t, FN(SetThreadToken), REF("token", token));
	OK(f, w->t, FN(CreateFile), STR("path", "C:\\z"), UINT("access", 1),
	   UINT("disposition", 1), STR("sddl", "D:(A;;FR;;;WD)"));
	OK(f, w->t, FN(RevertToSelf));
	OK(f, w->a, FN(open), STR("object", "C:\\z"),
	   UINT("access", GU_WRITE_DAC));
}

/* The default owner, which for administrators is all of them. */
static void what_an_administrator_creates_is_the_administrators(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref root, other;

	fix_account(f, "root", "BA");
	fix_account(f, "other", "BA");
	root = fix_run_as(f, "root");
	other = fix_run_as(f, "other");
	OK(f, root, FN(CreateFile), STR("path", "C:\\x"), UINT("access", 1),
	   UINT("disposition", 1), STR("sddl", "D:(A;;FR;;;WD)"));
	OK(f, other, FN(open), STR("object", "C:\\x"),
	   UINT("access", GU_WRITE_DAC));
}

static void what_a_low_creator_makes_is_low(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = FIXTURE(f, FN(token), REF("account", w->alice),
				      UINT("integrity", GU_IL_LOW));
	struct gu_ref p = FIXTURE(f, FN(process), STR("name", "low"),
				  REF("token", token));
	struct gu_ref t = fix_thread(f, p, "t");

	OK(f, t, FN(CreateEvent), STR("name", "mine"));
	OK(f, t, FN(OpenEvent), UINT("access", 2), STR("name", "mine"));
	OK(f, w->a, FN(CreateEvent), STR("name", "alices"));
	FAILS(f, 5, t, FN(OpenEvent), UINT("access", 2), STR("name", "alices"));
	assert_int_equal(f->call.out.decision.reason.code, GU_REASON_INTEGRITY);
}

/* ib-8190db2d0698, ib-8c506d093477 */
static void the_sacl_takes_a_privilege_to_create_with(void **state)
{
	const uint64_t security = GU_PRIV_BIT(GU_PRIV_Security);
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref own = fix_own_token(f, w->t);

	FAILS(f, 1314, w->t, FN(RegCreateKeyEx), STR("path", "HKLM\\k"),
	      UINT("access", 0x1000001));
	OK(f, w->t, FN(AdjustTokenPrivileges), REF("token", own),
	   UINT("enable", security));
	OK(f, w->t, FN(RegCreateKeyEx), STR("path", "HKLM\\k"),
	   UINT("access", 0x1000001));
	assert_int_equal(f->call.out.decision.granted, 0x1000001);
	OK(f, w->t, FN(RegCreateKeyEx), STR("path", "HKLM\\k"),
	   UINT("access", 0x1000001));
	OK(f, w->t, FN(AdjustTokenPrivileges), REF("token", own),
	   UINT("disable", security));
	FAILS(f, 1314, w->t, FN(RegOpenKeyEx), STR("path", "HKLM\\k"),
	      UINT("access", 0x1000001));
}

struct descriptor_row {
	const char *name;
	const char *sddl;
	uint64_t enabled; /* privileges, but for SeChangeNotify */
	uint32_t code;
};

/* Semantics 5.7: an owner is the user or one of its owner groups; the SACL
 * takes SeSecurity, a label above the creator's SeRelabel. */
static const struct descriptor_row descriptor_rows[] = {
	{ "oneself as owner", "O:S-1-5-21-1-2-3-7D:", 0, 0 },
	{ "an owner group", "O:S-1-5-32-551D:", 0, 0 },
	{ "a plain group", "O:BUD:", 0, 1307 },
	{ "somebody else", "O:SYD:", 0, 1307 },
	{ "somebody else, to restore", "O:SYD:", GU_PRIV_BIT(GU_PRIV_Restore),
	  0 },
	{ "any group", "G:SYD:", 0, 0 },
	{ "the own label", "D:S:(ML;;NW;;;ME)", 0, 0 },
	{ "a label above", "D:S:(ML;;NW;;;HI)", 0, 1314 },
	{ "a label above, to relabel", "D:S:(ML;;NW;;;HI)",
	  GU_PRIV_BIT(GU_PRIV_Relabel), 0 },
	{ "entries for the audit", "D:S:(AU;SA;GA;;;WD)", 0, 1314 },
	{ "entries for the audit, with the privilege", "D:S:(AU;SA;GA;;;WD)",
	  GU_PRIV_BIT(GU_PRIV_Security), 0 },
};

static struct gu_ref run_with(struct fix *f, uint64_t enabled)
{
	const uint64_t all = enabled | GU_PRIV_BIT(GU_PRIV_ChangeNotify);
	struct gu_ref account =
		FIXTURE(f, FN(account), STR("name", "carol"),
			STR("sid", "S-1-5-21-1-2-3-7"), UINT("enabled", all),
			LIST(f, "groups", "BU"));
	struct gu_field owner[2] = {
		{ "sid", fix_str("S-1-5-32-551") },
		{ "attributes", fix_uint(GU_GROUP_ENABLED | GU_GROUP_OWNER) },
	};
	const struct gu_value groups[] = {
		fix_str("BU"),
		{ .type = GU_V_TABLE, .count = 2, .fields = owner },
	};
	const struct gu_value list = { .type = GU_V_LIST,
				       .count = 2,
				       .list = groups };
	struct gu_ref token = FIXTURE(f, FN(token), REF("account", account),
				      VALUE("groups", list));

	return fix_thread(
		f,
		FIXTURE(f, FN(process), STR("name", "p"), REF("token", token)),
		"t");
}

static void a_creator_gives_no_owner_or_sacl_that_it_may_not(void **state)
{
	const size_t n = sizeof(descriptor_rows) / sizeof(descriptor_rows[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct descriptor_row *r = &descriptor_rows[i];
		const struct fix_arg sddl = STR("sddl", r->sddl);
		const struct fix_arg pipe = STR("name", "\\\\.\\pipe\\p");
		struct fix f;
		struct gu_ref t, own;

		fix_open(&f);
		t = run_with(&f, r->enabled);
		own = fix_own_token(&f, t);
		CALL(&f, t, FN(CreateFile), STR("path", "C:\\x"),
		     UINT("access", 1), UINT("disposition", 1), sddl);
		row_check(f.call.out.status.code == r->code, r->name);
		CALL(&f, t, FN(open), STR("object", "C:\\x"),
		     UINT("access", 0));
		row_check((f.call.out.status.code == 2) == (r->code != 0),
			  r->name);
		CALL(&f, t, FN(CreateEvent), sddl);
		row_check(f.call.out.status.code == r->code, r->name);
		CALL(&f, t, FN(CreateNamedPipe), pipe, sddl);
		row_check(f.call.out.status.code == r->code, r->name);
		CALL(&f, t, FN(alpc_create_port), STR("name", "\\p"), sddl);
		row_check(f.call.out.status.ok == !r->code, r->name);
		CALL(&f, t, FN(DuplicateTokenEx), REF("token", own),
		     UINT("type", 1), sddl);
		row_check(f.call.out.status.code == r->code, r->name);
		fix_close(&f);
	}
}

static void functions_open_their_own_type(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref e = fix_object(f, GU_OBJ_event, "e", NULL);

	MISUSED(f, w->t, FN(CreateFile), REF("path", e), UINT("access", 1));
	MISUSED(f, w->t, FN(NtOpenFile), REF("path", e), UINT("access", 1));
	MISUSED(f, w->t, FN(RegOpenKeyEx), REF("path", e), UINT("access", 1));
	MISUSED(f, w->t, FN(OpenService), REF("name", e), UINT("access", 1));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* What the condition asks for could not be read: that is no denial. */
static void running_out_of_memory_is_no_denial(void **state)
{
	struct world *w = *state;
	struct gu_ref obj =
		fix_object(&w->f, GU_OBJ_file, "C:\\c",
			   "O:SYG:SYD:(XA;;FR;;;WD;(@Resource.a == 1))"
			   "S:(RA;;;;;WD;(\"a\",TI,0,1))");
	const struct fix_arg args[] = { FN(open),
					REF("object", obj),
					UINT("access", 1),
					{ .name = NULL } };
	enum gu_rc rc = GU_RC_NOMEM;
	size_t n = 0;

	while (rc) {
		assert_int_equal(rc, GU_RC_NOMEM);
		assert_true(++n < 100);
		gu_alloc_fail_nth(n);
		rc = fix_submit(&w->f, w->a, args);
		gu_alloc_fail_nth(0);
	}
	assert_true(n > 1);
	assert_int_equal(w->f.call.out.status.code, 0);
	assert_int_equal(w->f.call.out.decision.granted & 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_type_grants_and_denies),
		T(nothing_opens_below_impersonation),
		T(below_impersonation_nothing_is_learnt_of_a_file),
		T(an_open_must_ask_for_something),
		T(an_object_opens_by_name_and_by_reference),
		T(key_names_have_short_and_long_roots),
		T(types_have_name_spaces_of_their_own),
		T(what_is_not_there_is_not_found),
		T(the_users_own_hive_is_an_invalid_handle),
		T(create_file_adds_two_rights),
		T(denying_writes_denies_create_file_reads_too),
		T(dispositions_open_or_create),
		T(overwriting_is_writing),
		T(overwriting_empties_the_file),
		T(directories_open_with_backup_semantics),
		T(what_is_written_is_read),
		T(created_files_and_keys_last),
		T(creating_takes_a_right_to_the_parent),
		cmocka_unit_test(a_directory_gives_rights_to_its_files),
		T(the_way_matters_without_a_privilege),
		T(backup_intent_needs_the_privilege),
		T(a_key_backed_up_is_read),
		T(a_creator_gets_all_it_asks_for),
		T(creating_what_exists_opens_it),
		T(a_name_needs_impersonation_and_nothing_else),
		T(what_a_client_creates_is_the_clients),
		T(what_an_administrator_creates_is_the_administrators),
		T(what_a_low_creator_makes_is_low),
		T(the_sacl_takes_a_privilege_to_create_with),
		cmocka_unit_test(
			a_creator_gives_no_owner_or_sacl_that_it_may_not),
		T(functions_open_their_own_type),
		T(running_out_of_memory_is_no_denial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
