-- Every hygiene rule: a scenario that commits the sin, and a twin that does not.
local guise = require "guise"

local function stage(s)
  local w = {}
  w.alice, w.bob = s:account { name = "alice" }, s:account { name = "bob" }
  w.svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  w.t = w.svc:thread "worker"
  w.file = s:file { path = [[C:\audit\everyone.txt]], sddl = "O:SYG:SYD:(A;;FA;;;WD)" }
  w.token = function(who, level)
    return s:token { account = who, type = "impersonation", level = level or "Impersonation" }
  end
  return w
end

guise.scenario("leak: the thread still impersonates at the end", { tags = { "hygiene" } }, function(s)
  local w = stage(s)
  s:expect_finding "leak"
  s:expect(w.t:SetThreadToken { token = w.token(w.alice) }):succeeds()
end)

guise.scenario("no leak: the thread reverts", { tags = { "hygiene" } }, function(s)
  local w = stage(s)
  s:expect(w.t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  s:expect(w.t:RevertToSelf()):succeeds()
end)

guise.scenario("leak: an RPC call returns while its thread impersonates", { tags = { "hygiene", "rpc" } }, function(s)
  local w = stage(s)
  local client = s:process({ name = "client", account = w.alice }):thread "client"
  local endpoint = s:require(w.t:rpc_serve { endpoint = "audit" }):succeeds()
  local binding = s:require(client:rpc_bind { server = endpoint }):succeeds()
  s:require(client:rpc_call(binding)):succeeds()
  s:require(w.t:rpc_receive(endpoint)):succeeds()

  s:expect_finding "leak"
  s:expect(w.t:RpcImpersonateClient()):succeeds()
  s:expect(w.t:rpc_return()):succeeds()
  s:expect(w.t:SetThreadToken {}):succeeds()
  s:expect_finding "wrong-revert"
end)

guise.scenario("unchecked-impersonate: access after a refusal", { tags = { "hygiene" } }, function(s)
  local w = stage(s)
  s:expect_finding "unchecked-impersonate"
  s:expect(w.t:ImpersonateLoggedOnUser(0xBAD0)):fails("ERROR_INVALID_HANDLE")
  s:expect(w.t:open(w.file, "FILE_READ_DATA")):granted()
end)

guise.scenario("no unchecked-impersonate: the request is refused", { tags = { "hygiene" } }, function(s)
  local w = stage(s)
  local function serve(token)
    if not w.t:ImpersonateLoggedOnUser(token) then
      return "refused"
    end
    w.t:open(w.file, "FILE_READ_DATA")
    return assert(w.t:RevertToSelf()) and "served"
  end

  assert(serve(0xBAD0) == "refused")
  s:expect(w.t):reverted()
  assert(serve(w.token(w.alice)) == "served")
  s:expect(w.t):reverted()
end)

guise.scenario("unchecked-revert: work goes on as the client", {
  tags = { "hygiene" }, needs = { "faults" },
}, function(s)
  local w = stage(s)
  s:expect_finding "unchecked-revert"
  s:require(w.t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  s:inject { thread = w.t, call = "RevertToSelf", status = "ERROR_ACCESS_DENIED" }
  s:expect(w.t:RevertToSelf()):fails("ERROR_ACCESS_DENIED")
  s:expect(w.t:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(w.t:RevertToSelf()):succeeds()
end)

guise.scenario("no unchecked-revert: the thread does nothing until it has reverted", {
  tags = { "hygiene" }, needs = { "faults" },
}, function(s)
  local w = stage(s)
  s:require(w.t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  s:inject { thread = w.t, call = "RevertToSelf", status = "ERROR_ACCESS_DENIED" }
  s:expect(w.t:RevertToSelf()):fails("ERROR_ACCESS_DENIED")
  s:expect(w.t:RevertToSelf()):succeeds()
  s:expect(w.t:open(w.file, "FILE_READ_DATA")):granted()
end)

guise.scenario("silent-downgrade: access with less than was offered", { tags = { "hygiene" } }, function(s)
  local w = stage(s)
  local t = s:process({ name = "plain", account = w.bob }):thread "plain"
  s:expect_finding "silent-downgrade"
  s:expect(t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  s:expect(t:open(w.file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("no silent-downgrade: the level is looked at first", { tags = { "hygiene" } }, function(s)
  local w = stage(s)
  local t = s:process({ name = "plain", account = w.bob }):thread "plain"
  s:expect(t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  s:expect(t):acts_as(w.alice, "Identification")
  s:expect(t:RevertToSelf()):succeeds()
  s:expect(t:open(w.file, "FILE_READ_DATA")):granted()
end)

guise.scenario("lost-identity: one client replaces another", { tags = { "hygiene" } }, function(s)
  local w = stage(s)
  s:expect_finding "lost-identity"
  s:expect(w.t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  s:expect(w.t:SetThreadToken { token = w.token(w.bob) }):succeeds()
  s:expect(w.t:RevertToSelf()):succeeds()
end)

guise.scenario("no lost-identity: a revert in between", { tags = { "hygiene" } }, function(s)
  local w = stage(s)
  s:expect(w.t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  s:expect(w.t:RevertToSelf()):succeeds()
  s:expect(w.t:SetThreadToken { token = w.token(w.bob) }):succeeds()
  s:expect(w.t:RevertToSelf()):succeeds()
end)

local function in_com_call(s, w)
  local client = s:process({ name = "client", account = w.alice }):thread "client"
  local object = s:require(w.t:com_serve()):succeeds()
  local proxy = s:require(client:com_bind { server = object, level = "Impersonation" }):succeeds()
  s:require(client:com_call(proxy)):succeeds()
  s:require(w.t:com_receive(object)):succeeds()
  s:expect(w.t:CoImpersonateClient()):succeeds()
end

guise.scenario("wrong-revert: RevertToSelf behind COM's back", { tags = { "hygiene", "com" } }, function(s)
  local w = stage(s)
  in_com_call(s, w)
  s:expect_finding "wrong-revert"
  s:expect(w.t:RevertToSelf()):succeeds()
  s:expect(w.t:com_return()):succeeds()
end)

guise.scenario("no wrong-revert: COM's own", { tags = { "hygiene", "com" } }, function(s)
  local w = stage(s)
  in_com_call(s, w)
  s:expect(w.t:CoRevertToSelf()):succeeds()
  s:expect(w.t:com_return()):succeeds()
end)

guise.scenario("carried-handle: a client's handle outlives the revert", { tags = { "hygiene", "handles" } }, function(s)
  local w = stage(s)
  s:expect_finding "carried-handle"
  s:require(w.t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  local h = s:require(w.t:CreateFile { path = w.file, access = "FILE_READ_DATA" }):succeeds()
  s:require(w.t:RevertToSelf()):succeeds()
  s:expect(w.t:use(h, "FILE_READ_DATA")):granted()
end)

guise.scenario("no carried-handle: closed before the revert", { tags = { "hygiene", "handles" } }, function(s)
  local w = stage(s)
  s:require(w.t:SetThreadToken { token = w.token(w.alice) }):succeeds()
  local h = s:require(w.t:CreateFile { path = w.file, access = "FILE_READ_DATA" }):succeeds()
  s:expect(w.t:use(h, "FILE_READ_DATA")):granted()
  s:expect(w.t:CloseHandle(h)):succeeds()
  s:require(w.t:RevertToSelf()):succeeds()
end)
