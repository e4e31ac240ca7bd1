/* SPDX-License-Identifier: MIT */
#ifndef GU_NUMBER_H
#define GU_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a digit of base 16 or below stands for; above 15 for any other byte. */
unsigned gu_digit_value(char c);

/* A number inside a longer text, as SIDs and SDDL hold them: 0x hex, or
 * digits of `base`, as far as they go. What does not fit saturates. Moves
 * `*at` on; false when there is no digit. Private to this floor. */
bool gu_number_read(const char **at, const char *end, unsigned base,
		    uint64_t *out);

#endif
