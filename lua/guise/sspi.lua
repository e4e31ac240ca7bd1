-- What takes several SSPI calls on Windows.
local _, native = ...

local scenario = {}

local fields = { "client", "server", "package", "flags", "accept_flags" }

--- A whole SSPI handshake between two threads. Returns the server's and the client's context, or
--- nil, message and status of the call that was refused.
---@param spec guise.sspi_spec
---@return guise.ctxt? server
---@return guise.ctxt|string client
---@return guise.status? status
function scenario:sspi_handshake(spec)
  native.check_scenario(self)
  if type(spec) ~= "table" then
    native.misuse("sspi_handshake needs a table, got " .. native.kind(spec))
  end
  for key in pairs(spec) do
    local known
    for _, name in ipairs(fields) do
      known = known or name == key
    end
    if not known then
      local alike = native.suggest(tostring(key), fields)
      native.misuse("sspi_handshake has no field '" .. tostring(key) .. "'"
        .. (alike and ", did you mean '" .. alike .. "'?" or ""))
    end
  end
  for _, name in ipairs { "client", "server" } do
    if native.kind(spec[name]) ~= "a thread" then
      native.misuse("sspi_handshake: '" .. name .. "' is to be a thread, not " .. native.kind(spec[name]))
    end
  end
  local client, message, status = spec.client:sspi_client { package = spec.package, flags = spec.flags }
  if not client then
    return nil, message, status
  end
  local server
  server, message, status = spec.server:sspi_accept { client = client, flags = spec.accept_flags }
  if not server then
    return nil, message, status
  end
  local done
  done, message, status = spec.server:sspi_complete(server)
  if not done then
    return nil, message, status
  end
  return server, client
end

return scenario
