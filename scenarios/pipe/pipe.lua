-- ImpersonateNamedPipeClient: the client of the last message read.
local guise = require "guise"

local PIPE = [[\\.\pipe\audit]]
local PIPE_SDDL = "D:(A;;FA;;;SY)(A;;FRFW;;;AU)"

local function audited(s)
  return s:file { path = [[C:\audit\secret.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)" }
end

local function stage(s)
  local w = {}
  w.alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  w.svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  w.app = s:process { name = "client", account = w.alice }
  w.server, w.client = w.svc:thread "server", w.app:thread "client"
  w.pipe = s:require(w.server:CreateNamedPipe { name = PIPE, sddl = PIPE_SDDL }):succeeds()
  return w
end

local function connect(s, w, sqos)
  return s:require(w.client:CreateFile {
    path = w.pipe, access = "GENERIC_READ|GENERIC_WRITE", sqos = sqos,
  }):succeeds()
end

guise.scenario("a pipe server holds its client's rights, then its own", {
  tags = { "pipe", "positive" }, needs = { "pipe_identity" },
}, function(s)
  local w = stage(s)
  w.secret = audited(s)
  local peer = connect(s, w, "Impersonation")
  w.client:WriteFile(peer, "hello")
  w.server:ReadFile(w.pipe)

  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.secret, "FILE_READ_DATA")):granted()
  s:expect(w.server:open(w.secret, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.server:RevertToSelf()):succeeds()
  s:expect(w.server):reverted()
  s:expect(w.server:open(w.secret, "FILE_WRITE_DATA")):granted()
end)

guise.scenario("a pipe server cannot impersonate before it has read", {
  tags = { "pipe", "negative" },
}, function(s)
  local w = stage(s)

  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):fails("ERROR_CANNOT_IMPERSONATE")
  local peer = connect(s, w)
  w.client:WriteFile(peer, "hello")
  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):fails("ERROR_CANNOT_IMPERSONATE")
  s:expect(w.server:ReadFile(w.pipe)):succeeds()
  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("only the server end of a pipe impersonates", {
  tags = { "pipe", "negative" },
}, function(s)
  local w = stage(s)
  local peer = connect(s, w)

  s:expect(w.client:ImpersonateNamedPipeClient(peer)):fails("ERROR_INVALID_FUNCTION")
  s:expect(w.server:ImpersonateNamedPipeClient(0xBAD0)):fails("ERROR_INVALID_HANDLE")
end)

guise.scenario("the level is the client's choice", {
  tags = { "pipe", "levels" }, needs = { "pipe_identity" },
}, function(s)
  local w = stage(s)
  w.secret = audited(s)
  local peer = connect(s, w, "Identification")
  w.client:WriteFile(peer, "who am I to you")
  w.server:ReadFile(w.pipe)

  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Identification")
  s:expect(w.server:open(w.secret, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("security flags without a level mean Anonymous", {
  tags = { "pipe", "levels", "negative" }, needs = { "pipe_identity" },
}, function(s)
  local w = stage(s)
  w.secret = audited(s)
  local peer = connect(s, w, "SECURITY_SQOS_PRESENT")
  w.client:WriteFile(peer, "nobody")
  w.server:ReadFile(w.pipe)

  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
  s:expect(w.server:OpenThreadToken { access = "TOKEN_QUERY", open_as_self = true })
    :fails("ERROR_CANT_OPEN_ANONYMOUS")
  s:expect(w.server:open(w.secret, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("the context of the last message read counts", {
  tags = { "pipe", "tracking" }, needs = { "pipe_identity" },
}, function(s)
  local w = stage(s)
  local bob = s:account { name = "bob" }
  local broker = s:process({ name = "broker", account = "NT AUTHORITY\\SYSTEM" }):thread "broker"
  local peer = s:require(broker:CreateFile { path = w.pipe, access = "GENERIC_READ|GENERIC_WRITE" }):succeeds()

  broker:WriteFile(peer, "as SYSTEM")
  s:require(broker:SetThreadToken { token = s:token { account = bob, type = "impersonation" } }):succeeds()
  broker:WriteFile(peer, "as bob")
  s:require(broker:RevertToSelf()):succeeds()

  w.server:ReadFile(w.pipe)
  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
  s:expect(w.server):acts_as("NT AUTHORITY\\SYSTEM", "Impersonation")
  s:expect(w.server:RevertToSelf()):succeeds()
  w.server:ReadFile(w.pipe)
  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
  s:expect(w.server):acts_as(bob, "Impersonation")
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("static tracking keeps the identity of the open", {
  tags = { "pipe", "tracking" }, needs = { "pipe_identity" },
}, function(s)
  local w = stage(s)
  local bob = s:account { name = "bob" }
  local broker = s:process({ name = "broker", account = "NT AUTHORITY\\SYSTEM" }):thread "broker"
  local peer = s:require(broker:CreateFile {
    path = w.pipe, access = "GENERIC_READ|GENERIC_WRITE",
    sqos = { level = "Impersonation", tracking = "static" },
  }):succeeds()

  s:require(broker:SetThreadToken { token = s:token { account = bob, type = "impersonation" } }):succeeds()
  broker:WriteFile(peer, "as bob")
  s:require(broker:RevertToSelf()):succeeds()
  w.server:ReadFile(w.pipe)
  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
  s:expect(w.server):acts_as("NT AUTHORITY\\SYSTEM", "Impersonation")
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("after DisconnectNamedPipe there is nobody to impersonate", {
  tags = { "pipe", "negative" },
}, function(s)
  local w = stage(s)
  local peer = connect(s, w)
  w.client:WriteFile(peer, "hello")
  w.server:ReadFile(w.pipe)

  s:expect(w.server:DisconnectNamedPipe(w.pipe)):succeeds()
  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):fails("ERROR_CANNOT_IMPERSONATE")
end)

guise.scenario("a client that is gone can still be impersonated", {
  tags = { "pipe" }, needs = { "pipe_identity" },
}, function(s)
  local w = stage(s)
  w.secret = audited(s)
  local peer = connect(s, w)
  w.client:WriteFile(peer, "goodbye")
  w.server:ReadFile(w.pipe)
  s:require(w.client:CloseHandle(peer)):succeeds()

  s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
  s:expect(w.server):acts_as(w.alice, "Impersonation")
  s:expect(w.server:open(w.secret, "FILE_READ_DATA")):granted()
  s:expect(w.server:RevertToSelf()):succeeds()
end)

guise.scenario("a pipe's descriptor keeps strangers out", {
  tags = { "pipe", "objects", "negative" },
}, function(s)
  local w = stage(s)
  local closed = s:require(w.server:CreateNamedPipe { name = [[\\.\pipe\closed]], sddl = "D:(A;;FA;;;SY)" }):succeeds()

  s:expect(w.client:CreateFile { path = closed, access = "GENERIC_READ" }):fails("ERROR_ACCESS_DENIED")
  s:expect(w.client:open(closed, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(w.client:open(w.pipe, "FILE_READ_DATA")):granted()
end)

guise.scenario("a squatter cannot add an instance where the descriptor forbids it", {
  tags = { "pipe", "negative" },
}, function(s)
  local w = stage(s)
  local narrow = s:require(w.server:CreateNamedPipe {
    name = [[\\.\pipe\narrow]], sddl = "D:(A;;FA;;;SY)(A;;0x12019b;;;AU)",
  }):succeeds()

  s:expect(w.client:CreateNamedPipe { name = [[\\.\pipe\narrow]] }):fails("ERROR_ACCESS_DENIED")
  s:expect(w.server:CreateNamedPipe {
    name = [[\\.\pipe\narrow]], open_mode = "PIPE_ACCESS_DUPLEX|FILE_FLAG_FIRST_PIPE_INSTANCE",
  }):fails("ERROR_ACCESS_DENIED")
  s:require(w.server:CloseHandle(narrow)):succeeds()
end)

guise.scenario("a pipe server thread and its client run side by side", {
  tags = { "pipe", "threads" },
}, function(s)
  local w = stage(s)
  w.secret = audited(s)

  w.server:run(function(t)
    s:expect(t:ConnectNamedPipe(w.pipe)):succeeds()
    s:expect(t:ReadFile(w.pipe)):succeeds()
    s:expect(t:ImpersonateNamedPipeClient(w.pipe)):succeeds()
    s:expect(t:open(w.secret, "FILE_READ_DATA")):granted()
    s:expect(t:RevertToSelf()):succeeds()
  end)
  w.client:run(function(t)
    local peer = s:require(t:CreateFile { path = w.pipe, access = "GENERIC_READ|GENERIC_WRITE" }):succeeds()
    s:expect(t:WriteFile(peer, "hello")):succeeds()
  end)
  w.client:join()
  w.server:join()
  s:expect(w.server):reverted()
end)
