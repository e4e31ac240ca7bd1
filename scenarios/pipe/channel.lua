-- Pipes as a channel, among threads and processes of one user: what holds on
-- every system that has pipes, whether or not it tells servers their clients.
local guise = require "guise"

local PIPE = [[\\.\pipe\guise-channel]]

local places = {
  { name = "two threads", client = function(s, _) return s:process({ name = "app" }):thread "client" end },
  {
    name = "two processes",
    client = function(s, server)
      return s:require(server:CreateProcess { name = "app" }):succeeds():thread "client"
    end,
  },
}

local function stage(s, place, mode)
  local w = {}
  w.server = s:process({ name = "svc" }):thread "server"
  w.me = w.server:whoami().name
  w.client = place.client(s, w.server)
  w.pipe = s:require(w.server:CreateNamedPipe { name = PIPE, pipe_mode = mode }):succeeds()
  return w
end

local function connect(s, w, sqos)
  return s:require(w.client:CreateFile {
    path = w.pipe, access = "GENERIC_READ|GENERIC_WRITE", sqos = sqos,
  }):succeeds()
end

guise.each(places, function(place)
  guise.scenario("a pipe carries messages both ways between " .. place.name, {
    tags = { "pipe", "channel" },
  }, function(s)
    local w = stage(s, place)
    local peer = connect(s, w, "Impersonation")

    s:expect(w.client:WriteFile(peer, "one")):succeeds()
    s:expect(w.client:WriteFile(peer, "three")):succeeds()
    s:expect(w.server:ReadFile(w.pipe)):succeeds()
    s:expect(w.server:ReadFile(w.pipe)):succeeds()
    s:expect(w.server:WriteFile(w.pipe, "answer")):succeeds()
    s:expect(w.client:ReadFile(peer)):succeeds()
  end)

  guise.scenario("a server that acts as its own user over a pipe between " .. place.name .. " comes back", {
    tags = { "pipe", "channel", "positive" },
  }, function(s)
    local w = stage(s, place)
    local event = s:event { name = "guise-channel-pipe", sddl = "D:(A;;0x100000;;;WD)" }
    local peer = connect(s, w, "Impersonation")
    s:require(w.client:WriteFile(peer, "hello")):succeeds()
    s:require(w.server:ReadFile(w.pipe)):succeeds()

    s:expect(w.server:ImpersonateNamedPipeClient(w.pipe)):succeeds()
    s:expect(w.server):acts_as(w.me, "Impersonation")
    s:expect(w.server:open(event, "SYNCHRONIZE")):granted()
    s:expect(w.server:open(event, "EVENT_MODIFY_STATE")):denied("ERROR_ACCESS_DENIED")
    s:expect(w.server:RevertToSelf()):succeeds()
    s:expect(w.server):reverted()
    s:expect(w.client):reverted()
  end)

  guise.scenario("a pipe's client that is thrown off, between " .. place.name, {
    tags = { "pipe", "channel", "negative" },
  }, function(s)
    local w = stage(s, place)
    local peer = connect(s, w)

    s:expect(w.server:ConnectNamedPipe(w.pipe)):fails("ERROR_PIPE_CONNECTED")
    s:expect(w.server:DisconnectNamedPipe(w.pipe)):succeeds()
    s:expect(w.client:ReadFile(peer)):fails("ERROR_PIPE_NOT_CONNECTED")
  end)

  guise.scenario("ConnectNamedPipe and ReadFile hold only their own thread, between " .. place.name, {
    tags = { "pipe", "channel", "threads" },
  }, function(s)
    local w = stage(s, place)

    w.server:run(function(t)
      s:expect(t:ConnectNamedPipe(w.pipe)):succeeds()
      s:expect(t:ReadFile(w.pipe)):succeeds()
    end)
    local peer
    w.client:run(function(t)
      t:whoami()
      peer = s:require(t:CreateFile { path = w.pipe, access = "GENERIC_WRITE" }):succeeds()
      s:expect(t:WriteFile(peer, "at last")):succeeds()
    end)
    w.client:join()
    w.server:join()
    s:expect(w.server):reverted()
  end)
end)

guise.scenario("only the server end of a channel's pipe impersonates", {
  tags = { "pipe", "channel", "negative" },
}, function(s)
  local w = stage(s, places[1])
  local peer = connect(s, w)

  s:expect(w.client:ImpersonateNamedPipeClient(peer)):fails()
  s:expect(w.client):reverted()
  s:expect(w.server:ImpersonateNamedPipeClient(0xBAD0)):fails("ERROR_INVALID_HANDLE")
  s:expect(w.server):reverted()
end)
