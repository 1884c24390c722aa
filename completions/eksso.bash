# Completions of eksso for bash. What may stand next is asked of eksso, which reads local files alone.
_eksso() {
    local line kind=
    COMPREPLY=()
    while IFS= read -r line; do
        if [ -n "$kind" ]; then COMPREPLY+=("$line"); else kind=$line; fi
    done < <(command eksso __complete --bash="${COMP_LINE:0:COMP_POINT}" --breaks="$COMP_WORDBREAKS" 2>/dev/null)
    if [ "$kind" = commands ]; then
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
    fi
}
complete -F _eksso -o bashdefault -o default eksso
