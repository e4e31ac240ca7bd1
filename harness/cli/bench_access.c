/* SPDX-License-Identifier: MIT */
#include "bench_access.h"

#include "alloc.h"
#include "quick.h"
#include "sddl.h"
#include "banned.h"

enum { DESIRED = 0x00120089 };

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, 0x1F01FF };

struct pair {
	uint32_t token;
	uint32_t sd;
	bool allowed;
};

struct workload {
	struct gu_quick *quick;
	struct gu_quick_token **tokens;
	size_t token_count;
	struct gu_quick_sd **sds; /* borrowed from the quick check */
	struct gu_buf *bytes;
	const char **texts; /* borrowed from the JSON */
	size_t sd_count;
	struct pair *order;
	size_t pair_count;
	json_t *json;
};

static void workload_release(struct workload *w)
{
	for (size_t i = 0; w->tokens && i < w->token_count; i++) {
		gu_quick_token_free(w->tokens[i]);
	}
	for (size_t i = 0; w->bytes && i < w->sd_count; i++) {
		if (w->bytes[i].data) {
			gu_buf_release(&w->bytes[i]);
		}
	}
	gu_free(w->tokens);
	gu_free(w->sds);
	gu_free(w->bytes);
	gu_free(w->texts);
	gu_free(w->order);
	gu_quick_free(w->quick);
	json_decref(w->json);
}

/* reading it */

static enum gu_rc bad(struct gu_err *err, const char *what)
{
	return gu_err_set(err, GU_RC_USAGE, "not a workload: %s", what);
}

static enum gu_rc
sid_read(const json_t *in, struct gu_sid *out, struct gu_err *err)
{
	if (!json_is_string(in)) {
		return bad(err, "a token is a list of SIDs");
	}
	return gu_sid_parse(out, json_string_value(in), json_string_length(in),
			    err);
}

static enum gu_rc
token_fill(struct gu_token *token, const json_t *in, struct gu_err *err)
{
	enum gu_rc rc = sid_read(json_array_get(in, 0), &token->user, err);

	for (size_t i = 1; !rc && i < json_array_size(in); i++) {
		struct gu_sid sid;

		rc = sid_read(json_array_get(in, i), &sid, err);
		if (!rc) {
			rc = gu_token_add_group(token, &sid, GU_GROUP_ENABLED,
						err);
		}
	}
	return rc;
}

static enum gu_rc
token_read(struct workload *w, size_t i, const json_t *in, struct gu_err *err)
{
	struct gu_token *token;
	enum gu_rc rc = gu_token_new(&token, err);

	if (rc) {
		return rc;
	}
	rc = token_fill(token, in, err);
	if (!rc) {
		rc = gu_quick_token_new(w->quick, token, &w->tokens[i], err);
	}
	gu_token_unref(token);
	return rc;
}

static enum gu_rc
sd_read(struct workload *w, size_t i, const json_t *in, struct gu_err *err)
{
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc;

	w->texts[i] = json_string_value(in);
	if (!w->texts[i]) {
		return bad(err, "sddl is a list of strings");
	}
	rc = gu_sddl_parse(&sd, w->texts[i], NULL, err);
	if (rc) {
		return rc;
	}
	gu_buf_init(&w->bytes[i]);
	gu_sd_encode(&sd, &w->bytes[i]);
	gu_sd_release(&sd);
	rc = gu_buf_check(&w->bytes[i], err);
	if (rc) {
		return rc;
	}
	return gu_quick_compile(w->quick, (const uint8_t *)w->bytes[i].data,
				w->bytes[i].len, &file_map, &w->sds[i], err);
}

static enum gu_rc pair_read(struct workload *w, size_t i, const json_t *allowed,
			    struct gu_err *err)
{
	const json_t *in = json_array_get(json_object_get(w->json, "order"), i);
	json_int_t token = json_integer_value(json_array_get(in, 0));
	json_int_t sd = json_integer_value(json_array_get(in, 1));

	if (json_array_size(in) != 2 || token < 0 || sd < 0 ||
	    (size_t)token >= w->token_count || (size_t)sd >= w->sd_count) {
		return bad(err, "order is a list of [token, descriptor]");
	}
	w->order[i] = (struct pair){
		.token = (uint32_t)token,
		.sd = (uint32_t)sd,
		.allowed = json_integer_value(json_array_get(allowed, i)) != 0,
	};
	return GU_RC_OK;
}

static enum gu_rc workload_alloc(struct workload *w, struct gu_err *err)
{
	w->token_count = json_array_size(json_object_get(w->json, "tokens"));
	w->sd_count = json_array_size(json_object_get(w->json, "sddl"));
	w->pair_count = json_array_size(json_object_get(w->json, "order"));
	if (!w->token_count || !w->sd_count || !w->pair_count) {
		return bad(err, "it needs tokens, sddl, order and allowed");
	}
	w->tokens = gu_calloc(w->token_count, sizeof(struct gu_quick_token *));
	w->sds = gu_calloc(w->sd_count, sizeof(struct gu_quick_sd *));
	w->bytes = gu_calloc(w->sd_count, sizeof(*w->bytes));
	w->texts = gu_calloc(w->sd_count, sizeof(*w->texts));
	w->order = gu_calloc(w->pair_count, sizeof(*w->order));
	if (!w->tokens || !w->sds || !w->bytes || !w->texts || !w->order) {
		return gu_err_nomem(err);
	}
	return gu_quick_new(&w->quick, err);
}

static enum gu_rc
workload_read(struct workload *w, const char *path, struct gu_err *err)
{
	const json_t *tokens, *sddl, *allowed;
	enum gu_rc rc = gu_bench_load(path, &w->json, err);

	if (rc) {
		return rc;
	}
	tokens = json_object_get(w->json, "tokens");
	sddl = json_object_get(w->json, "sddl");
	allowed = json_object_get(w->json, "allowed");
	rc = workload_alloc(w, err);
	for (size_t i = 0; !rc && i < w->token_count; i++) {
		rc = token_read(w, i, json_array_get(tokens, i), err);
	}
	for (size_t i = 0; !rc && i < w->sd_count; i++) {
		rc = sd_read(w, i, json_array_get(sddl, i), err);
	}
	for (size_t i = 0; !rc && i < w->pair_count; i++) {
		rc = pair_read(w, i, allowed, err);
	}
	return rc;
}

/* measuring it */

/* Each returns how many decisions were not the expected ones. */

static uint64_t run_decide(void *arg, uint64_t ops)
{
	const struct workload *w = arg;
	uint64_t wrong = 0;

	for (uint64_t i = 0, k = 0; i < ops; i++) {
		const struct pair *p = &w->order[k];
		struct gu_quick_answer answer;

		wrong += gu_quick_check(w->sds[p->sd], w->tokens[p->token],
					DESIRED, &answer) != GU_RC_OK;
		wrong += (answer.status == 0) != p->allowed;
		k = k + 1 < w->pair_count ? k + 1 : 0;
	}
	return wrong;
}

static uint64_t run_why(void *arg, uint64_t ops)
{
	const struct workload *w = arg;
	uint64_t wrong = 0;

	for (uint64_t i = 0, k = 0; i < ops; i++) {
		const struct pair *p = &w->order[k];
		struct gu_quick_answer answer;
		struct gu_quick_why why;

		wrong += gu_quick_explain(w->sds[p->sd], w->tokens[p->token],
					  DESIRED, &answer, &why) != GU_RC_OK;
		__asm__ volatile("" ::"r"(&why) : "memory");
		wrong += (answer.status == 0) != p->allowed;
		k = k + 1 < w->pair_count ? k + 1 : 0;
	}
	return wrong;
}

static uint64_t run_cold(void *arg, uint64_t ops)
{
	const struct workload *w = arg;
	uint64_t wrong = 0;

	for (uint64_t i = 0, k = 0; i < ops; i++) {
		const struct pair *p = &w->order[k];
		const struct gu_buf *bytes = &w->bytes[p->sd];
		struct gu_quick_answer answer = { 0, 1 };

		if (gu_quick_check_bytes(w->quick, (const uint8_t *)bytes->data,
					 bytes->len, &file_map,
					 w->tokens[p->token], DESIRED, &answer,
					 NULL)) {
			wrong++;
		}
		wrong += (answer.status == 0) != p->allowed;
		k = k + 1 < w->pair_count ? k + 1 : 0;
	}
	return wrong;
}

static uint64_t run_sddl(void *arg, uint64_t ops)
{
	const struct workload *w = arg;
	uint64_t wrong = 0;

	for (uint64_t i = 0, k = 0; i < ops; i++) {
		struct gu_sd sd = GU_SD_INIT;

		wrong += gu_sddl_parse(&sd, w->texts[k], NULL, NULL) != 0;
		gu_sd_release(&sd);
		k = k + 1 < w->sd_count ? k + 1 : 0;
	}
	return wrong;
}

static void
measure_all(struct workload *w, struct gu_bench_access *out, size_t rounds)
{
	struct gu_measure all[] = {
		{ .run = run_decide, .arg = w, .samples = &out->decide },
		{ .run = run_why, .arg = w, .samples = &out->why },
		{ .run = run_cold, .arg = w, .samples = &out->cold },
		{ .run = run_sddl, .arg = w, .samples = &out->sddl },
	};
	const size_t count = sizeof(all) / sizeof(all[0]);

	for (size_t i = 0; i < count; i++) {
		out->mismatches += all[i].run(
			w, i + 1 == count ? w->sd_count : w->pair_count);
	}
	gu_bench_take_turns(all, count, rounds);
}

enum gu_rc gu_bench_access(struct gu_bench_access *out, const char *path,
			   size_t rounds, struct gu_err *err)
{
	struct workload w = { .quick = NULL };
	enum gu_rc rc = workload_read(&w, path, err);

	if (!rc) {
		measure_all(&w, out, rounds);
	}
	workload_release(&w);
	return rc;
}
