-- What `guise snapshot` wrote on a machine, set up on the model.
local _, native = ...

local scenario = {}

-- A view that makes what is asked for when it is asked for: a snapshot holds more than a scenario
-- needs.
local function view(kind, lines, order, make)
  local made = {}
  local names = {}
  for _, name in ipairs(order) do
    names[#names + 1] = name
  end
  local function get(_, name)
    local line = lines[name]
    if not line then
      local alike = type(name) == "string" and native.suggest(name, names)
      native.misuse("the snapshot has no " .. kind .. " '" .. tostring(name) .. "'"
        .. (alike and ", did you mean '" .. alike .. "'?" or ""))
    end
    if not made[name] then
      made[name] = make(name, line)
    end
    return made[name]
  end
  return setmetatable({}, {
    __index = get,
    __newindex = function()
      native.misuse "a snapshot cannot be changed"
    end,
    __len = function()
      return #order
    end,
    __pairs = function()
      local at = 0
      return function()
        at = at + 1
        if order[at] then
          return order[at], get(nil, order[at])
        end
      end
    end,
    __metatable = false,
  })
end

local function add(set, place, kind, name, line)
  if set.lines[name] then
    native.misuse("snapshot: " .. place .. ": another " .. kind .. " is named " .. name)
  end
  set.lines[name] = line
  set.order[#set.order + 1] = name
end

--- Sets up what a snapshot holds: a file of JSON lines beside the scenario, written by `guise
--- snapshot` on some machine. `principals` are tokens and `objects` objects, by their names there;
--- each is made when it is first asked for. `#` counts them, `pairs` goes over all.
---
---     local snap = s:snapshot "server.jsonl"
---     local token = snap.principals["spoolsv.exe (712)"]
---     s:require(t:ImpersonateLoggedOnUser(token)):succeeds()
---     s:expect(t:open(snap.objects["C:\\ProgramData"], "FILE_ADD_FILE")):denied()
---
--- `unreadable` is the number of things that the machine did not let be read.
---@param file string
---@return { principals: table<string, guise.token>, objects: table<string, guise.object>, unreadable: integer }
function scenario:snapshot(file)
  native.check_scenario(self)
  if type(file) ~= "string" then
    native.misuse("snapshot needs the name of a file, got " .. native.kind(file))
  end
  local text, why = native.read(file)
  if not text then
    native.misuse("snapshot: " .. why)
  end
  local principals, objects = { lines = {}, order = {} }, { lines = {}, order = {} }
  local number, unreadable = 0, 0
  for line in text:gmatch "[^\n]*" do
    number = number + 1
    if line:find "%S" then
      local place = file .. ":" .. number
      local kind, name, wrong = native.snapshot_line(line)
      if not kind then
        native.misuse("snapshot: " .. place .. ": " .. wrong)
      elseif kind == "unreadable" then
        unreadable = unreadable + 1
      elseif kind == "principal" then
        add(principals, place, kind, name, line)
      else
        add(objects, place, "object", name, { type = kind, form = line })
      end
    end
  end
  return {
    principals = view("principal", principals.lines, principals.order, function(name, line)
      return self:restore { name = name, form = line }
    end),
    objects = view("object", objects.lines, objects.order, function(name, line)
      return self:restore { name = name, type = line.type, form = line.form }
    end),
    unreadable = unreadable,
  }
end

return scenario
