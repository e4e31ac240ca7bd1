/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "text.h"

#include "banned.h"

/* Stands in for the channels until they are there. */
#define GU_STUB(name)                                                          \
	enum gu_rc m_fn_##name(struct m_ctx *c)                                \
	{                                                                      \
		return gu_err_set(c->err, GU_RC_UNSUPPORTED, #name);           \
	}

GU_STUB(DdeImpersonateClient)
GU_STUB(ImpersonateNamedPipeClient)
GU_STUB(RpcImpersonateClient)
GU_STUB(ImpersonateSecurityContext)
GU_STUB(RpcRevertToSelf)
GU_STUB(RpcRevertToSelfEx)
GU_STUB(ImpersonateDdeClientWindow)
GU_STUB(RpcImpersonateClient2)
GU_STUB(CoImpersonateClient)
GU_STUB(CoRevertToSelf)
GU_STUB(RevertSecurityContext)
GU_STUB(QuerySecurityContextToken)
GU_STUB(WSAImpersonateSocketPeer)
GU_STUB(WSARevertImpersonation)
GU_STUB(NtAlpcImpersonateClientOfPort)
GU_STUB(ImpersonatePrinterClient)
GU_STUB(RevertToPrinterSelf)
GU_STUB(CreateNamedPipe)
GU_STUB(ConnectNamedPipe)
GU_STUB(DisconnectNamedPipe)
GU_STUB(rpc_serve)
GU_STUB(rpc_bind)
GU_STUB(rpc_call)
GU_STUB(rpc_receive)
GU_STUB(rpc_return)
GU_STUB(RpcBindingInqAuthClient)
GU_STUB(dde_serve)
GU_STUB(dde_connect)
GU_STUB(dde_accept)
GU_STUB(dde_window)
GU_STUB(DdeSetQualityOfService)
GU_STUB(DdeDisconnect)
GU_STUB(sspi_client)
GU_STUB(sspi_accept)
GU_STUB(sspi_complete)
GU_STUB(DeleteSecurityContext)
GU_STUB(com_serve)
GU_STUB(com_bind)
GU_STUB(com_call)
GU_STUB(com_receive)
GU_STUB(com_return)
GU_STUB(socket_listen)
GU_STUB(socket_connect)
GU_STUB(socket_accept)
GU_STUB(alpc_create_port)
GU_STUB(alpc_connect)
GU_STUB(alpc_send)
GU_STUB(alpc_receive)
GU_STUB(alpc_reply)

enum gu_rc m_pipe_open(struct m_ctx *c, const char *name, uint32_t access,
		       uint32_t flags, const struct gu_value *sqos)
{
	(void)name;
	(void)access;
	(void)flags;
	(void)sqos;
	return gu_err_set(c->err, GU_RC_UNSUPPORTED, "pipe");
}

bool m_is_pipe_name(const char *name)
{
	return !gu_strncasecmp(name, "\\\\.\\pipe\\", 9);
}

enum gu_rc m_pipe_read(struct m_ctx *c, struct m_handle *h)
{
	(void)h;
	return gu_err_set(c->err, GU_RC_UNSUPPORTED, "pipe");
}

enum gu_rc m_pipe_write(struct m_ctx *c, struct m_handle *h, const char *data,
			size_t len)
{
	(void)h;
	(void)data;
	(void)len;
	return gu_err_set(c->err, GU_RC_UNSUPPORTED, "pipe");
}
