/* SPDX-License-Identifier: MIT */
#ifndef GU_CONSOLE_H
#define GU_CONSOLE_H

#include <stdio.h>

#include "run.h"

/* What a run says on standard error while it goes on and at its end. Progress
 * is for terminals only; colour for terminals without NO_COLOR. */
struct gu_console {
	bool quiet;
	bool verbose;
	bool tty;
	bool color;
	bool showing; /* a progress line is on the screen */
	size_t done;
	uint64_t started_ns;
	uint64_t shown_ns;
};

void gu_console_init(struct gu_console *c, bool quiet, bool verbose);
void gu_console_line(struct gu_console *c, const char *line);
void gu_console_scenario(struct gu_console *c,
			 const struct gu_scenario_info *info,
			 enum gu_verdict worst);

/* A scenario's name as one line. */
void gu_console_name(FILE *out, const char *name);

/* "guise: 40 scenarios: 39 pass, 1 fail; 612 rows in 0.02 s". */
void gu_console_summary(struct gu_console *c,
			const struct gu_run_totals *totals);

#endif
