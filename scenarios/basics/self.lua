-- ImpersonateSelf: a copy of the process's own token on the thread.
local guise = require "guise"

local PATH = [[C:\audit\own.txt]]
local SDDL = "O:BAG:BAD:P(A;;FA;;;SY)"

guise.each({
  { level = "Impersonation" },
  { level = "Delegation" },
}, function(row)
  guise.scenario("ImpersonateSelf at " .. row.level .. " opens as the process would", {
    tags = { "basics", "positive" },
  }, function(s)
    local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
    local t = svc:thread "worker"
    local file = s:file { path = PATH, sddl = SDDL }

    s:expect(t:ImpersonateSelf(row.level)):succeeds()
    s:expect(t):acts_as("NT AUTHORITY\\SYSTEM", row.level)
    s:expect(t:open(file, "FILE_READ_DATA|FILE_WRITE_DATA")):granted()
    s:expect(t:RevertToSelf()):succeeds()
    s:expect(t):reverted()
  end)
end)

guise.each({
  { level = "Identification" },
  { level = "Anonymous" },
}, function(row)
  guise.scenario("ImpersonateSelf at " .. row.level .. " can open nothing", {
    tags = { "basics", "negative" },
  }, function(s)
    local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
    local t = svc:thread "worker"
    local file = s:file { path = PATH, sddl = SDDL }

    s:expect(t:open(file, "FILE_READ_DATA")):granted()
    s:expect(t:ImpersonateSelf(row.level)):succeeds()
    s:expect(t:open(file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
    s:expect(t:RevertToSelf()):succeeds()
    s:expect(t:open(file, "FILE_READ_DATA")):granted()
  end)
end)

guise.scenario("ImpersonateSelf checks the process's token against the client in effect", {
  tags = { "basics", "negative" },
}, function(s)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local t = svc:thread "worker"

  s:require(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:expect(t:ImpersonateSelf "Impersonation"):fails("ERROR_ACCESS_DENIED")
  -- A failed call leaves the previous client in place.
  s:expect(t):acts_as(alice, "Impersonation")
  s:expect(t:RevertToSelf()):succeeds()
  s:expect(t):reverted()
end)
