-- Handles keep the rights they were opened with.
local guise = require "guise"

guise.scenario("a handle's rights are fixed when it is opened", {
  tags = { "objects", "handles" },
}, function(s)
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
  local file = s:file { path = [[C:\audit\log.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)" }

  local h = s:require(t:CreateFile { path = file, access = "FILE_READ_DATA" }):succeeds()
  s:expect(h):has("FILE_READ_DATA")
  s:expect(h):lacks("FILE_WRITE_DATA")
  s:expect(t:use(h, "FILE_READ_DATA")):granted()
  s:expect(t:use(h, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:CloseHandle(h)):succeeds()
  s:expect(t:CloseHandle(h)):fails("ERROR_INVALID_HANDLE")
end)

guise.scenario("a handle opened before impersonating still works for the process", {
  tags = { "objects", "handles" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
  local file = s:file { path = [[C:\audit\log.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)" }
  local log = s:require(t:CreateFile { path = file, access = "FILE_WRITE_DATA" }):succeeds()

  s:require(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:expect(t:open(file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:use(log, "FILE_WRITE_DATA")):granted()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("desired access 0 opens no kernel object", {
  tags = { "objects", "handles", "negative" },
}, function(s)
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
  local event = s:event { name = [[Global\audit]], sddl = "O:SYG:SYD:(A;;GA;;;WD)" }

  s:expect(t:OpenEvent(0, event)):fails("ERROR_ACCESS_DENIED")
  s:expect(t:OpenEvent("EVENT_MODIFY_STATE", event)):succeeds()
end)

guise.scenario("a subjects by objects table, expected at once", {
  tags = { "objects", "matrix" },
}, function(s)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local guest = s:account { name = "guest", groups = { "BUILTIN\\Guests" } }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "auditor"
  local public = s:file { name = [[C:\audit\public.txt]], sddl = "O:BAG:BAD:P(A;;FR;;;WD)" }
  local staff = s:file { name = [[C:\audit\staff.txt]], sddl = "O:BAG:BAD:P(A;;FRFW;;;BU)" }

  s:matrix {
    thread = t,
    subjects = { alice, guest },
    objects = { public, staff },
    rights = { "FILE_READ_DATA", "FILE_WRITE_DATA" },
    expect = {
      [alice] = { [public] = "FILE_READ_DATA", [staff] = "FILE_READ_DATA|FILE_WRITE_DATA" },
      [guest] = { [public] = "FILE_READ_DATA" },
    },
  }
end)
