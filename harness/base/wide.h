/* SPDX-License-Identifier: MIT */
#ifndef GU_WIDE_H
#define GU_WIDE_H

#include <wchar.h>

#include "err.h"

/* Text for and from Windows' W functions; built for Windows only. All are
 * new: the caller calls gu_free. NULL when out of memory or when the text is
 * not well-formed. */
wchar_t *gu_wide_from_utf8(const char *s);
char *gu_wide_to_utf8(const wchar_t *s);

/* A path for CreateFile and its like. One that could be too long for
 * MAX_PATH becomes absolute and gets the prefix that lifts the limit. */
wchar_t *gu_wide_path(const char *path);

#endif
