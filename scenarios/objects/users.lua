-- Three users at the same doors: what each may open is what the descriptor
-- says, whichever function put the user's token on the thread. Kernel objects
-- and keys alone, since these are enforced wherever there are users.
local guise = require "guise"

-- `both` is for the staff and its auditors, `audit` for auditors alone.
local TYPES = {
  { make = "event", name = [[Global\users-ev]], look = "SYNCHRONIZE", act = "EVENT_MODIFY_STATE", ace = "0x100000" },
  { make = "mutex", name = [[Global\users-mx]], look = "SYNCHRONIZE", act = "MUTANT_QUERY_STATE", ace = "0x100000" },
  { make = "semaphore", name = [[Global\users-sem]], look = "SYNCHRONIZE", act = "SEMAPHORE_MODIFY_STATE",
    ace = "0x100000" },
  { make = "job", name = [[Global\users-job]], look = "JOB_OBJECT_QUERY", act = "JOB_OBJECT_TERMINATE", ace = "0x4" },
  { make = "section", name = [[Global\users-sec]], look = "SECTION_MAP_READ", act = "SECTION_MAP_WRITE", ace = "0x4" },
  { make = "key", name = [[HKLM\Software\Users]], look = "KEY_QUERY_VALUE", act = "KEY_SET_VALUE", ace = "0x1" },
}

local function setup(s, row)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local bob = s:account { name = "bob", groups = { "BUILTIN\\Users", "BUILTIN\\Backup Operators" } }
  local eve = s:account { name = "eve", groups = { "BUILTIN\\Guests" } }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "auditor"
  local both = s[row.make](s, { name = row.name .. "-both",
    sddl = "O:BAG:BAD:P(A;;GA;;;SY)(A;;" .. row.ace .. ";;;BU)" })
  local audit = s[row.make](s, { name = row.name .. "-audit",
    sddl = "O:BAG:BAD:P(A;;GA;;;SY)(A;;GA;;;BO)(D;;GA;;;BG)" })
  return alice, bob, eve, t, both, audit
end

guise.each(TYPES, function(row)
  guise.scenario("three users find a " .. row.make .. " as its DACL has it", {
    tags = { "objects", "users", "matrix" },
  }, function(s)
    local alice, bob, eve, t, both, audit = setup(s, row)

    s:matrix {
      thread = t,
      subjects = { alice, bob, eve },
      objects = { both, audit },
      rights = { row.look, row.act, "READ_CONTROL", "WRITE_DAC" },
      expect = {
        [alice] = { [both] = row.look },
        [bob] = { [both] = row.look, [audit] = row.look .. "|" .. row.act .. "|READ_CONTROL|WRITE_DAC" },
      },
    }
  end)
end)

guise.each(TYPES, function(row)
  guise.scenario("ImpersonateLoggedOnUser opens a " .. row.make .. " as each of three users", {
    tags = { "objects", "users" },
  }, function(s)
    local alice, bob, eve, t, both, audit = setup(s, row)
    local function become(user)
      s:expect(t:ImpersonateLoggedOnUser(s:token { account = user, type = "primary" })):succeeds()
      s:expect(t):acts_as(user, "Impersonation")
    end

    become(alice)
    s:expect(t:open(both, row.look)):granted()
    s:expect(t:open(audit, row.act)):denied("ERROR_ACCESS_DENIED")
    s:expect(t:RevertToSelf()):succeeds()
    become(bob)
    s:expect(t:open(both, row.look)):granted()
    s:expect(t:open(audit, row.act)):granted()
    s:expect(t:RevertToSelf()):succeeds()
    become(eve)
    s:expect(t:open(both, row.look)):denied("ERROR_ACCESS_DENIED")
    s:expect(t:open(audit, row.act)):denied("ERROR_ACCESS_DENIED")
    s:expect(t:RevertToSelf()):succeeds()
    s:expect(t):reverted()
    s:expect(t:open(both, row.look)):granted()
  end)
end)

guise.each({ "Anonymous", "Identification", "Impersonation", "Delegation" }, function(level)
  guise.scenario("ImpersonateSelf at " .. level .. " and back", {
    tags = { "basics", "levels" },
  }, function(s)
    local t = s:process({ name = "own" }):thread "worker"

    s:expect(t:ImpersonateSelf(level)):succeeds()
    s:expect(t:RevertToSelf()):succeeds()
    s:expect(t):reverted()
  end)
end)

local OWN = {
  { make = "event", name = [[Local\own-ev]], look = "EVENT_QUERY_STATE", act = "EVENT_MODIFY_STATE", ace = "0x1" },
  { make = "semaphore", name = [[Local\own-sem]], look = "SEMAPHORE_QUERY_STATE", act = "SEMAPHORE_MODIFY_STATE",
    ace = "0x1" },
  { make = "job", name = [[Local\own-job]], look = "JOB_OBJECT_QUERY", act = "JOB_OBJECT_TERMINATE", ace = "0x4" },
  { make = "section", name = [[Local\own-sec]], look = "SECTION_MAP_READ", act = "SECTION_MAP_WRITE", ace = "0x4" },
  { make = "key", name = [[HKCU\Software\Own]], look = "KEY_QUERY_VALUE", act = "KEY_SET_VALUE", ace = "0x1" },
}

guise.each(OWN, function(row)
  guise.scenario("whoever runs guise finds a " .. row.make .. " as its DACL has it", {
    tags = { "objects", "levels" },
  }, function(s)
    local t = s:process({ name = "own" }):thread "worker"
    local door = s[row.make](s, { name = row.name, sddl = "O:SYG:SYD:P(A;;" .. row.ace .. ";;;WD)" })

    s:expect(t:open(door, row.look)):granted()
    s:expect(t:open(door, row.act)):denied("ERROR_ACCESS_DENIED")
    s:expect(t:ImpersonateSelf "Impersonation"):succeeds()
    s:expect(t:open(door, row.look)):granted()
    s:expect(t:open(door, row.act)):denied("ERROR_ACCESS_DENIED")
    s:expect(t:open(door, row.look .. "|" .. row.act)):denied("ERROR_ACCESS_DENIED")
    s:expect(t:RevertToSelf()):succeeds()
    s:expect(t:open(door, row.look)):granted()
  end)
end)

guise.scenario("each of three processes opens as its own user", {
  tags = { "objects", "users", "processes" },
}, function(s)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local bob = s:account { name = "bob" }
  local door = s:event { name = [[Global\users-door]], sddl = "O:BAG:BAD:P(A;;GA;;;SY)(A;;0x100000;;;BU)" }
  local system = s:process({ name = "system", account = "NT AUTHORITY\\SYSTEM" }):thread "s"
  local hers = s:process({ name = "hers", account = alice }):thread "a"
  local his = s:process({ name = "his", account = bob }):thread "b"

  s:expect(system:open(door, "EVENT_MODIFY_STATE")):granted()
  s:expect(hers:open(door, "SYNCHRONIZE")):granted()
  s:expect(hers:open(door, "EVENT_MODIFY_STATE")):denied("ERROR_ACCESS_DENIED")
  s:expect(his:open(door, "SYNCHRONIZE")):denied("ERROR_ACCESS_DENIED")
  s:expect(hers:ImpersonateSelf "Impersonation"):succeeds()
  s:expect(hers:open(door, "EVENT_MODIFY_STATE")):denied("ERROR_ACCESS_DENIED")
  s:expect(hers:RevertToSelf()):succeeds()
  s:expect(hers):reverted()
end)
