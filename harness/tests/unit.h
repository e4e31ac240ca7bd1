/* SPDX-License-Identifier: MIT */
#ifndef GU_UNIT_H
#define GU_UNIT_H

/* What every CMocka test includes: the headers in the order CMocka wants,
 * and checks that print a row's name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"

/* The harness call succeeded; prints its error otherwise. */
#define assert_rc_ok(expr)                                      \
	do {                                                    \
		enum gu_rc rc_ = (expr);                        \
		if (rc_ != GU_RC_OK) {                          \
			fail_msg("%s: rc %d", #expr, (int)rc_); \
		}                                               \
	} while (0)

/* As the CMocka check, for the row of a table: names the row on failure. */
#define row_check(cond, row)                                      \
	do {                                                      \
		if (!(cond)) {                                    \
			fail_msg("row \"%s\": %s", (row), #cond); \
		}                                                 \
	} while (0)

#endif
