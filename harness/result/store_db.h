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

/* What a pointer was written as, in the scenario being written. */
struct store_seen {
	const void *p;
	unsigned more;
	int64_t id;
};

/* A token or descriptor written lately. */
struct store_content {
	char *bytes; /* owned */
	size_t len;
	int64_t id;
};

enum { STORE_SEEN = 64, STORE_CONTENTS = 64, STORE_BASES = 256 };

struct store_contents {
	struct store_content slots[STORE_CONTENTS];
	sqlite3_stmt *find;
	sqlite3_stmt *add;
	bool text;
};

/* A row of `basis`. */
struct store_basis {
	int64_t id;
	int64_t token;
	int64_t sd; /* 0: none */
	uint32_t desired;
	uint32_t flags;
	enum gu_objtype type;
	bool below_level;
};

struct gu_store {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *begin;
	sqlite3_stmt *commit;
	sqlite3_stmt *add_file; /* NULL until the first */
	sqlite3_stmt *add_scenario;
	sqlite3_stmt *add_entry;
	sqlite3_stmt *find_basis;
	sqlite3_stmt *add_basis;
	sqlite3_stmt *add_thing;
	struct store_contents tokens;
	struct store_contents descriptors;
	struct store_seen seen_tokens[STORE_SEEN];
	struct store_seen seen_sds[STORE_SEEN];
	struct store_seen seen_bases[STORE_BASES];
	struct store_basis bases[STORE_BASES]; /* by content */
	struct gu_buf content;                 /* of the token or descriptor */
	int64_t run;
	uint32_t seq;
	struct gu_buf text;     /* of the row being bound */
	struct gu_arena loaded; /* strings of the run last loaded */
};

/* Things are numbered by their scenario's row and their place in it, likewise.
 */
static inline int64_t store_thing_id(int64_t scenario, uint32_t place)
{
	return scenario << 32 | place;
}

static inline int64_t store_entry_id(int64_t run, uint32_t seq)
{
	return run << 32 | seq;
}

/* SELECT of all columns, in order, and `more`. */
void store_sql_select(struct gu_buf *sql, const char *more);

/* What SQLite has to say, as an error; returns its rc. */
enum gu_rc store_db_error(const struct gu_store *s, struct gu_err *err);

/* Runs a statement that gives no rows and makes it ready for the next. */
GU_MUST_CHECK enum gu_rc
store_db_run(struct gu_store *s, sqlite3_stmt *stmt, struct gu_err *err);

/* What decisions rest on (store_basis.c). Within a transaction; `prepare`
 * before the first that has any, `begin` at the start of each scenario,
 * `forget` when one is rolled back. */
extern const char store_basis_schema[];
GU_MUST_CHECK enum gu_rc
store_basis_prepare(struct gu_store *s, struct gu_err *err);
void store_basis_begin(struct gu_store *s);
void store_basis_forget(struct gu_store *s);
void store_basis_release(struct gu_store *s);
GU_MUST_CHECK enum gu_rc
store_basis_add(struct gu_store *s, const struct gu_basis *basis,
		enum gu_objtype type, int64_t *id, struct gu_err *err);
GU_MUST_CHECK enum gu_rc store_thing_add(struct gu_store *s, int64_t id,
					 const struct gu_thing *thing,
					 struct gu_err *err);

GU_MUST_CHECK enum gu_rc store_db_prepare(struct gu_store *s, const char *sql,
					  sqlite3_stmt **out,
					  struct gu_err *err);

#endif
