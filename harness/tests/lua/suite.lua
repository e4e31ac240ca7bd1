local guise = require "guise"

local after = 0
local suite = guise.suite {
  name = "shared",
  before_each = function(s)
    local process = s:process { name = "p", account = "SYSTEM" }
    return process:thread "t", 42
  end,
  after_each = function(s, thread, number)
    s:expect(thread):reverted()
    assert(number == 42)
    after = after + 1
  end,
}

suite:scenario("first", function(s, thread, number)
  assert(number == 42)
  s:expect(thread):acts_as "SYSTEM"
end)

suite:scenario("second", { tags = { "x" } }, function(s, thread)
  assert(after == 1)
  thread:impersonating("ImpersonateSelf", "Impersonation", function(t)
    s:expect(t):acts_as("SYSTEM", "Impersonation")
  end)
end)

local plain = guise.suite {}
plain:scenario("without set-up", function(s, ...)
  assert(select("#", ...) == 0 and s)
end)

-- Names come in the order of keys, whatever the table.
local names = {}
guise.each({ b = 2, a = 1, [1] = 0 }, function(row, key)
  names[#names + 1] = key .. "=" .. row
  guise.scenario("row " .. key, function()
    assert(table.concat(names, " ") == "1=0 a=1 b=2")
  end)
end)
