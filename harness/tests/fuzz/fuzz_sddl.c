/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "alloc.h"
#include "sddl.h"
#include "banned.h"

static void encode(const struct gu_sd *sd, struct gu_buf *out)
{
	gu_buf_reset(out);
	gu_sd_encode(sd, out);
}

/* What was read can be printed, what was printed is read as the same bytes,
 * and errors lie within the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = gu_strndup((const char *)data, size);
	struct gu_buf bytes = GU_BUF_INIT, again = GU_BUF_INIT;
	struct gu_buf printed = GU_BUF_INIT;
	struct gu_err err = GU_ERR_INIT;
	struct gu_sd sd = GU_SD_INIT, back = GU_SD_INIT;

	if (gu_sddl_parse(&sd, text, NULL, &err)) {
		FUZZ_CHECK(err.offset <= size);
		goto out;
	}
	encode(&sd, &bytes);
	if (gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, &printed)) {
		FUZZ_CHECK(!gu_sddl_parse(&back, printed.data, NULL, &err));
		encode(&back, &again);
		FUZZ_CHECK(again.len == bytes.len &&
			   !memcmp(again.data, bytes.data, bytes.len));
	}
out:
	gu_sd_release(&sd);
	gu_sd_release(&back);
	gu_buf_release(&bytes);
	gu_buf_release(&again);
	gu_buf_release(&printed);
	gu_free(text);
	return 0;
}
