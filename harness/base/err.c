/* SPDX-License-Identifier: MIT */
#include "err.h"

#include <stdio.h>

#include "banned.h"

static void err_fill(struct gu_err *err, enum gu_rc rc, size_t offset,
		     const char *fmt, va_list ap)
{
	if (!err) {
		return;
	}
	err->rc = rc;
	err->offset = offset;
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
}

enum gu_rc gu_err_set(struct gu_err *err, enum gu_rc rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_fill(err, rc, GU_ERR_NO_OFFSET, fmt, ap);
	va_end(ap);
	return rc;
}

enum gu_rc gu_err_at(struct gu_err *err, size_t offset, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_fill(err, GU_RC_USAGE, offset, fmt, ap);
	va_end(ap);
	return GU_RC_USAGE;
}

enum gu_rc gu_err_nomem(struct gu_err *err)
{
	return gu_err_set(err, GU_RC_NOMEM, "out of memory");
}
