/* SPDX-License-Identifier: MIT */
#include "script_fix.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"
#include "scratch.h"
#include "banned.h"

/* Links and named pipes among the files of scenarios, which only POSIX makes
 * without privileges. */
static char folder[64];
static char before[4096];

static int enter(void **state)
{
	(void)state;
	if (scratch_make(folder, sizeof(folder)) ||
	    !getcwd(before, sizeof(before))) {
		return -1;
	}
	return chdir(folder);
}

static int leave(void **state)
{
	static const char *const names[] = { "out.lua",  "in.txt", "fifo",
					     "data.txt", "a.lua",  "b/link.lua",
					     "b/loop",   "b" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)scratch_remove(names[i]);
	}
	return chdir(before) || rmdir(folder);
}

static void read_plays(const char *body, enum gu_rc rc, const char *says)
{
	struct play p;

	play_text(&p, body);
	assert_int_equal(p.rc, rc);
	if (says && !strstr(p.err.msg, says)) {
		fail_msg("%s", p.err.msg);
	}
	assert_int_equal(p.failures.len, 0);
	play_close(&p);
}

static void a_link_out_of_the_folder_is_not_read(void **state)
{
	static const char says[] =
		"'out.lua' is a link out of the scenario's folder";

	(void)state;
	assert_int_equal(symlink("/etc/passwd", "out.lua"), 0);
	read_plays("guise.read 'out.lua'", GU_RC_USAGE, says);
	read_plays("require 'out'", GU_RC_USAGE, says);
}

static void a_link_to_a_file_beside_it_is_read(void **state)
{
	(void)state;
	assert_int_equal(symlink("data.txt", "in.txt"), 0);
	assert_int_equal(mknod("data.txt", S_IFREG | 0600, 0), 0);
	read_plays("assert(guise.read 'in.txt' == '')", GU_RC_OK, NULL);
}

static void a_pipe_that_nobody_writes_to_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	read_plays("guise.read 'fifo'", GU_RC_USAGE, "fifo cannot be read");
}

/* A link to a folder may lead back. */
static void
a_folder_gives_links_to_files_and_follows_none_to_folders(void **state)
{
	struct gu_sources s = { .list = NULL };
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_int_equal(mknod("a.lua", S_IFREG | 0600, 0), 0);
	assert_int_equal(scratch_folder("b"), 0);
	assert_int_equal(symlink("../a.lua", "b/link.lua"), 0);
	assert_int_equal(symlink("..", "b/loop"), 0);
	assert_rc_ok(gu_sources_add(&s, ".", &err));
	assert_int_equal(s.count, 2);
	assert_string_equal(s.list[0].path, "./a.lua");
	assert_string_equal(s.list[1].path, "./b/link.lua");
	gu_sources_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_link_out_of_the_folder_is_not_read, enter, leave),
		cmocka_unit_test_setup_teardown(
			a_link_to_a_file_beside_it_is_read, enter, leave),
		cmocka_unit_test_setup_teardown(
			a_pipe_that_nobody_writes_to_is_not_read, enter, leave),
		cmocka_unit_test_setup_teardown(
			a_folder_gives_links_to_files_and_follows_none_to_folders,
			enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
