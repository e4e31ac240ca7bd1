/* SPDX-License-Identifier: MIT */
#include "store_db.h"

#include <inttypes.h>

#include "alloc.h"
#include "text.h"
#include "banned.h"

static const char *column(sqlite3_stmt *stmt, int i)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);

	return text ? text : "";
}

/* Rows of a statement, one by one, to `take`, until it says otherwise. */
typedef enum gu_rc (*take_fn)(void *arg, sqlite3_stmt *stmt,
			      struct gu_err *err);

struct query {
	const char *sql;
	int64_t first; /* ?1 */
	int64_t last;  /* ?2, where there is one */
};

static enum gu_rc query_each(struct gu_store *s, const struct query *q,
			     take_fn take, void *arg, struct gu_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum gu_rc rc = store_db_prepare(s, q->sql, &stmt, err);
	int code;

	if (rc) {
		return rc;
	}
	sqlite3_bind_int64(stmt, 1, q->first);
	if (sqlite3_bind_parameter_count(stmt) > 1) {
		sqlite3_bind_int64(stmt, 2, q->last);
	}
	while (!rc && (code = sqlite3_step(stmt)) != SQLITE_DONE) {
		rc = code == SQLITE_ROW ? take(arg, stmt, err)
					: store_db_error(s, err);
	}
	sqlite3_finalize(stmt);
	return rc;
}

struct loading {
	struct gu_store *s;
	struct gu_run_info *info;
	uint32_t *counts;
	bool found;
};

static const char *
keep(struct loading *l, sqlite3_stmt *stmt, int i, bool *lost)
{
	char *copy = gu_arena_strdup(&l->s->loaded, column(stmt, i));

	*lost |= !copy;
	return copy;
}

static enum gu_rc take_run(void *arg, sqlite3_stmt *stmt, struct gu_err *err)
{
	struct loading *l = arg;
	struct gu_run_info *info = l->info;
	const char *seed = column(stmt, 11);
	bool lost = false;

	*info = (struct gu_run_info){
		.id = sqlite3_column_int64(stmt, 0),
		.start_utc = keep(l, stmt, 1, &lost),
		.host = keep(l, stmt, 3, &lost),
		.system = keep(l, stmt, 4, &lost),
		.user = keep(l, stmt, 5, &lost),
		.elevated = sqlite3_column_int(stmt, 6) != 0,
		.target = keep(l, stmt, 7, &lost),
		.proof = keep(l, stmt, 8, &lost),
		.version = keep(l, stmt, 9, &lost),
		.arguments = keep(l, stmt, 10, &lost),
		.seed = strtoull(seed, NULL, 10),
	};
	if (sqlite3_column_type(stmt, 2) != SQLITE_NULL) {
		info->end_utc = keep(l, stmt, 2, &lost);
	}
	l->found = true;
	return lost ? gu_err_nomem(err) : GU_RC_OK;
}

static enum gu_rc take_count(void *arg, sqlite3_stmt *stmt, struct gu_err *err)
{
	struct loading *l = arg;
	const char *name = column(stmt, 0);

	(void)err;
	for (int v = 0; v <= GU_VERDICT_ERROR; v++) {
		if (strcmp(name, gu_verdict_name((enum gu_verdict)v)) == 0) {
			l->counts[v] = (uint32_t)sqlite3_column_int64(stmt, 1);
		}
	}
	return GU_RC_OK;
}

static enum gu_rc load_counts(struct loading *l, struct gu_err *err)
{
	struct gu_run_info *info = l->info;
	enum gu_rc rc;

	l->counts = info->scenario_verdicts;
	rc = query_each(l->s,
			&(struct query){
				.sql = "SELECT verdict, count(*) FROM scenario "
				       "WHERE run = ? GROUP BY verdict",
				.first = info->id },
			take_count, l, err);
	if (rc) {
		return rc;
	}
	for (int v = 0; v <= GU_VERDICT_ERROR; v++) {
		info->scenarios += l->counts[v];
	}
	l->counts = info->verdicts;
	return query_each(
		l->s,
		&(struct query){ .sql = "SELECT verdict, count(*) FROM entry "
					"WHERE id BETWEEN ? AND ? "
					"GROUP BY verdict",
				 .first = store_entry_id(info->id, 0),
				 .last = store_entry_id(info->id, UINT32_MAX) },
		take_count, l, err);
}

enum gu_rc gu_store_load_run(struct gu_store *s, int64_t id,
			     struct gu_run_info *out, struct gu_err *err)
{
	struct gu_run_info info = { .id = 0 };
	struct loading l = { .s = s, .info = &info };
	enum gu_rc rc;

	gu_arena_reset(&s->loaded);
	rc = query_each(s,
			&(struct query){ .sql = "SELECT * FROM run "
						"WHERE id = ?1 OR ?1 = 0 "
						"ORDER BY id DESC LIMIT 1",
					 .first = id },
			take_run, &l, err);
	if (!rc && !l.found) {
		return id ? gu_err_set(err, GU_RC_USAGE,
				       "store %s has no run %" PRId64, s->path,
				       id)
			  : gu_err_set(err, GU_RC_USAGE, "store %s has no run",
				       s->path);
	}
	if (!rc) {
		rc = load_counts(&l, err);
	}
	if (!rc) {
		*out = info;
	}
	return rc;
}

struct taker {
	union {
		gu_row_fn row;
		gu_scenario_fn scenario;
		gu_file_fn file;
	} fn;
	void *arg;
};

enum { NUMBER = 1 + GU_DIGITS + 1 }; /* sign, digits, NUL */

/* SQLite would go through its printf for each. */
static void put_number(struct gu_row *row, int i, int64_t v, char text[NUMBER])
{
	char *end = text + NUMBER - 1;
	char *at = gu_digits(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);

	*end = '\0';
	if (v < 0) {
		*--at = '-';
	}
	row->col[i] = at;
	row->len[i] = (size_t)(end - at);
}

/* Columns that hold an integer, unless somebody has been at the store. */
static bool is_number(sqlite3_stmt *stmt, int i)
{
	return (i == GU_COL_run || i == GU_COL_seq || i == GU_COL_line ||
		i == GU_COL_step || i == GU_COL_duration_ns) &&
	       sqlite3_column_type(stmt, i) == SQLITE_INTEGER;
}

static enum gu_rc take_row(void *arg, sqlite3_stmt *stmt, struct gu_err *err)
{
	struct taker *t = arg;
	char numbers[GU_COL_COUNT][NUMBER];
	struct gu_row row;

	for (int i = 0; i < GU_COL_COUNT; i++) {
		if (is_number(stmt, i)) {
			put_number(&row, i, sqlite3_column_int64(stmt, i),
				   numbers[i]);
			continue;
		}
		row.col[i] = column(stmt, i);
		row.len[i] = (size_t)sqlite3_column_bytes(stmt, i);
	}
	row.ok = sqlite3_column_int(stmt, GU_COL_COUNT);
	row.basis = sqlite3_column_int64(stmt, GU_COL_COUNT + 1);
	return t->fn.row(t->arg, &row, err);
}

static enum gu_rc rows_between(struct gu_store *s, int64_t first, int64_t last,
			       struct taker *t, struct gu_err *err)
{
	struct gu_buf sql = GU_BUF_INIT;
	enum gu_rc rc;

	store_sql_select(&sql, ", e.ok, e.basis");
	gu_buf_adds(&sql, " WHERE e.id BETWEEN ? AND ? ORDER BY e.id");
	rc = gu_buf_check(&sql, err);
	if (!rc) {
		rc = query_each(s,
				&(struct query){ .sql = sql.data,
						 .first = first,
						 .last = last },
				take_row, t, err);
	}
	gu_buf_release(&sql);
	return rc;
}

enum gu_rc gu_store_rows(struct gu_store *s, int64_t run, gu_row_fn fn,
			 void *arg, struct gu_err *err)
{
	struct taker t = { .fn.row = fn, .arg = arg };

	return rows_between(s, store_entry_id(run, 0),
			    store_entry_id(run, UINT32_MAX), &t, err);
}

enum gu_rc gu_store_rows_from(struct gu_store *s, int64_t run, uint32_t seq,
			      uint32_t count, gu_row_fn fn, void *arg,
			      struct gu_err *err)
{
	struct taker t = { .fn.row = fn, .arg = arg };
	int64_t first = store_entry_id(run, seq);

	return rows_between(s, first, first + count - 1, &t, err);
}

static const char scenarios_sql[] =
	"SELECT name, file, line, tags, verdict, records "
	"FROM scenario WHERE run = ? ORDER BY id";

static struct gu_stored_scenario read_scenario(sqlite3_stmt *stmt)
{
	return (struct gu_stored_scenario){
		.name = column(stmt, 0),
		.file = column(stmt, 1),
		.line = sqlite3_column_int(stmt, 2),
		.tags = column(stmt, 3),
		.verdict = column(stmt, 4),
		.records = (uint32_t)sqlite3_column_int64(stmt, 5),
	};
}

static enum gu_rc
take_scenario(void *arg, sqlite3_stmt *stmt, struct gu_err *err)
{
	struct taker *t = arg;
	const struct gu_stored_scenario sc = read_scenario(stmt);

	return t->fn.scenario(t->arg, &sc, err);
}

enum gu_rc gu_store_scenarios(struct gu_store *s, int64_t run,
			      gu_scenario_fn fn, void *arg, struct gu_err *err)
{
	struct taker t = { .fn.scenario = fn, .arg = arg };
	const struct query q = { .sql = scenarios_sql, .first = run };

	return query_each(s, &q, take_scenario, &t, err);
}

struct gu_scenario_cursor {
	struct gu_store *s;
	sqlite3_stmt *stmt;
};

enum gu_rc gu_scenario_cursor_new(struct gu_store *s, int64_t run,
				  struct gu_scenario_cursor **out,
				  struct gu_err *err)
{
	struct gu_scenario_cursor *c = gu_calloc(1, sizeof(*c));
	enum gu_rc rc;

	if (!c) {
		return gu_err_nomem(err);
	}
	c->s = s;
	rc = store_db_prepare(s, scenarios_sql, &c->stmt, err);
	if (rc) {
		gu_free(c);
		return rc;
	}
	sqlite3_bind_int64(c->stmt, 1, run);
	*out = c;
	return GU_RC_OK;
}

enum gu_rc gu_scenario_cursor_next(struct gu_scenario_cursor *c,
				   struct gu_stored_scenario *out, bool *more,
				   struct gu_err *err)
{
	int code = sqlite3_step(c->stmt);

	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		return store_db_error(c->s, err);
	}
	*more = code == SQLITE_ROW;
	if (*more) {
		*out = read_scenario(c->stmt);
	}
	return GU_RC_OK;
}

void gu_scenario_cursor_free(struct gu_scenario_cursor *c)
{
	if (c) {
		sqlite3_finalize(c->stmt);
		gu_free(c);
	}
}

static enum gu_rc take_file(void *arg, sqlite3_stmt *stmt, struct gu_err *err)
{
	struct taker *t = arg;

	return t->fn.file(t->arg, column(stmt, 0), column(stmt, 1), err);
}

enum gu_rc gu_store_files(struct gu_store *s, int64_t run, gu_file_fn fn,
			  void *arg, struct gu_err *err)
{
	struct taker t = { .fn.file = fn, .arg = arg };
	const struct query q = {
		.sql = "SELECT path, sha256 FROM file WHERE run = ? "
		       "ORDER BY id",
		.first = run,
	};

	return query_each(s, &q, take_file, &t, err);
}
