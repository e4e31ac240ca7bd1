/* SPDX-License-Identifier: MIT */
#ifndef GU_SDDL_NAMES_H
#define GU_SDDL_NAMES_H

#include "sd.h"

/* The words of SDDL, shared by the parser and the printer. Private to this
 * floor. Tables end in a row without a word. */
struct gu_sddl_word {
	const char *word; /* one or two capitals */
	uint32_t value;
};

static inline size_t gu_sddl_word_len(const struct gu_sddl_word *w)
{
	return w->word[1] ? 2 : 1;
}

extern const struct gu_sddl_word gu_sddl_types[];
extern const struct gu_sddl_word gu_sddl_flags[];
/* One bit each, in the order in which Windows prints them. */
extern const struct gu_sddl_word gu_sddl_rights[];
/* Whole masks; printed only where they fit exactly. */
extern const struct gu_sddl_word gu_sddl_masks[];
/* For mandatory labels. */
extern const struct gu_sddl_word gu_sddl_policies[];
/* Control bits of the DACL; the SACL's are one bit to the left. */
extern const struct gu_sddl_word gu_sddl_controls[];

/* GUIDs as text: where each byte is stored (the first three fields are
 * little-endian), and before which bytes a dash stands. */
#define GU_SDDL_GUID_LEN 36
extern const uint8_t gu_sddl_guid_order[16];

static inline bool gu_sddl_guid_dash(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

/* Does an ACE of that type hold a condition or an attribute? */
bool gu_sddl_takes_data(uint8_t type);

/* Is it that letter, in either case? `c` is any byte. */
static inline bool gu_sddl_is_letter(char c, char capital)
{
	return ((c ^ capital) & ~0x20) == 0;
}

/* The longest word that `s` starts with, ignoring case, or NULL. */
const struct gu_sddl_word *
gu_sddl_match(const struct gu_sddl_word *table, const char *s, size_t n);

#endif
