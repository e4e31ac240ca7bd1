-- DDE as a channel, among threads and processes of one user: what holds on
-- every system that has DDE, whether or not it tells servers their clients.
local guise = require "guise"

local places = {
  { name = "two threads", client = function(s, _) return s:process({ name = "app" }):thread "client" end },
  {
    name = "two processes",
    client = function(s, server)
      return s:require(server:CreateProcess { name = "app" }):succeeds():thread "client"
    end,
  },
}

local function stage(s, place)
  local w = {}
  w.server = s:process({ name = "svc" }):thread "server"
  w.client = place.client(s, w.server)
  w.service = s:require(w.server:dde_serve { service = "GuiseChannel", topic = "log" }):succeeds()
  return w
end

local function converse(s, w)
  local theirs = s:require(w.client:dde_connect(w.service)):succeeds()
  return s:require(w.server:dde_accept(w.service)):succeeds(), theirs
end

guise.each(places, function(place)
  guise.scenario("a conversation begins and ends, between " .. place.name, {
    tags = { "dde", "channel" },
  }, function(s)
    local w = stage(s, place)
    local _, theirs = converse(s, w)

    s:expect(w.client:dde_window(theirs)):succeeds()
    s:expect(w.client:DdeDisconnect(theirs)):succeeds()
    s:expect(w.client:DdeDisconnect(theirs)):fails()
    s:expect(w.server):reverted()
    s:expect(w.client):reverted()
  end)

  guise.scenario("each client has a conversation of its own, between " .. place.name, {
    tags = { "dde", "channel" },
  }, function(s)
    local w = stage(s, place)
    local ours, theirs = converse(s, w)
    local first = w.client
    w.client = place.client(s, w.server)
    local other_ours, other_theirs = converse(s, w)

    s:expect(w.client:DdeDisconnect(other_theirs)):succeeds()
    s:expect(w.client:dde_window(other_theirs)):fails()
    s:expect(w.server:dde_window(ours)):succeeds()
    s:expect(w.server:dde_window(other_ours)):fails()
    s:expect(first:dde_window(theirs)):succeeds()
  end)

  guise.scenario("dde_accept waits for a conversation, between " .. place.name, {
    tags = { "dde", "channel", "threads" },
  }, function(s)
    local w = stage(s, place)

    w.server:run(function(t) s:expect(t:dde_accept(w.service)):succeeds() end)
    w.client:run(function(t)
      t:whoami()
      s:expect(t:dde_connect(w.service)):succeeds()
    end)
    w.client:join()
    w.server:join()
    s:expect(w.server):reverted()
  end)

  guise.scenario("DdeImpersonateClient of a client's end changes nobody, between " .. place.name, {
    tags = { "dde", "channel", "negative" },
  }, function(s)
    local w = stage(s, place)
    local _, theirs = converse(s, w)

    s:expect(w.client:DdeImpersonateClient(theirs)):fails()
    s:expect(w.client):reverted()
    s:expect(w.server):reverted()
  end)
end)
