/* SPDX-License-Identifier: MIT */
#include "select.h"

#include "banned.h"

/* On a mismatch the last star takes one more byte; earlier stars need no
 * second try. */
static bool glob_matches(const char *glob, const char *text)
{
	const char *star = NULL;
	const char *retry = NULL;

	while (*text) {
		if (*glob == '*') {
			star = glob++;
			retry = text;
		} else if (*glob == '?' || *glob == *text) {
			glob++;
			text++;
		} else if (star) {
			glob = star + 1;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*glob == '*') {
		glob++;
	}
	return *glob == '\0';
}

static bool name_fits(const char *filter, const char *name)
{
	if (!filter) {
		return true;
	}
	return strpbrk(filter, "*?") ? glob_matches(filter, name)
				     : strstr(name, filter) != NULL;
}

static bool has_tag(const struct gu_scenario_desc *scenario, const char *tag)
{
	for (size_t i = 0; i < scenario->tag_count; i++) {
		if (strcmp(scenario->tags[i], tag) == 0) {
			return true;
		}
	}
	return false;
}

static bool
tags_fit(const char *const *tags, const struct gu_scenario_desc *scenario)
{
	if (!tags || !*tags) {
		return true;
	}
	for (; *tags; tags++) {
		if (has_tag(scenario, *tags)) {
			return true;
		}
	}
	return false;
}

bool gu_run_selects(const struct gu_run_options *o,
		    const struct gu_scenario_desc *scenario)
{
	return (!o->name || strcmp(o->name, scenario->name) == 0) &&
	       name_fits(o->filter, scenario->name) &&
	       tags_fit(o->tags, scenario);
}
