-- SetThreadToken: put a token on a thread, take it off again.
local guise = require "guise"

local FILE = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)"

guise.scenario("SetThreadToken puts a token on the calling thread and takes it off", {
  tags = { "basics", "positive" },
}, function(s)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
  local file = s:file { path = [[C:\audit\report.txt]], sddl = FILE }
  local token = s:token { account = alice, type = "impersonation" }

  s:expect(t:SetThreadToken { token = token }):succeeds()
  s:expect(t):acts_as(alice, "Impersonation")
  s:expect(t:open(file, "FILE_READ_DATA")):granted()
  s:expect(t:open(file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:SetThreadToken {}):succeeds()
  s:expect(t):reverted()
  s:expect(t:open(file, "FILE_WRITE_DATA")):granted()
end)

guise.scenario("SetThreadToken gives another thread its identity", {
  tags = { "basics", "threads" },
}, function(s)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local boss, worker = svc:thread "boss", svc:thread "worker"
  local file = s:file { path = [[C:\audit\report.txt]], sddl = FILE }
  local token = s:token { account = alice, type = "impersonation" }

  s:expect(boss:SetThreadToken { thread = worker, token = token }):succeeds()
  s:expect(boss):reverted()
  s:expect(worker):acts_as(alice)
  s:expect(worker:open(file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(boss:open(file, "FILE_WRITE_DATA")):granted()
  s:expect(worker:RevertToSelf()):succeeds()
  s:expect(worker):reverted()
end)

guise.scenario("SetThreadToken refuses a primary token", {
  tags = { "basics", "negative" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"

  s:expect(t:SetThreadToken { token = s:token { account = alice, type = "primary" } })
    :fails("ERROR_BAD_TOKEN_TYPE")
  s:expect(t):reverted()
end)

guise.scenario("SetThreadToken needs TOKEN_IMPERSONATE and THREAD_SET_THREAD_TOKEN", {
  tags = { "basics", "negative" },
}, function(s)
  local alice = s:account { name = "alice" }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local boss, worker = svc:thread "boss", svc:thread "worker"
  local token = s:token { account = alice, type = "impersonation" }

  local weak <close> = s:require(boss:DuplicateTokenEx {
    token = token, access = "TOKEN_QUERY", level = "Impersonation", type = "TokenImpersonation",
  }):succeeds()
  local look <close> = s:require(boss:OpenThread("THREAD_QUERY_INFORMATION", worker)):succeeds()
  s:expect(boss:SetThreadToken { token = weak }):fails("ERROR_ACCESS_DENIED")
  s:expect(boss:SetThreadToken { thread = look, token = token }):fails("ERROR_ACCESS_DENIED")
  s:expect(boss):reverted()
  s:expect(worker):reverted()
end)

guise.scenario("two threads with one token share its adjustments", {
  tags = { "basics", "threads" },
}, function(s)
  local alice = s:account { name = "alice", privileges = { "SeBackupPrivilege" }, enabled = { "SeBackupPrivilege" } }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local a, b = svc:thread "a", svc:thread "b"
  local file = s:file { path = [[C:\audit\backup.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)" }
  local token = s:token { account = alice, type = "impersonation" }

  s:require(a:SetThreadToken { token = token }):succeeds()
  s:require(b:SetThreadToken { token = token }):succeeds()
  s:expect(b:open(file, "FILE_READ_DATA", { backup = true })):granted()
  s:expect(a:AdjustTokenPrivileges { token = token, disable = { "SeBackupPrivilege" } }):succeeds()
  s:expect(b:open(file, "FILE_READ_DATA", { backup = true })):denied("ERROR_ACCESS_DENIED")
  s:expect(a:RevertToSelf()):succeeds()
  s:expect(b:RevertToSelf()):succeeds()
end)
