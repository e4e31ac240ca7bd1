-- The rarer kin: anonymous tokens, sockets, ALPC ports, the print spooler.
local guise = require "guise"

-- The client reads what everyone may read, and writes nothing.
local function only_reads(s, thread)
  local file = s:file { path = [[C:\audit\kin.txt]], sddl = "O:SYG:SYD:P(A;;FA;;;SY)(A;;FR;;;WD)" }

  s:expect(thread:open(file, "FILE_READ_DATA")):granted()
  s:expect(thread:open(file, "FILE_WRITE_DATA")):denied("ERROR_ACCESS_DENIED")
end

guise.each({
  { call = "ImpersonateAnonymousToken", denied = "ERROR_ACCESS_DENIED" },
  { call = "NtImpersonateAnonymousToken", denied = "STATUS_ACCESS_DENIED" },
}, function(row)
  guise.scenario(row.call .. " puts ANONYMOUS LOGON on a thread", {
    tags = { "kin", "anonymous" },
  }, function(s)
    local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
    local file = s:file { path = [[C:\audit\world.txt]], sddl = "O:SYG:SYD:(A;;FA;;;WD)" }
    local open = s:file { path = [[C:\audit\anyone.txt]], sddl = "O:SYG:SYD:(A;;FR;;;AN)S:(ML;;NW;;;S-1-16-0)" }

    s:expect(t[row.call](t, t)):succeeds()
    s:expect(t):acts_as("NT AUTHORITY\\ANONYMOUS LOGON", "Impersonation")
    -- Everyone is not in the anonymous token unless the machine says so.
    s:expect(t:open(file, "FILE_READ_DATA")):denied("ERROR_ACCESS_DENIED")
    s:expect(t:open(open, "FILE_READ_DATA")):granted()
    s:expect(t:RevertToSelf()):succeeds()
  end)

  guise.scenario(row.call .. " needs THREAD_IMPERSONATE and an unrestricted process", {
    tags = { "kin", "anonymous", "negative" },
  }, function(s)
    local bob = s:account { name = "bob" }
    local jail = s:token { account = bob, type = "primary", restrict = { "S-1-5-12" } }
    local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"
    local jailed = s:process({ name = "jailed", token = jail }):thread "jailed"

    local weak <close> = s:require(t:OpenThread("SYNCHRONIZE", t)):succeeds()
    s:expect(t[row.call](t, weak)):fails(row.denied)
    s:expect(jailed[row.call](jailed, jailed)):fails(row.denied)
    s:expect(t):reverted()
  end)
end)

guise.scenario("a socket's IPsec peer is impersonated and given back", {
  tags = { "kin", "socket" },
}, function(s)
  local alice = s:account { name = "alice" }
  local server = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "server"
  local client = s:process({ name = "client", account = alice }):thread "client"

  local listener = s:require(server:socket_listen { ipsec = true }):succeeds()
  s:require(client:socket_connect { listener = listener, identity = "user" }):succeeds()
  local peer = s:require(server:socket_accept(listener)):succeeds()
  s:expect(server:WSAImpersonateSocketPeer(peer)):succeeds()
  s:expect(server):acts_as(alice)
  only_reads(s, server)
  s:expect(server:WSARevertImpersonation()):succeeds()
  s:expect(server):reverted()
  s:expect(server:WSAImpersonateSocketPeer(0xBAD)):fails("WSAENOTSOCK")
end)

guise.scenario("a failed WSARevertImpersonation leaves the peer in charge", {
  tags = { "kin", "socket", "negative" }, needs = { "faults" },
}, function(s)
  local alice = s:account { name = "alice" }
  local server = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "server"
  local client = s:process({ name = "client", account = alice }):thread "client"
  local listener = s:require(server:socket_listen { ipsec = true }):succeeds()
  s:require(client:socket_connect { listener = listener, identity = "user" }):succeeds()
  local peer = s:require(server:socket_accept(listener)):succeeds()

  s:require(server:WSAImpersonateSocketPeer(peer)):succeeds()
  s:inject { thread = server, call = "WSARevertImpersonation", status = "WSASYSCALLFAILURE" }
  s:expect(server:WSARevertImpersonation()):fails("WSASYSCALLFAILURE")
  s:expect(server):acts_as(alice)
  s:expect(server:WSARevertImpersonation()):succeeds()
end)

guise.scenario("WSARevertImpersonation does not fit an impersonation of another kind", {
  tags = { "kin", "socket", "negative" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "worker"

  s:expect_finding "wrong-revert"
  s:require(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  s:expect(t:WSARevertImpersonation()):succeeds()
  s:expect(t:RevertToSelf()):succeeds()
end)

guise.scenario("an ALPC server acts as the sender of a message that still waits", {
  tags = { "kin", "alpc" },
}, function(s)
  local alice = s:account { name = "alice" }
  local server = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "server"
  local client = s:process({ name = "client", account = alice }):thread "client"

  local port = s:require(server:alpc_create_port { name = [[\RPC Control\audit]], sddl = "D:(A;;GA;;;WD)" }):succeeds()
  local comm = s:require(client:alpc_connect { port = port }):succeeds()
  s:require(client:alpc_send(comm)):succeeds()
  local message = s:require(server:alpc_receive(port)):succeeds()
  s:expect(server:NtAlpcImpersonateClientOfPort(port, message)):succeeds()
  s:expect(server):acts_as(alice, "Impersonation")
  only_reads(s, server)
  s:expect(server:RevertToSelf()):succeeds()
  s:expect(server:alpc_reply(port, message)):succeeds()
  s:expect(server:NtAlpcImpersonateClientOfPort(port, message)):fails("STATUS_REPLY_MESSAGE_MISMATCH")
end)

guise.scenario("an ALPC port lets in whom its descriptor names", {
  tags = { "kin", "alpc", "negative" },
}, function(s)
  local alice = s:account { name = "alice" }
  local server = s:process({ name = "svc", account = "NT AUTHORITY\\SYSTEM" }):thread "server"
  local client = s:process({ name = "client", account = alice }):thread "client"

  local port = s:require(server:alpc_create_port { name = [[\RPC Control\own]], sddl = "D:(A;;GA;;;SY)" }):succeeds()
  s:expect(client:alpc_connect { port = port }):fails("STATUS_ACCESS_DENIED")
end)

guise.scenario("a print provider gives its client's token back and takes it up again", {
  tags = { "kin", "printer" },
}, function(s)
  local alice = s:account { name = "alice" }
  local t = s:process({ name = "spooler", account = "NT AUTHORITY\\SYSTEM" }):thread "provider"

  s:require(t:SetThreadToken { token = s:token { account = alice, type = "impersonation" } }):succeeds()
  local token = s:require(t:RevertToPrinterSelf()):succeeds()
  s:expect(t):reverted()
  s:expect(t:ImpersonatePrinterClient(token)):succeeds()
  s:expect(t):acts_as(alice)
  only_reads(s, t)
  local again = s:require(t:RevertToPrinterSelf()):succeeds()
  s:expect(t):reverted()
  s:expect(t:CloseHandle(again)):succeeds()
  -- The function closed the handle that it was given.
  s:expect(t:ImpersonatePrinterClient(token)):fails("ERROR_INVALID_HANDLE")
end)

guise.scenario("RevertToPrinterSelf on a thread without a client fails", {
  tags = { "kin", "printer", "negative" },
}, function(s)
  local t = s:process({ name = "spooler", account = "NT AUTHORITY\\SYSTEM" }):thread "provider"

  s:expect(t:RevertToPrinterSelf()):fails()
  s:expect(t):reverted()
end)
