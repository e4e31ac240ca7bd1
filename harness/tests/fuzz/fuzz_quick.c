/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "quick.h"
#include "sddl.h"
#include "banned.h"

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, 0x1F01FF };

static struct gu_token *make_token(void)
{
	static const enum gu_wk groups[] = { GU_WK_WORLD, GU_WK_BUILTIN_USERS };
	struct gu_token *t;

	FUZZ_CHECK(!gu_token_new(&t, NULL));
	t->user = *gu_sid_well_known(GU_WK_LOCAL_SERVICE);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		FUZZ_CHECK(!gu_token_add_group(t, gu_sid_well_known(groups[i]),
					       GU_GROUP_ENABLED, NULL));
	}
	return t;
}

/* A raw descriptor is refused by all or by none, and all decide the same. */
static void check(struct gu_quick *quick, struct gu_quick_token *fast,
		  const struct gu_access_request *question, const uint8_t *data,
		  size_t size)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_access_request req = *question;
	struct gu_access_result want = { .rc = GU_RC_OK };
	struct gu_quick_answer got;
	struct gu_quick_sd *compiled;
	enum gu_rc rc = gu_sd_decode(&sd, data, size, NULL);

	req.sd = &sd;
	if (!rc) {
		gu_access_check(&req, &want);
	}
	FUZZ_CHECK(gu_quick_check_bytes(quick, data, size, &file_map, fast,
					req.desired, &got, NULL) == rc);
	FUZZ_CHECK(rc || (got.mask == want.mask && got.status == want.status));
	FUZZ_CHECK(gu_quick_compile(quick, data, size, &file_map, &compiled,
				    NULL) == rc);
	if (!rc) {
		FUZZ_CHECK(!gu_quick_check(compiled, fast, req.desired, &got));
		FUZZ_CHECK(got.mask == want.mask && got.status == want.status);
	}
	gu_sd_release(&sd);
}

/* The first four bytes are the rights asked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gu_access_request req = { .map = &file_map };
	struct gu_token *token;
	struct gu_quick *quick;
	struct gu_quick_token *fast;

	if (size < sizeof(req.desired)) {
		return 0;
	}
	memcpy(&req.desired, data, sizeof(req.desired));
	token = make_token();
	req.token = token;
	FUZZ_CHECK(!gu_quick_new(&quick, NULL));
	FUZZ_CHECK(!gu_quick_token_new(quick, token, &fast, NULL));
	check(quick, fast, &req, data + 4, size - 4);
	gu_quick_token_free(fast);
	gu_quick_free(quick);
	gu_token_unref(token);
	return 0;
}
