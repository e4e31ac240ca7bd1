/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <string.h>

#include "unit.h"

#include "banned.h"

static const struct w_names names = { .prefix = "guise-1",
				      .folder = "C:\\Temp" };

struct row {
	const char *name;
	enum gu_objtype type;
	const char *given;
	const char *real;
};

static const struct row rows[] = {
	{ "a file", GU_OBJ_file, "C:\\audit\\secret.txt",
	  "C:\\Temp\\guise-1\\C\\audit\\secret.txt" },
	{ "a file with slashes", GU_OBJ_file, "C:/audit/x",
	  "C:\\Temp\\guise-1\\C\\audit\\x" },
	{ "a relative directory", GU_OBJ_directory, "audit",
	  "C:\\Temp\\guise-1\\audit" },
	{ "dots in a name", GU_OBJ_file, "C:\\a..b",
	  "C:\\Temp\\guise-1\\C\\a..b" },
	{ "a pipe", GU_OBJ_pipe, "\\\\.\\pipe\\audit",
	  "\\\\.\\pipe\\guise-1-audit" },
	{ "a pipe by its bare name", GU_OBJ_pipe, "audit",
	  "\\\\.\\pipe\\guise-1-audit" },
	{ "a machine's key", GU_OBJ_key, "HKLM\\Software\\Audit",
	  "HKLM\\Software\\guise-1\\Software\\Audit" },
	{ "a hive", GU_OBJ_key, "HKCU", "HKCU\\Software\\guise-1" },
	{ "a global event", GU_OBJ_event, "Global\\audit",
	  "Global\\guise-1-audit" },
	{ "a local mutex", GU_OBJ_mutex, "Local\\audit",
	  "Local\\guise-1-audit" },
	{ "a native name", GU_OBJ_semaphore, "\\BaseNamedObjects\\x",
	  "Global\\guise-1-x" },
	{ "a name with a backslash", GU_OBJ_section, "a\\b", "guise-1-a-b" },
	{ "a service", GU_OBJ_service, "Audit", "guise-1-Audit" },
};

static void names_live_under_the_prefix(void **state)
{
	struct gu_buf out = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		gu_buf_reset(&out);
		if (w_name_real(&names, rows[i].type, rows[i].given, &out,
				&err) ||
		    strcmp(out.data, rows[i].real) != 0) {
			fail_msg("%s: got %s %s", rows[i].name, out.data,
				 err.msg);
		}
	}
	gu_buf_release(&out);
}

static const struct row refused[] = {
	{ "no name", GU_OBJ_event, "", NULL },
	{ "up from a file", GU_OBJ_file, "C:\\audit\\..\\..\\x", NULL },
	{ "up at once", GU_OBJ_file, "..\\x", NULL },
	{ "up at the end", GU_OBJ_directory, "C:\\audit\\..", NULL },
	{ "up after a drive", GU_OBJ_file, "C:..\\x", NULL },
	{ "up from a key", GU_OBJ_key, "HKLM\\..\\x", NULL },
	{ "a key without a root", GU_OBJ_key, "Software\\Audit", NULL },
};

static void names_that_lead_out_are_refused(void **state)
{
	struct gu_buf out = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (w_name_real(&names, refused[i].type, refused[i].given, &out,
				&err) != GU_RC_USAGE) {
			fail_msg("%s is taken", refused[i].name);
		}
	}
	gu_buf_release(&out);
}

static void a_bare_name_tells_its_type(void **state)
{
	(void)state;
	assert_int_equal(w_name_type("\\\\.\\PIPE\\x"), GU_OBJ_pipe);
	assert_int_equal(w_name_type("HKLM\\x"), GU_OBJ_key);
	assert_int_equal(w_name_type("c:\\x"), GU_OBJ_file);
	assert_int_equal(w_name_type("\\\\server\\share"), GU_OBJ_file);
	assert_int_equal(w_name_type("Global\\x"), GU_OBJ_event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_live_under_the_prefix),
		cmocka_unit_test(names_that_lead_out_are_refused),
		cmocka_unit_test(a_bare_name_tells_its_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
