-- Expectations from a spreadsheet.
local _, native = ...
local subject_of = require "guise.subject"

local scenario = {}

local columns = { "subject", "level", "object", "rights", "expected" }

-- RFC 4180: fields with commas, quotes or line breaks are quoted; a quote is
-- doubled. Returns rows with their first line, or nil and what is wrong.
local function parse_csv(text)
  local rows, row, line, start = {}, {}, 1, 1
  local at, size = 1, #text
  if text:sub(1, 3) == "\xEF\xBB\xBF" then
    at = 4
  end
  local function finish()
    if #row > 1 or row[1] ~= "" then
      row.line = start
      rows[#rows + 1] = row
    end
    row = {}
  end
  while at <= size do
    local value
    if text:sub(at, at) == '"' then
      local parts = {}
      at = at + 1
      while true do
        local stop = text:find('"', at, true)
        if not stop then
          return nil, start, "a quoted field does not end"
        end
        parts[#parts + 1] = text:sub(at, stop - 1)
        at = stop + 1
        if text:sub(at, at) ~= '"' then
          break
        end
        parts[#parts + 1] = '"'
        at = at + 1
      end
      value = table.concat(parts)
      local _, breaks = value:gsub("\n", "")
      line = line + breaks
    else
      local stop = text:find("[,\r\n]", at) or size + 1
      value = text:sub(at, stop - 1)
      if value:find('"', 1, true) then
        return nil, line, "a quote within a field that is not quoted"
      end
      at = stop
    end
    row[#row + 1] = value
    local separator = text:match("^\r\n?", at) or text:match("^[\n,]", at)
    if separator == "," then
      at = at + 1
      if at > size then
        row[#row + 1] = ""
      end
    elseif separator then
      at = at + #separator
      finish()
      line = line + 1
      start = line
    elseif at <= size then
      return nil, line, "something follows a quoted field"
    end
  end
  if #row > 0 then
    finish()
  end
  return rows
end

local function trim(text)
  return text:match "^%s*(.-)%s*$"
end

-- Which column holds what, from the header.
local function read_header(row, misuse)
  local at = {}
  for i, name in ipairs(row or {}) do
    name = trim(name):lower()
    local known
    for _, column in ipairs(columns) do
      known = known or column == name
    end
    if not known then
      misuse(row.line, "unknown column '" .. name .. "'; columns are " .. table.concat(columns, ", "))
    end
    at[name] = i
  end
  for _, column in ipairs(columns) do
    if not at[column] then
      misuse(row and row.line or 1, "the header lacks column '" .. column .. "'")
    end
  end
  return at
end

local function find_fixture(kind, name)
  local fixtures = native.fixtures()
  local names = {}
  local wanted = kind .. ":" .. name:lower()
  for key, value in pairs(fixtures) do
    if key:lower() == wanted then
      return value
    end
    if key:sub(1, #kind + 1) == kind .. ":" then
      names[#names + 1] = key:sub(#kind + 2)
    end
  end
  table.sort(names)
  return nil, native.suggest(name, names)
end

local function lookup(kind, name, line, misuse)
  local found, alike = find_fixture(kind, name)
  if not found then
    misuse(line, "the scenario has no " .. kind .. " '" .. name .. "'"
      .. (alike and ", did you mean '" .. alike .. "'?" or ""))
  end
  return found
end

-- An account that the scenario did not make may be one that every machine has.
local function lookup_account(s, name, line, misuse)
  if not find_fixture("account", name) and pcall(s.token, s, { account = name }) then
    return name
  end
  return lookup("account", name, line, misuse)
end

local function try_row(thread, entry, label)
  local check = native.expect(label, thread:open(entry.object, entry.rights))
  if entry.expected == "granted" then
    check:granted()
  elseif entry.expected == "denied" then
    check:denied()
  else
    check:denied(entry.expected)
  end
end

local function read_row(s, row, at, misuse)
  local function field(name)
    return trim(row[at[name]] or "")
  end
  local entry = { line = row.line, rights = field "rights", expected = field "expected" }
  if #row ~= #columns then
    misuse(row.line, "there are " .. #row .. " fields, the header has " .. #columns)
  end
  entry.account = lookup_account(s, field "subject", row.line, misuse)
  entry.object = lookup("object", field "object", row.line, misuse)
  entry.level = field "level"
  if entry.level == "" then
    entry.level = "Impersonation"
  end
  local lower = entry.expected:lower()
  if lower == "granted" or lower == "denied" then
    entry.expected = lower
  elseif not entry.expected:find "^%u" then
    misuse(row.line, "expected is to be granted, denied or the name of an error, not '" .. entry.expected .. "'")
  end
  local ok, why = native.check_name("level", entry.level)
  if not ok then
    misuse(row.line, why)
  end
  ok, why = native.check_name("rights", entry.rights, entry.object)
  if not ok then
    misuse(row.line, why)
  end
  return entry
end

--- Holds a spreadsheet of expectations against the accounts and objects that the scenario made:
--- a CSV file beside it with the columns subject, level, object, rights and expected (granted,
--- denied, or the name of the error). Each line is one attempt under the subject's token.
---@param file string
---@param options? { thread?: guise.thread }
function scenario:policy(file, options)
  if type(file) == "table" and options == nil then
    file, options = file.file, file
  end
  if type(file) ~= "string" then
    native.misuse("policy needs the name of a CSV file, got " .. native.kind(file))
  end
  local text, why = native.read(file)
  if not text then
    native.misuse("policy: " .. why)
  end
  local function misuse(line, message)
    native.misuse("policy: " .. file .. ":" .. line .. ": " .. message)
  end
  local rows, line, wrong = parse_csv(text)
  if not rows then
    misuse(line, wrong)
  end
  local at = read_header(rows[1], misuse)
  local entries = {}
  for i = 2, #rows do
    entries[i - 1] = read_row(self, rows[i], at, misuse)
  end
  if #entries == 0 then
    misuse(1, "there are no rows below the header")
  end
  local thread = options and options.thread or subject_of.thread(self)
  for _, entry in ipairs(entries) do
    entry.label = file .. ":" .. entry.line
    subject_of.with(self, thread, entry, function()
      try_row(thread, entry, entry.label)
    end)
  end
end

return scenario
