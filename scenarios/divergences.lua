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
  { systems = WINE, scenario = "desired access 0 opens no kernel object",
    differs = "prediction", reason = "Wine opens with no rights at all" },

  { systems = WINE, scenario = "an event is in no directory: its creator's default DACL decides",
    differs = "fails with ERROR_ACCESS_DENIED", reason = "Wine gives a new object no default DACL" },
  { systems = WINE, scenario = "a process is opened by its owner and by nobody else",
    differs = "denied with ERROR_ACCESS_DENIED", reason = "Wine gives a new process no descriptor" },
  { systems = WINE, scenario = "a process is opened by its owner and by nobody else",
    differs = "prediction", reason = "Wine does not ask the descriptor that it shows of a process" },
  { systems = WINE, scenario = "an owner may read and write the DACL, unless OWNER RIGHTS says otherwise",
    differs = "denied with ERROR_ACCESS_DENIED", reason = "Wine does not know OWNER RIGHTS" },
  { systems = WINE, scenario = "an owner may read and write the DACL, unless OWNER RIGHTS says otherwise",
    differs = "prediction", reason = "Wine does not know OWNER RIGHTS" },

  { systems = WINE, scenario = "OpenThreadToken at Identification works as self only",
    differs = "fails with ERROR_BAD_IMPERSONATION_LEVEL", reason = "Wine looks at no level when it opens" },

  -- Pipes: whoever asks as their server gets the server's own token.
  { systems = WINE, scenario = "a pipe server cannot impersonate before it has read",
    differs = "fails with ERROR_CANNOT_IMPERSONATE", reason = "Wine does not wait for a message, nor for a client" },
  { systems = WINE, scenario = "a pipe server cannot impersonate before it has read",
    differs = "lost-identity", reason = "follows from the successes before" },
  { systems = WINE, scenario = "only the server end of a pipe impersonates",
    differs = "fails with ERROR_INVALID_FUNCTION", reason = "Wine answers ERROR_NOT_SUPPORTED" },
  { systems = WINE, scenario = "after DisconnectNamedPipe there is nobody to impersonate",
    differs = "fails with ERROR_CANNOT_IMPERSONATE", reason = "Wine does not look for a client" },
  { systems = WINE, scenario = "after DisconnectNamedPipe there is nobody to impersonate",
    differs = "leak", reason = "follows from the success before" },
  { systems = WINE, scenario = "a pipe's descriptor keeps strangers out",
    differs = "fails with ERROR_ACCESS_DENIED", reason = "Wine checks no descriptor of a pipe" },
  { systems = WINE, scenario = "a pipe's descriptor keeps strangers out",
    differs = "denied with ERROR_ACCESS_DENIED", reason = "Wine checks no descriptor of a pipe" },
  { systems = WINE, scenario = "a squatter cannot add an instance where the descriptor forbids it",
    differs = "fails with ERROR_ACCESS_DENIED", reason = "Wine checks no descriptor of a pipe" },

  -- RPC: Wine knows one code for whatever is not a call's binding, and looks
  -- into a binding before it knows that it is one.
  { systems = WINE, scenario = "RpcImpersonateClient without a call answers RPC_S_NO_CALL_ACTIVE",
    differs = "fails with RPC_S_NO_CALL_ACTIVE", reason = "Wine answers RPC_S_INVALID_BINDING" },
  { systems = WINE, scenario = "RpcImpersonateClient without a call answers RPC_S_NO_CALL_ACTIVE",
    differs = "fails with RPC_S_INVALID_BINDING", reason = "Wine crashes on a binding that is none" },
  { systems = WINE, scenario = "RpcRevertToSelf has no business on a thread without a call",
    differs = "fails with RPC_S_NO_CALL_ACTIVE", reason = "Wine answers RPC_S_INVALID_BINDING" },
  { systems = WINE, scenario = "RpcRevertToSelfEx refuses a client's binding and a handle that is none",
    differs = "fails with RPC_S_INVALID_BINDING", reason = "Wine crashes on a binding that is none" },
  { systems = WINE, scenario = "RpcRevertToSelfEx refuses a client's binding and a handle that is none",
    differs = "fails with RPC_S_NO_CALL_ACTIVE", reason = "Wine answers RPC_S_INVALID_BINDING" },

  { systems = WINE, scenario = "DdeImpersonateClient refuses a client's end, a closed conversation, no conversation",
    differs = "succeeds", reason = "Wine lets only a client end a conversation" },
}
