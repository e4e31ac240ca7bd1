-- RpcImpersonateClient and its own reverts.
local guise = require "guise"

local function audited(s)
  return s:file { path = [[C:\audit\rpc.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)" }
end

local function stage(s, server_account, bind, serve)
  local w = {}
  w.alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  w.svc = s:process { name = "svc", account = server_account or "NT AUTHORITY\\SYSTEM" }
  w.server = w.svc:thread "server"
  w.client = s:process({ name = "client", account = w.alice }):thread "client"
  serve = serve or {}
  serve.endpoint = "audit"
  w.endpoint = s:require(w.server:rpc_serve(serve)):succeeds()
  bind = bind or {}
  bind.server = w.endpoint
  w.binding = s:require(w.client:rpc_bind(bind)):succeeds()
  return w
end

local function receive(s, w)
  s:require(w.client:rpc_call(w.binding)):succeeds()
  return s:require(w.server:rpc_receive(w.endpoint)):succeeds()
end

guise.scenario("an RPC server acts as its caller until RpcRevertToSelf", {
  tags = { "rpc", "positive" }, needs = { "rpc_identity" },
}, function(s)
  local w = stage(s)
  w.file = audited(s)
  receive(s, w)

  s:expect(w.server:RpcImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.server:RpcRevertToSelf()):succeeds()
  s:expect(w.server):reverted()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):granted()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("RpcImpersonateClient without a call answers RPC_S_NO_CALL_ACTIVE", {
  tags = { "rpc", "negative" },
}, function(s)
  local w = stage(s)

  s:expect(w.server:RpcImpersonateClient()):fails("RPC_S_NO_CALL_ACTIVE")
  s:expect(w.client:RpcImpersonateClient(w.binding)):fails("RPC_S_WRONG_KIND_OF_BINDING")
  s:expect(w.server:RpcImpersonateClient(0xDEADBEEF)):fails("RPC_S_INVALID_BINDING")
  s:expect(w.server):reverted()
  s:expect(w.client):reverted()
end)

guise.scenario("an unauthenticated TCP call has no client to impersonate", {
  tags = { "rpc", "negative" },
}, function(s)
  local w = stage(s, nil, nil, { protseq = "ncacn_ip_tcp" })
  receive(s, w)

  s:expect(w.server:RpcImpersonateClient()):fails("RPC_S_NO_CONTEXT_AVAILABLE")
  s:expect(w.server:RpcBindingInqAuthClient()):fails("RPC_S_BINDING_HAS_NO_AUTH")
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("an authenticated TCP call carries its caller", {
  tags = { "rpc", "positive" }, needs = { "rpc_identity" },
}, function(s)
  local w = stage(s, nil, {
    authn_level = "RPC_C_AUTHN_LEVEL_PKT_PRIVACY", authn_service = "RPC_C_AUTHN_WINNT",
  }, { protseq = "ncacn_ip_tcp" })
  receive(s, w)

  s:expect(w.server:RpcBindingInqAuthClient()):succeeds()
  s:expect(w.server:RpcImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:RpcRevertToSelf()):succeeds()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("an RPC client that allows Identification is not impersonated further", {
  tags = { "rpc", "levels" }, needs = { "rpc_identity" },
}, function(s)
  local w = stage(s, nil, { level = "Identification" })
  w.file = audited(s)
  receive(s, w)

  s:expect(w.server:RpcImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(w.alice, "Identification")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(w.server:RpcRevertToSelf()):succeeds()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("an RPC server without SeImpersonatePrivilege is cut to Identification, RpcImpersonateClient2 says so", {
  tags = { "rpc", "levels", "negative" }, needs = { "rpc_identity" },
}, function(s)
  local w = stage(s, s:account { name = "bob" })
  receive(s, w)

  s:expect(w.server:RpcImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(w.alice, "Identification")
  s:expect(w.server:RpcRevertToSelf()):succeeds()
  s:expect(w.server:RpcImpersonateClient2()):fails("ERROR_ACCESS_DENIED")
  s:expect(w.server):reverted()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("RpcImpersonateClient2 impersonates where nothing need be lowered", {
  tags = { "rpc", "positive" }, needs = { "rpc_identity" },
}, function(s)
  local w = stage(s)
  w.file = audited(s)
  receive(s, w)

  s:expect(w.server:RpcImpersonateClient2()):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.server:RpcRevertToSelf()):succeeds()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("a worker thread impersonates with the call's binding and reverts with it", {
  tags = { "rpc", "threads", "positive" }, needs = { "rpc_identity" },
}, function(s)
  local w = stage(s)
  w.file = audited(s)
  local call = receive(s, w)
  local worker = w.svc:thread "worker"

  s:expect(worker:RpcImpersonateClient(call)):succeeds()
  s:expect(worker):acts_as(w.alice, "Impersonation")
  s:expect(w.server):reverted()
  s:expect(worker:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(worker:RpcRevertToSelfEx(call)):succeeds()
  s:expect(worker):reverted()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("RpcRevertToSelfEx with a zero binding ends this thread's impersonation", {
  tags = { "rpc", "positive" },
}, function(s)
  local w = stage(s)
  receive(s, w)

  s:expect(w.server:RpcImpersonateClient()):succeeds()
  s:expect(w.server:RpcRevertToSelfEx()):succeeds()
  s:expect(w.server):reverted()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("each RPC call brings its own caller", {
  tags = { "rpc" }, needs = { "rpc_identity" },
}, function(s)
  local w = stage(s)
  local bob = s:account { name = "bob" }
  local other = s:process({ name = "other", account = bob }):thread "other"
  local second = s:require(other:rpc_bind { server = w.endpoint }):succeeds()

  receive(s, w)
  s:expect(w.server:RpcImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(w.alice)
  s:expect(w.server:RpcRevertToSelf()):succeeds()
  s:expect(w.server:rpc_return()):succeeds()

  s:require(other:rpc_call(second)):succeeds()
  s:require(w.server:rpc_receive(w.endpoint)):succeeds()
  s:expect(w.server:RpcImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(bob)
  s:expect(w.server:RpcRevertToSelf()):succeeds()
  s:expect(w.server:rpc_return()):succeeds()
end)
