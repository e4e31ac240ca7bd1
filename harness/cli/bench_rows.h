/* SPDX-License-Identifier: MIT */
#ifndef GU_BENCH_ROWS_H
#define GU_BENCH_ROWS_H

#include <stdio.h>

#include "store.h"

/* Rows for the benchmark of reports: attempts at access as a large audit
 * leaves them, the same for the same number, in C and in Python. */
#define GU_BENCH_SCENARIO_ROWS 100

struct gu_bench_row {
	struct gu_row text;
	struct gu_record record;
	char seq[24];
	char time[32];
	char step[8];
	char object[64];
	char sid[48];
	char duration[16];
};

/* Call init once, then set for each number from 0 on. */
void gu_bench_row_init(struct gu_bench_row *r);
void gu_bench_row_set(struct gu_bench_row *r, uint32_t number);

/* What C would do without guise: fprintf, with quotes where RFC 4180 asks for
 * them. */
void gu_bench_row_fprintf(const struct gu_bench_row *r, FILE *out);

/* A Python program that writes the same rows: KIND (rows, csv, jsonl, sqlite)
 * N OUT. */
extern const char gu_bench_rows_python[];

#endif
