#!/bin/sh
# Writes status.def to standard output. For developers, when the table is to
# grow; a build never runs it.
#
# Names and numbers come from the headers of mingw-w64 (12.0 knows many that
# 10.0 lacks); what each NTSTATUS becomes in Win32 is measured by calling
# RtlNtStatusToDosError with every number there is, under Wine. The test
# conformance_status holds that against recordings from Windows.
#
# Needs x86_64-w64-mingw32-gcc and wine64 (packages gcc-mingw-w64-x86-64-win32
# and wine64) and a WINEPREFIX that is set up. MINGW_INCLUDE names a folder
# with newer headers.
#
#	harness/api/status_extract.sh > status.def
set -eu

include=${MINGW_INCLUDE:-/usr/share/mingw-w64/include}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Every name in order of appearance, with a rank among names of one value:
# lower is shown. A name defined as another name is an alias and comes last.
awk '
function rank(n) {
	if (n ~ /_(FIRST|LAST)$/) return 5
	if (n ~ /^(ERROR|STATUS|S|E|SEC)_/) return 1
	if (n ~ /^(RPC|EPT)_/) return 2
	if (n ~ /^WSA/) return 3
	return 4
}
/^#define [A-Z][A-Z0-9_]*[ \t]/ {
	if ($2 ~ /^(FACILITY|SEVERITY|STATUS_SEVERITY|CUSTOMER)_/) next
	if ($2 ~ /^(ERROR_SEVERITY_|WSABASEERR|DNS_ERROR_MASK)/) next
	if (FILENAME ~ /ntstatus/)
		kind = "NTSTATUS"
	else if ($2 ~ /^(ERROR|NO_ERROR|RPC|EPT|OR|WSA|WAIT|DNS|APPMODEL)/)
		kind = "WIN32"
	else if ($2 ~ /^(E|S|SEC|CO|REGDB|CLASS|NTE|CRYPT|SCARD|STG)_/)
		kind = "HRESULT"
	else
		next
	if (!seen[kind, $2]++)
		print ++order, kind, $2, rank($2) + ($3 ~ /^[A-Z_]+$/ ? 10 : 0)
}' "$include/winerror.h" "$include/rpcnterr.h" "$include/ntstatus.h" \
	> "$work/names"

# Documented statuses that the headers lack, or have with another number.
cat > "$work/more.h" << 'MORE'
#undef STATUS_PKU2U_CERT_FAILURE
#define STATUS_PKU2U_CERT_FAILURE 0xC000042F
#define STATUS_NO_ACE_CONDITION 0x8000002F
#define STATUS_DEVICE_SUPPORT_IN_PROGRESS 0x80000030
#define STATUS_NO_WORK_DONE 0x80000032
#define STATUS_INVALID_EXCEPTION_HANDLER 0xC00001A5
#define STATUS_NOT_ALLOWED_ON_SYSTEM_FILE 0xC00001A7
#define STATUS_REPAIR_NEEDED 0xC00001A8
#define STATUS_NOT_SAME_OBJECT 0xC00001AC
#define STATUS_FATAL_MEMORY_EXHAUSTION 0xC00001AD
#define STATUS_PWD_TOO_LONG 0xC000027A
#define STATUS_DS_RIDMGR_DISABLED 0xC00002BA
#define STATUS_PASSWORD_CHANGE_REQUIRED 0xC000030C
#define STATUS_LOST_MODE_LOGON_RESTRICTION 0xC000030D
#define STATUS_FATAL_USER_CALLBACK_EXCEPTION 0xC000041D
#define STATUS_INVALID_SESSION 0xC0000455
#define STATUS_THREAD_NOT_IN_SESSION 0xC0000457
#define STATUS_NEEDS_REMEDIATION 0xC0000462
#define STATUS_DEVICE_FEATURE_NOT_SUPPORTED 0xC0000463
#define STATUS_INVALID_TOKEN 0xC0000465
#define STATUS_DEVICE_INSUFFICIENT_RESOURCES 0xC0000468
#define STATUS_OBJECT_NOT_EXTERNALLY_BACKED 0xC000046D
#define STATUS_INTERMIXED_KERNEL_EA_OPERATION 0xC0000471
#define STATUS_TRIM_READ_ZERO_NOT_SUPPORTED 0xC0000472
#define STATUS_TOO_MANY_SEGMENT_DESCRIPTORS 0xC0000473
#define STATUS_INVALID_FIELD_IN_PARAMETER_LIST 0xC0000475
#define STATUS_INVALID_INITIATOR_TARGET_PATH 0xC0000477
#define STATUS_NOT_REDUNDANT_STORAGE 0xC0000479
#define STATUS_RESIDENT_FILE_NOT_SUPPORTED 0xC000047A
#define STATUS_COMPRESSED_FILE_NOT_SUPPORTED 0xC000047B
#define STATUS_DIRECTORY_NOT_SUPPORTED 0xC000047C
#define STATUS_SYSTEM_NEEDS_REMEDIATION 0xC000047E
#define STATUS_APPX_INTEGRITY_FAILURE_CLR_NGEN 0xC000047F
#define STATUS_DEVICE_HARDWARE_ERROR 0xC0000483
#define STATUS_BLOCKED_BY_PARENTAL_CONTROLS 0xC0000488
#define STATUS_NEEDS_REGISTRATION 0xC0000489
#define STATUS_QUOTA_ACTIVITY 0xC000048A
#define STATUS_CALLBACK_INVOKE_INLINE 0xC000048B
#define STATUS_BLOCK_TOO_MANY_REFERENCES 0xC000048C
#define STATUS_NETWORK_ACCESS_DENIED_EDP 0xC000048E
#define STATUS_ENCLAVE_FAILURE 0xC000048F
#define STATUS_PNP_NO_COMPAT_DRIVERS 0xC0000490
#define STATUS_PNP_DRIVER_CONFIGURATION_INCOMPLETE 0xC0000493
#define STATUS_PNP_DEVICE_CONFIGURATION_PENDING 0xC0000495
#define STATUS_DEVICE_HINT_NAME_BUFFER_TOO_SMALL 0xC0000496
#define STATUS_PACKAGE_NOT_AVAILABLE 0xC0000497
#define STATUS_DEVICE_IN_MAINTENANCE 0xC0000499
#define STATUS_NOT_SUPPORTED_ON_DAX 0xC000049A
#define STATUS_DAX_MAPPING_EXISTS 0xC000049C
#define STATUS_STORAGE_LOST_DATA_PERSISTENCE 0xC000049E
#define STATUS_CROSS_PARTITION_VIOLATION 0xC000060B
#define STATUS_CALLBACK_RETURNED_THREAD_AFFINITY 0xC0000721
#define STATUS_KERNEL_EXECUTABLE_MEMORY_WRITE 0xC0000724
#define STATUS_TRIGGERED_EXECUTABLE_MEMORY_WRITE 0xC0000726
#define STATUS_CORRUPT_LOG_DELETED_FULL 0xC000080C
#define STATUS_ORPHAN_NAME_EXHAUSTED 0xC000080E
#define STATUS_PROACTIVE_SCAN_IN_PROGRESS 0xC000080F
#define STATUS_FILE_HANDLE_REVOKED 0xC0000910
#define RPC_NT_COOKIE_AUTH_FAILED 0xC0020065
#define STATUS_TS_VIDEO_SUBSYSTEM_ERROR 0xC00A003A
#define STATUS_CLUSTER_CSV_VOLUME_DRAINING 0xC0130024
#define STATUS_CLUSTER_CSV_VOLUME_DRAINING_SUCCEEDED_DOWNLEVEL 0xC0130026
#define STATUS_CLUSTER_CAM_TICKET_REPLAY_DETECTED 0xC0130031
MORE
awk '/define/ { print NR + 100000, "NTSTATUS", $2, 1 }' "$work/more.h" >> "$work/names"

{
	cat << 'C'
#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <winsock2.h>
#include <ntstatus.h>
#include <rpc.h>
#include <rpcnterr.h>
#include <stdio.h>
#include "more.h"

/* RPC_E_ and a few ERROR_ names are HRESULTs. */
static void name(const char *kind, unsigned code, int rank, int order,
		 const char *text)
{
	if (!strcmp(kind, "WIN32") && code >= 0x10000) {
		kind = "HRESULT";
	}
	printf("%s %08X %d %d %s\n", kind, code, rank, order, text);
}

int main(void)
{
	ULONG (WINAPI *map)(LONG) = (void *)GetProcAddress(
		GetModuleHandleA("ntdll"), "RtlNtStatusToDosError");
	unsigned n;

C
	awk '{
		printf "#ifdef %s\n", $3
		printf "\tname(\"%s\", (unsigned)(%s), ", $2, $3
		printf "%d, %d, \"%s\");\n#endif\n", $4, $1, $3
	}' "$work/names"
	cat << 'C'
	/* The customer and N bits follow rules and have no rows. */
	for (n = 0;; n++) {
		ULONG code = map((LONG)n);

		if (code != 317) {
			printf("MAP %08X %lu\n", n, code);
		}
		if ((n & 0x0FFFFFFF) == 0x0FFFFFFF) {
			n |= 0x30000000;
		}
		if (n == 0xFFFFFFFF) {
			break;
		}
	}
	return 0;
}
C
} > "$work/probe.c"
x86_64-w64-mingw32-gcc -w -O1 -isystem "$include" -o "$work/probe.exe" "$work/probe.c"
wine64 "$work/probe.exe" | tr -d '\r' > "$work/facts"

cat << 'DEF'
/* SPDX-License-Identifier: MIT */
/* Codes that Windows' functions answer with, written by status_extract.sh.
 *
 * GU_CODE(kind, code, name): sorted by kind (as enum gu_code_kind) and code;
 * of several names the first is shown.
 * GU_NT_WIN32(ntstatus, code): what RtlNtStatusToDosError makes of it, sorted;
 * what is left out becomes ERROR_MR_MID_NOT_FOUND. */
DEF
for kind in WIN32 NTSTATUS HRESULT; do
	awk -v kind=$kind '$1 == kind' "$work/facts" |
		LC_ALL=C sort -k2,2 -k3,3n -k4,4n |
		awk '!seen[$5]++ {
			printf "GU_CODE(%s, 0x%s, %s)\n", $1, $2, $5 }'
done
# Whole facilities whose numbers hold a Win32 code are a rule of status.c.
awk '$1 == "MAP" && $2 !~ /^(C001|C007|8007)/ {
	printf "GU_NT_WIN32(0x%s, %s)\n", $2, $3 }' "$work/facts"
