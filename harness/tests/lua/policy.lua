local guise = require "guise"

guise.scenario("every line is one attempt under its subject", function(s)
  s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  s:account "bob"
  s:file { path = [[C:\f]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)" }
  s:file { path = [[C:\a, "b".txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)" }
  s:policy "policy/good.csv"
end)

guise.scenario("a policy runs on a thread of the scenario's", function(s)
  s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  s:account "bob"
  s:file { path = [[C:\f]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)" }
  s:file { path = [[C:\a, "b".txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)" }
  local process = s:process { name = "p", account = "SYSTEM" }
  local thread = process:thread "t"
  s:policy("policy/good.csv", { thread = thread })
  s:expect(thread):reverted()
end)
