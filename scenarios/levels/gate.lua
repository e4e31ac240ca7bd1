-- The impersonation gate: who may take a token at Impersonation, and who gets
-- it silently cut to Identification.
local guise = require "guise"

local function world(s, server)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local t = s:process(server):thread "worker"
  local file = s:file { path = [[C:\audit\users.txt]], sddl = "O:BAG:BAD:(A;;FA;;;SY)(A;;FR;;;BU)" }
  return alice, t, file
end

guise.scenario("a server without SeImpersonatePrivilege gets a stranger at Identification only", {
  tags = { "levels", "gate", "negative" },
}, function(s)
  local bob = s:account { name = "bob", groups = { "BUILTIN\\Users" } }
  local alice, t, file = world(s, { name = "plain", account = bob })

  s:expect_finding "silent-downgrade"
  s:expect(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:expect(t):acts_as(alice, "Identification")
  s:expect(t:open(file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("SeImpersonatePrivilege in the process's token lets a stranger in", {
  tags = { "levels", "gate", "positive" },
}, function(s)
  local alice, t, file = world(s, { name = "svc", account = "NT AUTHORITY\\NETWORK SERVICE" })

  s:expect(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:expect(t):acts_as(alice, "Impersonation")
  s:expect(t:open(file, "FILE_READ_DATA")):granted()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("SeImpersonatePrivilege must be enabled, not only held", {
  tags = { "levels", "gate", "negative" },
}, function(s)
  local alice, t = world(s, { name = "svc", account = "NT AUTHORITY\\NETWORK SERVICE" })

  local own <close> = s:require(t:OpenProcessToken { access = "TOKEN_ADJUST_PRIVILEGES|TOKEN_QUERY" }):succeeds()
  s:expect(t:AdjustTokenPrivileges { token = own, disable = { "SeImpersonatePrivilege" } }):succeeds()
  s:expect(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:expect(t):acts_as(alice, "Identification")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("one's own user needs no privilege", {
  tags = { "levels", "gate", "positive" },
}, function(s)
  local bob = s:account { name = "bob", groups = { "BUILTIN\\Users" } }
  local _, t, file = world(s, { name = "plain", account = bob })

  s:expect(t:SetThreadToken { token = s:token { account = bob, type = "impersonation" } }):succeeds()
  s:expect(t):acts_as(bob, "Impersonation")
  s:expect(t:open(file, "FILE_READ_DATA")):granted()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("one's own user at a higher integrity is cut to Identification", {
  tags = { "levels", "gate", "negative" },
}, function(s)
  local bob = s:account { name = "bob" }
  local _, t = world(s, { name = "plain", account = bob })

  s:expect(t:SetThreadToken {
    token = s:token { account = bob, type = "impersonation", integrity = "High" },
  }):succeeds()
  s:expect(t):acts_as(bob, "Identification")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("a token made with explicit credentials from this logon session passes", {
  tags = { "levels", "gate", "positive" },
}, function(s)
  local bob = s:account { name = "bob", groups = { "BUILTIN\\Users" } }
  local alice = s:account { name = "alice", password = "pw", groups = { "BUILTIN\\Users" } }
  local t = s:process({ name = "plain", account = bob }):thread "worker"
  local file = s:file { path = [[C:\audit\users.txt]], sddl = "O:BAG:BAD:(A;;FA;;;SY)(A;;FR;;;BU)" }

  local token <close> = s:require(t:LogonUser {
    user = "alice", password = "pw", type = "LOGON32_LOGON_INTERACTIVE",
  }):succeeds()
  s:expect(t:ImpersonateLoggedOnUser(token)):succeeds()
  s:expect(t):acts_as(alice, "Impersonation")
  s:expect(t:open(file, "FILE_READ_DATA")):granted()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("a restricted process gets its own unrestricted token at Identification", {
  tags = { "levels", "gate", "negative" },
}, function(s)
  local bob = s:account { name = "bob", groups = { "BUILTIN\\Users" } }
  local jail = s:token { account = bob, type = "primary", restrict = { "S-1-5-12" } }
  local t = s:process({ name = "jailed", token = jail }):thread "worker"

  s:expect(t:SetThreadToken { token = s:token { account = bob, type = "impersonation" } }):succeeds()
  s:expect(t):acts_as(bob, "Identification")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("an administrator's limited half gets the elevated half at Identification", {
  tags = { "levels", "gate", "negative" },
}, function(s)
  local root = s:account { name = "root", groups = { "BUILTIN\\Administrators" } }
  local limited = s:token { account = root, type = "primary", elevation = "limited", integrity = "Medium",
    disable = { "BUILTIN\\Administrators" }, privileges = { "SeChangeNotifyPrivilege" },
    enabled = { "SeChangeNotifyPrivilege" } }
  local t = s:process({ name = "shell", token = limited }):thread "worker"
  local full = s:token { account = root, type = "impersonation", elevation = "full", integrity = "Medium" }

  s:expect(t:SetThreadToken { token = full }):succeeds()
  s:expect(t):acts_as(root, "Identification")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("a token below Impersonation needs no authority at all", {
  tags = { "levels", "gate" },
}, function(s)
  local bob = s:account { name = "bob" }
  local alice, t, file = world(s, { name = "plain", account = bob })

  s:expect(t:SetThreadToken {
    token = s:token { account = alice, type = "impersonation", level = "Identification" },
  }):succeeds()
  s:expect(t):acts_as(alice, "Identification")
  s:expect(t:open(file, "FILE_READ_DATA")):denied("ERROR_BAD_IMPERSONATION_LEVEL")
  s:expect(t:RevertToSelf()):succeeds()
end)
