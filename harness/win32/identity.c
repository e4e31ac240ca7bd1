/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include "native.h"

#include "banned.h"

/* Pseudo handles of tokens (Windows 8): query rights, whatever the token's
 * descriptor says and whatever its level. */
#define PROCESS_TOKEN   ((HANDLE)(INT_PTR)-4)
#define EFFECTIVE_TOKEN ((HANDLE)(INT_PTR)-6)

static uint64_t luid(LUID id)
{
	return (uint64_t)(uint32_t)id.HighPart << 32 | id.LowPart;
}

static bool
query(HANDLE token, TOKEN_INFORMATION_CLASS class, void *out, DWORD size)
{
	DWORD got;

	return GetTokenInformation(token, class, out, size, &got);
}

static void read_user(HANDLE token, struct gu_sid *out)
{
	union {
		TOKEN_USER user;
		BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	} u;

	if (query(token, TokenUser, &u, sizeof(u))) {
		w_sid_from(u.user.User.Sid, out);
	}
}

static uint32_t read_integrity(HANDLE token)
{
	union {
		TOKEN_MANDATORY_LABEL label;
		BYTE room[sizeof(TOKEN_MANDATORY_LABEL) +
			  SECURITY_MAX_SID_SIZE];
	} u;
	struct gu_sid sid;

	if (!query(token, TokenIntegrityLevel, &u, sizeof(u))) {
		return 0;
	}
	w_sid_from(u.label.Label.Sid, &sid);
	return sid.count ? sid.sub[sid.count - 1] : 0;
}

/* What does not change while the token has this id and modification: reading
 * it again is what a call's identity would cost most. */
struct seen {
	uint64_t token_id;
	uint64_t modified_id;
	struct gu_sid user;
	uint32_t integrity;
};

static const struct seen *look(HANDLE token, const TOKEN_STATISTICS *s)
{
	static __thread struct seen seen[4];
	static __thread unsigned next;
	uint64_t id = luid(s->TokenId);
	uint64_t modified = luid(s->ModifiedId);
	struct seen *slot;

	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		if (seen[i].token_id == id && seen[i].modified_id == modified &&
		    gu_sid_is_set(&seen[i].user)) {
			return &seen[i];
		}
	}
	slot = &seen[next++ % (sizeof(seen) / sizeof(seen[0]))];
	*slot = (struct seen){ .token_id = id, .modified_id = modified };
	read_user(token, &slot->user);
	slot->integrity = read_integrity(token);
	return slot;
}

void w_identity_of(HANDLE token, struct w_identity *out)
{
	TOKEN_STATISTICS s;
	const struct seen *seen;

	*out = (struct w_identity){ .level = GU_LEVEL_DELEGATION };
	if (!query(token, TokenStatistics, &s, sizeof(s))) {
		out->error = GetLastError();
		return;
	}
	seen = look(token, &s);
	out->known = true;
	out->token_id = seen->token_id;
	out->modified_id = seen->modified_id;
	out->auth_id = luid(s.AuthenticationId);
	out->user = seen->user;
	out->integrity = seen->integrity;
	if (s.TokenType == TokenImpersonation) {
		out->level = (enum gu_level)s.ImpersonationLevel;
	}
}

/* The process's own token: it stays the same object for as long as it runs. */
static uint64_t process_token_id(void)
{
	static uint64_t id;
	TOKEN_STATISTICS s;

	if (!id && query(PROCESS_TOKEN, TokenStatistics, &s, sizeof(s))) {
		id = luid(s.TokenId);
	}
	return id;
}

void w_identity_read(struct w_identity *out)
{
	w_identity_of(EFFECTIVE_TOKEN, out);
	out->impersonating = !out->known || out->token_id != process_token_id();
}
