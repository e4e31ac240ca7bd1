/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_FRAME_H
#define GU_WIN32_FRAME_H

#include <winsock2.h>
#include <windows.h>

#include "buf.h"

/* Messages through a pipe: a length, then as many bytes. One writer and one
 * reader at a time. False when the other end is gone or out of memory. */
bool w_frame_write(HANDLE pipe, const void *p, size_t n);
bool w_frame_read(HANDLE pipe, struct gu_buf *out); /* replaces its content */

#endif
