/* SPDX-License-Identifier: MIT */
#include "store_db.h"

#include "alloc.h"
#include "sec_json.h"
#include "banned.h"

/* Writing what decisions rest on. Tokens, descriptors and bases stand in the
 * store once for each content, numbered by a hash of it (or the next free
 * number), so that they are found without an index. What was written last is
 * remembered: most rows cost a comparison of pointers. */

/* The same content as before in this scenario: its records keep equal things
 * at one address. */
static struct store_seen *
seen_at(struct store_seen *slots, size_t count, const void *p, unsigned more)
{
	size_t hash = ((uintptr_t)p >> 4) * 0x9E3779B1u + more;

	return &slots[(hash >> 7) % count];
}

/* 48 bits: a report's script has to hold the number, too. */
static int64_t hash_of(const char *p, size_t n)
{
	uint64_t hash = n;

	for (; n >= 8; p += 8, n -= 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
	}
	for (; n; p++, n--) {
		hash = (hash ^ (unsigned char)*p) *
		       UINT64_C(0x9E3779B97F4A7C15);
	}
	hash = (hash ^ hash >> 32) & UINT64_C(0xFFFFFFFFFFFF);
	return hash ? (int64_t)hash : 1;
}

/* contents */

/* The row's place for values that are bound from 2 on: `find` says of the row
 * of a number whether it holds them, `add` writes it. */
static enum gu_rc place(struct gu_store *s, sqlite3_stmt *find,
			sqlite3_stmt *add, int64_t *id, struct gu_err *err)
{
	for (;; ++*id) {
		int code;
		bool same;

		sqlite3_bind_int64(find, 1, *id);
		code = sqlite3_step(find);
		same = code == SQLITE_ROW && sqlite3_column_int(find, 0);
		sqlite3_reset(find);
		if (same) {
			return GU_RC_OK;
		}
		if (code == SQLITE_DONE) {
			sqlite3_bind_int64(add, 1, *id);
			return store_db_run(s, add, err);
		}
		if (code != SQLITE_ROW) {
			return store_db_error(s, err);
		}
	}
}

static void
bind_content(sqlite3_stmt *stmt, bool text, const struct gu_buf *content)
{
	if (text) {
		sqlite3_bind_text(stmt, 2, content->data, (int)content->len,
				  SQLITE_STATIC);
	} else {
		sqlite3_bind_blob(stmt, 2, content->data, (int)content->len,
				  SQLITE_STATIC);
	}
}

/* The number of s->content in one of the two tables. */
static enum gu_rc content_id(struct gu_store *s, struct store_contents *c,
			     int64_t *id, struct gu_err *err)
{
	int64_t hash = hash_of(s->content.data, s->content.len);
	struct store_content *slot = &c->slots[hash % STORE_CONTENTS];
	char *copy;
	enum gu_rc rc;

	*id = hash;
	if (slot->len == s->content.len && slot->bytes &&
	    !memcmp(slot->bytes, s->content.data, slot->len)) {
		*id = slot->id;
		return GU_RC_OK;
	}
	bind_content(c->find, c->text, &s->content);
	bind_content(c->add, c->text, &s->content);
	rc = place(s, c->find, c->add, id, err);
	if (rc) {
		return rc;
	}
	copy = gu_strndup(s->content.data, s->content.len);
	if (!copy) {
		return gu_err_nomem(err);
	}
	gu_free(slot->bytes);
	*slot = (struct store_content){ .bytes = copy,
					.len = s->content.len,
					.id = *id };
	return GU_RC_OK;
}

static enum gu_rc token_id(struct gu_store *s, const struct gu_token *token,
			   int64_t *id, struct gu_err *err)
{
	struct store_seen *seen = seen_at(s->seen_tokens, STORE_SEEN, token, 0);
	enum gu_rc rc;

	if (seen->p == token) {
		*id = seen->id;
		return GU_RC_OK;
	}
	gu_buf_reset(&s->content);
	gu_json_token_write(token, &s->content);
	rc = gu_buf_check(&s->content, err);
	if (!rc) {
		rc = content_id(s, &s->tokens, id, err);
	}
	if (!rc) {
		*seen = (struct store_seen){ .p = token, .id = *id };
	}
	return rc;
}

static enum gu_rc sd_id(struct gu_store *s, const struct gu_sd *sd, int64_t *id,
			struct gu_err *err)
{
	struct store_seen *seen = seen_at(s->seen_sds, STORE_SEEN, sd, 0);
	enum gu_rc rc;

	if (seen->p == sd) {
		*id = seen->id;
		return GU_RC_OK;
	}
	gu_buf_reset(&s->content);
	gu_sd_encode(sd, &s->content);
	rc = gu_buf_check(&s->content, err);
	if (!rc) {
		rc = content_id(s, &s->descriptors, id, err);
	}
	if (!rc) {
		*seen = (struct store_seen){ .p = sd, .id = *id };
	}
	return rc;
}

/* Of a basis; 0 for what it has not. */
static enum gu_rc ids_of(struct gu_store *s, const struct gu_basis *basis,
			 int64_t *token, int64_t *sd, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	*token = *sd = 0;
	if (basis->token) {
		rc = token_id(s, basis->token, token, err);
	}
	if (!rc && basis->sd) {
		rc = sd_id(s, basis->sd, sd, err);
	}
	return rc;
}

/* bases */

static void bind_basis(sqlite3_stmt *stmt, const struct store_basis *b)
{
	const char *type =
		b->type == GU_OBJ_NONE ? "" : gu_objtype_row(b->type)->name;

	sqlite3_bind_int64(stmt, 2, b->token);
	sqlite3_bind_int64(stmt, 3, b->sd);
	sqlite3_bind_int64(stmt, 4, b->desired);
	sqlite3_bind_int64(stmt, 5, b->flags);
	sqlite3_bind_int(stmt, 6, b->below_level);
	sqlite3_bind_text(stmt, 7, type, -1, SQLITE_STATIC);
}

static bool same_basis(const struct store_basis *a, const struct store_basis *b)
{
	return a->token == b->token && a->sd == b->sd &&
	       a->desired == b->desired && a->flags == b->flags &&
	       a->below_level == b->below_level && a->type == b->type;
}

static enum gu_rc basis_write(struct gu_store *s, const struct store_basis *b,
			      int64_t *id, struct gu_err *err)
{
	const int64_t content[] = { b->token, b->sd,          b->desired,
				    b->flags, b->below_level, b->type };
	int64_t hash = hash_of((const char *)content, sizeof(content));
	struct store_basis *slot = &s->bases[hash % STORE_BASES];
	enum gu_rc rc;

	*id = hash;
	if (slot->id && same_basis(slot, b)) {
		*id = slot->id;
		return GU_RC_OK;
	}
	bind_basis(s->find_basis, b);
	bind_basis(s->add_basis, b);
	rc = place(s, s->find_basis, s->add_basis, id, err);
	if (!rc) {
		*slot = *b;
		slot->id = *id;
	}
	return rc;
}

enum gu_rc store_basis_add(struct gu_store *s, const struct gu_basis *basis,
			   enum gu_objtype type, int64_t *id,
			   struct gu_err *err)
{
	struct store_seen *seen =
		seen_at(s->seen_bases, STORE_BASES, basis, (unsigned)type << 8);
	struct store_basis b = {
		.desired = basis->desired,
		.flags = basis->flags,
		.below_level = basis->below_level,
		.type = type,
	};
	enum gu_rc rc;

	if (seen->p == basis && seen->more == (unsigned)type) {
		*id = seen->id;
		return GU_RC_OK;
	}
	rc = ids_of(s, basis, &b.token, &b.sd, err);
	if (!rc) {
		rc = basis_write(s, &b, id, err);
	}
	if (!rc) {
		*seen = (struct store_seen){ .p = basis,
					     .more = (unsigned)type,
					     .id = *id };
	}
	return rc;
}

/* things */

static const char *kind_name(enum gu_ref_kind kind)
{
	if (kind == GU_REF_ACCOUNT) {
		return "account";
	}
	if (kind == GU_REF_PROCESS) {
		return "process";
	}
	return kind == GU_REF_TOKEN ? "token" : "object";
}

enum gu_rc store_thing_add(struct gu_store *s, int64_t id,
			   const struct gu_thing *thing, struct gu_err *err)
{
	bool object = thing->kind == GU_REF_OBJECT;
	sqlite3_stmt *stmt = s->add_thing;
	int64_t token, sd;
	enum gu_rc rc = ids_of(s, thing->basis, &token, &sd, err);

	if (rc) {
		return rc;
	}
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_text(stmt, 2, kind_name(thing->kind), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, thing->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4,
			  object ? gu_objtype_row(thing->type)->name : "", -1,
			  SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, object ? 0 : token);
	sqlite3_bind_int64(stmt, 6, object ? sd : 0);
	return store_db_run(s, stmt, err);
}

/* life */

const char store_basis_schema[] =
	"CREATE TABLE token(id INTEGER PRIMARY KEY, json TEXT NOT NULL);"
	"CREATE TABLE descriptor(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
	"CREATE TABLE basis(id INTEGER PRIMARY KEY, token INTEGER NOT NULL, "
	"descriptor INTEGER NOT NULL, desired INTEGER NOT NULL, "
	"flags INTEGER NOT NULL, below_level INTEGER NOT NULL, "
	"type TEXT NOT NULL);"
	"CREATE TABLE thing(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, "
	"name TEXT NOT NULL, type TEXT NOT NULL, token INTEGER NOT NULL, "
	"descriptor INTEGER NOT NULL);";

enum gu_rc store_basis_prepare(struct gu_store *s, struct gu_err *err)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *sql;
	} rows[] = {
		{ &s->tokens.find,
		  "SELECT json = ?2 FROM token WHERE id = ?1" },
		{ &s->tokens.add, "INSERT INTO token VALUES(?, ?)" },
		{ &s->descriptors.find,
		  "SELECT bytes = ?2 FROM descriptor WHERE id = ?1" },
		{ &s->descriptors.add, "INSERT INTO descriptor VALUES(?, ?)" },
		{ &s->find_basis,
		  "SELECT token = ?2 AND descriptor = ?3 AND desired = ?4 "
		  "AND flags = ?5 AND below_level = ?6 AND type = ?7 "
		  "FROM basis WHERE id = ?1" },
		{ &s->add_basis,
		  "INSERT INTO basis VALUES(?, ?, ?, ?, ?, ?, ?)" },
		{ &s->add_thing, "INSERT INTO thing VALUES(?, ?, ?, ?, ?, ?)" },
	};
	enum gu_rc rc = GU_RC_OK;

	if (s->add_thing) {
		return GU_RC_OK;
	}
	s->tokens.text = true;
	for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Those that were made before memory ran out are still good. */
		if (!*rows[i].stmt) {
			rc = store_db_prepare(s, rows[i].sql, rows[i].stmt,
					      err);
		}
	}
	return rc;
}

void store_basis_begin(struct gu_store *s)
{
	memset(s->seen_tokens, 0, sizeof(s->seen_tokens));
	memset(s->seen_sds, 0, sizeof(s->seen_sds));
	memset(s->seen_bases, 0, sizeof(s->seen_bases));
}

static void contents_forget(struct store_contents *c)
{
	for (size_t i = 0; i < STORE_CONTENTS; i++) {
		gu_free(c->slots[i].bytes);
		c->slots[i] = (struct store_content){ .bytes = NULL };
	}
}

void store_basis_forget(struct gu_store *s)
{
	store_basis_begin(s);
	contents_forget(&s->tokens);
	contents_forget(&s->descriptors);
	memset(s->bases, 0, sizeof(s->bases));
}

void store_basis_release(struct gu_store *s)
{
	store_basis_forget(s);
	sqlite3_finalize(s->tokens.find);
	sqlite3_finalize(s->tokens.add);
	sqlite3_finalize(s->descriptors.find);
	sqlite3_finalize(s->descriptors.add);
	sqlite3_finalize(s->find_basis);
	sqlite3_finalize(s->add_basis);
	sqlite3_finalize(s->add_thing);
	gu_buf_release(&s->content);
}
