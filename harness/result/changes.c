/* SPDX-License-Identifier: MIT */
#include "changes.h"

#include <string.h>

#include "store_db.h"
#include "banned.h"

/* One run's scenarios in order of file and name, and the records of the one
 * at hand. */
struct side {
	struct gu_store *s;
	int64_t run;
	sqlite3_stmt *scenarios;
	sqlite3_stmt *rows;
	bool done;
	bool no_row;
};

enum { NAME, FILE_, VERDICT, RECORDS, FIRST };

static const char scenarios_sql[] =
	"SELECT name, file, verdict, records, first FROM (SELECT id, name, "
	"file, verdict, records, SUM(records) OVER (ORDER BY id ROWS UNBOUNDED "
	"PRECEDING) - records + 1 AS first FROM scenario WHERE run = ?) "
	"ORDER BY file, name, id";

static const char rows_sql[] =
	"SELECT step, ok, kind, process, thread, identity, level, operation, "
	"object_type, object, asked, granted, status_code, expected, verdict, "
	"rule FROM entry WHERE id BETWEEN ? AND ? ORDER BY id";

static enum gu_rc
step(struct gu_store *s, sqlite3_stmt *stmt, bool *done, struct gu_err *err)
{
	int code = sqlite3_step(stmt);

	*done = code == SQLITE_DONE;
	return *done || code == SQLITE_ROW ? GU_RC_OK : store_db_error(s, err);
}

static enum gu_rc side_open(struct side *side, struct gu_err *err)
{
	enum gu_rc rc =
		store_db_prepare(side->s, scenarios_sql, &side->scenarios, err);

	if (!rc) {
		rc = store_db_prepare(side->s, rows_sql, &side->rows, err);
	}
	if (!rc) {
		sqlite3_bind_int64(side->scenarios, 1, side->run);
		rc = step(side->s, side->scenarios, &side->done, err);
	}
	return rc;
}

static void side_close(struct side *side)
{
	sqlite3_finalize(side->scenarios);
	sqlite3_finalize(side->rows);
}

static const char *text(sqlite3_stmt *stmt, int i)
{
	const char *s = (const char *)sqlite3_column_text(stmt, i);

	return s ? s : "";
}

/* Below 0: `a` comes first; a side at its end comes last. */
static int order(const struct side *a, const struct side *b)
{
	int by_file;

	if (a->done || b->done) {
		return (int)a->done - (int)b->done;
	}
	by_file = strcmp(text(a->scenarios, FILE_), text(b->scenarios, FILE_));
	return by_file ? by_file
		       : strcmp(text(a->scenarios, NAME),
				text(b->scenarios, NAME));
}

/* records of one scenario */

static enum gu_rc rows_begin(struct side *side, struct gu_err *err)
{
	int64_t count = sqlite3_column_int64(side->scenarios, RECORDS);
	int64_t first = store_entry_id(
		side->run,
		(uint32_t)sqlite3_column_int64(side->scenarios, FIRST));

	sqlite3_reset(side->rows);
	sqlite3_bind_int64(side->rows, 1, first);
	sqlite3_bind_int64(side->rows, 2, first + count - 1);
	return step(side->s, side->rows, &side->no_row, err);
}

static bool rows_alike(sqlite3_stmt *a, sqlite3_stmt *b)
{
	for (int i = 1; i < sqlite3_column_count(a); i++) {
		if (strcmp(text(a, i), text(b, i)) != 0) {
			return false;
		}
	}
	return true;
}

/* Compares the records at hand, or the one that has no counterpart, and goes
 * on. */
static enum gu_rc
compare_row(struct side *a, struct side *b, uint32_t *count, struct gu_err *err)
{
	int64_t at = a->no_row ? INT64_MAX : sqlite3_column_int64(a->rows, 0);
	int64_t bt = b->no_row ? INT64_MAX : sqlite3_column_int64(b->rows, 0);
	enum gu_rc rc = GU_RC_OK;

	*count += at != bt || !rows_alike(a->rows, b->rows);
	if (at <= bt) {
		rc = step(a->s, a->rows, &a->no_row, err);
	}
	if (!rc && bt <= at) {
		rc = step(b->s, b->rows, &b->no_row, err);
	}
	return rc;
}

static enum gu_rc compare_rows(struct side *a, struct side *b, uint32_t *count,
			       struct gu_err *err)
{
	enum gu_rc rc = rows_begin(a, err);

	if (!rc) {
		rc = rows_begin(b, err);
	}
	while (!rc && !(a->no_row && b->no_row)) {
		rc = compare_row(a, b, count, err);
	}
	return rc;
}

/* One scenario of either run or of both. */
static enum gu_rc compare(struct side *before, struct side *now, int which,
			  struct gu_change *change, struct gu_err *err)
{
	const struct side *named = which <= 0 ? before : now;

	*change = (struct gu_change){ .name = text(named->scenarios, NAME),
				      .file = text(named->scenarios, FILE_) };
	if (which <= 0) {
		change->before = text(before->scenarios, VERDICT);
	}
	if (which >= 0) {
		change->now = text(now->scenarios, VERDICT);
	}
	return which ? GU_RC_OK
		     : compare_rows(before, now, &change->records, err);
}

static bool differs(const struct gu_change *c)
{
	return !c->before || !c->now || c->records ||
	       strcmp(c->before, c->now) != 0;
}

static enum gu_rc merge(struct side *before, struct side *now, gu_change_fn fn,
			void *arg, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	while (!rc && !(before->done && now->done)) {
		struct gu_change change;
		int which = order(before, now);

		rc = compare(before, now, which, &change, err);
		if (!rc && differs(&change)) {
			rc = fn(arg, &change, err);
		}
		if (!rc && which <= 0) {
			rc = step(before->s, before->scenarios, &before->done,
				  err);
		}
		if (!rc && which >= 0) {
			rc = step(now->s, now->scenarios, &now->done, err);
		}
	}
	return rc;
}

enum gu_rc gu_changes_read(const struct gu_change_runs *runs, gu_change_fn fn,
			   void *arg, struct gu_err *err)
{
	struct side before = { .s = runs->before, .run = runs->before_run };
	struct side now = { .s = runs->now, .run = runs->now_run };
	enum gu_rc rc = side_open(&before, err);

	if (!rc) {
		rc = side_open(&now, err);
	}
	if (!rc) {
		rc = merge(&before, &now, fn, arg, err);
	}
	side_close(&before);
	side_close(&now);
	return rc;
}
