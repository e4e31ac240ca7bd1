/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "text.h"
#include "banned.h"

bool sc_is_part(lua_State *L, int index)
{
	char sid[GU_SID_TEXT_MAX];
	enum gu_priv priv;

	if (lua_type(L, index) == LUA_TSTRING &&
	    gu_priv_parse(&priv, lua_tostring(L, index))) {
		return true;
	}
	return !lua_isinteger(L, index) && sc_sid_of(L, index, sid);
}

bool sc_token_holds(lua_State *L, int index, const struct sc_ref *of,
		    uint32_t *step, bool *holds)
{
	(void)L; (void)index; (void)of; (void)step; (void)holds;
	return false;
}
