/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

#define NO_POINTERS "the contract hands values out, it has no output pointers"
#define NO_BUFFERS  "the contract hands values out, it has no buffers"
#define NO_SD_QUERY "no row of the call table reads an object's descriptor"
#define NO_OPEN                                                             \
	"CreateNamedPipe cannot ask for the disposition FILE_OPEN, and no " \
	"other row makes server ends"
#define NO_AUDIT "the call table has no function that writes audit records"

const struct bh_exclusion bh_out_of_scope[] = {
	{ "ib-8ac6c88ef51a", NO_POINTERS }, { "ib-40f328e69d4d", NO_POINTERS },
	{ "ib-b0c5b4b2369a", NO_POINTERS }, { "ib-d988fba6c31e", NO_BUFFERS },
	{ "ib-0b7d9b1f18b4", NO_OPEN },     { "ib-9756dcac4e03", NO_OPEN },
	{ "ib-2c7691178e10", NO_SD_QUERY }, { "ib-b3608c532fb5", NO_SD_QUERY },
	{ "ib-25a0e99b52ff", NO_SD_QUERY }, { "ib-7e367097dc92", NO_SD_QUERY },
	{ "ib-b6837ee7d7f7", NO_AUDIT },
};
const size_t bh_out_of_scope_count =
	sizeof(bh_out_of_scope) / sizeof(bh_out_of_scope[0]);
