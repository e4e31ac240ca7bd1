/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_SPAWN_H
#define GU_WIN32_SPAWN_H

#include "exec.h"

/* A child of the calling process that runs jobs: `guise.exe agent`. `in` and
 * `out` are its ends of a pair of pipes, inheritable handles of this process.
 * With a token it runs with that one, otherwise with its parent's. False, with
 * the last error set, when the system refuses. The caller closes both handles
 * of `made`. */
bool w_spawn(HANDLE token, HANDLE in, HANDLE out, PROCESS_INFORMATION *made);

#endif
