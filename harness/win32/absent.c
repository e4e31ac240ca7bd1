/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include "probe.h"

#include "banned.h"

/* Rows that have no implementation of their own here. */
#define ABSENT(fn)                                     \
	void w_fn_##fn(struct w_run *x)                \
	{                                              \
		w_answer_unsupported(x, x->row->name); \
	}

ABSENT(ImpersonateNamedPipeClient)
ABSENT(CreateNamedPipe)
ABSENT(ConnectNamedPipe)
ABSENT(DisconnectNamedPipe)

ABSENT(RpcImpersonateClient)
ABSENT(RpcImpersonateClient2)
ABSENT(RpcRevertToSelf)
ABSENT(RpcRevertToSelfEx)
ABSENT(rpc_serve)
ABSENT(rpc_bind)
ABSENT(rpc_call)
ABSENT(rpc_receive)
ABSENT(rpc_return)
ABSENT(RpcBindingInqAuthClient)

ABSENT(DdeImpersonateClient)
ABSENT(ImpersonateDdeClientWindow)
ABSENT(dde_serve)
ABSENT(dde_connect)
ABSENT(dde_accept)
ABSENT(dde_window)
ABSENT(DdeSetQualityOfService)
ABSENT(DdeDisconnect)

ABSENT(ImpersonateSecurityContext)
ABSENT(RevertSecurityContext)
ABSENT(QuerySecurityContextToken)
ABSENT(sspi_client)
ABSENT(sspi_accept)
ABSENT(sspi_complete)
ABSENT(DeleteSecurityContext)

ABSENT(CoImpersonateClient)
ABSENT(CoRevertToSelf)
ABSENT(com_serve)
ABSENT(com_bind)
ABSENT(com_call)
ABSENT(com_receive)
ABSENT(com_return)

ABSENT(WSAImpersonateSocketPeer)
ABSENT(WSARevertImpersonation)
ABSENT(socket_listen)
ABSENT(socket_connect)
ABSENT(socket_accept)

ABSENT(NtAlpcImpersonateClientOfPort)
ABSENT(alpc_create_port)
ABSENT(alpc_connect)
ABSENT(alpc_send)
ABSENT(alpc_receive)
ABSENT(alpc_reply)

ABSENT(ImpersonatePrinterClient)
ABSENT(RevertToPrinterSelf)

/* Capabilities that nothing here has yet. */
#define ABSENT_CAP(id)          \
	bool w_probe_##id(void) \
	{                       \
		return false;   \
	}

ABSENT_CAP(pipe)
ABSENT_CAP(pipe_identity)
ABSENT_CAP(rpc)
ABSENT_CAP(rpc_identity)
ABSENT_CAP(dde)
ABSENT_CAP(dde_identity)
ABSENT_CAP(sspi)
ABSENT_CAP(com)
ABSENT_CAP(socket)
ABSENT_CAP(alpc)
ABSENT_CAP(printer)
