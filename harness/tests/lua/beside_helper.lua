local helper = { name = ... }

function helper.revert(thread)
  local result = thread:RevertToSelf()
  return result
end

-- Its line is what the test looks for.

function helper.fails()
  error "no"
end

return helper
