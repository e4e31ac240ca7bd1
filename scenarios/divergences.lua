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

  { systems = WINE, scenario = "desired access 0 opens no kernel object",
    differs = "fails with ERROR_ACCESS_DENIED", reason = "Wine opens with no rights at all" },

  { systems = WINE, scenario = "an event is in no directory: its creator's default DACL decides",
    differs = "fails with ERROR_ACCESS_DENIED", reason = "Wine gives a new object no default DACL" },
  { systems = WINE, scenario = "a process is opened by its owner and by nobody else",
    differs = "denied with ERROR_ACCESS_DENIED", reason = "Wine gives a new process no descriptor" },
  { systems = WINE, scenario = "an owner may read and write the DACL, unless OWNER RIGHTS says otherwise",
    differs = "denied with ERROR_ACCESS_DENIED", reason = "Wine does not know OWNER RIGHTS" },

  { systems = WINE, scenario = "OpenThreadToken at Identification works as self only",
    differs = "fails with ERROR_BAD_IMPERSONATION_LEVEL", reason = "Wine looks at no level when it opens" },
}
