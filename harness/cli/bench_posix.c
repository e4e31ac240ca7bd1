/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <sys/resource.h>

#include "banned.h"

uint64_t gu_children_peak_kib(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_CHILDREN, &usage)) {
		return 0;
	}
	return (uint64_t)usage.ru_maxrss;
}
