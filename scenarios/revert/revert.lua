-- Ending impersonation: one slot, one revert, and who may end what.
local guise = require "guise"

guise.scenario("RevertToSelf on a thread that does not impersonate succeeds", {
  tags = { "revert" },
}, function(s)
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"

  s:expect(t:RevertToSelf()):succeeds()
  s:expect(t):reverted()
end)

guise.scenario("impersonations do not stack: one revert ends the second and the first", {
  tags = { "revert", "negative" },
}, function(s)
  local alice, bob = s:account { name = "alice" }, s:account { name = "bob" }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"

  s:expect_finding "lost-identity"
  s:require(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:require(t:SetThreadToken { token = s:token { account = bob, type = "impersonation" } }):succeeds()
  s:expect(t):acts_as(bob)
  s:expect(t:RevertToSelf()):succeeds()
  s:expect(t):reverted()
end)

guise.scenario("a failed RevertToSelf leaves the client in charge", {
  tags = { "revert", "negative" }, needs = { "faults" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"

  s:require(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:inject { thread = t, call = "RevertToSelf", status = "ERROR_NOT_ENOUGH_MEMORY" }
  s:expect(t:RevertToSelf()):fails("ERROR_NOT_ENOUGH_MEMORY")
  s:expect(t):acts_as(alice)
  s:expect(t:RevertToSelf()):succeeds()
  s:expect(t):reverted()
end)

guise.scenario("RpcRevertToSelf has no business on a thread without a call", {
  tags = { "revert", "rpc", "negative" },
}, function(s)
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"

  s:expect(t:RpcRevertToSelf()):fails("RPC_S_NO_CALL_ACTIVE")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("RpcRevertToSelfEx refuses a client's binding and a handle that is none", {
  tags = { "revert", "rpc", "negative" },
}, function(s)
  local server = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "server"
  local endpoint = s:require(server:rpc_serve { endpoint = "audit" }):succeeds()
  local binding = s:require(server:rpc_bind { server = endpoint }):succeeds()

  s:expect(server:RpcRevertToSelfEx(binding)):fails("RPC_S_WRONG_KIND_OF_BINDING")
  s:expect(server:RpcRevertToSelfEx(0xDEADBEEF)):fails("RPC_S_INVALID_BINDING")
  s:expect(server:RpcRevertToSelfEx()):fails("RPC_S_NO_CALL_ACTIVE")
  s:expect(server:RevertToSelf()):succeeds()
end)

guise.scenario("RevertToSelf does not fit an RPC impersonation", {
  tags = { "revert", "rpc", "negative" },
}, function(s)
  local alice = s:account { name = "alice" }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local server = svc:thread "server"
  local client = s:process({ name = "client", account = alice }):thread "client"
  local endpoint = s:require(server:rpc_serve { endpoint = "audit" }):succeeds()
  local binding = s:require(client:rpc_bind { server = endpoint }):succeeds()

  s:expect_finding "wrong-revert"
  s:require(client:rpc_call(binding)):succeeds()
  s:require(server:rpc_receive(endpoint)):succeeds()
  s:expect(server:RpcImpersonateClient()):succeeds()
  s:expect(server:RevertToSelf()):succeeds()
  s:expect(server):reverted()
  s:expect(server:rpc_return()):succeeds()
end)

guise.scenario("thread:impersonating reverts even when its body fails", {
  tags = { "revert" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
  local token = s:token { account = alice, type = "impersonation" }

  local ok = pcall(function()
    t:impersonating("ImpersonateLoggedOnUser", token, function(inside)
      s:expect(inside):acts_as(alice)
      error "the request went wrong"
    end)
  end)
  assert(not ok)
  s:expect(t):reverted()
end)
