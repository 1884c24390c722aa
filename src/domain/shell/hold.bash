# eksso: KUBECONFIG stays this shell's own file. What prompt hooks (direnv) or start files set is put back behind them; what is
# typed stays. `$?` is what it was for the hooks behind ours.
_eksso_before() {
    local code=$?
    _eksso_seen=1
    # What stands before the first prompt is of start files, not typed: it goes before a prompt shows its context.
    if [ -n "${_eksso_held-}" ]; then _eksso_kubeconfig=${KUBECONFIG-}; else _eksso_behind; fi
    _eksso_held=1 _eksso_seen=1
    return "$code"
}
_eksso_behind() {
    # A recorded value counts for the prompt that it was recorded at only.
    if [ -z "${_eksso_seen-}" ] || [ "${KUBECONFIG-}" = "$_eksso_kubeconfig" ]; then
        :
    elif [ -n "$_eksso_kubeconfig" ]; then
        export KUBECONFIG=$_eksso_kubeconfig
    else
        unset KUBECONFIG
    fi
    _eksso_seen=
}
_eksso_hold() {
    _eksso_kubeconfig=$EKSSO_ISOLATED_KUBECONFIG _eksso_held=
    export KUBECONFIG=$_eksso_kubeconfig
    # Before 5.1 only the first element of an array runs.
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        local hook hooks=()
        for hook in "${PROMPT_COMMAND[@]}"; do
            [ "$hook" = _eksso_before ] || [ "$hook" = _eksso_behind ] || hooks+=("$hook")
        done
        PROMPT_COMMAND=(_eksso_before "${hooks[@]}" _eksso_behind)
    else
        local line=$'\n' hooks=${PROMPT_COMMAND-}
        hooks=${hooks#"_eksso_before$line"} hooks=${hooks%"${line}_eksso_behind"}
        PROMPT_COMMAND="_eksso_before$line$hooks${line}_eksso_behind"
    fi
}
