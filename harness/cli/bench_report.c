/* SPDX-License-Identifier: MIT */
#include "bench_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <sys/stat.h>
#include <uv.h>

#include "bench_rows.h"
#include "file.h"
#include "platform.h"
#include "registry.h"
#include "write.h"
#include "banned.h"

/* One thing that is measured: a job of guise's, or a peer's. */
struct lane {
	const char *name;
	const char *format; /* shown with this one */
	/* How many times faster guise has to be than this peer; 0: no goal. */
	double goal;
	enum gu_rc (*run)(struct lane *l, struct gu_err *err);
	const char *kind;          /* of Python's program */
	size_t base;               /* index of guise's lane of this format */
	bool missing;              /* the peer is not installed */
	struct gu_samples samples; /* ns a row */
	uint64_t bytes;
	uint64_t peak_kib;
};

static struct {
	const struct gu_bench_report *o;
	char out[4096];    /* what is written */
	char store[4096];  /* what is read */
	char script[4096]; /* Python's */
	struct gu_bench_row row;
	struct gu_out buffer;
} bench;

static void scratch_path(char path[4096], const char *name)
{
	(void)snprintf(path, 4096, "%s/%s", bench.o->folder, name);
}

static uint64_t size_of(const char *path)
{
	struct stat s;

	return stat(path, &s) ? 0 : (uint64_t)s.st_size;
}

/* guise's and C's lanes over rows that are made on the way */

static enum gu_rc no_rows(struct lane *l, struct gu_err *err)
{
	(void)l;
	(void)err;
	for (uint64_t i = 0; i < bench.o->rows; i++) {
		gu_bench_row_set(&bench.row, (uint32_t)i);
		__asm__ volatile("" ::"r"(&bench.row) : "memory");
	}
	return GU_RC_OK;
}

static enum gu_rc open_out(FILE **f, struct gu_err *err)
{
	*f = gu_file_open(bench.out, "wb");
	return *f ? GU_RC_OK
		  : gu_err_set(err, GU_RC_IO, "%s cannot be written",
			       bench.out);
}

static enum gu_rc close_out(FILE *f, struct gu_err *err)
{
	bool lost = ferror(f);

	return fclose(f) || lost ? gu_err_set(err, GU_RC_IO,
					      "%s cannot be written", bench.out)
				 : GU_RC_OK;
}

static enum gu_rc
with_writer(void (*put)(struct gu_out *o, const struct gu_row *row),
	    struct gu_err *err)
{
	FILE *f;
	enum gu_rc rc = open_out(&f, err);

	if (rc) {
		return rc;
	}
	gu_out_init(&bench.buffer, f, "bench");
	for (uint64_t i = 0; i < bench.o->rows; i++) {
		gu_bench_row_set(&bench.row, (uint32_t)i);
		put(&bench.buffer, &bench.row.text);
	}
	gu_out_flush(&bench.buffer);
	return close_out(f, err);
}

static enum gu_rc csv_rows(struct lane *l, struct gu_err *err)
{
	(void)l;
	return with_writer(gu_out_csv_row, err);
}

static enum gu_rc jsonl_rows(struct lane *l, struct gu_err *err)
{
	(void)l;
	return with_writer(gu_out_jsonl_row, err);
}

static enum gu_rc fprintf_rows(struct lane *l, struct gu_err *err)
{
	FILE *f;
	enum gu_rc rc = open_out(&f, err);

	(void)l;
	if (rc) {
		return rc;
	}
	for (uint64_t i = 0; i < bench.o->rows; i++) {
		gu_bench_row_set(&bench.row, (uint32_t)i);
		gu_bench_row_fprintf(&bench.row, f);
	}
	return close_out(f, err);
}

/* the store */

static struct {
	struct gu_bench_row rows[GU_BENCH_SCENARIO_ROWS];
	struct gu_record records[GU_BENCH_SCENARIO_ROWS];
} batch;

static enum gu_rc
add_scenario(struct gu_store *s, uint64_t from, struct gu_err *err)
{
	uint64_t left = bench.o->rows - from;
	size_t count = left < GU_BENCH_SCENARIO_ROWS ? (size_t)left
						     : GU_BENCH_SCENARIO_ROWS;
	enum gu_verdict worst = GU_VERDICT_PASS;
	struct gu_scenario_info info = { .file = "bench.lua", .line = 3 };
	struct gu_scenario_result result = { .tags = "",
					     .rows = batch.records,
					     .count = count };

	for (size_t i = 0; i < count; i++) {
		gu_bench_row_set(&batch.rows[i], (uint32_t)(from + i));
		batch.records[i] = batch.rows[i].record;
		worst = gu_verdict_worse(worst, batch.records[i].verdict);
	}
	info.name = batch.rows[0].text.col[GU_COL_scenario];
	result.worst = worst;
	return gu_store_add_scenario(s, &info, &result, err);
}

static enum gu_rc fill_store(const char *path, struct gu_err *err)
{
	const struct gu_run_info info = { .start_utc = "2026-01-31T09:00:00Z",
					  .target = "bench" };
	struct gu_store *s = NULL;
	int64_t id;
	enum gu_rc rc = gu_store_open(&s, path, true, err);

	for (size_t i = 0; i < GU_BENCH_SCENARIO_ROWS; i++) {
		gu_bench_row_init(&batch.rows[i]);
	}
	if (!rc) {
		rc = gu_store_begin_run(s, &info, &id, err);
	}
	for (uint64_t n = 0; !rc && n < bench.o->rows;
	     n += GU_BENCH_SCENARIO_ROWS) {
		rc = add_scenario(s, n, err);
	}
	if (!rc) {
		rc = gu_store_finish_run(s, "2026-01-31T09:01:00Z", err);
	}
	gu_store_close(s);
	return rc;
}

static enum gu_rc store_rows(struct lane *l, struct gu_err *err)
{
	(void)l;
	return fill_store(bench.out, err);
}

static enum gu_rc report_rows(struct lane *l, struct gu_err *err)
{
	const struct gu_report_ops *report = gu_report_find(l->format, err);
	struct gu_store *s = NULL;
	FILE *f;
	enum gu_rc rc = report ? open_out(&f, err) : GU_RC_USAGE;

	if (rc) {
		return rc;
	}
	rc = gu_store_open_read(&s, bench.store, err);
	if (!rc) {
		rc = report->write(s, 0, f, err);
	}
	gu_store_close(s);
	if (rc) {
		(void)fclose(f);
		return rc;
	}
	return close_out(f, err);
}

/* Python */

static enum gu_rc python_rows(struct lane *l, struct gu_err *err)
{
	char count[24];
	const char *argv[] = { "python3", bench.script, l->kind,
			       count,     bench.out,    NULL };
	struct gu_samples wall = { .count = 0 };

	(void)snprintf(count, sizeof(count), "%" PRIu64, bench.o->rows);
	return gu_bench_child(argv, &wall, &l->missing, err);
}

static enum gu_rc write_script(struct gu_err *err)
{
	FILE *f = gu_file_open(bench.script, "wb");
	bool lost = !f || fputs(gu_bench_rows_python, f) < 0;

	if (f) {
		lost |= fclose(f) != 0;
	}
	return lost ? gu_err_set(err, GU_RC_IO, "%s cannot be written",
				 bench.script)
		    : GU_RC_OK;
}

/* turns */

enum { ROWS, CSV, JSONL, SQLITE, GUISE_LANES };

static struct lane lanes[] = {
	[ROWS] = { "making the rows", "", .run = no_rows },
	[CSV] = { "guise", "csv", .run = csv_rows },
	[JSONL] = { "guise", "jsonl", .run = jsonl_rows },
	[SQLITE] = { "guise", "sqlite", .run = store_rows },
	{ "C fprintf", "csv", 2, fprintf_rows, .base = CSV },
	{ "Python csv", "csv", 10, python_rows, "csv", .base = CSV },
	{ "Python json", "jsonl", 12, python_rows, "jsonl", .base = JSONL },
	{ "Python sqlite3", "sqlite", 1.7, python_rows, "sqlite",
	  .base = SQLITE },
	{ "making the rows in Python", "", .run = python_rows, .kind = "rows" },
	{ "from a store", "csv", .run = report_rows },
	{ "from a store", "jsonl", .run = report_rows },
	{ "from a store", "junit", .run = report_rows },
	{ "from a store", "tap", .run = report_rows },
	{ "from a store", "sarif", .run = report_rows },
	{ "from a store", "html", .run = report_rows },
};
#define LANES (sizeof(lanes) / sizeof(*lanes))

static bool wanted(const struct lane *l)
{
	return !bench.o->format || !*l->format ||
	       strcmp(l->format, bench.o->format) == 0;
}

static void clear_out(void)
{
	char path[4096 + 8];

	(void)remove(bench.out);
	(void)snprintf(path, sizeof(path), "%s-wal", bench.out);
	(void)remove(path);
	(void)snprintf(path, sizeof(path), "%s-shm", bench.out);
	(void)remove(path);
}

static enum gu_rc take_turn(struct lane *l, struct gu_err *err)
{
	uint64_t start, ns, peak;
	enum gu_rc rc;

	clear_out();
	gu_peak_reset();
	start = uv_hrtime();
	rc = l->run(l, err);
	ns = uv_hrtime() - start;
	peak = gu_peak_kib();
	if (!rc && !l->missing) {
		gu_samples_add(&l->samples, (double)ns / (double)bench.o->rows);
		l->bytes = size_of(bench.out);
		l->peak_kib = peak > l->peak_kib ? peak : l->peak_kib;
	}
	return rc;
}

static enum gu_rc measure(struct gu_err *err)
{
	enum gu_rc rc = write_script(err);

	if (!rc) {
		rc = fill_store(bench.store, err);
	}
	for (size_t r = 0; !rc && r < bench.o->rounds; r++) {
		for (size_t i = 0; !rc && i < LANES; i++) {
			if (wanted(&lanes[i]) && !lanes[i].missing) {
				rc = take_turn(&lanes[i], err);
			}
		}
	}
	return rc;
}

/* showing */

static bool is_peer(const struct lane *l)
{
	return l->goal > 0;
}

static bool is_guise(const struct lane *l)
{
	return !is_peer(l) && l->run != python_rows;
}

static double ratio_of(const struct lane *l)
{
	double guise = gu_samples_median(&lanes[l->base].samples);

	return guise > 0 ? gu_samples_median(&l->samples) / guise : 0;
}

static void show_lane(const struct lane *l)
{
	if (l->missing) {
		printf("  %-7s%-26s is not installed\n", l->format, l->name);
		return;
	}
	printf("  %-7s%-26s%9.0f %9.0f %9.1f", l->format, l->name,
	       gu_samples_min(&l->samples), gu_samples_median(&l->samples),
	       (double)l->bytes / (double)bench.o->rows);
	if (is_peer(l)) {
		printf("   guise is %.1f times as fast (goal: %g)", ratio_of(l),
		       l->goal);
	} else if (is_guise(l) && l->peak_kib) {
		printf(" %9.1f MiB", (double)l->peak_kib / 1024);
	}
	putchar('\n');
}

static int show_text(void)
{
	printf("%" PRIu64 " rows, %zu rounds, interleaved; a row\n"
	       "%44s %9s %9s %13s\n",
	       bench.o->rows, bench.o->rounds, "min ns", "median ns", "bytes",
	       "peak memory");
	for (size_t i = 0; i < LANES; i++) {
		if (wanted(&lanes[i])) {
			show_lane(&lanes[i]);
		}
	}
	printf("Goal for the memory of each format: at most 16 MiB.\n");
	return GU_EXIT_OK;
}

static json_t *lane_json(const struct lane *l)
{
	json_t *o = json_pack("{s:s, s:s, s:f, s:f, s:f}", "name", l->name,
			      "format", l->format, "min_ns",
			      gu_samples_min(&l->samples), "median_ns",
			      gu_samples_median(&l->samples), "bytes",
			      (double)l->bytes / (double)bench.o->rows);

	if (is_peer(l)) {
		json_object_set_new(o, "ratio", json_real(ratio_of(l)));
		json_object_set_new(o, "goal_at_least", json_real(l->goal));
	} else if (is_guise(l)) {
		json_object_set_new(o, "peak_kib",
				    json_integer((json_int_t)l->peak_kib));
	}
	return o;
}

static int show_json(void)
{
	json_t *list = json_array();
	json_t *out = json_pack("{s:I, s:I, s:o}", "rows",
				(json_int_t)bench.o->rows, "rounds",
				(json_int_t)bench.o->rounds, "report", list);
	int lost;

	for (size_t i = 0; i < LANES; i++) {
		if (wanted(&lanes[i]) && !lanes[i].missing) {
			json_array_append_new(list, lane_json(&lanes[i]));
		}
	}
	lost = json_dumpf(out, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(out);
	return lost ? GU_EXIT_HARNESS : GU_EXIT_OK;
}

int gu_bench_report(struct gu_cmdline *cl, const struct gu_bench_report *o)
{
	struct gu_err err = GU_ERR_INIT;

	bench.o = o;
	if (o->format && strcmp(o->format, "sqlite") != 0 &&
	    !gu_report_find(o->format, &err)) {
		return gu_complain_err(cl, &err);
	}
	if (!o->rows || o->rows > UINT32_MAX) {
		return gu_complain(cl, "--rows goes from 1 to %" PRIu32,
				   UINT32_MAX);
	}
	scratch_path(bench.out, "out");
	scratch_path(bench.store, "rows.db");
	scratch_path(bench.script, "rows.py");
	gu_bench_row_init(&bench.row);
	if (measure(&err)) {
		return gu_complain_err(cl, &err);
	}
	return o->json ? show_json() : show_text();
}
