-- ImpersonateSecurityContext, RevertSecurityContext, QuerySecurityContextToken.
local guise = require "guise"

local function stage(s)
  local w = {}
  w.alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  w.server = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "server"
  w.client = s:process({ name = "client", account = w.alice }):thread "client"
  w.file = s:file { path = [[C:\audit\sspi.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)" }
  return w
end

local function handshake(s, w, client_flags, server_flags, package)
  local theirs = s:require(w.client:sspi_client { package = package or "NTLM", flags = client_flags }):succeeds()
  local ours = s:require(w.server:sspi_accept { client = theirs, flags = server_flags }):succeeds()
  s:require(w.server:sspi_complete(ours)):succeeds()
  return ours, theirs
end

guise.scenario("a completed SSPI context impersonates its client", {
  tags = { "sspi", "positive" },
}, function(s)
  local w = stage(s)
  local ctx = handshake(s, w)

  s:expect(w.server:ImpersonateSecurityContext(ctx)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.server:RevertSecurityContext(ctx)):succeeds()
  s:expect(w.server):reverted()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):granted()
end)

guise.scenario("an SSPI impersonation may end by RevertToSelf", {
  tags = { "sspi", "revert" },
}, function(s)
  local w = stage(s)
  local ctx = handshake(s, w)

  s:expect(w.server:ImpersonateSecurityContext(ctx)):succeeds()
  s:expect(w.server:RevertToSelf()):succeeds()
  s:expect(w.server):reverted()
end)

guise.scenario("ISC_REQ_IDENTIFY keeps the server at Identification", {
  tags = { "sspi", "levels" },
}, function(s)
  local w = stage(s)
  local ctx = handshake(s, w, "ISC_REQ_IDENTIFY")

  s:expect(w.server:ImpersonateSecurityContext(ctx)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Identification")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(w.server:RevertSecurityContext(ctx)):succeeds()
end)

guise.scenario("a null session is ANONYMOUS LOGON", {
  tags = { "sspi", "anonymous" },
}, function(s)
  local w = stage(s)
  local ctx = handshake(s, w, "ISC_REQ_NULL_SESSION", "ASC_REQ_ALLOW_NULL_SESSION")

  s:expect(w.server:ImpersonateSecurityContext(ctx)):succeeds()
  s:expect(w.server):acts_as("NT AUTHORITY\\ANONYMOUS LOGON")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.server:RevertSecurityContext(ctx)):succeeds()
end)

guise.scenario("contexts that cannot impersonate say so", {
  tags = { "sspi", "negative" },
}, function(s)
  local w = stage(s)
  local ctx = handshake(s, w)

  s:expect(w.server:ImpersonateSecurityContext(0xDEADBEEF)):fails("SEC_E_INVALID_HANDLE")
  s:expect(w.server:QuerySecurityContextToken(0xDEADBEEF)):fails("SEC_E_INVALID_HANDLE")
  s:expect(w.server:DeleteSecurityContext(ctx)):succeeds()
  s:expect(w.server:ImpersonateSecurityContext(ctx)):fails("SEC_E_INVALID_HANDLE")
  s:expect(w.server:RevertSecurityContext(ctx)):fails("SEC_E_INVALID_HANDLE")
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("QuerySecurityContextToken hands out the token that impersonation would use", {
  tags = { "sspi", "positive" },
}, function(s)
  local w = stage(s)
  local ctx = handshake(s, w)

  local token <close> = s:require(w.server:QuerySecurityContextToken(ctx)):succeeds()
  s:expect(w.server:ImpersonateLoggedOnUser(token)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:RevertToSelf()):succeeds()
end)
