function _eksso_status
    return $argv[1]
end
functions -q _eksso_fish_prompt
or functions -c fish_prompt _eksso_fish_prompt
function fish_prompt
    set -l code $status
    set -l text (command eksso prompt 2>/dev/null)
    test -n "$text"
    and printf '%s ' "$text"
    _eksso_status $code
    _eksso_fish_prompt
end
