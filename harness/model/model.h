/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_H
#define GU_MODEL_H

#include "target.h"

/* The model target: an in-process Windows security subsystem. Deterministic:
 * the same calls give the same answers, ids and reasons. It asks the machine
 * it runs on for nothing but memory. */
extern const struct gu_target_ops gu_target_model;

#endif
