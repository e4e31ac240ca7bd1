/* SPDX-License-Identifier: MIT */
#include "channel.h"
#include "probe.h"

#include "banned.h"

/* ALPC ports. Their functions are not documented, and no system that this was
 * proven on has them: guise makes no ports here, and passes on what a scenario
 * makes up. */
static void no_ports(struct w_run *x)
{
	w_answer_unsupported(x, "ALPC ports");
}

void w_fn_alpc_create_port(struct w_run *x)
{
	no_ports(x);
}

void w_fn_alpc_connect(struct w_run *x)
{
	no_ports(x);
}

void w_fn_alpc_send(struct w_run *x)
{
	no_ports(x);
}

void w_fn_alpc_receive(struct w_run *x)
{
	no_ports(x);
}

void w_fn_alpc_reply(struct w_run *x)
{
	no_ports(x);
}

void w_fn_NtAlpcImpersonateClientOfPort(struct w_run *x)
{
	LONG(NTAPI * fn)(HANDLE, void *, void *) = (void *)x->proc;

	w_answer_code(x, (uint32_t)fn(w_handle(x, 0),
				      (void *)(UINT_PTR)w_raw(x, 1),
				      (void *)(UINT_PTR)w_uint(x, 2, 0)));
}

bool w_probe_alpc(void)
{
	return false;
}
