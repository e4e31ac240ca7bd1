-- Whole tables of subjects, objects and rights.
local _, native = ...
local subject_of = require "guise.subject"

local scenario = {}
local fixture_name = native.name

-- The rights of "A|B", in order.
local function split(text, what)
  if type(text) ~= "string" then
    native.misuse("matrix: " .. what .. " are names joined by |, not " .. native.kind(text))
  end
  local names = {}
  for name in text:gmatch "[^|]+" do
    name = name:match "^%s*(.-)%s*$"
    if name ~= "" and name ~= "none" then
      names[#names + 1] = name
    end
  end
  return names
end

local function check_fields(spec)
  local known = { "thread", "subjects", "objects", "rights", "expect" }
  if type(spec) ~= "table" then
    native.misuse("matrix needs a table, got " .. native.kind(spec))
  end
  for key in pairs(spec) do
    local found
    for _, name in ipairs(known) do
      found = found or key == name
    end
    if not found then
      native.misuse("matrix has no field '" .. tostring(key) .. "'; it takes " .. table.concat(known, ", "))
    end
  end
  for _, name in ipairs { "subjects", "objects", "expect" } do
    if type(spec[name]) ~= "table" then
      native.misuse("matrix: '" .. name .. "' is to be a table, not " .. native.kind(spec[name]))
    end
  end
end

-- { account =, level =, label = } of each subject.
local function read_subjects(list)
  local subjects = {}
  for i, entry in ipairs(list) do
    local account, level, label = entry, nil, nil
    if type(entry) == "table" then
      account, level, label = entry.account or entry[1], entry.level or entry[2], entry.label
    end
    local name = fixture_name(account)
    if not name then
      native.misuse("matrix: subject " .. i .. " is to be an account or its name, not " .. native.kind(account))
    end
    subjects[i] = {
      account = account,
      level = level or "Impersonation",
      label = label or level and name .. " at " .. level or name,
      key = not level and not label and account or nil,
    }
  end
  if #subjects == 0 then
    native.misuse "matrix: there are no subjects"
  end
  return subjects
end

local function read_objects(list)
  local objects = {}
  for i, object in ipairs(list) do
    local name = fixture_name(object)
    if not name then
      native.misuse("matrix: object " .. i .. " is to be an object or a path, not " .. native.kind(object))
    end
    objects[i] = { object = object, name = name }
  end
  if #objects == 0 then
    native.misuse "matrix: there are no objects"
  end
  return objects
end

-- The value for one of `names` in a table that may be keyed by userdata or
-- by name.
local function cell(row, key, name)
  if row == nil then
    return nil
  end
  for k, v in pairs(row) do
    if k == key or k == name then
      return v
    end
  end
  return nil
end

local function check_keys(row, entries, what)
  local names = {}
  for i, entry in ipairs(entries) do
    names[i] = entry.label or entry.name
  end
  for key in pairs(row) do
    local known
    for i, entry in ipairs(entries) do
      known = known or key == names[i] or key == (entry.key or entry.object)
    end
    if not known then
      local alike = native.suggest(tostring(key), names)
      native.misuse("matrix: expect names '" .. tostring(key) .. "', which is none of the " .. what
        .. (alike and ", did you mean '" .. alike .. "'?" or ""))
    end
  end
end

-- What is tried where `rights` does not say: all that expect mentions.
local function mentioned(expect)
  local seen, rights = {}, {}
  for _, row in pairs(expect) do
    for _, granted in pairs(row) do
      for _, name in ipairs(split(granted, "expected rights")) do
        if not seen[name] then
          seen[name] = true
          rights[#rights + 1] = name
        end
      end
    end
  end
  table.sort(rights)
  return rights
end

local function read_rights(spec)
  local rights = spec.rights
  if rights == nil then
    rights = mentioned(spec.expect)
  elseif type(rights) == "string" then
    rights = split(rights, "rights")
  elseif type(rights) ~= "table" then
    native.misuse("matrix: 'rights' is to be a list of rights, not " .. native.kind(rights))
  end
  if #rights == 0 then
    native.misuse "matrix: there are no rights to try"
  end
  return rights
end

local function has(list, name)
  for _, other in ipairs(list) do
    if other == name then
      return true
    end
  end
  return false
end

local function try_objects(thread, subject, expected, objects, rights)
  for _, entry in ipairs(objects) do
    local granted = split(cell(expected, entry.object, entry.name) or "", "expected rights")
    for _, right in ipairs(rights) do
      local label = subject.label .. " on " .. entry.name .. ", " .. right
      local check = native.expect(label, thread:open(entry.object, right))
      if has(granted, right) then
        check:granted()
      else
        check:denied()
      end
    end
  end
end

-- Every name in `expect` is one of those given.
local function check_expect(expect, subjects, objects, rights)
  check_keys(expect, subjects, "subjects")
  for _, row in pairs(expect) do
    if type(row) ~= "table" then
      native.misuse("matrix: expect holds a table of objects for each subject, not " .. native.kind(row))
    end
    check_keys(row, objects, "objects")
    for _, granted in pairs(row) do
      for _, name in ipairs(split(granted, "expected rights")) do
        if not has(rights, name) then
          native.misuse("matrix: expect grants '" .. name .. "', which is none of the rights tried")
        end
      end
    end
  end
end

--- Holds a whole table of subjects x objects x rights against what is expected. Each subject is
--- impersonated on the thread by a token of its own and reverted; each right of each object is
--- one attempt, judged by itself. What `expect` does not list is expected to be denied.
---
---     s:matrix {
---       thread = server,
---       subjects = { alice, bob, { alice, "Identification" } },
---       objects = { secret, log },
---       rights = { "FILE_READ_DATA", "FILE_WRITE_DATA" },
---       expect = { [alice] = { [secret] = "FILE_READ_DATA" } },
---     }
---
--- Keys of `expect` are the accounts and objects, or their names. A subject with a level of its
--- own is named by its label, here "alice at Identification". Without `rights`, all that
--- `expect` mentions are tried; without `thread`, a thread of SYSTEM is made.
---@param spec guise.matrix_spec
function scenario:matrix(spec)
  check_fields(spec)
  local subjects, objects = read_subjects(spec.subjects), read_objects(spec.objects)
  local rights = read_rights(spec)
  check_expect(spec.expect, subjects, objects, rights)
  local thread = spec.thread or subject_of.thread(self)
  for _, subject in ipairs(subjects) do
    subject_of.with(self, thread, subject, function()
      local expected = cell(spec.expect, subject.key, subject.label)
      try_objects(thread, subject, expected, objects, rights)
    end)
  end
end

return scenario
