/* SPDX-License-Identifier: MIT */
#ifndef GU_REGISTRY_H
#define GU_REGISTRY_H

#include "report.h"
#include "target.h"

/* The one place that names targets and report formats. Both tables end in
 * NULL; the first target is the default. */
extern const struct gu_target_ops *const gu_targets[];
extern const struct gu_report_ops *const gu_reports[];

/* By name, or NULL with err saying what there is. */
const struct gu_target_ops *
gu_target_find(const char *name, struct gu_err *err);
const struct gu_report_ops *
gu_report_find(const char *name, struct gu_err *err);

#endif
