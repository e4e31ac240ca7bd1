/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_TOKENS_H
#define GU_MODEL_TOKENS_H

#include "world.h"

/* What the files that make and change tokens share. */
enum {
	TOKEN_ASSIGN_PRIMARY = 0x1,
	TOKEN_DUPLICATE = 0x2,
	TOKEN_IMPERSONATE = 0x4,
	TOKEN_QUERY = 0x8,
	TOKEN_ADJUST_PRIVILEGES = 0x20,
	TOKEN_ADJUST_GROUPS = 0x40,
	TOKEN_ADJUST_DEFAULT = 0x80,
	TOKEN_ADJUST_SESSIONID = 0x100,
};

/* What a duplicate takes over from the object it is made of: names and the
 * linked token. `t` is new. */
void m_token_kin(struct m_token *t, const struct m_token *src);

/* Gives it the descriptor that a creator's new object gets. */
GU_MUST_CHECK enum gu_rc m_token_secure(struct m_token *t,
					const struct gu_token *creator,
					struct gu_err *err);

/* The SIDs of a filter from two SIDS arguments, for the call's time; whether a
 * restricting one came with attributes. */
GU_MUST_CHECK enum gu_rc
m_filter_sids(struct m_ctx *c, const struct gu_value *disable,
	      const struct gu_value *restrict_to,
	      struct gu_token_filter *filter, bool *attributes);

/* A private duplicate at `level` for a thread that acts as `creator`: an
 * earlier one again where that cannot be told. Borrowed from `src` until its
 * next adjustment: refer to it before anything else happens. */
GU_MUST_CHECK enum gu_rc
m_token_spare(struct m_world *w, struct m_token *src, enum gu_level level,
	      const struct gu_token *creator, struct m_token **out,
	      struct gu_err *err);

/* What a fixture says of a token: not in effect on any thread. */
void m_token_identity(struct m_world *w, struct m_token *t,
		      struct gu_identity *out);

#endif
