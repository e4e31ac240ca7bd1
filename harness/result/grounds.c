/* SPDX-License-Identifier: MIT */
#include "grounds.h"

#include <inttypes.h>

#include "alloc.h"
#include "sec_json.h"
#include "store_db.h"
#include "banned.h"

/* Read lately, each at the place its number gives it. */
enum { TOKENS = 64, SDS = 64, EXPLANATIONS = 64 };

struct cached_token {
	int64_t id;
	struct gu_token *token; /* counted */
};

struct cached_sd {
	int64_t id;
	struct gu_sd sd;     /* owned */
	struct gu_buf bytes; /* the same as it stands in the store */
};

struct cached_explanation {
	int64_t id; /* of the basis */
	struct gu_explanation x;
};

struct gu_grounds {
	struct gu_store *store;
	sqlite3_stmt *row_basis;
	sqlite3_stmt *basis;
	sqlite3_stmt *token;
	sqlite3_stmt *sd;
	sqlite3_stmt *things;
	struct cached_token tokens[TOKENS];
	struct cached_sd sds[SDS];
	struct cached_explanation explanations[EXPLANATIONS];
};

enum gu_rc
gu_grounds_new(struct gu_grounds **out, struct gu_store *s, struct gu_err *err)
{
	struct gu_grounds *g = gu_calloc(1, sizeof(*g));
	const struct {
		size_t stmt;
		const char *sql;
	} rows[] = {
		{ offsetof(struct gu_grounds, row_basis),
		  "SELECT basis FROM entry WHERE id = ?" },
		{ offsetof(struct gu_grounds, basis),
		  "SELECT token, descriptor, desired, flags, below_level, type "
		  "FROM basis WHERE id = ?" },
		{ offsetof(struct gu_grounds, token),
		  "SELECT json FROM token WHERE id = ?" },
		{ offsetof(struct gu_grounds, sd),
		  "SELECT bytes FROM descriptor WHERE id = ?" },
		{ offsetof(struct gu_grounds, things),
		  "SELECT kind, name, type, token, descriptor FROM thing "
		  "WHERE id BETWEEN ? AND ? ORDER BY id" },
	};
	enum gu_rc rc = GU_RC_OK;

	if (!g) {
		return gu_err_nomem(err);
	}
	g->store = s;
	for (size_t i = 0; i < SDS; i++) {
		g->sds[i].sd = (struct gu_sd)GU_SD_INIT;
		gu_buf_init(&g->sds[i].bytes);
	}
	for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = store_db_prepare(
			s, rows[i].sql,
			(sqlite3_stmt **)(void *)((char *)g + rows[i].stmt),
			err);
	}
	if (rc) {
		gu_grounds_free(g);
		return rc;
	}
	*out = g;
	return GU_RC_OK;
}

void gu_grounds_free(struct gu_grounds *g)
{
	if (!g) {
		return;
	}
	for (size_t i = 0; i < TOKENS; i++) {
		gu_token_unref(g->tokens[i].token);
	}
	for (size_t i = 0; i < SDS; i++) {
		gu_sd_release(&g->sds[i].sd);
		gu_buf_release(&g->sds[i].bytes);
	}
	for (size_t i = 0; i < EXPLANATIONS; i++) {
		gu_explanation_release(&g->explanations[i].x);
	}
	sqlite3_finalize(g->row_basis);
	sqlite3_finalize(g->basis);
	sqlite3_finalize(g->token);
	sqlite3_finalize(g->sd);
	sqlite3_finalize(g->things);
	gu_free(g);
}

/* rows by number */

/* Steps to the row of that number; reset the statement when it is read. */
static enum gu_rc find(struct gu_grounds *g, sqlite3_stmt *stmt, int64_t id,
		       bool *found, struct gu_err *err)
{
	int code;

	sqlite3_bind_int64(stmt, 1, id);
	code = sqlite3_step(stmt);
	*found = code == SQLITE_ROW;
	if (code == SQLITE_ROW || code == SQLITE_DONE) {
		return GU_RC_OK;
	}
	sqlite3_reset(stmt);
	return store_db_error(g->store, err);
}

/* The same for what another row says is there. */
static enum gu_rc must_find(struct gu_grounds *g, sqlite3_stmt *stmt,
			    int64_t id, struct gu_err *err)
{
	bool found;
	enum gu_rc rc = find(g, stmt, id, &found, err);

	if (rc || found) {
		return rc;
	}
	sqlite3_reset(stmt);
	return gu_err_set(err, GU_RC_IO,
			  "store %s is damaged: number %" PRId64
			  " is missing from what decisions rest on",
			  g->store->path, id);
}

static enum gu_rc token_load(struct gu_grounds *g, int64_t id,
			     const struct gu_token **out, struct gu_err *err)
{
	struct cached_token *slot = &g->tokens[(uint64_t)id % TOKENS];
	struct gu_token *token = NULL;
	enum gu_rc rc;

	*out = NULL;
	if (!id || slot->id == id) {
		*out = id ? slot->token : NULL;
		return GU_RC_OK;
	}
	rc = must_find(g, g->token, id, err);
	if (rc) {
		return rc;
	}
	rc = gu_json_token_parse((const char *)sqlite3_column_text(g->token, 0),
				 (size_t)sqlite3_column_bytes(g->token, 0),
				 &token, err);
	sqlite3_reset(g->token);
	if (rc) {
		return rc;
	}
	gu_token_unref(slot->token);
	*slot = (struct cached_token){ .id = id, .token = token };
	*out = token;
	return GU_RC_OK;
}

static enum gu_rc sd_load(struct gu_grounds *g, int64_t id,
			  struct cached_sd **out, struct gu_err *err)
{
	struct cached_sd *slot = &g->sds[(uint64_t)id % SDS];
	enum gu_rc rc;

	*out = id ? slot : NULL;
	if (!id || slot->id == id) {
		return GU_RC_OK;
	}
	rc = must_find(g, g->sd, id, err);
	if (rc) {
		return rc;
	}
	slot->id = 0;
	gu_sd_release(&slot->sd);
	gu_buf_reset(&slot->bytes);
	gu_buf_add(&slot->bytes, sqlite3_column_blob(g->sd, 0),
		   (size_t)sqlite3_column_bytes(g->sd, 0));
	sqlite3_reset(g->sd);
	rc = gu_buf_check(&slot->bytes, err);
	if (!rc) {
		rc = gu_sd_decode(&slot->sd, (const uint8_t *)slot->bytes.data,
				  slot->bytes.len, err);
	}
	if (!rc) {
		slot->id = id;
	}
	return rc;
}

/* explanations */

struct read_basis {
	struct gu_basis basis;
	enum gu_objtype type;
};

static enum gu_rc basis_load(struct gu_grounds *g, int64_t id,
			     struct read_basis *out, struct gu_err *err)
{
	sqlite3_stmt *stmt = g->basis;
	struct cached_sd *sd = NULL;
	int64_t token_id, sd_id;
	enum gu_rc rc = must_find(g, stmt, id, err);

	if (rc) {
		return rc;
	}
	token_id = sqlite3_column_int64(stmt, 0);
	sd_id = sqlite3_column_int64(stmt, 1);
	*out = (struct read_basis){
		.basis = { .desired = (uint32_t)sqlite3_column_int64(stmt, 2),
			   .flags = (uint32_t)sqlite3_column_int64(stmt, 3),
			   .below_level = sqlite3_column_int(stmt, 4) != 0 },
		.type = gu_objtype_find(
			(const char *)sqlite3_column_text(stmt, 5)),
	};
	sqlite3_reset(stmt);
	rc = token_load(g, token_id, &out->basis.token, err);
	if (!rc) {
		rc = sd_load(g, sd_id, &sd, err);
	}
	out->basis.sd = sd ? &sd->sd : NULL;
	return rc;
}

enum gu_rc gu_grounds_explain_basis(struct gu_grounds *g, int64_t basis,
				    const struct gu_explanation **out,
				    struct gu_err *err)
{
	struct cached_explanation *slot =
		&g->explanations[(uint64_t)basis % EXPLANATIONS];
	struct gu_explanation x;
	struct read_basis read;
	enum gu_rc rc = GU_RC_OK;

	*out = NULL;
	if (!basis) {
		return GU_RC_OK;
	}
	if (slot->id != basis) {
		rc = basis_load(g, basis, &read, err);
		if (!rc) {
			rc = gu_explanation_make(&x, &read.basis, read.type,
						 err);
		}
		if (rc) {
			return rc;
		}
		gu_explanation_release(&slot->x);
		*slot = (struct cached_explanation){ .id = basis, .x = x };
	}
	*out = slot->x.step_count ? &slot->x : NULL;
	return GU_RC_OK;
}

enum gu_rc gu_grounds_explain(struct gu_grounds *g, int64_t run, uint32_t seq,
			      const struct gu_explanation **out,
			      struct gu_err *err)
{
	int64_t basis;
	bool found;
	enum gu_rc rc =
		find(g, g->row_basis, store_entry_id(run, seq), &found, err);

	*out = NULL;
	if (rc) {
		return rc;
	}
	basis = found ? sqlite3_column_int64(g->row_basis, 0) : 0;
	sqlite3_reset(g->row_basis);
	if (!found) {
		return gu_err_set(err, GU_RC_USAGE,
				  "store %s has no row %" PRIu32
				  " in run %" PRId64,
				  g->store->path, seq, run);
	}
	return gu_grounds_explain_basis(g, basis, out, err);
}

/* things */

struct thing_taker {
	gu_thing_fn fn;
	void *arg;
	int64_t place; /* of the scenario */
};

static enum gu_rc thing_take(struct gu_grounds *g, const struct thing_taker *t,
			     struct gu_err *err)
{
	sqlite3_stmt *stmt = g->things;
	struct gu_stored_thing thing = {
		.scenario = t->place,
		.kind = (const char *)sqlite3_column_text(stmt, 0),
		.name = (const char *)sqlite3_column_text(stmt, 1),
		.type = gu_objtype_find(
			(const char *)sqlite3_column_text(stmt, 2)),
		.token_id = sqlite3_column_int64(stmt, 3),
		.sd_id = sqlite3_column_int64(stmt, 4),
	};
	struct cached_sd *sd = NULL;
	enum gu_rc rc = token_load(g, thing.token_id, &thing.token, err);

	if (!rc) {
		rc = sd_load(g, thing.sd_id, &sd, err);
	}
	if (rc) {
		return rc;
	}
	if (sd) {
		thing.sd = (const uint8_t *)sd->bytes.data;
		thing.sd_len = sd->bytes.len;
	}
	return t->fn(t->arg, &thing, err);
}

/* Those of one scenario, by its row's number. */
static enum gu_rc scenario_things(struct gu_grounds *g, int64_t scenario,
				  const struct thing_taker *t,
				  struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;
	int code = SQLITE_ROW;

	sqlite3_bind_int64(g->things, 1, store_thing_id(scenario, 0));
	sqlite3_bind_int64(g->things, 2, store_thing_id(scenario, UINT32_MAX));
	while (!rc && (code = sqlite3_step(g->things)) == SQLITE_ROW) {
		rc = thing_take(g, t, err);
	}
	if (!rc && code != SQLITE_DONE) {
		rc = store_db_error(g->store, err);
	}
	sqlite3_reset(g->things);
	return rc;
}

enum gu_rc gu_grounds_things(struct gu_grounds *g, int64_t run, gu_thing_fn fn,
			     void *arg, struct gu_err *err)
{
	struct thing_taker t = { .fn = fn, .arg = arg };
	sqlite3_stmt *stmt = NULL;
	enum gu_rc rc = store_db_prepare(
		g->store, "SELECT id FROM scenario WHERE run = ? ORDER BY id",
		&stmt, err);
	int code;

	if (rc) {
		return rc;
	}
	sqlite3_bind_int64(stmt, 1, run);
	while (!rc && (code = sqlite3_step(stmt)) != SQLITE_DONE) {
		t.place++;
		rc = code == SQLITE_ROW
			     ? scenario_things(g, sqlite3_column_int64(stmt, 0),
					       &t, err)
			     : store_db_error(g->store, err);
	}
	sqlite3_finalize(stmt);
	return rc;
}
