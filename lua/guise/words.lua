-- guise's own words, as editors show them. Never run: what is declared here is written in C, and
-- the stubs take this text as it stands.
-- luacheck: no unused args

---@alias guise.level
---| "Anonymous"
---| "Identification"
---| "Impersonation"
---| "Delegation"
---| string
---| integer

---@alias guise.target guise.object|guise.handle|guise.process|guise.thread|guise.token|string
---@alias guise.sid string|guise.account|guise.token

---@class guise.sqos
---@field level guise.level
---@field tracking? "static"|"dynamic"
---@field effective_only? boolean

---@class guise.scenario_options
---@field tags? string[]
---@field needs? string[] capabilities the target must have, or the scenario is skipped

---@class guise.suite_options
---@field name? string goes before the names of its scenarios
---@field tags? string[]
---@field needs? string[]
---@field before_each? fun(s: guise.scenario): ...
---@field after_each? fun(s: guise.scenario, ...)

---@class guise.matrix_spec
---@field thread? guise.thread
---@field subjects (guise.account|string|table)[] accounts, or { account, level, label = }
---@field objects guise.target[]
---@field rights? string[]
---@field expect table<guise.account|string, table<guise.target, string>>

---@class guise.sspi_spec
---@field client guise.thread
---@field server guise.thread
---@field package? string
---@field flags? string|integer
---@field accept_flags? string|integer

---@class guise.identity
---@field name string "MACHINE\\alice"
---@field sid string
---@field level? string nil where the thread does not impersonate
---@field impersonating boolean
---@field via? string the function that began it
---@field integrity string
---@field groups? { sid: string, attributes: integer }[]
---@field privileges? { name: string, attributes: integer }[]

--- What a call answered that handed out nothing. Always true.
---@class guise.result: userdata
---@field ok boolean
---@field code integer the last error, or the value returned
---@field name string "ERROR_SUCCESS"
---@field convention string how the function answers: "BOOL", "NTSTATUS"...
---@field status guise.status
---@field step integer of its record
---@field line integer of the script

--- Why a call was refused: its third value, after nil and a message.
---@class guise.status: userdata
---@field ok boolean
---@field code integer
---@field name string "ERROR_ACCESS_DENIED"
---@field convention string
---@field step integer
---@field line integer

--- What `open` and `use` return, granted or denied.
---@class guise.attempt: userdata
---@field granted boolean
---@field asked integer the mask really requested
---@field granted_mask integer
---@field object? string
---@field reason? string why the access check decided so
---@field status guise.status
---@field step integer
---@field line integer

--- What was handed out, a handle or a fixture.
---@class guise.ref: userdata
---@field name? string
---@field type? string the object type
---@field granted integer the rights of a handle
---@field status guise.status of the call that handed it out
---@field step integer
---@field line integer

---@class guise.handle: guise.ref
---@class guise.account: guise.ref
---@class guise.object: guise.ref
---@class guise.token: guise.ref
---@class guise.dde_service: guise.ref
---@class guise.hconv: guise.ref
---@class guise.hwnd: guise.ref
---@class guise.rpc_server: guise.ref
---@class guise.rpc_binding: guise.ref
---@class guise.rpc_call: guise.ref
---@class guise.ctxt: guise.ref
---@class guise.com_server: guise.ref
---@class guise.com_proxy: guise.ref
---@class guise.com_call: guise.ref
---@class guise.socket: guise.ref
---@class guise.port_message: guise.ref

---@class guise.process: guise.ref
local process = {}

---@class guise.thread: userdata
local thread = {}

--- The scenario: it makes fixtures and judges.
---@class guise.scenario: userdata
local scenario = {}

--- What `expect` returns: the checks that make sense of what was expected of. Each judges once,
--- and hands back what it judged where it held, false where it did not.
---@class guise.expectation: userdata
local expectation = {}

---@class guise.suite
local suite = {}

---@class guise
---@field version string
---@field constants table<string, integer> rights, levels, flags and errors by their Windows names
local guise = {}

--- Defines a scenario. `options` may be left out.
---@param name string
---@param options guise.scenario_options
---@param fn fun(s: guise.scenario)
---@overload fun(name: string, fn: fun(s: guise.scenario))
function guise.scenario(name, options, fn) end

--- The bytes of a file beside the scenario.
---@param file string
---@return string
function guise.read(file) end

--- A thread of this process.
---@param name string
---@param sddl? string
---@return guise.thread
---@overload fun(self: guise.process, fields: { name: string, sddl?: string }): guise.thread
function process:thread(name, sddl) end

--- Queues a body: it runs beside others, each call it makes waiting for its turn, and is driven
--- to its end by `join` or by the end of the scenario.
---@param body fun(t: guise.thread)
function thread:run(body) end

--- Drives this thread's bodies to their end. Their errors are raised here.
function thread:join() end

--- Impersonates by a function of that name with the arguments that follow, runs `body(thread)`,
--- and reverts whatever happened, by the function that ends this kind of impersonation best; the
--- revert is judged. Returns the result of the impersonation and what the body returned, or
--- nil, message and status where there was no impersonation.
---@param name string
---@param ... any arguments, then the body
---@return guise.result? result
---@return any ...
function thread:impersonating(name, ...) end

--- Judges all values of a call, a thread, a token, a handle or an attempt by the check called on
--- what it returns. A check that fails is recorded and the scenario goes on.
---@param ... any
---@return guise.expectation
function scenario:expect(...) end

--- As `expect`, but a check that fails ends the scenario.
---@param ... any
---@return guise.expectation
function scenario:require(...) end

--- Declares that a hygiene rule is broken here on purpose.
---@param rule string
function scenario:expect_finding(rule) end

--- Records a failure.
---@param message string
function scenario:fail(message) end

--- Says something on standard error.
---@param message string
function scenario:log(message) end

--- Ends the scenario as skipped.
---@param reason string
function scenario:skip(reason) end

--- The open succeeded; with rights, they are among those granted.
---@param rights? string|integer
---@return any
function expectation:granted(rights) end

--- The open was refused for want of access; with a status, with that one.
---@param status? string|integer
---@return any
function expectation:denied(status) end

--- The call succeeded.
---@return any
function expectation:succeeds() end

--- The call failed; with a status, with that one.
---@param status? string|integer
---@return any
function expectation:fails(status) end

--- The thread's identity is this account's; with a level, it impersonates at that level.
---@param account guise.account|guise.token|string
---@param level? guise.level
---@return any
function expectation:acts_as(account, level) end

--- The thread does not impersonate.
---@return any
function expectation:reverted() end

--- A handle or attempt has these rights; a thread or token holds this privilege or group, enabled.
---@param what string|integer|guise.account
---@return any
function expectation:has(what) end

--- The opposite of `has`: none of the rights; neither privilege nor group, or not enabled.
---@param what string|integer|guise.account
---@return any
function expectation:lacks(what) end

return { process, thread, scenario, expectation, suite, guise }
