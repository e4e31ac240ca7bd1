/* SPDX-License-Identifier: MIT */
#ifndef GU_MATRIX_SNAPSHOT_H
#define GU_MATRIX_SNAPSHOT_H

#include "matrix_input.h"

/* Principals and objects of a snapshot. Returns the exit code: a line that is
 * none ends it, having been shown. */
int gu_matrix_snapshot_read(struct gu_matrix_input *in, const char *path);

#endif
