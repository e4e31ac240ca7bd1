-- Copies CSV from standard input to standard output without the columns that
-- are named: lua5.4 csv_columns.lua COLUMN...
local drop = {}
for _, name in ipairs(arg) do
  drop[name] = true
end

local text = io.read "a"
local at = 1

local function quoted_end(from)
  while true do
    local quote = assert(text:find('"', from, true), "an open quote")
    if text:sub(quote + 1, quote + 1) ~= '"' then
      return quote
    end
    from = quote + 2
  end
end

-- A field as it is written, and whether its row goes on.
local function field()
  local from = at
  if text:sub(at, at) == '"' then
    at = quoted_end(at + 1) + 1
  else
    at = text:find("[,\r\n]", at) or #text + 1
  end
  local value = text:sub(from, at - 1)
  local stop = text:match("^\r?\n", at) or text:sub(at, at)
  at = at + #stop
  return value, stop == ","
end

local names
while at <= #text do
  local row, kept, more = {}, {}, true
  while more do
    row[#row + 1], more = field()
  end
  names = names or row
  for i, value in ipairs(row) do
    if not drop[names[i]] then
      kept[#kept + 1] = value
    end
  end
  io.write(table.concat(kept, ","), "\n")
end
