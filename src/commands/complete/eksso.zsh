#compdef eksso
# Completions of eksso for zsh. What may stand next is asked of eksso, which reads local files alone.
_eksso() {
    local line
    local -a lines values shown
    lines=("${(@f)$(command eksso __complete --word="${(Q)PREFIX}" -- "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
    case $lines[1] in
        files) _files; return ;;
        commands) _command_names -e; return ;;
    esac
    for line in "${(@)lines[2,-1]}"; do
        values+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/ -- }")
    done
    if [[ "${lines[2]-}" == *$'\t'* ]]; then
        compadd -l -d shown -a values
    else
        compadd -a values
    fi
}

if [ "$funcstack[1]" = "_eksso" ]; then
    _eksso "$@"
else
    compdef _eksso eksso
fi
