/* SPDX-License-Identifier: MIT */
#include "file.h"

#include "alloc.h"
#include "banned.h"

FILE *gu_file_open(const char *path, const char *mode)
{
	return fopen(path, mode);
}

const char *gu_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *gu_path_long(const char *path)
{
	return gu_strdup(path);
}
