# bash decodes backslashes before it puts in the variable, and looks at its value no more.
_eksso_prompt_hook() {
    local code=$?
    _eksso_prompt=$(command eksso prompt 2>/dev/null)
    _eksso_prompt=${_eksso_prompt:+$_eksso_prompt }
    return $code
}
PROMPT_COMMAND="_eksso_prompt_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
PS1='${_eksso_prompt-}'$PS1
