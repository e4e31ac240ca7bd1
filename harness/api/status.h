/* SPDX-License-Identifier: MIT */
#ifndef GU_STATUS_H
#define GU_STATUS_H

#include "buf.h"
#include "err.h"

/* What a call under test answered, in the convention of that call, kept as
 * data. Never an error of the harness. */
enum gu_conv {
	GU_CONV_BOOL,     /* TRUE or FALSE, GetLastError */
	GU_CONV_HANDLE,   /* handle, or NULL/INVALID_HANDLE_VALUE, GLE */
	GU_CONV_LSTATUS,  /* the Win32 error itself */
	GU_CONV_RPC,      /* RPC_STATUS: 0 or a Win32-range RPC_S_ code */
	GU_CONV_SECURITY, /* SECURITY_STATUS: SEC_E_OK or SEC_E_ code */
	GU_CONV_HRESULT,
	GU_CONV_NTSTATUS,
	GU_CONV_WSA, /* 0 or SOCKET_ERROR, WSAGetLastError */
};

struct gu_status {
	enum gu_conv conv;
	bool ok;       /* by the convention's own test */
	uint32_t code; /* last error or the value; may be non-zero on
			  success (ERROR_ALREADY_EXISTS) */
};

const char *gu_conv_name(enum gu_conv conv); /* "BOOL", "NTSTATUS"... */

/* The families of codes, for look-up. */
enum gu_code_kind {
	GU_CODE_WIN32, /* also RPC_S_ and WSA codes */
	GU_CODE_NTSTATUS,
	GU_CODE_HRESULT, /* also SEC_E_ */
};

enum gu_code_kind gu_conv_code_kind(enum gu_conv conv);

/* "ERROR_ACCESS_DENIED"; NULL when unknown. Where several names share a
 * value, the convention chooses (RPC_S_OK, SEC_E_OK, ERROR_SUCCESS...).
 * Borrowed, static. */
const char *gu_status_name(enum gu_conv conv, uint32_t code);

/* Name or, when there is none, "5" / "0xC0000022" in `text`. */
const char *gu_status_text(enum gu_conv conv, uint32_t code, char text[16]);

/* A code by name or number. False when unknown. `kind` may be NULL. */
GU_MUST_CHECK bool
gu_code_parse(const char *text, uint32_t *code, enum gu_code_kind *kind);

/* The known name spelt most alike, or NULL. Borrowed, static. */
const char *gu_code_suggest(const char *text);

/* RtlNtStatusToDosError. Unknown: ERROR_MR_MID_NOT_FOUND (317). */
uint32_t gu_ntstatus_to_win32(uint32_t ntstatus);

/* One line of explanation, or NULL. Borrowed, static. */
const char *gu_code_doc(enum gu_code_kind kind, uint32_t code);

/* Walks the table for look-ups: the i-th known code, false past the end. */
struct gu_code {
	enum gu_code_kind kind;
	uint32_t code;
	const char *name;
};
bool gu_code_at(size_t i, struct gu_code *out);

/* The codes that the model answers with; the full table is status.def. */
#define GU_NT_SUCCESS                 0x00000000u
#define GU_NT_NOT_ALL_ASSIGNED        0x00000106u
#define GU_NT_ACCESS_VIOLATION        0xC0000005u
#define GU_NT_INVALID_INFO_CLASS      0xC0000003u
#define GU_NT_INVALID_HANDLE          0xC0000008u
#define GU_NT_INVALID_PARAMETER       0xC000000Du
#define GU_NT_INVALID_DEVICE_REQUEST  0xC0000010u
#define GU_NT_NO_MEMORY               0xC0000017u
#define GU_NT_ACCESS_DENIED           0xC0000022u
#define GU_NT_BUFFER_TOO_SMALL        0xC0000023u
#define GU_NT_OBJECT_TYPE_MISMATCH    0xC0000024u
#define GU_NT_OBJECT_NAME_INVALID     0xC0000033u
#define GU_NT_OBJECT_NAME_NOT_FOUND   0xC0000034u
#define GU_NT_OBJECT_NAME_COLLISION   0xC0000035u
#define GU_NT_PORT_DISCONNECTED       0xC0000037u
#define GU_NT_OBJECT_PATH_NOT_FOUND   0xC000003Au
#define GU_NT_INVALID_PORT_HANDLE     0xC0000042u
#define GU_NT_INVALID_OWNER           0xC000005Au
#define GU_NT_NO_IMPERSONATION_TOKEN  0xC000005Cu
#define GU_NT_CANT_DISABLE_MANDATORY  0xC000005Du
#define GU_NT_NO_SUCH_LOGON_SESSION   0xC000005Fu
#define GU_NT_PRIVILEGE_NOT_HELD      0xC0000061u
#define GU_NT_LOGON_FAILURE           0xC000006Du
#define GU_NT_ACCOUNT_RESTRICTION     0xC000006Eu
#define GU_NT_ACCOUNT_DISABLED        0xC0000072u
#define GU_NT_INVALID_SECURITY_DESCR  0xC0000079u
#define GU_NT_NO_TOKEN                0xC000007Cu
#define GU_NT_BAD_IMPERSONATION_LEVEL 0xC00000A5u
#define GU_NT_CANT_OPEN_ANONYMOUS     0xC00000A6u
#define GU_NT_BAD_TOKEN_TYPE          0xC00000A8u
#define GU_NT_PIPE_NOT_AVAILABLE      0xC00000ACu
#define GU_NT_PIPE_BUSY               0xC00000AEu
#define GU_NT_ILLEGAL_FUNCTION        0xC00000AFu
#define GU_NT_PIPE_DISCONNECTED       0xC00000B0u
#define GU_NT_PIPE_CLOSING            0xC00000B1u
#define GU_NT_PIPE_CONNECTED          0xC00000B2u
#define GU_NT_PIPE_LISTENING          0xC00000B3u
#define GU_NT_GENERIC_NOT_MAPPED      0xC00000E6u
#define GU_NT_CANNOT_IMPERSONATE      0xC000010Du
#define GU_NT_PIPE_BROKEN             0xC000014Bu
#define GU_NT_LOGON_TYPE_NOT_GRANTED  0xC000015Bu
#define GU_NT_REPLY_MESSAGE_MISMATCH  0xC000021Fu
#define GU_NT_NOT_FOUND               0xC0000225u

#define GU_ERROR_SUCCESS                 0u
#define GU_ERROR_INVALID_FUNCTION        1u
#define GU_ERROR_FILE_NOT_FOUND          2u
#define GU_ERROR_ACCESS_DENIED           5u
#define GU_ERROR_INVALID_HANDLE          6u
#define GU_ERROR_INVALID_PARAMETER       87u
#define GU_ERROR_ALREADY_EXISTS          183u
#define GU_ERROR_NO_TOKEN                1008u
#define GU_ERROR_NOT_ALL_ASSIGNED        1300u
#define GU_ERROR_BAD_IMPERSONATION_LEVEL 1346u
#define GU_ERROR_INVALID_WINDOW_HANDLE   1400u

#define GU_RPC_S_OK                    0u
#define GU_RPC_S_WRONG_KIND_OF_BINDING 1701u
#define GU_RPC_S_INVALID_BINDING       1702u
#define GU_RPC_S_NO_CALL_ACTIVE        1725u
#define GU_RPC_S_BINDING_HAS_NO_AUTH   1746u
#define GU_RPC_S_CANNOT_SUPPORT        1764u
#define GU_RPC_S_NO_CONTEXT_AVAILABLE  1765u
#define GU_RPC_S_SEC_PKG_ERROR         1825u

#define GU_SEC_E_OK                   0u
#define GU_SEC_E_INVALID_HANDLE       0x80090301u
#define GU_SEC_E_UNSUPPORTED_FUNCTION 0x80090302u
#define GU_SEC_E_NO_IMPERSONATION     0x8009030Bu

#define GU_S_OK                     0u
#define GU_E_FAIL                   0x80004005u
#define GU_E_ACCESSDENIED           0x80070005u
#define GU_RPC_E_CALL_COMPLETE      0x80010117u
#define GU_CO_E_FAILEDTOIMPERSONATE 0x80010123u

#define GU_WSAEFAULT         10014u
#define GU_WSAENOTSOCK       10038u
#define GU_WSAEMSGSIZE       10040u
#define GU_WSAEAFNOSUPPORT   10047u
#define GU_WSASYSCALLFAILURE 10107u

/* NT_SUCCESS: informational and success severities. */
static inline bool gu_nt_success(uint32_t ntstatus)
{
	return (int32_t)ntstatus >= 0;
}

/* An answer in convention `conv` for what the kernel said. */
struct gu_status gu_status_from_nt(enum gu_conv conv, uint32_t ntstatus);

/* An answer whose code is already in the convention's own family: success by
 * the convention's own test, so S_FALSE and STATUS_PENDING are successes. */
struct gu_status gu_status_from_code(enum gu_conv conv, uint32_t code);

#endif
