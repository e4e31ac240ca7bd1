/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "lint.h"
#include "sddl.h"
#include "banned.h"

static void ignore(void *arg, const struct gu_lint_warning *warning)
{
	(void)arg;
	(void)warning;
}

/* What is decoded encodes to bytes that decode to the same, and prints and
 * lints without harm. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gu_buf bytes = GU_BUF_INIT, again = GU_BUF_INIT;
	struct gu_buf printed = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	struct gu_sd sd = GU_SD_INIT, back = GU_SD_INIT;

	if (gu_sd_decode(&sd, data, size, &err)) {
		FUZZ_CHECK(err.offset <= size);
		goto out;
	}
	gu_sd_encode(&sd, &bytes);
	FUZZ_CHECK(
		!gu_sd_decode(&back, (uint8_t *)bytes.data, bytes.len, &err));
	gu_sd_encode(&back, &again);
	FUZZ_CHECK(again.len == bytes.len &&
		   !memcmp(again.data, bytes.data, bytes.len));
	(void)gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, &printed);
	FUZZ_CHECK(!gu_lint_sd(&sd, NULL, ignore, NULL, &err));
out:
	gu_sd_release(&sd);
	gu_sd_release(&back);
	gu_buf_release(&bytes);
	gu_buf_release(&again);
	gu_buf_release(&printed);
	return 0;
}
