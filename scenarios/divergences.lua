-- What is known to differ from Windows on the systems that guise is tested on.
-- A scenario's row that fails as listed is `known`; one that is listed and
-- does not fail is a fail, so that this list stays true.
--
-- systems: "wine8", "wine10", "windows". differs: what the row expected, as
-- records show it, or a finding's rule.
local WINE = { "wine8", "wine10" }

return {
  -- The server looks at no level and at no right but those of the handle.
  { systems = WINE, scenario = "ImpersonateSelf checks the process's token against the client in effect",
    differs = "fails with ERROR_ACCESS_DENIED",
    reason = "Wine duplicates the process's token without asking its descriptor" },
  { systems = WINE, scenario = "ImpersonateSelf checks the process's token against the client in effect",
    differs = "lost-identity", reason = "follows from the success before" },
  { systems = WINE, scenario = "ImpersonateSelf checks the process's token against the client in effect",
    differs = "alice at Impersonation", reason = "follows from the success before" },

  { systems = WINE, scenario = "SetThreadToken refuses a primary token",
    differs = "fails with ERROR_BAD_TOKEN_TYPE", reason = "Wine takes a primary token" },
  { systems = WINE, scenario = "SetThreadToken refuses a primary token",
    differs = "reverted", reason = "follows from the success before" },
  { systems = WINE, scenario = "SetThreadToken refuses a primary token",
    differs = "leak", reason = "follows from the success before" },
}
