local guise = require "guise"
local helper = require "beside_helper"

guise.scenario("a file beside the scenario is read", function()
  assert(guise.read "data/note.txt" == "a note\n")
  assert(guise.read "./data/note.txt" == "a note\n")
end)

guise.scenario("a module is loaded once", function()
  assert(require "beside_helper" == helper)
  assert(helper.name == "beside_helper")
end)

guise.scenario("a call within a module is on the scenario's line", function(s)
  local process = s:process { name = "p", account = "SYSTEM" }
  local thread = process:thread "t"
  local result = helper.revert(thread)
  assert(result.line == 17, result.line)
end)

guise.scenario("an error within a module shows the module", function()
  local ok, message = pcall(helper.fails)
  assert(not ok and message:match "beside_helper%.lua:11: no$", message)
end)

guise.scenario("a module cannot require itself", function()
  local ok, message = pcall(require, "beside_circle")
  assert(not ok and message:match "module 'beside_circle' requires itself", message)
end)
