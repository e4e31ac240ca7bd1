/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_PRIVILEGE_H
#define GU_WIN32_PRIVILEGE_H

#include "token.h"

/* Privileges that guise's own process holds and needs for a moment, for what
 * scenarios set up. Conductor thread only. */

/* Enables those of `wanted` that are held and disabled; returns them. */
gu_privset w_privileges_raise(gu_privset wanted);

/* Disables them again, whatever the last error: it stays. */
void w_privileges_drop(gu_privset raised);

#endif
