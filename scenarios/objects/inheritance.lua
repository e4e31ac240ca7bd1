-- What a new object inherits, and from whom; and how descriptors are changed.
local guise = require "guise"

local ALICE = "S-1-5-21-1-2-3-1104"
local DROP = "O:BAG:SYD:(A;;FA;;;SY)(A;;FR;;;BU)(A;;0x6;;;BU)(A;OICIIO;GA;;;CO)(A;OICIIO;FR;;;BU)"

-- A service that acts for alice, whose colleague bob is a user too.
local function office(s)
  local alice = s:account { name = "alice", sid = ALICE, groups = { "BUILTIN\\Users" } }
  local bob = s:account { name = "bob", groups = { "BUILTIN\\Users" } }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"

  return t, s:token { account = alice, type = "impersonation" },
    s:process({ name = "app", account = bob }):thread "bob"
end

local function created(s, t, fields)
  local h = s:require(t:CreateFile {
    path = fields.path, access = "FILE_READ_DATA", disposition = "CREATE_NEW", sddl = fields.sddl,
  }):succeeds()
  s:expect(t:CloseHandle(h)):succeeds()
end

guise.scenario("CREATOR OWNER of a directory is the client that the server acts for", {
  tags = { "objects", "inheritance" },
}, function(s)
  local t, alice, bob = office(s)
  local path = [[C:\drop\note.txt]]
  s:directory { path = [[C:\drop]], sddl = DROP }

  s:require(t:SetThreadToken { token = alice }):succeeds()
  created(s, t, { path = path })
  s:expect(t:open(path, "FILE_ALL_ACCESS")):granted()
  s:expect(t:RevertToSelf()):succeeds()

  s:expect(bob:open(path, "FILE_READ_DATA")):granted()
  s:expect(bob:open(path, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  -- Nothing that SYSTEM has is handed on.
  s:expect(t:open(path, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
end)

guise.scenario("what a server makes after reverting is not the client's", {
  tags = { "objects", "inheritance", "negative" },
}, function(s)
  local t, alice = office(s)
  local path = [[C:\drop\report.txt]]
  s:directory { path = [[C:\drop]], sddl = DROP }

  s:require(t:SetThreadToken { token = alice }):succeeds()
  s:expect(t:RevertToSelf()):succeeds()
  created(s, t, { path = path })
  s:require(t:SetThreadToken { token = alice }):succeeds()
  s:expect(t:open(path, "FILE_READ_DATA")):granted()
  s:expect(t:open(path, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("a protected descriptor inherits nothing, any other one is added to", {
  tags = { "objects", "inheritance" },
}, function(s)
  local t, alice, bob = office(s)
  s:directory { path = [[C:\drop]], sddl = DROP }

  s:require(t:SetThreadToken { token = alice }):succeeds()
  created(s, t, { path = [[C:\drop\open.txt]], sddl = "D:(A;;FR;;;SY)" })
  created(s, t, { path = [[C:\drop\shut.txt]], sddl = "D:P(A;;FR;;;SY)" })
  s:expect(t:RevertToSelf()):succeeds()

  s:expect(t:open([[C:\drop\open.txt]], "FILE_READ_DATA")):granted()
  s:expect(t:open([[C:\drop\shut.txt]], "FILE_READ_DATA")):granted()
  s:expect(bob:open([[C:\drop\open.txt]], "FILE_READ_DATA")):granted()
  s:expect(bob:open([[C:\drop\shut.txt]], "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
end)

guise.scenario("keys and directories hand entries on to what is made in them", {
  tags = { "objects", "inheritance" },
}, function(s)
  local t, alice, bob = office(s)
  s:directory { path = [[C:\drop]], sddl = DROP }
  s:key { path = [[HKLM\Software\Drop]], sddl = "O:BAG:SYD:(A;;KA;;;SY)(A;;0x2001D;;;BU)(A;CIIO;KA;;;CO)" }

  s:require(t:SetThreadToken { token = alice }):succeeds()
  s:expect(t:CreateDirectory [[C:\drop\alice]]):succeeds()
  created(s, t, { path = [[C:\drop\alice\deep.txt]] })
  s:expect(t:open([[C:\drop\alice\deep.txt]], "FILE_WRITE_DATA")):granted()
  local key = s:require(t:RegCreateKeyEx([[HKLM\Software\Drop\alice]], "KEY_SET_VALUE")):succeeds()
  s:expect(t:CloseHandle(key)):succeeds()
  s:expect(t:open([[HKLM\Software\Drop\alice]], "KEY_ALL_ACCESS")):granted()
  s:expect(t:RevertToSelf()):succeeds()

  s:expect(bob:open([[C:\drop\alice\deep.txt]], "FILE_READ_DATA")):granted()
  s:expect(bob:open([[C:\drop\alice\deep.txt]], "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(bob:CreateDirectory [[C:\drop\alice\bob]]):fails("ERROR_ACCESS_DENIED")
  s:expect(bob:open([[HKLM\Software\Drop\alice]], "KEY_QUERY_VALUE")):denied("ERROR_ACCESS_DENIED")
end)

guise.scenario("an event is in no directory: its creator's default DACL decides", {
  tags = { "objects", "inheritance" },
}, function(s)
  local t, alice, bob = office(s)

  s:require(t:SetThreadToken { token = alice }):succeeds()
  local event = s:require(t:CreateEvent { name = [[Global\hers]] }):succeeds()
  s:expect(t:open(event, "EVENT_MODIFY_STATE")):granted()
  s:expect(bob:OpenEvent("EVENT_MODIFY_STATE", [[Global\hers]])):fails("ERROR_ACCESS_DENIED")
  s:expect(t:CloseHandle(event)):succeeds()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("a client may change the DACL of what it owns, and its owner to no stranger", {
  tags = { "objects", "descriptor" },
}, function(s)
  local t, alice, bob = office(s)
  local file = s:file { path = [[C:\audit\hers.txt]], sddl = "O:" .. ALICE .. "G:BUD:P(A;;FR;;;BU)" }

  s:require(t:SetThreadToken { token = alice }):succeeds()
  local h = s:require(t:CreateFile { path = file, access = "READ_CONTROL|WRITE_DAC" }):succeeds()
  s:expect(t:SetKernelObjectSecurity(h, "DACL_SECURITY_INFORMATION", "D:P(A;;FA;;;SY)")):succeeds()
  s:expect(t:SetKernelObjectSecurity(h, "OWNER_SECURITY_INFORMATION", "O:" .. ALICE)):fails("ERROR_ACCESS_DENIED")
  assert(t:GetKernelObjectSecurity(h, "DACL_SECURITY_INFORMATION") == "D:P(A;;FA;;;SY)")
  s:expect(t:CloseHandle(h)):succeeds()
  s:expect(bob:open(file, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")

  s:expect(t:SetNamedSecurityInfo(file, "DACL_SECURITY_INFORMATION", "D:(A;;FA;;;" .. ALICE .. ")")):succeeds()
  s:expect(t:SetNamedSecurityInfo(file, "OWNER_SECURITY_INFORMATION", "O:BA")):fails("ERROR_INVALID_OWNER")
  s:expect(t:RevertToSelf()):succeeds()
  s:expect(bob:SetNamedSecurityInfo(file, "DACL_SECURITY_INFORMATION", "D:")):fails("ERROR_ACCESS_DENIED")
end)

guise.scenario("a changed directory changes what is in it, but for what is protected", {
  tags = { "objects", "descriptor", "inheritance" },
}, function(s)
  local t, _, bob = office(s)
  local dir = s:directory { path = [[C:\share]], sddl = "O:BAG:SYD:(A;;FA;;;SY)(A;OICI;FA;;;BA)" }
  local plain = s:file { path = [[C:\share\plain.txt]], sddl = "O:BAG:SYD:(A;;FA;;;SY)" }
  local shut = s:file { path = [[C:\share\shut.txt]], sddl = "O:BAG:SYD:P(A;;FA;;;SY)" }

  s:expect(bob:open(plain, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
  s:expect(t:SetNamedSecurityInfo(dir, "DACL_SECURITY_INFORMATION", "D:(A;OICI;FA;;;SY)(A;OICI;FR;;;BU)")):succeeds()
  s:expect(bob:open(plain, "FILE_READ_DATA")):granted()
  s:expect(bob:open(shut, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")

  s:expect(t:SetNamedSecurityInfo(plain, "DACL_SECURITY_INFORMATION|PROTECTED_DACL_SECURITY_INFORMATION",
    "D:(A;;FA;;;SY)")):succeeds()
  s:expect(bob:open(plain, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
  assert(t:GetNamedSecurityInfo(plain, "DACL_SECURITY_INFORMATION") == "D:PAI(A;;FA;;;SY)")
end)
