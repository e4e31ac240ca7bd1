/* SPDX-License-Identifier: MIT */
#ifndef GU_LE_H
#define GU_LE_H

#include <stdint.h>

/* Little-endian integers in binary descriptors. Private to this floor. */
static inline uint16_t gu_le_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t gu_le_u32(const uint8_t *p)
{
	return gu_le_u16(p) | (uint32_t)gu_le_u16(p + 2) << 16;
}

#endif
