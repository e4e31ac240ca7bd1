local guise = require "guise"

local function setup(s)
  return s:snapshot "snapshot/machine.jsonl",
    s:process({ name = "auditor", account = "SYSTEM" }):thread "auditor"
end

guise.scenario("a snapshot's principal does what it could do there", {}, function(s)
  local snap, t = setup(s)
  local key = snap.objects["HKLM\\Software\\x"]
  s:require(t:ImpersonateLoggedOnUser(snap.principals["app.exe (12)"])):succeeds()
  s:expect(t:open(key, "KEY_QUERY_VALUE")):granted()
  s:expect(t:open(key, "KEY_SET_VALUE")):denied("ERROR_ACCESS_DENIED")
  s:require(t:RevertToSelf()):succeeds()
end)

guise.scenario("an object has its recorded descriptor and nothing of its folder's", {}, function(s)
  local snap, t = setup(s)
  assert(snap.objects["C:\\audit"])
  s:require(t:ImpersonateLoggedOnUser(snap.principals["app.exe (12)"])):succeeds()
  s:expect(t:open(snap.objects["C:\\audit\\x"], "FILE_READ_DATA")):granted()
  s:require(t:RevertToSelf()):succeeds()
  s:expect(t:open("C:\\audit\\x", "FILE_READ_DATA")):denied()
end)

guise.scenario("a process may run with a snapshot's token", {}, function(s)
  local snap = setup(s)
  local app = s:process { name = "app", token = snap.principals["app.exe (12)"] }
  s:expect(app:thread("t"):open(snap.objects["HKLM\\Software\\x"], "KEY_SET_VALUE")):denied()
end)

guise.scenario("a snapshot counts what it holds and what nobody could read", {}, function(s)
  local snap = setup(s)
  assert(#snap.principals == 1)
  assert(#snap.objects == 4)
  assert(snap.unreadable == 2)
end)

guise.scenario("pairs goes over a snapshot in its order", {}, function(s)
  local snap = setup(s)
  local names = {}
  for name, token in pairs(snap.principals) do
    names[#names + 1] = name
    assert(token == snap.principals[name])
  end
  assert(table.concat(names, ",") == "app.exe (12)")
end)

guise.scenario("what a snapshot lacks is named, with what is alike", {}, function(s)
  local snap = setup(s)
  local ok, why = pcall(function()
    return snap.objects["C:\\audt"]
  end)
  assert(not ok)
  assert(why:find("the snapshot has no object 'C:\\audt', did you mean 'C:\\audit'?", 1, true), why)
end)

guise.scenario("a recorded process is no object that a scenario could open", {}, function(s)
  local snap = setup(s)
  local ok, why = pcall(function()
    return snap.objects["app.exe (12)"]
  end)
  assert(not ok)
  assert(tostring(why):find("type", 1, true), why)
end)

guise.scenario("a snapshot cannot be changed", {}, function(s)
  local snap = setup(s)
  local ok, why = pcall(function()
    snap.objects.x = 1
  end)
  assert(not ok and why:find("cannot be changed", 1, true), why)
end)
