/* SPDX-License-Identifier: MIT */
#ifndef GU_FUZZ_H
#define GU_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* A promise that no input may break. */
#define FUZZ_CHECK(cond)         \
	do {                     \
		if (!(cond)) {   \
			abort(); \
		}                \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
