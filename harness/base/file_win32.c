/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <errno.h>

#include "alloc.h"
#include "wide.h"
#include "banned.h"

FILE *gu_file_open(const char *path, const char *mode)
{
	wchar_t *wide = gu_wide_path(path);
	wchar_t *how = gu_wide_from_utf8(mode);
	FILE *f = NULL;

	errno = EINVAL;
	if (wide && how) {
		f = _wfopen(wide, how);
	}
	gu_free(how);
	gu_free(wide);
	return f;
}

const char *gu_path_base(const char *path)
{
	const char *base = path;

	for (; *path; path++) {
		if (*path == '/' || *path == '\\') {
			base = path + 1;
		}
	}
	return base;
}

char *gu_path_long(const char *path)
{
	wchar_t *wide = gu_wide_path(path);
	char *out = wide ? gu_wide_to_utf8(wide) : NULL;

	gu_free(wide);
	return out;
}
