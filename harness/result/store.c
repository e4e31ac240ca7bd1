/* SPDX-License-Identifier: MIT */
#include "store_db.h"

#include <inttypes.h>
#include <stdio.h>

#include "alloc.h"
#include "file.h"
#include "store_file.h"
#include "banned.h"

enum { APP_ID = 0x67756973 /* "guis" */, SCHEMA = 2, BUSY_MS = 5000 };

/* Where a column is kept. */
enum home { IN_KEY, IN_SCENARIO, IN_ENTRY, IN_ENTRY_NUMBER };

static enum home home_of(size_t col)
{
	if (col == GU_COL_run || col == GU_COL_seq) {
		return IN_KEY;
	}
	if (col == GU_COL_scenario || col == GU_COL_file) {
		return IN_SCENARIO;
	}
	if (col == GU_COL_line || col == GU_COL_step ||
	    col == GU_COL_duration_ns) {
		return IN_ENTRY_NUMBER;
	}
	return IN_ENTRY;
}

static bool in_entry(size_t col)
{
	return home_of(col) >= IN_ENTRY;
}

/* SQL */

void store_sql_select(struct gu_buf *sql, const char *more)
{
	gu_buf_adds(sql, "SELECT e.id >> 32 AS run, "
			 "e.id & 4294967295 AS seq");
	for (size_t i = GU_COL_seq + 1; i < GU_COL_COUNT; i++) {
		const char *name = gu_column_names[i];

		if (in_entry(i)) {
			gu_buf_addf(sql, ", e.%s", name);
		} else {
			gu_buf_addf(sql, ", s.%s AS %s",
				    i == GU_COL_scenario ? "name" : name, name);
		}
	}
	gu_buf_addf(sql,
		    "%s FROM entry e CROSS JOIN scenario s "
		    "ON s.id = e.scenario",
		    more);
}

static void sql_schema(struct gu_buf *sql)
{
	gu_buf_addf(sql,
		    "PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;"
		    "PRAGMA application_id = %d; PRAGMA user_version = %d;"
		    "CREATE TABLE run(id INTEGER PRIMARY KEY, "
		    "start_utc TEXT NOT NULL, end_utc TEXT, host TEXT, "
		    "system TEXT, user TEXT, elevated INTEGER, target TEXT, "
		    "proof TEXT, version TEXT, arguments TEXT, seed TEXT);"
		    "CREATE TABLE file(id INTEGER PRIMARY KEY, "
		    "run INTEGER NOT NULL, path TEXT NOT NULL, "
		    "sha256 TEXT NOT NULL);"
		    "CREATE TABLE scenario(id INTEGER PRIMARY KEY, "
		    "run INTEGER NOT NULL, name TEXT NOT NULL, "
		    "file TEXT NOT NULL, line INTEGER, tags TEXT, "
		    "verdict TEXT NOT NULL, records INTEGER NOT NULL);"
		    "CREATE TABLE entry(id INTEGER PRIMARY KEY, "
		    "scenario INTEGER NOT NULL, ok INTEGER NOT NULL, "
		    "basis INTEGER",
		    APP_ID, SCHEMA);
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		if (in_entry(i)) {
			gu_buf_addf(sql, ", %s %s", gu_column_names[i],
				    home_of(i) == IN_ENTRY ? "TEXT"
							   : "INTEGER");
		}
	}
	gu_buf_adds(sql, "); CREATE VIEW record AS ");
	store_sql_select(sql, "");
	gu_buf_addf(sql, "; %s COMMIT;", store_basis_schema);
}

static void sql_add_entry(struct gu_buf *sql)
{
	gu_buf_adds(sql, "INSERT INTO entry VALUES(?, ?, ?, ?");
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		gu_buf_adds(sql, in_entry(i) ? ", ?" : "");
	}
	gu_buf_adds(sql, ")");
}

enum gu_rc store_db_error(const struct gu_store *s, struct gu_err *err)
{
	int code = s->db ? sqlite3_errcode(s->db) : SQLITE_NOMEM;

	if (code == SQLITE_NOMEM) {
		return gu_err_nomem(err);
	}
	return gu_err_set(err, GU_RC_IO, "store %s: %s", s->path,
			  sqlite3_errmsg(s->db));
}

static enum gu_rc
db_exec(struct gu_store *s, const char *sql, struct gu_err *err)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		return store_db_error(s, err);
	}
	return GU_RC_OK;
}

enum gu_rc store_db_prepare(struct gu_store *s, const char *sql,
			    sqlite3_stmt **out, struct gu_err *err)
{
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out,
			       NULL) != SQLITE_OK) {
		return store_db_error(s, err);
	}
	return GU_RC_OK;
}

enum gu_rc
store_db_run(struct gu_store *s, sqlite3_stmt *stmt, struct gu_err *err)
{
	int code = sqlite3_step(stmt);
	enum gu_rc rc = code == SQLITE_DONE ? GU_RC_OK : store_db_error(s, err);

	sqlite3_reset(stmt);
	return rc;
}

static void bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	sqlite3_bind_text(stmt, at, text ? text : "", -1, SQLITE_STATIC);
}

/* opening and closing */

static enum gu_rc
store_new(struct gu_store **out, const char *path, struct gu_err *err)
{
	struct gu_store *s = gu_calloc(1, sizeof(*s));

	if (!s) {
		return gu_err_nomem(err);
	}
	gu_buf_init(&s->text);
	gu_buf_init(&s->content);
	s->path = gu_strdup(path);
	if (!s->path) {
		gu_free(s);
		return gu_err_nomem(err);
	}
	*out = s;
	return GU_RC_OK;
}

/* `name` is a path, or with SQLITE_OPEN_URI a URI. */
static enum gu_rc
db_open(struct gu_store *s, const char *name, int flags, struct gu_err *err)
{
	char *file =
		flags & SQLITE_OPEN_URI ? gu_strdup(name) : gu_path_long(name);
	int code;

	if (!file) {
		return gu_err_nomem(err);
	}
	code = sqlite3_open_v2(file, &s->db, flags | SQLITE_OPEN_NOMUTEX,
			       gu_store_vfs);
	gu_free(file);
	if (code != SQLITE_OK) {
		return store_db_error(s, err);
	}
	sqlite3_busy_timeout(s->db, BUSY_MS);
	return GU_RC_OK;
}

static enum gu_rc
refuse(const char *path, enum gu_store_kind kind, struct gu_err *err)
{
	return gu_err_set(err, GU_RC_USAGE,
			  kind == GU_STORE_NEWER
				  ? "%s was written by another version of guise"
				  : "%s is not a guise store; it is left as it "
				    "is",
			  path);
}

/* Makes way for a store: `*fresh` says that it has to be created. */
static enum gu_rc
make_way(const char *path, bool replace, bool *fresh, struct gu_err *err)
{
	enum gu_store_kind kind;
	enum gu_rc rc = gu_store_probe(path, APP_ID, SCHEMA, &kind, err);

	if (rc) {
		return rc;
	}
	if (kind == GU_STORE_FOREIGN || (kind == GU_STORE_NEWER && !replace)) {
		return refuse(path, kind, err);
	}
	*fresh = replace || kind == GU_STORE_ABSENT;
	if (replace && kind != GU_STORE_ABSENT) {
		return gu_store_remove(path, err);
	}
	return GU_RC_OK;
}

static enum gu_rc prepare_writing(struct gu_store *s, struct gu_err *err)
{
	struct gu_buf sql = GU_BUF_INIT;
	enum gu_rc rc;

	sql_add_entry(&sql);
	rc = gu_buf_check(&sql, err);
	if (!rc) {
		rc = store_db_prepare(s, sql.data, &s->add_entry, err);
	}
	if (!rc) {
		rc = store_db_prepare(s,
				      "INSERT INTO scenario VALUES"
				      "(NULL, ?, ?, ?, ?, ?, ?, ?)",
				      &s->add_scenario, err);
	}
	if (!rc) {
		rc = store_db_prepare(s, "BEGIN IMMEDIATE", &s->begin, err);
	}
	if (!rc) {
		rc = store_db_prepare(s, "COMMIT", &s->commit, err);
	}
	gu_buf_release(&sql);
	return rc;
}

/* The log of a fresh store is switched on last: from then on the header that
 * gu_store_probe reads is in the file itself. */
static enum gu_rc create_schema(struct gu_store *s, struct gu_err *err)
{
	struct gu_buf sql = GU_BUF_INIT;
	enum gu_rc rc;

	sql_schema(&sql);
	rc = gu_buf_check(&sql, err);
	if (!rc) {
		rc = db_exec(s, sql.data, err);
	}
	gu_buf_release(&sql);
	return rc;
}

static enum gu_rc
open_writing(struct gu_store *s, bool replace, struct gu_err *err)
{
	bool fresh = false;
	enum gu_rc rc = make_way(s->path, replace, &fresh, err);

	if (!rc) {
		rc = db_open(s, s->path,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
	}
	if (!rc) {
		rc = db_exec(s, "PRAGMA synchronous = OFF", err);
	}
	if (!rc && fresh) {
		rc = create_schema(s, err);
	}
	if (!rc) {
		rc = db_exec(s, "PRAGMA journal_mode = WAL", err);
	}
	if (!rc && !replace) {
		rc = db_exec(s, "PRAGMA synchronous = NORMAL", err);
	}
	if (!rc) {
		rc = prepare_writing(s, err);
	}
	return rc;
}

enum gu_rc gu_store_open(struct gu_store **out, const char *path, bool replace,
			 struct gu_err *err)
{
	struct gu_store *s = NULL;
	struct gu_store_lock lock;
	enum gu_rc rc = store_new(&s, path, err);

	if (rc) {
		return rc;
	}
	gu_store_lock(&lock, path);
	rc = open_writing(s, replace, err);
	gu_store_unlock(&lock);
	if (rc) {
		gu_store_close(s);
		return rc;
	}
	*out = s;
	return GU_RC_OK;
}

/* A file name as a SQLite URI that promises nobody writes it. */
static void add_immutable_uri(struct gu_buf *out, const char *path)
{
	gu_buf_adds(out, "file:");
	for (; *path; path++) {
		if (*path == '?' || *path == '#' || *path == '%') {
			gu_buf_addf(out, "%%%02X", (unsigned)*path);
		} else {
			gu_buf_addc(out, *path);
		}
	}
	gu_buf_adds(out, "?immutable=1");
}

/* A store in a folder that cannot be written (a build server's artefacts, a
 * disc) has no room for the index of its log; at rest it needs none. */
static enum gu_rc open_immutable(struct gu_store *s, struct gu_err *err)
{
	struct gu_buf uri = GU_BUF_INIT;
	enum gu_rc rc;

	sqlite3_close(s->db);
	s->db = NULL;
	add_immutable_uri(&uri, s->path);
	rc = gu_buf_check(&uri, err);
	if (!rc) {
		rc = db_open(s, uri.data,
			     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
	}
	gu_buf_release(&uri);
	return rc ? rc : db_exec(s, "SELECT id FROM run LIMIT 1", err);
}

static enum gu_rc open_reading(struct gu_store *s, struct gu_err *err)
{
	enum gu_store_kind kind;
	enum gu_rc rc = gu_store_probe(s->path, APP_ID, SCHEMA, &kind, err);
	int code;

	if (rc) {
		return rc;
	}
	if (kind == GU_STORE_ABSENT) {
		return gu_err_set(err, GU_RC_USAGE, "there is no store at %s",
				  s->path);
	}
	if (kind != GU_STORE_OURS) {
		return refuse(s->path, kind, err);
	}
	rc = db_open(s, s->path, SQLITE_OPEN_READONLY, err);
	if (rc) {
		return rc;
	}
	rc = db_exec(s, "SELECT id FROM run LIMIT 1", err);
	code = sqlite3_errcode(s->db);
	if (rc && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)) {
		return open_immutable(s, err);
	}
	return rc;
}

enum gu_rc
gu_store_open_read(struct gu_store **out, const char *path, struct gu_err *err)
{
	struct gu_store *s = NULL;
	enum gu_rc rc = store_new(&s, path, err);

	if (rc) {
		return rc;
	}
	rc = open_reading(s, err);
	if (rc) {
		gu_store_close(s);
		return rc;
	}
	*out = s;
	return GU_RC_OK;
}

void gu_store_close(struct gu_store *s)
{
	if (!s) {
		return;
	}
	sqlite3_finalize(s->begin);
	sqlite3_finalize(s->commit);
	sqlite3_finalize(s->add_file);
	sqlite3_finalize(s->add_scenario);
	sqlite3_finalize(s->add_entry);
	store_basis_release(s);
	sqlite3_close(s->db);
	gu_arena_release(&s->loaded);
	gu_buf_release(&s->text);
	gu_free(s->path);
	gu_free(s);
}

/* writing */

enum gu_rc gu_store_begin_run(struct gu_store *s,
			      const struct gu_run_info *info, int64_t *id,
			      struct gu_err *err)
{
	const char *const texts[] = { info->start_utc, NULL,
				      info->host,      info->system,
				      info->user,      NULL,
				      info->target,    info->proof,
				      info->version,   info->arguments };
	sqlite3_stmt *stmt = NULL;
	char seed[24];
	enum gu_rc rc =
		store_db_prepare(s,
				 "INSERT INTO run VALUES(NULL, ?, ?, ?, ?, "
				 "?, ?, ?, ?, ?, ?, ?)",
				 &stmt, err);

	if (rc) {
		return rc;
	}
	for (int i = 0; i < 10; i++) {
		bind_text(stmt, i + 1, texts[i]);
	}
	sqlite3_bind_null(stmt, 2);
	sqlite3_bind_int(stmt, 6, info->elevated);
	snprintf(seed, sizeof(seed), "%" PRIu64, info->seed);
	bind_text(stmt, 11, seed);
	rc = store_db_run(s, stmt, err);
	sqlite3_finalize(stmt);
	if (rc) {
		return rc;
	}
	s->run = sqlite3_last_insert_rowid(s->db);
	s->seq = 0;
	*id = s->run;
	return GU_RC_OK;
}

enum gu_rc gu_store_add_file(struct gu_store *s, const char *path,
			     const char *sha256, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	if (!s->add_file) {
		rc = store_db_prepare(s,
				      "INSERT INTO file VALUES(NULL, ?, ?, ?)",
				      &s->add_file, err);
	}
	if (rc) {
		return rc;
	}
	sqlite3_bind_int64(s->add_file, 1, s->run);
	bind_text(s->add_file, 2, path);
	bind_text(s->add_file, 3, sha256);
	return store_db_run(s, s->add_file, err);
}

static void bind_number(sqlite3_stmt *stmt, int at, enum gu_column col,
			const struct gu_record *row)
{
	if (col == GU_COL_step) {
		sqlite3_bind_int64(stmt, at, row->step);
	} else if (col == GU_COL_line) {
		sqlite3_bind_int64(stmt, at, row->line);
	} else if (row->has_status) {
		sqlite3_bind_int64(stmt, at, (int64_t)row->duration_ns);
	} else {
		sqlite3_bind_null(stmt, at);
	}
}

static enum gu_rc
bind_basis(struct gu_store *s, const struct gu_record *row, struct gu_err *err)
{
	int64_t id;
	enum gu_rc rc;

	if (!row->basis) {
		sqlite3_bind_null(s->add_entry, 4);
		return GU_RC_OK;
	}
	rc = store_basis_prepare(s, err);
	if (!rc) {
		rc = store_basis_add(s, row->basis, row->decision.type, &id,
				     err);
	}
	if (!rc) {
		sqlite3_bind_int64(s->add_entry, 4, id);
	}
	return rc;
}

/* All texts of the row are made first, one behind the other, since the buffer
 * may move until the last. */
static enum gu_rc add_entry(struct gu_store *s, int64_t scenario,
			    const struct gu_record *row, struct gu_err *err)
{
	size_t ends[GU_COL_COUNT];
	size_t from = 0;
	int at = 5;
	enum gu_rc rc = bind_basis(s, row, err);

	if (rc) {
		return rc;
	}
	gu_buf_reset(&s->text);
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		if (home_of(i) == IN_ENTRY) {
			gu_record_format(row, (enum gu_column)i, &s->text);
		}
		ends[i] = s->text.len;
	}
	if (gu_buf_check(&s->text, err)) {
		return GU_RC_NOMEM;
	}
	sqlite3_bind_int64(s->add_entry, 1, store_entry_id(s->run, ++s->seq));
	sqlite3_bind_int64(s->add_entry, 2, scenario);
	sqlite3_bind_int(s->add_entry, 3,
			 row->has_status ? row->status.ok : -1);
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		enum home home = home_of(i);

		if (home == IN_ENTRY) {
			sqlite3_bind_text(s->add_entry, at++,
					  s->text.data + from,
					  (int)(ends[i] - from), SQLITE_STATIC);
		} else if (home == IN_ENTRY_NUMBER) {
			bind_number(s->add_entry, at++, (enum gu_column)i, row);
		}
		from = ends[i];
	}
	return store_db_run(s, s->add_entry, err);
}

static enum gu_rc
add_scenario(struct gu_store *s, const struct gu_scenario_info *info,
	     const struct gu_scenario_result *result, struct gu_err *err)
{
	sqlite3_stmt *stmt = s->add_scenario;

	sqlite3_bind_int64(stmt, 1, s->run);
	bind_text(stmt, 2, info->name);
	bind_text(stmt, 3, info->file);
	sqlite3_bind_int(stmt, 4, info->line);
	bind_text(stmt, 5, result->tags);
	bind_text(stmt, 6, gu_verdict_name(result->worst));
	sqlite3_bind_int64(stmt, 7, (int64_t)result->count);
	return store_db_run(s, stmt, err);
}

static enum gu_rc
add_contents(struct gu_store *s, const struct gu_scenario_info *info,
	     const struct gu_scenario_result *result, struct gu_err *err)
{
	enum gu_rc rc = add_scenario(s, info, result, err);
	int64_t id = sqlite3_last_insert_rowid(s->db);

	store_basis_begin(s);
	for (size_t i = 0; !rc && i < result->count; i++) {
		rc = add_entry(s, id, &result->rows[i], err);
	}
	if (!rc && result->thing_count) {
		rc = store_basis_prepare(s, err);
	}
	for (size_t i = 0; !rc && i < result->thing_count; i++) {
		rc = store_thing_add(s, store_thing_id(id, (uint32_t)i),
				     &result->things[i], err);
	}
	return rc;
}

enum gu_rc gu_store_add_scenario(struct gu_store *s,
				 const struct gu_scenario_info *info,
				 const struct gu_scenario_result *result,
				 struct gu_err *err)
{
	uint32_t seq = s->seq;
	enum gu_rc rc = store_db_run(s, s->begin, err);

	if (rc) {
		return rc;
	}
	rc = add_contents(s, info, result, err);
	if (!rc) {
		rc = store_db_run(s, s->commit, err);
	}
	if (rc) {
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		store_basis_forget(s);
		s->seq = seq;
	}
	return rc;
}

enum gu_rc
gu_store_finish_run(struct gu_store *s, const char *end_utc, struct gu_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum gu_rc rc = store_db_prepare(
		s, "UPDATE run SET end_utc = ? WHERE id = ?", &stmt, err);

	if (rc) {
		return rc;
	}
	bind_text(stmt, 1, end_utc);
	sqlite3_bind_int64(stmt, 2, s->run);
	rc = store_db_run(s, stmt, err);
	sqlite3_finalize(stmt);
	return rc;
}
