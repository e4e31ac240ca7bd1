/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "words.h"

#include "banned.h"

/* The names as one block of text and offsets into it: thousands of pointers
 * would have to be relocated whenever the program starts. */
static const struct names {
#define GU_CODE(kind, code, name) char name[sizeof(#name)];
#define GU_NT_WIN32(ntstatus, win32)
#include "status.def"
#undef GU_CODE
} names = {
#define GU_CODE(kind, code, name) .name = #name,
#include "status.def"
#undef GU_CODE
};

struct row {
	uint32_t kind : 8;
	uint32_t name : 24;
	uint32_t code;
};

static const struct row rows[] = {
#define GU_CODE(kind_, code_, name_)             \
	{ .kind = GU_CODE_##kind_,               \
	  .name = offsetof(struct names, name_), \
	  .code = (code_) },
#include "status.def"
#undef GU_CODE
#undef GU_NT_WIN32
};

static const struct pair {
	uint32_t ntstatus;
	uint32_t win32;
} pairs[] = {
#define GU_CODE(kind, code, name)
#define GU_NT_WIN32(ntstatus_, win32_) \
	{ .ntstatus = (ntstatus_), .win32 = (win32_) },
#include "status.def"
#undef GU_CODE
#undef GU_NT_WIN32
};

enum {
	ROW_COUNT = sizeof(rows) / sizeof(rows[0]),
	PAIR_COUNT = sizeof(pairs) / sizeof(pairs[0]),
	SLOT_COUNT = 16384,
	ERROR_MR_MID_NOT_FOUND = 317,
};
_Static_assert(ROW_COUNT <= SLOT_COUNT / 2, "a bigger hash is due");

static const char *row_name(size_t row)
{
	return (const char *)&names + rows[row].name;
}

static uint16_t slots[SLOT_COUNT];
static struct gu_index name_index = { .name = row_name,
				      .count = ROW_COUNT,
				      .slots = slots,
				      .slot_count = SLOT_COUNT };

const char *gu_conv_name(enum gu_conv conv)
{
	switch (conv) {
	case GU_CONV_BOOL:
		return "BOOL";
	case GU_CONV_HANDLE:
		return "HANDLE";
	case GU_CONV_LSTATUS:
		return "LSTATUS";
	case GU_CONV_RPC:
		return "RPC_STATUS";
	case GU_CONV_SECURITY:
		return "SECURITY_STATUS";
	case GU_CONV_HRESULT:
		return "HRESULT";
	case GU_CONV_NTSTATUS:
		return "NTSTATUS";
	case GU_CONV_WSA:
		return "SOCKET_ERROR";
	}
	return "unknown";
}

enum gu_code_kind gu_conv_code_kind(enum gu_conv conv)
{
	switch (conv) {
	case GU_CONV_BOOL:
	case GU_CONV_HANDLE:
	case GU_CONV_LSTATUS:
	case GU_CONV_RPC:
	case GU_CONV_WSA:
		return GU_CODE_WIN32;
	case GU_CONV_SECURITY:
	case GU_CONV_HRESULT:
		return GU_CODE_HRESULT;
	case GU_CONV_NTSTATUS:
		return GU_CODE_NTSTATUS;
	}
	return GU_CODE_WIN32;
}

/* The first row of that code, or NULL. */
static const struct row *row_find(enum gu_code_kind kind, uint32_t code)
{
	uint64_t key = (uint64_t)kind << 32 | code;
	size_t low = 0;
	size_t high = ROW_COUNT;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (((uint64_t)rows[mid].kind << 32 | rows[mid].code) < key) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	if (low < ROW_COUNT && rows[low].kind == kind &&
	    rows[low].code == code) {
		return &rows[low];
	}
	return NULL;
}

static const char *success_name(enum gu_conv conv)
{
	switch (conv) {
	case GU_CONV_BOOL:
	case GU_CONV_HANDLE:
	case GU_CONV_LSTATUS:
		return "ERROR_SUCCESS";
	case GU_CONV_RPC:
		return "RPC_S_OK";
	case GU_CONV_SECURITY:
		return "SEC_E_OK";
	case GU_CONV_HRESULT:
		return "S_OK";
	case GU_CONV_NTSTATUS:
		return "STATUS_SUCCESS";
	case GU_CONV_WSA:
		return "NO_ERROR";
	}
	return NULL;
}

const char *gu_status_name(enum gu_conv conv, uint32_t code)
{
	const struct row *row;

	if (code == 0) {
		return success_name(conv);
	}
	row = row_find(gu_conv_code_kind(conv), code);
	return row ? row_name((size_t)(row - rows)) : NULL;
}

const char *gu_status_text(enum gu_conv conv, uint32_t code, char text[16])
{
	const char *name = gu_status_name(conv, code);

	if (name) {
		return name;
	}
	snprintf(text, 16,
		 gu_conv_code_kind(conv) == GU_CODE_WIN32 ? "%u" : "0x%08X",
		 code);
	return text;
}

/* The family that knows a bare number; small numbers are Win32's first. */
static bool number_kind(uint32_t code, enum gu_code_kind *kind)
{
	static const enum gu_code_kind order[] = { GU_CODE_WIN32,
						   GU_CODE_NTSTATUS,
						   GU_CODE_HRESULT };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (row_find(order[i], code)) {
			*kind = order[i];
			return true;
		}
	}
	return false;
}

bool gu_code_parse(const char *text, uint32_t *code, enum gu_code_kind *kind)
{
	enum gu_code_kind found;
	uint32_t number;
	size_t at = 0;
	size_t row;

	if (gu_index_next(&name_index, text, strlen(text), &at, &row)) {
		number = rows[row].code;
		found = (enum gu_code_kind)rows[row].kind;
	} else if (!gu_parse_u32(text, strlen(text), &number) ||
		   !number_kind(number, &found)) {
		return false;
	}
	*code = number;
	if (kind) {
		*kind = found;
	}
	return true;
}

const char *gu_code_suggest(const char *text)
{
	struct gu_nearest nearest = { .name = NULL };

	for (size_t i = 0; i < ROW_COUNT; i++) {
		gu_nearest_try(&nearest, text, row_name(i));
	}
	return gu_nearest_name(&nearest, text);
}

static uint32_t pair_find(uint32_t ntstatus)
{
	size_t low = 0;
	size_t high = PAIR_COUNT;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (pairs[mid].ntstatus < ntstatus) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	if (low < PAIR_COUNT && pairs[low].ntstatus == ntstatus) {
		return pairs[low].win32;
	}
	return ERROR_MR_MID_NOT_FOUND;
}

uint32_t gu_ntstatus_to_win32(uint32_t ntstatus)
{
	if (ntstatus == GU_NT_SUCCESS) {
		return GU_ERROR_SUCCESS;
	}
	if (ntstatus == GU_NT_ACCESS_DENIED) {
		return GU_ERROR_ACCESS_DENIED;
	}
	/* An application's own code passes through. */
	if (ntstatus & 0x20000000) {
		return ntstatus;
	}
	/* Debug builds of the NT kernel mark statuses with the N bit. */
	if ((ntstatus & 0xF0000000) == 0xD0000000) {
		ntstatus &= ~0x10000000u;
	}
	/* Facilities whose numbers wrap a Win32 code. */
	if (ntstatus >> 16 == 0xC001 || ntstatus >> 16 == 0xC007 ||
	    ntstatus >> 16 == 0x8007) {
		return ntstatus & 0xFFFF;
	}
	return pair_find(ntstatus);
}

const char *gu_code_doc(enum gu_code_kind kind, uint32_t code)
{
	static const struct {
		enum gu_code_kind kind;
		uint32_t code;
		const char *text;
	} docs[] = {
#define GU_CODE_DOC(kind_, code_, text_) \
	{ .kind = GU_CODE_##kind_, .code = (code_), .text = (text_) },
#include "status_doc.def"
#undef GU_CODE_DOC
	};

	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		if (docs[i].kind == kind && docs[i].code == code) {
			return docs[i].text;
		}
	}
	return NULL;
}

bool gu_code_at(size_t i, struct gu_code *out)
{
	if (i >= ROW_COUNT) {
		return false;
	}
	out->kind = (enum gu_code_kind)rows[i].kind;
	out->code = rows[i].code;
	out->name = row_name(i);
	return true;
}

static uint32_t hresult_from_nt(uint32_t ntstatus)
{
	return 0x80070000u | gu_ntstatus_to_win32(ntstatus);
}

/* What SSPI makes of a kernel's answer, where it has a word of its own. */
static uint32_t security_from_nt(uint32_t ntstatus)
{
	switch (ntstatus) {
	case GU_NT_INVALID_HANDLE:
		return GU_SEC_E_INVALID_HANDLE;
	case GU_NT_CANNOT_IMPERSONATE:
	case GU_NT_BAD_IMPERSONATION_LEVEL:
	case GU_NT_NO_TOKEN:
		return GU_SEC_E_NO_IMPERSONATION;
	case GU_NT_INVALID_DEVICE_REQUEST:
	case GU_NT_ILLEGAL_FUNCTION:
		return GU_SEC_E_UNSUPPORTED_FUNCTION;
	}
	return hresult_from_nt(ntstatus);
}

struct gu_status gu_status_from_nt(enum gu_conv conv, uint32_t ntstatus)
{
	struct gu_status s = { .conv = conv, .ok = gu_nt_success(ntstatus) };

	switch (conv) {
	case GU_CONV_BOOL:
	case GU_CONV_HANDLE:
		/* STATUS_NOT_ALL_ASSIGNED is a success with a last error. */
		s.code = gu_ntstatus_to_win32(ntstatus);
		break;
	case GU_CONV_LSTATUS:
	case GU_CONV_RPC:
	case GU_CONV_WSA:
		s.code = s.ok ? 0 : gu_ntstatus_to_win32(ntstatus);
		break;
	case GU_CONV_SECURITY:
		s.code = s.ok ? 0 : security_from_nt(ntstatus);
		break;
	case GU_CONV_HRESULT:
		s.code = s.ok ? 0 : hresult_from_nt(ntstatus);
		break;
	case GU_CONV_NTSTATUS:
		s.code = ntstatus;
		break;
	}
	return s;
}

struct gu_status gu_status_from_code(enum gu_conv conv, uint32_t code)
{
	struct gu_status s = { .conv = conv, .code = code };

	switch (conv) {
	case GU_CONV_BOOL:
	case GU_CONV_HANDLE:
	case GU_CONV_LSTATUS:
	case GU_CONV_RPC:
	case GU_CONV_WSA:
		s.ok = code == 0;
		break;
	case GU_CONV_SECURITY:
	case GU_CONV_HRESULT:
	case GU_CONV_NTSTATUS:
		s.ok = (int32_t)code >= 0;
		break;
	}
	return s;
}
