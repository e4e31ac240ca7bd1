-- One attempt after another under somebody's token.
local _, native = ...

local subject = {}

--- A thread of SYSTEM for scenarios that do not name one.
---@param s guise.scenario
---@return guise.thread
function subject.thread(s)
  local process = s:process { name = "auditor", account = "NT AUTHORITY\\SYSTEM" }
  return process:thread "auditor"
end

--- Runs `body` while the thread holds a token of the account. Both ends are required to succeed.
---@param s guise.scenario
---@param thread guise.thread
---@param who { account: guise.account|string, level: guise.level, label: string }
---@param body function
function subject.with(s, thread, who, body)
  local token = s:token { account = who.account, type = "impersonation", level = who.level }
  native.require(who.label, thread:SetThreadToken { token = token }):succeeds()
  body()
  native.require(who.label, thread:RevertToSelf()):succeeds()
end

return subject
