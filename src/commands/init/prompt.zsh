# The value of %v is not looked at for % or $ again, whatever prompt_subst says.
_eksso_prompt_hook() {
    local code=$?
    psvar[9]=$(command eksso prompt 2>/dev/null)
    return $code
}
typeset -ga precmd_functions
precmd_functions=(_eksso_prompt_hook $precmd_functions)
PROMPT="%(9V.%9v .)$PROMPT"
