# eksso: completions, and a context for each shell where EKSSO_ISOLATED is 1.
if [ "${EKSSO_ISOLATED-}" = 1 ]; then
    _eksso_isolate() {
        local before=${EKSSO_CONTEXT-} lines
        lines=$(command eksso env --shell bash "$@") || return
        eval "$lines"
        _eksso_before=$before
    }
    _eksso_use() { _eksso_isolate "$@" && printf 'This shell uses `%s`.\n' "$(command eksso use --current)" >&2; }
    eksso() {
        if [ "${1-}" != use ]; then
            command eksso "$@"
            return
        fi
        case ${2-} in
            "") if [ $# -gt 1 ] || [ ! -t 1 ]; then command eksso "$@"; else _eksso_use --choose; fi ;;
            -) if [ -n "${_eksso_before-}" ]; then _eksso_isolate -- "$_eksso_before"; else command eksso "$@"; fi ;;
            -c | --current | -h | --help | -[0-9]*) command eksso "$@" ;;
            *)
                shift
                _eksso_use "$@"
                ;;
        esac
    }
    case $- in
        *i*)
            if [ -n "${EKSSO_CONTEXT-}" ] && [ ! -e "${KUBECONFIG-}" ]; then
                _eksso_isolate --no-input -- "$EKSSO_CONTEXT"
            elif [ -z "${EKSSO_CONTEXT-}" ] && command eksso use --current >/dev/null 2>&1; then
                _eksso_isolate --no-input
            fi
            ;;
    esac
fi
_eksso_load() { eval "$(command eksso completions bash)" && return 124; }
complete -F _eksso_load -o bashdefault -o default eksso
