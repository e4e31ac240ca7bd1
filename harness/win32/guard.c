/* SPDX-License-Identifier: MIT */
#include "guard.h"

#include <winsock2.h>
#include <windows.h>

#include "banned.h"

/* gcc has no __try. This is what a compiler makes of
 *
 *     __try { fn(arg); return 0; } __except (guard_filter(...)) { return 1; }
 */
int w_guard_enter(void (*fn)(void *arg), void *arg);
long w_guard_filter(EXCEPTION_POINTERS *raised, void *frame);

__asm__(".text\n"
	".globl w_guard_enter\n"
	".seh_proc w_guard_enter\n"
	"w_guard_enter:\n"
	"\tsubq $40, %rsp\n"
	"\t.seh_stackalloc 40\n"
	"\t.seh_endprologue\n"
	"\tmovq %rcx, %rax\n"
	"\tmovq %rdx, %rcx\n"
	".Lguard_begin:\n"
	"\tcall *%rax\n"
	"\tnop\n"
	".Lguard_end:\n"
	"\txorl %eax, %eax\n"
	"\taddq $40, %rsp\n"
	"\tret\n"
	".Lguard_except:\n"
	"\tmovl $1, %eax\n"
	"\taddq $40, %rsp\n"
	"\tret\n"
	"\t.seh_handler __C_specific_handler, @except\n"
	"\t.seh_handlerdata\n"
	"\t.long 1\n"
	"\t.rva .Lguard_begin, .Lguard_end, w_guard_filter, .Lguard_except\n"
	"\t.text\n"
	"\t.seh_endproc\n");

static __thread struct w_guard *current;
static __thread void *landing[5];

/* What a guarded call inside another one puts aside. */
struct nested {
	struct w_guard *out;
	void *landing[5];
};

static bool in_this_program(const void *address)
{
	MEMORY_BASIC_INFORMATION where;

	return VirtualQuery(address, &where, sizeof(where)) &&
	       where.AllocationBase == (void *)GetModuleHandleW(NULL);
}

static void note(const EXCEPTION_RECORD *record)
{
	current->raised = true;
	current->code = record->ExceptionCode;
	current->ours = in_this_program(record->ExceptionAddress);
}

long w_guard_filter(EXCEPTION_POINTERS *raised, void *frame)
{
	(void)frame;
	note(raised->ExceptionRecord);
	return EXCEPTION_EXECUTE_HANDLER;
}

static void land(void)
{
	__builtin_longjmp(landing, 1);
}

/* Goes on in w_guard_call, with the frames between forgotten. */
static LONG resume(EXCEPTION_POINTERS *raised)
{
	const DWORD64 below = 512; /* of what the frames may still hold */
	CONTEXT *context = raised->ContextRecord;

	if (!current) {
		return EXCEPTION_CONTINUE_SEARCH;
	}
	note(raised->ExceptionRecord);
	context->Rip = (DWORD64)land;
	context->Rsp = ((context->Rsp - below) & ~(DWORD64)15) - 8;
	return EXCEPTION_CONTINUE_EXECUTION;
}

/* A function that is exported and does not exist (Wine): raised from code that
 * no frame handler is found from. */
static LONG CALLBACK stub_called(EXCEPTION_POINTERS *raised)
{
	return raised->ExceptionRecord->ExceptionCode == W_GUARD_STUB
		       ? resume(raised)
		       : EXCEPTION_CONTINUE_SEARCH;
}

/* Last, where the stack was too broken to find the frame. */
static LONG CALLBACK nobody_handled(EXCEPTION_POINTERS *raised)
{
	return resume(raised);
}

static BOOL CALLBACK install(INIT_ONCE *once, void *arg, void **context)
{
	(void)once;
	(void)arg;
	(void)context;
	(void)AddVectoredExceptionHandler(1, stub_called);
	(void)SetUnhandledExceptionFilter(nobody_handled);
	return TRUE;
}

void w_guard_call(void (*fn)(void *arg), void *arg, struct w_guard *out)
{
	static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
	/* In memory: what a landing finds in registers is anybody's guess. */
	volatile struct nested outer;

	(void)InitOnceExecuteOnce(&once, install, NULL, NULL);
	*out = (struct w_guard){ .raised = false };
	outer.out = current;
	memcpy((void *)outer.landing, landing, sizeof(landing));
	current = out;
	if (!__builtin_setjmp(landing)) {
		(void)w_guard_enter(fn, arg);
	}
	current = outer.out;
	memcpy(landing, (const void *)outer.landing, sizeof(landing));
}
