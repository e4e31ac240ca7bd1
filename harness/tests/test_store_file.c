/* SPDX-License-Identifier: MIT */
#include "sample.h"

#include "file.h"
#include "store_file.h"

static char dir[64];
static char path[96];

static int enter(void **state)
{
	(void)state;
	if (sample_dir(dir)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/s.db", dir);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	sample_dir_remove(dir);
	return 0;
}

static void write_file(const char *name, const char *bytes, size_t n)
{
	FILE *f = gu_file_open(name, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void what_a_path_holds_is_told_apart(void **state)
{
	static const char other[100] = "SQLite format 3\0";
	static const struct {
		const char *name;
		const char *bytes;
		size_t n;
		enum gu_store_kind kind;
	} rows[] = {
		{ "an empty file", "", 0, GU_STORE_ABSENT },
		{ "a text", "hello\r\n\x1A", 8, GU_STORE_FOREIGN },
		{ "another database", other, 100, GU_STORE_FOREIGN },
	};
	struct gu_err err = GU_ERR_INIT;
	enum gu_store_kind kind = GU_STORE_NEWER;

	(void)state;
	assert_rc_ok(gu_store_probe(path, 7, 1, &kind, &err));
	assert_int_equal(kind, GU_STORE_ABSENT);
	for (size_t i = 0; i < SAMPLE_COUNT(rows); i++) {
		write_file(path, rows[i].bytes, rows[i].n);
		assert_rc_ok(gu_store_probe(path, 7, 1, &kind, &err));
		row_check(kind == rows[i].kind, rows[i].name);
	}
}

static void a_database_is_known_by_its_application_and_version(void **state)
{
	char head[100] = "SQLite format 3";
	struct gu_err err = GU_ERR_INIT;
	enum gu_store_kind kind = GU_STORE_ABSENT;

	(void)state;
	head[63] = 1; /* user_version */
	head[71] = 7; /* application_id */
	write_file(path, head, sizeof(head));
	assert_rc_ok(gu_store_probe(path, 7, 1, &kind, &err));
	assert_int_equal(kind, GU_STORE_OURS);
	assert_rc_ok(gu_store_probe(path, 7, 2, &kind, &err));
	assert_int_equal(kind, GU_STORE_NEWER);
	assert_rc_ok(gu_store_probe(path, 8, 1, &kind, &err));
	assert_int_equal(kind, GU_STORE_FOREIGN);
}

static void a_store_goes_with_the_files_beside_it(void **state)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	struct gu_err err = GU_ERR_INIT;
	char name[128];

	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		write_file(name, "x", 1);
	}
	assert_rc_ok(gu_store_remove(path, &err));
	for (size_t i = 0; i < SAMPLE_COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		assert_null(gu_file_open(name, "rb"));
	}
	assert_rc_ok(gu_store_remove(path, &err));
}

static void a_folder_is_no_store_and_is_not_removed(void **state)
{
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	assert_int_equal(scratch_folder(path), 0);
	assert_int_equal(gu_store_remove(path, &err), GU_RC_IO);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(scratch_remove(path), 0);
}

/* a lock is held until it is given back */

struct other {
	uv_sem_t ready;
	uv_mutex_t lock;
	bool entered;
};

static void enter_too(void *arg)
{
	struct other *o = arg;
	struct gu_store_lock lock;

	uv_sem_post(&o->ready);
	gu_store_lock(&lock, path);
	uv_mutex_lock(&o->lock);
	o->entered = true;
	uv_mutex_unlock(&o->lock);
	gu_store_unlock(&lock);
}

static void a_locked_store_waits(void **state)
{
	struct gu_store_lock lock;
	struct other o = { .entered = false };
	uv_thread_t thread;
	bool early;

	(void)state;
	assert_int_equal(uv_sem_init(&o.ready, 0), 0);
	assert_int_equal(uv_mutex_init(&o.lock), 0);
	gu_store_lock(&lock, path);
	assert_int_not_equal(lock.handle, -1);
	assert_int_equal(uv_thread_create(&thread, enter_too, &o), 0);
	uv_sem_wait(&o.ready);
	uv_sleep(50);
	uv_mutex_lock(&o.lock);
	early = o.entered;
	uv_mutex_unlock(&o.lock);
	gu_store_unlock(&lock);
	assert_int_equal(uv_thread_join(&thread), 0);
	assert_false(early);
	assert_true(o.entered);
	uv_mutex_destroy(&o.lock);
	uv_sem_destroy(&o.ready);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(what_a_path_holds_is_told_apart),
		FACT(a_database_is_known_by_its_application_and_version),
		FACT(a_store_goes_with_the_files_beside_it),
		FACT(a_folder_is_no_store_and_is_not_removed),
		FACT(a_locked_store_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
