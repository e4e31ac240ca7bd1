/* SPDX-License-Identifier: MIT */
#ifndef GU_MATRIX_SCENARIO_H
#define GU_MATRIX_SCENARIO_H

#include "matrix_input.h"

/* Runs one scenario on the model and adds what it set up, as it is at the
 * scenario's end: accounts, processes and tokens as principals, the objects
 * with their types. `wanted` is FILE, FILE:NAME, FILE:LINE or the name of a
 * built-in scenario. Returns the exit code; a scenario that failed is told on
 * standard error and is none. */
int gu_matrix_scenario_read(struct gu_matrix_input *in, const char *wanted);

#endif
