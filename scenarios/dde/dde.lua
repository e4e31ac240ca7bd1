-- DdeImpersonateClient and ImpersonateDdeClientWindow.
local guise = require "guise"

local function audited(s)
  return s:file { path = [[C:\audit\dde.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)" }
end

local function stage(s, server_account)
  local w = {}
  w.alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  w.server = s:process({ name = "svc", account = server_account or "NT AUTHORITY\\SYSTEM" }):thread "server"
  w.client = s:process({ name = "client", account = w.alice }):thread "client"
  w.service = s:require(w.server:dde_serve { service = "Audit", topic = "log" }):succeeds()
  return w
end

local function converse(s, w)
  local theirs = s:require(w.client:dde_connect(w.service)):succeeds()
  return s:require(w.server:dde_accept(w.service)):succeeds(), theirs
end

guise.scenario("a DDE server acts as its client", {
  tags = { "dde", "positive" }, needs = { "dde_identity" },
}, function(s)
  local w = stage(s)
  w.file = audited(s)
  local conv = converse(s, w)

  s:expect(w.server:DdeImpersonateClient(conv)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.server:RevertToSelf()):succeeds()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):granted()
end)

guise.scenario("DdeImpersonateClient refuses a client's end, a closed conversation, no conversation", {
  tags = { "dde", "negative" },
}, function(s)
  local w = stage(s)
  local conv, theirs = converse(s, w)

  s:expect(w.client:DdeImpersonateClient(theirs)):fails()
  s:expect(w.server:DdeImpersonateClient(0xDEADBEEF)):fails()
  s:expect(w.server:DdeDisconnect(conv)):succeeds()
  s:expect(w.server:DdeImpersonateClient(conv)):fails()
  s:expect(w.server):reverted()
end)

guise.scenario("the client's quality of service is fixed when the conversation begins", {
  tags = { "dde", "levels" }, needs = { "dde_identity" },
}, function(s)
  local w = stage(s)
  w.file = audited(s)
  local first = converse(s, w)
  s:expect(w.client:DdeSetQualityOfService { sqos = "Identification" }):succeeds()
  local second = converse(s, w)

  s:expect(w.server:DdeImpersonateClient(first)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(w.server:RevertToSelf()):succeeds()
  s:expect(w.server:DdeImpersonateClient(second)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Identification")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("ImpersonateDdeClientWindow takes the two windows of a conversation", {
  tags = { "dde", "positive" }, needs = { "dde_identity" },
}, function(s)
  local w = stage(s)
  w.file = audited(s)
  local conv, theirs = converse(s, w)
  local server_window = s:require(w.server:dde_window(conv)):succeeds()
  local client_window = s:require(w.client:dde_window(theirs)):succeeds()

  s:expect(w.server:ImpersonateDdeClientWindow { client = client_window, server = server_window }):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.file, "FILE_READ_DATA")):granted()
  s:expect(w.server:open(w.file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.server:RevertToSelf()):succeeds()
  s:expect(w.server:ImpersonateDdeClientWindow { client = 0xBAD, server = server_window })
    :fails("ERROR_INVALID_WINDOW_HANDLE")
  s:expect(w.server):reverted()
end)
