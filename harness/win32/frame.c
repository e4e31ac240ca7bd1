/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include "banned.h"

#define FRAME_MOST (64u << 20)

static bool write_all(HANDLE pipe, const char *p, size_t n)
{
	while (n) {
		DWORD put = 0;

		if (!WriteFile(pipe, p, (DWORD)n, &put, NULL)) {
			return false;
		}
		p += put;
		n -= put;
	}
	return true;
}

static bool read_all(HANDLE pipe, char *p, size_t n)
{
	while (n) {
		DWORD got = 0;

		if (!ReadFile(pipe, p, (DWORD)n, &got, NULL) || !got) {
			return false;
		}
		p += got;
		n -= got;
	}
	return true;
}

bool w_frame_write(HANDLE pipe, const void *p, size_t n)
{
	uint32_t length = (uint32_t)n;

	return n <= FRAME_MOST &&
	       write_all(pipe, (const char *)&length, sizeof(length)) &&
	       write_all(pipe, p, n);
}

bool w_frame_read(HANDLE pipe, struct gu_buf *out)
{
	uint32_t length;

	gu_buf_reset(out);
	if (!read_all(pipe, (char *)&length, sizeof(length)) ||
	    length > FRAME_MOST) {
		return false;
	}
	gu_buf_grow(out, length);
	if (out->oom || !read_all(pipe, out->data, length)) {
		return false;
	}
	out->len = length;
	return true;
}
