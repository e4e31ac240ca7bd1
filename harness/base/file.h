/* SPDX-License-Identifier: MIT */
#ifndef GU_FILE_H
#define GU_FILE_H

#include <stdio.h>

#include "err.h"

/* Files by UTF-8 paths of any length, which fopen does not take on Windows.
 * There both slashes separate. */

/* As fopen: NULL with errno set. */
FILE *gu_file_open(const char *path, const char *mode);

/* What follows the last separator. Borrowed from `path`. */
const char *gu_path_base(const char *path);

/* New: the same file for functions that stop at the 260 characters of
 * MAX_PATH; a copy wherever there is no such limit. NULL when out of memory or
 * when `path` is no UTF-8. */
char *gu_path_long(const char *path);

#endif
