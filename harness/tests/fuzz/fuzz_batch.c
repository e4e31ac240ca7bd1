/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "answer.h"
#include "banned.h"

typedef enum gu_rc (*answer_fn)(const json_t *in, json_t *out,
				struct gu_err *err);

static void ask(answer_fn answer, const json_t *in)
{
	struct gu_err err = GU_ERR_INIT;
	json_t *out = json_object();

	if (answer(in, out, &err)) {
		FUZZ_CHECK(err.msg[0]);
	}
	json_decref(out);
}

/* Any line is answered or refused with a reason. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *in = json_loadb((const char *)data, size, 0, NULL);

	if (json_is_object(in)) {
		ask(gu_answer_check, in);
		ask(gu_answer_inherit, in);
	}
	json_decref(in);
	return 0;
}
