/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "banned.h"

const struct gu_command *const gu_platform_commands[] = { NULL };
