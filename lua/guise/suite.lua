-- Scenarios that share their set-up, and scenarios made from data.
local _, native = ...

local guise = {}
local suite = {}

local function options_of(name, options, fn)
  if fn == nil then
    fn, options = options, nil
  end
  if type(fn) ~= "function" then
    native.misuse("scenario '" .. tostring(name) .. "' needs a function, got " .. native.kind(fn))
  end
  if options ~= nil and type(options) ~= "table" then
    native.misuse("scenario: options are a table, not " .. native.kind(options))
  end
  return options or {}, fn
end

local function joined(first, second)
  local all = {}
  for _, list in ipairs { first or {}, second or {} } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end

--- Defines a scenario of this suite. Its function gets what `before_each` returned after the
--- scenario.
---@param name string
---@param options guise.scenario_options
---@param fn fun(s: guise.scenario, ...)
---@overload fun(self: guise.suite, name: string, fn: fun(s: guise.scenario, ...))
function suite:scenario(name, options, fn)
  options, fn = options_of(name, options, fn)
  local merged = {}
  for key, value in pairs(options) do
    merged[key] = value
  end
  merged.tags = joined(self.tags, options.tags)
  merged.needs = joined(self.needs, options.needs)
  local full = self.name and self.name .. ": " .. name or name
  local before, after = self.before_each, self.after_each
  native.define(full, merged, function(s)
    local shared = before and table.pack(before(s)) or { n = 0 }
    fn(s, table.unpack(shared, 1, shared.n))
    if after then
      after(s, table.unpack(shared, 1, shared.n))
    end
  end)
end

local fields = {
  name = "string",
  tags = "table",
  needs = "table",
  before_each = "function",
  after_each = "function",
}

--- A suite: scenarios that share a name, tags and set-up. `before_each(s)` runs before each of
--- them; `after_each(s, ...)` runs after one that reached its end.
---@param options guise.suite_options
---@return guise.suite
function guise.suite(options)
  if type(options) ~= "table" then
    native.misuse("suite needs a table of options, got " .. native.kind(options))
  end
  local made = {}
  for key, value in pairs(options) do
    local want = fields[key]
    if not want then
      native.misuse("a suite has no option '" .. tostring(key)
        .. "'; it takes name, tags, needs, before_each, after_each")
    end
    if type(value) ~= want then
      native.misuse("suite: '" .. key .. "' is to be a " .. want .. ", not " .. native.kind(value))
    end
    made[key] = value
  end
  return setmetatable(made, { __index = suite, __metatable = false })
end

--- Calls `fn(row, key)` for each row of a table: lists in their order, other tables in the order
--- of their keys.
---@generic T
---@param rows T[] | table<string, T>
---@param fn fun(row: T, key: any)
function guise.each(rows, fn)
  if type(rows) ~= "table" then
    native.misuse("each needs a table of rows, got " .. native.kind(rows))
  end
  if type(fn) ~= "function" then
    native.misuse("each needs a function, got " .. native.kind(fn))
  end
  local keys = {}
  for key in pairs(rows) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
      return a < b
    end
    return type(a) == "number" and type(b) ~= "number"
  end)
  for _, key in ipairs(keys) do
    fn(rows[key], key)
  end
end

return guise
