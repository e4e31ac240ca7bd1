/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "banned.h"

void m_queue_push(struct m_queue *q, struct m_link *link)
{
	link->next = NULL;
	if (q->last) {
		q->last->next = link;
	} else {
		q->first = link;
	}
	q->last = link;
}

void *m_queue_pop(struct m_queue *q)
{
	struct m_link *link = q->first;

	if (link) {
		q->first = link->next;
		if (!q->first) {
			q->last = NULL;
		}
	}
	return link;
}

void m_undecide(struct m_ctx *c)
{
	c->call->out.decision = (struct gu_decision){ .made = false };
	c->call->out.basis = (struct gu_basis){ .token = NULL };
}

void m_offer(struct m_ctx *c, const struct m_token *token)
{
	c->call->out.offered_known = true;
	c->call->out.offered = token->data->level;
}

uint32_t m_create_check(const struct m_ctx *c)
{
	return m_below_impersonation(c->thread) ? GU_NT_BAD_IMPERSONATION_LEVEL
						: GU_NT_SUCCESS;
}

enum gu_rc
m_process_context(struct m_ctx *c, enum gu_level level, struct m_token **out)
{
	return m_token_duplicate(c->w, c->thread->process->primary,
				 GU_TOKEN_IMPERSONATION, level, false, out,
				 c->err);
}

enum gu_rc m_package_token(struct m_ctx *c, const struct m_process *server,
			   struct m_token **t)
{
	enum gu_rc rc;

	if (!*t) {
		return GU_RC_OK;
	}
	rc = gu_acl_add(&(*t)->obj.sd.dacl, GU_ACE_ALLOW, GU_TOKEN_ALL_ACCESS,
			&server->primary->data->user, c->err);
	if (rc) {
		m_token_unref(c->w, *t);
		*t = NULL;
	}
	return rc;
}

bool m_is_sensitive(struct m_world *w, const struct gu_sid *user)
{
	const struct m_account *account = m_account_of(w, user);

	return account && account->sensitive;
}

enum gu_rc m_wrong_item(struct m_ctx *c, const char *what)
{
	return gu_err_set(c->err, GU_RC_USAGE, "%s: %s",
			  gu_fn_row(c->call->fn)->name, what);
}
