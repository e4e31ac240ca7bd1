local guise = require "guise"
guise.scenario("</script><img src=x onerror=alert(1)>", { tags = { "<b>", "evil" } }, function(s)
  local alice = s:account { name = "al<i>ce" }
  local svc = s:process { name = "s&vc", account = "NT AUTHORITY\\SYSTEM" }
  local f = s:file { path = [[C:\audit\<script>.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)" }
  local w = svc:thread "w\"orker"
  s:expect(w:ImpersonateLoggedOnUser(s:token { account = alice })):succeeds()
  s:expect(w:open(f, "FILE_READ_DATA")):granted()
end)
guise.scenario("a worker carries a handle across the revert and leaks", { tags = { "hygiene" } }, function(s)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local bob = s:account { name = "bob", groups = { "BUILTIN\\Users" } }
  local svc = s:process { name = "svc", account = "NT AUTHORITY\\SYSTEM" }
  local a = s:file { path = [[C:\audit\alice.txt]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FRFW;;;BU)" }
  local b = s:file { path = [[C:\audit\deep\folder\with\a\rather\long\name\secret report.docx]], sddl = "O:BAG:BAD:P(A;;FA;;;SY)(D;;FW;;;BU)(A;;FR;;;BU)" }
  local k = s:key { path = [[HKLM\Software\Audit]], sddl = "O:BAG:BAD:P(A;;KA;;;SY)" }
  local w, v = svc:thread "worker", svc:thread "second"
  s:expect(w:ImpersonateLoggedOnUser(s:token { account = alice })):succeeds()
  local h = w:CreateFile { path = a, access = "GENERIC_READ" }
  s:expect(w:open(b, "FILE_READ_DATA")):granted()
  s:expect(w:open(b, "FILE_WRITE_DATA")):granted()
  s:expect(w:open(k, "KEY_READ")):denied()
  s:expect(w:RevertToSelf()):succeeds()
  w:ReadFile(h)
  s:expect(v:ImpersonateLoggedOnUser(s:token { account = bob, level = "Identification" })):succeeds()
  s:expect(v:open(a, "FILE_READ_DATA")):granted()
  v:ImpersonateAnonymousToken {}
  s:expect(v:open(k, "KEY_READ")):denied()
  s:expect(w:open(k, "KEY_READ")):granted()
  v:ImpersonateLoggedOnUser(s:token { account = bob })
  s:expect(v:open(b, "FILE_READ_DATA")):granted()
end)
guise.scenario("an error", function(s) local x = nil; x() end)
guise.scenario("nothing", function(s) end)
