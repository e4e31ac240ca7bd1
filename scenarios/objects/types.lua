-- Every securable type: granted to whom its descriptor names, denied to others.
local guise = require "guise"

local TYPES = {
  { make = "file", name = [[C:\audit\object.txt]], held = "FILE_READ_DATA", more = "FILE_WRITE_DATA", ace = "FR" },
  { make = "directory", name = [[C:\audit\dir]], held = "FILE_LIST_DIRECTORY", more = "FILE_ADD_FILE", ace = "FR" },
  { make = "key", name = [[HKLM\Software\Audit]], held = "KEY_QUERY_VALUE", more = "KEY_SET_VALUE", ace = "KR" },
  { make = "event", name = [[Global\audit-ev]], held = "SYNCHRONIZE", more = "EVENT_MODIFY_STATE", ace = "0x100000" },
  { make = "mutex", name = [[Global\audit-mx]], held = "SYNCHRONIZE", more = "MUTANT_QUERY_STATE", ace = "0x100000" },
  { make = "semaphore", name = [[Global\audit-sem]], held = "SYNCHRONIZE", more = "SEMAPHORE_MODIFY_STATE",
    ace = "0x100000" },
  { make = "job", name = [[Global\audit-job]], held = "JOB_OBJECT_QUERY", more = "JOB_OBJECT_TERMINATE", ace = "0x4" },
  { make = "section", name = [[Global\audit-section]], held = "SECTION_MAP_READ", more = "SECTION_MAP_WRITE",
    ace = "0x4" },
  { make = "service", name = "AuditService", held = "SERVICE_QUERY_STATUS", more = "SERVICE_START", ace = "0x4" },
}

guise.each(TYPES, function(row)
  guise.scenario("a " .. row.make .. " grants a client what its DACL says and no more", {
    tags = { "objects" },
  }, function(s)
    local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
    local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
    local object = s[row.make](s, { name = row.name,
      sddl = "O:BAG:BAD:P(A;;GA;;;SY)(A;;" .. row.ace .. ";;;BU)" })

    s:require(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
    s:expect(t:open(object, row.held)):granted()
    s:expect(t:open(object, row.more)):denied("ERROR_ACCESS_DENIED")
    s:expect(t:RevertToSelf()):succeeds()
    s:expect(t:open(object, row.held .. "|" .. row.more)):granted()
  end)
end)

guise.scenario("a process is opened by its owner and by nobody else", {
  tags = { "objects" },
}, function(s)
  local alice, bob = s:account { name = "alice" }, s:account { name = "bob" }
  local hers = s:process { name = "hers", account = alice }
  local own = hers:thread "own"
  local other = s:process({ name = "his", account = bob }):thread "other"

  s:expect(own:open(hers, "PROCESS_VM_READ")):granted()
  s:expect(other:open(hers, "PROCESS_VM_READ")):denied("ERROR_ACCESS_DENIED")
  s:expect(own:open(own, "THREAD_SET_THREAD_TOKEN")):granted()
  s:expect(other:open(own, "THREAD_SET_THREAD_TOKEN")):denied("ERROR_ACCESS_DENIED")
end)

guise.scenario("a token is opened with the rights its own descriptor grants", {
  tags = { "objects" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "app", account = alice }):thread "worker"
  local token = s:token { account = alice, sddl = "O:BAG:BAD:(A;;0x8;;;AU)" }

  s:expect(t:open(token, "TOKEN_QUERY")):granted()
  s:expect(t:open(token, "TOKEN_DUPLICATE")):denied("ERROR_ACCESS_DENIED")
end)

guise.scenario("a NULL DACL grants everything, an empty one nothing", {
  tags = { "objects" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "app", account = alice }):thread "worker"
  local open = s:file { path = [[C:\audit\null.txt]], sddl = "O:SYG:SYD:NO_ACCESS_CONTROL" }
  local shut = s:file { path = [[C:\audit\empty.txt]], sddl = "O:SYG:SYD:" }

  s:expect(t:open(open, "FILE_WRITE_DATA")):granted()
  s:expect(t:open(shut, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
end)

guise.scenario("an owner may read and write the DACL, unless OWNER RIGHTS says otherwise", {
  tags = { "objects" },
}, function(s)
  local alice = s:account { name = "alice", sid = "S-1-5-21-1-2-3-1104" }
  local t = s:process({ name = "app", account = alice }):thread "worker"
  local plain = s:key { name = [[HKLM\Software\Plain]], sddl = "O:S-1-5-21-1-2-3-1104G:BAD:" }
  local bound = s:key { name = [[HKLM\Software\Bound]], sddl = "O:S-1-5-21-1-2-3-1104G:BAD:(A;;RC;;;OW)" }

  s:expect(t:open(plain, "READ_CONTROL|WRITE_DAC")):granted()
  s:expect(t:open(bound, "READ_CONTROL")):granted()
  s:expect(t:open(bound, "WRITE_DAC")):denied("ERROR_ACCESS_DENIED")
end)

guise.scenario("no write up: a Low client reads a Medium object and does not write it", {
  tags = { "objects", "integrity" }, needs = { "labels" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
  local file = s:file { path = [[C:\audit\medium.txt]], sddl = "O:SYG:SYD:(A;;FA;;;WD)" }

  s:require(t:SetThreadToken {
    token = s:token { account = alice, type = "impersonation", integrity = "Low" },
  }):succeeds()
  s:expect(t:open(file, "FILE_READ_DATA")):granted()
  s:expect(t:open(file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("a restricted client must pass twice", {
  tags = { "objects", "restricted" }, needs = { "restricted" },
}, function(s)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
  local users = s:file { path = [[C:\audit\users.txt]], sddl = "O:SYG:SYD:(A;;FR;;;BU)" }
  local both = s:file { path = [[C:\audit\both.txt]], sddl = "O:SYG:SYD:(A;;FR;;;BU)(A;;FR;;;RC)" }

  s:require(t:SetThreadToken {
    token = s:token { account = alice, type = "impersonation", restrict = { "S-1-5-12" } },
  }):succeeds()
  s:expect(t:open(users, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:open(both, "FILE_READ_DATA")):granted()
  s:expect(t:RevertToSelf()):succeeds()
end)
