/* SPDX-License-Identifier: MIT */
#include "channel.h"
#include "probe.h"

#include "banned.h"

/* The spooler's inverted pair: reverting hands out the client's token, and
 * impersonating takes it back. */
void w_fn_RevertToPrinterSelf(struct w_run *x)
{
	HANDLE(WINAPI * fn)(void) = (void *)x->proc;

	w_answer_handle(x, fn(), GU_OBJ_token);
}

void w_fn_ImpersonatePrinterClient(struct w_run *x)
{
	BOOL(WINAPI * fn)(HANDLE) = (void *)x->proc;

	w_answer_bool(x, fn(w_handle(x, 0)));
}

/* Both have their effect on a thread that impersonates itself. */
bool w_probe_printer(void)
{
	BOOL(WINAPI * impersonate)
	(HANDLE) = (void *)w_resolve("spoolss.dll", "ImpersonatePrinterClient");
	HANDLE(WINAPI * revert)
	(void) = (void *)w_resolve("spoolss.dll", "RevertToPrinterSelf");
	struct w_identity reverted = { .impersonating = true };
	HANDLE token = NULL;

	if (impersonate && revert && ImpersonateSelf(SecurityImpersonation)) {
		token = revert();
		w_identity_read(&reverted);
	}
	return token && !reverted.impersonating && impersonate(token) &&
	       w_acts_at(GU_LEVEL_IMPERSONATION);
}
