/* SPDX-License-Identifier: MIT */
#ifndef GU_SNAPSHOT_H
#define GU_SNAPSHOT_H

#include "objtype.h"
#include "status.h"

/* Snapshots of a machine: JSON lines, each a principal with its token, an
 * object with its descriptor, or one of them that could not be read. The forms
 * of tokens and descriptors are those of sec_json.h:
 *
 *	{"name":"spoolsv.exe (712)","token":{...}}
 *	{"name":"C:\\audit","type":"directory","sddl":"...","sd_hex":"..."}
 *	{"name":"C:\\x","type":"file","error":{"code":5,"name":"..."}}
 *
 * Pure; any thread. */
struct gu_snapshot_line {
	const char *name;     /* one line, without what a terminal would obey */
	enum gu_objtype type; /* of an object; NONE: a principal */
	struct gu_token *token; /* of a principal; owned */
	struct gu_sd sd;        /* of an object; owned */
	bool unreadable;        /* neither is there, but an error */
	char *memory;
};

/* Reads one line: whole and valid, or USAGE with the field that is wrong. An
 * object without a type is a file. Release it in any case. */
GU_MUST_CHECK enum gu_rc gu_snapshot_read(const char *text, size_t len,
					  struct gu_snapshot_line *out,
					  struct gu_err *err);
void gu_snapshot_release(struct gu_snapshot_line *line);

/* Append one line each, ended. Control characters of names, which real ones
 * hold at times, are written as text: \x07. The caller looks at out->oom. */
void gu_snapshot_write_principal(const char *name, const struct gu_token *token,
				 struct gu_buf *out);
void gu_snapshot_write_object(const char *name, enum gu_objtype type,
			      const struct gu_sd *sd, struct gu_buf *out);
/* With the Win32 error that kept it from being read; type NONE: a
 * principal. */
void gu_snapshot_write_unreadable(const char *name, enum gu_objtype type,
				  uint32_t error, struct gu_buf *out);

#endif
