/* SPDX-License-Identifier: MIT */
#ifndef GU_ERR_H
#define GU_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GU_MUST_CHECK __attribute__((warn_unused_result))

/* C's formats, also where the system's own printf knows other ones. */
#ifdef _WIN32
#define GU_PRINTF(fmt, va) __attribute__((format(gnu_printf, fmt, va)))
#else
#define GU_PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))
#endif

/* How the harness itself fared. What the call under test answered is a
 * struct gu_status, what a check makes of it an enum gu_verdict; the three
 * never share a value. */
enum gu_rc {
	GU_RC_OK = 0,
	GU_RC_PENDING, /* not an error: the call is still in flight */
	GU_RC_NOMEM,   /* out of memory */
	GU_RC_USAGE, /* the caller's input is wrong; err says what and where */
	GU_RC_IO,    /* a file or database could not be read or written */
	GU_RC_DEADLOCK,    /* calls are in flight and none can ever complete */
	GU_RC_TIMEOUT,     /* the time allowed for it is over */
	GU_RC_UNSUPPORTED, /* this target cannot do it; err names the capability
			    */
	GU_RC_INTERNAL,    /* the harness broke a promise of its own */
};

#define GU_ERR_MAX 512

/* One error, owned by the caller, who passes it down. `msg` is one line
 * without a trailing full stop. `offset` is a byte offset into the input the
 * error is about, or GU_ERR_NO_OFFSET. */
struct gu_err {
	enum gu_rc rc;
	size_t offset;
	char msg[GU_ERR_MAX];
};

#define GU_ERR_NO_OFFSET ((size_t)-1)
#define GU_ERR_INIT                                                   \
	{                                                             \
		.rc = GU_RC_OK, .offset = GU_ERR_NO_OFFSET, .msg = "" \
	}

/* Fills `err` (which may be NULL) and returns `rc`, so that a failing
 * function can end in `return gu_err_set(...)`. A message that is too long
 * is cut. */
enum gu_rc gu_err_set(struct gu_err *err, enum gu_rc rc, const char *fmt, ...)
	GU_PRINTF(3, 4);

/* The same with the offset of the offending byte. */
enum gu_rc gu_err_at(struct gu_err *err, size_t offset, const char *fmt, ...)
	GU_PRINTF(3, 4);

/* Fills `err` with "out of memory" and returns GU_RC_NOMEM. */
enum gu_rc gu_err_nomem(struct gu_err *err);

#endif
