/* SPDX-License-Identifier: MIT */
#ifndef GU_EMBEDDED_H
#define GU_EMBEDDED_H

#include <stddef.h>

/* Files built into the binary by guise_embed (cmake/embed.cmake). Each table
 * ends in a row without a path. The data is followed by a NUL. */
struct gu_embedded {
	const char *path; /* relative to the folder embedded */
	const char *data;
	size_t len;
};

extern const struct gu_embedded lua_library[];
extern const struct gu_embedded builtin_scenarios[];
extern const struct gu_embedded report_assets[];

#endif
