-- ImpersonateLoggedOnUser: run as the user of a token handle.
local guise = require "guise"

guise.scenario("ImpersonateLoggedOnUser turns a logon's primary token into Impersonation", {
  tags = { "basics", "positive" },
}, function(s)
  local alice = s:account { name = "alice", password = "correct horse", groups = { "BUILTIN\\Users" } }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local t = svc:thread "worker"
  local hers = s:file { path = [[C:\audit\alice.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)" }
  local ours = s:file { path = [[C:\audit\system.txt]], sddl = "O:SYG:SYD:P(A;;FA;;;SY)" }

  local token <close> = s:require(t:LogonUser {
    user = "alice", domain = ".", password = "correct horse", type = "LOGON32_LOGON_INTERACTIVE",
  }):succeeds()
  s:expect(t:ImpersonateLoggedOnUser(token)):succeeds()
  s:expect(t):acts_as(alice, "Impersonation")
  s:expect(t:open(hers, "FILE_READ_DATA")):granted()
  s:expect(t:open(hers, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:open(ours, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:RevertToSelf()):succeeds()
  s:expect(t:open(ours, "FILE_READ_DATA")):granted()
end)

guise.scenario("ImpersonateLoggedOnUser takes an impersonation token at its own level", {
  tags = { "basics", "levels" },
}, function(s)
  local alice = s:account { name = "alice" }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local t = svc:thread "worker"
  local file = s:file { path = [[C:\audit\all.txt]], sddl = "O:BAG:BAD:(A;;FA;;;WD)" }

  local token = s:token { account = alice, type = "impersonation", level = "Identification" }
  s:expect(t:ImpersonateLoggedOnUser(token)):succeeds()
  s:expect(t):acts_as(alice, "Identification")
  s:expect(t:open(file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("ImpersonateLoggedOnUser needs QUERY and DUPLICATE on a primary token", {
  tags = { "basics", "negative" },
}, function(s)
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local t = svc:thread "worker"

  local query <close> = s:require(t:OpenProcessToken { access = "TOKEN_QUERY" }):succeeds()
  s:expect(t:ImpersonateLoggedOnUser(query)):fails("ERROR_ACCESS_DENIED")
  local both <close> = s:require(t:OpenProcessToken { access = "TOKEN_QUERY|TOKEN_DUPLICATE" }):succeeds()
  s:expect(t:ImpersonateLoggedOnUser(both)):succeeds()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("ImpersonateLoggedOnUser refuses a handle that is none", {
  tags = { "basics", "negative" },
}, function(s)
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local t = svc:thread "worker"

  s:expect(t:ImpersonateLoggedOnUser(0xDEADBEEF)):fails("ERROR_INVALID_HANDLE")
  s:expect(t):reverted()
end)

guise.scenario("LogonUser refuses a wrong password, a disabled account, a logon type not granted", {
  tags = { "basics", "negative" },
}, function(s)
  s:account { name = "alice", password = "right", denied_logons = "LOGON32_LOGON_BATCH" }
  s:account { name = "zoe", password = "right", disabled = true }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
  local function logon(user, password, type)
    return t:LogonUser { user = user, domain = ".", password = password, type = type }
  end

  s:expect(logon("alice", "wrong", "LOGON32_LOGON_INTERACTIVE")):fails("ERROR_LOGON_FAILURE")
  s:expect(logon("nobody", "right", "LOGON32_LOGON_INTERACTIVE")):fails("ERROR_LOGON_FAILURE")
  s:expect(logon("alice", "right", "LOGON32_LOGON_BATCH")):fails("ERROR_LOGON_TYPE_NOT_GRANTED")
  s:expect(logon("zoe", "right", "LOGON32_LOGON_INTERACTIVE")):fails("ERROR_ACCOUNT_DISABLED")
end)
