/* SPDX-License-Identifier: MIT */
#ifndef GU_SCRIPT_H
#define GU_SCRIPT_H

#include "embedded.h"
#include "engine.h"

/* The Lua engine. One Lua state per file, sandboxed; one world per
 * scenario. A world must be closed before the script that ran in it. */
extern const struct gu_engine_ops gu_engine_lua;

/* Reads the Lua library from this folder (the one that holds guise/) instead
 * of the embedded copy, for developing it. Borrowed; NULL: embedded. */
void gu_script_set_lib(const char *dir);

/* Where guise.read and require look for what lies beside a scenario that was
 * loaded from memory. Borrowed, ends in a row without a path; NULL: none. */
void gu_script_set_builtin(const struct gu_embedded *files);

/* The editor stubs of everything a scenario can call: lua/meta/guise.d.lua.
 * The caller looks at out->oom. */
void gu_script_stubs(struct gu_buf *out);

#endif
