-- Threads and processes under impersonation.
local guise = require "guise"

local SQOS = { level = "Impersonation" }

guise.scenario("NtImpersonateThread gives one thread another's effective identity", {
  tags = { "threads", "positive" },
}, function(s)
  local alice = s:account { name = "alice" }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local server = svc:thread "server"
  local client = s:process({ name = "app", account = alice }):thread "client"

  local file = s:file { path = [[C:\audit\threads.txt]], sddl = "O:SYG:SYD:P(A;;FA;;;SY)(A;;FR;;;WD)" }

  s:expect(server:NtImpersonateThread { server = server, client = client, sqos = SQOS }):succeeds()
  s:expect(server):acts_as(alice, "Impersonation")
  s:expect(server:open(file, "FILE_READ_DATA")):granted()
  s:expect(server:open(file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(server:RevertToSelf()):succeeds()
  s:expect(server):reverted()
end)

guise.scenario("NtImpersonateThread refuses weak handles and clients below Impersonation", {
  tags = { "threads", "negative" },
}, function(s)
  local alice = s:account { name = "alice" }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local server, other = svc:thread "server", svc:thread "other"

  local weak <close> = s:require(server:OpenThread("THREAD_QUERY_INFORMATION", other)):succeeds()
  s:expect(server:NtImpersonateThread { server = server, client = weak, sqos = SQOS }):fails("STATUS_ACCESS_DENIED")
  s:require(other:SetThreadToken {
    token = s:token { account = alice, type = "impersonation", level = "Identification" },
  }):succeeds()
  s:expect(server:NtImpersonateThread { server = server, client = other, sqos = SQOS })
    :fails("STATUS_BAD_IMPERSONATION_LEVEL")
  s:expect(server):reverted()
  s:expect(other:RevertToSelf()):succeeds()
end)

guise.scenario("a thread created under impersonation runs as the process", {
  tags = { "threads" },
}, function(s)
  local alice = s:account { name = "alice" }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local t = svc:thread "worker"
  local file = s:file { path = [[C:\audit\system.txt]], sddl = "O:SYG:SYD:P(A;;FA;;;SY)" }

  s:require(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:expect(t:open(file, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
  local child = svc:thread "child"
  s:expect(child):reverted()
  s:expect(child:open(file, "FILE_READ_DATA")):granted()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("OpenThreadToken at Identification works as self only", {
  tags = { "threads", "levels" },
}, function(s)
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"

  s:expect(t:OpenThreadToken { access = "TOKEN_QUERY" }):fails("ERROR_NO_TOKEN")
  s:require(t:ImpersonateSelf "Identification"):succeeds()
  s:expect(t:OpenThreadToken { access = "TOKEN_QUERY" }):fails("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(t:OpenThreadToken { access = "TOKEN_QUERY", open_as_self = true }):succeeds()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("threads of one process impersonate apart from each other", {
  tags = { "threads" },
}, function(s)
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local workers = {}
  for i = 1, 4 do
    local who = s:account { name = "user" .. i }
    local t = svc:thread("worker" .. i)
    workers[i] = { thread = t, who = who, token = s:token { account = who, type = "impersonation" } }
  end
  for _, w in ipairs(workers) do
    w.thread:run(function(t)
      s:expect(t:SetThreadToken { token = w.token }):succeeds()
      s:expect(t):acts_as(w.who, "Impersonation")
      s:expect(t:RevertToSelf()):succeeds()
    end)
  end
  for _, w in ipairs(workers) do
    w.thread:join()
    s:expect(w.thread):reverted()
  end
end)
