/* SPDX-License-Identifier: MIT */
#ifndef GU_ANSWER_H
#define GU_ANSWER_H

#include <jansson.h>

#include "err.h"

/* One line of a batch form answered: reads the input's fields, adds the
 * output's. An error is the line's own. */
GU_MUST_CHECK enum gu_rc
gu_answer_check(const json_t *in, json_t *out, struct gu_err *err);
GU_MUST_CHECK enum gu_rc
gu_answer_inherit(const json_t *in, json_t *out, struct gu_err *err);

#endif
