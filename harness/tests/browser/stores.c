/* SPDX-License-Identifier: MIT */
/* Stores for the tests in a browser: stores FOLDER writes the small ones,
 * stores FILE ROWS one of that many records. */
#include "unit.h"

#include "sample.h"

#define EVIL "</script></title><!--<img src=x onerror=\"window.evil=1\">&amp;'"

static struct gu_store *open_store(const char *folder, const char *name)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_store *s = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s%s%s", folder, *name ? "/" : "", name);
	if (gu_store_open(&s, path, true, &err)) {
		fprintf(stderr, "stores: %s\n", err.msg);
		exit(1);
	}
	return s;
}

static void begin(struct gu_store *s, const struct gu_run_info *run)
{
	struct gu_err err = GU_ERR_INIT;
	int64_t id;

	if (gu_store_begin_run(s, run, &id, &err)) {
		exit(1);
	}
}

static void finish(struct gu_store *s, const char *end_utc)
{
	struct gu_err err = GU_ERR_INIT;

	if (end_utc && gu_store_finish_run(s, end_utc, &err)) {
		exit(1);
	}
	gu_store_close(s);
}

static void add(struct gu_store *s, const struct gu_scenario_info *info,
		const char *tags, const struct gu_record *rows, size_t count)
{
	struct gu_err err = GU_ERR_INIT;
	enum gu_verdict worst = GU_VERDICT_PASS;
	struct gu_scenario_result result = { .tags = tags,
					     .rows = rows,
					     .count = count };

	for (size_t i = 0; i < count; i++) {
		worst = gu_verdict_worse(worst, rows[i].verdict);
	}
	result.worst = worst;
	if (gu_store_add_scenario(s, info, &result, &err)) {
		exit(1);
	}
}

static const char end_utc[] = "2026-01-31T09:00:02.000000Z";

static void write_empty(const char *folder)
{
	struct gu_store *s = open_store(folder, "empty.db");

	begin(s, &sample_run);
	finish(s, end_utc);
}

/* Cut off: no end, and the last scenario without a record. */
static void write_interrupted(const char *folder)
{
	struct gu_store *s = open_store(folder, "interrupted.db");

	begin(s, &sample_run);
	add(s, &sample_scenarios[0], "pipe", sample_first, 2);
	add(s, &sample_scenarios[1], "", NULL, 0);
	finish(s, NULL);
}

static void write_errors(const char *folder)
{
	struct gu_store *s = open_store(folder, "errors.db");

	begin(s, &sample_run);
	add(s, &sample_scenarios[2], "rpc", sample_second + 1, 1);
	finish(s, end_utc);
}

/* Every text that a run can hold, and every kind of row. */
static void write_hostile(const char *folder)
{
	const struct gu_scenario_info info = { EVIL, EVIL, 1 };
	struct gu_store *s = open_store(folder, "hostile.db");
	struct gu_run_info run = sample_run;
	struct gu_record rows[SAMPLE_COUNT(sample_first)];
	struct gu_err err = GU_ERR_INIT;

	run.start_utc = run.host = run.system = run.user = run.target = EVIL;
	run.proof = run.version = run.arguments = EVIL;
	for (size_t i = 0; i < SAMPLE_COUNT(rows); i++) {
		rows[i] = sample_first[i];
		rows[i].process = rows[i].thread = EVIL;
		rows[i].who.name = rows[i].who.sid = EVIL;
		rows[i].expected = rows[i].reason = EVIL;
		rows[i].object = rows[i].decision.object = EVIL;
	}
	rows[3].rule = rows[3].cwe = EVIL;
	rows[1].reason = "=HYPERLINK(\"x\")\n\t\x1b[31m\x7f\xff\xE2\x80\xAEx";
	begin(s, &run);
	if (gu_store_add_file(s, EVIL, EVIL, &err)) {
		exit(1);
	}
	add(s, &info, EVIL "," EVIL, rows, SAMPLE_COUNT(rows));
	finish(s, EVIL);
}

/* Records as varied as those of the peers in a benchmark of reports. */
static void write_many(const char *path, uint32_t count)
{
	enum { PER_SCENARIO = 50 };
	static const char *const parts[] = { "finance",  "hr",    "engineering",
					     "legal",    "sales", "ops",
					     "research", "it" };
	struct gu_store *s = open_store(path, "");
	struct gu_record rows[PER_SCENARIO];
	char objects[PER_SCENARIO][96], who[16][32], name[64];

	for (int i = 0; i < 16; i++) {
		snprintf(who[i], sizeof(who[i]), "CORP\\user-%d", i);
	}
	begin(s, &sample_run);
	for (uint32_t at = 0; at < count; at += PER_SCENARIO) {
		const struct gu_scenario_info info = { name, "many.lua", 7 };
		uint32_t n =
			count - at < PER_SCENARIO ? count - at : PER_SCENARIO;

		for (uint32_t i = 0; i < n; i++) {
			uint32_t x = (at + i) * 2654435761u;
			struct gu_record *r = &rows[i];

			x ^= x >> 15;
			*r = sample_first[x % 3 ? 2 : 1];
			r->step = i + 1;
			r->line = (int)(10 + i);
			r->time_us = SAMPLE_TIME + (at + i) * 37 + (x >> 27);
			r->duration_ns = 40 + (x >> 20);
			r->verdict = (x >> 11) % 50 ? GU_VERDICT_PASS
						    : GU_VERDICT_FAIL;
			r->who.name = who[x >> 5 & 15];
			r->who.level = (enum gu_level)(x >> 17 & 3);
			r->decision.asked = 1u << (x & 3);
			r->decision.granted = r->status.ok ? 1u << (x & 3) : 0;
			r->decision.object = objects[i];
			snprintf(objects[i], sizeof(objects[i]),
				 "C:\\share\\%s\\project-%04u\\file-%07u.dat",
				 parts[x >> 13 & 7], (at + i) / 97 % 10000,
				 at + i);
		}
		snprintf(name, sizeof(name), "scenario %u", at / PER_SCENARIO);
		add(s, &info, parts[at / PER_SCENARIO % 8], rows, n);
	}
	finish(s, end_utc);
}

int main(int argc, char **argv)
{
	if (argc == 3) {
		write_many(argv[1], (uint32_t)strtoul(argv[2], NULL, 10));
		return 0;
	}
	if (argc != 2) {
		return 2;
	}
	write_empty(argv[1]);
	write_interrupted(argv[1]);
	write_errors(argv[1]);
	write_hostile(argv[1]);
	return 0;
}
