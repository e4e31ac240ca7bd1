/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_FIXTURE_H
#define GU_MODEL_FIXTURE_H

#include "world.h"

/* What the fixtures share. */

/* An SDDL argument; `out` is empty when it was left out. */
GU_MUST_CHECK enum gu_rc
m_fixture_sddl(struct m_ctx *c, size_t arg, struct gu_sd *out);

/* USAGE where no object of that type and name can be made. */
GU_MUST_CHECK enum gu_rc
m_fixture_object(struct m_ctx *c, enum gu_objtype type, const char *name);

/* Ends a fixture that makes an object: publishes it and answers with it. Takes
 * over what is in `sd` unless it fails. */
GU_MUST_CHECK enum gu_rc m_fixture_made(struct m_ctx *c, enum gu_objtype type,
					const char *name, struct gu_sd *sd);

/* A process argument; NULL when it is something else. */
struct m_process *m_fixture_process(struct m_ctx *c, size_t arg);

/* USAGE: argument `arg` must be `what`. */
enum gu_rc
m_fixture_misused(struct m_ctx *c, const char *arg, const char *what);

/* A token of the account's interactive logon. New. */
GU_MUST_CHECK enum gu_rc
m_fixture_logon(struct m_ctx *c, struct m_account *a, struct m_token **out);

#endif
