/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_CHANNEL_H
#define GU_MODEL_CHANNEL_H

#include "world.h"

/* What the channels share: queues of what waits for the other side, and
 * questions about a client. */

/* First in, first out. The link is the first member of what is queued. */
struct m_link {
	struct m_link *next;
};

struct m_queue {
	struct m_link *first;
	struct m_link *last;
};

void m_queue_push(struct m_queue *q, struct m_link *link);
void *m_queue_pop(struct m_queue *q); /* NULL when empty */
static inline void *m_queue_first(const struct m_queue *q)
{
	return q->first;
}

/* The item of that kind that an argument names, or NULL. */
static inline void *
m_item_arg(const struct m_ctx *c, size_t i, enum gu_ref_kind kind)
{
	struct gu_ref ref = m_ref(c, i);

	return ref.kind == kind ? m_item(c->w, ref) : NULL;
}

/* A call that goes on to fail after its access check hands out nothing. */
void m_undecide(struct m_ctx *c);

/* Sets the outcome's `offered` as m_impersonate does, for a call that fails
 * before it gets there. */
void m_offer(struct m_ctx *c, const struct m_token *token);

/* Whether the caller may make a named object at all: the name space itself is
 * closed to tokens below Impersonation. An NTSTATUS. */
uint32_t m_create_check(const struct m_ctx *c);

/* Counted: a token of the process's own at `level`, whatever the thread
 * impersonates. */
GU_MUST_CHECK enum gu_rc
m_process_context(struct m_ctx *c, enum gu_level level, struct m_token **out);

/* Opens a new token, which a security package made of a client, to the server
 * that it is for. It is given back on failure. `*t` may be NULL. */
GU_MUST_CHECK enum gu_rc m_package_token(struct m_ctx *c,
					 const struct m_process *server,
					 struct m_token **t);

/* "Account is sensitive and cannot be delegated." */
bool m_is_sensitive(struct m_world *w, const struct gu_sid *user);

/* GU_RC_USAGE, for helpers: what guise itself handed out is not usable here.
 * Windows' own handles get Windows' own answers instead. */
enum gu_rc m_wrong_item(struct m_ctx *c, const char *what);

static inline void m_token_unref(struct m_world *w, struct m_token *token)
{
	if (token) {
		m_object_unref(w, &token->obj);
	}
}

#endif
