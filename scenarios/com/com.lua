-- CoImpersonateClient: saves the thread's token, restores it on revert.
local guise = require "guise"

local function stage(s)
  local w = {}
  w.alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  w.server = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "server"
  w.client = s:process({ name = "client", account = w.alice }):thread "client"
  w.file = s:file { path = [[C:\audit\com.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)" }
  w.object = s:require(w.server:com_serve()):succeeds()
  return w
end

local function enter(s, w, blanket)
  blanket = blanket or { level = "Impersonation" }
  blanket.server = w.object
  local proxy = s:require(w.client:com_bind(blanket)):succeeds()
  s:require(w.client:com_call(proxy)):succeeds()
  return s:require(w.server:com_receive(w.object)):succeeds()
end

guise.scenario("a COM method acts as its caller", {
  tags = { "com", "positive" },
}, function(s)
  local w = stage(s)
  enter(s, w)

  s:expect(w.server:CoImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.server:CoRevertToSelf()):succeeds()
  s:expect(w.server):reverted()
  s:expect(w.server:com_return()):succeeds()
end)

guise.scenario("COM's default blanket allows Identification only", {
  tags = { "com", "levels" },
}, function(s)
  local w = stage(s)
  enter(s, w, {})

  s:expect(w.server:CoImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(w.alice, "Identification")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(w.server:CoRevertToSelf()):succeeds()
  s:expect(w.server:com_return()):succeeds()
end)

guise.scenario("outside a COM call there is nobody to impersonate and nothing to revert", {
  tags = { "com", "negative" },
}, function(s)
  local w = stage(s)

  s:expect(w.server:CoImpersonateClient()):fails("RPC_E_CALL_COMPLETE")
  s:expect(w.server:CoRevertToSelf()):fails("RPC_E_CALL_COMPLETE")
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("a COM call without authentication cannot be impersonated", {
  tags = { "com", "negative" },
}, function(s)
  local w = stage(s)
  enter(s, w, { authn_level = "RPC_C_AUTHN_LEVEL_NONE", level = "Impersonation" })

  s:expect(w.server:CoImpersonateClient()):fails()
  s:expect(w.server):reverted()
  s:expect(w.server:com_return()):succeeds()
end)

guise.scenario("CoRevertToSelf restores the token that COM found on the thread", {
  tags = { "com", "revert" },
}, function(s)
  local w = stage(s)
  local bob = s:account { name = "bob" }
  s:require(w.server:SetThreadToken { token = s:token { account = bob, type = "impersonation" } }):succeeds()
  enter(s, w)

  s:expect(w.server:CoImpersonateClient()):succeeds()
  s:expect(w.server:CoImpersonateClient()):succeeds()
  s:expect(w.server):acts_as(w.alice)
  s:expect(w.server:CoRevertToSelf()):succeeds()
  s:expect(w.server):acts_as(bob, "Impersonation")
  s:expect(w.server:com_return()):succeeds()
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("COM reverts at the end of the method what the method forgot", {
  tags = { "com", "revert" },
}, function(s)
  local w = stage(s)
  enter(s, w)

  s:expect(w.server:CoImpersonateClient()):succeeds()
  s:expect(w.server:com_return()):succeeds()
  s:expect(w.server):reverted()
end)
