/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "condition.h"
#include "banned.h"

static struct gu_token *token_make(void)
{
	struct gu_token *token;
	struct gu_sid sid;
	struct gu_claims *claims;

	FUZZ_CHECK(!gu_sid_parse(&sid, "S-1-1-0", 7, NULL));
	FUZZ_CHECK(!gu_token_new(&token, NULL));
	claims = &token->user_claims;
	token->user = sid;
	FUZZ_CHECK(!gu_token_add_group(token, &sid, 7, NULL));
	FUZZ_CHECK(!gu_claims_add(claims, "a", GU_CLAIM_INT64, 0, NULL));
	FUZZ_CHECK(!gu_claims_add_number(claims, 1, NULL));
	FUZZ_CHECK(!gu_claims_add_number(claims, 2, NULL));
	FUZZ_CHECK(!gu_claims_add(claims, "b", GU_CLAIM_STRING, 0, NULL));
	FUZZ_CHECK(!gu_claims_add_string(claims, "x", NULL));
	return token;
}

/* Any bytes are evaluated, twice the same; what prints is read as the same
 * expression. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gu_token *token;
	struct gu_condition_env env;
	struct gu_buf text = GU_BUF_INIT, code = GU_BUF_INIT;
	struct gu_buf again = GU_BUF_INIT;
	enum gu_tri answer;
	size_t used;

	if (!token) {
		token = token_make();
	}
	gu_condition_env_init(&env, token);
	answer = gu_condition_eval(data, size, &env);
	FUZZ_CHECK(answer == gu_condition_eval(data, size, &env));
	if (!gu_condition_format(data, size, NULL, &text, NULL) &&
	    !gu_condition_parse(&code, text.data, text.len, NULL, &used,
				NULL)) {
		FUZZ_CHECK(used == text.len);
		FUZZ_CHECK(!gu_condition_format((uint8_t *)code.data, code.len,
						NULL, &again, NULL));
		FUZZ_CHECK(again.len == text.len &&
			   !memcmp(again.data, text.data, text.len));
	}
	gu_buf_release(&text);
	gu_buf_release(&code);
	gu_buf_release(&again);
	return 0;
}
