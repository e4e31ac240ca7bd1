-- RPC as a channel, among threads and processes of one user: what holds on
-- every system that has RPC, whether or not it tells servers their clients.
local guise = require "guise"

local function thread(s, _)
  return s:process({ name = "app" }):thread "client"
end

local function process(s, server)
  return s:require(server:CreateProcess { name = "app" }):succeeds():thread "client"
end

local transports = {
  { name = "ncalrpc between two threads", protseq = "ncalrpc", client = thread },
  { name = "ncalrpc between two processes", protseq = "ncalrpc", client = process },
  { name = "ncacn_np between two threads", protseq = "ncacn_np", client = thread },
  { name = "ncacn_np between two processes", protseq = "ncacn_np", client = process },
}

local function stage(s, transport)
  local w = {}
  w.svc = s:process { name = "svc" }
  w.server = w.svc:thread "server"
  w.me = w.server:whoami().name
  w.client = transport.client(s, w.server)
  w.endpoint = s:require(w.server:rpc_serve {
    protseq = transport.protseq, endpoint = "guise-channel",
  }):succeeds()
  w.binding = s:require(w.client:rpc_bind { server = w.endpoint }):succeeds()
  return w
end

local function receive(s, w)
  s:require(w.client:rpc_call(w.binding)):succeeds()
  return s:require(w.server:rpc_receive(w.endpoint)):succeeds()
end

guise.each(transports, function(transport)
  guise.scenario("a server acts as its caller over " .. transport.name, {
    tags = { "rpc", "channel", "positive" },
  }, function(s)
    local w = stage(s, transport)
    local event = s:event { name = "guise-channel-rpc", sddl = "D:(A;;0x100000;;;WD)" }
    receive(s, w)

    s:expect(w.server:RpcImpersonateClient()):succeeds()
    s:expect(w.server):acts_as(w.me, "Impersonation")
    s:expect(w.server:open(event, "SYNCHRONIZE")):granted()
    s:expect(w.server:open(event, "EVENT_MODIFY_STATE")):denied("ERROR_ACCESS_DENIED")
    s:expect(w.server:RpcRevertToSelf()):succeeds()
    s:expect(w.server):reverted()
    s:expect(w.server:rpc_return()):succeeds()
    s:expect(w.server):reverted()
  end)

  guise.scenario("calls are served one after the other over " .. transport.name, {
    tags = { "rpc", "channel" },
  }, function(s)
    local w = stage(s, transport)

    for _ = 1, 3 do
      receive(s, w)
      s:expect(w.server:RpcImpersonateClient()):succeeds()
      s:expect(w.server:RpcRevertToSelfEx()):succeeds()
      s:expect(w.server:rpc_return()):succeeds()
    end
    s:expect(w.server):reverted()
    s:expect(w.client):reverted()
  end)

  guise.scenario("rpc_receive waits for a call over " .. transport.name, {
    tags = { "rpc", "channel", "threads" },
  }, function(s)
    local w = stage(s, transport)

    w.server:run(function(t)
      s:require(t:rpc_receive(w.endpoint)):succeeds()
      s:expect(t:rpc_return()):succeeds()
    end)
    w.client:run(function(t)
      t:whoami()
      s:expect(t:rpc_call(w.binding)):succeeds()
    end)
    w.client:join()
    w.server:join()
    s:expect(w.server):reverted()
  end)
end)

guise.scenario("a worker acts as the caller with the call's binding, its server as itself", {
  tags = { "rpc", "channel", "threads" },
}, function(s)
  local w = stage(s, transports[1])
  local call = receive(s, w)
  local worker = w.svc:thread "worker"

  s:expect(worker:RpcImpersonateClient(call)):succeeds()
  s:expect(worker):acts_as(w.me, "Impersonation")
  s:expect(w.server):reverted()
  s:expect(worker:RpcRevertToSelfEx(call)):succeeds()
  s:expect(worker):reverted()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("a token put on a thread is on it, while it serves a call and after", {
  tags = { "rpc", "channel", "threads" },
}, function(s)
  local w = stage(s, transports[1])
  local other = w.svc:thread "other"
  receive(s, w)
  local token = s:require(other:OpenProcessToken { access = "TOKEN_DUPLICATE|TOKEN_QUERY" }):succeeds()
  local mine = s:require(other:DuplicateTokenEx {
    token = token, level = "Impersonation", type = "TokenImpersonation", access = "TOKEN_ALL_ACCESS",
  }):succeeds()

  local function put_and_revert()
    s:expect(other:SetThreadToken { thread = w.server, token = mine }):succeeds()
    s:expect(w.server):acts_as(w.me, "Impersonation")
    s:expect(w.server:RevertToSelf()):succeeds()
    s:expect(w.server):reverted()
  end

  put_and_revert()
  s:expect(w.server:rpc_return()):succeeds()
  s:expect(w.server):reverted()
  put_and_revert()
end)

guise.scenario("a TCP call without authentication is served and brings nobody", {
  tags = { "rpc", "channel", "negative" },
}, function(s)
  local w = stage(s, { protseq = "ncacn_ip_tcp", client = thread })
  receive(s, w)

  s:expect(w.server:RpcImpersonateClient()):fails("RPC_S_NO_CONTEXT_AVAILABLE")
  s:expect(w.server:RpcBindingInqAuthClient()):fails("RPC_S_BINDING_HAS_NO_AUTH")
  s:expect(w.server):reverted()
  s:expect(w.server:rpc_return()):succeeds()
end)

guise.scenario("a client's binding is no caller, and neither is a call that has ended", {
  tags = { "rpc", "channel", "negative" },
}, function(s)
  local w = stage(s, transports[1])

  s:expect(w.client:RpcImpersonateClient(w.binding)):fails("RPC_S_WRONG_KIND_OF_BINDING")
  s:expect(w.server:RpcImpersonateClient()):fails()
  local call = receive(s, w)
  s:expect(w.server:rpc_return()):succeeds()
  s:expect(w.server:RpcImpersonateClient(call)):fails("RPC_S_INVALID_BINDING")
  s:expect(w.server:rpc_return()):fails("RPC_S_NO_CALL_ACTIVE")
  s:expect(w.server):reverted()
end)
