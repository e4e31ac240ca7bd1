/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_PROBE_H
#define GU_WIN32_PROBE_H

#include "target.h"

/* What this system really does, found out by trying it, once per process and
 * only when asked for.
 *
 * One function per capability. It runs on a thread of its own, outside every
 * world, may impersonate and need not revert; an exception or ten seconds
 * without an answer are a no. It leaves nothing behind. */
#define GU_CAP(id, doc) bool w_probe_##id(void);
#include "cap.def"
#undef GU_CAP

/* The answer, cached. Conductor thread only. */
bool w_probe(enum gu_cap cap);

#endif
