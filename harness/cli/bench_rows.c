/* SPDX-License-Identifier: MIT */
#include "bench_rows.h"

#include "banned.h"

/* Quoting is rare, as in life: one identity and one reason in sixteen. */
static const char *const scenarios[] = {
	"revert after impersonate",
	"nested impersonation",
	"pipe client identifies",
	"anonymous token",
	"restricted SID",
	"order of deny ACEs",
	"owner rights",
	"low integrity write",
};
static const char *const threads[] = { "main", "worker-1", "worker-2",
				       "rpc-listener" };
static const char *const identities[] = {
	"CORP\\alice",     "CORP\\bob",
	"CORP\\svc-sql",   "NT AUTHORITY\\ANONYMOUS LOGON",
	"CORP\\carol",     "NT AUTHORITY\\LOCAL SERVICE",
	"CORP\\dave",      "CORP\\erin",
	"CORP\\frank",     "CORP\\svc-backup",
	"CORP\\grace",     "CORP\\\"quoted, name\"",
	"BUILTIN\\Guests", "CORP\\heidi",
	"CORP\\mallory",   "CORP\\trent",
};
static const char *const shares[] = { "finance", "hr",  "engineering", "legal",
				      "sales",   "ops", "research",    "it" };
static const char allowed[] = "granted by ACE 1 to BUILTIN\\Users";
static const char denied[] = "no ACE grants it, FILE_WRITE_DATA is left";

static void set(struct gu_bench_row *r, enum gu_column col, const char *text)
{
	r->text.col[col] = text;
	r->text.len[col] = strlen(text);
}

/* Digits in place, with leading zeros. */
static void put(char *at, int width, uint32_t v)
{
	for (; width; width--, v /= 10) {
		at[width - 1] = (char)('0' + v % 10);
	}
}

/* A number without leading zeros at the end of a field of `width`. */
static const char *number(char *field, int width, uint32_t v)
{
	int at = width - 1;

	field[at] = '\0';
	do {
		field[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return field + at;
}

void gu_bench_row_init(struct gu_bench_row *r)
{
	*r = (struct gu_bench_row){ .time = "2026-01-31T09:00:00.000000Z" };
	for (size_t i = 0; i < GU_COL_COUNT; i++) {
		set(r, (enum gu_column)i, "");
	}
	set(r, GU_COL_run, "1");
	set(r, GU_COL_file, "bench.lua");
	set(r, GU_COL_line, "12");
	set(r, GU_COL_kind, "attempt");
	set(r, GU_COL_process, "svc");
	set(r, GU_COL_level, "Impersonation");
	set(r, GU_COL_via, "ImpersonateNamedPipeClient");
	set(r, GU_COL_operation, "open");
	set(r, GU_COL_object_type, "file");
	set(r, GU_COL_time_utc, r->time);
	r->record = (struct gu_record){
		.kind = GU_RECORD_ATTEMPT,
		.line = 12,
		.judged_line = 12,
		.process = "svc",
		.has_who = true,
		.who = { .level = GU_LEVEL_IMPERSONATION,
			 .impersonating = true },
		.via = GU_FN_ImpersonateNamedPipeClient,
		.fn = GU_FN_open,
		.has_status = true,
		.status = { GU_CONV_BOOL, true, 0 },
		.decision = { .made = true, .type = GU_OBJ_file },
	};
}

static const char *
object_of(struct gu_bench_row *r, uint32_t number, uint32_t x)
{
	char *p = r->object;
	const char *share = shares[x >> 13 & 7];
	size_t n = strlen(share);

	memcpy(p, "C:\\share\\", 9);
	memcpy(p + 9, share, n);
	p += 9 + n;
	memcpy(p, "\\project-0000\\file-0000000.dat", 31);
	put(p + 9, 4, number / 97 % 10000);
	put(p + 19, 7, number % 10000000);
	return r->object;
}

static const char *sid_of(struct gu_bench_row *r, uint32_t x)
{
	memcpy(r->sid, "S-1-5-21-1004336348-1177238915-682003330-1000", 46);
	put(r->sid + 43, 2, x >> 5 & 15);
	return r->sid;
}

/* What differs by whether access was granted, and by whether that was
 * expected. */
static void set_answer(struct gu_bench_row *r, bool granted, bool pass)
{
	set(r, GU_COL_asked, "FILE_READ_DATA|SYNCHRONIZE");
	set(r, GU_COL_granted, granted ? "FILE_READ_DATA|SYNCHRONIZE" : "0");
	set(r, GU_COL_status_code, granted ? "0" : "5");
	set(r, GU_COL_status_name,
	    granted ? "ERROR_SUCCESS" : "ERROR_ACCESS_DENIED");
	set(r, GU_COL_expected, granted == pass ? "granted" : "denied");
	set(r, GU_COL_verdict, pass ? "pass" : "fail");
	set(r, GU_COL_reason, granted ? allowed : denied);
	r->record.status.ok = granted;
	r->record.status.code = granted ? 0 : 5;
	r->record.decision.asked = 0x100001;
	r->record.decision.granted = granted ? 0x100001 : 0;
	r->record.expected = r->text.col[GU_COL_expected];
	r->record.verdict = pass ? GU_VERDICT_PASS : GU_VERDICT_FAIL;
	r->record.reason = r->text.col[GU_COL_reason];
	r->text.ok = granted;
}

void gu_bench_row_set(struct gu_bench_row *r, uint32_t n)
{
	uint32_t x = n * 2654435761u;
	uint32_t step = n % GU_BENCH_SCENARIO_ROWS + 1;

	x ^= x >> 15;
	put(r->time + 17, 2, n / 1000000 % 60);
	put(r->time + 20, 6, n % 1000000);
	set(r, GU_COL_seq, number(r->seq, sizeof(r->seq), n + 1));
	set(r, GU_COL_step, number(r->step, sizeof(r->step), step));
	set(r, GU_COL_scenario, scenarios[n / GU_BENCH_SCENARIO_ROWS & 7]);
	set(r, GU_COL_thread, threads[x >> 3 & 3]);
	set(r, GU_COL_identity, identities[x >> 5 & 15]);
	set(r, GU_COL_identity_sid, sid_of(r, x));
	set(r, GU_COL_object, object_of(r, n, x));
	set(r, GU_COL_duration_ns,
	    number(r->duration, sizeof(r->duration), 40 + (x >> 20)));
	set_answer(r, (x >> 9) % 3 != 0, (x >> 11) % 50 != 0);
	r->record.step = step;
	r->record.time_us = INT64_C(1769850000000000) + n;
	r->record.duration_ns = 40 + (x >> 20);
	r->record.thread = r->text.col[GU_COL_thread];
	r->record.who.name = r->text.col[GU_COL_identity];
	r->record.who.sid = r->sid;
	r->record.decision.object = r->object;
}

/* peers */

static void put_quoted(FILE *out, const char *s)
{
	if (!s[strcspn(s, ",\"\r\n")]) {
		(void)fputs(s, out);
		return;
	}
	(void)putc('"', out);
	for (; *s; s++) {
		if (*s == '"') {
			(void)putc('"', out);
		}
		(void)putc(*s, out);
	}
	(void)putc('"', out);
}

void gu_bench_row_fprintf(const struct gu_bench_row *r, FILE *out)
{
	const char *const *c = r->text.col;

	(void)fprintf(out, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,", c[0], c[1], c[2],
		      c[3], c[4], c[5], c[6], c[7], c[8], c[9]);
	put_quoted(out, c[GU_COL_identity]);
	(void)fprintf(out, ",%s,%s,%s,%s,%s,", c[11], c[12], c[13], c[14],
		      c[15]);
	put_quoted(out, c[GU_COL_object]);
	(void)fprintf(out, ",%s,%s,%s,%s,%s,%s,%s,%s,", c[17], c[18], c[19],
		      c[20], c[21], c[22], c[23], c[24]);
	put_quoted(out, c[GU_COL_reason]);
	(void)fprintf(out, ",%s\r\n", c[GU_COL_duration_ns]);
}

const char gu_bench_rows_python[] =
	"import csv, json, sqlite3, sys\n"
	"kind, n, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]\n"
	"columns = '''run seq time_utc scenario file line step kind process\n"
	"thread identity identity_sid level via operation object_type object\n"
	"asked granted status_code status_name expected verdict rule cwe\n"
	"reason duration_ns'''.split()\n"
	"scenarios = ['revert after impersonate', 'nested impersonation',\n"
	"  'pipe client identifies', 'anonymous token', 'restricted SID',\n"
	"  'order of deny ACEs', 'owner rights', 'low integrity write']\n"
	"threads = ['main', 'worker-1', 'worker-2', 'rpc-listener']\n"
	"identities = ['CORP\\\\alice', 'CORP\\\\bob', 'CORP\\\\svc-sql',\n"
	"  'NT AUTHORITY\\\\ANONYMOUS LOGON', 'CORP\\\\carol',\n"
	"  'NT AUTHORITY\\\\LOCAL SERVICE', 'CORP\\\\dave', 'CORP\\\\erin',\n"
	"  'CORP\\\\frank', 'CORP\\\\svc-backup', 'CORP\\\\grace',\n"
	"  'CORP\\\\\"quoted, name\"', 'BUILTIN\\\\Guests', 'CORP\\\\heidi',\n"
	"  'CORP\\\\mallory', 'CORP\\\\trent']\n"
	"shares = ['finance', 'hr', 'engineering', 'legal', 'sales', 'ops',\n"
	"  'research', 'it']\n"
	"rights = 'FILE_READ_DATA|SYNCHRONIZE'\n"
	"text = kind != 'jsonl'\n"
	"def rows():\n"
	"  for i in range(n):\n"
	"    x = (i * 2654435761) & 0xffffffff\n"
	"    x ^= x >> 15\n"
	"    ok = (x >> 9) % 3 != 0\n"
	"    held = (x >> 11) % 50 != 0\n"
	"    yield (1, i + 1,\n"
	"      '2026-01-31T09:00:%02d.%06dZ' % (i // 1000000 % 60, i % 1000000),\n"
	"      scenarios[i // 100 & 7], 'bench.lua', 12, i % 100 + 1, 'attempt',\n"
	"      'svc', threads[x >> 3 & 3], identities[x >> 5 & 15],\n"
	"      'S-1-5-21-1004336348-1177238915-682003330-10%02d' % (x >> 5 & 15),\n"
	"      'Impersonation', 'ImpersonateNamedPipeClient', 'open', 'file',\n"
	"      'C:\\\\share\\\\%s\\\\project-%04d\\\\file-%07d.dat' %\n"
	"        (shares[x >> 13 & 7], i // 97 % 10000, i % 10000000),\n"
	"      rights, rights if ok else '0', '0' if ok else '5',\n"
	"      'ERROR_SUCCESS' if ok else 'ERROR_ACCESS_DENIED',\n"
	"      'granted' if ok == held else 'denied', 'pass' if held else 'fail',\n"
	"      '', '', 'granted by ACE 1 to BUILTIN\\\\Users' if ok else\n"
	"        'no ACE grants it, FILE_WRITE_DATA is left', 40 + (x >> 20))\n"
	"if kind == 'rows':\n"
	"  for row in rows(): pass\n"
	"elif kind == 'csv':\n"
	"  with open(out, 'w', newline='') as f:\n"
	"    w = csv.writer(f)\n"
	"    w.writerows(rows())\n"
	"elif kind == 'jsonl':\n"
	"  with open(out, 'w') as f:\n"
	"    for row in rows():\n"
	"      d = {k: v for k, v in zip(columns, row) if v != ''}\n"
	"      f.write(json.dumps(d, separators=(',', ':')) + '\\n')\n"
	"else:\n"
	"  db = sqlite3.connect(out)\n"
	"  db.execute('pragma journal_mode=wal')\n"
	"  db.execute('pragma synchronous=normal')\n"
	"  db.execute('create table r(id integer primary key, scenario, ok, %s)'\n"
	"    % ', '.join(c for c in columns if c not in ('run', 'seq', 'file',\n"
	"      'scenario')))\n"
	"  db.executemany('insert into r values(?,?,?' + ',?' * 23 + ')',\n"
	"    ((1 << 32 | r[1], 1 + (r[1] - 1) // 100, r[19] == '0', r[2]) + r[5:]\n"
	"      for r in rows()))\n"
	"  db.commit()\n"
	"  db.close()\n";
