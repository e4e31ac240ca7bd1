/* SPDX-License-Identifier: MIT */
#ifndef GU_SCRIPT_EXPECT_H
#define GU_SCRIPT_EXPECT_H

#include "script_internal.h"

/* What an expectation is of. */
enum sc_subject {
	OF_CALL,   /* what a call answered, with or without a handle */
	OF_HANDLE, /* what a call that opens something handed out */
	OF_ATTEMPT,
	OF_THREAD,
	OF_TOKEN, /* a token fixture */
};

enum sc_check {
	CHECK_granted,
	CHECK_denied,
	CHECK_succeeds,
	CHECK_fails,
	CHECK_acts_as,
	CHECK_reverted,
	CHECK_has,
	CHECK_lacks,
	CHECK_COUNT,
};

struct sc_expectation {
	enum sc_tag tag;
	uint32_t epoch;
	enum sc_subject subject;
	bool required;
	bool labelled; /* user value 2 */
	uint32_t step;
	size_t slot;              /* in unchecked, + 1; 0: checked */
	const struct sc_ref *ref; /* kept by user value 1 */
	enum gu_fn fn;            /* of the call; GU_FN_NONE: none */
};

/* What a check makes of its subject. */
struct sc_judgement {
	bool pass;
	bool has_reason;
	char expected[256];
	char reason[256];
	uint32_t step; /* of the row judged */
};

/* Carries out one check; its arguments lie at indices 2 and 3. Raises. */
void sc_check(lua_State *L, enum sc_check check, const struct sc_expectation *e,
	      struct sc_judgement *j);

#endif
