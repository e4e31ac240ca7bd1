/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdio.h>
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

/* Linux keeps a mark of its own that can be put back, see proc(5). */
void gu_peak_reset(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (f) {
		(void)fputs("5", f);
		(void)fclose(f);
	}
}

uint64_t gu_peak_kib(void)
{
	static const char name[] = "VmHWM:";
	FILE *f = fopen("/proc/self/status", "r");
	uint64_t kib = 0;
	char line[256];

	while (f && !kib && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, sizeof(name) - 1) == 0) {
			kib = strtoull(line + sizeof(name) - 1, NULL, 10);
		}
	}
	if (f) {
		(void)fclose(f);
	}
	return kib;
}
