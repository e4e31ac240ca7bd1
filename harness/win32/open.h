/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_OPEN_H
#define GU_WIN32_OPEN_H

#include "exec.h"

/* Opening objects by type and real name. On the calling thread, as whoever it
 * is. */
struct w_open {
	enum gu_objtype type;
	const wchar_t *name; /* not of processes, threads, tokens */
	HANDLE source;       /* a handle to a process, thread, token */
	uint32_t access;
	bool backup;
};

/* A handle that w_close_opened closes, or NULL and the Win32 error. */
HANDLE w_open(const struct w_open *how, uint32_t *error);
void w_close_opened(enum gu_objtype type, HANDLE h);

/* "HKLM\\Software\\x" into root and rest; NULL when it starts with no root. */
HKEY w_key_root(const wchar_t *name, const wchar_t **rest);

/* Access taken away or never given: the system took a decision. */
bool w_is_decision(uint32_t error);

#endif
