/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "condition.h"
#include "banned.h"

/* A resource attribute that decodes encodes to one that decodes to the
 * same. */
static void attribute(const uint8_t *data, size_t size)
{
	struct gu_claims claims = GU_CLAIMS_INIT, back = GU_CLAIMS_INIT;
	struct gu_buf bytes = GU_BUF_INIT, again = GU_BUF_INIT;
	struct gu_buf text = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;

	if (!gu_claims_add_attribute(&claims, data, size, &err)) {
		gu_claim_encode(&claims.items[0], &bytes);
		FUZZ_CHECK(!gu_claims_add_attribute(
			&back, (uint8_t *)bytes.data, bytes.len, &err));
		gu_claim_encode(&back.items[0], &again);
		FUZZ_CHECK(again.len == bytes.len &&
			   !memcmp(again.data, bytes.data, bytes.len));
		(void)gu_attribute_format(data, size, NULL, &text, &err);
		(void)gu_claims_check(&claims, &err);
	}
	gu_claims_release(&claims);
	gu_claims_release(&back);
	gu_buf_release(&bytes);
	gu_buf_release(&again);
	gu_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gu_claims claims = GU_CLAIMS_INIT;
	struct gu_err err = GU_ERR_INIT;

	attribute(data, size);
	if (gu_claims_add_ndr(&claims, data, size, &err)) {
		FUZZ_CHECK(claims.count == 0 && err.offset <= size);
	}
	gu_claims_release(&claims);
	return 0;
}
