local guise = require "guise"

guise.scenario("</script><img onerror=alert(1)>", function(s)
  local system = s:process { name = "p<&\"'>", account = "NT AUTHORITY\\SYSTEM" }
  local t = system:thread "=t\27[31m"
  local f = s:file { path = "C:\\f\"\127\1\n=cmd|' /C calc'!A0\xff{0}[x](http://evil)", sddl = "O:SYG:SYD:(A;;FA;;;SY)" }

  s:expect(t:open(f, "FILE_READ_DATA")):denied()
  s:expect(t:ImpersonateLoggedOnUser(s:token { account = s:account { name = "]]>" } })):fails()
  s:expect(t):reverted()
end)

guise.scenario("an error", function() error "]]> \\ # TODO" end)
