/* SPDX-License-Identifier: MIT */
#ifndef GU_BANNED_H
#define GU_BANNED_H

/* Included last by every .c file: functions that cut, overrun or guess
 * silently do not compile. Use gu_buf, gu_parse_* and snprintf. */
#include <stdlib.h>
#include <string.h>

#define GU_BANNED(name) sorry_##name##_is_banned

#undef strcpy
#define strcpy(a, b) GU_BANNED(strcpy)
#undef strcat
#define strcat(a, b) GU_BANNED(strcat)
#undef strncpy
#define strncpy(a, b, n) GU_BANNED(strncpy)
#undef strncat
#define strncat(a, b, n) GU_BANNED(strncat)
#undef strtok
#define strtok(a, b) GU_BANNED(strtok)
#undef sprintf
#define sprintf(...) GU_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) GU_BANNED(vsprintf)
#undef gets
#define gets(a) GU_BANNED(gets)
#undef atoi
#define atoi(a) GU_BANNED(atoi)
#undef atol
#define atol(a) GU_BANNED(atol)

#endif
