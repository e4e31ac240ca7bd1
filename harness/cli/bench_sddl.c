/* SPDX-License-Identifier: MIT */
#include "bench_sddl.h"

#include "alloc.h"
#include "sddl.h"
#include "banned.h"

/* Texts, read once, and what they say. */
struct texts {
	struct gu_bench_sddl *out;
	const char **list; /* borrowed texts */
	struct gu_sd *sds;
	size_t count;
	struct gu_buf print; /* scratch */
};

static void texts_release(struct texts *t)
{
	for (size_t i = 0; t->sds && i < t->count; i++) {
		gu_sd_release(&t->sds[i]);
	}
	gu_free(t->list);
	gu_free(t->sds);
	gu_buf_release(&t->print);
}

static enum gu_rc texts_init(struct texts *t, struct gu_bench_sddl *out,
			     size_t count, struct gu_err *err)
{
	*t = (struct texts){ .out = out, .print = GU_BUF_INIT };
	t->list = gu_calloc(count, sizeof(*t->list));
	t->sds = gu_calloc(count, sizeof(*t->sds));
	return t->list && t->sds ? GU_RC_OK : gu_err_nomem(err);
}

static enum gu_rc
texts_add(struct texts *t, const char *text, struct gu_err *err)
{
	struct gu_err why = GU_ERR_INIT;
	enum gu_rc rc = gu_sddl_parse(&t->sds[t->count], text, NULL, &why);

	if (rc == GU_RC_NOMEM) {
		return gu_err_nomem(err);
	}
	if (rc) {
		return gu_err_set(err, rc, "sddl[%zu], offset %zu: %s",
				  t->count, why.offset, why.msg);
	}
	t->list[t->count++] = text;
	t->out->bytes += strlen(text);
	return GU_RC_OK;
}

/* measuring them */

static uint64_t run_parse(void *arg, uint64_t ops)
{
	const struct texts *t = arg;
	uint64_t refused = 0;

	for (uint64_t i = 0, k = 0; i < ops; i++) {
		struct gu_sd sd = GU_SD_INIT;

		refused += gu_sddl_parse(&sd, t->list[k], NULL, NULL) != 0;
		gu_sd_release(&sd);
		k = k + 1 < t->count ? k + 1 : 0;
	}
	return refused;
}

static uint64_t run_format(void *arg, uint64_t ops)
{
	struct texts *t = arg;
	uint64_t empty = 0;

	for (uint64_t i = 0, k = 0; i < ops; i++) {
		gu_buf_reset(&t->print);
		gu_sddl_format(&t->sds[k], GU_SECINFO_ALL, NULL, &t->print);
		empty += t->print.len == 0;
		k = k + 1 < t->count ? k + 1 : 0;
	}
	return empty;
}

/* Does its print read as the same descriptor? */
static bool round_trips(struct texts *t, size_t i)
{
	struct gu_buf want = GU_BUF_INIT;
	struct gu_buf got = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;
	bool same;

	gu_buf_reset(&t->print);
	gu_sddl_format(&t->sds[i], GU_SECINFO_ALL, NULL, &t->print);
	gu_sd_encode(&t->sds[i], &want);
	same = gu_sddl_parse(&sd, t->print.data, NULL, NULL) == GU_RC_OK;
	gu_sd_encode(&sd, &got);
	same = same && !gu_buf_check(&want, NULL) &&
	       !gu_buf_check(&got, NULL) && want.len == got.len &&
	       memcmp(want.data, got.data, want.len) == 0;
	gu_sd_release(&sd);
	gu_buf_release(&want);
	gu_buf_release(&got);
	return same;
}

static void texts_measure(struct texts *t, size_t rounds)
{
	struct gu_measure all[] = {
		{ .run = run_parse, .arg = t, .samples = &t->out->parse },
		{ .run = run_format, .arg = t, .samples = &t->out->format },
	};

	t->out->bytes /= t->count;
	for (size_t i = 0; i < t->count; i++) {
		t->out->mismatches += !round_trips(t, i);
	}
	gu_bench_take_turns(all, sizeof(all) / sizeof(all[0]), rounds);
}

/* where they come from */

static enum gu_rc measure_workload(struct gu_bench_sddl *out, const char *path,
				   size_t rounds, struct gu_err *err)
{
	json_t *json = NULL;
	struct texts t = { .print = GU_BUF_INIT };
	enum gu_rc rc = gu_bench_load(path, &json, err);
	const json_t *list = json_object_get(json, "sddl");

	out->name = "the workload's";
	if (!rc && !json_array_size(list)) {
		rc = gu_err_set(err, GU_RC_USAGE,
				"not a workload: it needs sddl, a list of "
				"strings");
	}
	if (!rc) {
		rc = texts_init(&t, out, json_array_size(list), err);
	}
	for (size_t i = 0; !rc && i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		rc = text ? texts_add(&t, text, err)
			  : gu_err_set(err, GU_RC_USAGE,
				       "sddl[%zu] is not a string", i);
	}
	if (!rc) {
		texts_measure(&t, rounds);
	}
	texts_release(&t);
	json_decref(json);
	return rc;
}

static enum gu_rc measure_text(struct gu_bench_sddl *out, const char *name,
			       const char *text, size_t rounds,
			       struct gu_err *err)
{
	struct texts t;
	enum gu_rc rc = texts_init(&t, out, 1, err);

	out->name = name;
	if (!rc) {
		rc = texts_add(&t, text, err);
	}
	if (!rc) {
		texts_measure(&t, rounds);
	}
	texts_release(&t);
	return rc;
}

struct kind {
	const char *name;
	const char *head;
	const char *entry; /* "%u" is its number */
	unsigned entries;
};

static const struct kind kinds[GU_BENCH_SDDL_KINDS] = {
	{ "20 entries, SIDs of one domain", "O:BAG:SYD:",
	  "(A;;0x1200a9;;;S-1-5-21-1004336348-1177238915-682003330-10%02u)",
	  20 },
	{ "20 entries, each of another domain", "O:BAG:SYD:",
	  "(A;;0x1200a9;;;S-1-5-21-1004336348-1177238915-6820033%02u-1001)",
	  20 },
	{ "20 entries, names of rights and SIDs", "O:BAG:SYD:PAI",
	  "(A;OICI;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)", 20 },
	{ "20 entries about object types", "O:BAG:SYD:",
	  "(OA;CIIO;RPWP;bf967a7f-0de6-11d0-a285-00aa003049e2;"
	  "bf967a86-0de6-11d0-a285-00aa0030%04u;PS)",
	  20 },
	{ "20 entries with a condition", "O:BAG:SYD:",
	  "(XA;;FX;;;AU;(@User.clearance >= %u && @User.team Any_of "
	  "{\"red\", \"blue\"} && Member_of {SID(BU)}))",
	  20 },
};

static enum gu_rc measure_kind(struct gu_bench_sddl *out, const struct kind *k,
			       size_t rounds, struct gu_err *err)
{
	struct gu_buf text = GU_BUF_INIT;
	enum gu_rc rc;

	gu_buf_adds(&text, k->head);
	for (unsigned i = 0; i < k->entries; i++) {
		gu_buf_addf(&text, k->entry, i);
	}
	rc = gu_buf_check(&text, err);
	if (!rc) {
		rc = measure_text(out, k->name, text.data, rounds, err);
	}
	gu_buf_release(&text);
	return rc;
}

enum gu_rc gu_bench_sddl(struct gu_bench_sddl list[GU_BENCH_SDDL_KINDS],
			 size_t *count, const char *path, size_t rounds,
			 struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	memset(list, 0, GU_BENCH_SDDL_KINDS * sizeof(*list));
	*count = path ? 1 : GU_BENCH_SDDL_KINDS;
	if (path) {
		return measure_workload(&list[0], path, rounds, err);
	}
	for (size_t i = 0; !rc && i < *count; i++) {
		rc = measure_kind(&list[i], &kinds[i], rounds, err);
	}
	return rc;
}
