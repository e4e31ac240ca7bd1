/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "objtype.h"

#include "banned.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { GU_OBJ_any = GU_OBJ_NONE };

static const struct {
	unsigned type;
	const char *name;
	uint32_t mask;
} rights[] = {
#define GU_RIGHT(type, name, mask) { GU_OBJ_##type, #name, mask },
#include "right.def"
#undef GU_RIGHT
};

static uint32_t parsed(unsigned type, const char *text)
{
	struct gu_err err = GU_ERR_INIT;
	uint32_t mask = 0xDEADBEEF;

	if (gu_rights_parse(&mask, (enum gu_objtype)type, text, &err)) {
		fail_msg("\"%s\": %s", text, err.msg);
	}
	return mask;
}

static void every_type_is_found_by_its_name(void **state)
{
	(void)state;
	for (unsigned t = 0; t < GU_OBJ_COUNT; t++) {
		const struct gu_objtype_row *row =
			gu_objtype_row((enum gu_objtype)t);

		row_check(gu_objtype_find(row->name) == t, row->name);
		row_check(row->doc[0], row->name);
	}
	assert_int_equal(gu_objtype_find("files"), GU_OBJ_NONE);
	assert_int_equal(gu_objtype_find(""), GU_OBJ_NONE);
}

static void rights_are_named_once_per_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rights); i++) {
		for (size_t j = 0; j < i; j++) {
			row_check(
				rights[i].type != rights[j].type ||
					strcmp(rights[i].name, rights[j].name),
				rights[i].name);
			row_check(
				rights[j].type != GU_OBJ_any ||
					rights[i].type == GU_OBJ_any ||
					strcmp(rights[i].name, rights[j].name),
				rights[i].name);
		}
	}
}

static void every_right_parses_to_its_mask(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rights); i++) {
		unsigned type = rights[i].type;

		if (type == GU_OBJ_any) {
			type = GU_OBJ_event;
		}
		row_check(parsed(type, rights[i].name) == rights[i].mask,
			  rights[i].name);
	}
}

/* Flags that travel in the mask, or rights that came after the macro. */
static bool is_outside_all_access(const char *name)
{
	static const char *const names[] = { "KEY_WOW64_64KEY",
					     "KEY_WOW64_32KEY",
					     "FILE_MAP_EXECUTE",
					     "SECTION_MAP_EXECUTE_EXPLICIT" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static void rights_of_a_type_lie_inside_its_all_access(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rights); i++) {
		uint32_t all;

		if (rights[i].type == GU_OBJ_any ||
		    is_outside_all_access(rights[i].name)) {
			continue;
		}
		all = gu_objtype_row((enum gu_objtype)rights[i].type)->map.all;
		row_check((rights[i].mask & ~all) == 0, rights[i].name);
	}
}

static void generic_rights_map_inside_all_access(void **state)
{
	(void)state;
	for (unsigned t = 0; t < GU_OBJ_COUNT; t++) {
		const struct gu_objtype_row *row =
			gu_objtype_row((enum gu_objtype)t);
		uint32_t used = row->map.read | row->map.write |
				row->map.execute | row->adds;

		row_check((used & ~row->map.all) == 0, row->name);
		row_check((row->map.all & GU_GENERIC_BITS) == 0, row->name);
	}
}

static void mappings_are_what_the_macros_say(void **state)
{
	static const struct {
		unsigned type;
		const char *read, *write, *execute, *all;
	} rows[] = {
		{ GU_OBJ_file, "FILE_GENERIC_READ", "FILE_GENERIC_WRITE",
		  "FILE_GENERIC_EXECUTE", "FILE_ALL_ACCESS" },
		{ GU_OBJ_directory, "FILE_GENERIC_READ", "FILE_GENERIC_WRITE",
		  "FILE_GENERIC_EXECUTE", "FILE_ALL_ACCESS" },
		{ GU_OBJ_pipe, "FILE_GENERIC_READ", "FILE_GENERIC_WRITE",
		  "FILE_GENERIC_EXECUTE", "FILE_ALL_ACCESS" },
		{ GU_OBJ_key, "KEY_READ", "KEY_WRITE", "KEY_EXECUTE",
		  "KEY_ALL_ACCESS" },
		{ GU_OBJ_event, "READ_CONTROL|EVENT_QUERY_STATE",
		  "READ_CONTROL|EVENT_MODIFY_STATE", "READ_CONTROL|SYNCHRONIZE",
		  "EVENT_ALL_ACCESS" },
		{ GU_OBJ_mutex, "READ_CONTROL|MUTANT_QUERY_STATE",
		  "READ_CONTROL", "READ_CONTROL|SYNCHRONIZE",
		  "MUTEX_ALL_ACCESS" },
		{ GU_OBJ_semaphore, "READ_CONTROL|SEMAPHORE_QUERY_STATE",
		  "READ_CONTROL|SEMAPHORE_MODIFY_STATE",
		  "READ_CONTROL|SYNCHRONIZE", "SEMAPHORE_ALL_ACCESS" },
		{ GU_OBJ_job, "READ_CONTROL|JOB_OBJECT_QUERY",
		  "READ_CONTROL|JOB_OBJECT_ASSIGN_PROCESS|"
		  "JOB_OBJECT_SET_ATTRIBUTES|JOB_OBJECT_TERMINATE",
		  "READ_CONTROL|SYNCHRONIZE", "JOB_OBJECT_ALL_ACCESS" },
		{ GU_OBJ_section, "READ_CONTROL|SECTION_QUERY|SECTION_MAP_READ",
		  "READ_CONTROL|SECTION_MAP_WRITE",
		  "READ_CONTROL|SECTION_MAP_EXECUTE", "SECTION_ALL_ACCESS" },
		{ GU_OBJ_process,
		  "READ_CONTROL|PROCESS_VM_READ|PROCESS_QUERY_INFORMATION",
		  "READ_CONTROL|PROCESS_CREATE_THREAD|PROCESS_VM_OPERATION|"
		  "PROCESS_VM_WRITE|PROCESS_DUP_HANDLE|"
		  "PROCESS_CREATE_PROCESS|PROCESS_SET_QUOTA|"
		  "PROCESS_SET_INFORMATION|PROCESS_SUSPEND_RESUME",
		  "READ_CONTROL|SYNCHRONIZE|PROCESS_TERMINATE|"
		  "PROCESS_QUERY_LIMITED_INFORMATION",
		  "PROCESS_ALL_ACCESS" },
		{ GU_OBJ_token, "TOKEN_READ", "TOKEN_WRITE", "TOKEN_EXECUTE",
		  "TOKEN_ALL_ACCESS" },
		{ GU_OBJ_service,
		  "STANDARD_RIGHTS_READ|SERVICE_QUERY_CONFIG|"
		  "SERVICE_QUERY_STATUS|SERVICE_INTERROGATE|"
		  "SERVICE_ENUMERATE_DEPENDENTS",
		  "STANDARD_RIGHTS_WRITE|SERVICE_CHANGE_CONFIG",
		  "STANDARD_RIGHTS_EXECUTE|SERVICE_START|SERVICE_STOP|"
		  "SERVICE_PAUSE_CONTINUE|SERVICE_USER_DEFINED_CONTROL",
		  "SERVICE_ALL_ACCESS" },
		{ GU_OBJ_port, "READ_CONTROL|PORT_CONNECT",
		  "DELETE|PORT_CONNECT", "0", "PORT_ALL_ACCESS" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct gu_objtype_row *row =
			gu_objtype_row((enum gu_objtype)rows[i].type);
		unsigned t = rows[i].type;

		row_check(row->map.read == parsed(t, rows[i].read), row->name);
		row_check(row->map.write == parsed(t, rows[i].write),
			  row->name);
		row_check(row->map.execute == parsed(t, rows[i].execute),
			  row->name);
		row_check(row->map.all == parsed(t, rows[i].all), row->name);
	}
}

static void masks_parse_from_names_and_numbers(void **state)
{
	static const struct {
		unsigned type;
		const char *text;
		uint32_t mask;
	} rows[] = {
		{ GU_OBJ_file, "FILE_READ_DATA", 0x1 },
		{ GU_OBJ_file, "FILE_READ_DATA|GENERIC_READ|0x100",
		  0x80000101 },
		{ GU_OBJ_file, " DELETE | SYNCHRONIZE ", 0x110000 },
		{ GU_OBJ_file, "MAXIMUM_ALLOWED", 0x2000000 },
		{ GU_OBJ_file, "FILE_LIST_DIRECTORY", 0x1 },
		{ GU_OBJ_file, "FILE_CREATE_PIPE_INSTANCE", 0x4 },
		{ GU_OBJ_directory, "FILE_ADD_FILE|FILE_TRAVERSE", 0x22 },
		{ GU_OBJ_key, "KEY_READ|KEY_WOW64_64KEY", 0x20119 },
		{ GU_OBJ_section, "FILE_MAP_READ|FILE_MAP_WRITE", 0x6 },
		{ GU_OBJ_mutex, "MUTEX_MODIFY_STATE", 0x1 },
		{ GU_OBJ_event, "0", 0 },
		{ GU_OBJ_event, "4294967295", 0xFFFFFFFF },
		{ GU_OBJ_NONE, "GENERIC_ALL|READ_CONTROL|0x1", 0x10020001 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		row_check(parsed(rows[i].type, rows[i].text) == rows[i].mask,
			  rows[i].text);
	}
}

static void bad_rights_are_refused_with_the_place(void **state)
{
	static const struct {
		unsigned type;
		const char *text;
		size_t offset;
		const char *says;
	} rows[] = {
		{ GU_OBJ_file, "", 0, "missing" },
		{ GU_OBJ_file, "DELETE|", 7, "missing" },
		{ GU_OBJ_file, "|DELETE", 0, "missing" },
		{ GU_OBJ_file, "DELETE DELETE", 7, "| is missing" },
		{ GU_OBJ_file, "DELETE | FILE_REED_DATA", 9,
		  "did you mean FILE_READ_DATA?" },
		{ GU_OBJ_file, "file_read_data", 0,
		  "did you mean FILE_READ_DATA?" },
		{ GU_OBJ_key, "FILE_READ_DATA", 0, "of type file" },
		{ GU_OBJ_file, "DELETE|EVENT_MODIFY_STATE", 7,
		  "of type event" },
		{ GU_OBJ_file, "NONSENSE", 0, "unknown right \"NONSENSE\"" },
		{ GU_OBJ_file, "0x", 0, "unknown right" },
		{ GU_OBJ_file, "0x100000000", 0, "unknown right" },
		{ GU_OBJ_file, "-1", 0, "unknown right" },
		{ GU_OBJ_NONE, "FILE_READ_DATA", 0, "of type file" },
		{ GU_OBJ_file,
		  "AVERYLONGNAMETHATISNORIGHTATALLANDGOESONANDONANDONANDONFOREV"
		  "ERANDEVER",
		  0, "unknown right" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_err err = GU_ERR_INIT;
		uint32_t mask = 0xDEADBEEF;

		row_check(gu_rights_parse(&mask, (enum gu_objtype)rows[i].type,
					  rows[i].text, &err) == GU_RC_USAGE,
			  rows[i].text);
		row_check(mask == 0xDEADBEEF, rows[i].text);
		row_check(err.offset == rows[i].offset, rows[i].text);
		row_check(strstr(err.msg, rows[i].says), rows[i].text);
	}
}

static void masks_are_shown_in_the_largest_names(void **state)
{
	static const struct {
		unsigned type;
		uint32_t mask;
		const char *text;
	} rows[] = {
		{ GU_OBJ_file, 0, "0" },
		{ GU_OBJ_file, 0x1, "FILE_READ_DATA" },
		{ GU_OBJ_directory, 0x1, "FILE_LIST_DIRECTORY" },
		{ GU_OBJ_pipe, 0x4, "FILE_CREATE_PIPE_INSTANCE" },
		{ GU_OBJ_file, 0x120089, "FILE_GENERIC_READ" },
		{ GU_OBJ_file, 0x130089, "FILE_GENERIC_READ|DELETE" },
		{ GU_OBJ_file, 0x1F01FF, "FILE_ALL_ACCESS" },
		{ GU_OBJ_file, 0x12019F,
		  "FILE_GENERIC_WRITE|FILE_GENERIC_READ" },
		{ GU_OBJ_file, 0x100081,
		  "SYNCHRONIZE|FILE_READ_DATA|FILE_READ_ATTRIBUTES" },
		{ GU_OBJ_key, 0x20019, "KEY_READ" },
		{ GU_OBJ_token, 0x20000, "READ_CONTROL" },
		{ GU_OBJ_token, 0xC, "TOKEN_IMPERSONATE|TOKEN_QUERY" },
		{ GU_OBJ_mutex, 0x1, "MUTEX_MODIFY_STATE" },
		{ GU_OBJ_event, 0x10, "0x10" },
		{ GU_OBJ_event, 0x80000011,
		  "GENERIC_READ|EVENT_QUERY_STATE|"
		  "0x10" },
		{ GU_OBJ_event, 0x2000000, "MAXIMUM_ALLOWED" },
		{ GU_OBJ_NONE, 0x20001, "READ_CONTROL|0x1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf b = GU_BUF_INIT;

		gu_rights_format(rows[i].mask, (enum gu_objtype)rows[i].type,
				 &b);
		if (strcmp(b.data, rows[i].text) != 0) {
			fail_msg("0x%X: \"%s\", not \"%s\"",
				 (unsigned)rows[i].mask, b.data, rows[i].text);
		}
		gu_buf_release(&b);
	}
}

static void what_is_shown_parses_back(void **state)
{
	uint32_t mask = 1;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		unsigned type = i % GU_OBJ_COUNT;
		struct gu_buf b = GU_BUF_INIT;

		mask = mask * 1664525u + 1013904223u;
		gu_rights_format(mask, (enum gu_objtype)type, &b);
		row_check(parsed(type, b.data) == mask, b.data);
		gu_buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_found_by_its_name),
		cmocka_unit_test(rights_are_named_once_per_type),
		cmocka_unit_test(every_right_parses_to_its_mask),
		cmocka_unit_test(rights_of_a_type_lie_inside_its_all_access),
		cmocka_unit_test(generic_rights_map_inside_all_access),
		cmocka_unit_test(mappings_are_what_the_macros_say),
		cmocka_unit_test(masks_parse_from_names_and_numbers),
		cmocka_unit_test(bad_rights_are_refused_with_the_place),
		cmocka_unit_test(masks_are_shown_in_the_largest_names),
		cmocka_unit_test(what_is_shown_parses_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
