/* SPDX-License-Identifier: MIT */
#ifndef GU_STORE_DB_H
#define GU_STORE_DB_H

#include <sqlite3.h>

#include "arena.h"
#include "store.h"

/* What writing and reading a store share.
 *
 * Rows are kept in `entry`, keyed by run and number at once, so that
 * a run's rows are one stretch of the table without an index beside it; the
 * view `record` shows them with the columns of every format. `ok` is that of
 * struct gu_row. */

struct gu_store {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *begin;
	sqlite3_stmt *commit;
	sqlite3_stmt *add_file; /* NULL until the first */
	sqlite3_stmt *add_scenario;
	sqlite3_stmt *add_entry;
	int64_t run;
	uint32_t seq;
	struct gu_buf text;     /* of the row being bound */
	struct gu_arena loaded; /* strings of the run last loaded */
};

static inline int64_t store_entry_id(int64_t run, uint32_t seq)
{
	return run << 32 | seq;
}

/* SELECT of all columns, in order, and `more`. */
void store_sql_select(struct gu_buf *sql, const char *more);

/* What SQLite has to say, as an error; returns its rc. */
enum gu_rc store_db_error(const struct gu_store *s, struct gu_err *err);

GU_MUST_CHECK enum gu_rc store_db_prepare(struct gu_store *s, const char *sql,
					  sqlite3_stmt **out,
					  struct gu_err *err);

#endif
