/* SPDX-License-Identifier: MIT */
#ifndef GU_BENCH_REPORT_H
#define GU_BENCH_REPORT_H

#include "bench.h"
#include "command.h"

/* Reports and the store at `rows` rows: guise's writers over rows that are
 * made on the way, against fprintf and Python doing the same; and each format
 * from a store of that many rows, with the most memory it took. `format`:
 * that one only, or NULL. `folder` is for scratch files. Prints what it found;
 * returns the exit code. */
struct gu_bench_report {
	size_t rounds;
	uint64_t rows;
	const char *format;
	const char *folder;
	bool json;
};
int gu_bench_report(struct gu_cmdline *cl, const struct gu_bench_report *o);

#endif
