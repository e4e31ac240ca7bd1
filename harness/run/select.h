/* SPDX-License-Identifier: MIT */
#ifndef GU_SELECT_H
#define GU_SELECT_H

#include "run.h"

/* Which scenarios a run takes: those whose name fits the filter and that bear
 * one of the tags. */
bool gu_run_selects(const struct gu_run_options *o,
		    const struct gu_scenario_desc *scenario);

#endif
