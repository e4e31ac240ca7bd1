/* SPDX-License-Identifier: MIT */
#ifndef GU_SCRIPT_H
#define GU_SCRIPT_H

#include "engine.h"

/* The Lua engine. One Lua state per file, sandboxed; one world per
 * scenario. */
extern const struct gu_engine_ops gu_engine_lua;

/* Reads the Lua library from this folder instead of the embedded copy, for
 * developing it. Borrowed. */
void gu_script_set_lib(const char *dir);

#endif
