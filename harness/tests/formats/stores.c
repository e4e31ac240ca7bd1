/* SPDX-License-Identifier: MIT */
/* stores FOLDER: the stores whose reports are held against the formats. */
#include "unit.h"

#include "sample.h"

/* Text that breaks out of formats, for every field that a script, a file
 * system or a host can fill. */
static const char *const hostile[] = {
	"</script><img src=x onerror=alert(1)>",
	"]]><!--&amp;\"'`",
	"=cmd|' /C calc'!A0",
	"@SUM(1,2);\"x\"\t+1",
	"line one\r\nline two\n",
	"\x01\x1B[31m\x7F\x08 controls",
	"stray \xFF, cut \xE2\x82, overlong \xC0\xAF, surrogate \xED\xA0\x80",
	"C1 \xC2\x9B, U+2028 \xE2\x80\xA8, U+FFFE \xEF\xBF\xBE",
	"not ok 1 # SKIP \\# {",
	"{0} [here](https://evil.example/) %s %n",
	"\\u0000 \\0 \\x00",
	"- ... ---\n  ...\nBail out!",
};
#define HOSTILE SAMPLE_COUNT(hostile)

static const char end_utc[] = "2026-01-31T09:00:02.000000Z";

static struct gu_store *
begin(const char *folder, const char *name, const struct gu_run_info *run)
{
	struct gu_store *s = NULL;
	char path[512];
	int64_t id;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (gu_store_open(&s, path, true, NULL) ||
	    gu_store_begin_run(s, run, &id, NULL)) {
		fprintf(stderr, "stores: %s cannot be written\n", path);
		exit(1);
	}
	return s;
}

static void must(enum gu_rc rc)
{
	if (rc) {
		fprintf(stderr, "stores: rc %d\n", (int)rc);
		exit(1);
	}
}

static void finish(struct gu_store *s)
{
	must(gu_store_finish_run(s, end_utc, NULL));
	gu_store_close(s);
}

static void add(struct gu_store *s, const struct gu_scenario_info *info,
		const struct gu_scenario_result *result)
{
	must(gu_store_add_scenario(s, info, result, NULL));
}

/* A scenario of that verdict with a row of each kind. */
static void
hostile_scenario(struct gu_store *s, const char *t, enum gu_verdict verdict)
{
	const struct gu_scenario_info info = { .name = t,
					       .file = t,
					       .line = 7 };
	struct gu_record rows[GU_RECORD_FINDING + 1];

	for (int kind = 0; kind <= GU_RECORD_FINDING; kind++) {
		bool answered = kind <= GU_RECORD_ATTEMPT;
		bool found = kind == GU_RECORD_FINDING;

		rows[kind] = (struct gu_record){
			.kind = (enum gu_record_kind)kind,
			.verdict = verdict,
			.line = 8,
			.step = (uint32_t)kind + 1,
			.time_us = SAMPLE_TIME,
			.process = t,
			.thread = t,
			.who = { .name = t, .sid = t, .impersonating = true },
			.has_who = true,
			.fn = answered ? GU_FN_open : GU_FN_NONE,
			.has_status = answered,
			.status = { GU_CONV_BOOL, false, 5 },
			.decision = { .made = kind == GU_RECORD_ATTEMPT,
				      .type = GU_OBJ_file,
				      .object = t },
			.object = t,
			.expected = t,
			.rule = found ? t : NULL,
			.cwe = found ? t : NULL,
			.reason = t,
		};
	}
	add(s, &info,
	    &(struct gu_scenario_result){ .tags = t,
					  .worst = verdict,
					  .rows = rows,
					  .count = SAMPLE_COUNT(rows) });
}

static void write_hostile(const char *folder)
{
	const struct gu_run_info run = { .start_utc = sample_run.start_utc,
					 .host = hostile[0],
					 .system = hostile[1],
					 .user = hostile[4],
					 .target = hostile[5],
					 .proof = hostile[6],
					 .version = hostile[8],
					 .arguments = hostile[11] };
	struct gu_store *s = begin(folder, "hostile.db", &run);

	for (size_t i = 0; i < HOSTILE; i++) {
		must(gu_store_add_file(s, hostile[i], hostile[i], NULL));
		for (int v = GU_VERDICT_PASS; v <= GU_VERDICT_ERROR; v++) {
			hostile_scenario(s, hostile[i], (enum gu_verdict)v);
		}
	}
	finish(s);
}

/* Longer than any piece in which a writer takes its text. */
static void write_long(const char *folder)
{
	static char text[200001];
	struct gu_store *s = begin(folder, "long.db", &sample_run);

	for (size_t i = 0; i + 5 < sizeof(text); i += 5) {
		memcpy(text + i, "\xE2\x82\xAC<\"", 5);
	}
	hostile_scenario(s, text, GU_VERDICT_FAIL);
	finish(s);
}

static void write_errors(const char *folder)
{
	struct gu_store *s = begin(folder, "errors.db", &sample_run);

	must(gu_store_add_file(s, "rpc.lua", "bb22", NULL));
	add(s, &sample_scenarios[2],
	    &(struct gu_scenario_result){ .tags = "",
					  .worst = GU_VERDICT_ERROR,
					  .rows = &sample_second[1],
					  .count = 1 });
	finish(s);
}

static void write_cut_off(const char *folder)
{
	struct gu_store *s = begin(folder, "cutoff.db", &sample_run);

	add(s, &sample_scenarios[1],
	    &(struct gu_scenario_result){ .tags = "",
					  .worst = GU_VERDICT_PASS });
	gu_store_close(s);
}

int main(int argc, char **argv)
{
	struct gu_store *s;

	if (argc != 2) {
		return 2;
	}
	s = begin(argv[1], "sample.db", &sample_run);
	sample_fill(s);
	gu_store_close(s);
	finish(begin(argv[1], "empty.db", &sample_run));
	write_hostile(argv[1]);
	write_long(argv[1]);
	write_errors(argv[1]);
	write_cut_off(argv[1]);
	return 0;
}
