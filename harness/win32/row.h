/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_ROW_H
#define GU_WIN32_ROW_H

#include "exec.h"

/* The call table as the executor sees it. Any thread. */
typedef void (*w_row_fn)(struct w_run *x);

w_row_fn w_row(enum gu_fn fn);

/* The row's function in its DLL, resolved once; NULL when it is not exported,
 * and for guise's own words. */
FARPROC w_row_proc(enum gu_fn fn);

/* The row is one Windows function: it can do nothing without. */
bool w_row_needs_proc(enum gu_fn fn);

/* Runs one job on the calling thread. x has thread, job, out and arena. */
void w_run_job(struct w_run *x);

#endif
