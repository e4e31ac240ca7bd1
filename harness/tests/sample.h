/* SPDX-License-Identifier: MIT */
#ifndef GU_SAMPLE_H
#define GU_SAMPLE_H

/* A small stored run, the same every time: what the tests of the store and
 * of the reports read. */
#include "unit.h"

#include <stdlib.h>

#include "scratch.h"
#include "store.h"

#define SAMPLE_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A new, empty folder in `dir` (64 bytes); for a fixture's set-up. */
static inline int sample_dir(char dir[64])
{
	return scratch_make(dir, 64);
}

static inline void sample_dir_remove(const char *dir)
{
	static const char *const names[] = { "s.db",     "s.db-wal",
					     "s.db-shm", "s.db-journal",
					     "out",      "link" };
	char path[96];

	for (size_t i = 0; i < SAMPLE_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)scratch_remove(path);
	}
	(void)scratch_remove(dir);
}

/* A fixture with an empty store in a folder of its own; the store is the
 * state. */
struct sample_files {
	char dir[64];
	char store[96]; /* the open store's file */
	char out[96];   /* for what the test writes */
};
static struct sample_files sample_files;

static inline int sample_folder_setup(void **state)
{
	(void)state;
	if (sample_dir(sample_files.dir)) {
		return -1;
	}
	snprintf(sample_files.store, sizeof(sample_files.store), "%s/s.db",
		 sample_files.dir);
	snprintf(sample_files.out, sizeof(sample_files.out), "%s/out",
		 sample_files.dir);
	return 0;
}

static inline int sample_folder_teardown(void **state)
{
	(void)state;
	sample_dir_remove(sample_files.dir);
	return 0;
}

static inline int sample_store_setup(void **state)
{
	struct gu_store *s = NULL;

	if (sample_folder_setup(state) ||
	    gu_store_open(&s, sample_files.store, true, NULL)) {
		return -1;
	}
	*state = s;
	return 0;
}

static inline int sample_store_teardown(void **state)
{
	gu_store_close(*state);
	return sample_folder_teardown(state);
}

static const struct gu_run_info sample_run = {
	.start_utc = "2026-01-31T09:00:00.000000Z",
	.host = "build-7",
	.system = "Linux 6.1.0 x86_64",
	.user = "ci",
	.elevated = false,
	.target = "model",
	.proof = "predicts Windows by published rules",
	.version = "0.1.0",
	.arguments = "run scenarios",
	.seed = UINT64_C(18446744073709551615),
};

#define SAMPLE_SELF                                                \
	{                                                          \
		.name = "NT AUTHORITY\\SYSTEM", .sid = "S-1-5-18", \
		.level = GU_LEVEL_DELEGATION, .token_id = 1        \
	}
#define SAMPLE_ALICE                                                    \
	{                                                               \
		.name = "MACHINE\\alice", .sid = "S-1-5-21-1-2-3-1001", \
		.level = GU_LEVEL_IMPERSONATION, .impersonating = true, \
		.token_id = 2                                           \
	}

/* 2026-01-31T09:00:01Z */
#define SAMPLE_TIME INT64_C(1769850001000000)

static const struct gu_record sample_first[] = {
	{ .kind = GU_RECORD_CALL,
	  .verdict = GU_VERDICT_PASS,
	  .line = 12,
	  .judged_line = 12,
	  .step = 1,
	  .time_us = SAMPLE_TIME,
	  .duration_ns = 840,
	  .process = "svc",
	  .thread = "server",
	  .who = SAMPLE_SELF,
	  .has_who = true,
	  .via = GU_FN_NONE,
	  .fn = GU_FN_ImpersonateNamedPipeClient,
	  .has_status = true,
	  .status = { GU_CONV_BOOL, true, 0 },
	  .decision = { .type = GU_OBJ_pipe },
	  .object = "\\\\.\\pipe\\audit",
	  .expected = "success" },
	{ .kind = GU_RECORD_ATTEMPT,
	  .verdict = GU_VERDICT_PASS,
	  .line = 13,
	  .judged_line = 13,
	  .step = 2,
	  .time_us = SAMPLE_TIME + 1,
	  .duration_ns = 250,
	  .process = "svc",
	  .thread = "server",
	  .who = SAMPLE_ALICE,
	  .has_who = true,
	  .via = GU_FN_ImpersonateNamedPipeClient,
	  .fn = GU_FN_open,
	  .has_status = true,
	  .status = { GU_CONV_BOOL, false, 5 },
	  .decision = { .made = true,
			.type = GU_OBJ_file,
			.object = "C:\\audit\\secret.txt",
			.asked = 0x2,
			.granted = 0 },
	  .expected = "denied",
	  .reason = "no ACE grants it" },
	{ .kind = GU_RECORD_ATTEMPT,
	  .verdict = GU_VERDICT_FAIL,
	  .line = 14,
	  .judged_line = 14,
	  .step = 3,
	  .time_us = SAMPLE_TIME + 2,
	  .duration_ns = 310,
	  .process = "svc",
	  .thread = "server",
	  .who = SAMPLE_ALICE,
	  .has_who = true,
	  .via = GU_FN_ImpersonateNamedPipeClient,
	  .fn = GU_FN_open,
	  .has_status = true,
	  .status = { GU_CONV_BOOL, true, 0 },
	  .decision = { .made = true,
			.type = GU_OBJ_file,
			.object = "C:\\audit\\secret.txt",
			.asked = 0x1,
			.granted = 0x1 },
	  .expected = "denied",
	  .reason = "allowed by ACE 1, \"everyone\"; read" },
	{ .kind = GU_RECORD_FINDING,
	  .verdict = GU_VERDICT_FAIL,
	  .line = 12,
	  .judged_line = 12,
	  .step = 4,
	  .time_us = SAMPLE_TIME + 2,
	  .process = "svc",
	  .thread = "server",
	  .who = SAMPLE_ALICE,
	  .has_who = true,
	  .via = GU_FN_ImpersonateNamedPipeClient,
	  .fn = GU_FN_NONE,
	  .decision = { .type = GU_OBJ_NONE },
	  .expected = "no finding",
	  .rule = "leak",
	  .cwe = "CWE-271",
	  .reason = "thread server still impersonates MACHINE\\alice" },
};

static const struct gu_record sample_second[] = {
	{ .kind = GU_RECORD_CALL,
	  .line = 30,
	  .step = 1,
	  .time_us = SAMPLE_TIME + 1000,
	  .duration_ns = 95,
	  .process = "svc",
	  .thread = "server",
	  .who = SAMPLE_SELF,
	  .has_who = true,
	  .via = GU_FN_NONE,
	  .fn = GU_FN_RpcRevertToSelf,
	  .has_status = true,
	  .status = { GU_CONV_RPC, false, 1725 },
	  .decision = { .type = GU_OBJ_NONE } },
	{ .kind = GU_RECORD_EXPECT,
	  .verdict = GU_VERDICT_ERROR,
	  .line = 31,
	  .judged_line = 31,
	  .step = 2,
	  .time_us = SAMPLE_TIME + 1001,
	  .via = GU_FN_NONE,
	  .fn = GU_FN_NONE,
	  .decision = { .type = GU_OBJ_NONE },
	  .reason = "attempt to call a nil value" },
};

static const struct gu_scenario_info sample_scenarios[] = {
	{ .name = "a pipe server, its client", .file = "pipe.lua", .line = 3 },
	{ .name = "an empty one", .file = "pipe.lua", .line = 20 },
	{ .name = "a broken one", .file = "rpc.lua", .line = 25 },
};

/* Writes the whole run into an open store. */
static inline void sample_fill(struct gu_store *s)
{
	struct gu_err err = GU_ERR_INIT;
	int64_t id = -1;

	assert_rc_ok(gu_store_begin_run(s, &sample_run, &id, &err));
	assert_rc_ok(gu_store_add_file(s, "pipe.lua", "aa11", &err));
	assert_rc_ok(gu_store_add_file(s, "rpc.lua", "bb22", &err));
	assert_rc_ok(gu_store_add_scenario(
		s, &sample_scenarios[0],
		&(struct gu_scenario_result){
			.tags = "pipe, negative",
			.worst = GU_VERDICT_FAIL,
			.rows = sample_first,
			.count = SAMPLE_COUNT(sample_first) },
		&err));
	assert_rc_ok(gu_store_add_scenario(
		s, &sample_scenarios[1],
		&(struct gu_scenario_result){ .tags = "",
					      .worst = GU_VERDICT_PASS },
		&err));
	assert_rc_ok(gu_store_add_scenario(
		s, &sample_scenarios[2],
		&(struct gu_scenario_result){
			.tags = "rpc",
			.worst = GU_VERDICT_ERROR,
			.rows = sample_second,
			.count = SAMPLE_COUNT(sample_second) },
		&err));
	assert_rc_ok(
		gu_store_finish_run(s, "2026-01-31T09:00:02.000000Z", &err));
}

/* All of a file from its beginning; the caller frees. */
static inline char *sample_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long n;

	if (!f) {
		fail_msg("%s cannot be opened", path);
	}
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	assert_true(n >= 0);
	rewind(f);
	text = calloc((size_t)n + 1, 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)n, f), (size_t)n);
	fclose(f);
	*len = (size_t)n;
	return text;
}

/* The expected file of that name. With GUISE_GOLDEN=write in the environment
 * `got` is written there instead, to be read and committed by a person. */
static inline void sample_golden(const char *name, const char *got, size_t n)
{
	const char *mode = getenv("GUISE_GOLDEN");
	char path[512];
	size_t len;
	char *want;

	snprintf(path, sizeof(path), "%s/harness/tests/golden/%s",
		 GUISE_SOURCE_DIR, name);
	if (mode && strcmp(mode, "write") == 0) {
		FILE *f = fopen(path, "wb");

		assert_non_null(f);
		fwrite(got, 1, n, f);
		assert_int_equal(fclose(f), 0);
		return;
	}
	want = sample_read(path, &len);
	for (size_t i = 0; i < n && i < len; i++) {
		if (got[i] != want[i]) {
			fail_msg("%s differs at byte %zu: \"%.60s\", not "
				 "\"%.60s\"",
				 name, i, got + i, want + i);
		}
	}
	assert_int_equal(n, len);
	free(want);
}

#endif
