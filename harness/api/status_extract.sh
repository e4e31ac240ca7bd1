#!/bin/sh
# Writes status.def to standard output. For developers, when the table is to
# grow; a build never runs it.
#
# Names and numbers come from the headers of mingw-w64; what each NTSTATUS
# becomes in Win32 is measured by calling RtlNtStatusToDosError with every
# number there is, which takes half a minute.
#
# Needs x86_64-w64-mingw32-gcc and wine64 (packages gcc-mingw-w64-x86-64-win32
# and wine64) and a WINEPREFIX that is set up.
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
	if (n ~ /^(ERROR|STATUS|S|E|SEC)_/) return 1
	if (n ~ /^(RPC|EPT)_/) return 2
	if (n ~ /^WSA/) return 3
	return 4
}
/^#define [A-Z][A-Z0-9_]*[ \t]/ {
	if ($2 ~ /^(FACILITY|SEVERITY|STATUS_SEVERITY|CUSTOMER)_/) next
	if ($2 ~ /^(ERROR_SEVERITY_|WSABASEERR|DNS_ERROR_MASK)/) next
	if (FILENAME ~ /ntstatus/) kind = "NTSTATUS"
	else if ($2 ~ /^(ERROR|NO_ERROR|RPC|EPT|OR|WSA|WAIT|DNS|APPMODEL)/ ||
		 $2 ~ /^(E|S|SEC|CO|REGDB|CLASS|NTE|CRYPT|SCARD|STG)_/)
		kind = "WINERROR"
	else next
	if (!seen[kind, $2]++)
		print ++order, kind, $2, rank($2) + ($3 ~ /^[A-Z_]+$/ ? 10 : 0)
}' "$include/winerror.h" "$include/rpcnterr.h" "$include/ntstatus.h" \
	> "$work/names"

{
	cat <<'C'
#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <winsock2.h>
#include <ntstatus.h>
#include <rpc.h>
#include <rpcnterr.h>
#include <stdio.h>

static void name(int order, int nt, const char *text, int rank, unsigned code)
{
	const char *kind = nt ? "NTSTATUS" :
			   code >= 0x10000 ? "HRESULT" : "WIN32";

	if (!nt && code < 0x10000 && (!strncmp(text, "S_", 2) ||
	    !strncmp(text, "SEC_", 4) || !strncmp(text, "E_", 2))) {
		kind = "HRESULT";
	}
	printf("%s %08X %d %d %s\n", kind, code, rank, order, text);
}

int main(void)
{
	ULONG (WINAPI *map)(LONG) = (void *)GetProcAddress(
		GetModuleHandleA("ntdll"), "RtlNtStatusToDosError");
	unsigned n = 0;

C
	awk '{ printf "#ifdef %s\n\tname(%d, %d, \"%s\", %d, (unsigned)(%s));\n#endif\n",
		$3, $1, $2 == "NTSTATUS", $3, $4, $3 }' "$work/names"
	cat <<'C'
	/* The bits 0x3 << 28 say customer and reserved: rules, not rows. */
	do {
		ULONG code = map((LONG)n);

		if (code != 317) {
			printf("MAP %08X %lu\n", n, code);
		}
	} while (++n & 0x30000000 ? (n = (n | 0x3FFFFFFF) + 1) : n);
	return 0;
}
C
} > "$work/probe.c"
x86_64-w64-mingw32-gcc -w -O1 -o "$work/probe.exe" "$work/probe.c"
wine64 "$work/probe.exe" | tr -d '\r' > "$work/facts"

cat <<'DEF'
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
		awk '{ printf "GU_CODE(%s, 0x%s, %s)\n", $1, $2, $5 }'
done
# Whole facilities whose numbers hold a Win32 code are a rule of status.c.
awk '$1 == "MAP" && $2 !~ /^(C001|C007|8007)/ {
	printf "GU_NT_WIN32(0x%s, %s)\n", $2, $3 }' "$work/facts"
