/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_PROCESS_H
#define GU_MODEL_PROCESS_H

#include "world.h"

/* New process with that primary token (counted); `sd` (may be NULL, taken over
 * otherwise) gets what it lacks from the creator's token. Lives as long as the
 * world. */
struct m_process_desc {
	const char *name; /* NULL: one is made up */
	struct m_token *primary;
	const struct gu_token *creator;
	struct gu_sd *sd;
};
GU_MUST_CHECK enum gu_rc m_process_new(struct m_ctx *c,
				       const struct m_process_desc *desc,
				       struct m_process **out);

/* New thread of a process, without an impersonation token, as long as the
 * world. `sd` as above; the creator is the process. */
GU_MUST_CHECK enum gu_rc m_thread_new(struct m_ctx *c, struct m_process *p,
				      const char *name, struct gu_sd *sd,
				      struct m_thread **out);

/* A token object that is fit to be a process's primary one. New. */
GU_MUST_CHECK enum gu_rc m_primary_of(struct m_world *w,
				      const struct m_token *src,
				      struct m_token **out, struct gu_err *err);

#endif
