/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_NAMES_H
#define GU_WIN32_NAMES_H

#include "objtype.h"

/* Where the things that a scenario names live on a real machine: under a
 * prefix of the run's own, so that nothing of the machine is ever taken for
 * them, and out of the machine's way. Reports show the scenario's name.
 *
 * Pure; any thread. */
struct w_names {
	const char *prefix; /* "guise-1A2B-3": no backslash, no blank */
	const char *folder; /* for files, without a backslash at its end */
};

/* Appends the real name of `name`:
 *
 *   file, directory   C:\audit\x         FOLDER\PREFIX\C\audit\x
 *   pipe              \\.\pipe\x         \\.\pipe\PREFIX-x
 *   key               HKLM\Software\x    HKLM\Software\PREFIX\Software\x
 *   event, mutex...   Global\x           Global\PREFIX-x
 *                     \BaseNamedObjects\x is Global\x
 *   service           x                  PREFIX-x
 *
 * Refused: a name that is empty, holds "..", or of a key that begins with no
 * root. */
GU_MUST_CHECK enum gu_rc w_name_real(const struct w_names *names,
				     enum gu_objtype type, const char *name,
				     struct gu_buf *out, struct gu_err *err);

/* What a bare name most likely means: a pipe, a key, a file, else an event. */
enum gu_objtype w_name_type(const char *name);

/* \\.\pipe\... */
bool w_name_is_pipe(const char *name);

#endif
