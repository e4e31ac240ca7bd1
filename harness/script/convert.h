/* SPDX-License-Identifier: MIT */
#ifndef GU_SCRIPT_CONVERT_H
#define GU_SCRIPT_CONVERT_H

#include "script_internal.h"

/* What the files that convert arguments share. All of them raise. */
const struct gu_arg *sc_arg_row(const struct sc_arg *a);
_Noreturn int sc_arg_wrong_type(const struct sc_arg *a, int index);
/* What is wrong with it is on top of the stack. */
_Noreturn int sc_arg_wrong_value(const struct sc_arg *a);

uint32_t sc_arg_u32(const struct sc_arg *a, int index);
void sc_arg_str_or_ref(const struct sc_arg *a, int index, struct gu_value *out);
void sc_arg_sqos(const struct sc_arg *a, int index, struct gu_value *out);
void sc_arg_privs(const struct sc_arg *a, int index, struct gu_value *out);
void sc_arg_sids(const struct sc_arg *a, int index, struct gu_value *out);
void sc_arg_any(const struct sc_arg *a, int index, struct gu_value *out);

#endif
