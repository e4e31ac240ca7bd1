/* SPDX-License-Identifier: MIT */
#ifndef GU_BEHAVIOUR_H
#define GU_BEHAVIOUR_H

/* What Windows was seen or is documented to do, one case per recorded fact,
 * asked of the model through the contract. A case's id is that of its record
 * in impersonation_behaviour.jsonl; the expected values are written into the
 * case, so nothing here needs that file. */
#include "model_fix.h"

struct bh_case {
	const char *id;
	const char *fact; /* one sentence: the name of the test */
	/* In a world of its own. */
	void (*run)(struct fix *f, const void *row);
	const void *row; /* what members of a family differ in, or NULL */
};

struct bh_area {
	const struct bh_case *cases;
	size_t count;
};

#define BH_AREA(name, rows)                        \
	const struct bh_area bh_##name = { (rows), \
					   sizeof(rows) / sizeof((rows)[0]) }

extern const struct bh_area bh_access_check;
extern const struct bh_area bh_anonymous;
extern const struct bh_area bh_channels;
extern const struct bh_area bh_duplicate;
extern const struct bh_area bh_elevation;
extern const struct bh_area bh_gate;
extern const struct bh_area bh_handles;
extern const struct bh_area bh_pipe;
extern const struct bh_area bh_pipe_tracking;
extern const struct bh_area bh_process;
extern const struct bh_area bh_restricted;
extern const struct bh_area bh_rpc;
extern const struct bh_area bh_token;

/* Records that no row of the call table can show. */
struct bh_exclusion {
	const char *id;
	const char *reason;
};
extern const struct bh_exclusion bh_out_of_scope[];
extern const size_t bh_out_of_scope_count;

/* Masks and classes by winnt.h's names. */
enum {
	TOKEN_ASSIGN_PRIMARY = 0x1,
	TOKEN_DUPLICATE = 0x2,
	TOKEN_IMPERSONATE = 0x4,
	TOKEN_QUERY = 0x8,
	TOKEN_QUERY_SOURCE = 0x10,
	TOKEN_ADJUST_PRIVILEGES = 0x20,
	TOKEN_ADJUST_GROUPS = 0x40,
	TOKEN_ADJUST_DEFAULT = 0x80,
	TOKEN_ALL_ACCESS = 0xF01FF,

	PROCESS_TERMINATE = 0x1,
	PROCESS_VM_READ = 0x10,
	PROCESS_QUERY_LIMITED_INFORMATION = 0x1000,
	PROCESS_ALL_ACCESS = 0x1FFFFF,

	THREAD_TERMINATE = 0x1,
	THREAD_IMPERSONATE = 0x100,
	THREAD_QUERY_LIMITED_INFORMATION = 0x800,

	EVENT_MODIFY_STATE = 0x2,
	EVENT_ALL_ACCESS = 0x1F0003,
	KEY_READ = 0x20019,
	SYNCHRONIZE = 0x100000,
	ACCESS_SYSTEM_SECURITY = 0x1000000,
	MAXIMUM_ALLOWED = 0x2000000,

	TokenUser = 1,
	TokenGroups = 2,
	TokenPrivileges = 3,
	TokenPrimaryGroup = 5,
	TokenDefaultDacl = 6,
	TokenType = 8,
	TokenImpersonationLevel = 9,
	TokenStatistics = 10,
	TokenRestrictedSids = 11,
	TokenSandBoxInert = 15,
	TokenElevationType = 18,
	TokenLinkedToken = 19,
	TokenElevation = 20,
	TokenIntegrityLevel = 25,
	TokenLogonSid = 28,
	TokenIsRestricted = 40,
};

#define GENERIC_RW 0xC0000000u

#define SYSTEM   "NT AUTHORITY\\SYSTEM"
#define EVERYONE "S-1-1-0"
#define LOCAL    "S-1-2-0"

/* Error codes that status.h has no name for. */
enum {
	ERROR_NOT_FOUND = 1168,
	ERROR_NO_IMPERSONATION_TOKEN = 1309,
	ERROR_NO_SUCH_LOGON_SESSION = 1312,
	ERROR_PRIVILEGE_NOT_HELD = 1314,
	ERROR_CANT_OPEN_ANONYMOUS = 1347,
	ERROR_CANNOT_IMPERSONATE = 1368,
};

/* A plain user "alice", or a thread of a process of hers. Once a world. */
#define ALICE_SID "S-1-5-21-1-2-3-1104"
struct gu_ref bh_alice(struct fix *f);
struct gu_ref bh_plain_thread(struct fix *f);
/* The same, the user being in Users and with these privileges, enabled or
 * not. */
struct gu_ref
bh_privileged_thread(struct fix *f, gu_privset privs, bool enabled);
/* A fixture of which only the making counts. */
#define MAKE(f, ...) OK((f), fix_no_ref(), __VA_ARGS__)

/* A handle to the thread's process's own token. */
struct gu_ref bh_own_token(struct fix *f, struct gu_ref t, uint32_t access);

/* An impersonation duplicate of a token, with these rights. */
struct gu_ref bh_impersonation(struct fix *f, struct gu_ref t,
			       struct gu_ref token, enum gu_level level,
			       uint32_t access);

/* What a token says of itself. */
struct gu_value
bh_info(struct fix *f, struct gu_ref t, struct gu_ref token, unsigned class);
uint64_t
bh_number(struct fix *f, struct gu_ref t, struct gu_ref token, unsigned class);

/* Privileges: how many there are, how many of them enabled, and the
 * attributes of one (UINT32_MAX: absent). */
struct bh_privs {
	size_t present;
	size_t enabled;
};
struct bh_privs bh_privs(struct fix *f, struct gu_ref t, struct gu_ref token);
uint32_t
bh_priv(struct fix *f, struct gu_ref t, struct gu_ref token, enum gu_priv priv);

/* The i-th entry of TokenGroups or TokenRestrictedSids; false past the
 * end. */
struct bh_sid {
	const char *sid;
	uint32_t attributes;
};
bool bh_sid_at(struct gu_value list, size_t i, struct bh_sid *out);

/* The attributes of a SID in such a list; UINT32_MAX: not there. */
uint32_t bh_sid_attributes(struct gu_value list, const char *sid);

/* A field of a table; fails the test when there is none. */
struct gu_value bh_field(struct gu_value table, const char *name);

/* CheckTokenMembership's answer. */
bool bh_is_member(struct fix *f, struct gu_ref t, struct gu_ref token,
		  const char *sid);

/* The descriptor of what a handle is to. No row reads it: this looks into the
 * model. Borrowed. */
const struct gu_sd *bh_descriptor(struct fix *f, struct gu_ref handle);

#endif
